"""Months before, quarters, targets by unit and year, and what was achieved the year before."""

from __future__ import annotations

from typing import Any

import pytest

from tests.spec.office import MISSING, NOT_APPLICABLE, SUPPRESSED, WORDS, Card, Office, filed, indicator, item, unit

PAID = {"2024-11": 5, "2024-12": 1, "2025-01": 2, "2025-02": 4, "2025-03": 8, "2025-04": 16}


def year(office: Office, formula: str, missing: Any = "unassessable", period: str = "2025-01..2025-04") -> Any:
    returns = [filed(period=month, paid=paid, due=20) for month, paid in PAID.items()]
    tree = [item("paid", {"full_or_none": ">= 0"})]
    parts: dict[str, Any] = {"in_force": {"from": "2024-01-01", "until": "2026-01-01"}, "tree": tree}
    ratio = [indicator("ratio", formula, missing)]
    return office.score(returns, period=period, indicators=ratio, **parts).value()


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("sum(previous(pay.paid))", "15.00"),
        ("sum(previous(pay.paid, 2))", "12.00"),
        ("sum(previous(pay.paid, 1) - previous(pay.paid, 2))", "3.00"),
        ("sum(pay.paid - previous(pay.paid, 2))", "18.00"),
        ("sum(trailing(pay.paid, 3))", "57.00"),
        ("max(trailing(pay.paid, 2))", "24.00"),
        ("count(pay where pay.paid >= previous(pay.paid) + previous(pay.paid, 2)) / count(pay)", "0.75"),
        ("count(pay where previous(pay.paid, 2) > previous(pay.paid))", "1.00"),
        ("sum(pay.paid where pay.quarter == 1)", "14.00"),
        ("sum(pay.paid where pay.quarter == 2)", "16.00"),
        ("sum(pay.paid where pay.month >= 2 and pay.month < 4)", "12.00"),
        ("sum(previous(pay.paid) where pay.month == 1)", "1.00"),
        ("count(pay where pay.month == 12)", "0.00"),
        ("mean(pay.paid where pay.month == 12)", "undefined"),
    ],
)
def test_a_row_knows_its_month_and_the_months_before_it(office: Office, formula: str, expected: str) -> None:
    assert year(office, formula) == expected


@pytest.mark.parametrize(
    ("formula", "missing", "expected"),
    [
        ("sum(previous(pay.paid, 3))", "unassessable", "missing"),
        ("sum(previous(pay.paid, 3))", "zero", "8.00"),
        ("sum(previous(pay.paid, 3))", {"do": "skip", "at_least": "3"}, "8.00"),
        ("sum(previous(pay.paid, 3))", {"do": "skip", "at_least": "4"}, "missing"),
        ("sum(trailing(pay.paid, 4))", "zero", "65.00"),
    ],
)
def test_a_month_before_that_nobody_filed_is_absent_like_any_other(
    office: Office, formula: str, missing: Any, expected: str
) -> None:
    assert year(office, formula, missing) == expected


def test_a_month_nobody_filed_has_its_quarter_all_the_same(office: Office) -> None:
    formula = "count(pay where pay.filed and pay.quarter == 3) / count(pay where pay.quarter == 3)"
    assert year(office, formula, period="2025-01..2025-09") == "0.00"
    formula = "count(pay where pay.filed and pay.quarter == 2) / count(pay where pay.quarter == 2)"
    assert year(office, formula, period="2025-01..2025-06") == "0.33"


# -- targets -------------------------------------------------------------------------------------------------------

PLACES = {
    "id": "places",
    "title": WORDS,
    "clause": "law#1",
    "measure": "count",
    "usual": [
        {"from": "2024", "value": "8"},
        {"from": "2025", "value": "10"},
        {"from": "2024", "kinds": ["town"], "value": "100"},
        {"from": "2027", "value": "12"},
    ],
}


