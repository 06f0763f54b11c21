"""Visits: the list, and one visit with what the inspector enters on the spot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from answerable.definition import Programme
from answerable.definition.model import Field
from answerable.site import clock
from answerable.site.actions import visits
from answerable.site.actions.findings import FindingSeen
from answerable.site.actions.returns import read_figures
from answerable.site.actions.visits import RecountMade
from answerable.site.permissions import Holder
from answerable.site.reads.findings import FindingRaised, list_findings
from answerable.site.reads.programmes import get_in_force, list_years
from answerable.site.reads.returns import Filed, list_filed
from answerable.site.reads.units import get_unit, list_units
from answerable.site.reads.visits import Drawn, Recounted, VisitMade, get_visit, list_draws, list_visits
from answerable.site.templatetags.answerable import money, shown
from answerable.site.views.findings import finding_state, kind_choices, title_of
from answerable.site.views.guard import allow, attempt, holder_of, members_only, sees_all
from answerable.site.views.parts import (
    Cell,
    Column,
    DayField,
    Empty,
    Fact,
    Filter,
    Link,
    LongSelect,
    PageHead,
    Table,
    Words,
    add_issues,
)
from answerable.site.views.programmes import MEASURES
from answerable.values import Issue, Month, Text
from answerable.values.issue import Refused

__all__ = ["CAUSES", "urlpatterns", "visit_state"]

PAGE = 40
ROWS, MOST_ROWS = 4, 24
SEEN, MOST_SEEN = 1, 8
"""Empty rows a record begins with, and the most it may be asked for."""

CAUSES: dict[str, Promise] = {
    "drawn": gettext_lazy("drawn by lot"),
    "follow_up": gettext_lazy("follow-up"),
    "complaint": gettext_lazy("complaint"),
}


def visit_state(visit: VisitMade) -> str:
    """Where a visit stands."""
    if visit.visited_on is not None:
        return "recorded"
    return "overdue" if visit.planned_on < clock.today() else "assigned"


# -- the list ----------------------------------------------------------------------------------------------------------


@members_only("visits.read")
def index(request: HttpRequest) -> HttpResponse:
    """`/visits/`: visits of a year. An inspector has his own, a unit those to it; the office sees who waits."""
    holder = holder_of(request)
    years = list_years()
    year = _year(request, years)
    names = {unit.code: unit.name for unit in list_units()}
    made = [one for one in list_visits(year) if sees_all(holder) or holder.may("visits.read", one.subject)]
    draws = list_draws(year)
    waiting = [(draw, unit) for draw in draws for unit in draw.waiting] if sees_all(holder) else []
    lines = [*(_waiting_row(holder, draw, unit, names) for draw, unit in waiting), *(_row(one, names) for one in made)]
    chosen = [line for line in lines if _fits(request, line)]
    page = Paginator(chosen, PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "head": _list_head(holder, year, draws),
        "filters": _filters(request, years, year, made),
        "table": Table(_columns(), [line.cells for line in page.object_list]),
        "page": page,
        "draws": _draws_table(draws) if draws else None,
    }
    if not chosen:
        context["empty"] = _nothing(holder, bool(lines))
    return render(request, "visits/index.html", context)


@dataclass(frozen=True)
class Line:
    """One row of the list and what it can be searched by."""

    cells: Sequence[object]
    unit: str
    name: Text | str
    state: str
    inspector: str = ""


def _year(request: HttpRequest, years: tuple[int, ...]) -> int:
    asked, this = request.GET.get("year", ""), clock.today().year
    if asked.isdigit():
        return int(asked)
    return next((year for year in years if year <= this and list_visits(year)), this)


def _columns() -> list[Column]:
    return [
        Column(_("Unit")),
        Column(_("Visit")),
        Column(_("Inspector")),
        Column(_("Planned for")),
        Column(_("Made on")),
        Column(_("State")),
    ]


def _row(visit: VisitMade, names: dict[str, Text]) -> Line:
    name, state = names.get(visit.unit, visit.unit), visit_state(visit)
    cells = [
        Cell(name, reverse("visits_visit", args=[visit.number])),
        Cell(visit.number, note=str(CAUSES[visit.cause])),
        visit.inspector_name,
        visit.planned_on,
        visit.visited_on or "",
        Cell(state=state),
    ]
    return Line(cells, visit.unit, name, "recorded" if state == "recorded" else "assigned", visit.inspector)


def _waiting_row(holder: Holder, draw: Drawn, unit: str, names: dict[str, Text]) -> Line:
    """A unit that was drawn and has no inspector yet; the office names one."""
    name = names.get(unit, unit)
    assign = f"{reverse('visits_assign', args=[draw.number])}?unit={unit}"
    cells = [
        Cell(name, assign if holder.may("visits.assign") else ""),
        Cell(draw.number, reverse("visits_drawn", args=[draw.number]), note=str(CAUSES["drawn"])),
        "",
        "",
        "",
        Cell(_("drawn, no inspector yet"), state="drawn"),
    ]
    return Line(cells, unit, name, "drawn")


def _fits(request: HttpRequest, line: Line) -> bool:
    unit = request.GET.get("unit", "").strip().casefold()
    texts = (line.name.zh, line.name.en) if isinstance(line.name, Text) else (line.name,)
    named = not unit or any(unit in text.casefold() for text in (line.unit, *texts))
    state, inspector = request.GET.get("state", ""), request.GET.get("inspector", "")
    return named and state in ("", line.state) and inspector in ("", line.inspector)


def _filters(request: HttpRequest, years: tuple[int, ...], year: int, made: list[VisitMade]) -> list[Filter]:
    states = [("drawn", _("drawn, no inspector yet")), ("assigned", _("to be made")), ("recorded", _("recorded"))]
    inspectors = {visit.inspector: visit.inspector_name for visit in made}
    filters = [
        Filter("year", _("Year"), str(year), [(str(one), str(one)) for one in years]),
        Filter("unit", _("Unit, name or code"), request.GET.get("unit", "")),
        Filter("state", _("State"), request.GET.get("state", ""), states),
    ]
    if len(inspectors) > 1:
        filters.append(
            Filter("inspector", _("Inspector"), request.GET.get("inspector", ""), sorted(inspectors.items()))
        )
    return filters


def _list_head(holder: Holder, year: int, draws: tuple[Drawn, ...]) -> PageHead:
    waiting = next((draw for draw in draws if draw.waiting), None)
    draw = Link(_("Draw units"), f"{reverse('visits_draw')}?year={year}")
    action, others = None, []
    if holder.may("visits.assign"):
        others = [Link(_("A visit without a draw"), reverse("visits_new"))]
        action = Link(_("Name inspectors"), reverse("visits_assign", args=[waiting.number])) if waiting else draw
        others += [draw] if waiting else []
    lead = _("Units are drawn by lot in the open; anyone can repeat the draw.")
    return PageHead(_("Visits"), lead=lead, action=action, others=others)


def _draws_table(draws: tuple[Drawn, ...]) -> Table:
    columns = [
        Column(_("Draw")),
        Column(_("Seed")),
        Column(_("Drawn")),
        Column(_("Units"), number=True),
        Column(_("No inspector yet"), number=True),
    ]
    rows = [
        [
            Cell(one.number, reverse("visits_drawn", args=[one.number])),
            one.seed,
            one.drawn_at,
            len(one.chosen),
            len(one.waiting),
        ]
        for one in draws
    ]
    return Table(columns, rows)


def _nothing(holder: Holder, is_search: bool) -> Empty:
    if is_search:
        return Empty(_("No visit fits this search"), _("Choose less, or show all."))
    if holder.may("visits.draw"):
        words = _("State the seed beforehand, draw in the open, and name an inspector for each unit drawn.")
        return Empty(_("No visits this year yet"), words, Link(_("Draw units"), reverse("visits_draw")))
    return Empty(_("No visits this year yet"), _("Units are drawn by lot; whoever is drawn is told here."))


# -- one visit ---------------------------------------------------------------------------------------------------------


@members_only("visits.read")
def visit(request: HttpRequest, number: str) -> HttpResponse:
    """`/visits/<number>/`: the inspector records it once; everyone it concerns reads it."""
    made = get_visit(number)
    if made is None:
        raise Http404
    holder = allow(request, "visits.read", unit=made.unit, inspector=made.inspector)
    programme = get_in_force(made.year)
    may_record = programme is not None and made.visited_on is None and holder.may("visits.record", made.subject)
    if request.method == "POST" and not may_record:
        raise PermissionDenied
    sheet = Sheet.of(request, made, programme) if programme and may_record else None
    is_sent = request.method == "POST" and "more" not in request.POST
    if sheet and is_sent and sheet.is_recorded(request):
        messages.success(request, _("Recorded. Now you see what the unit had reported."))
        return redirect("visits_visit", number=number)
    found = list_findings(unit=made.unit, visit=number)
    context = {
        "head": _visit_head(holder, made),
        "state": visit_state(made),
        "facts": list(_facts(made)),
        "sheet": sheet,
        "is_refused": is_sent,
        "remark": made.remark,
        "recounts": _recounts_table(programme, made.recounts) if made.recounts else None,
        "agreeing": sum(one.agrees for one in made.recounts),
        "findings": _findings_table(programme, found) if found else None,
        "is_recorded": made.visited_on is not None,
    }
    return render(request, "visits/visit.html", context)


def _visit_head(holder: Holder, made: VisitMade) -> PageHead:
    registered = get_unit(made.unit)
    title = registered.name if registered else made.unit
    others = []
    if made.visited_on is not None and holder.may("findings.raise", made.subject):
        others = [Link(_("Add a finding"), f"{reverse('findings_new')}?visit={made.number}")]
    lead = _("Visit %(number)s, %(cause)s") % {"number": made.number, "cause": CAUSES[made.cause]}
    crumbs = [Link(_("Visits"), f"{reverse('visits_index')}?year={made.year}")]
    return PageHead(title, crumbs, lead, others=others)


def _facts(made: VisitMade) -> Iterator[Fact]:
    yield Fact(_("Inspector"), made.inspector_name)
    yield Fact(_("Planned for"), made.planned_on)
    if made.visited_on:
        yield Fact(_("Made on"), made.visited_on)
    if made.draw:
        yield Fact(_("Draw"), made.draw, href=reverse("visits_drawn", args=[made.draw]))


def _recounts_table(programme: Programme | None, recounts: Sequence[Recounted]) -> Table:
    columns = [
        Column(_("Figure")),
        Column(_("Month")),
        Column(_("Reported"), number=True),
        Column(_("Counted"), number=True),
        Column(_("The same")),
    ]
    rows = []
    for one in recounts:
        field = _field(programme, one.form, one.field)
        same = Cell(_("yes"), state="all_points") if one.agrees else Cell(_("no"), state="no_points")
        rows.append([
            field.title if field else one.field,
            one.month,
            _figure(field, one.reported),
            _figure(field, one.recounted),
            same,
        ])  # fmt: skip
    return Table(columns, rows)


def _field(programme: Programme | None, form: str, name: str) -> Field | None:
    asked = next((one for one in programme.forms if one.id == form), None) if programme else None
    return next((one for one in asked.fields if one.id == name), None) if asked else None


def _figure(field: Field | None, value: int) -> object:
    if field and field.measure == "money":
        return money(value)
    if field and field.measure == "flag":
        return _("yes") if value else _("no")
    return value


def _findings_table(programme: Programme | None, found: Sequence[FindingRaised]) -> Table:
    columns = [Column(_("Finding")), Column(_("Fact")), Column(_("Times"), number=True), Column(_("State"))]
    rows = [
        [
            Cell(one.number, reverse("findings_finding", args=[one.number])),
            Cell(title_of(programme, one.kind), note=one.fact),
            one.occurrences,
            finding_state(one),
        ]
        for one in found
    ]
    return Table(columns, rows)


# -- the record --------------------------------------------------------------------------------------------------------


class RecordForm(forms.Form):
    """When the visit was made, and what else is to be said."""

    visited_on = DayField(label=gettext_lazy("Day of the visit"))
    remark = forms.CharField(
        label=gettext_lazy("Remark"),
        help_text=gettext_lazy("What else should be known. No names of residents."),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )


class RecountForm(forms.Form):
    """One figure counted again from the unit's own books. What the unit reported is not shown before."""

    month = forms.ChoiceField(label=gettext_lazy("Month"), required=False, widget=LongSelect)
    figure = forms.ChoiceField(label=gettext_lazy("Figure"), required=False, widget=LongSelect)
    counted = forms.CharField(
        label=gettext_lazy("Counted"),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        required=False,
    )


