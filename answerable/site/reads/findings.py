"""Findings: what was raised, what the unit answered, what was decided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from answerable.site.models import Finding, FindingAnswer, FindingDecision, Visit
from answerable.site.permissions import Subject
from answerable.site.reads.once import once_a_page
from answerable.site.reads.posts import get_display_names

Status = Literal["proposed", "answered", "confirmed", "withdrawn"]


@dataclass(frozen=True)
class Said:
    """What someone said about a finding: `word` is confirmed, objected or withdrawn."""

    word: str
    words: str
    by: str
    by_name: str
    at: datetime


@dataclass(frozen=True)
class FindingRaised:
    """One finding. It counts against a unit only when it is confirmed."""

    number: str
    visit: str
    inspector: str
    unit: str
    kind: str
    occurrences: int
    fact: str
    raised_by: str
    raised_by_name: str
    raised_at: datetime
    answer: Said | None
    decisions: tuple[Said, ...]

    @property
    def status(self) -> Status:
        """Where it stands: the last decision, else whether the unit has answered."""
        if self.decisions:
            return "confirmed" if self.decisions[-1].word == "confirmed" else "withdrawn"
        return "answered" if self.answer else "proposed"

    @property
    def subject(self) -> Subject:
        """What a permission about this finding is asked for."""
        return Subject(self.unit, self.inspector)


@once_a_page
def list_findings(
    year: int | None = None, unit: str | None = None, visit: str | None = None, open_only: bool = False
) -> tuple[FindingRaised, ...]:
    """Findings of a year, a unit, a visit, or all, the newest first; only those not decided yet if so asked."""
    rows = Finding.objects.order_by("-id")
    if open_only:
        rows = rows.exclude(number__in=FindingDecision.objects.values("finding_id"))
    rows = rows.filter(number__startswith=f"{year}-") if year is not None else rows
    rows = rows.filter(unit_code=unit) if unit is not None else rows
    return _read(rows.filter(visit__number=visit) if visit is not None else rows)


def get_finding(number: str) -> FindingRaised | None:
    """One finding by its number; None where there is none."""
    return next(iter(_read(Finding.objects.filter(number=number))), None)


def _read(rows: Iterable[Finding]) -> tuple[FindingRaised, ...]:
    findings = list(rows)
    numbers = [row.number for row in findings]
    answers = {row.finding_id: row for row in FindingAnswer.objects.filter(finding__number__in=numbers)}
    decisions: dict[str, list[FindingDecision]] = {}
    for row in FindingDecision.objects.filter(finding__number__in=numbers).order_by("turn"):
        decisions.setdefault(row.finding_id, []).append(row)
    visits = [row.visit_id for row in findings if row.visit_id]
    inspectors = dict(Visit.objects.filter(number__in=visits).values_list("number", "inspector"))
    names = get_display_names(
        [row.raised_by for row in findings]
        + [row.answered_by for row in answers.values()]
        + [row.decided_by for rows in decisions.values() for row in rows]
    )
    return tuple(
        FindingRaised(
            number=row.number,
            visit=row.visit_id or "",
            inspector=inspectors.get(row.visit_id or "", ""),
            unit=row.unit_code,
            kind=row.kind,
            occurrences=row.occurrences,
            fact=row.fact,
            raised_by=row.raised_by,
            raised_by_name=names[row.raised_by],
            raised_at=row.raised_at,
            answer=_answer(answers.get(row.number), names),
            decisions=tuple(_decision(one, names) for one in decisions.get(row.number, ())),
        )
        for row in findings
    )


def _answer(row: FindingAnswer | None, names: dict[str, str]) -> Said | None:
    if row is None:
        return None
    return Said(row.answer, row.words, row.answered_by, names[row.answered_by], row.answered_at)


def _decision(row: FindingDecision, names: dict[str, str]) -> Said:
    return Said(row.status, row.reason, row.decided_by, names[row.decided_by], row.decided_at)
