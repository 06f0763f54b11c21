"""The bulletin: figures reckoned by hand, nothing added to them, long lists cut with a word about it."""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from docx import Document

from answerable.exchange import docx, pdf
from answerable.exchange.annual import Year
from answerable.exchange.bulletin import bulletin, write_bulletin
from answerable.exchange.citation import citation, citations
from answerable.exchange.report import Block, Heading, ListBlock, Paragraph, Report, TableBlock, has_chinese
from answerable.values import Issue, Refused, Text
from answerable.values.table import StoredTable
from answerable.values.text import Language
from tests.unit.exchange.year import five, made, many, small


def of_five(language: Language = "en") -> Report:
    scorecard, tables = five()
    return bulletin(small(), scorecard, tables, language, number="No. 3", day=date(2025, 4, 20))


def section(report: Report, title: str) -> list[Block]:
    """The blocks under a heading of the first level."""
    found: list[Block] = []
    inside = False
    for block in report.blocks:
        if isinstance(block, Heading) and block.level == 1:
            inside = block.text == title
        elif inside:
            found.append(block)
    assert found, f"no section {title}"
    return found


def said(blocks: Sequence[Block]) -> str:
    return " ".join(block.text for block in blocks if isinstance(block, Paragraph))


def tables_of(blocks: Sequence[Block]) -> list[TableBlock]:
    return [block for block in blocks if isinstance(block, TableBlock)]


def test_counts_and_shares_are_those_of_the_scorecard() -> None:
    zh, en = said(section(of_five("zh"), "总体情况")), said(section(of_five(), "Overview"))
    assert "共考核5个单位（片区1个、机构4个）" in zh
    assert "优良1个，占20.0%；一般0个，占0.0%；较差3个，占60.0%；不评等次1个，占20.0%" in zh
    assert "5 units were assessed (district 1, facility 4)" in en
    assert "good 1 (20.0%), fair 0 (0.0%), poor 3 (60.0%), not rated 1 (20.0%)" in en


def test_grades_stand_by_kind_with_their_sum() -> None:
    (table,) = tables_of(section(of_five(), "Overview"))
    assert table.head == ("Kind of unit", "Good", "Fair", "Poor", "Not rated", "All")
    assert table.rows == (
        ("District", "0", "0", "1", "0", "1"),
        ("Facility", "1", "0", "2", "1", "4"),
        ("All", "1", "0", "3", "1", "5"),
        ("Share", "20.0%", "0.0%", "60.0%", "20.0%", "100.0%"),
    )


def test_the_units_of_the_lowest_grade_are_named() -> None:
    assert "较差的单位：单位d1、单位f2、单位f3。" in said(section(of_five("zh"), "总体情况"))


def test_highest_lowest_and_mean_leave_out_a_district_above_its_facilities() -> None:
    # f1 100, f2 86, f3 35 less 2 for a problem that came back: (100 + 86 + 33) / 3 = 73
    assert "最基层的3个单位总分最高100.00分，最低33.00分，平均73.00分。" in said(section(of_five("zh"), "总体情况"))


def test_parts_show_average_points_and_the_share_achieved() -> None:
    (table,) = tables_of(section(of_five(), "Points by part"))
    assert table.head == ("Part", "Points", "Average", "Share", "District", "Facility")
    # Services: 70, 56 and 35 of 70; d1 has 23 of 30, so 53.67 of 70. Corrections: f2 30, f3 0 of 30; d1 1 of 3 closed.
    assert table.rows == (
        ("Services", "70", "53.67", "76.7%", "76.7%", "76.7%"),
        ("Corrections closed", "30", "15.00", "50.0%", "0.0%", "50.0%"),
    )


def test_points_off_outside_the_tree_are_said_with_their_sum() -> None:
    # f3 and, through it, d1 lost two points each.
    assert "再犯扣分：涉及2个单位，合计扣4.00分。" in said(section(of_five("zh"), "各部分得分"))
    assert "Off for coming back: 2 units, 4.00 points off in all." in said(section(of_five(), "Points by part"))


def test_items_that_fell_short_most_come_first_with_counts_of_units() -> None:
    (table,) = tables_of(section(of_five(), "What fell short most"))
    assert table.rows == (
        ("Corrections closed", "Corrections closed", "30", "50.0%", "2", "1", "1"),
        ("Requests settled", "Services", "70", "76.7%", "3", "2", "0"),
    )


