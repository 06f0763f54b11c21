"""A programme: checked, frozen, complete. Built by `reader.read`; engines and pages only read it.

Everything that is scored hangs on a clause, every number in it is exact, and no path for absent figures is left open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo

from answerable.definition.formula import Expression, Group
from answerable.definition.rules import Comparison, Rule, compared
from answerable.values.number import Mode, Rounding, text_of
from answerable.values.period import Month
from answerable.values.text import Text

__all__ = [
    "Absent",
    "Adjustment",
    "Band",
    "Check",
    "Fate",
    "Field",
    "FindingKind",
    "Form",
    "GradeAtMost",
    "GradeIs",
    "Grades",
    "Indicator",
    "Item",
    "Minimum",
    "Missing",
    "NothingFor",
    "OtherBands",
    "Part",
    "Programme",
    "Quota",
    "Rank",
    "Review",
    "Source",
    "Stages",
    "TotalAtMost",
    "Veto",
    "VetoEffect",
    "Warned",
]

Measure = Literal["count", "money", "days", "quantity", "flag"]
"""What a field counts: count (whole things), money (fen), days, quantity (with decimals), flag (yes 1, no 0)."""

Absent = Literal["missing", "not_applicable", "suppressed", "undefined"]
"""Why an indicator has no value; `undefined` is a division by zero or the mean of nothing."""

Fate = Literal["zero", "full", "exempt"]
"""What an absent indicator does to its item: no points, all points, or the item leaves the sum and the rest is
rescaled."""


@dataclass(frozen=True)
class Source:
    """A document the programme rests on."""

    id: str
    title: Text
    number: str
    url: str


@dataclass(frozen=True)
class Field:
    """One question of a form. `blank` says what an empty cell of a *filed* return means."""

    id: str
    title: Text
    measure: Measure
    decimals: int
    topic: str
    owner: str
    use: Literal["scored", "check", "context"]
    required: bool
    blank: Literal["missing", "zero"]
    minimum: Fraction | None
    maximum: Fraction | None
    help: Text | None


@dataclass(frozen=True)
class Check:
    """What must hold within one return: `hard` stops a submission, `soft` asks for a word of explanation."""

    id: str
    says: Text
    holds: Expression
    severity: Literal["hard", "soft"]


@dataclass(frozen=True)
class Form:
    """A monthly return: due at the end of day `due_day` of the `due_months` month after the month it is about."""

    id: str
    title: Text
    owner: str
    clause: str
    due_day: int
    due_months: int
    fields: tuple[Field, ...]
    checks: tuple[Check, ...]

    def field(self, name: str) -> Field:
        """The field of that id; KeyError if there is none."""
        for field in self.fields:
            if field.id == name:
                return field
        raise KeyError(name)

    def due_on(self, month: Month) -> date:
        """The last day on which the return of a month is on time."""
        return month.plus(self.due_months).day(self.due_day)


@dataclass(frozen=True)
class FindingKind:
    """A kind of finding an inspector may raise."""

    id: str
    title: Text
    clause: str
    topic: str


@dataclass(frozen=True)
class Missing:
    """What an absent cell does to an indicator.

    `unassessable`: one absent cell and the indicator has no value. `zero`: an absent cell counts as 0. `skip`: the
    whole
    row is left out of every aggregate of the indicator, and at least `at_least` whole rows must remain per table.
    Whatever is chosen, a row with a cell that is not applicable is left out, and a suppressed cell is never 0.
    """

    do: Literal["unassessable", "zero", "skip"]
    at_least: int


@dataclass(frozen=True)
class Indicator:
    """A figure per unit, from a formula."""

    id: str
    title: Text
    formula: Expression
    missing: Missing
    percent: bool


@dataclass(frozen=True)
class Item:
    """A leaf of the tree of points: an indicator turned into points by a rule."""

    id: str
    title: Text
    clause: str
    points: Fraction
    indicator: str
    rule: Rule
    absent: Mapping[Absent, Fate]

    @cached_property
    def formula(self) -> Expression:
        """The rule written out in the formula language; `value` stands for the indicator."""
        return self.rule.expand(self.points)


@dataclass(frozen=True)
class Part:
    """A branch of the tree of points; its points are the sum of its children's."""

    id: str
    title: Text
    points: Fraction
    children: tuple[Part | Item, ...]

    def items(self) -> Iterator[Item]:
        """All leaves below, in order."""
        for child in self.children:
            if isinstance(child, Item):
                yield child
            else:
                yield from child.items()

    def nodes(self) -> Iterator[Part | Item]:
        """This part and everything below, in order."""
        yield self
        for child in self.children:
            if isinstance(child, Item):
                yield child
            else:
                yield from child.nodes()


