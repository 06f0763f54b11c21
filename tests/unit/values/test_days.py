"""Days are counted once, whoever overlaps whom, and the ends of a span are inside."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.values.days import Days, days_covered

START = date(2024, 2, 20)
DAY = st.integers(0, 40).map(lambda at: START + timedelta(days=at))
SPAN = st.builds(Days, DAY, st.none() | DAY)


@given(st.builds(Days, DAY, DAY), st.lists(SPAN, max_size=6))
def test_days_held_and_days_vacant_are_the_days_there_are(window: Days, spans: list[Days]) -> None:
    days = [START + timedelta(days=at) for at in range(41)]
    inside = [day for day in days if day in window]
    held = [day for day in inside if any(day in span for span in spans)]
    assert days_covered(window, spans) == len(held)
    assert len(window) - days_covered(window, spans) == len(inside) - len(held)


def test_a_leap_day_is_a_day() -> None:
    assert len(Days(date(2024, 2, 28), date(2024, 3, 1))) == 3
    assert len(Days(date(2025, 2, 28), date(2025, 3, 1))) == 2


def test_what_has_no_end_is_not_counted() -> None:
    with pytest.raises(ValueError, match="no last day"):
        len(Days(START))
    with pytest.raises(ValueError, match="no last day"):
        days_covered(Days(START), [])