def test_an_item_nobody_could_be_assessed_on_is_named_and_is_no_zero() -> None:
    scorecard, tables = many(3)
    report = bulletin(small(), scorecard, tables, "zh")
    assert "以下项目没有可评的数据，未计分：整改销号。" in said(section(report, "失分较多的项目"))
    (parts,) = tables_of(section(report, "各部分得分"))
    assert parts.rows[1] == ("整改销号", "30", "—", "—")


def test_vetoes_are_listed_with_their_legal_basis() -> None:
    blocks = section(of_five("zh"), "一票否决")
    (table,) = tables_of(blocks)
    assert "2个单位因经查实的事项被一票否决" in said(blocks)
    assert ("单位f2", "经查实造假", "《服务法》第43条", "86.00", "较差") in table.rows


def test_without_vetoes_the_bulletin_says_so() -> None:
    scorecard, tables = many(3)
    assert said(section(bulletin(small(), scorecard, tables, "zh"), "一票否决")) == "没有单位被一票否决。"


def test_visits_and_findings_outside_the_period_or_not_confirmed_are_left_out() -> None:
    blocks = section(of_five(), "Inspections and corrections")
    assert "2 inspection visits went to 1 unit." in said(blocks)
    (table,) = tables_of(blocks)
    assert table.rows == (("Falsified return", "1", "1", "1"), ("Came back", "1", "1", "1"))


def test_corrections_are_counted_by_how_they_stood_at_the_end() -> None:
    expected = "应整改问题4项：按期销号1项，逾期销号1项，逾期未销号1项，尚未到期1项。"
    assert expected in said(section(of_five("zh"), "核查与整改"))


def test_where_nothing_was_inspected_there_is_no_such_section() -> None:
    scorecard, tables = many(3)
    titles = [block.text for block in bulletin(small(), scorecard, tables, "zh").blocks if isinstance(block, Heading)]
    assert "核查与整改" not in titles


def test_every_unit_stands_in_the_results_best_place_first_unrated_last() -> None:
    district, facility = tables_of(section(of_five(), "Results of every unit"))
    assert district.rows == (("1", "d1", "Unit d1", "51.67", "Poor"),)
    assert facility.rows == (
        ("1", "f1", "Unit f1", "100.00", "Good"),
        ("2", "f2", "Unit f2", "86.00", "Poor"),
        ("3", "f3", "Unit f3", "33.00", "Poor"),
        ("—", "f4", "Unit f4", "—", "Not rated"),
    )


@pytest.mark.parametrize("count", [200, 201, 260])
def test_up_to_200_units_all_are_listed_and_beyond_the_first_50_and_last_20(count: int) -> None:
    scorecard, tables = many(count)
    blocks = section(bulletin(small(), scorecard, tables, "en"), "Results of every unit")
    found = tables_of(blocks)
    if count == 200:
        assert [len(table.rows) for table in found] == [200]
        assert "grades.csv" not in said(blocks)
        return
    assert [len(table.rows) for table in found] == [50, 20]
    assert f"Of {count} units only the 50 highest and the 20 lowest" in said(blocks)
    assert "grades.csv" in said(blocks)
    assert "It also holds 1 unit not rated." in said(blocks)
    totals = [float(row[3]) for table in found for row in table.rows]
    assert totals == sorted(totals, reverse=True)
    assert totals[0] == 100
    assert totals[-1] == 0


def test_what_must_follow_names_the_worst_items_and_the_overdue_corrections() -> None:
    (required,) = section(of_five("zh"), "工作要求")
    assert isinstance(required, ListBlock)
    assert "“整改销号”、“事项办结”" in required.items[0]
    assert required.items[1].startswith("逾期未销号的1项整改")
    assert any("不得使结果变差" in item for item in required.items)


def test_nothing_overdue_is_asked_for_where_nothing_is() -> None:
    scorecard, tables = many(3)
    (required,) = section(bulletin(small(), scorecard, tables, "zh"), "工作要求")
    assert not [item for item in getattr(required, "items", ()) if "逾期" in item]


