"""Scoring rules of published schemes, each written in the language, give the results their sources state.

The vectors are shared data; where they are absent the test says so. A rule is given by the item, adjustment, veto or
bands a programme would have; `value` and its like are literal indicators.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from answerable.definition import read
from answerable.values.issue import Refused
from tests.spec.office import WORDS, Card, Office, bands, document, filed, indicator, item, rounding, unit

FOUR = {"indicator": rounding(decimals=4), "item": rounding(), "total": rounding(), "add": "rounded"}
Given = Mapping[str, Any]


def scored(
    office: Office, rule: Mapping[str, Any], points: object, numbers: Mapping[str, object], **parts: Any
) -> Card:
    """One item of so many points, with literal indicators; the first is the item's own."""
    made = [indicator(name, str(number)) for name, number in numbers.items()]
    tree = [item("paid", rule, str(points), of=next(iter(numbers)), absent="exempt")]
    return office.score([filed(due=1)], indicators=made, tree=tree, rounding=FOUR, **parts)


def points(office: Office, rule: Given, points: object, **numbers: object) -> float:
    return float(scored(office, rule, points, numbers).points())


def percent(number: float) -> str:
    return f"{number}%"


def _r05(office: Office, given: Given) -> object:
    made = [indicator("ratio", f"{given['true']} / count(pay where pay.due > {10 - given['checked']})")]
    returns = [filed(period=f"2025-{at:02d}", due=at) for at in range(1, 11)]
    card = office.score(
        returns, period="2025-01..2025-10", indicators=made, tree=[item("paid", RATIO, "30", absent="exempt")]
    )
    return "not assessable" if card.state() == "undefined" else float(card.points())


RATIO = {"ratio_to_target": "1"}


def _r06(office: Office, given: Given) -> float:
    less = {"rule": {"ratio_to_target": "80%"}, "deductions": [{"indicator": "wrong", "each": "12.5"}], "floor": "0"}
    return points(office, {"less": less}, 50, rate=percent(given["norm_rate"]), wrong=given["false"])


def _r08(office: Office, given: Given) -> float:
    each = {"missing": "5", "untidy": "0.5", "gap3": "5", "logic": "2"}
    reasons = {name: given[name] for name in each if name in given}
    deductions = [{"indicator": name, "each": each[name]} for name in reasons]
    return points(office, {"less": {"deductions": deductions, "floor": "0"}}, given["base"], own=1, **reasons)


def _r09(office: Office, given: Given) -> object:
    """Deductions of 100 points, a veto that fixes the grade, a bonus above 80, a body without services of 75."""
    of, raw = (75, given["raw_of_75"]) if "raw_of_75" in given else (100, given["ded"])
    share = {"formula": "value"}
    tree = [item("rest", share, "75", of="rest"), item("services", share, "25", of="services", absent="exempt")]
    rest, services = str(min(raw, 75)), str(max(raw - 75, 0))
    services = "1 / (services_asked - services_asked)" if of == 75 else services
    made = [indicator("services_asked", "1"), indicator("rest", rest), indicator("services", services)]
    made += [indicator("bonus", str(given.get("bonus", 0))), indicator("vetoed", "1" if given["veto"] else "0")]
    vetoes = [
        {"id": "v", "title": WORDS, "clause": "law#1", "legal_basis": "law#1", "when": "vetoed", "grade": "failed"}
    ]
    bonus = {"id": "more", "title": WORDS, "clause": "law#1", "indicator": "bonus", "each": "1", "cap": "30"}
    grades = {"on": "rounded", "rated_from": "75", "bands": bands(passed="60", failed="0")}
    card = office.score(
        [filed(due=1)],
        indicators=made,
        tree=tree,
        vetoes=vetoes,
        adjustments=[{**bonus, "when_base": "> 80"}],
        grades=grades,
        rounding=FOUR,
    )
    return "不合格" if card.grade() == "failed" else float(card.total())


TIERS = {"nation": 5, "province": 3, "city": 1}
PRAISED = " + ".join(
    f'{worth} * count(matters where matters.kind == "praise" and matters.highest and matters.level == "{level}")'
    for level, worth in TIERS.items()
)


