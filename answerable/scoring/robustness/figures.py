"""What robustness rests on: the printed figures of the rated units of a scorecard, as arrays.

Nothing else is read, so whoever holds a published scorecard and its programme can compute the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import gcd
from typing import Any

import numpy as np
import numpy.typing as npt

from answerable.definition.model import Item, Programme
from answerable.definition.outcomes import NothingFor, TotalAtMost
from answerable.scoring.robustness.held import grade_table
from answerable.scoring.scorecard import Scorecard
from answerable.values.issue import Issue, Place, Refused
from answerable.values.table import Table

__all__ = ["Array", "Bools", "Figures", "figures_of"]

Array = npt.NDArray[Any]
"""Whole numbers: int64, float64 below 2**53, or Python's own where neither holds them."""
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Figures:
    """The rated units, in the order of the scorecard.

    points: items × units, as printed with the decimals of items, 0 where exempt. assessed: items × units. adjusted:
    adjustments × units, as printed. totals, grades: as printed, grades by their place from the best. vetoes: the ids
    that held. holding: per step whether its indicator is above 0; a printed 0 counts as 0, though the exact value may
    be a trifle more. groups: the group of each unit by what it is ranked or seated within.
    """

    programme: Programme
    units: Sequence[str]
    kinds: Sequence[str]
    points: Array
    assessed: Bools
    adjusted: Array
    totals: Array
    grades: npt.NDArray[np.int8]
    vetoes: Sequence[tuple[str, ...]]
    holding: Bools
    groups: Mapping[str, npt.NDArray[np.int64]]
    ranked: Mapping[str, Sequence[tuple[str, int, int]]]
    """Per ranking and unit: the group, the place, and of how many."""

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """The leaves of the tree, in order."""
        return tuple(self.programme.tree.items())

    @cached_property
    def unit_of_points(self) -> int:
        """The largest number of last decimals that the points of every item are a multiple of."""
        return gcd(*self._scaled)

    @cached_property
    def worth(self) -> tuple[int, ...]:
        """The points of each item, in `unit_of_points`: small numbers, in the proportions of the programme."""
        return tuple(points // self.unit_of_points for points in self._scaled)

    @cached_property
    def _scaled(self) -> tuple[int, ...]:
        one = 10**self.programme.rounding.item.decimals
        return tuple(int(item.points * one) for item in self.items)

    def emptied(self, node: str) -> Bools:
        """The units for which a veto leaves nothing of a node."""
        held = {veto.id for veto in self.programme.vetoes if veto.effect == NothingFor(node)}
        if not held:
            return np.zeros(len(self.units), np.bool_)
        return np.fromiter((bool(held.intersection(one)) for one in self.vetoes), np.bool_, len(self.units))

    @cached_property
    def caps(self) -> tuple[list[Fraction], npt.NDArray[np.int64]]:
        """The most a unit's total may be: what there is, and which of it each unit has."""
        full = self.programme.tree.points
        most = {veto.id: veto.effect.total for veto in self.programme.vetoes if isinstance(veto.effect, TotalAtMost)}
        seen: dict[Fraction, int] = {}
        known: dict[tuple[str, ...], int] = {}
        for held in set(self.vetoes):
            cap = min([full, *(most[name] for name in held if name in most)])
            known[held] = seen.setdefault(cap, len(seen))
        return list(seen), np.array([known[held] for held in self.vetoes], np.int64)

    @cached_property
    def kind_codes(self) -> tuple[list[str], npt.NDArray[np.int64]]:
        """The kinds there are, and which each unit is of."""
        kinds, at = np.unique(np.array(self.kinds), return_inverse=True)
        return [str(kind) for kind in kinds], at.reshape(-1)

    @cached_property
    def graded(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int8]]:
        """What steps and vetoes make of a grade; see `grade_table`."""
        return grade_table(self.programme, self.holding, self.vetoes)

    def only(self, kept: Bools) -> Figures:
        """The figures of some of the units."""
        at = np.flatnonzero(kept).tolist()
        return replace(
            self,
            units=[self.units[one] for one in at],
            kinds=[self.kinds[one] for one in at],
            points=self.points[:, kept],
            assessed=self.assessed[:, kept],
            adjusted=self.adjusted[:, kept],
            totals=self.totals[kept],
            grades=self.grades[kept],
            vetoes=[self.vetoes[one] for one in at],
            holding=self.holding[:, kept],
            groups={name: codes[kept] for name, codes in self.groups.items()},
            ranked={name: [rows[one] for one in at] for name, rows in self.ranked.items()},
        )


