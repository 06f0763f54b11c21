"""The judge's arithmetic: formulas evaluated on rows and on units, exactly, one value at a time.

Inside an aggregate every cell read is present (rows that are not whole were set aside before); outside, a value may be
absent, and the reason travels: missing before suppressed before not applicable before undefined. A value that need not
be a fraction is a span with `digits` decimals; a question to which its ends give different answers is Undecided.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any, Literal

from answerable.definition.formula import (
    IRRATIONAL,
    Across,
    Aggregate,
    Binary,
    Call,
    ColumnOf,
    Expression,
    Name,
    Negation,
    Number,
    TextLiteral,
    months_back,
)
from answerable.definition.measures import exponent_of, tables_read
from answerable.definition.model import Absent
from answerable.scoring.engines.bounds import Exact, Span, Undecided, exp, ln, power, span_of
from answerable.scoring.engines.rows import Row, Value
from answerable.values.table import Absence

__all__ = [
    "DIGITS",
    "EACH",
    "Gone",
    "Known",
    "Unit",
    "compare",
    "of_each",
    "of_group",
    "of_row",
    "of_unit",
    "seated",
    "worst",
]

EACH = frozenset({"rank", "apportion"})
"""Questions across units whose answer is another for each of them."""

DIGITS = 30
"""Decimals of a span before anybody asks for more."""


@dataclass(frozen=True)
class Gone:
    """There is no value, and why."""

    reason: Absent


Known = Fraction | Span | bool | str
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
    """What a formula may read for one unit: whole rows by table, facts, other indicators, what its group gives."""

    rows: Mapping[str, Sequence[Row]]
    facts: Mapping[tuple[str, str], Fraction | str | Gone]
    indicators: Mapping[str, Fraction | Gone]
    across: Callable[[Across], Fraction | Gone] = lambda across: Gone("undefined")
    digits: int = DIGITS


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
        case Call("previous", (operand, *_)):
            return of_row(operand, Row(row.table, row.unit, row.key, row.before[months_back(expression)]))
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
        case ColumnOf(table, column):
            return unit.facts[table, column]
        case Aggregate():
            return _aggregate(expression, unit)
        case Across():
            return unit.across(expression)
        case Call("if", (condition, then, otherwise)):
            chosen = of_unit(condition, unit)
            return chosen if isinstance(chosen, Gone) else of_unit(then if chosen else otherwise, unit)
        case Call("known", (operand,)):
            return not isinstance(of_unit(operand, unit), Gone)
        case Call("otherwise", (first, instead)):
            found = of_unit(first, unit)
            return of_unit(instead, unit) if isinstance(found, Gone) else found
        case Call(function, operands) if function in IRRATIONAL:
            return _strict([of_unit(operands[0], unit)], lambda known: _irrational(expression, known[0], unit.digits))
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
    if isinstance(left, Span) or isinstance(right, Span):
        assert isinstance(left, Exact) and isinstance(right, Exact)
        return _of_spans(op, span_of(left), span_of(right))
    if op == "/" and right == 0:
        return Gone("undefined")
    known: Known = _OPERATORS[op](left, right)
    return known


def compare(op: str, threshold: Fraction, value: Fraction) -> bool:
    """Whether a value meets a threshold."""
    return bool(_OPERATORS[op](value, threshold))


def _of_spans(op: str, left: Span, right: Span) -> Known | Gone:
    """Between the least and the greatest any two numbers of the spans can give."""
    if op == "/" and right.low <= 0 <= right.high:
        if right.low == right.high:
            return Gone("undefined")
        raise Undecided
    ends = [_OPERATORS[op](one, other) for one in (left.low, left.high) for other in (right.low, right.high)]
    if op in ("+", "-", "*", "/"):
        return Span(min(ends), max(ends))
    apart = left.high < right.low or right.high < left.low
    if op in ("==", "!=") and not apart and left != right:
        raise Undecided
    return bool(_same(ends) if op not in ("==", "!=") else ends[0])


def _same(answers: Sequence[Any]) -> Any:
    """The answer all ends give."""
    if any(answer != answers[0] for answer in answers):
        raise Undecided
    return answers[0]


def _negated(op: str, value: Known) -> Known:
    if op == "not":
        return not value
    if isinstance(value, Span):
        return Span(-value.high, -value.low)
    assert isinstance(value, Fraction)
    return -value


def _function(function: str, values: Sequence[Any]) -> Fraction | Span:
    if any(isinstance(value, Span) for value in values):
        return _function_of_spans(function, [span_of(value) for value in values])
    match function:
        case "least":
            return Fraction(min(values))
        case "greatest":
            return Fraction(max(values))
        case "abs":
            return Fraction(abs(values[0]))
        case "floor":
            return Fraction(floor(values[0]))
        case "ceiling":
            return Fraction(ceil(values[0]))
        case _:
            raise TypeError(function)


def _function_of_spans(function: str, spans: Sequence[Span]) -> Fraction | Span:
    first = spans[0]
    match function:
        case "least":
            return Span(min(one.low for one in spans), min(one.high for one in spans))
        case "greatest":
            return Span(max(one.low for one in spans), max(one.high for one in spans))
        case "abs":
            ends = [abs(first.low), abs(first.high)]
            return Span(Fraction(0) if first.low < 0 < first.high else min(ends), max(ends))
        case "floor":
            return Fraction(_same([floor(first.low), floor(first.high)]))
        case "ceiling":
            return Fraction(_same([ceil(first.low), ceil(first.high)]))
        case _:
            raise TypeError(function)


def _irrational(call: Call, value: Known, digits: int) -> Exact | Gone:
    assert isinstance(value, Exact)
    match call.function:
        case "ln":
            found = ln(value, digits)
        case "exp":
            found = exp(value, digits)
        case _:
            found = power(value, exponent_of(call), digits)
    return Gone("undefined") if found is None else found


def _aggregate(aggregate: Aggregate, unit: Unit) -> Fraction | Gone:
    rows = [row for row in unit.rows[_table(aggregate)] if aggregate.where is None or of_row(aggregate.where, row)]
    if isinstance(aggregate.of, Name):
        return Fraction(len(rows))
    values = [_fraction(of_row(aggregate.of, row)) for row in rows]
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


def _fraction(value: Known) -> Fraction:
    assert isinstance(value, Fraction | bool)
    return Fraction(value)


def of_group(asked: Across, values: Mapping[str, Fraction]) -> Fraction | Gone:
    """What the values of a group of units give; nothing but a count or a sum is known of none."""
    op = asked.op
    ordered = sorted(values.values())
    if op in ("count", "sum"):
        return Fraction(len(ordered)) if op == "count" else sum(ordered, Fraction(0))
    if not ordered:
        return Gone("undefined")
    mean, middle = sum(ordered, Fraction(0)) / len(ordered), len(ordered) // 2
    match op:
        case "mean":
            return mean
        case "min":
            return ordered[0]
        case "max":
            return ordered[-1]
        case "median":
            return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
        case "variance":
            return sum(((value - mean) ** 2 for value in ordered), Fraction(0)) / len(ordered)
        case _:
            assert op == "percentile" and asked.by is not None
            return _percentile(ordered, asked.by)


def of_each(asked: Across, values: Mapping[str, Fraction]) -> Mapping[str, Fraction] | Gone:
    """What each unit of a group has for itself: its place, or its share of a whole."""
    if asked.op == "rank":
        return {unit: Fraction(1 + sum(other > value for other in values.values())) for unit, value in values.items()}
    assert asked.op == "apportion" and asked.by is not None
    return _apportioned(asked.by, values)


def _percentile(ordered: Sequence[Fraction], share: Fraction) -> Fraction:
    """On the straight line between the two values a share of the way from the first to the last lies between."""
    place = share * (len(ordered) - 1)
    below = floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _apportioned(whole: Fraction, values: Mapping[str, Fraction]) -> Mapping[str, Fraction] | Gone:
    """Whole parts in proportion that add up: what is left goes, one each, to the largest remainders.

    Of equal remainders the greater value comes first, then the unit whose code comes first.
    """
    together = sum(values.values(), Fraction(0))
    if together <= 0 or min(values.values()) < 0:
        return Gone("undefined")
    exact = {unit: whole * value / together for unit, value in values.items()}
    parts = {unit: floor(share) for unit, share in exact.items()}
    order = sorted(values, key=lambda unit: (parts[unit] - exact[unit], -values[unit], unit))
    left = int(whole) - sum(parts.values())
    return {unit: Fraction(parts[unit] + (unit in order[:left])) for unit in values}


def seated(totals: Sequence[Fraction], seats: int, ties: Literal["in", "out"]) -> Fraction | None:
    """The least total that keeps a seat; None where no total does."""
    if len(totals) <= seats:
        return totals[-1] if totals else None
    if not seats:
        return None
    last = totals[seats - 1]
    if ties == "in" or totals[seats] < last:
        return last
    better = [total for total in totals if total > last]
    return better[-1] if better else None


def _table(aggregate: Aggregate) -> str:
    (table,) = tables_read(aggregate)
    return table