def _r11(office: Office, given: Given) -> float:
    """A row for each level that decided on a matter; one matter counts once, at its highest."""
    decided = [("praise", "m0", level) for level in given.get("levels_same_matter", [])]
    decided += [("praise", f"m{at}", level) for at, level in enumerate(given.get("levels_two_matters", []))]
    decided += [("blame", f"m{at}", "city") for at in range(given.get("criticised", 0))]
    rows = [
        {"unit": "a", "kind": kind, "matter": matter, "level": level, "decided_on": "2025-01-09"}
        for kind, matter, level in decided
    ]
    levels = [{"id": level, "title": WORDS} for level in TIERS]
    said = {"title": WORDS, "clause": "law#1", "topic": "process", "levels": levels}
    adjustments = [
        {"id": f"a_{name}", "title": WORDS, "clause": "law#1", "indicator": name, "each": each, "cap": "20"}
        for name, each in {"praised": "1", "blamed": "-2"}.items()
    ]
    card = office.score(
        other={"matters": rows},
        matters=[{"id": "praise", **said}, {"id": "blame", **said}],
        indicators=[
            indicator("half", "0.5"),
            indicator("praised", PRAISED),
            indicator("blamed", 'count(matters where matters.kind == "blame" and matters.highest)'),
        ],
        tree=[item("paid", RATIO, "100", of="half")],
        adjustments=adjustments,
    )
    return float(card.total()) - 50


def _r12(office: Office, given: Given) -> str:
    """As printed: 95 and above, 90 to 94, 80 to 89, below 80."""
    printed = [("excellent", "95", None), ("good", "90", "94"), ("reached", "80", "89"), ("not", "0", "80")]
    made = [
        {"grade": grade, "title": WORDS, "from": start, **({"below": below} if below else {})}
        for grade, start, below in printed
    ]
    parts = document(grades={"on": "rounded", "rated_from": "1", "bands": made})
    with pytest.raises(Refused) as refused:
        read(json.dumps(parts, ensure_ascii=False).encode())
    assert {issue.code for issue in refused.value.issues} == {"programme.band_gap"}
    return "ambiguous as printed"


def _r13(office: Office, given: Given) -> str:
    grades = {"on": "rounded", "rated_from": "1", "bands": bands(excellent="90", qualified="70", failed="0")}
    names = {"excellent": "优秀", "qualified": "合格", "failed": "不合格"}
    return names[scored(office, {"formula": "value"}, 100, {"rate": given}, grades=grades).grade()]


def _r18(office: Office, given: Given) -> float:
    formula = "if(value >= mean_of_all, 0.7 * level + 0.3 * progress, 0.3 * level + 0.7 * progress)"
    numbers = {"own": 60 if given["above"] else 40, "mean_of_all": 50}
    return points(office, {"formula": formula}, 100, **numbers, level=given["level"], progress=given["progress"])


def _r19(office: Office, given: Given) -> float:
    step = {"target": percent(given["target"]), "per": "0.1%", "each": "0.3", "steps": "exact", "floor": "0"}
    return points(office, {"deduct_per_step": step}, given["w"], rate=percent(given["actual"]))


def _r20(office: Office, given: Given) -> object:
    found = points(office, {"interval": {"from": "85%", "to": "100%"}}, 10, ratio=given["ratio"])
    return "full" if found == 10 else found


def _r24(office: Office, given: Given) -> float:
    rule = {"base": "1.5", "up": "0.05", "most_up": "0.5", "down": "0.1", "most_down": "2", "floor": "-0.5"}
    return points(office, {"around": rule}, 2, delta=given["delta"])


def _r26(office: Office, given: Given) -> str:
    grades = {"on": "rounded", "rated_from": "1", "bands": bands(best="90", good="70", failed="0")}
    veto = {"id": "v", "title": WORDS, "clause": "law#1", "legal_basis": "law#1", "when": "flag", "at_most": "good"}
    numbers = {"own": given["score"], "flag": int(given["flag"])}
    card = scored(office, {"formula": "value"}, 100, numbers, grades=grades, vetoes=[veto])
    assert card.total() == f"{given['score']}.00"
    return "合格 or 良好, never 优秀" if card.grade() == "good" else card.grade()


