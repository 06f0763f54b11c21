"""Vetoes of five strengths, adjustments behind a base, bands by kind, minimums of parts, and quotas."""

from __future__ import annotations

import json
from typing import Any

import pytest

from answerable.definition import read
from answerable.values.issue import Refused
from tests.spec.office import RATIO, WORDS, Card, Office, bands, document, filed, indicator, item, unit

TREE = [item("paid", {"ratio_to_target": "1"}), item("open", {"full_or_none": ">= 1"}, of="opened")]
MADE = [indicator("ratio", RATIO), indicator("opened", "sum(pay.open)"), indicator("faults", "sum(pay.weight)")]
GRADES: dict[str, Any] = {"on": "rounded", "rated_from": "1", "bands": bands(good="16", fair="12", poor="0")}


def veto(name: str = "v", when: str = "held", **effect: str) -> dict[str, Any]:
    return {"id": name, "title": WORDS, "clause": "law#1", "legal_basis": "law#1", "when": when, **effect}


def vetoed(office: Office, *vetoes: dict[str, Any], held: str = "1", paid: int = 10, **more: Any) -> Card:
    """A unit with `paid` of 10 points and 10 more for being open."""
    made = [*MADE[:2], indicator("held", held)]
    parts = {"tree": TREE, "indicators": made, "grades": GRADES, "vetoes": list(vetoes), **more}
    return office.score([filed(paid=paid, due=10, open=1)], **parts)


@pytest.mark.parametrize(
    ("effect", "total", "grade"),
    [
        ({"grade": "poor"}, "20.00", "poor"),
        ({"total_at_most": "15.9"}, "15.90", "fair"),
        ({"at_most": "fair"}, "20.00", "fair"),
        ({"nothing_for": "open"}, "10.00", "poor"),
        ({"warning": "true"}, "20.00", "good"),
    ],
)
def test_a_veto_has_one_of_five_effects(office: Office, effect: dict[str, str], total: str, grade: str) -> None:
    card = vetoed(office, veto(**effect))
    assert (card.total(), card.grade(), card.vetoes()) == (total, grade, "v")
    untouched = vetoed(office, veto(**effect), held="0")
    assert (untouched.total(), untouched.grade(), untouched.vetoes()) == ("20.00", "good", "")


def test_a_fixed_grade_holds_where_too_little_could_be_assessed(office: Office) -> None:
    absent = [item("paid", {"ratio_to_target": "1"}, absent="exempt"), TREE[1]]
    grades = {**GRADES, "rated_from": "20"}
    parts: dict[str, Any] = {"tree": absent, "grades": grades}
    made = office.score(
        [filed(paid=1, due=0, open=1)],
        indicators=[*MADE[:2], indicator("held", "1")],
        vetoes=[veto(grade="poor")],
        **parts,
    )
    assert (made.total(), made.grade()) == (None, "poor")


def test_a_total_is_never_raised_to_what_a_veto_allows(office: Office) -> None:
    assert vetoed(office, veto(total_at_most="15"), paid=1).total() == "11.00"


def test_the_lowest_of_several_vetoes_holds_in_any_order(office: Office) -> None:
    several = [
        veto("a", at_most="fair"),
        veto("b", grade="poor"),
        veto("c", total_at_most="18"),
        veto("d", total_at_most="17"),
    ]
    cards = [vetoed(office, *order) for order in (several, several[::-1])]
    assert [(card.total(), card.grade()) for card in cards] == [("17.00", "poor")] * 2


def test_a_part_can_be_left_without_points(office: Office) -> None:
    part = {"id": "part", "title": WORDS, "points": "20", "children": TREE}
    card = vetoed(office, veto(nothing_for="part"), tree=[part])
    assert (card.points("part"), card.points("paid"), card.total()) == ("0.00", "10.00", "0.00")


def test_an_absent_figure_never_vetoes(office: Office) -> None:
    assert vetoed(office, veto(grade="poor"), held="opened / (opened - opened) * opened").grade() == "good"


@pytest.mark.parametrize(("paid", "total"), [(5, "15.00"), (6, "16.00"), (7, "19.00"), (10, "20.00")])
def test_a_bonus_can_stand_behind_a_base(office: Office, paid: int, total: str) -> None:
    bonus = {"id": "more", "title": WORDS, "clause": "law#1", "indicator": "held", "each": "1", "cap": "2"}
    card = vetoed(office, held="3", paid=paid, adjustments=[{**bonus, "when_base": "> 16"}])
    assert card.total() == total


def test_bands_may_begin_elsewhere_for_some_kinds(office: Office) -> None:
    moved = [{"grade": grade, "from": start} for grade, start in (("good", "9"), ("fair", "5"), ("poor", "0"))]
    grades = {**GRADES, "other_bands": [{"kinds": ["town"], "bands": moved}]}
    returns = [filed(code, paid=9, due=10, open=0) for code in ("a", "t")]
    registry = [unit("a"), unit("t", kind="town")]
    card = office.score(returns, registry, tree=TREE, indicators=MADE[:2], grades=grades)
    assert [card.grade(code) for code in ("a", "t")] == ["poor", "good"]


