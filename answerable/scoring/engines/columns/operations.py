"""The closed list of operations of the engine of columns: whole numbers, yes/no and text, one value per row.

A `Term` is an operation on terms, known with the least and the greatest value it can have. There are no fractions and
no floats here: an exact number is a pair of whole ones (see `quantities`). Each operation has one written meaning and
two readers: `rendering` turns terms into Polars expressions, `plainly` computes them in Python's unbounded integers,
for the few rows that do not fit. Terms fold as they are built: what is known beforehand is never computed per row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

__all__ = [
    "FALSE",
    "TRUE",
    "Kind",
    "Operation",
    "Plain",
    "Term",
    "absent",
    "add",
    "at_most",
    "both",
    "choose",
    "column",
    "either",
    "equal",
    "factor_of",
    "filled",
    "flag",
    "flags",
    "floor_divide",
    "greatest",
    "least",
    "leaves",
    "less",
    "multiply",
    "negation",
    "never_below",
    "number",
    "plainly",
    "rebuilt",
    "subtract",
    "text",
    "words",
]

Kind = Literal["integer", "flag", "text"]
Operation = Literal[
    "column",
    "literal",
    "add",
    "subtract",
    "multiply",
    "floor_divide",
    "least",
    "greatest",
    "equal",
    "less",
    "at_most",
    "and",
    "or",
    "not",
    "choose",
    "absent",
    "filled",
]
Plain = int | bool | str | None


@dataclass(frozen=True, eq=False)
class Term:
    """One operation. `low` and `high` bound integers; `value` is a literal's value or a column's name."""

    op: Operation
    kind: Kind
    parts: tuple[Term, ...] = ()
    value: Plain = None
    low: int = 0
    high: int = 0

    @property
    def known(self) -> bool:
        """Whether the value is the same in every row."""
        return self.op == "literal"

    @property
    def name(self) -> str:
        """The column read."""
        assert self.op == "column"
        return str(self.value)


def number(value: int) -> Term:
    """A whole number, the same in every row."""
    return Term("literal", "integer", (), value, value, value)


def flag(value: bool) -> Term:
    """Yes or no, the same in every row."""
    return Term("literal", "flag", (), value)


def words(value: str) -> Term:
    """A text, the same in every row."""
    return Term("literal", "text", (), value)


TRUE = flag(True)
FALSE = flag(False)


def column(name: str, low: int, high: int) -> Term:
    """A column of whole numbers between two bounds; one of a single value is that value."""
    return number(low) if low == high else Term("column", "integer", (), name, low, high)


def flags(name: str) -> Term:
    """A column of yes and no."""
    return Term("column", "flag", (), name)


def text(name: str) -> Term:
    """A column of text."""
    return Term("column", "text", (), name)


def _literal(value: Plain) -> Term:
    if isinstance(value, bool):
        return TRUE if value else FALSE
    return number(value) if isinstance(value, int) else words(str(value))


def _made(op: Operation, kind: Kind, parts: tuple[Term, ...], low: int = 0, high: int = 0) -> Term:
    term = Term(op, kind, parts, None, low, high)
    if all(part.known for part in parts):
        return _literal(plainly(term, {}))
    return number(low) if kind == "integer" and low == high else term


def add(left: Term, right: Term) -> Term:
    """Left + right."""
    if left.known and left.value == 0:
        return right
    if right.known and right.value == 0:
        return left
    return _made("add", "integer", (left, right), left.low + right.low, left.high + right.high)


def subtract(left: Term, right: Term) -> Term:
    """Left - right."""
    if right.known and right.value == 0:
        return left
    return _made("subtract", "integer", (left, right), left.low - right.high, left.high - right.low)


def multiply(left: Term, right: Term) -> Term:
    """Left * right; a literal factor stands on the right, and only once."""
    if left.known:
        left, right = right, left
    if right.known:
        if right.value == 1:
            return left
        if left.op == "multiply" and left.parts[1].known:
            return multiply(left.parts[0], number(left.parts[1].low * right.low))
    ends = [a * b for a in (left.low, left.high) for b in (right.low, right.high)]
    return _made("multiply", "integer", (left, right), min(ends), max(ends))


def factor_of(term: Term) -> tuple[Term, int]:
    """A term as another term times a literal factor above zero."""
    if term.known:
        return (number(1), term.low) if term.low > 0 else (term, 1)
    if term.op == "multiply" and term.parts[1].known and term.parts[1].low > 0:
        return term.parts[0], term.parts[1].low
    return term, 1


def floor_divide(left: Term, right: Term) -> Term:
    """The greatest whole number not above left / right; right is above zero."""
    if right.known and right.value == 1:
        return left
    divisor = max(right.low, 1), max(right.high, 1)
    ends = [a // b for a in (left.low, left.high) for b in divisor]
    return _made("floor_divide", "integer", (left, right), min(ends), max(ends))


def least(left: Term, right: Term) -> Term:
    """The smaller."""
    if left.high <= right.low:
        return left
    if right.high <= left.low:
        return right
    return _made("least", "integer", (left, right), min(left.low, right.low), min(left.high, right.high))


def greatest(left: Term, right: Term) -> Term:
    """The greater."""
    if left.low >= right.high:
        return left
    if right.low >= left.high:
        return right
    return _made("greatest", "integer", (left, right), max(left.low, right.low), max(left.high, right.high))


def less(left: Term, right: Term) -> Term:
    """Left < right, of integers."""
    if left.high < right.low:
        return TRUE
    if left.low >= right.high:
        return FALSE
    return _made("less", "flag", (left, right))


def at_most(left: Term, right: Term) -> Term:
    """Left <= right, of integers."""
    if left.high <= right.low:
        return TRUE
    if left.low > right.high:
        return FALSE
    return _made("at_most", "flag", (left, right))


def equal(left: Term, right: Term) -> Term:
    """Left == right, of one kind."""
    if left.kind == "integer" and (left.high < right.low or right.high < left.low):
        return FALSE
    return _made("equal", "flag", (left, right))


def both(left: Term, right: Term) -> Term:
    """Left and right."""
    for one, other in ((left, right), (right, left)):
        if one.known:
            return other if one.value else FALSE
    return _made("and", "flag", (left, right))


def either(left: Term, right: Term) -> Term:
    """Left or right."""
    for one, other in ((left, right), (right, left)):
        if one.known:
            return TRUE if one.value else other
    return _made("or", "flag", (left, right))


def negation(of: Term) -> Term:
    """Yes for no and no for yes."""
    return of.parts[0] if of.op == "not" else _made("not", "flag", (of,))


def choose(condition: Term, then: Term, otherwise: Term) -> Term:
    """`then` where the condition holds, else `otherwise`."""
    if condition.known:
        return then if condition.value else otherwise
    if then is otherwise or (then.known and otherwise.known and then.value == otherwise.value):
        return then
    low, high = min(then.low, otherwise.low), max(then.high, otherwise.high)
    return Term("choose", then.kind, (condition, then, otherwise), None, low, high)


def absent(of: Term) -> Term:
    """Whether the column has no value in this row."""
    return FALSE if of.known else Term("absent", "flag", (of,))


def filled(of: Term) -> Term:
    """The column, with 0 or no where it has no value."""
    if of.known:
        return of
    return Term("filled", of.kind, (of,), None, min(of.low, 0), max(of.high, 0))


def never_below(low: int, of: Term) -> Term:
    """The same term, known from outside to be no less than `low`."""
    return of if of.low >= low else replace(of, low=low, high=max(low, of.high))


def leaves(term: Term) -> Iterator[Term]:
    """Every column a term reads, repeats included."""
    if term.op == "column":
        yield term
    for part in term.parts:
        yield from leaves(part)


# -- the second reader ---------------------------------------------------------------------------------------------

_PLAINLY: Mapping[str, Callable[..., Plain]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "floor_divide": lambda a, b: a // b,
    "least": min,
    "greatest": max,
    "equal": lambda a, b: a == b,
    "less": lambda a, b: a < b,
    "at_most": lambda a, b: a <= b,
    "or": lambda a, b: a or b,
    "not": lambda a: not a,
}


def plainly(term: Term, row: Mapping[str, Plain]) -> Plain:
    """A term's value in one row, in Python's own integers, which have no bounds."""
    match term.op:
        case "literal":
            return term.value
        case "column":
            return row[term.name]
        case "and":
            return all(plainly(part, row) for part in term.parts)
        case "choose":
            condition, then, otherwise = term.parts
            return plainly(then if plainly(condition, row) else otherwise, row)
        case "absent":
            return plainly(term.parts[0], row) is None
        case "filled":
            value = plainly(term.parts[0], row)
            return value if value is not None else (0 if term.kind == "integer" else False)
        case _:
            return _PLAINLY[term.op](*(plainly(part, row) for part in term.parts))


# -- the same operation on other terms -----------------------------------------------------------------------------

_REBUILD: Mapping[str, Callable[..., Term]] = {
    "add": add,
    "subtract": subtract,
    "multiply": multiply,
    "floor_divide": floor_divide,
    "least": least,
    "greatest": greatest,
    "equal": equal,
    "less": less,
    "at_most": at_most,
    "and": both,
    "or": either,
    "not": negation,
    "choose": choose,
    "absent": absent,
    "filled": filled,
}


def rebuilt(term: Term, parts: tuple[Term, ...]) -> Term:
    """The operation of a term on other parts, folded again; what was known of its bounds stays known."""
    if not parts:
        return term
    made = _REBUILD[term.op](*parts)
    if made.kind != "integer" or made.op in ("column", "literal"):
        return made
    return replace(made, low=max(made.low, term.low), high=min(made.high, term.high))
