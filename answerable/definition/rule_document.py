"""The shapes of rules: one key for each kind, and what it holds."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from answerable.definition.formula import Name, walk
from answerable.definition.shapes import Exact, Formula, Identifier, Shape, Threshold

__all__ = [
    "AroundShape",
    "DeductShape",
    "FormulaShape",
    "GateShape",
    "LessShape",
    "PerStepShape",
    "RuleShape",
    "StepShape",
]


class DeductShape(Shape):
    """So many points off for each, down to a floor."""

    each: Exact
    floor: Exact


class LinearShape(Shape):
    """A straight line between two values."""

    zero_at: Exact
    full_at: Exact


class StepShape(Shape):
    """A row of a band table: from a value (included), below another; or all the rest."""

    start: Exact | None = Field(default=None, alias="from")
    below: Exact | None = None
    points: Exact | None = None
    otherwise: Exact | None = None


class PerStepShape(Shape):
    """So many points off per step by which a target is missed."""

    target: Exact
    side: Literal["below", "above"] = "below"
    per: Exact
    each: Exact
    steps: Literal["started", "complete", "exact"]
    floor: Exact


class IntervalShape(Shape):
    """Two ends, both included."""

    start: Exact = Field(alias="from")
    to: Exact


class AgreementRuleShape(Shape):
    """How far two figures may differ for all points."""

    full_within: Exact


class AroundShape(Shape):
    """A base, and what is added or taken for each above or below 0."""

    base: Exact
    up: Exact
    most_up: Exact
    down: Exact
    most_down: Exact
    floor: Exact


class PlacesShape(Shape):
    """Points by place."""

    places: list[Exact] = Field(min_length=1)
    otherwise: Exact


class GateShape(Shape):
    """A threshold that the value, or another indicator, must meet before a rule gives points."""

    when: Threshold
    indicator: Identifier | None = None
    rule: RuleShape


class DeductionShape(Shape):
    """So many points off for each of an indicator."""

    indicator: Identifier
    each: Exact


class LessShape(Shape):
    """Points off for other indicators, from what a rule gives or from all points."""

    rule: RuleShape | None = None
    deductions: list[DeductionShape] = Field(min_length=1)
    floor: Exact


class FormulaShape(Shape):
    """Points by a formula; `floor` is 0 and `cap` all points unless stated."""

    formula: Formula
    floor: Exact | None = None
    cap: Exact | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"formula": value} if isinstance(value, str) else value


class EitherShape(Shape):
    """A rule on the item's own indicator, or on another one."""

    indicator: Identifier | None = None
    rule: RuleShape


class RuleShape(Shape):
    """Exactly one kind of rule."""

    full_or_none: Threshold | None = None
    deduct_per_count: DeductShape | None = None
    ratio_to_target: Exact | None = None
    linear: LinearShape | None = None
    bands: list[StepShape] | None = None
    deduct_per_step: PerStepShape | None = None
    interval: IntervalShape | None = None
    agreement: AgreementRuleShape | None = None
    around: AroundShape | None = None
    rank_points: PlacesShape | None = None
    gate: GateShape | None = None
    less: LessShape | None = None
    best_of: list[EitherShape] | None = Field(default=None, min_length=2)
    formula: FormulaShape | None = None

    def indicators(self) -> set[str]:
        """Other indicators the rule reads, beside that of its item."""
        read: set[str] = set()
        if self.gate is not None:
            read |= self.gate.rule.indicators() | ({self.gate.indicator} if self.gate.indicator else set())
        if self.less is not None:
            read |= {one.indicator for one in self.less.deductions}
            read |= self.less.rule.indicators() if self.less.rule else set()
        for one in self.best_of or []:
            read |= one.rule.indicators() | ({one.indicator} if one.indicator else set())
        if self.formula is not None:
            names = {part.name for part in walk(self.formula.formula) if isinstance(part, Name)}
            read |= names - {"value", "points"}
        return read

    @model_validator(mode="after")
    def _one(self) -> RuleShape:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"exactly one of {', '.join(type(self).model_fields)}")
        return self
