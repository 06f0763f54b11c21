"""From points to a total, a grade and a place."""

from __future__ import annotations

from typing import Any

import pytest

from tests.spec.office import Office, bands, filed, indicator, item, rounding, unit

WORDS = {"title": {"zh": "项", "en": "one"}, "clause": "law#1"}
DAY = "2025-01-09"
THIRD = [item(f"n{at}", {"ratio_to_target": "1"}, "10") for at in range(3)]


def stages(add: str = "rounded", total: dict[str, str] | None = None) -> dict[str, Any]:
    return {"indicator": rounding(), "item": rounding(), "total": total or rounding(), "add": add}


@pytest.mark.parametrize(("paid", "grade"), [(80, "good"), (79, "fair"), (60, "fair"), (59, "poor"), (0, "poor")])
def test_a_grade_begins_at_its_first_total(office: Office, paid: int, grade: str) -> None:
    assert office.score([filed(paid=paid, due=100)]).grade() == grade


@pytest.mark.parametrize(("on", "grade"), [("rounded", "good"), ("exact", "fair")])
def test_grades_say_whether_they_read_the_rounded_total(office: Office, on: str, grade: str) -> None:
    # 7.996 is 8.00 when rounded to two decimals.
    grades = {"on": on, "rated_from": "1", "bands": bands(good="8", fair="6", poor="0")}
    card = office.score([filed(paid=7996, due=10000)], grades=grades, rounding=stages("exact"))
    assert (card.total(), card.grade()) == ("8.00", grade)


@pytest.mark.parametrize(("add", "total"), [("rounded", "9.99"), ("exact", "10.00")])
def test_parts_add_rounded_or_exact_points(office: Office, add: str, total: str) -> None:
    # Three times 10/3: rounded they make 9.99, exactly they make 10.
    down = {"mode": "down", "decimals": "2"}
    card = office.score([filed(paid=1, due=3)], tree=THIRD, rounding=stages(add, down))
    assert (card.points("n0"), card.total()) == ("3.33", total)


def test_exact_points_reach_a_grade_exactly(office: Office) -> None:
    grades = {"on": "exact", "rated_from": "1", "bands": bands(good="10", fair="6", poor="0")}
    card = office.score([filed(paid=1, due=3)], tree=THIRD, grades=grades, rounding=stages("exact"))
    assert card.grade() == "good"


@pytest.mark.parametrize(
    ("faults", "points", "total"), [(0, "0.00", "5.00"), (2, "-1.00", "4.00"), (99, "-3.00", "2.00")]
)
def test_an_adjustment_never_goes_beyond_its_cap(office: Office, faults: int, points: str, total: str) -> None:
    made = [indicator("ratio", "sum(pay.paid) / sum(pay.due)"), indicator("faults", "count(findings)")]
    found = [
        {
            **dict.fromkeys(("kind", "status"), "fault"),
            "finding": f"{at:02d}",
            "unit": "a",
            "occurrences": 1,
            "found_on": DAY,
        }
        for at in range(faults)
    ]
    less = {"id": "less", **WORDS, "indicator": "faults", "each": "-0.5", "cap": "3"}
    card = office.score([filed(paid=5, due=10)], other={"findings": found}, indicators=made, adjustments=[less])
    assert (card.points("less"), card.total()) == (points, total)


@pytest.mark.parametrize(("each", "paid", "total"), [("9", 9, "10.00"), ("-9", 1, "0.00")])
def test_a_total_stays_between_nothing_and_all_points(office: Office, each: str, paid: int, total: str) -> None:
    made = [indicator("ratio", "sum(pay.paid) / sum(pay.due)"), indicator("one", "count(pay)")]
    moved = {"id": "moved", **WORDS, "indicator": "one", "each": each, "cap": "9"}
    assert office.score([filed(paid=paid, due=10)], indicators=made, adjustments=[moved]).total() == total


def test_a_veto_lowers_the_grade_and_not_the_total(office: Office) -> None:
    made = [indicator("ratio", "sum(pay.paid) / sum(pay.due)"), indicator("faults", "sum(pay.open)")]
    stop = {"id": "stop", **WORDS, "legal_basis": "law#1", "when": "faults", "at_most": "fair"}
    worse = {**stop, "id": "worse", "at_most": "poor"}
    units = [unit(code) for code in "abc"]
    rows = [filed("a", paid=9, due=10, open=1), filed("b", paid=9, due=10, open=0), filed("c", paid=1, due=10, open=1)]
    card = office.score(rows, units, indicators=made, vetoes=[stop])
    assert [(card.grade(code), card.total(code), card.vetoes(code)) for code in "abc"] == [
        ("fair", "9.00", "stop"),
        ("good", "9.00", ""),
        ("poor", "1.00", "stop"),
    ]
    both = office.score(rows, units, indicators=made, vetoes=[stop, worse])
    assert (both.grade("a"), both.vetoes("a")) == ("poor", "stop;worse")


