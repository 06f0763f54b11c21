"""What would be enough for the next grade: every claim is tried again on tables that really hold the value."""

from __future__ import annotations

from typing import Any

import pytest

from answerable.definition import Programme, read, schemas
from answerable.definition.syntax import parse
from answerable.scoring import Explanation, explain
from answerable.scoring.explain_words import text
from answerable.scoring.reach import is_whole
from answerable.values import Period, Table
from tests.unit.definition.test_programme import SOUND

VETO = "vetoes: [{id: v, title: {zh: 否, en: V}, clause: law#1, legal_basis: law#1, when: stale, %s}]\nrounding:\n"
LESS = "id: less, title: {zh: 减, en: L}, clause: law#1, indicator: stale, each: -1, cap: 9"
TAKEN = "adjustments: [{" + LESS + "%s}]\nrounding:\n"
MINIMUM = "  minimums: [{grade: good, node: open, at_least: 99%}]\nrounding:\n"
QUOTA = "  quotas: [{grade: good, at_most: 50%, within: kind, seats: up, ties: in}]\nrounding:\n"
STEP = "  steps: [{id: s, title: {zh: 升, en: Up}, clause: law#1, order: 1, when: %s, by: up}]\nrounding:\n"


def programme(*changes: tuple[str, str]) -> Programme:
    source = SOUND
    for old, new in changes:
        assert old in source
        source = source.replace(old, new, 1)
    return read(source.encode())


def told(of: Programme, paid: int | None = 8000, stale: int = 1, peers: int = 0) -> Explanation:
    """A unit that pays so many of 10,000 each month, so that its share has exactly the digits of `paid`."""
    returns = [
        {"unit": "A", "period": f"2025-{month:02d}", "version": 1, "received_at": "2025-12-01T00:00:00Z"}
        | {"entitled": 10000, "paid": paid, "held": 1, "paid_state": None if paid is not None else "missing"}
        for month in range(1, 13)
    ]
    codes = ["A", *(f"P{at}" for at in range(peers))]
    found = {"finding": "F1", "unit": "A", "kind": "stale_board", "status": "confirmed", "found_on": "2025-03-01"}
    rows: dict[str, list[dict[str, Any]]] = {
        "units": [
            {"unit": code, "name_zh": code, "name_en": code, "kind": "unit", "forms": "monthly"} for code in codes
        ],
        "returns-monthly": returns + [{**row, "unit": code} for code in codes[1:] for row in returns],
        "findings": [{**found, "occurrences": stale}] if stale else [],
    }
    tables = {name: Table.of_rows(schema, rows.get(name, [])) for name, schema in schemas(of).items()}
    return explain(of, tables, Period.of_year(2025), "A")


def enough(of: Explanation, item: str) -> str | None:
    found = of.node(item)["enough"]
    return None if found is None else str(found["value"])


PROGRAMMES = {
    "a target": (),
    "a target and points taken by the same figure": (("rounding:\n", TAKEN % ""),),
    "points taken behind a base": (("rounding:\n", TAKEN % ', when_base: "< 92"'),),
    "unrounded points": (("add: rounded", "add: exact"),),
    "the exact total": (("on: rounded", "on: exact"), ("add: rounded", "add: exact")),
    "whole points of the total": (
        ("total: {mode: half_up, decimals: 2}", "total: {mode: half_up, decimals: 0}"),
        ("add: rounded", "add: exact"),
    ),
    "points rounded down": (("item: {mode: half_up, decimals: 2}", "item: {mode: down, decimals: 1}"),),
    "bands": (
        ("{ratio_to_target: 95%}", "{bands: [{from: 93%, points: 70}, {from: 85.5%, points: 62}, {otherwise: 40}]}"),
    ),
    "steps of shortfall": (
        ("{ratio_to_target: 95%}", "{deduct_per_step: {target: 90%, per: 0.7%, each: 2.3, steps: started, floor: 0}}"),
    ),
    "an interval that ends": (("{ratio_to_target: 95%}", "{interval: {from: 90.12%, to: 90.34%}}"),),
    "a veto on the points of another": (
        ("rounding:\n", VETO % "nothing_for: open"),
        ("from: 90}", "from: 60}"),
        ("below: 90", "below: 60"),
    ),
}


