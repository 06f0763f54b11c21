"""Rows into figures per unit: for each indicator its sums and counts, and how many of its rows are not whole.

Everything a table gives is gathered in one pass. A mask (is this row whole? does its condition hold?) is computed only
where the table has rows it would exclude.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import polars as pl

from answerable.definition.formula import Call, ColumnOf, Expression
from answerable.definition.model import Absent
from answerable.scoring.engines.columns.operations import (
    FALSE,
    TRUE,
    Term,
    absent,
    both,
    choose,
    either,
    filled,
    flags,
    leaves,
    negation,
    number,
    plainly,
    text,
)
from answerable.scoring.engines.columns.plan import BEFORE, Aggregated, Gather
from answerable.scoring.engines.columns.quantities import CODES, Leaf, Quantity, Truth, Value, Words, lower
from answerable.scoring.engines.columns.registry import Registry
from answerable.scoring.engines.columns.rendering import as_column, doubtful, fits, rendered, settled
from answerable.scoring.engines.columns.rows import NOT_APPLICABLE, SUPPRESSED, Rows

__all__ = ["ROWS", "Gathered", "RowTerms", "gathered", "row_terms", "unfiled_terms"]

ROWS = "rows"
"""The figure that counts all rows of a table."""

_TOGETHER: Mapping[str, Callable[[pl.Expr], pl.Expr]] = {
    "sum": lambda column: column.sum(),
    "min": lambda column: column.min(),
    "max": lambda column: column.max(),
}
_PLAINLY: Mapping[str, Callable[[list[int]], int]] = {"sum": sum, "min": min, "max": max}


@dataclass(frozen=True)
class RowTerms:
    """What one gathering computes per row: is it whole, and for each aggregate, is it taken and with what value."""

    whole: Term
    reason: Term
    """Why the row is not whole, as a code; 0 where it is."""
    takes: Mapping[str, Term]
    values: Mapping[str, Quantity]


def row_terms(gather: Gather, rows: Rows) -> RowTerms:
    """A gathering in terms of the columns of its rows."""
    nullable = [name for name in gather.cells if name in rows.nullable]
    stated = [name for name in nullable if name in rows.stated]
    not_applicable = _any(flags(name + NOT_APPLICABLE) for name in stated)
    suppressed = _any(flags(name + SUPPRESSED) for name in stated)
    missing = FALSE if gather.missing == "zero" else _any(_missing(name, name in stated) for name in nullable)
    whole = negation(either(either(not_applicable, suppressed), missing))
    leaf = _leaf(rows, gather.missing == "zero")
    # A missing cell leaves the indicator without a value: whatever is summed then is never read.
    needless = gather.missing == "unassessable" and not stated
    taken = TRUE if needless else whole
    return RowTerms(
        whole,
        _coded((not_applicable, "not_applicable"), (missing, "missing"), (suppressed, "suppressed")),
        {one.name: both(taken, _condition(one, leaf)) for one in gather.aggregates},
        {one.name: _counted(lower(one.of, leaf)) for one in gather.aggregates if one.of is not None},
    )


def unfiled_terms(gather: Gather, rows: Rows) -> RowTerms:
    """A row nobody filed: every field missing, not filed, not on time. All its terms are known beforehand."""
    lacks = gather.missing != "zero" and any(name != "on_time" for name in gather.now)
    whole = FALSE if lacks else TRUE

    def leaf(expression: Expression) -> Value | None:
        if isinstance(expression, ColumnOf):
            return Truth(FALSE) if expression.column in rows.flags else Quantity(number(0))
        return None

    return RowTerms(
        whole,
        _coded((negation(whole), "missing")),
        {one.name: both(whole, _condition(one, leaf)) for one in gather.aggregates},
        {one.name: _counted(lower(one.of, leaf)) for one in gather.aggregates if one.of is not None},
    )


def _any(terms: Any) -> Term:
    return reduce(either, terms, FALSE)


def _coded(*reasons: tuple[Term, Absent]) -> Term:
    """The code of the first reason that holds."""
    code = number(0)
    for holds, reason in reversed(reasons):
        code = choose(holds, number(CODES[reason]), code)
    return code


def _missing(name: str, stated: bool) -> Term:
    nothing = absent(text(name))
    if not stated:
        return nothing
    return both(nothing, negation(either(flags(name + NOT_APPLICABLE), flags(name + SUPPRESSED))))


def _condition(one: Aggregated, leaf: Leaf) -> Term:
    if one.where is None:
        return TRUE
    value = lower(one.where, leaf)
    assert isinstance(value, Truth)
    return value.holds


def _counted(value: Value) -> Quantity:
    if isinstance(value, Truth):
        return Quantity(choose(value.holds, number(1), number(0)))
    assert isinstance(value, Quantity)
    return value


def _leaf(rows: Rows, zero: bool, prefix: str = "") -> Leaf:
    """What columns mean in a row; where absent cells count as 0 they are filled."""

    def leaf(expression: Expression) -> Value | None:
        match expression:
            case Call("previous", (operand,)):
                return lower(operand, _leaf(rows, zero, BEFORE))
            case ColumnOf(_, name):
                return _cell(rows, prefix + name, zero and prefix + name in rows.nullable)
            case _:
                return None

    return leaf


def _cell(rows: Rows, name: str, fill: bool) -> Value:
    if name == "filed" and rows.filed_only:
        return Truth(TRUE)
    if name in rows.flags:
        return Truth(filled(flags(name)) if fill else flags(name))
    if name in rows.texts:
        return Words(text(name))
    low, high = rows.bounds[name]
    # Not folded even where both bounds are one: an absent cell has no value.
    term = Term("column", "integer", (), name, low, high)
    return Quantity(filled(term) if fill else term, number(10 ** rows.decimals.get(name, 0)))


# -- one pass over a table -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Wanted:
    """A figure: `sum`, `min` or `max` of a value over the rows a mask takes; a count where there is no value."""

    how: str
    mask: Term
    value: Term | None = None
    whole: Term = TRUE

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for figures that are the same."""
        return (self.how, _key(self.mask), _key(self.value) if self.value else None)

    def never(self) -> bool:
        """Whether it is known beforehand to be of no row, and so 0."""
        nothing = self.value is not None and self.value.known and self.value.value == 0 and self.how != "min"
        return nothing or (self.mask.known and not self.mask.value)

    def unsafe(self, height: int) -> bool:
        """Whether 128 bits may not hold it."""
        terms = [self.mask] if self.value is None else [self.mask, self.value]
        return any(doubtful(term) for term in terms) or not fits(*self.ends(height), 128)

    def ends(self, height: int) -> tuple[int, int]:
        """Bounds of the figure over so many rows."""
        value = self.value or number(1)
        times = height if self.how == "sum" else 1
        return min(value.low, 0) * times, max(value.high, 0) * times


