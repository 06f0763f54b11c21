"""Monthly returns from afar: the grid of units and months for those who oversee, the year of a unit for the unit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _

from answerable.definition import Form
from answerable.site import clock
from answerable.site.permissions import Holder, Subject
from answerable.site.reads.programmes import get_in_force, list_years
from answerable.site.reads.returns import Grid, GridCell, GridRow, get_grid, list_due
from answerable.site.reads.units import Unit, get_unit, list_units
from answerable.site.reads.visits import list_visits
from answerable.site.templatetags.answerable import shown
from answerable.site.views.guard import allow, holder_of, members_only, sees_all
from answerable.site.views.parts import (
    Cell,
    Column,
    Empty,
    Filter,
    Link,
    MonthCell,
    MonthGrid,
    MonthRow,
    PageHead,
    Sum,
    Tab,
    Table,
)
from answerable.values import Month

__all__ = ["STATES", "href_of", "open_to", "urlpatterns"]

STATES = {
    "on_time": "on_time",
    "late": "late",
    "missing": "not_filed",
    "due": "due",
    "not_yet": "not_due",
    "not_required": "not_applicable",
}
"""The state of a return and the sign a page has for it."""


def href_of(unit: str, form: str, month: Month) -> str:
    """The address of one return."""
    return reverse("returns_return", args=[unit, form, str(month)])


def open_to(holder: Holder, unit: str, year: int) -> bool:
    """Whether the figures of a unit are open to this person.

    An inspector reads those of a unit only once the visit there is recorded: recounts are made blind.
    """
    if holder.may("returns.read", Subject(unit)):
        return True
    return holder.holds("inspector") and unit in _visited(holder, year)


def _visited(holder: Holder, year: int) -> set[str]:
    """The units an inspector has visited and recorded in a year."""
    made = list_visits(year, inspector=holder.username)
    return {visit.unit for visit in made if visit.visited_on is not None}


# -- the grid ----------------------------------------------------------------------------------------------------------


@members_only("returns.read")
def index(request: HttpRequest) -> HttpResponse:
    """`/returns/`: units × months for the office, the leading group and inspectors; its own year for a unit."""
    holder, years = holder_of(request), list_years()
    year = _year(request, years)
    if not sees_all(holder) and not holder.holds("inspector"):
        return _own(request, holder, years, year)
    forms = _forms(year)
    form = _form(request, forms)
    grid = get_grid(year, form.id, _reach(holder, year)) if form else None
    rows = [row for row in grid.rows if _fits(request, row)] if grid else []
    if request.GET.get("state") == "missing":
        rows.sort(key=lambda row: -row.count("missing"))
    context: dict[str, Any] = {
        "head": _head(holder, year, form),
        "sums": _sums(grid) if grid and grid.rows else None,
        "filters": _filters(request, years, year, forms, form),
        "grid": _month_grid(holder, grid, rows) if grid else None,
    }
    if not rows:
        context["empty"] = _nothing(holder, grid)
    return render(request, "returns/index.html", context)


def _year(request: HttpRequest, years: tuple[int, ...]) -> int:
    """The year asked for, else that of the last month that is over: in January the year before is reported on."""
    asked, this = request.GET.get("year", ""), Month.of(clock.today()).plus(-1).year
    if asked.isdigit() and len(asked) == 4:
        return int(asked)
    return next((year for year in years if year <= this), this)


def _forms(year: int) -> tuple[Form, ...]:
    programme = get_in_force(year)
    return programme.forms if programme else ()


def _form(request: HttpRequest, forms: tuple[Form, ...]) -> Form | None:
    asked = request.GET.get("form", "")
    return next((form for form in forms if form.id == asked), None) or next(iter(forms), None)


def _reach(holder: Holder, year: int) -> list[str] | None:
    """The units whose months this person sees; None for all. An inspector sees those of the visits assigned to him."""
    if sees_all(holder):
        return None
    return [*holder.units, *(visit.unit for visit in list_visits(year, inspector=holder.username))]


def _fits(request: HttpRequest, row: GridRow) -> bool:
    asked, state = request.GET.get("unit", "").strip().casefold(), request.GET.get("state", "")
    texts = (row.unit.code, row.unit.name.zh, row.unit.name.en)
    named = not asked or any(asked in text.casefold() for text in texts)
    return named and (not state or any(cell.state == state for cell in row.cells))


def _head(holder: Holder, year: int, form: Form | None) -> PageHead:
    title = _("Returns of %(year)s") % {"year": year}
    if not sees_all(holder):
        return PageHead(title, lead=_("The units you visit. Their figures open once your visit is recorded."))
    return PageHead(title, lead=form.title if form else "")


def _sums(grid: Grid) -> list[Sum]:
    words = {"on_time": _("on time"), "late": _("late"), "missing": _("not filed"), "due": _("due now")}
    return [
        Sum(_("units that file"), len(grid.rows)),
        *(Sum(said, grid.count(state)) for state, said in words.items()),  # type: ignore[arg-type]
    ]


def _filters(
    request: HttpRequest, years: tuple[int, ...], year: int, forms: tuple[Form, ...], form: Form | None
) -> list[Filter]:
    states = [("missing", _("has not filed")), ("late", _("filed late")), ("due", _("due now"))]
    filters = [Filter("year", _("Year"), str(year), [(str(one), str(one)) for one in years])]
    if form and len(forms) > 1:
        filters.append(Filter("form", _("Return"), form.id, [(one.id, one.title) for one in forms]))
    return [
        *filters,
        Filter("unit", _("Unit, name or code"), request.GET.get("unit", "")),
        Filter("state", _("Months"), request.GET.get("state", ""), states),
    ]


def _month_grid(holder: Holder, grid: Grid, rows: Iterable[GridRow]) -> MonthGrid:
    whole = sees_all(holder)
    year = grid.months[0].year
    readable = {*holder.units} | (_visited(holder, year) if not whole else set())
    return MonthGrid(
        grid.months,
        [
            MonthRow(
                row.unit.name,
                list(_marks(grid, row, whole or row.unit.code in readable)),
                f"{reverse('returns_unit', args=[row.unit.code])}?year={year}" if whole else "",
            )
            for row in rows
        ],
        _("Unit"),
    )


def _marks(grid: Grid, row: GridRow, readable: bool) -> Iterator[MonthCell]:
    """The months of a unit. Their addresses differ in the last part only, so that one is asked for and not twelve."""
    first = grid.months[0]
    stem = href_of(row.unit.code, grid.form.id, first).removesuffix(f"{first}/")
    for cell in row.cells:
        yield _mark(cell, f"{stem}{cell.month}/" if readable else "")


def _mark(cell: GridCell, href: str) -> MonthCell:
    """A month of the grid. A return revised since, and on time, is shown as revised; being late stays in sight."""
    state, note = STATES[cell.state], ""
    if cell.received_at:
        note = str(clock.day_of(cell.received_at).day)
        if cell.versions > 1 and cell.state == "on_time":
            state, note = "revised", f"v{cell.versions}"
    return MonthCell(state, note, href if cell.state not in ("not_yet", "not_required") else "")


def _nothing(holder: Holder, grid: Grid | None) -> Empty:
    if grid is None:
        words = _("Which returns there are is said by the programme of the year: first one has to be published.")
        return Empty(_("No return is asked for in this year"), words, Link(_("Programme"), reverse("programmes_index")))
    if grid.rows:
        return Empty(_("No unit fits this search"), _("Choose less, or show all."))
    if sees_all(holder):
        return Empty(_("No unit files this return"), _("The register says which returns a unit files, and since when."))
    words = _("As soon as a visit is assigned to you, the months of that unit are shown here.")
    return Empty(_("No visit of this year is yours"), words)


# -- the year of a unit ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Year:
    """One unit's year in one return."""

    id: str
    title: object
    unit: object
    table: Table


