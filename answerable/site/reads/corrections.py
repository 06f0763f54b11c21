"""Corrections (整改): what is to be put right by when, and how far it has come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from answerable.site import clock
from answerable.site.models import Correction, CorrectionStep, Finding, Visit
from answerable.site.permissions import Subject
from answerable.site.reads.evidence import File, about_correction, list_evidence
from answerable.site.reads.once import once_a_page
from answerable.site.reads.posts import get_display_names

State = Literal["open", "submitted", "sent_back", "closed"]


@dataclass(frozen=True)
class Step:
    """One step: submitted, sent_back or closed."""

    turn: int
    step: str
    words: str
    evidence: tuple[str, ...]
    by: str
    by_name: str
    at: datetime


@dataclass(frozen=True)
class CorrectionAsked:
    """One correction with its steps and its evidence. `raised_by` is who raised the finding behind it, if any."""

    number: str
    finding: str
    raised_by: str
    inspector: str
    unit: str
    problem: str
    due_on: date
    opened_by: str
    opened_by_name: str
    opened_at: datetime
    steps: tuple[Step, ...]
    files: tuple[File, ...]

    @property
    def state(self) -> State:
        """Where it stands: its last step."""
        known: dict[str, State] = {"submitted": "submitted", "sent_back": "sent_back", "closed": "closed"}
        return known[self.steps[-1].step] if self.steps else "open"

    @property
    def closed_on(self) -> date | None:
        """The day it was closed."""
        return clock.day_of(self.steps[-1].at) if self.state == "closed" else None

    @property
    def is_overdue(self) -> bool:
        """Whether it was not closed by its day."""
        return (self.closed_on or clock.today()) > self.due_on

    @property
    def subject(self) -> Subject:
        """What a permission about this correction is asked for."""
        return Subject(self.unit, self.inspector)


@once_a_page
def list_corrections(
    year: int | None = None, unit: str | None = None, open_only: bool = False
) -> tuple[CorrectionAsked, ...]:
    """Corrections of a year, of a unit, or all, the earliest due first; only those not closed yet if so asked."""
    rows = Correction.objects.order_by("due_on", "id")
    if open_only:
        rows = rows.exclude(number__in=CorrectionStep.objects.filter(step="closed").values("correction_id"))
    rows = rows.filter(number__startswith=f"{year}-") if year is not None else rows
    return _read(rows.filter(unit_code=unit) if unit is not None else rows)


def get_correction(number: str) -> CorrectionAsked | None:
    """One correction by its number; None where there is none."""
    return next(iter(_read(Correction.objects.filter(number=number))), None)


def get_correction_of(finding: str) -> CorrectionAsked | None:
    """The correction a finding led to; None where there is none."""
    return next(iter(_read(Correction.objects.filter(finding__number=finding).order_by("-id")[:1])), None)


def _read(rows: Iterable[Correction]) -> tuple[CorrectionAsked, ...]:
    corrections = list(rows)
    numbers = [row.number for row in corrections]
    taken = list(CorrectionStep.objects.filter(correction__number__in=numbers).order_by("turn"))
    names = get_display_names([row.opened_by for row in corrections] + [row.taken_by for row in taken])
    steps: dict[str, list[Step]] = {}
    for row in taken:
        steps.setdefault(row.correction_id, []).append(_step(row, names))
    files: dict[str, list[File]] = {}
    for file in list_evidence([about_correction(number) for number in numbers]) if numbers else ():
        files.setdefault(file.about, []).append(file)
    behind = _findings([row.finding_id for row in corrections if row.finding_id])
    return tuple(
        CorrectionAsked(
            number=row.number,
            finding=row.finding_id or "",
            raised_by=behind.get(row.finding_id or "", ("", ""))[0],
            inspector=behind.get(row.finding_id or "", ("", ""))[1],
            unit=row.unit_code,
            problem=row.problem,
            due_on=row.due_on,
            opened_by=row.opened_by,
            opened_by_name=names[row.opened_by],
            opened_at=row.opened_at,
            steps=tuple(steps.get(row.number, ())),
            files=tuple(files.get(about_correction(row.number), ())),
        )
        for row in corrections
    )


def _step(row: CorrectionStep, names: dict[str, str]) -> Step:
    evidence = tuple(sha256 for sha256 in row.evidence.split(";") if sha256)
    return Step(row.turn, row.step, row.words, evidence, row.taken_by, names[row.taken_by], row.taken_at)


def _findings(numbers: list[str]) -> dict[str, tuple[str, str]]:
    """Who raised each finding, and who inspected."""
    rows = list(Finding.objects.filter(number__in=numbers))
    visits = [row.visit_id for row in rows if row.visit_id]
    inspectors = dict(Visit.objects.filter(number__in=visits).values_list("number", "inspector"))
    return {row.number: (row.raised_by, inspectors.get(row.visit_id or "", "")) for row in rows}
