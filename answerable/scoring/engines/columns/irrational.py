"""Roots, powers, logarithms and exponentials, one row at a time in directed decimal arithmetic.

A number is an exact pair of whole numbers, or two decimals it lies between: each operation is done twice, once rounding
down and once up. Where the ends give different answers the whole formula is done again with twice the digits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any

from answerable.definition.formula import (
    Across,
    Binary,
    Call,
    ColumnOf,
    Expression,
    Name,
    Negation,
    Number,
    TextLiteral,
)
from answerable.definition.measures import exponent_of
from answerable.scoring.engines.columns.quantities import CODES
from answerable.values.number import Rounding

__all__ = ["Absent", "Leaf", "rounded_value"]

MOST_DIGITS = 400
_HUGE = 10**15


@dataclass(frozen=True)
class Absent:
    """There is no value; the code says why."""

    code: int


@dataclass(frozen=True)
class _Between:
    """A number that lies between two decimals, both included."""

    low: Decimal
    high: Decimal


_Real = Fraction | _Between
_Value = _Real | bool | str | Absent
Leaf = Callable[[Name | Across | ColumnOf], Fraction | str | Absent]


class _Unclear(ArithmeticError):
    """The ends differ: more digits."""


def rounded_value(formula: Expression, leaf: Leaf, rounding: Rounding) -> int | Absent:
    """The value of a formula in one row, rounded and times 10**decimals, or why there is none.

    Raises:
        ArithmeticError: where the most digits do not decide it.
    """
    digits = 40
    while digits <= MOST_DIGITS:
        try:
            value = _Reading(leaf, digits).of(formula)
            if isinstance(value, Absent):
                return value
            assert isinstance(value, Fraction | _Between)
            return _one([rounding.scaled(end) for end in _ends(value)])
        except _Unclear:
            digits *= 2
    raise ArithmeticError(f"{MOST_DIGITS} digits do not decide how the value is rounded")


def _ends(value: _Real) -> list[Fraction]:
    return [value, value] if isinstance(value, Fraction) else [Fraction(value.low), Fraction(value.high)]


def _one(answers: Sequence[int]) -> int:
    if answers[0] != answers[1]:
        raise _Unclear
    return answers[0]


class _Reading:
    """A formula read with so many digits."""

    def __init__(self, leaf: Leaf, digits: int) -> None:
        self.leaf = leaf
        self.down = Context(prec=digits, rounding=ROUND_FLOOR, Emax=_HUGE, Emin=-_HUGE)
        self.up = Context(prec=digits, rounding=ROUND_CEILING, Emax=_HUGE, Emin=-_HUGE)

    def of(self, formula: Expression) -> _Value:
        match formula:
            case Number(value):
                return value
            case TextLiteral(words):
                return words
            case Name() | Across() | ColumnOf():
                return self.leaf(formula)
            case Negation(op, of):
                return _strictly([self.of(of)], lambda one: self.negated(op, *one))
            case Binary(op, left, right):
                return _strictly([self.of(left), self.of(right)], lambda both: self.joined(op, *both))
            case Call():
                return self.called(formula)
            case _:
                raise TypeError(f"{formula} has no value here")

    def called(self, call: Call) -> _Value:
        match call.function, call.operands:
            case "if", (condition, then, otherwise):
                chosen = self.of(condition)
                return chosen if isinstance(chosen, Absent) else self.of(then if chosen else otherwise)
            case "known", (operand,):
                return not isinstance(self.of(operand), Absent)
            case "otherwise", (first, instead):
                value = self.of(first)
                return self.of(instead) if isinstance(value, Absent) else value
            case "root" | "power", (base, _):
                return _strictly([self.of(base)], lambda one: self.power(_real(one[0]), exponent_of(call)))
            case _, operands:
                return _strictly(
                    [self.of(operand) for operand in operands], lambda all_: self.plain(call.function, all_)
                )

    def plain(self, function: str, values: Sequence[_Value]) -> _Value:
        reals = [_real(value) for value in values]
        first = reals[0]
        match function:
            case "least" | "greatest":
                return self.end(min if function == "least" else max, reals)
            case "abs":
                return self.size(first)
            case "floor":
                return Fraction(_one([floor(end) for end in _ends(first)]))
            case "ceiling":
                return Fraction(_one([ceil(end) for end in _ends(first)]))
            case "ln":
                return self.ln(first)
            case "exp":
                return self.exp(first)
            case _:
                raise TypeError(function)

    # -- arithmetic ------------------------------------------------------------------------------------------------

    def wide(self, value: _Real) -> _Between:
        if isinstance(value, _Between):
            return value
        over, under = Decimal(value.numerator), Decimal(value.denominator)
        return _Between(self.down.divide(over, under), self.up.divide(over, under))

    def end(self, of: Callable[[Sequence[Any]], Any], values: Sequence[_Real]) -> _Real:
        """The least or the greatest."""
        if all(isinstance(value, Fraction) for value in values):
            return Fraction(of(values))
        wide = [self.wide(value) for value in values]
        return _Between(of([one.low for one in wide]), of([one.high for one in wide]))

    def size(self, value: _Real) -> _Real:
        if isinstance(value, Fraction):
            return abs(value)
        ends = [value.low.copy_abs(), value.high.copy_abs()]
        return _Between(Decimal(0) if value.low < 0 < value.high else min(ends), max(ends))

    def joined(self, op: str, left: _Value, right: _Value) -> _Value:
        if op in ("and", "or"):
            return (left and right) if op == "and" else (left or right)
        if isinstance(left, str | bool) or isinstance(right, str | bool):
            return (left == right) == (op == "==")
        one, other = _real(left), _real(right)
        if op not in ("+", "-", "*", "/"):
            return self.compared(op, one, other)
        if op == "/" and set(_ends(other)) == {0}:
            return Absent(CODES["undefined"])
        if isinstance(one, Fraction) and isinstance(other, Fraction):
            return {"+": one + other, "-": one - other, "*": one * other}[op] if op != "/" else one / other
        return self.between(op, self.wide(one), self.wide(other))

    def between(self, op: str, left: _Between, right: _Between) -> _Between:
        if op == "+":
            return _Between(self.down.add(left.low, right.low), self.up.add(left.high, right.high))
        if op == "-":
            return _Between(self.down.subtract(left.low, right.high), self.up.subtract(left.high, right.low))
        if op == "/" and right.low <= 0 <= right.high:
            raise _Unclear
        pairs = [(a, b) for a in (left.low, left.high) for b in (right.low, right.high)]
        down, up = (self.down.multiply, self.up.multiply) if op == "*" else (self.down.divide, self.up.divide)
        return _Between(min(down(a, b) for a, b in pairs), max(up(a, b) for a, b in pairs))

    def compared(self, op: str, left: _Real, right: _Real) -> bool:
        below, above = _ends(left), _ends(right)
        if below[1] < above[0]:
            return op in ("<", "<=", "!=")
        if below[0] > above[1]:
            return op in (">", ">=", "!=")
        if below[0] == below[1] == above[0] == above[1]:
            return op in ("<=", ">=", "==")
        raise _Unclear

    def negated(self, op: str, value: _Value) -> _Value:
        if op == "not":
            return not value
        real = _real(value)
        return -real if isinstance(real, Fraction) else _Between(-real.high, -real.low)

    # -- what is no fraction ---------------------------------------------------------------------------------------

    def positive(self, value: _Real) -> bool:
        """Whether a number is above 0."""
        return self.compared(">", value, Fraction(0)) if value != 0 else False

    def power(self, base: _Real, exponent: Fraction) -> _Value:
        if not self.positive(base):
            nothing = base == 0 and exponent > 0
            return Fraction(0) if nothing else Absent(CODES["undefined"])
        if isinstance(base, Fraction):
            over, under = (
                _exact_root(base.numerator, exponent.denominator),
                _exact_root(base.denominator, exponent.denominator),
            )
            if over is not None and under is not None:
                return Fraction(over, under) ** exponent.numerator
        logarithm = self.ln(base)
        return self.exp(_real(self.joined("*", logarithm, exponent)))

    def ln(self, value: _Real) -> _Value:
        if not self.positive(value):
            return Absent(CODES["undefined"])
        if value == 1:
            return Fraction(0)
        wide = self.wide(value)
        return self.around(wide.low.ln(self.down), wide.high.ln(self.up))

    def exp(self, value: _Real) -> _Value:
        if value == 0:
            return Fraction(1)
        if self.compared(">", self.size(value), Fraction(1000)):
            return Absent(CODES["undefined"])
        wide = self.wide(value)
        return self.around(wide.low.exp(self.down), wide.high.exp(self.up))

    def around(self, low: Decimal, high: Decimal) -> _Between:
        """One last digit further out: the library rounds these to the nearest, whatever it is told."""
        return _Between(low.next_minus(self.down), high.next_plus(self.up))


def _strictly(values: list[_Value], of: Callable[[list[_Value]], _Value]) -> _Value:
    """Nothing can be said of absent values but the reason that prevails."""
    absent = [value for value in values if isinstance(value, Absent)]
    return max(absent, key=lambda one: one.code) if absent else of(values)


def _real(value: _Value) -> _Real:
    assert isinstance(value, Fraction | _Between)
    return value


def _exact_root(value: int, degree: int) -> int | None:
    """The whole number whose power is exactly `value`, if there is one: halved down to it."""
    low, high = 0, 1 << (value.bit_length() // degree + 1)
    while low <= high:
        middle = (low + high) // 2
        if (reached := middle**degree) == value:
            return middle
        low, high = (middle + 1, high) if reached < value else (low, middle - 1)
    return None
