"""Terms as SQL: the same operations, with the width of each chosen from its bounds as for Polars.

No operation here can overflow, since its bounds are known to fit; an engine that found one would stop, never wrap. Yes
and no that are not known behave alike in SQL and in Polars.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from answerable.scoring.engines.columns.gather import Wanted
from answerable.scoring.engines.columns.operations import Term
from answerable.scoring.engines.columns.rendering import fits, width_of
from answerable.scoring.engines.sql.dialect import Dialect

__all__ = ["aggregate", "divides_wide", "in_sql"]


def in_sql(term: Term, dialect: Dialect) -> str:
    """The expression, in parentheses where it is not one word."""
    if term.op == "column":
        return dialect.name(term.name)
    if term.op == "literal":
        return _literal(term, dialect)
    parts = [in_sql(part, dialect) for part in term.parts]
    if (_is_wide(term) or _overruns(term)) and any(part.kind == "integer" for part in term.parts):
        # One wide operand makes the operation wide; a number on its own would be computed in its own width.
        parts = [_wide(part, said, dialect) for part, said in zip(term.parts, parts, strict=True)]
    if term.op == "filled":
        return f"COALESCE({parts[0]}, {'FALSE' if term.kind == 'flag' else 'CAST(0 AS BIGINT)'})"
    if term.op == "floor_divide":
        return _floored(parts[0], parts[1], dialect)
    return _SQL[term.op](*parts)


def _literal(term: Term, dialect: Dialect) -> str:
    if term.kind == "text":
        return dialect.words(str(term.value))
    if term.kind == "flag":
        return "TRUE" if term.value else "FALSE"
    # A bare number would be of 32 bits.
    return f"CAST({term.low} AS {dialect.wide if _is_wide(term) else 'BIGINT'})"


def _is_wide(term: Term) -> bool:
    return term.kind == "integer" and width_of(term) is pl.Int128


def _wide(term: Term, said: str, dialect: Dialect) -> str:
    return f"CAST({said} AS {dialect.wide})" if term.kind == "integer" and not _is_wide(term) else said


def _floored(left: str, right: str, dialect: Dialect) -> str:
    """The greatest whole number not above: what is left over is taken off first, so that no engine has to round."""
    divisor = f"NULLIF({right}, 0)"
    over = f"((({left} % {divisor}) + {divisor}) % {divisor})"
    return f"(({left} - {over}) {dialect.divide} {divisor})"


_SQL: Mapping[str, Callable[..., str]] = {
    "add": lambda a, b: f"({a} + {b})",
    "subtract": lambda a, b: f"({a} - {b})",
    "multiply": lambda a, b: f"({a} * {b})",
    "least": lambda a, b: f"CASE WHEN {a} <= {b} THEN {a} ELSE {b} END",
    "greatest": lambda a, b: f"CASE WHEN {a} >= {b} THEN {a} ELSE {b} END",
    "equal": lambda a, b: f"({a} = {b})",
    "less": lambda a, b: f"({a} < {b})",
    "at_most": lambda a, b: f"({a} <= {b})",
    "and": lambda a, b: f"({a} AND {b})",
    "or": lambda a, b: f"({a} OR {b})",
    "not": lambda a: f"(NOT {a})",
    "choose": lambda a, b, c: f"CASE WHEN {a} THEN {b} ELSE {c} END",
    "absent": lambda a: f"({a} IS NULL)",
}


def divides_wide(term: Term) -> bool:
    """Whether numbers of more than 64 bits are divided on the way."""
    return _overruns(term) or any(map(divides_wide, term.parts))


def _overruns(term: Term) -> bool:
    """Whether a division needs more than 64 bits, since what is left over is taken off first."""
    if term.op != "floor_divide":
        return False
    left, right = term.parts
    return not fits(left.low - right.high, max(left.high, 2 * right.high), 64)


def aggregate(one: Wanted, mask: Term, value: Term | None, height: int, dialect: Dialect) -> str:
    """A figure over so many rows: a 64-bit number where it fits, else the digits as text."""
    of = "CAST(1 AS BIGINT)" if value is None else in_sql(value, dialect)
    narrow = fits(*one.ends(height), 64)
    if not narrow:
        of = f"CAST({of} AS {dialect.wide})"
    if not mask.known:
        of = f"CASE WHEN {in_sql(mask, dialect)} THEN {of} END"
    return f"CAST({one.how.upper()}({of}) AS {'BIGINT' if narrow else dialect.text})"
