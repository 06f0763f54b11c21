"""What changed in a unit's score since the run before, as a section of the page of its score."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from answerable.definition import Programme
from answerable.scoring.since_words import is_nothing, reason_in_words, veto_or_step_in_words
from answerable.site.reads.explanations import Since
from answerable.site.templatetags.answerable import shown
from answerable.site.views.next_grade import bilingual
from answerable.site.views.parts import Cell, Column, Table
from answerable.site.views.sources import Rows, name_of
from answerable.values.number import signed

__all__ = ["Section", "section"]

_MOST_ROWS = 6
Said = Mapping[str, Any]


@dataclass(frozen=True)
class Section:
    """The run compared with, what became of total and grade, vetoes and steps, and every item with its reasons."""

    run: str
    lead: str
    events: list[str]
    table: Table | None


def section(since: Since, programme: Programme, unit: str) -> Section:
    """The section; where nothing changed it says so and has no table."""
    changes = since.changes
    if is_nothing(changes):
        return Section(since.run.number, _("Nothing changed: the same points, the same grade."), [], None)
    return Section(since.run.number, _lead(changes), list(_events(changes)), _table(changes, programme, unit))


def _lead(changes: Said) -> str:
    before, after = changes["before"], changes["after"]
    total = _("Total: %(change)s") % {"change": _moved(before["total"] or "–", after["total"] or "–")}
    if changes["by"]:
        total = _("%(total)s (%(by)s)") % {"total": total, "by": signed(changes["by"]["points"])}
    titles = [str(shown(bilingual(side["grade_title"]))) for side in (before, after)]
    grade = _("Grade: %(change)s") % {"change": _moved(*titles)}
    said = [total, grade]
    if before["period"] != after["period"]:
        said.append(_("Period: %(change)s") % {"change": _moved(before["period"], after["period"])})
    return " · ".join(said)


def _events(changes: Said) -> Iterator[str]:
    for kind, of in (("veto", "vetoes"), ("step", "steps")):
        for way in ("came", "went"):
            for one in changes[of][way]:
                words = {"what": shown(veto_or_step_in_words(kind, way)), "title": shown(bilingual(one["title"]))}
                yield _("%(what)s: %(title)s") % words


def _table(changes: Said, programme: Programme, unit: str) -> Table | None:
    nodes = [node for node in changes["nodes"] if node["kind"] != "part"]
    if not nodes:
        return None
    heads = [Column(_("Item"))]
    heads += [Column(words, number=True) for words in (_("Before"), _("Now"), _("In the total"))]
    heads.append(Column(_("Why")))
    rows = Rows(programme, unit, {})
    body = [
        [
            bilingual(node["title"]),
            _points(node["before"]),
            _points(node["after"]),
            signed(node["share"]["points"]) if node["share"] else "–",
            Cell("; ".join(str(shown(reason_in_words(why))) for why in node["why"]), note=_note(rows, node)),
        ]
        for node in nodes
    ]
    if changes["rest"] and changes["rest"]["exact"] != "0/1":
        body.append([_("Rounding, limits and vetoes"), "", "", signed(changes["rest"]["points"]), ""])
    return Table([*heads], body)


def _note(rows: Rows, node: Said) -> str:
    """The rows behind a value, as many as one reads in a table."""
    found = [row for why in node["why"] for row in why.get("rows", [])]
    said = [_row(rows, row) for row in found[:_MOST_ROWS]]
    more = len(found) - _MOST_ROWS
    if more > 0:
        said.append(ngettext("and %(count)s more row", "and %(count)s more rows", more) % {"count": more})
    return "; ".join(said)


def _row(rows: Rows, row: Said) -> str:
    words = {"row": rows.in_words(row), "cells": ", ".join(_cells(rows, row))}
    if row["change"] == "came":
        return _("new row %(row)s") % words
    if row["change"] == "went":
        return _("no longer there: %(row)s") % words
    if row["counted"]["before"] and not row["counted"]["after"]:
        return _("%(row)s (no longer counted): %(cells)s") % words
    return _("%(row)s: %(cells)s") % words


def _cells(rows: Rows, row: Said) -> Iterator[str]:
    for cell in row["cells"]:
        before, after = (rows.cell_in_words(row, cell["name"], cell[side]) for side in ("before", "after"))
        yield f"{shown(name_of(rows.programme, row['table'], cell['name']))} {_moved(before, after)}"


def _points(side: Said | None) -> str:
    return (side["points"] if side else None) or "–"


def _moved(before: str, after: str) -> str:
    return before if before == after else f"{before} → {after}"
