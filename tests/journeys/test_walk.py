"""One year of one unit, as six people live it at their browsers: agreement, return, visit, correction, score, grade,
bulletin. Then a stranger reads, everyone looks again on a phone in English, and the file is verified."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser

from answerable.exchange.archive import read_archive
from answerable.ledger.entry import KINDS
from tests.journeys.browser import PHONE, Load, Visitor, visiting
from tests.journeys.district import PASSWORD, UNIT, UNIT_NAME
from tests.journeys.served import ROOT, House
from tests.world import PDF, typed

RETURN = f"/returns/{UNIT}/monthly/2025-11/"
NOT_WALKED = {"finding.raised", "correction.sent_back", "programme.refused", "programme.withdrawn"}
NOT_WALKED |= {"unit.identified", "unit.changed"}
"""The finding is recorded with its visit; the correction is closed, the programme published at the first try; no unit
changes within the year."""

COUNTS = {"先进": 3, "合格": 1, "不合格": 1}
"""What the programme makes of this district: the department loses its silent months, the enterprise filed nothing."""


@dataclass(frozen=True)
class Day:
    """The site on one day: whoever comes to it speaks Chinese and has a screen of an office."""

    browser: Browser
    site: str
    loads: list[Load]

    @contextmanager
    def of(self, who: str) -> Iterator[Visitor]:
        """Somebody signs in, and is gone afterwards."""
        with visiting(self.browser, self.site, who, PASSWORD if who else "") as visitor:
            yield visitor
        self.loads.extend(visitor.loads)


def test_a_year_goes_from_agreement_to_bulletin(browser: Browser, house: House, loads: list[Load]) -> None:
    house.live("found")
    with house.open("2025-01-10T09:00") as site:
        the_agreement_is_issued_and_signed(Day(browser, site, loads))
    house.live("file")
    with house.open("2025-12-04T09:00") as site:
        december = Day(browser, site, loads)
        the_return_is_filed_and_revised(december)
        the_unit_is_drawn_and_visited(december)
        the_finding_is_answered_and_decided(december)
        the_correction_is_made_and_closed(december)
    house.live("end")
    with house.open("2026-01-14T09:00") as site:
        january = Day(browser, site, loads)
        the_scores_explain_themselves(january)
        the_grades_are_confirmed_and_published(january)
        a_stranger_reads_the_bulletin(january)
        everyone_reads_on_a_phone_in_english(january)
    assert {entry.kind for entry in read_archive(house.database).entries} == set(KINDS) - NOT_WALKED
    verify_finds_nothing_and_then_the_one_changed_value(house)


def the_agreement_is_issued_and_signed(day: Day) -> None:
    with day.of("office") as office:
        office.go("/agreements/?year=2025")
        office.press(f'main a[href$="year=2025&unit={UNIT}"]')
        assert UNIT_NAME.zh in office.words()
        office.press("main button.first")
        agreement = office.path
        assert agreement.startswith("/agreements/2025-") and "分管领导明确" in office.words()
    with day.of("leader-i01") as leader:
        leader.go("/agreements/")
        leader.press(f'main table a[href="{agreement}"]')
        leader.press('main a[href$="/sign/"]')
        leader.press("main button.first")
        assert "Leader-I01" in leader.words(".signatures")
    with day.of("office") as office:
        office.go(agreement)
        office.press('main a[href$="/sign/"]')
        office.press("main button.first")
        assert "Leader-I01" in office.words(".signatures") and "Office" in office.words(".signatures")
        assert office.page.locator('main a[href$="/sign/"]').count() == 0


def the_return_is_filed_and_revised(day: Day) -> None:
    with day.of("specialist-i01") as specialist:
        specialist.go("/returns/")
        specialist.press(f'main a[href^="{RETURN}"]')
        figures = typed(requests_done="41")
        specialist.choose("leader_in_post", figures.pop("leader_in_post"))
        specialist.fill(**figures)
        specialist.press('button[value="draft"]')
        specialist.go(RETURN)
        assert specialist.page.input_value('[name="requests_done"]') == "41", "the draft is kept"

        specialist.press('button[value="check"]')
        assert "按期办结件数不能大于应办结件数。" in specialist.words('[role="alert"]')
        specialist.press('button[value="submit"]')
        assert "按期办结件数不能大于应办结件数。" in specialist.words('[role="alert"]')

        specialist.fill(requests_done="39")
        specialist.press('button[value="submit"]')
        filed = entry_of(specialist)

        specialist.press('main a[href*="revise=1"]')
        specialist.fill(requests="38", requests_done="37")
        specialist.press('button[value="submit"]')
        assert "site.reason_missing" in specialist.words()
        specialist.fill(reason="两件咨询重复计数，经核对登记簿更正。")
        specialist.press('button[value="submit"]')
        assert entry_of(specialist) == filed + 1
        assert "两件咨询重复计数" in specialist.words("#history")


def entry_of(specialist: Visitor) -> int:
    """The number of the ledger's entry on the receipt, which is that of the address."""
    asked = re.search(r"entry=(\d+)", specialist.path)
    assert asked and re.search(rf"(?<!\d){asked[1]}(?!\d)", specialist.words("#receipt"))
    assert re.fullmatch("[0-9a-f]{64}", specialist.words("#receipt .digest"))
    return int(asked[1])