def towards(office: Office, formula: str = "sum(pay.paid) / target.places", period: str = "2025-01") -> Card:
    registry = [unit(code) for code in "abcd"] + [unit("t", kind="town")]
    stated = [
        {"unit": "b", "target": "places", "year": 2025, "value": 4_000_000, "value_state": None},
        {"unit": "b", "target": "places", "year": 2024, "value": 2_000_000, "value_state": None},
        {"unit": "c", "target": "places", "year": 2025, "value": None, "value_state": NOT_APPLICABLE},
        {"unit": "d", "target": "places", "year": 2025, "value": None, "value_state": None},
    ]
    returns = [filed(one["unit"], period=period, paid=6, due=8) for one in registry]
    return office.score(
        returns,
        registry,
        period,
        {"targets": stated},
        in_force={"from": "2023-01-01", "until": "2026-01-01"},
        targets=[PLACES],
        indicators=[indicator("ratio", formula)],
    )


def test_a_unit_has_its_own_target_or_the_usual_one_of_its_year_and_kind(office: Office) -> None:
    card = towards(office)
    assert [card.value(unit=code) for code in "abcdt"] == ["0.60", "1.50", NOT_APPLICABLE, MISSING, "0.06"]
    before = towards(office, period="2024-01")
    assert [before.value(unit=code) for code in "abcdt"] == ["0.75", "3.00", "0.75", "0.75", "0.06"]
    assert towards(office, period="2023-01").value() == MISSING


def test_a_target_that_is_absent_can_be_stood_in_for(office: Office) -> None:
    card = towards(office, "sum(pay.paid) / otherwise(target.places, 12)")
    assert [card.value(unit=code) for code in "acd"] == ["0.60", "0.50", "0.50"]


# -- the year before -----------------------------------------------------------------------------------------------

BEFORE = {"a": 500_000, "b": 1_000_000, "c": NOT_APPLICABLE, "e": SUPPRESSED}
NOW = {"a": 6, "b": 6, "c": 6, "d": 6, "e": 6}


def since(office: Office, *more: dict[str, Any], of: str = "rise", rule: Any = None) -> Card:
    stated = [
        {"unit": code, "indicator": "ratio", "year": 2024, "value": cell, "value_state": None}
        if isinstance(cell, int)
        else {"unit": code, "indicator": "ratio", "year": 2024, "value": None, "value_state": cell}
        for code, cell in BEFORE.items()
    ]
    stated.append({"unit": "d", "indicator": "ratio", "year": 2023, "value": 100_000, "value_state": None})
    return office.score(
        [filed(code, paid=paid, due=8) for code, paid in NOW.items()],
        [unit(code) for code in NOW],
        other={"earlier": stated},
        indicators=[
            indicator("ratio", "sum(pay.paid) / sum(pay.due)"),
            indicator("rise", "ratio - earlier.ratio"),
            *more,
        ],
        tree=[item("paid", rule or {"linear": {"zero_at": "0", "full_at": "50%"}}, of=of)],
    )


def test_progress_is_measured_against_the_figure_of_the_year_before(office: Office) -> None:
    card = since(office)
    assert [card.value("rise", code) for code in NOW] == ["0.25", "-0.25", NOT_APPLICABLE, MISSING, SUPPRESSED]
    assert [card.points(unit=code) for code in NOW] == ["5.00", "0.00", "0.00", "0.00", "0.00"]


def test_the_better_of_achievement_and_improvement(office: Office) -> None:
    rule = {
        "best_of": [
            {"rule": {"linear": {"zero_at": "50%", "full_at": "100%"}}},
            {"indicator": "rise", "rule": {"linear": {"zero_at": "0", "full_at": "40%"}}},
        ]
    }
    card = since(office, of="ratio", rule=rule)
    # Achievement gives all of them 5 points; the rise of the first gives 6.25; who has no figure of last year has none.
    assert [card.points(unit=code) for code in NOW] == ["6.25", "5.00", "5.00", "5.00", "5.00"]


def test_a_benchmark_of_the_year_before(office: Office) -> None:
    before, best = indicator("before", "earlier.ratio"), indicator("best", "max(before within kind)")
    card = since(office, before, best, indicator("to_best", "ratio / best"), of="to_best")
    assert [card.value("best", code) for code in NOW] == ["1.00"] * 5
    assert card.value("to_best", "c") == "0.75"
