"""Who holds which post of a unit, and how long it was vacant, counted from dates; names are for those who need them."""

from __future__ import annotations

from datetime import date, datetime

from django.db import connection
from django.test.utils import CaptureQueriesContext

from answerable.site import clock
from answerable.site.actions import people, returns, unit_events, units
from answerable.site.models import Entry, Person
from answerable.site.reads.vacancies import UnitPost, list_unit_posts
from answerable.values import Text
from tests.pages import browser, refuses, renders_in_both_languages, who_sees, words
from tests.world import FORM, World, typed


def appoint(world: World, username: str, first: date, last: date | None = None, unit: str = "C01") -> None:
    people.appoint(
        by=world.people.office, username=username, post="specialist", unit=unit, from_day=first, until_day=last
    )


def leave_ten_days(world: World) -> None:
    """The specialist of C01 goes at the end of June; another comes on 11 July."""
    appoint(world, "specialist-c01", date(2025, 1, 1), date(2025, 6, 30))
    appoint(world, "without-post", date(2025, 7, 11))


def specialist(day: date, unit: str = "C01") -> UnitPost:
    return next(one for one in list_unit_posts(day) if (one.unit.code, one.post) == (unit, "specialist"))


def test_a_post_is_vacant_between_two_appointments(world: World) -> None:
    leave_ten_days(world)
    between = specialist(date(2025, 7, 4))
    assert (between.vacant_since, between.vacant, between.counted) == (date(2025, 7, 1), 4, 185)
    after = specialist(date(2025, 12, 31))
    assert [one.username for one in after.holders] == ["without-post"]
    assert (after.vacant_since, after.vacant, after.counted) == (None, 10, 365)
    assert specialist(date(2026, 1, 20)).vacant == 0, "each year is counted by itself"


def test_two_who_hold_a_post_at_once_count_once(world: World) -> None:
    appoint(world, "without-post", date(2025, 3, 1), date(2025, 3, 31))
    both = specialist(date(2025, 3, 15))
    assert len(both.holders) == 2 and both.vacant == 0


def test_nothing_is_counted_before_a_unit_is_there_or_after_it_closed(world: World) -> None:
    fresh = units.UnitEntered("C09", Text(zh="新社区", en="New"), "community", [FORM], opened=date(2025, 11, 1))
    units.register(by=world.people.office, units=[fresh], valid_from=date(2025, 10, 1))
    new = specialist(date(2025, 11, 10), "C09")
    assert (new.vacant_since, new.vacant, new.counted) == (date(2025, 11, 1), 10, 10)
    event = unit_events.EventEntered("dissolved", date(2026, 1, 5), "批复", ["C09"], nobody_follows=True)
    unit_events.record(by=world.people.office, event=event, reason="撤销。")
    assert "C09" not in {one.unit.code for one in list_unit_posts(date(2026, 1, 6))}
    event = unit_events.EventEntered("reopened", date(2026, 1, 15), "批复", ["C09"])
    unit_events.record(by=world.people.office, event=event, reason="恢复。")
    again = specialist(date(2026, 1, 20), "C09")
    assert (again.vacant_since, again.vacant, again.counted) == (date(2026, 1, 15), 4 + 6, 4 + 6)


def test_the_longest_vacant_stand_first_and_are_found(world: World) -> None:
    appoint(world, "specialist-e01", date(2025, 1, 1), date(2025, 1, 31), unit="E01")
    leave_ten_days(world)
    office = browser(world.people.office)
    text = words(office.get("/posts/?on=2025-12-31"))
    assert text.index("Textile Enterprise") < text.index("East One") < text.index("East Two")
    assert "since 1 February 2025" in text and "334" in text
    vacant = words(office.get("/posts/?on=2025-12-31&state=vacant"))
    assert "Textile Enterprise" in vacant and "East One" not in vacant
    assert "No post fits" in words(office.get("/posts/?unit=nowhere&on=2025-13-01"))


def test_names_of_staff_are_for_the_office_the_leading_group_and_the_unit_itself(world: World) -> None:
    assert who_sees(world, "/posts/") == {"office", "leading_group", "specialist", "leader", "other leader"}
    assert who_sees(world, "/posts/C01/") == {"office", "leading_group", "specialist", "leader"}
    own = words(browser(world.people.leader).get("/posts/"))
    assert "East One" in own and "East Two" not in own
    assert "/posts/C01/" in browser(world.people.leader).get("/units/C01/").content.decode()
    assert "/posts/C02/" not in browser(world.people.leader).get("/units/C02/").content.decode()
    assert browser(world.people.office).get("/posts/nowhere/").status_code == 404


HAND_OVER = "/posts/C01/hand-over/"


def asked(**changed: str) -> dict[str, str]:
    said = {"post": "specialist", "leaving": "specialist-c01", "username": "without-post", "from_day": "2026-01-20"}
    return {**said, "display_name": "", "password": "", "reason": "三月补报材料在柜中。", **changed}


def test_a_post_is_handed_over_in_one_step_and_rights_and_open_work_with_it(world: World) -> None:
    assert who_sees(world, HAND_OVER) == {"office"}
    office, leaving, coming = (
        browser(one) for one in (world.people.office, world.people.specialist, world.people.without_post)
    )
    draft = typed(requests="47")
    returns.save_draft(by=world.people.specialist, unit="C01", form=FORM, period="2026-01", values=draft, states={})
    assert leaving.get("/returns/").status_code == 200 and coming.get("/returns/").status_code == 403
    answer = office.post(HAND_OVER, asked(), follow=True)
    assert "of the ledger" in words(answer) and "Without a post" in words(answer)
    assert leaving.get("/returns/").status_code == 403 and coming.get("/returns/").status_code == 200
    assert 'value="47"' in coming.get(f"/returns/C01/{FORM}/2026-01/").content.decode(), "the draft goes on"
    held = specialist(date(2026, 1, 20))
    assert [one.username for one in held.holders] == ["without-post"] and held.vacant == 0
    entry = Entry.objects.order_by("-idx")[0]
    assert entry.kind == "person.appointed" and "三月补报材料在柜中" in entry.body
    assert entry.body.count('"answerable_appointment"') == 2


