"""The gatherer that writes SQL: one statement a table, whole numbers back, nothing rounded on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from answerable.definition.model import Form, Programme
from answerable.scoring.engines.columns import engine
from answerable.scoring.engines.columns.gather import ByUnit, Wanted
from answerable.scoring.engines.columns.operations import Term
from answerable.scoring.engines.columns.registry import Registry
from answerable.scoring.engines.columns.rendering import as_column, settled
from answerable.scoring.engines.sql.dialect import BITS, Session
from answerable.scoring.engines.sql.rows import Rows, events, expected, filed, only_answered
from answerable.scoring.engines.sql.terms import aggregate, divides_wide, in_sql
from answerable.scoring.scorecard import Scorecard
from answerable.values.period import Month, Period
from answerable.values.table import Tables

__all__ = ["score_by"]


def score_by(session: Session, programme: Programme, tables: Tables, period: Period) -> Scorecard:
    """Score every assessed unit, its rows gathered by an engine that takes SQL. See `scoring.run.score`."""
    try:
        return engine.score(programme, tables, period, _Statements(session, programme, tables))
    finally:
        session.forget()


@dataclass(frozen=True)
class _Statements:
    session: Session
    programme: Programme
    tables: Tables

    def filed(self, form: Form, wanted: Sequence[str], months: list[Month]) -> Rows:
        return filed(self.session, self.programme, self.tables, form, wanted, months)

    def expected(self, registry: Registry, form: Form, filed: Rows, months: list[Month], back: Sequence[int]) -> Rows:
        return expected(self.session, registry, form, filed, months, back)

    def only_answered(self, registry: Registry, form: Form, filed: Rows, months: list[Month]) -> Rows:
        return only_answered(self.session, registry, form, filed, months)

    def events(self, registry: Registry, table: str) -> Rows:
        return events(self.session, self.programme, self.tables, registry, table)

    def of(self, rows: Rows, units: pl.DataFrame) -> Rows:
        here = f"SELECT unit FROM {self.session.hand(units)}"
        return replace(rows, source=f"(SELECT * FROM {rows.source} r WHERE unit IN ({here}))")

    def holds(self, one: Wanted, rows: Rows) -> bool:
        divides = self.session.dialect.divides_wide or not any(map(divides_wide, one.terms))
        return divides and not one.unsafe(rows.height, BITS)

    def by_unit(self, rows: Rows, wanted: Mapping[str, Wanted]) -> ByUnit:
        dialect, source, count = self.session.dialect, rows.source, 0
        terms = {f"m{name}": one.mask for name, one in wanted.items()}
        terms |= {f"v{name}": one.value for name, one in wanted.items() if one.value is not None}

        def settle(parts: Sequence[Term]) -> list[Term]:
            nonlocal source, count
            made = {f"~{count + at}": part for at, part in enumerate(parts)}
            count += len(parts)
            columns = [f"{in_sql(part, dialect)} AS {dialect.name(name)}" for name, part in made.items()]
            source = f"(SELECT *, {', '.join(columns)} FROM {source} s)"
            return [as_column(name, part) for name, part in made.items()]

        plain = settled(terms, settle)
        figures = []
        for at, (name, one) in enumerate(wanted.items()):
            said = aggregate(one, plain[f"m{name}"], plain.get(f"v{name}"), rows.height, dialect)
            figures.append(f"{said} AS {dialect.own(f'f{at}')}")
        made = self.session.ask(f"SELECT {', '.join(['unit', *figures])} FROM {source} s GROUP BY unit")
        if rows.outside.height:
            made = made.join(rows.outside, on="unit", how="anti")
        return ByUnit(made, [_whole(made, f"~f{at}").alias(name) for at, name in enumerate(wanted)])

    def cells(self, rows: Rows, names: Sequence[str]) -> pl.DataFrame:
        dialect = self.session.dialect
        columns = [
            f"CAST({dialect.name(name)} AS {dialect.text})" if name in rows.bounds else dialect.name(name)
            for name in names
        ]
        read = ", ".join(["unit", *(f"{one} AS {dialect.own(f'c{at}')}" for at, one in enumerate(columns))])
        made = self.session.ask(f"SELECT {read} FROM {rows.source} s")
        return made.select(
            "unit",
            *(
                (_whole(made, f"~c{at}") if name in rows.bounds else pl.col(f"~c{at}")).alias(name)
                for at, name in enumerate(names)
            ),
        )


def _whole(frame: pl.DataFrame, name: str) -> pl.Expr:
    """A whole number; one that 64 bits may not hold comes as text."""
    return pl.col(name).cast(pl.Int128) if frame.schema[name] == pl.String else pl.col(name)
