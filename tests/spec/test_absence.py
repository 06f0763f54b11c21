"""What is absent: four states never mixed, what an indicator does with them, and what they do to an item."""

from __future__ import annotations

from typing import Any

import pytest

from tests.spec.office import (
    MISSING,
    NOT_APPLICABLE,
    RATIO,
    SUPPRESSED,
    Cell,
    Office,
    bands,
    filed,
    form,
    indicator,
    item,
    unit,
)

QUARTER = "2025-01..2025-03"
SKIP = {"do": "skip", "at_least": "2"}


def months(*cells: Cell) -> list[dict[str, Any]]:
    """January on: what was paid of 10 due."""
    return [filed(period=f"2025-{at:02d}", due=10, paid=cell) for at, cell in enumerate(cells, 1)]


def value(office: Office, missing: Any, *cells: Cell) -> Any:
    return office.score(months(*cells), period=QUARTER, indicators=[indicator("ratio", RATIO, missing)]).value()


def test_zero_is_a_value(office: Office) -> None:
    assert value(office, "unassessable", 0, 0, 0) == "0.00"


@pytest.mark.parametrize("absence", [None, MISSING])
def test_an_empty_cell_is_missing(office: Office, absence: Cell) -> None:
    assert value(office, "unassessable", 10, absence, 10) == "missing"


def test_a_missing_row_is_not_a_zero(office: Office) -> None:
    # March was not filed: three rows are expected whatever came.
    assert value(office, "unassessable", 10, 10) == "missing"


def test_zero_counts_what_is_missing_as_zero(office: Office) -> None:
    assert value(office, "zero", 10, None) == "0.50"
    assert office.with_formula("sum(pay.paid)", *months(10, None), missing="zero") == "10.0000"


def test_zero_never_counts_what_is_suppressed(office: Office) -> None:
    assert value(office, "zero", 10, SUPPRESSED, 10) == "suppressed"


def test_skip_leaves_the_whole_row_out_of_every_sum(office: Office) -> None:
    # February's 10 due do not count either: 15 of 20, not of 30.
    assert value(office, SKIP, 10, None, 5) == "0.75"


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ((10, None), "missing"),
        ((10, SUPPRESSED, None), "missing"),
        ((10, SUPPRESSED, SUPPRESSED), "suppressed"),
        ((10, NOT_APPLICABLE, NOT_APPLICABLE), "not_applicable"),
    ],
)
def test_skip_needs_enough_whole_rows_and_says_why_there_are_not(
    office: Office, cells: tuple[Cell, ...], reason: str
) -> None:
    assert value(office, SKIP, *cells) == reason


@pytest.mark.parametrize("missing", ["unassessable", "zero", SKIP])
def test_a_row_that_does_not_apply_is_left_out_whatever_is_chosen(office: Office, missing: Any) -> None:
    assert value(office, missing, 10, NOT_APPLICABLE, 5) == "0.75"


def test_where_no_row_applies_the_figure_does_not(office: Office) -> None:
    assert value(office, "unassessable", NOT_APPLICABLE, NOT_APPLICABLE, NOT_APPLICABLE) == "not_applicable"


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ((None, SUPPRESSED, NOT_APPLICABLE), "missing"),
        ((10, SUPPRESSED, NOT_APPLICABLE), "suppressed"),
    ],
)
def test_of_several_absences_missing_prevails_then_suppressed(
    office: Office, cells: tuple[Cell, ...], reason: str
) -> None:
    assert value(office, "unassessable", *cells) == reason


def test_within_a_row_not_applicable_prevails(office: Office) -> None:
    row = filed(due=NOT_APPLICABLE, paid=None)
    assert office.score([row]).value() == "not_applicable"


def test_a_division_by_nothing_is_undefined(office: Office) -> None:
    assert office.score([filed(due=0, paid=0)]).value() == "undefined"


def test_the_mean_of_nothing_is_undefined(office: Office) -> None:
    assert office.with_formula("mean(pay.paid where pay.due > 5)", filed(due=1, paid=1)) == "undefined"


def test_blank_zero_makes_an_empty_cell_of_a_filed_return_zero(office: Office) -> None:
    forms = [form(paid={"blank": "zero"})]
    assert office.score([filed(due=10)], forms=forms).value() == "0.00"
    assert office.score([filed(due=10, paid=SUPPRESSED)], forms=forms).value() == "suppressed"
    # Of a return nobody filed nothing is known, and nothing is zero.
    assert office.score([], forms=forms).value() == "missing"


@pytest.mark.parametrize(("fate", "points"), [("zero", "0.00"), ("full", "10.00"), ("exempt", None)])
@pytest.mark.parametrize("absence", [MISSING, NOT_APPLICABLE, SUPPRESSED, "undefined"])
def test_an_item_says_what_each_absence_does_to_it(office: Office, fate: str, points: Any, absence: str) -> None:
    row = filed(due=0, paid=0) if absence == "undefined" else filed(due=10, paid=absence)
    others = {MISSING: "zero", NOT_APPLICABLE: "zero", SUPPRESSED: "zero", "undefined": "zero"}
    card = office.score([row], tree=[item("paid", {"ratio_to_target": "1"}, absent={**others, absence: fate})])
    assert (card.points(), card.state()) == (points, absence)


def test_exempt_items_leave_the_sum_and_the_rest_is_rescaled(office: Office) -> None:
    tree = [
        item("paid", {"ratio_to_target": "1"}, "30"),
        item("other", {"ratio_to_target": "1"}, "10", of="none", absent="exempt"),
    ]
    made = [indicator("ratio", RATIO), indicator("none", "sum(pay.weight) / sum(pay.weight)")]
    grades = {"on": "rounded", "rated_from": "30", "bands": bands(all="0")}
    card = office.score([filed(due=10, paid=5, weight=SUPPRESSED)], tree=tree, indicators=made, grades=grades)
    # 15 of 30 assessable points are 20 of 40.
    assert (card.points(), card.points("other"), card.available(), card.total()) == ("15.00", None, "30.00", "20.00")


def test_a_unit_with_too_few_assessable_points_is_not_rated(office: Office) -> None:
    tree = [item("paid", {"ratio_to_target": "1"}, absent="exempt")]
    ranks = [{"id": "all", "title": {"zh": "排", "en": "rank"}, "on": "rounded", "within": "kind", "ties": "min"}]
    units = [unit("a"), unit("b")]
    card = office.score([filed("b", due=10, paid=10)], units, tree=tree, ranks=ranks)
    assert (card.grade(), card.total(), card.available(), card.state("total")) == ("not_rated", None, "0.00", "exempt")
    assert card.place("b") == (1, 1)


def test_an_absent_indicator_neither_adjusts_nor_vetoes(office: Office) -> None:
    words = {"title": {"zh": "项", "en": "one"}, "clause": "law#1"}
    made = [indicator("ratio", "count(pay)"), indicator("bad", "sum(pay.due)")]
    card = office.score(
        [filed(paid=1)],
        indicators=made,
        tree=[item("paid", {"ratio_to_target": "1"})],
        adjustments=[{"id": "less", **words, "indicator": "bad", "each": "-1", "cap": "5"}],
        vetoes=[{"id": "stop", **words, "legal_basis": "law#1", "when": "bad", "at_most": "poor"}],
    )
    assert (card.total(), card.vetoes(), card.state("less"), card.points("less")) == ("10.00", "", "missing", None)
