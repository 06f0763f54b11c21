"""What follows the tree of points: adjustments, vetoes, grades, quotas, ranks. Part of the model, see `model.py`."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from answerable.definition.formula import Group
from answerable.definition.rules import Comparison, compared
from answerable.values.number import Mode, points_in_english, text_of
from answerable.values.text import Text

__all__ = [
    "Adjustment",
    "Band",
    "GradeAtMost",
    "GradeIs",
    "GradeStep",
    "Grades",
    "Minimum",
    "NothingFor",
    "OtherBands",
    "Quota",
    "Rank",
    "Together",
    "TotalAtMost",
    "Veto",
    "VetoEffect",
    "Warned",
]


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
        zh = f"每1{verb}{size}分，累计最多{verb}{cap}分。"
        en = f"{points_in_english(size)} {off} for each, {cap} at most in all."
        if self.base is not None:
            zh_words, en_words = compared(*self.base)
            zh = f"基础得分{zh_words}的，{zh}"
            en = f"Where the points before adjustments are {en_words}: {en}"
        return Text(zh=zh, en=en)


@dataclass(frozen=True)
class Together:
    """How much all adjustments that give points may give in all, and how much those that take may take."""

    more: Fraction | None = None
    off: Fraction | None = None


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
class GradeStep:
    """One grade up or down where the indicator `when` is above zero, never above or below a grade that is named.

    Steps are taken in their order, after the bands and minimums and before vetoes. Absent figures take none.
    """

    id: str
    title: Text
    clause: str
    order: int
    when: str
    by: Literal["up", "down"]
    not_above: str | None
    not_below: str | None


@dataclass(frozen=True)
class Grades:
    """Half-open bands from the best grade down, read on the rounded or the exact total.

    A unit whose assessable points are fewer than `rated_from` gets no grade. Minimums come first, then steps, vetoes,
    quotas.
    """

    on: Literal["rounded", "exact"]
    rated_from: Fraction
    bands: tuple[Band, ...]
    other_bands: tuple[OtherBands, ...] = ()
    minimums: tuple[Minimum, ...] = ()
    quotas: tuple[Quota, ...] = ()
    steps: tuple[GradeStep, ...] = ()

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
    within: Group
    ties: Literal["min", "dense"]
