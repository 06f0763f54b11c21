"""What the judge reads: the rows of one unit, as the formulas of its programme see them. See
`definition.tables.row_columns`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from answerable.definition.formula import Call, Group, months_back, walk
from answerable.definition.measures import columns_read
from answerable.definition.model import Form, Programme
from answerable.definition.tables import FINEST
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
    before: Mapping[int, Mapping[str, Value]] = field(default_factory=dict)
    """The cells of so many months before, for `previous(...)`."""


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
    back: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """By form, how many months back any formula looks."""
    by_unit: dict[str, dict[str, list[dict[str, Cell]]]] = field(default_factory=dict)
    made: dict[tuple[str, str], tuple[Row, ...]] = field(default_factory=dict)
    """Rows made so far, by table and unit: a chiefdom and its district read the same ones."""

    @classmethod
    def of(cls, programme: Programme, tables: Tables, period: Period) -> House:
        """Index tables in memory; a StoredTable is refused, since the judge reads row by row."""
        house = cls(programme, period)
        for form in programme.forms:
            house.back[form.id] = tuple(sorted(set(_months_back(programme, form.id))))
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
        """The group of a unit: those of its kind, and of its peer group, or below the same unit, at any level."""
        unit = self.units[code]
        if within == "kind":
            return unit.kind
        named = {"peer_group": unit.peer_group, "parent": unit.parent}
        return f"{unit.kind}:{named[within] if within in named else self.above(unit, within)}"

    def above(self, unit: UnitFacts, kind: str) -> str:
        """The nearest unit of a kind above a unit; nothing where there is none."""
        above = self.units.get(unit.parent)
        while above and above.kind != kind:
            above = self.units.get(above.parent)
        return above.code if above else ""

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
                # An explanation may not depend on the order in which a table happens to stand.
                self.made[table, below] = tuple(sorted(rows, key=lambda row: row.key))
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
                now, *earlier = (
                    self.cells(form, one, filed.get(str(one), []))
                    for one in (month, *(month.plus(-back) for back in self.back[form.id]))
                )
                before = dict(zip(self.back[form.id], earlier, strict=True))
                yield Row(form.id, unit.code, f"{unit.code} {month}", now, month, before)

    def cells(self, form: Form, month: Month, versions: list[dict[str, Cell]]) -> dict[str, Value]:
        """The cells of one month: the newest version's values, the first version's punctuality."""
        calendar = {"month": Fraction(month.month), "quarter": Fraction((month.month + 2) // 3)}
        if not versions:
            return {**calendar, "filed": False, "on_time": False, **{one.id: Absence.MISSING for one in form.fields}}
        first = min(versions, key=_version)
        newest = max(versions, key=_version)
        received = first["received_at"]
        cells: dict[str, Value] = {
            **calendar,
            "filed": True,
            "on_time": Absence.MISSING if not received else str(received) < self.programme.due_instant(form, month),
        }
        for one in form.fields:
            cells[one.id] = _cell(newest[one.id], newest[f"{one.id}_state"], one.decimals, one.measure, one.blank)
        return cells

    def happened(self, table: str, code: str) -> Iterator[Row]:
        """The rows of an event table that belong to the period."""
        start, end = self.period.start.day(1).isoformat(), self.period.end.day(1).isoformat()
        if table == "matters":
            yield from self.decided(code, start, end)
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
                case "ratings" if start <= text["given_on"] < end:
                    key = f"{text['panel']} {text['rater']} {text['given_on']}"
                    cells = {"panel": text["panel"], "score": Fraction(int(row["score"] or 0), 100)}
                    yield Row(table, code, key, cells)
                case "corrections" if start <= text["due_on"]:
                    closed = bool(text["closed_on"]) and text["closed_on"] < end
                    due, on_time = text["due_on"] < end, closed and text["closed_on"] <= text["due_on"]
                    flags: dict[str, Value] = {"due": due, "closed": closed, "closed_on_time": on_time}
                    yield Row(table, code, text["correction"], flags)

    def decided(self, code: str, start: str, end: str) -> Iterator[Row]:
        """The matters of the period; `highest` on the one row of each at its best level."""
        order = {(one.id, level.id): at for one in self.programme.matters for at, level in enumerate(one.levels)}
        rows = [
            {name: str(cell or "") for name, cell in row.items()}
            for row in self.by_unit.get("matters", {}).get(code, [])
        ]
        rows = [text for text in rows if start <= text["decided_on"] < end]
        best: dict[tuple[str, str], int] = {}
        for text in rows:
            place = order[text["kind"], text["level"]]
            best[text["kind"], text["matter"]] = min(place, best.get((text["kind"], text["matter"]), place))
        for text in rows:
            highest = order[text["kind"], text["level"]] == best[text["kind"], text["matter"]]
            key = f"{text['kind']} {text['matter']} {text['level']}"
            yield Row("matters", code, key, {"kind": text["kind"], "level": text["level"], "highest": highest})

    def facts(self, code: str) -> dict[tuple[str, str], Value]:
        """What is known of a unit itself: its kind and group, its targets, its indicators of the year before."""
        unit, year = self.units[code], self.period.start.year
        facts: dict[tuple[str, str], Value] = {("unit", "kind"): unit.kind, ("unit", "peer_group"): unit.peer_group}
        for indicator in self.programme.indicators:
            before = self.stated("earlier", code, "indicator", indicator.id, year - 1)
            facts["earlier", indicator.id] = Absence.MISSING if before is None else before
        for target in self.programme.targets:
            own, usual = self.stated("targets", code, "target", target.id, year), target.usual_in(year, unit.kind)
            facts["target", target.id] = own if own is not None else Absence.MISSING if usual is None else usual
        return facts

    def stated(self, table: str, code: str, key: str, name: str, year: int) -> Value | None:
        """A figure some other table states of a unit; None where it says nothing."""
        for row in self.by_unit.get(table, {}).get(code, []):
            if row[key] == name and row["year"] == year:
                return _cell(row["value"], row["value_state"], FINEST, "quantity", "missing")
        return None

    def signing(self, text: Mapping[str, str]) -> dict[str, Value]:
        """Whether both sides have signed, and by the day the programme sets."""
        days = (text["unit_signed_on"], text["office_signed_on"])
        last = self.programme.sign_by_day(self.period.start.year)
        return {"signed": all(days), "signed_on_time": all(days) and (not last or max(days) <= last)}


def _months_back(programme: Programme, form: str) -> Iterator[int]:
    for part in (part for indicator in programme.indicators for part in walk(indicator.core)):
        match part:
            case Call("previous") if any(column.table == form for column in columns_read(part)):
                yield months_back(part)


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
