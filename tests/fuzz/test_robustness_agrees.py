"""Weights drawn for all units at once give what a slow judge gives one by one, on random programmes and tables."""

from __future__ import annotations

import os
from copy import deepcopy
from fractions import Fraction

import numpy as np
import pytest

from answerable.definition.model import Item, Part
from answerable.definition.outcomes import TotalAtMost
from answerable.scoring import Scorecard
from answerable.scoring.robustness import margins, without
from answerable.scoring.robustness.drawing import base_of, factors
from answerable.scoring.robustness.edges import Edge
from answerable.scoring.robustness.tree import ONE
from answerable.values.issue import Refused
from tests.fuzz.generated import Case
from tests.fuzz.weights import One, Slow, richer

MANY = {"nightly": 4000}.get(os.environ.get("ANSWERABLE_EFFORT", ""), 160)
BATCH = 20


def weights_of(row: list[int], case: Case) -> dict[str, Fraction]:
    return {item.id: Fraction(one, ONE) for item, one in zip(case.programme.tree.items(), row, strict=True)}


def assert_agree(case: Case, card: Scorecard, span: int, seed: str, count: int = 6) -> None:
    """Every total, grade and place of every draw, digit for digit."""
    base = base_of(case.programme, card, ONE + span)
    drawn = factors(count, len(base.figures.items), span, seed)
    outcome, slow = base.totals.outcome(drawn), Slow(case.programme, card)
    steps = {on: base.totals.steps(on) for on in outcome.totals}
    for at, row in enumerate(drawn.tolist()):
        judged = slow.judge(weights_of(row, case))
        assert [one.unit for one in judged] == list(base.figures.units)
        assert outcome.totals["rounded"][at].tolist() == [one.rounded * steps["rounded"] for one in judged]
        if "exact" in outcome.totals:
            found = outcome.totals["exact"][at].tolist()
            assert found == [(one.exact * steps["exact"]).__floor__() for one in judged]
        assert [case.programme.grades.order[grade] for grade in outcome.grades[at]] == [one.grade for one in judged]
        for rank in case.programme.ranks:
            assert outcome.places[rank.id][at].tolist() == [one.places[rank.id] for one in judged], rank.id


@pytest.mark.parametrize("start", range(0, MANY, BATCH))
def test_all_draws_agree(start: int) -> None:
    agreed = 0
    for seed in range(start, start + BATCH):
        try:
            case, card = richer(seed)
            assert_agree(case, card, (250, 999, 1)[seed % 3], f"seed {seed}")
        except Refused as refused:
            assert refused.issues[0].code == "robustness.nobody_rated"
        except ArithmeticError:
            continue  # a root no digits decide: there is no scorecard
        else:
            agreed += 1
    assert agreed > BATCH / 3


@pytest.mark.parametrize("start", range(0, MANY, BATCH))
def test_unchanged_weights_give_the_scorecard_itself(start: int) -> None:
    for seed in range(start, start + BATCH):
        try:
            case, card = richer(seed)
            base = base_of(case.programme, card)
        except (Refused, ArithmeticError):
            continue
        rated = [row for row in card.grades.rows() if row["state"] == "rated"]
        assert base.outcome.totals["rounded"][0].tolist() == [row["total"] for row in rated]
        if case.programme.rounding.add == "exact":
            continue
        assert not base.totals.kept.any()
        told = np.array([not hidden(case, card, unit) for unit in base.figures.units])
        if told.all() or not case.programme.grades.quotas:
            assert (base.as_printed | ~told).all(), seed
            found = [case.programme.grades.order[grade] for grade in base.outcome.grades[0]]
            printed = [row["grade"] for row in rated]
            assert all(one == other or not known for one, other, known in zip(found, printed, told, strict=True))


def hidden(case: Case, card: Scorecard, unit: str) -> bool:
    """Whether a step of a unit may rest on an indicator that prints 0 and is more."""
    asked = {step.when for step in case.programme.grades.steps}
    rows = (row for row in card.tables["indicators"].rows() if row["unit"] == unit and row["indicator"] in asked)
    return case.programme.rounding.indicator.mode != "up" and any(row["value"] == 0 for row in rows)


@pytest.mark.parametrize("start", range(0, MANY, BATCH))
def test_leaving_out_agrees(start: int) -> None:
    for seed in range(start, start + BATCH):
        try:
            case, card = richer(seed)
            rows = list(without(case.programme, card).rows())
        except (Refused, ArithmeticError):
            continue
        assert [row["node"] for row in rows] == [node.id for node in case.programme.tree.nodes()][1:]
        for row in rows:
            assert row == left_out(case, card, str(row["node"])), seed


def left_out(case: Case, card: Scorecard, node: str) -> dict[str, object]:
    """What the slow judge says of leaving out a node."""
    slow, ranks = Slow(case.programme, card), case.programme.ranks
    assessed = sum(1 for one in slow.ones if counts(slow, one, node))
    told: dict[str, object] = dict.fromkeys(scheme(case))
    told |= {"node": node, "state": "no_effect", "assessed": assessed, "nothing_left": 0}
    if not assessed:
        return told
    everyone = len(slow.ones)
    after = {one.unit: deepcopy(one) for one in slow.judge({}, [node])}
    told["nothing_left"] = everyone - len(after)
    if not after:
        return {**told, "state": "nothing_left"}
    slow.ones = [one for one in slow.ones if one.unit in after]
    before = {one.unit: deepcopy(one) for one in slow.judge({})}
    told |= {"state": "compared", "grades": sum(before[unit].grade != one.grade for unit, one in after.items())}
    points = 10**case.programme.rounding.total.decimals
    totals = {unit: int((one.rounded - before[unit].rounded) * points) for unit, one in after.items()}
    _, told["total"], told["total_unit"] = largest(totals)
    for rank in ranks:
        moves = {unit: one.places[rank.id] - before[unit].places[rank.id] for unit, one in after.items()}
        told[f"moved_{rank.id}"], told[f"most_{rank.id}"], told[f"unit_{rank.id}"] = largest(moves)
    return told


