"""Spans of whole days, first and last included, and how many days of one others cover."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

__all__ = ["Days", "days_covered"]


@dataclass(frozen=True)
class Days:
    """From a first day to a last one, both included; without a last one the span goes on.

    >>> len(Days(date(2025, 1, 1), date(2025, 12, 31)))
    365
    """

    first: date
    last: date | None = None

    def __len__(self) -> int:
        """Days inside; none where the last comes before the first. A span that goes on has no length."""
        if self.last is None:
            raise ValueError(f"the span from {self.first} on has no last day")
        return max(0, (self.last - self.first).days + 1)

    def __contains__(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


def days_covered(window: Days, spans: Iterable[Days]) -> int:
    """How many days of a window with a last day lie in at least one of the spans: where they overlap, each counts once.

    >>> days_covered(Days(date(2025, 1, 1), date(2025, 1, 31)), [Days(date(2025, 1, 30)), Days(date(2025, 1, 31))])
    2
    """
    if window.last is None:
        raise ValueError(f"the window from {window.first} on has no last day")
    covered, begins = 0, window.first
    for span in sorted(spans, key=lambda one: one.first):
        here = Days(max(begins, span.first), min(window.last, span.last or window.last))
        covered += len(here)
        if here.last and len(here):
            begins = here.last + timedelta(days=1)
    return covered
