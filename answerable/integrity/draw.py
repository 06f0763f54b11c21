"""The draw of visits: seeded, in the open, and repeatable by anyone with `sha256sum`.

Each unit of the frame holds `weight` tickets (1 unless risk says more). Ticket number t of a unit is the SHA-256 of

    SEED LF UNIT LF t        (UTF-8, LF is one byte 0x0A, t in decimal from 1, nothing after it)

written as 64 hex digits. A unit's lot is the smallest of its tickets; in every stratum the units with the smallest lots
are chosen, as many as the stratum's size says. Nothing else enters: no order of the frame, no library's randomness.

Because SHA-256 spreads tickets evenly, a draw of n from a stratum is the well-known successive sampling: one of all
tickets is picked, its unit leaves with all its tickets, and so on. `chances` states each unit's exact chance.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from answerable.values.canonical import canonical_csv, digest
from answerable.values.issue import Issue, Place, Refused

__all__ = ["MOST_WEIGHT", "Drawn", "FrameUnit", "chances", "draw", "frame_digest", "frame_text", "lot", "read_frame"]

MOST_WEIGHT = 9
"""The most tickets a unit may hold: beyond that, draw a stratum of its own."""


@dataclass(frozen=True)
class FrameUnit:
    """A unit that can be drawn: its code, its stratum, and how many tickets it holds."""

    unit: str
    stratum: str
    weight: int = 1


@dataclass(frozen=True)
class Drawn:
    """A draw and all it takes to repeat it: `chosen` runs by stratum, within it by lot."""

    seed: str
    frame: str
    frame_digest: str
    sizes: Mapping[str, int]
    chosen: tuple[str, ...]


def draw(seed: str, frame: Iterable[FrameUnit], sizes: Mapping[str, int]) -> Drawn:
    """Draw the units to visit.

    Args:
        seed: the public seed, one line of text, fixed after the frame's digest was published.
        frame: every unit that can be drawn, in any order.
        sizes: how many units to draw from each stratum, at least one, so that every unit has a chance.

    Raises:
        Refused: with every issue of seed, frame and sizes.
    """
    units = sorted(frame, key=lambda unit: unit.unit)
    if issues := [*_seed_issues(seed), *_frame_issues(units), *_size_issues(units, sizes)]:
        raise Refused(issues)
    text = frame_text(units)
    chosen = [unit.unit for stratum in sorted(sizes) for unit in _first(seed, units, stratum, sizes[stratum])]
    return Drawn(seed, text, digest(text.encode()), dict(sorted(sizes.items())), tuple(chosen))


def lot(seed: str, unit: FrameUnit) -> str:
    """The smallest of a unit's tickets, in 64 hex digits."""
    return min(_ticket(seed, unit.unit, number) for number in range(1, unit.weight + 1))


def frame_text(frame: Iterable[FrameUnit]) -> str:
    """The frame as it is published: CSV with the header `unit,stratum,weight`, LF, in order of the unit codes."""
    rows = [(unit.unit, unit.stratum, unit.weight) for unit in sorted(frame, key=lambda unit: unit.unit)]
    return canonical_csv(("unit", "stratum", "weight"), rows).decode()


def frame_digest(frame: Iterable[FrameUnit]) -> str:
    """SHA-256 of the frame's text: publish it before the seed is known."""
    return digest(frame_text(frame).encode())


def read_frame(text: str) -> tuple[FrameUnit, ...]:
    """The frame a published text tells of, the inverse of `frame_text`.

    Raises:
        Refused: when the text is not what `frame_text` writes.
    """
    header, *lines = text.split("\n")[:-1] or [""]
    found = [_LINE.fullmatch(line) for line in lines]
    units = tuple(FrameUnit(line[1], line[2], int(line[3])) for line in found if line)
    if header != "unit,stratum,weight" or frame_text(units) != text:
        raise Refused([Issue("draw.frame_unreadable")])
    return units


