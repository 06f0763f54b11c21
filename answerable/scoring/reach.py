"""How far the next grade is: what the total lacks, which item alone would do, and which value of it would be enough.

Nothing here is estimated. Whatever is said to be enough was put in place of what there is, and the unit scored again,
with every rounding, rescaling, limit, minimum, step and veto; only quotas are left aside, since they hang on others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from math import ceil, floor

from answerable.definition.formula import (
    Across,
    Aggregate,
    Binary,
    Call,
    ColumnOf,
    Expression,
    Name,
    Negation,
    Number,
    walk,
)
from answerable.definition.model import Item, Programme
from answerable.definition.outcomes import Band, NothingFor
from answerable.definition.tables import row_columns
from answerable.scoring.engines.exact import Unit, of_unit
from answerable.scoring.engines.reference import Figures, NodeScore, UnitScore, regrade, score_unit
from answerable.scoring.engines.rows import House

__all__ = ["Enough", "Margin", "Reach", "is_whole"]


@dataclass(frozen=True)
class Enough:
    """A value of an item's indicator that was found to be enough, and what the unit would have with it."""

    value: Fraction
    points: Fraction
    total: Fraction


@dataclass(frozen=True)
class Margin:
    """How much the total may lose and the grade still stand, and the total at which it last stands."""

    points: Fraction
    start: Fraction


@dataclass
class Reach:
    """What would change the grade of one unit."""

    house: House
    figures: Figures
    score: UnitScore
    full: dict[str, UnitScore] = field(default_factory=dict)

    @cached_property
    def better(self) -> tuple[Band, Fraction] | None:
        """The next better band and the points that are short of it."""
        total, grades = self.total, self.house.programme.grades
        if total is None:
            return None
        starts = zip(grades.bands, grades.starts(self.score.kind), strict=True)
        held = grades.order.index(self.score.grade) if self.score.grade in grades.order else len(grades.bands)
        # Steps may have lifted a unit past grades its total does not reach.
        above = [(band, start - total) for at, (band, start) in enumerate(starts) if start > total and at < held]
        return above[-1] if above else None

    @property
    def total(self) -> Fraction | None:
        """The total as grades read it."""
        return self.score.rounded if self.house.programme.grades.on == "rounded" else self.score.total

    def margin(self) -> Margin | None:
        """None where fewer points could not lower the grade, or there is none."""
        programme, score, total = self.house.programme, self.score, self.total
        if total is None or score.grade not in programme.grades.order:
            return None
        lower = [start for start in programme.grades.starts(score.kind) if start <= total]
        kept = []
        for start in lower:
            one = replace(score, total=start, rounded=start, steps=[])
            regrade(programme, one)
            if self._at_least(one.grade, score.grade):
                kept.append(start)
        least = min(kept, default=total)
        return Margin(total - least, least) if least > min(lower) else None

    def alone(self, item: Item) -> bool:
        """Whether all points of this item alone would reach the next grade, where no veto bars it."""
        return self.better is not None and self._reached(self._with_all_points(item).before_veto)

    def enough(self, item: Item) -> Enough | None:
        """The nearest printed value of the item's indicator found to be enough; a whole one where it counts things.

        None where there is none or it has no value now, and where other units' figures hang on it. A share is never
        said to be above one, nor a figure below nought, that is not so already.
        """
        value = self.score.figures[item.indicator].value
        if self.better is None or not isinstance(value, Fraction) or self.score.nodes[item.id].added is None:
            return None
        names = self._made_of(item.indicator)
        if names is None:
            return None
        only = self._only_reader(item, names)
        if only and not self._reached(self._with_all_points(item).grade):
            return None
        search = _Search(self, item, value, frozenset(names), only)
        found = [one for direction in (1, -1) if (one := search.towards(direction)) is not None]
        return min(found, key=lambda one: abs(one.value - value), default=None)

    def supposed(self, item: Item, value: Fraction, names: frozenset[str]) -> UnitScore:
        """The unit scored again with another value of the item's indicator; `names` are what is made of it."""
        figures, unit = Figures(self.house), self.score.unit
        figures.facts, figures.groups = self.figures.facts, self.figures.groups
        figures.answers, figures.places = self.figures.answers, self.figures.places
        figures.known = {(unit, name): one for name, one in self.score.figures.items() if name not in names}
        figures.known[unit, item.indicator] = replace(self.score.figures[item.indicator], value=value)
        return score_unit(self.house, unit, figures, self._unmoved(item.id, names))

    def reached(self, one: UnitScore) -> bool:
        """Whether a supposed score has the next grade, vetoes and all."""
        return self._reached(one.grade)

    def _with_all_points(self, item: Item) -> UnitScore:
        if item.id not in self.full:
            self.full[item.id] = self.with_points(item, item.points)
        return self.full[item.id]

    def with_points(self, item: Item, points: Fraction) -> UnitScore:
        """The unit scored again with other points of one item."""
        given: dict[str, NodeScore | Fraction] = {**self._unmoved(item.id, frozenset()), item.id: points}
        return score_unit(self.house, self.score.unit, self.figures, given)

    def _unmoved(self, moved: str, names: frozenset[str]) -> dict[str, NodeScore]:
        """The items that stay as they are, so that their points need not be worked out again."""
        if any(isinstance(veto.effect, NothingFor) for veto in self.house.programme.vetoes):
            return {}
        nodes = {
            item: self.score.nodes[item] for item, read in self._items.items() if item != moved and not read & names
        }
        return {item: node for item, node in nodes.items() if node.state == "scored"}

    @cached_property
    def _items(self) -> dict[str, set[str]]:
        """By item, the indicators it reads."""
        return {item.id: {item.indicator, *_names(item.formula)} for item in self.house.programme.tree.items()}

    def _reached(self, grade: str) -> bool:
        return self.better is not None and self._at_least(grade, self.better[0].grade)

    def _at_least(self, grade: str, wanted: str) -> bool:
        order = self.house.programme.grades.order
        return grade in order and order.index(grade) <= order.index(wanted)

    def _made_of(self, name: str) -> set[str] | None:
        """An indicator and all that are made of it; None where figures across units are."""
        found, waiting = {name}, [name]
        while waiting:
            reader = waiting.pop()
            for other, (names, across) in self._read.items():
                if reader in across:
                    return None
                if reader in names and other not in found:
                    found.add(other)
                    waiting.append(other)
        return found

    @cached_property
    def _read(self) -> dict[str, tuple[set[str], set[str]]]:
        """By indicator, the names its formula reads of the unit itself, and across units."""
        found = {}
        for indicator in self.house.programme.indicators:
            parts = list(walk(indicator.core))
            across = {part.of.name for part in parts if isinstance(part, Across)}
            found[indicator.id] = ({part.name for part in parts if isinstance(part, Name)} - across, across)
        return found

    def _only_reader(self, item: Item, made: set[str]) -> bool:
        """Whether nothing but this item reads the indicator, so that its points are all that differs."""
        programme = self.house.programme
        read = {name for one, names in self._items.items() if one != item.id for name in names}
        read |= {one.indicator for one in programme.adjustments}
        read |= {veto.when for veto in programme.vetoes} | {step.when for step in programme.grades.steps}
        return len(made) == 1 and item.indicator not in read


