"""A report in each language with everything in it that a report can hold."""

from __future__ import annotations

from datetime import date

from answerable.exchange.report import (
    Block,
    Heading,
    Imprint,
    ListBlock,
    Paragraph,
    Party,
    Report,
    SignatureBlock,
    TableBlock,
    number_headings,
)
from answerable.values.text import Language

RARE = "喆犇堃玥昇祎瑀珺翀垚"
MARKUP = '#x *bold* _under_ $a$ <w:p/> & "quoted" \\ `code` [a] @b'

_ZH: tuple[Block, ...] = (
    Paragraph("根据年度考核方案，对各单位进行了考核。现将结果通报如下。"),
    Heading(1, "总体情况"),
    Paragraph(f"共考核135个单位。{RARE}。{MARKUP}"),
    Heading(2, "按等次"),
    Heading(3, "说明"),
    Heading(4, "细目"),
    ListBlock(("每月按时报送", "整改按期完成")),
)
_EN: tuple[Block, ...] = (
    Paragraph("The office assessed 135 units. These are the results."),
    Heading(1, "Overview"),
    Paragraph(f"Of 135 units, 96 are advanced. {MARKUP}"),
    Heading(2, "By grade"),
    Heading(3, "Notes"),
    Heading(4, "Details"),
    ListBlock(("File in time", "Close corrections in time"), numbered=False),
)


def paper(language: Language, rows: int = 3) -> Report:
    """A report whose table has so many rows."""
    zh = language == "zh"
    head = ("编码", "单位", "总分") if zh else ("Code", "Unit", "Total")
    name = "示范单位" if zh else "Model unit"
    table = TableBlock(
        head,
        tuple((f"{row:04d}", f"{name} {row}", "98.35") for row in range(1, rows + 1)),
        (2, 6, 2),
        ("left", "left", "right"),
        "表1 各单位总分" if zh else "Table 1. Totals",
    )
    parties = (Party("甲方" if zh else "Party A", ("12 January 2026",)), Party("乙方" if zh else "Party B", ("—",)))
    office = "示范区项目办公室" if zh else "Programme Office"
    return Report(
        kind="bulletin",
        language=language,
        title="关于年度\n考核结果的通报" if zh else "Results\nof the Year",
        blocks=number_headings((*(_ZH if zh else _EN), table, SignatureBlock(parties)), language),
        issuing_mark=f"{office}文件" if zh else office,
        number="示范项目办〔2026〕3号" if zh else "No. 3 of 2026",
        addressee="各单位" if zh else "All units",
        attachments=("评分明细", "否决清单") if zh else ("Points of each unit",),
        signature=office,
        day=date(2026, 3, 5),
        footer=("SHA-256 " + "ab12" * 16,),
        imprint=Imprint(office, date(2026, 3, 6), "领导小组" if zh else "the leading group"),
    )
