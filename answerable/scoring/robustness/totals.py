"""What follows the tree, for many units under many weights: totals, grades, seats, places, as the judge decides them.

Rows are draws, columns units. What adjustments gave is kept as printed, and so is which units are rated and which
vetoes held. Printed points are what is added, as under `add: rounded`. Where a programme adds exact points they differ
a little from what was added: then each unit keeps the difference between its printed total and the one that printed
points give, so that unchanged weights give the printed totals again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import ceil, lcm
from typing import Literal

import numpy as np

from answerable.definition.model import Programme
from answerable.definition.outcomes import Minimum
from answerable.scoring.robustness.exact import FLOATS, Kind, long_fits, long_quotient, rounded, whole_numbers
from answerable.scoring.robustness.figures import Array, Bools
from answerable.scoring.robustness.places import places
from answerable.scoring.robustness.tree import Tree
from answerable.values.number import Rounding

__all__ = ["Outcome", "Totals"]

On = Literal["rounded", "exact"]
ALL = slice(None)
_BEYOND = 2**62
"""What no total reaches that is kept in 64 bits."""


@dataclass(frozen=True)
class Outcome:
    """What some draws give, draws × units: totals by how they are read, grades by their place, places per ranking."""

    totals: Mapping[On, Array]
    grades: Array
    places: Mapping[str, Array]


class Totals:
    """From the points of a tree to grades and places.

    Args:
        kept: per unit, what its printed total has more than the one its printed points give; see the module.
    """

    def __init__(self, tree: Tree, kept: Array | None = None) -> None:
        self.tree, self.figures = tree, tree.figures
        self.programme: Programme = tree.programme
        self.kept = np.zeros(len(self.figures.units), np.int64) if kept is None else kept
        self._read_caps: dict[On, Array] = {}
        self._read_starts: dict[On, list[Array]] = {}
        self.profiles, self.table = self.figures.graded
        self.plain = bool((self.table == np.arange(self.table.shape[1])).all())

    def outcome(self, factors: Array) -> Outcome:
        """Totals, grades and places under each draw of factors."""
        totals = self.read(factors)
        grades = self._seated(self._graded(factors, totals), totals)
        ranks = self.programme.ranks
        found = {rank.id: places(totals[rank.on], self.figures.groups[rank.within], rank.ties) for rank in ranks}
        return Outcome(totals, grades, found)

    # -- totals ----------------------------------------------------------------------------------------------------

    @cached_property
    def readings(self) -> set[On]:
        """How totals are read by grades and ranks."""
        return {"rounded", self.programme.grades.on, *(rank.on for rank in self.programme.ranks)}

    def raw(self, factors: Array, at: slice = ALL) -> tuple[Array, Array]:
        """Each total as a quotient of whole numbers, neither rounded nor kept between nothing and all points."""
        earned, available = self.tree.points(factors, self.tree.root, at)
        if self.wide:
            earned, available = whole_numbers(earned), whole_numbers(available)
        full = int(self.programme.tree.points * self._one) // self.figures.unit_of_points
        adjusted = (self.adjusted if self.wide else self._adjusted)[at]
        number = earned * (full * (self.grid // self._one)) + available * adjusted
        return number, available * self.grid

    def read(self, factors: Array, at: slice = ALL) -> dict[On, Array]:
        """Totals as they are read: rounded to their decimals, and exact in steps of `finest` where that is needed."""
        number, divisor = self.raw(factors, at)
        last, mode = 10**self.programme.rounding.total.decimals, self.programme.rounding.total.mode
        caps = self.caps_read("rounded")[at]
        found: dict[On, Array] = {"rounded": self._within(rounded(mode, number * last, divisor), caps, 1, at)}
        if "exact" in self.readings:
            base, bits = self.finest
            whole = long_quotient(number, base, divisor, bits, self._sizes)
            found["exact"] = self._within(whole, self.caps_read("exact")[at], (base << bits) // last, at)
        return found

    def caps_read(self, on: On) -> Array:
        """The most each total may be, in the steps of a reading."""
        if on not in self._read_caps:
            scaled, (distinct, at) = self.programme.rounding.total.scaled, self.figures.caps
            made = [scaled(cap) if on == "rounded" else int(cap * self.steps(on)) for cap in distinct]
            self._read_caps[on] = np.array(made, self.kinds[on])[at]
        return self._read_caps[on]

    @cached_property
    def kinds(self) -> dict[On, Kind]:
        """What holds totals as they are read."""
        exact = np.int64 if long_fits(self._sizes) else object
        return {"rounded": object if self.wide else np.float64, "exact": exact}

    def _within(self, totals: Array, caps: Array, one: int, at: slice) -> Array:
        """Kept between nothing and the most it may be, then moved by what is kept of the printed total."""
        totals = np.asarray(np.minimum(np.maximum(totals, 0), caps))
        if not self.kept[at].any():
            return totals
        return np.asarray(np.minimum(np.maximum(totals + self.kept[at].astype(totals.dtype) * one, 0), caps))

    @property
    def _one(self) -> int:
        one: int = 10**self.programme.rounding.item.decimals
        return one

    @cached_property
    def grid(self) -> int:
        """What one point is divided into, so that adjustments and their limits together are whole."""
        limits = [one for one in (self.programme.together.more, self.programme.together.off) if one is not None]
        return lcm(self._one, 10**self.programme.rounding.total.decimals, *(one.denominator for one in limits))

    @cached_property
    def adjusted(self) -> Array:
        """What adjustments give and take in all, by unit, in steps of `grid`."""
        rows = self.figures.adjusted.astype(object) * (self.grid // self._one)
        none = np.zeros(len(self.figures.units), object)
        more = sum((np.maximum(row, 0) for row in rows), none)
        off = sum((np.maximum(-row, 0) for row in rows), none)
        most = self.programme.together
        more = more if most.more is None else np.minimum(more, int(most.more * self.grid))
        off = off if most.off is None else np.minimum(off, int(most.off * self.grid))
        return np.asarray(more - off, object)

    @cached_property
    def _adjusted(self) -> Array:
        return self.adjusted.astype(np.float64)

    @cached_property
    def wide(self) -> bool:
        """Whether float64 cannot hold all numbers on the way."""
        return self.largest >= FLOATS

    @cached_property
    def _sizes(self) -> tuple[int, int, int]:
        """The greatest number and divisor of a total, and how large a total may be in the finest steps."""
        shares = [Fraction(size, worth) for size, worth in zip(self.tree.sizes, self.figures.worth, strict=True)]
        most = max(shares) / self.figures.unit_of_points * self.programme.tree.points + 1
        most += Fraction(int(max(abs(self.adjusted))), self.grid)
        base, bits = self.finest
        return self._most_number * base, self._most_divisor, ceil(most * (base << bits))

    @cached_property
    def _most_divisor(self) -> int:
        return self.tree.bound(self.programme.tree)[1] * self.grid

    @cached_property
    def largest(self) -> int:
        """The greatest number on the way to a total."""
        last: int = 10**self.programme.rounding.total.decimals
        return max(2 * self._most_number * last + self._most_divisor, self.tree.bound(self.programme.tree)[2])

    @cached_property
    def _most_number(self) -> int:
        earned, available, _ = self.tree.bound(self.programme.tree)
        full = int(self.programme.tree.points * self._one) // self.figures.unit_of_points * (self.grid // self._one)
        return earned * full + available * int(max(abs(self.adjusted)))

    @cached_property
    def _base(self) -> int:
        starts = [band for kind in self.programme.assess for band in self.programme.grades.starts(kind)]
        return lcm(self.grid, *(one.denominator for one in [*starts, *self.figures.caps[0]]))

    @cached_property
    def finest(self) -> tuple[int, int]:
        """A base and so many bits more: steps so fine that two totals in the same step are the same total.

        Two different totals differ at least by one part of the product of what was available, on the grid.
        """
        return self._base, (self.tree.bound(self.programme.tree)[1] ** 2).bit_length()

    # -- grades ----------------------------------------------------------------------------------------------------

    def _graded(self, factors: Array, totals: Mapping[On, Array]) -> Array:
        on = self.programme.grades.on
        reached = np.zeros(totals[on].shape, np.int8)
        for start in self.starts(on):
            reached += np.asarray(totals[on] < start, np.bool_)
        for minimum in self.programme.grades.minimums:
            short = self.falls_short(minimum, factors) * np.int8(self.programme.grades.order.index(minimum.grade) + 1)
            reached = np.maximum(reached, short)
        return reached if self.plain else self.table[self.profiles, reached]

    def starts(self, on: On) -> list[Array]:
        """Where each grade but the last begins, by unit, in the steps of a reading."""
        if on not in self._read_starts:
            kinds, at = self.figures.kind_codes
            known = [[ceil(one * self.steps(on)) for one in self.programme.grades.starts(kind)] for kind in kinds]
            if self.kinds[on] is not object:
                known = [[min(one, _BEYOND) for one in starts] for starts in known]
            last = len(self.programme.grades.order) - 1
            made = [np.array([starts[one] for starts in known], self.kinds[on])[at] for one in range(last)]
            self._read_starts[on] = made
        return self._read_starts[on]

    def steps(self, on: On) -> int:
        """How many steps of a reading make one point."""
        return 10**self.programme.rounding.total.decimals if on == "rounded" else self.finest[0] << self.finest[1]

    def falls_short(self, minimum: Minimum, factors: Array) -> Bools:
        """Units whose node did not reach the share of its points that a grade asks."""
        share, part = minimum.share, self.tree.minimums.get(minimum.node)
        if minimum.node == self.programme.tree.id:
            part = self.tree.root
        if part is None:
            at = self.tree.index[minimum.node]
            points = self.figures.points[at].astype(object) * ~self.figures.emptied(minimum.node)
            worth = self.figures.worth[at] * self.figures.unit_of_points
            short = points * share.denominator < share.numerator * worth
            return np.asarray(short.astype(np.bool_) & self.tree.present[minimum.node])[None, :]
        earned, available = (
            whole_numbers(one) if self._is_wide(share) else one for one in self.tree.points(factors, part)
        )
        owed = available * (share.numerator * self.figures.unit_of_points)
        return np.asarray((earned * share.denominator < owed) & part.present).astype(np.bool_)

    def _is_wide(self, share: Fraction) -> bool:
        earned, available, _ = self.tree.bound(self.programme.tree)
        owed = available * share.numerator * self.figures.unit_of_points
        return max(earned * share.denominator, owed) >= FLOATS

    def _seated(self, grades: Array, totals: Mapping[On, Array]) -> Array:
        """Grades taken from the units of each group that have no seat."""
        order, on = self.programme.grades.order, self.programme.grades.on
        for quota in self.programme.grades.quotas:
            groups, last = self.figures.groups[quota.within], order.index(quota.grade)
            sizes = np.bincount(groups)
            seats = np.array([Rounding(quota.seats, 0).scaled(quota.share * int(size)) for size in sizes])[groups]
            holds = grades <= last
            at = places(totals[on], groups, "min" if quota.ties == "in" else "max", holds)
            grades = np.where(holds & (at > seats), np.int8(last + 1), grades)
        return grades
