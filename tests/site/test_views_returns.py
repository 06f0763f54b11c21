"""Monthly returns as pages: told at once what is wrong, filed with a receipt, revised with a reason, never edited."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from answerable.site import clock
from answerable.site.actions import returns, units, visits
from answerable.site.models import Entry, ReturnDraft, ReturnVersion
from answerable.site.reads.ledger import get_last_index
from answerable.site.reads.programmes import get_in_force
from answerable.values import Text
from tests.pages import browser, readers, renders_in_both_languages, who_sees, words
from tests.world import FORM, YEAR, World, typed, values

GRID = f"/returns/?year={YEAR}"
DECEMBER = f"/returns/E01/{FORM}/2025-12/"
"""The one open return of the world: E01 is silent all year."""


def specialist(world: World, unit: str = "E01") -> Any:
    return browser(world.people.of_unit(unit, "specialist"))


def codes(answer: Any) -> list[str]:
    """The codes of the issues on a page, each once, in order."""
    assert answer.status_code == 200, answer.status_code
    return list(dict.fromkeys(re.findall(r"<code>([a-z_]+\.[a-z_]+)</code>", answer.content.decode())))


def is_as_it_was(entries: int) -> bool:
    return Entry.objects.count() == entries


def row(answer: Any, field: str) -> str:
    """What stands in one row of the form."""
    rows: list[str] = answer.content.decode().split('<div class="row')
    return next(part for part in rows if f'id="id_{field}"' in part)


# -- who sees what -----------------------------------------------------------------------------------------------------


def test_a_return_opens_to_its_unit_the_district_and_whoever_has_inspected_there(world: World) -> None:
    assert who_sees(world, f"/returns/C01/{FORM}/2025-05/") == {
        "office",
        "leading_group",
        "specialist",
        "leader",
        "inspector",
    }
    assert "inspector" in who_sees(world, f"/returns/C01/?year={YEAR}")
    assert "inspector" not in who_sees(world, "/returns/C01/?year=2026"), "no visit of his in that year"


def test_an_inspector_reads_no_figure_before_his_visit_is_recorded(world: World) -> None:
    """A recount is made blind: the unit D01 waits for the inspector's visit."""
    inspector = browser(world.people.inspector)
    assert inspector.get(f"/returns/D01/{FORM}/2025-05/").status_code == 403
    grid = inspector.get(GRID).content.decode()
    assert "Education Department" in grid and f"/returns/D01/{FORM}/" not in grid
    visits.record(
        by=world.people.inspector, visit=world["visit D01"], visited_on=date(2025, 12, 1), recounts=[], findings=[]
    )
    assert inspector.get(f"/returns/D01/{FORM}/2025-05/").status_code == 200


def test_the_grid_is_the_district_s_an_inspector_has_his_units_and_a_unit_its_own(world: World) -> None:
    names = {"East One Community", "East Two Community", "Education Department", "Textile Enterprise"}
    seen = {}
    for name, reader in readers(world).items():
        answer = browser(reader).get(GRID)
        links = (
            set(re.findall(r"/returns/([A-Z]\d\d)/", answer.content.decode())) if answer.status_code == 200 else set()
        )
        seen[name] = (sum(unit in words(answer) for unit in names), links)
    whole = {"C01", "C02", "D01", "E01"}
    assert seen == {
        "office": (4, whole),
        "leading_group": (4, whole),
        "inspector": (2, {"C01"}),
        "other inspector": (1, {"C02"}),
        "specialist": (0, {"C01"}),
        "leader": (0, {"C01"}),
        "other leader": (0, {"D01"}),
        "without post": (0, set()),
        "stranger": (0, set()),
    }


def test_only_the_units_specialist_files(world: World) -> None:
    for do in ("draft", "check", "submit"):
        for name, reader in readers(world).items():
            answer = browser(reader).post(DECEMBER, {**typed(), "do": do})
            assert answer.status_code == (302 if name == "stranger" else 403), (do, name)
    assert not ReturnVersion.objects.filter(unit_code="E01").exists()


def test_returns_are_pages_in_both_languages(world: World) -> None:
    filed = f"/returns/C02/{FORM}/2025-04/"
    pages = ["/returns/", GRID, "/returns/C02/", filed, DECEMBER]
    renders_in_both_languages(world.people.office, pages)
    renders_in_both_languages(world.people.of_unit("E01", "specialist"), ["/returns/", GRID, DECEMBER])
    renders_in_both_languages(world.people.of_unit("C02", "specialist"), [filed, f"{filed}?revise=1"])


