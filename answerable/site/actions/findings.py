"""Raise a finding, answer it for the unit, decide it. The unit answers first, and nobody decides his own finding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from answerable.definition import Programme
from answerable.site import clock
from answerable.site.actions import Done, action, add, add_all, refuse
from answerable.site.models import Finding, FindingAnswer, FindingDecision
from answerable.site.permissions import Subject
from answerable.site.reads.findings import FindingRaised, get_finding
from answerable.site.reads.numbers import next_number
from answerable.site.reads.posts import Asker, get_holder
from answerable.site.reads.programmes import get_in_force
from answerable.site.reads.units import get_unit
from answerable.site.reads.visits import get_visit
from answerable.values.issue import Issue, Refused

ANSWER_DAYS = 10
"""So long a unit has to answer; a finding it has not answered may be decided only after that."""

MOST_OCCURRENCES = 9999


@dataclass(frozen=True)
class FindingSeen:
    """A finding as an inspector states it: its kind in the programme, how many times, and the bare fact."""

    kind: str
    occurrences: int
    fact: str


def _unit_and_inspector(*, unit: str, visit: str = "", **_: object) -> Subject:
    made = get_visit(visit) if visit else None
    if visit and (made is None or made.unit != unit):
        raise Refused([Issue("site.unknown_visit", facts={"number": visit})])
    return made.subject if made else Subject(unit)


@action(permission="findings.raise", kind="finding.raised", about=_unit_and_inspector)
def raise_(*, by: Asker, unit: str, year: int, kind: str, occurrences: int, fact: str, visit: str = "") -> Done:
    """Raise a finding: an inspector about a visit of his, the office also without one."""
    programme, seen = get_in_force(year), FindingSeen(kind, occurrences, fact)
    if programme is None:
        raise Refused([Issue("site.no_programme", facts={"year": str(year)})])
    known = get_unit(unit)
    refuse(
        Issue("site.unknown_unit", facts={"unit": unit}) if known is None else None,
        *finding_issues(programme, seen),
    )
    rows = finding_rows(unit, year, visit, get_holder(by).username, [seen])
    return Done(rows, number=rows[0].number)


def _subject_of(*, finding: str, **_: object) -> Subject:
    return _known(finding).subject


@action(permission="findings.answer", kind="finding.answered", about=_subject_of)
def answer(*, by: Asker, finding: str, answer: Literal["confirmed", "objected"], words: str = "") -> Done:
    """Answer for the unit, once: the fact is so, or it is not and why."""
    found, facts = _known(finding), {"number": finding}
    refuse(
        Issue("site.finding_answered", facts=facts) if found.answer else None,
        Issue("site.finding_decided", facts=facts) if found.decisions else None,
        Issue("site.objection_without_words", facts=facts) if answer == "objected" and not words.strip() else None,
    )
    row = add(
        FindingAnswer,
        finding_id=finding,
        answer=answer,
        words=words.strip(),
        answered_by=get_holder(by).username,
        answered_at=clock.now(),
    )
    return Done((row,), number=finding)


@action(permission="findings.decide", kind="finding.decided", about=_subject_of)
def decide(*, by: Asker, finding: str, status: Literal["confirmed", "withdrawn"], reason: str) -> Done:
    """Decide whether a finding stands. A later decision of the same finding takes the place of the one before."""
    found, username = _known(finding), get_holder(by).username
    refuse(*_decide_issues(found, username, status))
    row = add(
        FindingDecision,
        finding_id=finding,
        turn=len(found.decisions) + 1,
        status=status,
        reason=reason.strip(),
        decided_by=username,
        decided_at=clock.now(),
    )
    return Done((row,), number=finding)


def finding_issues(programme: Programme, seen: FindingSeen) -> Iterator[Issue]:
    """What is wrong with a finding as stated."""
    if seen.kind not in {kind.id for kind in programme.finding_kinds}:
        yield Issue("site.finding_kind_unknown", facts={"kind": seen.kind})
    if not 1 <= seen.occurrences <= MOST_OCCURRENCES:
        yield Issue(
            "site.finding_occurrences", facts={"occurrences": str(seen.occurrences), "most": str(MOST_OCCURRENCES)}
        )
    if not seen.fact.strip():
        yield Issue("site.finding_without_fact")


def finding_rows(unit: str, year: int, visit: str, username: str, seen: Sequence[FindingSeen]) -> tuple[Finding, ...]:
    """Insert findings, numbered on from the last of the year."""
    return add_all(
        Finding(
            number=next_number(Finding, year, "F", ahead),
            visit_id=visit or None,
            unit_code=unit,
            kind=one.kind,
            occurrences=one.occurrences,
            fact=one.fact.strip(),
            raised_by=username,
            raised_at=clock.now(),
        )
        for ahead, one in enumerate(seen)
    )


def _decide_issues(found: FindingRaised, username: str, status: str) -> Iterator[Issue]:
    facts = {"number": found.number, "days": str(ANSWER_DAYS)}
    waited = clock.now() - found.raised_at > timedelta(days=ANSWER_DAYS)
    if not (found.answer or waited):
        yield Issue("site.finding_not_answered", facts=facts)
    if username == found.raised_by:
        yield Issue("site.own_finding", facts=facts)
    if found.decisions and found.decisions[-1].word == status:
        yield Issue("site.finding_decided", facts=facts)


def _known(number: str) -> FindingRaised:
    found = get_finding(number)
    if found is None:
        raise Refused([Issue("site.unknown_finding", facts={"number": number})])
    return found