def _own(request: HttpRequest, holder: Holder, years: tuple[int, ...], year: int) -> HttpResponse:
    """What a unit sees first: each month of its own year."""
    head = PageHead(_("Returns of %(year)s") % {"year": year}, lead=_("A return is due for each month that is over."))
    return _years(request, head, holder, holder.units, years, year)


@members_only("returns.read")
def unit(request: HttpRequest, code: str) -> HttpResponse:
    """`/returns/<unit>/`: the year of one unit, month by month."""
    registered, holder = get_unit(code), holder_of(request)
    if registered is None:
        raise Http404
    years = list_years()
    year = _year(request, years)
    if not open_to(holder, code, year):
        allow(request, "returns.read", unit=code)
    crumbs = [Link(_("Returns of %(year)s") % {"year": year}, f"{reverse('returns_index')}?year={year}")]
    title = _("%(unit)s: returns of %(year)s") % {"unit": shown(registered.name), "year": year}
    return _years(request, PageHead(title, crumbs), holder, [code], years, year)


def _years(
    request: HttpRequest, head: PageHead, holder: Holder, codes: Iterable[str], years: tuple[int, ...], year: int
) -> HttpResponse:
    units = [*dict.fromkeys(codes)]
    grids = [grid for form in _forms(year) if (grid := get_grid(year, form.id, units)) and grid.rows]
    drafts = {(due.unit.code, due.form.id, due.month) for due in list_due(units) if due.has_draft}
    shown_years = list(_tables(holder, grids, drafts, several=len(units) > 1))
    context: dict[str, Any] = {
        "head": head,
        "tabs": [Tab(str(one), f"?year={one}", one == year) for one in reversed(years)],
        "years": shown_years,
    }
    if not shown_years:
        names = {one.code for one in list_units()}
        context["empty"] = _no_return(bool(names & set(units)))
    return render(request, "returns/unit.html", context)


def _no_return(is_registered: bool) -> Empty:
    words = _("The register says which returns a unit files, and since when; the office enters it.")
    title = _("The unit has no return to file") if is_registered else _("The unit is not registered yet")
    return Empty(title, words)


def _tables(
    holder: Holder, grids: list[Grid], drafts: set[tuple[str, str, Month]], several: bool
) -> Iterator[Year]:  # fmt: skip
    columns = [
        Column(_("Month")),
        Column(_("State")),
        Column(_("Due by")),
        Column(_("First received")),
        Column(_("Versions"), number=True),
    ]
    for grid in grids:
        for row in grid.rows:
            kept = {month for code, form, month in drafts if (code, form) == (row.unit.code, grid.form.id)}
            lines = [_line(holder, grid.form, row.unit, cell, cell.month in kept) for cell in row.cells]
            yield Year(f"{row.unit.code}-{grid.form.id}", grid.form.title, row.unit.name if several else "",
                       Table(columns, lines))  # fmt: skip


def _line(holder: Holder, form: Form, unit: Unit, cell: GridCell, has_draft: bool) -> list[object]:
    may_file = holder.may("returns.file", Subject(unit.code))
    leads = cell.versions or (may_file and cell.state in ("due", "missing"))
    state = Cell(state=STATES[cell.state], note=_("a draft is kept") if has_draft else "")
    return [
        Cell(cell.month, href_of(unit.code, form.id, cell.month) if leads else ""),
        state,
        form.due_on(cell.month) if cell.state != "not_required" else "",
        cell.received_at or "",
        cell.versions or "",
    ]


urlpatterns = [
    path("returns/", index, name="returns_index"),
    path("returns/<str:code>/", unit, name="returns_unit"),
]
