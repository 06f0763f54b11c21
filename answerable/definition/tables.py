"""What a programme is scored on: the tables, their columns and grain, and what of them a formula may name.

`schemas` tells how tables are stored; `row_columns` tells what formulas see. Between the two each engine derives:
the rows that are *expected* (a unit, a form it must file, a month of the period) whether filed or not, and the flags
`filed`, `on_time`, `signed`, `closed` and their like.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from answerable.definition.model import Field, Form, Programme
from answerable.values.table import Column, Schema

__all__ = ["FIXED", "RowColumn", "row_columns", "schemas"]


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
    )
}
"""The tables every programme has, whatever its forms."""


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
    """Every table of a programme by name: the fixed ones and `returns-FORM` for each form."""
    return {**FIXED, **{f"returns-{form.id}": returns_schema(form) for form in programme.forms}}


@dataclass(frozen=True)
class RowColumn:
    """A column as a formula sees it: what it measures, and whether a cell of it can be absent."""

    measure: Literal["count", "money", "days", "quantity", "flag", "text"]
    decimals: int = 0
    can_be_absent: bool = False


_TEXT = RowColumn("text")
_FLAG = RowColumn("flag")

_ROWS: Mapping[str, Mapping[str, RowColumn]] = {
    "agreements": {"signed": _FLAG, "signed_on_time": _FLAG},
    "visits": {"reason": _TEXT},
    "recounts": {"form": _TEXT, "field": _TEXT, "reported": RowColumn("count"), "recounted": RowColumn("count")},
    "findings": {"kind": _TEXT, "status": _TEXT, "occurrences": RowColumn("count")},
    "corrections": {"due": _FLAG, "closed": _FLAG, "closed_on_time": _FLAG},
    "unit": {"kind": _TEXT, "peer_group": _TEXT},
}


def _of_field(field: Field) -> RowColumn:
    return RowColumn(field.measure, field.decimals, can_be_absent=True)


def row_columns(forms: tuple[Form, ...]) -> dict[str, dict[str, RowColumn]]:
    """Every table a formula may name, with its columns.

    A form's table has one row per expected month, with the flags `filed` and `on_time` (absent where the time of
    receipt
    is not known). `unit` has one row per unit and stands outside aggregates. Others have the rows of the period:
    visits by day, recounts by the month recounted, findings by day found, corrections by due day, and `due` says
    that this day lies before the period's end.
    """
    of_forms = {
        form.id: {
            "filed": _FLAG,
            "on_time": RowColumn("flag", can_be_absent=True),
            **{field.id: _of_field(field) for field in form.fields},
        }
        for form in forms
    }
    return {**{name: dict(columns) for name, columns in _ROWS.items()}, **of_forms}