class SeenForm(forms.Form):
    """One finding as the inspector states it."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind of finding"), required=False)
    occurrences = forms.IntegerField(label=gettext_lazy("How many times"), required=False)
    fact = forms.CharField(
        label=gettext_lazy("Fact"),
        help_text=gettext_lazy("What was seen, where and when. No names of residents."),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )


@dataclass(frozen=True)
class Sheet:
    """What an inspector fills in: the record, rows for recounts, rows for findings. Empty rows are nothing."""

    made: VisitMade
    programme: Programme
    record: RecordForm
    recounts: list[RecountForm]
    seen: list[SeenForm]
    has_returns: bool

    @classmethod
    def of(cls, request: HttpRequest, made: VisitMade, programme: Programme) -> Sheet:
        """The sheet as it was sent, with the further rows asked for; empty at first."""
        sent, filed = request.POST or None, list_filed(made.unit, made.year)
        rows = _rows(request, "recounts", ROWS, MOST_ROWS) if filed else 0
        recounts = [RecountForm(sent, prefix=f"r{at}") for at in range(rows)]
        seen = [SeenForm(sent, prefix=f"f{at}") for at in range(_rows(request, "findings", SEEN, MOST_SEEN))]
        months, figures = _choices(programme, filed)
        for recount in recounts:
            recount.fields["month"].choices = months  # type: ignore[attr-defined]
            recount.fields["figure"].choices = figures  # type: ignore[attr-defined]
        for one in seen:
            one.fields["kind"].choices = kind_choices(programme)  # type: ignore[attr-defined]
        record = RecordForm(sent, initial={"visited_on": clock.today()})
        return cls(made, programme, record, recounts, seen, bool(filed))

    def is_recorded(self, request: HttpRequest) -> bool:
        """Take the action; where anything is wrong nothing is written, and everything wrong is said at its place."""
        every: list[forms.Form] = [self.record, *self.recounts, *self.seen]
        valid = [form.is_valid() for form in every]
        if not all(valid):
            return False
        counted = [recount for row in self.recounts if (recount := self._recount(row))]
        seen = [finding for row in self.seen if (finding := _seen(row))]
        if any(form.errors for form in every):
            return False
        said = self.record.cleaned_data
        recorded = attempt(
            self.record,
            lambda: visits.record(
                by=request.user,
                visit=self.made.number,
                visited_on=said["visited_on"],
                remark=said["remark"],
                recounts=counted,
                findings=seen,
            ),
        )
        return recorded is not None

    def _recount(self, form: RecountForm) -> RecountMade | None:
        """A row as the action takes it; None for an empty row, or with its issues put beside it."""
        said = form.cleaned_data
        typed = said["counted"].strip()
        if not (said["figure"] or typed):
            return None
        if not (said["figure"] and typed and said["month"]):
            form.add_error(None, _("A recount has a month, a figure and a number; an empty row is left out."))
            return None
        name, _sign, field = said["figure"].partition("/")
        asked = self.programme.form(name)
        alone = replace(asked, fields=(asked.field(field),), checks=())
        try:
            figure = read_figures(alone, {field: typed}, {})[field]
        except Refused as refused:
            add_issues(form, [replace(issue, place=replace(issue.place, cell="counted")) for issue in refused.issues])
            return None
        return RecountMade(name, said["month"], field, figure.value or 0)


def _seen(form: SeenForm) -> FindingSeen | None:
    said = form.cleaned_data
    if not (said["kind"] or said["fact"].strip()):
        return None
    if not said["kind"]:
        form.add_error("kind", _("Say what kind of finding this is."))
        return None
    if not said["fact"].strip():
        add_issues(form, [Issue("site.finding_without_fact")])
        return None
    times = said["occurrences"]
    return FindingSeen(said["kind"], 1 if times is None else times, said["fact"])


def _rows(request: HttpRequest, name: str, first: int, most: int) -> int:
    """How many rows the sheet has: as many as were sent, and some more where they are asked for."""
    sent = request.POST.get(name, "")
    rows = int(sent) if sent.isdigit() else first
    return min(rows + (first if request.POST.get("more") == name else 0), most)


Choices = list[tuple[str, Any]]


def _choices(programme: Programme, filed: Sequence[Filed]) -> tuple[Choices, Choices]:
    """The months the unit has filed, and every figure of its forms; never a value."""
    months = sorted({one.month for one in filed})
    forms_filed = {one.form for one in filed}
    figures = [
        (str(shown(form.title)), [(f"{form.id}/{field.id}", _figure_words(field)) for field in form.fields])
        for form in programme.forms
        if form.id in forms_filed
    ]
    return [("", ""), *((str(month), _month(month)) for month in months)], [("", ""), *figures]


def _month(month: Month) -> Words:
    return str(shown(month))


def _figure_words(field: Field) -> str:
    if field.measure == "flag":
        return _("%(figure)s (1 yes, 0 no)") % {"figure": shown(field.title)}
    if field.measure == "money":
        return _("%(name)s (%(more)s)") % {"name": shown(field.title), "more": MEASURES["money"]}
    return str(shown(field.title))


urlpatterns = [
    path("visits/", index, name="visits_index"),
    path("visits/<str:number>/", visit, name="visits_visit"),
]
