"""Terms as Polars expressions.

Polars keeps the narrow type and wraps silently, so the width of each operation is chosen from its bounds: 64 bits where
these prove that it fits, 128 bits otherwise. What even 128 bits may not hold is *doubtful*: `magnitude` then tells, row
by row, how large the numbers on the way can be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, reduce

import polars as pl

from answerable.scoring.engines.columns.operations import Plain, Term, column, flags, rebuilt, text

__all__ = ["as_column", "doubtful", "fits", "magnitude_is_unsafe", "rendered", "settled", "width", "width_of"]

_KINDS = {"flag": pl.Boolean, "text": pl.String}
SAFE = float(2**125)
"""Far enough below 2**127 that the error of a double does not matter."""


def fits(low: int, high: int, bits: int) -> bool:
    """Whether all whole numbers between two bounds fit a signed integer."""
    return -(1 << (bits - 1)) <= low and high < 1 << (bits - 1)


def width(low: int, high: int) -> type[pl.Int64] | type[pl.Int128]:
    """The narrower type that holds the bounds; the wider where neither does."""
    return pl.Int64 if fits(low, high, 64) else pl.Int128


def doubtful(term: Term, bits: int = 128) -> bool:
    """Whether the bounds do not prove that every number on the way fits so many bits."""
    return not fits(term.low, term.high, bits) or any(doubtful(part, bits) for part in term.parts)


def rendered(term: Term) -> pl.Expr:
    """The expression; integers come in the type `width` gives for the term's bounds."""
    if term.kind != "integer":
        return _render(term)
    wanted, own = width(term.low, term.high), width_of(term)
    # Where 128 bits are needed on the way only: what does not fit afterwards was doubtful, and is put right later.
    return _render(term) if wanted is own else _render(term).cast(wanted, strict=False)


def width_of(term: Term) -> type[pl.Int64] | type[pl.Int128]:
    """The width an operation is computed in."""
    if term.op in ("column", "literal"):
        return width(term.low, term.high)
    parts = [part for part in term.parts if part.kind == "integer"]
    wide = any(width_of(part) is pl.Int128 for part in parts)
    return pl.Int128 if wide else width(term.low, term.high)


def _render(term: Term) -> pl.Expr:
    if term.op == "column":
        return pl.col(term.name)
    if term.op == "literal":
        return _literal(term.value, _KINDS.get(term.kind) or width(term.low, term.high))
    widths = [width_of(part) for part in term.parts if part.kind == "integer"]
    if term.kind == "integer":
        widths.append(width(term.low, term.high))
    together = pl.Int128 if pl.Int128 in widths else pl.Int64
    parts = [_render(part) if part.kind != "integer" else _as(part, together) for part in term.parts]
    if term.op == "filled":
        return parts[0].fill_null(False if term.kind == "flag" else _literal(0, together))
    if term.op == "choose" and term.kind == "integer" and term.parts[1].known and term.parts[2].known:
        return _one_of_two(parts[0], term.parts[1].low, term.parts[2].low, together)
    return _POLARS[term.op](*parts)


def _one_of_two(condition: pl.Expr, then: int, otherwise: int, kind: type[pl.Int64] | type[pl.Int128]) -> pl.Expr:
    """One number or another: of `when` between two literals Polars may make one row only, and then not compare it."""
    apart = then - otherwise
    if not fits(apart, apart, 64 if kind is pl.Int64 else 128):
        return pl.when(condition).then(_literal(then, kind)).otherwise(_literal(otherwise, kind))
    return condition.fill_null(False).cast(kind) * _literal(apart, kind) + _literal(otherwise, kind)


@lru_cache(maxsize=4096)
def _literal(value: Plain, kind: type[pl.DataType]) -> pl.Expr:
    """A literal, made once: Polars makes a column of one row of it first."""
    return pl.lit(value, dtype=kind)


def _as(part: Term, wanted: type[pl.Int64] | type[pl.Int128]) -> pl.Expr:
    if part.known:
        return _literal(part.value, wanted)
    return _render(part) if width_of(part) is wanted else _render(part).cast(wanted)