@dataclass(frozen=True)
class Adjustment:
    """Points outside the tree: `each` per unit of the indicator, never beyond `cap` in size. Absent means none.

    `base` is a condition on what the tree gives, rescaled to all points: where it does not hold there are none either.
    """

    id: str
    title: Text
    clause: str
    indicator: str
    each: Fraction
    cap: Fraction
    base: tuple[Comparison, Fraction] | None = None

    def in_words(self) -> Text:
        """The adjustment as a sentence."""
        size, cap = text_of(abs(self.each)), text_of(self.cap)
        verb, off = ("扣", "off") if self.each < 0 else ("加", "more")
        zh, en = f"每1{verb}{size}分，累计最多{verb}{cap}分。", f"{size} points {off} for each, {cap} at most in all."
        if self.base is not None:
            zh_words, en_words = compared(*self.base)
            zh = f"基础得分{zh_words}的，{zh}"
            en = f"Where the points before adjustments are {en_words}: {en}"
        return Text(zh=zh, en=en)


@dataclass(frozen=True)
class GradeIs:
    """The grade is this one whatever was scored, also where too little could be assessed."""

    grade: str


@dataclass(frozen=True)
class TotalAtMost:
    """The total is at most this."""

    total: Fraction


@dataclass(frozen=True)
class GradeAtMost:
    """The grade is at most this one."""

    grade: str


@dataclass(frozen=True)
class NothingFor:
    """A part or item gives no points."""

    node: str


@dataclass(frozen=True)
class Warned:
    """A formal warning (黄牌警告): it is told, and changes nothing."""


VetoEffect = GradeIs | TotalAtMost | GradeAtMost | NothingFor | Warned
"""What a veto does, from the strongest to the weakest. Of several the lowest grade and total hold."""


@dataclass(frozen=True)
class Veto:
    """A disqualifying condition: its effect where the indicator `when` is above zero. Absent figures never veto."""

    id: str
    title: Text
    clause: str
    legal_basis: str
    when: str
    effect: VetoEffect


@dataclass(frozen=True)
class Band:
    """A grade and the total it begins at (included)."""

    grade: str
    title: Text
    start: Fraction


@dataclass(frozen=True)
class OtherBands:
    """Where the grades begin for some kinds of unit, in the order of the bands."""

    kinds: tuple[str, ...]
    starts: tuple[Fraction, ...]


@dataclass(frozen=True)
class Minimum:
    """What a part or item must reach of its points for a grade or a better one; an exempt node need reach nothing."""

    grade: str
    node: str
    share: Fraction


@dataclass(frozen=True)
class Quota:
    """How many of the rated units of a group may have a grade or a better one, the best totals first.

    `seats` says how a part of a seat is rounded. `ties`: units with the total of the last seat all keep the grade or
    all lose it. Who loses it gets the next grade.
    """

    grade: str
    share: Fraction
    within: Group
    seats: Mode
    ties: Literal["in", "out"]


