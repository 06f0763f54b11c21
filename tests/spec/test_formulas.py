"""Formulas: sums over rows, and what stands outside them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.spec.office import Office, filed, form, indicator, unit

TENTH = "2025-01-10"
TWO = "2025-01..2025-02"
JANUARY = filed(due=10, paid=4, open=1, weight=1500)
FEBRUARY = filed(period="2025-02", due=6, paid=6, open=0, weight=250)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("sum(pay.due)", "16.0000"),
        ("mean(pay.due)", "8.0000"),
        ("min(pay.due)", "6.0000"),
        ("max(pay.due)", "10.0000"),
        ("count(pay)", "2.0000"),
        ("sum(pay.open)", "1.0000"),
        ("sum(pay.weight)", "1.7500"),
        ("sum(pay.due where pay.open)", "10.0000"),
        ("count(pay where pay.paid < pay.due)", "1.0000"),
        ("count(pay where not pay.open or pay.paid == 4)", "2.0000"),
        ("sum(if(pay.open, pay.paid, pay.due))", "10.0000"),
        ("sum(least(pay.paid, 5))", "9.0000"),
        ("sum(greatest(pay.paid, 5))", "11.0000"),
        ("sum(abs(pay.paid - pay.due))", "6.0000"),
        ("sum(floor(pay.weight))", "1.0000"),
        ("sum(floor(pay.due * 0.33))", "4.0000"),
        ("sum(pay.due * pay.paid)", "76.0000"),
        ("floor(sum(pay.due) / 3)", "5.0000"),
        ("-sum(pay.due) / 3", "-5.3333"),
        ("sum(pay.paid) / sum(pay.due)", "0.6250"),
        ("least(sum(pay.paid), sum(pay.due), 3)", "3.0000"),
        ('if(unit.kind == "village", 1, 2)', "1.0000"),
        ('if(unit.kind != "village" and sum(pay.due) > 0, 1, 2)', "2.0000"),
    ],
)
def test_a_formula_means_what_it_says(office: Office, formula: str, expected: str) -> None:
    assert office.with_formula(formula, JANUARY, FEBRUARY, **{"period": TWO}) == expected


def test_only_the_branch_taken_can_be_undefined(office: Office) -> None:
    formula = "if(sum(pay.due) == 0, 0, sum(pay.paid) / sum(pay.due))"
    assert office.with_formula(formula, filed(due=0, paid=0)) == "0.0000"


def test_a_third_and_a_third_and_a_third_are_one(office: Office) -> None:
    formula = "if(sum(pay.paid) / sum(pay.due) * 3 == 1, 1, 0)"
    assert office.with_formula(formula, filed(due=3, paid=1)) == "1.0000"


@pytest.mark.parametrize("huge", [2**62, 2**63 - 1, -(2**63)])
def test_no_number_is_too_large_to_be_exact(office: Office, huge: int) -> None:
    formula = "sum(pay.due * pay.due * pay.due + 1) - sum(pay.due * pay.due * pay.due)"
    assert office.with_formula(formula, filed(due=huge)) == "1.0000"


def test_an_indicator_may_name_another(office: Office) -> None:
    made = [indicator("ratio", "half * 2 + 1"), indicator("half", "sum(pay.paid) / sum(pay.due)")]
    assert office.score([filed(due=4, paid=1)], indicators=made).value() == "1.50"


def test_previous_reads_the_month_before_even_outside_the_period(office: Office) -> None:
    rows = [filed(period="2025-01", due=7), filed(period="2025-02", due=9)]
    formula = "sum(pay.due - previous(pay.due))"
    assert office.with_formula(formula, *rows, period="2025-02") == "2.0000"


def test_previous_of_a_month_nobody_filed_is_missing(office: Office) -> None:
    assert office.with_formula("sum(previous(pay.due))", filed(period="2025-02", due=9), period="2025-02") == "missing"
    assert office.with_formula("count(pay where not previous(pay.filed))", period="2025-02") == "1.0000"


def test_the_newest_version_counts(office: Office) -> None:
    rows = [filed(version=1, due=1), filed(version=2, due=5)]
    assert office.with_formula("sum(pay.due)", *rows) == "5.0000"


@pytest.mark.parametrize(
    ("received", "expected"),
    [("2025-02-05T15:59:59Z", "1.0000"), ("2025-02-05T16:00:00Z", "0.0000"), (None, "missing")],
)
def test_on_time_ends_with_the_civil_day_of_the_office(office: Office, received: str | None, expected: str) -> None:
    # Due on 5 February in Shanghai, whose midnight is 16:00 in UTC.
    assert office.with_formula("sum(pay.on_time)", filed(received=received, due=1)) == expected


def test_punctuality_is_that_of_the_first_version(office: Office) -> None:
    rows = [filed(version=1, received="2025-01-20T00:00:00Z"), filed(version=2, received="2025-06-01T00:00:00Z")]
    assert office.with_formula("sum(pay.on_time)", *rows) == "1.0000"


def test_a_return_nobody_filed_is_not_on_time(office: Office) -> None:
    assert office.with_formula("count(pay where not pay.filed and not pay.on_time)") == "1.0000"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, "3.0000"),
        ({"opened": "2025-02-01"}, "2.0000"),
        ({"opened": "2025-02-02"}, "1.0000"),
        ({"closed": "2025-03-01"}, "2.0000"),
        ({"closed": "2025-02-28"}, "1.0000"),
        ({"forms": ""}, "0.0000"),
    ],
)
def test_a_unit_answers_for_whole_months_it_is_open_and_for_forms_it_must_file(
    office: Office, facts: dict[str, str], expected: str
) -> None:
    made = [indicator("ratio", "count(pay)")]
    rows = [filed(period=f"2025-0{month}", due=1) for month in (1, 2, 3)]
    card = office.score(rows, [unit("a", **facts)], "2025-01..2025-03", indicators=made)
    assert card.value() == expected[:4]


def test_a_unit_stands_for_all_units_below_it(office: Office) -> None:
    units = [unit("t", kind="town", forms=""), unit("a", parent="t"), unit("b", parent="a"), unit("c", parent="gone")]
    rows = [filed(code, due=10, paid=paid) for code, paid in (("a", 1), ("b", 2), ("c", 9))]
    card = office.score(rows, units)
    assert [card.value(unit=code) for code in ("a", "b", "c", "t")] == ["0.15", "0.20", "0.90", "0.15"]


def test_events_count_in_the_period_they_belong_to(office: Office) -> None:
    other: dict[str, Any] = {
        "visits": [
            {"visit": f"v{at}", "unit": "a", "visited_on": day, "reason": "drawn"}
            for at, day in enumerate(("2024-12-31", "2025-01-01", "2025-01-31", "2025-02-01"))
        ],
        "findings": [
            {"finding": f"f{at}", "unit": "a", "kind": "fault", "occurrences": at, "status": status, "found_on": TENTH}
            for at, status in enumerate(("withdrawn", "confirmed", "proposed"))
        ],
        "corrections": [
            {"correction": "c1", "unit": "a", "due_on": TENTH, "closed_on": "2025-01-10"},
            {"correction": "c2", "unit": "a", "due_on": TENTH, "closed_on": "2025-01-11"},
            {"correction": "c3", "unit": "a", "due_on": TENTH, "closed_on": "2025-02-01"},
            {"correction": "c4", "unit": "a", "due_on": "2025-02-10", "closed_on": None},
        ],
        "agreements": [
            {
                "unit": "a",
                "version": 1,
                "issued_on": TENTH,
                "unit_signed_on": "2025-01-31",
                "office_signed_on": "2025-02-01",
            }
        ],
    }
    formulas = {
        "count(visits)": 2,
        'sum(findings.occurrences where findings.status == "confirmed")': 1,
        "count(corrections)": 4,
        "sum(corrections.due)": 3,
        "sum(corrections.closed)": 2,
        "sum(corrections.closed_on_time)": 1,
        "sum(agreements.signed)": 1,
        "sum(agreements.signed_on_time)": 0,
    }
    made = [indicator("ratio", "count(visits)"), *(indicator(f"i{at}", text) for at, text in enumerate(formulas))]
    card = office.score(other=other, indicators=made, agreement={"sign_by": "01-31"})
    assert [card.value(f"i{at}") for at in range(len(formulas))] == [f"{number}.00" for number in formulas.values()]


def test_decimals_in_a_field_are_exact(office: Office) -> None:
    forms = [form(weight={"decimals": "6"})]
    assert office.with_formula("sum(pay.weight)", filed(weight=1), forms=forms) == "0.0000"
    assert office.with_formula("sum(pay.weight) * 1000", filed(weight=1250000), forms=forms) == "1250.0000"
