"""Score runs, the score table of a run, and grades with their confirmation."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db.models import Count

from answerable.definition import Programme
from answerable.scoring import Scorecard, score
from answerable.scoring.scorecard import scorecard_schemas
from answerable.site.models import Grade, GradeConfirmation, ScoreCache, ScoreRun
from answerable.site.reads.posts import get_display_names
from answerable.site.reads.programmes import get_programme
from answerable.site.reads.snapshot import get_snapshot
from answerable.site.reads.units import Unit, list_units
from answerable.values.canonical import canonical_json
from answerable.values.number import scaled_text, text_of
from answerable.values.period import Period
from answerable.values.table import Cell, Table
from answerable.values.text import Text


@dataclass(frozen=True)
class Confirmed:
    """Who of the leading group confirmed a run, when and why."""

    by: str
    by_name: str
    at: datetime
    reason: str


@dataclass(frozen=True)
class Run:
    """One computation of scores: its inputs and its result by digest, and how many units have each grade."""

    number: str
    year: int
    period: Period
    entry_index: int
    programme_digest: str
    snapshot_digest: str
    scorecard_digest: str
    run_by: str
    run_by_name: str
    run_at: datetime
    counts: dict[str, int]
    confirmed: Confirmed | None

    @property
    def units(self) -> int:
        """How many units have a grade, `not_rated` included."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class GradeCount:
    """How many units have one grade."""

    grade: str
    title: Text
    count: int


@dataclass(frozen=True)
class PartScore:
    """Points of one top part of the tree; empty where it is exempt."""

    id: str
    points: str
    available: str


@dataclass(frozen=True)
class ScoreRow:
    """One unit in the score table. `place` is empty where the unit has no rank."""

    unit: str
    name: Text
    kind: str
    total: str
    grade: str
    grade_title: Text
    vetoes: tuple[str, ...]
    parts: tuple[PartScore, ...]
    place: int | None
    of: int | None


@dataclass(frozen=True)
class ScoreTable:
    """A run as a table: the heads of its parts, and its rows by total, best first."""

    run: Run
    programme: Programme
    heads: tuple[tuple[str, Text, str], ...]
    counts: tuple[GradeCount, ...]
    rows: tuple[ScoreRow, ...]


def list_runs(year: int | None = None) -> tuple[Run, ...]:
    """Runs of a year, or all, the newest first."""
    rows = ScoreRun.objects.order_by("-id")
    return _read(rows.filter(year=year) if year is not None else rows)


def get_run(number: str) -> Run | None:
    """One run by its number; None where there is none."""
    return next(iter(_read(ScoreRun.objects.filter(number=number))), None)


def get_latest_run(year: int) -> Run | None:
    """The last run of a year; None before the first."""
    return next(iter(_read(ScoreRun.objects.filter(year=year).order_by("-id")[:1])), None)


def get_run_before(run: Run) -> Run | None:
    """The run of the same year that was computed last before this one; None where it is the first."""
    this = ScoreRun.objects.filter(number=run.number).values("id")
    return next(iter(_read(ScoreRun.objects.filter(year=run.year, id__lt=this).order_by("-id")[:1])), None)


def get_score_table(run: Run) -> ScoreTable:
    """Every unit of a run with its parts, total, grade and place."""
    programme, card = get_programme(run.programme_digest), get_scorecard(run)
    top = programme.tree.children
    heads = tuple((part.id, part.title, text_of(part.points)) for part in top)
    names = {unit.code: unit for unit in list_units()}
    rows = _score_rows(programme, card, names)
    counts = tuple(
        GradeCount(grade, programme.grades.title(grade), run.counts[grade])
        for grade in [*(band.grade for band in programme.grades.bands), "not_rated"]
        if grade in run.counts
    )
    return ScoreTable(run, programme, heads, counts, rows)


def get_place(run: Run, unit: str) -> tuple[int | None, int | None]:
    """Place of a unit in a run, and the size of the group it is ranked in; None where the unit has no rank."""
    return get_places(get_programme(run.programme_digest), get_scorecard(run)).get(unit, (None, None))


def get_places(programme: Programme, card: Scorecard) -> dict[str, tuple[int, int]]:
    """Place and size of the group, by the first ranking the programme declares for the unit."""
    return card.places([rank.id for rank in programme.ranks])


def get_scorecard(run: Run) -> Scorecard:
    """The scorecard of a run: kept, or computed again from its snapshot where it was thrown away."""
    return _scorecard(run.number, run.programme_digest, str(run.period), run.entry_index, run.scorecard_digest)


