"""The kinds of rule that turn an indicator into points, each written out in the formula language.

Engines know formulas only; a new kind of rule is a new class here, its shape in `document`, and nothing anywhere else.
In the written-out formula the name `value` stands for the indicator; other names are other indicators. A rule that
reads `value` alone is total: it gives points for every value.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Literal

from answerable.definition.formula import Binary, Call, Expression, Name, Negation, Number, mapped, show
from answerable.values.number import points_in_english, text_of
from answerable.values.text import Text

__all__ = [
    "Agreement",
    "AroundBase",
    "BandTable",
    "BestOf",
    "Comparison",
    "DeductPerCount",
    "DeductPerStep",
    "Deduction",
    "Either",
    "Formula",
    "FullOrNone",
    "Gate",
    "Interval",
    "Less",
    "Linear",
    "RankPoints",
    "RatioToTarget",
    "Rule",
    "Step",
    "Steps",
    "compared",
]

VALUE = Name("value")
NOTHING = Number(Fraction(0))
Comparison = Literal["<", "<=", ">", ">=", "=="]


def _between(low: Expression, expression: Expression, high: Expression) -> Expression:
    return Call("least", (Call("greatest", (expression, low)), high))


def compared(op: Comparison, threshold: Fraction, percent: bool = False) -> tuple[str, str]:
    """A condition in Chinese and in English."""
    zh = {"<": "低于", "<=": "不超过", ">": "超过", ">=": "达到", "==": "等于"}[op]
    en = {"<": "below", "<=": "at most", ">": "above", ">=": "at least", "==": "exactly"}[op]
    bound = _shown(threshold, percent)
    return f"{zh}{bound}", f"{en} {bound}"


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
        (zh, en), full = compared(self.op, self.threshold, percent), text_of(points)
        return Text(zh=f"{zh}得{full}分，否则不得分。", en=f"{points_in_english(full)} if {en}, else none.")


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
            en=f"{points_in_english(text_of(points))}, less {each} for each, never below {floor}.",
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
            en=f"{points_in_english(full)} at the target of {target}, in proportion below it.",
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
            en=f"{points_in_english(full)} at {full_at}, none at {zero}, on a straight line between.",
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
                en.append(f"{points_in_english(worth)} from {start}")
        return Text(zh="，".join(zh) + "。", en=", ".join(en) + ".")


# -- shortfalls, intervals, distances ------------------------------------------------------------------------------

Steps = Literal["started", "complete", "exact"]
"""Whether a step only begun counts whole, not at all, or in part."""


@dataclass(frozen=True)
class DeductPerStep:
    """From all points, `each` is taken per step of size `per` by which the value misses the target, down to `floor`."""

    target: Fraction
    side: Literal["below", "above"]
    per: Fraction
    each: Fraction
    steps: Steps
    floor: Fraction

    def expand(self, points: Fraction) -> Expression:
        """`least(greatest(points - each * ceiling(greatest(target - value, 0) / per), floor), points)`."""
        pair = (Number(self.target), VALUE) if self.side == "below" else (VALUE, Number(self.target))
        missed: Expression = Call("greatest", (Binary("-", *pair), NOTHING))
        missed = Binary("/", missed, Number(self.per))
        if self.steps != "exact":
            missed = Call("ceiling" if self.steps == "started" else "floor", (missed,))
        left = Binary("-", Number(points), Binary("*", Number(self.each), missed))
        return _between(Number(self.floor), left, Number(points))

    def in_words(self, points: Fraction, percent: bool) -> Text:
        """The rule as a sentence."""
        target, per, each = _shown(self.target, percent), _shown(self.per, percent), text_of(self.each)
        zh_side, en_side = ("低于", "below") if self.side == "below" else ("高于", "above")
        zh_steps = {"started": "不足一档按一档计", "complete": "不足一档不计", "exact": "不足一档按比例计"}[self.steps]
        en_steps = {
            "started": "a step begun counts whole",
            "complete": "a step begun does not count",
            "exact": "in proportion",
        }[self.steps]
        floor, full = text_of(self.floor), text_of(points)
        return Text(
            zh=f"满分{full}分，每{zh_side}{target}一档（{per}）扣{each}分，{zh_steps}，最低{floor}分。",
            en=f"{points_in_english(full)}, less {each} for each {per} {en_side} {target} ({en_steps}), "
            f"never below {floor}.",
        )


@dataclass(frozen=True)
class Interval:
    """All points where the value lies between two ends, both included, else none."""

    low: Fraction
    high: Fraction

    def expand(self, points: Fraction) -> Expression:
        """`if(value >= low and value <= high, points, 0)`."""
        inside = Binary("and", Binary(">=", VALUE, Number(self.low)), Binary("<=", VALUE, Number(self.high)))
        return Call("if", (inside, Number(points), NOTHING))

    def in_words(self, points: Fraction, percent: bool) -> Text:
        """The rule as a sentence."""
        low, high, full = _shown(self.low, percent), _shown(self.high, percent), text_of(points)
        return Text(
            zh=f"在{low}至{high}之间（含两端）得{full}分，否则不得分。",
            en=f"{points_in_english(full)} from {low} to {high}, both included, else none.",
        )


@dataclass(frozen=True)
class Agreement:
    """All points where two figures differ by `full_within` at most, beyond it in proportion to how far they do."""

    full_within: Fraction

    def expand(self, points: Fraction) -> Expression:
        """`if(abs(value) <= d, points, d / abs(value) * points)`."""
        distance = Call("abs", (VALUE,))
        near = Binary("<=", distance, Number(self.full_within))
        share = Binary("/", Number(self.full_within), distance)
        return Call("if", (near, Number(points), Binary("*", share, Number(points))))

    def in_words(self, points: Fraction, percent: bool) -> Text:
        """The rule as a sentence."""
        near, full = _shown(self.full_within, percent), text_of(points)
        return Text(
            zh=f"相差不超过{near}得{full}分，超过的按{near}与差距之比得分。",
            en=f"{points_in_english(full)} where they differ by {near} at most, beyond it {near} / difference of them.",
        )


@dataclass(frozen=True)
class AroundBase:
    """A base, `up` for each unit above 0 and `down` off for each below, each way to a cap, never below `floor`."""

    base: Fraction
    up: Fraction
    most_up: Fraction
    down: Fraction
    most_down: Fraction
    floor: Fraction

    def expand(self, points: Fraction) -> Expression:
        """`greatest(base + least(up * greatest(value, 0), a) - least(down * greatest(-value, 0), b), floor)`."""
        above: Expression = Call("greatest", (VALUE, NOTHING))
        below: Expression = Call("greatest", (Negation("-", VALUE), NOTHING))
        more = Call("least", (Binary("*", Number(self.up), above), Number(self.most_up)))
        fewer = Call("least", (Binary("*", Number(self.down), below), Number(self.most_down)))
        moved = Binary("-", Binary("+", Number(self.base), more), fewer)
        return Call("greatest", (moved, Number(self.floor)))

    def in_words(self, points: Fraction, percent: bool) -> Text:
        """The rule as a sentence."""
        base, floor = text_of(self.base), text_of(self.floor)
        up, most_up, down, most_down = (text_of(one) for one in (self.up, self.most_up, self.down, self.most_down))
        return Text(
            zh=f"基础{base}分，每增加1加{up}分，最多加{most_up}分；每减少1扣{down}分，最多扣{most_down}分；最低{floor}分。",
            en=f"{points_in_english(base)}, plus {up} for each above 0 ({most_up} at most), less {down} for each below "
            f"({most_down} at most), never below {floor}.",
        )


@dataclass(frozen=True)
class RankPoints:
    """Points by place: the first entry for place 1, and so on; `otherwise` for every place after the last."""

    places: tuple[Fraction, ...]
    otherwise: Fraction

    def expand(self, points: Fraction) -> Expression:
        """`if(value <= 1, a, if(value <= 2, b, otherwise))`."""

        def over(rest: Expression, place: tuple[int, Fraction]) -> Expression:
            at, worth = place
            return Call("if", (Binary("<=", VALUE, Number(Fraction(at))), Number(worth), rest))

        rest: Expression = Number(self.otherwise)
        return reduce(over, reversed(list(enumerate(self.places, 1))), rest)

    def in_words(self, points: Fraction, percent: bool) -> Text:
        """The rule as a sentence."""
        worth, rest = [text_of(one) for one in self.places], text_of(self.otherwise)
        return Text(
            zh=f"第1名至第{len(worth)}名依次得{'、'.join(worth)}分，其余得{rest}分。",
            en=f"{', '.join(worth)} points for places 1 to {len(worth)}, {rest} for the others.",
        )


# -- rules made of rules -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Gate:
    """Another rule's points where the value (or another indicator, `called` so) meets a threshold, else none."""

    op: Comparison
    threshold: Fraction
    indicator: str | None
    called: Text | None
    rule: Rule

    def expand(self, points: Fraction) -> Expression:
        """`if(value >= threshold, ..., 0)`."""
        asked = Name(self.indicator) if self.indicator else VALUE
        opens = Binary(self.op, asked, Number(self.threshold))
        return Call("if", (opens, self.rule.expand(points), NOTHING))

    def in_words(self, points: Fraction, percent: bool) -> Text:
        """The rule as a sentence."""
        zh, en = compared(self.op, self.threshold, percent and not self.indicator)
        inner = self.rule.in_words(points, percent)
        who = self.called or Text(zh="实际值", en="the value")
        return Text(
            zh=f"{who.zh}{zh}的，{inner.zh.removesuffix('。')}；否则不得分。",
            en=f"Where {who.en} is {en}: {inner.en.removesuffix('.')}; else no points.",
        )


