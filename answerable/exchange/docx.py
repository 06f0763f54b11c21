"""A report as docx, in the layout of GB/T 9704-2012, for the people who edit, stamp and pass it on.

Fonts are named, never embedded: the ones the standard asks for, which the offices that receive documents have, and
beside each in the font table the names to fall back on. Every look is a named style, so that Word and WPS show headings
in the outline and a change of style changes the whole document. The same report gives the same bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Literal
from xml.sax.saxutils import escape

from docx import Document
from docx.document import Document as DocumentObject
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Mm

from answerable.exchange.report import (
    Block,
    Heading,
    ListBlock,
    Paragraph,
    Report,
    SignatureBlock,
    TableBlock,
    ems,
)
from answerable.values.text import Language

__all__ = ["write"]

FANG, KAI, HEI, SONG, TITLE = "FangSong_GB2312", "KaiTi_GB2312", "SimHei", "SimSun", "方正小标宋简体"
_ALTERNATIVES: Mapping[str, str] = {
    FANG: "仿宋_GB2312,仿宋,FangSong,STFangsong,FandolFang",
    KAI: "楷体_GB2312,楷体,KaiTi,STKaiti,FandolKai",
    HEI: "黑体,STHeiti,Noto Sans CJK SC",
    SONG: "宋体,STSong,Noto Serif CJK SC",
    TITLE: "FZXiaoBiaoSong-B05S,方正小标宋_GBK,SimSun,Noto Serif CJK SC",
}
LATIN = "Times New Roman"
RED = "D7000F"
WIDTH = 8845
"""The type area, 156 mm, in twentieths of a point."""


@dataclass(frozen=True)
class Look:
    """A style: its fonts, sizes in points, and how its paragraphs stand. `line` 0 is single spacing."""

    zh: str
    points: float
    line: float = 0
    bold: bool = False
    colour: str = "000000"
    align: Literal["both", "left", "center", "right"] = "left"
    indent: float = 0
    before: float = 0
    after: float = 0
    with_next: bool = False


_LOOKS: Mapping[Language, Mapping[str, Look]] = {
    "zh": {
        "Normal": Look(FANG, 16, 28.95, align="both", indent=2),
        "Title": Look(TITLE, 22, 34, align="center", after=28.95),
        "Heading 1": Look(HEI, 16, 28.95, indent=2, with_next=True),
        "Heading 2": Look(KAI, 16, 28.95, indent=2, with_next=True),
        "Heading 3": Look(FANG, 16, 28.95, bold=True, indent=2, with_next=True),
        "Heading 4": Look(FANG, 16, 28.95, indent=2, with_next=True),
        "Issuing mark": Look(TITLE, 44, colour=RED, align="center"),
        "Document number": Look(FANG, 16, 28.95, align="center"),
        "Flush": Look(FANG, 16, 28.95),
        "Signed": Look(FANG, 16, 28.95, align="right", with_next=True),
        "Caption": Look(HEI, 12, align="center", before=8, after=4, with_next=True),
        "Table head": Look(HEI, 10.5, align="center", with_next=True),
        "Table text": Look(SONG, 10.5),
        "Note": Look(FANG, 12, 20, align="both", indent=2),
        "Party": Look(HEI, 12, before=6, after=6, with_next=True),
        "Digest": Look(HEI, 7.5),
        "Imprint": Look(FANG, 14),
        "Page number": Look(SONG, 14),
    },
    "en": {
        "Normal": Look(FANG, 11, 16.5, align="both", after=4),
        "Title": Look(TITLE, 19, 25, bold=True, align="center", after=16),
        "Heading 1": Look(HEI, 14, bold=True, before=12, after=4, with_next=True),
        "Heading 2": Look(KAI, 12, bold=True, before=10, after=4, with_next=True),
        "Heading 3": Look(FANG, 11, bold=True, before=8, after=4, with_next=True),
        "Heading 4": Look(FANG, 11, before=8, after=4, with_next=True),
        "Issuing mark": Look(TITLE, 26, bold=True, colour=RED, align="center"),
        "Document number": Look(FANG, 11, align="center", before=10),
        "Flush": Look(FANG, 11, 16.5, after=4),
        "Signed": Look(FANG, 11, 16.5, align="right", with_next=True),
        "Caption": Look(HEI, 9.5, bold=True, align="center", before=8, after=4, with_next=True),
        "Table head": Look(HEI, 9, bold=True, align="center", with_next=True),
        "Table text": Look(SONG, 9),
        "Note": Look(FANG, 9.5, align="both", after=3),
        "Party": Look(HEI, 10, bold=True, before=6, after=6, with_next=True),
        "Digest": Look(HEI, 7.5),
        "Imprint": Look(FANG, 10),
        "Page number": Look(SONG, 10),
    },
}


def write(report: Report) -> bytes:
    """The report as the bytes of a docx. It needs no font on this machine."""
    document = Document()
    looks = _LOOKS[report.language]
    _set_defaults(document)
    for name, look in looks.items():
        _set_style(document, name, look)
    _set_page(document)
    _set_properties(document, report)
    _write_head(document, report)
    for block in report.blocks:
        _write_block(document, block, report.language)
    if report.signature or report.day:
        # A signature never stands on a page of its own.
        document.paragraphs[-1].paragraph_format.keep_with_next = True
    _write_end(document, report, looks)
    out = io.BytesIO()
    document.save(out)
    return _without_clock(out.getvalue())


def _set_defaults(document: DocumentObject) -> None:
    """No theme fonts, no space nobody asked for, and Chinese rules for punctuation at the ends of lines."""
    defaults = parse_xml(
        f"<w:docDefaults {nsdecls('w')}><w:rPrDefault><w:rPr>{_fonts(FANG)}"
        '<w:lang w:val="en-GB" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
        "<w:pPrDefault><w:pPr/></w:pPrDefault></w:docDefaults>"
    )
    styles = document.styles.element
    styles.replace(styles.find(defaults.tag), defaults)
    names = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{others}"/><w:charset w:val="86"/></w:font>'
        for name, others in _ALTERNATIVES.items()
    )
    table = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:fonts {nsdecls("w")}>{names}</w:fonts>'
    document.part.part_related_by(RELATIONSHIP_TYPE.FONT_TABLE)._blob = table.encode()


def _set_style(document: DocumentObject, name: str, look: Look) -> None:
    """Write a style anew: what the template says about it, theme fonts above all, must not shine through."""
    if name not in document.styles:
        document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    element = document.styles[name].element
    for tag in ("pPr", "rPr"):
        for old in element.findall(f"{{{element.nsmap['w']}}}{tag}"):
            element.remove(old)
    element.append(parse_xml(f"<w:pPr {nsdecls('w')}>{_paragraph_look(name, look)}</w:pPr>"))
    bold = "<w:b/>" if look.bold else '<w:b w:val="0"/>'
    size = round(look.points * 2)
    element.append(
        parse_xml(
            f'<w:rPr {nsdecls("w")}>{_fonts(look.zh)}{bold}<w:i w:val="0"/>'
            f'<w:color w:val="{look.colour}"/><w:sz w:val="{size}"/><w:szCs w:val="{size}"/></w:rPr>'
        )
    )


def _paragraph_look(name: str, look: Look) -> str:
    line = f'w:line="{round(look.line * 20)}" w:lineRule="exact"' if look.line else 'w:line="240" w:lineRule="auto"'
    indent = f'w:firstLineChars="{round(look.indent * 100)}" w:firstLine="{round(look.indent * look.points * 20)}"'
    outline = f'<w:outlineLvl w:val="{int(name[-1]) - 1}"/>' if name.startswith("Heading") else ""
    return (
        f"{'<w:keepNext/>' if look.with_next else ''}"
        f'<w:spacing w:before="{round(look.before * 20)}" w:after="{round(look.after * 20)}" {line}/>'
        f'<w:ind {indent}/><w:jc w:val="{look.align}"/>{outline}'
    )


def _fonts(zh: str) -> str:
    return f'<w:rFonts w:ascii="{LATIN}" w:hAnsi="{LATIN}" w:cs="{LATIN}" w:eastAsia="{zh}"/>'


def _set_page(document: DocumentObject) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(22)
    for grid in section._sectPr.findall(f"{{{section._sectPr.nsmap['w']}}}docGrid"):
        section._sectPr.remove(grid)
    document.settings.odd_and_even_pages_header_footer = True
    # Odd pages carry their number right, even pages left, one character in from the edge.
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        footer.is_linked_to_previous = False
        old = footer.paragraphs[0]._p
        old.getparent().replace(
            old,
            parse_xml(
                f'<w:p {nsdecls("w")}><w:pPr><w:pStyle w:val="Pagenumber"/><w:ind w:{side}Chars="100" w:{side}="280"/>'
                f'<w:jc w:val="{side}"/></w:pPr><w:r><w:t xml:space="preserve">— </w:t></w:r>'
                '<w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>'
                '<w:r><w:t xml:space="preserve"> —</w:t></w:r></w:p>'
            ),
        )


def _set_properties(document: DocumentObject, report: Report) -> None:
    properties = document.core_properties
    moment = datetime.combine(report.day or date(1970, 1, 1), time(), UTC)
    properties.title, properties.author = report.title.replace("\n", ""), report.signature
    properties.comments, properties.last_modified_by = "", ""
    properties.language = "zh-CN" if report.language == "zh" else "en"
    properties.created = properties.modified = moment


def _write_head(document: DocumentObject, report: Report) -> None:
    zh = report.language == "zh"
    if report.issuing_mark:
        most = _LOOKS[report.language]["Issuing mark"].points
        points = min(most, 440 / max(ems(report.issuing_mark), 1))
        # The upper edge of the mark stands 35 mm below that of the type area.
        _append(document, report.issuing_mark, "Issuing mark", before=99 if zh else 17, points=points)
        border = f'<w:pBdr><w:bottom w:val="single" w:sz="11" w:space="11" w:color="{RED}"/></w:pBdr>'
        _append(document, report.number, "Document number", before=58 if zh else 12, extra=border)
    lines = report.title.split("\n")
    _append(document, lines, "Title", before=58 if report.issuing_mark else 0)
    if report.number and not report.issuing_mark:
        _append(document, report.number, "Document number")
    if report.addressee_line:
        _append(document, report.addressee_line, "Flush")


def _write_block(document: DocumentObject, block: Block, language: Language) -> None:
    match block:
        case Heading(level):
            _append(document, str(block), f"Heading {level}")
        case Paragraph(text, role):
            _append(document, text, "Normal" if role == "body" else "Note")
        case ListBlock():
            for line in block.lines(language):
                _append(document, line, "Normal")
        case TableBlock():
            _write_table(document, block)
        case SignatureBlock():
            _write_signatures(document, block)


def _write_end(document: DocumentObject, report: Report, looks: Mapping[str, Look]) -> None:
    size, indent = looks["Normal"].points, looks["Normal"].indent
    word, lines = report.attachment_word, report.attachment_lines
    for number, line in enumerate(lines):
        # Later lines stand below the first name, not below the word.
        left = indent if number == 0 else indent + ems(word)
        text = f"{word}{line}" if number == 0 else line
        extra = f'<w:ind w:firstLineChars="0" w:firstLine="0" w:left="{round(left * size * 20)}"/>'
        _append(document, text, "Flush", before=size * 1.8 if number == 0 else None, extra=extra)
    if report.signature:
        right = max(4 + (ems(report.day_in_words) - ems(report.signature)) / 2, 0)
        _append(document, report.signature, "Signed", before=size * 3.6, extra=_right(right, size))
    if report.day:
        before = None if report.signature else size * 3.6
        _append(document, report.day_in_words, "Signed", before=before, extra=_right(4, size))
    if report.footer or report.imprint:
        _write_imprint(document, report)


def _write_table(document: DocumentObject, table: TableBlock) -> None:
    if table.caption:
        _append(document, table.caption, "Caption")
    widths = _twips(table.widths)
    rows = [_row(table.head, widths, ["center"] * len(widths), "Tablehead", "<w:tblHeader/>", shade=True)]
    for index, cells in enumerate(table.rows):
        # The rows of a short table hold together, and so do the first rows of a long one.
        held = index < len(table.rows) - 1 if table.short else index < 2
        rows.append(_row(cells, widths, table.align, "Tabletext", held=held))
    borders = "".join(
        f'<w:{edge} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
        for edge in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    _append_table(document, f"<w:tblBorders>{borders}</w:tblBorders>", widths, rows)
    _append(document, "", "Table text")


def _write_signatures(document: DocumentObject, block: SignatureBlock) -> None:
    widths = _twips([1] * len(block.parties))
    align = ["left"] * len(widths)
    longest = max(len(party.lines) for party in block.parties)
    rows = [_row([party.name for party in block.parties], widths, align, "Party")]
    for line in range(longest):
        cells = [party.lines[line] if line < len(party.lines) else "" for party in block.parties]
        rows.append(_row(cells, widths, align, "Tabletext", held=line < longest - 1))
    _append(document, "", "Table text")
    _append_table(document, "", widths, rows)


def _write_imprint(document: DocumentObject, report: Report) -> None:
    """The lines by which to check the document, then the ruled imprint, at the foot of the last page."""
    if report.imprint is None:
        for number, line in enumerate(report.footer):
            _append(document, line, "Digest", before=14 if number == 0 else None)
        return
    widths = _twips([3, 2])
    rows = []
    if report.footer:
        rows.append(f"<w:tr>{_cell(report.footer, sum(widths), 'left', 'Digest', span=2)}</w:tr>")
    for index, (left, right) in enumerate(report.imprint_lines):
        top = 8 if index == 0 else 6
        bottom = '<w:bottom w:val="single" w:sz="8"/>' if index == len(report.imprint_lines) - 1 else ""
        rule = f'<w:tcBorders><w:top w:val="single" w:sz="{top}"/>{bottom}</w:tcBorders>'
        cells = [_cell([left], widths[0], "left", "Imprint", rule), _cell([right], widths[1], "right", "Imprint", rule)]
        if not right:
            cells = [_cell([left], sum(widths), "left", "Imprint", rule, span=2)]
        rows.append(f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{''.join(cells)}</w:tr>")
    _append(document, "", "Normal")
    place = '<w:tblpPr w:vertAnchor="margin" w:horzAnchor="margin" w:tblpX="1" w:tblpYSpec="bottom"/>'
    _append_table(document, "", widths, rows, place)
    _append(document, "", "Digest")


def _append(
    document: DocumentObject,
    text: str | Sequence[str],
    style: str,
    before: float | None = None,
    points: float | None = None,
    extra: str = "",
) -> None:
    """A paragraph at the end; several texts are lines of one paragraph."""
    spacing = "" if before is None else f'<w:spacing w:before="{round(before * 20)}"/>'
    border, indent = (extra, "") if extra.startswith("<w:pBdr") else ("", extra)
    size = f'<w:rPr><w:sz w:val="{round(points * 2)}"/></w:rPr>' if points else ""
    lines = [text] if isinstance(text, str) else text
    shown = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in lines)
    run = f"<w:r>{size}{shown}</w:r>" if any(lines) else ""
    style_id = document.styles[style].style_id
    _add(
        document,
        f'<w:p {nsdecls("w")}><w:pPr><w:pStyle w:val="{style_id}"/>{border}{spacing}{indent}</w:pPr>{run}</w:p>',
    )


def _append_table(
    document: DocumentObject, borders: str, widths: Sequence[int], rows: Iterable[str], place: str = ""
) -> None:
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    _add(
        document,
        f'<w:tbl {nsdecls("w")}><w:tblPr>{place}<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
        f"{borders}"
        '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:top w:w="45" w:type="dxa"/><w:left w:w="80" w:type="dxa"/>'
        '<w:bottom w:w="45" w:type="dxa"/><w:right w:w="80" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>",
    )


def _add(document: DocumentObject, xml: str) -> None:
    """Before the section's properties, which must stay last in the body."""
    body = document.element.body
    body.insert(len(body) - 1, parse_xml(xml))


