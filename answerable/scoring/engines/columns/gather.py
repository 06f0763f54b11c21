"""Rows into figures per unit: for each indicator its sums and counts, and how many of its rows are not whole.

Everything a table gives is gathered in one pass. A mask (is this row whole? does its condition hold?) is computed only
where the table has rows it would exclude. Where rows that are not whole are left out, why they are matters only to
units that have too few of the others: for these alone the reasons are read, in a second pass.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import groupby
from typing import Any

import polars as pl

from answerable.definition.formula import Call, ColumnOf, Expression, months_back
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
    multiply,
    negation,
    number,
    plainly,
    text,
)
from answerable.scoring.engines.columns.packing import WORD, Word, packed, unpacked
from answerable.scoring.engines.columns.plan import Aggregated, Gather, months_before
from answerable.scoring.engines.columns.quantities import CODES, Leaf, Quantity, Truth, Value, Words, lower
from answerable.scoring.engines.columns.registry import Registry
from answerable.scoring.engines.columns.rendering import as_column, doubtful, fits, rendered, settled
from answerable.scoring.engines.columns.rows import NOT_APPLICABLE, SUPPRESSED, Rows

__all__ = [
    "ROWS",
    "Gathered",
    "RowTerms",
    "Wanted",
    "figures",
    "gathered",
    "reason_of",
    "reasons",
    "row_terms",
    "unfiled_terms",
]

ROWS = "rows"
"""The figure that counts all rows of a table."""

_TOGETHER: Mapping[str, Callable[[pl.Expr], pl.Expr]] = {
    "sum": lambda column: column.sum(),
    "min": lambda column: column.min(),
    "max": lambda column: column.max(),
}
_SETTLED = "~"
"""Begins the name of a column that holds a part several figures read."""
_ROWS_OF_UNIT = "#"
_ABSENT_WITH_PARTS = frozenset({"column", "literal", "add", "subtract", "multiply"})
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


def unfiled_terms(gather: Gather, rows: Rows) -> RowTerms:
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


def _leaf(rows: Rows, zero: bool, back: int = 0) -> Leaf:
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
class Wanted:
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


def _key(term: Term) -> tuple[object, ...]:
    return (term.op, term.value, *(_key(part) for part in term.parts))


@dataclass(frozen=True)
class Gathered:
    """Figures of the assessed units, in order: columns of a frame, and what no column can hold."""

    frame: pl.DataFrame
    beyond: Mapping[str, dict[int, int]] = field(default_factory=dict)
    never: frozenset[str] = frozenset()
    """Figures that are 0 everywhere."""


def figures(gathers: Sequence[Gather], rows: Rows, table: str) -> dict[str, Wanted]:
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


def reasons(gathers: Sequence[Gather], rows: Rows) -> dict[str, Wanted]:
    """Why rows are not whole, for gatherings that leave such rows out."""
    return {reason_of(gather): Wanted("max", TRUE, row_terms(gather, rows).reason) for gather in gathers}


def reason_of(gather: Gather) -> str:
    """The name of the figure that says why rows are not whole."""
    return f"{gather.name}.reason"


def gathered(registry: Registry, rows: Rows, wanted: Mapping[str, Wanted]) -> Gathered:
    """Figures of a table in one pass, for each assessed unit with all units below it."""
    possible = {name: one for name, one in wanted.items() if not one.never()}
    unsafe = {name: one for name, one in possible.items() if one.unsafe(rows.height)}
    first: dict[tuple[object, ...], str] = {}
    names = {name: first.setdefault(one.key, name) for name, one in possible.items() if name not in unsafe}
    by_unit = _by_unit(rows, {name: wanted[name] for name in first.values()})
    if registry.below is None:
        # Taken out of their words after being put in order: so much less is moved.
        rolled = registry.in_order(by_unit.words).select(by_unit.figures)
    else:
        how = {name: _TOGETHER[wanted[name].how](pl.col(name)) for name in first.values()}
        rolled = registry.rolled_up(by_unit.words.select("unit", *by_unit.figures), how)
    frame = rolled.select(pl.col(same).alias(name) for name, same in names.items())
    return _with_unsafe(registry, rows, frame.fill_null(0), unsafe, frozenset(wanted) - frozenset(possible))


@dataclass(frozen=True)
class ByUnit:
    """Figures of each unit's own rows: columns in which they may stand side by side, and how each is taken out."""

    words: pl.DataFrame
    figures: Sequence[pl.Expr]


def _by_unit(rows: Rows, wanted: Mapping[str, Wanted], pack: bool = True) -> ByUnit:
    frame = rows.frame
    small = {name: one for name, one in wanted.items() if pack and one.packable(rows.each)}
    words = packed({name: (_key(one.mask), one.ends(rows.each)[1].bit_length()) for name, one in small.items()})
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
    by_unit = figures.collect(engine="streaming")
    most = by_unit[_ROWS_OF_UNIT].max()
    if words and isinstance(most, int) and most > rows.each:
        # More rows than a unit can have: a month that stands twice. The words may have run over.
        return _by_unit(rows, wanted, pack=False)
    if rows.outside.height:
        by_unit = by_unit.join(rows.outside, on="unit", how="anti")
    return ByUnit(by_unit, [*unpacked(words), *(pl.col(name) for name in wanted if name not in small)])


def _alike(word: Word, wanted: Mapping[str, Wanted]) -> list[list[tuple[str, int, int]]]:
    """The figures of a word, those over the same rows together."""
    return [list(alike) for _, alike in groupby(word.figures, lambda figure: _key(wanted[figure[0]].mask))]


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
    return _TOGETHER[one.how](cells if mask.known else pl.when(rendered(mask)).then(cells))


# -- figures no column can hold ------------------------------------------------------------------------------------


def _with_unsafe(
    registry: Registry, rows: Rows, frame: pl.DataFrame, unsafe: Mapping[str, Wanted], never: frozenset[str]
) -> Gathered:
    beyond: dict[str, dict[int, int]] = {}
    for name, one in unsafe.items():
        values = _rolled_plainly(registry, one, _plainly(rows, one))
        here = [value if fits(value, value, 128) else 0 for value in values]
        frame = frame.with_columns(pl.Series(name, here, dtype=pl.Int128))
        beyond[name] = {row: value for row, value in enumerate(values) if not fits(value, value, 128)}
    return Gathered(frame, beyond, never)


def _plainly(rows: Rows, one: Wanted) -> dict[str, list[int]]:
    """The values an aggregate takes, by unit, in Python's own integers."""
    takes = both(one.whole, one.mask)
    read = {leaf.name for term in (takes, one.value or TRUE) for leaf in leaves(term)}
    values: dict[str, list[int]] = {}
    outside = set(rows.outside["unit"].to_list())
    for row in rows.frame.select("unit", *sorted(read)).collect().iter_rows(named=True):
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
