"""What a programme asks of people: no field without a use, no question twice, and the yearly count of figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from answerable.definition.document import KeyPath, ProgrammeDocument
from answerable.definition.lexicon import normal
from answerable.definition.measures import columns_read, tables_read
from answerable.definition.model import Programme
from answerable.definition.reach import roots
from answerable.definition.rights import Say
from answerable.values.text import Language, Text

__all__ = ["Burden", "check_burden", "fields_a_year"]

RETURNS_A_YEAR = 12
"""Every form is a monthly return."""


def check_burden(document: ProgrammeDocument, say: Say) -> None:
    """Refuse a field said to be scored or checked that nothing reads, and a field that is asked twice."""
    _unused(document, say)
    _asked_twice(document, say)


def _unused(document: ProgrammeDocument, say: Say) -> None:
    formulas = {one.id: one.formula for one in document.indicators}
    found = roots(document, lambda _: False)
    reached = {name for root in found for name in root.trails}
    read = {(column.table, column.column) for root in found for column in root.columns}
    recounted = any("recounts" in tables_read(formulas[name]) for name in reached)
    for at, form in enumerate(document.forms):
        checked = {column.column for check in form.checks for column in columns_read(check.holds)}
        for position, field in enumerate(form.fields):
            used = (form.id, field.id) in read or (field.use == "check" and (field.id in checked or recounted))
            if field.use != "context" and not used:
                say("field_unused", ("forms", at, "fields", position, "use"), field=field.id, use=field.use)


def _asked_twice(document: ProgrammeDocument, say: Say) -> None:
    """The same measure under the same name, in either language, in any two forms."""
    first: dict[tuple[str, str, str], str] = {}
    for path, name, keys in _questions(document):
        before = next((first[key] for key in keys if key in first), None)
        if before is not None:
            say("asked_twice", path, field=name, other=before)
        for key in keys:
            first.setdefault(key, name)


def _questions(document: ProgrammeDocument) -> Iterator[tuple[KeyPath, str, tuple[tuple[str, str, str], ...]]]:
    for at, form in enumerate(document.forms):
        for position, one in enumerate(form.fields):
            path: KeyPath = ("forms", at, "fields", position, "title")
            keys = (("zh", one.measure, _bare(one.title.zh)), ("en", one.measure, _bare(one.title.en)))
            yield path, f"{form.id}.{one.id}", keys


def _bare(title: str) -> str:
    """A title without its punctuation and joins."""
    return "".join(sign for sign in normal(title) if sign.isalnum())


@dataclass(frozen=True)
class Asked:
    """A form: what it is called, the figures in it, and the kinds of unit that file it (none named: any)."""

    form: str
    title: Text
    figures: int
    filed_by: tuple[str, ...]


@dataclass(frozen=True)
class Burden:
    """Figures a unit fills in: of each form in a month, of all in a year, by kind of unit where forms name kinds."""

    forms: tuple[Asked, ...]
    kinds: tuple[tuple[str, Text], ...]

    def a_month(self, kind: str | None = None) -> int:
        """Figures in a month of a unit of a kind, or of one that files every form."""
        return sum(one.figures for one in self.forms if kind is None or not one.filed_by or kind in one.filed_by)

    def a_year(self, kind: str | None = None) -> int:
        """Figures in a year of a unit of a kind, or of one that files every form."""
        return self.a_month(kind) * RETURNS_A_YEAR

    def line(self, language: Language) -> str:
        """The count as a line; with several forms each one's share of it, where forms name kinds each kind's."""
        month, year = self.a_month(), self.a_year()
        named = [(one.title.in_language(language), one.figures) for one in self.forms]
        kinds = [(title.in_language(language), kind) for kind, title in self.kinds]
        differ = any(one.filed_by for one in self.forms)
        if language == "zh":
            tail = f"（{'，'.join(f'{title} {figures}' for title, figures in named)}）" if len(named) > 1 else ""
            by_kind = "；".join(f"{title}全年 {self.a_year(kind)} 项" for title, kind in kinds)
            return f"每单位每月填报 {month} 项，全年 {year} 项{tail}" + (f"；{by_kind}" if differ else "")
        tail = f" ({', '.join(f'{title} {figures}' for title, figures in named)})" if len(named) > 1 else ""
        by_kind = "; ".join(f"{title}: {self.a_year(kind)} a year" for title, kind in kinds)
        return f"{month} figures a month, {year} a year per unit{tail}" + (f"; {by_kind}" if differ else "")


def fields_a_year(programme: Programme) -> Burden:
    """How many figures a unit fills in, whatever its kind and by its kind."""
    forms = tuple(Asked(form.id, form.title, len(form.fields), form.filed_by) for form in programme.forms)
    return Burden(forms, tuple(programme.unit_kinds.items()))
