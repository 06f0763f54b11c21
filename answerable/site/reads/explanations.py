"""Why a unit has its score: each point with its clause, formula, values and rows, and what would change the grade."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from answerable.definition import Programme
from answerable.scoring import Explanation, explain
from answerable.scoring.since import changes_since
from answerable.site.reads.grades import Run, get_run_before
from answerable.site.reads.ledger import get_last_index
from answerable.site.reads.programmes import get_elapsed, get_in_force, get_programme
from answerable.site.reads.snapshot import get_snapshot
from answerable.site.reads.units import Unit, get_unit
from answerable.values.issue import Refused
from answerable.values.period import Period


@dataclass(frozen=True)
class Explained:
    """One unit's score taken apart, and as of what. `run` is empty for the standing of today, which is no grade."""

    unit: Unit
    programme: Programme
    period: Period
    entry_index: int
    run: str
    explanation: Explanation


def get_explanation(unit: str, run: Run) -> Explained | None:
    """Why a unit has its score in a run. Only the unit's own rows are read, and those of units below it."""
    return _explained(unit, get_programme(run.programme_digest), run.period, run.entry_index, run.number)


@dataclass(frozen=True)
class Since:
    """What changed in one unit's score since an earlier run of the year; `changes` is the document of `since`."""

    run: Run
    changes: dict[str, Any]


def get_since(explained: Explained, run: Run) -> Since | None:
    """What changed since the run before; None where there is none, or it did not score this unit."""
    earlier = get_run_before(run)
    before = get_explanation(explained.unit.code, earlier) if earlier else None
    if earlier is None or before is None or before.programme.id != explained.programme.id:
        return None
    return Since(earlier, changes_since(before.explanation.document, explained.explanation.document))


def get_standing(unit: str, year: int) -> Explained | None:
    """How a unit stands today: scored on the months of the year whose returns are all due. None before the first."""
    programme = get_in_force(year)
    period = get_elapsed(programme, year) if programme else None
    return _explained(unit, programme, period, get_last_index(), "") if programme and period else None


def _explained(unit: str, programme: Programme, period: Period, entry_index: int, run: str) -> Explained | None:
    registered = get_unit(unit, period.last.plus(1).day(1))
    if registered is None or registered.kind not in programme.assess:
        return None
    snapshot = get_snapshot(programme, period, entry_index, [unit])
    try:
        explanation = explain(programme, snapshot.tables, period, unit)
    except Refused as refused:
        # Registered only after that entry, or not open for a day of the period: it has no score to explain.
        if {issue.code for issue in refused.issues} == {"scoring.unknown_unit"}:
            return None
        raise
    return Explained(registered, programme, period, entry_index, run, explanation)
