"""A marked sheet as a scorecard. Its tables stand in columns of Polars until somebody reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import compress

import polars as pl

from answerable.definition.model import Programme
from answerable.scoring.engines.columns.marking import Marking
from answerable.scoring.engines.columns.operations import Term, number
from answerable.scoring.engines.columns.placing import places, seated
from answerable.scoring.engines.columns.quantities import CODES, exactly, rounded
from answerable.scoring.engines.columns.registry import Registry
from answerable.scoring.scorecard import NOT_RATED, Scorecard, scorecard_schemas
from answerable.values.period import Period
from answerable.values.table import Cell, Table

__all__ = ["scorecard"]

_REASONS = [reason for reason, _ in sorted(CODES.items(), key=lambda pair: pair[1])]


class _Columns(Mapping[str, Sequence[Cell]]):
    """Columns made into Python lists when first read."""

    def __init__(self, made: Mapping[str, Callable[[], Sequence[Cell]]]) -> None:
        self.made = made
        self.read: dict[str, Sequence[Cell]] = {}

    def __getitem__(self, name: str) -> Sequence[Cell]:
        if name not in self.read:
            self.read[name] = self.made[name]()
        return self.read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.made)

    def __len__(self) -> int:
        return len(self.made)


def scorecard(programme: Programme, period: Period, marking: Marking, registry: Registry) -> Scorecard:
    """The scorecard of a marked sheet."""
    made = _Made(programme, marking, registry)
    schemas = scorecard_schemas(programme)
    columns = {"grades": made.grades(), "scores": made.scores(), "indicators": made.indicators(), "ranks": made.ranks()}
    tables = {name: Table(schema, _Columns(columns[name])) for name, schema in schemas.items()}
    return Scorecard(programme.id, programme.digest, period, tables)


class _Made:
    def __init__(self, programme: Programme, marking: Marking, registry: Registry) -> None:
        self.programme = programme
        self.marking = marking
        self.sheet = marking.sheet
        self.registry = registry
        self.height = registry.assessed.height
        self.places = places(marking, registry)

    @cached_property
    def units(self) -> list[str]:
        return self.registry.assessed["unit"].to_list()

    def column(self, name: str) -> list[Cell]:
        """A column of the sheet, row by row."""
        return list(self.sheet.cells(self.sheet[name]))

    # -- grades ----------------------------------------------------------------------------------------------------

    def grades(self) -> dict[str, Callable[[], Sequence[Cell]]]:
        tree = self.marking.plan.total.tree
        return {
            "unit": lambda: self.units,
            "kind": lambda: self.registry.assessed["kind"].to_list(),
            "state": lambda: ["rated" if one else NOT_RATED for one in self.column("t.rated")],
            "available": lambda: self.column(f"n:{tree}.available"),
            "total": lambda: _where(self.column("t.rated"), self.column("t.points"), None),
            "grade": self._grade,
            "vetoes": self._vetoes,
        }

    def _grade(self) -> list[Cell]:
        names = [name for name, _ in self.marking.plan.grading.bands]
        grades: list[Cell] = [names[place] for place in seated(self.marking, self.registry)]
        return _where(self.column("t.graded"), grades, NOT_RATED)

    def _vetoes(self) -> list[Cell]:
        vetoes = self.marking.plan.vetoes
        held = [self.column(f"v:{veto.id}.holds") for veto in vetoes]
        if not held:
            return [""] * self.height
        names = [veto.id for veto in vetoes]
        return [";".join(compress(names, row)) for row in zip(*held, strict=True)]

    # -- scores and indicators: several rows per unit --------------------------------------------------------------

    def scores(self) -> dict[str, Callable[[], Sequence[Cell]]]:
        nodes = sorted(self._nodes())
        return {
            "unit": lambda: _repeated(self.units, len(nodes)),
            "node": lambda: nodes * self.height,
            "state": lambda: _interleaved([self._state(node) for node in nodes]),
            "available": lambda: _interleaved([self._available(node) for node in nodes]),
            "points": lambda: _interleaved([self._points(node) for node in nodes]),
        }

    def _nodes(self) -> list[str]:
        plan = self.marking.plan
        return [one.id for steps in (plan.points, plan.branches, plan.adjustments) for one in steps]

    def _state(self, node: str) -> list[Cell]:
        if f"n:{node}.gone" not in self.sheet:
            return _where(self.column(f"n:{node}.exempt"), ["exempt"] * self.height, "scored")
        return _named(self.column(f"n:{node}.gone"), "scored")

    def _available(self, node: str) -> list[Cell]:
        plan = self.marking.plan
        if any(one.id == node for one in plan.branches):
            return self.column(f"n:{node}.available")
        points = next((one.points for one in plan.points if one.id == node), None)
        full = rounded(exactly(points), plan.rounding.item) if points is not None else number(0)
        return _where(self.column(f"n:{node}.exempt"), [0] * self.height, _known(full))

    def _points(self, node: str) -> list[Cell]:
        exempt = self.column(f"n:{node}.exempt")
        return [None if one else cell for one, cell in zip(exempt, self.column(f"n:{node}.points"), strict=True)]

    def indicators(self) -> dict[str, Callable[[], Sequence[Cell]]]:
        names = sorted(figure.id for figure in self.marking.plan.figures)
        return {
            "unit": lambda: _repeated(self.units, len(names)),
            "indicator": lambda: names * self.height,
            "state": lambda: _interleaved([_named(self.column(f"i:{name}.gone"), "known") for name in names]),
            "value": lambda: _interleaved([self._value(name) for name in names]),
        }

    def _value(self, name: str) -> list[Cell]:
        gone = self.column(f"i:{name}.gone")
        shown = self.sheet.cells(self.marking.shown(name))
        return [None if one else cell for one, cell in zip(gone, shown, strict=True)]

    # -- ranks -----------------------------------------------------------------------------------------------------

    def ranks(self) -> dict[str, Callable[[], Sequence[Cell]]]:
        made: dict[str, Callable[[], Sequence[Cell]]] = {
            name: lambda name=name: self._sorted_places[name].to_list()  # type: ignore[misc]
            for name in ("rank", "group", "place", "of")
        }
        return {"unit": lambda: [self.units[row] for row in self._sorted_places["row"].to_list()], **made}

    @cached_property
    def _sorted_places(self) -> pl.DataFrame:
        return self.places.sort("row", "rank")


def _where(conditions: Sequence[Cell], cells: Sequence[Cell], otherwise: Cell) -> list[Cell]:
    return [cell if condition else otherwise for condition, cell in zip(conditions, cells, strict=True)]


def _named(codes: Sequence[Cell], known: str) -> list[Cell]:
    names = [known, *_REASONS]
    return [names[int(code or 0)] for code in codes]


def _known(term: Term) -> Cell:
    assert isinstance(term.value, int)
    return term.value


def _repeated(cells: Sequence[Cell], times: int) -> list[Cell]:
    return [cell for cell in cells for _ in range(times)]


def _interleaved(columns: Sequence[Sequence[Cell]]) -> list[Cell]:
    return [cell for row in zip(*columns, strict=True) for cell in row]
