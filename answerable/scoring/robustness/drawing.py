"""How firm grades and places are if the weights had been chosen somewhat differently: many draws of weights.

In each draw the points of every item are multiplied by a factor, drawn uniformly from whole thousandths around 1. The
share of its points that each unit earned of an item stays as printed, exempt items stay exempt, and the rest follows as
the programme says: parts, rescaling, adjustments in points, vetoes, rounding, grades, quotas, places within groups.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from random import Random

import numpy as np

from answerable.definition.model import Programme
from answerable.scoring.robustness.figures import Array, Bools, Figures, figures_of
from answerable.scoring.robustness.totals import Outcome, Totals
from answerable.scoring.robustness.tree import ONE, Tree
from answerable.scoring.scorecard import Scorecard
from answerable.values.issue import Issue, Place, Refused
from answerable.values.number import text_of
from answerable.values.table import Cell, Column, Schema, Table

__all__ = ["Base", "Draws", "base_of", "draws"]

CELLS = 1 << 20
"""Cells computed at a time, draws × units: about 100 MB with everything on the way."""
GATHERED = 128
"""Draws gathered before the extremes of places are kept."""


@dataclass(frozen=True)
class Base:
    """The figures of a scorecard, how totals come from them, and what unchanged weights give."""

    figures: Figures
    totals: Totals
    outcome: Outcome
    as_printed: Bools
    """By unit: whether unchanged weights give back the printed grade and places. They do, unless the programme adds or
    reads what is not printed: exact points, or a step on an indicator that is above 0 and prints 0."""


def base_of(programme: Programme, scorecard: Scorecard, most: int = ONE) -> Base:
    """What everything here begins with.

    Args:
        most: the greatest factor there will be, in thousandths.

    Raises:
        Refused: as `figures_of`.
    """
    figures = figures_of(programme, scorecard)
    return base_on(figures, Totals(Tree(figures, most=most)))


def base_on(figures: Figures, totals: Totals) -> Base:
    """The base of figures, with what printed totals have more than printed points give; see `totals`."""
    as_it_is = np.full((1, len(figures.items)), ONE, np.int64)
    given = totals.read(as_it_is)["rounded"][0]
    given = given if given.dtype == object else given.astype(np.int64)
    totals = Totals(totals.tree, figures.totals - given)
    outcome = totals.outcome(as_it_is)
    same = outcome.grades[0] == figures.grades
    for name, rows in figures.ranked.items():
        same &= outcome.places[name][0] == np.array([place for _, place, _ in rows])
    return Base(figures, totals, outcome, same)


@dataclass(frozen=True)
class Draws:
    """What many draws of weights give.

    units: one row per rated unit; per grade in how many draws it has it, the printed and the median total, and
    `as_printed`, 0 where printed figures do not tell its grade or place exactly. ranks: one row per rated unit and
    ranking; the place as printed, between which places it is in nine of ten draws, the best and the worst.
    """

    count: int
    within: Fraction
    seed: str
    units: Table
    ranks: Table


def draws(
    programme: Programme,
    scorecard: Scorecard,
    count: int = 1000,
    within: Fraction = Fraction(1, 4),
    seed: str | None = None,
) -> Draws:
    """Draw weights and see what becomes of grades, totals and places.

    Memory beside the scorecard: about 11 KB a unit for 30 items, two rankings and 1,000 draws (1.1 GB for 100,000
    units). It grows with items, rankings and the tenth of the draws that is kept of each ranking.

    Args:
        within: by how much a weight may be more or less, in whole thousandths.
        seed: the same seed gives the same bytes; without one, the digest of the scorecard.

    Raises:
        Refused: where nothing is varied, or nothing that is varied could move anybody.
    """
    span = within * ONE
    if not 0 < span < ONE or span.denominator != 1:
        raise Refused([Issue("robustness.nothing_varied", Place(), {"within": f"{text_of(within * 100)}%"})])
    if count < 1:
        raise Refused([Issue("robustness.no_draws", Place(), {"draws": str(count)})])
    base = base_of(programme, scorecard, ONE + int(span))
    refuse_what_cannot_move(base.figures)
    seed = scorecard.digest() if seed is None else seed
    drawn = factors(count, len(base.figures.items), int(span), seed)
    moved, chances, extremes = _all_draws(base, drawn)
    if not moved:
        raise Refused([_nothing_moves(base.figures)])
    medians = _medians(base.totals, drawn)
    return Draws(count, within, seed, _units(base, chances, medians), _ranks(base, extremes))


def factors(count: int, items: int, span: int, seed: str) -> Array:
    """Draws × items: whole thousandths, each as likely as any other, row by row from `random.Random(seed)`."""
    random = Random(seed)
    drawn = [ONE - span + int(random.random() * (2 * span + 1)) for _ in range(count * items)]
    return np.array(drawn, np.int64).reshape(count, items)


def refuse_what_cannot_move(figures: Figures) -> None:
    """Refuses where every unit has one share of all it was assessed on: then no weights change a total.

    Raises:
        Refused: so that nobody takes a step without effect for a firm result.
    """
    assessed = figures.assessed
    if not (assessed.sum(axis=0) > 1).any():
        raise Refused([Issue("robustness.one_item", Place(), {})])
    small = figures.points.dtype != object and int(np.abs(figures.points).max()) * max(figures.worth) < 2**62
    points = figures.points if small else figures.points.astype(object)
    worth = np.array(figures.worth, points.dtype)[:, None]
    first = np.argmax(assessed, axis=0)
    units = np.arange(len(figures.units))
    differs = points * worth[first, 0] != points[first, units] * worth
    if not (differs.astype(np.bool_) & assessed).any():
        raise Refused([_nothing_moves(figures)])


def _nothing_moves(figures: Figures) -> Issue:
    return Issue("robustness.nothing_moves", Place(), {"units": str(len(figures.units))})


# -- in blocks of draws --------------------------------------------------------------------------------------------


def _blocks(count: int, width: int) -> Iterator[slice]:
    step = max(1, CELLS // width)
    yield from (slice(start, min(start + step, count)) for start in range(0, count, step))


def _all_draws(base: Base, drawn: Array) -> tuple[bool, Array, dict[str, Extremes]]:
    """Whether any total moved, how often each unit has each grade, and its extreme places."""
    moved, as_it_is = False, base.outcome.totals["rounded"]
    grades, units = base.figures.programme.grades.order, len(base.figures.units)
    chances = np.zeros((len(grades), units), np.int64)
    extremes = {rank.id: Extremes(len(drawn), units) for rank in base.figures.programme.ranks}
    for block in _blocks(len(drawn), units):
        outcome = base.totals.outcome(drawn[block])
        moved = moved or bool((outcome.totals["rounded"] != as_it_is).any())
        for at in range(len(grades)):
            chances[at] += (outcome.grades == at).sum(axis=0)
        for name, kept in extremes.items():
            kept.add(outcome.places[name])
    return moved, chances, extremes


class Extremes:
    """The best and the worst twentieth of the places of each unit, kept while draws go by.

    The 5th percentile is the place of that rank counted from the best, the 95th counted from the worst.
    """

    def __init__(self, count: int, units: int) -> None:
        self.size = (count + 19) // 20
        self.kept = np.empty((units, 0), np.int32)
        """Units × places: all so far, or the least so many of them and the greatest, those between left out."""
        self.waiting: list[Array] = []

    def add(self, places: Array) -> None:
        """Take in the places of some draws, draws × units."""
        self.waiting.append(places)
        if sum(len(one) for one in self.waiting) >= GATHERED:
            self._settle()

    def interval(self) -> tuple[Array, Array, Array, Array]:
        """By unit: the 5th percentile, the 95th, the best place and the worst."""
        self._settle()
        kept = np.sort(self.kept, axis=1)
        return kept[:, self.size - 1], kept[:, -self.size], kept[:, 0], kept[:, -1]

    def _settle(self) -> None:
        places = np.hstack([self.kept, *(one.T for one in self.waiting)])
        if places.shape[1] > 2 * self.size:
            # One bound at a time: with two at once partitioning takes four times as long.
            places.partition(self.size - 1, axis=1)
            rest = np.ascontiguousarray(places[:, self.size :])
            rest.partition(rest.shape[1] - self.size, axis=1)
            places = np.hstack([places[:, : self.size], rest[:, -self.size :]])
        self.kept, self.waiting = places, []


def _medians(totals: Totals, drawn: Array) -> Array:
    """The median total of each unit, of an even number of draws the lower of the middle two; in blocks of units."""
    middle, found = (len(drawn) - 1) // 2, []
    for block in _blocks(len(totals.figures.units), len(drawn)):
        read = totals.read(drawn, block)["rounded"]
        read = read if read.dtype == object else read.astype(np.int64)
        found.append(np.partition(np.ascontiguousarray(read.T), middle, axis=1)[:, middle])
    return np.concatenate(found)


# -- tables --------------------------------------------------------------------------------------------------------


def _units(base: Base, chances: Array, medians: Array) -> Table:
    figures, grades = base.figures, base.figures.programme.grades.order
    decimals = figures.programme.rounding.total.decimals
    shown: dict[str, list[Cell]] = {
        "unit": list(figures.units),
        "kind": list(figures.kinds),
        "grade": [grades[at] for at in figures.grades.tolist()],
        "total": figures.totals.tolist(),
        "median": medians.tolist(),
        "as_printed": base.as_printed.astype(np.int64).tolist(),
        **{f"in_{grade}": chances[at].tolist() for at, grade in enumerate(grades)},
    }
    texts, scaled = ("unit", "kind", "grade"), {"total": decimals, "median": decimals}
    columns = [Column(name, "text" if name in texts else "integer", scaled.get(name, 0)) for name in shown]
    return Table(Schema("units", ("unit",), tuple(columns)), shown)


def _ranks(base: Base, extremes: dict[str, Extremes]) -> Table:
    figures, rows = base.figures, []
    for name, kept in extremes.items():
        found = [one.tolist() for one in kept.interval()]
        for unit, (group, place, of), low, high, best, worst in zip(
            figures.units, figures.ranked[name], *found, strict=True
        ):
            rows.append((unit, name, group, place, of, low, high, best, worst))
    rows.sort()
    names = ("unit", "rank", "group", "place", "of", "from", "to", "best", "worst")
    columns = tuple(Column(name, "text" if at < 3 else "integer") for at, name in enumerate(names))
    cells = {name: [row[at] for row in rows] for at, name in enumerate(names)}
    return Table(Schema("ranks", ("unit", "rank"), columns), cells)
