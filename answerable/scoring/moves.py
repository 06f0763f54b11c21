"""What another programme would make of the same figures: who moves, from which grade to which, and through which items.

Two scorecards of one period are laid side by side. Nothing is estimated: both are computed whole.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Literal

from answerable.definition.model import Programme
from answerable.scoring.scorecard import Scorecard
from answerable.values.period import Period
from answerable.values.table import Table

__all__ = ["Move", "Moves", "Shift", "Stand", "in_force_for", "moves"]


@dataclass(frozen=True)
class Stand:
    """Where a unit stands in one scorecard. No total where it is not rated, no place where it is not ranked."""

    total: Fraction | None
    grade: str
    place: int | None
    of: int | None


@dataclass(frozen=True)
class Shift:
    """What one item, part or adjustment gives a unit, before and after; None where it gives nothing to add."""

    node: str
    before: Fraction | None
    after: Fraction | None

    @property
    def by(self) -> Fraction:
        """Points more, or fewer."""
        return (self.after or Fraction(0)) - (self.before or Fraction(0))


@dataclass(frozen=True)
class Move:
    """One unit under both programmes; one of them may not assess it. Shifts: nodes that give other points, the largest
    difference first, parts left out.
    """

    unit: str
    kind: str
    before: Stand | None
    after: Stand | None
    shifts: tuple[Shift, ...] = ()

    @property
    def changes_grade(self) -> bool:
        """Whether it has another grade, or is assessed by one programme alone."""
        return _grade(self.before) != _grade(self.after)

    @property
    def changes_place(self) -> bool:
        """Whether it has another place, or stands among another number of units."""
        return _place(self.before) != _place(self.after)

    @property
    def by(self) -> Fraction | None:
        """Points more in the total, or fewer; None where one has no total."""
        before, after = (one.total if one else None for one in (self.before, self.after))
        return None if before is None or after is None else after - before


def _grade(stand: Stand | None) -> str:
    return stand.grade if stand else ""


def _place(stand: Stand | None) -> tuple[int | None, int | None]:
    return (stand.place, stand.of) if stand else (None, None)


@dataclass(frozen=True)
class Moves:
    """All units of two scorecards, by unit code. `touched`: whether any figure differs."""

    units: tuple[Move, ...]
    touched: bool
    order: tuple[str, ...]
    """The grades from the best down, those of the later programme first."""

    @cached_property
    def crossings(self) -> Mapping[tuple[str, str], int]:
        """How many units come from one grade to another; an empty name where a programme does not assess them."""
        return Counter((_grade(one.before), _grade(one.after)) for one in self.units)

    def way(self, move: Move) -> Literal["up", "down", "aside", ""]:
        """Which way a unit goes: `aside` where it comes from or to having no grade of the order."""
        if not move.changes_grade:
            return ""
        held = [one.grade for one in (move.before, move.after) if one and one.grade in self.order]
        if len(held) < 2:
            return "aside"
        return "up" if self.order.index(held[1]) < self.order.index(held[0]) else "down"

    def count(self, way: str) -> int:
        """How many units go one way."""
        return sum(self.way(one) == way for one in self.units)


def in_force_for(programme: Programme, period: Period) -> Programme:
    """The programme as if it had been in force in a period: how next year's is tried on the figures of this year."""
    return replace(
        programme,
        valid_from=min(programme.valid_from, period.start.day(1)),
        valid_until=max(programme.valid_until, period.last.plus(1).day(1)),
    )


def moves(was: Programme, before: Scorecard, would: Programme, after: Scorecard) -> Moves:
    """Lay two scorecards of the same figures side by side."""
    stands = _stands(was, before), _stands(would, after)
    nodes = _nodes(was, before), _nodes(would, after)
    kinds = {**_kinds(before), **_kinds(after)}
    units = tuple(
        Move(unit, kinds[unit], stands[0].get(unit), stands[1].get(unit), _shifts(nodes[0][unit], nodes[1][unit]))
        for unit in sorted(kinds)
    )
    compared = ("grades", "scores", "ranks")
    touched = any(_figures(before.tables[name]) != _figures(after.tables[name]) for name in compared)
    order = (*would.grades.order, *(grade for grade in was.grades.order if grade not in would.grades.order))
    return Moves(units, touched, order)


def _figures(table: Table) -> list[list[object]]:
    decimals = [column.decimals for column in table.schema.columns]
    return [decimals, *([*table.columns[name]] for name in table.schema.header)]  # type: ignore[list-item]


def _kinds(card: Scorecard) -> dict[str, str]:
    columns = card.grades.columns
    return {str(unit): str(kind) for unit, kind in zip(columns["unit"], columns["kind"], strict=True)}


def _stands(programme: Programme, card: Scorecard) -> dict[str, Stand]:
    scale = 10**programme.rounding.total.decimals
    places = card.places([rank.id for rank in programme.ranks])
    columns = card.grades.columns
    return {
        str(unit): Stand(
            None if total is None else Fraction(int(total), scale), str(grade), *places.get(str(unit), (None, None))
        )
        for unit, total, grade in zip(columns["unit"], columns["total"], columns["grade"], strict=True)
    }


def _nodes(programme: Programme, card: Scorecard) -> dict[str, dict[str, Fraction | None]]:
    """Points by unit and item or adjustment; parts say nothing that their items do not."""
    asked = {one.id for one in programme.givers}
    scale = 10**programme.rounding.item.decimals
    found: dict[str, dict[str, Fraction | None]] = defaultdict(dict)
    columns = card.tables["scores"].columns
    for unit, node, points in zip(columns["unit"], columns["node"], columns["points"], strict=True):
        if node in asked:
            found[str(unit)][str(node)] = None if points is None else Fraction(int(points), scale)
    return found


def _shifts(before: Mapping[str, Fraction | None], after: Mapping[str, Fraction | None]) -> tuple[Shift, ...]:
    names = dict.fromkeys([*after, *before])
    found = [Shift(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)]
    return tuple(sorted(found, key=lambda one: -abs(one.by)))
