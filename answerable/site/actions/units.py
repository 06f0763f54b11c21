"""Enter units in the register, say from which day a unit is otherwise, and by which codes others know it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from answerable.site.actions import Done, action, add_all, refuse
from answerable.site.models import UnitIdentity, UnitVersion
from answerable.site.reads.posts import Asker
from answerable.site.reads.programmes import get_in_force
from answerable.site.reads.units import list_changes, list_units
from answerable.values.codes import credit_code_issues, division_code_issues
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


@dataclass(frozen=True)
class Codes:
    """The codes of one unit as the office enters them; what is empty is not known or does not exist."""

    unit: str
    division_code: str = ""
    credit_code: str = ""
    contact_post: str = ""


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


@action(permission="units.register", kind="unit.identified")
def identify(*, by: Asker, codes: Sequence[Codes], valid_from: date) -> Done:
    """Enter the codes of units from a day on. What was entered for the same day before stays, and holds no longer."""
    refuse(*_code_issues(codes, valid_from))
    turns: dict[str, int] = {}
    for unit in UnitIdentity.objects.filter(valid_from=valid_from).values_list("unit_code", flat=True):
        turns[unit] = turns.get(unit, 0) + 1
    rows = add_all(
        UnitIdentity(
            unit_code=one.unit,
            valid_from=valid_from,
            turn=turns.get(one.unit, 0) + 1,
            division_code=one.division_code,
            credit_code=one.credit_code,
            contact_post=one.contact_post,
        )
        for one in codes
    )
    return Done(rows, facts={"units": len(rows)})


def _code_issues(codes: Sequence[Codes], valid_from: date) -> Iterator[Issue]:
    known = {unit.code for unit in list_units(valid_from)}
    if not codes:
        yield Issue("site.units_none")
    for unit in _repeated(one.unit for one in codes):
        yield Issue("site.unit_twice", Place(row=unit), {"unit": unit})
    for one in codes:
        facts = {"unit": one.unit, "day": valid_from.isoformat()}
        if one.unit not in known:
            yield Issue("register.unknown", Place(row=one.unit), facts)
        if one.division_code:
            yield from division_code_issues(one.division_code, one.unit)
        if one.credit_code:
            yield from credit_code_issues(one.credit_code, one.unit)
        if len(one.contact_post) > 120:
            yield Issue("register.contact_long", Place(row=one.unit), facts)


def is_fit(code: str) -> bool:
    """Whether a text can be the code of a unit: it stands in columns, addresses and lists parted by semicolons."""
    return bool(code.strip()) and code == code.strip() and ";" not in code and len(code) <= 40


def _issues(units: Sequence[UnitEntered], valid_from: date) -> Iterator[Issue]:
    known = {unit.code for unit in list_units(date.max)} | {unit.code for unit in units}
    same_day = set(UnitVersion.objects.filter(valid_from=valid_from).values_list("unit_code", flat=True))
    same_day |= {unit for one in list_changes() if one.on_day == valid_from and not one.undone_by for unit in one.units}
    if not units:
        yield Issue("site.units_none")
    for code in _repeated(unit.code for unit in units):
        yield Issue("site.unit_twice", Place(row=code), {"unit": code})
    for unit in units:
        place, facts = Place(row=unit.code), {"unit": unit.code}
        if not is_fit(unit.code):
            yield Issue("site.unit_code_unfit", place, facts)
        if unit.code in same_day:
            yield Issue("site.unit_registered", place, facts | {"day": valid_from.isoformat()})
        if unit.parent and (unit.parent not in known or unit.parent == unit.code):
            yield Issue("site.unit_parent_unknown", place, facts | {"parent": unit.parent})
        if unit.opened and unit.closed and unit.closed < unit.opened:
            yield Issue("site.unit_closed_early", place, facts)
        yield from against_programme(unit, valid_from.year)
    yield from _ring_issues(units, valid_from)


def _ring_issues(entered: Sequence[UnitEntered], valid_from: date) -> Iterator[Issue]:
    """Whoever stands above a unit does not stand below it: as registered on the day, and as entered now."""
    parents = {unit.code: unit.parent for unit in list_units(valid_from)}
    parents |= {unit.code: unit.parent for unit in entered}
    for unit in entered:
        if unit.parent != unit.code and stands_below(parents, unit.parent, unit.code):
            yield Issue("register.cycle", Place(row=unit.code), {"unit": unit.code, "parent": unit.parent})


def stands_below(parents: Mapping[str, str], code: str, other: str) -> bool:
    """Whether a unit is another one, or stands somewhere below it."""
    seen: set[str] = set()
    while code and code not in seen:
        if code == other:
            return True
        seen.add(code)
        code = parents.get(code, "")
    return False


def against_programme(unit: UnitEntered, year: int) -> Iterator[Issue]:
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
