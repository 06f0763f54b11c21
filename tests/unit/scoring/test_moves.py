"""Two scorecards side by side: who moves, which way, and through which items."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from answerable.definition import Programme, read
from answerable.scoring import score
from answerable.scoring.moves import Moves, Shift, in_force_for, moves
from answerable.values import Period
from tests.spec.office import WORDS, bands, document, filed, indicator, item, tables_of, unit

MONTH = Period.parse("2025-01")
RATED = {"on": "rounded", "rated_from": "1"}
TREE = [item("paid", {"ratio_to_target": "1"}), item("kept", {"ratio_to_target": "1"}, of="other", absent="exempt")]
RANK = [{"id": "all", "title": WORDS, "on": "rounded", "within": "kind", "ties": "min"}]


def programme(**parts: Any) -> Programme:
    """Half of the points for what was paid, half for a figure that only units `a` and `b` have."""
    other = indicator("other", "sum(pay.weight) / sum(pay.due)", {"do": "skip", "at_least": "1"})
    given: dict[str, Any] = {
        "indicators": [indicator("ratio", "sum(pay.paid) / sum(pay.due)"), other],
        "tree": TREE,
        "ranks": RANK,
    }
    given["grades"] = {**RATED, "bands": bands(good="16", fair="10", poor="0")}
    return read(json.dumps(document(**{**given, **parts})).encode())


def side_by_side(was: Programme, would: Programme, with_c: bool = True, **paid: int) -> Moves:
    """Units that paid so many of 10 in time, `c` with nothing to be late with."""
    returns = [filed(code, paid=one, due=10, weight=(10 - one) * 1000) for code, one in paid.items()]
    returns += [{**filed("c", paid=7, due=10), "weight_state": "missing"}] * with_c
    registry = [unit(code, kind="town" if code == "t" else "village") for code in (*paid, *["c"] * with_c)]
    rows: Mapping[str, Any] = {"units": registry, "returns-pay": returns}
    cards = [score(one, tables_of(one, rows), MONTH) for one in (was, would)]
    return moves(was, cards[0], would, cards[1])


def other_points(paid: str, kept: str) -> Programme:
    return programme(tree=[{**TREE[0], "points": paid}, {**TREE[1], "points": kept}])


def test_the_same_programme_moves_nobody() -> None:
    found = side_by_side(programme(), programme(), a=9, b=3)
    assert not found.touched
    assert [(one.changes_grade, one.changes_place, one.by, one.shifts) for one in found.units] == [
        (False, False, Fraction(0), ())
    ] * 3


def test_points_moved_between_items_move_units_both_ways() -> None:
    found = side_by_side(programme(), other_points("15", "5"), a=9, b=3)
    assert found.touched
    # Before, a and b have 9 + 1 and 3 + 7; after, 13.5 + 0.5 and 4.5 + 3.5. c, with one item, has 14 of 20 both times.
    assert [one.by for one in found.units] == [Fraction(4), Fraction(-2), Fraction(0)]
    assert [found.way(one) for one in found.units] == ["", "down", ""]
    assert dict(found.crossings) == {("fair", "fair"): 2, ("fair", "poor"): 1}
    assert [one.changes_place for one in found.units] == [True, True, False]


def test_shifts_name_the_items_that_give_other_points_the_largest_first() -> None:
    a, _, c = side_by_side(programme(), other_points("15", "5"), a=9, b=3).units
    assert a.shifts == (
        Shift("paid", Fraction(9), Fraction(27, 2)),
        Shift("kept", Fraction(1), Fraction(1, 2)),
    )
    assert c.shifts == (Shift("paid", Fraction(7), Fraction(21, 2)),)


def test_a_unit_that_one_programme_does_not_assess_stands_aside() -> None:
    units = {"kinds": {"village": WORDS, "town": WORDS}, "assess": ["village"]}
    found = side_by_side(programme(), programme(units=units), a=9, t=9)
    (town,) = [one for one in found.units if one.unit == "t"]
    assert (town.kind, town.after, found.way(town), town.by) == ("town", None, "aside", None)
    assert found.crossings["fair", ""] == 1
    assert (found.count("aside"), found.count("up"), found.count("down")) == (1, 0, 0)


def test_bands_alone_touch_grades_and_nothing_else() -> None:
    found = side_by_side(programme(), programme(grades={**RATED, "bands": bands(good="10", fair="5", poor="0")}), a=9)
    assert found.touched
    assert [(found.way(one), one.by, one.changes_place) for one in found.units] == [("up", Fraction(0), False)] * 2


def test_what_bears_on_no_unit_here_is_said_to_have_no_effect() -> None:
    assert not side_by_side(
        programme(), programme(grades={**RATED, "bands": bands(good="15", fair="9", poor="0")}), a=9
    ).touched


def test_points_that_leave_every_total_as_it_was_are_an_effect_all_the_same() -> None:
    found = side_by_side(programme(), other_points("15", "5"), with_c=False, a=5)
    assert found.touched
    assert [(one.by, len(one.shifts)) for one in found.units] == [(Fraction(0), 2)]


def test_places_counted_otherwise_are_an_effect_all_the_same() -> None:
    tree = [{**TREE[0], "points": "15"}, {**TREE[1], "points": "5"}]
    sparse, dense = (programme(tree=tree, ranks=[{**RANK[0], "ties": ties}]) for ties in ("min", "dense"))
    found = side_by_side(sparse, dense, a=9, b=3)
    assert found.touched
    # a and c share the first place; b is third, or second where places do not skip.
    assert [one.changes_place for one in found.units] == [False, True, False]
    assert not any(one.shifts or one.changes_grade for one in found.units)


def test_a_programme_of_another_year_is_tried_on_the_figures_of_this_one() -> None:
    later = programme(in_force={"from": "2026-01-01", "until": "2027-01-01"})
    made = in_force_for(later, MONTH)
    assert (str(made.valid_from), str(made.valid_until)) == ("2025-01-01", "2027-01-01")
    assert not side_by_side(programme(), made, a=9).touched
