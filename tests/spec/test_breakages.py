"""The engine of columns broken on purpose, one thing at a time: the check that both engines agree must fail each time.

Each breakage is named by what it breaks; run with -v to see the list. The check is the one of tests/fuzz: random
programmes on random tables, the judge's digest against that of columns.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

import polars as pl
import pytest

from answerable.definition import read
from answerable.definition.formula import Binary, Call
from answerable.definition.model import Item
from answerable.definition.rules import (
    Agreement,
    AroundBase,
    BandTable,
    DeductPerCount,
    DeductPerStep,
    Formula,
    FullOrNone,
    Gate,
    Interval,
    Less,
    Linear,
    RankPoints,
    RatioToTarget,
    Step,
)
from answerable.values.number import Rounding
from answerable.values.period import Period
from tests.fuzz.generated import Case, Seeded, case
from tests.spec.breaking import (
    Judged,
    Mend,
    after,
    agrees,
    before,
    broken,
    expanded,
    instead,
    judged_of,
    other,
    planned,
    rule,
)
from tests.spec.office import RATIO, document, filed, indicator, item, tables_of, unit

CASES = 120
"""Random cases tried until one shows the fault."""


def pointed() -> Iterator[Case]:
    """Small cases on the very edges that random ones seldom hit."""
    units = [unit(code, peer_group="n", parent="") for code in "abcd"]
    rows = [filed(code, paid=paid, due=20, open=1) for code, paid in zip("abcd", (19, 4, 1, 18), strict=True)]
    made = [indicator("ratio", RATIO), indicator("low", "sum(pay.paid) / sum(pay.due) - 1")]
    made += [indicator(op, f"{op}(ratio within kind)") for op in ("median", "variance", "rank")]
    made.append(indicator("signed", "count(agreements where agreements.signed_on_time)"))
    late = {"unit": "a", "version": 1, "issued_on": "2025-01-02", "unit_signed_on": "2025-02-01"}
    signed = [{**late, "office_signed_on": "2025-01-03"}]
    tree = [
        item("edge", {"full_or_none": ">= 95%"}),
        item("below", {"formula": {"formula": "value", "floor": "-0.5"}}, of="low"),
        item("between", {"interval": {"from": "0", "to": "95%"}}),
        item("signed", {"full_or_none": ">= 1"}, of="signed"),
        item("middle", {"linear": {"zero_at": "0", "full_at": "1"}}, of="median"),
        item("place", {"linear": {"zero_at": "4", "full_at": "1"}}, of="rank"),
        item("apart", {"linear": {"zero_at": "0", "full_at": "1"}}, of="variance"),
    ]
    source = json.dumps(document(indicators=made, tree=tree, agreement={"sign_by": "01-31"}), ensure_ascii=False)
    programme = read(source.encode())
    yield Case(
        source,
        programme,
        tables_of(programme, {"units": units, "returns-pay": rows, "agreements": signed}),
        Period.parse("2025-01"),
    )


@cache
def judged() -> Judged:
    return judged_of([*pointed(), *(case(Seeded(seed)) for seed in range(CASES))])


# -- what is broken ------------------------------------------------------------------------------------------------


def uncapped(formula: Any) -> Any:
    """`least(greatest(x, 0), points)` without its upper end."""
    assert isinstance(formula, Call)
    return formula.operands[0]


def unfloored(formula: Any) -> Any:
    """`least(greatest(x, floor), points)` without its lower end."""
    inner = formula.operands[0]
    return replace(formula, operands=(inner.operands[0], formula.operands[1]))


def upside_down(formula: Any) -> Any:
    """A table of bands whose starts belong to the band below."""
    if not isinstance(formula, Call):
        return formula
    condition, then, otherwise = formula.operands
    assert isinstance(condition, Binary)
    return Call("if", (replace(condition, op=">"), then, upside_down(otherwise)))


def rounding(mode: str, other: str) -> Mend:
    """One mode of rounding taken for another."""

    def change(named: Rounding, *rest: Any) -> tuple[Any, ...]:
        return (Rounding(other, named.decimals) if named.mode == mode else named, *rest)  # type: ignore[arg-type]

    return before(change)


def fate(old: str, new: str) -> Mend:
    """What an absence does to an item is taken for something else."""
    return after(
        lambda made, _: replace(made, fates={why: new if one == old else one for why, one in made.fates.items()})
    )


def policy(old: str, new: str) -> Mend:
    """A policy for missing cells is taken for another."""
    return after(lambda made, *_: replace(made, missing=new, at_least=1) if made.missing == old else made)


def stage(**changed: Any) -> Mend:
    """A stage of rounding is changed."""
    return planned(lambda plan: replace(plan, rounding=replace(plan.rounding, **changed)))


def ranked(**changed: Any) -> Mend:
    """Every ranking is changed."""
    return planned(lambda plan: replace(plan, places=tuple(replace(one, **changed) for one in plan.places)))


def swapped(name: str, pair: tuple[str, str]) -> Mend:
    """Every ranking takes the other of two words."""
    change = other(pair)
    return planned(
        lambda plan: replace(
            plan, places=tuple(replace(one, **{name: change(getattr(one, name))}) for one in plan.places)
        )
    )


def stricter(one: FullOrNone, _: Item) -> FullOrNone:
    return replace(one, op={">=": ">", ">": ">=", "<": "<=", "<=": "<", "==": ">="}[one.op])  # type: ignore[arg-type]


def oldest(raw: pl.LazyFrame, punctual: bool) -> pl.LazyFrame:
    return raw.filter(pl.col("version") == pl.col("version").min().over("unit", "period"))


def floor_to_zero(left: Any, right: Any) -> Any:
    quantities: Any = importlib.import_module("answerable.scoring.engines.columns.quantities")
    size = quantities.chosen(
        quantities.less(left, quantities.number(0)), quantities.exactly(Fraction(-1)), quantities.exactly(Fraction(1))
    )
    return quantities.multiply(size.num, REAL["floor_divide"](quantities.multiply(left, size.num), right))


REAL: dict[str, Any] = {}
SWAPPED: dict[str, str] = {"missing": "suppressed", "suppressed": "missing"}
TOTALS = other(("rounded", "exact"))

BREAKAGES: dict[str, tuple[str, Mend]] = {
    # kinds of rule
    "full or none: the threshold itself": ("planner._points", rule(FullOrNone, stricter)),
    "deduct per count: no floor": ("planner._points", expanded(DeductPerCount, unfloored)),
    "deduct per count: above all points": ("planner._points", expanded(DeductPerCount, uncapped)),
    "deduct per count: another step": (
        "planner._points",
        rule(DeductPerCount, lambda one, item: replace(one, each=one.each * 2)),
    ),
    "ratio to target: no cap": ("planner._points", expanded(RatioToTarget, uncapped)),
    "ratio to target: another target": (
        "planner._points",
        rule(RatioToTarget, lambda one, item: RatioToTarget(one.target * 2)),
    ),
    "linear: the wrong way round": (
        "planner._points",
        rule(Linear, lambda one, item: Linear(one.full_at, one.zero_at)),
    ),
    "linear: no lower end": ("planner._points", expanded(Linear, unfloored)),
    "band table: a start belongs to the band below": ("planner._points", expanded(BandTable, upside_down)),
    "band table: the last band forgotten": (
        "planner._points",
        rule(BandTable, lambda one, item: BandTable((*one.steps[:-1], Step(None, item.points)))),
    ),
    "veto: a lower grade than it allows": (
        "planner._vetoing",
        after(lambda made, programme, veto: replace(made, at_most=made.at_most - 1)),
    ),
    "veto: never holds": ("planner.plan_of", planned(lambda plan: replace(plan, vetoes=()))),
    "adjustment: no cap": ("planner._adjust", after(lambda made, one: replace(made, cap=made.cap * 1000))),
    "adjustment: the wrong sign": ("planner._adjust", after(lambda made, one: replace(made, each=-made.each))),
    "deduct per step: a step begun forgotten": (
        "planner._points",
        rule(DeductPerStep, lambda one, item: replace(one, steps="complete")),
    ),
    "deduct per step: the other side": (
        "planner._points",
        rule(DeductPerStep, lambda one, item: replace(one, side=other(("below", "above"))(one.side))),
    ),
    "interval: an end left out": (
        "planner._points",
        rule(Interval, lambda one, item: replace(one, high=one.high - Fraction(1, 1000))),
    ),
    "agreement: another distance": (
        "planner._points",
        rule(Agreement, lambda one, item: Agreement(one.full_within * 2)),
    ),
    "around a base: no lower cap": (
        "planner._points",
        rule(AroundBase, lambda one, item: replace(one, most_down=one.down * 99)),
    ),
    "points by place: one place further": (
        "planner._points",
        rule(RankPoints, lambda one, item: replace(one, places=(one.otherwise, *one.places[:-1]))),
    ),
    "gate: always open": ("planner._points", rule(Gate, lambda one, item: one.rule)),
    "less: one reason forgotten": (
        "planner._points",
        rule(Less, lambda one, item: replace(one, deductions=one.deductions[:-1])),
    ),
    "formula: no floor": ("planner._points", rule(Formula, lambda one, item: replace(one, floor=one.floor - 100))),
    "adjustment: the base forgotten": ("planner._adjust", after(lambda made, one: replace(made, base=None))),
    "veto: a total not limited": ("planner._vetoing", after(lambda made, *_: replace(made, total=None))),
    "veto: a grade not fixed": ("planner._vetoing", after(lambda made, *_: replace(made, fixed=None))),
    "veto: points kept": ("planner._vetoing", after(lambda made, *_: replace(made, node=None))),
    "grades: other bands forgotten": ("planner._grading", after(lambda made, *_: replace(made, others=()))),
    "grades: minimums forgotten": ("planner._grading", after(lambda made, *_: replace(made, floors=()))),
    "quotas: none": ("planner.plan_of", planned(lambda plan: replace(plan, seats=()))),
    "quotas: ties the other way": (
        "planner._seats",
        after(lambda made, *_: replace(made, ties=other(("in", "out"))(made.ties))),
    ),
    "quotas: seats rounded otherwise": (
        "planner._seats",
        after(lambda made, *_: replace(made, rounding=Rounding("down" if made.rounding.mode != "down" else "up", 0))),
    ),
    # across units, and what is no fraction
    "across: the median as the mean": (
        "across._statistic",
        before(lambda asked, *rest: (replace(asked, op="mean") if asked.op == "median" else asked, *rest)),
    ),
    "across: a sample's variance": (
        "across._statistic",
        after(lambda made, asked, *_: (made[0] * 2, made[1], made[2]) if asked.op == "variance" else made),
    ),
    "across: ranks from the least up": (
        "across._places",
        instead(lambda values: {value: 1 + sum(one < value for one in values) for value in values}),
    ),
    "no fraction: a root as a square": (
        "irrational.exponent_of",
        after(lambda made, call: made * 2),
    ),
    "absence: nothing stands in": ("quantities._otherwise", instead(lambda first, instead: first)),
    # rounding
    "rounding: half up as half even": ("quantities._rounded_size", rounding("half_up", "half_even")),
    "rounding: half even as half up": ("quantities._rounded_size", rounding("half_even", "half_up")),
    "rounding: down as half up": ("quantities._rounded_size", rounding("down", "half_up")),
    "rounding: up as half up": ("quantities._rounded_size", rounding("up", "half_up")),
    "rounding: indicators as items": ("planner.plan_of", stage(indicator=Rounding("down", 1))),
    "rounding: items": ("planner.plan_of", stage(item=Rounding("down", 1))),
    "rounding: the total": ("planner.plan_of", stage(total=Rounding("down", 1))),
    "rounding: exact points added rounded": ("planner.plan_of", stage(add="rounded")),
    "rounding: rounded points added exact": ("planner.plan_of", stage(add="exact")),
    # absence
    "missing: unassessable as zero": ("planner._gather", policy("unassessable", "zero")),
    "missing: unassessable as skip": ("planner._gather", policy("unassessable", "skip")),
    "missing: zero as unassessable": ("planner._gather", policy("zero", "unassessable")),
    "missing: skip as unassessable": ("planner._gather", policy("skip", "unassessable")),
    "missing: skip asks for one row fewer": (
        "planner._gather",
        after(lambda made, *_: replace(made, at_least=made.at_least - 1)),
    ),
    "missing: absent columns forgotten": (
        "planner._gather",
        after(lambda made, *_: replace(made, absent=tuple(one for one in made.absent if one[0]))),
    ),
    "missing: the month before forgotten": (
        "planner._gather",
        after(lambda made, *_: replace(made, absent=tuple(one for one in made.absent if not one[0]))),
    ),
    "absence: suppressed before missing": (
        "gather._coded",
        before(lambda *reasons: tuple((holds, SWAPPED.get(why, why)) for holds, why in reasons)),
    ),
    "absence: an item's zero as full": ("planner._points", fate("zero", "full")),
    "absence: an item's full as zero": ("planner._points", fate("full", "zero")),
    "absence: an item's exempt as zero": ("planner._points", fate("exempt", "zero")),
    "absence: blank zero forgotten": ("rows._blank_is_zero", instead(lambda form, name: False)),
    "absence: nothing is undefined": (
        "quantities.divided",
        after(lambda made, left, right: replace(made, gone=left.gone)),
    ),
    # rows
    "rows: the oldest version": ("rows._newest", instead(oldest)),
    "rows: the due day elsewhere": (
        "rows._punctual",
        before(lambda programme, *rest: (replace(programme, time_zone="Pacific/Auckland"), *rest)),
    ),
    "rows: months a unit need not answer for": (
        "rows.only_answered",
        instead(lambda registry, form, rows, months: rows),
    ),
    "rows: units below left out": ("registry._below", instead(lambda frame, assessed: None)),
    "rows: events of any time": ("rows._happened", instead(lambda name, start, end: pl.lit(True))),
    "rows: the wrong day to sign by": ("rows._signed", before(lambda last: ("",))),
    "rows: sums side by side run into one another": (
        "packing.packed",
        before(lambda needs: ({name: (kind, 1) for name, (kind, _) in needs.items()},)),
    ),
    "rows: why too few are whole is not looked up": ("gather.reasons", instead(lambda gathers, rows: {})),
    # formulas
    "formula: least as greatest": ("quantities.smaller", instead(lambda left, right: REAL["larger"](left, right))),
    "formula: floor towards zero": ("quantities.floor_divide", instead(floor_to_zero)),
    "formula: a condition forgotten": ("gather._condition", instead(lambda one, leaf: columns_true())),
    "formula: the mean as the sum": (
        "planner._aggregated",
        after(lambda made, *_: replace(made, op="sum") if made.op == "mean" else made),
    ),
    # total, grades, ranks
    "total: not rescaled": ("marking.Marking._rescaled", instead(lambda self, value, available: value)),
    "total: adjustments forgotten": (
        "planner._total",
        after(lambda made, programme: replace(made, adjustments=())),
    ),
    "total: rated from nothing": (
        "planner._total",
        after(lambda made, programme: replace(made, rated_from=Fraction(1, 1000))),
    ),
    "grades: on the other total": (
        "planner.plan_of",
        planned(
            lambda plan: replace(plan, grading=replace(plan.grading, on=other(("rounded", "exact"))(plan.grading.on)))
        ),
    ),
    "grades: another edge": (
        "planner.plan_of",
        planned(lambda plan: replace(plan, grading=replace(plan.grading, bands=shifted(plan.grading.bands)))),
    ),
    "ranks: ties": ("planner.plan_of", swapped("ties", ("min", "dense"))),
    "ranks: on the other total": ("planner.plan_of", swapped("on", ("rounded", "exact"))),
    "ranks: within the kind only": ("planner.plan_of", ranked(within="kind")),
}


def shifted(bands: tuple[tuple[str, Fraction], ...]) -> tuple[tuple[str, Fraction], ...]:
    return tuple((name, start + Fraction(1, 1000) if start else start) for name, start in bands)


def looks_away(gather: Any, earlier: bool) -> Any:
    """A gathering that does not look whether cells of its own month, or of earlier ones, are absent."""
    return replace(gather, absent=tuple(one for one in gather.absent if bool(one[0]) != earlier))


def columns_true() -> Any:
    return importlib.import_module("answerable.scoring.engines.columns.operations").TRUE


def test_unbroken_the_engines_agree() -> None:
    """Else the tests below would prove nothing."""
    assert agrees(judged())


@pytest.mark.parametrize("name", BREAKAGES)
def test_a_broken_engine_is_found_out(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    quantities = importlib.import_module("answerable.scoring.engines.columns.quantities")
    REAL.update(floor_divide=quantities.floor_divide, larger=quantities.larger)
    broken(*BREAKAGES[name], monkeypatch)
    assert not agrees(judged())
