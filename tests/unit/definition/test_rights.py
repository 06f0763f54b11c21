"""The rights check of a programme: what is followed down the formulas, what a name sends to review, what settles it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from answerable.definition import read
from answerable.definition.topics import OPEN, PROTECTED, SAFEGUARDS
from answerable.values import Issue, Refused
from tests.spec.office import document, indicator, item

SHARE = {"ratio_to_target": "95%"}
LESS_IS_BETTER = {"deduct_per_count": {"each": "1", "floor": "0"}}
DECISION = {"on": "2026-01-10", "by": "programme office", "because": {"zh": "只作分母", "en": "a denominator"}}
CLAUSES = {"clause": "law#1", "legal_basis": "law#1"}


def field(name: str, topic: str = "service_delivery", **more: Any) -> dict[str, Any]:
    plain = {"id": name, "title": {"zh": f"甲{name}", "en": f"a {name}"}, "measure": "count", "owner": "office"}
    return {**plain, "topic": topic, "use": "context", **more}


def form(*fields: Mapping[str, Any]) -> dict[str, Any]:
    words, due = {"zh": "表", "en": "form"}, {"day": "5", "months_after": "1"}
    return {"id": "pay", "title": words, "owner": "office", "clause": "law#1", "due": due, "fields": list(fields)}


def issues(*fields: Mapping[str, Any], **parts: Any) -> list[Issue]:
    """What is said of a programme with these fields; a formula `ratio` over them is scored."""
    forms = [form(*fields)] if fields else document()["forms"]
    try:
        read(json.dumps(document(forms=forms, **parts)).encode())
    except Refused as refused:
        return list(refused.issues)
    return []


def codes(found: list[Issue]) -> list[str]:
    return [issue.code.removeprefix("programme.") for issue in found]


def scored(formula: str, *fields: Mapping[str, Any], rule: Any = None, **parts: Any) -> list[Issue]:
    """What is said when a formula is an item's indicator."""
    return issues(
        *fields,
        indicators=[indicator("ratio", formula)],
        tree=[item("one", rule or SHARE)],
        **{"adjustments": [], "vetoes": [], **parts},
    )


# -- down the formulas ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", sorted(set(PROTECTED) - {"person_record"}))
def test_no_protected_topic_is_ever_scored(topic: str) -> None:
    (issue, *_) = scored("sum(pay.births)", field("births", topic))
    assert issue.code == "programme.right_refused"
    assert issue.facts["rule"] == PROTECTED[topic][0]


def test_a_record_of_persons_is_refused_even_as_context() -> None:
    assert "person_record" in codes(scored("sum(pay.done)", field("done"), field("who", "person_record")))


def test_the_refusal_names_the_way_from_the_item_to_the_field_in_both_languages() -> None:
    found = issues(
        field("births", "birth"),
        indicators=[
            indicator("ratio", "middle + 1"),
            indicator("middle", "deep * 2"),
            indicator("deep", "sum(pay.births)"),
        ],
        tree=[item("one", SHARE)],
    )
    (issue,) = found
    assert issue.facts["way"] == "one → ratio → middle → deep → pay.births"
    assert "one → ratio → middle → deep → pay.births" in issue.says("en") and "→ pay.births" in issue.says("zh")
    assert (issue.facts["indicator"], issue.facts["name"]) == ("deep", "pay.births")


@pytest.mark.parametrize(
    "formula",
    [
        "sum(pay.births)",
        "-sum(pay.births)",
        "sum(pay.births) / sum(pay.done)",
        "sum(pay.done) + 0 * sum(pay.births)",
        "count(pay where pay.births > 3)",
        "sum(if(pay.births > 3, pay.done, 0))",
        "if(sum(pay.births) > 3, sum(pay.done), 0)",
        "least(sum(pay.done), sum(pay.births))",
        "1 / sum(pay.births)",
        "count(pay) / sum(pay.births)",
        "sum(pay.done) / (sum(pay.done) / sum(pay.births))",
        "sum(pay.births) / sum(pay.births)",
        "sum(pay.done) / sum(pay.births) + sum(pay.births)",
    ],
)
def test_a_composite_that_holds_a_protected_figure_is_refused(formula: str) -> None:
    assert "right_refused" in codes(scored(formula, field("births", "birth"), field("done")))


@pytest.mark.parametrize("formula", ["sum(pay.done) / sum(pay.births)", "100 * (sum(pay.done) - 1) / sum(pay.births)"])
def test_a_pure_denominator_is_reviewed_and_a_decision_beside_the_field_settles_it(formula: str) -> None:
    (issue,) = scored(formula, field("births", "birth"), field("done"))
    assert (issue.code, issue.facts["rule"]) == ("programme.review_needed", "R12")
    assert issue.facts["name"] == "one → ratio → pay.births"
    assert scored(formula, field("births", "birth", reviewed=DECISION), field("done")) == []


