"""Rows by the hundred, written in one go: `{% load rows %}`, for table.html and month_grid.html alone.

A page may have 1,600 cells. Each piece is escaped before it is put together, and what is alike is written once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any, NamedTuple

from django import template
from django.template import Context
from django.template.defaulttags import querystring
from django.utils.safestring import SafeString, mark_safe

from answerable.site.templatetags.answerable import chip, language, shown, stamp
from answerable.site.templatetags.states import STATES

register = template.Library()

Pair = tuple[Any, Any]
"""A column and its cell."""


@register.simple_tag(takes_context=True)
def table_heads(context: Context, columns: Sequence[Any]) -> SafeString:
    """The heads of a table. Where the page can sort by a column its head is a link, which keeps the search."""
    return mark_safe("".join(_head(context, column) for column in columns))


def _head(context: Context, column: Any) -> str:
    words = _safe(shown(column.words))
    if column.sort and context.get("request"):
        address = querystring(context, sort=column.next_sort, page=None)
        words = f'<a href="{_safe(address)}">{words}</a>{_ARROWS.get(column.order, "")}'
    order = f' aria-sort="{column.order}"' if column.order else ""
    return f'<th scope="col"{_NUMBER if column.number else ""}{order}>{words}</th>'


_ARROWS = {"ascending": " ↑", "descending": " ↓"}
_NUMBER = ' class="number"'


@register.simple_tag
def table_rows(lines: Sequence[Sequence[Pair]]) -> SafeString:
    """The rows of a table, each on a line of its own."""
    openings = _openings(lines[0]) if lines else []
    chips: dict[str, str] = {}
    return mark_safe("".join(f"\n<tr>{_cells(line, openings, chips)}</tr>" for line in lines))


@register.simple_tag
def table_cells(line: Sequence[Pair]) -> SafeString:
    """The cells of one row; the first is the head of its row."""
    return mark_safe(_cells(line, _openings(line), {}))


def _openings(line: Sequence[Pair]) -> list[str]:
    """How each cell begins; on a phone it says which column it is of."""
    rest = [
        f'<td{_NUMBER if column.number else ""} data-label="{_safe(shown(column.words))}">' for column, _ in line[1:]
    ]
    return ['<th scope="row">', *rest]


def _cells(line: Sequence[Pair], openings: Sequence[str], chips: dict[str, str]) -> str:
    first, *rest = [f"{opening}{_body(cell, chips)}" for opening, (_, cell) in zip(openings, line, strict=True)]
    return "".join([f"{first}</th>", *(f"{one}</td>" for one in rest)])


def _body(cell: Any, chips: dict[str, str]) -> str:
    """What stands in a cell: a state, a seal, a link or a plain value, and its note below."""
    if cell.state:
        body = chip(cell.state, cell.value) if cell.value else _known(cell.state, chips)
    elif cell.stamp:
        body = stamp(cell.value, cell.stamp)
    elif cell.href:
        body = f'<a href="{_safe(cell.href)}">{_safe(shown(cell.value))}</a>'
    else:
        body = _safe(shown(cell.value))
    return f'{body}<span class="note">{_safe(shown(cell.note))}</span>' if cell.note else body


def _known(state: str, chips: dict[str, str]) -> str:
    return chips.get(state) or chips.setdefault(state, chip(state))


def _safe(value: object) -> str:
    """What `conditional_escape` does, without asking whether anything is lazy: here all is wanted now."""
    return value if isinstance(value, SafeString) else escape(str(value))


# -- months ------------------------------------------------------------------------------------------------------------


class Mark(NamedTuple):
    """What the cells of one state and note have in common, ready to be written."""

    tone: str
    said: str
    body: str


@register.simple_tag
def month_rows(grid: Any) -> SafeString:
    """The rows of a units × months grid."""
    months = [escape(of.in_words(language())) for of in grid.months]
    marks: dict[tuple[str, str], Mark] = {}
    return mark_safe(
        "\n".join(f"<tr>{_unit(row)}{''.join(_months(months, row.cells, marks))}</tr>" for row in grid.rows)
    )


def _unit(row: Any) -> str:
    words = _safe(shown(row.words))
    link = f'<a href="{_safe(row.href)}">{words}</a>' if row.href else words
    return f'<th scope="row">{link}</th>'


def _months(months: Sequence[str], cells: Sequence[Any], marks: dict[tuple[str, str], Mark]) -> Iterator[str]:
    for month, cell in zip(months, cells, strict=True):
        look = (cell.state, cell.note)
        mark = marks.get(look) or marks.setdefault(look, _mark(cell))
        if cell.href:
            link = f'href="{_safe(cell.href)}" aria-label="{month} {mark.said}"'
            yield f'<td><a class="mark {mark.tone}" {link}>{mark.body}</a></td>'
        else:
            yield f'<td><span class="mark {mark.tone}">{mark.body}</span></td>'


def _mark(cell: Any) -> Mark:
    known, note = STATES[cell.state], _safe(cell.note)
    sign = f'<i class="shape {known.shape}" aria-hidden="true"></i>'
    body = f'{sign}<span class="word">{_safe(known.brief)}</span><span class="note">{note}</span>'
    return Mark(known.tone, f"{_safe(known.word)} {note}".strip(), body)
