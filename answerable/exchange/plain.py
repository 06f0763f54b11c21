"""A report as plain text of a fixed width, for a terminal or a mail: the same words as docx and PDF, in columns.

A Chinese character takes two columns of a terminal. Lines break between Chinese characters and between words, and never
before punctuation that closes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from unicodedata import east_asian_width

from answerable.exchange.report import Block, Heading, ListBlock, Paragraph, Report, SignatureBlock, TableBlock
from answerable.values.text import Language

__all__ = ["columns", "text", "wrapped"]

WIDTH = 100
_GAP = "  "
_NARROWEST = 6
_CLOSING = "，。、；：？！）》”’"
_PIECE = re.compile(rf"\s+|[“‘（《]*[\u2e80-\uffef][{_CLOSING}]*|[^\s\u2e80-\uffef]+[{_CLOSING}]*")


def text(report: Report) -> str:
    """The whole report, each block after an empty line."""
    parts = [line for line in (report.issuing_mark, report.number) if line]
    parts.append("\n".join(_centred(line) for line in report.title.split("\n")))
    parts += [report.addressee_line] if report.addressee_line else []
    parts += ["\n".join(_block(block, report.language)) for block in report.blocks]
    if report.attachments:
        parts.append("\n".join((report.attachment_word, *report.attachment_lines)))
    parts += ["\n".join(one) for one in ([report.signature, report.day_in_words], report.footer) if any(one)]
    parts += ["\n".join(f"{left}{_GAP}{right}".rstrip() for left, right in report.imprint_lines)] * bool(report.imprint)
    return "\n\n".join(parts) + "\n"


def columns(line: str) -> int:
    """How many columns of a terminal a line takes.

    >>> columns("共3项")
    5
    """
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in line)


def wrapped(line: str, width: int) -> list[str]:
    """A line broken so that each part takes at most `width` columns, where its pieces allow.

    >>> wrapped("各项得分之和，不足四分的。", 12)
    ['各项得分之', '和，不足四分', '的。']
    """
    lines = [""]
    for piece in _PIECE.findall(line):
        if columns(lines[-1]) + columns(piece) > width and lines[-1]:
            lines.append("")
        if lines[-1] or not piece.isspace():
            lines[-1] += piece
    return [one.rstrip() for one in lines]


def _centred(line: str) -> str:
    return " " * max((WIDTH - columns(line)) // 2, 0) + line


def _block(block: Block, language: Language) -> Iterator[str]:
    match block:
        case Heading(level):
            yield str(block)
            if level == 1:
                yield "═" * columns(str(block))
        case Paragraph(said):
            yield from wrapped(said, WIDTH)
        case ListBlock():
            for line in block.lines(language):
                yield from wrapped(line, WIDTH)
        case TableBlock():
            yield from _table(block)
        case SignatureBlock(parties):
            for party in parties:
                yield from (party.name, *(f"{_GAP}{line}" for line in party.lines))


def _table(table: TableBlock) -> Iterator[str]:
    yield from wrapped(table.caption, WIDTH) if table.caption else ()
    room = WIDTH - len(_GAP) * (len(table.widths) - 1)
    widths = [max(room * share // sum(table.widths), _NARROWEST) for share in table.widths]
    yield from _row(table.head, widths)
    yield _GAP.join("─" * width for width in widths)
    for at, row in enumerate(table.rows):
        lines = list(_row(row, widths))
        if at and len(lines) > 1:
            yield ""
        yield from lines


def _row(cells: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    folded = [wrapped(cell, width) for cell, width in zip(cells, widths, strict=True)]
    for parts in zip_longest(*folded, fillvalue=""):
        padded = (part + " " * (width - columns(part)) for part, width in zip(parts, widths, strict=True))
        yield _GAP.join(padded).rstrip()
