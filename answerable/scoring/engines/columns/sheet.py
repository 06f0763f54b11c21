"""A sheet of exact columns, one row per unit: whatever is put into it is right, however large.

Most columns are whole numbers of 64 or 128 bits. Where a row's number does not fit on the way, it is computed in
Python's own integers and put back; where even the result does not fit, the sheet keeps it *beyond* the column, and
every later column that reads it is computed for that row in Python too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from answerable.scoring.engines.columns.operations import Plain, Term, column, leaves, number, plainly
from answerable.scoring.engines.columns.rendering import (
    as_column,
    doubtful,
    fits,
    magnitude_is_unsafe,
    rendered,
    settled,
    width,
)

__all__ = ["Sheet"]


class Sheet:
    """Columns by name, each with the term that reads it; `sent` counts what was computed row by row."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame
        self.terms: dict[str, Term] = {}
        self.beyond: dict[str, dict[int, int]] = {}
        self.sent: set[tuple[str, int]] = set()
        self._settled = 0
        self._away: Path | None = None

    def __getitem__(self, name: str) -> Term:
        return self.terms[name]

    def __contains__(self, name: str) -> bool:
        return name in self.terms

    def take(self, names: Iterable[str], beyond: Mapping[str, dict[int, int]] | None = None) -> None:
        """Make terms of integer columns the frame has already."""
        self.beyond |= {name: rows for name, rows in (beyond or {}).items() if rows}
        self._measure(names)

    def join(self, frame: pl.DataFrame, beyond: Mapping[str, dict[int, int]], never: Iterable[str]) -> None:
        """Add integer columns of the same rows, and names that are 0 in every row."""
        self.frame = pl.concat([self.frame, frame], how="horizontal")
        self.terms |= dict.fromkeys(never, number(0))
        self.take(frame.columns, beyond)

    def put(self, terms: Mapping[str, Term]) -> None:
        """Add columns. A name `node.figure` says which node a row is counted for when it is computed in Python."""
        self._put(settled(terms, self._settle))

    def correct(self, name: str, values: Mapping[int, int]) -> None:
        """Replace the values of some rows by ones computed exactly elsewhere."""
        if name not in self.frame.columns:
            self.frame = self.frame.with_columns(rendered(self.terms[name]).alias(name))
        self._patch(name, values)
        self._measure([name])

    def rows_where(self, condition: Term) -> list[int]:
        """Numbers of the rows where a condition holds."""
        self.put({"?": condition})
        return self.flags(self.terms["?"]).arg_true().to_list()

    def alike(self, names: Iterable[str], rows: Sequence[int]) -> list[int]:
        """For each of some rows the first of them whose cells in these columns are the same."""
        held = sorted(names)
        apart = {row for name in held for row in self.beyond.get(name, {})}
        known = {name: self.frame[name].gather(list(rows)) for name in held}
        own = pl.Series([row if row in apart else -1 for row in rows], dtype=pl.Int64)
        cells = pl.DataFrame({**known, "?own": own, "?row": pl.Series(rows, dtype=pl.Int64)})
        return cells.select(pl.col("?row").first().over(*held, "?own")).to_series().to_list()

    def plain(self, term: Term, row: int) -> Plain:
        """A term's value in one row, in Python's integers."""
        return plainly(term, {one.name: self._cell(one.name, row) for one in leaves(term)})

    def flags(self, term: Term) -> pl.Series:
        """Yes or no in every row."""
        if term.known:
            return pl.repeat(bool(term.value), self.frame.height, dtype=pl.Boolean, eager=True)
        return self.frame[term.name]

    def put_away(self, file: Path) -> None:
        """Keep the columns in a file until they are taken back."""
        if self._away is None:
            self.frame.write_ipc(file)
            self.frame, self._away = self.frame.clear(), file

    def take_back(self) -> None:
        """Have the columns in memory."""
        if self._away is not None:
            self.frame, self._away = pl.read_ipc(self._away), None

    @contextmanager
    def at_hand(self) -> Iterator[None]:
        """Have the columns in memory for a while, to be read only."""
        away = self._away
        self.take_back()
        yield
        if away is not None:
            self.frame, self._away = self.frame.clear(), away

    def whole(self, term: Term) -> pl.Series | list[int]:
        """A whole number in every row: a column, or a list where one is too large for any."""
        if term.known:
            return pl.repeat(term.low, self.frame.height, dtype=width(term.low, term.high), eager=True)
        if self.beyond.get(term.name):
            return [int(str(cell)) for cell in self.cells(term)]
        return self.frame[term.name]

    def cells(self, term: Term) -> list[Plain]:
        """A term's value in every row."""
        if term.known:
            return [term.value] * self.frame.height
        values: list[Plain] = self.frame[term.name].to_list()
        for row, value in self.beyond.get(term.name, {}).items():
            values[row] = value
        return values

    # -- inside ----------------------------------------------------------------------------------------------------

    def _cell(self, name: str, row: int) -> Plain:
        known = self.beyond.get(name, {})
        return known[row] if row in known else self.frame[name][row]

    def _settle(self, terms: Sequence[Term]) -> list[Term]:
        names = [f"~{self._settled + at}" for at in range(len(terms))]
        self._settled += len(terms)
        self._put(dict(zip(names, terms, strict=True)))
        return [self.terms[name] for name in names]

    def _put(self, terms: Mapping[str, Term]) -> None:
        new = {name: term for name, term in terms.items() if term.op not in ("column", "literal")}
        self.terms |= {name: term for name, term in terms.items() if name not in new}
        self._extend(new)

    def _extend(self, terms: Mapping[str, Term]) -> None:
        if not terms:
            return
        unsure = {name: term for name, term in terms.items() if doubtful(term)}
        expressions = [rendered(term).alias(name) for name, term in terms.items()]
        unsafe = [magnitude_is_unsafe(term).alias(f"?{name}") for name, term in unsure.items()]
        self.frame = self.frame.with_columns(expressions + unsafe)
        for name, term in terms.items():
            rows = {row for leaf in leaves(term) for row in self.beyond.get(leaf.name, {})}
            if name in unsure:
                rows |= set(self.frame[f"?{name}"].arg_true().to_list())
            if rows:
                self.sent |= {(name.rpartition(".")[0], row) for row in rows}
                self._patch(name, {row: self.plain(term, row) for row in rows})
        self.frame = self.frame.drop(f"?{name}" for name in unsure)
        self.terms |= {name: as_column(name, term) for name, term in terms.items()}
        self._measure(name for name, term in terms.items() if term.kind == "integer")

    def _patch(self, name: str, values: Mapping[int, Plain]) -> None:
        column = self.frame[name]
        large = {row: v for row, v in values.items() if type(v) is int and not fits(v, v, 128)}
        here = {row: 0 if row in large else value for row, value in values.items()}
        if column.dtype == pl.Int64 and not all(type(v) is int and fits(v, v, 64) for v in here.values()):
            column = column.cast(pl.Int128)
        column = column.scatter(list(here), pl.Series(list(here.values()), dtype=column.dtype))
        self.frame = self.frame.with_columns(column.alias(name))
        kept = {row: v for row, v in self.beyond.pop(name, {}).items() if row not in values}
        if kept or large:
            self.beyond[name] = kept | large

    def _measure(self, names: Iterable[str]) -> None:
        """Read the true bounds of integer columns, and keep each in the narrowest type that holds them."""
        columns = list(names)
        if not columns or not self.frame.height:
            # Of no rows nothing is known: such columns keep the bounds they have, or get bounds that fold nothing.
            self.terms |= {name: column(name, 0, 1) for name in columns if name not in self.terms}
            return
        narrowed: list[pl.Series] = []
        for name in columns:
            cells = self.frame[name]
            values = [int(str(cells.min())), int(str(cells.max())), *self.beyond.get(name, {}).values()]
            bounds = min(values), max(values)
            if cells.dtype != width(*bounds):
                narrowed.append(cells.cast(width(*bounds)))
            self.terms[name] = column(name, *bounds)
        self.frame = self.frame.with_columns(narrowed)
