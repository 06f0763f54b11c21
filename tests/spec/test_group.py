"""What one unit's indicator is among those of its group, what stands in for an absent one, and what is no fraction."""

from __future__ import annotations

import json
from typing import Any

import pytest

from answerable.definition import read
from answerable.values.issue import Refused
from tests.spec.office import WORDS, Card, Office, document, filed, indicator, item, rounding, unit

SHOWN = {"indicator": rounding(decimals=4), "item": rounding(), "total": rounding(), "add": "rounded"}
PAID = {"a": 2, "b": 1, "c": 7, "d": 7, "e": None}
"""What five villages paid of 8: their shares are 0.25, 0.125, 0.875, 0.875 and nobody knows."""
GROUPS = {"a": ("n", "x"), "b": ("n", "x"), "c": ("n", "y"), "d": ("m", "y"), "e": ("m", "x")}
"""Their peer groups and the towns they stand below."""


def asked(office: Office, formula: str) -> Card:
    """The villages with one more indicator."""
    returns = [filed(code, paid=cell, due=8) for code, cell in PAID.items()]
    registry = [unit(code, peer_group=GROUPS[code][0], parent=GROUPS[code][1]) for code in PAID]
    registry += [unit(code, kind="town", forms="") for code in ("x", "y")]
    parts: dict[str, Any] = {
        "units": {"kinds": {"village": WORDS, "town": WORDS}, "assess": ["village"]},
        "indicators": [indicator("ratio", "sum(pay.paid) / sum(pay.due)"), indicator("asked", formula)],
        "tree": [item("paid", {"ratio_to_target": "1"}), item("other", {"full_or_none": ">= 0"}, of="asked")],
    }
    return office.score(returns, registry, rounding=SHOWN, **parts)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("sum(ratio within kind)", "2.1250 2.1250 2.1250 2.1250 2.1250"),
        ("count(ratio within kind)", "4.0000 4.0000 4.0000 4.0000 4.0000"),
        ("mean(ratio within kind)", "0.5313 0.5313 0.5313 0.5313 0.5313"),
        ("min(ratio within kind)", "0.1250 0.1250 0.1250 0.1250 0.1250"),
        ("max(ratio within kind)", "0.8750 0.8750 0.8750 0.8750 0.8750"),
        ("median(ratio within kind)", "0.5625 0.5625 0.5625 0.5625 0.5625"),
        ("variance(ratio within kind)", "0.1201 0.1201 0.1201 0.1201 0.1201"),
        ("mean(ratio within peer_group)", "0.4167 0.4167 0.4167 0.8750 0.8750"),
        ("count(ratio within parent)", "2.0000 2.0000 2.0000 2.0000 2.0000"),
        ("mean(ratio within parent)", "0.1875 0.1875 0.8750 0.8750 0.1875"),
        ("mean(ratio within town)", "0.1875 0.1875 0.8750 0.8750 0.1875"),
        ("rank(ratio within kind)", "3.0000 4.0000 1.0000 1.0000 missing"),
        ("rank(ratio within parent)", "1.0000 2.0000 1.0000 1.0000 missing"),
        ("ratio / max(ratio within kind)", "0.2857 0.1429 1.0000 1.0000 missing"),
        ("ratio - mean(ratio within peer_group)", "-0.1667 -0.2917 0.4583 0.0000 missing"),
        ("root(variance(ratio within kind), 2)", "0.3466 0.3466 0.3466 0.3466 0.3466"),
        (
            "(ratio - mean(ratio within kind)) / root(variance(ratio within kind), 2)",
            "-0.8115 -1.1722 0.9918 0.9918 missing",
        ),
        (
            "(count(ratio within kind) - rank(ratio within kind)) / (count(ratio within kind) - 1)",
            "0.3333 0.0000 1.0000 1.0000 missing",
        ),
    ],
)
def test_a_unit_among_those_of_its_group(office: Office, formula: str, expected: str) -> None:
    card = asked(office, formula)
    assert [card.value("asked", code) for code in PAID] == expected.split()


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("otherwise(ratio, 50%)", "0.2500 0.1250 0.8750 0.8750 0.5000"),
        ("if(known(ratio), 1, 0)", "1.0000 1.0000 1.0000 1.0000 0.0000"),
        ("if(known(ratio / (ratio - 25%)), 1, 0)", "0.0000 1.0000 1.0000 1.0000 0.0000"),
        ("otherwise(1 / (ratio - 25%), 7)", "7.0000 -8.0000 1.6000 1.6000 7.0000"),
        ("otherwise(otherwise(ratio, 1 / (ratio - ratio)), 3)", "0.2500 0.1250 0.8750 0.8750 3.0000"),
        ("goalposts(ratio, 25%, 75%)", "0.0000 0.0000 1.0000 1.0000 missing"),
        ("goalposts(ratio, 75%, 25%)", "1.0000 1.0000 0.0000 0.0000 missing"),
        (
            "goalposts(ratio, min(ratio within kind), max(ratio within kind))",
            "0.1667 0.0000 1.0000 1.0000 missing",
        ),
        ("goalposts(ratio, ratio, ratio)", "undefined undefined undefined undefined missing"),
        ("ceiling(ratio * 3)", "1.0000 1.0000 3.0000 3.0000 missing"),
        ("ceiling(-3 * ratio)", "0.0000 0.0000 -2.0000 -2.0000 missing"),
    ],
)
def test_what_stands_in_for_an_absent_value_is_said(office: Office, formula: str, expected: str) -> None:
    card = asked(office, formula)
    assert [card.value("asked", code) for code in PAID] == expected.split()


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("root(ratio, 2)", "0.5000 0.3536 0.9354 0.9354 missing"),
        ("power(ratio, 1/3)", "0.6300 0.5000 0.9565 0.9565 missing"),
        ("power(ratio, -2)", "16.0000 64.0000 1.3061 1.3061 missing"),
        ("ln(ratio)", "-1.3863 -2.0794 -0.1335 -0.1335 missing"),
        ("exp(ratio)", "1.2840 1.1331 2.3989 2.3989 missing"),
        ("exp(ln(ratio))", "0.2500 0.1250 0.8750 0.8750 missing"),
        ("ln(ratio - 25%)", "undefined undefined -0.4700 -0.4700 missing"),
        ("root(ratio - 25%, 2)", "0.0000 undefined 0.7906 0.7906 missing"),
        ("if(root(ratio, 2) >= 0.5, ratio, 0)", "0.2500 0.0000 0.8750 0.8750 missing"),
        ("least(root(ratio, 2), 0.5) + greatest(ln(ratio), -1)", "-0.5000 -0.6464 0.3665 0.3665 missing"),
        ("abs(ln(ratio)) + floor(exp(ratio))", "2.3863 3.0794 2.1335 2.1335 missing"),
        ("goalposts(ln(ratio), ln(10%), ln(1))", "0.3979 0.0969 0.9420 0.9420 missing"),
        ("root(2, 2) * root(2, 2) - 2 + ratio", "0.2500 0.1250 0.8750 0.8750 missing"),
        ("1 / (root(ratio, 2) - 0.5)", "undefined -6.8284 2.2967 2.2967 missing"),
        ("otherwise(ln(ratio - 25%), 0)", "0.0000 0.0000 -0.4700 -0.4700 0.0000"),
    ],
)
def test_a_value_that_is_no_fraction_is_rounded_as_its_true_value_would_be(
    office: Office, formula: str, expected: str
) -> None:
    card = asked(office, formula)
    assert [card.value("asked", code) for code in PAID] == expected.split()


