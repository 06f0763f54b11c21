"""Exact numbers as pairs of whole numbers, and formulas written out in them.

A quantity is num / den with den above zero, and a code that says why there is none: 0 known, 1 undefined, 2 not
applicable, 3 suppressed, 4 missing. The greater code prevails, so the code of an operation is the greatest of its
operands'. Comparing multiplies crosswise; rounding is whole-number arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce

from answerable.definition.formula import Binary, Call, Expression, Negation, Number, TextLiteral
from answerable.definition.model import Absent
from answerable.scoring.engines.columns.operations import (
    Term,
    add,
    at_most,
    both,
    choose,
    either,
    equal,
    factor_of,
    floor_divide,
    greatest,
    less,
    multiply,
    negation,
    never_below,
    number,
    subtract,
    words,
)
from answerable.values.number import Rounding

__all__ = [
    "CODES",
    "KNOWN",
    "Leaf",
    "Quantity",
    "Truth",
    "Value",
    "Words",
    "chosen",
    "compared",
    "divided",
    "exactly",
    "larger",
    "lower",
    "minus",
    "plus",
    "reaches",
    "rounded",
    "smaller",
    "times",
]

CODES: Mapping[Absent, int] = {"undefined": 1, "not_applicable": 2, "suppressed": 3, "missing": 4}
KNOWN = number(0)
ONE = number(1)


@dataclass(frozen=True)
class Quantity:
    """num / den, den above zero; where `gone` is not 0 there is no value and the pair means nothing."""

    num: Term
    den: Term = ONE
    gone: Term = KNOWN


@dataclass(frozen=True)
class Truth:
    """Yes or no, or a code why neither."""

    holds: Term
    gone: Term = KNOWN


@dataclass(frozen=True)
class Words:
    """Text, or a code why none."""

    text: Term
    gone: Term = KNOWN


Value = Quantity | Truth | Words
Leaf = Callable[[Expression], "Value | None"]


def exactly(value: Fraction) -> Quantity:
    """A number known beforehand."""
    return Quantity(number(value.numerator), number(value.denominator))


def _reduced(num: Term, den: Term, gone: Term) -> Quantity:
    """Literal factors shared by both are taken out, so that numbers stay small."""
    (upper, above), (under, below) = factor_of(num), factor_of(den)
    shared = math.gcd(above, below)
    return Quantity(multiply(upper, number(above // shared)), multiply(under, number(below // shared)), gone)


def _level(left: Quantity, right: Quantity) -> tuple[Term, Term, Term]:
    """Both numerators over one denominator."""
    if left.den is right.den:
        return left.num, right.num, left.den
    (under_left, below_left), (under_right, below_right) = factor_of(left.den), factor_of(right.den)
    both_below = math.lcm(below_left, below_right)
    to_left, to_right = number(both_below // below_left), number(both_below // below_right)
    if under_left is under_right or (under_left.known and under_right.known):
        den = multiply(under_left, number(both_below))
        return multiply(left.num, to_left), multiply(right.num, to_right), den
    den = multiply(multiply(under_left, under_right), number(both_below))
    return (
        multiply(multiply(left.num, under_right), to_left),
        multiply(multiply(right.num, under_left), to_right),
        den,
    )


def _worse(left: Value, right: Value) -> Term:
    return greatest(left.gone, right.gone)


def plus(left: Quantity, right: Quantity) -> Quantity:
    """Left + right."""
    one, other, den = _level(left, right)
    return Quantity(add(one, other), den, _worse(left, right))


def minus(left: Quantity, right: Quantity) -> Quantity:
    """Left - right."""
    one, other, den = _level(left, right)
    return Quantity(subtract(one, other), den, _worse(left, right))


def times(left: Quantity, right: Quantity) -> Quantity:
    """Left * right."""
    return _reduced(multiply(left.num, right.num), multiply(left.den, right.den), _worse(left, right))


def divided(left: Quantity, right: Quantity) -> Quantity:
    """Left / right; undefined where right is 0."""
    nothing, below_zero = equal(right.num, number(0)), less(right.num, number(0))
    flipped = choose(below_zero, subtract(number(0), right.den), right.den)
    size = choose(nothing, number(1), choose(below_zero, subtract(number(0), right.num), right.num))
    size = never_below(1, size)
    gone = greatest(_worse(left, right), choose(nothing, number(CODES["undefined"]), number(0)))
    return _reduced(multiply(left.num, flipped), multiply(left.den, size), gone)


def smaller(left: Quantity, right: Quantity) -> Quantity:
    """The smaller of two."""
    return chosen(reaches(right, left), left, right)


def larger(left: Quantity, right: Quantity) -> Quantity:
    """The greater of two."""
    return chosen(reaches(left, right), left, right)


def chosen(first: Term, left: Quantity, right: Quantity) -> Quantity:
    """`left` where `first` holds, else `right`; there is one only where both are known."""
    gone = _worse(left, right)
    if first.known:
        taken = left if first.value else right
        return Quantity(taken.num, taken.den, gone)
    if left.den.known and right.den.known:
        one, other, den = _level(left, right)
        return Quantity(choose(first, one, other), den, gone)
    return Quantity(choose(first, left.num, right.num), choose(first, left.den, right.den), gone)


def reaches(left: Quantity, right: Quantity) -> Term:
    """Left >= right, where both are known."""
    one, other, _ = _level(left, right)
    return at_most(other, one)


def compared(op: str, left: Quantity, right: Quantity) -> Term:
    """A comparison by its sign, where both are known."""
    one, other, _ = _level(left, right)
    match op:
        case "==":
            return equal(one, other)
        case "!=":
            return negation(equal(one, other))
        case "<":
            return less(one, other)
        case "<=":
            return at_most(one, other)
        case ">":
            return less(other, one)
        case _:
            return at_most(other, one)


def rounded(value: Quantity, rounding: Rounding) -> Term:
    """The value rounded as declared, times 10**decimals."""
    moved = times(value, exactly(Fraction(10**rounding.decimals)))
    below_zero = less(moved.num, number(0))
    size = never_below(0, choose(below_zero, subtract(number(0), moved.num), moved.num))
    whole = _rounded_size(rounding, size, moved.den)
    return choose(below_zero, subtract(number(0), whole), whole)


def _rounded_size(rounding: Rounding, size: Term, den: Term) -> Term:
    if den.known and den.low == 1:
        return size
    match rounding.mode:
        case "half_up":
            return floor_divide(add(multiply(size, number(2)), den), multiply(den, number(2)))
        case "half_even":
            return _half_even(size, den)
        case "down":
            return floor_divide(size, den)
        case "up":
            return floor_divide(add(size, subtract(den, number(1))), den)


def _half_even(size: Term, den: Term) -> Term:
    whole = floor_divide(size, den)
    twice = multiply(subtract(size, multiply(whole, den)), number(2))
    odd = equal(subtract(whole, multiply(floor_divide(whole, number(2)), number(2))), number(1))
    up = either(less(den, twice), both(equal(twice, den), odd))
    return add(whole, choose(up, number(1), number(0)))


# -- formulas ------------------------------------------------------------------------------------------------------


def lower(expression: Expression, leaf: Leaf) -> Value:
    """A formula in terms; `leaf` gives the values of what only its place can tell (names, columns, `previous`)."""
    if (found := leaf(expression)) is not None:
        return found
    match expression:
        case Number(value):
            return exactly(value)
        case TextLiteral(value):
            return Words(words(value))
        case Negation("not", of):
            truth = _truth(lower(of, leaf))
            return Truth(negation(truth.holds), truth.gone)
        case Negation(_, of):
            quantity = _quantity(lower(of, leaf))
            return Quantity(subtract(number(0), quantity.num), quantity.den, quantity.gone)
        case Binary(op, left, right):
            return _binary(op, lower(left, leaf), lower(right, leaf))
        case Call("if", (condition, then, otherwise)):
            return _either_way(_truth(lower(condition, leaf)), lower(then, leaf), lower(otherwise, leaf))
        case Call("known", (operand,)):
            return Truth(equal(lower(operand, leaf).gone, number(0)))
        case Call("otherwise", (first, instead)):
            return _otherwise(lower(first, leaf), lower(instead, leaf))
        case Call(function, operands):
            return _function(function, [_quantity(lower(operand, leaf)) for operand in operands])
        case _:
            raise TypeError(f"{expression} has no value here")


def _quantity(value: Value) -> Quantity:
    assert isinstance(value, Quantity)
    return value


def _truth(value: Value) -> Truth:
    assert isinstance(value, Truth)
    return value


def _binary(op: str, left: Value, right: Value) -> Value:
    if isinstance(left, Truth) and isinstance(right, Truth):
        return Truth(_logic(op, left.holds, right.holds), _worse(left, right))
    if isinstance(left, Words) and isinstance(right, Words):
        same = equal(left.text, right.text)
        return Truth(same if op == "==" else negation(same), _worse(left, right))
    one, other = _quantity(left), _quantity(right)
    match op:
        case "+":
            return plus(one, other)
        case "-":
            return minus(one, other)
        case "*":
            return times(one, other)
        case "/":
            return divided(one, other)
        case _:
            return Truth(compared(op, one, other), _worse(one, other))


def _logic(op: str, left: Term, right: Term) -> Term:
    match op:
        case "and":
            return both(left, right)
        case "or":
            return either(left, right)
        case "==":
            return equal(left, right)
        case _:
            return negation(equal(left, right))


def _either_way(condition: Truth, then: Value, otherwise: Value) -> Value:
    """Only the branch taken can be absent; an absent condition takes none."""
    taken = choose(condition.holds, then.gone, otherwise.gone)
    gone = choose(less(number(0), condition.gone), condition.gone, taken)
    if isinstance(then, Truth) and isinstance(otherwise, Truth):
        return Truth(choose(condition.holds, then.holds, otherwise.holds), gone)
    if isinstance(then, Words) and isinstance(otherwise, Words):
        return Words(choose(condition.holds, then.text, otherwise.text), gone)
    picked = chosen(condition.holds, _quantity(then), _quantity(otherwise))
    return Quantity(picked.num, picked.den, gone)


def _otherwise(first: Value, instead: Value) -> Value:
    """The first, or the second where the first is absent."""
    absent = less(number(0), first.gone)
    gone = choose(absent, instead.gone, number(0))
    if isinstance(first, Truth) and isinstance(instead, Truth):
        return Truth(choose(absent, instead.holds, first.holds), gone)
    picked = chosen(absent, _quantity(instead), _quantity(first))
    return Quantity(picked.num, picked.den, gone)


def _function(function: str, operands: list[Quantity]) -> Quantity:
    first = operands[0]
    match function:
        case "least":
            return reduce(smaller, operands)
        case "greatest":
            return reduce(larger, operands)
        case "abs":
            below_zero = less(first.num, number(0))
            return Quantity(choose(below_zero, subtract(number(0), first.num), first.num), first.den, first.gone)
        case "floor":
            return Quantity(floor_divide(first.num, first.den), number(1), first.gone)
        case "ceiling":
            down = floor_divide(subtract(number(0), first.num), first.den)
            return Quantity(subtract(number(0), down), number(1), first.gone)
        case _:
            raise TypeError(function)
