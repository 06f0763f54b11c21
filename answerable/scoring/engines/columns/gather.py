"""Rows into figures per unit: for each indicator its sums and counts, and how many of its rows are not whole.

Everything a table gives is gathered in one pass. A mask (is this row whole? does its condition hold?) is computed only
where the table has rows it would exclude. Where rows that are not whole are left out, why they are matters only to
units that have too few of the others: for these alone the reasons are read, in a second pass.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, Protocol, TypeVar

import polars as pl

from answerable.definition.formula import Call, ColumnOf, Expression, months_back
from answerable.definition.model import Absent, Form
from answerable.scoring.engines.columns.known import NOT_APPLICABLE, SUPPRESSED, Known
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
from answerable.scoring.engines.columns.packing import WORD
from answerable.scoring.engines.columns.plan import Aggregated, Gather, months_before
from answerable.scoring.engines.columns.quantities import CODES, Leaf, Quantity, Truth, Value, Words, lower
from answerable.scoring.engines.columns.registry import Registry
from answerable.scoring.engines.columns.rendering import doubtful, fits
from answerable.values.period import Month

__all__ = [
    "ROWS",
    "TOGETHER",
    "ByUnit",
    "Gathered",
    "Gatherer",
    "R",
    "RowTerms",
    "Wanted",
    "figures",
    "gathered",
    "key_of",
    "reason_of",
    "reasons",
    "row_terms",
    "unfiled_terms",
]

ROWS = "rows"
"""The figure that counts all rows of a table."""

TOGETHER: Mapping[str, Callable[[pl.Expr], pl.Expr]] = {
    "sum": lambda column: column.sum(),
    "min": lambda column: column.min(),
    "max": lambda column: column.max(),
}
"""How figures of rows, or of several units, become one."""
R = TypeVar("R", bound=Known)
"""The rows of one gatherer."""
_PLAINLY: Mapping[str, Callable[[list[int]], int]] = {"sum": sum, "min": min, "max": max}


@dataclass(frozen=True)
class RowTerms:
    """What one gathering computes per row: is it whole, and for each aggregate, is it taken and with what value."""

    whole: Term
    reason: Term
    """Why the row is not whole, as a code; 0 where it is."""
    takes: Mapping[str, Term]
    values: Mapping[str, Quantity]


def row_terms(gather: Gather, rows: Known) -> RowTerms:
    """A gathering in terms of the columns of its rows."""
    nullable = [name for name in gather.cells if name in rows.nullable]
    stated = [name for name in nullable if name in rows.stated]
    not_applicable = _any(flags(name + NOT_APPLICABLE) for name in stated)
    suppressed = _any(flags(name + SUPPRESSED) for name in stated)
    zero = gather.missing == "zero"
    missing = FALSE if zero else _any(_missing(name, name in stated) for name in nullable)
    # Whatever the reason is, an absent cell makes a row not whole; where the missing count as 0 the reason matters.
    gone = either(not_applicable, suppressed) if zero else _any(absent(text(name)) for name in nullable)
    whole = negation(gone)
    leaf = _leaf(rows, zero)
    # A missing cell leaves the indicator without a value: whatever is summed then is never read.
    needless = gather.missing == "unassessable" and not stated
    taken = TRUE if needless else whole
    return RowTerms(
        whole,
        _coded((not_applicable, "not_applicable"), (missing, "missing"), (suppressed, "suppressed")),
        {one.name: both(taken, _condition(one, leaf)) for one in gather.aggregates},
        {one.name: _counted(lower(one.of, leaf)) for one in gather.aggregates if one.of is not None},
    )


def unfiled_terms(gather: Gather, rows: Known) -> RowTerms:
    """A row nobody filed: every field missing, not filed, not on time. All its terms are known beforehand."""
    lacks = gather.missing != "zero" and any(name != "on_time" for _, name in gather.absent)
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


def _leaf(rows: Known, zero: bool, back: int = 0) -> Leaf:
    """What columns mean in a row; where absent cells count as 0 they are filled."""

    def leaf(expression: Expression) -> Value | None:
        match expression:
            case Call("previous", (operand, *_)):
                return lower(operand, _leaf(rows, zero, months_back(expression)))
            case ColumnOf(_, name):
                marked = months_before(back, name)
                return _cell(rows, marked, zero and marked in rows.nullable)
            case _:
                return None

    return leaf


def _cell(rows: Known, name: str, fill: bool) -> Value:
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
class Wanted:
    """A figure: `sum`, `min` or `max` of a value over the rows a mask takes; a count where there is no value."""

    how: str
    mask: Term
    value: Term | None = None
    whole: Term = TRUE

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for figures that are the same."""
        return (self.how, key_of(self.mask), key_of(self.value) if self.value else None)

    def never(self) -> bool:
        """Whether it is known beforehand to be of no row, and so 0."""
        nothing = self.value is not None and self.value.known and self.value.value == 0 and self.how != "min"
        return nothing or (self.mask.known and not self.mask.value)

    def unsafe(self, height: int, bits: int = 128) -> bool:
        """Whether so many bits may not hold it, or a number on the way."""
        return any(doubtful(term, bits) for term in self.terms) or not fits(*self.ends(height), bits)

    @property
    def terms(self) -> tuple[Term, ...]:
        """What is computed per row."""
        return (self.mask,) if self.value is None else (self.mask, self.value)

    def packable(self, height: int) -> bool:
        """Whether over so many rows it is a small sum, and none below zero."""
        if self.how != "sum" or (self.mask.known and (self.value is None or self.value.known)):
            return False
        value = self.value or number(1)
        return value.low >= 0 and not doubtful(value) and self.ends(height)[1].bit_length() <= WORD

    def ends(self, height: int) -> tuple[int, int]:
        """Bounds of the figure over so many rows."""
        value = self.value or number(1)
        times = height if self.how == "sum" else 1
        return min(value.low, 0) * times, max(value.high, 0) * times


