"""What units are given and people decide by hand: targets, panels, kinds of matter, and the words tables may hold."""

from __future__ import annotations

from collections.abc import Mapping

from answerable.definition.document import KeyPath, ProgrammeDocument, TargetShape
from answerable.definition.model import Level, MatterKind, Panel, Target, Usual
from answerable.definition.rule_checks import Desk
from answerable.definition.tables import FINEST, STATUSES

__all__ = ["matters_of", "panels_of", "targets_of", "words_of"]


def panels_of(desk: Desk) -> tuple[Panel, ...]:
    """The panels of a document."""
    built = []
    for at, one in enumerate(desk.document.panels):
        if one.most <= 0 or (one.most * 100).denominator != 1:
            desk.say(
                "wrong_value", ("panels", at, "most"), key="most", value="", why="above 0, with two decimals at most"
            )
        built.append(Panel(one.id, one.title.text(), one.clause, one.topic, one.most))
    return tuple(built)


def matters_of(desk: Desk) -> tuple[MatterKind, ...]:
    """The kinds of matter of a document."""
    built = []
    for at, one in enumerate(desk.document.matters):
        seen: set[str] = set()
        for place, level in enumerate(one.levels):
            if level.id in seen:
                desk.say("repeated_id", ("matters", at, "levels", place, "id"), id=level.id)
            seen.add(level.id)
        levels = tuple(Level(level.id, level.title.text()) for level in one.levels)
        built.append(MatterKind(one.id, one.title.text(), one.clause, one.topic, levels))
    return tuple(built)


def targets_of(desk: Desk) -> tuple[Target, ...]:
    """The targets of a document."""
    return tuple(_target(desk, one, ("targets", at)) for at, one in enumerate(desk.document.targets))


def _target(desk: Desk, one: TargetShape, path: KeyPath) -> Target:
    seen: set[tuple[int, str]] = set()
    for at, usual in enumerate(one.usual):
        for place, kind in enumerate(usual.kinds):
            if kind not in desk.document.units.kinds:
                desk.say("unknown_kind", (*path, "usual", at, "kinds", place), kind=kind)
        if (usual.value * 10**FINEST).denominator != 1:
            why = f"at most {FINEST} decimals"
            desk.say("wrong_value", (*path, "usual", at, "value"), key="value", value="", why=why)
        for kind in usual.kinds or [""]:
            if (usual.start, kind) in seen:
                desk.say("repeated_id", (*path, "usual", at), id=f"{usual.start} {kind}".strip())
            seen.add((usual.start, kind))
    values = tuple(Usual(usual.start, tuple(usual.kinds), usual.value) for usual in one.usual)
    return Target(one.id, one.title.text(), one.clause, one.measure, values)


def words_of(document: ProgrammeDocument) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """By table and column, the words a cell may hold, so that none is compared with a word that never stands there."""
    return {
        ("unit", "kind"): tuple(document.units.kinds),
        ("findings", "kind"): tuple(one.id for one in document.findings),
        ("findings", "status"): STATUSES,
        ("recounts", "form"): tuple(form.id for form in document.forms),
        ("recounts", "field"): tuple(dict.fromkeys(one.id for form in document.forms for one in form.fields)),
        ("ratings", "panel"): tuple(one.id for one in document.panels),
        ("matters", "kind"): tuple(one.id for one in document.matters),
        ("matters", "level"): tuple(dict.fromkeys(level.id for one in document.matters for level in one.levels)),
    }