def chances(frame: Iterable[FrameUnit], sizes: Mapping[str, int]) -> dict[str, Fraction]:
    """The exact chance of each unit to be drawn, over all seeds. It is n/N where all weights of a stratum are equal.

    Raises:
        Refused: as `draw` does.
    """
    units = sorted(frame, key=lambda unit: (unit.stratum, unit.unit))
    if issues := [*_frame_issues(units), *_size_issues(units, sizes)]:
        raise Refused(issues)
    stated: dict[str, Fraction] = {}
    for stratum, members in groupby(units, key=lambda unit: unit.stratum):
        held = list(members)
        weights = [unit.weight for unit in held]
        by_weight = {weight: _chance(weight, weights, sizes[stratum]) for weight in set(weights)}
        stated |= {unit.unit: by_weight[unit.weight] for unit in held}
    return stated


_LINE = re.compile(r"([^,\n\"]+),([^,\n\"]+),([1-9][0-9]*)")
_NAME = re.compile(r"[^\s,\"](?:[^,\"\n\r\t\x00]*[^\s,\"])?")


def _ticket(seed: str, unit: str, number: int) -> str:
    return hashlib.sha256(f"{seed}\n{unit}\n{number}".encode()).hexdigest()


def _first(seed: str, units: Sequence[FrameUnit], stratum: str, size: int) -> list[FrameUnit]:
    """The units of a stratum with the smallest lots."""
    return sorted((unit for unit in units if unit.stratum == stratum), key=lambda unit: lot(seed, unit))[:size]


def _chance(weight: int, weights: Sequence[int], size: int) -> Fraction:
    """Chance that a unit of this weight is among the first `size` of its stratum.

    Let a lot be a number x evenly spread over 0..1 and y = 1 - x. A unit of weight w has a lot above x with probability
    y**w, so its density over y is w*y**(w-1), and `ahead[k]` is the polynomial in y for "k others have a smaller
    lot". The chance is the integral over y of density times the sum of ahead[0..size-1]: whole numbers throughout.
    """
    others = list(weights)
    others.remove(weight)
    ahead: list[list[int]] = [[1]] + [[0]] * (size - 1)
    for other in others:
        # An other is behind with probability y**other, ahead with 1 - y**other.
        behind = [_shifted(polynomial, other) for polynomial in ahead]
        passed = [_minus(polynomial, moved) for polynomial, moved in zip(ahead, behind, strict=True)]
        ahead = [behind[0], *(_plus(behind[k], passed[k - 1]) for k in range(1, size))]
    return sum(
        (Fraction(weight * factor, power + weight) for part in ahead for power, factor in enumerate(part) if factor),
        Fraction(0),
    )


def _shifted(polynomial: list[int], by: int) -> list[int]:
    return [0] * by + polynomial


def _plus(one: list[int], other: list[int]) -> list[int]:
    short, long = sorted((one, other), key=len)
    return [a + b for a, b in zip(short, long, strict=False)] + long[len(short) :]


def _minus(one: list[int], other: list[int]) -> list[int]:
    return _plus(one, [-factor for factor in other])


def _seed_issues(seed: str) -> Iterator[Issue]:
    if not _NAME.fullmatch(seed):
        yield Issue("draw.seed_unfit", facts={"seed": repr(seed)})


def _frame_issues(units: Sequence[FrameUnit]) -> Iterator[Issue]:
    if not units:
        yield Issue("draw.frame_empty")
    seen: set[str] = set()
    for unit in units:
        place = Place(row=unit.unit)
        if not _NAME.fullmatch(unit.unit) or not _NAME.fullmatch(unit.stratum):
            yield Issue("draw.name_unfit", place, {"unit": repr(unit.unit), "stratum": repr(unit.stratum)})
        if unit.unit in seen:
            yield Issue("draw.unit_twice", place, {"unit": unit.unit})
        if not 1 <= unit.weight <= MOST_WEIGHT:
            facts = {"unit": unit.unit, "weight": str(unit.weight), "most": str(MOST_WEIGHT)}
            yield Issue("draw.weight_unfit", place, facts)
        seen.add(unit.unit)


def _size_issues(units: Sequence[FrameUnit], sizes: Mapping[str, int]) -> Iterator[Issue]:
    """Every stratum is drawn from, and from no stratum more than it has."""
    strata: dict[str, int] = {}
    for unit in units:
        strata[unit.stratum] = strata.get(unit.stratum, 0) + 1
    for stratum in sorted({*strata, *sizes}):
        size, units_there = sizes.get(stratum, 0), strata.get(stratum, 0)
        if not 1 <= size <= units_there:
            yield Issue("draw.size_unfit", facts={"stratum": stratum, "size": str(size), "units": str(units_there)})
