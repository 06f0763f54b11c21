"""The score sheet: every point of a programme with its rule in words, on paper as in the terminal."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache
from importlib import resources
from pathlib import Path

import pytest
import typst
from docx import Document
from pypdf import PdfReader

from answerable.__main__ import main
from answerable.definition import Item, Part, Programme, read_programme
from answerable.definition.changes import changes
from answerable.definition.formula_words import formula_in_words, rule_in_words
from answerable.definition.outcomes import (
    Minimum,
    OtherBands,
    Quota,
    TotalAtMost,
)
from answerable.definition.rules import (
    Agreement,
    AroundBase,
    Deduction,
    DeductPerStep,
    Formula,
    Gate,
    Interval,
    Less,
    Linear,
    RankPoints,
    Rule,
)
from answerable.definition.syntax import parse
from answerable.exchange import docx, pdf, plain
from answerable.exchange.citation import citation
from answerable.exchange.report import Heading, Paragraph, Report, TableBlock, has_chinese
from answerable.exchange.score_sheet import score_sheet
from answerable.exchange.terms import terms
from answerable.values.issue import Issue
from answerable.values.text import LANGUAGES, Language, Text

SHIPPED = ("family_services", "child_health")
HEAD = ("项目", "分值", "指标和算法", "评分办法", "依据", "得分", "备注")


@cache
def shipped(name: str) -> Programme:
    return read_programme(Path(str(resources.files("answerable.programmes") / name)))


@cache
def sheet(name: str, language: Language) -> Report:
    return score_sheet(shipped(name), language)


def tables(report: Report) -> list[TableBlock]:
    return [block for block in report.blocks if isinstance(block, TableBlock)]


def item_rows(report: Report) -> Iterator[tuple[str, ...]]:
    heads = {
        HEAD,
        next(table.head for table in tables(sheet("family_services", "en")) if "How it is scored" in table.head),
    }
    return (row for table in tables(report) if table.head in heads for row in table.rows)


def bare(text: str) -> str:
    """Text without spaces, since lines fold."""
    return "".join(text.split())


def in_print(report: Report) -> str:
    return bare(" ".join(report.texts()))


# -- nothing is left out -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SHIPPED)
def test_every_item_stands_in_order_with_its_points_rule_formula_and_clause(name: str, language: Language) -> None:
    programme = shipped(name)
    rows = list(item_rows(sheet(name, language)))
    assert [(row[0], row[1]) for row in rows] == [
        (item.title.in_language(language), str(item.points)) for item in programme.tree.items()
    ]
    for item, (_, _, computed, scored, clause, *room) in zip(programme.tree.items(), rows, strict=True):
        indicator = programme.indicator(item.indicator)
        rule = item.rule.in_words(item.points, indicator.percent).in_language(language)
        assert formula_in_words(indicator.formula, programme, language) in computed
        assert scored.startswith(rule)
        assert clause == citation(programme, item.clause).in_language(language)
        assert room == ["", ""]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SHIPPED)
def test_every_title_of_the_programme_is_on_the_sheet(name: str, language: Language) -> None:
    programme, said = shipped(name), in_print(sheet(name, language))
    titled = [
        *programme.tree.nodes(),
        *programme.indicators,
        *programme.adjustments,
        *programme.vetoes,
        *programme.ranks,
        *programme.finding_kinds,
        *programme.sources,
        *programme.grades.bands,
        *programme.forms,
        *(field for form in programme.forms for field in form.fields),
    ]
    missing = [one for one in titled if one.title.en != "Total" and bare(one.title.in_language(language)) not in said]
    assert missing == []
    assert all(bare(check.says.in_language(language)) in said for form in programme.forms for check in form.checks)


def test_what_absent_figures_do_is_said_of_each_item() -> None:
    scored = {row[0]: row[3] for row in item_rows(sheet("family_services", "zh"))}
    assert scored["责任书按期签订"].endswith("没有数据的不得分。")
    assert scored["分管领导明确"].endswith("缺报的不得分；已隐去、不适用、无法计算的不参评，其余分值折算。")
    computed = {row[0]: row[2] for row in item_rows(sheet("family_services", "en"))}
    months = "Months with an absent figure are left out, at least 6 whole months must remain."
    assert computed["Benefits paid in full"].endswith(months)
    assert "absent" not in computed["Nothing withheld"]  # findings have no cell that could be


def test_rounding_bands_vetoes_adjustments_and_ranks_are_told_in_both_languages() -> None:
    zh, en = (in_print(sheet("family_services", language)) for language in LANGUAGES)
    for said in (
        "指标四舍五入，保留4位小数",
        "60分及以上，不足90分",
        "可评分值不足40分",
    ):
        assert said in zh
    for told in ("from 60, below 90", "rounded scores of items", "share a place, the next place is counted on"):
        assert bare(told) in en
    assert "自2025年1月1日起施行，至2026年12月31日止" in zh
    (one,) = shipped("family_services").adjustments
    assert "按“同一问题再次发生次数”计，" + bare(one.in_words().zh.rstrip("。")) + "；没有数据的不计" in zh
    assert bare(f"By “Problems that came back”: {one.in_words().en.rstrip('.')}; none without a figure") in en


RULES: list[Rule] = [
    DeductPerStep(Fraction(9, 10), "below", Fraction(1, 100), Fraction(1, 2), "started", Fraction(0)),
    Interval(Fraction(9, 10), Fraction(11, 10)),
    Agreement(Fraction(1, 20)),
    AroundBase(Fraction(2), Fraction(1), Fraction(2), Fraction(1), Fraction(2), Fraction(0)),
    RankPoints((Fraction(4), Fraction(2)), Fraction(1)),
    Gate(">=", Fraction(1), "agreement_in_time", Text(zh="按期签订", en="signing"), Linear(Fraction(0), Fraction(1))),
    Less(
        None,
        (Deduction("months_silent", Text(zh="未报月份数", en="Months without a return"), Fraction(1)),),
        Fraction(0),
    ),
    Formula(parse("value * points / done_share"), Fraction(0), Fraction(4)),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
def test_a_rule_of_any_kind_is_told_and_its_change_too(rule: Rule) -> None:
    programme = shipped("family_services")
    first, *rest = programme.tree.children
    assert isinstance(first, Part) and isinstance(first.children[0], Item)
    item = replace(first.children[0], rule=rule)
    tree = replace(programme.tree, children=(replace(first, children=(item, *first.children[1:])), *rest))
    changed = replace(programme, tree=tree)
    for language in LANGUAGES:
        scored = next(item_rows(score_sheet(changed, language)))[3]
        (change,) = changes(programme, changed)
        assert change.after is not None and change.weighty
        assert scored.startswith(change.after.in_language(language))
        assert "done_share" not in scored and "points /" not in scored


def test_a_formula_that_gives_points_is_put_into_words() -> None:
    programme = shipped("family_services")
    item = replace(next(programme.tree.items()), rule=RULES[-1])
    assert rule_in_words(item, programme) == Text(
        zh="按公式 指标值 × 4 ÷ “服务事项按期办结率” 计分，最低0分，最高4分。",
        en="Points by the formula the value × 4 ÷ “Share of requests settled in time”, from 0 to 4.",
    )


def test_limits_of_grades_and_bands_of_some_kinds_are_told() -> None:
    programme = shipped("family_services")
    rights, falsified = programme.vetoes
    grades = replace(
        programme.grades,
        other_bands=(OtherBands(("community", "enterprise"), (Fraction(85), Fraction(55), Fraction(0))),),
        minimums=(Minimum("advanced", "benefits", Fraction(4, 5)),),
        quotas=(Quota("advanced", Fraction(3, 10), "kind", "down", "in"),),
    )
    changed = replace(programme, grades=grades, vetoes=(replace(rights, effect=TotalAtMost(Fraction(59))), falsified))
    zh, en = (in_print(score_sheet(changed, language)) for language in LANGUAGES)
    assert "社区、企业先进85分及以上社区、企业合格55分及以上，不足85分" in zh
    assert "“待遇足额按期发放”得分不低于其分值的80%" in zh
    assert "不超过同类单位中已评等次单位的30%，按总分从高到低；名额舍去尾数；末位同分的都进入" in zh
    assert "总分不超过59分" in zh
    assert bare("at most 30% of the rated among units of one kind, the best totals first") in en
    assert bare("at least 80% of the points of “Benefits paid in full and on time”") in en
    assert bare("the total is at most 59") in en


def test_an_item_without_a_part_and_a_part_within_a_part_have_their_tables() -> None:
    programme = shipped("family_services")
    first, second, *rest = programme.tree.children
    assert isinstance(first, Part) and isinstance(second, Part)
    lone = first.children[0]
    assert isinstance(lone, Item)
    tree = replace(programme.tree, children=(lone, replace(second, children=(*second.children, first)), *rest))
    report = score_sheet(replace(programme, tree=tree), "en")
    headings = [str(block) for block in report.blocks if isinstance(block, Heading) and block.label.startswith("3")]
    assert headings[1:4] == [
        "3.1 Agreement signed in time (4 points)",
        "3.2 Benefits paid in full and on time (22 points)",
        "3.2.1 Organisation and staffing (10 points)",
    ]
    assert [row[0] for row in item_rows(report)] == [item.title.en for item in tree.items()]


def test_only_terms_the_programme_uses_are_explained() -> None:
    used = {term.en for term, _ in terms(shipped("child_health"))}
    assert "expected" in used and "left out" in used
    assert "signed in time" not in used and "confirmed" not in used
    assert "figure reported, figure recounted" in {term.en for term, _ in terms(shipped("family_services"))}


def test_a_programme_without_vetoes_ranks_or_findings_has_no_empty_tables() -> None:
    bones = replace(shipped("family_services"), vetoes=(), ranks=(), finding_kinds=(), adjustments=())
    report = score_sheet(bones, "en")
    assert not {"Vetoes", "Ranks"} & {block.text for block in report.blocks if isinstance(block, Heading)}
    assert all(table.rows for table in tables(report))


# -- as documents ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHIPPED)
def test_an_english_sheet_needs_no_chinese_font(name: str) -> None:
    report = sheet(name, "en")
    assert not has_chinese(report.texts())
    read = PdfReader(io.BytesIO(pdf.write(report, typst.Fonts(include_system_fonts=False))))
    assert bare("Score sheet") in bare(read.pages[0].extract_text())


@pytest.mark.parametrize("name", SHIPPED)
def test_every_page_has_something_below_its_headings(name: str) -> None:
    """A heading alone on a page, or a table beyond its foot, is what tall rows that cannot break would give."""
    report = sheet(name, "en")
    read = PdfReader(io.BytesIO(pdf.write(report, typst.Fonts(include_system_fonts=False))))
    texts = [page.extract_text() for page in read.pages]
    headings = {bare(str(block)) for block in report.blocks if isinstance(block, Heading)}
    for text in texts:
        lines = [bare(line) for line in text.splitlines() if line.strip() and not line.strip().startswith("—")]
        assert [line for line in lines if line not in headings], text
        assert lines[-1] not in headings, text
    found = bare("".join(texts))
    assert all(bare(row[0]) in found for table in tables(report) for row in table.rows)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_docx_holds_every_cell_and_gives_the_same_bytes_again(language: Language) -> None:
    report = sheet("family_services", language)
    written = docx.write(report)
    assert docx.write(report) == written
    found = {cell.text for table in Document(io.BytesIO(written)).tables for row in table.rows for cell in row.cells}
    assert {cell for table in tables(report) for row in table.rows for cell in row} - found == set()


# -- as text -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SHIPPED)
def test_the_text_has_the_same_words_and_no_line_too_wide(name: str, language: Language) -> None:
    report = sheet(name, language)
    text = plain.text(report)
    assert max(plain.columns(line) for line in text.splitlines()) <= plain.WIDTH + 2  # a closing mark may hang
    found = bare(text)
    for block in report.blocks:
        if isinstance(block, Heading):
            assert str(block) in text
        elif isinstance(block, Paragraph):
            assert bare(block.text) in found


def test_chinese_and_latin_columns_stand_below_one_another() -> None:
    table = TableBlock(("项目", "Points"), (("责任书", "4"), ("Leader", "2")), (1, 1), ("left", "left"))
    lines = plain.text(Report("bulletin", "zh", "题", (table,))).splitlines()
    starts = {
        plain.columns(line[: line.index(mark)])
        for line, mark in zip(lines[-4:], ("Points", "─", "4", "2"), strict=True)
        if mark != "─"
    }
    assert len(starts) == 1


@pytest.mark.parametrize(
    ("line", "width", "lines"),
    [
        ("按各项写明的办法处理。", 8, ["按各项写", "明的办法", "处理。"]),
        ("four points for each", 11, ["four points", "for each"]),
        ("", 5, [""]),
        ("unbreakable", 4, ["unbreakable"]),
        ("达到95%得5分", 8, ["达到95%", "得5分"]),
    ],
)
def test_lines_fold_between_characters_and_words(line: str, width: int, lines: list[str]) -> None:
    assert plain.wrapped(line, width) == lines


# -- the command -------------------------------------------------------------------------------------------------------


def test_check_prints_the_sheet_in_the_language_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "family_services", "--print", "--lang", "zh"]) == 0
    said = capsys.readouterr().out
    assert said == plain.text(sheet("family_services", "zh"))
    assert main(["check", "child_health", "--print", "--lang", "en"]) == 0
    assert capsys.readouterr().out == plain.text(sheet("child_health", "en"))


def test_check_without_print_says_what_it_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "family_services", "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[1] == "1 form, 22 indicators, 18 items, no issues"
    assert "Score sheet" not in said
    assert main(["check", "family_services", "--lang", "zh"]) == 0
    assert capsys.readouterr().out.splitlines()[1] == "月报表 1 张，指标 22 个，考核项目 18 项，没有问题"


def test_a_sheet_of_an_unsound_programme_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "programme.yaml"
    file.write_text("programme: none\n", "utf-8")
    assert main(["check", str(file), "--print", "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().out == ""
    assert not (tmp_path / "out").exists()


def test_both_documents_of_the_language_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "child_health", "--print", "--out", str(tmp_path), "--lang", "en"]) == 0
    files = [tmp_path / f"score-sheet-child_health-en.{kind}" for kind in ("docx", "pdf")]
    assert sorted(tmp_path.iterdir()) == files
    assert capsys.readouterr().out.splitlines()[-2:] == [str(file) for file in files]
    assert files[0].read_bytes() == docx.write(sheet("child_health", "en"))


def test_without_a_chinese_font_the_pdf_is_refused_and_the_docx_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    issue = Issue("documents.no_chinese_font", facts={"package": pdf.PACKAGE})
    monkeypatch.setattr(pdf, "missing_fonts", lambda report, fonts=None: (issue,) if report.language == "zh" else ())
    assert main(["check", "family_services", "--print", "--out", str(tmp_path)]) == 2
    assert "fonts-noto-cjk" in capsys.readouterr().err
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "score-sheet-family_services-en.docx",
        "score-sheet-family_services-en.pdf",
        "score-sheet-family_services-zh.docx",
    ]
