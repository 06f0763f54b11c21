"""Which version of a programme is in force on a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from answerable.definition.model import Programme

__all__ = ["in_force"]


def in_force(programmes: Iterable[Programme], day: date) -> Programme | None:
    """The version in force on a day; None where there is none.

    A version holds from `valid_from` (included) until `valid_until` (excluded). Where the days of several versions
    overlap, the one published last holds on all its days, as it does for the years of the site: so its start ends
    the earlier one.

    Args:
        programmes: in the order in which they were published.
    """
    holding = (one for one in reversed(list(programmes)) if one.valid_from <= day < one.valid_until)
    return next(holding, None)
