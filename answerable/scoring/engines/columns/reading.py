"""Tables of any kind as lazy frames, and what can be known of their columns before any is read whole.

A question that Parquet's statistics can answer (is there an absent cell, a second version, a value beyond 31 bits?)
costs next to nothing: row groups that cannot hold such a row are skipped. Work for what the files do not have is never
planned.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from answerable.values.table import Cell, ColumnType, Schema, StoredTable, Table

__all__ = ["Facts", "any_of", "any_row", "facts_of", "frame_of"]

_SMALL = 2**31 - 1
_LARGEST = 2**127 - 1
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


def any_row(frame: pl.LazyFrame, conditions: Sequence[pl.Expr]) -> bool:
    """Whether any condition holds in any row. The first rows are asked first: what is usual is found at once."""
    return _any(frame.head(_FEW), conditions) or _any(frame, conditions)


def _any(frame: pl.LazyFrame, conditions: Sequence[pl.Expr]) -> bool:
    if not conditions:
        return False
    return bool(frame.filter(any_of(conditions)).head(1).collect(engine="streaming").height)


def any_of(conditions: Sequence[pl.Expr]) -> pl.Expr:
    """Any of many conditions, halved again and again: a chain as deep as it is long takes Polars four times as long."""
    if len(conditions) == 1:
        return conditions[0]
    half = len(conditions) // 2
    return any_of(conditions[:half]) | any_of(conditions[half:])


@dataclass(frozen=True)
class Facts:
    """What is known of the rows of a table before they are read whole.

    absent: whether any column has an absent cell; to look which ones would cost as much as to allow for it in all.
    bounds: of whole numbers, never narrower than these are, 0 among them. holds: names of the conditions that hold in
    any row.
    """

    absent: bool
    bounds: Mapping[str, tuple[int, int]]
    holds: frozenset[str]


def facts_of(
    frame: pl.LazyFrame,
    numbers: Sequence[str],
    others: Sequence[str] = (),
    conditions: Mapping[str, pl.Expr] | None = None,
) -> Facts:
    """What the first rows show and, in one question, whether any other row denies it; more questions only if so.

    The bounds are a guess from the first rows, with room to spare, used only where no row lies beyond.
    """
    asked = dict(conditions or {})
    asked[""] = any_of([pl.lit(False), *(pl.col(name).is_null() for name in (*numbers, *others))])
    read = {name for condition in asked.values() for name in condition.meta.root_names()}
    first = frame.select(read | set(numbers)).head(_FEW).collect(engine="streaming")
    shown = first.select(condition.any().alias(name) for name, condition in asked.items())
    holds = {name for name in asked if first.height and shown[name][0]}
    guess = {name: _around(first[name]) for name in numbers}
    rest = [condition for name, condition in asked.items() if name not in holds]
    if _any(frame, [*rest, *_beyond(guess)]):
        holds |= {name for name, condition in asked.items() if name not in holds and _any(frame, [condition])}
        guess = _bounds(frame, guess)
    return Facts("" in holds, guess, frozenset(holds - {""}))


def _around(cells: pl.Series) -> tuple[int, int]:
    """Bounds that should hold many more such numbers: from 0 or its mirror image to a power of two."""
    known = [int(str(end)) for end in (cells.min(), cells.max()) if end is not None]
    most = (1 << (1 + max((end.bit_length() for end in known), default=0))) - 1
    most = min(most, _LARGEST)
    return (-most if known and min(known) < 0 else 0), most


def _beyond(bounds: Mapping[str, tuple[int, int]]) -> list[pl.Expr]:
    return [(pl.col(name) > high) | (pl.col(name) < low) for name, (low, high) in bounds.items()]


def _bounds(frame: pl.LazyFrame, guess: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """The guess, else one eight times as wide, else 31 bits and a sign, else the true ends of what lies beyond."""
    wider = {name: (max(8 * low, -_LARGEST), min(8 * high, _LARGEST)) for name, (low, high) in guess.items()}
    small = dict.fromkeys(guess, (-_SMALL, _SMALL))
    for bounds in (guess, wider, small):
        if not _any(frame, _beyond(bounds)):
            return bounds
    return small | _ends(frame, list(guess))


def _ends(frame: pl.LazyFrame, numbers: Sequence[str]) -> dict[str, tuple[int, int]]:
    """The true ends of columns with a number beyond 31 bits."""
    ends = [pl.col(numbers).min().name.prefix("least "), pl.col(numbers).max().name.prefix("most ")]
    found = frame.select(ends).collect(engine="streaming").row(0, named=True)
    known = {name: (found[f"least {name}"], found[f"most {name}"]) for name in numbers}
    # An empty cell may count as 0, also where no number is near it.
    true = {name: (min(low, 0), max(high, 0)) for name, (low, high) in known.items() if low is not None}
    return {name: (low, high) for name, (low, high) in true.items() if low < -_SMALL or high > _SMALL}
