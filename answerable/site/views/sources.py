"""Where the figures of an explanation come from: the rows an indicator read, as tables a reader can add up again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from answerable.definition import Programme
from answerable.site.templatetags.answerable import month as month_words
from answerable.site.templatetags.answerable import shown
from answerable.site.templatetags.states import STATES
from answerable.site.views.parts import Cell, Column, Table, Words
from answerable.values.table import Absence

__all__ = ["Rows", "is_money", "name_of", "says_itself", "tables"]

_DERIVED: Mapping[str, Promise] = {
    "filed": gettext_lazy("Filed"),
    "on_time": gettext_lazy("On time"),
    "signed": gettext_lazy("Signed by both sides"),
    "signed_on_time": gettext_lazy("Signed in time by both sides"),
    "due": gettext_lazy("Due within the period"),
    "closed": gettext_lazy("Closed"),
    "closed_on_time": gettext_lazy("Closed in time"),
    "reason": gettext_lazy("Cause"),
    "kind": gettext_lazy("Kind"),
    "status": gettext_lazy("State"),
    "occurrences": gettext_lazy("Times"),
    "form": gettext_lazy("Return"),
    "field": gettext_lazy("Figure"),
    "reported": gettext_lazy("Reported"),
    "recounted": gettext_lazy("Recounted"),
}
_WORDS: Mapping[str, Promise] = {
    "yes": gettext_lazy("yes"),
    "no": gettext_lazy("no"),
    "proposed": gettext_lazy("proposed"),
    "confirmed": gettext_lazy("confirmed"),
    "withdrawn": gettext_lazy("withdrawn"),
    "drawn": gettext_lazy("drawn by lot"),
    "follow_up": gettext_lazy("follow-up"),
    "complaint": gettext_lazy("complaint"),
}
_KEYS: Mapping[str, Promise] = {
    "agreements": gettext_lazy("Agreement"),
    "visits": gettext_lazy("Visit"),
    "recounts": gettext_lazy("Recount"),
    "findings": gettext_lazy("Finding"),
    "corrections": gettext_lazy("Correction"),
}
_ABSENT = frozenset(Absence)
_ADDRESSES: Mapping[str, str] = {"visits": "visits", "findings": "findings", "corrections": "corrections"}


@dataclass(frozen=True)
class Rows:
    """The rows of an explanation's indicator: the programme names their columns, `versions` counts each return's."""

    programme: Programme
    unit: str
    versions: Mapping[tuple[str, str], int]

    def tables(self, rows: Sequence[Mapping[str, Any]], caption: Words = "") -> list[Table]:
        """One table of the page for each table the rows come from."""
        by_table: dict[str, list[Mapping[str, Any]]] = {}
        for row in rows:
            by_table.setdefault(row["table"], []).append(row)
        return [self._table(name, held, caption) for name, held in by_table.items()]

    def in_words(self, row: Mapping[str, Any]) -> str:
        """A row by what a person would look it up by."""
        key = self._key(row["table"], row)
        return " · ".join(str(shown(one)) for one in (_KEYS.get(row["table"], ""), key.value, key.note) if one)

    def cell_in_words(self, row: Mapping[str, Any], column: str, text: str | None) -> str:
        """What stands in a cell of a row; a dash where the row has no such cell."""
        if text is None:
            return "–"
        value = self._cell(row["table"], column, {**row, "cells": {column: text}})
        if isinstance(value, Cell):
            return str(STATES[value.state].word)
        return f"{value:,f}" if isinstance(value, Decimal) else str(shown(value))

    def _table(self, name: str, rows: Sequence[Mapping[str, Any]], caption: Words) -> Table:
        cells = list(dict.fromkeys(column for row in rows for column in row["cells"]))
        is_return = name not in _KEYS
        head = [Column(_("Month") if is_return else _KEYS[name])]
        head += [Column(name_of(self.programme, name, cell), number=True) for cell in cells]
        head += [Column(_("Version"), number=True)] if is_return else []
        body = [self._line(name, row, cells) for row in rows]
        return Table(head, body, caption, self._total(name, rows, cells) if len(rows) > 1 else (), keep=len(cells) < 2)

    def _line(self, name: str, row: Mapping[str, Any], cells: Sequence[str]) -> list[object]:
        line: list[object] = [self._key(name, row)]
        line += [self._cell(name, cell, row) for cell in cells]
        if name not in _KEYS:
            version = self.versions.get((name, row["month"])) if row["unit"] == self.unit else None
            line.append(version or "–")
        return line

    def _key(self, name: str, row: Mapping[str, Any]) -> Cell:
        """What a person would look the row up by, and the way there."""
        note = "" if row["unit"] == self.unit else row["unit"]
        if name == "recounts":
            visit, form, month, field = row["key"].split(" ")
            return Cell(self._figure(form, field), f"/visits/{visit}/", note=f"{visit} · {month_words(month)}")
        if name in _ADDRESSES:
            return Cell(row["key"], f"/{_ADDRESSES[name]}/{row['key']}/", note=note)
        if name == "agreements":
            return Cell(row["key"], note=note)
        href = f"/returns/{row['unit']}/{name}/{row['month']}/" if row["month"] else ""
        return Cell(month_words(row["month"]) if row["month"] else row["key"], href, note=note)

    def _figure(self, form: str, field: str) -> Words:
        return self.programme.form(form).field(field).title

    def _cell(self, name: str, column: str, row: Mapping[str, Any]) -> object:
        text = row["cells"].get(column, "")
        if text in _ABSENT:
            return Cell(state=text)
        if column == "kind" and name == "findings":
            kinds = {kind.id: kind.title for kind in self.programme.finding_kinds}
            return kinds.get(text, text)
        if text in _WORDS:
            return str(_WORDS[text])
        return self._yuan(text) if self._is_money(name, column, row) else _number(text)

    def _total(self, name: str, rows: Sequence[Mapping[str, Any]], cells: Sequence[str]) -> Sequence[object]:
        """The sums of columns of numbers and how often yes is said: what `sum` and `count` came to."""
        if name == "recounts":
            return ()
        sums = [self._sum(name, cell, rows) for cell in cells]
        if all(one == "" for one in sums):
            return ()
        return [pgettext("of rows", "Total"), *sums, *([""] if name not in _KEYS else [])]

    def _sum(self, name: str, column: str, rows: Sequence[Mapping[str, Any]]) -> object:
        texts = [row["cells"].get(column, "") for row in rows]
        if set(texts) <= {"yes", "no"}:
            return _("%(count)s yes") % {"count": texts.count("yes")}
        numbers = [_decimal(text) for text in texts]
        if column.startswith("previous(") or any(number is None for number in numbers):
            return ""
        total = sum((number for number in numbers if number is not None), Decimal(0))
        return self._yuan(str(total)) if self._is_money(name, column, rows[0]) else total

    def _is_money(self, name: str, column: str, row: Mapping[str, Any]) -> bool:
        if name == "recounts":
            _visit, form, _month, field = row["key"].split(" ")
            return self.programme.form(form).field(field).measure == "money"
        return is_money(self.programme, name, column)

    def _yuan(self, fen: str) -> object:
        number = _decimal(fen)
        return fen if number is None else (number / 100).quantize(Decimal("0.00"))


def tables(rows: Rows, indicator: Mapping[str, Any]) -> tuple[list[Table], list[Table]]:
    """The rows an indicator counted, and those it left out."""
    left_out = _("Left out: a figure the programme does not want counted is absent in these rows")
    return rows.tables(indicator["rows"]), rows.tables(indicator["left_out"], left_out)


def name_of(programme: Programme, table: str, column: str) -> Words:
    """What a column of a formula is called by people."""
    if column.startswith("previous("):
        inner = name_of(programme, table, column.removeprefix("previous(").removesuffix(")"))
        return _("%(figure)s, the month before") % {"figure": shown(inner)}
    form = next((one for one in programme.forms if one.id == table), None)
    field = next((one for one in form.fields if one.id == column), None) if form else None
    return field.title if field else str(_DERIVED.get(column, column))


def says_itself(column: str) -> bool:
    """Whether the name of a column is the plain English of it, and the table's head enough of an explanation."""
    return column in ("reported", "recounted", "kind", "status", "occurrences", "filed", "closed", "due")


def is_money(programme: Programme, table: str, column: str) -> bool:
    """Whether a column holds money, which formulas count in fen."""
    plain = column.removeprefix("previous(").removesuffix(")")
    form = next((one for one in programme.forms if one.id == table), None)
    return any(field.id == plain and field.measure == "money" for field in (form.fields if form else ()))


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text.replace(".", "", 1).removeprefix("-").isdigit() else None


def _number(text: str) -> object:
    number = _decimal(text)
    return text if number is None else number
