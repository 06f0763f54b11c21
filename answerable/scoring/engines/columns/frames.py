"""The gatherer of Polars: rows as lazy frames, and the figures of each unit in one streaming pass.

A mask (is this row whole? does its condition hold?) is computed only where the table has rows it would exclude, and
small sums are added up side by side.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import groupby

import polars as pl

from answerable.definition.model import Form, Programme
from answerable.scoring.engines.columns.gather import TOGETHER, ByUnit, Gatherer, Wanted, key_of
from answerable.scoring.engines.columns.operations import Term, filled, leaves, multiply, number
from answerable.scoring.engines.columns.packing import Word, packed, unpacked
from answerable.scoring.engines.columns.registry import Registry
from answerable.scoring.engines.columns.rendering import as_column, fits, rendered, settled
from answerable.scoring.engines.columns.rows import Rows, events, expected, filed, only_answered
from answerable.values.period import Month
from answerable.values.table import Tables

__all__ = ["by_unit", "frames"]

_SETTLED = "~"
"""Begins the name of a column that holds a part several figures read."""
_ROWS_OF_UNIT = "#"
_ABSENT_WITH_PARTS = frozenset({"column", "literal", "add", "subtract", "multiply"})


def frames(programme: Programme, tables: Tables) -> Gatherer[Rows]:
    """The gatherer that reads tables by Polars."""
    return _Frames(programme, tables)


@dataclass(frozen=True)
class _Frames:
    programme: Programme
    tables: Tables

    def filed(self, form: Form, wanted: Sequence[str], months: list[Month]) -> Rows:
        return filed(self.programme, self.tables, form, wanted, months)

    def expected(self, registry: Registry, form: Form, filed: Rows, months: list[Month], back: Sequence[int]) -> Rows:
        return expected(registry, form, filed, months, back)

    def only_answered(self, registry: Registry, form: Form, filed: Rows, months: list[Month]) -> Rows:
        return only_answered(registry, form, filed, months)

    def events(self, registry: Registry, table: str) -> Rows:
        return events(self.programme, self.tables, registry, table)

    def of(self, rows: Rows, units: pl.DataFrame) -> Rows:
        return rows.of(units)

    def holds(self, one: Wanted, rows: Rows) -> bool:
        return not one.unsafe(rows.height)

    def by_unit(self, rows: Rows, wanted: Mapping[str, Wanted]) -> ByUnit:
        return by_unit(rows, wanted)

    def cells(self, rows: Rows, names: Sequence[str]) -> pl.DataFrame:
        return rows.frame.select("unit", *names).collect()


def by_unit(rows: Rows, wanted: Mapping[str, Wanted], pack: bool = True) -> ByUnit:
    """Figures of each unit, small sums side by side."""
    frame = rows.frame
    small = {name: one for name, one in wanted.items() if pack and one.packable(rows.each)}
    words = packed({name: (key_of(one.mask), one.ends(rows.each)[1].bit_length()) for name, one in small.items()})
    told = {name for word in words for name in _told_by_cells(word, wanted, rows.nullable)}
    terms = {f"m{name}": one.mask for name, one in wanted.items() if name not in told}
    terms |= {f"v{name}": one.value for name, one in wanted.items() if one.value is not None}
    count = 0

    def settle(parts: Sequence[Term]) -> list[Term]:
        nonlocal frame, count
        made = {f"{_SETTLED}{count + at}": part for at, part in enumerate(parts)}
        count += len(parts)
        frame = frame.with_columns(rendered(part).alias(name) for name, part in made.items())
        return [as_column(name, part) for name, part in made.items()]

    plain = settled(terms, settle)
    together = [_together(word, wanted, plain, rows.nullable) for word in words]
    alone = [
        _figure(one, plain[f"m{name}"], plain.get(f"v{name}"), rows.height).alias(name)
        for name, one in wanted.items()
        if name not in small
    ]
    figures = frame.group_by("unit", maintain_order=True).agg(*together, *alone, pl.len().alias(_ROWS_OF_UNIT))
    made = figures.collect(engine="streaming")
    most = made[_ROWS_OF_UNIT].max()
    if words and isinstance(most, int) and most > rows.each:
        # More rows than a unit can have: a month that stands twice. The words may have run over.
        return by_unit(rows, wanted, pack=False)
    if rows.outside.height:
        made = made.join(rows.outside, on="unit", how="anti")
    return ByUnit(made, [*unpacked(words), *(pl.col(name) for name in wanted if name not in small)])


def _alike(word: Word, wanted: Mapping[str, Wanted]) -> list[list[tuple[str, int, int]]]:
    """The figures of a word, those over the same rows together."""
    return [list(alike) for _, alike in groupby(word.figures, lambda figure: key_of(wanted[figure[0]].mask))]


def _told_by_cells(word: Word, wanted: Mapping[str, Wanted], nullable: frozenset[str]) -> Iterator[str]:
    """Figures whose mask only asks that no cell added up be absent: where one is, so is the sum, without asking."""
    for alike in _alike(word, wanted):
        names = [name for name, _, _ in alike]
        mask, values = wanted[names[0]].mask, [value for name in names if (value := wanted[name].value) is not None]
        read = {leaf.name for value in values for leaf in leaves(value)} & nullable
        if read and _present(mask) == read and all(_absent_with_cells(value) for value in values):
            yield from names


def _present(mask: Term) -> set[str]:
    """The columns of which a mask asks that none be absent; none where it asks for anything else."""
    reasons = list(_alternatives(mask.parts[0])) if mask.op == "not" else []
    return {one.parts[0].name for one in reasons} if all(one.op == "absent" for one in reasons) else set()


def _alternatives(term: Term) -> Iterator[Term]:
    if term.op != "or":
        yield term
        return
    for part in term.parts:
        yield from _alternatives(part)


def _absent_with_cells(value: Term) -> bool:
    """Whether a value is absent wherever a cell it reads is."""
    return value.op in _ABSENT_WITH_PARTS and all(_absent_with_cells(part) for part in value.parts)


def _together(word: Word, wanted: Mapping[str, Wanted], plain: Mapping[str, Term], nullable: frozenset[str]) -> pl.Expr:
    """A word added up, each of its figures over its own rows."""
    added = [_side_by_side(alike, wanted, plain, nullable) for alike in _alike(word, wanted)]
    if len(added) > 1:
        # A row that does not count for some still counts for the others.
        added = [one.fill_null(0) for one in added]
    return reduce(operator.add, added).sum().alias(word.name)


def _side_by_side(
    alike: Sequence[tuple[str, int, int]],
    wanted: Mapping[str, Wanted],
    plain: Mapping[str, Term],
    nullable: frozenset[str],
) -> pl.Expr:
    """Figures over the same rows as one column, absent in the other rows."""
    mask = plain.get(f"m{alike[0][0]}")
    cells = []
    for name, shift, _ in alike:
        value = multiply(plain.get(f"v{name}", number(1)), number(1 << shift))
        # Where a cell may be absent in a row that counts, the others of its word still do.
        sure = mask is None or (wanted[name].mask is wanted[name].whole and not mask.known)
        read = {leaf.name for leaf in leaves(value)}
        empty = not sure and nullable and any(name in nullable or name.startswith(_SETTLED) for name in read)
        cells.append(rendered(filled(value) if empty else value))
    added = reduce(operator.add, cells)
    return added if mask is None or mask.known else pl.when(rendered(mask)).then(added)


def _figure(one: Wanted, mask: Term, value: Term | None, height: int) -> pl.Expr:
    taken = pl.len().cast(pl.Int64) if mask.known else rendered(mask).sum().cast(pl.Int64)
    if value is None:
        return taken
    if value.known:
        # The same in every row: a literal has no rows of its own to be summed over.
        factor = pl.lit(value.low, dtype=pl.Int128)
        return taken.cast(pl.Int128) * factor if one.how == "sum" else taken.cast(pl.Int128) * 0 + factor
    cells = rendered(value) if fits(*one.ends(height), 64) else rendered(value).cast(pl.Int128)
    return TOGETHER[one.how](cells if mask.known else pl.when(rendered(mask)).then(cells))
