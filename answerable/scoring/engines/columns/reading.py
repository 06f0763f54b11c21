"""Tables of any kind as lazy frames, and what can be known of their columns before any is read whole.

A question that Parquet's statistics can answer (is there an absent cell, a second version, a value beyond 31 bits?)
costs next to nothing: row groups that cannot hold such a row are skipped. Work for what the files do not have is never
planned.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import or_

import polars as pl

from answerable.values.table import Cell, ColumnType, Schema, StoredTable, Table

__all__ = ["any_row", "bounds_of", "frame_of", "which"]

_SMALL = 2**31 - 1
_FEW = 1000


def frame_of(table: Table | StoredTable | None, schema: Schema, names: Iterable[str]) -> pl.LazyFrame:
    """The named columns of a table: text as String, whole numbers as Int64 or Int128. An absent table has no rows."""
    types: dict[str, ColumnType] = dict.fromkeys(schema.header, "text")
    types |= {column.name: column.type for column in schema.columns}
    wanted = {name: types[name] for name in names}
    if isinstance(table, StoredTable):
        return _stored(table, wanted)
    columns = table.columns if table else {name: [] for name in wanted}
    return pl.DataFrame({name: _series(columns[name], kind) for name, kind in wanted.items()}).lazy()


def _stored(table: StoredTable, wanted: Mapping[str, ColumnType]) -> pl.LazyFrame:
    frame = pl.scan_parquet(list(table.files))
    held = frame.collect_schema()
    columns = []
    for name, kind in wanted.items():
        as_type = pl.Int64 if kind in ("integer", "flag") else pl.String
        if name not in held:
            columns.append(pl.lit(None, dtype=as_type).alias(name))
        elif held[name] in (as_type, pl.Int128):
            columns.append(pl.col(name))
        else:
            columns.append(pl.col(name).cast(as_type))
    return frame.select(columns)


def _series(cells: Sequence[Cell], kind: ColumnType) -> pl.Series:
    if kind not in ("integer", "flag"):
        return pl.Series(cells, dtype=pl.String)
    large = any(cell is not None and not -(2**63) <= int(cell) < 2**63 for cell in cells)
    return pl.Series(cells, dtype=pl.Int128 if large else pl.Int64)


def any_row(frame: pl.LazyFrame, condition: pl.Expr) -> bool:
    """Whether a condition holds in any row. The first rows are asked first: what is usual is found at once."""
    return any(part.filter(condition).head(1).collect(engine="streaming").height for part in (frame.head(_FEW), frame))


def which(frame: pl.LazyFrame, conditions: Mapping[str, pl.Expr]) -> set[str]:
    """Names of the conditions that hold in any row: one question for all, and one look at each if the answer is yes."""
    if not conditions or not any_row(frame, reduce(or_, conditions.values())):
        return set()
    found = frame.select(one.any().alias(name) for name, one in conditions.items()).collect(engine="streaming")
    return {name for name, holds in found.row(0, named=True).items() if holds}


def bounds_of(frame: pl.LazyFrame, names: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Bounds of whole-number columns: 31 bits where nothing lies beyond, else the true least and greatest."""
    large = which(frame, {name: (pl.col(name) > _SMALL) | (pl.col(name) < -_SMALL) for name in names})
    bounds = {name: (-_SMALL, _SMALL) for name in names if name not in large}
    if large:
        beyond = sorted(large)
        ends = [pl.col(beyond).min().name.prefix("<"), pl.col(beyond).max().name.prefix(">")]
        true = frame.select(ends).collect(engine="streaming").row(0, named=True)
        bounds |= {name: (true[f"<{name}"], true[f">{name}"]) for name in beyond}
    return bounds
