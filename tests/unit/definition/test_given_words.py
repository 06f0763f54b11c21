"""Targets, panels and matters in words; on the score sheet, in an agreement and in the explanation of a score."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

from answerable.definition import Programme, read
from answerable.definition.given_words import givens
from answerable.exchange.agreement import agreement_text
from answerable.exchange.score_sheet import score_sheet
from answerable.scoring.explain import Explanation, explain
from answerable.scoring.explain_words import text as told
from answerable.values.period import Period
from answerable.values.text import Text
from tests.spec.office import bands, document, filed, indicator, item, tables_of, unit

RATING = 'mean(ratings.score where ratings.panel == "manner")'


def words(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def programme() -> Programme:
    clause = {"clause": "law#1", "topic": "process"}
    levels = [{"id": "nation", "title": words("国家级", "national")}, {"id": "city", "title": words("市级", "city")}]
    usual = [
        {"from": "2025", "value": "95%"},
        {"from": "2025", "kinds": ["town"], "value": "98%"},
    ]
    grades: dict[str, Any] = {"on": "rounded", "rated_from": "1", "bands": bands(good="15", fair="10", poor="0")}
    step = {"id": "lift", "title": words("升级", "Lift"), "clause": "law#1", "order": "1", "when": "praised"}
    return read(
        json.dumps(
            document(
                units={
                    "kinds": {"village": words("村", "Village"), "town": words("镇", "Town")},
                    "assess": ["village"],
                },
                panels=[{"id": "manner", "title": words("态度", "Manner"), **clause, "most": "10"}],
                matters=[{"id": "praise", "title": words("表彰", "Praise"), **clause, "levels": levels}],
                targets=[
                    {
                        "id": "paid",
                        "title": words("发放率", "Share paid"),
                        "clause": "law#1",
                        "measure": "share",
                        "usual": usual,
                    },
                    {"id": "fund", "title": words("经费", "Fund"), "clause": "law#1", "measure": "money"},
                ],
                indicators=[
                    indicator("ratio", "sum(pay.paid) / sum(pay.due) / target.paid"),
                    indicator("manner", RATING),
                    indicator("praised", "count(matters where matters.highest)"),
                ],
                tree=[
                    {
                        "id": "duty",
                        "title": words("履职", "Duty"),
                        "points": "20",
                        "renormalise": "within",
                        "children": [
                            item("paid", {"ratio_to_target": "1"}),
                            item("kind", {"formula": "value"}, of="manner", absent="exempt"),
                        ],
                    }
                ],
                grades={**grades, "steps": [{**step, "by": "up", "not_above": "fair"}]},
            ),
            ensure_ascii=False,
        ).encode()
    )


def explained(paid: int) -> dict[str, Any]:
    matter = {"unit": "a", "kind": "praise", "matter": "no. 1", "level": "city", "decided_on": "2025-01-09"}
    rows = {"units": [unit("a")], "returns-pay": [filed(paid=paid, due=100)], "matters": [matter]}
    made = programme()
    return explain(made, tables_of(made, rows), Period.parse("2025-01"), "a").document


def test_what_is_given_is_said_in_both_languages() -> None:
    assert [(one.kind.en, one.says) for one in givens(programme())] == [
        (
            "Target",
            Text(
                "2025年起95%，镇2025年起98%；另有下达的从其规定",
                "95% from 2025, 98% from 2025 for Town, unless the unit was given its own",
            ),
        ),
        ("Target", Text("按单位分别下达", "set for each unit")),
        ("Panel", Text("每人评0至10分，须说明理由", "each rater gives 0 to 10 points, with a reason")),
        ("Matter", Text("级别从高到低：国家级、市级", "levels from the highest: national, city")),
    ]


def test_the_score_sheet_has_targets_panels_and_matters() -> None:
    for language, sign in (("zh", "另有下达的从其规定"), ("en", "with a reason")):
        assert sign in str(score_sheet(programme(), language))  # type: ignore[arg-type]


def test_an_agreement_names_the_targets_of_its_kind_and_year() -> None:
    whom = SimpleNamespace(code="a", name=Text("甲", "A"), kind="village", forms=("pay",))
    text = agreement_text(programme(), whom, 2025)
    assert [one["value"]["en"] for one in text["targets"]] == ["95%"]
    assert text["further"][0]["zh"] == "“升级”：“样例”大于0的，等次提高一级，最高到“样例”"


def test_an_explanation_says_what_a_part_did_and_which_step_was_taken() -> None:
    document = explained(paid=19)
    part = document["tree"]["children"][0]
    assert (part["points"], part["note"]["en"][:33]) == ("4.00", "“Duty”: the points of items left ")
    assert [step["id"] for step in document["steps"]] == ["lift"]
    assert (document["grade"], document["next_grade"]["grade"], document["next_grade"]["short_by"]) == (
        "fair",
        "good",
        "11",
    )
    assert document["tree"]["children"][0]["children"][0]["indicator"]["formula_with_values"] == "19 / 100 / 0.95"
    lines = told(Explanation(document), "zh")
    assert "等次提高一级" in lines and "由本部分其余项目按比例分担" in lines


def test_a_step_that_does_not_hold_is_not_told() -> None:
    made = programme()
    rows = {"units": [unit("a")], "returns-pay": [filed(paid=19, due=100)]}
    assert explain(made, tables_of(made, rows), Period.parse("2025-01"), "a").document["steps"] == []
