"""Record what changes the register of units: founded, renamed, moved, merged, split, dissolved, reopened, or undone.

An event holds the units it began with and led to, the document it rests on, and how it leaves each unit. It changes the
register from its day on. Undoing is a further event: what the first one made no longer holds, and nothing is deleted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from answerable.ledger.register import faults_of_tree
from answerable.site import clock
from answerable.site.actions import Done, action, add, add_all, refuse
from answerable.site.actions.units import UnitEntered, against_programme, is_fit, stands_below
from answerable.site.models import (
    AgreementVersion,
    Appointment,
    ReturnVersion,
    UnitEvent,
    UnitEventPart,
    UnitEventState,
    UnitVersion,
    Visit,
)
from answerable.site.reads.numbers import next_number
from answerable.site.reads.posts import Asker, get_holder
from answerable.site.reads.units import (
    Follower,
    Unit,
    UnitChange,
    list_changes,
    list_last_days,
    list_rows_without,
    list_units,
)
from answerable.values.issue import Issue, Place, Refused
from answerable.values.text import Text

EventKind = Literal["founded", "renamed", "moved", "merged", "split", "dissolved", "reopened"]
LARGEST_SHARE = 1_000_000
LONGEST_NAME = 120


@dataclass(frozen=True)
class EventEntered:
    """An event as the office enters it.

    `units` are those it begins with, `followers` those a merger, a split or a dissolution leads to; new units of
    them stand in `opened` too. `name` is that of a renamed unit, `parent` the unit above of moved ones. A dissolution
    without followers needs `nobody_follows`.
    """

    kind: EventKind
    on_day: date
    basis: str
    units: Sequence[str] = ()
    followers: Sequence[Follower] = ()
    opened: Sequence[UnitEntered] = ()
    name: Text | None = None
    parent: str = ""
    nobody_follows: bool = False


@action(permission="units.register", kind="unit.changed")
def record(*, by: Asker, event: EventEntered, reason: str) -> Done:
    """Record an event, and how it leaves each unit from its day on."""
    register = _register(event.on_day)
    refuse(*issues_of(event))
    row = _add_event(by, event.kind, event.on_day, event.basis, reason)
    before = [_part(row, "before", Follower(unit)) for unit in event.units]
    after = [_part(row, "after", one) for one in _led_to(event)]
    states = [_state(row, unit) for unit in states_after(register, event).values()]
    return Done((row, *add_all([*before, *after]), *add_all(states)), facts={"event": row.number}, number=row.number)


@action(permission="units.register", kind="unit.changed")
def undo(*, by: Asker, event: str, reason: str, basis: str = "") -> Done:
    """Undo an event: the register is again as if it had not been. An undoing can be undone, too."""
    found = next((one for one in list_changes() if one.number == event), None)
    if found is None:
        raise Refused([Issue("register.event_unknown", facts={"number": event})])
    refuse(*_undo_issues(found))
    row = _add_event(by, "undone", found.on_day, basis or found.number, reason, undoes=event)
    return Done((row,), facts={"event": row.number, "undoes": event}, number=row.number)


def issues_of(event: EventEntered) -> tuple[Issue, ...]:
    """Everything that keeps an event from being recorded."""
    register = _register(event.on_day)
    found = [*_entry_issues(event), *_unit_issues(event, register), *_shape_issues(event)]
    found += [*_opened_issues(event, register), *_above_issues(event, register)]
    return tuple(found)


def states_after(register: Mapping[str, Unit], event: EventEntered) -> dict[str, Unit]:
    """How an event leaves every unit it touches; a unit of the register that it does not touch is not in it."""
    after = {one.code: _new_unit(one, event.on_day) for one in event.opened}
    touched = {code: register[code] for code in event.units if code in register}
    if event.kind == "renamed" and event.name:
        after |= {code: replace(unit, name=event.name) for code, unit in touched.items()}
    elif event.kind == "moved":
        after |= {code: replace(unit, parent=event.parent) for code, unit in touched.items()}
    elif event.kind == "reopened":
        after |= {code: replace(unit, closed=None) for code, unit in touched.items()}
    elif event.kind in ("merged", "split", "dissolved"):
        after |= _left_behind(register, event, touched)
    return after


def _left_behind(register: Mapping[str, Unit], event: EventEntered, touched: Mapping[str, Unit]) -> dict[str, Unit]:
    """Units that do not carry on close; what stood below them goes to the follower where there is only one."""
    carrying_on = {one.unit for one in event.followers}
    closing = {code: unit for code, unit in touched.items() if code not in carrying_on}
    after = {code: replace(unit, closed=event.on_day) for code, unit in closing.items()}
    if len(carrying_on) == 1:
        follower = next(iter(carrying_on))
        for code, unit in register.items():
            if unit.parent in closing and code not in closing and unit.is_open_on(event.on_day):
                above = closing[unit.parent].parent if code == follower else follower
                after[code] = replace(unit, parent=above)
    return after


def _register(day: date) -> dict[str, Unit]:
    return {unit.code: unit for unit in list_units(day)}


def _led_to(event: EventEntered) -> Sequence[Follower]:
    if event.kind == "founded":
        return [Follower(one.code) for one in event.opened]
    if event.kind in ("renamed", "moved", "reopened"):
        return [Follower(unit) for unit in event.units]
    return event.followers


def _new_unit(one: UnitEntered, day: date) -> Unit:
    forms = tuple(one.forms)
    return Unit(one.code, one.name, one.kind, one.parent, one.peer_group, forms, day, None, day)


# -- rows --------------------------------------------------------------------------------------------------------------


def _add_event(by: Asker, kind: str, day: date, basis: str, reason: str, undoes: str = "") -> UnitEvent:
    return add(
        UnitEvent,
        number=next_number(UnitEvent, clock.today().year, "U"),
        kind=kind,
        on_day=day,
        basis=basis.strip(),
        reason=reason.strip(),
        undoes=undoes,
        recorded_by=get_holder(by).username,
        recorded_at=clock.now(),
    )


def _part(event: UnitEvent, role: str, one: Follower) -> UnitEventPart:
    return UnitEventPart(event_id=event.number, role=role, unit_code=one.unit, share=one.share)


def _state(event: UnitEvent, unit: Unit) -> UnitEventState:
    return UnitEventState(
        event_id=event.number,
        unit_code=unit.code,
        name_zh=unit.name.zh,
        name_en=unit.name.en,
        kind=unit.kind,
        parent_code=unit.parent,
        peer_group=unit.peer_group,
        forms=";".join(unit.forms),
        opened=unit.opened,
        closed=unit.closed,
    )


# -- what is wrong -----------------------------------------------------------------------------------------------------


def _entry_issues(event: EventEntered) -> Iterator[Issue]:
    if not event.basis.strip():
        yield Issue("register.basis_missing", Place(cell="basis"))
    if event.kind == "renamed" and not _is_name(event.name):
        yield Issue("register.name_missing", Place(cell="name_zh"))
    for role, named in (("units", list(event.units)), ("followers", [one.unit for one in event.followers])):
        for unit in dict.fromkeys(code for code in named if named.count(code) > 1):
            yield Issue("register.named_twice", Place(cell=role, row=unit), {"unit": unit})
    for one in event.followers:
        if not 1 <= one.share <= LARGEST_SHARE:
            yield Issue(
                "register.share", Place(cell="followers", row=one.unit), {"unit": one.unit, "share": str(one.share)}
            )


def _is_name(name: Text | None) -> bool:
    return name is not None and all(0 < len(text.strip()) <= LONGEST_NAME for text in (name.zh, name.en))


def _unit_issues(event: EventEntered, register: Mapping[str, Unit]) -> Iterator[Issue]:
    """Each unit is known and open on the day, and nothing that is registered for a later day is passed over."""
    fresh = {one.code for one in event.opened}
    last = list_last_days()
    followers = [one.unit for one in event.followers if one.unit not in fresh]
    named = [*(("units", code) for code in event.units), *(("followers", code) for code in followers)]
    for cell, code in dict.fromkeys(named):
        place, facts = Place(cell=cell, row=code), {"unit": code, "day": event.on_day.isoformat()}
        unit = register.get(code)
        if unit is None:
            yield Issue("register.unknown", place, facts)
            continue
        if unit.opened and unit.opened > event.on_day:
            yield Issue("register.not_open_yet", place, facts | {"opened": unit.opened.isoformat()})
        elif unit.is_open_on(event.on_day) == (event.kind == "reopened" and cell == "units"):
            yield Issue("register.not_closed" if event.kind == "reopened" else "register.closed", place, facts)
    for code in states_after(register, event):
        if last.get(code, event.on_day) > event.on_day:
            facts = {"unit": code, "day": event.on_day.isoformat(), "later": last[code].isoformat()}
            yield Issue("register.changed_later", Place(cell="on_day", row=code), facts)


def _shape_issues(event: EventEntered) -> Iterator[Issue]:
    """How many units an event begins with and leads to."""
    begun, led = {"count": str(len(event.units))}, {"count": str(len(event.followers))}
    if event.kind == "founded" and not event.opened:
        yield Issue("register.needs_new", Place(cell="code"))
    if event.kind == "merged":
        if len(event.units) < 2:
            yield Issue("register.merge_needs_two", Place(cell="units"), begun)
        if len(event.followers) != 1:
            yield Issue("register.merge_needs_one", Place(cell="followers"), led)
    elif event.kind != "founded" and len(event.units) != 1:
        yield Issue("register.needs_one", Place(cell="units"), begun)
    if event.kind == "split" and len(event.followers) < 2:
        yield Issue("register.split_needs_two", Place(cell="followers"), led)
    if event.kind == "dissolved" and not event.nobody_follows:
        staying = {one.unit for one in event.followers} - set(event.units)
        for unit in event.units if not staying else ():
            yield Issue("register.nobody_follows", Place(cell="followers", row=unit), {"unit": unit})


def _opened_issues(event: EventEntered, register: Mapping[str, Unit]) -> Iterator[Issue]:
    """New units bear new codes: one that was ever in the register, or will be, is taken."""
    taken = set(list_last_days())
    for one in event.opened:
        place, facts = Place(cell="code", row=one.code), {"unit": one.code}
        if not is_fit(one.code):
            yield Issue("site.unit_code_unfit", place, facts)
        if one.code in taken:
            yield Issue("register.known_already", place, facts)
        if not _is_name(one.name):
            yield Issue("register.name_missing", Place(cell="name_zh", row=one.code))
        for issue in against_programme(one, event.on_day.year):
            yield replace(issue, place=Place(cell="kind", row=one.code))


def _above_issues(event: EventEntered, register: Mapping[str, Unit]) -> Iterator[Issue]:
    """Whoever stands above is in the register, open, and does not stand below."""
    after = states_after(register, event)
    whole = {**register, **after}
    parents = {code: unit.parent for code, unit in whole.items()}
    for code, unit in after.items():
        if not unit.parent or not unit.is_open_on(event.on_day):
            continue
        place, facts = Place(cell="parent", row=code), {"unit": code, "parent": unit.parent}
        above = whole.get(unit.parent)
        if above is None:
            yield Issue("site.unit_parent_unknown", place, facts)
        elif not above.is_open_on(event.on_day):
            if event.kind in ("founded", "moved"):
                yield Issue("register.closed", place, {"unit": unit.parent, "day": event.on_day.isoformat()})
        elif stands_below(parents, unit.parent, code):
            yield Issue("register.cycle", place, facts)


def _undo_issues(found: UnitChange) -> Iterator[Issue]:
    """What rests on an event, or on its undoing, holds it in place."""
    if found.undone_by:
        yield Issue("register.event_undone", facts={"number": found.number})
        return
    changes = list_changes()
    about = next(one for one in changes if one.number == (found.undoes or found.number))
    rows = list_rows_without(found.number)
    left = {row["unit_code"] for row in rows}
    own = set(UnitEventState.objects.filter(event__number=about.number).values_list("unit_code", flat=True)) | set(
        about.units
    )
    held = _named_after(changes, about, found) | _entered_after(about)
    torn = {code for code, _ in faults_of_tree(rows, about.on_day)}
    for unit in sorted((own & held) | torn):
        yield Issue("register.event_built_on", facts={"number": found.number, "unit": unit})
    for unit in sorted(own - left - held):
        if _is_used(unit):
            yield Issue("register.event_used", facts={"number": found.number, "unit": unit})


def _named_after(changes: Sequence[UnitChange], about: UnitChange, found: UnitChange) -> set[str]:
    """The units that events which hold have touched since, by their day or by the order of recording."""
    order = {one.number: at for at, one in enumerate(changes)}
    place = (about.on_day, order[about.number])
    later = {
        one.number
        for one in changes
        if not one.undone_by
        and not one.undoes
        and one.number != about.number
        and ((one.on_day, order[one.number]) > place or order[one.number] > order[found.number])
    }
    states = UnitEventState.objects.filter(event__number__in=later).values_list("unit_code", flat=True)
    return set(states) | {unit for one in changes if one.number in later for unit in one.units}


def _entered_after(about: UnitChange) -> set[str]:
    return set(UnitVersion.objects.filter(valid_from__gt=about.on_day).values_list("unit_code", flat=True))


def _is_used(unit: str) -> bool:
    tables = (ReturnVersion, AgreementVersion, Appointment, Visit)
    return any(table._default_manager.filter(unit_code=unit).exists() for table in tables)
