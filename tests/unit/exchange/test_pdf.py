"""The PDF: real characters on the page, a refusal instead of empty boxes, tables that run on with their head."""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from dataclasses import replace

import pytest
import typst
from pypdf import PdfReader

from answerable.exchange import pdf
from answerable.exchange.report import Paragraph, Report
from answerable.values import Refused
from answerable.values.text import Language
from tests.unit.exchange.papers import MARKUP, RARE, paper

EMBEDDED = typst.Fonts(include_system_fonts=False)


def pages(report: Report, fonts: typst.Fonts | None = None) -> list[str]:
    read = PdfReader(io.BytesIO(pdf.write(report, fonts)))
    return [page.extract_text() for page in read.pages]


def bare(texts: Sequence[str]) -> str:
    """Text without spaces, since a reader of PDF guesses them from gaps."""
    return "".join("".join(texts).split())


@pytest.fixture
def chinese_fonts() -> None:
    if pdf.missing_fonts(paper("zh")):
        pytest.skip("no Chinese font is installed (package fonts-noto-cjk)")


@pytest.mark.usefixtures("chinese_fonts")
def test_every_chinese_character_is_on_the_page_rare_ones_too() -> None:
    report = paper("zh")
    found = bare(pages(report))
    assert RARE in found
    missing = {character for text in report.texts() for character in text if not character.isspace()} - set(found)
    assert not missing


def test_english_is_printed_without_any_font_of_the_machine() -> None:
    found = bare(pages(paper("en"), EMBEDDED))
    for text in paper("en").texts():
        assert bare([text]) in found


@pytest.mark.usefixtures("chinese_fonts")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_looks_like_markup_is_printed_as_it_is(language: Language) -> None:
    assert bare([MARKUP]) in bare(pages(paper(language)))


@pytest.mark.parametrize("report", [paper("zh"), replace(paper("en"), signature="项目办公室")])
def test_without_a_chinese_font_chinese_is_refused_and_the_package_named(report: Report) -> None:
    with pytest.raises(Refused) as refused:
        pdf.write(report, EMBEDDED)
    (issue,) = refused.value.issues
    assert issue.code == "documents.no_chinese_font"
    assert "fonts-noto-cjk" in issue.advice("zh")
    assert "fonts-noto-cjk" in issue.advice("en")


def test_the_page_can_ask_beforehand_whether_a_font_is_missing() -> None:
    assert [issue.code for issue in pdf.missing_fonts(paper("zh"), EMBEDDED)] == ["documents.no_chinese_font"]
    assert pdf.missing_fonts(paper("en"), EMBEDDED) == ()


def test_a_character_no_font_has_is_named_never_printed_as_a_box() -> None:
    report = replace(paper("en"), blocks=(Paragraph("a \U00010d00 b \u1ba0 c"),))
    with pytest.raises(Refused) as refused:
        pdf.write(report, EMBEDDED)
    (issue,) = refused.value.issues
    assert issue.code == "documents.character_without_font"
    assert issue.facts["characters"] == "\u1ba0 \U00010d00"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.usefixtures("chinese_fonts")
def test_a_long_table_repeats_its_head_on_every_page_and_loses_no_row(language: Language) -> None:
    report = paper(language, rows=135)
    found = pages(report)
    head = "编码" if language == "zh" else "Code"
    with_rows = [page for page in found if any(f"{row:04d}" in page for row in range(1, 136))]
    assert len(with_rows) >= 3
    assert all(head in page for page in with_rows)
    together = "".join(found)
    assert all(together.count(f"{row:04d}") == 1 for row in range(1, 136))


@pytest.mark.usefixtures("chinese_fonts")
def test_pages_are_a4_numbered_between_short_dashes_right_on_odd_left_on_even() -> None:
    read = PdfReader(io.BytesIO(pdf.write(paper("zh", rows=80))))
    for number, page in enumerate(read.pages, start=1):
        assert [round(float(side) / 72 * 25.4) for side in (page.mediabox.width, page.mediabox.height)] == [210, 297]
        edges: list[float] = []

        def see(text: str, user: list[float], matrix: list[float], *_: object, edges: list[float] = edges) -> None:
            if "—" in text:
                edges.append(user[4] + user[0] * matrix[4])

        assert f"—{number}—" in bare([page.extract_text(visitor_text=see)])
        assert (edges[-1] > 300) == (number % 2 == 1)


@pytest.mark.usefixtures("chinese_fonts")
def test_the_same_report_gives_the_same_bytes() -> None:
    assert pdf.write(paper("zh")) == pdf.write(paper("zh"))


def test_the_file_is_made_to_be_kept_and_tagged() -> None:
    data = pdf.write(paper("en"), EMBEDDED)
    read = PdfReader(io.BytesIO(data))
    assert b"pdfaid" in data or "pdfaid" in str(read.xmp_metadata and read.xmp_metadata.rdf_root.toxml())
    assert read.trailer["/Root"]["/MarkInfo"]["/Marked"]  # type: ignore[index]
    assert read.metadata and read.metadata.title == "Resultsof the Year"


@pytest.mark.usefixtures("chinese_fonts")
def test_a_bulletin_of_135_units_takes_less_than_two_seconds() -> None:
    report = paper("zh", rows=135)
    begun = time.perf_counter()
    pdf.write(report)
    assert time.perf_counter() - begun < 2
