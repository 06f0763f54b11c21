"""A document as values: what a bulletin or an agreement says, before anyone decides how it looks.

A report is in one language. `docx.py` and `pdf.py` lay out the same report; neither adds or drops a word, except
the words every official document of that language has (`附件：`, `Attachments:`), which stand here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Literal

from answerable.values.text import Language

__all__ = [
    "Align",
    "Block",
    "Heading",
    "Imprint",
    "ListBlock",
    "Paragraph",
    "Party",
    "Report",
    "SignatureBlock",
    "TableBlock",
    "date_in_words",
    "ems",
    "has_chinese",
    "number_headings",
]

Align = Literal["left", "center", "right"]
_ZH_DIGITS = "〇一二三四五六七八九"
_EN_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 to 4; `label` is its number with its punctuation, set by `number_headings`."""

    level: Literal[1, 2, 3, 4]
    text: str
    label: str = ""

    def __str__(self) -> str:
        return f"{self.label}{self.text}"


@dataclass(frozen=True)
class Paragraph:
    """Running text. `role` note: smaller, for remarks below a table or at the end."""

    text: str
    role: Literal["body", "note"] = "body"


@dataclass(frozen=True)
class ListBlock:
    """Short statements one below another, each a paragraph of its own; numbered from 1 when `numbered`."""

    items: tuple[str, ...]
    numbered: bool = True

    def lines(self, language: Language) -> Iterator[str]:
        """Each item as it is printed, with its number: （1） in Chinese, (1) in English, a dash where not numbered."""
        for number, item in enumerate(self.items, start=1):
            if not self.numbered:
                yield f"— {item}"
            else:
                yield f"（{number}）{item}" if language == "zh" else f"({number}) {item}"


@dataclass(frozen=True)
class TableBlock:
    """A ruled table whose head is repeated on every page. `widths` are shares of the width of the text.

    Raises:
        ValueError: when a row, the widths or the alignments do not fit the head.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    align: tuple[Align, ...]
    caption: str = ""

    def __post_init__(self) -> None:
        wrong = [len(row) for row in (self.widths, self.align, *self.rows) if len(row) != len(self.head)]
        if wrong:
            raise ValueError(f"a table with {len(self.head)} columns has a row, widths or alignments of {wrong[0]}")

    @property
    def short(self) -> bool:
        """Whether the table is kept on one page: at most twelve rows, and about half a page when its cells fold."""
        return len(self.rows) <= 12 and sum(self._lines(row) for row in self.rows) <= 24

    def _lines(self, row: Sequence[str]) -> int:
        """About how many lines a row takes, where 42 characters of Chinese, or twice as many others, fill the width."""
        room = [max(42 * width / sum(self.widths) - 1, 1) for width in self.widths]
        return max(1, *(ceil(ems(cell) / wide) for cell, wide in zip(row, room, strict=True)))


@dataclass(frozen=True)
class Party:
    """One side that signs: its name and the lines below it, such as post, account and moment of signature."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class SignatureBlock:
    """The sides of an agreement beside one another, kept on one page."""

    parties: tuple[Party, ...]


Block = Heading | Paragraph | ListBlock | TableBlock | SignatureBlock


@dataclass(frozen=True)
class Imprint:
    """The ruled lines at the very end (版记): who received copies, who issued the document, when."""

    issuer: str
    day: date
    copies: str = ""


