"""What an indicator gives across the units of a group, and columns made outside Polars.

The rounded values are whole numbers, so sums over a group are exact in any order. A group is a barrier: all its units
come before any of them goes on.
"""

from __future__ import annotations

import fractions
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from answerable.definition.formula import Across
from answerable.scoring.engines.columns.quantities import CODES, Quantity
from answerable.scoring.engines.columns.rendering import fits, width
from answerable.scoring.engines.columns.sheet import Sheet

__all__ = ["Fraction", "Operand", "across", "enter_across", "entered", "group_quantity"]

Fraction = tuple[int, int, int]
"""Numerator, denominator, and the code of why there is none."""
_PARTS = ("num", "den", "gone")
_UNDEFINED: Fraction = (0, 1, CODES["undefined"])


def entered(sheet: Sheet, columns: Mapping[str, Sequence[int]]) -> None:
    """Put whole numbers of any size into a sheet, one for each row."""
    series = []
    beyond: dict[str, dict[int, int]] = {}
    for name, values in columns.items():
        large = {row: value for row, value in enumerate(values) if not fits(value, value, 128)}
        here = [0 if row in large else value for row, value in enumerate(values)]
        series.append(pl.Series(name, here, dtype=width(min(here, default=0), max(here, default=0))))
        beyond[name] = large
    sheet.join(pl.DataFrame(series), beyond, ())


def group_quantity(sheet: Sheet, asked: Across) -> Quantity:
    """The figure across a group, as the sheet has it."""
    return Quantity(*(sheet[f"{_name(asked)}.{part}"] for part in _PARTS))


@dataclass(frozen=True)
class Operand:
    """Of some units: code, group, an indicator's rounded value as a whole number, and the code of why there is none."""

    units: Sequence[str]
    keys: Sequence[Hashable]
    values: Sequence[int]
    codes: Sequence[int]

    def __add__(self, other: Operand) -> Operand:
        return Operand(
            [*self.units, *other.units],
            [*self.keys, *other.keys],
            [*self.values, *other.values],
            [*self.codes, *other.codes],
        )


def across(asked: Across, operand: Operand, decimals: int) -> list[Fraction]:
    """What an indicator gives across the groups of all units, for each unit.

    Args:
        decimals: the values are the indicator's rounded value times 10**decimals.
    """
    keys, values, codes = operand.keys, operand.values, operand.codes
    groups: dict[Hashable, list[int]] = {key: [] for key in keys}
    # The order of codes of units decides between equals.
    rows = sorted(range(len(keys)), key=operand.units.__getitem__)
    for row in rows:
        if not codes[row]:
            groups[keys[row]].append(values[row])
    if asked.op == "rank":
        places = {key: _places(found) for key, found in groups.items()}
        return [
            (0, 1, code) if code else (places[key][value], 1, 0)
            for key, value, code in zip(keys, values, codes, strict=True)
        ]
    if asked.op == "apportion":
        shares = {key: iter(_apportioned(_whole(asked), found)) for key, found in groups.items()}
        given = {row: (0, 1, codes[row]) if codes[row] else next(shares[keys[row]]) for row in rows}
        return [given[row] for row in range(len(keys))]
    known = {key: _statistic(asked, found, 10**decimals) for key, found in groups.items()}
    return [known[key] for key in keys]


def enter_across(sheet: Sheet, asked: Across, made: Sequence[Fraction]) -> None:
    """Put what is asked across groups into a sheet, one for each row."""
    entered(sheet, {f"{_name(asked)}.{part}": [one[at] for one in made] for at, part in enumerate(_PARTS)})


def _name(asked: Across) -> str:
    return f"g:{asked.op}:{asked.of.name}:{asked.within}" + (f":{asked.by}".replace(".", "") if asked.by else "")


def _places(values: Sequence[int]) -> dict[int, int]:
    """Each value's place from the greatest down, equal ones sharing it."""
    places: dict[int, int] = {}
    for at, value in enumerate(sorted(values, reverse=True), 1):
        places.setdefault(value, at)
    return places


def _whole(asked: Across) -> int:
    assert asked.by is not None
    return asked.by.numerator


def _apportioned(whole: int, values: Sequence[int]) -> list[Fraction]:
    """Whole parts in proportion that add up, the largest remainders getting one more each."""
    together = sum(values)
    if together <= 0 or min(values) < 0:
        return [_UNDEFINED] * len(values)
    parts = [divmod(whole * value, together) for value in values]
    left = whole - sum(part for part, _ in parts)
    order = sorted(range(len(values)), key=lambda at: (-parts[at][1], -values[at], at))
    more = set(order[:left])
    return [(part + (at in more), 1, 0) for at, (part, _) in enumerate(parts)]


def _percentile(by: fractions.Fraction, values: Sequence[int], scale: int) -> Fraction:
    ordered = sorted(values)
    below, rest = divmod(by.numerator * (len(ordered) - 1), by.denominator)
    step = ordered[min(below + 1, len(ordered) - 1)] - ordered[below]
    return (ordered[below] * by.denominator + step * rest, by.denominator * scale, 0)


def _statistic(asked: Across, values: Sequence[int], scale: int) -> Fraction:
    op, count = asked.op, len(values)
    if op == "count":
        return (count, 1, 0)
    if op == "sum":
        return (sum(values), scale, 0)
    if not count:
        return _UNDEFINED
    match op:
        case "mean":
            return (sum(values), count * scale, 0)
        case "min":
            return (min(values), scale, 0)
        case "max":
            return (max(values), scale, 0)
        case "median":
            ordered = sorted(values)
            return (ordered[(count - 1) // 2] + ordered[count // 2], 2 * scale, 0)
        case "variance":
            squares, total = sum(value * value for value in values), sum(values)
            return (count * squares - total * total, (count * scale) ** 2, 0)
        case "percentile":
            assert asked.by is not None
            return _percentile(asked.by, values, scale)
        case _:
            raise ValueError(op)
