"""Figures of earlier months for units as they are organised now.

Pure. What was reported stays with the unit that reported it ("as organised then"). "As organised now" carries it along
the changes since: added up where units merged, parted by the shares where one was split. No unit of a count is lost or
made: what the shares leave over goes to the largest remainders, ties by code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["CARRIED", "Passage", "as_organised_now", "parted"]

CARRIED = frozenset({"count", "money", "days"})
"""Measures whose figures add up across units. A quantity, a share or a yes/no is not carried at all."""


@dataclass(frozen=True)
class Passage:
    """From a day on, what `before` units were is with `after` ones, each with its share."""

    on_day: Any
    before: Sequence[str]
    after: Sequence[tuple[str, int]]


def as_organised_now(figures: Mapping[str, int], passages: Iterable[Passage]) -> dict[str, int]:
    """Figures by unit, carried along passages in their order; those of units nobody followed stay where they are.

    Args:
        figures: whole numbers of one field and month, by the unit that reported them.
        passages: those since that month, the earliest first.

    Returns:
        Figures by unit with the same total. A unit that nothing reached has none.
    """
    carried = dict(figures)
    for passage in passages:
        leaving = [unit for unit in dict.fromkeys(passage.before) if unit in carried]
        if not passage.after or not leaving:
            continue
        total = sum(carried.pop(unit) for unit in leaving)
        for unit, part in parted(total, passage.after).items():
            carried[unit] = carried.get(unit, 0) + part
    return carried


def parted(total: int, shares: Sequence[tuple[str, int]]) -> dict[str, int]:
    """A whole number in parts that stand to each other as the shares do, and add up to it exactly.

    >>> parted(10, [("a", 3), ("b", 2), ("c", 2)])
    {'a': 4, 'b': 3, 'c': 3}
    """
    whole = sum(share for _, share in shares)
    parts = {unit: total * share // whole for unit, share in shares}
    left = total - sum(parts.values())
    order = sorted(shares, key=lambda one: (-(total * one[1] % whole), one[0]))
    for unit, _ in order[:left]:
        parts[unit] += 1
    return parts
