"""What the judge reads: the rows of one unit, as the formulas of its programme see them. See
`definition.tables.row_columns`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from answerable.definition.formula import Group
from answerable.definition.model import Form, Programme
from answerable.values.period import Month, Period
from answerable.values.table import Absence, Cell, Table, Tables

__all__ = ["House", "Row", "UnitFacts", "Value"]

Value = Fraction | bool | str | Absence
"""What stands in a cell of a row: an exact number, yes or no, text, or why there is nothing."""


@dataclass(frozen=True)
class Row:
    """One row of a table as formulas see it, named by the key a person would look it up by."""

    table: str
    unit: str
    key: str
    cells: Mapping[str, Value]
    month: Month | None = None
    before: Mapping[str, Value] | None = None
    """The cells of the month before, for `previous(...)`."""


@dataclass(frozen=True)
class UnitFacts:
    """A unit as the registry has it."""

    code: str
    kind: str
    parent: str
    peer_group: str
    opened: str
    closed: str
    forms: frozenset[str]


@dataclass
class House:
    """All tables of a programme, indexed by unit: built once, asked for the rows of one unit at a time."""

    programme: Programme
    period: Period
    units: dict[str, UnitFacts] = field(default_factory=dict)
    below: dict[str, list[str]] = field(default_factory=dict)
    by_unit: dict[str, dict[str, list[dict[str, Cell]]]] = field(default_factory=dict)
    made: dict[tuple[str, str], tuple[Row, ...]] = field(default_factory=dict)
    """Rows made so far, by table and unit: a chiefdom and its district read the same ones."""

    @classmethod
    def of(cls, programme: Programme, tables: Tables, period: Period) -> House:
        """Index tables in memory; a StoredTable is refused, since the judge reads row by row."""
        house = cls(programme, period)
        for name, table in tables.items():
            if not isinstance(table, Table):
                raise TypeError(f"the reference engine needs {name} in memory")
            if name == "units":
                house.read_units(table)
        for name, table in tables.items():
            if name != "units" and isinstance(table, Table):
                index: dict[str, list[dict[str, Cell]]] = {}
                for row in table.rows():
                    index.setdefault(str(row["unit"]), []).append(row)
                house.by_unit[name] = index
        return house

    def read_units(self, table: Table) -> None:
        """Take in the registry and, for each unit, the units below it and itself."""
        for row in table.rows():
            text = {name: str(cell or "") for name, cell in row.items()}
            code = text["unit"]
            self.units[code] = UnitFacts(
                code,
                text["kind"],
                text["parent"],
                text["peer_group"],
                text["opened"],
                text["closed"],
                frozenset(filter(None, text["forms"].split(";"))),
            )
        for code in sorted(self.units):
            above: str = code
            while above in self.units:
                self.below.setdefault(above, []).append(code)
                above = self.units[above].parent

    def assessed(self) -> list[str]:
        """Codes of the units that get a score: of an assessed kind and open for some day of the period."""
        start, end = self.period.start.day(1).isoformat(), self.period.end.day(1).isoformat()
        return [
            code
            for code, unit in sorted(self.units.items())
            if unit.kind in self.programme.assess and unit.opened < end and (not unit.closed or unit.closed > start)
        ]

    def group(self, code: str, within: Group) -> str:
        """The group of a unit: those of its kind, those of its peer group too, or those below the same unit."""
        unit = self.units[code]
        named = {"kind": "", "peer_group": unit.peer_group, "parent": unit.parent}[within]
        return unit.kind if within == "kind" else f"{unit.kind}:{named}"

    def is_open(self, unit: UnitFacts, month: Month) -> bool:
        """Whether a unit is open for the whole of a month, and so answers for it."""
        first, after = month.day(1).isoformat(), month.plus(1).day(1).isoformat()
        return unit.opened <= first and (not unit.closed or unit.closed >= after)

    def rows(self, table: str, code: str) -> Iterator[Row]:
        """The rows of a table for a unit: its own and those of all units below it."""
        is_form = any(form.id == table for form in self.programme.forms)
        for below in self.below[code]:
            if (table, below) not in self.made:
                unit = self.units[below]
                rows = self.expected(self.programme.form(table), unit) if is_form else self.happened(table, below)
                self.made[table, below] = tuple(rows)
            yield from self.made[table, below]

    def expected(self, form: Form, unit: UnitFacts) -> Iterator[Row]:
        """One row per month for which the unit must file the form, filed or not."""
        if form.id not in unit.forms:
            return
        filed: dict[str, list[dict[str, Cell]]] = {}
        for row in self.by_unit.get(f"returns-{form.id}", {}).get(unit.code, []):
            filed.setdefault(str(row["period"]), []).append(row)
        for month in self.period:
            if self.is_open(unit, month):
                now = self.cells(form, month, filed.get(str(month), []))
                before = self.cells(form, month.plus(-1), filed.get(str(month.plus(-1)), []))
                yield Row(form.id, unit.code, f"{unit.code} {month}", now, month, before)

    def cells(self, form: Form, month: Month, versions: list[dict[str, Cell]]) -> dict[str, Value]:
        """The cells of one month: the newest version's values, the first version's punctuality."""
        if not versions:
            return {"filed": False, "on_time": False, **{one.id: Absence.MISSING for one in form.fields}}
        first = min(versions, key=_version)
        newest = max(versions, key=_version)
        received = first["received_at"]
        cells: dict[str, Value] = {
            "filed": True,
            "on_time": Absence.MISSING if not received else str(received) < self.programme.due_instant(form, month),
        }
        for one in form.fields:
            cells[one.id] = _cell(newest[one.id], newest[f"{one.id}_state"], one.decimals, one.measure, one.blank)
        return cells

    def happened(self, table: str, code: str) -> Iterator[Row]:
        """The rows of an event table that belong to the period."""
        start, end = self.period.start.day(1).isoformat(), self.period.end.day(1).isoformat()
        for row in self.by_unit.get(table, {}).get(code, []):
            text = {name: str(cell or "") for name, cell in row.items()}
            match table:
                case "agreements":
                    yield Row(table, code, code, self.signing(text))
                case "visits" if start <= text["visited_on"] < end:
                    yield Row(table, code, text["visit"], {"reason": text["reason"]})
                case "recounts" if Month.parse(text["period"]) in self.period:
                    key = f"{text['visit']} {text['form']} {text['period']} {text['field']}"
                    yield Row(table, code, key, _numbers(row, text, ("form", "field"), ("reported", "recounted")))
                case "findings" if start <= text["found_on"] < end:
                    cells = _numbers(row, text, ("kind", "status"), ("occurrences",))
                    yield Row(table, code, text["finding"], cells)
                case "corrections" if start <= text["due_on"]:
                    closed = bool(text["closed_on"]) and text["closed_on"] < end
                    due, on_time = text["due_on"] < end, closed and text["closed_on"] <= text["due_on"]
                    flags: dict[str, Value] = {"due": due, "closed": closed, "closed_on_time": on_time}
                    yield Row(table, code, text["correction"], flags)

    def signing(self, text: Mapping[str, str]) -> dict[str, Value]:
        """Whether both sides have signed, and by the day the programme sets."""
        days = (text["unit_signed_on"], text["office_signed_on"])
        last = self.programme.sign_by_day(self.period.start.year)
        return {"signed": all(days), "signed_on_time": all(days) and (not last or max(days) <= last)}


def _version(row: Mapping[str, Cell]) -> int:
    return int(row["version"] or 0)


def _cell(value: Cell, state: Cell, decimals: int, measure: str, blank: str) -> Value:
    if value is None:
        absence = Absence(str(state)) if state else Absence.MISSING
        zero = absence is Absence.MISSING and blank == "zero"
        return (False if measure == "flag" else Fraction(0)) if zero else absence
    return bool(value) if measure == "flag" else Fraction(int(value), 10**decimals)


def _numbers(
    row: Mapping[str, Cell], text: Mapping[str, str], words: Iterable[str], numbers: Iterable[str]
) -> dict[str, Value]:
    cells: dict[str, Value] = {name: text[name] for name in words}
    return cells | {name: Fraction(int(row[name] or 0)) for name in numbers}
