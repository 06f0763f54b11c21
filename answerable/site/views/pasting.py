"""Figures pasted from a table: one column in the order of the form, or two, the name of a field and its figure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from answerable.definition.model import Field, Form
from answerable.values import Issue, Place
from answerable.values.table import Absence

__all__ = ["Pasted", "read_pasted"]

_NOT_APPLICABLE = {"不适用", "notapplicable", "n/a"}
_FLAG = {"是": "1", "yes": "1", "否": "0", "no": "0"}


@dataclass
class Pasted:
    """What was read, by field, as it was pasted, and the lines that could not be placed."""

    values: dict[str, str] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)

    def put(self, one: Field, text: str) -> None:
        """A figure in its field, unjudged; the word for not applicable is an answer too, an empty cell is none."""
        plain = _plain(text)
        if plain in _NOT_APPLICABLE:
            self.values[one.id], self.states[one.id] = "", Absence.NOT_APPLICABLE.value
        elif plain:
            self.values[one.id] = _FLAG.get(plain, text.strip()) if one.measure == "flag" else text.strip()
            self.states[one.id] = ""


def read_pasted(form: Form, text: str) -> Pasted:
    """The lines of a pasted table. With a tab in any line it has two columns: a line has its place by name, or none."""
    lines = text.rstrip().splitlines()
    return _two_columns(form, lines) if any("\t" in line.strip() for line in lines) else _one_column(form, lines)


def _one_column(form: Form, lines: list[str]) -> Pasted:
    """An empty line leaves its field as it is, so that the order holds."""
    read = Pasted()
    for one, line in zip(form.fields, lines, strict=False):
        read.put(one, line)
    if len(lines) > len(form.fields):
        facts = {"lines": str(len(lines)), "fields": str(len(form.fields))}
        read.issues.append(Issue("site.pasted_too_long", Place(row=str(len(form.fields) + 1)), facts))
    return read


def _two_columns(form: Form, lines: list[str]) -> Pasted:
    named = {_plain(name): one for one in form.fields for name in (one.id, one.title.zh, one.title.en)}
    read, seen = Pasted(), set[str]()
    for number, line in enumerate(lines, 1):
        name, _tab, rest = line.strip("\r\n").partition("\t")
        if not line.strip():
            continue
        one, place, facts = named.get(_plain(name)), Place(row=str(number)), {"line": str(number), "name": name.strip()}
        if one is None:
            read.issues.append(Issue("site.pasted_unknown", place, facts))
        elif one.id in seen:
            read.issues.append(Issue("site.pasted_twice", place, facts))
        else:
            seen.add(one.id)
            read.put(one, rest.partition("\t")[0])
    return read


def _plain(text: str) -> str:
    """A name or a word without the spaces, the star and the widths that differ between two programs."""
    return "".join(unicodedata.normalize("NFKC", text).split()).rstrip("*").casefold()
