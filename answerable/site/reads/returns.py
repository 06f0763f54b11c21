"""Monthly returns: one return with its versions, what is due to whom, and the grid of units and months."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from answerable.definition import Form, Programme
from answerable.definition.model import Field
from answerable.ledger.holdings import canonical_time
from answerable.site import clock
from answerable.site.models import ReturnDraft, ReturnVersion
from answerable.site.reads.once import once_a_page
from answerable.site.reads.posts import get_display_names
from answerable.site.reads.programmes import get_in_force
from answerable.site.reads.units import Unit, get_unit, list_units
from answerable.values.number import scaled_text
from answerable.values.period import Month, Period

State = Literal["on_time", "late", "missing", "due", "not_yet", "not_required"]
"""Of a unit and a month: filed on time, filed late, silent past the day, due now, month not over, not asked."""


@dataclass(frozen=True)
class Figure:
    """One cell of a return: a whole number in the field's measure, or why there is none."""

    value: int | None
    state: str = ""


@dataclass(frozen=True)
class Filed:
    """One filed version of a return."""

    unit: str
    form: str
    month: Month
    version: int
    figures: dict[str, Figure]
    received_at: datetime
    filed_by: str
    filed_by_name: str
    reason: str
    is_on_time: bool


@dataclass(frozen=True)
class Draft:
    """What was typed and kept, as it was typed."""

    values: dict[str, str]
    states: dict[str, str]
    saved_by: str
    saved_at: datetime
    saved_by_name: str

    @property
    def mark(self) -> str:
        """Which saving this is: a later one, or another person's, bears another mark."""
        return f"{self.saved_by} {canonical_time(self.saved_at)}"


@dataclass(frozen=True)
class Return:
    """All there is about one unit, form and month: versions from the first to the last, and the draft if any."""

    unit: Unit
    form: Form
    month: Month
    due_on: date
    state: State
    versions: tuple[Filed, ...]
    draft: Draft | None

    @property
    def latest(self) -> Filed | None:
        """The version that counts for figures; the first one counts for being on time."""
        return self.versions[-1] if self.versions else None


@dataclass(frozen=True)
class GridCell:
    """One month of one unit: its state, the number of versions, and when the first was received."""

    month: Month
    state: State
    versions: int
    received_at: datetime | None


@dataclass(frozen=True)
class GridRow:
    """One unit's year."""

    unit: Unit
    cells: tuple[GridCell, ...]

    def count(self, state: State) -> int:
        """How many months are in a state."""
        return sum(cell.state == state for cell in self.cells)


@dataclass(frozen=True)
class Grid:
    """Units down, months across, of one form."""

    form: Form
    months: tuple[Month, ...]
    rows: tuple[GridRow, ...]

    def count(self, state: State) -> int:
        """How many cells are in a state."""
        return sum(row.count(state) for row in self.rows)


@dataclass(frozen=True)
class Due:
    """A return that is still to be filed."""

    unit: Unit
    form: Form
    month: Month
    due_on: date
    state: State
    has_draft: bool


def get_return(unit: str, form: str, month: Month) -> Return | None:
    """One return; None where no programme, unit or form of that name is known for the month."""
    programme, registered = get_in_force(month.year), get_unit(unit)
    if programme is None or registered is None or form not in {one.id for one in programme.forms}:
        return None
    asked = programme.form(form)
    rows = ReturnVersion.objects.filter(unit_code=unit, form=form, period=str(month)).order_by("version")
    versions = _filed(programme, rows)
    first = versions[0].received_at if versions else None
    return Return(
        unit=registered,
        form=asked,
        month=month,
        due_on=asked.due_on(month),
        state=_state(_asked(programme, asked, month), registered, first),
        versions=versions,
        draft=_draft(ReturnDraft.objects.filter(unit_code=unit, form=form, period=str(month)).first()),
    )


def list_filed(unit: str, year: int) -> tuple[Filed, ...]:
    """Every version a unit filed for the months of a year, by form, month and version."""
    programme = get_in_force(year)
    if programme is None:
        return ()
    rows = ReturnVersion.objects.filter(unit_code=unit, period__startswith=f"{year}-")
    return _filed(programme, rows.order_by("form", "period", "version"))


def list_versions(unit: str, year: int) -> tuple[tuple[str, str, int, datetime], ...]:
    """Form, month, version and moment of receipt of everything a unit filed for the months of a year, in that order."""
    rows = ReturnVersion.objects.filter(unit_code=unit, period__startswith=f"{year}-")
    filed = rows.order_by("form", "period", "version").values_list("form", "period", "version", "received_at")
    return tuple((form, period, version, received_at) for form, period, version, received_at in filed)


def get_grid(year: int, form: str, units: Iterable[str] | None = None) -> Grid | None:
    """Units × months of one form; of some units only if they are named. None where the year has no such form."""
    return _grid(year, form, None if units is None else frozenset(units))


