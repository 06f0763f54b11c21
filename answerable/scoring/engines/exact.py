"""The judge's arithmetic: formulas evaluated on rows and on units, exactly, one value at a time.

Inside an aggregate every cell read is present (rows that are not whole were set aside before); outside, a value may be
absent, and the reason travels: missing before suppressed before not applicable before undefined.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Any

from answerable.definition.formula import (
    Aggregate,
    Binary,
    Call,
    ColumnOf,
    Expression,
    Name,
    Negation,
    Number,
    TextLiteral,
)
from answerable.definition.measures import tables_read
from answerable.definition.model import Absent
from answerable.scoring.engines.rows import Row, Value
from answerable.values.table import Absence

__all__ = ["Gone", "Known", "Unit", "of_row", "of_unit", "worst"]


@dataclass(frozen=True)
class Gone:
    """There is no value, and why."""

    reason: Absent


Known = Fraction | bool | str
_STRENGTH: tuple[Absent, ...] = ("undefined", "not_applicable", "suppressed", "missing")
_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "and": lambda left, right: left and right,
    "or": lambda left, right: left or right,
}


def worst(gone: Sequence[Gone]) -> Gone:
    """The reason that prevails among several."""
    return max(gone, key=lambda one: _STRENGTH.index(one.reason))


@dataclass(frozen=True)
class Unit:
    """What a formula may read for one unit: whole rows by table, facts by name, other indicators."""

    rows: Mapping[str, Sequence[Row]]
    facts: Mapping[str, str]
    indicators: Mapping[str, Fraction | Gone]


def of_row(expression: Expression, row: Row) -> Known:
    """Evaluate inside an aggregate, on one whole row."""
    match expression:
        case Number(value):
            return value
        case TextLiteral(words):
            return words
        case ColumnOf(_, column):
            cell: Value = row.cells[column]
            assert not isinstance(cell, Absence), f"{row.key}: {column} is {cell}"
            return cell
        case Call("previous", (operand,)):
            return of_row(operand, Row(row.table, row.unit, row.key, row.before or {}))
        case Call("if", (condition, then, otherwise)):
            return of_row(then if of_row(condition, row) else otherwise, row)
        case Call(function, operands):
            return _function(function, [of_row(operand, row) for operand in operands])
        case Negation(op, of):
            return _negated(op, of_row(of, row))
        case Binary(op, left, right):
            known: Known = _OPERATORS[op](of_row(left, row), of_row(right, row))
            return known
        case _:
            raise TypeError(f"{expression} has no value on a row")


def of_unit(expression: Expression, unit: Unit) -> Known | Gone:
    """Evaluate outside aggregates, for one unit."""
    match expression:
        case Number(value):
            return value
        case TextLiteral(words):
            return words
        case Name(name):
            return unit.indicators[name]
        case ColumnOf(_, column):
            return unit.facts[column]
        case Aggregate():
            return _aggregate(expression, unit)
        case Call("if", (condition, then, otherwise)):
            chosen = of_unit(condition, unit)
            return chosen if isinstance(chosen, Gone) else of_unit(then if chosen else otherwise, unit)
        case Call(function, operands):
            values = [of_unit(operand, unit) for operand in operands]
            return _strict(values, lambda known: _function(function, known))
        case Negation(op, of):
            return _strict([of_unit(of, unit)], lambda known: _negated(op, known[0]))
        case Binary(op, left, right):
            return _strict([of_unit(left, unit), of_unit(right, unit)], lambda known: _binary(op, *known))


def _strict(values: Sequence[Known | Gone], of: Callable[[list[Known]], Known | Gone]) -> Known | Gone:
    gone = [value for value in values if isinstance(value, Gone)]
    return worst(gone) if gone else of([value for value in values if not isinstance(value, Gone)])


def _binary(op: str, left: Known, right: Known) -> Known | Gone:
    if op == "/" and right == 0:
        return Gone("undefined")
    known: Known = _OPERATORS[op](left, right)
    return known


def _negated(op: str, value: Known) -> Known:
    if op == "not":
        return not value
    assert isinstance(value, Fraction)
    return -value


def _function(function: str, values: Sequence[Any]) -> Fraction:
    match function:
        case "least":
            return Fraction(min(values))
        case "greatest":
            return Fraction(max(values))
        case "abs":
            return Fraction(abs(values[0]))
        case "floor":
            return Fraction(floor(values[0]))
        case _:
            raise TypeError(function)


def _aggregate(aggregate: Aggregate, unit: Unit) -> Fraction | Gone:
    rows = [row for row in unit.rows[_table(aggregate)] if aggregate.where is None or of_row(aggregate.where, row)]
    if isinstance(aggregate.of, Name):
        return Fraction(len(rows))
    values = [Fraction(of_row(aggregate.of, row)) for row in rows]
    if aggregate.op == "sum":
        return sum(values, Fraction(0))
    if not values:
        return Gone("undefined")
    match aggregate.op:
        case "mean":
            return sum(values, Fraction(0)) / len(values)
        case "min":
            return min(values)
        case _:
            return max(values)


def _table(aggregate: Aggregate) -> str:
    (table,) = tables_read(aggregate)
    return table
