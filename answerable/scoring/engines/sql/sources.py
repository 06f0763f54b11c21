"""Tables of any kind as what stands after FROM, and what is known of their columns, asked in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from answerable.scoring.engines.columns.reading import frame_of
from answerable.scoring.engines.sql.dialect import Session
from answerable.values.table import Schema, StoredTable, Table

__all__ = ["Asked", "asked", "source"]

_READ_ALIKE = (pl.String, pl.Boolean, pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32)
"""What every engine reads from Parquet as Polars does: text, yes and no, whole numbers of at most 64 bits."""


def source(session: Session, table: Table | StoredTable | None, schema: Schema, names: Iterable[str]) -> str:
    """The named columns of a table, in parentheses: text, and whole numbers of 64 bits, or of 38 digits where needed.

    Files are read where they are; a table in memory, or a file with other columns than these, is handed over.
    """
    wanted = list(names)
    frame = frame_of(table, schema, wanted)
    types = frame.collect_schema()
    if isinstance(table, StoredTable):
        held = pl.scan_parquet(list(table.files)).collect_schema()
        if all(held[name] in _READ_ALIKE for name in wanted if name in held):
            columns = [_column(session, name, types[name], name in held) for name in wanted]
            return f"(SELECT {', '.join(columns)} FROM {session.parquet(table.files)})"
    large = {name for name, kind in types.items() if kind == pl.Int128}
    handed = session.hand(frame.with_columns(pl.col(name).cast(pl.String) for name in large).collect())
    name, wide = session.dialect.name, session.dialect.wide
    columns = [f"CAST({name(one)} AS {wide}) AS {name(one)}" if one in large else name(one) for one in wanted]
    return f"(SELECT {', '.join(columns)} FROM {handed})"


def _column(session: Session, name: str, kind: pl.DataType, held: bool) -> str:
    """A column of a file; one it does not have is empty."""
    quoted = session.dialect.name(name)
    as_type = session.dialect.text if kind == pl.String else "BIGINT"
    return f"CAST({quoted if held else 'NULL'} AS {as_type}) AS {quoted}"


@dataclass(frozen=True)
class Asked:
    """What is known of the rows of a source.

    height: how many there are. bounds: of whole numbers, 0 among them. some: names of the conditions that hold in any.
    """

    height: int
    bounds: Mapping[str, tuple[int, int]]
    some: frozenset[str]


def asked(session: Session, rows: str, numbers: Sequence[str], conditions: Mapping[str, str]) -> Asked:
    """One statement over all rows: bounds of columns, and which conditions hold in any row."""
    name, own, text = session.dialect.name, session.dialect.own, session.dialect.text
    parts = [f"COUNT(*) AS {own('n')}"]
    for at, column in enumerate(numbers):
        parts += [f"CAST({end}({name(column)}) AS {text}) AS {own(f'{end}{at}')}" for end in ("min", "max")]
    parts += [
        f"MAX(CASE WHEN {holds} THEN 1 ELSE 0 END) AS {own(f'q{at}')}" for at, holds in enumerate(conditions.values())
    ]
    row = session.ask(f"SELECT {', '.join(parts)} FROM {rows} r").row(0, named=True)
    found: dict[str, Any] = {name.removeprefix("~"): cell for name, cell in row.items()}
    bounds = {
        column: (min(int(found[f"min{at}"] or 0), 0), max(int(found[f"max{at}"] or 0), 0))
        for at, column in enumerate(numbers)
    }
    return Asked(int(found["n"]), bounds, frozenset(one for at, one in enumerate(conditions) if found[f"q{at}"]))