def is_whole(formula: Expression, programme: Programme) -> bool:
    """Whether a formula can give whole numbers alone, so that nobody is told to come down to 2.5 findings."""
    columns = row_columns(programme.forms, programme.targets)

    def whole(part: Expression) -> bool:
        match part:
            case Number(value):
                return value.denominator == 1
            case ColumnOf(table, column):
                known = columns.get(table, {}).get(column)
                return known is not None and known.decimals == 0 and known.measure not in ("share", "text")
            case Name(name):
                return whole(programme.indicator(name).core)
            case Aggregate(op, of):
                return op == "count" or (op != "mean" and whole(of))
            case Call("if", (_, *chosen)) | Call("least" | "greatest" | "abs" | "otherwise", chosen):
                return all(whole(one) for one in chosen)
            case Call(function, (operand, *_)):
                return function in ("floor", "ceiling") or (function == "previous" and whole(operand))
            case Negation(op, of):
                return op == "not" or whole(of)
            case Binary(op, left, right):
                return op not in ("+", "-", "*", "/") or (op != "/" and whole(left) and whole(right))
            case _:
                return False

    return whole(formula)


def _names(formula: Expression) -> Iterator[str]:
    return (part.name for part in walk(formula) if isinstance(part, Name))


@dataclass
class _Search:
    """Looks among the printed values of an indicator, away from the one there is, until one is enough."""

    reach: Reach
    item: Item
    value: Fraction
    names: frozenset[str]
    only: bool

    def __post_init__(self) -> None:
        programme = self.reach.house.programme
        indicator = programme.indicator(self.item.indicator)
        self.scale = 1 if is_whole(indicator.core, programme) else 10**programme.rounding.indicator.decimals
        self.is_share = indicator.percent
        self.seen: dict[int, bool] = {}
        now = self.reach.score.nodes[self.item.id].exact
        assert now is not None
        self.short, self.plenty = now, self.item.points
        if self.only and self.grows:
            self.narrow(now)

    @property
    def grows(self) -> bool:
        """Whether more points of the item can only help: no adjustment asks what the others come to."""
        return all(one.base is None for one in self.reach.house.programme.adjustments)

    def narrow(self, now: Fraction) -> None:
        """Bring the points that are not enough and those that are close together, so that few values need scoring."""
        rounding, better = self.reach.house.programme.rounding, self.reach.better
        full = self.reach.with_points(self.item, self.item.points).total
        total = self.reach.score.total
        assert better is not None and full is not None and total is not None
        each = (full - total) / (self.item.points - now) if full > total and self.item.points > now else Fraction(1)
        guess, slack = now + better[1] / each, Fraction(2, 10 ** min(rounding.item.decimals, rounding.total.decimals))
        for points in (guess - slack, guess + slack):
            if self.short < points < self.plenty:
                if self.reach.reached(self.reach.with_points(self.item, points)):
                    self.plenty = points
                else:
                    self.short = points

    def towards(self, direction: int) -> Enough | None:
        """Gallop to a value that is enough, then halve the way back to the last that was not."""
        last = None
        for at in self.places(direction):
            if self.is_enough(at):
                return self.found(at if last is None else self.halved(last, at))
            last = at
        return None

    def halved(self, short: int, enough: int) -> int:
        while abs(enough - short) > 1:
            middle = (short + enough) // 2
            if self.is_enough(middle):
                enough = middle
            else:
                short = middle
        return enough

    def places(self, direction: int) -> list[int]:
        """Where to look, the nearest first: twice as far each time, and where the rule itself has a number."""
        exact = self.value * self.scale
        first = ceil(exact) if direction > 0 else floor(exact)
        marks = [mark * self.scale for mark in self.marks()]
        far = 4 * max([abs(exact), *(abs(mark) for mark in marks), Fraction(self.scale)])
        most, least = ceil(exact + far), floor(exact - far)
        if self.is_share and exact <= self.scale:
            most = self.scale
        if exact >= 0:
            least = 0
        steps = [first, *(first + direction * 2**power for power in range(int(far).bit_length() + 1))]
        near = [whole + by for mark in marks for whole in (floor(mark), ceil(mark)) for by in (-1, 0, 1)]
        ahead = {at for at in (*steps, *near, most, least) if (at - first) * direction >= 0 and least <= at <= most}
        return sorted(ahead, key=lambda at: at * direction)

    def marks(self) -> list[Fraction]:
        """Numbers the rule compares with: its own, and the figures it names."""
        parts = list(walk(self.item.formula))
        own = [part.value for part in parts if isinstance(part, Number)]
        figures = self.reach.score.figures
        named = [figures[part.name].value for part in parts if isinstance(part, Name) and part.name in figures]
        return own + [value for value in named if isinstance(value, Fraction)]

    def is_enough(self, scaled: int) -> bool:
        if scaled not in self.seen:
            self.seen[scaled] = self.tried(scaled)
        return self.seen[scaled]

    def tried(self, scaled: int) -> bool:
        if self.only and self.grows:
            points = self.points_at(Fraction(scaled, self.scale))
            if points is None or points <= self.short:
                return False
            if points >= self.plenty:
                return True
        return self.reach.reached(self.scored(scaled))

    def points_at(self, value: Fraction) -> Fraction | None:
        """What the rule alone makes of a value."""
        known = {name: one.value for name, one in self.reach.score.figures.items()}
        points = of_unit(self.item.formula, Unit({}, {}, known | {self.item.indicator: value, "value": value}))
        return points if isinstance(points, Fraction) else None

    def scored(self, scaled: int) -> UnitScore:
        return self.reach.supposed(self.item, Fraction(scaled, self.scale), self.names)

    def found(self, scaled: int) -> Enough | None:
        """What is said in the end has been scored with this very value."""
        one = self.scored(scaled)
        points = one.nodes[self.item.id].exact
        if not self.reach.reached(one) or one.total is None or points is None:
            return None
        return Enough(Fraction(scaled, self.scale), points, one.total)
