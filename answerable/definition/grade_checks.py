"""From the shapes of vetoes and grades to sound ones: every grade and node named exists, bands close, quotas differ."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from answerable.definition import document as shape
from answerable.definition.document import KeyPath
from answerable.definition.measures import COUNT, NUMBER
from answerable.definition.outcomes import (
    Adjustment,
    Band,
    GradeAtMost,
    GradeIs,
    Grades,
    GradeStep,
    Minimum,
    NothingFor,
    OtherBands,
    Quota,
    TotalAtMost,
    Veto,
    VetoEffect,
    Warned,
)
from answerable.definition.rule_checks import Desk, half_open
from answerable.values.number import text_of

__all__ = ["grades_of", "vetoes_of"]


def vetoes_of(desk: Desk, full: Fraction) -> tuple[Veto, ...]:
    """The vetoes of a document whose points are `full` in all."""
    built = []
    for at, one in enumerate(desk.document.vetoes):
        path: KeyPath = ("vetoes", at)
        if desk.known_indicator(one.when, (*path, "when")) and desk.kinds.get(one.when, COUNT) not in (COUNT, NUMBER):
            desk.say("veto_not_count", (*path, "when"), id=one.when, kind=str(desk.kinds[one.when]))
        effect = _effect(desk, one, full, path)
        built.append(Veto(one.id, one.title.text(), one.clause, one.legal_basis, one.when, effect))
    return tuple(built)


def _effect(desk: Desk, one: shape.VetoShape, full: Fraction, path: KeyPath) -> VetoEffect:
    if one.at_most is not None or one.grade is not None:
        key = "at_most" if one.at_most is not None else "grade"
        grade = one.at_most or one.grade or ""
        if _known(desk, grade, key, (*path, key)) and grade == _grades(desk)[0]:
            desk.say("veto_without_effect", (*path, key), id=one.id, grade=grade)
        return GradeAtMost(grade) if key == "at_most" else GradeIs(grade)
    if one.total_at_most is not None:
        if not 0 <= one.total_at_most < full:
            _wrong(desk, (*path, "total_at_most"), f"from 0 to less than {text_of(full)}")
        return TotalAtMost(one.total_at_most)
    if one.nothing_for is not None:
        _node(desk, one.nothing_for, (*path, "nothing_for"))
        return NothingFor(one.nothing_for)
    return Warned()


def adjustments_of(desk: Desk) -> tuple[Adjustment, ...]:
    """The adjustments of a document."""
    built = []
    for at, one in enumerate(desk.document.adjustments):
        desk.known_indicator(one.indicator, ("adjustments", at, "indicator"))
        if one.each == 0 or one.cap <= 0:
            desk.say("wrong_value", ("adjustments", at), key="each", value="", why="each is not 0, cap above 0")
        built.append(Adjustment(one.id, one.title.text(), one.clause, one.indicator, one.each, one.cap, one.when_base))
    together = desk.document.adjustments_together
    for key in ("more", "off"):
        most = getattr(together, key, None)
        if most is not None and most <= 0:
            _wrong(desk, ("adjustments_together", key), "above 0")
    return tuple(built)


def _steps(desk: Desk) -> tuple[GradeStep, ...]:
    """In their order, whatever that of the file; two steps may not share a place."""
    built: list[GradeStep] = []
    for at, one in enumerate(desk.document.grades.steps):
        path: KeyPath = ("grades", "steps", at)
        desk.known_indicator(one.when, (*path, "when"))
        for key in ("not_above", "not_below"):
            if (grade := getattr(one, key)) is not None:
                _known(desk, grade, key, (*path, key))
        if one.order in {other.order for other in built}:
            desk.say("repeated_id", (*path, "order"), id=str(one.order))
        built.append(
            GradeStep(one.id, one.title.text(), one.clause, one.order, one.when, one.by, one.not_above, one.not_below)
        )
    return tuple(sorted(built, key=lambda step: step.order))


def grades_of(desk: Desk, full: Fraction) -> Grades:
    """The grades of a document whose points are `full` in all."""
    grades = desk.document.grades
    path: KeyPath = ("grades", "bands")
    starts = [band.start for band in grades.bands]
    half_open(desk, starts, [band.below for band in grades.bands], path)
    _floor(desk, grades.bands[-1].grade, starts, path)
    if len(set(_grades(desk))) != len(grades.bands):
        desk.say("repeated_id", path, id="grade")
    if not 0 < grades.rated_from <= full:
        _wrong(desk, ("grades", "rated_from"), "above 0, at most all points")
    return Grades(
        grades.on,
        grades.rated_from,
        tuple(Band(band.grade, band.title.text(), band.start) for band in grades.bands),
        _other_bands(desk),
        _minimums(desk),
        _quotas(desk),
        _steps(desk),
    )


def _other_bands(desk: Desk) -> tuple[OtherBands, ...]:
    document, built = desk.document, []
    seen: set[str] = set()
    for at, other in enumerate(document.grades.other_bands):
        path: KeyPath = ("grades", "other_bands", at)
        for place, kind in enumerate(other.kinds):
            if kind not in document.units.assess:
                desk.say("unknown_kind", (*path, "kinds", place), kind=kind)
            if kind in seen:
                desk.say("repeated_id", (*path, "kinds", place), id=kind)
            seen.add(kind)
        starts = [band.start for band in other.bands]
        half_open(desk, starts, [None] * len(starts), (*path, "bands"))
        _floor(desk, other.bands[-1].grade, starts, (*path, "bands"))
        if [band.grade for band in other.bands] != _grades(desk):
            _wrong(desk, (*path, "bands"), f"the same grades in the same order: {', '.join(_grades(desk))}")
        built.append(OtherBands(tuple(other.kinds), tuple(starts)))
    return tuple(built)


def _minimums(desk: Desk) -> tuple[Minimum, ...]:
    built = []
    for at, one in enumerate(desk.document.grades.minimums):
        path: KeyPath = ("grades", "minimums", at)
        _above_the_last(desk, one.grade, (*path, "grade"))
        _node(desk, one.node, (*path, "node"))
        if not 0 < one.at_least <= 1:
            _wrong(desk, (*path, "at_least"), "above 0, at most 100%")
        built.append(Minimum(one.grade, one.node, one.at_least))
    return tuple(built)


def _quotas(desk: Desk) -> tuple[Quota, ...]:
    """From the best grade down, whatever their order in the file; one grade has one quota."""
    built: list[Quota] = []
    for at, one in enumerate(desk.document.grades.quotas):
        path: KeyPath = ("grades", "quotas", at)
        _above_the_last(desk, one.grade, (*path, "grade"))
        desk.group(one.within, (*path, "within"))
        if not 0 < one.at_most < 1:
            _wrong(desk, (*path, "at_most"), "above 0, below 100%")
        if one.grade in {other.grade for other in built}:
            desk.say("repeated_id", (*path, "grade"), id=one.grade)
        built.append(Quota(one.grade, one.at_most, one.within, one.seats, one.ties))
    order = _grades(desk)
    return tuple(sorted(built, key=lambda quota: order.index(quota.grade) if quota.grade in order else 0))


def _grades(desk: Desk) -> list[str]:
    return [band.grade for band in desk.document.grades.bands]


def _known(desk: Desk, grade: str, key: str, path: KeyPath) -> bool:
    if grade in _grades(desk):
        return True
    desk.say("not_one_of", path, key=key, value=grade, choices=", ".join(_grades(desk)))
    return False


def _above_the_last(desk: Desk, grade: str, path: KeyPath) -> None:
    if _known(desk, grade, "grade", path) and grade == _grades(desk)[-1]:
        _wrong(desk, path, "not the last grade, which every unit has")


def _node(desk: Desk, name: str, path: KeyPath) -> None:
    nodes = [node.id for place, node in desk.document.scored_nodes() if place[0] == "tree"]
    if name not in nodes:
        desk.say("unknown_name", path, name=name, known=", ".join(nodes[:12]))


def _floor(desk: Desk, grade: str, starts: Sequence[Fraction], path: KeyPath) -> None:
    if starts[-1] != 0:
        desk.say("grade_floor", (*path, len(starts) - 1, "from"), grade=grade, start=text_of(starts[-1]))


def _wrong(desk: Desk, path: KeyPath, why: str) -> None:
    desk.say("wrong_value", path, key=str(path[-1]), value="", why=why)