def _r28(office: Office, given: Given) -> object:
    if "budget" in given:
        return _shares(office, given["budget"], given["works"])
    numbers = {"score": given["score"], "full": given["full"], "work": given["work"]}
    work = indicator("asked", "if(score / full < 0.85, work * score / full, work)")
    made = [*(indicator(name, str(number)) for name, number in numbers.items()), work]
    return float(office.score([filed(due=1)], indicators=made, tree=[item("paid", RATIO, of="asked")]).value("asked"))


def _shares(office: Office, budget: int, works: list[int]) -> str:
    """Shares of a budget by work, one for each unit, which add up to it."""
    codes = [f"u{at}" for at in range(len(works))]
    made = [indicator("work", "sum(pay.paid)"), indicator("money", f"apportion(work within kind, {budget})")]
    card = office.score(
        [filed(code, paid=work) for code, work in zip(codes, works, strict=True)],
        [unit(code) for code in codes],
        indicators=made,
        tree=[item("paid", {"full_or_none": ">= 0"}, of="money")],
    )
    shares = [int(float(card.value("money", code))) for code in codes]
    assert sum(shares) == budget
    return f"{'+'.join(map(str, shares))} (largest remainder), not 999"


def _r29(office: Office, given: list[int]) -> float:
    """A panel of so many raters; of more than five one highest and one lowest score are dropped."""
    panel = {"id": "jury", "title": WORDS, "clause": "law#1", "topic": "process", "most": "100"}
    seen = {"unit": "a", "panel": "jury", "reason": "seen", "given_on": "2025-01-20"}
    ratings = [{**seen, "rater": f"r{at}", "score": 100 * score} for at, score in enumerate(given)]
    mean = indicator("ratio", 'trimmed(mean(ratings.score where ratings.panel == "jury"), 5)')
    tree = [item("paid", {"formula": "value"}, "100")]
    card = office.score(other={"ratings": ratings}, panels=[panel], indicators=[mean], tree=tree)
    assert card.points() == card.value()
    return float(card.value())


def _r33(office: Office, given: Given) -> float:
    short = {"indicator": "meetings_short", "each": "0.5"}
    deductions = [{"indicator": "missing_rules", "each": "0.5"}, short, {"indicator": "unsigned", "each": "0.5"}]
    rule = {"less": {"deductions": [*deductions, {"indicator": "left_out", "each": "2"}], "floor": "0"}}
    numbers = {"missing_rules": given["missing_rules"], "meetings_short": max(6 - given["meetings"], 0)}
    return points(office, rule, 10, own=1, **numbers, unsigned=given["unsigned"], left_out=int(not given["included"]))


LINEAR = {"linear": {"zero_at": "40%", "full_at": "65%"}}
PLACES = {"rank_points": {"places": ["60", "57", "54", "51", "48"], "otherwise": "0"}}
RULES: dict[str, Callable[[Office, Any], object]] = {
    "R01": lambda office, given: points(office, LINEAR, given["w"], rate=percent(given["rate"])),
    "R02": lambda office, given: points(office, {"agreement": {"full_within": "3"}}, given["w"], error=given["error"]),
    "R03": lambda office, given: points(office, {"ratio_to_target": "70%"}, 20, rate=percent(given["rate"])),
    "R05": _r05,
    "R06": _r06,
    "R08": _r08,
    "R09": _r09,
    "R11": _r11,
    "R12": _r12,
    "R13": _r13,
    "R15": lambda office, given: points(
        office, {"formula": "0.4 * value + 0.6 * year_end"}, 1000, routine=given["routine"], year_end=given["year_end"]
    ),
    "R18": _r18,
    "R19": _r19,
    "R20": _r20,
    "R22": lambda office, given: points(office, PLACES, 60, place=given),
    "R24": _r24,
    "R26": _r26,
    "R28": _r28,
    "R29": _r29,
    "R33": _r33,
}


@pytest.fixture(scope="module")
def published(shared_data: Path) -> dict[str, Any]:
    rules = json.loads((shared_data / "rubrics" / "rules.json").read_text("utf-8"))["rules"]
    return {rule["id"]: rule for rule in rules}


@pytest.mark.parametrize("name", RULES)
def test_a_published_rule_gives_what_its_source_states(office: Office, name: str, published: dict[str, Any]) -> None:
    for vector in published[name]["vectors"]:
        assert RULES[name](office, vector["in"]) == vector["out"], vector


def test_every_published_rule_is_tried(published: dict[str, Any]) -> None:
    assert set(published) == set(RULES)