@once_a_page
def _grid(year: int, form: str, units: frozenset[str] | None) -> Grid | None:
    programme = get_in_force(year)
    if programme is None or form not in {one.id for one in programme.forms}:
        return None
    months = [_asked(programme, programme.form(form), month) for month in Period.of_year(year)]
    listed = [unit for unit in list_units() if form in unit.forms and (units is None or unit.code in units)]
    received = _received(form, year, [unit.code for unit in listed])
    rows = tuple(GridRow(unit, tuple(_cells(unit, months, received.get(unit.code, {})))) for unit in listed)
    return Grid(programme.form(form), tuple(one.month for one in months), rows)


def list_due(units: Iterable[str]) -> tuple[Due, ...]:
    """What these units still have to file, the oldest first: silent months of this year and last, months now due."""
    codes, this_year = set(units), clock.today().year
    due = [one for year in (this_year - 1, this_year) for one in _due_in(year, codes)]
    return tuple(sorted(due, key=lambda one: (one.due_on, one.unit.code, one.form.id)))


def typed(field: Field, figure: Figure) -> str:
    """A figure as people type it: money in yuan, quantities with their decimals, others whole."""
    if figure.value is None:
        return ""
    return scaled_text(figure.value, 2 if field.measure == "money" else field.decimals)


def _due_in(year: int, codes: set[str]) -> Iterator[Due]:
    programme = get_in_force(year)
    drafts = set(
        ReturnDraft.objects.filter(unit_code__in=codes, period__startswith=f"{year}-").values_list(
            "unit_code", "form", "period"
        )
    )
    for form in programme.forms if programme else ():
        grid = get_grid(year, form.id, codes)
        for row in grid.rows if grid else ():
            for cell in row.cells:
                if cell.state in ("missing", "due"):
                    has_draft = (row.unit.code, form.id, str(cell.month)) in drafts
                    yield Due(row.unit, form, cell.month, form.due_on(cell.month), cell.state, has_draft)


def _received(form: str, year: int, codes: list[str]) -> dict[str, dict[str, tuple[int, datetime]]]:
    """How many versions, and when the first was received, by unit and then by month."""
    rows = ReturnVersion.objects.filter(form=form, period__startswith=f"{year}-")
    if len(codes) < 100:
        rows = rows.filter(unit_code__in=codes)
    received: dict[str, dict[str, tuple[int, datetime]]] = {}
    for unit, period, moment in rows.order_by("version").values_list("unit_code", "period", "received_at"):
        months = received.setdefault(unit, {})
        count, first = months.get(period, (0, moment))
        months[period] = (count + 1, first)
    return received


@dataclass(frozen=True)
class _Asked:
    """A month as one form asks for it, now: from when a return is late, and the state of a unit that has filed none."""

    form: str
    month: Month
    period: str
    late_from: datetime
    silent: State


def _asked(programme: Programme, form: Form, month: Month) -> _Asked:
    late_from = datetime.fromisoformat(programme.due_instant(form, month))
    silent: State = "due" if clock.today() >= month.plus(1).day(1) else "not_yet"
    return _Asked(form.id, month, str(month), late_from, "missing" if clock.now() >= late_from else silent)


def _cells(unit: Unit, months: list[_Asked], received: dict[str, tuple[int, datetime]]) -> Iterator[GridCell]:
    for asked in months:
        count, first = received.get(asked.period, (0, None))
        yield GridCell(asked.month, _state(asked, unit, first), count, first)


def _state(asked: _Asked, unit: Unit, first: datetime | None) -> State:
    if first is not None:
        return "on_time" if first < asked.late_from else "late"
    return asked.silent if asked.form in unit.forms and unit.is_open_in(asked.month) else "not_required"


def _is_on_time(programme: Programme, form: Form, month: Month, received_at: datetime) -> bool:
    return canonical_time(received_at) < programme.due_instant(form, month)


def _filed(programme: Programme, rows: Iterable[ReturnVersion]) -> tuple[Filed, ...]:
    held = list(rows)
    names = get_display_names(row.filed_by for row in held)
    return tuple(
        Filed(
            unit=row.unit_code,
            form=row.form,
            month=Month.parse(row.period),
            version=row.version,
            figures=_figures(json.loads(row.values)),
            received_at=row.received_at,
            filed_by=row.filed_by,
            filed_by_name=names[row.filed_by],
            reason=row.reason,
            is_on_time=_is_on_time(programme, programme.form(row.form), Month.parse(row.period), row.received_at),
        )
        for row in held
    )


def _figures(values: dict[str, Any]) -> dict[str, Figure]:
    return {name: Figure(cell["value"], cell["state"]) for name, cell in values.items()}


def _draft(row: ReturnDraft | None) -> Draft | None:
    if row is None:
        return None
    kept = json.loads(row.values)
    name = get_display_names([row.saved_by])[row.saved_by]
    return Draft(kept["values"], kept["states"], row.saved_by, row.saved_at, name)
