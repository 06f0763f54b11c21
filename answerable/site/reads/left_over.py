"""Nobody left over: the open units for which no open unit answers on a day, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from answerable.site.reads.programmes import get_in_force
from answerable.site.reads.units import Unit, list_changes, list_units

Why = Literal["above_unknown", "above_closed", "nobody_above"]


@dataclass(frozen=True)
class LeftOver:
    """An open unit nobody answers for. `above` is where its way up ends, `followers` who carry on for that one."""

    unit: Unit
    why: Why
    above: str
    followers: tuple[str, ...] = ()


def list_left_over(day: date) -> tuple[LeftOver, ...]:
    """Every open unit without exactly one open unit that answers for it, by code.

    A unit of a kind the programme assesses answers for itself; where something stands above it, that must be open all
    the same. One of another kind needs an open unit of an assessed kind above it, with open ones all the way up, or
    stands above such units itself, as a country above its districts: to it they answer, and for it none must.
    """
    register = {unit.code: unit for unit in list_units(day)}
    programme = get_in_force(day.year)
    assessed = programme.assess if programme else {unit.kind for unit in register.values()}
    return tuple(_left_over(register, assessed, day))


def _left_over(register: Mapping[str, Unit], assessed: Collection[str], day: date) -> Iterator[LeftOver]:
    followers = {
        code: tuple(one.unit for one in change.after)
        for change in list_changes()
        if change.kind in ("merged", "split", "dissolved") and not change.undone_by and change.on_day <= day
        for code in change.before
    }
    heads = _above_those_who_answer(register, assessed, day)
    for unit in register.values():
        gap = _gap(register, unit, assessed, day) if unit.is_open_on(day) else None
        if gap and not (gap[0] == "nobody_above" and unit.code in heads):
            yield LeftOver(unit, *gap, followers.get(gap[1], ()))


def _above_those_who_answer(register: Mapping[str, Unit], assessed: Collection[str], day: date) -> set[str]:
    """Units that have an open unit of an assessed kind somewhere below them."""
    heads: set[str] = set()
    for unit in register.values():
        at = unit.parent if unit.kind in assessed and unit.is_open_on(day) else ""
        while at in register and at not in heads:
            heads.add(at)
            at = register[at].parent
    return heads


def _gap(register: Mapping[str, Unit], unit: Unit, assessed: Collection[str], day: date) -> tuple[Why, str] | None:
    seen, at = {unit.code}, unit
    while at.parent:
        above = register.get(at.parent)
        if above is None or above.code in seen:
            return "above_unknown", at.parent
        if not above.is_open_on(day):
            return "above_closed", above.code
        if unit.kind in assessed or above.kind in assessed:
            return None
        seen.add(above.code)
        at = above
    return None if unit.kind in assessed else ("nobody_above", at.code)
