"""What an engine may take for granted from the first rows of a long table must not decide what the others give."""

from __future__ import annotations

from typing import Any

import pytest

from tests.spec.office import Card, Office, filed, indicator, item, unit

MANY = 1_300
"""More rows than are looked at beforehand."""
SUMS = [
    indicator("paid", "sum(pay.paid)"),
    indicator("due", "sum(pay.due)"),
    indicator("open", "count(pay where pay.open)"),
]
PARTS: dict[str, Any] = {
    "indicators": SUMS,
    "tree": [item("one", {"full_or_none": ">= 1"}, of="due"), item("two", {"full_or_none": ">= 1"}, of="paid")],
}


def scored(office: Office, *last: dict[str, Any], **more: Any) -> Card:
    """Many units that are all alike, and what the last ones filed."""
    plain = [filed(f"u{at:05d}", paid=1, due=2, open=1) for at in range(MANY)]
    units = [unit(f"u{at:05d}") for at in range(MANY)] + [unit("z")]
    return office.score([*plain, *last], units, **{**PARTS, **more})


@pytest.mark.parametrize("paid", [0, 9, 2**24, 2**40, 2**62, 2**70, 2**126, -1, -(2**40), -(2**70)])
def test_a_late_row_may_hold_a_number_of_any_size(office: Office, paid: int) -> None:
    card = scored(office, filed("z", paid=paid, due=3, open=1))
    assert [card.value(name, "z") for name in ("paid", "due", "open")] == [f"{paid}.00", "3.00", "1.00"]
    assert [card.value(name, "u00007") for name in ("paid", "due", "open")] == ["1.00", "2.00", "1.00"]


@pytest.mark.parametrize("absent", ["missing", "not_applicable", "suppressed", None])
def test_a_late_cell_may_be_absent(office: Office, absent: str | None) -> None:
    card = scored(office, filed("z", paid=absent, due=3, open=1))
    assert card.value("paid", "z") == (absent or "missing")
    assert [card.value(name, "z") for name in ("due", "open")] == ["3.00", "1.00"]
    assert card.value("paid", "u00007") == "1.00"


def test_a_late_return_may_be_revised_or_of_another_year(office: Office) -> None:
    late = [filed("z", paid=5, due=6, open=1), filed("z", version=2, paid=7, due=8, open=0)]
    card = scored(office, *late, filed("z", period="2024-12", paid=1000, due=1000, open=1))
    assert [card.value(name, "z") for name in ("paid", "due", "open")] == ["7.00", "8.00", "0.00"]


@pytest.mark.parametrize("short", [1, 2])
def test_why_a_unit_has_too_few_whole_rows_is_told_for_that_unit_only(office: Office, short: int) -> None:
    skip = [indicator("paid", "sum(pay.paid)", {"do": "skip", "at_least": "2"}), *SUMS[1:]]
    rows = [filed("z", period="2025-01", paid="suppressed" if short == 1 else 4, due=1, open=1)]
    rows.append(filed("z", period="2025-02", paid=5, due=1, open=1))
    units = [unit("a"), unit("z")]
    both = [filed("a", period=month, paid=1, due=2, open=1) for month in ("2025-01", "2025-02")]
    card = office.score([*both, *rows], units, period="2025-01..2025-02", **{**PARTS, "indicators": skip})
    assert card.value("paid", "z") == ("suppressed" if short == 1 else "9.00")
    assert card.value("paid", "a") == "2.00"
