"""The few rows of a worked case -> tables, without the library of columns, which takes longer to load than to score.

Nothing is told from here: wherever a row is not plainly in order, the rows are read from files as any others are, and
that reading alone says what is wrong. What is taken here is what it takes, cell by cell; a test holds them together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from answerable.definition import Programme, schemas
from answerable.definition.tables import STATUSES
from answerable.values.table import Absence, Cell, Column, Schema, Table, Tables

__all__ = ["RowsOfTables", "tables_in_order"]

RowsOfTables = Mapping[str, Sequence[Mapping[str, str | None]]]
"""By table, rows of cells as written; none is the name of no table."""

_STATES = frozenset(absence.value for absence in Absence)
_NUMBER = re.compile(r"(-?[0-9]{1,12})(?:\.([0-9]+))?")
_MOST_DECIMALS = 6  # with twelve digits before them they fit into 64 bits
_MONTH = re.compile(r"[1-9][0-9]{3}-(?:0[1-9]|1[0-2])")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z")


def tables_in_order(written: RowsOfTables, programme: Programme) -> Tables | None:
    """Every table of a programme, in key order, as `read_tables` gives them; None where a row is not in order."""
    try:
        made = {name: list(_typed(schema, written.get(name, ()))) for name, schema in schemas(programme).items()}
        _Rows(made, programme).check()
        return {name: _sorted(schema, made[name]) for name, schema in schemas(programme).items()}
    except _NotInOrder:
        return None


class _NotInOrder(Exception):
    """The rows are to be read from files."""


Row = Mapping[str, Cell]


def _need(holds: bool) -> None:
    if not holds:
        raise _NotInOrder


def _typed(schema: Schema, rows: Sequence[Mapping[str, str | None]]) -> Iterator[Row]:
    header = set(schema.header)
    for row in rows:
        _need(header.issuperset(row) and any(row.values()))
        cells: dict[str, Cell] = {}
        for column in schema.columns:
            text = row.get(column.name) or None
            if column.stateful:
                text, cells[f"{column.name}_state"] = _absence(text, row.get(f"{column.name}_state") or None)
            _need(text is not None or not column.required)
            cells[column.name] = None if text is None else _cell(column, text)
        yield cells


def _absence(text: str | None, state: str | None) -> tuple[str | None, str | None]:
    """A state may stand beside an empty cell, or in its place."""
    if state is None:
        return (None, text) if text in _STATES else (text, None)
    _need(text is None and state in _STATES)
    return None, state


def _cell(column: Column, text: str) -> Cell:
    _need(text.isprintable() and text == text.strip())
    match column.type:
        case "integer":
            number = _NUMBER.fullmatch(text)
            decimals = (number and number[2]) or ""
            if number is None or not len(decimals) <= column.decimals <= _MOST_DECIMALS:
                raise _NotInOrder
            return int(number[1] + decimals.ljust(column.decimals, "0"))
        case "flag":
            _need(text in ("0", "1"))
            return int(text)
        case "month":
            _need(_MONTH.fullmatch(text) is not None)
        case "date":
            _need(_is_day(text))
        case "time":
            _need(_is_day(text[:10]) and _TIME.fullmatch(text[10:]) is not None)
    return text


def _is_day(text: str) -> bool:
    try:
        return _DAY.fullmatch(text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _sorted(schema: Schema, rows: Sequence[Row]) -> Table:
    _need(len({tuple(row[name] for name in schema.key) for row in rows}) == len(rows))
    return Table.of_rows(schema, rows)


class _Rows:
    """What must hold between rows and between tables."""

    def __init__(self, rows: Mapping[str, Sequence[Row]], programme: Programme) -> None:
        self.rows = rows
        self.programme = programme
        self.parents = {str(row["unit"]): row["parent"] for row in rows["units"]}
        self.fields = {form.id: {field.id for field in form.fields} for form in programme.forms}

    def check(self) -> None:
        """Go on only where everything holds. Of figures given by hand or stated elsewhere the files tell more."""
        _need(not any(self.rows.get(name) for name in ("ratings", "matters", "targets", "earlier")))
        _need(not any(form.filed_by for form in self.programme.forms))
        _need(bool(self.parents))
        for name, rows in self.rows.items():
            _need(name == "units" or all(row["unit"] in self.parents for row in rows))
        for row in self.rows["units"]:
            self.unit(row)
        for row in self.rows["recounts"]:
            _need(row["field"] in self.fields.get(str(row["form"]), ()))
        kinds = {kind.id for kind in self.programme.finding_kinds}
        for row in self.rows["findings"]:
            _need(row["kind"] in kinds and row["status"] in STATUSES)

    def unit(self, row: Row) -> None:
        """Its kind, its duties, its dates, and that the way up comes to an end."""
        _need(row["kind"] in self.programme.unit_kinds)
        _need(all(form in self.fields for form in str(row["forms"] or "").split(";") if form))
        _need(row["opened"] is None or row["closed"] is None or str(row["opened"]) <= str(row["closed"]))
        above, steps = row["parent"], 0
        while above is not None:
            _need(above in self.parents and steps < len(self.parents))
            above, steps = self.parents[str(above)], steps + 1
