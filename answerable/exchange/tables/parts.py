"""A table left on disk in parts -> canonical CSV, its digest, and one Parquet file; few units are held at a time.

The bytes are those the table would have in memory, in order of unit, however the parts were cut.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from answerable.values.table import Schema

__all__ = ["grade_counts", "write_parts"]

_UNITS = 50_000
"""Units written at a time."""


def write_parts(schema: Schema, parts: Sequence[Path], folder: Path) -> str:
    """Write `NAME.csv` and `NAME.parquet`, and give the digest of the CSV.

    Args:
        parts: Parquet with the columns of the schema, decimals as scaled integers.
    """
    known, sha = pl.scan_parquet(list(parts)), hashlib.sha256()
    decimals = {column.name: column.decimals for column in schema.columns if column.decimals}
    waiting = []
    with (folder / f"{schema.name}.csv").open("wb") as file:
        for at, rows in enumerate(_blocks(known)):
            block = rows.sort(schema.key).select(schema.header).collect(engine="streaming")
            csv = block.with_columns(_written(name, places) for name, places in decimals.items())
            # An empty text and no value are the same empty cell.
            csv = csv.with_columns(pl.when(pl.col(pl.String) != "").then(pl.col(pl.String)).name.keep())
            data = csv.write_csv(include_header=not at, line_terminator="\n").encode()
            sha.update(data)
            file.write(data)
            waiting.append(folder / f".{schema.name}-{at:05d}.parquet")
            exact = (
                _written(name, places).str.to_decimal(scale=places).alias(name) for name, places in decimals.items()
            )
            block.with_columns(exact).write_parquet(waiting[-1])
    pl.scan_parquet(waiting).sink_parquet(folder / f"{schema.name}.parquet")
    for part in waiting:
        part.unlink()
    return sha.hexdigest()


def grade_counts(parts: Sequence[Path]) -> dict[tuple[str, str], int]:
    """How many units of each kind have each grade."""
    counts = pl.scan_parquet(list(parts)).group_by("kind", "grade").len().collect(engine="streaming")
    return {(kind, grade): count for kind, grade, count in counts.iter_rows()}


def _blocks(rows: pl.LazyFrame) -> Iterator[pl.LazyFrame]:
    """The rows of some units at a time, in order of code."""
    units = rows.select(pl.col("unit").unique()).collect(engine="streaming")["unit"].sort()
    if not units.len():
        yield rows
    for begins in range(0, units.len(), _UNITS):
        ends = min(begins + _UNITS, units.len()) - 1
        yield rows.filter(pl.col("unit").is_between(pl.lit(units[begins]), pl.lit(units[ends])))


def _written(name: str, places: int) -> pl.Expr:
    """A scaled integer with its decimals written out."""
    cell = pl.col(name)
    size, one = cell.abs(), 10**places
    digits = (size % one).cast(pl.String).str.zfill(places)
    sign = pl.when(cell < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    return pl.concat_str(sign, (size // one).cast(pl.String), pl.lit("."), digits).alias(name)