def _key(term: Term) -> tuple[object, ...]:
    return (term.op, term.value, *(_key(part) for part in term.parts))


@dataclass(frozen=True)
class Gathered:
    """Figures of the assessed units, in order: columns of a frame, and what no column can hold."""

    frame: pl.DataFrame
    beyond: Mapping[str, dict[int, int]] = field(default_factory=dict)
    never: frozenset[str] = frozenset()
    """Figures that are 0 everywhere."""


def _wanted(gather: Gather, rows: Rows, stated: frozenset[str]) -> dict[str, _Wanted]:
    """Every figure one gathering needs, by name."""
    terms = row_terms(gather, rows)
    wanted = {
        f"{gather.name}.reason": _Wanted("max", TRUE, terms.reason),
        f"{gather.name}.whole": _Wanted("sum", terms.whole),
    }
    if gather.missing != "skip" and not stated & set(gather.cells):
        # How many rows are whole matters only where rows are left out.
        del wanted[f"{gather.name}.whole"]
    for one in gather.aggregates:
        takes = terms.takes[one.name]
        if one.op != "sum":
            wanted[f"{one.name}.count"] = _Wanted("sum", takes, None, terms.whole)
        if one.op != "count":
            how = one.op if one.op in ("min", "max") else "sum"
            wanted[f"{one.name}.{how}"] = _Wanted(how, takes, terms.values[one.name].num, terms.whole)
    return wanted


def _every(gathers: Sequence[Gather], rows: Rows, table: str, stated: frozenset[str]) -> dict[str, _Wanted]:
    wanted = {f"{table}.{ROWS}": _Wanted("sum", TRUE)}
    for gather in gathers:
        wanted |= _wanted(gather, rows, stated)
    return wanted


