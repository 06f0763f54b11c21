"""What each part of a page needs: a frozen class per file of templates/_parts, so that pages are built, not decorated.

`Words` is text for a reader: a translated string, or bilingual `Text` from a programme. Every part shows both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from answerable.site.templatetags.answerable import issue_words
from answerable.values import Issue, Month, Text

Words = str | Text | Promise
Tone = Literal["good", "wait", "bad", "calm"]


@dataclass(frozen=True)
class Link:
    """Words that lead somewhere."""

    words: Words
    href: str


@dataclass(frozen=True)
class PageHead:
    """page_head.html: the title, where we are, the one primary action and at most two lesser ones."""

    title: Words
    crumbs: Sequence[Link] = ()
    lead: Words = ""
    action: Link | None = None
    others: Sequence[Link] = ()


@dataclass(frozen=True)
class Tab:
    """tabs.html (a list): sister pages of one thing."""

    words: Words
    href: str
    current: bool = False


@dataclass(frozen=True)
class Notice:
    """notice.html: something to know before reading on."""

    tone: Tone
    title: Words
    words: Words = ""
    link: Link | None = None


@dataclass(frozen=True)
class Empty:
    """empty.html: nothing here yet, why, and what to do first."""

    title: Words
    words: Words
    action: Link | None = None


@dataclass(frozen=True)
class Todo:
    """todo.html (a list): one thing to do, with its state and its day."""

    words: Words
    href: str
    where: Words = ""
    due: date | None = None
    state: str = "due"


@dataclass(frozen=True)
class Sum:
    """sums.html (a list): one key figure."""

    words: Words
    value: object
    note: Words = ""


@dataclass(frozen=True)
class Column:
    """One column of a table. `sort` is the value of ?sort= that orders by it; `order` is set on the column in use."""

    words: Words
    number: bool = False
    sort: str = ""
    order: Literal["", "ascending", "descending"] = ""

    @property
    def next_sort(self) -> str:
        """What a click asks for: ascending first, then the other way."""
        return f"-{self.sort}" if self.order == "ascending" else self.sort


@dataclass(frozen=True)
class Cell:
    """One cell: a value of any kind, or a state; `note` is a second, quieter line; `stamp` is a grade's level."""

    value: object = ""
    href: str = ""
    state: str = ""
    note: Words = ""
    stamp: str = ""


@dataclass(frozen=True)
class Table:
    """table.html: rows of cells; a bare value is a cell too. On a phone rows become blocks, unless `keep`."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[object]]
    caption: Words = ""
    total: Sequence[object] = ()
    keep: bool = False

    @property
    def lines(self) -> list[list[tuple[Column, Cell]]]:
        """Each row with its columns beside its cells."""
        return [self._line(row) for row in self.rows]

    @property
    def total_line(self) -> list[tuple[Column, Cell]]:
        """The last row, with its columns."""
        return self._line(self.total) if self.total else []

    def _line(self, row: Sequence[object]) -> list[tuple[Column, Cell]]:
        cells = [cell if isinstance(cell, Cell) else Cell(cell) for cell in row]
        return list(zip(self.columns, cells, strict=True))


@dataclass(frozen=True)
class Filter:
    """One field of the search row: free text, or a choice of (value, words)."""

    name: str
    words: Words
    value: str = ""
    options: Sequence[tuple[str, Words]] = ()


@dataclass(frozen=True)
class MonthCell:
    """One month of one unit: a state, and a short note such as the day of receipt."""

    state: str
    note: str = ""
    href: str = ""


@dataclass(frozen=True)
class MonthRow:
    """One unit of the grid: as many cells as the grid has months."""

    words: Words
    cells: Sequence[MonthCell]
    href: str = ""


@dataclass(frozen=True)
class MonthGrid:
    """month_grid.html: units × months. `legend` names the states that occur."""

    months: Sequence[Month]
    rows: Sequence[MonthRow]
    corner: Words = ""

    @property
    def legend(self) -> list[str]:
        """The states that occur, in the order they are first met."""
        return list(dict.fromkeys(cell.state for row in self.rows for cell in row.cells))


@dataclass(frozen=True)
class EntryField:
    """One figure of a return: what stands now, what was said last month, and what is wrong with it.

    The form sends `name` and `name_state` ("" for a number, `missing`, `not_applicable`). Where there are `options`
    (value, words), one of them is chosen instead of typing: yes or no.
    """

    name: str
    words: Words
    measure: Words = ""
    value: str = ""
    state: str = ""
    last: object = ""
    help: Words = ""
    issues: Sequence[Issue] = ()
    required: bool = True
    may_be_not_applicable: bool = True
    may_be_missing: bool = True
    options: Sequence[tuple[str, Words]] = ()
    last_year: object = ""


@dataclass(frozen=True)
class EntrySection:
    """entry.html: a section of a return with its fields.

    `last_words` heads the column of last month's values, `year_words` that of the same month last year.
    """

    words: Words
    fields: Sequence[EntryField]
    last_words: Words = ""
    year_words: Words = ""


@dataclass(frozen=True)
class Fact:
    """facts.html (a list): a term and what it is. `digest` sets it in the type of machines."""

    words: Words
    value: object
    href: str = ""
    state: str = ""
    digest: bool = False


@dataclass(frozen=True)
class Step:
    """steps.html (a list): what was done or is still to do, by whom, when, in whose words."""

    words: Words
    state: str = "done"
    at: datetime | date | None = None
    by: Words = ""
    note: Words = ""
    papers: Sequence[Paper] = ()


@dataclass(frozen=True)
class Paper:
    """papers.html (a list): a document to take away."""

    words: Words
    href: str
    kind: str = "PDF"
    bytes: int | None = None
    note: Words = ""


@dataclass(frozen=True)
class ScoreLine:
    """score_lines.html (a list): one part or one leaf of the tree of points, digits exactly as computed."""

    words: Words
    got: str | None
    available: str
    href: str = ""
    part: bool = False
    state: str = ""


@dataclass(frozen=True)
class Verdict:
    """verdict.html: the total, the grade as a seal, the place among peers."""

    total: str | None
    available: str
    grade: Words = ""
    level: Literal["high", "middle", "low"] = "middle"
    under: Words = ""
    place: Words = ""


@dataclass(frozen=True)
class Explained:
    """explanation.html: why these points. `facts` are further lines (rounding, what would change it)."""

    words: Words
    clause: Words
    formula: Words
    filled: Words
    result: Words
    got: str | None
    available: str
    clause_of: Words = ""
    facts: Sequence[Fact] = ()
    sources: Table | None = None


@dataclass(frozen=True)
class Receipt:
    """receipt.html: the ledger's receipt for what was just done."""

    words: Words
    index: int
    at: datetime
    by: Words
    digest: str
    href: str = ""