def _row(
    cells: Sequence[str],
    widths: Sequence[int],
    align: Sequence[str],
    style: str,
    properties: str = "",
    shade: bool = False,
    held: bool = False,
) -> str:
    fill = '<w:shd w:val="clear" w:color="auto" w:fill="EEEEEE"/>' if shade else ""
    inner = "".join(
        _cell([text], width, side, style, fill, held=held)
        for text, width, side in zip(cells, widths, align, strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/>{properties}</w:trPr>{inner}</w:tr>"


def _cell(
    lines: Sequence[str], width: int, side: str, style: str, extra: str = "", span: int = 1, held: bool = False
) -> str:
    merged = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    keep = "<w:keepNext/>" if held else ""
    paragraphs = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{keep}<w:jc w:val="{side}"/></w:pPr>'
        f'<w:r><w:t xml:space="preserve">{escape(line)}</w:t></w:r></w:p>'
        for line in lines
    )
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{merged}{extra}<w:vAlign w:val="center"/></w:tcPr>'
        f"{paragraphs}</w:tc>"
    )


def _right(characters: float, points: float) -> str:
    return f'<w:ind w:rightChars="{round(characters * 100)}" w:right="{round(characters * points * 20)}"/>'


def _twips(shares: Sequence[int]) -> list[int]:
    return [WIDTH * share // sum(shares) for share in shares]


def _without_clock(data: bytes) -> bytes:
    """The same archive with a fixed time on every member, since the clock of the day is no part of the report."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as read, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
        for name in read.namelist():
            member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            written.writestr(member, read.read(name))
    return out.getvalue()
