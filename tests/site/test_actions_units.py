"""What changes the register of units, and what is refused: every fault at once, nothing deleted."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from answerable.site.actions import people, unit_events, units
from answerable.site.actions.unit_events import EventEntered
from answerable.site.models import UnitEvent, UnitIdentity, UnitVersion
from answerable.site.reads.programmes import get_in_force
from answerable.site.reads.snapshot import get_snapshot
from answerable.site.reads.units import (
    Follower,
    get_unit,
    list_changes,
    list_identities,
    list_registrations,
    list_units,
)
from answerable.values import Period, Text
from tests.door import refused
from tests.world import FORM, World

DAY = date(2026, 1, 5)
NEW = Text(zh="东喆堃社区𠮷", en="East Village 🌿")


def event(kind: Any, *named: str, **changed: Any) -> EventEntered:
    entered = {"on_day": DAY, "basis": "批复〔2026〕1号", "units": named, **changed}
    if "followers" in entered:
        entered["followers"] = [Follower(*one) for one in entered["followers"]]
    return EventEntered(kind, **entered)


def record(world: World, *args: Any, **changed: Any) -> str:
    return unit_events.record(by=world.people.office, event=event(*args, **changed), reason="Decided so.").number


def undo(world: World, number: str) -> str:
    return unit_events.undo(by=world.people.office, event=number, reason="Entered by mistake.").number


def fresh(code: str, **changed: Any) -> units.UnitEntered:
    return units.UnitEntered(code, **{"name": NEW, "kind": "community", "forms": [FORM], **changed})


def register(day: date = date.max) -> dict[str, tuple[Any, ...]]:
    return {one.code: (one.name, one.parent, one.opened, one.closed) for one in list_units(day)}


def test_a_renamed_unit_bears_its_name_from_the_day_on(world: World) -> None:
    assert record(world, "renamed", "C01", name=NEW) == "2026-U1"
    before, after = get_unit("C01", date(2026, 1, 4)), get_unit("C01", DAY)
    assert before and before.name.en == "East One Community"
    assert after and after.name == NEW and after.forms == (FORM,)
    assert [one.valid_from for one in list_registrations("C01")] == [date(2025, 1, 1), DAY]


def test_a_merger_closes_the_units_and_what_stood_below_them_follows(world: World) -> None:
    record(world, "founded", opened=[fresh("X1", parent="C02")], on_day=date(2026, 1, 2))
    record(world, "merged", "C01", "C02", followers=[("C03",)], opened=[fresh("C03")])
    found = register()
    assert found["C01"][3] == DAY and found["C02"][3] == DAY
    assert found["C03"][2:] == (DAY, None)
    assert found["X1"][1] == "C03"


def test_a_unit_that_takes_in_another_stays_open(world: World) -> None:
    record(world, "merged", "C01", "C02", followers=[("C01",)])
    found = register()
    assert found["C01"][3] is None and found["C02"][3] == DAY


def test_a_split_opens_new_units_with_their_shares(world: World) -> None:
    opened = [fresh("C11"), fresh("C12")]
    record(world, "split", "C01", followers=[("C11", 3), ("C12", 2)], opened=opened)
    assert [(one.unit, one.share) for one in list_changes()[0].after] == [("C11", 3), ("C12", 2)]
    assert register()["C01"][3] == DAY


def test_a_dissolved_unit_names_who_follows_it_or_says_that_nobody_does(world: World) -> None:
    with refused("register.nobody_follows"):
        record(world, "dissolved", "E01")
    record(world, "dissolved", "E01", nobody_follows=True)
    record(world, "reopened", "E01", on_day=date(2026, 1, 9))
    record(world, "dissolved", "E01", followers=[("D01",)], on_day=date(2026, 1, 12))
    assert register()["E01"][3] == date(2026, 1, 12)
    assert register(date(2026, 1, 10))["E01"][3] is None


def test_a_moved_unit_never_stands_below_itself(world: World) -> None:
    record(world, "moved", "C01", parent="C02")
    with refused("register.cycle"):
        record(world, "moved", "C02", parent="C01")
    with refused("site.unit_parent_unknown"):
        record(world, "moved", "D01", parent="Z9")


def test_every_fault_of_an_event_is_named_at_once(world: World) -> None:
    with refused("register.basis_missing", "register.unknown", "register.merge_needs_two", "register.merge_needs_one"):
        record(world, "merged", "Z9", basis=" ")
    with refused("register.named_twice", "register.share", "register.unknown"):
        record(world, "split", "C01", followers=[("Z1", 0), ("Z1", 2)])
    with refused("register.split_needs_two"):
        record(world, "split", "C01", followers=[("C02",)])
    with refused("register.name_missing", "register.needs_one"):
        record(world, "renamed", name=Text(zh="长" * 121, en="x"))
    with refused("register.needs_new"):
        record(world, "founded")
    taken = [fresh("C01"), fresh(" C9"), fresh("C8", name=Text(zh="长" * 121, en="x"), kind="castle")]
    with refused("register.known_already", "site.unit_code_unfit", "register.name_missing", "site.unit_kind_unknown"):
        record(world, "founded", opened=taken)
    assert not UnitEvent.objects.exists()


def test_an_event_fits_into_the_days_of_its_units(world: World) -> None:
    with refused("register.not_closed"):
        record(world, "reopened", "C01")
    with refused("register.unknown"):
        record(world, "renamed", "C01", name=NEW, on_day=date(2024, 12, 31))
    record(world, "founded", opened=[fresh("X1")])
    units.register(by=world.people.office, units=[fresh("X2", opened=date(2026, 3, 1))], valid_from=date(2026, 1, 1))
    with refused("register.not_open_yet"):
        record(world, "renamed", "X2", name=NEW)
    record(world, "dissolved", "X1", nobody_follows=True, on_day=date(2026, 1, 8))
    with refused("register.changed_later"):
        record(world, "renamed", "X1", name=NEW, on_day=date(2026, 1, 6))
    with refused("register.closed"):
        record(world, "renamed", "X1", name=NEW, on_day=date(2026, 1, 9))


def test_an_undone_event_leaves_the_register_as_it_was_and_can_be_entered_again(world: World) -> None:
    before = register()
    number = record(world, "merged", "C01", "C02", followers=[("C01",)])
    made = register()
    undoing = undo(world, number)
    assert register() == before
    assert [(one.number, one.undone_by) for one in list_changes()] == [(number, undoing), (undoing, "")]
    undo(world, undoing)
    assert register() == made
    undo(world, list_changes()[-1].number)
    record(world, "merged", "C01", "C02", followers=[("C02",)])
    assert register()["C01"][3] == DAY and register()["C02"][3] is None
    assert UnitVersion.objects.count() == 4, "nothing that was entered is touched"


def test_what_later_events_rest_on_is_not_undone(world: World) -> None:
    first = record(world, "moved", "C01", parent="C02")
    second = record(world, "renamed", "C01", name=NEW)
    with refused("register.event_built_on"):
        undo(world, first)
    undo(world, second)
    undo(world, first)
    with refused("register.event_undone"):
        undo(world, first)
    with refused("register.event_unknown"):
        undo(world, "2026-U99")


def test_an_undoing_never_ties_the_tree_into_a_ring(world: World) -> None:
    record(world, "moved", "C01", parent="C02", on_day=date(2026, 1, 2))
    freed = record(world, "moved", "C01", parent="", on_day=date(2026, 1, 3))
    record(world, "moved", "C02", parent="C01", on_day=date(2026, 1, 4))
    with refused("register.event_built_on"):
        undo(world, freed)


def test_a_founded_unit_that_has_acted_is_not_undone(world: World) -> None:
    number = record(world, "founded", opened=[fresh("X1")])
    office = world.people.office
    people.appoint(by=office, username="without-post", post="specialist", unit="X1", from_day=DAY)
    with refused("register.event_used"):
        undo(world, number)


def test_scores_are_computed_on_the_register_as_events_left_it(world: World) -> None:
    programme, year = get_in_force(2026), Period.of_year(2026)
    assert programme

    def names(entry: int | None = None) -> set[object]:
        return {row["name_en"] for row in get_snapshot(programme, year, entry).tables["units"].rows()}

    number = record(world, "renamed", "C01", name=NEW)
    made = get_snapshot(programme, year).entry_index
    assert NEW.en in names()
    undo(world, number)
    assert NEW.en not in names() and "East One Community" in names()
    assert NEW.en in names(made), "as of then it held"


def test_only_the_office_changes_the_register_and_says_why(world: World) -> None:
    for person in (world.people.leader, world.people.leading_group, world.people.stranger):
        with pytest.raises(PermissionDenied):
            unit_events.record(by=person, event=event("renamed", "C01", name=NEW), reason="So.")
    with refused("site.reason_missing"):
        unit_events.record(by=world.people.office, event=event("renamed", "C01", name=NEW), reason=" ")


def test_codes_hold_from_a_day_on_and_the_last_turn_of_a_day_counts(world: World) -> None:
    office, first = world.people.office, date(2025, 1, 1)
    units.identify(by=office, codes=[units.Codes("C01", "110101001001", "91110000600037341L")], valid_from=first)
    units.identify(by=office, codes=[units.Codes("C01", "110101001002")], valid_from=first)
    units.identify(by=office, codes=[units.Codes("C01", "110101001003", contact_post="办公室")], valid_from=DAY)
    assert list_identities(date(2026, 1, 4))["C01"].division_code == "110101001002"
    assert list_identities(DAY)["C01"].contact_post == "办公室"
    assert UnitIdentity.objects.count() == 3


def test_every_fault_of_codes_is_named_at_once(world: World) -> None:
    wrong = [
        units.Codes("Z9"),
        units.Codes("C01", "1101", "91110000600037341K", "x" * 121),
        units.Codes("C02", credit_code="911"),
        units.Codes("C02", credit_code="9I110000600037341L"),
    ]
    with refused(
        "site.unit_twice",
        "register.unknown",
        "register.division_code",
        "register.credit_code_check",
        "register.contact_long",
        "register.credit_code_length",
        "register.credit_code_letter",
    ):
        units.identify(by=world.people.office, codes=wrong, valid_from=DAY)
    with refused("site.units_none"):
        units.identify(by=world.people.office, codes=[], valid_from=DAY)