def test_a_denominator_below_another_indicator_is_reviewed_too() -> None:
    found = issues(
        field("births", "birth"),
        field("done"),
        indicators=[
            indicator("ratio", "places / newborn"),
            indicator("places", "sum(pay.done)"),
            indicator("newborn", "sum(pay.births)"),
        ],
        tree=[item("one", SHARE)],
    )
    assert codes(found) == ["review_needed"]


@pytest.mark.parametrize("topic", ["sanction", "collective_liability"])
def test_some_topics_are_not_even_divided_by(topic: str) -> None:
    assert codes(scored("sum(pay.done) / sum(pay.held)", field("held", topic), field("done"))) == ["right_refused"]


def test_a_decision_never_lifts_a_refusal() -> None:
    assert codes(scored("sum(pay.births)", field("births", "birth", reviewed=DECISION))) == ["right_refused"]


def test_a_protected_figure_that_nothing_scores_may_be_context() -> None:
    assert scored("sum(pay.done)", field("births", "birth"), field("done")) == []


def test_adjustments_and_vetoes_are_followed_and_a_veto_also_falls_under_the_rule_on_vetoes() -> None:
    titled = {"title": {"zh": "项", "en": "one"}, "clause": "law#1"}
    adjustment = {"id": "more", **titled, "indicator": "extra", "each": "1", "cap": "2"}
    veto = {"id": "stop", **titled, "legal_basis": "law#1", "when": "extra", "at_most": "fair"}
    figures = [indicator("ratio", "sum(pay.done)"), indicator("extra", "sum(pay.births)")]
    fields = (field("births", "birth"), field("done"))
    tree = [item("one", SHARE)]
    (issue,) = issues(*fields, indicators=figures, tree=tree, adjustments=[adjustment])
    assert (issue.facts["way"], issue.facts["rule"]) == ("more → extra → pay.births", "R1")
    found = [one for one in issues(*fields, indicators=figures, tree=tree, vetoes=[veto]) if "way" in one.facts]
    assert (found[0].facts["way"], found[0].facts["rule"]) == ("stop → extra → pay.births", "R1, R5")


def test_an_indicator_that_nothing_scores_may_read_what_it_likes() -> None:
    figures = [indicator("ratio", "sum(pay.done)"), indicator("shown", "sum(pay.births)")]
    assert issues(field("births", "birth"), field("done"), indicators=figures, tree=[item("one", SHARE)]) == []


def test_a_topic_nobody_has_set_is_context_until_a_person_sets_it() -> None:
    assert scored("sum(pay.done)", field("new", "unset"), field("done")) == []
    (issue,) = scored("sum(pay.done) / sum(pay.new)", field("new", "unset"), field("done"))
    assert (issue.code, issue.facts["way"]) == ("programme.topic_unset", "one → ratio → pay.new")
    assert "review" in issue.says("en") and "审定" in issue.says("zh")


def test_many_diamonds_of_indicators_are_followed_in_no_time() -> None:
    chain = [indicator(f"i{at}", f"i{at + 1} + i{at + 1}") for at in range(60)]
    figures = [indicator("ratio", "i0"), *chain, indicator("i60", "sum(pay.births)")]
    assert codes(issues(field("births", "birth"), indicators=figures, tree=[item("one", SHARE)])) == ["right_refused"]


# -- figures counted again -----------------------------------------------------------------------------------------

AGREE = 'count(recounts where recounts.field == "births" and recounts.reported == recounts.recounted) / count(recounts)'


def test_the_accuracy_of_a_protected_figure_is_reviewed() -> None:
    (issue,) = scored(AGREE, field("births", "birth"), field("done"))
    assert (issue.code, issue.facts["rule"]) == ("programme.review_needed", "R12")
    assert scored(AGREE, field("births", "birth", reviewed=DECISION), field("done")) == []


def test_a_recount_of_a_protected_figure_by_itself_is_that_figure() -> None:
    formula = 'sum(recounts.recounted where recounts.field == "births")'
    assert codes(scored(formula, field("births", "birth"))) == ["right_refused"]


def test_recounts_of_other_fields_are_no_matter() -> None:
    assert scored(AGREE.replace('"births"', '"done"'), field("births", "birth"), field("done")) == []


def test_recounts_of_all_fields_are_those_of_the_protected_too() -> None:
    formula = "count(recounts where recounts.reported == recounts.recounted) / count(recounts)"
    assert codes(scored(formula, field("births", "birth"), field("done"))) == ["review_needed"]


