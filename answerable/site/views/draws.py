"""Draws in the open: the frame and the seed stated beforehand, what was drawn, and who is sent to visit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from answerable.definition import Programme
from answerable.integrity.draw import FrameUnit, chances, frame_digest, read_frame
from answerable.site import clock
from answerable.site.actions import visits
from answerable.site.permissions import Holder
from answerable.site.reads.posts import Appointed, list_appointed
from answerable.site.reads.programmes import get_in_force
from answerable.site.reads.units import Unit, list_units
from answerable.site.reads.visits import Drawn, VisitMade, get_draw, list_visits
from answerable.site.templatetags.answerable import shown
from answerable.site.views.guard import allow, attempt, holder_of, members_only
from answerable.site.views.parts import (
    Cell,
    Column,
    DayField,
    Empty,
    Fact,
    Link,
    LongSelect,
    PageHead,
    Table,
    add_issues,
)
from answerable.site.views.visits import CAUSES, visit_state
from answerable.values import Month, Text
from answerable.values.issue import Issue, Refused

__all__ = ["urlpatterns"]

DAYS_AHEAD = 14
"""How far ahead a visit is proposed: time to plan it, not to prepare for it."""


# -- before the draw ---------------------------------------------------------------------------------------------------


class SeedForm(forms.Form):
    """The seed, and the frame it was stated for."""

    seed = forms.CharField(
        label=gettext_lazy("Seed"),
        help_text=gettext_lazy(
            "One line that nobody here can choose, said beforehand: for instance the numbers of a public lottery "
            "drawn after the frame's digest was published."
        ),
        required=False,
    )
    frame = forms.CharField(widget=forms.HiddenInput, required=False)


class SizeForm(forms.Form):
    """How many units to draw of each kind; its fields are those of the frame."""


@dataclass(frozen=True)
class Plan:
    """What a draw would be made from: the frame of today and the sizes asked for."""

    year: int
    programme: Programme
    frame: tuple[FrameUnit, ...]
    sizes: Mapping[str, int]

    @property
    def strata(self) -> dict[str, int]:
        """How many units each stratum has, in the order of the programme."""
        found = {kind: sum(unit.stratum == kind for unit in self.frame) for kind in self.programme.assess}
        return {kind: count for kind, count in found.items() if count}


def frame_of_today(programme: Programme) -> tuple[FrameUnit, ...]:
    """Every assessed unit that is open this month, one ticket each: what the action draws from."""
    month = Month.of(clock.today())
    units = [unit for unit in list_units() if unit.kind in programme.assess and unit.is_open_in(month)]
    return tuple(FrameUnit(unit.code, unit.kind) for unit in units)


@members_only("visits.draw")
def draw(request: HttpRequest) -> HttpResponse:
    """`/visits/draw/`: first sizes and frame, then the seed, then the draw."""
    allow(request, "visits.draw")
    asked, this = request.GET.get("year", ""), clock.today().year
    year = int(asked) if asked.isdigit() else this
    programme = get_in_force(year)
    head = PageHead(_("Draw units to visit"), [Link(_("Visits"), f"{reverse('visits_index')}?year={year}")])
    if programme is None:
        empty = Empty(_("No programme covers %(year)s") % {"year": year}, _("Publish one first."))
        return render(request, "visits/draw.html", {"head": head, "empty": empty})
    frame = frame_of_today(programme)
    size_form = _size_form(request, programme, frame)
    sizes = {name: size for name, size in size_form.cleaned_data.items() if size} if size_form.is_valid() else {}
    plan = Plan(year, programme, frame, sizes)
    digest = frame_digest(frame)
    form = SeedForm(request.POST or None, initial={"frame": digest})
    if request.method == "POST" and form.is_valid() and _is_frame(form, digest):
        seed = form.cleaned_data["seed"]
        receipt = attempt(form, lambda: visits.draw(by=request.user, year=year, seed=seed, sizes=sizes))
        if receipt:
            messages.success(request, _("Drawn: entry %(entry)s of the ledger.") % {"entry": receipt.entry})
            return redirect("visits_drawn", number=receipt.number)
    context = {
        "head": head,
        "size_form": size_form,
        "year": year,
        "plan": _plan_table(plan, _stated(plan, size_form)),
        "facts": [Fact(_("Units in the frame"), len(frame)), Fact(_("Digest of the frame"), digest, digest=True)],
        "form": form if _stated(plan, size_form) else None,
    }
    return render(request, "visits/draw.html", context)


def _size_form(request: HttpRequest, programme: Programme, frame: Sequence[FrameUnit]) -> SizeForm:
    """The sizes stand in the address, so that what was stated can be shown to others and drawn unchanged."""
    form = SizeForm(request.GET if any(kind in request.GET for kind in programme.assess) else None, auto_id="size_%s")
    for kind in programme.assess:
        if any(unit.stratum == kind for unit in frame):
            words = str(shown(programme.unit_kinds[kind]))
            widget = forms.NumberInput(attrs={"min": 1})
            form.fields[kind] = forms.IntegerField(label=words, initial=1, required=False, widget=widget)
    return form


def _is_frame(form: SeedForm, digest: str) -> bool:
    """Whether the frame is still the one whose digest was stated; else the draw waits."""
    if form.cleaned_data["frame"] == digest:
        return True
    form.add_error(None, _("The register has changed since the frame was stated. State the new digest, then draw."))
    return False


def _stated(plan: Plan, form: SizeForm) -> dict[str, Fraction]:
    """The chance of each unit, where the sizes fit the frame; what does not fit is said beside the sizes."""
    if not (form.is_bound and form.is_valid()):
        return {}
    try:
        return chances(plan.frame, plan.sizes)
    except Refused as refused:
        add_issues(form, refused.issues)
        return {}


def _plan_table(plan: Plan, stated: Mapping[str, Fraction]) -> Table:
    columns = [
        Column(_("Kind of unit")),
        Column(_("Units"), number=True),
        Column(_("To be drawn"), number=True),
        Column(_("Chance of each unit"), number=True),
    ]
    rows = []
    for kind, count in plan.strata.items():
        some = next(unit.unit for unit in plan.frame if unit.stratum == kind)
        rows.append([plan.programme.unit_kinds[kind], count, plan.sizes.get(kind, "–"), _chance(stated.get(some))])
    return Table(columns, rows)


def _chance(chance: Fraction | None) -> str:
    return "–" if chance is None else f"{chance.numerator}/{chance.denominator}"


# -- after the draw ----------------------------------------------------------------------------------------------------


@members_only("visits.read")
def drawn(request: HttpRequest, number: str) -> HttpResponse:
    """`/visits/draw/<number>/`: what was drawn, with all it takes to draw it again. Everyone with a post may look."""
    found = _known(number)
    programme = get_in_force(found.year)
    names = {unit.code: unit for unit in list_units()}
    made = {visit.unit: visit for visit in list_visits(found.year) if visit.draw == number}
    may_assign = bool(found.waiting) and holder_of(request).may("visits.assign")
    action = Link(_("Name inspectors"), reverse("visits_assign", args=[number])) if may_assign else None
    crumbs = [Link(_("Visits"), f"{reverse('visits_index')}?year={found.year}")]
    lead = _("Round %(round)s of %(year)s") % {"round": found.round, "year": found.year}
    context = {
        "head": PageHead(_("Draw %(number)s") % {"number": number}, crumbs, lead, action),
        "facts": [
            Fact(_("Drawn"), found.drawn_at),
            Fact(_("Seed"), found.seed),
            Fact(_("Digest of the frame"), found.frame_digest, digest=True),
            Fact(_("Frame"), "frame.csv", href=reverse("visits_frame", args=[number])),
        ],
        "table": _drawn_table(holder_of(request), found, programme, names, made),
        "seed": found.seed,
        "sizes": [(kind, size) for kind, size in found.sizes.items()],
    }
    return render(request, "visits/drawn.html", context)


@members_only("visits.read")
def frame(request: HttpRequest, number: str) -> HttpResponse:
    """`/visits/draw/<number>/frame.csv`: the frame to the byte, so that its digest can be checked."""
    found = _known(number)
    return HttpResponse(found.frame.encode(), content_type="text/csv; charset=utf-8")


def _known(number: str) -> Drawn:
    found = get_draw(number)
    if found is None:
        raise Http404
    return found


def _drawn_table(
    holder: Holder,
    found: Drawn,
    programme: Programme | None,
    names: Mapping[str, Unit],
    made: Mapping[str, VisitMade],
) -> Table:
    """What was drawn is everyone's to see; a visit itself only leads on for those it concerns."""
    units = read_frame(found.frame)
    strata = {unit.unit: unit.stratum for unit in units}
    stated = chances(units, found.sizes)
    titles: Mapping[str, Text] = programme.unit_kinds if programme else {}
    columns = [
        Column(_("Unit")),
        Column(_("Kind")),
        Column(_("Chance"), number=True),
        Column(_("Inspector")),
        Column(_("State")),
    ]
    rows = []
    for code in found.chosen:
        visit = made.get(code)
        name = Cell(
            names[code].name if code in names else code,
            reverse("visits_visit", args=[visit.number]) if visit and holder.may("visits.read", visit.subject) else "",
            note=code,
        )
        state = Cell(state=visit_state(visit)) if visit else Cell(state="drawn")
        kind = titles.get(strata[code], strata[code])
        rows.append([name, kind, _chance(stated[code]), visit.inspector_name if visit else "", state])
    return Table(columns, rows)