@dataclass(frozen=True)
class Grades:
    """Half-open bands from the best grade down, read on the rounded or the exact total.

    A unit whose assessable points are fewer than `rated_from` gets no grade. Minimums come before vetoes, quotas after.
    """

    on: Literal["rounded", "exact"]
    rated_from: Fraction
    bands: tuple[Band, ...]
    other_bands: tuple[OtherBands, ...] = ()
    minimums: tuple[Minimum, ...] = ()
    quotas: tuple[Quota, ...] = ()

    @property
    def order(self) -> tuple[str, ...]:
        """The grades from the best down."""
        return tuple(band.grade for band in self.bands)

    def starts(self, kind: str) -> tuple[Fraction, ...]:
        """Where each grade begins for a kind of unit."""
        for other in self.other_bands:
            if kind in other.kinds:
                return other.starts
        return tuple(band.start for band in self.bands)

    def title(self, grade: str) -> Text:
        """What a grade is called; `not_rated` is known to every programme."""
        for band in self.bands:
            if band.grade == grade:
                return band.title
        if grade == "not_rated":
            return Text(zh="不评等次", en="Not rated")
        raise KeyError(grade)


@dataclass(frozen=True)
class Rank:
    """A ranking of rated units of one kind, on the rounded or exact total, within a group."""

    id: str
    title: Text
    on: Literal["rounded", "exact"]
    within: Literal["kind", "peer_group", "parent"]
    ties: Literal["min", "dense"]


@dataclass(frozen=True)
class Stages:
    """The roundings by name. `add` says whether parts and total add rounded or exact item points."""

    indicator: Rounding
    item: Rounding
    total: Rounding
    add: Literal["rounded", "exact"]


@dataclass(frozen=True)
class Review:
    """A person's decision on an element that was sent to review: the day, the post, and why it may stand."""

    id: str
    day: date
    by: str
    because: Text


@dataclass(frozen=True)
class Programme:
    """One version of a programme, with the digest of the file it was read from."""

    id: str
    version: str
    title: Text
    office: Text
    legal_basis: tuple[str, ...]
    valid_from: date
    valid_until: date
    time_zone: str
    unit_kinds: Mapping[str, Text]
    assess: tuple[str, ...]
    sign_by: tuple[int, int] | None
    sources: tuple[Source, ...]
    forms: tuple[Form, ...]
    finding_kinds: tuple[FindingKind, ...]
    indicators: tuple[Indicator, ...]
    tree: Part
    adjustments: tuple[Adjustment, ...]
    vetoes: tuple[Veto, ...]
    grades: Grades
    ranks: tuple[Rank, ...]
    rounding: Stages
    reviews: tuple[Review, ...]
    digest: str

    def form(self, name: str) -> Form:
        """The form of that id; KeyError if there is none."""
        return self._forms[name]

    def indicator(self, name: str) -> Indicator:
        """The indicator of that id; KeyError if there is none."""
        return self._indicators[name]

    @cached_property
    def _forms(self) -> dict[str, Form]:
        return {form.id: form for form in self.forms}

    @cached_property
    def _indicators(self) -> dict[str, Indicator]:
        return {indicator.id: indicator for indicator in self.indicators}

    def effect(self, veto: Veto) -> Text:
        """What a veto does, in words."""
        match veto.effect:
            case GradeIs(grade):
                title = self.grades.title(grade)
                return Text(zh=f"直接定为“{title.zh}”", en=f"the grade is “{title.en}”")
            case GradeAtMost(grade):
                title = self.grades.title(grade)
                return Text(zh=f"等次最高为“{title.zh}”", en=f"the grade is at most “{title.en}”")
            case TotalAtMost(total):
                return Text(zh=f"总分不超过{text_of(total)}分", en=f"the total is at most {text_of(total)}")
            case NothingFor(name):
                title = next(node.title for node in self.tree.nodes() if node.id == name)
                return Text(zh=f"“{title.zh}”不得分", en=f"no points for “{title.en}”")
            case Warned():
                return Text(zh="黄牌警告", en="a formal warning")

    def due_instant(self, form: Form, month: Month) -> str:
        """The first moment at which a return is late, in UTC as tables write it: `2025-04-05T16:00:00Z`."""
        day = datetime.combine(form.due_on(month) + timedelta(days=1), time(), ZoneInfo(self.time_zone))
        return day.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ")

    def sign_by_day(self, year: int) -> str:
        """The last day to sign the agreement of a year, as ISO text; empty where the programme sets none."""
        return date(year, *self.sign_by).isoformat() if self.sign_by else ""