def test_what_is_not_there_is_not_found(world: World) -> None:
    client = browser(world.people.office)
    absent = ("X99/monthly/2025-12", "C01/weekly/2025-12", "C01/monthly/2025-13", "C01/monthly/2031-01", "X99")
    for address in absent:
        assert client.get(f"/returns/{address}/").status_code == 404, address
    assert specialist(world).post(DECEMBER, {"do": "burn"}).status_code == 404


# -- the grid and the year ---------------------------------------------------------------------------------------------


def test_the_grid_counts_what_is_on_time_late_and_missing(world: World) -> None:
    text = browser(world.people.office).get(GRID).content.decode()
    sums = re.findall(r'<dd><span class="figure">(\d+)</span></dd><dt>([^<]+)</dt>', text)
    assert sums == [("4", "units that file"), ("34", "on time"), ("1", "late"), ("13", "not filed"), ("0", "due now")]


def test_the_grid_is_searched_by_name_and_by_what_is_missing(world: World) -> None:
    client = browser(world.people.office)
    missing = words(client.get(f"{GRID}&state=missing"))
    assert missing.index("Textile Enterprise") < missing.index("Education Department")  # twelve months before one
    assert "East One" not in missing
    assert "Textile" not in words(client.get(f"{GRID}&unit=C0"))
    assert "No unit fits this search" in words(client.get(f"{GRID}&unit=nowhere"))


def test_a_revision_and_a_late_return_show_in_the_grid(world: World) -> None:
    text = browser(world.people.office).get(f"{GRID}&unit=C02").content.decode()
    april = re.search(rf'<a class="mark (\w+)" href="/returns/C02/{FORM}/2025-04/" aria-label="([^"]+)"', text)
    march = re.search(rf'<a class="mark (\w+)" href="/returns/C02/{FORM}/2025-03/" aria-label="([^"]+)"', text)
    assert april and april[2] == "2025-04 revised v2"
    assert march and march[2] == "2025-03 late 9"


def test_a_year_without_a_programme_says_what_comes_first(world: World) -> None:
    assert "No return is asked for in this year" in words(browser(world.people.office).get("/returns/?year=2031"))


def test_the_year_of_a_unit_tells_what_is_due_and_where_a_draft_is_kept(world: World) -> None:
    client = specialist(world)
    client.post(DECEMBER, {"requests": "40", "do": "draft"})
    text = words(client.get(GRID))
    assert text.count("not filed") == 12 and text.count("a draft is kept") == 1
    assert DECEMBER in client.get(GRID).content.decode()


def test_the_lists_take_as_many_queries_for_three_units_more(world: World) -> None:
    counts: dict[str, set[int]] = {}
    pages = {GRID: world.people.office, "/returns/": world.people.of_unit("E01", "specialist")}
    for turn in range(2):
        if turn:
            more = [units.UnitEntered(f"N0{n}", Text(zh="社区", en="N"), "community", [FORM]) for n in range(3)]
            units.register(by=world.people.office, units=more, valid_from=date(2026, 1, 15))
        for page, reader in pages.items():
            client = browser(reader)
            client.get(page)
            with CaptureQueriesContext(connection) as queries:
                client.get(page)
            counts.setdefault(page, set()).add(len(queries))
    assert {page: len(found) for page, found in counts.items()} == dict.fromkeys(pages, 1)


# -- entering ----------------------------------------------------------------------------------------------------------


def test_the_form_shows_last_month_beside_each_figure(world: World) -> None:
    """December is filed, January is entered beside it. Nothing is carried over but that a question does not arise."""
    returns.revise(
        by=world.people.specialist,
        unit="C01",
        form=FORM,
        period="2025-12",
        values={
            **values(paid_amount=0, paid_on_time_amount=0, entitled_amount=0),
            "contacts_due": "",
            "contacts_made": "",
        },
        states={"contacts_due": "not_applicable", "contacts_made": "not_applicable"},
        reason="No such family.",
    )
    answer = specialist(world, "C01").get(f"/returns/C01/{FORM}/2026-01/")
    requests, contacts, leader = (row(answer, name) for name in ("requests", "contacts_due", "leader_in_post"))
    assert 'value=""' in requests and '<span class="figure">40</span>' in requests
    assert re.search(r'value="not_applicable" checked', contacts)
    assert '<option value="1">yes</option>' in leader and "yes</span>" in leader
    assert "0.00" in row(answer, "paid_amount") and "yuan" in row(answer, "paid_amount")


