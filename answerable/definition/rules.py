"""The kinds of rule that turn an indicator into points, each written out in the formula language.

Engines know formulas only; a new kind of rule is a new class here and nothing anywhere else. In the written-out formula
the name `value` stands for the indicator. Every rule is total: it gives points for every value.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Literal

from answerable.definition.formula import Binary, Call, Expression, Name, Number
from answerable.values.number import text_of
from answerable.values.text import Text

__all__ = ["BandTable", "DeductPerCount", "FullOrNone", "Linear", "RatioToTarget", "Rule", "Step"]

VALUE = Name("value")
Comparison = Literal["<", "<=", ">", ">=", "=="]


def _between(low: Expression, expression: Expression, high: Expression) -> Expression:
    return Call("least", (Call("greatest", (expression, low)), high))


def _shown(number: Fraction, percent: bool) -> str:
    return f"{text_of(number * 100)}%" if percent else text_of(number)


@dataclass(frozen=True)
class FullOrNone:
    """All points where the value meets the threshold, else none."""

    op: Comparison
    threshold: Fraction

    def expand(self, points: Fraction) -> Expression:
        """`if(value >= threshold, points, 0)`."""
        return Call("if", (Binary(self.op, VALUE, Number(self.threshold)), Number(points), Number(Fraction(0))))

    def in_words(self, points: Fraction, percent: bool) -> Text:
        """The rule as a sentence."""
        zh = {"<": "低于", "<=": "不超过", ">": "超过", ">=": "达到", "==": "等于"}[self.op]
        en = {"<": "below", "<=": "at most", ">": "above", ">=": "at least", "==": "exactly"}[self.op]
        bound, full = _shown(self.threshold, percent), text_of(points)
        return Text(zh=f"{zh}{bound}得{full}分，否则不得分。", en=f"{full} points if {en} {bound}, else none.")


@dataclass(frozen=True)
class DeductPerCount:
    """From all points, `each` is taken per count of the value, down to `floor`."""

    each: Fraction
    floor: Fraction

    def expand(self, points: Fraction) -> Expression:
        """`least(greatest(points - each * value, floor), points)`."""
        left = Binary("-", Number(points), Binary("*", Number(self.each), VALUE))
        return _between(Number(self.floor), left, Number(points))

    def in_words(self, points: Fraction, percent: bool) -> Text:
        """The rule as a sentence."""
        each, floor = text_of(self.each), text_of(self.floor)
        end = "扣完为止" if self.floor == 0 else f"最低{floor}分"
        return Text(
            zh=f"满分{text_of(points)}分，每发生一次扣{each}分，{end}。",
            en=f"{text_of(points)} points, less {each} for each, never below {floor}.",
        )


@dataclass(frozen=True)
class RatioToTarget:
    """Points in proportion to value / target, capped at all points."""

    target: Fraction

    def expand(self, points: Fraction) -> Expression:
        """`least(greatest(value / target * points, 0), points)`."""
        share = Binary("*", Binary("/", VALUE, Number(self.target)), Number(points))
        return _between(Number(Fraction(0)), share, Number(points))

    def in_words(self, points: Fraction, percent: bool) -> Text:
        """The rule as a sentence."""
        target, full = _shown(self.target, percent), text_of(points)
        return Text(
            zh=f"达到目标值{target}得{full}分，未达到的按实际值与目标值之比得分。",
            en=f"{full} points at the target of {target}, in proportion below it.",
        )


@dataclass(frozen=True)
class Linear:
    """No points at `zero_at`, all points at `full_at`, a straight line between; `full_at` may lie below `zero_at`."""

    zero_at: Fraction
    full_at: Fraction

    def expand(self, points: Fraction) -> Expression:
        """`least(greatest((value - zero_at) / (full_at - zero_at) * points, 0), points)`."""
        above = Binary("-", VALUE, Number(self.zero_at))
        share = Binary("*", Binary("/", above, Number(self.full_at - self.zero_at)), Number(points))
        return _between(Number(Fraction(0)), share, Number(points))

    def in_words(self, points: Fraction, percent: bool) -> Text:
        """The rule as a sentence."""
        zero, full_at, full = _shown(self.zero_at, percent), _shown(self.full_at, percent), text_of(points)
        return Text(
            zh=f"{full_at}得{full}分，{zero}得0分，其间按直线计算。",
            en=f"{full} points at {full_at}, none at {zero}, on a straight line between.",
        )


@dataclass(frozen=True)
class Step:
    """One row of a band table: `points` for values from `start` (included) up to the next row's start."""

    start: Fraction | None
    points: Fraction


@dataclass(frozen=True)
class BandTable:
    """Points by half-open bands, from the highest start down; the last has no start and takes all the rest."""

    steps: tuple[Step, ...]

    def expand(self, points: Fraction) -> Expression:
        """`if(value >= a, x, if(value >= b, y, z))`."""
        *upper, last = self.steps

        def over(rest: Expression, step: Step) -> Expression:
            start = Number(step.start if step.start is not None else Fraction(0))
            return Call("if", (Binary(">=", VALUE, start), Number(step.points), rest))

        rest: Expression = Number(last.points)
        return reduce(over, reversed(upper), rest)

    def in_words(self, points: Fraction, percent: bool) -> Text:
        """The rule as a sentence."""
        zh, en = [], []
        for step in self.steps:
            worth = text_of(step.points)
            if step.start is None:
                zh.append(f"其余得{worth}分")
                en.append(f"otherwise {worth}")
            else:
                start = _shown(step.start, percent)
                zh.append(f"{start}及以上得{worth}分")
                en.append(f"{worth} points from {start}")
        return Text(zh="，".join(zh) + "。", en=", ".join(en) + ".")


Rule = FullOrNone | DeductPerCount | RatioToTarget | Linear | BandTable
