"""score(): tables -> figures per unit -> sheet -> scorecard, by the plan of the programme."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial, reduce
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Generic

import polars as pl

from answerable.definition.formula import Across
from answerable.definition.model import Programme
from answerable.scoring.engines.columns.across import Fraction, Operand, across, enter_across
from answerable.scoring.engines.columns.figuring import too_few
from answerable.scoring.engines.columns.frames import frames
from answerable.scoring.engines.columns.gather import (
    ROWS,
    Gatherer,
    R,
    RowTerms,
    figures,
    gathered,
    reason_of,
    reasons,
    row_terms,
    unfiled_terms,
)
from answerable.scoring.engines.columns.marking import Marking
from answerable.scoring.engines.columns.operations import FALSE, TRUE, Term, either, number, subtract, text
from answerable.scoring.engines.columns.placing import Field, Standing, joined, placed, standing
from answerable.scoring.engines.columns.plan import Figure, Gather, Plan
from answerable.scoring.engines.columns.planner import plan_of
from answerable.scoring.engines.columns.registry import Registry, grouped_by
from answerable.scoring.engines.columns.results import Results, scorecard
from answerable.scoring.engines.columns.sheet import Sheet
from answerable.scoring.engines.columns.stated import stated
from answerable.scoring.scorecard import Scorecard, Share
from answerable.values.period import Period
from answerable.values.table import Tables

__all__ = ["marked", "nodes", "score", "share_of"]

_READ_AHEAD = 2
"""Buckets read beside the work on one: one alone leaves a core of two idle for a third of the time."""


def score(programme: Programme, tables: Tables, period: Period, gatherer: Gatherer[Any] | None = None) -> Scorecard:
    """Score every assessed unit, whole tables at a time. See `scoring.run.score`.

    Args:
        gatherer: who adds up the rows of each unit; what follows is the same for all. Polars by default.
    """
    plan, sheets = plan_of(programme), list[Results]()
    field = marked(programme, plan, [lambda: tables], period, sheets.append, gatherer)
    results = sheets[0]
    made = scorecard(programme, period, results, placed(plan, field.frame))
    return replace(made, share=partial(share_of, plan, results))


def share_of(plan: Plan, results: Results) -> Share:
    """How much of a marked sheet was computed one node at a time; indicators are rounded for it if they are not yet."""
    for figure in plan.figures:
        results.marking.shown(figure.id)
    return Share(len(results.marking.sheet.sent | results.marking.undecided), nodes(plan) * results.height)


def nodes(plan: Plan) -> int:
    """How many figures of a unit a plan gives."""
    return len(plan.figures) + len(plan.points) + len(plan.branches) + len(plan.adjustments) + 1


def marked(
    programme: Programme,
    plan: Plan,
    buckets: Sequence[Callable[[], Tables]],
    period: Period,
    done: Callable[[Results], None],
    gatherer: Gatherer[Any] | None = None,
) -> Field:
    """Mark the sheets of all buckets of units, and give what all of them bring to seats and places.

    A bucket is read, marked and done with before the next, unless an indicator looks across the units of a group: then
    all wait at that barrier, on disk.

    Args:
        done: called with each marked sheet in turn, while it is in memory.
        gatherer: who adds up the rows; Polars by default, and always where there are several buckets.
    """
    stages, standings, waiting = plan.stages(), list[Standing](), list[_Bucket]()
    with _shelf(len(buckets) > 1) as shelf:
        brought: dict[Across, Operand] = {}
        for at, stage in enumerate(stages):
            found = {asked: across(asked, brought[asked], plan.rounding.indicator.decimals) for asked in stage.asked}
            brought, begins = {}, 0
            read = (
                waiting if at else _ahead([partial(_Bucket, programme, plan, one, period, gatherer) for one in buckets])
            )
            for place, bucket in enumerate(read):
                ends = begins + bucket.registry.assessed.height
                bucket.make(stage.waves, {asked: made[begins:ends] for asked, made in found.items()})
                begins = ends
                if at + 1 < len(stages):
                    for asked in stages[at + 1].asked:
                        operand = bucket.marking.operand(asked)
                        brought[asked] = brought[asked] + operand if asked in brought else operand
                    waiting += [] if at else [bucket]
                else:
                    standings.append(bucket.standing())
                    done(Results(bucket.marking, bucket.registry))
                if shelf and (at + 1 < len(stages) or any(one.unsure for one in standings[-1].orders.values())):
                    bucket.marking.sheet.put_away(shelf / f"{place}.arrow")
        return joined(standings)


def _ahead(makers: Sequence[Callable[[], _Bucket]]) -> Iterator[_Bucket]:
    """Each bucket in turn; the next ones are read beside the work on one."""
    waiting = iter(makers)
    with ThreadPoolExecutor(_READ_AHEAD) as beside:
        reading = deque(beside.submit(maker) for maker in islice(waiting, _READ_AHEAD))
        while reading:
            bucket = reading.popleft().result()
            reading.extend(beside.submit(maker) for maker in islice(waiting, 1))
            yield bucket
            del bucket


@contextmanager
def _shelf(needed: bool) -> Iterator[Path | None]:
    """Where sheets wait for each other, if there are several."""
    if not needed:
        yield None
        return
    with TemporaryDirectory(prefix="answerable-") as folder:
        yield Path(folder)


class _Bucket:
    """Some units with all below them, and the sheet they are marked on."""

    def __init__(
        self,
        programme: Programme,
        plan: Plan,
        tables: Callable[[], Tables],
        period: Period,
        gatherer: Gatherer[Any] | None,
    ) -> None:
        read = tables()
        self.sources = _Sources(programme, read, period, plan, gatherer or frames(programme, read))
        self.registry = self.sources.registry
        self.marking = Marking(plan, self.sources.sheet())

    def make(self, waves: Sequence[Sequence[Figure]], found: Mapping[Across, Sequence[Fraction]]) -> None:
        """Indicators, once what they ask across units is found."""
        self.marking.sheet.take_back()
        for asked, made in found.items():
            enter_across(self.marking.sheet, asked, made)
        for wave in waves:
            self.marking.figures(wave, self.sources.known)

    def standing(self) -> Standing:
        """Points, total and grade, and what these bring to seats and places."""
        self.marking.tree()
        self.marking.total()
        self.marking.grade()
        return standing(self.marking, self.registry)


class _Sources(Generic[R]):
    """The tables a plan reads, gathered into figures of the assessed units."""

    def __init__(self, programme: Programme, tables: Tables, period: Period, plan: Plan, gatherer: Gatherer[R]) -> None:
        self.gatherer = gatherer
        self.programme = programme
        self.tables = tables
        self.plan = plan
        self.months = list(period)
        self.by_source: dict[str, list[Gather]] = {}
        for gather in plan.gathers:
            self.by_source.setdefault(_source(gather), []).append(gather)
        # Polars lets go of the interpreter while it reads: the units are read beside the returns.
        with ThreadPoolExecutor(1) as beside:
            reading = beside.submit(Registry.of, programme, tables, period, plan.levels())
            returns = {source: self._filed(source, gathers) for source, gathers in self._of_forms()}
            self.registry = reading.result()
        self.rows = {source: self._rows(source, returns.get(source)) for source in self.by_source}
        self.terms = {gather.name: row_terms(gather, self.rows[_source(gather)]) for gather in plan.gathers}
        self.unfiled: dict[str, Term] = {}

    def _of_forms(self) -> list[tuple[str, list[Gather]]]:
        return [(source, gathers) for source, gathers in self.by_source.items() if gathers[0].of_form]

    def _filed(self, source: str, gathers: list[Gather]) -> R:
        form = self.programme.form(gathers[0].table)
        wanted = list(dict.fromkeys(name for gather in gathers for name in gather.reads))
        before = [self.months[0].plus(-back) for back in range(max(_back(gathers), default=0), 0, -1)]
        return self.gatherer.filed(form, wanted, [*before, *self.months])

    def _rows(self, source: str, returns: R | None) -> R:
        gathers = self.by_source[source]
        table = gathers[0].table
        if returns is None:
            return self.gatherer.events(self.registry, table)
        form = self.programme.form(table)
        if gathers[0].each_month:
            return self.gatherer.expected(self.registry, form, returns, self.months, _back(gathers))
        return self.gatherer.only_answered(self.registry, form, returns, self.months)

    def sheet(self) -> Sheet:
        """A sheet with every figure gathered."""
        assessed = self.registry.assessed
        groups = ("unit", "kind", "peer_group", "parent", *map(grouped_by, self.plan.levels()))
        parts = [
            gathered(self.gatherer, self.registry, self.rows[source], figures(gathers, self.rows[source], source))
            for source, gathers in self.by_source.items()
        ]
        answers = [self.registry.expected(name).alias(f"{name}.expected") for name in self._filed_only()]
        facts = assessed.select(pl.col(name).alias(f"unit.{name}") for name in groups)
        sheet = Sheet(pl.concat([facts, pl.DataFrame(answers)], how="horizontal"))
        sheet.terms |= {name: text(name) for name in facts.columns}
        for part in parts:
            sheet.join(part.frame, part.beyond, part.never)
        sheet.join(stated(self.plan.stated, self.tables, self.registry), {}, ())
        for name in self._filed_only():
            sheet.take([f"{name}.expected"])
            sheet.put({f"{name}.unfiled": subtract(sheet[f"{name}.expected"], sheet[f"{name}.{ROWS}"])})
            self.unfiled[name] = sheet[f"{name}.unfiled"]
        for source, gathers in self.by_source.items():
            self._reasons(sheet, source, [gather for gather in gathers if gather.missing == "skip"])
        return sheet

    def _reasons(self, sheet: Sheet, source: str, gathers: list[Gather]) -> None:
        """Why rows are not whole, for the units that have too few whole ones."""
        short = {gather: too_few(sheet, gather, *self.known(gather)[1:]) for gather in gathers}
        units = self.registry.own(sheet.rows_where(reduce(either, short.values(), FALSE)))
        asked = [gather for gather, term in short.items() if units.height and sheet.rows_where(term)]
        sheet.terms |= {reason_of(gather): number(0) for gather in gathers}
        if asked:
            rows = self.rows[source]
            part = gathered(self.gatherer, self.registry, self.gatherer.of(rows, units), reasons(asked, rows))
            sheet.join(part.frame, part.beyond, part.never)

    def _filed_only(self) -> list[str]:
        return [source for source in self.by_source if self.rows[source].filed_only]

    def known(self, gather: Gather) -> tuple[RowTerms, Term, RowTerms]:
        """The terms of a gathering's rows, how many rows nobody filed, and the terms of such a row."""
        rows, unfiled = self.rows[_source(gather)], self.unfiled.get(_source(gather), number(0))
        if not rows.filed_only:
            none = RowTerms(TRUE, number(0), dict.fromkeys(self._names(gather), FALSE), {})
            return self.terms[gather.name], number(0), none
        return self.terms[gather.name], unfiled, unfiled_terms(gather, rows)

    def _names(self, gather: Gather) -> list[str]:
        return [one.name for one in gather.aggregates]


def _source(gather: Gather) -> str:
    """Rows of a form for every month are other rows than those of the months filed."""
    return f"{gather.table} each month" if gather.each_month else gather.table


def _back(gathers: list[Gather]) -> list[int]:
    """How many months before a row any of its gatherings reads."""
    return sorted({back for gather in gathers for back in gather.back})
