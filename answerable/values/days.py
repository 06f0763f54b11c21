"""Spans of whole days, first and last included, and how many days of one others cover."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

__all__ = ["Days", "days_covered"]


@dataclass(frozen=True)
class Days:
    """From a first day to a last one, both included; without a last one the span goes on.

    >>> Days(date(2025, 1, 1), date(2025, 12, 31)).count
    365
    """

    first: date
    last: date | None = None

    @property
    def count(self) -> int:
        """How many days are inside; none where the last comes before the first. A span that goes on has no count."""
        if self.last is None:
            raise ValueError(f"the span from {self.first} on has no last day")
        return max(0, (self.last - self.first).days + 1)

    def __contains__(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)

    def meet(self, other: Days) -> Days | None:
        """The days that lie in both; None where no day does."""
        first, last = max(self.first, other.first), min((day for day in (self.last, other.last) if day), default=None)
        return Days(first, last) if last is None or first <= last else None


def days_covered(window: Days, spans: Iterable[Days]) -> int:
    """How many days of a window with a last day lie in at least one of the spans: where they overlap, each counts once.

    >>> days_covered(Days(date(2025, 1, 1), date(2025, 1, 31)), [Days(date(2025, 1, 30)), Days(date(2025, 1, 31))])
    2
    """
    if window.last is None:
        raise ValueError(f"the window from {window.first} on has no last day")
    covered, begins = 0, window.first
    for span in sorted(spans, key=lambda one: one.first):
        here = Days(begins, window.last).meet(span)
        if here and here.last:
            covered, begins = covered + here.count, here.last + timedelta(days=1)
    return covered
