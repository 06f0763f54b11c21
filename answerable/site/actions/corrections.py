"""Ask for a correction (整改), report it done, send it back, close it.

Closed by someone who is neither of the unit nor the one who raised the finding: who found a fault does not judge its
repair, and who repaired it does not either.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from answerable.site import clock
from answerable.site.actions import Done, action, add, refuse
from answerable.site.models import Correction, CorrectionStep
from answerable.site.permissions import Holder, Subject
from answerable.site.reads.corrections import CorrectionAsked, get_correction, get_correction_of
from answerable.site.reads.findings import get_finding
from answerable.site.reads.numbers import next_number
from answerable.site.reads.posts import Asker, get_holder
from answerable.site.reads.units import get_unit
from answerable.values.issue import Issue, Refused


@action(permission="corrections.open", kind="correction.opened")
def open_(*, by: Asker, unit: str, year: int, problem: str, due_on: date, finding: str = "") -> Done:
    """Ask a unit to put a problem right by a day, on a finding or without one."""
    refuse(*_open_issues(unit, problem, due_on, finding))
    row = add(
        Correction,
        number=next_number(Correction, year, "C"),
        finding_id=finding or None,
        unit_code=unit,
        problem=problem.strip(),
        due_on=due_on,
        opened_by=get_holder(by).username,
        opened_at=clock.now(),
    )
    return Done((row,), number=row.number)


def _subject_of(*, correction: str, **_: object) -> Subject:
    return _known(correction).subject


@action(permission="corrections.submit", kind="correction.submitted", about=_subject_of)
def submit(*, by: Asker, correction: str, words: str) -> Done:
    """Say for the unit that it is put right, with at least one file of evidence filed before."""
    found, facts = _known(correction), {"number": correction}
    shown = {sha256 for step in found.steps for sha256 in step.evidence}
    fresh = [file.sha256 for file in found.files if file.sha256 not in shown]
    refuse(
        Issue("site.correction_not_open", facts=facts) if found.state not in ("open", "sent_back") else None,
        Issue("site.correction_without_words", facts=facts) if not words.strip() else None,
        Issue("site.correction_without_evidence", facts=facts) if not fresh else None,
    )
    return _step(found, "submitted", words, get_holder(by).username, ";".join(sorted(fresh)))


@action(permission="corrections.decide", kind="correction.sent_back", about=_subject_of)
def send_back(*, by: Asker, correction: str, reason: str) -> Done:
    """Send a correction back to the unit, with the reason."""
    found, holder = _known(correction), get_holder(by)
    refuse(*_decide_issues(found, holder))
    return _step(found, "sent_back", reason, holder.username)


@action(permission="corrections.decide", kind="correction.closed", about=_subject_of)
def close(*, by: Asker, correction: str, words: str = "") -> Done:
    """Close a correction (销号)."""
    found, holder = _known(correction), get_holder(by)
    refuse(*_decide_issues(found, holder))
    return _step(found, "closed", words, holder.username)


def _step(found: CorrectionAsked, step: str, words: str, username: str, evidence: str = "") -> Done:
    row = add(
        CorrectionStep,
        correction_id=found.number,
        turn=len(found.steps) + 1,
        step=step,
        words=words.strip(),
        evidence=evidence,
        taken_by=username,
        taken_at=clock.now(),
    )
    return Done((row,), number=found.number)


def _open_issues(unit: str, problem: str, due_on: date, finding: str) -> Iterator[Issue]:
    facts = {"unit": unit, "number": finding, "day": due_on.isoformat()}
    if get_unit(unit) is None:
        yield Issue("site.unknown_unit", facts=facts)
    if not problem.strip():
        yield Issue("site.correction_without_problem")
    if due_on <= clock.today():
        yield Issue("site.day_past", facts=facts)
    found = get_finding(finding) if finding else None
    if finding and (found is None or found.unit != unit):
        yield Issue("site.unknown_finding", facts=facts)
    elif found and found.status == "withdrawn":
        yield Issue("site.finding_withdrawn", facts=facts)
    elif found and get_correction_of(finding):
        yield Issue("site.correction_opened", facts=facts)


def _decide_issues(found: CorrectionAsked, holder: Holder) -> Iterator[Issue]:
    facts = {"number": found.number}
    if found.state != "submitted":
        yield Issue("site.correction_not_submitted", facts=facts)
    if found.unit in holder.units:
        yield Issue("site.own_unit", facts=facts)
    if holder.username in {found.raised_by, found.inspector}:
        yield Issue("site.own_finding", facts=facts)


def _known(number: str) -> CorrectionAsked:
    found = get_correction(number)
    if found is None:
        raise Refused([Issue("site.unknown_correction", facts={"number": number})])
    return found