@pytest.mark.parametrize("name", PROGRAMMES)
def test_what_is_said_to_be_enough_is_enough_in_the_tables_and_a_digit_less_is_not(name: str) -> None:
    of, claims = programme(*PROGRAMMES[name]), 0
    for paid, stale in ((8000, 1), (8123, 3), (8400, 0), (7000, 2)):
        found = told(of, paid, stale)
        if (value := enough(found, "full")) is None:
            continue
        claims += 1
        scaled = round(float(value) * 10000)
        assert scaled > paid
        after = told(of, scaled, stale)
        assert after.document["grade"] == "good", (paid, stale, value)
        assert after.document["total"] == found.node("full")["enough"]["total"]
        assert after.node("full")["points"] == found.node("full")["enough"]["points"]
        assert told(of, scaled - 1, stale).document["grade"] == "bad", (paid, stale, value)
        assert found.node("full")["reaches_next_grade"] is True
    assert claims, "there is something to try"


def test_every_value_nearer_by_is_not_enough() -> None:
    of = programme()
    found = told(of, 8150, 1)
    scaled = round(float(enough(found, "full") or 0) * 10000)
    assert scaled == 8211, "60.50 points are wanted, and 60.495 round to them"
    assert {told(of, paid, 1).document["grade"] for paid in range(8150, scaled, 10)} == {"bad"}


def test_a_figure_may_have_to_be_less() -> None:
    of = programme()
    assert enough(told(of, 9500, 30), "open") == "20.0000"
    assert told(of, 9500, 20).document["grade"] == "good" and told(of, 9500, 21).document["grade"] == "bad"


WHOLE = {
    "count(findings)": True,
    "sum(findings.occurrences where findings.kind == 'stale_board') - 2": True,
    "floor(sum(monthly.paid) / 3)": True,
    "least(sum(monthly.held), 7)": True,
    "sum(monthly.held) / 2": False,
    "sum(monthly.held) * 0.5": False,
    "mean(monthly.held)": False,
    "paid_share * 2": False,
}


@pytest.mark.parametrize("formula", WHOLE)
def test_what_counts_things_has_only_whole_values(formula: str) -> None:
    assert is_whole(parse(formula.replace("'", '"')), programme()) is WHOLE[formula]


@pytest.mark.parametrize("rule", ["{ratio_to_target: 95%}", "{bands: [{from: 95%, points: 70}, {otherwise: 0}]}"])
def test_where_no_value_of_an_item_suffices_nothing_is_said(rule: str) -> None:
    found = told(programme(("{ratio_to_target: 95%}", rule)), 8000, 60)
    assert found.document["next_grade"]["enough"] == []
    assert [found.node(item)["enough"] for item in ("full", "open")] == [None, None]
    assert not found.node("full")["reaches_next_grade"] and not found.node("open")["reaches_next_grade"]


def test_nothing_is_said_of_an_item_without_a_value() -> None:
    found = told(programme(), None, 0)
    assert found.node("full")["reaches_next_grade"] is True and enough(found, "full") is None


def test_a_share_is_not_said_to_be_above_one() -> None:
    found = told(programme(("{ratio_to_target: 95%}", "{ratio_to_target: 120%}")), 9000, 0)
    assert found.node("full")["reaches_next_grade"] is True and enough(found, "full") is None


def test_where_a_veto_bars_the_grade_no_value_is_enough_but_one_that_lifts_the_veto() -> None:
    barred = programme(("rounding:\n", VETO % "at_most: bad"))
    found = told(barred, 8200, 3)
    assert found.node("full")["reaches_next_grade"] is True, "vetoes aside"
    assert enough(found, "full") is None and enough(found, "open") == "0.0000"
    assert told(barred, 8200, 0).document["grade"] == "good" and told(barred, 8200, 1).document["grade"] == "bad"


def test_a_veto_that_a_value_lifts_gives_back_what_it_took_elsewhere() -> None:
    of = programme(("rounding:\n", VETO % "nothing_for: full"))
    assert told(of, 8500, 1).document["total"] == "29.50"
    assert enough(told(of, 8500, 1), "open") == "0.0000" and told(of, 8500, 0).document["grade"] == "good"


def test_points_given_only_below_a_base_are_found_before_they_end() -> None:
    more = TAKEN.replace("each: -1, cap: 9", "each: 5, cap: 10")
    of = programme(("rounding:\n", more % ', when_base: "< 82"'))
    # 48 + 29 + 10 is 87; 51 would do, and from 53 on the ten points are gone.
    assert enough(told(of, 6514, 2), "full") == "0.6921"
    grades = {paid: told(of, paid, 2).document["grade"] for paid in (6920, 6921, 7300)}
    assert grades == {6920: "bad", 6921: "good", 7300: "bad"}


def test_a_minimum_of_another_part_is_not_reached_by_points() -> None:
    found = told(programme(("rounding:\n", MINIMUM)), 8000, 1)
    assert found.node("full")["open_points"] == "11.05" and found.document["next_grade"]["short_by"] == "1.55"
    assert not found.node("full")["reaches_next_grade"] and enough(found, "full") is None


