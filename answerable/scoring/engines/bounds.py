"""Roots, powers, logarithms and exponentials for the judge: two fractions the true value lies between.

Everything is whole-number arithmetic with `digits` decimals; each cut-off step is counted and widens the span. A root
or power that is a fraction comes out as that fraction. Where an answer (a rounding, a comparison, a sign) differs
between the two ends the judge widens `digits`; see `reference`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import floor

__all__ = ["Exact", "Span", "Undecided", "exp", "ln", "power", "span_of"]


FARTHEST = 1000


class Undecided(ArithmeticError):
    """The ends of a span give different answers: more digits are needed."""


@dataclass(frozen=True)
class Span:
    """A number known to lie between two fractions, both included."""

    low: Fraction
    high: Fraction


Exact = Fraction | Span


def span_of(value: Exact) -> Span:
    """A fraction as the span from itself to itself."""
    return value if isinstance(value, Span) else Span(value, value)


def power(value: Exact, exponent: Fraction, digits: int) -> Exact | None:
    """`value ** exponent`; None where it is undefined: of a number below zero, or 0 to a power not above 0."""
    span = span_of(value)
    if span.low < 0 or (span.low <= 0 and exponent <= 0):
        if isinstance(value, Span) and span.high > 0:
            raise Undecided
        return None
    if exponent < 0:
        return power(_inverse(span) if isinstance(value, Span) else 1 / value, -exponent, digits)
    lifted = Span(span.low**exponent.numerator, span.high**exponent.numerator)
    low, high = (_root(end, exponent.denominator, digits) for end in (lifted.low, lifted.high))
    return low.low if low.low == high.high else Span(low.low, high.high)


def _inverse(span: Span) -> Span:
    return Span(1 / span.high, 1 / span.low)


def _root(value: Fraction, degree: int, digits: int) -> Span:
    """The root of a fraction not below zero: itself where it is a fraction."""
    over, under = _whole_root(value.numerator, degree), _whole_root(value.denominator, degree)
    if over**degree == value.numerator and under**degree == value.denominator:
        return Span(Fraction(over, under), Fraction(over, under))
    scale = 10**digits
    found = _whole_root(value.numerator * scale**degree // value.denominator, degree)
    return Span(Fraction(found, scale), Fraction(found + 1, scale))


def _whole_root(value: int, degree: int) -> int:
    """The greatest whole number whose power is not above `value`, by Newton's steps from above."""
    if value < 2 or degree == 1:
        return value
    guess = 1 << -(-value.bit_length() // degree)
    while True:
        better = ((degree - 1) * guess + value // guess ** (degree - 1)) // degree
        if better >= guess:
            return guess
        guess = better


def ln(value: Exact, digits: int) -> Exact | None:
    """The natural logarithm; None where it is undefined."""
    return _growing(value, digits, _ln_of)


def exp(value: Exact, digits: int) -> Exact | None:
    """The exponential; None beyond 1000 on either side, where it is told to be undefined rather than endless."""
    span = span_of(value)
    within = {-FARTHEST <= end <= FARTHEST for end in (span.low, span.high)}
    if within != {True}:
        if len(within) > 1:
            raise Undecided
        return None
    if span.low == span.high == 0:
        return Fraction(1)
    return Span(_exp_of(span.low, digits).low, _exp_of(span.high, digits).high)


def _growing(value: Exact, digits: int, of: Callable[[Fraction, int], Span]) -> Exact | None:
    span = span_of(value)
    if span.low <= 0:
        if isinstance(value, Span) and span.high > 0:
            raise Undecided
        return None
    if span.low == span.high == 1:
        return Fraction(0)
    return Span(of(span.low, digits).low, of(span.high, digits).high)


def _ln_of(value: Fraction, digits: int) -> Span:
    """ln(m * 2**k) = ln m + k ln 2, with m near 1."""
    doublings = value.numerator.bit_length() - value.denominator.bit_length()
    rest = value / Fraction(2) ** doublings
    near, two = _ln_near_one(rest, digits), _ln_near_one(Fraction(2), digits)
    ends = [doublings * two.low, doublings * two.high]
    return Span(near.low + min(ends), near.high + max(ends))


def _ln_near_one(value: Fraction, digits: int) -> Span:
    """2 artanh((m - 1) / (m + 1)) by its series, for m from 1/2 to 2; what is left out is below the last term kept."""
    scale = 10 ** (digits + 5)
    ratio = (value - 1) / (value + 1)
    term = floor(ratio * scale)
    square = floor(ratio * ratio * scale)
    total, at, steps = 0, 1, 1
    while term not in (0, -1):
        total += term // at
        term = term * square // scale
        at, steps = at + 2, steps + 3
    return Span(Fraction(2 * (total - steps), scale), Fraction(2 * (total + steps), scale))


def _exp_of(value: Fraction, digits: int) -> Span:
    """e**x = (e**(x / 2**k)) ** (2**k), the inner one by its series; spans multiply, so no error is lost."""
    halvings = max(0, abs(value).__ceil__().bit_length()) + 3
    scale = 10 ** (digits + 10 + 2 * abs(floor(value)) // 4 + halvings)
    small = floor(value * scale / 2**halvings)
    total, term, at = 0, scale, 0
    while term not in (0, -1):
        total += term
        at += 1
        term = term * small // (scale * at)
    low, high = Fraction(total - 2 * at - 2, scale), Fraction(total + 2 * at + 2, scale)
    for _ in range(halvings):
        low, high = _cut(low * low, scale, 0), _cut(high * high, scale, 1)
    return Span(low, high)


def _cut(value: Fraction, scale: int, up: int) -> Fraction:
    """Down or up to the scale, so that numbers do not grow without end."""
    return Fraction(floor(value * scale) + up, scale)
