"""Corrections: what is still open, the latest first to be due, and one from the problem to its closure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from answerable.site import clock
from answerable.site.actions import Receipt, corrections, evidence
from answerable.site.actions.evidence import LARGEST_BYTES, MOST_FILES
from answerable.site.permissions import Holder
from answerable.site.reads.corrections import CorrectionAsked, get_correction, list_corrections
from answerable.site.reads.evidence import File
from answerable.site.reads.programmes import list_years
from answerable.site.reads.units import get_unit, list_units
from answerable.site.views.evidence import papers_of
from answerable.site.views.guard import allow, attempt, holder_of, members_only, sees_all
from answerable.site.views.parts import (
    Cell,
    Column,
    Empty,
    Fact,
    Filter,
    Link,
    Notice,
    PageHead,
    Paper,
    Step,
    Sum,
    Table,
    add_issues,
)
from answerable.values import Issue, Place, Text
from answerable.values.issue import Refused

__all__ = ["correction_state", "urlpatterns"]

PAGE = 40


def correction_state(found: CorrectionAsked) -> str:
    """Where it stands; what is still with the unit after its day is overdue."""
    return "overdue" if found.state in ("open", "sent_back") and found.is_overdue else found.state


# -- the list ----------------------------------------------------------------------------------------------------------


@members_only("corrections.read")
def index(request: HttpRequest) -> HttpResponse:
    """`/corrections/`: overdue ones first. Units see their own, an inspector those that follow his visits."""
    holder = holder_of(request)
    names = {unit.code: unit.name for unit in list_units()}
    year = request.GET.get("year", "")
    asked = int(year) if year.isdigit() and len(year) == 4 else None
    mine = [one for one in list_corrections(asked) if holder.may("corrections.read", one.subject)]
    chosen = sorted((one for one in mine if _fits(request, one, names)), key=_urgency)
    page = Paginator(chosen, PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "head": PageHead(_("Corrections"), lead=_("What is to be put right, by when, and who has seen that it was.")),
        "sums": _sums(mine) if sees_all(holder) and mine else None,
        "filters": _filters(request, year, whole=len(holder.units) != 1 or sees_all(holder)),
        "table": _table(page.object_list, names),
        "page": page,
    }
    if not chosen:
        context["empty"] = _nothing(bool(mine))
    return render(request, "listing.html", context)


_ORDER = ("overdue", "sent_back", "open", "submitted", "closed")


def _urgency(one: CorrectionAsked) -> tuple[int, Any, str]:
    return _ORDER.index(correction_state(one)), one.due_on, one.number


def _fits(request: HttpRequest, one: CorrectionAsked, names: dict[str, Text]) -> bool:
    unit, state = request.GET.get("unit", "").strip().casefold(), request.GET.get("state", "")
    name = names.get(one.unit, Text(zh=one.unit, en=one.unit))
    named = not unit or any(unit in text.casefold() for text in (one.unit, name.zh, name.en))
    return named and state in ("", correction_state(one))


def _sums(mine: Sequence[CorrectionAsked]) -> list[Sum]:
    states = [correction_state(one) for one in mine]
    return [
        Sum(_("asked for"), len(states)),
        Sum(_("overdue"), states.count("overdue")),
        Sum(_("with the unit"), states.count("open") + states.count("sent_back")),
        Sum(_("to be confirmed"), states.count("submitted")),
        Sum(_("closed"), states.count("closed")),
    ]


def _filters(request: HttpRequest, year: str, whole: bool) -> list[Filter]:
    states = [
        ("overdue", _("overdue")),
        ("open", _("open")),
        ("sent_back", _("sent back")),
        ("submitted", _("submitted")),
        ("closed", _("closed")),
    ]
    unit = [Filter("unit", _("Unit, name or code"), request.GET.get("unit", ""))] if whole else []
    return [
        Filter("year", _("Year"), year, [(str(one), str(one)) for one in list_years()]),
        *unit,
        Filter("state", _("State"), request.GET.get("state", ""), states),
    ]


def _table(found: Iterable[CorrectionAsked], names: dict[str, Text]) -> Table:
    columns = [
        Column(_("Problem")),
        Column(_("Unit")),
        Column(_("Due by")),
        Column(_("Last step")),
        Column(_("State")),
    ]
    rows = [
        [
            Cell(one.problem, reverse("corrections_correction", args=[one.number]), note=one.number),
            names.get(one.unit, one.unit),
            one.due_on,
            clock.day_of(one.steps[-1].at if one.steps else one.opened_at),
            Cell(state=correction_state(one)),
        ]
        for one in found
    ]
    return Table(columns, rows)


def _nothing(is_search: bool) -> Empty:
    if is_search:
        return Empty(_("No correction fits this search"), _("Choose less, or show all."))
    words = _("A correction follows from a finding that was confirmed: it says what is to be put right, and by when.")
    return Empty(_("Nothing has to be put right"), words, Link(_("Findings"), reverse("findings_index")))


# -- one correction ----------------------------------------------------------------------------------------------------


class ManyFiles(forms.ClearableFileInput):
    """A choice of several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files; what each may be is for the action to say."""

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        return [one for one in data or [] if one]


class SubmitForm(forms.Form):
    """What the unit did, and what shows it."""

    words = forms.CharField(
        label=gettext_lazy("What was done"),
        help_text=gettext_lazy("A few sentences: what, where, since when. No names of residents."),
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
    )
    papers = FilesField(
        label=gettext_lazy("Evidence"), widget=ManyFiles(attrs={"accept": ".pdf,.png,.jpg,.jpeg"}), required=False
    )

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["papers"].help_text = _(
            "PDF, JPEG or PNG, at most %(files)s files of %(size)s MB. Lists of residents may not be filed: the text "
            "of a PDF is searched for personal data. Where and when a picture was taken is removed from "
            "it before it is stored; what it shows is not searched, and a person looks before anything is published."
        ) % {"files": MOST_FILES, "size": LARGEST_BYTES // 1024 // 1024}


class CloseForm(forms.Form):
    """The correction is closed; words are not needed."""

    words = forms.CharField(
        label=gettext_lazy("What you saw"), widget=forms.Textarea(attrs={"rows": 2}), required=False
    )  # fmt: skip


class SendBackForm(forms.Form):
    """What is still missing."""

    reason = forms.CharField(
        label=gettext_lazy("Why it is sent back"),
        help_text=gettext_lazy("Say what is still missing, so that the unit need not guess."),
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
    )


_FORMS: dict[str, type[forms.Form]] = {"submit": SubmitForm, "close": CloseForm, "send_back": SendBackForm}


@members_only("corrections.read")
def correction(request: HttpRequest, number: str) -> HttpResponse:
    """`/corrections/<number>/`: from the problem to its closure, and what this reader may do about it."""
    found = get_correction(number)
    if found is None:
        raise Http404
    holder = allow(request, "corrections.read", found.unit, found.inspector)
    open_now = _open_to(holder, found)
    sent = request.POST.get("do", "")
    if request.method == "POST" and sent not in _may(holder, found):
        raise PermissionDenied
    shown_forms = {name: _form(name) for name in _FORMS if name in open_now}
    if request.method == "POST":
        form = shown_forms[sent] = _form(sent, request.POST, request.FILES)
        if form.is_valid() and (receipt := _do(request, sent, found, form)):
            messages.success(request, _DONE[sent] % {"entry": receipt.entry})
            return redirect("corrections_correction", number=number)
        found = get_correction(number) or found  # files may have been filed before something else was refused
    return render(request, "corrections/correction.html", _context(holder, found, shown_forms))


_TITLES = {
    "submit": gettext_lazy("Submit the correction"),
    "close": gettext_lazy("Confirm and close"),
    "send_back": gettext_lazy("Send it back"),
}
_BUTTONS = {
    "submit": gettext_lazy("Submit it"),
    "close": gettext_lazy("Close it"),
    "send_back": gettext_lazy("Send it back"),
}
_DONE = {
    "submit": gettext_lazy("Submitted: entry %(entry)s of the ledger. Someone else now confirms it."),
    "close": gettext_lazy("Closed: entry %(entry)s of the ledger."),
    "send_back": gettext_lazy("Sent back: entry %(entry)s of the ledger."),
}


def _form(step: str, sent: Any = None, files: Any = None) -> forms.Form:
    """The form of a step; each says in a hidden field which it is, and has ids of its own."""
    form = _FORMS[step](sent, files, auto_id=f"{step}_%s")
    form.fields["do"] = forms.CharField(widget=forms.HiddenInput, initial=step)
    return form


def _may(holder: Holder, found: CorrectionAsked) -> set[str]:
    """What the post allows, whether or not it is time."""
    steps = {"submit"} if holder.may("corrections.submit", found.subject) else set()
    return steps | ({"close", "send_back"} if holder.may("corrections.decide", found.subject) else set())


def _open_to(holder: Holder, found: CorrectionAsked) -> set[str]:
    """What this person can do now."""
    steps = _may(holder, found)
    if found.state not in ("open", "sent_back"):
        steps -= {"submit"}
    if found.state != "submitted" or _own(holder, found):
        steps -= {"close", "send_back"}
    return steps


def _own(holder: Holder, found: CorrectionAsked) -> bool:
    """Whether this person is too near to judge: of the unit, or the one who found the fault."""
    return found.unit in holder.units or holder.username in {found.raised_by, found.inspector}


def _do(request: HttpRequest, step: str, found: CorrectionAsked, form: forms.Form) -> Receipt | None:
    said = form.cleaned_data
    if step == "submit":
        return _submit(request, found, form)
    if step == "close":
        return attempt(form, lambda: corrections.close(by=request.user, correction=found.number, words=said["words"]))
    return _reasoned(form, lambda: corrections.send_back(
        by=request.user, correction=found.number, reason=said["reason"]))  # fmt: skip


def _reasoned(form: forms.Form, act: Callable[[], Receipt]) -> Receipt | None:
    """An action that wants a reason: where it is missing, that is said at its field."""
    if not form.cleaned_data["reason"].strip():
        add_issues(form, [Issue("site.reason_missing", Place(cell="reason"))])
        return None
    return attempt(form, act)


def _submit(request: HttpRequest, found: CorrectionAsked, form: forms.Form) -> Receipt | None:
    """File each file, then submit. Words come first: nothing is filed for a submission that would be refused."""
    number, words = found.number, form.cleaned_data["words"]
    if not words.strip():
        add_issues(form, [Issue("site.correction_without_words", Place(cell="words"), {"number": number})])
        return None
    if found.state in ("open", "sent_back") and not _file_all(request, number, form):
        return None
    return attempt(form, lambda: corrections.submit(by=request.user, correction=number, words=words))


def _file_all(request: HttpRequest, number: str, form: forms.Form) -> bool:
    """Whether every file was filed. Those before a refused one stay filed, and the page says so."""
    for one in form.cleaned_data["papers"]:
        try:
            evidence.attach(
                by=request.user, correction=number, name=one.name or "", content=one.read(LARGEST_BYTES + 1)
            )
        except Refused as refused:
            add_issues(form, [replace(issue, place=Place(cell="papers")) for issue in refused.issues])
            return False
    return True


def _context(holder: Holder, found: CorrectionAsked, shown_forms: dict[str, forms.Form]) -> dict[str, Any]:
    registered, papers = get_unit(found.unit), papers_of(holder, found.files)
    crumbs = [Link(_("Corrections"), reverse("corrections_index"))]
    title = _("Correction %(number)s") % {"number": found.number}
    return {
        "head": PageHead(title, crumbs, registered.name if registered else found.unit),
        "state": correction_state(found),
        "problem": found.problem,
        "facts": list(_facts(found)),
        "notices": list(_notices(holder, found)),
        "steps": list(_steps(found, papers)),
        "waiting": [papers[file.sha256] for file in _not_shown(found)],
        "acts": [(name, _TITLES[name], _BUTTONS[name], form) for name, form in shown_forms.items()],
    }


def _facts(found: CorrectionAsked) -> Iterator[Fact]:
    yield Fact(_("Due by"), found.due_on)
    yield Fact(_("Asked for by"), found.opened_by_name)
    if found.finding:
        yield Fact(_("Finding"), found.finding, reverse("findings_finding", args=[found.finding]))


def _notices(holder: Holder, found: CorrectionAsked) -> Iterator[Notice]:
    if correction_state(found) == "overdue" and holder.may("corrections.submit", found.subject):
        words = _("The day it was due is over. Put it right and submit it: closing late is better than not at all.")
        yield Notice("bad", _("Overdue"), words)
    if found.state == "submitted" and holder.may("corrections.decide", found.subject) and _own(holder, found):
        words = _("Who found the fault does not judge its repair, nor does anyone of the unit.")
        yield Notice("calm", _("Someone else has to confirm this"), words)


def _steps(found: CorrectionAsked, papers: Mapping[str, Paper]) -> Iterator[Step]:
    words = {"submitted": _("Submitted by the unit"), "sent_back": _("Sent back"), "closed": _("Closed")}
    yield Step(_("Asked for"), "done", found.opened_at, found.opened_by_name)
    for step in found.steps:
        state = "done" if step.step in ("submitted", "closed") else step.step
        files = [papers[sha256] for sha256 in step.evidence if sha256 in papers]
        yield Step(words[step.step], state, step.at, step.by_name, step.words, files)
    if found.state in ("open", "sent_back"):
        yield Step(_("The unit puts it right and submits it with evidence"), "now")
    if found.state == "submitted":
        yield Step(_("Someone else confirms it"), "now")
    if found.state != "closed":
        yield Step(_("Closed"), "later")


def _not_shown(found: CorrectionAsked) -> list[File]:
    """Files that are filed and not part of a submission yet."""
    submitted = {sha256 for step in found.steps for sha256 in step.evidence}
    return [file for file in found.files if file.sha256 not in submitted]


urlpatterns = [
    path("corrections/", index, name="corrections_index"),
    path("corrections/<str:number>/", correction, name="corrections_correction"),
]