def test_points_count_from_where_the_total_would_be_and_not_from_the_end_of_the_scale() -> None:
    below = TAKEN.replace("each: -1, cap: 9", "each: -3, cap: 99")
    found = told(programme(("rounding:\n", below % ""), ("from: 90}", "from: 61}"), ("below: 90", "below: 61")), 0, 9)
    assert found.document["total"] == "0.00" and found.document["next_grade"]["short_by"] == "61"
    assert found.node("full")["reaches_next_grade"] is True
    found = told(programme(("rounding:\n", below % ""), ("from: 90}", "from: 61}"), ("below: 90", "below: 61")), 0, 12)
    assert found.document["total"] == "0.00" and found.node("full")["reaches_next_grade"] is False


def test_the_rounding_of_the_total_counts_for_reaching_a_grade_alone() -> None:
    whole = programme(("total: {mode: half_up, decimals: 2}", "total: {mode: half_up, decimals: 0}"))
    whole_open = programme(
        ("total: {mode: half_up, decimals: 2}", "total: {mode: half_up, decimals: 0}"),
        ("rule: {deduct_per_count: {each: 0.5, floor: 0}}", "rule: {deduct_per_count: {each: 0.3, floor: 0}}"),
    )
    # 60.42 + 28.5 is 88.92, printed 89: one point is short, and 1.5 are open.
    assert told(whole, 8200, 3).node("open")["reaches_next_grade"] is True
    # 60.42 + 29.1 is 89.52, printed 90; with 59.38 + 29.1 it is 88.48, printed 88, and 0.9 make it 89.38.
    assert told(whole_open, 8058, 3).document["total"] == "88"
    assert told(whole_open, 8058, 3).node("open")["reaches_next_grade"] is False
    # 60.04 + 28.2 is 88.24, printed 88: two points are short, 1.8 are open, and 90.04 would be there.
    found = told(whole_open, 8148, 6)
    assert found.document["next_grade"]["short_by"] == "2" and found.node("open")["open_points"] == "1.80"
    assert found.node("open")["reaches_next_grade"] is True


def test_figures_across_units_are_left_alone() -> None:
    usual = "id: usual, title: {zh: 均, en: U}, formula: mean(paid_share within kind), missing: unassessable"
    across = "  - {" + usual + ", show: percent}\ntree:\n"
    found = told(programme(("tree:\n", across)), 8000, 1, peers=2)
    assert found.node("full")["reaches_next_grade"] is True and enough(found, "full") is None
    assert enough(told(programme(), 8000, 1, peers=2), "full") == "0.8211"


def test_a_quota_is_said_to_be_left_aside() -> None:
    found = told(programme(("rounding:\n", QUOTA)), 8000, 1)
    assert enough(found, "full") == "0.8211" and found.node("full")["enough"]["quota"] is True
    assert "places are counted besides" in text(found, "en")


# -- how far the grade holds ---------------------------------------------------------------------------------------


def test_the_margin_is_what_the_total_may_lose_and_the_grade_still_stand() -> None:
    found = told(programme(), 9500, 11)
    assert found.document["total"] == "94.50"
    assert found.document["margin"] == {"points": "4.5", "down_to": "90", "minimums": False, "quota": False}
    assert told(programme(), 9500, 20).document["margin"]["points"] == "0"


def test_the_last_grade_has_no_margin_nor_has_one_that_a_step_gives() -> None:
    assert told(programme(), 8000, 1).document["margin"] is None
    stepped = told(programme(("rounding:\n", STEP % "stale")), 8000, 1)
    assert stepped.document["grade"] == "good" and stepped.document["margin"] is None
    held = told(programme(("rounding:\n", STEP % "stale")), 9500, 1)
    assert held.document["total"] == "99.50" and held.document["margin"] is None, "the step would give it anyway"


def test_minimums_and_quotas_of_the_grade_are_said_beside_its_margin() -> None:
    margin = told(programme(("rounding:\n", MINIMUM.removesuffix("rounding:\n") + QUOTA)), 9500, 0).document["margin"]
    assert margin == {"points": "10", "down_to": "90", "minimums": True, "quota": True}


def test_a_reader_is_told_what_would_be_enough_and_how_far_the_grade_holds() -> None:
    short = told(programme(), 8000, 1)
    said = "Enough for the next grade: Share paid of 82.11%, everything else as it is: 60.50 points, a total of 90.00"
    assert said in text(short, "en") and "升等次所需: 发放率为 82.11%，其余不变：得 60.50 分，总分 90.00" in text(
        short, "zh"
    )
    held = told(programme(), 9500, 11)
    assert "the grade holds with up to 4.5 points fewer (down to 90)" in text(held, "en")
    assert "再少 4.5 分以内等次不变（总分不低于 90）" in text(held, "zh")
