"""The formula language: a small total grammar, no loops, no randomness, no clock. This is its tree.

A formula has three grains. Inside an aggregate (`sum(...)`, `count(... where ...)`) names are columns and there is one
value per row of a table; outside there is one value per unit; `within` looks across the units of a group at the rounded
values of one indicator. Text becomes a tree in `syntax.py`, shorthands are written out in `shorthand.py`, names and
measures are checked in `measures.py`, meaning is given by the engines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal, NamedTuple, get_args

from answerable.values.number import text_of

__all__ = [
    "ACROSS",
    "AGGREGATES",
    "BY",
    "FUNCTIONS",
    "GROUPS",
    "IRRATIONAL",
    "MOST_MONTHS",
    "OF_UNIT",
    "Across",
    "AcrossOp",
    "Aggregate",
    "Arity",
    "Binary",
    "Call",
    "ColumnOf",
    "Expression",
    "Group",
    "Name",
    "Negation",
    "Number",
    "TextLiteral",
    "children",
    "mapped",
    "months_back",
    "show",
    "walk",
]

BinaryOp = Literal["+", "-", "*", "/", "==", "!=", "<", "<=", ">", ">=", "and", "or"]
AggregateOp = Literal["sum", "count", "mean", "min", "max"]
AcrossOp = Literal[
    "sum",
    "count",
    "mean",
    "min",
    "max",
    "median",
    "variance",
    "rank",
    "percentile",
    "apportion",
    "min_max",
    "z_score",
    "percent_rank",
    "borda",
    "winsorised",
]
Group = str
"""One of `GROUPS`, or a kind of unit: then the units below the same unit of that kind, at whatever level."""
FunctionName = Literal[
    "least",
    "greatest",
    "if",
    "previous",
    "abs",
    "floor",
    "ceiling",
    "known",
    "otherwise",
    "goalposts",
    "root",
    "power",
    "ln",
    "exp",
    "trailing",
    "trimmed",
    "weighted_mean",
    "known_mean",
    "geometric_mean",
    "harmonic_mean",
    "power_mean",
]

ACROSS: tuple[AcrossOp, ...] = get_args(AcrossOp)
"""What can be asked across units: `variance` is that of the whole group, `rank` 1 the greatest value, ties sharing."""
BY: Mapping[AcrossOp, str] = {
    "percentile": "a share from 0% to 100%",
    "winsorised": "a share from 0% to 50%",
    "apportion": "a whole number to share out",
}
"""Questions across units that take a number, and which."""
GROUPS = ("kind", "peer_group", "parent")
"""Assessed units of one kind: all of them, those of one peer group, those directly below one unit."""
AGGREGATES: tuple[AggregateOp, ...] = ("sum", "count", "mean", "min", "max")
OF_UNIT = frozenset({"unit", "target", "earlier"})
"""What has one value per unit and is written like a column: facts of the unit, its targets, last year's indicators."""


class Arity(NamedTuple):
    """How many operands a function takes; `pairs`: the last ones come in twos. `number`: one that is a whole number."""

    fewest: int
    most: int
    pairs: bool = False
    number: int | None = None
    least: int = 1


FUNCTIONS: Mapping[FunctionName, Arity] = {
    "least": Arity(2, 9),
    "greatest": Arity(2, 9),
    "if": Arity(3, 3),
    "previous": Arity(1, 2, number=1),
    "abs": Arity(1, 1),
    "floor": Arity(1, 1),
    "ceiling": Arity(1, 1),
    "known": Arity(1, 1),
    "otherwise": Arity(2, 2),
    "goalposts": Arity(3, 3),
    "root": Arity(2, 2),
    "power": Arity(2, 2),
    "ln": Arity(1, 1),
    "exp": Arity(1, 1),
    "trailing": Arity(2, 2, number=1, least=2),
    "trimmed": Arity(2, 2, number=1, least=2),
    "weighted_mean": Arity(2, 40, pairs=True),
    "known_mean": Arity(3, 41, pairs=True, number=0),
    "geometric_mean": Arity(2, 40, pairs=True),
    "harmonic_mean": Arity(2, 40, pairs=True),
    "power_mean": Arity(3, 41, pairs=True),
}
"""Functions with the operands each takes."""
MOST_MONTHS = 24
"""How far back a formula may look."""
IRRATIONAL: frozenset[FunctionName] = frozenset({"root", "power", "ln", "exp"})
"""Functions whose value need not be a fraction: an indicator that uses one *is* its rounded value."""


@dataclass(frozen=True)
class Number:
    """An exact literal; `90%` is 9/10."""

    value: Fraction


