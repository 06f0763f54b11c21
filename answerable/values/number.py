"""Exact numbers and the named ways to round them.

A figure that leaves the house is a `Decimal` text with a declared number of decimals. Inside it is an int, a Fraction,
or a *scaled integer*: 12.34 with two decimals is 1234.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

__all__ = ["Mode", "Rounding", "parse_fraction", "points_in_english", "scaled_text", "signed", "text_of"]

Mode = Literal["half_up", "half_even", "down", "up"]
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)%?")


@dataclass(frozen=True)
class Rounding:
    """Round to `decimals` places by `mode`.

    `half_up` takes halves away from zero (四舍五入), `half_even` to the even neighbour, `down` towards zero, `up` away.

    >>> Rounding("half_up", 2).scaled(Fraction(1005, 1000)), Rounding("half_up", 0).scaled(Fraction(-5, 2))
    (101, -3)
    """

    mode: Mode
    decimals: int

    def scaled(self, value: Fraction) -> int:
        """The rounded value times 10**decimals."""
        moved = abs(value) * Fraction(10**self.decimals)
        whole, rest = divmod(moved.numerator, moved.denominator)
        twice = 2 * rest - moved.denominator
        up = {
            "half_up": twice >= 0,
            "half_even": twice > 0 or (twice == 0 and whole % 2 == 1),
            "down": False,
            "up": rest > 0,
        }[self.mode]
        return (whole + up) * (-1 if value < 0 else 1)

    def of(self, value: Fraction) -> Fraction:
        """The rounded value."""
        return Fraction(self.scaled(value), 10**self.decimals)

    def text(self, value: Fraction) -> str:
        """The rounded value as written, all decimals shown."""
        return scaled_text(self.scaled(value), self.decimals)


def points_in_english(text: str) -> str:
    """So many points.

    >>> points_in_english("1"), points_in_english("0.5")
    ('1 point', '0.5 points')
    """
    return f"{text} point" if text in ("1", "-1") else f"{text} points"


def signed(text: str) -> str:
    """A written difference with its sign, as people read it.

    >>> signed("-1.50"), signed("2")
    ('−1.50', '+2')
    """
    return f"−{text[1:]}" if text.startswith("-") else f"+{text}"


def scaled_text(scaled: int, decimals: int) -> str:
    """A scaled integer as written.

    >>> scaled_text(1234, 2), scaled_text(-5, 2), scaled_text(7, 0)
    ('12.34', '-0.05', '7')
    """
    digits = f"{abs(scaled):0{decimals + 1}d}"
    whole = digits if decimals == 0 else f"{digits[:-decimals]}.{digits[-decimals:]}"
    return f"-{whole}" if scaled < 0 else whole


def parse_fraction(text: str) -> Fraction:
    """Read `0.85`, `85%` or `12` exactly. Raises ValueError for anything else.

    >>> parse_fraction("85%")
    Fraction(17, 20)
    """
    if not _NUMBER.fullmatch(text.strip()):
        raise ValueError(f"not a number: {text}")
    number = Fraction(text.strip().rstrip("%"))
    return number / 100 if text.strip().endswith("%") else number


def text_of(value: Fraction, most_decimals: int = 6) -> str:
    """An exact number for a reader: all its decimals when they end within `most_decimals`, else as a fraction.

    >>> text_of(Fraction(19, 20)), text_of(Fraction(1, 3)), text_of(Fraction(5))
    ('0.95', '1/3', '5')
    """
    for decimals in range(most_decimals + 1):
        if (value * 10**decimals).denominator == 1:
            return scaled_text(int(value * 10**decimals), decimals)
    return f"{value.numerator}/{value.denominator}"
