"""Whole numbers in arrays that lose nothing: which arrays hold them, and how they are divided and rounded.

Integers below 2**53 are exact in float64, and so are their sums in whatever order a matrix product takes them: the bits
are the same on every machine. The floor of a quotient of two such numbers is exact too: where it is not whole it lies
at least one part of the divisor below the next whole number, farther than half a step of float64. What is larger is
kept in Python's own integers, slowly.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from answerable.scoring.robustness.figures import Array
from answerable.values.number import Mode

__all__ = ["FLOATS", "Kind", "kind_for", "long_fits", "long_quotient", "quotient", "rounded", "whole_numbers"]

FLOATS = 2**53
_INTEGERS = 2**63
Kind = type[np.float64] | type[np.int64] | type[object]


def kind_for(largest: int) -> Kind:
    """What holds whole numbers up to a size, sums and quotients of them included."""
    return np.float64 if largest < FLOATS else object


def quotient(number: Array, divisor: Any) -> Array:
    """The whole part of a quotient, downwards."""
    if number.dtype == object:
        return np.asarray(number // divisor)
    return np.asarray(np.floor(number / divisor))


def rounded(mode: Mode, number: Array, divisor: Any) -> Array:
    """A quotient as a whole number, by a named rounding. Twice the number and the divisor together must be held."""
    size = np.abs(number) if (number < 0).any() else number
    match mode:
        case "down":
            whole = quotient(size, divisor)
        case "up":
            whole = quotient(size + divisor - 1, divisor)
        case "half_up":
            whole = quotient(2 * size + divisor, 2 * divisor)
        case "half_even":
            whole = quotient(2 * size + divisor, 2 * divisor)
            whole = whole - ((whole * 2 * divisor == 2 * size + divisor) & (whole % 2 == 1))
    return whole if size is number else np.asarray(np.where(number < 0, -whole, whole))


def long_quotient(number: Array, times: int, divisor: Array, bits: int, sizes: tuple[int, int, int]) -> Array:
    """The whole part of number × times × 2**bits / divisor, downwards, digit by digit.

    Args:
        sizes: what number × times, divisor and quotient do not exceed.
    """
    if not long_fits(sizes):
        number, divisor = whole_numbers(number), whole_numbers(divisor)
        return np.asarray((number * (times << bits)) // divisor)
    step = (_INTEGERS // sizes[1]).bit_length() - 2
    whole, rest = np.divmod(number.astype(np.int64) * times, divisor.astype(np.int64))
    while bits:
        taken = min(step, bits)
        more, rest = np.divmod(rest << taken, divisor.astype(np.int64))
        whole, bits = (whole << taken) + more, bits - taken
    return np.asarray(whole)


def long_fits(sizes: tuple[int, int, int]) -> bool:
    """Whether 64 bits hold a long quotient on its way; see `long_quotient`."""
    return sizes[1] < _INTEGERS >> 3 and max(sizes) < _INTEGERS >> 1


def whole_numbers(numbers: Array) -> Array:
    """The same numbers as Python's own, which no product outgrows."""
    if numbers.dtype == object:
        return numbers
    return np.asarray(numbers.astype(np.int64).astype(object))