def test_every_field_of_the_form_is_asked_once(world: World) -> None:
    programme = get_in_force(YEAR)
    assert programme
    text = specialist(world).get(DECEMBER).content.decode()
    asked = re.findall(r'<(?:input|select) id="id_(\w+)" name="(\w+)"', text)
    assert sorted(asked) == sorted((field.id, field.id) for field in programme.form(FORM).fields)


def test_a_required_figure_cannot_be_called_missing_on_the_page(world: World) -> None:
    assert 'value="missing"' not in specialist(world).get(DECEMBER).content.decode()


def test_a_draft_is_kept_as_typed_and_comes_back(world: World) -> None:
    client, entries = specialist(world), Entry.objects.count()
    answer = client.post(DECEMBER, {"requests": "4o", "contacts_due_state": "not_applicable", "do": "draft"})
    assert answer.status_code == 302 and answer.headers["Location"] == DECEMBER
    page = client.get(DECEMBER)
    assert 'value="4o"' in row(page, "requests")
    assert 'value="not_applicable" checked' in row(page, "contacts_due")
    assert "This is your draft" in words(page)
    assert is_as_it_was(entries)


def test_looking_writes_nothing(world: World) -> None:
    client, entries = specialist(world), Entry.objects.count()
    for address in (GRID, DECEMBER, f"{DECEMBER}?revise=1", "/returns/E01/"):
        client.get(address)
    assert is_as_it_was(entries) and not ReturnDraft.objects.exists()


def test_checking_tells_everything_at_once_and_files_nothing(world: World) -> None:
    entries = Entry.objects.count()
    answer = specialist(world).post(
        DECEMBER, {**typed(requests="many", vacant_days="32", board_columns=""), "do": "check"}
    )
    assert codes(answer) == ["site.field_above", "site.field_not_number", "site.field_required"]
    assert "site.field_not_number" in row(answer, "requests") and 'value="many"' in row(answer, "requests")
    assert '<a href="#id_vacant_days">' in answer.content.decode()
    assert is_as_it_was(entries)


def test_a_check_that_fails_leads_to_the_figure_it_compares(world: World) -> None:
    answer = specialist(world).post(DECEMBER, {**typed(requests_done="41"), "do": "check"})
    assert codes(answer) == ["site.check_failed"]
    assert "No more requests can be settled than were made." in row(answer, "requests_done")


def test_sound_figures_are_told_to_be_sound(world: World) -> None:
    answer = specialist(world).post(DECEMBER, {**typed(), "do": "check"})
    assert "Nothing is wrong with these figures" in words(answer)


# -- filing ------------------------------------------------------------------------------------------------------------


def test_submitting_files_the_return_and_gives_a_receipt(world: World) -> None:
    client = specialist(world)
    answer = client.post(DECEMBER, {**typed(), "do": "submit"})
    index = get_last_index()
    assert answer.headers["Location"] == f"{DECEMBER}?entry={index}"
    page = client.get(answer.headers["Location"])
    entry = Entry.objects.get(idx=index)
    assert f"Entry {index} of the ledger" in words(page) and entry.leaf_hash in page.content.decode()
    assert ReturnVersion.objects.get(unit_code="E01").received_at == clock.now()


def test_a_receipt_is_shown_for_this_return_only(world: World) -> None:
    """The address of a receipt cannot be bent to show another entry."""
    client = specialist(world)
    client.post(DECEMBER, {**typed(), "do": "submit"})
    for asked in (get_last_index() - 1, 10**9, "x", "9" * 40):
        assert 'class="receipt"' not in client.get(f"{DECEMBER}?entry={asked}").content.decode()


def test_a_soft_check_asks_to_look_again_once(world: World) -> None:
    client, asked = specialist(world), {**typed(contacts_made="5"), "do": "submit"}
    first = client.post(DECEMBER, asked)
    assert codes(first) == ["site.check_failed"] and "Look again, please" in words(first)
    assert not ReturnVersion.objects.filter(unit_code="E01").exists()
    assert 'name="seen" value="contacts_as_planned"' in first.content.decode()
    assert client.post(DECEMBER, {**asked, "seen": "contacts_as_planned"}).status_code == 302
    assert ReturnVersion.objects.filter(unit_code="E01").count() == 1


def test_another_soft_check_than_the_one_seen_asks_again(world: World) -> None:
    asked = {**typed(contacts_made="5", education_held="1"), "do": "submit", "seen": "contacts_as_planned"}
    assert "Look again, please" in words(specialist(world).post(DECEMBER, asked))