def packed(card: Scorecard) -> str:
    """A scorecard's tables as the text `ScoreCache` keeps."""
    tables = {
        name: {column: list(cells) for column, cells in table.columns.items()} for name, table in card.tables.items()
    }
    return canonical_json(tables).decode()


@lru_cache(maxsize=8)
def _scorecard(number: str, programme_digest: str, period: str, entry_index: int, expected: str) -> Scorecard:
    """Runs are facts, so a scorecard read once holds; the digest guards against a cache that was tampered with."""
    programme, span = get_programme(programme_digest), Period.parse(period)
    card = _kept(programme, span, number)
    if card is not None and card.digest() == expected:
        return card
    return score(programme, get_snapshot(programme, span, entry_index).tables, span)


def _kept(programme: Programme, span: Period, run: str) -> Scorecard | None:
    """The scorecard as kept; None where it was thrown away or is no scorecard any more."""
    text = ScoreCache.objects.filter(run=run).values_list("scorecard", flat=True).first()
    try:
        tables: dict[str, dict[str, list[Cell]]] = json.loads(text or "")
        unpacked = {name: Table(schema, tables[name]) for name, schema in scorecard_schemas(programme).items()}
        return Scorecard(programme.id, programme.digest, span, unpacked)
    except (ValueError, KeyError, TypeError):
        return None


def _score_rows(programme: Programme, card: Scorecard, names: dict[str, Unit]) -> tuple[ScoreRow, ...]:
    decimals = card.grades.schema.column("total").decimals
    parts, places = _part_scores(programme, card), get_places(programme, card)
    rows = []
    for row in card.grades.rows():
        code, grade = str(row["unit"]), str(row["grade"])
        total = row["total"]
        written = scaled_text(total, decimals) if isinstance(total, int) else ""
        name = names[code].name if code in names else Text(zh=code, en=code)
        place, of = places.get(code, (None, None))
        vetoes = tuple(one for one in str(row["vetoes"] or "").split(";") if one)
        title = programme.grades.title(grade)
        shown = ScoreRow(code, name, str(row["kind"]), written, grade, title, vetoes, parts[code], place, of)
        rows.append((-(total if isinstance(total, int) else -1), code, shown))
    return tuple(shown for _, _, shown in sorted(rows, key=lambda one: one[:2]))


def _part_scores(programme: Programme, card: Scorecard) -> dict[str, tuple[PartScore, ...]]:
    table = card.tables["scores"]
    decimals = table.schema.column("points").decimals
    order = {part.id: position for position, part in enumerate(programme.tree.children)}
    found: dict[str, list[PartScore]] = {}
    cells = zip(*(table.columns[name] for name in ("unit", "node", "points", "available")), strict=True)
    for unit, node, points, available in cells:
        if node in order:
            part = PartScore(str(node), _text(points, decimals), _text(available, decimals))
            found.setdefault(str(unit), []).append(part)
    return {code: tuple(sorted(parts, key=lambda part: order[part.id])) for code, parts in found.items()}


def _text(cell: Cell, decimals: int) -> str:
    return scaled_text(cell, decimals) if isinstance(cell, int) else ""


def _read(rows: Iterable[ScoreRun]) -> tuple[Run, ...]:
    runs = list(rows)
    numbers = [row.number for row in runs]
    counted = Grade.objects.filter(run__number__in=numbers).values_list("run", "grade").annotate(count=Count("id"))
    counts: dict[str, dict[str, int]] = {}
    for run, grade, count in counted.order_by():
        counts.setdefault(run, {})[grade] = count
    confirmations = {row.run_id: row for row in GradeConfirmation.objects.filter(run__number__in=numbers)}
    names = get_display_names([row.run_by for row in runs] + [row.confirmed_by for row in confirmations.values()])
    return tuple(_run(row, counts.get(row.number, {}), confirmations.get(row.number), names) for row in runs)


def _run(row: ScoreRun, counts: dict[str, int], confirmed: GradeConfirmation | None, names: dict[str, str]) -> Run:
    return Run(
        number=row.number,
        year=row.year,
        period=Period.parse(row.period),
        entry_index=row.entry_index,
        programme_digest=row.programme_digest,
        snapshot_digest=row.snapshot_digest,
        scorecard_digest=row.scorecard_digest,
        run_by=row.run_by,
        run_by_name=names[row.run_by],
        run_at=row.run_at,
        counts=counts,
        confirmed=_confirmed(confirmed, names) if confirmed else None,
    )


def _confirmed(row: GradeConfirmation, names: dict[str, str]) -> Confirmed:
    return Confirmed(row.confirmed_by, names[row.confirmed_by], row.confirmed_at, row.reason)
