"""The shape of a programme file: its keys, which are required, and what kind of text each holds.

Every plain value of the YAML file arrives as text and is read exactly here: no number ever passes through a float.
What the shape cannot say (names resolve, points add up, bands close) is checked in `checks.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

from pydantic import Field, model_validator

from answerable.definition.rule_document import RuleShape
from answerable.definition.shapes import (
    Exact,
    Formula,
    Identifier,
    MonthDay,
    NonEmpty,
    Shape,
    TextShape,
    Threshold,
    TimeZone,
)

__all__ = ["KeyPath", "ProgrammeDocument", "ScoredShape"]

KeyPath = tuple[str | int, ...]
"""Where a part of a document stands: keys and positions from the top."""


class SourceShape(Shape):
    """A document the programme rests on."""

    id: Identifier
    title: TextShape
    number: str = ""
    url: str = ""


class InForceShape(Shape):
    """From a day (included) until a day (excluded)."""

    start: date = Field(alias="from")
    until: date


class UnitsShape(Shape):
    """Kinds of unit, and those that get a score."""

    kinds: dict[Identifier, TextShape]
    assess: list[Identifier] = Field(min_length=1)


class AgreementShape(Shape):
    """When the agreements of a year must be signed."""

    sign_by: MonthDay


class DueShape(Shape):
    """The last day to file on time: a day of the n-th month after the month a return is about."""

    day: int = Field(ge=1, le=28)
    months_after: int = Field(ge=0, le=12)


class ReviewedShape(Shape):
    """A person's decision on an element that was sent to review: the day, the post that decided, and why."""

    on: date
    by: NonEmpty
    because: TextShape


class FieldShape(Shape):
    """A question of a form."""

    id: Identifier
    title: TextShape
    measure: Literal["count", "money", "days", "quantity", "flag"]
    decimals: int = Field(default=0, ge=0, le=6)
    topic: NonEmpty
    owner: NonEmpty
    use: Literal["scored", "check", "context"]
    required: bool = True
    blank: Literal["missing", "zero"] = "missing"
    minimum: Exact | None = None
    maximum: Exact | None = None
    help: TextShape | None = None
    reviewed: ReviewedShape | None = None


class CheckShape(Shape):
    """What must hold within one return."""

    id: Identifier
    says: TextShape
    holds: Formula
    severity: Literal["hard", "soft"]


class FormShape(Shape):
    """A monthly return."""

    id: Identifier
    title: TextShape
    owner: NonEmpty
    clause: NonEmpty
    due: DueShape
    filed_by: list[Identifier] = Field(default=[])
    fields: list[FieldShape] = Field(min_length=1)
    checks: list[CheckShape] = Field(default=[])


class FindingShape(Shape):
    """A kind of finding."""

    id: Identifier
    title: TextShape
    clause: NonEmpty
    topic: NonEmpty
    reviewed: ReviewedShape | None = None


class PanelShape(Shape):
    """A panel that scores by hand, from 0 to `most`."""

    id: Identifier
    title: TextShape
    clause: NonEmpty
    topic: NonEmpty
    most: Exact
    reviewed: ReviewedShape | None = None


class LevelShape(Shape):
    """A level at which matters are decided."""

    id: Identifier
    title: TextShape


class MatterShape(Shape):
    """A kind of matter several levels decide on, from the highest down."""

    id: Identifier
    title: TextShape
    clause: NonEmpty
    topic: NonEmpty
    levels: list[LevelShape] = Field(min_length=1)
    reviewed: ReviewedShape | None = None


class UsualShape(Shape):
    """A target's value from a year on, for some kinds of unit or all."""

    start: int = Field(alias="from", ge=1900, le=9999)
    kinds: list[Identifier] = Field(default=[])
    value: Exact


class TargetShape(Shape):
    """A figure each unit has to reach, by year."""

    id: Identifier
    title: TextShape
    clause: NonEmpty
    measure: Literal["count", "money", "days", "quantity", "share", "points"]
    usual: list[UsualShape] = Field(default=[])
    reviewed: ReviewedShape | None = None


class MissingShape(Shape):
    """What an absent cell does to an indicator; `skip` says how many whole rows must remain."""

    do: Literal["unassessable", "zero", "skip"]
    at_least: int | None = Field(default=None, ge=1)

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"do": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _decided(self) -> MissingShape:
        if (self.do == "skip") != (self.at_least is not None):
            raise ValueError("`skip` needs `at_least`, and nothing else takes it")
        return self


class IndicatorShape(Shape):
    """A figure per unit."""

    id: Identifier
    title: TextShape
    formula: Formula
    missing: MissingShape
    show: Literal["percent", "number"]
    reviewed: ReviewedShape | None = None


FateWord = Literal["zero", "full", "exempt"]


class AbsentShape(Shape):
    """What each kind of absence does to an item; one word stands for all four."""

    missing: FateWord
    suppressed: FateWord
    not_applicable: FateWord
    undefined: FateWord

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return dict.fromkeys(cls.model_fields, value) if isinstance(value, str) else value


class NodeShape(Shape):
    """A part (with children) or an item (with clause, indicator, rule, absent)."""

    id: Identifier
    title: TextShape
    points: Exact
    children: list[NodeShape] | None = None
    clause: str | None = None
    indicator: Identifier | None = None
    rule: RuleShape | None = None
    absent: AbsentShape | None = None
    renormalise: Literal["within"] | None = None
    at_least: int | None = Field(default=None, ge=1)
    reviewed: ReviewedShape | None = None


class AdjustmentShape(Shape):
    """Points outside the tree."""

    id: Identifier
    title: TextShape
    clause: NonEmpty
    indicator: Identifier
    each: Exact
    cap: Exact
    when_base: Threshold | None = None
    reviewed: ReviewedShape | None = None