# -- complaints ----------------------------------------------------------------------------------------------------

MADE = field("made", "complaint_resolution")
ANSWERED = field("answered", "complaint_resolution")


def test_complaints_answered_of_those_made_may_be_scored() -> None:
    assert scored("sum(pay.answered) / sum(pay.made)", MADE, ANSWERED) == []
    assert scored("sum(pay.made) - sum(pay.answered)", MADE, ANSWERED, rule=LESS_IS_BETTER) == []


@pytest.mark.parametrize(
    ("formula", "rule"),
    [
        ("sum(pay.made)", LESS_IS_BETTER),
        ("sum(pay.made)", {"linear": {"zero_at": "9", "full_at": "0"}}),
        ("sum(pay.made)", {"full_or_none": "<= 3"}),
        ("sum(pay.made)", {"bands": [{"from": "5", "points": "0"}, {"otherwise": "10"}]}),
        ("sum(pay.made) / count(pay)", LESS_IS_BETTER),
        ("100 - sum(pay.made)", SHARE),
    ],
)
def test_fewer_complaints_never_give_more_points(formula: str, rule: Any) -> None:
    (issue,) = scored(formula, MADE, ANSWERED, rule=rule)
    assert (issue.code, issue.facts["rule"]) == ("programme.right_refused", "R11")


def test_points_taken_for_each_complaint_are_refused_too() -> None:
    taken = {"id": "off", "title": {"zh": "项", "en": "one"}, "clause": "law#1", "indicator": "extra", "each": "-1"}
    figures = [indicator("ratio", "sum(pay.done)"), indicator("extra", "sum(pay.made)")]
    found = issues(
        MADE, field("done"), indicators=figures, tree=[item("one", SHARE)], adjustments=[{**taken, "cap": "4"}]
    )
    assert [one.facts.get("way") for one in found] == ["off → extra → pay.made"]


def test_where_the_direction_cannot_be_told_a_person_looks() -> None:
    formula = "count(pay where pay.made == 0)"
    assert codes(scored(formula, MADE)) == ["review_needed"]
    assert scored(formula, {**MADE, "reviewed": DECISION}) == []


# -- clinical family planning --------------------------------------------------------------------------------------


def test_clinical_family_planning_needs_all_five_safeguards() -> None:
    (issue,) = scored("sum(pay.done)", field("done"), field("told", "informed_choice"))
    assert issue.code == "programme.safeguards_missing"
    assert issue.facts["topics"] == "informed_choice, method_range, removal_on_request, privacy, complaint_resolution"
    kinds = [
        {"id": f"lack_{topic}", "title": OPEN[topic].__dict__, "clause": "law#1", "topic": topic}
        for topic in SAFEGUARDS
    ]
    assert scored("sum(pay.done)", field("done"), field("told", "informed_choice"), findings=kinds) == []
    without = [kind for kind in kinds if kind["topic"] != "privacy"]
    (issue,) = scored("sum(pay.done)", field("done"), field("told", "informed_choice"), findings=without)
    assert issue.facts["topics"] == "privacy" and issue.facts["zh"] == "隐私保护"


def test_counting_users_as_context_is_clinical_too() -> None:
    assert codes(scored("sum(pay.done)", field("done"), field("users", "contraceptive_user"))) == ["safeguards_missing"]


# -- names ---------------------------------------------------------------------------------------------------------

NAMED = {"zh": "甲", "en": "New acceptors of contraception"}


@pytest.mark.parametrize(
    "words",
    [
        {"zh": "本月出生人数", "en": "a"},
        {"zh": "甲", "en": "Births this month"},
        {"zh": "上环例数", "en": "a"},
        {"zh": "甲", "en": "Pregnancy tests done"},
        {"zh": "罚款起数", "en": "a"},
    ],
)
def test_a_field_called_something_protected_is_reviewed_whatever_its_topic(words: Any) -> None:
    one = field("done", title=words)
    (issue,) = scored("sum(pay.done)", one)
    assert issue.code == "programme.review_needed" and issue.facts["name"].startswith("done «")
    assert scored("sum(pay.done)", {**one, "reviewed": DECISION}) == []


def test_the_help_of_a_field_is_read_too() -> None:
    one = field("done", help={"zh": "填出生人数", "en": "the number of births"})
    assert codes(scored("sum(pay.done)", one)) == ["review_needed"]


def test_a_decision_says_when_by_which_post_and_why_in_both_languages() -> None:
    one = field("done", title=NAMED, reviewed={"on": "soon", "by": "", "because": {"zh": "甲"}})
    assert set(codes(scored("sum(pay.done)", one))) == {"wrong_value", "missing_key"}


