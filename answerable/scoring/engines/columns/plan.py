"""The plan: what is done, in order, each step with the indicator or clause it is done for. Frozen and typed.

The command `plan` prints it in words, see `exchange.plan_words`.

A plan says nothing about any library or table size. Rows of a table are gathered into figures per unit; figures become
indicators; indicators become points; points add up to a total, the total gets a grade and a place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from answerable.definition.formula import GROUPS, Across, AggregateOp, Expression, Group, Name, walk
from answerable.definition.model import Absent, Fate, Stages
from answerable.definition.rules import Comparison
from answerable.values.number import Rounding

__all__ = [
    "Adjust",
    "Aggregated",
    "Branch",
    "Figure",
    "Gather",
    "Grading",
    "Place",
    "Plan",
    "Points",
    "Seats",
    "Stage",
    "Stated",
    "Stepping",
    "Total",
    "Vetoing",
    "months_before",
]


def months_before(back: int, name: str) -> str:
    """What a column is called in the row of so many months before; of none it keeps its name."""
    return f"<{back}<{name}" if back else name


@dataclass(frozen=True)
class Aggregated:
    """One figure per unit from the rows of a table; `of` is None for a count of rows."""

    name: str
    op: AggregateOp
    of: Expression | None
    where: Expression | None


@dataclass(frozen=True)
class Gather:
    """Rows of one table into the figures one indicator needs, and a count of the rows that are not whole.

    `reads` names every column read. `absent` are the cells that can be absent: how many months before the row they
    stand, and the column. `back` are all months before it that are read; `by_month` says that the month itself is read.
    """

    indicator: str
    table: str
    of_form: bool
    reads: tuple[str, ...]
    absent: tuple[tuple[int, str], ...]
    back: tuple[int, ...]
    by_month: bool
    missing: Literal["unassessable", "zero", "skip"]
    at_least: int
    aggregates: tuple[Aggregated, ...]

    @property
    def cells(self) -> tuple[str, ...]:
        """The columns that can be absent, those of earlier months marked."""
        return tuple(months_before(back, name) for back, name in self.absent)

    @property
    def each_month(self) -> bool:
        """Whether every expected row is needed, also that of a month nobody filed."""
        return bool(self.back) or self.by_month

    @property
    def name(self) -> str:
        """The name its counts bear."""
        return f"{self.indicator}@{self.table}"


@dataclass(frozen=True)
class Stated:
    """A figure another table states of a unit for one year, or the usual value of its kind."""

    table: Literal["targets", "earlier"]
    of: Literal["target", "earlier"]
    key: str
    id: str
    years_before: int
    usual: Callable[[int, str], Fraction | None]

    @property
    def name(self) -> str:
        """The name its columns bear."""
        return f"k:{self.of}.{self.id}"


@dataclass(frozen=True)
class Figure:
    """An indicator from the figures gathered and from other indicators."""

    id: str
    formula: Expression
    gathers: tuple[Gather, ...]

    @property
    def names(self) -> set[str]:
        """The indicators it is made of, and those it reads across units."""
        return {part.name for part in walk(self.formula) if isinstance(part, Name)}


@dataclass(frozen=True)
class Stage:
    """Waves of indicators, each of what those before it give; first what is asked across the units of a group.

    For that all units come to a barrier.
    """

    asked: tuple[Across, ...]
    waves: tuple[tuple[Figure, ...], ...]


@dataclass(frozen=True)
class Points:
    """An item: an indicator turned into points by a rule written out, or by what its absence does."""

    id: str
    clause: str
    figure: str
    points: Fraction
    formula: Expression
    fates: Mapping[Absent, Fate]


@dataclass(frozen=True)
class Branch:
    """A part of the tree: the sum of what its children add, of all `points` where `renormalised`.

    With fewer than `at_least` assessable children it is exempt.
    """

    id: str
    children: tuple[str, ...]
    points: Fraction
    renormalised: bool
    at_least: int


@dataclass(frozen=True)
class Adjust:
    """Points outside the tree, `each` per unit of an indicator, never beyond `cap` in size, where the base allows."""

    id: str
    clause: str
    figure: str
    each: Fraction
    cap: Fraction
    base: tuple[Comparison, Fraction] | None = None


@dataclass(frozen=True)
class Total:
    """What the tree gives, rescaled to all points where items are exempt, adjusted, kept between 0 and all points."""

    tree: str
    full: Fraction
    rated_from: Fraction
    adjustments: tuple[str, ...]
    more: Fraction | None
    off: Fraction | None


@dataclass(frozen=True)
class Vetoing:
    """Where an indicator is above zero: the grade is at most, or is, the one at a place counted from the best; the
    total is at most so much; or a node gives nothing. With none of these it is only told.
    """

    id: str
    clause: str
    figure: str
    at_most: int = 0
    fixed: int | None = None
    total: Fraction | None = None
    node: str | None = None


@dataclass(frozen=True)
class Grading:
    """Grades from the best down, each with the total it begins at; for some kinds of unit it begins elsewhere.

    floors: a grade at a place, or a better one, needs a share of a node's points.
    """

    on: Literal["rounded", "exact"]
    bands: tuple[tuple[str, Fraction], ...]
    others: tuple[tuple[tuple[str, ...], tuple[Fraction, ...]], ...] = ()
    floors: tuple[tuple[int, str, Fraction], ...] = ()


@dataclass(frozen=True)
class Stepping:
    """Where an indicator is above zero, one grade up, or down, as far as a place counted from the best."""

    id: str
    clause: str
    figure: str
    up: bool
    bound: int


@dataclass(frozen=True)
class Seats:
    """How many rated units of a group keep the grade at a place, or a better one; the others get the next."""

    place: int
    share: Fraction
    within: Group
    rounding: Rounding
    ties: Literal["in", "out"]


@dataclass(frozen=True)
class Place:
    """Places among the rated units of one kind within a group."""

    id: str
    on: Literal["rounded", "exact"]
    within: Group
    ties: Literal["min", "dense"]


Step = Stated | Gather | Figure | Points | Branch | Adjust | Total | Vetoing | Grading | Stepping | Seats | Place


@dataclass(frozen=True)
class Plan:
    """All steps of one programme. `branches` come children first."""

    programme: str
    assess: tuple[str, ...]
    stated: tuple[Stated, ...]
    figures: tuple[Figure, ...]
    points: tuple[Points, ...]
    branches: tuple[Branch, ...]
    adjustments: tuple[Adjust, ...]
    total: Total
    vetoes: tuple[Vetoing, ...]
    grading: Grading
    steppings: tuple[Stepping, ...]
    seats: tuple[Seats, ...]
    places: tuple[Place, ...]
    rounding: Stages

    @property
    def gathers(self) -> tuple[Gather, ...]:
        """Every gathering of rows."""
        return tuple(gather for figure in self.figures for gather in figure.gathers)

    def levels(self) -> list[str]:
        """The kinds of unit that group others below them."""
        asked = [part.within for one in self.figures for part in walk(one.formula) if isinstance(part, Across)]
        asked += [place.within for place in self.places] + [seats.within for seats in self.seats]
        return sorted(set(asked) - set(GROUPS))

    def stages(self) -> list[Stage]:
        """The indicators in order; between two stages stands a barrier."""
        waiting, known, stages = list(self.figures), set[Across](), [Stage((), ())]
        while waiting:
            ahead = {figure.id for figure in waiting}
            ready = [one for one in waiting if not ahead & one.names]
            parts = dict.fromkeys(part for one in ready for part in walk(one.formula) if isinstance(part, Across))
            asked = tuple(one for one in parts if one not in known)
            if asked:
                stages.append(Stage(asked, ()))
            stages[-1] = replace(stages[-1], waves=(*stages[-1].waves, tuple(ready)))
            known |= set(parts)
            waiting = [one for one in waiting if one not in ready]
        return stages

    def steps(self) -> Iterator[Step]:
        """Every step in the order in which it is done."""
        yield from self.stated
        yield from self.gathers
        yield from self.figures
        yield from self.points
        yield from self.branches
        yield from self.adjustments
        yield self.total
        yield from self.vetoes
        yield self.grading
        yield from self.steppings
        yield from self.seats
        yield from self.places
