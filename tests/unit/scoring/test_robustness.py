"""How firm grades and places are: seeds, refusals, percentiles, leaving out, margins, on a district of the shipped
programme and on a programme of two items worked by hand.
"""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import pairwise
from random import Random
from typing import Any, Literal

import numpy as np
import pytest

from answerable.definition import Programme, read
from answerable.definition.model import Absent, Fate, Item, Part
from answerable.scoring import Scorecard, score
from answerable.scoring.robustness import drawing, draws, exact, margin_table, margins, totals, without
from answerable.scoring.robustness.drawing import Draws, Extremes, base_of, factors
from answerable.scoring.robustness.edges import Edge, Shift
from answerable.scoring.robustness.places import places
from answerable.values.issue import Refused
from answerable.values.number import Mode, Rounding
from answerable.values.period import Period
from tests.fuzz.weights import Slow
from tests.spec.office import WORDS, bands, document, filed, indicator, item, tables_of, unit
from tests.unit.scoring import robust_district as district


@cache
def shipped() -> tuple[Programme, Scorecard]:
    programme = district.shipped()
    return programme, score(programme, district.year(programme), district.YEAR)


def bytes_of(found: Draws) -> tuple[bytes, bytes]:
    return found.units.canonical(), found.ranks.canonical()


# -- draws ---------------------------------------------------------------------------------------------------------


def test_factors_are_the_stream_of_the_seed_row_by_row() -> None:
    drawn = factors(400, 7, 250, "a seed")
    assert drawn[0].tolist() == [949, 768, 1133, 950, 1187, 1203, 1089]
    assert (drawn[:30] == factors(30, 7, 250, "a seed")).all()
    assert drawn.min() == 750 and drawn.max() == 1250
    assert set(factors(50, 1, 1, "x").flat) == {999, 1000, 1001}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    first, again, other = (draws(*shipped(), 60, seed=seed) for seed in ("one", "one", "two"))
    assert bytes_of(first) == bytes_of(again)
    assert bytes_of(first) != bytes_of(other)


def test_without_a_seed_the_digest_of_the_scorecard_is_it() -> None:
    programme, card = shipped()
    assert draws(programme, card, 5).seed == card.digest()
    assert bytes_of(draws(programme, card, 5)) == bytes_of(draws(programme, card, 5, seed=card.digest()))


def test_blocks_change_no_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = bytes_of(draws(*shipped(), 60, seed="one"))
    monkeypatch.setattr(drawing, "CELLS", 100)
    monkeypatch.setattr(drawing, "GATHERED", 7)
    assert bytes_of(draws(*shipped(), 60, seed="one")) == whole


def test_a_district_of_the_shipped_programme_agrees_with_the_slow_judge() -> None:
    programme, card = shipped()
    count, within = 60, Fraction(1, 5)
    drawn, slow = draws(programme, card, count, within, "north"), Slow(programme, card)
    ids = [one.id for one in programme.tree.items()]
    rows = factors(count, len(ids), 200, "north").tolist()
    grades: dict[str, list[str]] = {}
    read: dict[str, list[int]] = {}
    at: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        for one in slow.judge({name: Fraction(each, 1000) for name, each in zip(ids, row, strict=True)}):
            grades.setdefault(one.unit, []).append(one.grade)
            read.setdefault(one.unit, []).append(int(one.rounded * 100))
            for rank, place in one.places.items():
                at.setdefault((one.unit, rank), []).append(place)
    assert len({grade for found in grades.values() for grade in found}) == 3
    for unit_row in drawn.units.rows():
        code = str(unit_row["unit"])
        for grade in programme.grades.order:
            assert unit_row[f"in_{grade}"] == grades[code].count(grade)
        assert unit_row["median"] == sorted(read[code])[29]
        assert unit_row["as_printed"] == 1
    for place_row in drawn.ranks.rows():
        found = sorted(at[str(place_row["unit"]), str(place_row["rank"])])
        interval = [place_row[name] for name in ("best", "from", "to", "worst")]
        assert interval == [found[0], found[2], found[-3], found[-1]]


