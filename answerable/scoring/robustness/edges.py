"""How far each unit is from another grade: in points of its total, and in weight moved from one item to another.

In points: `up` is the fewest that its total, as grades read it, lacks for a better grade; `down` the most it can lose
and keep its grade. In weight: the least number of whole thousandths of a point that, taken from the points of one item
and given to another, lift the unit or drop it while all else stays, shares included. All points stay what they were,
so nothing is rescaled: the total moves by the weight times the difference of the two shares, times all points to those
the unit was assessed on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np

from answerable.definition.model import Part, Programme
from answerable.scoring.robustness.drawing import Base, base_of
from answerable.scoring.robustness.held import stepped, veto_floors
from answerable.scoring.robustness.tree import ONE
from answerable.scoring.scorecard import Scorecard
from answerable.values.number import Mode, text_of
from answerable.values.table import Cell, Column, Schema, Table

__all__ = ["Edge", "Margin", "Shift", "margin_table", "margins"]


@dataclass(frozen=True)
class Shift:
    """Weight moved from one item to another, in thousandths of a point."""

    source: str
    target: str
    thousandths: int


@dataclass(frozen=True)
class Edge:
    """The way to another grade: which, how far in points, by which shift of weight; or what holds the grade.

    held_by: `minimum:ID`, `step:ID`, `veto:ID` keep the grade whatever the total; `quota:GRADE` makes it depend on
    others; `points`: no total is so high, or the grade is the last there is; `figures`: printed figures do not tell the
    grade exactly. shift_held_by: the same, or `minimum:ID` of a part, which other weights may move too; `weights`: no
    two items have points enough.
    """

    grade: str = ""
    points: Fraction | None = None
    shift: Shift | None = None
    held_by: tuple[str, ...] = ()
    shift_held_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Margin:
    """The two edges of a rated unit's grade."""

    unit: str
    grade: str
    up: Edge
    down: Edge


def margins(programme: Programme, scorecard: Scorecard) -> Iterator[Margin]:
    """The margin of each rated unit, in the order of the scorecard.

    Raises:
        Refused: as `figures_of`.
    """
    base = base_of(programme, scorecard)
    short = _short(base)
    shares = _Shares(base)
    for at in range(len(base.figures.units)):
        yield _Unit(base, shares, at, short[at]).margin()


def margin_table(found: Sequence[Margin]) -> Table:
    """Margins as a table: points and weights written out, as fractions where decimals do not end."""
    rows: list[dict[str, Cell]] = []
    for one in found:
        row: dict[str, Cell] = {"unit": one.unit, "grade": one.grade}
        for name, edge in (("up", one.up), ("down", one.down)):
            shift = edge.shift
            row |= {
                f"{name}_to": edge.grade or None,
                f"{name}_points": None if edge.points is None else text_of(edge.points, 12),
                f"{name}_held_by": ";".join(edge.held_by) or None,
                f"{name}_weight": text_of(Fraction(shift.thousandths, ONE)) if shift else None,
                f"{name}_from_item": shift.source if shift else None,
                f"{name}_to_item": shift.target if shift else None,
                f"{name}_weight_held_by": ";".join(edge.shift_held_by) or None,
            }
        rows.append(row)
    sides = ("to", "points", "held_by", "weight", "from_item", "to_item", "weight_held_by")
    names = ("unit", "grade", *(f"{name}_{side}" for name in ("up", "down") for side in sides))
    columns = tuple(Column(name, "text") for name in names)
    return Table(Schema("margins", ("unit",), columns), {name: [row[name] for row in rows] for name in names})


def _short(base: Base) -> list[dict[str, int]]:
    """Per unit, the minimums it does not reach and the best grade each leaves."""
    found: list[dict[str, int]] = [{} for _ in base.figures.units]
    for minimum in base.figures.programme.grades.minimums:
        short = base.totals.falls_short(minimum, np.full((1, len(base.figures.items)), ONE, np.int64))
        place = base.figures.programme.grades.order.index(minimum.grade) + 1
        for at in np.flatnonzero(short[0]).tolist():
            found[at][minimum.node] = max(place, found[at].get(minimum.node, 0))
    return found