def ranked(office: Office, ties: str = "min", within: str = "kind", on: str = "rounded", **more: Any) -> Any:
    units = [
        unit("a", parent="x", peer_group="p"),
        unit("b", parent="x", peer_group="q"),
        unit("c", parent="y", peer_group="q"),
        unit("d", kind="town"),
    ]
    rows = [filed(code, paid=paid, due=30000) for code, paid in (("a", 20001), ("b", 20002), ("c", 30000), ("d", 1))]
    ranks = [{"id": "all", "title": WORDS["title"], "on": on, "within": within, "ties": ties}]
    card = office.score(rows, units, ranks=ranks, **more)
    return [card.place(code) for code in "abcd"]


def test_equal_totals_share_a_place(office: Office) -> None:
    # a and b both have 6.67 of 10.
    assert ranked(office) == [(2, 3), (2, 3), (1, 3), (1, 1)]


def test_ranks_on_the_exact_total_tell_units_apart_that_rounding_does_not(office: Office) -> None:
    assert ranked(office, on="exact", rounding=stages("exact")) == [(3, 3), (2, 3), (1, 3), (1, 1)]


def test_min_leaves_places_out_after_a_tie_and_dense_does_not(office: Office) -> None:
    units = [unit(code) for code in "abc"]
    rows = [filed(code, paid=paid, due=10) for code, paid in (("a", 9), ("b", 9), ("c", 1))]
    for ties, last in (("min", 3), ("dense", 2)):
        ranks = [{"id": "all", "title": WORDS["title"], "on": "exact", "within": "kind", "ties": ties}]
        card = office.score(rows, units, ranks=ranks)
        assert [card.place(code)[0] for code in "abc"] == [1, 1, last]


def test_ranks_stay_within_their_group(office: Office) -> None:
    assert ranked(office, within="parent") == [(1, 2), (1, 2), (1, 1), (1, 1)]
    assert ranked(office, within="peer_group") == [(1, 1), (2, 2), (1, 2), (1, 1)]


def test_there_are_ranks_at_every_level(office: Office) -> None:
    """Villages within their town, county, province and country, however many levels stand between."""
    kinds = dict.fromkeys(("village", "town", "county", "province"), WORDS["title"])
    above = {"p1": "", "p2": "", "c1": "p1", "c2": "p1", "c3": "p2", "t1": "c1", "t2": "c1", "t3": "c2", "t4": "c3"}
    names = {"p": "province", "c": "county", "t": "town"}
    units = [unit(code, kind=names[code[0]], parent=parent, forms="") for code, parent in above.items()]
    below = {"a": "t1", "b": "t1", "c": "t2", "d": "t3", "e": "t4", "f": "p2", "g": ""}
    units += [unit(code, parent=parent) for code, parent in below.items()]
    rows = [filed(code, paid=paid, due=9) for code, paid in zip("abcdefg", (1, 2, 3, 4, 5, 6, 7), strict=True)]
    levels = ("parent", "town", "county", "province", "kind")
    ranks = [{"id": one, "title": WORDS["title"], "on": "exact", "within": one, "ties": "min"} for one in levels]
    card = office.score(rows, units, ranks=ranks, units={"kinds": kinds, "assess": ["village"]})
    assert {code: [card.place(code, one) for one in levels] for code in "abcdefg"} == {
        "a": [(2, 2), (2, 2), (3, 3), (4, 4), (7, 7)],
        "b": [(1, 2), (1, 2), (2, 3), (3, 4), (6, 7)],
        "c": [(1, 1), (1, 1), (1, 3), (2, 4), (5, 7)],
        "d": [(1, 1), (1, 1), (1, 1), (1, 4), (4, 7)],
        "e": [(1, 1), (1, 1), (1, 1), (2, 2), (3, 7)],
        "f": [(1, 1), (2, 2), (2, 2), (1, 2), (2, 7)],
        "g": [(1, 1), (1, 2), (1, 2), (1, 1), (1, 7)],
    }


def test_exact_ties_are_ties_however_the_fractions_are_written(office: Office) -> None:
    units = [unit(code) for code in "ab"]
    rows = [filed("a", paid=1, due=3), filed("b", paid=333333333333, due=999999999999)]
    ranks = [{"id": "all", "title": WORDS["title"], "on": "exact", "within": "kind", "ties": "min"}]
    card = office.score(rows, units, ranks=ranks, tree=THIRD, rounding=stages("exact"))
    assert [card.place(code) for code in "ab"] == [(1, 2), (1, 2)]


def test_only_units_of_an_assessed_kind_open_in_the_period_get_a_score(office: Office) -> None:
    units = [
        unit("a"),
        unit("b", kind="town"),
        unit("early", closed="2025-01-01"),
        unit("late", opened="2025-02-01"),
        unit("partly", opened="2025-01-31"),
    ]
    only: Any = {"kinds": dict.fromkeys(("village", "town"), WORDS["title"]), "assess": ["village"]}
    assert office.score([], units).units() == ["a", "b", "partly"]
    assert office.score([], units, units=only).units() == ["a", "partly"]