def gathered(registry: Registry, rows: Rows, table: str, gathers: Sequence[Gather]) -> Gathered:
    """All figures of a table in one pass, for each assessed unit with all units below it."""
    wanted = _every(gathers, rows, table, rows.stated)
    possible = [name for name, one in wanted.items() if not one.never()]
    unsafe = {name: wanted[name] for name in possible if wanted[name].unsafe(rows.height)}
    parts = [(part, _every(gathers, part, table, rows.stated)) for part in rows.parts()]
    first: dict[tuple[object, ...], str] = {}
    names = {
        name: first.setdefault(tuple(part[name].key for _, part in parts), name)
        for name in possible
        if name not in unsafe
    }
    figures = list(first.values())
    by_unit = _by_unit([(part, {name: made[name] for name in figures}) for part, made in parts])
    if rows.outside is not None:
        by_unit = by_unit.join(rows.outside, on="unit", how="anti")
    how = {name: _TOGETHER[wanted[name].how](pl.col(name)) for name in figures}
    rolled = registry.rolled_up(by_unit, how, len(parts) > 1)
    frame = rolled.select(pl.col(same).fill_null(0).alias(name) for name, same in names.items())
    return _with_unsafe(registry, rows, frame, unsafe, frozenset(wanted) - frozenset(possible))


def _by_unit(parts: Sequence[tuple[Rows, Mapping[str, _Wanted]]]) -> pl.DataFrame:
    """The figures of each part of the rows, one below the other."""
    frames = pl.collect_all([_lazily(rows, figures) for rows, figures in parts], engine="streaming")
    return pl.concat(frames, how="diagonal_relaxed") if len(frames) > 1 else frames[0]


def _lazily(rows: Rows, wanted: Mapping[str, _Wanted]) -> pl.LazyFrame:
    figures = {name: one for name, one in wanted.items() if not one.never()}
    frame = rows.frame
    terms = {f"m{name}": one.mask for name, one in figures.items()}
    terms |= {f"v{name}": one.value for name, one in figures.items() if one.value is not None}
    count = 0

    def settle(parts: Sequence[Term]) -> list[Term]:
        nonlocal frame, count
        made = {f"~{count + at}": part for at, part in enumerate(parts)}
        count += len(parts)
        frame = frame.with_columns(rendered(part).alias(name) for name, part in made.items())
        return [as_column(name, part) for name, part in made.items()]

    plain = settled(terms, settle)
    return frame.group_by("unit").agg(
        _figure(one, plain[f"m{name}"], plain.get(f"v{name}"), rows.height).alias(name) for name, one in figures.items()
    )


def _figure(one: _Wanted, mask: Term, value: Term | None, height: int) -> pl.Expr:
    taken = pl.len().cast(pl.Int64) if mask.known else rendered(mask).sum().cast(pl.Int64)
    if value is None:
        return taken
    if value.known:
        # The same in every row: a literal has no rows of its own to be summed over.
        factor = pl.lit(value.low, dtype=pl.Int128)
        return taken.cast(pl.Int128) * factor if one.how == "sum" else taken.cast(pl.Int128) * 0 + factor
    cells = rendered(value) if fits(*one.ends(height), 64) else rendered(value).cast(pl.Int128)
    return _TOGETHER[one.how](cells if mask.known else pl.when(rendered(mask)).then(cells))


# -- figures no column can hold ------------------------------------------------------------------------------------


def _with_unsafe(
    registry: Registry, rows: Rows, frame: pl.DataFrame, unsafe: Mapping[str, _Wanted], never: frozenset[str]
) -> Gathered:
    beyond: dict[str, dict[int, int]] = {}
    for name, one in unsafe.items():
        values = _rolled_plainly(registry, one, _plainly(rows, one))
        here = [value if fits(value, value, 128) else 0 for value in values]
        frame = frame.with_columns(pl.Series(name, here, dtype=pl.Int128))
        beyond[name] = {row: value for row, value in enumerate(values) if not fits(value, value, 128)}
    return Gathered(frame, beyond, never)


def _plainly(rows: Rows, one: _Wanted) -> dict[str, list[int]]:
    """The values an aggregate takes, by unit, in Python's own integers."""
    takes = both(one.whole, one.mask)
    read = {leaf.name for term in (takes, one.value or TRUE) for leaf in leaves(term)}
    values: dict[str, list[int]] = {}
    outside = set() if rows.outside is None else set(rows.outside["unit"].to_list())
    for row in rows.frame.select("unit", *sorted(read)).collect().iter_rows(named=True):
        if row["unit"] not in outside and plainly(takes, row):
            value = plainly(one.value, row) if one.value else 1
            assert isinstance(value, int)
            values.setdefault(row["unit"], []).append(value)
    return values


def _rolled_plainly(registry: Registry, one: _Wanted, by_unit: Mapping[str, list[int]]) -> list[int]:
    own = [[unit] for unit in registry.assessed["unit"].to_list()]
    if registry.below is not None:
        own = [[] for _ in own]
        for top, unit in registry.below.select("top", "unit").iter_rows():
            own[top].append(unit)
    values = [[value for unit in units for value in by_unit.get(unit, [])] for units in own]
    return [_PLAINLY[one.how](found) if found else 0 for found in values]