@dataclass(frozen=True)
class Deduction:
    """So many points for each of another indicator, `called` so."""

    indicator: str
    called: Text
    each: Fraction


@dataclass(frozen=True)
class Less:
    """Another rule's points (all of them where there is none), less so much for each of other indicators, sharing one
    floor.
    """

    rule: Rule | None
    deductions: tuple[Deduction, ...]
    floor: Fraction

    def expand(self, points: Fraction) -> Expression:
        """`least(greatest(points - each * other - ..., floor), points)`."""
        start: Expression = self.rule.expand(points) if self.rule else Number(points)

        def less(left: Expression, one: Deduction) -> Expression:
            return Binary("-", left, Binary("*", Number(one.each), Name(one.indicator)))

        return _between(Number(self.floor), reduce(less, self.deductions, start), Number(points))

    def in_words(self, points: Fraction, percent: bool) -> Text:
        """The rule as a sentence."""
        full, floor = text_of(points), text_of(self.floor)
        start = (
            self.rule.in_words(points, percent)
            if self.rule
            else Text(zh=f"满分{full}分。", en=f"{points_in_english(full)}.")
        )
        zh = "，".join(f"“{one.called.zh}”每1扣{text_of(one.each)}分" for one in self.deductions)
        en = ", ".join(f"{text_of(one.each)} for each of “{one.called.en}”" for one in self.deductions)
        return Text(
            zh=f"{start.zh.removesuffix('。')}；{zh}，最低{floor}分。",
            en=f"{start.en.removesuffix('.')}; less {en}, never below {floor}.",
        )


