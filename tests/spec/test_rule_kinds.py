"""More kinds of rule: steps of shortfall, intervals, agreement, gates, deductions with one floor, places, formulas."""

from __future__ import annotations

import json
from typing import Any

import pytest

from answerable.definition import read
from answerable.values.issue import Refused
from tests.spec.office import Office, document, filed, indicator, item, rounding

FOUR = {"indicator": rounding(decimals=4), "item": rounding(), "total": rounding(), "add": "rounded"}


def points(office: Office, rule: dict[str, Any], value: str, points: str = "10", **others: str) -> Any:
    """What a rule gives for a value, with other indicators beside it."""
    made = [indicator("ratio", value), *(indicator(name, formula) for name, formula in others.items())]
    tree = [item("paid", rule, points)]
    return office.score([filed(due=1)], indicators=made, tree=tree, rounding=FOUR).points()


@pytest.mark.parametrize(
    ("steps", "value", "expected"),
    [
        ("started", "90%", "3.00"),
        ("started", "91%", "3.00"),
        ("started", "89.95%", "2.70"),
        ("started", "89.9%", "2.70"),
        ("complete", "89.95%", "3.00"),
        ("complete", "89.85%", "2.70"),
        ("exact", "89.95%", "2.85"),
        ("exact", "89%", "0.00"),
        ("exact", "10%", "0.00"),
    ],
)
def test_a_shortfall_is_deducted_step_by_step(office: Office, steps: str, value: str, expected: str) -> None:
    rule = {"target": "90%", "per": "0.1%", "each": "0.3", "steps": steps, "floor": "0"}
    assert points(office, {"deduct_per_step": rule}, value, "3") == expected


def test_an_excess_is_deducted_step_by_step_too(office: Office) -> None:
    rule = {"target": "5", "side": "above", "per": "2", "each": "1", "steps": "started", "floor": "1"}
    given = [points(office, {"deduct_per_step": rule}, value, "4") for value in ("4", "5", "6", "9", "99")]
    assert given == ["4.00", "4.00", "3.00", "2.00", "1.00"]


@pytest.mark.parametrize(("value", "expected"), [("84.99%", 0), ("85%", 10), ("1", 10), ("100.01%", 0)])
def test_an_interval_holds_both_its_ends(office: Office, value: str, expected: int) -> None:
    assert points(office, {"interval": {"from": "85%", "to": "100%"}}, value) == f"{expected}.00"


@pytest.mark.parametrize(
    ("value", "expected"), [("0", "10.00"), ("2", "10.00"), ("-3", "10.00"), ("6", "5.00"), ("-30", "1.00")]
)
def test_agreement_rewards_a_report_that_was_near_the_recount(office: Office, value: str, expected: str) -> None:
    assert points(office, {"agreement": {"full_within": "3"}}, value) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [("0", "1.50"), ("3", "1.65"), ("40", "2.00"), ("-4", "1.10"), ("-99", "-0.50")]
)
def test_a_base_moves_up_and_down_to_its_caps(office: Office, value: str, expected: str) -> None:
    rule = {"base": "1.5", "up": "0.05", "most_up": "0.5", "down": "0.1", "most_down": "2", "floor": "-0.5"}
    assert points(office, {"around": rule}, value, "2") == expected


@pytest.mark.parametrize(("value", "expected"), [("1", "10.00"), ("2", "8.00"), ("3", "6.00"), ("4", "5.00")])
def test_a_place_has_its_points(office: Office, value: str, expected: str) -> None:
    rule = {"places": ["10", "8", "6"], "otherwise": "5"}
    assert points(office, {"rank_points": rule}, value) == expected


def test_a_gate_opens_at_its_threshold(office: Office) -> None:
    rule = {"gate": {"when": ">= 60%", "rule": {"ratio_to_target": "1"}}}
    assert [points(office, rule, value) for value in ("59.9%", "60%", "75%")] == ["0.00", "6.00", "7.50"]


def test_one_falsified_record_closes_a_gate(office: Office) -> None:
    rule = {"gate": {"indicator": "false_records", "when": "== 0", "rule": {"ratio_to_target": "80%"}}}
    given = [points(office, rule, "80%", false_records=found) for found in ("0", "1")]
    assert given == ["10.00", "0.00"]


