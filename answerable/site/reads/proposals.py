"""Versions of a programme that one person of the office proposes and another publishes, and what became of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, cast

from answerable.definition import Programme
from answerable.site.models import AgreementVersion, ProgrammeDecision, ProgrammeProposal, ScoreRun
from answerable.site.reads.posts import get_display_names
from answerable.site.reads.programmes import covers, get_parsed, list_programmes, version_in_force, years_around
from answerable.values.issue import Issue, Refused

DecisionName = Literal["published", "refused", "withdrawn"]


@dataclass(frozen=True)
class Decision:
    """What became of a proposal: who decided, when and why."""

    name: DecisionName
    by: str
    by_name: str
    at: datetime
    reason: str


@dataclass(frozen=True)
class Proposal:
    """One proposed version. `decision` is None while it waits for a second person."""

    number: str
    code: str
    version: str
    digest: str
    reason: str
    proposed_by: str
    proposed_by_name: str
    proposed_at: datetime
    decision: Decision | None = None

    @property
    def is_open(self) -> bool:
        """Whether it waits for a second person."""
        return self.decision is None


@dataclass(frozen=True)
class Proposed:
    """What a proposal holds, word for word. `programme` is None where this release can no longer read it."""

    source: str
    programme: Programme | None
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True)
class YearsAffected:
    """Years a version would cover: what it replaces there, and what was done in each by that already."""

    first: int
    last: int
    replaces: str
    agreements: int
    runs: int


def list_proposals(open_only: bool = False) -> tuple[Proposal, ...]:
    """Every proposal, the newest first; or only those that wait for a second person."""
    rows = ProgrammeProposal.objects.defer("source").order_by("-id")
    if open_only:
        rows = rows.exclude(number__in=ProgrammeDecision.objects.values("proposal_id"))
    return _proposals(rows)


def get_proposal(number: str) -> Proposal | None:
    """One proposal by its number; None where there is none."""
    return next(iter(_proposals(ProgrammeProposal.objects.defer("source").filter(number=number))), None)


def get_proposed(number: str) -> Proposed:
    """The very text of a proposal, and the programme it makes."""
    source = get_source_proposed(number)
    try:
        return Proposed(source, get_parsed(source))
    except Refused as refused:
        return Proposed(source, None, refused.issues)


def get_source_proposed(number: str) -> str:
    """The very text of a proposal; ProgrammeProposal.DoesNotExist where there is none."""
    source: str = ProgrammeProposal.objects.values_list("source", flat=True).get(number=number)
    return source


def list_years_affected(programme: Programme) -> tuple[YearsAffected, ...]:
    """The whole years a version not yet published would cover, and what stands in them today; like years are one."""
    known = list_programmes()
    years = [year for year in years_around(programme) if covers(programme, year)]
    issued = _counted(AgreementVersion.objects.filter(year__in=years).values_list("year", flat=True))
    scored = _counted(ScoreRun.objects.filter(year__in=years).values_list("year", flat=True))
    spans: list[YearsAffected] = []
    for year in years:
        current = version_in_force(known, year)
        fresh = YearsAffected(year, year, current.version if current else "", issued.get(year, 0), scored.get(year, 0))
        if spans and fresh == replace(spans[-1], first=year, last=year):
            spans[-1] = replace(spans[-1], last=year)
        else:
            spans.append(fresh)
    return tuple(spans)


def _counted(years: Iterable[int]) -> dict[int, int]:
    counted: dict[int, int] = {}
    for year in years:
        counted[year] = counted.get(year, 0) + 1
    return counted


def _proposals(rows: Iterable[ProgrammeProposal]) -> tuple[Proposal, ...]:
    proposals = list(rows)
    decisions = {
        row.proposal_id: row
        for row in ProgrammeDecision.objects.filter(proposal_id__in=[one.number for one in proposals])
    }
    usernames = {one.proposed_by for one in proposals} | {one.decided_by for one in decisions.values()}
    names = get_display_names(usernames)
    return tuple(_proposal(row, decisions.get(row.number), names) for row in proposals)


def _proposal(row: ProgrammeProposal, decided: ProgrammeDecision | None, names: dict[str, str]) -> Proposal:
    return Proposal(
        number=row.number,
        code=row.code,
        version=row.version,
        digest=row.digest,
        reason=row.reason,
        proposed_by=row.proposed_by,
        proposed_by_name=names[row.proposed_by],
        proposed_at=row.proposed_at,
        decision=_decision(decided, names) if decided else None,
    )


def _decision(row: ProgrammeDecision, names: dict[str, str]) -> Decision:
    name = cast(DecisionName, row.decision)
    return Decision(name, row.decided_by, names[row.decided_by], row.decided_at, row.reason)