def figures_of(programme: Programme, scorecard: Scorecard) -> Figures:
    """The figures of a scorecard.

    Raises:
        Refused: where it is the scorecard of another programme, no unit is rated, or a quota is within groups that no
            ranking tells.
    """
    if scorecard.programme_digest != programme.digest:
        facts = {"programme": programme.digest, "scorecard": scorecard.programme_digest}
        raise Refused([Issue("robustness.other_programme", Place(), facts)])
    columns = scorecard.grades.columns
    rated = np.array([state == "rated" for state in columns["state"]], np.bool_)
    if not rated.any():
        raise Refused([Issue("robustness.nobody_rated", Place(), {"units": str(len(rated))})])
    at = np.flatnonzero(rated).tolist()
    chosen = {name: [cells[one] for one in at] for name, cells in columns.items()}
    units, kinds = [str(one) for one in chosen["unit"]], [str(one) for one in chosen["kind"]]
    points, present = _matrix(scorecard.tables["scores"], "node", "points", rated)
    shown, known = _matrix(scorecard.tables["indicators"], "indicator", "value", rated)
    items, adjustments = [item.id for item in programme.tree.items()], [one.id for one in programme.adjustments]
    ranked = _ranked(programme, scorecard.tables["ranks"], units)
    return Figures(
        programme,
        units,
        kinds,
        points(items),
        present(items).astype(np.bool_),
        points(adjustments),
        _whole([int(one or 0) for one in chosen["total"]]),
        np.array([programme.grades.order.index(str(one)) for one in chosen["grade"]], np.int8),
        [tuple(str(one or "").split(";")) for one in chosen["vetoes"]],
        _holding(programme, shown, known, len(units)),
        _groups(programme, kinds, ranked),
        ranked,
    )


Rows = Callable[[Sequence[str]], Array]


def _matrix(table: Table, key: str, value: str, rated: Bools) -> tuple[Rows, Rows]:
    """A long table, which has the same names for every unit, as rows of names and columns of rated units."""
    cells, count = table.columns[value], len(rated)
    names = list(table.columns[key][: len(table) // count])
    filled = _whole([0 if cell is None else int(cell) for cell in cells]).reshape(count, len(names))[rated].T
    there = np.array([cell is not None for cell in cells], np.bool_).reshape(count, len(names))[rated].T

    def rows(of: Array) -> Rows:
        return lambda wanted: np.ascontiguousarray(of[[names.index(name) for name in wanted]])

    return rows(filled), rows(there)


def _whole(numbers: Iterable[int]) -> Array:
    listed = list(numbers)
    try:
        return np.array(listed, np.int64)
    except OverflowError:
        return np.array(listed, object)


def _holding(programme: Programme, shown: Rows, known: Rows, units: int) -> Bools:
    names = [step.when for step in programme.grades.steps]
    if not names:
        return np.zeros((0, units), np.bool_)
    held: Bools = (shown(names) > 0) & known(names).astype(np.bool_)
    return held


def _ranked(programme: Programme, table: Table, units: Sequence[str]) -> dict[str, list[tuple[str, int, int]]]:
    rows = zip(*(table.columns[name] for name in ("unit", "rank", "group", "place", "of")), strict=True)
    found = {(str(unit), str(rank)): (str(group), int(place), int(of)) for unit, rank, group, place, of in rows}
    return {rank.id: [found[unit, rank.id] for unit in units] for rank in programme.ranks}


def _groups(
    programme: Programme, kinds: Sequence[str], ranked: Mapping[str, Sequence[tuple[str, int, int]]]
) -> dict[str, npt.NDArray[np.int64]]:
    named: dict[str, Sequence[str]] = {rank.within: [one[0] for one in ranked[rank.id]] for rank in programme.ranks}
    named["kind"] = kinds
    lost = sorted({quota.within for quota in programme.grades.quotas} - named.keys())
    if lost:
        raise Refused([Issue("robustness.no_groups", Place(), {"within": within}) for within in lost])
    return {within: np.unique(np.array(names), return_inverse=True)[1].reshape(-1) for within, names in named.items()}
