"""The tables: what `ledger.holdings` declares, no more and no less; the database itself refuses to change a row."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, models, transaction

from answerable.ledger.entry import ENTRY_COLUMNS, ENTRY_TABLE
from answerable.ledger.holdings import HOLDINGS, Holding, row_digest
from answerable.site import models as tables
from answerable.site.actions import grades, notices, unit_events, units
from answerable.site.models import Appointment, Entry, Fact, Person, ReturnVersion, UnitVersion, Visit
from answerable.site.models.moments import MomentField
from answerable.values import Text
from tests.door import beneath_the_guard
from tests.people import everyone
from tests.world import World

FACTS = {model._meta.db_table: model for model in apps.get_models() if issubclass(model, Fact)}

TYPES: dict[str, tuple[type[Any], ...]] = {
    "text": (models.CharField, models.TextField),
    "json": (models.TextField,),
    "integer": (models.IntegerField,),
    "flag": (models.BooleanField,),
    "date": (models.DateField,),
    "time": (MomentField,),
    "reference": (models.ForeignKey,),
}


def test_every_holding_is_a_table_of_facts_and_every_table_of_facts_a_holding() -> None:
    assert {holding.table for holding in HOLDINGS} == set(FACTS)


@pytest.mark.parametrize("holding", HOLDINGS, ids=lambda holding: holding.name)
def test_a_table_has_the_columns_its_holding_declares(holding: Holding) -> None:
    fields = {field.column: field for field in FACTS[holding.table]._meta.concrete_fields}
    assert tuple(fields) == holding.header
    for column in holding.columns:
        field = fields[column.name]
        assert isinstance(field, TYPES[column.type]), column
        assert field.null == column.nullable, column


@pytest.mark.parametrize("holding", HOLDINGS, ids=lambda holding: holding.name)
def test_the_natural_key_of_a_holding_is_unique_in_the_database(holding: Holding) -> None:
    model = FACTS[holding.table]
    constraints = [one for one in model._meta.constraints if isinstance(one, models.UniqueConstraint)]
    unique = {tuple(one.fields) for one in constraints}
    unique |= {(field.name,) for field in model._meta.concrete_fields if field.unique}
    assert holding.key in unique


def test_a_reference_points_to_the_holding_it_declares() -> None:
    references = [(holding, column) for holding in HOLDINGS for column in holding.columns if column.refers]
    assert references
    for holding, column in references:
        field = FACTS[holding.table]._meta.get_field(column.name)
        assert field.related_model._meta.db_table == f"answerable_{column.refers}"  # type: ignore[union-attr]


def test_the_ledger_has_the_columns_verify_reads() -> None:
    assert Entry._meta.db_table == ENTRY_TABLE
    assert tuple(field.column for field in Entry._meta.concrete_fields) == ENTRY_COLUMNS


@pytest.mark.parametrize("table", [*sorted(FACTS), ENTRY_TABLE])
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE"])
def test_the_database_refuses_to_change_or_delete_a_fact(world: World, table: str, verb: str) -> None:
    model = FACTS.get(table, Entry)
    if not model._default_manager.exists():
        publish_a_bulletin()
        change_a_unit()
    assert model._default_manager.exists()
    key = model._meta.pk.column
    sql = f"UPDATE {table} SET {key} = {key}" if verb == "UPDATE" else f"DELETE FROM {table}"
    assert_refused_as_append_only(sql)


@pytest.mark.only_on("sqlite")
def test_the_database_refuses_to_replace_a_fact(world: World) -> None:
    sql = (
        "INSERT OR REPLACE INTO answerable_programme_version SELECT id, code, version, 'other', digest, published_at "
        "FROM answerable_programme_version"
    )
    assert_refused_as_append_only(sql)


def test_a_row_has_one_digest_in_python_and_in_the_raw_table(world: World) -> None:
    for holding in HOLDINGS:
        row = FACTS[holding.table]._default_manager.order_by("-pk").first()
        if row is None:
            continue
        of_row = {str(field.column): getattr(row, field.attname) for field in row._meta.concrete_fields}
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {holding.table} WHERE id = %s", [row.pk])
            names = [column[0] for column in cursor.description]
            raw = dict(zip(names, cursor.fetchone(), strict=True))
        assert row_digest(holding, raw) == row_digest(holding, of_row), holding.name


def test_every_row_stands_in_exactly_one_entry(world: World) -> None:
    named: list[tuple[str, str]] = []
    for body in Entry.objects.values_list("body", flat=True):
        named += [(row["table"], row["digest"]) for row in json.loads(body)["rows"]]
    held = []
    for holding in HOLDINGS:
        for row in FACTS[holding.table]._default_manager.values(*holding.header):
            held.append((holding.table, row_digest(holding, row)))
    assert sorted(named) == sorted(held)


def test_staff_accounts_hold_a_user_name_and_a_name_and_nothing_else_about_a_person() -> None:
    columns = {field.name for field in Person._meta.concrete_fields}
    assert columns == {"id", "username", "display_name", "password", "last_login", "is_active"}


def test_a_post_of_a_unit_needs_its_unit_and_a_post_of_the_district_has_none(world: World) -> None:
    for post, unit in (("specialist", ""), ("office", "C01"), ("mayor", "")):
        with pytest.raises(IntegrityError), transaction.atomic():
            insert(Appointment(post=post, unit_code=unit, username="office", from_day=date(2025, 3, 1)))


def test_a_revision_without_a_reason_is_refused_by_the_database(world: World) -> None:
    last = ReturnVersion.objects.filter(unit_code="C01").order_by("-id")[0]
    last.pk, last.version, last.reason = None, 2, ""
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(last)


def test_a_visit_that_was_drawn_names_its_draw(world: World) -> None:
    visit = Visit(
        number="2025-V9", unit_code="C01", year=2025, reason="drawn", inspector="inspector", planned_on=date(2025, 9, 1)
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(visit)


def test_a_unit_is_registered_once_for_a_day(world: World) -> None:
    row = UnitVersion.objects.filter(unit_code="C01")[0]
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(row)


def insert(row: models.Model) -> None:
    with beneath_the_guard():
        row.save(force_insert=True)


def assert_refused_as_append_only(sql: str) -> None:
    refused = pytest.raises(DatabaseError, match="append-only")
    with refused, transaction.atomic(), beneath_the_guard(), connection.cursor() as cursor:
        cursor.execute(sql)


def publish_a_bulletin() -> None:
    people = everyone()
    run = grades.run(by=people.office, year=2025).number
    grades.confirm(by=people.leading_group, run=run, reason="Read and found right.")
    notices.publish(by=people.office, run=run, title=Text(zh="通报", en="Bulletin"))


def change_a_unit() -> None:
    office = everyone().office
    units.identify(by=office, codes=[units.Codes("C01", "110101001001")], valid_from=date(2025, 1, 1))
    event = unit_events.EventEntered(
        "renamed", date(2026, 1, 5), "Letter 7", ["C01"], name=Text(zh="东村社区", en="East Village")
    )
    unit_events.record(by=office, event=event, reason="The people asked for it.")


def test_every_model_is_listed_at_the_front_of_its_room() -> None:
    models_here = {model.__name__ for model in apps.get_app_config("answerable").get_models()}
    assert set(tables.__all__) - {"Fact"} == models_here


def test_the_page_about_the_database_names_every_table_and_no_other() -> None:
    page = Path(__file__).resolve().parents[2] / "docs/database.md"
    named = set(re.findall(r"^\| `(answerable_\w+)`", page.read_text("utf-8"), re.MULTILINE))
    assert named == {model._meta.db_table for model in apps.get_app_config("answerable").get_models()}
