"""The plan on DuckDB: files and tables are read and added up in this process, without a server."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import duckdb
import polars as pl
import pyarrow  # noqa: F401 - tables are handed over by it, which would show late

from answerable.definition.model import Programme
from answerable.scoring.engines.sql.dialect import DUCKDB
from answerable.scoring.engines.sql.statements import score_by
from answerable.scoring.scorecard import Scorecard
from answerable.values.period import Period
from answerable.values.table import Tables

__all__ = ["score"]


def score(programme: Programme, tables: Tables, period: Period) -> Scorecard:
    """Score every assessed unit, its rows gathered by DuckDB. See `scoring.run.score`."""
    with _database().cursor() as connection:
        return score_by(_Session(connection), programme, tables, period)


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """One in memory for the whole process: to open one takes longer than to score a village."""
    return duckdb.connect(":memory:")


class _Session:
    dialect = DUCKDB

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.handed = 0

    def parquet(self, files: Sequence[Path]) -> str:
        return f"read_parquet([{', '.join(self.dialect.words(str(file)) for file in files)}])"

    def hand(self, frame: pl.DataFrame) -> str:
        self.handed += 1
        name = f"handed_{self.handed}"
        self.connection.register(name, frame.to_arrow())
        return name

    def ask(self, statement: str) -> pl.DataFrame:
        return pl.DataFrame(self.connection.sql(statement).to_arrow_table())

    def forget(self) -> None:
        for at in range(self.handed):
            self.connection.unregister(f"handed_{at + 1}")
