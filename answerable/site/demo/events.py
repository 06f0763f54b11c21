"""What can happen in the demonstration year, as frozen values. A moment is civil time of the district.

Visits, findings and corrections bear the numbers the office will give them, in the order of the events.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from answerable.site.demo.names import Named

__all__ = ["Answer", "Event", "Figures", "Finding", "Recount", "Year"]

Figures = Mapping[str, int | None]
"""The cells of a return by field: whole numbers (money in fen), None where the question does not arise."""

Answer = Literal["confirmed", "objected"]
"""What a unit says of a finding."""


@dataclass(frozen=True)
class Event:
    """Something that happens at a moment."""

    at: datetime


@dataclass(frozen=True)
class AgreementIssued(Event):
    unit: str
    year: int


@dataclass(frozen=True)
class AgreementSigned(Event):
    unit: str
    year: int
    side: Literal["unit", "office"]


@dataclass(frozen=True)
class ReturnFiled(Event):
    """A version of a return; later versions bear a reason."""

    unit: str
    period: str
    version: int
    figures: Figures
    reason: str = ""


@dataclass(frozen=True)
class VisitsDrawn(Event):
    year: int
    round: int
    seed: str
    sizes: Mapping[str, int]


@dataclass(frozen=True)
class VisitAssigned(Event):
    number: str
    unit: str
    year: int
    round: int
    inspector: str
    planned_on: date


@dataclass(frozen=True)
class Recount:
    """One figure counted again."""

    period: str
    field: str
    reported: int
    recounted: int


@dataclass(frozen=True)
class Finding:
    """A finding as stated."""

    number: str
    kind: str
    occurrences: int
    fact: str


@dataclass(frozen=True)
class VisitRecorded(Event):
    number: str
    unit: str
    inspector: str
    visited_on: date
    recounts: tuple[Recount, ...]
    findings: tuple[Finding, ...]
    remark: str


@dataclass(frozen=True)
class FindingRaised(Event):
    """A finding the office raises without a visit, after looking into a complaint."""

    unit: str
    year: int
    finding: Finding


@dataclass(frozen=True)
class FindingAnswered(Event):
    finding: str
    unit: str
    answer: Answer
    words: str


@dataclass(frozen=True)
class FindingDecided(Event):
    finding: str
    status: Literal["confirmed", "withdrawn"]
    reason: str


@dataclass(frozen=True)
class CorrectionOpened(Event):
    number: str
    finding: str
    unit: str
    year: int
    problem: str
    due_on: date


@dataclass(frozen=True)
class EvidenceFiled(Event):
    correction: str
    unit: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class CorrectionSubmitted(Event):
    correction: str
    unit: str
    words: str


@dataclass(frozen=True)
class CorrectionSentBack(Event):
    correction: str
    reason: str


@dataclass(frozen=True)
class CorrectionClosed(Event):
    correction: str
    words: str


@dataclass(frozen=True)
class YearScored(Event):
    year: int


@dataclass(frozen=True)
class GradesConfirmed(Event):
    year: int
    reason: str


@dataclass(frozen=True)
class BulletinPublished(Event):
    year: int


@dataclass(frozen=True)
class Year:
    """A district's year and the opening of the next: its units, and all that happens, in order."""

    seed: int
    units: tuple[Named, ...]
    inspectors: tuple[str, ...]
    events: tuple[Event, ...]
    scored_at: datetime
    """What happened before this moment is what the year is scored on."""
