"""The plan in words: every step of every kind is told, in order, with its clause, and nothing computes for it."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from answerable.__main__ import main, programme_path
from answerable.definition import Programme, read_programme
from answerable.exchange import plan_words
from answerable.exchange.citation import citation
from answerable.exchange.plan_words import _KINDS, plan_in_words
from answerable.exchange.report import Heading, ListBlock, Report, has_chinese
from answerable.scoring.engines.columns.plan import Plan
from answerable.scoring.engines.columns.planner import plan_of
from answerable.values.text import LANGUAGES, Language
from tests.fuzz.generated import Seeded, case
from tests.fuzz.test_years_and_hands_agree import made

SHIPPED = ("family_services", "child_health", "human_development")


@cache
def shipped(name: str) -> Programme:
    return read_programme(programme_path(name))


def lines(report: Report) -> list[str]:
    return [line for block in report.blocks if isinstance(block, ListBlock) for line in block.items]


def headings(report: Report) -> list[str]:
    return [block.text for block in report.blocks if isinstance(block, Heading)]


def random_programmes() -> list[Programme]:
    return [made(seed)[0] for seed in range(20)] + [case(Seeded(seed)).programme for seed in range(20)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SHIPPED)
def test_every_step_of_a_shipped_programme_is_one_line(name: str, language: Language) -> None:
    report = plan_in_words(shipped(name), language)
    assert len(lines(report)) == len(list(plan_of(shipped(name)).steps()))


@pytest.mark.parametrize("name", SHIPPED)
def test_an_english_plan_has_no_chinese_and_a_chinese_one_no_ids(name: str) -> None:
    programme = shipped(name)
    assert not [line for line in lines(plan_in_words(programme, "en")) if has_chinese([line])]
    ids = {one.id for one in (*programme.forms, *programme.indicators, *programme.tree.nodes())}
    said = " ".join(lines(plan_in_words(programme, "zh")))
    assert ids & set(re.findall(r"[a-z_]+", said)) == set()


def test_every_clause_of_a_step_is_cited() -> None:
    programme = shipped("family_services")
    said = "\n".join(lines(plan_in_words(programme, "en")))
    clauses = [one.clause for one in programme.tree.items()]
    clauses += [one.clause for one in programme.adjustments] + [one.clause for one in programme.vetoes]
    assert len(clauses) > 15
    assert [one for one in clauses if f"({citation(programme, one).en})" not in said] == []


@pytest.mark.parametrize("name", SHIPPED)
def test_what_rows_give_is_numbered_once_and_used_by_the_indicator_it_is_for(name: str) -> None:
    report = plan_in_words(shipped(name), "en")
    given = [number for line in lines(report) for number in re.findall(r"(\[\d+\]) = ", line)]
    used = {number for line in lines(report) if line.startswith("“") for number in re.findall(r"\[\d+\]", line)}
    assert given == [f"[{at}]" for at in range(1, len(given) + 1)]
    assert used == set(given)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_twelve_kinds_of_step_are_told_each_under_its_heading_in_order(language: Language) -> None:
    orders: list[list[str]] = []
    for programme in random_programmes():
        report = plan_in_words(programme, language)
        assert len(lines(report)) == len(list(plan_of(programme).steps()))
        orders.append(headings(report))
    every = [word.in_language(language) for word in _KINDS.values()]
    assert {heading for order in orders for heading in order} == set(every) and len(every) == 12
    assert all(order == [heading for heading in every if heading in order] for order in orders)


def test_the_plan_says_what_the_planner_made_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words come from the steps: where a step is changed, so are they."""

    def changed(programme: Programme) -> Plan:
        plan = plan_of(programme)
        adjustments = tuple(replace(one, cap=Fraction(77)) for one in plan.adjustments)
        vetoes = tuple(replace(one, fixed=None, at_most=0, total=Fraction(66)) for one in plan.vetoes)
        return replace(plan, adjustments=adjustments, vetoes=vetoes)

    monkeypatch.setattr(plan_words, "plan_of", changed)
    said = "\n".join(lines(plan_in_words(shipped("family_services"), "en")))
    assert "77 at most in all" in said and "the total is at most 66" in said


@pytest.mark.parametrize(("language", "words"), [("en", "Give the grades"), ("zh", "一、由各表的行汇总出每个单位的数")])
def test_the_command_prints_it(language: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "family_services", "--lang", language]) == 0
    said = capsys.readouterr().out
    assert words in said and shipped("family_services").digest in said


def test_a_plan_is_printed_without_the_library_of_columns(tmp_path: Path) -> None:
    code = "import sys\nfrom answerable.__main__ import main\nmain(['plan', 'child_health'])\n" + (
        "print(sorted({'django', 'polars', 'docx', 'typst'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.splitlines()[-1] == "[]"