@dataclass(frozen=True)
class TextLiteral:
    """A word in quotes, to compare a text column with."""

    value: str


@dataclass(frozen=True)
class Name:
    """Outside an aggregate: the value of another indicator."""

    name: str


@dataclass(frozen=True)
class ColumnOf:
    """A column of a table, one value per row; of the table `unit`, one value per unit."""

    table: str
    column: str


@dataclass(frozen=True)
class Aggregate:
    """One value per unit from the rows of a table; `of` is a table's name for `count`, else a row expression."""

    op: AggregateOp
    of: Expression
    where: Expression | None


@dataclass(frozen=True)
class Across:
    """One value per unit from the rounded values of an indicator over the units of its group that have one."""

    op: AcrossOp
    of: Name
    within: Group
    by: Fraction | None = None


@dataclass(frozen=True)
class Binary:
    """Two operands joined by an operator."""

    op: BinaryOp
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Negation:
    """`-x` or `not x`."""

    op: Literal["-", "not"]
    of: Expression


@dataclass(frozen=True)
class Call:
    """A function of one grain."""

    function: FunctionName
    operands: tuple[Expression, ...]


Expression = Number | TextLiteral | Name | ColumnOf | Aggregate | Across | Binary | Negation | Call


def months_back(call: Call) -> int:
    """How many months before the row `previous(x)` or `previous(x, n)` looks."""
    number = call.operands[1] if len(call.operands) > 1 else None
    return int(number.value) if isinstance(number, Number) else 1


def children(expression: Expression) -> tuple[Expression, ...]:
    """The direct parts of an expression, left to right."""
    match expression:
        case Aggregate(_, of, where):
            return (of,) if where is None else (of, where)
        case Across(_, of):
            return (of,)
        case Binary(_, left, right):
            return (left, right)
        case Negation(_, of):
            return (of,)
        case Call(_, operands):
            return operands
        case _:
            return ()


def mapped(expression: Expression, change: Callable[[Expression], Expression | None]) -> Expression:
    """The expression with every part that `change` gives another for replaced by it, outermost first."""
    if (other := change(expression)) is not None:
        return other
    match expression:
        case Aggregate(_, of, where):
            return replace(expression, of=mapped(of, change), where=where and mapped(where, change))
        case Binary(_, left, right):
            return replace(expression, left=mapped(left, change), right=mapped(right, change))
        case Negation(_, of):
            return replace(expression, of=mapped(of, change))
        case Call(_, operands):
            return replace(expression, operands=tuple(mapped(operand, change) for operand in operands))
        case _:
            return expression


def walk(expression: Expression) -> Iterator[Expression]:
    """The expression and all its parts, outermost first."""
    yield expression
    for part in children(expression):
        yield from walk(part)


_BINDING = {"or": 1, "and": 2, "+": 5, "-": 5, "*": 6, "/": 6}


Leaf = Callable[[Expression], str | None]


def show(expression: Expression, leaf: Leaf = lambda _: None) -> str:
    """The formula as text, with only the parentheses it needs; `parse` reads it back to the same tree.

    Args:
        leaf: gives the text of a part to be shown in another way (its value, say), or None to show it as it is.
    """
    if (text := leaf(expression)) is not None:
        return text
    match expression:
        case Number(value):
            shown = text_of(value)
            return f"({shown})" if "/" in shown else shown
        case TextLiteral(value):
            return f'"{value}"'
        case Name(name):
            return name
        case ColumnOf(table, column):
            return f"{table}.{column}"
        case Aggregate(op, of, where):
            tail = "" if where is None else f" where {show(where, leaf)}"
            return f"{op}({show(of, leaf)}{tail})"
        case Across(op, of, within, by):
            tail = "" if by is None else f", {text_of(by, 60)}"
            return f"{op}({of.name} within {within}{tail})"
        case Call(function, operands):
            return f"{function}({', '.join(show(operand, leaf) for operand in operands)})"
        case Negation(op, of):
            word = "-" if op == "-" else "not "
            return word + _inside(of, 7 if op == "-" else 3, leaf)
        case Binary(op, left, right):
            own = _BINDING.get(op, 4)
            return f"{_inside(left, own + (own == 4), leaf)} {op} {_inside(right, own + 1, leaf)}"


def _inside(expression: Expression, least: int, leaf: Leaf) -> str:
    own = 9
    if isinstance(expression, Binary):
        own = _BINDING.get(expression.op, 4)
    elif isinstance(expression, Negation):
        own = 7 if expression.op == "-" else 3
    return f"({show(expression, leaf)})" if own < least else show(expression, leaf)
