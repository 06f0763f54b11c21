"""Weights drawn for all units at once give what a slow judge gives one by one, on random programmes and tables."""

from __future__ import annotations

import os
from fractions import Fraction

import numpy as np
import pytest

from answerable.scoring import Scorecard
from answerable.scoring.robustness.draws import base_of, draws, factors
from answerable.scoring.robustness.tree import ONE
from answerable.values.issue import Refused
from tests.fuzz.generated import Case
from tests.fuzz.weights import Slow, richer

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
        assert base.as_printed.all(), seed
        assert [case.programme.grades.order[grade] for grade in base.outcome.grades[0]] == [row["grade"] for row in rated]
