"""Marked sheets as the tables of a scorecard: frames of Polars, made when somebody asks for them.

A number no column can hold stands beside its frame, by the row it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from answerable.definition.model import Programme
from answerable.scoring.engines.columns.marking import Marking
from answerable.scoring.engines.columns.operations import Term, number
from answerable.scoring.engines.columns.placing import keys
from answerable.scoring.engines.columns.plan import Plan
from answerable.scoring.engines.columns.quantities import CODES, exactly, rounded
from answerable.scoring.engines.columns.registry import Registry
from answerable.scoring.scorecard import NOT_RATED, Scorecard, scorecard_schemas
from answerable.values.period import Period
from answerable.values.table import Cell, Table

__all__ = ["Made", "Results", "graded", "ranked", "scorecard"]

_PLACES = {"unit": pl.String, "rank": pl.String, "group": pl.String, "place": pl.Int64, "of": pl.Int64}
_REASONS = [reason for reason, _ in sorted(CODES.items(), key=lambda pair: pair[1])]


@dataclass(frozen=True)
class Made:
    """A table: its columns, and by column the cells too large for one, by row."""

    frame: pl.DataFrame
    beyond: Mapping[str, Mapping[int, int]] = field(default_factory=dict)

    def cells(self, name: str) -> Sequence[Cell]:
        """A column as Python has it."""
        cells: list[Cell] = self.frame[name].to_list()
        for row, value in self.beyond.get(name, {}).items():
            cells[row] = value
        return cells


class _Columns(Mapping[str, Sequence[Cell]]):
    """Columns made into Python lists when first read; the table itself is made then too."""

    def __init__(self, names: Sequence[str], make: Callable[[], Made]) -> None:
        self.names = names
        self.make = make
        self.read: dict[str, Sequence[Cell]] = {}

    @cached_property
    def made(self) -> Made:
        return self.make()

    def __getitem__(self, name: str) -> Sequence[Cell]:
        if name not in self.read:
            self.read[name] = self.made.cells(name)
        return self.read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


def scorecard(programme: Programme, period: Period, results: Results, places: pl.DataFrame) -> Scorecard:
    """The scorecard of one marked sheet, which holds all units, and their places."""
    make: dict[str, Callable[[], Made]] = {
        "grades": lambda: graded(results.plan, results.grades(), places),
        "scores": results.scores,
        "indicators": results.indicators,
        "ranks": lambda: ranked(results.plan, results.assessed, places),
    }
    schemas = scorecard_schemas(programme).items()
    tables = {name: Table(schema, _Columns(schema.header, make[name])) for name, schema in schemas}
    return Scorecard(programme.id, programme.digest, period, tables)


def graded(plan: Plan, grades: Made, places: pl.DataFrame) -> Made:
    """The table of grades, with the grade each unit has a seat for."""
    names = pl.Series([name for name, _ in plan.grading.bands], dtype=pl.String)
    grade = pl.when("graded").then(names.gather(places["grade"])).otherwise(pl.lit(NOT_RATED))
    columns = ("unit", "kind", "state", "available", "total", "grade", "vetoes")
    return Made(grades.frame.with_columns(grade=grade).select(columns), grades.beyond)


def ranked(plan: Plan, units: pl.DataFrame, places: pl.DataFrame) -> Made:
    """The table of places: one row per rated unit and ranking, in order of both."""
    made = [pl.DataFrame(schema=_PLACES)]
    for rank in plan.places:
        group = pl.concat_str(keys(rank), separator=":")
        place, of = places[f"{rank.id}.place"], places[f"{rank.id}.of"]
        rows = units.select("unit", pl.lit(rank.id).alias("rank"), group.alias("group"), place=place, of=of)
        made.append(rows.filter(pl.col("place").is_not_null()))
    return Made(pl.concat(made).sort("unit", "rank"))


class Results:
    """What a marked sheet says of its units, in order of code."""

    def __init__(self, marking: Marking, registry: Registry) -> None:
        self.marking = marking
        self.plan = marking.plan
        self.sheet = marking.sheet
        self.assessed = registry.assessed
        self.height = registry.assessed.height

    def grades(self) -> Made:
        """One row per unit: all of the table of grades but the grade, and whether there is one."""
        sheet, made = self.sheet, _Making(self)
        rated = sheet.flags(sheet["t.rated"])
        available = made.number("available", [sheet[f"n:{self.plan.total.tree}.available"]])
        total = made.number("total", [sheet["t.points"]], [rated])
        frame = self.assessed.select(
            "unit",
            "kind",
            pl.when(rated).then(pl.lit("rated")).otherwise(pl.lit(NOT_RATED)).alias("state"),
            available=available,
            total=total,
            vetoes=self._vetoes(),
            graded=sheet.flags(sheet["t.graded"]),
        )
        return Made(frame, made.beyond)

    def _vetoes(self) -> pl.Series:
        held = [(veto.id, self.sheet.flags(self.sheet[f"v:{veto.id}.holds"])) for veto in self.plan.vetoes]
        if not any(holds.any() for _, holds in held):
            return pl.repeat("", self.height, dtype=pl.String, eager=True)
        told = [pl.when(holds).then(pl.lit(name)) for name, holds in held]
        return pl.select(pl.concat_str(told, separator=";", ignore_nulls=True).fill_null("")).to_series()

    # -- several rows per unit -------------------------------------------------------------------------------------

    def scores(self) -> Made:
        """One row per unit and node, in order of both."""
        plan, made = self.plan, _Making(self)
        nodes = sorted(one.id for steps in (plan.points, plan.branches, plan.adjustments) for one in steps)
        counted = [~self.sheet.flags(self.sheet[f"n:{node}.exempt"]) for node in nodes]
        columns = {
            "unit": made.repeated(len(nodes)),
            "node": made.alternating(nodes),
            "state": made.interleaved([self._state(node) for node in nodes]),
            "available": made.number("available", *self._available(nodes, counted)),
            "points": made.number("points", [self.sheet[f"n:{node}.points"] for node in nodes], counted),
        }
        return Made(pl.DataFrame(columns), made.beyond)

    def _state(self, node: str) -> pl.Series:
        if f"n:{node}.gone" in self.sheet:
            return _named(self.sheet.whole(self.sheet[f"n:{node}.gone"]), "scored")
        return _named(self.sheet.flags(self.sheet[f"n:{node}.exempt"]).cast(pl.Int64), "scored", "exempt")

    def _available(self, nodes: Sequence[str], counted: Sequence[pl.Series]) -> tuple[list[Term], list[pl.Series], int]:
        plan = self.plan
        branches = {one.id for one in plan.branches}
        points = {one.id: rounded(exactly(one.points), plan.rounding.item) for one in plan.points}
        terms = [self.sheet[f"n:{one}.available"] if one in branches else points.get(one, number(0)) for one in nodes]
        always = pl.repeat(True, self.height, dtype=pl.Boolean, eager=True)
        return terms, [always if one in branches else there for one, there in zip(nodes, counted, strict=True)], 0

    def indicators(self) -> Made:
        """One row per unit and indicator, in order of both."""
        made, names = _Making(self), sorted(figure.id for figure in self.plan.figures)
        gone = [self.sheet.whole(self.sheet[f"i:{name}.gone"]) for name in names]
        known = [pl.Series(codes, dtype=pl.Int64) == 0 for codes in gone]
        columns = {
            "unit": made.repeated(len(names)),
            "indicator": made.alternating(names),
            "state": made.interleaved([_named(codes, "known") for codes in gone]),
            "value": made.number("value", [self.marking.shown(name) for name in names], known),
        }
        return Made(pl.DataFrame(columns), made.beyond)


class _Making:
    """Columns of one table: each of several columns of a sheet, unit by unit."""

    def __init__(self, results: Results) -> None:
        self.results = results
        self.beyond: dict[str, dict[int, int]] = {}

    def repeated(self, times: int) -> pl.Series:
        """The code of each unit so many times."""
        return self.results.assessed["unit"].gather(pl.int_range(self.results.height * times, eager=True) // times)

    def alternating(self, names: Sequence[str]) -> pl.Series:
        """All names for each unit."""
        return pl.Series(names, dtype=pl.String).gather(
            pl.int_range(self.results.height * len(names), eager=True) % max(len(names), 1)
        )

    def interleaved(self, columns: Sequence[pl.Series]) -> pl.Series:
        """The cells of all columns for each unit."""
        if len(columns) == 1:
            return columns[0]
        height, at = self.results.height, pl.int_range(self.results.height * len(columns), eager=True)
        return pl.concat(columns).gather((at % len(columns)) * height + at // len(columns))

    def number(
        self, name: str, terms: Sequence[Term], there: Sequence[pl.Series] = (), instead: int | None = None
    ) -> pl.Series:
        """Whole numbers for each unit; where one is not there, something stands instead."""
        columns = [self._column(name, at, len(terms), term) for at, term in enumerate(terms)]
        kind = pl.Int128 if any(one.dtype == pl.Int128 for one in columns) else pl.Int64
        columns = [one.cast(kind) for one in columns]
        if there:
            columns = [_where(one, cells, instead) for one, cells in zip(there, columns, strict=True)]
            self._forget(name, there)
        return self.interleaved(columns)

    def _column(self, name: str, at: int, of: int, term: Term) -> pl.Series:
        cells = self.results.sheet.whole(term)
        if isinstance(cells, pl.Series):
            return cells
        held = self.results.sheet.beyond[term.name]
        self.beyond.setdefault(name, {}).update({row * of + at: value for row, value in held.items()})
        return self.results.sheet.frame[term.name]

    def _forget(self, name: str, there: Sequence[pl.Series]) -> None:
        kept = {
            at: value for at, value in self.beyond.get(name, {}).items() if there[at % len(there)][at // len(there)]
        }
        self.beyond[name] = kept


def _where(there: pl.Series, cells: pl.Series, instead: int | None) -> pl.Series:
    return pl.select(pl.when(there).then(cells).otherwise(pl.lit(instead, dtype=cells.dtype))).to_series()


def _named(codes: Iterable[int] | pl.Series, known: str, *others: str) -> pl.Series:
    """The names of codes; 0 is what is known."""
    places = codes if isinstance(codes, pl.Series) else pl.Series(list(codes), dtype=pl.Int64)
    return pl.Series([known, *(others or _REASONS)], dtype=pl.String).gather(places.cast(pl.UInt32))
