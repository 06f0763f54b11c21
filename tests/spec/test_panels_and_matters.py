"""Points given by hand: panels of raters without their extremes, and matters that count once, at their highest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.spec.office import WORDS, Card, Office, indicator, item, unit

PANEL = {"id": "manner", "title": WORDS, "clause": "law#1", "topic": "process", "most": "10"}
OTHER = {**PANEL, "id": "other", "most": "100"}


def rated(office: Office, scores: Sequence[str], formula: str, **more: Any) -> Card:
    ratings = [
        {
            "unit": "a",
            "panel": "manner" if at < 50 else "other",
            "rater": f"r{at}",
            "score": round(float(score) * 100),
            "reason": "seen at the counter",
            "given_on": "2025-01-20" if at != 40 else "2024-12-31",
        }
        for at, score in enumerate(scores)
    ]
    return office.score(
        other={"ratings": ratings},
        registry=[unit("a")],
        panels=[PANEL, OTHER],
        indicators=[indicator("ratio", formula)],
        **{"tree": [item("paid", {"formula": "value"}, absent="exempt")], **more},
    )


MEAN = 'mean(ratings.score where ratings.panel == "manner")'


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        (["8.0", "9.0", "9.1", "9.2", "9.3", "10.0"], "9.15"),
        (["8.0", "9.0", "10.0"], "9.00"),
        (["8", "8", "8", "10", "10"], "8.80"),
        (["0", "0", "10", "10", "10", "10"], "7.50"),
        (["7.25"], "7.25"),
        ([], "undefined"),
    ],
)
def test_of_more_than_five_raters_the_highest_and_the_lowest_do_not_count(
    office: Office, scores: list[str], expected: str
) -> None:
    assert rated(office, scores, f"trimmed({MEAN}, 5)").value() == expected


def test_a_score_given_by_hand_is_kept_within_the_points_of_its_item(office: Office) -> None:
    five = [item("paid", {"formula": "value"}, "5", absent="exempt"), item("rest", {"full_or_none": ">= 0"}, "5")]
    assert rated(office, ["4.2"], MEAN, tree=five).points() == "4.20"
    assert rated(office, ["9"], MEAN, tree=five).points() == "5.00"
    assert rated(office, [], MEAN, tree=five).state() == "undefined"


def test_lines_of_raters_are_weighed_by_their_panels(office: Office) -> None:
    scores = ["8"] * 40 + ["1"] + ["8"] * 9 + ["90", "100"]
    leaders, staff = MEAN, 'mean(ratings.score where ratings.panel == "other")'
    # The rating of the year before does not count.
    assert rated(office, scores, f"weighted_mean({leaders} * 10, 40, {staff}, 60)").value() == "89.00"


# -- matters -------------------------------------------------------------------------------------------------------

PRAISE = {
    "id": "praise",
    "title": WORDS,
    "clause": "law#1",
    "topic": "process",
    "levels": [{"id": level, "title": WORDS} for level in ("nation", "province", "city")],
}
POINTS = " + ".join(
    f'{points} * count(matters where matters.kind == "praise" and matters.highest and matters.level == "{level}")'
    for level, points in {"city": 1, "province": 3, "nation": 5}.items()
)


@pytest.mark.parametrize(
    ("matters", "expected"),
    [
        ([("m1", "city"), ("m1", "province")], "3.00"),
        ([("m1", "city"), ("m2", "province")], "4.00"),
        ([("m1", "city"), ("m1", "province"), ("m1", "nation"), ("m2", "city")], "6.00"),
        ([("m1", "nation", "2024-12-31"), ("m1", "city")], "1.00"),
        ([], "0.00"),
    ],
)
def test_a_matter_counts_once_at_the_highest_level_that_decided_on_it(
    office: Office, matters: list[tuple[str, ...]], expected: str
) -> None:
    rows = [
        {"unit": "a", "kind": "praise", "matter": name, "level": level, "decided_on": (*day, "2025-01-09")[0]}
        for name, level, *day in matters
    ]
    card = office.score(
        other={"matters": rows},
        registry=[unit("a")],
        matters=[PRAISE],
        indicators=[indicator("ratio", POINTS)],
        tree=[item("paid", {"full_or_none": ">= 0"})],
    )
    assert card.value() == expected