def key_of(term: Term) -> tuple[object, ...]:
    """Equal for terms that are the same."""
    return (term.op, term.value, *(key_of(part) for part in term.parts))


@dataclass(frozen=True)
class Gathered:
    """Figures of the assessed units, in order: columns of a frame, and what no column can hold."""

    frame: pl.DataFrame
    beyond: Mapping[str, dict[int, int]] = field(default_factory=dict)
    never: frozenset[str] = frozenset()
    """Figures that are 0 everywhere."""


def figures(gathers: Sequence[Gather], rows: Known, table: str) -> dict[str, Wanted]:
    """Every figure the gatherings of a table need, by name; why rows are not whole only where any such row matters."""
    wanted = {f"{table}.{ROWS}": Wanted("sum", TRUE)}
    for gather in gathers:
        terms = row_terms(gather, rows)
        if gather.missing != "skip":
            wanted[reason_of(gather)] = Wanted("max", TRUE, terms.reason)
        if gather.missing == "skip" or rows.stated & set(gather.cells):
            # How many rows are whole matters only where rows are left out.
            wanted[f"{gather.name}.whole"] = Wanted("sum", terms.whole)
        for one in gather.aggregates:
            takes = terms.takes[one.name]
            if one.op != "sum":
                wanted[f"{one.name}.count"] = Wanted("sum", takes, None, terms.whole)
            if one.op != "count":
                how = one.op if one.op in ("min", "max") else "sum"
                wanted[f"{one.name}.{how}"] = Wanted(how, takes, terms.values[one.name].num, terms.whole)
    return wanted


def reasons(gathers: Sequence[Gather], rows: Known) -> dict[str, Wanted]:
    """Why rows are not whole, for gatherings that leave such rows out."""
    return {reason_of(gather): Wanted("max", TRUE, row_terms(gather, rows).reason) for gather in gathers}


def reason_of(gather: Gather) -> str:
    """The name of the figure that says why rows are not whole."""
    return f"{gather.name}.reason"


@dataclass(frozen=True)
class ByUnit:
    """Figures of each unit's own rows: columns in which they may stand side by side, and how each is taken out."""

    words: pl.DataFrame
    figures: Sequence[pl.Expr]


