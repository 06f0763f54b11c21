"""A version of the programme comes into force by two persons at two browsers, without a script; of two who decide
at once one is told that the other was first."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar
from pathlib import Path
from threading import Barrier
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

from playwright.sync_api import Browser

from answerable.exchange.archive import read_archive
from answerable.exchange.verification import verify_archive
from tests.journeys.browser import DESK, PHONE, Load, visiting
from tests.journeys.district import PASSWORD
from tests.journeys.served import House
from tests.world import PROGRAMME

SOURCE = PROGRAMME.read_text("utf-8").replace('version: "2025.1"', 'version: "2025.2"')
HARDER = SOURCE.replace("done_share, rule: {ratio_to_target: 95%}", "done_share, rule: {ratio_to_target: 98%}")
NEW = "/programmes/proposals/new/"
FIRST = "/programmes/proposals/2025-P2/"
ROUNDS = 4


def test_a_faulty_file_is_mended_in_the_page_and_published_by_another(
    browser: Browser, house: House, tmp_path: Path, loads: list[Load]
) -> None:
    house.live("found")
    faulty = tmp_path / "programme.yaml"
    faulty.write_text(HARDER.replace("severity: hard", "severity: cruel", 1), "utf-8")
    with house.open("2025-02-03T09:00") as site:
        with visiting(browser, site, "office", PASSWORD, "zh-CN", DESK, scripts=False) as office:
            office.go(NEW)
            office.page.set_input_files('main [name="paper"]', str(faulty))
            office.press("main button.first")
            assert "尚未送审" in office.words() and office.page.locator(".source .bad").count() == 1
            text = office.page.input_value('main [name="text"]')
            assert text == faulty.read_text("utf-8"), "nothing typed is lost"
            office.fill(text=text.replace("severity: cruel", "severity: hard"), reason="提高办结目标。")
            office.press("main button.first")
            assert office.path == FIRST and office.page.locator('[value="publish"]').count() == 0
        with visiting(browser, site, "office-2", PASSWORD, "en-GB", PHONE, scripts=False) as second:
            second.press('main .todo a[href="/programmes/proposals/2025-P2/"]')
            assert "1 change bears on scores" in second.words() and "98%" in second.words()
            second.page.fill("#publish_reason", "Compared with the decision of the meeting.")
            second.press("#publish button")
            assert "The version is in force." in second.words()
            second.go("/programmes/")
            assert "Version 2025.2" in second.words()
        loads.extend([*office.loads, *second.loads])
    (row,) = [one for one in read_archive(house.database).rows["programme_proposal"] if one["number"] == "2025-P2"]
    assert row["source"] == HARDER
    assert verify_archive(house.database).sound


def test_of_two_who_decide_at_the_same_moment_one_is_told_that_the_other_was_first(house: House) -> None:
    house.live("found")
    with house.open("2025-02-03T09:00") as site:
        office, second = (Hand(site, who) for who in ("office", "office-2"))
        for at in range(ROUNDS):
            office.post(NEW, text=HARDER.replace('"2025.2"', f'"2025.{at + 2}"'))
            told = decided_at_once(office, second, f"/programmes/proposals/2025-P{at + 2}/")
            assert sum("site.proposal_" in page for page in told) == 1, at
    decided = read_archive(house.database).rows["programme_decision"]
    assert len({row["proposal"] for row in decided}) == len(decided) == 1 + ROUNDS
    assert verify_archive(house.database).sound


def decided_at_once(office: Hand, second: Hand, address: str) -> list[str]:
    """What each is shown where the proposer withdraws while the other publishes."""
    starting = Barrier(2)
    with ThreadPoolExecutor(2) as several:
        withdrawn = several.submit(office.post, address, starting, do="withdraw")
        published = several.submit(second.post, address, starting, do="publish", reason="Compared.")
        return [withdrawn.result(), published.result()]


class Hand:
    """Somebody who is signed in and sends forms without a browser, in English."""

    def __init__(self, site: str, who: str) -> None:
        self.site = site
        self.opener: OpenerDirector = build_opener(HTTPCookieProcessor(CookieJar()))
        self.post("/accounts/login/", login=who, password=PASSWORD)

    def post(self, path: str, starting: Barrier | None = None, **fields: str) -> str:
        """Open a page, send its form with these fields, and give the page that comes of it."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self._open(path))
        assert token, path
        if starting:
            starting.wait(30)
        return self._open(path, urlencode({"csrfmiddlewaretoken": token[1], **fields}).encode())

    def _open(self, path: str, sent: bytes | None = None) -> str:
        asked = Request(f"{self.site}{path}", sent, {"Accept-Language": "en", "Referer": self.site})
        with self.opener.open(asked, timeout=30) as answer:
            page: str = answer.read().decode()
        return page
