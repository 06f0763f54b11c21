"""The burden check: no field without a use, no question twice, no paper as a yardstick, and the yearly count."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from answerable.definition import read
from answerable.definition.burden import fields_a_year
from answerable.definition.lexicon import formal
from answerable.values import Issue, Refused
from tests.spec.office import document, indicator, item

DECISION = {"on": "2026-01-10", "by": "programme office", "because": {"zh": "只是用词", "en": "only a word"}}
TITLED = {"title": {"zh": "项", "en": "one"}, "clause": "law#1"}


def field(name: str, zh: str = "", en: str = "", measure: str = "count", **more: Any) -> dict[str, Any]:
    words = {"zh": zh or f"甲{name}", "en": en or f"a {name}"}
    plain = {"id": name, "title": words, "measure": measure, "topic": "process", "owner": "office", "use": "context"}
    return {**plain, **more}


def form(name: str, *fields: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    due = {"day": "5", "months_after": "1"}
    words = {"zh": f"{name}表", "en": f"Form {name}"}
    shape = {"id": name, "title": words, "owner": "office", "clause": "law#1", "due": due, "fields": list(fields)}
    return {**shape, **more}


def issues(*forms: Mapping[str, Any], **parts: Any) -> list[Issue]:
    """What is said of a programme of these forms that scores `pay.done`."""
    scored = {"indicators": [indicator("ratio", "sum(pay.done)")], "tree": [item("one", {"ratio_to_target": "9"})]}
    try:
        read(json.dumps(document(**{"forms": list(forms), **scored, **parts})).encode())
    except Refused as refused:
        return list(refused.issues)
    return []


def codes(found: list[Issue]) -> list[str]:
    return [issue.code.removeprefix("programme.") for issue in found]


DONE = field("done")


def test_a_field_said_to_be_scored_is_read_by_something_that_is_scored() -> None:
    assert issues(form("pay", field("done", use="scored"))) == []
    (issue,) = issues(form("pay", DONE, field("idle", use="scored")))
    assert (issue.code, issue.facts["field"]) == ("programme.field_unused", "idle")


def test_a_field_to_be_checked_is_read_by_a_check_or_counted_again() -> None:
    check = {"id": "c", "says": {"zh": "甲", "en": "a"}, "holds": "pay.total >= pay.done", "severity": "soft"}
    total = field("total", use="check")
    assert codes(issues(form("pay", DONE, total))) == ["field_unused"]
    assert issues(form("pay", DONE, total, checks=[check])) == []
    again = "sum(pay.done) + count(recounts)"
    assert issues(form("pay", DONE, total), indicators=[indicator("ratio", again)]) == []


@pytest.mark.parametrize(
    ("zh", "en"),
    [
        ("本月场次", "Meetings"),
        ("别的", "Sessions held"),
        ("别的", "sessions HELD."),
        ("别的", "Sessions-held"),
        ("本 月 场次", "other"),
        ("本月（场次）", "other"),
    ],
)
def test_the_same_question_is_asked_once_whatever_the_form_and_the_language(zh: str, en: str) -> None:
    first = field("held", "本月场次", "Sessions held")
    (issue,) = issues(form("pay", DONE, first), form("more", field("again", zh, en)))
    assert (issue.code, issue.facts["field"], issue.facts["other"]) == (
        "programme.asked_twice",
        "more.again",
        "pay.held",
    )
    assert codes(issues(form("pay", DONE, first, field("again", zh, en)))) == ["asked_twice"]


def test_the_number_of_sessions_and_whether_there_were_any_are_two_questions() -> None:
    first, second = field("held", "场次", "Sessions"), field("any", "场次", "Sessions", measure="flag")
    assert issues(form("pay", DONE, first, second)) == []


YARDSTICKS = [
    "会议记录",
    "活动照片张数",
    "学习笔记篇数",
    "信息稿件数",
    "每日打卡率",
    "APP登录次数",
    "点赞数",
    "下载率",
    "媒体报道篇数",
    "领导批示数",
    "Photographs of the activity",
    "Minutes of meetings",
    "Meeting notes kept",
    "News articles published",
    "Clock-ins",
    "App log-ins a week",
    "Likes of the page",
    "Downloads",
]


@pytest.mark.parametrize("words", YARDSTICKS)
def test_paper_and_screens_are_no_yardstick(words: str) -> None:
    assert formal([words])
    (issue,) = issues(form("pay", DONE, field("paper", words, words)))
    assert issue.code == "programme.formal_yardstick"
    assert issues(form("pay", DONE, field("paper", words, words, reviewed=DECISION))) == []


@pytest.mark.parametrize("part", ["findings", "indicators", "tree", "adjustments", "vetoes"])
def test_no_finding_indicator_item_adjustment_or_veto_may_be_about_photographs(part: str) -> None:
    plain: dict[str, list[dict[str, Any]]] = {
        "findings": [{"id": "fault", **TITLED, "topic": "process"}],
        "indicators": [indicator("ratio", "sum(pay.done)")],
        "tree": [item("one", {"ratio_to_target": "9"})],
        "adjustments": [{"id": "more", **TITLED, "indicator": "ratio", "each": "1", "cap": "2"}],
        "vetoes": [{"id": "stop", **TITLED, "legal_basis": "law#1", "when": "ratio", "at_most": "fair"}],
    }
    plain[part][0]["title"] = {"zh": "没有会议照片", "en": "No record"}
    assert codes(issues(form("pay", DONE), **plain)) == ["formal_yardstick"]


@pytest.mark.parametrize(
    "words",
    [
        "公开内容含个人照片",
        "不要求照片",
        "不得要求拍照留痕",
        "公开栏栏目数",
        "健康教育场次",
        "Notice board columns",
        "No photos asked for",
    ],
)
def test_what_only_sounds_like_paper_is_none(words: str) -> None:
    assert formal([words]) == ()


@pytest.mark.parametrize(
    ("broken", "code"),
    [({"legal_basis": ""}, "wrong_value"), ({"legal_basis": None}, "wrong_value"), ({}, "missing_key")],
)
def test_a_veto_needs_a_legal_basis(broken: Mapping[str, Any], code: str) -> None:
    veto = {"id": "stop", **TITLED, "when": "ratio", "at_most": "fair", **broken}
    assert codes(issues(form("pay", DONE), vetoes=[veto])) == [code]


def test_the_legal_basis_of_a_veto_is_a_document_that_is_listed() -> None:
    veto = {"id": "stop", **TITLED, "legal_basis": "custom#1", "when": "ratio", "at_most": "fair"}
    assert codes(issues(form("pay", DONE), vetoes=[veto])) == ["unknown_source"]


def test_an_agreement_needs_the_legal_basis_of_the_programme() -> None:
    agreement = {"sign_by": "01-31"}
    assert issues(form("pay", DONE), agreement=agreement) == []
    assert codes(issues(form("pay", DONE), agreement=agreement, legal_basis=[])) == ["wrong_value"]
    assert codes(issues(form("pay", DONE), agreement=agreement, legal_basis=["custom#1"])) == ["unknown_source"]


def test_the_figures_of_a_year_are_counted_by_form_and_in_all() -> None:
    forms = [form("pay", DONE, field("held")), form("more", field("other"))]
    scored = {"indicators": [indicator("ratio", "sum(pay.done)")], "tree": [item("one", {"ratio_to_target": "9"})]}
    burden = fields_a_year(read(json.dumps(document(forms=forms, **scored)).encode()))
    assert [(one.form, one.figures) for one in burden.forms] == [("pay", 2), ("more", 1)]
    assert (burden.a_month(), burden.a_year()) == (3, 36)
    assert burden.line("en") == "3 figures a month, 36 a year per unit (Form pay 2, Form more 1)"
    assert burden.line("zh") == "每单位每月填报 3 项，全年 36 项（pay表 2，more表 1）"


def test_where_forms_name_the_kinds_that_file_them_each_kind_has_its_own_count() -> None:
    forms = [form("pay", DONE, field("held")), {**form("more", field("other")), "filed_by": ["town"]}]
    kinds = {"village": {"zh": "村", "en": "Village"}, "town": {"zh": "镇", "en": "Town"}}
    scored = {"indicators": [indicator("ratio", "sum(pay.done)")], "tree": [item("one", {"ratio_to_target": "9"})]}
    units = {"kinds": kinds, "assess": ["village", "town"]}
    burden = fields_a_year(read(json.dumps(document(forms=forms, units=units, **scored), ensure_ascii=False).encode()))
    assert (burden.a_year("village"), burden.a_year("town")) == (24, 36)
    assert burden.line("en").endswith("; Village: 24 a year; Town: 36 a year")
    assert burden.line("zh").endswith("；村全年 24 项；镇全年 36 项")
