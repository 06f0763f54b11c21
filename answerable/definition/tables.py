"""What a programme is scored on: the tables, their columns and grain, and what of them a formula may name.

`schemas` tells how tables are stored; `row_columns` tells what formulas see. Between the two each engine derives:
the rows that are *expected* (a unit, a form it must file, a month of the period) whether filed or not, and the flags
`filed`, `on_time`, `signed`, `closed` and their like.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from answerable.definition.model import Field, Form, Programme, Target
from answerable.values.table import Column, Schema

__all__ = ["CALENDAR", "FINEST", "FIXED", "STATUSES", "RowColumn", "row_columns", "schemas"]


FINEST = 6
"""Decimals of figures whose measure another table tells."""


def _schema(name: str, key: str, *columns: Column) -> Schema:
    return Schema(name, tuple(key.split()), columns)


def _text(name: str, required: bool = False) -> Column:
    return Column(name, "text", required=required)


FIXED: Mapping[str, Schema] = {
    schema.name: schema
    for schema in (
        _schema(
            "units",
            "unit",
            _text("unit", required=True),
            _text("name_zh", required=True),
            _text("name_en", required=True),
            _text("kind", required=True),
            _text("parent"),
            _text("peer_group"),
            Column("opened", "date"),
            Column("closed", "date"),
            _text("forms"),
        ),
        _schema(
            "agreements",
            "unit",
            _text("unit", required=True),
            Column("version", "integer", required=True),
            Column("issued_on", "date", required=True),
            Column("unit_signed_on", "date"),
            Column("office_signed_on", "date"),
        ),
        _schema(
            "visits",
            "visit",
            _text("visit", required=True),
            _text("unit", required=True),
            Column("visited_on", "date", required=True),
            _text("reason", required=True),
        ),
        _schema(
            "recounts",
            "visit form period field",
            _text("visit", required=True),
            _text("unit", required=True),
            _text("form", required=True),
            Column("period", "month", required=True),
            _text("field", required=True),
            Column("reported", "integer", required=True),
            Column("recounted", "integer", required=True),
        ),
        _schema(
            "findings",
            "finding",
            _text("finding", required=True),
            _text("visit"),
            _text("unit", required=True),
            _text("kind", required=True),
            Column("occurrences", "integer", required=True),
            _text("status", required=True),
            Column("found_on", "date", required=True),
        ),
        _schema(
            "corrections",
            "correction",
            _text("correction", required=True),
            _text("finding"),
            _text("unit", required=True),
            Column("due_on", "date", required=True),
            Column("closed_on", "date"),
        ),
        _schema(
            "ratings",
            "unit panel rater given_on",
            _text("unit", required=True),
            _text("panel", required=True),
            _text("rater", required=True),
            Column("score", "integer", 2, required=True),
            _text("reason", required=True),
            Column("given_on", "date", required=True),
        ),
        _schema(
            "matters",
            "unit kind matter level",
            _text("unit", required=True),
            _text("kind", required=True),
            _text("matter", required=True),
            _text("level", required=True),
            Column("decided_on", "date", required=True),
        ),
        _schema(
            "targets",
            "unit target year",
            _text("unit", required=True),
            _text("target", required=True),
            Column("year", "integer", required=True),
            Column("value", "integer", FINEST, stateful=True),
        ),
        _schema(
            "earlier",
            "unit indicator year",
            _text("unit", required=True),
            _text("indicator", required=True),
            Column("year", "integer", required=True),
            Column("value", "integer", FINEST, stateful=True),
        ),
    )
}
"""The tables that are the same for every programme; the last four only one that has a use for them reads."""


def returns_schema(form: Form) -> Schema:
    """The table of one form's returns: one row per unit, month and version; each field with its state beside it."""
    fields = [
        Column(field.id, "flag" if field.measure == "flag" else "integer", field.decimals, stateful=True)
        for field in form.fields
    ]
    return Schema(
        f"returns-{form.id}",
        ("unit", "period", "version"),
        (
            _text("unit", required=True),
            Column("period", "month", required=True),
            Column("version", "integer", required=True),
            Column("received_at", "time"),
            *fields,
        ),
    )


def schemas(programme: Programme) -> dict[str, Schema]:
    """Every table of a programme by name: `returns-FORM` for each form, and the fixed ones it has a use for."""
    used = {
        "ratings": bool(programme.panels),
        "matters": bool(programme.matters),
        "targets": bool(programme.targets),
        "earlier": programme.reads_earlier,
    }
    fixed = {name: schema for name, schema in FIXED.items() if used.get(name, True)}
    return {**fixed, **{f"returns-{form.id}": returns_schema(form) for form in programme.forms}}


@dataclass(frozen=True)
class RowColumn:
    """A column as a formula sees it: what it measures, and whether a cell of it can be absent."""

    measure: Literal["count", "money", "days", "quantity", "share", "points", "number", "flag", "text"]
    decimals: int = 0
    can_be_absent: bool = False
    words: tuple[str, ...] | None = None
    """The words a cell may hold, where a programme names them all."""


STATUSES = ("proposed", "confirmed", "withdrawn")
"""What a finding can be."""

CALENDAR = ("month", "quarter")
"""What every expected row of a form knows of its month, filed or not."""

_TEXT = RowColumn("text")
_FLAG = RowColumn("flag")

_ROWS: Mapping[str, Mapping[str, RowColumn]] = {
    "agreements": {"signed": _FLAG, "signed_on_time": _FLAG},
    "visits": {"reason": _TEXT},
    "recounts": {"form": _TEXT, "field": _TEXT, "reported": RowColumn("count"), "recounted": RowColumn("count")},
    "findings": {"kind": _TEXT, "status": _TEXT, "occurrences": RowColumn("count")},
    "corrections": {"due": _FLAG, "closed": _FLAG, "closed_on_time": _FLAG},
    "ratings": {"panel": _TEXT, "score": RowColumn("points", 2)},
    "matters": {"kind": _TEXT, "level": _TEXT, "highest": _FLAG},
    "unit": {"kind": _TEXT, "peer_group": _TEXT},
}


def _of_field(field: Field) -> RowColumn:
    return RowColumn(field.measure, field.decimals, can_be_absent=True)


def row_columns(
    forms: tuple[Form, ...],
    targets: tuple[Target, ...] = (),
    words: Mapping[tuple[str, str], tuple[str, ...]] | None = None,
) -> dict[str, dict[str, RowColumn]]:
    """Every table a formula may name, with its columns.

    A form's table has one row per expected month, with the flags `filed` and `on_time` (absent where the time of
    receipt is not known), and its `month` (1 to 12) and `quarter` (1 to 4). `unit` and `target` have one row per unit
    and stand outside aggregates. Others have the rows of the period: visits by day, recounts by the month recounted,
    findings by day found, ratings by day given, matters by day decided (`highest`: no row of the same matter has a
    better level), corrections by due day, and `due` says that this day lies before the period's end.
    """
    of_forms = {
        form.id: {
            "filed": _FLAG,
            "on_time": RowColumn("flag", can_be_absent=True),
            **dict.fromkeys(CALENDAR, RowColumn("number")),
            **{field.id: _of_field(field) for field in form.fields},
        }
        for form in forms
    }
    of_unit = {"target": {one.id: RowColumn(one.measure, FINEST, can_be_absent=True) for one in targets}}
    every = {**{name: dict(columns) for name, columns in _ROWS.items()}, **of_unit, **of_forms}
    for (table, column), known in (words or {}).items():
        every[table][column] = replace(every[table][column], words=known)
    return every
