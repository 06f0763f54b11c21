"""The ledger as a page: every entry, the root over all of them, and whoever answers for the whole may read it."""

from __future__ import annotations

import re

from django.db import connection
from django.test.utils import CaptureQueriesContext

from answerable.site.reads.ledger import get_entry, get_last_index, get_root, list_entries
from answerable.site.views.ledger import PAGE
from tests.pages import browser, renders_in_both_languages, who_sees, words
from tests.world import World

LEDGER = "/ledger/"


def indexes(html: str) -> list[int]:
    return [int(found) for found in re.findall(r'href="/ledger/(\d+)/"', html)]


def test_the_office_and_the_leading_group_read_the_ledger(world: World) -> None:
    assert who_sees(world, LEDGER) == {"office", "leading_group"}
    assert who_sees(world, "/ledger/3/") == {"office", "leading_group"}


def test_the_ledger_is_a_page_in_both_languages(world: World) -> None:
    renders_in_both_languages(world.people.office, [LEDGER, "/ledger/0/", f"/ledger/{get_last_index()}/"])


def test_the_page_shows_how_many_entries_there_are_and_the_root_over_them(world: World) -> None:
    text = words(browser(world.people.office).get(LEDGER))
    assert f"Entries {get_last_index() + 1}" in text
    assert get_root() in text


def test_pages_are_walked_to_the_very_first_entry_and_none_is_left_out(world: World) -> None:
    client, address, seen = browser(world.people.office), LEDGER, []
    while address:
        html = client.get(address).content.decode()
        seen += indexes(html)
        older = re.search(r'rel="next" href="(\?[^"]+)"', html)
        address = LEDGER + older[1].replace("&amp;", "&") if older else ""
    assert seen == list(range(get_last_index(), -1, -1))
    assert len(seen) > PAGE


def test_a_kind_is_chosen_and_one_that_is_unknown_chooses_nothing(world: World) -> None:
    client = browser(world.people.office)
    drawn = client.get(LEDGER, {"kind": "visit.drawn"}).content.decode()
    assert indexes(drawn) == [entry.index for entry in list_entries(kind="visit.drawn")]
    assert len(indexes(client.get(LEDGER, {"kind": "nothing"}).content.decode())) == PAGE


def test_an_entry_says_who_when_why_and_which_rows_it_holds(world: World) -> None:
    entry = next(one for one in list_entries(kind="finding.decided"))
    text = words(browser(world.people.leading_group).get(f"/ledger/{entry.index}/"))
    assert "The photograph shows it." in text and entry.leaf_hash in text
    assert "finding_decision" in text and entry.by_name in text


def test_an_entry_that_is_not_there_is_not_found(world: World) -> None:
    client = browser(world.people.office)
    assert get_entry(get_last_index() + 1) is None
    assert client.get(f"/ledger/{get_last_index() + 1}/").status_code == 404


def test_fifty_entries_cost_as_many_queries_as_one(world: World) -> None:
    client = browser(world.people.office)
    counts = []
    for address in (f"{LEDGER}?before=1", LEDGER):
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        counts.append(len(queries))
    assert counts[0] == counts[1]
