"""The facts as of one ledger entry, as the tables a programme is scored on.

Facts are only ever added, so a snapshot is what there is now without what later entries recorded. `verify` builds the
same tables from the raw file by the same function of `exchange.snapshot`, and must come to the same digest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from answerable.definition import Programme
from answerable.exchange.snapshot import scoring_tables, snapshot_digest
from answerable.ledger.holdings import Cell, Holding, canonical_row, holding_named
from answerable.scoring import score
from answerable.site.models import (
    AgreementSignature,
    AgreementVersion,
    Correction,
    CorrectionStep,
    Fact,
    Finding,
    FindingDecision,
    GradeConfirmation,
    Recount,
    ReturnVersion,
    UnitEvent,
    UnitEventState,
    UnitVersion,
    Visit,
    VisitRecord,
)
from answerable.site.reads.ledger import get_last_index, get_leaf_hash, list_named_after
from answerable.site.reads.programmes import get_programme
from answerable.values.period import Period
from answerable.values.table import Table

_READ: tuple[tuple[str, type[Fact], str], ...] = (
    ("unit_version", UnitVersion, "unit_code"),
    ("unit_event", UnitEvent, ""),
    ("unit_event_state", UnitEventState, "unit_code"),
    ("agreement_version", AgreementVersion, "unit_code"),
    ("agreement_signature", AgreementSignature, "agreement__unit_code"),
    ("return_version", ReturnVersion, "unit_code"),
    ("visit", Visit, "unit_code"),
    ("visit_record", VisitRecord, "visit__unit_code"),
    ("recount", Recount, "visit__unit_code"),
    ("finding", Finding, "unit_code"),
    ("finding_decision", FindingDecision, "finding__unit_code"),
    ("correction", Correction, "unit_code"),
    ("correction_step", CorrectionStep, "correction__unit_code"),
)
"""What scoring reads: holding, model, and where a row says which unit it is about; where it does not, all are read."""

Key = tuple[str, tuple[Cell, ...]]


@dataclass(frozen=True)
class Snapshot:
    """The tables of a programme and a period as of an entry."""

    programme: Programme
    period: Period
    entry_index: int
    tables: dict[str, Table]

    def digest(self) -> str:
        """Digest of all tables, as `verify` computes it."""
        return snapshot_digest(self.tables)


def get_snapshot(
    programme: Programme,
    period: Period,
    entry_index: int | None = None,
    units: Collection[str] | None = None,
    without: Collection[str] = (),
) -> Snapshot:
    """The facts as of an entry (the last if none is named), of some units and all below them if they are named.

    `without` names holdings that the one who asks has no use for: their tables are empty.
    """
    last = get_last_index()
    index = last if entry_index is None else entry_index
    later = list_named_after(index) if index < last else frozenset()
    codes = None if units is None else _with_all_below(units)
    rows = {
        name: [] if name in without else list(_rows(name, model, path, codes, later)) for name, model, path in _READ
    }
    tables = scoring_tables(programme, rows, period, _year_before(programme, period, later))
    return Snapshot(
        programme, period, index, {name: table for name, table in tables.items() if isinstance(table, Table)}
    )


def _year_before(programme: Programme, period: Period, later: Collection[Key]) -> Table | None:
    """The indicators confirmed for the year before, where the programme reads them; not what was confirmed later."""
    if not programme.reads_earlier:
        return None
    confirmed = GradeConfirmation.objects.filter(run__year=period.start.year - 1).order_by("-confirmed_at", "-run")
    held = holding_named("grade_confirmation")
    for row in confirmed.select_related("run"):
        if _key(held, {"run": row.run.number}) not in later:
            run = row.run
            leaf_hash = get_leaf_hash(run.entry_index)
            return _indicators(run.programme_digest, run.period, run.entry_index, leaf_hash)
    return None


@lru_cache(maxsize=4)
def _indicators(programme_digest: str, period: str, entry_index: int, _leaf_hash: str) -> Table:
    """The indicators of a run, computed again; what it rests on never changes. The hash is of this ledger's entry."""
    programme, span = get_programme(programme_digest), Period.parse(period)
    return score(programme, get_snapshot(programme, span, entry_index).tables, span).tables["indicators"]


def _rows(
    name: str, model: type[Fact], path: str, codes: Collection[str] | None, later: Collection[Key]
) -> Iterator[dict[str, Cell]]:
    holding = holding_named(name)
    rows: Any = model._default_manager.values(*holding.header)
    for row in rows if codes is None or not path else rows.filter(**{f"{path}__in": codes}):
        cells = canonical_row(holding, row)
        if not later or _key(holding, cells) not in later:
            yield cells


def _key(holding: Holding, cells: dict[str, Cell]) -> Key:
    return holding.table, tuple(cells[name] for name in holding.key)


def _with_all_below(units: Collection[str]) -> list[str]:
    """These units, and every unit that has or had one of them above it: their rows count for it."""
    below: dict[str, set[str]] = {}
    for table in (UnitVersion, UnitEventState):
        held: Any = table._default_manager
        for code, parent in held.exclude(parent_code="").values_list("unit_code", "parent_code"):
            below.setdefault(parent, set()).add(code)
    found, waiting = set(units), list(units)
    while waiting:
        fresh = below.get(waiting.pop(), set()) - found
        found |= fresh
        waiting += fresh
    return sorted(found)
