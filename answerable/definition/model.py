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

from answerable.definition.formula import ColumnOf, Expression, walk
from answerable.definition.outcomes import (
    Adjustment,
    GradeAtMost,
    GradeIs,
    Grades,
    NothingFor,
    Rank,
    Together,
    TotalAtMost,
    Veto,
    Warned,
)
from answerable.definition.rules import Rule
from answerable.definition.shorthand import written_out
from answerable.values.number import Rounding, text_of
from answerable.values.period import Month
from answerable.values.text import Text

__all__ = [
    "Absent",
    "Check",
    "Fate",
    "Field",
    "FindingKind",
    "Form",
    "Indicator",
    "Item",
    "Level",
    "MatterKind",
    "Missing",
    "Panel",
    "Part",
    "Programme",
    "Review",
    "Source",
    "Stages",
    "Target",
    "Usual",
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
    filed_by: tuple[str, ...] = ()
    """Kinds of unit that may have to file it; none are named where the registry alone decides."""

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
class Panel:
    """Who scores by hand: each rater of a panel gives a unit 0 to `most` points, with a reason."""

    id: str
    title: Text
    clause: str
    topic: str
    most: Fraction


@dataclass(frozen=True)
class Level:
    """A level at which a matter can be decided."""

    id: str
    title: Text


@dataclass(frozen=True)
class MatterKind:
    """A kind of matter (a commendation, a criticism) that several levels may decide on, from the highest down."""

    id: str
    title: Text
    clause: str
    topic: str
    levels: tuple[Level, ...]


@dataclass(frozen=True)
class Usual:
    """A target's value from a year on, for units that were given none of their own; no kinds means all others."""

    start: int
    kinds: tuple[str, ...]
    value: Fraction


@dataclass(frozen=True)
class Target:
    """A figure each unit has to reach, by year: its own in the table `targets`, else the usual one, else missing."""

    id: str
    title: Text
    clause: str
    measure: Literal["count", "money", "days", "quantity", "share", "points"]
    usual: tuple[Usual, ...]

    def usual_in(self, year: int, kind: str) -> Fraction | None:
        """The usual value for units of a kind in a year: of the latest start, a kind's own before that of all."""
        meant = [one for one in self.usual if one.start <= year and kind in (one.kinds or (kind,))]
        return max(meant, key=lambda one: (bool(one.kinds), one.start)).value if meant else None


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

    @cached_property
    def core(self) -> Expression:
        """The formula with its shorthands written out: what engines compute."""
        return written_out(self.formula)


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
        return written_out(self.rule.expand(self.points))


@dataclass(frozen=True)
class Part:
    """A branch of the tree of points; its points are the sum of its children's.

    With fewer than `at_least` assessable children it is exempt itself. Where some are exempt the part counts less, and
    what is earned in all is rescaled; a `renormalised` part keeps its points, which the other children share.
    """

    id: str
    title: Text
    points: Fraction
    children: tuple[Part | Item, ...]
    renormalised: bool = False
    at_least: int = 1

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
    panels: tuple[Panel, ...]
    matters: tuple[MatterKind, ...]
    targets: tuple[Target, ...]
    indicators: tuple[Indicator, ...]
    tree: Part
    adjustments: tuple[Adjustment, ...]
    together: Together
    vetoes: tuple[Veto, ...]
    grades: Grades
    ranks: tuple[Rank, ...]
    rounding: Stages
    reviews: tuple[Review, ...]
    digest: str

    @cached_property
    def reads_earlier(self) -> bool:
        """Whether any formula reads figures of the year before."""
        parts = (part for indicator in self.indicators for part in walk(indicator.core))
        return any(isinstance(part, ColumnOf) and part.table == "earlier" for part in parts)

    def form(self, name: str) -> Form:
        """The form of that id; KeyError if there is none."""
        return self._forms[name]

    def indicator(self, name: str) -> Indicator:
        """The indicator of that id; KeyError if there is none."""
        return self._indicators[name]

    @property
    def givers(self) -> tuple[Item | Adjustment, ...]:
        """All that gives points of its own: the items of the tree, then the adjustments."""
        return (*self.tree.items(), *self.adjustments)

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