@pytest.mark.parametrize("part", ["findings", "indicators", "tree", "adjustments", "vetoes"])
def test_whatever_bears_on_a_score_is_reviewed_by_its_name_until_a_person_decides(part: str) -> None:
    plain: dict[str, list[dict[str, Any]]] = {
        "findings": [{"id": "fault", "clause": "law#1", "topic": "process"}],
        "indicators": [indicator("ratio", "sum(pay.done)")],
        "tree": [item("one", SHARE)],
        "adjustments": [{"id": "more", "clause": "law#1", "indicator": "ratio", "each": "1", "cap": "2"}],
        "vetoes": [{"id": "stop", **CLAUSES, "when": "ratio", "at_most": "fair"}],
    }
    for ones in plain.values():
        ones[0].setdefault("title", {"zh": "项", "en": "one"})
    plain[part][0]["title"] = NAMED
    assert codes(issues(field("done"), **plain)) == ["review_needed"]
    plain[part][0]["reviewed"] = DECISION
    assert issues(field("done"), **plain) == []


def test_context_may_be_called_births_but_not_a_list_of_names() -> None:
    assert scored("sum(pay.done)", field("done"), field("born", title={"zh": "出生人数", "en": "Births"})) == []
    named = field("who", title={"zh": "甲", "en": "Names, identity numbers of women"})
    assert codes(scored("sum(pay.done)", field("done"), named)) == ["review_needed"]


def test_context_that_a_score_reads_is_judged_as_scored() -> None:
    born = field("born", title={"zh": "出生人数", "en": "Births"}, use="context")
    assert codes(scored("sum(pay.born)", born)) == ["review_needed"]


@pytest.mark.parametrize(
    "words",
    [
        {"zh": "其中按期答复诉求件数", "en": "Complaints answered in time"},
        {"zh": "托育点、母婴室开放天数", "en": "Days childcare points and nursing rooms were open"},
        {"zh": "特殊家庭联系服务次数", "en": "Contacts with special-support families made"},
        {"zh": "避孕药具缺货天数", "en": "Days contraceptives were out of stock"},
        {"zh": "出生时受破伤风保护新生儿数", "en": "Doses given"},
        {"zh": "发放长效蚊帐数", "en": "Bed nets given"},
        {"zh": "咨询室隐私达标", "en": "Counselling room with privacy"},
        {"zh": "应发待遇金额", "en": "Benefits due"},
        {"zh": "侵犯公民合法权益（经查实）", "en": "Proven violation of rights"},
    ],
)
def test_the_name_of_a_service_needs_no_review(words: Any) -> None:
    assert scored("sum(pay.done)", field("done", title=words)) == []


# -- kinds of rule -------------------------------------------------------------------------------------------------

OTHER = [indicator("ratio", "sum(pay.done)"), indicator("born", "sum(pay.births)")]


@pytest.mark.parametrize(
    "rule",
    [
        {"gate": {"when": ">= 1", "indicator": "born", "rule": {"ratio_to_target": "9"}}},
        {
            "gate": {
                "when": ">= 1",
                "rule": {"less": {"deductions": [{"indicator": "born", "each": "1"}], "floor": "0"}},
            }
        },
        {"less": {"deductions": [{"indicator": "born", "each": "1"}], "floor": "0"}},
        {"formula": "value + 0 * born"},
    ],
)
def test_what_a_rule_reads_beside_its_indicator_is_followed_too(rule: Any) -> None:
    found = issues(field("births", "birth"), field("done"), indicators=OTHER, tree=[item("one", rule)])
    assert [one.facts.get("way") for one in found] == ["one → born → pay.births"]


@pytest.mark.parametrize(
    "across", ["mean(born within kind)", "rank(born within peer_group)", "ratio - sum(born within parent)"]
)
def test_what_is_looked_at_across_units_is_followed_too(across: str) -> None:
    figures = [indicator("top", across), *OTHER]
    found = issues(field("births", "birth"), field("done"), indicators=figures, tree=[item("one", SHARE, of="top")])
    assert [one.facts.get("way") for one in found] == ["one → top → born → pay.births"]


@pytest.mark.parametrize(
    "formula", ["root(sum(pay.births), 2)", "power(sum(pay.births), 0.5)", "ln(sum(pay.births) / sum(pay.births))"]
)
def test_roots_and_logarithms_hide_nothing(formula: str) -> None:
    assert "right_refused" in codes(scored(formula, field("births", "birth")))


def test_a_negative_power_is_no_pure_denominator() -> None:
    formula = "sum(pay.done) * power(sum(pay.births), -1)"
    assert codes(scored(formula, field("births", "birth"), field("done"))) == ["right_refused"]
