"""The line that is never crossed: what is scored is followed down its formulas to fields and findings, and a protected
topic is refused. And the burden: a field that nothing uses is refused too.

There is no switch for either. Source: rules R1 to R12, from conventions on rights and the law named in `topics.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from answerable.definition.document import KeyPath, ProgrammeDocument, VetoShape
from answerable.definition.formula import Expression, Name, walk
from answerable.definition.measures import columns_read, tables_read
from answerable.definition.topics import PROTECTED, UNSET

__all__ = ["Say", "check_burden", "check_rights"]


class Say(Protocol):
    """How an issue is reported: its code, where it stands, its facts."""

    def __call__(self, code: str, path: KeyPath, **facts: str) -> None:
        """Add one issue."""


def check_rights(document: ProgrammeDocument, say: Say) -> None:
    """Refuse every scored figure and every finding on a protected topic; send a topic nobody has set to review."""
    scored = _scored(document)
    for at, indicator in enumerate(document.indicators):
        if indicator.id in scored:
            for name, topic in _topics(document, indicator.formula):
                _refuse(topic, ("indicators", at, "formula"), indicator.id, name, say)
    for at, finding in enumerate(document.findings):
        _refuse(finding.topic, ("findings", at, "topic"), finding.id, finding.id, say)


def _refuse(topic: str, path: KeyPath, indicator: str, name: str, say: Say) -> None:
    if topic in PROTECTED:
        rule, words = PROTECTED[topic]
        say("right_refused", path, indicator=indicator, name=name, rule=rule, zh=words.zh, en=words.en)
    elif topic == UNSET:
        say("topic_unset", path, indicator=indicator, name=name)


def check_burden(document: ProgrammeDocument, say: Say) -> None:
    """Refuse a field said to be scored or checked that nothing reads: it is somebody's work without a use."""
    scored = _scored(document)
    formulas = [one.formula for one in document.indicators if one.id in scored]
    read = {(column.table, column.column) for formula in formulas for column in columns_read(formula)}
    recounted = any("recounts" in tables_read(formula) for formula in formulas)
    for at, form in enumerate(document.forms):
        checked = {column.column for check in form.checks for column in columns_read(check.holds)}
        for position, field in enumerate(form.fields):
            used = (form.id, field.id) in read or (field.use == "check" and (field.id in checked or recounted))
            if field.use != "context" and not used:
                say("field_unused", ("forms", at, "fields", position, "use"), field=field.id, use=field.use)


def _scored(document: ProgrammeDocument) -> set[str]:
    """Indicators that reach points, an adjustment or a veto, through any number of others."""
    formulas = {one.id: one.formula for one in document.indicators}
    waiting = [node.when if isinstance(node, VetoShape) else node.indicator for _, node in document.scored_nodes()]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name is not None and name in formulas and name not in found:
            found.add(name)
            waiting += [part.name for part in walk(formulas[name]) if isinstance(part, Name)]
    return found


def _topics(document: ProgrammeDocument, formula: Expression) -> Iterator[tuple[str, str]]:
    """Each field a formula reads, with its topic."""
    topics = {(form.id, field.id): field.topic for form in document.forms for field in form.fields}
    for column in columns_read(formula):
        if (column.table, column.column) in topics:
            yield f"{column.table}.{column.column}", topics[column.table, column.column]
