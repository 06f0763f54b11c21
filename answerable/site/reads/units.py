"""The register of units as it stands on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from answerable.site import clock
from answerable.site.models import UnitVersion
from answerable.site.reads.once import once_a_page
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


@once_a_page
def list_units(on: date | None = None) -> tuple[Unit, ...]:
    """Every unit registered on a day (today if none is said), by code."""
    rows = UnitVersion.objects.filter(valid_from__lte=on or clock.today()).order_by("valid_from", "id")
    latest = {row["unit_code"]: row for row in rows.values(*_COLUMNS)}
    return tuple(_unit(latest[code]) for code in sorted(latest))


def get_unit(code: str, on: date | None = None) -> Unit | None:
    """One unit as registered on a day; None where the register does not have it."""
    rows = UnitVersion.objects.filter(unit_code=code, valid_from__lte=on or clock.today())
    row = rows.order_by("-valid_from", "-id").values(*_COLUMNS).first()
    return _unit(row) if row else None


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
