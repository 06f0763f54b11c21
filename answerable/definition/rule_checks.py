"""From the shape of a rule to a sound rule: its numbers make sense, its bands close, the indicators it reads exist."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from answerable.definition import rule_document as shape
from answerable.definition.document import KeyPath, ProgrammeDocument
from answerable.definition.formula import Across, Aggregate, Expression, show, walk
from answerable.definition.measures import NUMBER, Fault, Kind, Scope, is_irrational, kind_of
from answerable.definition.rules import (
    Agreement,
    AroundBase,
    BandTable,
    BestOf,
    Deduction,
    DeductPerCount,
    DeductPerStep,
    Either,
    Formula,
    FullOrNone,
    Gate,
    Interval,
    Less,
    Linear,
    RankPoints,
    RatioToTarget,
    Rule,
    Step,
)
from answerable.definition.shorthand import written_out
from answerable.values.number import text_of
from answerable.values.text import Text

__all__ = ["Desk", "half_open", "rule_of"]


class Desk(Protocol):
    """Where issues are collected, and what is known of the indicators."""

    document: ProgrammeDocument
    kinds: dict[str, Kind]

    def say(self, code: str, path: KeyPath, **facts: str) -> None:
        """Add one issue."""

    def known_indicator(self, name: str | None, path: KeyPath) -> bool:
        """Whether there is such an indicator; an issue if not."""

    def group(self, within: str, path: KeyPath) -> None:
        """Refuse a group that is neither one of the three nor a kind of unit."""


def rule_of(desk: Desk, rule: shape.RuleShape, of: str, points: Fraction, path: KeyPath) -> Rule | None:
    """The rule of an item on the indicator `of`; None where an issue was found that leaves nothing to build."""
    return _Rules(desk, of, points).rule(rule, path)


def half_open(desk: Desk, starts: Sequence[Fraction], belows: Sequence[Fraction | None], path: KeyPath) -> None:
    """From the highest start down; where an upper end is written it must be the start above it."""
    for at in range(1, len(starts)):
        if starts[at] >= starts[at - 1]:
            desk.say("bands_order", (*path, at, "from"), start=text_of(starts[at]), above=text_of(starts[at - 1]))
            continue
        below = belows[at]
        if below is not None and below != starts[at - 1]:
            code = "band_gap" if below < starts[at - 1] else "band_overlap"
            desk.say(code, (*path, at, "below"), below=text_of(below), start=text_of(starts[at - 1]))


@dataclass(frozen=True)
class _Rules:
    desk: Desk
    of: str
    points: Fraction

    def rule(self, rule: shape.RuleShape, path: KeyPath) -> Rule | None:
        if rule.full_or_none is not None:
            return FullOrNone(*rule.full_or_none)
        if rule.deduct_per_count is not None:
            return self.deduct_per_count(rule.deduct_per_count, path)
        if rule.ratio_to_target is not None:
            self.must(rule.ratio_to_target > 0, path, "ratio_to_target", "the target is above 0")
            return RatioToTarget(rule.ratio_to_target) if rule.ratio_to_target > 0 else None
        if rule.linear is not None:
            zero, full = rule.linear.zero_at, rule.linear.full_at
            self.must(zero != full, path, "linear", "zero_at and full_at differ")
            return Linear(zero, full) if zero != full else None
        if rule.bands is not None:
            return self.band_table(rule.bands, (*path, "bands"))
        return self.newer(rule, path)

    def newer(self, rule: shape.RuleShape, path: KeyPath) -> Rule | None:
        if rule.deduct_per_step is not None:
            return self.deduct_per_step(rule.deduct_per_step, (*path, "deduct_per_step"))
        if rule.interval is not None:
            ends = rule.interval
            self.must(ends.start <= ends.to, path, "interval", "`from` is at most `to`")
            return Interval(ends.start, ends.to)
        if rule.agreement is not None:
            self.must(rule.agreement.full_within > 0, path, "agreement", "full_within is above 0")
            return Agreement(rule.agreement.full_within) if rule.agreement.full_within > 0 else None
        if rule.around is not None:
            return self.around(rule.around, path)
        if rule.rank_points is not None:
            places, otherwise = rule.rank_points.places, rule.rank_points.otherwise
            self.must(all(0 <= one <= self.points for one in [*places, otherwise]), path, "places", self.within())
            return RankPoints(tuple(places), otherwise)
        if rule.gate is not None:
            return self.gate(rule.gate, (*path, "gate"))
        if rule.less is not None:
            return self.less(rule.less, (*path, "less"))
        if rule.best_of is not None:
            return self.best_of(rule.best_of, (*path, "best_of"))
        return self.formula(rule.formula, (*path, "formula")) if rule.formula is not None else None

    def must(self, holds: bool, path: KeyPath, key: str, why: str) -> None:
        if not holds:
            self.desk.say("wrong_value", path, key=key, value="", why=why)

    def within(self) -> str:
        return f"from 0 to {text_of(self.points)} each"

    def deduct_per_count(self, rule: shape.DeductShape, path: KeyPath) -> Rule:
        sound = rule.each > 0 and 0 <= rule.floor < self.points
        self.must(sound, path, "deduct_per_count", "each > 0, 0 <= floor < points")
        return DeductPerCount(rule.each, rule.floor)

    def deduct_per_step(self, rule: shape.PerStepShape, path: KeyPath) -> Rule | None:
        sound = rule.each > 0 and rule.per > 0 and 0 <= rule.floor < self.points
        self.must(sound, path, "deduct_per_step", "each > 0, per > 0, 0 <= floor < points")
        if rule.per <= 0:
            return None
        return DeductPerStep(rule.target, rule.side, rule.per, rule.each, rule.steps, rule.floor)

    def around(self, rule: shape.AroundShape, path: KeyPath) -> Rule:
        sound = min(rule.up, rule.most_up, rule.down, rule.most_down) >= 0 and rule.base + rule.most_up <= self.points
        self.must(sound, path, "around", "nothing below 0, and base + most_up at most all points")
        self.must(rule.floor <= rule.base, path, "floor", "at most the base")
        return AroundBase(rule.base, rule.up, rule.most_up, rule.down, rule.most_down, rule.floor)

    def gate(self, rule: shape.GateShape, path: KeyPath) -> Rule | None:
        op, threshold = rule.when
        if rule.indicator is not None and not self.desk.known_indicator(rule.indicator, (*path, "indicator")):
            return None
        inner = self.rule(rule.rule, (*path, "rule"))
        called = self.title(rule.indicator) if rule.indicator else None
        return Gate(op, threshold, rule.indicator, called, inner) if inner else None

    def less(self, rule: shape.LessShape, path: KeyPath) -> Rule | None:
        known = [
            self.desk.known_indicator(one.indicator, (*path, "deductions", at, "indicator"))
            for at, one in enumerate(rule.deductions)
        ]
        self.must(all(one.each > 0 for one in rule.deductions), path, "deductions", "each is above 0")
        self.must(0 <= rule.floor < self.points, path, "floor", "from 0 to less than all points")
        inner = self.rule(rule.rule, (*path, "rule")) if rule.rule is not None else None
        if not all(known) or (rule.rule is not None and inner is None):
            return None
        made = (Deduction(one.indicator, self.title(one.indicator), one.each) for one in rule.deductions)
        return Less(inner, tuple(made), rule.floor)

    def best_of(self, rules: Sequence[shape.EitherShape], path: KeyPath) -> Rule | None:
        built = []
        for at, one in enumerate(rules):
            sound = one.indicator is None or self.desk.known_indicator(one.indicator, (*path, at, "indicator"))
            inner = _Rules(self.desk, one.indicator or self.of, self.points).rule(one.rule, (*path, at, "rule"))
            if not sound or inner is None:
                return None
            other = next((known for known in self.desk.document.indicators if known.id == one.indicator), None)
            called, percent = (other.title.text(), other.show == "percent") if other else (None, False)
            built.append(Either(one.indicator, called, percent, inner))
        return BestOf(tuple(built))

    def formula(self, rule: shape.FormulaShape, path: KeyPath) -> Rule | None:
        floor = Fraction(0) if rule.floor is None else rule.floor
        cap = self.points if rule.cap is None else rule.cap
        self.must(floor < cap <= self.points, path, "cap", "above the floor, at most all points")
        kind = self.kind(rule.formula, path)
        if kind is None:
            return None
        if kind.of not in ("quantity", "number"):
            self.desk.say("not_a_quantity", path, formula=show(rule.formula), kind=str(kind))
            return None
        return Formula(rule.formula, floor, cap)

    def kind(self, formula: Expression, path: KeyPath) -> Kind | None:
        own = self.desk.kinds.get(self.of, NUMBER)
        core = written_out(formula)
        if any(isinstance(part, Aggregate | Across) for part in walk(core)) or is_irrational(core):
            self.desk.say("not_in_rules", path, formula=show(formula))
            return None
        try:
            return kind_of(formula, Scope({}, frozenset(), {**self.desk.kinds, "value": own, "points": NUMBER}))
        except Fault as fault:
            self.desk.say(fault.code, path, **fault.facts)
            return None

    def title(self, indicator: str) -> Text:
        return next(one.title.text() for one in self.desk.document.indicators if one.id == indicator)

    def band_table(self, steps: Sequence[shape.StepShape], path: KeyPath) -> BandTable | None:
        if not steps or steps[-1].otherwise is None or any(step.start is None for step in steps[:-1]):
            self.desk.say("bands_open", path)
            return None
        starts = [step.start for step in steps[:-1] if step.start is not None]
        half_open(self.desk, starts, [step.below for step in steps[:-1]], path)
        worth = [step.otherwise if step.start is None else step.points for step in steps]
        if any(one is None or not 0 <= one <= self.points for one in worth):
            self.must(False, path, "points", f"from 0 to {text_of(self.points)} in each band")
        return BandTable(tuple(Step(step.start, one or Fraction(0)) for step, one in zip(steps, worth, strict=True)))
