"""A document as values: numbering, dates, and what a table refuses."""

from __future__ import annotations

from datetime import date

import pytest

from answerable.exchange.report import (
    Heading,
    Imprint,
    ListBlock,
    Paragraph,
    Party,
    Report,
    SignatureBlock,
    TableBlock,
    date_in_words,
    has_chinese,
    number_headings,
)

OUTLINE: list[Heading | Paragraph] = [
    Heading(1, "甲"),
    Heading(2, "乙"),
    Paragraph("文"),
    Heading(2, "丙"),
    Heading(3, "丁"),
    Heading(4, "戊"),
]


def labels(language: str, *blocks: Heading | Paragraph) -> list[str]:
    numbered = number_headings(blocks, "zh" if language == "zh" else "en")
    return [block.label for block in numbered if isinstance(block, Heading)]


def test_chinese_headings_are_numbered_as_the_standard_says() -> None:
    assert labels("zh", *OUTLINE) == ["一、", "（一）", "（二）", "1.", "（1）"]


def test_english_headings_are_numbered_by_levels() -> None:
    assert labels("en", *OUTLINE) == ["1. ", "1.1 ", "1.2 ", "1.2.1 ", "1.2.1.1 "]


def test_a_new_section_counts_its_parts_from_one_again() -> None:
    assert labels("zh", Heading(1, "a"), Heading(2, "b"), Heading(1, "c"), Heading(2, "d")) == [
        "一、", "（一）", "二、", "（一）",
    ]  # fmt: skip


@pytest.mark.parametrize(("at", "label"), [(9, "十、"), (10, "十一、"), (19, "二十、"), (20, "二十一、")])
def test_chinese_numbers_go_on_past_ten(at: int, label: str) -> None:
    assert labels("zh", *[Heading(1, "x")] * 21)[at] == label


def test_dates_are_written_without_leading_zeros() -> None:
    assert date_in_words(date(2026, 3, 5), "zh") == "2026年3月5日"
    assert date_in_words(date(2026, 12, 31), "en") == "31 December 2026"


def test_a_table_whose_row_is_too_short_is_refused() -> None:
    with pytest.raises(ValueError, match="2 columns"):
        TableBlock(("a", "b"), (("1",),), (1, 1), ("left", "left"))


def test_a_table_of_few_tall_rows_may_run_over_pages_and_one_of_short_rows_not() -> None:
    tall = TableBlock(("a", "b"), (("字" * 200, "x"),) * 4, (1, 1), ("left", "left"))
    assert not tall.short
    assert TableBlock(("a", "b"), (("字" * 20, "x"),) * 12, (1, 1), ("left", "left")).short
    assert not TableBlock(("a", "b"), (("x", "x"),) * 13, (1, 1), ("left", "left")).short
    assert TableBlock(("a",), (("",),), (1,), ("left",)).short


def test_lists_are_numbered_in_the_manner_of_the_language() -> None:
    items = ListBlock(("x", "y"))
    assert list(items.lines("zh")) == ["（1）x", "（2）y"]
    assert list(items.lines("en")) == ["(1) x", "(2) y"]
    assert list(ListBlock(("x",), numbered=False).lines("en")) == ["— x"]


def test_one_attachment_has_no_number_and_several_have() -> None:
    one = Report("bulletin", "zh", "题", (), attachments=("甲表",))
    assert one.attachment_lines == ("甲表",)
    two = Report("bulletin", "en", "T", (), attachments=("A", "B"))
    assert (two.attachment_word, *two.attachment_lines) == ("Attachments: ", "1. A", "2. B")


def test_texts_hold_every_word_once_in_the_order_of_reading() -> None:
    report = Report(
        kind="agreement",
        language="zh",
        title="题",
        blocks=(
            Heading(1, "节", "一、"),
            Paragraph("段"),
            ListBlock(("项",)),
            TableBlock(("头",), (("格",),), (1,), ("left",), "表1"),
            SignatureBlock((Party("甲方", ("未签",)),)),
        ),
        issuing_mark="办公室文件",
        number="办〔2026〕3号",
        addressee="各单位",
        attachments=("附表",),
        signature="办公室",
        day=date(2026, 3, 5),
        footer=("SHA-256 ab",),
        imprint=Imprint("办公室", date(2026, 3, 6), "领导小组"),
    )
    assert list(report.texts()) == [
        "办公室文件", "办〔2026〕3号", "题", "各单位：", "一、节", "段", "（1）项", "表1", "头", "格", "甲方", "未签",
        "附件：", "附表", "办公室", "2026年3月5日", "SHA-256 ab", "抄送：领导小组。", "办公室", "2026年3月6日印发",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["中", "（", "，", "𠮷", "〔"])
def test_full_width_signs_need_a_chinese_font_too(text: str) -> None:
    assert has_chinese(["plain", text])


@pytest.mark.parametrize("text", ["Bo Government Hospital", "naïve – “quoted” — §3", "éßø"])
def test_western_text_needs_no_chinese_font(text: str) -> None:
    assert not has_chinese([text])
