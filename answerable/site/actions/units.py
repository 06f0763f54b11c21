"""Enter units in the register, and say from which day a unit is otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from answerable.site.actions import Done, action, add_all, refuse
from answerable.site.models import UnitVersion
from answerable.site.reads.posts import Asker
from answerable.site.reads.programmes import get_in_force
from answerable.site.reads.units import list_units
from answerable.values.issue import Issue, Place
from answerable.values.text import Text


@dataclass(frozen=True)
class UnitEntered:
    """A unit as the office enters it; `forms` names the monthly returns it must file."""

    code: str
    name: Text
    kind: str
    forms: Sequence[str]
    parent: str = ""
    peer_group: str = ""
    opened: date | None = None
    closed: date | None = None


@action(permission="units.register", kind="unit.registered")
def register(*, by: Asker, units: Sequence[UnitEntered], valid_from: date) -> Done:
    """Register units from a day on. A unit the register already has is from that day as entered now."""
    refuse(*_issues(units, valid_from))
    rows = add_all(
        UnitVersion(
            unit_code=unit.code,
            valid_from=valid_from,
            name_zh=unit.name.zh,
            name_en=unit.name.en,
            kind=unit.kind,
            parent_code=unit.parent,
            peer_group=unit.peer_group,
            forms=";".join(unit.forms),
            opened=unit.opened,
            closed=unit.closed,
        )
        for unit in units
    )
    return Done(rows, facts={"units": len(rows)})


def _issues(units: Sequence[UnitEntered], valid_from: date) -> Iterator[Issue]:
    known = {unit.code for unit in list_units(date.max)} | {unit.code for unit in units}
    same_day = set(UnitVersion.objects.filter(valid_from=valid_from).values_list("unit_code", flat=True))
    if not units:
        yield Issue("site.units_none")
    for code in _repeated(unit.code for unit in units):
        yield Issue("site.unit_twice", Place(row=code), {"unit": code})
    for unit in units:
        place, facts = Place(row=unit.code), {"unit": unit.code}
        if not unit.code.strip() or unit.code != unit.code.strip() or ";" in unit.code or len(unit.code) > 40:
            yield Issue("site.unit_code_unfit", place, facts)
        if unit.code in same_day:
            yield Issue("site.unit_registered", place, facts | {"day": valid_from.isoformat()})
        if unit.parent and (unit.parent not in known or unit.parent == unit.code):
            yield Issue("site.unit_parent_unknown", place, facts | {"parent": unit.parent})
        if unit.opened and unit.closed and unit.closed < unit.opened:
            yield Issue("site.unit_closed_early", place, facts)
        yield from _against_programme(unit, valid_from.year)


def _against_programme(unit: UnitEntered, year: int) -> Iterator[Issue]:
    """Kinds and forms are the programme's words; without a programme there is nothing to hold them against."""
    programme = get_in_force(year)
    if programme is None:
        return
    place = Place(row=unit.code)
    if unit.kind not in programme.unit_kinds:
        yield Issue("site.unit_kind_unknown", place, {"unit": unit.code, "kind": unit.kind})
    known = {form.id for form in programme.forms}
    for form in unit.forms:
        if form not in known:
            yield Issue("site.unknown_form", place, {"form": form})


def _repeated(codes: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    return [code for code in codes if code in seen or seen.add(code)]  # type: ignore[func-returns-value]
