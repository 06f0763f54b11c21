"""The docx: the layout of GB/T 9704-2012, fonts named for Chinese text, and nothing lost on the way."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm

from answerable.exchange import docx
from answerable.exchange.report import Report
from answerable.values.text import Language
from tests.unit.exchange.papers import paper


def opened(report: Report) -> Any:
    return Document(io.BytesIO(docx.write(report)))


def east_asian(document: Any, style: str) -> str | None:
    fonts = document.styles[style].element.rPr.find(qn("w:rFonts"))
    value = fonts.get(qn("w:eastAsia"))
    return None if value is None else str(value)


def words(document: Any) -> str:
    tables = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + tables)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_text_of_the_report_is_in_the_docx(language: Language) -> None:
    report = paper(language)
    found = words(opened(report))
    for text in report.texts():
        for line in text.split("\n"):
            assert line in found


@pytest.mark.parametrize(
    ("style", "font"),
    [
        ("Normal", "FangSong_GB2312"),
        ("Title", "方正小标宋简体"),
        ("Heading 1", "SimHei"),
        ("Heading 2", "KaiTi_GB2312"),
        ("Heading 3", "FangSong_GB2312"),
        ("Issuing mark", "方正小标宋简体"),
        ("Page number", "SimSun"),
    ],
)
def test_chinese_text_has_the_font_the_standard_asks_for(style: str, font: str) -> None:
    assert east_asian(opened(paper("zh")), style) == font


def test_no_style_in_use_takes_its_fonts_from_a_theme() -> None:
    document = opened(paper("zh"))
    used = {paragraph.style.name for paragraph in document.paragraphs}
    for style in used:
        fonts = document.styles[style].element.rPr.find(qn("w:rFonts"))
        assert not [name for name in fonts.attrib if "Theme" in str(name)]


def test_fonts_are_named_with_alternatives_and_none_is_embedded() -> None:
    with zipfile.ZipFile(io.BytesIO(docx.write(paper("zh")))) as archive:
        table = archive.read("word/fontTable.xml").decode()
        assert not [name for name in archive.namelist() if "fonts/" in name]
    assert re.search(r'w:name="FangSong_GB2312"><w:altName w:val="仿宋_GB2312,', table)


def test_the_page_is_a4_with_the_margins_of_the_standard() -> None:
    section = opened(paper("zh")).sections[0]
    # Word keeps lengths in twentieths of a point, so a millimetre is kept to within 0.02.
    for length, millimetres in (
        (section.page_width, 210), (section.page_height, 297), (section.top_margin, 37),
        (section.bottom_margin, 35), (section.left_margin, 28), (section.right_margin, 26),
    ):  # fmt: skip
        assert abs(length - Mm(millimetres)) < Mm(1) / 50


def test_the_body_is_16_points_on_fixed_lines_with_two_characters_of_indent() -> None:
    normal = opened(paper("zh")).styles["Normal"].element
    assert normal.rPr.find(qn("w:sz")).get(qn("w:val")) == "32"
    spacing, indent = normal.pPr.find(qn("w:spacing")), normal.pPr.find(qn("w:ind"))
    assert (spacing.get(qn("w:line")), spacing.get(qn("w:lineRule"))) == ("579", "exact")
    assert indent.get(qn("w:firstLineChars")) == "200"


def test_the_head_of_a_table_is_repeated_and_its_rows_are_not_split() -> None:
    table = opened(paper("zh", rows=40)).tables[0]
    rows = table._tbl.tr_lst
    assert rows[0].trPr.find(qn("w:tblHeader")) is not None
    assert all(row.trPr.find(qn("w:tblHeader")) is None for row in rows[1:])
    assert all(row.trPr.find(qn("w:cantSplit")) is not None for row in rows)


def test_odd_pages_have_their_number_right_and_even_pages_left() -> None:
    document = opened(paper("zh"))
    section = document.sections[0]
    assert document.settings.odd_and_even_pages_header_footer
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        paragraph = footer.paragraphs[0]._p
        assert paragraph.pPr.find(qn("w:jc")).get(qn("w:val")) == side
        assert "".join(paragraph.xpath(".//w:t/text()")) == "— 1 —"
        assert paragraph.find(qn("w:fldSimple")).get(qn("w:instr")).strip() == "PAGE"


def test_the_date_stands_four_characters_from_the_right() -> None:
    document = opened(paper("zh"))
    day = next(paragraph for paragraph in document.paragraphs if paragraph.text == "2026年3月5日")
    assert day._p.pPr.find(qn("w:ind")).get(qn("w:rightChars")) == "400"


def test_only_the_mark_and_its_line_are_red() -> None:
    document = opened(paper("zh"))
    red = {style.name for style in document.styles if "D7000F" in style.element.xml}
    assert red == {"Issuing mark"}
    bordered = [paragraph.text for paragraph in document.paragraphs if "D7000F" in paragraph._p.xml]
    assert bordered == ["示范项目办〔2026〕3号"]


def test_headings_stand_in_the_outline() -> None:
    document = opened(paper("zh"))
    outline = [(paragraph.style.name, paragraph.text) for paragraph in document.paragraphs]
    assert ("Heading 1", "一、总体情况") in outline
    assert ("Heading 2", "（一）按等次") in outline


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_same_report_gives_the_same_bytes(language: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    first = docx.write(paper(language))
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    assert docx.write(paper(language)) == first


def test_a_report_without_mark_number_and_signature_is_whole_too() -> None:
    document = opened(Report("agreement", "zh", "责任书", ()))
    assert [paragraph.text for paragraph in document.paragraphs] == ["责任书"]
