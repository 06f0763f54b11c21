"""Both engines give the same digits where formulas look at other months and years, and where points come from hands."""

from __future__ import annotations

import json
import os
from random import Random
from typing import Any

import pytest

from answerable.definition import Programme, read
from answerable.scoring import score
from answerable.values.issue import Refused
from answerable.values.period import Period
from answerable.values.table import Table
from tests.spec.office import WORDS, bands, document, indicator, item, rounding, tables_of, unit

MANY = {"nightly": 3000}.get(os.environ.get("ANSWERABLE_EFFORT", ""), 60)
BATCH = 20
MONTHS = [f"2024-{month}" for month in (10, 11, 12)] + [f"2025-0{month}" for month in range(1, 5)]
STATES = ("missing", "not_applicable", "suppressed")
ROWS = (
    "sum(pay.paid)",
    "sum(previous(pay.paid, {n}))",
    "sum(trailing(pay.paid, {m}) where pay.quarter == {q})",
    "count(pay where pay.paid > previous(pay.paid, {n}))",
    "mean(pay.paid where pay.month >= {m})",
    "max(previous(pay.due) - previous(pay.paid, {n}))",
    "sum(pay.paid) / sum(pay.due)",
    "count(pay where pay.filed and pay.quarter == {q})",
    "sum(pay.paid) / target.goal",
    "otherwise(sum(pay.due), target.goal)",
    'mean(ratings.score where ratings.panel == "manner")',
    'trimmed(mean(ratings.score where ratings.panel == "manner"), {m})',
    'count(matters where matters.highest and matters.level == "city")',
    'count(matters where matters.kind == "praise" and matters.highest)',
)
FIGURES = (
    "{a} - earlier.{a}",
    "otherwise(earlier.{a}, {a}) - {a}",
    "percentile({a} within {g}, {p}%)",
    "apportion({a} within {g}, {w})",
    "min_max({a} within {g})",
    "z_score({a} within {g})",
    "percent_rank({a} within {g})",
    "borda({a} within {g})",
    "winsorised({a} within {g}, {h}%)",
    "known_mean({k}, {a} / {a}, 2, {b} / {b}, 1)",
    "weighted_mean({a} / {a}, {m}, {b} / {b}, {n})",
    "geometric_mean(abs({a} / {a}), 2, abs({b} / {b}), 1)",
    "harmonic_mean({a} / {a}, 2, {b} / {b}, 1)",
    "power_mean(abs({a} / {a}), 1, abs({b} / {b}), 2, 2)",
)


def made(seed: int) -> tuple[Programme, dict[str, Table]]:
    random = Random(seed)
    codes = "abcdef"[: random.randint(1, 6)]
    programme = sound(random)
    registry = [
        unit(
            code,
            kind=random.choice(["village", "village", "town"]),
            peer_group=random.choice("xy"),
            forms=random.choice(["pay", "pay", ""]),
        )
        for code in codes
    ]
    if len(registry) > 2 and random.random() < 0.3:
        registry[1]["parent"] = "a"
    rows = {"units": registry, "returns-pay": [one for code in codes for one in returns(random, code)]}
    rows |= {"ratings": ratings(random, codes), "matters": matters(random, codes)}
    rows["targets"] = [
        stated(random, code, "target", "goal", year) for code in codes for year in (2024, 2025) if random.random() < 0.5
    ]
    rows["earlier"] = [
        stated(random, code, "indicator", one.id, year)
        for code in codes
        for one in programme.indicators
        for year in (2023, 2024)
        if random.random() < 0.6
    ]
    if not programme.reads_earlier:
        del rows["earlier"]
    return programme, tables_of(programme, rows)


def sound(random: Random) -> Programme:
    """A programme whose measures fit; one in which they do not is drawn again."""
    while True:
        try:
            return read(json.dumps(shape(random)).encode())
        except Refused as refused:
            assert {issue.code for issue in refused.issues} <= {"programme.measures_differ", "programme.not_a_quantity"}


def figure(random: Random) -> tuple[int | None, str | None]:
    return (random.randint(0, 9), None) if random.random() < 0.8 else (None, random.choice([None, *STATES]))


def returns(random: Random, code: str) -> list[dict[str, Any]]:
    found = []
    for month in MONTHS:
        for version in range(1, random.choice([1, 2, 2, 2, 3])):
            row: dict[str, Any] = {"unit": code, "period": month, "version": version, "received_at": None}
            for name in ("due", "paid"):
                row[name], row[f"{name}_state"] = figure(random)
            found.append(row)
    return found


def ratings(random: Random, codes: str) -> list[dict[str, Any]]:
    days = ("2025-01-01", "2025-04-30", "2025-05-01", "2024-12-31")
    return [
        {
            "unit": code,
            "panel": random.choice(["manner", "other"]),
            "rater": f"r{at}",
            "score": random.randint(0, 1000),
            "reason": "seen",
            "given_on": random.choice(days),
        }
        for code in codes
        for at in range(random.randint(0, 7))
    ]


def matters(random: Random, codes: str) -> list[dict[str, Any]]:
    every = [
        (kind, name, level) for kind in ("praise", "blame") for name in ("m1", "m2") for level in ("city", "nation")
    ]
    return [
        {
            "unit": code,
            "kind": kind,
            "matter": name,
            "level": level,
            "decided_on": random.choice(["2025-02-01", "2024-12-31"]),
        }
        for code in codes
        for kind, name, level in random.sample(every, random.randint(0, 6))
    ]


def stated(random: Random, code: str, key: str, name: str, year: int) -> dict[str, Any]:
    value, state = figure(random)
    return {
        "unit": code,
        key: name,
        "year": year,
        "value": None if value is None else value * 500_000,
        "value_state": state,
    }


