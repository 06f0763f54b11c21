"""A formula in plain words: titles for ids, conditions as people say them, and nothing left out."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from answerable.definition import Programme, read_programme
from answerable.definition.formula import (
    ACROSS,
    AGGREGATES,
    FUNCTIONS,
    GROUPS,
    Across,
    Aggregate,
    Binary,
    Call,
    ColumnOf,
    Expression,
    Name,
    Negation,
    Number,
    TextLiteral,
)
from answerable.definition.formula_words import formula_in_words
from answerable.definition.syntax import parse
from answerable.definition.wording import word
from answerable.values.number import parse_fraction
from answerable.values.text import LANGUAGES


@cache
def shipped(name: str = "family_services") -> Programme:
    return read_programme(Path(str(resources.files("answerable.programmes") / name)))


@pytest.mark.parametrize(
    ("formula", "zh", "en"),
    [
        (
            "sum(monthly.paid_amount) / sum(monthly.entitled_amount)",
            "“其中实发金额”之和 ÷ “本月应发待遇金额”之和",
            "sum of “Of these paid” ÷ sum of “Benefits due this month”",
        ),
        (
            "count(monthly where monthly.filed and not monthly.on_time)",
            "《家庭服务月报表》应报份数（限已报送且未按时报送）",
            "number of “Monthly family services return” expected (where filed and not filed on time)",
        ),
        (
            "sum(monthly.leader_in_post) / count(monthly)",
            "“本月末分管领导是否明确”为“是”的月份数 ÷ 《家庭服务月报表》应报份数",
            "number of months with “yes” to “A responsible leader is named at the end of the month” ÷ "
            "number of “Monthly family services return” expected",
        ),
        (
            'sum(findings.occurrences where findings.kind == "board_outdated" and findings.status != "withdrawn")',
            "检查发现次数之和（限问题类型为“公开栏未按时更新”且认定情况不为“已撤销”）",
            "sum of occurrences found (where kind of finding is “Notice board out of date” and decision is not "
            "“withdrawn”)",
        ),
        (
            "count(recounts where 20 * abs(recounts.reported - recounts.recounted) <= recounts.recounted)",
            "复核项数（限20 × （上报数 − 复核数）的绝对值不大于复核数）",
            "number of recounts (where 20 × absolute value of (figure reported − figure recounted) is at most figure "
            "recounted)",
        ),
        ("migrant_done_share / done_share", "“流动人口事项按期办结率” ÷ “服务事项按期办结率”", None),
        ("(paid_share + done_share) * 100", "（“待遇足额发放率” + “服务事项按期办结率”） × 100", None),
        ("paid_share - (done_share - 1)", "“待遇足额发放率” − （“服务事项按期办结率” − 1）", None),
        (
            "count(monthly where monthly.leader_in_post)",
            "《家庭服务月报表》应报份数（限“本月末分管领导是否明确”为是）",
            None,
        ),
        (
            "count(monthly where not monthly.leader_in_post)",
            "《家庭服务月报表》应报份数（限“本月末分管领导是否明确”为否）",
            None,
        ),
        (
            'if(unit.kind == "community", 1, 0)',
            "（单位类别为“社区”时为1，否则为0）",
            "(1 if kind of unit is “Community”, otherwise 0)",
        ),
        ("least(paid_share, 1)", "（“待遇足额发放率”、1）中最小的", "the least of (“Share of benefits paid”; 1)"),
        (
            "done_share - median(done_share within kind)",
            "“服务事项按期办结率” − 同类单位的“服务事项按期办结率”中位数",
            "“Share of requests settled in time” − median of “Share of requests settled in time” over units of one "
            "kind",
        ),
        ("otherwise(done_share, 0)", "“服务事项按期办结率”（无数据时用0）", None),
        ("value / 95%", "指标值 ÷ 0.95", "the value ÷ 0.95"),
    ],
)
def test_a_formula_is_said_in_the_words_of_the_programme(formula: str, zh: str, en: str | None) -> None:
    assert formula_in_words(parse(formula), shipped(), "zh") == zh
    assert en is None or formula_in_words(parse(formula), shipped(), "en") == en


@pytest.mark.parametrize("name", ["family_services", "child_health"])
def test_no_id_of_a_shipped_programme_is_left_in_its_formulas(name: str) -> None:
    programme = shipped(name)
    formulas = [one.formula for one in programme.indicators]
    formulas += [check.holds for form in programme.forms for check in form.checks]
    for formula in formulas:
        for language in LANGUAGES:
            said = formula_in_words(formula, programme, language)
            assert "_" not in said and "." not in said.replace("0.", "")


ONE = Number(parse_fraction("1"))
KINDS: tuple[Expression, ...] = (
    ONE,
    TextLiteral("community"),
    Name("paid_share"),
    ColumnOf("monthly", "requests"),
    Aggregate("mean", ColumnOf("monthly", "requests"), None),
    Binary("or", Name("paid_share"), Name("done_share")),
    Negation("not", Name("paid_share")),
    Call("floor", (Name("paid_share"),)),
)


@pytest.mark.parametrize("expression", KINDS, ids=lambda expression: type(expression).__name__)
def test_every_kind_of_expression_has_words(expression: Expression) -> None:
    assert formula_in_words(expression, shipped(), "zh") != formula_in_words(expression, shipped(), "en") or isinstance(
        expression, Number | TextLiteral
    )


@pytest.mark.parametrize("op", AGGREGATES)
def test_every_aggregate_says_what_it_is_of(op: Any) -> None:
    of = Name("visits") if op == "count" else ColumnOf("monthly", "requests")
    where = parse('visits.reason == "draw"') if op == "count" else None
    said = formula_in_words(Aggregate(op, of, where), shipped(), "en")
    assert ("visits" if op == "count" else "“Service requests to be settled this month”") in said


@pytest.mark.parametrize("op", ACROSS)
@pytest.mark.parametrize("group", GROUPS)
def test_every_question_across_units_says_of_what_and_among_whom(op: Any, group: Any) -> None:
    said = formula_in_words(Across(op, Name("paid_share"), group), shipped(), "zh")
    assert "“待遇足额发放率”" in said and word("within", group).zh in said


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_says_all_its_operands(function: Any) -> None:
    fewest = FUNCTIONS[function].fewest
    operands = tuple(Name(name) for name in ("paid_share", "done_share", "contact_share")[:fewest])
    said = formula_in_words(Call(function, operands), shipped(), "zh")
    assert all(shipped().indicator(one.name).title.zh in said for one in operands)


def test_a_name_that_is_none_and_a_function_without_words_are_shown_as_written() -> None:
    assert formula_in_words(Name("who_knows"), shipped(), "en") == "who_knows"
    entropy: Any = "entropy"
    strange = Call(entropy, (Name("paid_share"), ONE))
    assert formula_in_words(strange, shipped(), "en") == "entropy(“Share of benefits paid”, 1)"