def counts(slow: Slow, one: One, node: str) -> bool:
    """Whether a node of a unit counts: it and all above it are assessed."""

    def within(part: Item | Part) -> bool:
        if slow.points(one, part, {}, set()) is None:
            return False
        return part.id == node or (isinstance(part, Part) and any(within(child) for child in part.children))

    return within(slow.programme.tree)


def scheme(case: Case) -> list[str]:
    names = ["node", "state", "assessed", "nothing_left", "grades", "total", "total_unit"]
    return names + [f"{what}_{rank.id}" for rank in case.programme.ranks for what in ("moved", "most", "unit")]


def largest(changes: dict[str, int]) -> tuple[int, int, str | None]:
    unit = max(changes, key=lambda one: abs(changes[one]))
    return sum(map(bool, changes.values())), changes[unit], unit if changes[unit] else None


@pytest.mark.parametrize("start", range(0, MANY, BATCH))
def test_margins_flip_the_grade_and_a_hair_less_does_not(start: int) -> None:
    for seed in range(start, start + BATCH):
        try:
            case, card = richer(seed)
            found = list(margins(case.programme, card))
        except (Refused, ArithmeticError):
            continue
        slow = Slow(case.programme, card)
        for one, margin in zip(slow.ones, found, strict=True):
            assert margin.unit == one.unit
            for edge, better in ((margin.up, True), (margin.down, False)):
                assert_edge(slow, one, edge, better)


HAIR = Fraction(1, 10**9)


def assert_edge(slow: Slow, one: One, edge: Edge, better: bool) -> None:
    order, on = list(slow.programme.grades.order), slow.programme.grades.on
    step = Fraction(1, 10**slow.programme.rounding.total.decimals) if on == "rounded" else HAIR
    slow._total(one, {}, set())
    total, cap = one.rounded if on == "rounded" else one.exact, slow.programme.tree.points

    def graded(moved: Fraction) -> int:
        one.rounded = one.exact = moved
        return order.index(slow._grade(one, {}, set()))

    now = graded(total)
    if edge.points is not None:
        assert edge.points > 0 if better else edge.points >= 0
        if better:
            assert graded(total + edge.points) == order.index(edge.grade) < now
            assert graded(total + edge.points - step) == now
        else:
            assert graded(total - edge.points) == now
            assert graded(total - edge.points - step) == order.index(edge.grade) > now
        assert_shift(slow, one, edge, better)
        return
    (kind,) = {held.split(":")[0] for held in edge.held_by}
    if kind in ("quota", "figures"):
        known = slow.programme.rounding.add == "rounded" and not slow.programme.grades.steps
        assert slow.programme.grades.quotas if kind == "quota" else not known
        return
    caps = [e.total for e in slow._effects(one) if isinstance(e, TotalAtMost)]
    cap = min([cap, *caps])
    cap = slow.programme.rounding.total.of(cap) if on == "rounded" else cap
    tries = {
        Fraction(0),
        cap,
        *(
            min(cap, max(Fraction(0), start + off))
            for start in slow.programme.grades.starts(one.kind)
            for off in (-step, 0, step)
        ),
    }
    for moved in tries:
        assert graded(moved) >= now if better else graded(moved) <= now, edge
    if kind == "veto":
        assert {held[5:] for held in edge.held_by} <= set(one.vetoes)


def assert_shift(slow: Slow, one: One, edge: Edge, better: bool) -> None:
    """The shift flips the grade; a thousandth less, between any two items that are simply added, does not."""
    if edge.shift_held_by not in ((), ("weights",)):
        assert edge.shift is None
        return
    order = list(slow.programme.grades.order)
    items = {item.id: item for item in slow.programme.tree.items() if counted(slow, one, item.id)}

    def shifted(source: str, target: str, thousandths: int) -> int:
        moved = Fraction(thousandths, 1000)
        weights = {source: 1 - moved / items[source].points, target: 1 + moved / items[target].points}
        slow._total(one, weights, set())
        return order.index(slow._grade(one, weights, set()))

    now = shifted(*(next(iter(items)),) * 2, 0) if items else 0
    pairs = [(a, b) for a in items for b in items if a != b]
    if edge.shift is None:
        for a, b in pairs:
            assert (
                (shifted(a, b, int(items[a].points * 1000)) >= now)
                if better
                else (shifted(a, b, int(items[a].points * 1000)) <= now)
            )
        return
    flipped = shifted(edge.shift.source, edge.shift.target, edge.shift.thousandths)
    assert flipped < now if better else flipped > now
    for a, b in pairs:
        less = min(edge.shift.thousandths - 1, int(items[a].points * 1000))
        assert (shifted(a, b, less) >= now) if better else (shifted(a, b, less) <= now)


def counted(slow: Slow, one: One, item: str) -> bool:
    """Whether an item is added up as it is: no part above it is exempt or shares out what is missing."""

    def within(node: Item | Part) -> bool:
        if slow.points(one, node, {}, set()) is None:
            return False
        if isinstance(node, Item):
            return node.id == item
        if node.renormalised:
            there = sum(
                (found[1] for child in node.children if (found := slow.points(one, child, {}, set()))), Fraction(0)
            )
            if there != node.points:
                return False
        return any(within(child) for child in node.children)

    return within(slow.programme.tree)