# -- who visits --------------------------------------------------------------------------------------------------------


class AssignForm(forms.Form):
    """One unit drawn: who visits it, and when."""

    inspector = forms.ChoiceField(label=gettext_lazy("Inspector"), required=False, widget=LongSelect)
    planned_on = DayField(label=gettext_lazy("Planned for"), required=False)


class ReasonForm(forms.Form):
    """Why these inspectors: one reason for all that is sent together."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("How the inspectors were chosen, for instance in turn or by lot."),
        required=False,
    )


@members_only("visits.assign")
def assign(request: HttpRequest, number: str) -> HttpResponse:
    """`/visits/draw/<number>/assign/`: name inspectors for one unit or for all that wait, in one go or not at all."""
    allow(request, "visits.assign")
    found = _known(number)
    only = request.GET.get("unit", "")
    waiting = [unit for unit in found.waiting if only in ("", unit)]
    names = {unit.code: unit.name for unit in list_units()}
    rows = _assign_rows(request, waiting, found.year)
    reason = ReasonForm(request.POST or None, initial={"reason": ""})
    if request.method == "POST" and _all_assigned(request, found, rows, reason):
        messages.success(request, _("The inspectors are named."))
        return redirect("visits_drawn", number=number)
    crumbs = [
        Link(_("Visits"), f"{reverse('visits_index')}?year={found.year}"),
        Link(number, reverse("visits_drawn", args=[number])),
    ]
    lead = _("Proposed in turn, the least busy first, and nobody for a unit of his own. Change what should be changed.")
    context: dict[str, Any] = {
        "head": PageHead(_("Name inspectors"), crumbs, lead),
        "rows": [(names.get(unit, unit), unit, form) for unit, form in rows.items()],
        "reason": reason,
    }
    if not waiting:
        context["empty"] = Empty(_("Nobody waits"), _("Every unit of this draw has an inspector."))
    return render(request, "visits/assign.html", context)


def _assign_rows(request: HttpRequest, waiting: Sequence[str], year: int) -> dict[str, AssignForm]:
    inspectors = _inspectors()
    proposed = _proposed(inspectors, waiting, year)
    first = clock.today() + timedelta(days=DAYS_AHEAD)
    rows = {}
    for unit in waiting:
        initial = {"inspector": proposed.get(unit, ""), "planned_on": first}
        form = AssignForm(request.POST or None, prefix=f"u-{unit}", initial=initial)
        choices = [("", _("later")), *((one.username, one.display_name) for one in inspectors)]
        form.fields["inspector"].choices = choices  # type: ignore[attr-defined]
        rows[unit] = form
    return rows


def _inspectors() -> list[Appointed]:
    return list({one.username: one for one in list_appointed("inspector")}.values())


def _proposed(inspectors: Sequence[Appointed], waiting: Sequence[str], year: int) -> dict[str, str]:
    """An inspector for each unit: whoever has the fewest visits of the year, none of whose posts is of the unit."""
    busy = dict.fromkeys((one.username for one in inspectors), 0)
    for visit in list_visits(year):
        if visit.inspector in busy:
            busy[visit.inspector] += 1
    held = {(one.username, one.unit) for one in list_appointed() if one.unit}
    proposed: dict[str, str] = {}
    for unit in waiting:
        free = [name for name in busy if (name, unit) not in held]
        if free:
            chosen = min(free, key=lambda name: (busy[name], name))
            proposed[unit] = chosen
            busy[chosen] += 1
    return proposed


class _NothingWritten(Exception):
    """Some row was refused, so all are taken back."""


def _all_assigned(request: HttpRequest, found: Drawn, rows: Mapping[str, AssignForm], reason: ReasonForm) -> bool:
    """Assign every row that names an inspector; where one is refused none is written, and every issue is shown."""
    valid = [form.is_valid() for form in (reason, *rows.values())]
    if not all(valid):
        return False
    named = {unit: form for unit, form in rows.items() if form.cleaned_data["inspector"]}
    if not named:
        reason.add_error(None, _("No inspector is named."))
        return False
    why = reason.cleaned_data["reason"]
    if not why.strip():
        add_issues(reason, [Issue("site.reason_missing")])
        return False
    try:
        with transaction.atomic():
            taken = [_assigned(request, found, unit, form, why) for unit, form in named.items()]
            if not all(taken):
                raise _NothingWritten
    except _NothingWritten:
        return False
    return True


def _assigned(request: HttpRequest, found: Drawn, unit: str, form: AssignForm, why: str) -> bool:
    said = form.cleaned_data
    if said["planned_on"] is None:
        form.add_error("planned_on", _("Say which day."))
        return False
    receipt = attempt(
        form,
        lambda: visits.assign(
            by=request.user,
            unit=unit,
            year=found.year,
            inspector=said["inspector"],
            planned_on=said["planned_on"],
            reason=why,
            draw=found.number,
        ),
    )
    return receipt is not None


# -- a visit that was not drawn ----------------------------------------------------------------------------------------


class VisitForm(forms.Form):
    """A visit for a stated cause: to look again, or on a complaint."""

    unit = forms.ChoiceField(label=gettext_lazy("Unit"), widget=LongSelect)
    cause = forms.ChoiceField(
        label=gettext_lazy("Cause"),
        choices=[("follow_up", CAUSES["follow_up"]), ("complaint", CAUSES["complaint"])],
        widget=forms.RadioSelect,
    )
    inspector = forms.ChoiceField(label=gettext_lazy("Inspector"), widget=LongSelect)
    planned_on = DayField(label=gettext_lazy("Planned for"))
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Why this unit is visited although it was not drawn."),
        required=False,
    )


@members_only("visits.assign")
def new(request: HttpRequest) -> HttpResponse:
    """`/visits/new/`: a visit without a draw, always with its cause and reason."""
    allow(request, "visits.assign")
    year = clock.today().year
    form = VisitForm(request.POST or None, initial={"unit": request.GET.get("unit", "")})
    units = [(unit.code, f"{shown(unit.name)} {unit.code}") for unit in list_units()]
    inspectors = [(one.username, one.display_name) for one in _inspectors()]
    form.fields["unit"].choices = units  # type: ignore[attr-defined]
    form.fields["inspector"].choices = inspectors  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        receipt = attempt(form, lambda: visits.assign(by=request.user, year=said["planned_on"].year, **said))
        if receipt:
            messages.success(request, _("The inspector is named: visit %(number)s.") % {"number": receipt.number})
            return redirect("visits_visit", number=receipt.number)
    crumbs = [Link(_("Visits"), f"{reverse('visits_index')}?year={year}")]
    lead = _("Most visits are drawn by lot. This one is not, and the ledger says why.")
    head = PageHead(_("A visit without a draw"), crumbs, lead)
    context = {"head": head, "form": form, "submit": _("Name the inspector"), "back": reverse("visits_index")}
    return render(request, "asking.html", context)


urlpatterns = [
    path("visits/draw/", draw, name="visits_draw"),
    path("visits/new/", new, name="visits_new"),
    path("visits/draw/<str:number>/", drawn, name="visits_drawn"),
    path("visits/draw/<str:number>/assign/", assign, name="visits_assign"),
    path("visits/draw/<str:number>/frame.csv", frame, name="visits_frame"),
]