def the_unit_is_drawn_and_visited(day: Day) -> None:
    with day.of("office") as office:
        office.go("/visits/")
        office.press('main a[href^="/visits/draw/"]')
        office.fill(community="1", institution="1")
        office.press('main form[method="get"] button')
        office.fill(seed="2025-12-03 双色球 05 11 14 20 26 30 09")
        office.press("main button.first")
        assert office.path == "/visits/draw/2025-D1/" and UNIT_NAME.zh in office.words()
        office.press('main a[href$="/assign/"]')
        office.choose(f"u-{UNIT}-inspector", "inspector")
        office.fill(reason="按名册轮流。")
        office.press("main button.first")
    with day.of("inspector") as inspector:
        inspector.go("/visits/")
        inspector.press(f'main a:text-is("{UNIT_NAME.zh}")')
        for row, month, counted in (("r0", "2025-11", "38"), ("r1", "2025-10", "40")):
            inspector.choose(f"{row}-month", month)
            inspector.choose(f"{row}-figure", "monthly/requests")
            inspector.fill(**{f"{row}-counted": counted})
        inspector.choose("f0-kind", "board_outdated")
        inspector.fill(**{"f0-occurrences": "1", "f0-fact": "公开栏有两栏仍是十月的内容。"})
        assert inspector.page.locator("#recounts").count() == 0, "counted blind"
        inspector.press("#record button.first")
        rows = inspector.page.locator("#recounts tbody tr").all_inner_texts()
        assert ["40\t40" in rows[0], "38\t38" in rows[1]] == [True, True], rows
        assert inspector.page.locator("#findings tbody tr").count() == 1


def the_finding_is_answered_and_decided(day: Day) -> None:
    with day.of("leader-i01") as leader:
        leader.go("/findings/")
        leader.press('main table a[href^="/findings/2025-"]')
        assert "公开栏有两栏仍是十月的内容。" in leader.words()
        leader.page.check('#answer input[value="confirmed"]')
        leader.press("#answer button")
    with day.of("office") as office:
        office.go("/findings/")
        office.press('main table a[href^="/findings/2025-"]')
        office.page.check('#decide input[value="confirmed"]')
        office.fill(reason="照片和单位的说明一致。")
        office.press("#decide button")
        office.fill(problem="把公开栏更新到当月。", due_on="2025-12-31")
        office.press("#correct button")
        assert "把公开栏更新到当月。" in office.words()


def the_correction_is_made_and_closed(day: Day) -> None:
    with day.of("specialist-i01") as specialist:
        specialist.go("/corrections/")
        specialist.press('main table a[href^="/corrections/2025-"]')
        specialist.page.fill('#submit [name="words"]', "六栏全部更新，附照片。")
        specialist.page.set_input_files(
            '#submit [name="papers"]', {"name": "公开栏.pdf", "mimeType": "application/pdf", "buffer": PDF}
        )
        specialist.press("#submit button.first")
        correction = specialist.path
        with specialist.page.expect_download() as coming:
            specialist.page.click('main a:text-is("公开栏.pdf")')
        assert coming.value.path().read_bytes() == PDF
    with day.of("office-2") as other:
        other.go(correction)
        other.page.fill('#close [name="words"]', "现场看过，六栏都是当月的。")
        other.press("#close button.first")
        assert "现场看过" in other.words("#steps") and other.page.locator("#close").count() == 0


def the_scores_explain_themselves(day: Day) -> None:
    with day.of("office") as office:
        office.go("/grades/?year=2025")
        office.press('main a[href^="/grades/run/"]')
        office.press("main button.first")
        office.press(f'main table a[href$="/{UNIT}/"]')
        score = office.path
        office.press(f'main #points a[href="{score}requests_settled/"]')
        assert "466 / 478" in office.words(), "eleven months of 39 of 40, and the revised 37 of 38"
        rows = office.page.locator("main tbody tr").all_inner_texts()
        november = [row for row in rows if re.search(r"2025年11月|2025-11", row)]
        assert len(rows) >= 12 and len(november) == 1 and "38" in november[0] and "37" in november[0], rows