@pytest.mark.parametrize(("paid", "grade"), [(8, "good"), (7, "fair"), (0, "poor")])
def test_a_grade_may_ask_a_minimum_of_a_part(office: Office, paid: int, grade: str) -> None:
    heavy = [TREE[0], {**TREE[1], "points": "90"}]
    grades = {"on": "rounded", "rated_from": "1", "bands": bands(good="95", fair="91", poor="0")}
    minimums = [{"grade": "good", "node": "paid", "at_least": "80%"}]
    assert vetoed(office, paid=paid, tree=heavy, grades={**grades, "minimums": minimums}, held="0").grade() == grade


def test_an_exempt_part_need_reach_nothing(office: Office) -> None:
    tree = [item("paid", {"ratio_to_target": "1"}, absent="exempt"), TREE[1]]
    grades = {**GRADES, "minimums": [{"grade": "good", "node": "paid", "at_least": "1"}]}
    card = office.score([filed(paid=1, due=0, open=1)], tree=tree, indicators=MADE[:2], grades=grades)
    assert card.grade() == "good"


def districts(office: Office, paid: list[int], **quota: str) -> list[str]:
    """Grades of villages that paid so much of 10, with a quota on the best grade (10 points of 10)."""
    registry = [unit(f"u{at}", peer_group="xy"[at % 2]) for at in range(len(paid))]
    returns = [filed(f"u{at}", paid=one, due=10) for at, one in enumerate(paid)]
    made = {"grade": "good", "at_most": "50%", "within": "kind", "seats": "down", "ties": "out", **quota}
    grades = {"on": "rounded", "rated_from": "1", "bands": bands(good="6", fair="3", poor="0"), "quotas": [made]}
    card = office.score(returns, registry, grades=grades)
    return [card.grade(f"u{at}") for at in range(len(paid))]


@pytest.mark.parametrize(
    ("paid", "quota", "expected"),
    [
        ([9, 8, 7, 6], {}, "good good fair fair"),
        ([9, 8, 8, 6], {}, "good fair fair fair"),
        ([9, 8, 8, 6], {"ties": "in"}, "good good good fair"),
        ([9, 8, 7], {}, "good fair fair"),
        ([9, 8, 7], {"seats": "up"}, "good good fair"),
        ([9, 8, 7], {"seats": "half_up"}, "good good fair"),
        ([9, 2, 1, 0], {}, "good poor poor poor"),
        ([9, 8, 7, 6], {"at_most": "10%"}, "fair fair fair fair"),
        ([9, 8, 7, 2], {"within": "peer_group"}, "good good fair poor"),
        ([8, 8, 8, 8], {"ties": "out"}, "fair fair fair fair"),
    ],
)
def test_a_quota_keeps_the_best_totals(office: Office, paid: list[int], quota: dict[str, str], expected: str) -> None:
    assert districts(office, paid, **quota) == expected.split()


def test_vetoed_units_hold_no_seat_and_quotas_go_from_the_best_grade_down(office: Office) -> None:
    registry = [unit(f"u{at}") for at in range(4)]
    returns = [filed(f"u{at}", paid=9 - at, due=10, open=int(at == 0)) for at in range(4)]
    quota = {"within": "kind", "seats": "down", "ties": "out"}
    quotas = [{"grade": "fair", "at_most": "50%", **quota}, {"grade": "good", "at_most": "25%", **quota}]
    grades = {"on": "exact", "rated_from": "1", "bands": bands(good="6", fair="3", poor="0"), "quotas": quotas}
    made = [indicator("ratio", RATIO), indicator("held", "sum(pay.open)")]
    card = office.score(returns, registry, indicators=made, grades=grades, vetoes=[veto(at_most="fair")])
    assert [card.grade(f"u{at}") for at in range(4)] == ["fair", "good", "poor", "poor"]


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"vetoes": [veto(at_most="good")]}, "veto_without_effect"),
        ({"vetoes": [veto(grade="none")]}, "not_one_of"),
        ({"vetoes": [veto(total_at_most="20")]}, "wrong_value"),
        ({"vetoes": [veto(nothing_for="none")]}, "unknown_name"),
        ({"vetoes": [veto()]}, "wrong_value"),
        ({"vetoes": [veto(at_most="fair", grade="poor")]}, "wrong_value"),
        ({"grades": {**GRADES, "minimums": [{"grade": "poor", "node": "paid", "at_least": "1"}]}}, "wrong_value"),
        ({"grades": {**GRADES, "minimums": [{"grade": "good", "node": "none", "at_least": "1"}]}}, "unknown_name"),
        ({"grades": {**GRADES, "other_bands": [{"kinds": ["none"], "bands": []}]}}, "wrong_value"),
        (
            {"grades": {**GRADES, "other_bands": [{"kinds": ["town"], "bands": [{"grade": "good", "from": "1"}]}]}},
            "grade_floor",
        ),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused(parts: dict[str, Any], code: str) -> None:
    made = [*MADE[:2], indicator("held", "1")]
    with pytest.raises(Refused) as refused:
        read(json.dumps(document(**{"tree": TREE, "indicators": made, "grades": GRADES, **parts})).encode())
    assert f"programme.{code}" in {issue.code for issue in refused.value.issues}