def test_the_opening_cites_law_by_article_and_leaves_out_what_is_no_number() -> None:
    (opening, *_) = of_five("zh").blocks
    assert isinstance(opening, Paragraph)
    assert opening.text.startswith(
        "依据《服务法》第7条、第9至11条、《工作规划》，按照《小区服务责任目标考核方案与细则》（7版）"
    )


def test_clauses_are_cited_in_both_languages() -> None:
    assert citation(small(), "plan#4") == Text(zh="《工作规划》第4条", en="Work Plan, article 4")
    assert citations(small(), ["law#1", "law#2", "law#3"]).en == "Services Law, articles 1, 2 and 3"


def test_the_title_says_the_period_and_leaves_out_the_word_plan() -> None:
    assert of_five("zh").title == "关于2025年3月小区服务责任目标\n考核结果的通报"
    assert of_five().title == "Results of 2025-03\nSmall district services"


def test_the_end_bears_the_digests_and_the_checkpoint_given() -> None:
    scorecard, tables = five()
    report = bulletin(small(), scorecard, tables, "en", checkpoint=["Ledger entry 12, root ab12"])
    assert any(small().digest in line for line in report.footer)
    assert any(scorecard.digest() in line for line in report.footer)
    assert report.footer[-1] == "Ledger entry 12, root ab12"


def test_a_draft_has_no_number_no_day_and_no_imprint() -> None:
    scorecard, tables = five()
    draft = bulletin(small(), scorecard, tables, "zh")
    assert (draft.number, draft.day, draft.imprint) == ("", None, None)


def test_english_has_not_a_chinese_character_in_it() -> None:
    assert not has_chinese(of_five().texts())


def test_a_table_left_on_disk_is_not_taken_for_an_empty_one() -> None:
    scorecard, tables = five()
    stored = {**tables, "corrections": StoredTable(made({"corrections": []})["corrections"].schema, (Path("x"),))}
    with pytest.raises(TypeError, match="corrections"):
        bulletin(small(), scorecard, stored, "en")


def test_a_unit_the_register_does_not_know_is_shown_by_its_code() -> None:
    scorecard, tables = five()
    assert Year(small(), scorecard, {**tables, "units": made({"units": []})["units"]}, "zh").name_of("f1") == "f1"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_both_renderings_hold_every_unit_and_come_in_time(language: Language) -> None:
    if pdf.missing_fonts(of_five("zh")):
        pytest.skip("no Chinese font is installed (package fonts-noto-cjk)")
    from pypdf import PdfReader

    scorecard, tables = many(135)
    report = bulletin(small(), scorecard, tables, language, number="示〔2025〕3号", day=date(2025, 4, 20))
    begun = time.perf_counter()
    printed = pdf.write(report)
    assert time.perf_counter() - begun < 2
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(printed)).pages)
    document = Document(io.BytesIO(docx.write(report)))
    cells = {cell.text for table in document.tables for row in table.rows for cell in row.cells}
    for number in range(135):
        assert f"u{number:04d}" in text
        assert f"u{number:04d}" in cells


def test_the_draft_is_written_as_docx_and_pdf_named_by_programme_period_and_language(tmp_path: Path) -> None:
    scorecard, tables = five()
    files = write_bulletin(small(), scorecard, tables, "en", tmp_path / "new")
    assert [file.name for file in files] == ["bulletin-small-2025-03-en.docx", "bulletin-small-2025-03-en.pdf"]
    assert [file.read_bytes()[:4] for file in files] == [b"PK\x03\x04", b"%PDF"]


def test_where_no_font_can_print_it_the_docx_is_there_and_no_half_pdf(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = Issue("documents.no_chinese_font", facts={"package": pdf.PACKAGE})
    monkeypatch.setattr(pdf, "missing_fonts", lambda *_: (issue,))
    scorecard, tables = five()
    with pytest.raises(Refused):
        write_bulletin(small(), scorecard, tables, "zh", tmp_path)
    assert [file.suffix for file in tmp_path.iterdir()] == [".docx"]


def test_a_published_bulletin_bears_the_title_it_was_published_under() -> None:
    scorecard, tables = five()
    report = bulletin(small(), scorecard, tables, "zh", title=Text(zh="另题", en="Other"))
    assert report.title == "另题"