def the_grades_are_confirmed_and_published(day: Day) -> None:
    with day.of("leading-group") as group:
        group.go("/grades/?year=2025")
        group.press('main a[href$="/confirm/"]')
        assert counts_of(group) == COUNTS
        group.fill(reason="领导小组2026年第1次会议审定。")
        group.press("main button.first")
    with day.of("office") as office:
        office.go("/grades/?year=2025")
        office.press('main a[href^="/notices/publish/"]')
        office.press("main button.first")
        assert office.path.startswith("/bulletins/2025-")


def counts_of(visitor: Visitor) -> dict[str, int]:
    """The key figures of a page, without the first, which is all units."""
    terms = visitor.page.locator("main .sums dt").all_inner_texts()
    figures = [int(figure) for figure in visitor.page.locator("main .sums dd").all_inner_texts()]
    assert figures[0] == sum(figures[1:]) == 5
    return dict(zip(terms[1:], figures[1:], strict=True))


def a_stranger_reads_the_bulletin(day: Day) -> None:
    with day.of("") as stranger:
        stranger.go("/")
        stranger.press('main a.button[href^="/bulletins/"]')
        assert counts_of(stranger) == COUNTS
        assert UNIT_NAME.zh in stranger.words("#units")
        for kind, begins in (("zh.docx", b"PK\x03\x04"), ("en.docx", b"PK\x03\x04"), ("en.pdf", b"%PDF-")):
            with stranger.page.expect_download() as coming:
                stranger.page.click(f'#papers a[href$="bulletin.{kind}"]')
            assert coming.value.path().read_bytes().startswith(begins)


def everyone_reads_on_a_phone_in_english(day: Day) -> None:
    """The same pages, as a phone shows them; `look` finds any that is too wide."""
    pages = {
        "": ["/", "/bulletins/"],
        "office": ["/agreements/?year=2025", "/visits/draw/2025-D1/", "/grades/?year=2025", "/notices/", "/ledger/"],
        "specialist-i01": ["/", "/returns/", RETURN, f"{RETURN}?revise=1", "/corrections/"],
        "leader-i01": ["/", "/agreements/", "/findings/", "/grades/?year=2025"],
        "inspector": ["/", "/visits/?year=2025", "/findings/"],
        "leading-group": ["/", "/grades/?year=2025", "/returns/?year=2025"],
    }
    for who, addresses in pages.items():
        password = PASSWORD if who else ""
        with visiting(day.browser, day.site, who, password, locale="en-GB", size=PHONE) as reader:
            for address in addresses:
                reader.go(address)
                first = reader.page.locator("main table a").first
                if first.count() and "revise" not in address:
                    reader.go(str(first.get_attribute("href")))
        day.loads.extend(reader.loads)


def verify_finds_nothing_and_then_the_one_changed_value(house: House) -> None:
    sound = verified(house, house.database)
    assert sound.returncode == 0, sound.stdout
    copy = house.folder / "changed" / "answerable.sqlite3"
    copy.parent.mkdir()
    change_one_value(house.database, copy)
    found = verified(house, copy)
    assert found.returncode == 1, found.stderr
    named = f"{UNIT} / monthly / 2025-11 / 2: [ledger.row_changed]"
    assert sum(named in line for line in found.stdout.splitlines()) == 1, found.stdout
    assert found.stdout.count("[ledger.") == 1, "and no other row"


def verified(house: House, database: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "answerable", "verify", str(database), "--lang", "zh"]
    command += ["--evidence", str(house.folder / "var" / "evidence")]
    return subprocess.run(command, cwd=ROOT, env=house.environment(), capture_output=True, text=True, timeout=60)


def change_one_value(database: Path, copy: Path) -> None:
    """What somebody with the file and a free evening does: one figure of one return, straight in the table."""
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as changed:
        source.backup(changed)
        triggers = changed.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (trigger,) in triggers:
            changed.execute(f'DROP TRIGGER "{trigger}"')
        where = "unit_code = ? AND period = '2025-11' AND version = 2"
        sets = '"values" = replace("values", \'"value":37\', \'"value":38\')'
        done = changed.execute(f"UPDATE answerable_return_version SET {sets} WHERE {where}", (UNIT,))
        assert triggers and done.rowcount == 1
        changed.commit()
