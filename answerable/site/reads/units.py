"""The register of units as it stands on a day, the codes of its units, and the events that made it so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import zip_longest
from typing import Any

from django.db.models import F

from answerable.ledger.register import registrations, undone
from answerable.site import clock
from answerable.site.models import UnitEvent, UnitEventPart, UnitEventState, UnitIdentity, UnitVersion
from answerable.site.reads.once import once_a_page
from answerable.site.reads.posts import get_display_names
from answerable.values.days import Days
from answerable.values.period import Month
from answerable.values.text import Text


@dataclass(frozen=True)
class Unit:
    """A unit as the register has it. `forms` names the monthly returns it must file."""

    code: str
    name: Text
    kind: str
    parent: str
    peer_group: str
    forms: tuple[str, ...]
    opened: date | None
    closed: date | None
    valid_from: date

    def is_open_in(self, month: Month) -> bool:
        """Whether the unit is open for the whole of a month, and so must file for it."""
        begun = self.opened is None or self.opened <= month.day(1)
        return begun and (self.closed is None or self.closed >= month.plus(1).day(1))

    def is_open_on(self, day: date) -> bool:
        """Whether the unit is open on a day: from the day it opened on, until the day before the one it closed."""
        return (self.opened is None or self.opened <= day) and (self.closed is None or self.closed > day)


@dataclass(frozen=True)
class Identity:
    """The codes others know a unit by, from a day on; what is empty is not known."""

    unit: str
    valid_from: date
    division_code: str
    credit_code: str
    contact_post: str


@dataclass(frozen=True)
class Follower:
    """A unit an event led to. Shares of one event stand to each other as they say: 3 to 2."""

    unit: str
    share: int = 1


@dataclass(frozen=True)
class UnitChange:
    """Something that changed the register. `undone_by` names the event by which it no longer holds."""

    number: str
    kind: str
    on_day: date
    basis: str
    reason: str
    undoes: str
    recorded_by: str
    recorded_by_name: str
    recorded_at: datetime
    before: tuple[str, ...]
    after: tuple[Follower, ...]
    undone_by: str = ""

    @property
    def units(self) -> tuple[str, ...]:
        """Every unit it names, each once."""
        return tuple(dict.fromkeys((*self.before, *(one.unit for one in self.after))))


@once_a_page
def list_units(on: date | None = None) -> tuple[Unit, ...]:
    """Every unit registered on a day (today if none is said), by code."""
    latest = {row["unit_code"]: row for row in _registrations(valid_from__lte=on or clock.today())}
    return tuple(_unit(latest[code]) for code in sorted(latest))


def get_unit(code: str, on: date | None = None) -> Unit | None:
    """One unit as registered on a day; None where the register does not have it."""
    rows = _registrations(unit_code=code, valid_from__lte=on or clock.today())
    return _unit(rows[-1]) if rows else None


def list_registrations(code: str) -> tuple[Unit, ...]:
    """One unit as it was from each day on on which it was registered otherwise, the earliest first."""
    return tuple({row["valid_from"]: _unit(row) for row in _registrations(unit_code=code)}.values())


def list_last_days() -> dict[str, date]:
    """Of every unit the last day from which it is registered otherwise, be it in the future."""
    return {row["unit_code"]: row["valid_from"] for row in _registrations()}


def list_open_days() -> dict[str, tuple[Days, ...]]:
    """The days on which each unit is open by the register, the earliest first: one that was reopened has a gap."""
    rows: dict[str, dict[date, Any]] = {}
    for row in _registrations():
        rows.setdefault(row["unit_code"], {})[row["valid_from"]] = row
    return {unit: tuple(_open_days(list(of.values()))) for unit, of in rows.items()}


def _open_days(rows: Sequence[Any]) -> Iterator[Days]:
    """What one unit's rows say, each until the next one: open from the day it opened on, until before it closed."""
    for row, following in zip_longest(rows, rows[1:]):
        ends = [day for day in (row["closed"], following and following["valid_from"]) if day]
        last = min(ends) - timedelta(days=1) if ends else None
        if span := Days(row["valid_from"], last).meet(Days(row["opened"] or date.min)):
            yield span


