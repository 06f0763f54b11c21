"""The one door for writes: nothing gets in beside it, nothing half-written gets out of it."""

from __future__ import annotations

import importlib
import inspect
import json
import logging
import pkgutil
from datetime import date, datetime, timedelta
from types import ModuleType
from typing import Any, get_args

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from answerable.ledger.entry import KINDS, StoredEntry
from answerable.ledger.holdings import HOLDINGS
from answerable.ledger.verify import verify
from answerable.site import actions, clock
from answerable.site.actions import corrections, people, returns, units
from answerable.site.models import Correction, CorrectionStep, Entry, Person, ReturnVersion, UnitVersion
from answerable.site.permissions import PERMISSIONS, UNIT_POSTS, Holder, Permission, Post, PostHeld, Subject
from answerable.values import Text
from answerable.values.issue import Refused
from tests.door import OutsideTheDoor
from tests.world import FORM, NOW, World, values

MODULES: list[ModuleType] = [
    importlib.import_module(f"answerable.site.actions.{module.name}")
    for module in pkgutil.iter_modules(actions.__path__)
]


def last_entry() -> dict[str, Any]:
    body: dict[str, Any] = json.loads(Entry.objects.order_by("-idx")[0].body)
    return body


def test_every_public_function_that_takes_by_is_an_action_behind_the_door() -> None:
    for module in MODULES:
        noun = module.__name__.rpartition(".")[2]
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                takes_by = "by" in inspect.signature(function).parameters
                assert takes_by == (f"{noun}.{name}" in actions.registered), f"{noun}.{name}"


def test_an_action_takes_keywords_only_and_by_first() -> None:
    assert len(actions.registered) > 20
    for module in MODULES:
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if f"{module.__name__.rpartition('.')[2]}.{name}" in actions.registered:
                parameters = list(inspect.signature(function).parameters.values())
                assert parameters[0].name == "by"
                assert {one.kind for one in parameters} == {inspect.Parameter.KEYWORD_ONLY}


def test_every_kind_of_entry_has_an_action_that_makes_it() -> None:
    assert {known.kind for known in actions.registered.values() if known.kind} == set(KINDS)


def test_only_drafts_and_accounts_are_written_without_an_entry() -> None:
    without = {name for name, known in actions.registered.items() if known.kind is None}
    assert without == {"returns.save_draft", "people.open_account"}


def test_every_permission_is_one_an_action_or_a_read_asks_for_and_has_a_post() -> None:
    assert set(PERMISSIONS) == set(get_args(Permission))
    assert {post for rule in PERMISSIONS.values() for post in rule.posts} == set(get_args(Post))
    asked = {known.permission for known in actions.registered.values() if isinstance(known.permission, str)}
    signed = {"agreements.sign_for_unit", "agreements.sign_for_office"}
    writes = {name for name in PERMISSIONS if not name.endswith(".read")}
    assert writes == asked | signed


def test_the_guard_of_these_tests_sees_a_write_beside_the_door(world: World) -> None:
    office = world.people.office
    with pytest.raises(OutsideTheDoor), transaction.atomic():
        Correction.objects.create(
            number="x", unit_code="C01", problem="?", due_on=date(2026, 2, 1), opened_by="x", opened_at=clock.now()
        )
    with pytest.raises(OutsideTheDoor), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM answerable_entry WHERE idx = 0")
    office.display_name = "Renamed"
    office.save()


def test_an_entry_says_who_acted_in_which_post_why_and_for_which_rows(world: World) -> None:
    receipt = returns.revise(
        by=world.people.specialist,
        unit="C01",
        form=FORM,
        period="2025-05",
        values=values(requests=41),
        reason=" A slip of the pen. ",
    )
    entry = last_entry()
    assert entry["idx"] == receipt.entry
    assert (entry["by"], entry["post"], entry["kind"]) == ("specialist-c01", "specialist", "return.revised")
    assert entry["reason"] == "A slip of the pen."
    assert [row["key"] for row in entry["rows"]] == [["C01", FORM, "2025-05", 2]]
    assert entry["at"] == "2026-01-20T01:00:00Z"


def test_rows_and_entry_of_one_action_bear_one_moment(world: World) -> None:
    with clock.at(NOW + timedelta(days=1)):
        receipt = returns.revise(
            by=world.people.specialist, unit="C01", form=FORM, period="2025-05", values=values(requests=41), reason="!"
        )
    row = ReturnVersion.objects.get(unit_code="C01", period="2025-05", version=2)
    assert row.received_at == receipt.moment == Entry.objects.order_by("-idx")[0].received_at


def test_a_stranger_a_person_without_a_post_and_a_closed_account_may_do_nothing(world: World) -> None:
    gone = world.people.specialist
    Person.objects.filter(pk=gone.pk).update(is_active=False)
    closed = Person.objects.get(pk=gone.pk)
    for person in (world.people.stranger, world.people.without_post, closed):
        with pytest.raises(PermissionDenied):
            returns.save_draft(by=person, unit="C01", form=FORM, period="2025-12", values={}, states={})


