"""Units, people and agreements: what is entered at the start of a year."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from answerable.site import clock
from answerable.site.actions import agreements, people, units
from answerable.site.models import AgreementVersion, Person, UnitVersion
from answerable.site.reads.agreements import get_agreement, get_agreement_of
from answerable.site.reads.posts import get_holder, list_appointed
from answerable.site.reads.programmes import get_in_force
from answerable.site.reads.units import get_unit, list_units
from answerable.values import Text
from tests.door import refused
from tests.world import FORM, PROGRAMME, World, publish

SOURCE = PROGRAMME.read_text("utf-8")


def unit(code: str, **changed: Any) -> units.UnitEntered:
    entered = {"name": Text(zh="某单位", en="A unit"), "kind": "community", "forms": [FORM], **changed}
    return units.UnitEntered(code, **entered)


def publish_again(world: World, source: str) -> None:
    """The next version of the programme, otherwise as the text says."""
    publish(source.replace('version: "2025.1"', 'version: "2025.2"'), world.people.office, world.people.second_office)


def test_every_fault_of_a_register_is_named_at_once(world: World) -> None:
    entered = [
        unit("C03"),
        unit("C03"),
        unit(" C04"),
        unit("C05", kind="castle"),
        unit("C06", parent="Z99"),
        unit("C07", forms=["weekly"]),
        unit("C08", opened=date(2025, 2, 1), closed=date(2025, 1, 1)),
    ]
    with refused(
        "site.unit_twice",
        "site.unit_code_unfit",
        "site.unit_kind_unknown",
        "site.unit_parent_unknown",
        "site.unknown_form",
        "site.unit_closed_early",
    ):
        units.register(by=world.people.office, units=entered, valid_from=date(2026, 1, 1))
    with refused("site.units_none"):
        units.register(by=world.people.office, units=[], valid_from=date(2026, 1, 1))


def test_no_unit_is_entered_above_itself_however_long_the_way_round(world: World) -> None:
    ring = [unit("R1", parent="R2"), unit("R2", parent="R3"), unit("R3", parent="R1"), unit("R4", parent="R1")]
    office, day = world.people.office, date(2026, 1, 1)
    with refused("register.cycle", "register.cycle", "register.cycle"):
        units.register(by=office, units=ring, valid_from=day)
    chain = [unit("R1"), unit("R2", parent="R1"), unit("R3", parent="R2")]
    units.register(by=office, units=chain, valid_from=day)
    with refused("register.cycle"):
        units.register(by=office, units=[unit("R1", parent="R3")], valid_from=date(2026, 1, 2))


def test_a_unit_that_changed_is_otherwise_only_from_that_day_on(world: World) -> None:
    renamed = unit("C01", name=Text(zh="新东一社区", en="New East One"))
    units.register(by=world.people.office, units=[renamed], valid_from=date(2026, 1, 10))
    before, after = get_unit("C01", date(2026, 1, 9)), get_unit("C01", date(2026, 1, 10))
    assert before and before.name.en == "East One Community"
    assert after and after.name.en == "New East One"
    assert UnitVersion.objects.filter(unit_code="C01").count() == 2
    with refused("site.unit_registered"):
        units.register(by=world.people.office, units=[renamed], valid_from=date(2026, 1, 10))


def test_the_register_is_in_order_of_code(world: World) -> None:
    assert [one.code for one in list_units()] == ["C01", "C02", "D01", "E01"]
    assert list_units(date(2024, 12, 31)) == ()


def test_an_appointment_gives_its_post_from_its_day_on(world: World) -> None:
    office, newcomer = world.people.office, world.people.without_post
    people.appoint(by=office, username="without-post", post="specialist", unit="E01", from_day=date(2026, 1, 21))
    assert get_holder(newcomer).posts == ()
    with clock.at(datetime(2026, 1, 21, 9)):
        assert get_holder(newcomer).units == ("E01",)
        appointed = [one.username for one in list_appointed("specialist", "E01")]
        assert appointed == ["specialist-e01", "without-post"]


def test_every_fault_of_an_appointment_is_named(world: World) -> None:
    office, day = world.people.office, date(2026, 1, 1)
    with refused("site.person_unknown", "site.post_needs_unit"):
        people.appoint(by=office, username="nobody", post="leader", from_day=day)
    with refused("site.unknown_unit", "site.days_reversed"):
        people.appoint(
            by=office, username="office", post="leader", unit="X99", from_day=day, until_day=date(2025, 1, 1)
        )
    with refused("site.post_of_district"):
        people.appoint(by=office, username="office", post="inspector", unit="C01", from_day=day)
    with refused("site.appointed_already"):
        people.appoint(by=office, username="office", post="office", from_day=date(2025, 1, 1))


def test_accounts_are_opened_by_the_office_under_fit_names(world: World) -> None:
    with refused("site.username_unfit"):
        people.open_account(by=world.people.office, username="Zhang San", display_name="?", password=None)
    with refused("site.username_taken"):
        people.open_account(by=world.people.office, username="office", display_name="?", password=None)
    with pytest.raises(PermissionDenied):
        people.open_account(by=world.people.leader, username="helper", display_name="?", password=None)


def test_an_account_without_a_password_cannot_sign_in(world: World) -> None:
    assert not Person.objects.get(username="leader-c01").has_usable_password()


def test_an_agreement_says_what_the_programme_says(world: World) -> None:
    agreement, programme = get_agreement(world["agreement C01"]), get_in_force(2025)
    assert agreement and programme
    assert agreement.text["programme"]["digest"] == agreement.programme_digest == programme.digest
    assert agreement.text["unit"]["name"] == {"zh": "东一社区", "en": "East One Community"}
    told = [item["id"] for part in agreement.text["parts"] for item in part["items"]]
    assert told == [item.id for item in programme.tree.items()]
    assert agreement.text["sign_by"] == "2025-01-31"


def test_an_agreement_is_issued_again_only_after_the_programme_changed(world: World) -> None:
    with refused("site.agreement_issued"):
        agreements.issue(by=world.people.office, unit="C01", year=2025)
    publish_again(world, SOURCE)
    number = agreements.issue(by=world.people.office, unit="C01", year=2025).number
    assert number == "2025-C01-2"
    assert AgreementVersion.objects.filter(unit_code="C01").count() == 2
    with refused("site.agreement_superseded", "site.agreement_signed"):
        agreements.sign(by=world.people.leader, agreement=world["agreement C01"], side="unit")


def test_an_agreement_needs_a_programme_and_a_unit(world: World) -> None:
    with refused("site.no_programme", "site.unknown_unit"):
        agreements.issue(by=world.people.office, unit="X99", year=2031)


def test_each_side_signs_once_and_for_itself(world: World) -> None:
    number, leader = world["agreement E01"], world.people.of_unit("E01", "leader")
    with pytest.raises(PermissionDenied):
        agreements.sign(by=leader, agreement=number, side="office")
    with pytest.raises(PermissionDenied):
        agreements.sign(by=world.people.office, agreement=number, side="unit")
    with pytest.raises(PermissionDenied):
        agreements.sign(by=world.people.leader, agreement=number, side="unit")
    agreements.sign(by=leader, agreement=number, side="unit")
    with refused("site.agreement_signed"):
        agreements.sign(by=leader, agreement=number, side="unit")
    agreements.sign(by=world.people.office, agreement=number, side="office")
    signed = get_agreement_of("E01", 2025)
    assert signed and signed.is_signed


def test_one_person_does_not_sign_for_both_sides(world: World) -> None:
    people.appoint(by=world.people.office, username="office", post="leader", unit="E01", from_day=date(2026, 1, 1))
    agreements.sign(by=world.people.office, agreement=world["agreement E01"], side="unit")
    with refused("site.same_person"):
        agreements.sign(by=world.people.office, agreement=world["agreement E01"], side="office")


def test_an_agreement_nobody_knows_is_refused(world: World) -> None:
    with refused("site.unknown_agreement"):
        agreements.sign(by=world.people.office, agreement="2025-X99-1", side="office")


def test_a_unit_the_programme_does_not_assess_gets_no_agreement(world: World) -> None:
    source = SOURCE.replace("assess: [community, department, institution, enterprise]", "assess: [community]")
    publish_again(world, source)
    with refused("site.unit_not_assessed"):
        agreements.issue(by=world.people.office, unit="D01", year=2025)