def shape(random: Random) -> dict[str, Any]:
    def filled(text: str) -> str:
        numbers = {
            "n": random.randint(1, 4),
            "m": random.randint(2, 4),
            "q": random.randint(1, 2),
            "k": random.randint(1, 2),
        }
        shares = {"p": random.randint(0, 100), "h": random.randint(0, 50), "w": random.choice([0, 1, 7, 1000, 10**20])}
        names = {"a": f"i{random.randrange(3)}", "b": f"i{random.randrange(3)}"}
        return text.format(**numbers, **shares, **names, g=random.choice(["kind", "peer_group", "parent", "town"]))

    policies = ["unassessable", "zero", {"do": "skip", "at_least": random.choice("12")}]
    first = [indicator(f"i{at}", filled(random.choice(ROWS)), random.choice(policies)) for at in range(3)]
    later = [indicator(f"i{at}", filled(random.choice(FIGURES))) for at in range(3, 6)]
    places = str(random.choice([0, 1, 4]))
    return document(
        in_force={"from": "2024-01-01", "until": "2026-01-01"},
        panels=[panel(name) for name in ("manner", "other")],
        matters=[matter(name) for name in ("praise", "blame")],
        targets=[{"id": "goal", "title": WORDS, "clause": "law#1", "measure": "count", "usual": usual(random)}],
        indicators=first + later,
        tree=[part(random, "one"), part(random, "two"), leaf(random, "alone", "10")],
        adjustments=[
            {
                "id": f"j{at}",
                "title": WORDS,
                "clause": "law#1",
                "indicator": f"i{at}",
                "each": random.choice(["1", "-2", "0.3"]),
                "cap": random.choice(["1", "5"]),
            }
            for at in range(3)
        ],
        grades=grades(random),
        rounding={
            "indicator": rounding(random.choice(["half_up", "half_even"]), int(places)),
            "item": rounding(decimals=2),
            "total": rounding(decimals=1),
            "add": random.choice(["rounded", "exact"]),
        },
        **({"adjustments_together": {random.choice(["more", "off"]): "2"}} if random.random() < 0.6 else {}),
    )


def panel(name: str) -> dict[str, Any]:
    return {"id": name, "title": WORDS, "clause": "law#1", "topic": "process", "most": "10"}


def matter(name: str) -> dict[str, Any]:
    levels = [{"id": level, "title": WORDS} for level in ("nation", "city")]
    return {"id": name, "title": WORDS, "clause": "law#1", "topic": "process", "levels": levels}


def usual(random: Random) -> list[dict[str, Any]]:
    every: list[dict[str, Any]] = [
        {"from": year, "value": value} for year, value in (("2024", "4"), ("2025", "0"), ("2026", "9"))
    ]
    every += [{"from": "2024", "kinds": ["town"], "value": "3"}]
    return random.sample(every, random.randint(0, 4))


def leaf(random: Random, name: str, points: str) -> dict[str, Any]:
    rules: list[Any] = [
        {"ratio_to_target": "3"},
        {"linear": {"zero_at": "0", "full_at": "7"}},
        {"formula": "value"},
        {
            "best_of": [
                {"rule": {"full_or_none": "> 4"}},
                {"indicator": f"i{random.randrange(6)}", "rule": {"ratio_to_target": "5"}},
            ]
        },
    ]
    fate = random.choice(["exempt", "exempt", "zero", "full"])
    return item(name, random.choice(rules), points, of=f"i{random.randrange(6)}", absent=fate)


def part(random: Random, name: str) -> dict[str, Any]:
    children = [leaf(random, f"{name}{at}", random.choice(["3", "4"])) for at in range(random.randint(2, 3))]
    points = str(sum(int(child["points"]) for child in children))
    more: dict[str, Any] = {"renormalise": "within"} if random.random() < 0.6 else {}
    if random.random() < 0.5:
        more["at_least"] = "2"
    return {"id": name, "title": WORDS, "points": points, "children": children, **more}


def grades(random: Random) -> dict[str, Any]:
    named: dict[str, Any] = {"on": random.choice(["rounded", "exact"]), "rated_from": "1"}
    named["bands"] = bands(best="22", good="15", fair="9", poor="0")
    named["steps"] = [
        {
            "id": f"s{at}",
            "title": WORDS,
            "clause": "law#1",
            "order": str(order),
            "when": f"i{random.randrange(6)}",
            "by": by,
            **(
                {("not_above" if by == "up" else "not_below"): random.choice(["good", "fair"])}
                if random.random() < 0.5
                else {}
            ),
        }
        for at, order in enumerate(random.sample(range(1, 9), random.randint(0, 3)))
        for by in [random.choice(["up", "down"])]
    ]
    if random.random() < 0.5:
        named["minimums"] = [{"grade": "best", "node": "one", "at_least": "50%"}]
    if random.random() < 0.4:
        named["quotas"] = [
            {
                "grade": "good",
                "at_most": "40%",
                "within": random.choice(["kind", "town"]),
                "seats": "up",
                "ties": random.choice(["in", "out"]),
            }
        ]
    return named


@pytest.mark.parametrize("start", range(0, MANY, BATCH))
def test_the_engines_agree(start: int) -> None:
    for seed in range(start, start + BATCH):
        programme, tables = made(seed)
        period = Period.parse("2025-01..2025-04")
        judge = score(programme, tables, period, "reference")
        columns = score(programme, tables, period, "columns")
        for name, table in judge.tables.items():
            assert list(table.rows()) == list(columns.tables[name].rows()), (seed, name)
