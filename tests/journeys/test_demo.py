"""The demonstration in a browser: what a stranger reads, a return filed without scripts, and every page there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from django.urls import resolve
from playwright.sync_api import Browser

from answerable.site.demo import PASSWORD
from tests.journeys.browser import DESK, PHONE, Load, Visitor, visiting
from tests.world import typed

POSTS = {"": "stranger", "office1": "office", "zg002": "specialist", "ld002": "leader", "kh01": "inspector"} | {
    "lz01": "leading group"
}
EACH, MOST = 2, 90
"""How many pages of each shape one person looks at, and how many in all."""

NO_PAGES = {"set_language", "static"}
"""Addresses that are no pages to look at."""


# -- what a stranger reads ---------------------------------------------------------------------------------------------


def test_the_front_page_leads_to_the_bulletin_of_135_units(browser: Browser, demo: str, loads: list[Load]) -> None:
    with visiting(browser, demo) as stranger:
        stranger.go("/")
        assert figures_of(stranger) == {"先进": 96, "合格": 35, "不合格": 4}
        stranger.press('main a.button[href^="/bulletins/"]')
        assert figures_of(stranger) == {"先进": 96, "合格": 35, "不合格": 4}
        assert stranger.page.locator("#units tbody tr").count() == 135
    loads += stranger.loads


def figures_of(visitor: Visitor) -> dict[str, int]:
    """How many units have each grade; the first figure is all of them."""
    terms = visitor.page.locator("main .sums dt").all_inner_texts()
    figures = [int(figure) for figure in visitor.page.locator("main .sums dd").all_inner_texts()]
    assert figures[0] == 135
    return dict(zip(terms[1:], figures[1:], strict=True))


def test_a_page_comes_back_in_the_other_language_at_the_same_place(browser: Browser, demo: str) -> None:
    with visiting(browser, demo, locale="en-GB") as stranger:
        stranger.go("/bulletins/?sort=name")
        stranger.lang = "zh-Hans"
        stranger.press('.masthead button[name="language"]')
        assert stranger.path == "/bulletins/?sort=name"


# -- without scripts ---------------------------------------------------------------------------------------------------


def test_a_return_is_filed_with_scripts_switched_off(browser: Browser, demo: str) -> None:
    address = "/returns/003/monthly/2026-01/"
    with visiting(browser, demo, "zg003", PASSWORD, scripts=False) as specialist:
        specialist.go("/returns/")
        specialist.press(f'main a[href^="{address}"]')
        figures = typed()
        specialist.choose("leader_in_post", figures.pop("leader_in_post"))
        specialist.fill(**figures)
        specialist.press('button[value="submit"]')
        assert specialist.page.locator("#receipt .digest").count() == 1
        specialist.press('main a[href*="revise=1"]')
        assert specialist.page.input_value('[name="requests"]') == figures["requests"]


def test_a_change_is_tried_with_scripts_switched_off_and_can_be_proposed(browser: Browser, demo: str) -> None:
    with visiting(browser, demo, "office1", PASSWORD, scripts=False) as office:
        office.press('.menu a[href="/trials/"]')
        office.page.locator("summary", has_text="等次").last.click()
        office.fill(**{"advanced.from": "92"})
        office.press("form.trial button.first")
        assert "set=advanced.from=92" in office.path
        assert office.page.locator("#movers tbody").first.locator("tr").count() == 8
        office.resize(PHONE)
        office.look()
        office.press('#result a[href^="/programmes/proposals/new/"]')
        assert "from: 92" in office.page.input_value('main [name="text"]')


# -- every page --------------------------------------------------------------------------------------------------------


@dataclass
class Crawl:
    """Which addresses a person has come upon, and which of them are looked at: few of each shape."""

    waiting: list[str] = field(default_factory=lambda: ["/"])
    known: set[str] = field(default_factory=lambda: {"/"})
    shapes: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def __iter__(self) -> Iterator[str]:
        looked_at = 0
        while self.waiting and looked_at < MOST:
            address = self.waiting.pop(0)
            shape = shape_of(address)
            if self.shapes[shape] < EACH:
                self.shapes[shape] += 1
                looked_at += 1
                yield address

    def meet(self, found: list[str]) -> None:
        """Enter the links of a page."""
        fresh = [one for one in dict.fromkeys(found) if one not in self.known]
        self.known.update(fresh)
        self.waiting += fresh


def shape_of(address: str) -> tuple[str, ...]:
    """Pages of one view that are asked the same things have one shape."""
    at = urlsplit(address)
    return resolve(at.path).url_name or "", *sorted(name for name, _value in parse_qsl(at.query))


def links_of(visitor: Visitor) -> list[str]:
    """Every address of the site that a page leads to, without the place on the page."""
    hrefs: list[str] = visitor.page.eval_on_selector_all("a[href]", "all => all.map(one => one.getAttribute('href'))")
    found = [urljoin(visitor.path, href).partition("#")[0] for href in hrefs]
    return [one for one in found if one.startswith("/") and shape_of(one)[0] not in NO_PAGES]


def is_file(address: str) -> bool:
    """Documents, tables and evidence are fetched, not looked at."""
    return shape_of(address)[0] in {
        "notices_file",
        "agreements_file",
        "visits_frame",
        "grades_json",
        "evidence_file",
        "programmes_file",
        "proposals_file",
        "trials_file",
        "trials_moves",
        "receipts_json",
    }


@pytest.mark.parametrize("who", POSTS, ids=POSTS.values())
def test_every_page_a_post_can_reach_is_sound(who: str, browser: Browser, demo: str, loads: list[Load]) -> None:
    """It answers in both languages, fits a screen of an office and a phone, and the browser complains of nothing."""
    password = PASSWORD if who else ""
    crawl, pages, faults = Crawl(), list[str](), list[str]()
    with visiting(browser, demo, who, password) as reader:
        for address in crawl:
            if is_file(address):
                assert reader.page.request.get(f"{demo}{address}").status == 200, address
                continue
            pages.append(address)
            faults += seen_at_both_sizes(reader, address)
            crawl.meet(links_of(reader))
    loads += reader.loads
    with visiting(browser, demo, who, password, locale="en-GB", size=PHONE) as reader:
        for address in pages:
            faults += seen_at_both_sizes(reader, address)
    loads += reader.loads
    assert not faults, "\n".join(faults)
    assert len(pages) >= (3 if not who else 10), pages


def seen_at_both_sizes(reader: Visitor, address: str) -> list[str]:
    """Look at a page, turn it to the other screen, and stay there for the next; gives what is wrong with it."""
    try:
        reader.go(address)
        reader.resize(PHONE if reader.width == DESK[0] else DESK)
        reader.look()
    except AssertionError as fault:
        return [str(fault)]
    return []