def test_an_indicator_that_is_no_fraction_is_its_rounded_value_for_all_that_read_it(office: Office) -> None:
    returns = [filed(paid=1, due=2)]
    four = {**SHOWN, "indicator": rounding(decimals=2)}
    wanted = [indicator("half", "sum(pay.paid) / sum(pay.due)"), indicator("root", "root(half, 2)")]
    wanted.append(indicator("ratio", "root * 100"))
    card = office.score(returns, indicators=wanted, rounding=four)
    assert [card.value(name) for name in ("root", "ratio")] == ["0.71", "71.00"]


def test_a_root_on_an_edge_no_digits_decide_is_refused(office: Office) -> None:
    with pytest.raises(Refused) as refused:
        asked(office, "if(root(2, 2) * root(3, 2) == root(6, 2), 1, 0)")
    assert [issue.code for issue in refused.value.issues] == ["scoring.undecided"]


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        ("mean(pay.paid within kind)", "programme.wrong_value"),
        ("mean(ratio within county)", "programme.unknown_group"),
        ("mean(nothing within kind)", "programme.unknown_name"),
        ("sum(pay.paid where known(pay.due))", "programme.not_in_rows"),
        ("sum(pay.paid where ln(pay.due) > 1)", "programme.not_in_rows"),
        ("root(ratio, ratio)", "programme.exponent_not_literal"),
        ("root(ratio, 1)", "programme.exponent_not_literal"),
        ("power(ratio, 13)", "programme.exponent_not_literal"),
        ("exp(sum(pay.paid))", "programme.not_a_quantity"),
        ("root(sum(pay.paid), 2)", "programme.measures_differ"),
        ("mean(asked within kind)", "programme.circle"),
        ("count(ratio within kind) + ratio", "programme.measures_differ"),
    ],
)
def test_a_formula_that_means_nothing_is_refused(formula: str, code: str) -> None:
    wanted = [indicator("ratio", "sum(pay.paid) / sum(pay.due)"), indicator("asked", formula)]
    with pytest.raises(Refused) as refused:
        read(json.dumps(document(indicators=wanted), ensure_ascii=False).encode())
    assert code in {issue.code for issue in refused.value.issues}


def test_groups_of_two_sorts_that_are_called_alike_stay_apart(office: Office) -> None:
    """`a` has neither a parent nor a peer group, `b` lies below `a`: alone by parent, together by peer group."""
    card = office.score(
        [filed("a", paid=1), filed("b", paid=2)],
        registry=[unit("a"), unit("b", parent="a")],
        indicators=[
            indicator("ratio", "sum(pay.paid where pay.filed)"),
            indicator("alone", "sum(ratio within parent)"),
            indicator("together", "sum(ratio within peer_group)"),
        ],
        tree=[item("paid", {"ratio_to_target": "10"})],
    )
    assert float(card.value("together", "a")) == float(card.value("ratio", "a")) + float(card.value("ratio", "b"))
    assert card.value("alone", "a") == card.value("ratio", "a")
