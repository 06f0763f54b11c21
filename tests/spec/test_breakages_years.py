"""The same for what looks at other months and years, and for points that come from hands, parts and steps."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

import polars as pl
import pytest

from answerable.definition import read
from answerable.definition.formula import Call, Expression, Number, mapped
from answerable.definition.rules import BestOf
from answerable.scoring.engines.columns.quantities import CODES, exactly
from answerable.values.period import Period
from tests.fuzz.generated import Case
from tests.fuzz.test_years_and_hands_agree import made as random_year
from tests.spec.breaking import Judged, Mend, after, agrees, before, broken, expanded, instead, judged_of, planned
from tests.spec.office import WORDS, document, filed, indicator, item, tables_of, unit

CASES = 60


def pointed() -> Iterator[Case]:
    """Usual targets of each year and kind; shares whose whole parts do not add up, and whose remainders are equal."""
    usual: list[Any] = [{"from": year, "value": value} for year, value in (("2024", "1"), ("2025", "2"))]
    usual += [{"from": "2025", "kinds": ["town"], "value": "3"}]
    goal = {"id": "goal", "title": WORDS, "clause": "law#1", "measure": "count", "usual": usual}
    of_year = document(
        targets=[goal],
        indicators=[indicator("met", "sum(pay.open) / target.goal")],
        tree=[item("met", {"ratio_to_target": "1"}, of="met")],
    )
    programme = read(json.dumps(of_year, ensure_ascii=False).encode())
    filed_by = {"units": [unit("a"), unit("b", kind="town")], "returns-pay": [filed(code, open=1) for code in "ab"]}
    yield Case("", programme, tables_of(programme, filed_by), Period.parse("2025-01"))
    for whole, paid in ((100, (1, 1, 1)), (2, (1, 3))):
        made = [indicator("paid", "sum(pay.paid)"), indicator("share", f"apportion(paid within kind, {whole})")]
        tree = [item("share", {"formula": "value / 100"}, "1", of="share")]
        programme = read(json.dumps(document(indicators=made, tree=tree), ensure_ascii=False).encode())
        units = [unit(code) for code, _ in zip("abc", paid, strict=False)]
        rows = [filed(code, paid=cell) for code, cell in zip("abc", paid, strict=False)]
        tables = tables_of(programme, {"units": units, "returns-pay": rows})
        yield Case("", programme, tables, Period.parse("2025-01"))


@cache
def judged() -> Judged:
    period = Period.parse("2025-01..2025-04")
    drawn = [Case("", programme, tables, period) for programme, tables in map(random_year, range(CASES))]
    return judged_of([*pointed(), *drawn])


def further_back(part: Expression) -> Expression | None:
    """`previous` of one month more than is meant."""
    match part:
        case Call("previous", (operand,)):
            return Call("previous", (operand, Number(Fraction(2))))
        case Call("previous", (operand, Number(months))):
            return Call("previous", (operand, Number(months + 1)))
    return None


def calendar(**columns: pl.Expr) -> Mend:
    """The calendar of expected rows is another."""
    return after(lambda rows, *_: replace(rows, frame=rows.frame.with_columns(**columns)))


def stated(change: Callable[[Any], Any]) -> Mend:
    """What another table states is asked for otherwise."""
    return before(lambda one, *rest: (change(one), *rest))


def usual(change: Callable[[Any, int, str], Any]) -> Mend:
    """The usual target is looked up otherwise."""
    return stated(lambda one: replace(one, usual=lambda year, kind: change(one.usual, year, kind)))


def withheld_as_missing(columns: Any, *_: Any) -> Any:
    codes = {CODES["suppressed"]: CODES["missing"]}
    return [one.replace(codes) if one.name.endswith(".gone") else one for one in columns]


def nearest_rank(by: Fraction, values: list[int], scale: int) -> tuple[int, int, int]:
    ordered = sorted(values)
    return (ordered[round(by * (len(ordered) - 1))], scale, 0)


def shares(left_over: Callable[[list[tuple[int, int]], list[int]], list[int]]) -> Callable[..., Any]:
    """Shares that add up, what is left over going to whom `left_over` names in order."""

    def made(whole: int, values: list[int]) -> list[tuple[int, int, int]]:
        together = sum(values)
        if together <= 0 or min(values) < 0:
            return [(0, 1, CODES["undefined"])] * len(values)
        parts = [divmod(whole * value, together) for value in values]
        more = left_over(parts, values)[: whole - sum(part for part, _ in parts)]
        return [(part + (at in more), 1, 0) for at, (part, _) in enumerate(parts)]

    return made


def rounded_alone(whole: int, values: list[int]) -> list[tuple[int, int, int]]:
    together = sum(values)
    if together <= 0 or min(values) < 0:
        return [(0, 1, CODES["undefined"])] * len(values)
    return [(round(Fraction(whole * value, together)), 1, 0) for value in values]


def highest(*group: str) -> Mend:
    """The best level of a matter is looked for among others."""

    def of(programme: Any, frame: pl.LazyFrame) -> pl.LazyFrame:
        levels = [(one.id, level.id, at) for one in programme.matters for at, level in enumerate(one.levels)]
        order = pl.LazyFrame(levels, schema={"kind": pl.String, "level": pl.String, "place": pl.Int64}, orient="row")
        best = pl.col("place").min().over(group)
        return frame.join(order, on=["kind", "level"], how="left").with_columns(highest=pl.col("place") == best)

    return instead(of)


def branches(**changed: Callable[[Any], Any]) -> Mend:
    """Every part of the tree is changed."""
    return planned(
        lambda plan: replace(
            plan,
            branches=tuple(replace(one, **{name: of(one) for name, of in changed.items()}) for one in plan.branches),
        )
    )


def total(**changed: Any) -> Mend:
    return planned(lambda plan: replace(plan, total=replace(plan.total, **changed)))


def in_time(sound: Callable[..., pl.Expr]) -> Callable[..., pl.Expr]:
    """Scores given at any time count."""
    return lambda name, start, end: pl.lit(True) if name == "given_on" else sound(name, start, end)


BREAKAGES: dict[str, tuple[str, Mend]] = {
    "months: one too many back": (
        "planner._figure",
        before(lambda programme, one: (programme, replace(one, formula=mapped(one.core, further_back)))),
    ),
    "quarters: a month late": ("rows.expected", calendar(quarter=((pl.col("month") + 1) // 3).clip(1, 4))),
    "months: one nobody filed has no calendar": ("rows.expected", calendar(month=pl.when("filed").then("month"))),
    "targets: the usual one of another kind": (
        "stated._columns",
        usual(lambda sound, year, kind: sound(year, {"village": "town", "town": "village"}[kind])),
    ),
    "targets: the usual one of another year": (
        "stated._columns",
        usual(lambda sound, year, kind: sound(year - 1, kind)),
    ),
    "targets: the unit's own forgotten": (
        "stated._columns",
        before(lambda one, tables, registry: (one, {} if one.of == "target" else tables, registry)),
    ),
    "earlier: of this year": (
        "stated._columns",
        stated(lambda one: replace(one, years_before=0) if one.of == "earlier" else one),
    ),
    "earlier: withheld as missing": ("stated._columns", after(withheld_as_missing)),
    "percentile: the nearest rank": ("across._percentile", instead(nearest_rank)),
    "shares: each rounded alone": ("across._apportioned", instead(rounded_alone)),
    "shares: the smallest remainder first": (
        "across._apportioned",
        instead(shares(lambda parts, values: sorted(range(len(values)), key=lambda at: (parts[at][1], at)))),
    ),
    "shares: equal remainders in order of code alone": (
        "across._apportioned",
        instead(shares(lambda parts, values: sorted(range(len(values)), key=lambda at: (-parts[at][1], at)))),
    ),
    "matters: one matter of two kinds as one": ("rows._highest", highest("unit", "matter")),
    "matters: one matter of two units as one": ("rows._highest", highest("kind", "matter")),
    "matters: each level counts": ("rows._highest", instead(lambda programme, frame: frame.with_columns(highest=True))),
    "ratings: given at any time": ("rows._happened", in_time),
    "ratings: hundredths as points": (
        "rows.events",
        after(lambda rows, *_: replace(rows, decimals=dict.fromkeys(rows.decimals, 0))),
    ),
    "parts: not renormalised": ("planner.plan_of", branches(renormalised=lambda one: False)),
    "parts: renormalised by all points": (
        "marking.Marking._renormalised",
        before(lambda self, branch, span, available, exempt: (self, branch, span, exactly(branch.points), exempt)),
    ),
    "parts: one assessable child fewer is enough": (
        "planner.plan_of",
        branches(at_least=lambda one: max(1, one.at_least - 1)),
    ),
    "adjustments together: what they give is not limited": ("planner.plan_of", total(more=None)),
    "adjustments together: what they take is not limited": ("planner.plan_of", total(off=None)),
    "steps: forgotten": ("planner.plan_of", planned(lambda plan: replace(plan, steppings=()))),
    "steps: beyond their bound": (
        "planner.plan_of",
        planned(
            lambda plan: replace(
                plan,
                steppings=tuple(
                    replace(one, bound=0 if one.up else len(plan.grading.bands) - 1) for one in plan.steppings
                ),
            )
        ),
    ),
    "steps: in the order of the file": (
        "planner.plan_of",
        planned(lambda plan: replace(plan, steppings=plan.steppings[::-1])),
    ),
    "steps: the other way": (
        "planner.plan_of",
        planned(lambda plan: replace(plan, steppings=tuple(replace(one, up=not one.up) for one in plan.steppings))),
    ),
    "best of: the least": (
        "planner._points",
        expanded(BestOf, lambda formula: Call("least", formula.operands)),
    ),
}


def test_unbroken_the_engines_agree() -> None:
    """Else the tests below would prove nothing."""
    assert agrees(judged())


@pytest.mark.parametrize("name", BREAKAGES)
def test_a_broken_engine_is_found_out(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    broken(*BREAKAGES[name], monkeypatch)
    assert not agrees(judged())
