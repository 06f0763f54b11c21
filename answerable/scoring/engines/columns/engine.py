"""score(): tables -> figures per unit -> sheet -> scorecard, by the plan of the programme."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import polars as pl

from answerable.definition.model import Programme
from answerable.scoring.engines.columns.gather import (
    ROWS,
    RowTerms,
    figures,
    gathered,
    reason_of,
    reasons,
    row_terms,
    unfiled_terms,
)
from answerable.scoring.engines.columns.marking import Marking, too_few
from answerable.scoring.engines.columns.operations import FALSE, TRUE, Term, either, number, subtract, text
from answerable.scoring.engines.columns.plan import BEFORE, Gather, Plan
from answerable.scoring.engines.columns.planner import plan_of
from answerable.scoring.engines.columns.registry import Registry
from answerable.scoring.engines.columns.results import scorecard
from answerable.scoring.engines.columns.rows import Rows, events, expected, filed, only_answered
from answerable.scoring.engines.columns.sheet import Sheet
from answerable.scoring.scorecard import Scorecard
from answerable.values.period import Period
from answerable.values.table import Tables

__all__ = ["Share", "score", "score_with_share"]


@dataclass(frozen=True)
class Share:
    """How many nodes (an indicator, item, part, adjustment or total of one unit) were computed one by one."""

    sent: int
    of: int


def score(programme: Programme, tables: Tables, period: Period) -> Scorecard:
    """Score every assessed unit, whole tables at a time. See `scoring.run.score`."""
    registry = Registry.of(programme, tables, period)
    return scorecard(programme, period, _marked(programme, tables, registry), registry)


def score_with_share(programme: Programme, tables: Tables, period: Period) -> tuple[Scorecard, Share]:
    """The scorecard, and how much of it needed exact arithmetic one node at a time."""
    registry = Registry.of(programme, tables, period)
    marking = _marked(programme, tables, registry)
    made, plan = scorecard(programme, period, marking, registry), marking.plan
    for figure in plan.figures:
        marking.shown(figure.id)
    nodes = len(plan.figures) + len(plan.points) + len(plan.branches) + len(plan.adjustments) + 1
    return made, Share(len(marking.sheet.sent | marking.undecided), nodes * registry.assessed.height)


def _marked(programme: Programme, tables: Tables, registry: Registry) -> Marking:
    plan = plan_of(programme)
    sources = _Sources(programme, tables, registry, plan)
    marking = Marking(plan, sources.sheet())
    marking.figures(sources.known)
    marking.tree()
    marking.total()
    marking.grade()
    return marking


class _Sources:
    """The tables a plan reads, gathered into figures of the assessed units."""

    def __init__(self, programme: Programme, tables: Tables, registry: Registry, plan: Plan) -> None:
        self.programme = programme
        self.tables = tables
        self.registry = registry
        self.months = list(registry.period)
        self.by_source: dict[str, list[Gather]] = {}
        for gather in plan.gathers:
            self.by_source.setdefault(_source(gather), []).append(gather)
        self.rows = {source: self._rows(source, gathers) for source, gathers in self.by_source.items()}
        self.terms = {gather.name: row_terms(gather, self.rows[_source(gather)]) for gather in plan.gathers}
        self.unfiled: dict[str, Term] = {}

    def _rows(self, source: str, gathers: list[Gather]) -> Rows:
        table = gathers[0].table
        if not gathers[0].of_form:
            return events(self.programme, self.tables, self.registry, table)
        form = self.programme.form(table)
        wanted = list(dict.fromkeys(name for gather in gathers for name in gather.reads))
        if not source.startswith(BEFORE):
            rows = filed(self.programme, self.tables, form, wanted, self.months)
            return only_answered(self.registry, form, rows, self.months)
        first = self.months[0]
        rows = filed(self.programme, self.tables, form, wanted, [first.plus(-1), *self.months])
        return expected(self.registry, form, rows, first, len(self.months))

    def sheet(self) -> Sheet:
        """A sheet with every figure gathered."""
        assessed = self.registry.assessed
        parts = [
            gathered(self.registry, self.rows[source], figures(gathers, self.rows[source], source))
            for source, gathers in self.by_source.items()
        ]
        answers = [self.registry.expected(name).alias(f"{name}.expected") for name in self._filed_only()]
        facts = assessed.select(pl.col("kind").alias("unit.kind"), pl.col("peer_group").alias("unit.peer_group"))
        sheet = Sheet(pl.concat([facts, pl.DataFrame(answers)], how="horizontal"))
        sheet.terms |= {name: text(name) for name in facts.columns}
        for part in parts:
            sheet.join(part.frame, part.beyond, part.never)
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
            part = gathered(self.registry, rows.of(units), reasons(asked, rows))
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
    """Rows of a form read with the month before are other rows than those read without."""
    return BEFORE + gather.table if gather.reads_before else gather.table
