"""What a part does with the points of items left out, how many must be left, grades a step up or down, adjustments in
all."""

from __future__ import annotations

from typing import Any

import pytest

from tests.spec.office import WORDS, Card, Office, bands, document, filed, indicator, item, rounding, unit

SHARES = {"one": "sum(pay.paid) / sum(pay.due)", "two": "sum(pay.weight) / 10", "three": "sum(pay.paid) / 10"}


def part(name: str, points: str, *children: dict[str, Any], **more: str) -> dict[str, Any]:
    return {"id": name, "title": WORDS, "points": points, "children": list(children), **more}


def halves(office: Office, add: str = "rounded", paid: Any = 4, weight: Any = None, **more: str) -> Card:
    """A part of three items, of which the second is exempt without a weight, beside an item of 40 points."""
    items = [item(name, {"ratio_to_target": "1"}, "20", of=name, absent="exempt") for name in SHARES]
    return office.score(
        [filed(paid=paid, due=9, weight=weight)],
        indicators=[indicator(name, formula) for name, formula in SHARES.items()],
        tree=[
            part("middle", "60", *items, **more),
            item("rest", {"full_or_none": ">= 2"}, "40", of="one", absent="zero"),
        ],
        grades={"on": "rounded", "rated_from": "1", "bands": bands(good="8", fair="6", poor="0")},
        rounding={**{stage: rounding() for stage in ("indicator", "item", "total")}, "add": add},
    )


def test_points_of_what_is_left_out_go_to_the_whole_or_stay_in_the_part(office: Office) -> None:
    # 8.89 + 8 of 40 assessable points in the part, and 0 of 40 beside it.
    whole, within = halves(office), halves(office, renormalise="within")
    assert (whole.points("middle"), whole.available(), whole.total()) == ("16.89", "80.00", "21.11")
    assert (within.points("middle"), within.available(), within.total()) == ("25.34", "100.00", "25.34")
    exact = halves(office, add="exact", renormalise="within")
    assert (exact.points("middle"), exact.total()) == ("25.33", "25.33")


def test_a_part_with_nothing_left_out_is_a_sum_however_it_would_share(office: Office) -> None:
    card = halves(office, weight=5000, renormalise="within", at_least="3")
    assert (card.points("middle"), card.available()) == ("26.89", "100.00")


@pytest.mark.parametrize("add", ["rounded", "exact"])
@pytest.mark.parametrize("renormalise", [{}, {"renormalise": "within"}])
def test_a_part_with_too_few_assessable_items_is_left_out_itself(
    office: Office, add: str, renormalise: dict[str, str]
) -> None:
    card = halves(office, add=add, at_least="3", **renormalise)
    assert (card.points("middle"), card.state("middle"), card.available()) == (None, "exempt", "40.00")
    assert halves(office, add=add, at_least="2", **renormalise).state("middle") == "scored"


# -- adjustments ---------------------------------------------------------------------------------------------------


def adjusted(office: Office, together: Any, add: str = "rounded", **counts: int) -> Any:
    sides = {"up": "3", "more": "4", "down": "-2", "less": "-5"}
    rows = [
        {"finding": name, "visit": None, "unit": "a", "kind": name, "occurrences": counts[name], "status": "confirmed",
         "found_on": "2025-01-07"}
        for name in counts
    ]  # fmt: skip
    return office.score(
        [filed(paid=5, due=10)],
        other={"findings": rows},
        findings=[{"id": name, "title": WORDS, "clause": "law#1", "topic": "process"} for name in sides],
        indicators=[
            indicator("ratio", "sum(pay.paid) / sum(pay.due)"),
            *(indicator(name, f'sum(findings.occurrences where findings.kind == "{name}")') for name in sides),
        ],
        tree=[item("paid", {"ratio_to_target": "1"}, "100")],
        grades={"on": "rounded", "rated_from": "1", "bands": bands(good="80", poor="0")},
        adjustments=[
            {"id": f"{name}_points", "title": WORDS, "clause": "law#1", "indicator": name, "each": each, "cap": "20"}
            for name, each in sides.items()
        ],
        rounding={**{stage: rounding() for stage in ("indicator", "item", "total")}, "add": add},
        **({"adjustments_together": together} if together else {}),
    ).total()