class TogetherShape(Shape):
    """How much adjustments may give and take in all."""

    more: Exact | None = None
    off: Exact | None = None


class VetoShape(Shape):
    """A disqualifying condition: an indicator above zero."""

    id: Identifier
    title: TextShape
    clause: NonEmpty
    legal_basis: NonEmpty
    when: Identifier
    at_most: Identifier | None = None
    grade: Identifier | None = None
    total_at_most: Exact | None = None
    nothing_for: Identifier | None = None
    warning: Literal["true"] | None = None
    reviewed: ReviewedShape | None = None

    @model_validator(mode="after")
    def _one(self) -> VetoShape:
        effects = ("grade", "total_at_most", "at_most", "nothing_for", "warning")
        if sum(getattr(self, name) is not None for name in effects) != 1:
            raise ValueError(f"exactly one of {', '.join(effects)}")
        return self


class BandShape(Shape):
    """A grade from a total (included), below another."""

    grade: Identifier
    title: TextShape
    start: Exact = Field(alias="from")
    below: Exact | None = None


class StartShape(Shape):
    """Where a grade begins."""

    grade: Identifier
    start: Exact = Field(alias="from")


class OtherBandsShape(Shape):
    """Other bands for some kinds of unit."""

    kinds: list[Identifier] = Field(min_length=1)
    bands: list[StartShape] = Field(min_length=1)


class MinimumShape(Shape):
    """What a part or item must reach for a grade."""

    grade: Identifier
    node: Identifier
    at_least: Exact


class QuotaShape(Shape):
    """How many may have a grade."""

    grade: Identifier
    at_most: Exact
    within: Identifier
    seats: Literal["half_up", "half_even", "down", "up"]
    ties: Literal["in", "out"]


class GradeStepShape(Shape):
    """A grade up or down where an indicator is above zero, taken in order."""

    id: Identifier
    title: TextShape
    clause: NonEmpty
    order: int = Field(ge=1)
    when: Identifier
    by: Literal["up", "down"]
    not_above: Identifier | None = None
    not_below: Identifier | None = None
    reviewed: ReviewedShape | None = None


class GradesShape(Shape):
    """Bands from the best grade down."""

    on: Literal["rounded", "exact"]
    rated_from: Exact
    bands: list[BandShape] = Field(min_length=1)
    other_bands: list[OtherBandsShape] = Field(default=[])
    steps: list[GradeStepShape] = Field(default=[])
    minimums: list[MinimumShape] = Field(default=[])
    quotas: list[QuotaShape] = Field(default=[])


class RankShape(Shape):
    """A ranking."""

    id: Identifier
    title: TextShape
    on: Literal["rounded", "exact"]
    within: Identifier
    ties: Literal["min", "dense"]


class RoundShape(Shape):
    """A named rounding."""

    mode: Literal["half_up", "half_even", "down", "up"]
    decimals: int = Field(ge=0, le=6)


class RoundingShape(Shape):
    """The roundings by stage."""

    indicator: RoundShape
    item: RoundShape
    total: RoundShape
    add: Literal["rounded", "exact"]


ScoredShape = NodeShape | AdjustmentShape | VetoShape | GradeStepShape


class ProgrammeDocument(Shape):
    """A whole programme file."""

    programme: Identifier
    version: NonEmpty
    title: TextShape
    office: TextShape
    legal_basis: list[NonEmpty] = Field(min_length=1)
    in_force: InForceShape
    time_zone: TimeZone
    units: UnitsShape
    agreement: AgreementShape | None = None
    sources: list[SourceShape] = Field(min_length=1)
    forms: list[FormShape]
    findings: list[FindingShape] = Field(default=[])
    panels: list[PanelShape] = Field(default=[])
    matters: list[MatterShape] = Field(default=[])
    targets: list[TargetShape] = Field(default=[])
    indicators: list[IndicatorShape] = Field(min_length=1)
    tree: list[NodeShape] = Field(min_length=1)
    adjustments: list[AdjustmentShape] = Field(default=[])
    adjustments_together: TogetherShape | None = None
    vetoes: list[VetoShape] = Field(default=[])
    grades: GradesShape
    ranks: list[RankShape] = Field(default=[])
    rounding: RoundingShape

    def judged(self) -> list[tuple[KeyPath, FindingShape | PanelShape | MatterShape]]:
        """What people decide on by hand, with where it stands: kinds of finding, panels, kinds of matter."""
        found: list[tuple[KeyPath, FindingShape | PanelShape | MatterShape]] = []
        found += [(("findings", at), one) for at, one in enumerate(self.findings)]
        found += [(("panels", at), one) for at, one in enumerate(self.panels)]
        found += [(("matters", at), one) for at, one in enumerate(self.matters)]
        return found

    def scored_nodes(self) -> list[tuple[KeyPath, ScoredShape]]:
        """Everything that bears on a score, with where it stands: parts and items in order, adjustments, vetoes, steps
        of a grade.
        """
        found: list[tuple[KeyPath, ScoredShape]] = []

        def into(nodes: Sequence[NodeShape], path: KeyPath) -> None:
            for at, node in enumerate(nodes):
                found.append(((*path, at), node))
                into(node.children or [], (*path, at, "children"))

        into(self.tree, ("tree",))
        found += [(("adjustments", at), one) for at, one in enumerate(self.adjustments)]
        found += [(("vetoes", at), one) for at, one in enumerate(self.vetoes)]
        found += [(("grades", "steps", at), one) for at, one in enumerate(self.grades.steps)]
        return found