@pytest.mark.parametrize("count", [1, 2, 19, 20, 21, 60, 399, 1000])
def test_the_interval_of_places_is_that_of_all_draws(count: int) -> None:
    random = Random(count)
    rows = np.array([[random.randrange(2000) for _ in range(5)] for _ in range(count)], np.int32)
    kept = Extremes(count, 5)
    for start in range(0, count, 37):
        kept.add(rows[start : start + 37])
    fifth = -(-count // 20)
    ordered = np.sort(rows, axis=0)
    wanted = [ordered[at].tolist() for at in (fifth - 1, count - fifth, 0, -1)]
    assert [one.tolist() for one in kept.interval()] == wanted


def test_one_rated_unit_is_told_of_too() -> None:
    programme = district.shipped()
    card = score(programme, district.year(programme, units=1), district.YEAR)
    found = draws(programme, card, 40)
    assert len(found.units) == 1
    assert found.ranks.columns["best"] == found.ranks.columns["worst"] == [1, 1]


# -- refusals ------------------------------------------------------------------------------------------------------


def refused(programme: Programme, card: Scorecard, **asked: Any) -> list[str]:
    with pytest.raises(Refused) as caught:
        draws(programme, card, **{"count": 10, **asked})
    return [issue.code for issue in caught.value.issues]


@pytest.mark.parametrize("within", ["0", "1", "-0.1", "1.5", "0.0005"])
def test_weights_that_do_not_vary_are_refused(within: str) -> None:
    assert refused(*shipped(), within=Fraction(within)) == ["robustness.nothing_varied"]


def test_no_draws_are_refused() -> None:
    assert refused(*shipped(), count=0) == ["robustness.no_draws"]


def test_the_scorecard_of_another_programme_is_refused() -> None:
    _, card = shipped()
    assert refused(two_items(), card) == ["robustness.other_programme"]


def test_where_nobody_is_rated_nothing_is_firm() -> None:
    programme = two_items(absent="exempt")
    assert refused(programme, card_of(programme, {})) == ["robustness.nobody_rated"]
    with pytest.raises(Refused):
        without(programme, card_of(programme, {}))


def test_one_item_moves_nobody() -> None:
    programme = two_items(drop="b")
    assert refused(programme, card_of(programme, {"u": (3, 4)})) == ["robustness.one_item"]


def test_units_that_earned_the_same_share_of_all_move_nowhere() -> None:
    programme = two_items()
    assert refused(programme, card_of(programme, {"u": (3, 3), "v": (5, 5)})) == ["robustness.nothing_moves"]
    assert draws(programme, card_of(programme, {"u": (3, 4), "v": (5, 5)}), 20).count == 20


def test_a_total_held_at_nothing_moves_nowhere() -> None:
    """Shares differ, and yet no draw moves anybody: what was taken off is more than there is."""
    programme = two_items(taken="-90")
    assert refused(programme, card_of(programme, {"u": (1, 2)})) == ["robustness.nothing_moves"]


def test_groups_that_the_scorecard_does_not_tell_are_refused() -> None:
    quota = {"grade": "best", "at_most": "50%", "within": "peer_group", "seats": "up", "ties": "in"}
    programme = two_items(quotas=[quota])
    assert refused(programme, card_of(programme, {"u": (3, 4)})) == ["robustness.no_groups"]


# -- two items by hand ---------------------------------------------------------------------------------------------


def two_items(
    drop: str = "", taken: str = "", absent: str = "zero", vetoes: Any = (), ranks: Any = (), **grades: Any
) -> Programme:
    """60 points for the first figure of ten, 40 for the second; best from 70, good from 50."""
    rule = {"ratio_to_target": "10"}
    tree = [item("a", rule, "60", of="paid", absent=absent), item("b", rule, "40", of="due", absent=absent)]
    off = {"id": "off", "title": WORDS, "clause": "law#1", "indicator": "paid", "each": taken, "cap": taken.lstrip("-")}
    made = document(
        indicators=[indicator("paid", "sum(pay.paid)"), indicator("due", "sum(pay.due)")],
        tree=[one for one in tree if one["id"] != drop],
        adjustments=[off] if taken else [],
        grades={"on": "rounded", "rated_from": "1", "bands": bands(best="70", good="50", poor="0"), **grades},
        ranks=[{"id": "all", "title": WORDS, "on": "rounded", "within": "kind", "ties": "min"}, *ranks],
        vetoes=list(vetoes),
    )
    return read(json.dumps(made).encode())


def card_of(programme: Programme, figures: dict[str, tuple[int | None, int | None]]) -> Scorecard:
    """What units paid and what was due; nothing filed where there is no figure."""
    rows = [filed(code, paid=paid, due=due) for code, (paid, due) in figures.items()]
    codes = figures or {"u": (0, 0)}
    tables = tables_of(programme, {"units": [unit(code) for code in codes], "returns-pay": rows})
    return score(programme, tables, Period.parse("2025-01"))


FIGURES: dict[str, tuple[int | None, int | None]] = {"u": (9, 5), "v": (6, 8), "w": (5, 5)}
"""u: 54 + 20 = 74, best. v: 36 + 32 = 68, good. w: 30 + 20 = 50, good."""


def test_margins_by_hand() -> None:
    programme = two_items()
    u, v, w = margins(programme, card_of(programme, FIGURES))
    # 3.995 less is read as 70.01; 4 / (0.9 - 0.5) moved from a to b is 10, a little more is read as less than 70.00.
    assert (u.up, u.up.held_by) == (Edge(held_by=("points",), shift_held_by=("points",)), ("points",))
    assert (u.down.grade, u.down.points, u.down.shift) == ("good", Fraction(4), Shift("a", "b", 10_013))
    # v lacks 2, read from 69.995: 1.995 / (0.8 - 0.6).
    assert (v.up.grade, v.up.points, v.up.shift) == ("best", Fraction(2), Shift("a", "b", 9_975))
    assert (v.down.grade, v.down.points, v.down.shift) == ("poor", Fraction(18), None)
    assert v.down.shift_held_by == ("weights",)
    # w earned half of both: no weight moves it, and nothing may be lost.
    assert (w.down.points, w.down.shift, w.down.shift_held_by) == (Fraction(0), None, ("weights",))


def test_what_holds_a_grade_is_named_instead_of_a_number() -> None:
    veto = {"id": "false", "title": WORDS, "clause": "law#1", "legal_basis": "law#1", "when": "paid", "at_most": "good"}
    programme = two_items(vetoes=[veto])
    u, _, _ = margins(programme, card_of(programme, FIGURES))
    assert (u.grade, u.up) == ("good", Edge(held_by=("veto:false",), shift_held_by=("veto:false",)))
    programme = two_items(minimums=[{"grade": "best", "node": "b", "at_least": "60%"}])
    u, _, _ = margins(programme, card_of(programme, FIGURES))
    assert (u.grade, u.up.points, u.up.held_by) == ("good", None, ("minimum:b",))
    step = {"id": "s", "title": WORDS, "clause": "law#1", "order": "1", "when": "paid", "by": "down"}
    programme = two_items(steps=[step])
    u, _, _ = margins(programme, card_of(programme, FIGURES))
    assert (u.grade, u.up.points, u.up.held_by) == ("good", None, ("step:s",))
    quota = {"grade": "good", "at_most": "40%", "within": "kind", "seats": "down", "ties": "in"}
    programme = two_items(quotas=[quota])
    found = list(margins(programme, card_of(programme, FIGURES)))
    assert [one.grade for one in found] == ["best", "poor", "poor"]
    assert {one.down.held_by for one in found[:1]} == {("quota:good",)} and found[1].up.held_by == ("quota:good",)


def test_a_grade_that_needs_a_seat_depends_on_others() -> None:
    """v is good: no number says how it comes to best, of which there are seats, and none how it falls from good."""
    seats = {"at_most": "70%", "within": "kind", "seats": "up", "ties": "in"}
    programme = two_items(quotas=[{"grade": "best", **seats}])
    _, v, _ = margins(programme, card_of(programme, FIGURES))
    assert (v.grade, v.up.held_by, v.down.points) == ("good", ("quota:best",), Fraction(18))
    seats["at_most"] = "99%"
    programme = two_items(quotas=[{"grade": "good", **seats}])
    _, v, _ = margins(programme, card_of(programme, FIGURES))
    assert (v.grade, v.up.held_by, v.down.held_by) == ("good", ("quota:good",), ("quota:good",))


def test_totals_that_are_nearly_the_same_are_not_the_same_place() -> None:
    """u was assessed on a and b, v on b and c: of many weights those with the nearest totals."""
    rule, named = {"ratio_to_target": "10"}, {"a": ("paid", "60"), "b": ("due", "40"), "c": ("weight", "30")}
    made = document(
        indicators=[indicator(field, f"sum(pay.{field})") for field, _ in named.values()],
        tree=[item(name, rule, points, of=field, absent="exempt") for name, (field, points) in named.items()],
        ranks=[{"id": "all", "title": WORDS, "on": "exact", "within": "kind", "ties": "min"}],
    )
    programme = read(json.dumps(made).encode())
    returns = [filed("u", paid=9, due=5), filed("v", due=5, weight=8000)]
    tables = tables_of(programme, {"units": [unit("u"), unit("v")], "returns-pay": returns})
    card = score(programme, tables, Period.parse("2025-01"))
    near: list[tuple[Fraction, tuple[int, int, int]]] = []
    for b in range(901, 1000, 7):
        of_u = [(Fraction(9 * 6 * a + 5 * 4 * b, 6 * a + 4 * b), "u", a) for a in range(1, 2000)]
        of_v = [(Fraction(5 * 4 * b + 8 * 3 * c, 4 * b + 3 * c), "v", c) for c in range(1, 2000)]
        for (low, first, a), (high, then, c) in pairwise(sorted(of_u + of_v)):
            if (first, then) == ("u", "v") and low != high:
                near.append((high - low, (a, b, c)))
    near = sorted(near)[:20]
    assert near[0][0] < Fraction(1, 5 * 10**6)
    found = base_of(programme, card, 1999).totals.outcome(np.array([row for _, row in near])).places["all"]
    assert found.tolist() == [[2, 1]] * len(near)


def test_margins_are_written_with_their_decimals() -> None:
    programme = two_items()
    table = margin_table(list(margins(programme, card_of(programme, FIGURES))))
    row = next(row for row in table.rows() if row["unit"] == "v")
    assert (row["up_points"], row["up_weight"], row["up_from_item"], row["up_to_item"]) == ("2", "9.975", "a", "b")


def test_leaving_out_by_hand() -> None:
    """Without b: 90, 60, 50. v falls behind nobody; without a: 50, 80, 50, so v passes u, which w draws level with."""
    programme = two_items()
    a, b = without(programme, card_of(programme, FIGURES)).rows()
    assert (a["node"], a["grades"], a["total"], a["total_unit"]) == ("a", 2, -2400, "u")
    assert (a["moved_all"], a["most_all"], a["unit_all"]) == (3, 1, "u")
    assert (b["node"], b["grades"], b["total"], b["total_unit"]) == ("b", 0, 1600, "u")
    assert (b["moved_all"], b["most_all"], b["unit_all"]) == (0, 0, None)


def test_what_nobody_was_assessed_on_has_no_effect_and_what_is_all_leaves_nothing() -> None:
    programme = two_items(absent="exempt")
    a, b = without(programme, card_of(programme, {"u": (9, None), "v": (6, None)})).rows()
    assert (b["state"], b["assessed"], b["grades"], b["total"], b["moved_all"]) == ("no_effect", 0, None, None, None)
    assert (a["state"], a["assessed"], a["nothing_left"], a["grades"]) == ("nothing_left", 2, 2, None)


@pytest.mark.parametrize("left_out", [one.id for one in district.shipped().tree.items()])
def test_leaving_out_is_scoring_with_an_item_that_is_exempt_for_everyone(left_out: str) -> None:
    """The same year, scored by a programme in which nobody can be assessed on the item."""
    programme, card = shipped()
    none = "(count(visits) - count(visits)) / (count(visits) - count(visits))"
    line = f"  - {{id: nobody, title: {{zh: 无, en: None}}, formula: {none}, missing: zero, show: number}}"
    more = read(district.SOURCE.replace("\nindicators:\n", f"\nindicators:\n{line}\n").encode())
    other = replace(more, tree=replace(more.tree, children=tuple(idle(part, left_out) for part in more.tree.children)))
    scored = score(other, district.year(programme), district.YEAR)
    row = next(row for row in without(programme, card).rows() if row["node"] == left_out)
    if row["state"] == "no_effect":
        assert scored.tables["ranks"].columns == card.tables["ranks"].columns
        return
    before, after = card.grades.columns, scored.grades.columns
    changes = [int(now or 0) - int(then or 0) for then, now in zip(before["total"], after["total"], strict=True)]
    assert row["grades"] == sum(then != now for then, now in zip(before["grade"], after["grade"], strict=True))
    assert row["total"] == max(changes, key=abs)
    for rank in programme.ranks:
        pairs = zip(card.tables["ranks"].rows(), scored.tables["ranks"].rows(), strict=True)
        moved = [then["place"] != now["place"] for then, now in pairs if then["rank"] == rank.id]
        assert row[f"moved_{rank.id}"] == sum(moved)


def idle(node: Item | Part, name: str) -> Item | Part:
    """A node with an item that nobody can be assessed on."""
    if isinstance(node, Part):
        return replace(node, children=tuple(idle(child, name) for child in node.children))
    fates: dict[Absent, Fate] = dict.fromkeys(node.absent, "exempt")
    return replace(node, indicator="nobody", absent=fates) if node.id == name else node


# -- exact numbers in arrays ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["half_up", "half_even", "down", "up"])
@pytest.mark.parametrize("kind", [np.float64, object])
def test_quotients_are_rounded_as_fractions_are(mode: Mode, kind: exact.Kind) -> None:
    random = Random(f"{mode} {kind}")
    divisors = [random.choice((1, 2, 3, 8, 10**9, random.randint(1, 10**9))) for _ in range(4000)]
    numbers = [
        random.choice((0, 1, random.randint(0, 10**6))) * one + random.choice((-one // 2, one // 2, -1, 0, 1))
        for one in divisors
    ]
    wanted = [Rounding(mode, 0).scaled(Fraction(one, other)) for one, other in zip(numbers, divisors, strict=True)]
    found = exact.rounded(mode, np.array(numbers, object).astype(kind), np.array(divisors, object).astype(kind))
    assert found.tolist() == wanted


def test_floors_are_exact_up_to_the_last_number_that_is() -> None:
    divisors = np.array([3, 7, 2**26 - 1, 2**26 + 1, 94906265, 10**9 + 7], np.float64)
    near = [int((exact.FLOATS - 1) // int(one)) * int(one) + off for one in divisors for off in (-1, 0)]
    found = exact.quotient(np.array(near, np.float64), np.repeat(divisors, 2))
    assert found.tolist() == [one // int(other) for one, other in zip(near, np.repeat(divisors, 2), strict=True)]


@pytest.mark.parametrize("bits", [0, 5, 31, 47])
@pytest.mark.parametrize("most", [2**40, 2**70])
def test_long_quotients_have_every_digit(bits: int, most: int) -> None:
    random = Random(bits)
    divisors = [random.randint(1, most >> 10) for _ in range(500)]
    numbers = [random.randint(-9 * one, 9 * one) for one in divisors]
    kind = np.int64 if most < 2**63 else object
    sizes = (9 * max(divisors) * 6, max(divisors), 54 << bits)
    found = exact.long_quotient(np.array(numbers, kind), 6, np.array(divisors, kind), bits, sizes)
    assert found.tolist() == [(one * 6 << bits) // other for one, other in zip(numbers, divisors, strict=True)]


def test_what_floats_cannot_hold_is_computed_in_whole_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the limit put low, everything goes the slow way, and gives the same bytes."""
    quick = bytes_of(draws(*shipped(), 12, seed="one"))
    for module in (exact, totals):
        monkeypatch.setattr(module, "FLOATS", 2**10)
    assert bytes_of(draws(*shipped(), 12, seed="one")) == quick


@pytest.mark.parametrize("ties", ["min", "dense", "max"])
def test_places_are_counted_one_by_one(ties: Literal["min", "dense", "max"]) -> None:
    random = Random(ties)
    groups = np.array([random.randrange(3) for _ in range(40)])
    totals_ = np.array([[random.randrange(9) for _ in groups] for _ in range(20)])
    among = np.array([[random.random() < 0.7 for _ in groups] for _ in range(20)])
    for chosen in (None, among):
        found = places(totals_, groups, ties, chosen)
        for row, at in ((row, at) for row in range(20) for at in range(40)):
            peers = [
                totals_[row, one]
                for one in range(40)
                if groups[one] == groups[at] and (chosen is None or chosen[row, one])
            ]
            own = totals_[row, at]
            if chosen is not None and not chosen[row, at]:
                continue
            better = [one for one in peers if one > own]
            counted = {"min": len(better) + 1, "dense": len(set(better)) + 1, "max": sum(one >= own for one in peers)}
            assert found[row, at] == counted[ties]
