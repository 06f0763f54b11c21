"""Means with weights, what is left where values are absent, shares that add up, and extremes that are kept in."""

from __future__ import annotations

from typing import Any

import pytest

from tests.spec.office import Card, Office, filed, indicator, item, rounding, unit

SHOWN = {"indicator": rounding(decimals=4), "item": rounding(), "total": rounding(), "add": "rounded"}
PAID = {"a": 1, "b": 2, "c": 4, "d": 7, "e": None}
"""What five villages paid of 8."""


def asked(office: Office, formula: str, paid: dict[str, Any] | None = None) -> list[Any]:
    cells = PAID if paid is None else paid
    returns = [filed(code, paid=cell, due=8) for code, cell in cells.items()]
    card: Card = office.score(
        returns,
        [unit(code) for code in cells],
        rounding=SHOWN,
        indicators=[
            indicator("ratio", "sum(pay.paid) / sum(pay.due)"),
            indicator("whole", "sum(pay.due) / sum(pay.due) * 80%"),
            indicator("asked", formula),
        ],
        tree=[item("paid", {"full_or_none": ">= 0"}, of="asked")],
    )
    return [card.value("asked", code) for code in cells]


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("weighted_mean(ratio, 3, whole, 1)", "0.2938 0.3875 0.5750 0.8563 missing"),
        ("known_mean(1, ratio, 3, whole, 1)", "0.2938 0.3875 0.5750 0.8563 0.8000"),
        ("known_mean(2, ratio, 3, whole, 1)", "0.2938 0.3875 0.5750 0.8563 undefined"),
        ("known_mean(1, ratio, 3, ratio / (ratio - 12.5%), 1)", "0.1250 0.6875 0.7083 0.9479 undefined"),
        ("geometric_mean(ratio, 1, whole, 1)", "0.3162 0.4472 0.6325 0.8367 missing"),
        ("geometric_mean(ratio, 2, whole, 1)", "0.2321 0.3684 0.5848 0.8492 missing"),
        ("harmonic_mean(ratio, 1, whole, 1)", "0.2162 0.3810 0.6154 0.8358 missing"),
        ("power_mean(ratio, 1, whole, 1, 2)", "0.5725 0.5927 0.6671 0.8383 missing"),
        ("power_mean(ratio, 1, whole, 1, -1)", "0.2162 0.3810 0.6154 0.8358 missing"),
        ("power_mean(ratio, 1, whole, 1, 1/2)", "0.3894 0.4861 0.6412 0.8371 missing"),
        ("least(ratio, whole)", "0.1250 0.2500 0.5000 0.8000 missing"),
        ("min_max(ratio within kind)", "0.0000 0.1667 0.5000 1.0000 missing"),
        ("z_score(ratio within kind)", "-1.0911 -0.6547 0.2182 1.5275 missing"),
        ("percent_rank(ratio within kind)", "0.0000 0.3333 0.6667 1.0000 missing"),
        ("borda(ratio within kind)", "0.0000 1.0000 2.0000 3.0000 missing"),
        ("percentile(ratio within kind, 50%)", "0.3750 0.3750 0.3750 0.3750 0.3750"),
        ("percentile(ratio within kind, 10%)", "0.1625 0.1625 0.1625 0.1625 0.1625"),
        ("percentile(ratio within kind, 0%)", "0.1250 0.1250 0.1250 0.1250 0.1250"),
        ("percentile(ratio within kind, 100%)", "0.8750 0.8750 0.8750 0.8750 0.8750"),
        ("winsorised(ratio within kind, 10%)", "0.1625 0.2500 0.5000 0.7625 missing"),
        ("otherwise(ratio, mean(ratio within kind))", "0.1250 0.2500 0.5000 0.8750 0.4375"),
    ],
)
def test_composite_figures(office: Office, formula: str, expected: str) -> None:
    assert asked(office, formula) == expected.split()


def test_an_indicator_that_is_the_same_for_all_has_no_standard_score_and_no_place_between_the_ends(
    office: Office,
) -> None:
    same = dict.fromkeys("abc", 4)
    assert asked(office, "z_score(ratio within kind)", same) == ["undefined"] * 3
    assert asked(office, "min_max(ratio within kind)", same) == ["undefined"] * 3


@pytest.mark.parametrize(
    ("whole", "paid", "expected"),
    [
        ("1000", {"a": 1, "b": 1, "c": 1}, "334 333 333"),
        ("1000", {"a": 0, "b": 1, "c": 7}, "0 125 875"),
        ("10", {"a": 2, "b": 1, "c": 1, "d": None}, "5 3 2 missing"),
        ("1", {"a": 1, "b": 2, "c": 2}, "0 1 0"),
        ("0", {"a": 1, "b": 2}, "0 0"),
        ("7", {"a": 0, "b": 0}, "undefined undefined"),
        ("7", {"a": None}, "missing"),
        ("100000000000000000000", {"a": 1, "b": 2}, "33333333333333333333 66666666666666666667"),
    ],
)
def test_shares_of_a_whole_add_up_the_largest_remainders_first(
    office: Office, whole: str, paid: dict[str, Any], expected: str
) -> None:
    values = [str(one).removesuffix(".0000") for one in asked(office, f"apportion(ratio within kind, {whole})", paid)]
    assert values == expected.split()
    shares = [int(value) for value in values if value.isdigit()]
    assert not shares or sum(shares) == int(whole)


def test_shares_are_made_within_each_group(office: Office) -> None:
    registry = [unit(code, peer_group=group) for code, group in {"a": "x", "b": "y", "c": "x"}.items()]
    card = office.score(
        [filed(code, paid=1, due=2) for code in "abc"],
        registry,
        indicators=[
            indicator("ratio", "sum(pay.paid) / sum(pay.due)"),
            indicator("money", "apportion(ratio within peer_group, 5)"),
        ],
        tree=[item("paid", {"full_or_none": ">= 0"}, of="money")],
    )
    assert [card.value("money", code) for code in "abc"] == ["3.00", "5.00", "2.00"]


def test_a_share_of_less_than_nothing_is_undefined(office: Office) -> None:
    assert asked(office, "apportion(ratio within kind, 7) + ratio - ratio", {"a": -1, "b": 3}) == ["undefined"] * 2