@dataclass(frozen=True)
class Either:
    """A rule on the value, or on another indicator, `called` so."""

    indicator: str | None
    called: Text | None
    percent: bool
    rule: Rule

    def in_words(self, points: Fraction, percent: bool) -> Text:
        """The rule as a sentence, with what it looks at."""
        who = self.called or Text(zh="实际值", en="the value")
        said = self.rule.in_words(points, self.percent if self.indicator else percent)
        return Text(zh=f"按{who.zh}：{said.zh}", en=f"By {who.en}: {said.en}")


@dataclass(frozen=True)
class BestOf:
    """Of several rules the one that gives the most points: achievement or improvement."""

    rules: tuple[Either, ...]

    def expand(self, points: Fraction) -> Expression:
        """`greatest(..., ...)`, each rule with its own indicator for `value`; what is absent gives no points."""

        def written(one: Either) -> Expression:
            expanded = one.rule.expand(points)
            return _with(expanded, VALUE, Name(one.indicator)) if one.indicator else expanded

        return Call("greatest", tuple(Call("otherwise", (written(one), NOTHING)) for one in self.rules))

    def in_words(self, points: Fraction, percent: bool) -> Text:
        """The rule as a sentence."""
        said = [one.in_words(points, percent) for one in self.rules]
        return Text(
            zh=f"以下各项取得分最高的一项。{''.join(one.zh for one in said)}",
            en=f"The best of these. {' '.join(one.en for one in said)}",
        )


def _with(expression: Expression, name: Name, other: Expression) -> Expression:
    """An expression with another in place of a name."""
    return mapped(expression, lambda part: other if part == name else None)


@dataclass(frozen=True)
class Formula:
    """Points by a formula of `value`, `points` and other indicators, kept between `floor` and `cap`."""

    formula: Expression
    floor: Fraction
    cap: Fraction

    def expand(self, points: Fraction) -> Expression:
        """`least(greatest(..., floor), cap)`."""
        return _between(Number(self.floor), _with(self.formula, Name("points"), Number(points)), Number(self.cap))

    def in_words(self, points: Fraction, percent: bool) -> Text:
        """The rule as a sentence."""
        text, floor, cap = (
            show(_with(self.formula, Name("points"), Number(points))),
            text_of(self.floor),
            text_of(self.cap),
        )
        if self.formula == VALUE:
            return Text(
                zh=f"指标值即得分，最低{floor}分，最高{cap}分。", en=f"The value is the points, from {floor} to {cap}."
            )
        return Text(
            zh=f"按公式 {text} 计分，最低{floor}分，最高{cap}分。",
            en=f"Points by the formula {text}, from {floor} to {cap}.",
        )


Rule = (
    FullOrNone
    | DeductPerCount
    | RatioToTarget
    | Linear
    | BandTable
    | DeductPerStep
    | Interval
    | Agreement
    | AroundBase
    | RankPoints
    | Gate
    | Less
    | BestOf
    | Formula
)