class Gatherer(Protocol[R]):
    """Who reads tables into rows and adds up the rows of each unit: Polars, or an engine that takes SQL.

    R: its rows. See `frames` and `sql.statements`.
    """

    def filed(self, form: Form, wanted: Sequence[str], months: list[Month]) -> R:
        """The newest return of each unit and month, with the columns wanted."""

    def expected(self, registry: Registry, form: Form, filed: R, months: list[Month], back: Sequence[int]) -> R:
        """One row per unit and month for which the unit must file, filed or not, with months before it beside it."""

    def only_answered(self, registry: Registry, form: Form, filed: R, months: list[Month]) -> R:
        """Without the returns of months for which the unit need not file."""

    def events(self, registry: Registry, table: str) -> R:
        """The rows of a table of events that belong to the period."""

    def of(self, rows: R, units: pl.DataFrame) -> R:
        """The rows of some units only."""

    def holds(self, one: Wanted, rows: R) -> bool:
        """Whether a figure and all numbers on the way fit what this engine computes with."""

    def by_unit(self, rows: R, wanted: Mapping[str, Wanted]) -> ByUnit:
        """Figures of each unit's own rows, in one pass; null where no row counts."""

    def cells(self, rows: R, names: Sequence[str]) -> pl.DataFrame:
        """`unit` and some columns of every row."""


def gathered(gatherer: Gatherer[R], registry: Registry, rows: R, wanted: Mapping[str, Wanted]) -> Gathered:
    """Figures of a table in one pass, for each assessed unit with all units below it."""
    possible = {name: one for name, one in wanted.items() if not one.never()}
    unsafe = {name: one for name, one in possible.items() if not gatherer.holds(one, rows)}
    first: dict[tuple[object, ...], str] = {}
    names = {name: first.setdefault(one.key, name) for name, one in possible.items() if name not in unsafe}
    by_unit = gatherer.by_unit(rows, {name: wanted[name] for name in first.values()})
    if registry.below is None:
        # Taken out of their words after being put in order: so much less is moved.
        rolled = registry.in_order(by_unit.words).select(by_unit.figures)
    else:
        how = {name: TOGETHER[wanted[name].how](pl.col(name)) for name in first.values()}
        rolled = registry.rolled_up(by_unit.words.select("unit", *by_unit.figures), how)
    frame = rolled.select(pl.col(same).alias(name) for name, same in names.items())
    return _with_unsafe(gatherer, registry, rows, frame.fill_null(0), unsafe, frozenset(wanted) - frozenset(possible))


# -- figures no column can hold ------------------------------------------------------------------------------------


def _with_unsafe(
    gatherer: Gatherer[R],
    registry: Registry,
    rows: R,
    frame: pl.DataFrame,
    unsafe: Mapping[str, Wanted],
    never: frozenset[str],
) -> Gathered:
    beyond: dict[str, dict[int, int]] = {}
    for name, one in unsafe.items():
        values = _rolled_plainly(registry, one, _plainly(gatherer, rows, one))
        here = [value if fits(value, value, 128) else 0 for value in values]
        frame = frame.with_columns(pl.Series(name, here, dtype=pl.Int128))
        beyond[name] = {row: value for row, value in enumerate(values) if not fits(value, value, 128)}
    return Gathered(frame, beyond, never)


def _plainly(gatherer: Gatherer[R], rows: R, one: Wanted) -> dict[str, list[int]]:
    """The values an aggregate takes, by unit, in Python's own integers."""
    takes = both(one.whole, one.mask)
    read = {leaf.name for term in (takes, one.value or TRUE) for leaf in leaves(term)}
    values: dict[str, list[int]] = {}
    outside = set(rows.outside["unit"].to_list())
    for row in gatherer.cells(rows, sorted(read)).iter_rows(named=True):
        if row["unit"] not in outside and plainly(takes, row):
            value = plainly(one.value, row) if one.value else 1
            assert isinstance(value, int)
            values.setdefault(row["unit"], []).append(value)
    return values


def _rolled_plainly(registry: Registry, one: Wanted, by_unit: Mapping[str, list[int]]) -> list[int]:
    own = [[unit] for unit in registry.assessed["unit"].to_list()]
    if registry.below is not None:
        own = [[] for _ in own]
        for top, unit in registry.below.select("top", "unit").iter_rows():
            own[top].append(unit)
    values = [[value for unit in units for value in by_unit.get(unit, [])] for units in own]
    return [_PLAINLY[one.how](found) if found else 0 for found in values]