_POLARS: Mapping[str, Callable[..., pl.Expr]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "floor_divide": lambda a, b: a // b,
    "least": lambda a, b: pl.when(a <= b).then(a).otherwise(b),
    "greatest": lambda a, b: pl.when(a >= b).then(a).otherwise(b),
    "equal": lambda a, b: a == b,
    "less": lambda a, b: a < b,
    "at_most": lambda a, b: a <= b,
    "and": lambda a, b: a & b,
    "or": lambda a, b: a | b,
    "not": lambda a: ~a,
    "choose": lambda a, b, c: pl.when(a).then(b).otherwise(c),
    "absent": lambda a: a.is_null(),
}


# -- how large the numbers on the way can be -----------------------------------------------------------------------


def magnitude_is_unsafe(term: Term) -> pl.Expr:
    """Whether 128 bits may not hold a number on the way, per row."""
    return ~(magnitude(term) < SAFE)


def magnitude(term: Term) -> pl.Expr:
    """No less than the size of any number on the way, per row, as a double; nothing cancels in it."""
    if term.kind == "text" or (term.op in ("column", "literal") and term.kind == "flag"):
        return pl.lit(0.0)
    if term.op == "column":
        return pl.col(term.name).cast(pl.Float64).abs().fill_null(0.0)
    if term.op == "literal":
        return pl.lit(float(min(abs(term.low), 10**300)))
    sizes = [magnitude(part) for part in term.parts]
    match term.op:
        case "multiply":
            return reduce(lambda a, b: (a + 1.0) * (b + 1.0), sizes)
        case "add" | "subtract":
            return reduce(lambda a, b: a + b, sizes)
        case _:
            return pl.max_horizontal(sizes)


# -- level by level ------------------------------------------------------------------------------------------------


def settled(terms: Mapping[str, Term], settle: Callable[[Sequence[Term]], Sequence[Term]]) -> Mapping[str, Term]:
    """Terms in which no costly part stands twice: such parts are settled into columns first, level by level.

    Args:
        settle: puts terms into columns and gives the terms that read them.
    """
    levels = _levels(terms.values())
    replaced: dict[Term, Term] = {}
    for level in sorted(set(levels.values())):
        shared = [term for term in levels if levels[term] == level]
        columns = settle([_replaced(term, replaced) for term in shared])
        replaced |= dict(zip(shared, columns, strict=True))
    return {name: _replaced(term, replaced) for name, term in terms.items()}


_COSTLY = 4
"""Operations below which a part is cheaper computed twice than stored."""


def _levels(terms: Iterable[Term]) -> dict[Term, int]:
    """Parts read more than once and costly, each with the level at which all shared parts below it are there."""
    readers: dict[Term, int] = {}
    weight: dict[Term, int] = {}
    depth: dict[Term, int] = {}
    shared: dict[Term, int] = {}
    for term in _inner_first(terms, readers):
        below = max((depth[part] for part in term.parts), default=0)
        weight[term] = sum(weight[part] for part in term.parts) + 1 if term.parts else 0
        if readers[term] > 1 and weight[term] >= _COSTLY:
            below += 1
            shared[term] = below
            weight[term] = 1
        depth[term] = below
    return shared


def _inner_first(terms: Iterable[Term], readers: dict[Term, int]) -> list[Term]:
    """Every term once, after its parts; counts on the way how often each is read."""
    order: list[Term] = []

    def visit(term: Term) -> None:
        readers[term] = readers.get(term, 0) + 1
        if readers[term] == 1:
            for part in term.parts:
                visit(part)
            order.append(term)

    for term in terms:
        visit(term)
    return order


def _replaced(term: Term, replaced: Mapping[Term, Term]) -> Term:
    memory = dict(replaced)

    def of(part: Term) -> Term:
        if part not in memory:
            parts = tuple(of(one) for one in part.parts)
            same = all(new is old for new, old in zip(parts, part.parts, strict=True))
            memory[part] = part if same else rebuilt(part, parts)
        return memory[part]

    return of(term) if replaced else term


def as_column(name: str, term: Term) -> Term:
    """The term that reads a column into which another term was put."""
    if term.kind == "integer":
        return column(name, term.low, term.high)
    return flags(name) if term.kind == "flag" else text(name)