@dataclass(frozen=True)
class Report:
    """A whole document in one language.

    `issuing_mark` is the red head and may be empty, as may `number` (文号; numbers are given out by people, never by
    the software), `addressee`, `signature` and `day`. `footer` holds the lines by which anyone can check the document
    against its source: digests and, where there is one, the checkpoint of the ledger.
    """

    kind: Literal["bulletin", "agreement", "score_sheet", "plan"]
    language: Language
    title: str
    blocks: tuple[Block, ...]
    issuing_mark: str = ""
    number: str = ""
    addressee: str = ""
    attachments: tuple[str, ...] = ()
    signature: str = ""
    day: date | None = None
    footer: tuple[str, ...] = ()
    imprint: Imprint | None = None

    @property
    def addressee_line(self) -> str:
        """The addressee with the colon of its language; empty when there is none."""
        return self.addressee and self.addressee + ("：" if self.language == "zh" else ":")

    @property
    def attachment_word(self) -> str:
        """What stands before the list of attachments."""
        if self.language == "zh":
            return "附件："
        return "Attachment: " if len(self.attachments) == 1 else "Attachments: "

    @property
    def attachment_lines(self) -> tuple[str, ...]:
        """The attachments as listed below the text: numbered, unless there is only one."""
        if len(self.attachments) == 1:
            return self.attachments
        return tuple(f"{number}. {name}" for number, name in enumerate(self.attachments, start=1))

    @property
    def day_in_words(self) -> str:
        """The date of the document as people write it; empty when it has none."""
        return date_in_words(self.day, self.language) if self.day else ""

    @property
    def imprint_lines(self) -> tuple[tuple[str, str], ...]:
        """The lines of the imprint, each as what stands left and what stands right."""
        if self.imprint is None:
            return ()
        zh = self.language == "zh"
        copies = (f"抄送：{self.imprint.copies}。" if zh else f"Copies: {self.imprint.copies}.", "")
        day = date_in_words(self.imprint.day, self.language)
        issued = (self.imprint.issuer, f"{day}印发" if zh else f"Issued {day}")
        return (copies, issued) if self.imprint.copies else (issued,)

    def texts(self) -> Iterator[str]:
        """Every piece of text in the document, in the order of reading."""
        yield from filter(None, (self.issuing_mark, self.number, self.title, self.addressee_line))
        for block in self.blocks:
            yield from _texts_of(block, self.language)
        if self.attachments:
            yield from (self.attachment_word, *self.attachment_lines)
        yield from filter(None, (self.signature, self.day_in_words))
        yield from self.footer
        yield from (part for line in self.imprint_lines for part in line if part)


def ems(text: str) -> float:
    """How wide a text is in type sizes, near enough: a Chinese character is one, another half of one.

    >>> ems("共135个")
    3.5
    """
    return sum(1.0 if character >= "\u2e80" else 0.5 for character in text)


def has_chinese(texts: Iterable[str]) -> bool:
    """Whether any text needs a Chinese font: a character, or punctuation of full width.

    >>> has_chinese(["unit 12"]), has_chinese(["〔2026〕"])
    (False, True)
    """
    return any("\u2e80" <= character <= "\uffef" or character >= "\U00020000" for text in texts for character in text)


def date_in_words(day: date, language: Language) -> str:
    """A day as official documents write it.

    >>> date_in_words(date(2026, 3, 5), "zh"), date_in_words(date(2026, 3, 5), "en")
    ('2026年3月5日', '5 March 2026')
    """
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_EN_MONTHS[day.month - 1]} {day.year}"


def number_headings(blocks: Sequence[Block], language: Language) -> tuple[Block, ...]:
    """The same blocks with every heading numbered: 一、 （一） 1. （1） in Chinese, 1. 1.1 1.1.1 in English."""
    counts = [0, 0, 0, 0]
    numbered: list[Block] = []
    for block in blocks:
        if isinstance(block, Heading):
            counts[block.level - 1] += 1
            counts[block.level :] = [0] * (4 - block.level)
            block = Heading(block.level, block.text, _label(counts[: block.level], language))
        numbered.append(block)
    return tuple(numbered)


def _label(counts: Sequence[int], language: Language) -> str:
    if language == "en":
        return ".".join(str(count) for count in counts) + ("." if len(counts) == 1 else "") + " "
    last = counts[-1]
    return (f"{_zh_number(last)}、", f"（{_zh_number(last)}）", f"{last}.", f"（{last}）")[len(counts) - 1]


def _zh_number(number: int) -> str:
    """A number from 1 to 99 in Chinese, as headings count: 二十一."""
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _ZH_DIGITS[ones]
    return ("" if tens == 1 else _ZH_DIGITS[tens]) + "十" + (_ZH_DIGITS[ones] if ones else "")


def _texts_of(block: Block, language: Language) -> Iterator[str]:
    match block:
        case Heading():
            yield str(block)
        case Paragraph(text):
            yield text
        case ListBlock():
            yield from block.lines(language)
        case TableBlock(head, rows, _, _, caption):
            yield from filter(None, (caption, *head, *(cell for row in rows for cell in row)))
        case SignatureBlock(parties):
            for party in parties:
                yield party.name
                yield from party.lines
