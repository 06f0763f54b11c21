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
    assert window.count - days_covered(window, spans) == len(inside) - len(held)


@given(SPAN, SPAN, DAY)
def test_a_day_lies_in_what_two_spans_share_just_where_it_lies_in_both(one: Days, other: Days, day: date) -> None:
    both = one.meet(other)
    assert (both is not None and day in both) == (day in one and day in other)


def test_a_leap_day_is_a_day() -> None:
    assert Days(date(2024, 2, 28), date(2024, 3, 1)).count == 3
    assert Days(date(2025, 2, 28), date(2025, 3, 1)).count == 2


def test_what_has_no_end_is_not_counted() -> None:
    with pytest.raises(ValueError, match="no last day"):
        _ = Days(START).count
    with pytest.raises(ValueError, match="no last day"):
        days_covered(Days(START), [])