def test_submitting_what_is_wrong_files_nothing(world: World) -> None:
    entries = Entry.objects.count()
    answer = specialist(world).post(DECEMBER, {**typed(requests="many"), "do": "submit"})
    assert codes(answer) == ["site.field_not_number"] and is_as_it_was(entries)


def test_a_return_filed_in_another_window_is_told_and_not_filed_twice(world: World) -> None:
    """The form of a first submission, sent after somebody else has filed: nothing is revised without a reason."""
    client, asked = specialist(world), {**typed(), "do": "submit"}
    client.post(DECEMBER, asked)
    answer = client.post(DECEMBER, {**asked, **typed(requests="41")})
    assert codes(answer) == ["site.reason_missing"]
    assert ReturnVersion.objects.filter(unit_code="E01").count() == 1


def test_a_month_that_is_not_asked_for_has_no_form(world: World) -> None:
    entered = units.UnitEntered("E01", Text(zh="纺织企业", en="Textile Enterprise"), "enterprise", forms=[])
    units.register(by=world.people.office, units=[entered], valid_from=date(2026, 1, 2))
    client = specialist(world)
    assert "The unit need not file for this month" in words(client.get(DECEMBER))
    assert codes(client.post(DECEMBER, {**typed(), "do": "submit"})) == ["site.return_not_required"]


def test_the_month_that_runs_may_be_drafted_and_one_to_come_may_not(world: World) -> None:
    client = specialist(world)
    assert "The month is not over" in words(client.get(f"/returns/E01/{FORM}/2026-01/"))
    to_come = f"/returns/E01/{FORM}/2026-02/"
    assert '<form method="post" id="sheet"' not in client.get(to_come).content.decode()
    assert codes(client.post(to_come, {"do": "draft"})) == ["site.month_to_come"]


# -- revising ----------------------------------------------------------------------------------------------------------


def test_a_filed_return_is_revised_with_a_reason_and_the_difference_is_shown(world: World) -> None:
    client, address = specialist(world, "C01"), f"/returns/C01/{FORM}/2025-12/"
    assert "?revise=1#sheet" in client.get(address).content.decode()
    begun = client.get(f"{address}?revise=1")
    assert 'value="40"' in row(begun, "requests") and 'value="12000.00"' in row(begun, "paid_amount")
    changed = {**typed(requests="41"), "do": "submit", "reason": "One was overlooked."}
    answer = client.post(f"{address}?revise=1", changed)
    assert answer.status_code == 302
    text = words(client.get(address))
    assert "What version 2 changed" in text and "One was overlooked." in text
    assert re.search(r"Service requests to be settled this month 40 41", text)


def test_a_revision_without_a_reason_or_a_change_is_refused_in_place(world: World) -> None:
    client, address = specialist(world, "C01"), f"/returns/C01/{FORM}/2025-12/?revise=1"
    without = client.post(address, {**typed(requests="41"), "do": "submit", "reason": " "})
    assert codes(without) == ["site.reason_missing"]
    assert 'id="id_reason_error"' in without.content.decode()
    same = client.post(address, {**typed(), "do": "submit", "reason": "To be safe."})
    assert codes(same) == ["site.return_unchanged"]
    assert ReturnVersion.objects.filter(unit_code="C01", period="2025-12").count() == 1


def test_the_draft_of_a_revision_waits_beside_the_filed_return(world: World) -> None:
    client, address = specialist(world, "C01"), f"/returns/C01/{FORM}/2025-12/"
    kept = client.post(f"{address}?revise=1", {**typed(requests="41"), "do": "draft"})
    assert kept.headers["Location"] == f"{address}?revise=1"
    assert "A draft of a revision is kept" in words(client.get(address))
    assert 'value="41"' in row(client.get(f"{address}?revise=1"), "requests")
    assert "A draft" not in words(browser(world.people.office).get(address))


def test_whoever_only_reads_is_offered_nothing_to_enter(world: World) -> None:
    for reader in (world.people.office, world.people.leader):
        text = browser(reader).get(f"/returns/C01/{FORM}/2025-12/?revise=1").content.decode()
        assert 'id="sheet"' not in text and "revise=1" not in re.sub(r'name="next" value="[^"]*"', "", text)


@pytest.mark.parametrize(("moment", "said"), [(datetime(2026, 1, 5, 23, 0), ""), (datetime(2026, 1, 6), "over")])
def test_a_return_past_its_day_is_said_to_be_late(world: World, moment: datetime, said: str) -> None:
    with clock.at(moment):
        text = words(specialist(world).get(DECEMBER))
    assert ("The day for this return is over" in text) == bool(said)
