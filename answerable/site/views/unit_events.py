"""The office changes the register: a change is entered, looked at as it would leave the register, and then recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from answerable.site import clock
from answerable.site.actions import unit_events
from answerable.site.actions.unit_events import EventEntered, issues_of, states_after
from answerable.site.actions.units import UnitEntered
from answerable.site.reads.left_over import LeftOver, list_left_over
from answerable.site.reads.programmes import get_in_force
from answerable.site.reads.units import Follower, list_changes, list_units
from answerable.site.templatetags.answerable import shown
from answerable.site.views.guard import attempt, holder_of, members_only
from answerable.site.views.parts import Cell, Column, DayField, Empty, Filter, Link, Notice, PageHead, Table, add_issues
from answerable.site.views.units import KINDS_OF_CHANGE, day_asked, href_of, kind_words, state_of
from answerable.values import Issue, Place, Text

__all__ = ["urlpatterns"]

_LONG = forms.Textarea(attrs={"rows": 3})


class EventForm(forms.Form):
    """A change of the register as it is typed; lists are codes, one in a line."""

    kind = forms.ChoiceField(label=gettext_lazy("What happened"))
    on_day = DayField(label=gettext_lazy("From which day on"))
    units = forms.CharField(
        label=gettext_lazy("Units it began with"),
        help_text=gettext_lazy("Codes, one in a line. Leave it empty where a unit is founded."),
        widget=_LONG,
        required=False,
    )
    followers = forms.CharField(
        label=gettext_lazy("Units that carry on"),
        help_text=gettext_lazy("For a merger, a split, a dissolution: a code in each line, with its share: 0101 3"),
        widget=_LONG,
        required=False,
    )
    opened = forms.CharField(
        label=gettext_lazy("New units"),
        help_text=gettext_lazy(
            "One in a line: code, Chinese name, English name, kind, unit above, group; parted by commas."
        ),
        widget=_LONG,
        required=False,
    )
    name_zh = forms.CharField(label=gettext_lazy("New name in Chinese"), required=False)
    name_en = forms.CharField(label=gettext_lazy("New name in English"), required=False)
    parent = forms.CharField(label=gettext_lazy("New unit above, its code"), required=False)
    basis = forms.CharField(
        label=gettext_lazy("Document it rests on"),
        help_text=gettext_lazy("Name, number and day of the decision or notice."),
    )
    reason = forms.CharField(label=gettext_lazy("Why"), widget=forms.Textarea(attrs={"rows": 2}))
    nobody_follows = forms.BooleanField(
        label=gettext_lazy("Nobody follows the dissolved unit, for the reason given"), required=False
    )

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        kinds = [(kind, words) for kind, words in KINDS_OF_CHANGE.items() if kind != "undone"]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]

    def event(self) -> EventEntered:
        """What was typed, as the action wants it."""
        said = self.cleaned_data
        name = Text(zh=said["name_zh"], en=said["name_en"]) if said["name_zh"] and said["name_en"] else None
        return EventEntered(
            kind=said["kind"],
            on_day=said["on_day"],
            basis=said["basis"],
            units=[words[0] for words in _lines(said["units"])],
            followers=[Follower(words[0], _share(words)) for words in _lines(said["followers"])],
            opened=[_new_unit(line, said["on_day"].year) for line in said["opened"].splitlines() if line.strip()],
            name=name,
            parent=said["parent"].strip(),
            nobody_follows=said["nobody_follows"],
        )


def _lines(typed: str) -> list[list[str]]:
    return [line.split() for line in typed.splitlines() if line.strip()]


def _share(words: list[str]) -> int:
    """The share behind a code: 1 where none is said, 0 (which is refused) where it is no whole number."""
    if len(words) == 1:
        return 1
    return int(words[1]) if words[1].isdecimal() and len(words) == 2 and len(words[1]) < 10 else 0


def _new_unit(line: str, year: int) -> UnitEntered:
    """A new unit files what the programme asks of its kind. A missing name is refused as a long one."""
    parts = [part.strip() for part in line.replace("，", ",").split(",")]
    code, zh, en, kind, parent, group = [*parts, *[""] * 6][:6]
    programme = get_in_force(year)
    asked = programme.forms if programme and kind in programme.assess else ()
    forms_due = [form.id for form in asked if not form.filed_by or kind in form.filed_by]
    return UnitEntered(code, Text(zh=zh or "?" * 121, en=en or "?" * 121), kind, forms_due, parent, group)


@members_only("units.register")
def new(request: HttpRequest) -> HttpResponse:
    """`/units/changes/new/`: enter a change, see how it would leave the register, record it."""
    form = EventForm(request.POST or None, initial=_initial(request))
    after: Table | None = None
    if request.method == "POST" and form.is_valid():
        event = form.event()
        if request.POST.get("do") == "record":
            reason = form.cleaned_data["reason"]
            receipt = attempt(form, lambda: unit_events.record(by=request.user, event=event, reason=reason))
            if receipt:
                said = {"number": receipt.number, "entry": receipt.entry}
                messages.success(request, _("Recorded as %(number)s: entry %(entry)s of the ledger.") % said)
                return redirect("units_index")
        else:
            add_issues(form, issues_of(event))
            after = None if form.errors else _after(event)
    context = {
        "head": PageHead(_("Record a change of units"), [Link(_("Register of units"), reverse("units_index"))]),
        "form": _hidden(form) if after else form,
        "after": after,
        "submit": _("Record it") if after else _("Look at what follows"),
        "back": reverse("units_index"),
    }
    return render(request, "units/change.html", context)


def _initial(request: HttpRequest) -> dict[str, Any]:
    asked = {name: request.GET.get(name, "") for name in ("kind", "units", "parent")}
    return {"on_day": clock.today(), **asked}


def _hidden(form: EventForm) -> EventForm:
    """The same, to be sent once more by a press: what was looked at is what is recorded."""
    for field in form.fields.values():
        field.widget = field.hidden_widget()
    form.fields["do"] = forms.CharField(widget=forms.HiddenInput, required=False)
    form.data = {**form.data.dict(), "do": "record"}  # type: ignore[attr-defined]
    return form


def _after(event: EventEntered) -> Table:
    register = {unit.code: unit for unit in list_units(event.on_day)}
    kinds = kind_words(event.on_day)
    columns = [Column(_("Unit")), Column(_("Was")), Column(_("Will be")), Column(_("Stands under")), Column(_("State"))]
    rows = []
    for code, unit in states_after(register, event).items():
        was = register.get(code)
        kind = shown(kinds.get(unit.kind, unit.kind))
        state = Cell(state=state_of(unit, event.on_day))
        rows.append([code, was.name if was else "–", Cell(unit.name, note=str(kind)), unit.parent or "–", state])
    return Table(columns, rows)


# -- undo --------------------------------------------------------------------------------------------------------------


class UndoForm(forms.Form):
    """Why a change is undone."""

    reason = forms.CharField(
        label=gettext_lazy("Why"), widget=forms.Textarea(attrs={"rows": 2}), required=False
    )  # fmt: skip


@members_only("units.register")
def undo(request: HttpRequest, number: str) -> HttpResponse:
    """`/units/changes/<number>/undo/`: asked once more, with a reason."""
    if number not in {one.number for one in list_changes()}:
        raise Http404
    form = UndoForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if not reason.strip():
            add_issues(form, [Issue("site.reason_missing", Place(cell="reason"))])
        elif receipt := attempt(form, lambda: unit_events.undo(by=request.user, event=number, reason=reason)):
            said = {"number": receipt.number, "entry": receipt.entry}
            messages.success(request, _("Undone by %(number)s: entry %(entry)s of the ledger.") % said)
            return redirect("units_index")
    title = _("Undo the change %(number)s") % {"number": number}
    context = {
        "head": PageHead(title, [Link(_("Register of units"), reverse("units_index"))]),
        "notice": Notice(
            "calm", _("Nothing is deleted"), _("Both changes stay in the history; the register is as it was before.")
        ),
        "form": form,
        "submit": _("Undo it"),
        "back": reverse("units_index"),
    }
    return render(request, "asking.html", context)


# -- nobody left over --------------------------------------------------------------------------------------------------


@members_only("units.read")
def left_over(request: HttpRequest) -> HttpResponse:
    """`/units/left-over/`: open units for which nobody answers on a day, and what to do."""
    day = day_asked(request)
    found = list_left_over(day)
    may_change = holder_of(request).may("units.register")
    lead = _("Every open unit has one open unit that answers for it. Here stand those that have none.")
    context: dict[str, Any] = {
        "head": PageHead(_("Nobody left over"), [Link(_("Register of units"), reverse("units_index"))], lead),
        "filters": [Filter("on", _("On the day"), day.isoformat())],
        "table": Table(
            [Column(_("Unit")), Column(_("What is wrong")), Column(_("What to do"))],
            list(_gaps(found, may_change)),
        ),
    }
    if not found:
        context["empty"] = Empty(_("Nobody is left over on this day"), _("Ask for another day, past or to come."))
    return render(request, "listing.html", context)


def _gaps(found: tuple[LeftOver, ...], may_change: bool) -> Iterator[list[object]]:
    wrong = {
        "above_unknown": _("The unit above, %(above)s, is not in the register."),
        "above_closed": _("The unit above, %(above)s, is closed."),
        "nobody_above": _("No unit that is assessed stands above it."),
    }
    for one in found:
        said = {"above": one.above, "followers": ", ".join(one.followers)}
        advice = (
            _("Move it under %(followers)s, which carry on.") if one.followers else _("Move it under an open unit.")
        )
        asked = f"?kind=moved&units={one.unit.code}&parent={one.followers[0] if len(one.followers) == 1 else ''}"
        href = reverse("units_new_change") + asked if may_change else ""
        cell = Cell(one.unit.name, href_of(one.unit.code), note=one.unit.code)
        yield [cell, wrong[one.why] % said, Cell(advice % said, href)]


urlpatterns = [
    path("units/changes/new/", new, name="units_new_change"),
    path("units/changes/<str:number>/undo/", undo, name="units_undo_change"),
    path("units/left-over/", left_over, name="units_left_over"),
]