def test_a_newcomer_gets_an_account_and_a_post_may_fall_vacant_or_be_taken(world: World) -> None:
    office = browser(world.people.office)
    fresh = {"username": "zg-new", "display_name": "新专干", "password": "long-enough-2026"}
    assert "新专干" in words(office.post(HAND_OVER, asked(**fresh), follow=True))
    left = asked(leaving="zg-new", username="", from_day="2026-01-25")
    assert "of the ledger" in words(office.post(HAND_OVER, left, follow=True))
    assert specialist(date(2026, 1, 26)).vacant_since == date(2026, 1, 25)
    taken = asked(leaving="", from_day="2026-01-28")
    assert "of the ledger" in words(office.post(HAND_OVER, taken, follow=True))
    assert specialist(date(2026, 1, 31)).vacant == 3


def test_every_fault_of_a_hand_over_is_named_beside_its_field_and_nothing_is_kept(world: World) -> None:
    office = browser(world.people.office)
    before = Entry.objects.count(), Person.objects.count()
    early = asked(from_day="2025-01-01", username="nobody-here")
    assert refuses(office.post(HAND_OVER, early), "site.post_not_held", "site.person_unknown")
    assert refuses(office.post(HAND_OVER, asked(leaving="", username="")), "site.nobody_to_hand_over")
    assert refuses(office.post(HAND_OVER, asked(username="specialist-c01")), "site.handed_to_oneself")
    wrong_post = asked(post="leader")
    assert refuses(office.post(HAND_OVER, wrong_post), "site.post_not_held")
    weak = office.post(HAND_OVER, asked(username="zg-new", display_name="新", password="short"))
    assert weak.status_code == 200 and "三月补报材料在柜中" in words(weak)
    late = asked(leaving="leader-c01", username="zg-new", display_name="新", password="long-enough-2026")
    assert refuses(office.post(HAND_OVER, late), "site.post_not_held")
    half = asked(username="zg-new", display_name="新")
    assert refuses(office.post(HAND_OVER, half), "site.account_half")
    there = asked(display_name="新", password="long-enough-2026")
    assert refuses(office.post(HAND_OVER, there), "site.username_taken")
    assert (Entry.objects.count(), Person.objects.count()) == before
    assert office.get("/posts/nowhere/hand-over/").status_code == 404


def test_a_sign_in_name_may_be_a_number_of_the_office_and_a_note_may_not_hold_one_of_a_person(world: World) -> None:
    office, number = browser(world.people.office), "13812345678"
    fresh = {"username": number, "display_name": "新专干", "password": "long-enough-2026"}
    assert "of the ledger" in words(office.post(HAND_OVER, asked(**fresh), follow=True))
    back = asked(leaving=number, from_day="2026-01-25")
    assert refuses(office.post(HAND_OVER, {**back, "reason": f"请联系{number}。"}), "site.residents_mobile")
    assert "of the ledger" in words(office.post(HAND_OVER, back, follow=True))


def test_who_holds_the_post_already_does_not_take_it_over(world: World) -> None:
    appoint(world, "without-post", date(2025, 12, 1))
    office = browser(world.people.office)
    assert refuses(office.post(HAND_OVER, asked()), "site.appointed_already")
    assert "of the ledger" in words(office.post(HAND_OVER, asked(username=""), follow=True))
    assert specialist(date(2026, 1, 20)).vacant == 0


def test_a_term_that_ends_the_day_before_is_handed_over_without_a_further_row(world: World) -> None:
    appoint(world, "specialist-c01", date(2025, 1, 1), date(2026, 1, 19))
    with clock.at(datetime(2026, 1, 19, 9)):
        assert "of the ledger" in words(browser(world.people.office).post(HAND_OVER, asked(), follow=True))
    entry = Entry.objects.order_by("-idx")[0]
    assert entry.body.count('"answerable_appointment"') == 1
    assert specialist(date(2026, 1, 31)).vacant == 0


def test_a_unit_shows_who_held_its_posts_and_until_when(world: World) -> None:
    leave_ten_days(world)
    text = words(browser(world.people.office).get("/posts/C01/?on=2025-12-31"))
    assert "since 11 July 2025 10 365" in text and "since 1 January 2025 0 365" in text
    assert "specialist-c01" in text and "without-post" in text and "30 Jun 2025" in text
    renders_in_both_languages(
        world.people.office, ["/posts/", "/posts/C01/", HAND_OVER, "/posts/?on=2025-07-04&state=vacant"]
    )


def test_the_page_asks_as_much_of_the_database_however_many_units_there_are(world: World) -> None:
    office = browser(world.people.office)
    office.get("/posts/")
    with CaptureQueriesContext(connection) as few:
        office.get("/posts/")
    more = [units.UnitEntered(f"X{at}", Text(zh="新", en="New"), "community", [FORM]) for at in range(30)]
    units.register(by=world.people.office, units=more, valid_from=date(2026, 1, 1))
    with CaptureQueriesContext(connection) as many:
        office.get("/posts/")
    assert len(many) == len(few)
