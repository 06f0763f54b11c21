"""Compute scores and grades from the facts as of the last entry, and have the leading group confirm them."""

from __future__ import annotations

from answerable.ledger.entry import ROOT_BEFORE
from answerable.scoring import Scorecard, score
from answerable.site import clock
from answerable.site.actions import Done, action, add, add_all, refuse
from answerable.site.models import Fact, Grade, GradeConfirmation, ScoreCache, ScoreRun
from answerable.site.permissions import Subject
from answerable.site.reads.grades import get_latest_run, get_run, packed
from answerable.site.reads.ledger import get_root
from answerable.site.reads.numbers import next_number
from answerable.site.reads.posts import Asker, get_holder
from answerable.site.reads.programmes import get_in_force
from answerable.site.reads.snapshot import get_snapshot
from answerable.values.canonical import canonical_json
from answerable.values.issue import Issue, Refused
from answerable.values.number import scaled_text
from answerable.values.period import Period


@action(permission="grades.run", kind="score.run")
def run(*, by: Asker, year: int, period: Period | None = None) -> Done:
    """Score every assessed unit for a year, or for a part of it, from the facts as of the last entry."""
    programme, span = get_in_force(year), period or Period.of_year(year)
    if programme is None:
        raise Refused([Issue("site.no_programme", facts={"year": str(year)})])
    snapshot = get_snapshot(programme, span)
    card = score(programme, snapshot.tables, span)
    row = add(
        ScoreRun,
        number=next_number(ScoreRun, year, "R"),
        year=year,
        period=str(span),
        entry_index=snapshot.entry_index,
        programme_digest=programme.digest,
        snapshot_digest=snapshot.digest(),
        scorecard_digest=card.digest(),
        run_by=get_holder(by).username,
        run_at=clock.now(),
    )
    add(ScoreCache, run=row.number, scorecard=packed(card))
    grades: tuple[Fact, ...] = add_all(_grades(row.number, card))
    facts = {"scorecard_digest": row.scorecard_digest, "snapshot_digest": row.snapshot_digest}
    return Done((row, *grades), facts={**facts, ROOT_BEFORE: get_root()}, number=row.number)


@action(permission="grades.confirm", kind="grade.confirmed", about=lambda **_: Subject())
def confirm(*, by: Asker, run: str, reason: str) -> Done:
    """Confirm the grades of the last run, by another person than the one who computed them."""
    found, username, facts = get_run(run), get_holder(by).username, {"run": run}
    if found is None:
        raise Refused([Issue("site.unknown_run", facts=facts)])
    latest = get_latest_run(found.year)
    refuse(
        Issue("site.run_confirmed", facts=facts) if found.confirmed else None,
        Issue("site.run_superseded", facts=facts) if latest and latest.number != run else None,
        Issue("site.same_person") if username == found.run_by else None,
    )
    row = add(GradeConfirmation, run_id=run, confirmed_by=username, confirmed_at=clock.now(), reason=reason.strip())
    return Done((row,), facts={"scorecard_digest": found.scorecard_digest}, number=run)


def _grades(run: str, card: Scorecard) -> list[Grade]:
    decimals = card.grades.schema.column("total").decimals
    return [
        Grade(
            run_id=run,
            unit_code=str(row["unit"]),
            total=scaled_text(row["total"], decimals) if isinstance(row["total"], int) else "",
            grade=str(row["grade"] or ""),
            vetoes=canonical_json([veto for veto in str(row["vetoes"] or "").split(";") if veto]).decode(),
        )
        for row in card.grades.rows()
    ]