@dataclass(frozen=True)
class Signature:
    """signatures.html (a list): one side of an agreement; `at` is empty until that side has signed."""

    side: Words
    name: Words = ""
    at: datetime | None = None


@dataclass(frozen=True)
class SourceLine:
    """One line of a text file, with what is wrong in it."""

    number: int
    text: str
    issues: Sequence[Issue] = ()


@dataclass(frozen=True)
class SourceRun:
    """source.html (a list): lines that follow each other; `folded` ones are opened by a press."""

    lines: Sequence[SourceLine]
    folded: bool = False

    @property
    def words(self) -> str:
        """Which lines they are."""
        said = {"first": self.lines[0].number, "last": self.lines[-1].number}
        return gettext("Lines %(first)s to %(last)s") % said


@dataclass(frozen=True)
class Question:
    """question.html, with a form: asked on a page of its own before something that cannot be undone."""

    words: Words
    answer: Words
    back: str
    consequences: Sequence[Words] = field(default=())
    danger: bool = False


class LongSelect(forms.Select):
    """A choice among many, written in one go: Django would open a template for each unit of the district."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """The same as Django's; it has no groups."""
        widget = self.get_context(name, value, attrs)["widget"]
        options = format_html_join(
            "",
            '\n  <option value="{}"{}>{}</option>\n',
            (
                (option["value"], _attributes(option["attrs"]), option["label"])
                for _, group, _ in widget["optgroups"]
                for option in group
            ),
        )
        return format_html('<select name="{}"{}>{}\n</select>', name, _attributes(widget["attrs"]), options)


def _attributes(attrs: Mapping[str, Any]) -> SafeString:
    """Attributes in their order; True has no value, False is left out."""
    return mark_safe(
        "".join(
            format_html(" {}", name) if value is True else format_html(' {}="{}"', name, value)
            for name, value in attrs.items()
            if value is not False
        )
    )


class DayField(forms.DateField):
    """A day, chosen in the browser's own calendar or typed as 2025-03-01."""

    def __init__(self, **named: Any) -> None:
        super().__init__(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **named)


def add_issues(form: BaseForm, issues: Iterable[Issue]) -> None:
    """Put each issue beside the field its place names as `cell`, else on top of the form; the code goes with it."""
    for issue in issues:
        words = issue_words(issue)
        target = issue.place.cell if issue.place.cell in form.fields else None
        form.add_error(target, ValidationError(f"{words['says']} {words['advice']}", code=issue.code))
