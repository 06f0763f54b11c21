"""The shape of a programme file: its keys, which are required, and what kind of text each holds.

Every plain value of the YAML file arrives as text and is read exactly here: no number ever passes through a float.
What the shape cannot say (names resolve, points add up, bands close) is checked in `checks.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from answerable.definition.formula import FormulaError, Name, parse, walk
from answerable.values.number import parse_fraction
from answerable.values.text import Text

__all__ = ["KeyPath", "ProgrammeDocument"]

KeyPath = tuple[str | int, ...]
"""Where a part of a document stands: keys and positions from the top."""


def _identifier(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", text) or text.endswith("_state") or "__" in text:
        raise ValueError("an id is lower-case letters, digits and single underscores, and does not end in _state")
    return text


def _exact(value: Any) -> Any:
    return parse_fraction(value) if isinstance(value, str) else value


def _formula(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return parse(value)
    except FormulaError as error:
        raise ValueError(f"{error.what}, character {error.at}") from error


def _month_day(value: Any) -> Any:
    found = re.fullmatch(r"([0-9]{2})-([0-9]{2})", value) if isinstance(value, str) else None
    if not found:
        raise ValueError("a day of the year is written MM-DD")
    day = date(2001, int(found[1]), int(found[2]))
    return (day.month, day.day)


def _time_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("there is no such time zone") from error
    return text


def _threshold(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError('a threshold is written like ">= 95%"')
    found = re.fullmatch(r"\s*(>=|<=|==|>|<)\s*(\S+)\s*", value)
    if not found:
        raise ValueError('a threshold is written like ">= 95%"')
    return (found[1], parse_fraction(found[2]))


Identifier = Annotated[str, AfterValidator(_identifier)]
Exact = Annotated[Fraction, BeforeValidator(_exact)]
Formula = Annotated[Any, BeforeValidator(_formula)]
MonthDay = Annotated[Any, BeforeValidator(_month_day)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
Threshold = Annotated[Any, BeforeValidator(_threshold)]
NonEmpty = Annotated[str, Field(min_length=1)]


class Shape(BaseModel):
    """A mapping with known keys only."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class TextShape(Shape):
    """Words in both languages."""

    zh: NonEmpty
    en: NonEmpty

    def text(self) -> Text:
        """As the value all rooms speak."""
        return Text(zh=self.zh, en=self.en)


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
    fields: list[FieldShape] = Field(min_length=1)
    checks: list[CheckShape] = []


class FindingShape(Shape):
    """A kind of finding."""

    id: Identifier
    title: TextShape
    clause: NonEmpty
    topic: NonEmpty
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
    formula: FormulaShape | None = None

    def indicators(self) -> set[str]:
        """Other indicators the rule reads, beside that of its item."""
        read: set[str] = set()
        if self.gate is not None:
            read |= self.gate.rule.indicators() | ({self.gate.indicator} if self.gate.indicator else set())
        if self.less is not None:
            read |= {one.indicator for one in self.less.deductions}
            read |= self.less.rule.indicators() if self.less.rule else set()
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
    within: Literal["kind", "peer_group", "parent"]
    seats: Literal["half_up", "half_even", "down", "up"]
    ties: Literal["in", "out"]


class GradesShape(Shape):
    """Bands from the best grade down."""

    on: Literal["rounded", "exact"]
    rated_from: Exact
    bands: list[BandShape] = Field(min_length=1)
    other_bands: list[OtherBandsShape] = []
    minimums: list[MinimumShape] = []
    quotas: list[QuotaShape] = []


class RankShape(Shape):
    """A ranking."""

    id: Identifier
    title: TextShape
    on: Literal["rounded", "exact"]
    within: Literal["kind", "peer_group", "parent"]
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
    findings: list[FindingShape] = []
    indicators: list[IndicatorShape] = Field(min_length=1)
    tree: list[NodeShape] = Field(min_length=1)
    adjustments: list[AdjustmentShape] = []
    vetoes: list[VetoShape] = []
    grades: GradesShape
    ranks: list[RankShape] = []
    rounding: RoundingShape

    def scored_nodes(self) -> list[tuple[KeyPath, NodeShape | AdjustmentShape | VetoShape]]:
        """Everything that bears on a score, with where it stands: parts and items in order, adjustments, vetoes."""
        found: list[tuple[KeyPath, NodeShape | AdjustmentShape | VetoShape]] = []

        def into(nodes: Sequence[NodeShape], path: KeyPath) -> None:
            for at, node in enumerate(nodes):
                found.append(((*path, at), node))
                into(node.children or [], (*path, at, "children"))

        into(self.tree, ("tree",))
        found += [(("adjustments", at), one) for at, one in enumerate(self.adjustments)]
        found += [(("vetoes", at), one) for at, one in enumerate(self.vetoes)]
        return found