@pytest.mark.parametrize("add", ["rounded", "exact"])
@pytest.mark.parametrize(
    ("together", "counts", "expected"),
    [
        (None, {"up": 2, "more": 2, "down": 1, "less": 1}, "57.00"),
        ({"more": "10"}, {"up": 2, "more": 2, "down": 1, "less": 1}, "53.00"),
        ({"more": "10", "off": "6"}, {"up": 2, "more": 2, "down": 1, "less": 1}, "54.00"),
        ({"off": "6"}, {"down": 9, "less": 9}, "44.00"),
        ({"more": "100", "off": "100"}, {"up": 1, "less": 1}, "48.00"),
    ],
)
def test_adjustments_together_have_limits_of_their_own(
    office: Office, add: str, together: Any, counts: dict[str, int], expected: str
) -> None:
    assert adjusted(office, together, add, **counts) == expected


# -- steps ---------------------------------------------------------------------------------------------------------

TITLES = ("five", "four", "three", "two", "one")
STARTS = dict(zip(TITLES, ("80", "60", "40", "20", "0"), strict=True))


def stepped(office: Office, share: int, *steps: dict[str, str], **holds: int) -> Any:
    kinds = ("staffed", "unstaffed", "praised")
    rows = [
        {"finding": name, "visit": None, "unit": "a", "kind": name, "occurrences": times, "status": "confirmed",
         "found_on": "2025-01-07"}
        for name, times in holds.items()
    ]  # fmt: skip
    grades = {"on": "rounded", "rated_from": "1", "bands": bands(**STARTS)}
    grades["steps"] = [
        {"id": f"s{at}", "title": WORDS, "clause": "law#1", "order": str(at + 1), **step}
        for at, step in enumerate(steps)
    ]
    return office.score(
        [filed(paid=share, due=100)],
        other={"findings": rows},
        findings=[{"id": kind, "title": WORDS, "clause": "law#1", "topic": "process"} for kind in kinds],
        indicators=[
            indicator("ratio", "sum(pay.paid) / sum(pay.due)"),
            *(indicator(kind, f'sum(findings.occurrences where findings.kind == "{kind}")') for kind in kinds),
        ],
        tree=[item("paid", {"ratio_to_target": "1"}, "100")],
        grades=grades,
    ).grade()


UP = {"when": "staffed", "by": "up"}
DOWN = {"when": "unstaffed", "by": "down"}
AGAIN = {"when": "praised", "by": "up", "not_above": "four"}


@pytest.mark.parametrize(
    ("share", "holds", "expected"),
    [
        (45, {}, "three"),
        (45, {"staffed": 1}, "four"),
        (45, {"staffed": 1, "praised": 2}, "four"),
        (25, {"staffed": 1, "praised": 1}, "four"),
        (85, {"praised": 1}, "five"),
        (85, {"staffed": 1}, "five"),
        (85, {"unstaffed": 1}, "four"),
        (5, {"unstaffed": 1}, "one"),
        (85, {"staffed": 1, "unstaffed": 1, "praised": 1}, "four"),
        (65, {"unstaffed": 1, "praised": 1}, "four"),
    ],
)
def test_a_grade_goes_up_or_down_step_by_step_within_its_bounds(
    office: Office, share: int, holds: dict[str, int], expected: str
) -> None:
    assert stepped(office, share, UP, DOWN, AGAIN, **holds) == expected


def test_a_step_down_stops_at_the_grade_it_names(office: Office) -> None:
    down = {**DOWN, "not_below": "three"}
    assert stepped(office, 45, down, unstaffed=1) == "three"
    assert stepped(office, 65, down, unstaffed=1) == "three"
    assert stepped(office, 5, down, unstaffed=1) == "one"


def test_the_order_of_steps_is_their_own_and_not_that_of_the_file(office: Office) -> None:
    first = stepped(office, 85, {**UP, "order": "1"}, {**DOWN, "order": "2"}, staffed=1, unstaffed=1)
    last = stepped(office, 85, {**DOWN, "order": "2"}, {**UP, "order": "1"}, staffed=1, unstaffed=1)
    other = stepped(office, 85, {**UP, "order": "2"}, {**DOWN, "order": "1"}, staffed=1, unstaffed=1)
    assert (first, last, other) == ("four", "four", "five")


def test_the_example_is_sound() -> None:
    assert document() and unit("a")
