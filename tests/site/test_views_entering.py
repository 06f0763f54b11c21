"""A return while it is typed: looked over field by field, kept as it grows, beside last month and last year."""

from __future__ import annotations

import re
from typing import Any

from answerable.site.actions import people, returns
from answerable.site.models import Entry, Person, ReturnDraft, ReturnVersion
from answerable.site.reads.returns import Draft, get_return
from answerable.values import Month
from tests.pages import browser, words
from tests.people import FIRST_DAY
from tests.world import FORM, World, typed

DECEMBER = f"/returns/E01/{FORM}/2025-12/"
CHECKS = f"{DECEMBER}checks/"


def specialist(world: World) -> Any:
    return browser(world.people.of_unit("E01", "specialist"))


def codes(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.status_code
    return list(dict.fromkeys(re.findall(r"<code>([a-z_]+\.[a-z_]+)</code>", answer.content.decode())))


def beside(answer: Any, field: str) -> str:
    """What is said beside one field."""
    found = re.search(rf'id="id_{field}_error"[^>]*>(.*?)</div>', answer.content.decode(), re.DOTALL)
    assert found, field
    return found[1]


def draft() -> Draft:
    found = get_return("E01", FORM, Month(2025, 12))
    assert found and found.draft
    return found.draft


def mark(answer: Any) -> str:
    """The mark of the draft that the form carries."""
    found = re.search(r'name="over" id="over"[^>]* value="([^"]*)"', answer.content.decode())
    assert found
    return found[1]


def kept_by_a_colleague(world: World) -> None:
    """A second specialist of the unit keeps a draft of the same return in the meantime."""
    people.open_account(by=world.people.office, username="second", display_name="Second of E01", password=None)
    people.appoint(by=world.people.office, username="second", post="specialist", unit="E01", from_day=FIRST_DAY)
    second = Person.objects.get(username="second")
    returns.save_draft(by=second, unit="E01", form=FORM, period="2025-12", values={"requests": "128"}, states={})


def test_leaving_a_field_is_answered_beside_it_and_nothing_is_asked_of_fields_still_empty(world: World) -> None:
    answer = specialist(world).post(CHECKS, {"requests": "4o", "vacant_days": "40"})
    assert set(codes(answer)) == {"site.field_not_number", "site.field_above"}
    assert "site.field_not_number" in beside(answer, "requests")
    assert beside(answer, "contacts_due").strip() == ""


def test_a_check_is_asked_as_soon_as_all_it_compares_is_there(world: World) -> None:
    client = specialist(world)
    assert codes(client.post(CHECKS, {"requests_done": "41"})) == []
    answer = client.post(CHECKS, {"requests": "40", "requests_done": "41"})
    assert "No more requests can be settled than were made." in beside(answer, "requests_done")
    soft = client.post(CHECKS, {"contacts_due": "6", "contacts_made": "5"})
    assert "site.check_failed" in beside(soft, "contacts_made")


def test_what_is_typed_is_kept_on_the_way_and_is_nobodys_fact(world: World) -> None:
    entries = Entry.objects.count()
    answer = specialist(world).post(CHECKS, {"requests": "4o", "over": ""})
    assert "Kept at 09:00" in words(answer)
    assert draft().values["requests"] == "4o"
    assert mark(answer) == draft().mark
    assert Entry.objects.count() == entries and not ReturnVersion.objects.filter(unit_code="E01").exists()


def test_only_those_who_file_may_ask_for_the_checks(world: World) -> None:
    for person in (world.people.office, world.people.leading_group, world.people.specialist):
        assert browser(person).post(CHECKS, {"requests": "4"}).status_code == 403
    assert specialist(world).get(CHECKS).status_code == 404
    assert specialist(world).post(f"/returns/E01/{FORM}/2026-05/checks/", {}).status_code == 404
    assert not ReturnDraft.objects.exists()


def test_a_draft_of_somebody_else_is_not_written_over_and_both_are_shown(world: World) -> None:
    client = specialist(world)
    before = mark(client.get(DECEMBER))
    kept_by_a_colleague(world)
    kept = client.post(CHECKS, {"requests": "130", "over": before})
    assert codes(kept) == ["site.draft_overtaken"] and draft().values == {"requests": "128"}
    assert mark(kept) == before, "the next keeping must not write over it unseen"
    for do in ("draft", "submit"):
        page = client.post(DECEMBER, {**typed(requests="130"), "over": before, "do": do})
        assert codes(page) == ["site.draft_overtaken"]
        assert (
            "Kept by Second of E01" in words(page) and "128" in words(page) and 'value="130"' in page.content.decode()
        )
    assert not ReturnVersion.objects.filter(unit_code="E01").exists()
    assert client.post(DECEMBER, {**typed(requests="130"), "over": mark(page), "do": "draft"}).status_code == 302
    assert draft().values["requests"] == "130"


def test_two_drafts_that_say_the_same_do_not_collide(world: World) -> None:
    client = specialist(world)
    for _ in range(2):
        assert client.post(DECEMBER, {"requests": "40", "over": "", "do": "draft"}).status_code == 302


def test_the_form_works_without_scripts_and_asks_the_server_with_them(world: World) -> None:
    text = specialist(world).get(DECEMBER).content.decode()
    assert f'hx-post="{CHECKS}"' in text
    assert '<button class="button" name="do" value="check">' in text


def test_the_same_month_last_year_stands_beside_each_field_and_is_never_filled_in(world: World) -> None:
    """November 2025 would stand beside November 2026; the world has no such month, and a dash says so."""
    text = specialist(world).get(DECEMBER).content.decode()
    assert 'data-label="2024-12"' in text
    assert text.count('class="last" data-label="2024-12">–<') == 19
    assert not re.findall(r'<input id="id_\w+" name="\w+" value="[^"]+"', text)


# -- pasting -----------------------------------------------------------------------------------------------------------


def paste(world: World, text: str, **already: str) -> Any:
    return specialist(world).post(DECEMBER, {**already, "pasted": text, "do": "paste"})


def test_a_pasted_column_goes_into_the_draft_in_the_order_of_the_form(world: World) -> None:
    answer = paste(world, "是\r\n\r\n12,000\r\n不适用\r\n", vacant_days="3")
    assert answer.status_code == 302
    kept = draft()
    assert [kept.values[one] for one in ("leader_in_post", "vacant_days", "entitled_amount")] == ["1", "3", "12,000"]
    assert kept.states == {"paid_amount": "not_applicable"}


def test_two_pasted_columns_are_placed_by_their_names_in_either_language(world: World) -> None:
    text = "本月专干空岗天数 *\t２\t天\nrequests\t40\n\nOf these paid\t\n"
    assert paste(world, text, paid_amount="7").status_code == 302
    kept = draft().values
    assert (kept["vacant_days"], kept["requests"], kept["paid_amount"]) == ("２", "40", "7")


def test_every_line_that_has_no_place_is_named_and_nothing_is_kept_or_lost(world: World) -> None:
    text = "requests\t40\nbirths\t3\nrequests\t41"
    answer = paste(world, text, vacant_days="3")
    assert codes(answer) == ["site.pasted_unknown", "site.pasted_twice"]
    assert "Line 2" in words(answer) and "Line 3" in words(answer)
    page = answer.content.decode()
    assert text in page and 'name="vacant_days" value="3"' in page
    assert not ReturnDraft.objects.exists()
    again = specialist(world).post(DECEMBER, {**typed(), "pasted": text, "do": "check"})
    assert text in again.content.decode(), "another button loses nothing of it"


def test_more_lines_than_figures_are_refused_not_cut_off(world: World) -> None:
    assert codes(paste(world, "1\n" * 20)) == ["site.pasted_too_long"]
    assert not ReturnDraft.objects.exists()
    assert paste(world, "1\n" * 19).status_code == 302
