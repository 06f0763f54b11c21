"""The days of the demonstration: when the office acts, when visits are drawn, when the year is scored, what now is."""

from __future__ import annotations

import calendar
from datetime import date, datetime

from answerable.values.period import Month

__all__ = ["CONFIRMED", "DRAWN", "FOUNDED", "ISSUED", "NEXT_DRAWN", "NOW", "PROPOSED", "PUBLISHED", "SCORED", "YEAR"]
__all__ += ["day_after", "workdays"]

YEAR = 2025
FOUNDED = datetime(2025, 1, 2, 9, 0)
ISSUED = {2025: datetime(2025, 1, 6, 9, 0), 2026: datetime(2026, 1, 8, 9, 0)}
DRAWN = tuple(datetime(2025, month, day, 10, 0) for month, day in ((3, 18), (6, 17), (9, 16), (11, 4)))
NEXT_DRAWN = datetime(2026, 1, 27, 10, 0)
SCORED = datetime(2026, 1, 14, 9, 30)
CONFIRMED = datetime(2026, 1, 19, 15, 0)
PUBLISHED = datetime(2026, 1, 22, 10, 0)
PROPOSED = datetime(2026, 2, 3, 9, 50)
"""When the second version of the programme is proposed: the other person of the office finds it waiting."""
NOW = datetime(2026, 2, 3, 10, 0)
"""The demonstration's clock starts here: January's returns are due in two days."""


def day_after(month: Month, day: int) -> date:
    """A day of the month after."""
    return month.plus(1).day(day)


def workdays(month: Month) -> int:
    """How many days of a month are neither Saturday nor Sunday."""
    last = calendar.monthrange(month.year, month.month)[1]
    return sum(month.day(day).weekday() < 5 for day in range(1, last + 1))