def test_several_reasons_share_one_floor(office: Office) -> None:
    deductions = [
        {"indicator": name, "each": each} for name, each in (("untidy", "0.5"), ("gaps", "5"), ("errors", "2"))
    ]
    rule = {"less": {"deductions": deductions, "floor": "0"}}
    assert points(office, rule, "0", "30", untidy="2", gaps="1", errors="3") == "18.00"
    assert points(office, rule, "0", "30", untidy="2", gaps="9", errors="3") == "0.00"


def test_a_rule_less_a_penalty(office: Office) -> None:
    deductions = [{"indicator": "wrong", "each": "12.5"}]
    rule = {"less": {"rule": {"ratio_to_target": "80%"}, "floor": "0", "deductions": deductions}}
    given = [
        points(office, rule, value, "50", wrong=wrong) for value, wrong in (("72%", "1"), ("80%", "4"), ("40%", "3"))
    ]
    assert given == ["32.50", "0.00", "0.00"]


def test_a_formula_reads_the_value_the_points_and_other_indicators(office: Office) -> None:
    rule = {
        "formula": "if(value >= reference, 0.7 * level + 0.3 * progress, 0.3 * level + 0.7 * progress) / 100 * points"
    }
    numbers = {"reference": "50%", "level": "90", "progress": "60"}
    assert points(office, rule, "60%", "100", **numbers) == "81.00"
    assert points(office, rule, "40%", "100", **numbers) == "69.00"


def test_a_formula_is_kept_between_its_floor_and_its_cap(office: Office) -> None:
    given = [points(office, {"formula": "value * 10"}, value) for value in ("-1", "0.55", "3")]
    assert given == ["0.00", "5.50", "10.00"]
    rule = {"formula": {"formula": "value * 10", "floor": "-2", "cap": "4"}}
    assert [points(office, rule, value) for value in ("-1", "0.55")] == ["-2.00", "4.00"]


@pytest.mark.parametrize(
    ("fate", "given", "total"), [("zero", "0.00", "5.00"), ("full", "10.00", "15.00"), ("exempt", None, "10.00")]
)
def test_a_formula_without_a_value_does_what_the_item_says(office: Office, fate: str, given: Any, total: str) -> None:
    made = [indicator("ratio", "1"), indicator("nothing", "0"), indicator("half", "1 / 2")]
    tree = [
        item("paid", {"formula": "value / nothing"}, absent=fate),
        item("other", {"ratio_to_target": "1"}, of="half"),
    ]
    card = office.score([filed(due=1)], indicators=made, tree=tree)
    assert (card.points(), card.state(), card.total()) == (given, "undefined", total)


def test_an_absent_indicator_beside_the_value_leaves_the_item_without_points(office: Office) -> None:
    made = [indicator("ratio", "1"), indicator("gone", "sum(pay.paid)")]
    tree = [item("paid", {"less": {"deductions": [{"indicator": "gone", "each": "1"}], "floor": "0"}})]
    card = office.score([filed(due=1)], indicators=made, tree=tree)
    assert (card.points(), card.state()) == ("0.00", "missing")


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"deduct_per_step": {"target": "1", "per": "0", "each": "1", "steps": "exact", "floor": "0"}}, "wrong_value"),
        ({"interval": {"from": "2", "to": "1"}}, "wrong_value"),
        ({"agreement": {"full_within": "0"}}, "wrong_value"),
        ({"rank_points": {"places": ["11"], "otherwise": "0"}}, "wrong_value"),
        ({"gate": {"indicator": "none", "when": "> 0", "rule": {"ratio_to_target": "1"}}}, "unknown_name"),
        ({"gate": {"when": "> 0", "rule": {"ratio_to_target": "0"}}}, "wrong_value"),
        ({"less": {"deductions": [{"indicator": "none", "each": "1"}], "floor": "0"}}, "unknown_name"),
        ({"less": {"deductions": [{"indicator": "ratio", "each": "0"}], "floor": "0"}}, "wrong_value"),
        ({"formula": "value + none"}, "unknown_name"),
        ({"formula": "value >= 1"}, "not_a_quantity"),
        ({"formula": "sum(pay.paid)"}, "not_in_rules"),
        ({"formula": "root(value, 2)"}, "not_in_rules"),
        ({"formula": {"formula": "value", "cap": "11"}}, "wrong_value"),
        (
            {"around": {"base": "9", "up": "1", "most_up": "2", "down": "1", "most_down": "1", "floor": "0"}},
            "wrong_value",
        ),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(rule: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        read(json.dumps(document(tree=[item("paid", rule)]), ensure_ascii=False).encode())
    assert f"programme.{code}" in {issue.code for issue in refused.value.issues}