class _Shares:
    """The share of its points each unit earned of each item that is simply added up, as whole numbers of one scale."""

    def __init__(self, base: Base) -> None:
        figures, tree = base.figures, base.totals.tree
        self.scale = lcm(*figures.worth)
        times = np.array([self.scale // worth for worth in figures.worth], object)[:, None]
        counted, given = tree.simply_added()
        self.shares = (figures.points.astype(object) * given * times).T.tolist()
        self.counted = counted.T.tolist()
        as_it_is = np.full((1, len(figures.items)), ONE, np.int64)
        number, divisor = base.totals.raw(as_it_is)
        self.raw = [Fraction(int(one), int(other)) for one, other in zip(number[0], divisor[0], strict=True)]
        self.available = [int(one) for one in tree.points(as_it_is, tree.root)[1][0]]
        parts = [node.id for node in figures.programme.tree.nodes() if isinstance(node, Part)]
        named = [one.node for one in figures.programme.grades.minimums if one.node in parts]
        self.minimums = [(name, tree.present[name].tolist()) for name in dict.fromkeys(named)]


class _Unit:
    """One rated unit on the way to its edges."""

    def __init__(self, base: Base, shares: _Shares, at: int, short: dict[str, int]) -> None:
        self.figures, self.totals, self.shares, self.at = base.figures, base.totals, shares, at
        self.programme = base.figures.programme
        self.order, self.on = self.programme.grades.order, self.programme.grades.on
        caps, which = base.figures.caps
        self.cap = caps[int(which[at])]
        self.short, self.held = short, base.figures.vetoes[at]
        self.table: list[int] = self.totals.table[self.totals.profiles[at]].tolist()
        self.steps = self.totals.steps(self.on)
        self.starts = [int(start[at]) for start in self.totals.starts(self.on)]
        self.total = int(base.outcome.totals[self.on][0, at])
        self.place = sum(self.total < start for start in self.starts)
        self.grade = self._final(self.place)
        self.printed = int(base.figures.grades[at])
        self.told = int(base.outcome.grades[0, at]) == self.printed

    def margin(self) -> Margin:
        """Both edges."""
        up = self._edge(range(self.place - 1, -1, -1), better=True)
        down = self._edge(range(self.place + 1, len(self.order)), better=False)
        return Margin(self.figures.units[self.at], self.order[self.printed], up, down)

    def _edge(self, places: Sequence[int], better: bool) -> Edge:
        if not self.told:
            return Edge(held_by=("figures",), shift_held_by=("figures",))
        found = next((one for one in places if (self._final(one) - self.grade) * (-1 if better else 1) > 0), None)
        if found is None:
            return _held(self._holders(better))
        seats = self._seats(self._final(found) if better else self.grade)
        if seats:
            return _held(seats)
        start = self.starts[found] if better else self.starts[found - 1]
        cap = int(self.totals.caps_read(self.on)[self.at])
        if better and start > cap:
            return _held(self._capped(cap) or ("points",))
        shift, why = self._shift(start, better)
        # Totals read in coarse steps may pass over a band: the grade is the one of the next total there is.
        beyond = sum((start if better else start - 1) < one for one in self.starts)
        return Edge(self.order[self._final(beyond)], self._far(start, better), shift, (), why)

    def _final(self, place: int) -> int:
        return self.table[max([place, *self.short.values()])]

    def _far(self, start: int, better: bool) -> Fraction:
        """Points between the total as it is read and where a grade begins."""
        if self.on == "rounded":
            return Fraction(start - self.total if better else self.total - start, self.steps)
        exact = self.shares.raw[self.at]
        cap, kept = self.cap, self._kept
        total = max(Fraction(0), min(max(Fraction(0), min(exact, cap)) + kept, cap))
        return Fraction(start, self.steps) - total if better else total - Fraction(start, self.steps)

    @property
    def _kept(self) -> Fraction:
        return Fraction(int(self.totals.kept[self.at]), 10**self.programme.rounding.total.decimals)

    # -- what holds a grade ----------------------------------------------------------------------------------------

    def _holders(self, better: bool) -> tuple[str, ...]:
        """What keeps the grade whatever the total; nothing where it is the first or the last."""
        if self.grade == (0 if better else len(self.order) - 1):
            return ("points",)
        floors = veto_floors(self.programme, self.held)
        vetoes = [f"veto:{name}" for name, floor in floors.items() if floor >= self.grade]
        if better and vetoes:
            return tuple(vetoes)
        least = max(self.short.values(), default=0)
        if better and least and self._stepped(0) < self._stepped(least):
            return tuple(f"minimum:{name}" for name, place in self.short.items() if place == least)
        way = "down" if better else "up"
        holding = self.figures.holding[:, self.at].tolist()
        steps = [
            f"step:{step.id}"
            for step, holds in zip(self.programme.grades.steps, holding, strict=True)
            if holds and step.by == way
        ]
        return tuple(steps or vetoes)

    def _stepped(self, place: int) -> int:
        return stepped(self.programme, self.figures.holding[:, self.at].tolist(), place)

    def _seats(self, grade: int) -> tuple[str, ...]:
        """Quotas by which a grade depends on the totals of others."""
        taken = self.printed != self.grade
        quotas = self.programme.grades.quotas
        return tuple(f"quota:{quota.grade}" for quota in quotas if taken or grade <= self.order.index(quota.grade))

    def _capped(self, cap: int) -> tuple[str, ...]:
        """The vetoes that keep the total at what it may be at most."""
        held = [veto for veto in self.programme.vetoes if veto.id in self.held]
        caps = {veto.id: getattr(veto.effect, "total", None) for veto in held}
        return tuple(f"veto:{name}" for name, total in caps.items() if total == self.cap)

    # -- weight ----------------------------------------------------------------------------------------------------

    def _shift(self, start: int, better: bool) -> tuple[Shift | None, tuple[str, ...]]:
        minimums = tuple(f"minimum:{name}" for name, there in self.shares.minimums if there[self.at])
        if minimums:
            return None, minimums
        bound, included = self._bound(start)
        # Where printed and recomputed totals differ, a total may be read so at nothing already, or not at all points.
        if bound < 0 or (bound == 0 and included) or bound > self.cap:
            return None, ("points",)
        raw = self.shares.raw[self.at]
        need = bound - raw if better else raw - bound
        shift = self._least(need, included != better, better)
        return shift, () if shift else ("weights",)

    def _bound(self, start: int) -> tuple[Fraction, bool]:
        """From which exact total on it is read as at least `start`, and whether that total itself is."""
        if self.on == "exact":
            return Fraction(start, self.steps) - self._kept, True
        whole = start - int(self.totals.kept[self.at])
        bound, included = _first_read_as(self.programme.rounding.total.mode, whole)
        return bound / self.steps, included

    def _least(self, need: Fraction, more: bool, better: bool) -> Shift | None:
        """The least thousandths whose move changes the total by `need`, or by `more` than that."""
        shares, counted = self.shares.shares[self.at], self.shares.counted[self.at]
        there = [at for at, counts in enumerate(counted) if counts]
        if not there:
            return None
        sign = 1 if better else -1
        target = max(there, key=lambda at: sign * shares[at])
        # What each thousandth gives is the difference of shares, on the scale they have, over this.
        per = need * self.shares.available[self.at] * self.shares.scale * self.figures.unit_of_points
        per /= self.programme.tree.points * 10**self.programme.rounding.item.decimals
        per *= self.figures.unit_of_points
        best: Shift | None = None
        for at in there:
            gain = sign * (shares[target] - shares[at])
            if gain <= 0:
                continue
            least = per.numerator // (per.denominator * gain)
            exact = least * per.denominator * gain == per.numerator
            least += 0 if exact and not more else 1
            if least <= self.figures.items[at].points * ONE and (best is None or least < best.thousandths):
                best = Shift(self.figures.items[at].id, self.figures.items[target].id, least)
        return best


def _held(by: tuple[str, ...]) -> Edge:
    return Edge(held_by=by, shift_held_by=by)


def _first_read_as(mode: Mode, whole: int) -> tuple[Fraction, bool]:
    """The least number that is rounded to a whole number above 0, and whether it is itself."""
    match mode:
        case "down":
            return Fraction(whole), True
        case "up":
            return Fraction(whole - 1), False
        case "half_up":
            return Fraction(2 * whole - 1, 2), True
        case "half_even":
            return Fraction(2 * whole - 1, 2), whole % 2 == 0