def test_a_post_that_has_ended_gives_no_permission(world: World) -> None:
    office, first = world.people.office, date(2025, 1, 1)
    people.appoint(
        by=office,
        username="specialist-c01",
        post="specialist",
        unit="C01",
        from_day=first,
        until_day=date(2026, 1, 19),
    )
    with pytest.raises(PermissionDenied):
        returns.save_draft(by=world.people.specialist, unit="C01", form=FORM, period="2025-12", values={}, states={})


def test_a_specialist_may_not_file_for_another_unit(world: World) -> None:
    with pytest.raises(PermissionDenied):
        returns.submit(by=world.people.specialist, unit="E01", form=FORM, period="2025-12", values=values())
    assert not ReturnVersion.objects.filter(unit_code="E01").exists()


def test_an_inspector_reaches_only_visits_assigned_to_him() -> None:
    holder = Holder("inspector", "Inspector", (PostHeld("inspector"),))
    assert holder.may("visits.record", Subject("C01", "inspector"))
    assert not holder.may("visits.record", Subject("C01", "inspector-2"))
    assert not holder.may("visits.record", Subject("C01"))
    assert not holder.may("findings.raise", Subject("C01"))


@pytest.mark.parametrize("post", UNIT_POSTS)
def test_a_post_of_a_unit_reaches_that_unit_only(post: Post) -> None:
    holder = Holder("one", "One", (PostHeld(post, "C01"),))
    assert holder.may("returns.read", Subject("C01"))
    assert not holder.may("returns.read", Subject("C02"))
    assert not holder.may("returns.read", Subject())


@pytest.mark.parametrize("reason", ["", "  "])
def test_what_needs_a_reason_is_refused_without_one(world: World, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        corrections.send_back(by=world.people.second_office, correction=world["correction C02"], reason=reason)
    assert [issue.code for issue in refused.value.issues] == ["site.reason_missing"]


def test_a_refused_action_leaves_nothing(world: World) -> None:
    before = (Entry.objects.count(), UnitVersion.objects.count())
    good = units.UnitEntered("C03", Text(zh="东三", en="East Three"), "community", [FORM])
    bad = units.UnitEntered("C04", Text(zh="东四", en="East Four"), "castle", [FORM])
    with pytest.raises(Refused):
        units.register(by=world.people.office, units=[good, bad], valid_from=date(2026, 1, 1))
    assert (Entry.objects.count(), UnitVersion.objects.count()) == before


def test_a_row_without_its_entry_is_rolled_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("no salt")

    monkeypatch.setattr(actions, "seal", fails)
    with pytest.raises(RuntimeError), transaction.atomic():
        corrections.close(by=world.people.second_office, correction=world["correction C02"])
    monkeypatch.undo()
    assert CorrectionStep.objects.filter(correction__number=world["correction C02"], step="closed").count() == 0


def test_notice_is_given_only_after_the_entry_is_kept(
    world: World, caplog: pytest.LogCaptureFixture, django_capture_on_commit_callbacks: Any
) -> None:
    caplog.set_level(logging.INFO, logger="answerable.ledger")
    with django_capture_on_commit_callbacks(execute=False) as waiting:
        corrections.close(by=world.people.second_office, correction=world["correction C02"])
        assert not caplog.records
    for callback in waiting:
        callback()
    assert "corrections.close by office-2" in caplog.text


def test_the_ledger_of_the_world_is_sound(world: World) -> None:
    stored = [StoredEntry(**row) for row in _raw("answerable_entry")]
    rows = {holding.name: _raw(holding.table) for holding in HOLDINGS}
    report = verify(stored, rows)
    assert report.entries == Entry.objects.count() > 70
    assert report.issues == ()


def test_entries_are_numbered_from_0_without_a_gap(world: World) -> None:
    assert list(Entry.objects.order_by("idx").values_list("idx", flat=True)) == list(range(Entry.objects.count()))


def test_the_first_account_is_made_only_once(world: World) -> None:
    with pytest.raises(PermissionDenied):
        people.found(
            by=AnonymousUser(), username="another", display_name="Another", password=None, from_day=date(2026, 1, 1)
        )


def test_a_demonstration_started_again_never_sets_its_ledger_back(world: World, settings: LazySettings) -> None:
    settings.DEMO_NOW = "2026-01-20T09:00:00"
    with clock.at(datetime(2025, 6, 1)):
        receipt = corrections.close(by=world.people.second_office, correction=world["correction C02"])
    assert receipt.moment >= Entry.objects.order_by("-idx")[1].received_at


def test_a_demonstration_lives_at_its_moment_and_flows_on(settings: LazySettings) -> None:
    settings.DEMO_NOW = "2026-01-20T09:00:00"
    clock._shift.cache_clear()
    try:
        assert datetime.fromisoformat("2026-01-20T09:00:00+08:00") <= clock.now()
        assert clock.now() < datetime.fromisoformat("2026-01-20T09:01:00+08:00")
    finally:
        clock._shift.cache_clear()


def _raw(table: str) -> list[dict[str, Any]]:
    """The rows as the database holds them, dates as text on either database."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")
        names = [column[0] for column in cursor.description]
        rows = [[cell.isoformat() if isinstance(cell, date) else cell for cell in row] for row in cursor.fetchall()]
    return [dict(zip(names, row, strict=True)) for row in rows]