@once_a_page
def list_identities(on: date | None = None) -> dict[str, Identity]:
    """The codes of every unit that hold on a day (today if none is said)."""
    rows = UnitIdentity.objects.filter(valid_from__lte=on or clock.today()).order_by("valid_from", "turn")
    return {row.unit_code: _identity(row) for row in rows}


def list_identities_of(unit: str) -> tuple[Identity, ...]:
    """The codes of one unit from each day on, the earliest first; of several rows of a day the last one holds."""
    rows = UnitIdentity.objects.filter(unit_code=unit).order_by("valid_from", "turn")
    return tuple({row.valid_from: _identity(row) for row in rows}.values())


def list_rows_without(event: str) -> list[Any]:
    """The rows of the register as they would hold if an event were undone, the earliest first."""
    events = list(UnitEvent.objects.order_by("id").values("id", "number", "undoes", "on_day"))
    undoing = {"id": events[-1]["id"] + 1, "number": "", "undoes": event, "on_day": events[-1]["on_day"]}
    versions = UnitVersion.objects.values("id", *_COLUMNS)
    left = UnitEventState.objects.values("id", "event", *(name for name in _COLUMNS if name != "valid_from"))
    return registrations(versions, [*events, undoing], left)


def list_changes() -> tuple[UnitChange, ...]:
    """Every event of the register in the order of recording, those undone and the undoings included."""
    events = list(UnitEvent.objects.order_by("id"))
    gone = undone({"id": row.pk, "number": row.number, "undoes": row.undoes} for row in events)
    undoing = {row.undoes: row.number for row in events if row.undoes and row.number not in gone}
    parts: dict[str, list[UnitEventPart]] = {}
    for part in UnitEventPart.objects.order_by("id"):
        parts.setdefault(part.event_id, []).append(part)
    names = get_display_names(row.recorded_by for row in events)
    return tuple(_change(row, parts.get(row.number, []), names, undoing.get(row.number, "")) for row in events)


def _change(row: UnitEvent, parts: list[UnitEventPart], names: dict[str, str], undone_by: str) -> UnitChange:
    return UnitChange(
        number=row.number,
        kind=row.kind,
        on_day=row.on_day,
        basis=row.basis,
        reason=row.reason,
        undoes=row.undoes,
        recorded_by=row.recorded_by,
        recorded_by_name=names[row.recorded_by],
        recorded_at=row.recorded_at,
        before=tuple(part.unit_code for part in parts if part.role == "before"),
        after=tuple(Follower(part.unit_code, part.share) for part in parts if part.role == "after"),
        undone_by=undone_by,
    )


def _identity(row: UnitIdentity) -> Identity:
    return Identity(row.unit_code, row.valid_from, row.division_code, row.credit_code, row.contact_post)


def _registrations(**asked: Any) -> list[Any]:
    """Rows of the register that hold, the earliest first: as entered, and as events left them."""
    versions = UnitVersion.objects.filter(**asked).values("id", *_COLUMNS)
    states = UnitEventState.objects.annotate(valid_from=F("event__on_day")).filter(**asked)
    left = list(states.values("id", "event", *_COLUMNS))
    events = UnitEvent.objects.values("id", "number", "undoes", "on_day") if left else ()
    return registrations(versions, events, left)


_COLUMNS = (
    "unit_code",
    "valid_from",
    "name_zh",
    "name_en",
    "kind",
    "parent_code",
    "peer_group",
    "forms",
    "opened",
    "closed",
)


def _unit(row: dict[str, Any]) -> Unit:
    return Unit(
        code=row["unit_code"],
        name=Text(zh=row["name_zh"], en=row["name_en"]),
        kind=row["kind"],
        parent=row["parent_code"],
        peer_group=row["peer_group"],
        forms=tuple(form for form in row["forms"].split(";") if form),
        opened=row["opened"],
        closed=row["closed"],
        valid_from=row["valid_from"],
    )
