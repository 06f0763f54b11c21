"""Rules: how an indicator becomes points. Each test is a paragraph of the reference, held by both engines."""

from __future__ import annotations

import pytest

from tests.spec.office import Office, filed, indicator, item, rounding


@pytest.mark.parametrize(("paid", "points"), [(94, "0.00"), (95, "10.00"), (96, "10.00")])
def test_full_or_none_gives_all_points_from_the_threshold_on(office: Office, paid: int, points: str) -> None:
    assert office.points({"full_or_none": ">= 95%"}, paid, 100) == points


@pytest.mark.parametrize(
    ("threshold", "below", "at", "above"),
    [("< 50%", 10, 0, 0), ("<= 50%", 10, 10, 0), ("> 50%", 0, 0, 10), (">= 50%", 0, 10, 10), ("== 50%", 0, 10, 0)],
)
def test_a_threshold_means_its_sign_exactly(office: Office, threshold: str, below: int, at: int, above: int) -> None:
    # 1/3 is below 50% and 2/3 above; 3/6 is 50% although no double holds a third.
    given = [office.points({"full_or_none": threshold}, paid, due) for paid, due in ((1, 3), (3, 6), (2, 3))]
    assert given == [f"{points}.00" for points in (below, at, above)]


@pytest.mark.parametrize(("faults", "points"), [(0, "10.00"), (1, "7.50"), (3, "2.50"), (4, "1.00"), (99, "1.00")])
def test_deduct_per_count_takes_from_all_points_down_to_the_floor(office: Office, faults: int, points: str) -> None:
    rule = {"deduct_per_count": {"each": "2.5", "floor": "1"}}
    card = office.score(
        [filed(due=faults)],
        indicators=[indicator("ratio", "sum(pay.due)")],
        tree=[item("paid", rule)],
    )
    assert card.points() == points


def test_deduct_per_count_never_gives_more_than_all_points(office: Office) -> None:
    rule = {"deduct_per_count": {"each": "1", "floor": "0"}}
    made = [indicator("ratio", "0 - sum(pay.due)")]
    assert office.score([filed(due=5)], indicators=made, tree=[item("paid", rule)]).points() == "10.00"


@pytest.mark.parametrize(("paid", "points"), [(0, "0.00"), (45, "5.00"), (90, "10.00"), (100, "10.00"), (-5, "0.00")])
def test_ratio_to_target_is_in_proportion_and_capped(office: Office, paid: int, points: str) -> None:
    assert office.points({"ratio_to_target": "90%"}, paid, 100) == points


@pytest.mark.parametrize(("paid", "points"), [(60, "0.00"), (55, "0.00"), (75, "5.00"), (90, "10.00"), (99, "10.00")])
def test_linear_runs_from_no_points_to_all(office: Office, paid: int, points: str) -> None:
    assert office.points({"linear": {"zero_at": "60%", "full_at": "90%"}}, paid, 100) == points


@pytest.mark.parametrize(("paid", "points"), [(0, "10.00"), (5, "5.00"), (10, "0.00"), (20, "0.00")])
def test_linear_may_run_downwards(office: Office, paid: int, points: str) -> None:
    assert office.points({"linear": {"zero_at": "10%", "full_at": "0"}}, paid, 100) == points


@pytest.mark.parametrize(
    ("paid", "points"), [(1000, "10.00"), (950, "10.00"), (949, "6.00"), (900, "6.00"), (899, "1.00"), (-1, "1.00")]
)
def test_a_band_holds_its_start_and_not_its_end(office: Office, paid: int, points: str) -> None:
    steps = [{"from": "95%", "points": "10"}, {"from": "90%", "below": "95%", "points": "6"}, {"otherwise": "1"}]
    assert office.points({"bands": steps}, paid, 1000) == points


@pytest.mark.parametrize(
    ("mode", "paid", "points"),
    [
        ("half_up", 1005, "1.01"),
        ("half_even", 1005, "1.00"),
        ("half_even", 1015, "1.02"),
        ("down", 1009, "1.00"),
        ("up", 1001, "1.01"),
        ("up", 1000, "1.00"),
    ],
)
def test_rounding_is_done_as_it_is_named(office: Office, mode: str, paid: int, points: str) -> None:
    # 1.005 is where doubles go wrong: no double is 1.005.
    stages = {"indicator": rounding(), "item": rounding(mode), "total": rounding(), "add": "rounded"}
    card = office.score([filed(paid=paid, due=1000)], tree=[item("paid", {"ratio_to_target": "10"})], rounding=stages)
    assert card.points() == points


@pytest.mark.parametrize(("mode", "rounded"), [("half_up", "-3"), ("half_even", "-2"), ("down", "-2"), ("up", "-3")])
def test_below_zero_rounding_mirrors_what_it_does_above(office: Office, mode: str, rounded: str) -> None:
    stages = {"indicator": rounding(mode, 0), "item": rounding(), "total": rounding(), "add": "rounded"}
    card = office.score([filed(paid=-5, due=2)], rounding=stages)
    assert str(card.value()) == rounded


def test_points_may_have_no_decimals(office: Office) -> None:
    stages = {"indicator": rounding(), "item": rounding(decimals=0), "total": rounding(decimals=0), "add": "rounded"}
    card = office.score([filed(paid=25, due=100)], rounding=stages)
    assert (card.points(), card.total()) == (3, 3)
