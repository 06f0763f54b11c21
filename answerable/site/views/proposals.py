"""Proposed versions of a programme: upload one, see its faults or what it changes, publish it by two persons."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from answerable.definition import Programme
from answerable.site import clock
from answerable.site.actions import Receipt, programmes
from answerable.site.actions.programmes import LARGEST_BYTES
from answerable.site.permissions import Holder
from answerable.site.reads.programmes import get_version_before, list_programmes
from answerable.site.reads.proposals import (
    Proposal,
    Proposed,
    YearsAffected,
    get_proposal,
    get_proposed,
    get_source_proposed,
    list_proposals,
    list_years_affected,
)
from answerable.site.views.guard import holder_of, members_only
from answerable.site.views.parts import (
    Cell,
    Column,
    Empty,
    Fact,
    Link,
    Notice,
    PageHead,
    SourceLine,
    SourceRun,
    Table,
    add_issues,
)
from answerable.site.views.programmes import lead_of, sheet_of, span_of
from answerable.site.views.trials import source_tried
from answerable.site.views.versions import comparison, handed_out
from answerable.values.issue import Issue, Refused

__all__ = ["proposal_state", "urlpatterns"]

AROUND = 2
"""Lines shown above and below a faulty one."""

FOLDED = 4
"""Fewer lines than these between two faults are not worth a press."""

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""What ends a line for the reader of programme files."""


def proposal_state(found: Proposal) -> str:
    """Where a proposal stands."""
    return found.decision.name if found.decision else "awaiting"


# -- the list ----------------------------------------------------------------------------------------------------------


@members_only("proposals.read")
def index(request: HttpRequest) -> HttpResponse:
    """`/programmes/proposals/`: everything that was ever proposed, the newest first."""
    holder, found = holder_of(request), list_proposals()
    propose = Link(_("Propose a new version"), reverse("proposals_new")) if holder.may("programmes.propose") else None
    lead = _("What was proposed by one person of the office, and published or refused by another. Nothing is deleted.")
    head = PageHead(_("Proposed versions"), [_programme_crumb()], lead, propose)
    context: dict[str, Any] = {"head": head, "table": _table(found)}
    if not found:
        context = {"head": head, "empty": Empty(_("Nothing has been proposed yet"), lead)}
    return render(request, "programmes/proposals.html", context)


def _programme_crumb() -> Link:
    return Link(_("Programme"), reverse("programmes_index"))


def _table(found: Iterable[Proposal]) -> Table:
    titles = {one.code: one.title for one in list_programmes()}
    columns = [
        Column(_("Proposal")),
        Column(_("Version")),
        Column(_("Proposed by")),
        Column(_("On")),
        Column(_("State")),
        Column(_("Decided by")),
        Column(_("Reason")),
    ]
    rows = [
        [
            Cell(one.number, reverse("proposals_proposal", args=[one.number]), note=titles.get(one.code, one.code)),
            one.version,
            one.proposed_by_name,
            clock.day_of(one.proposed_at),
            Cell(state=proposal_state(one)),
            one.decision.by_name if one.decision else "",
            one.decision.reason if one.decision else "",
        ]
        for one in found
    ]
    return Table(columns, rows)


# -- proposing ---------------------------------------------------------------------------------------------------------


class ProposalForm(forms.Form):
    """A programme file or its text, and what it is for. What may stand in it is for the action to say."""

    paper = forms.FileField(
        label=gettext_lazy("Programme file"),
        help_text=gettext_lazy("A .yaml file of at most 1 MB. It is kept byte for byte."),
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml"}),
        allow_empty_file=True,
        required=False,
    )
    text = forms.CharField(
        label=gettext_lazy("Or its text"),
        help_text=gettext_lazy("Read only where no file is chosen."),
        widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "false", "class": "yaml"}),
        strip=False,
        required=False,
    )
    reason = forms.CharField(
        label=gettext_lazy("What the new version is for"),
        help_text=gettext_lazy("A sentence or two for the one who reads it next; they are kept with it."),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )

    def source(self) -> bytes:
        """The bytes of the file as they are; of a text with plain line ends, since browsers send others."""
        paper = self.cleaned_data["paper"]
        if paper:
            read: bytes = paper.read(LARGEST_BYTES + 1)
            return read
        text: str = self.cleaned_data["text"]
        return text.replace("\r\n", "\n").encode()


@members_only("programmes.propose")
def new(request: HttpRequest) -> HttpResponse:
    """`/programmes/proposals/new/`: a sound file becomes a proposal; of any other every fault is shown by its line."""
    sent = request.method == "POST"
    form = ProposalForm(request.POST, request.FILES) if sent else ProposalForm(initial={"text": source_tried(request)})
    problems: Sequence[Issue] = ()
    text = ""
    if sent and form.is_valid():
        source, reason = form.source(), form.cleaned_data["reason"]
        try:
            receipt = programmes.propose(by=request.user, source=source, reason=reason)
        except Refused as refused:
            problems = sorted(refused.issues, key=lambda issue: issue.place.line or 0)
            text = "" if len(source) > LARGEST_BYTES else source.decode("utf-8", "replace")
            form = ProposalForm({"text": text or form.cleaned_data["text"], "reason": reason})
        else:
            words = _("Proposed: entry %(entry)s of the ledger. Another person of the office now reads it.")
            messages.success(request, words % {"entry": receipt.entry})
            return redirect("proposals_proposal", number=receipt.number)
    context = {
        "head": _new_head(),
        "form": form,
        "problems": problems,
        "source": numbered(text, problems) if text.strip() and problems else [],
        "back": reverse("programmes_index"),
    }
    return render(request, "programmes/propose.html", context)


def _new_head() -> PageHead:
    """What to begin with: the file of the newest version."""
    lead = _(
        "Take the file of the version in force, change it, and give it a new version number. "
        "Nothing is in force until another person of the office has read it and publishes it. "
        "Worked cases are not uploaded: run “answerable check” on the folder of the programme first."
    )
    newest = next(iter(list_programmes()), None)
    name = _("The file of version %(version)s") % {"version": newest.version} if newest else ""
    others = [Link(name, reverse("programmes_file", args=[newest.digest]))] if newest else []
    return PageHead(_("Propose a new version"), [_programme_crumb()], lead, others=others)


def numbered(text: str, problems: Iterable[Issue] = ()) -> list[SourceRun]:
    """A text by its lines: those near a fault open, the others folded; all folded where there is none."""
    texts = _BREAK.split(text)
    wrong: dict[int, list[Issue]] = {}
    for issue in problems:
        if issue.place.line:
            wrong.setdefault(min(issue.place.line, len(texts)), []).append(issue)
    near = {line + step for line in wrong for step in range(-AROUND, AROUND + 1)}
    lines = [SourceLine(at, said, tuple(wrong.get(at, ()))) for at, said in enumerate(texts, 1)]
    runs = [(is_near, tuple(run)) for is_near, run in groupby(lines, key=lambda line: line.number in near)]
    return [SourceRun(run, folded=not is_near and len(run) >= FOLDED) for is_near, run in runs]


# -- one proposal ------------------------------------------------------------------------------------------------------


class PublishForm(forms.Form):
    """Why it is put into force: the words that stand in the ledger."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("For instance what you compared it with, or the meeting that decided it."),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )


class RefuseForm(forms.Form):
    """Why it is not put into force."""

    reason = forms.CharField(
        label=gettext_lazy("Why it is refused"),
        help_text=gettext_lazy("Say what is to be changed, so that the next proposal need not guess."),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )


class WithdrawForm(forms.Form):
    """Withdrawing needs no reason."""

    reason = forms.CharField(
        label=gettext_lazy("Why it is withdrawn"), widget=forms.Textarea(attrs={"rows": 2}), required=False
    )


_FORMS: dict[str, type[forms.Form]] = {"publish": PublishForm, "refuse": RefuseForm, "withdraw": WithdrawForm}
_ACTS: dict[str, Callable[..., Receipt]] = {
    "publish": programmes.publish,
    "refuse": programmes.refuse_,
    "withdraw": programmes.withdraw,
}
_TITLES = {
    "publish": gettext_lazy("Put this version into force"),
    "refuse": gettext_lazy("Refuse the proposal"),
    "withdraw": gettext_lazy("Withdraw the proposal"),
}
_BUTTONS = {
    "publish": gettext_lazy("Publish this version"),
    "refuse": gettext_lazy("Refuse the proposal"),
    "withdraw": gettext_lazy("Withdraw the proposal"),
}
_DONE = {
    "publish": gettext_lazy("Published: entry %(entry)s of the ledger. The version is in force."),
    "refuse": gettext_lazy("Refused: entry %(entry)s of the ledger."),
    "withdraw": gettext_lazy("Withdrawn: entry %(entry)s of the ledger."),
}


@members_only("proposals.read")
def proposal(request: HttpRequest, number: str) -> HttpResponse:
    """`/programmes/proposals/<number>/`: what it changes and from when, and what this reader may do about it."""
    found, holder = _known(number), holder_of(request)
    sent = request.POST.get("do", "")
    issues: Sequence[Issue] = ()
    if request.method == "POST":
        if sent not in _FORMS or not holder.may("programmes.propose"):
            raise PermissionDenied
        form = _form(sent, request.POST)
        issues = _do(request, found, sent, form)
        if not issues and form.is_valid():
            return redirect("proposals_proposal", number=number)
        found = _known(number)  # somebody else may have been first
    shown_forms = {name: _form(name) for name in _open_to(holder, found)}
    if sent in shown_forms:
        shown_forms[sent] = form
        add_issues(form, issues)
        issues = ()
    context = _context(holder, found, get_proposed(number))
    acts = [(name, _TITLES[name], _BUTTONS[name], form) for name, form in shown_forms.items()]
    return render(request, "programmes/proposal.html", context | {"issues": issues, "acts": acts})


def _known(number: str) -> Proposal:
    found = get_proposal(number)
    if found is None:
        raise Http404
    return found


def _form(name: str, sent: Any = None) -> forms.Form:
    """The form of an act; each says in a hidden field which it is, and has ids of its own."""
    form = _FORMS[name](sent, auto_id=f"{name}_%s")
    form.fields["do"] = forms.CharField(widget=forms.HiddenInput, initial=name)
    return form


def _open_to(holder: Holder, found: Proposal) -> tuple[str, ...]:
    """What this person can do now: the proposer withdraws, another publishes or refuses."""
    if not found.is_open or not holder.may("programmes.publish"):
        return ()
    return ("withdraw",) if found.proposed_by == holder.username else ("publish", "refuse")


def _do(request: HttpRequest, found: Proposal, name: str, form: forms.Form) -> Sequence[Issue]:
    """Take the act; gives what stands against it."""
    if not form.is_valid():
        return ()
    reason = form.cleaned_data["reason"]
    try:
        receipt = _ACTS[name](by=request.user, proposal=found.number, reason=reason)
    except Refused as refused:
        return refused.issues
    messages.success(request, _DONE[name] % {"entry": receipt.entry})
    return ()


def _context(holder: Holder, found: Proposal, held: Proposed) -> dict[str, Any]:
    programme = held.programme
    before = get_version_before(programme, found.decision.at if found.decision else None) if programme else None
    title = _("Proposal %(number)s: version %(version)s") % {"number": found.number, "version": found.version}
    crumbs = [_programme_crumb(), Link(_("Proposed versions"), reverse("proposals_index"))]
    sheet = Link(_("Read it as a score sheet"), reverse("proposals_sheet", args=[found.number]))
    file = Link(_("The file (YAML)"), reverse("proposals_file", args=[found.number]))
    years = list_years_affected(programme) if programme and found.is_open else ()
    return {
        "head": PageHead(title, crumbs, programme.title if programme else found.code, _try(found), [sheet, file]),
        "state": proposal_state(found),
        "notices": list(_notices(holder, found, programme, years)),
        "facts": list(_facts(found, programme)),
        "unreadable": held.issues,
        "years": _years(years) if years else None,
        "comparison": comparison(programme, before) if programme else None,
        "is_first": programme is not None and before is None,
        "source": numbered(held.source, held.issues),
    }


def _try(found: Proposal) -> Link:
    return Link(_("Try it on the district"), f"{reverse('trials_index')}?proposal={found.number}")


def _notices(
    holder: Holder, found: Proposal, programme: Programme | None, years: Sequence[YearsAffected]
) -> Iterator[Notice]:
    if not found.is_open:
        return
    if found.proposed_by == holder.username:
        words = _("Whoever proposes a version does not publish it: that is how a slip is found before it counts.")
        yield Notice("calm", _("Another person of the office has to publish this"), words)
    if programme and not years:
        words = _(
            "A year is assessed by the version that covers it from its first day to its last: none would be here."
        )
        yield Notice("bad", _("It covers no whole year"), words)
    if any(one.agreements for one in years):
        words = _("They were made from the version before. Each follows the new one once it is issued anew and signed.")
        yield Notice("wait", _("Agreements of these years have been issued already"), words)
    if any(one.runs for one in years):
        words = _("Scores computed before stay as they are. What is computed from now on follows the new version.")
        yield Notice("wait", _("Scores of these years have been computed already"), words)


def _facts(found: Proposal, programme: Programme | None) -> Iterator[Fact]:
    yield Fact(_("Proposed by"), found.proposed_by_name)
    yield Fact(_("Proposed at"), found.proposed_at)
    if found.reason:
        yield Fact(_("What it is for"), found.reason)
    if programme:
        yield Fact(_("In force"), span_of(programme))
    if found.decision:
        words = {"published": _("Published by"), "refused": _("Refused by"), "withdrawn": _("Withdrawn by")}
        yield Fact(words[found.decision.name], found.decision.by_name)
        yield Fact(_("Decided at"), found.decision.at)
        if found.decision.reason:
            yield Fact(_("Reason"), found.decision.reason)
    yield Fact(_("Digest of the file"), found.digest, digest=True)


def _years(affected: Iterable[YearsAffected]) -> Table:
    columns = [
        Column(_("Years assessed by it")),
        Column(_("Takes the place of")),
        Column(_("Agreements issued"), number=True),
        Column(_("Score runs"), number=True),
    ]
    rows = [
        [
            _span(one.first, one.last),
            _("version %(version)s") % {"version": one.replaces}
            if one.replaces
            else _("nothing: no version covers it"),
            one.agreements,
            one.runs,
        ]
        for one in affected
    ]
    return Table(columns, rows, _("From when on"))


def _span(first: int, last: int) -> str:
    return str(first) if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last}


@members_only("proposals.read")
def sheet(request: HttpRequest, number: str) -> HttpResponse:
    """`/programmes/proposals/<number>/sheet/`: a proposed version as everyone would read it."""
    found, held = _known(number), get_proposed(number)
    if held.programme is None:
        return redirect("proposals_proposal", number=number)
    crumbs = [_programme_crumb(), Link(found.number, reverse("proposals_proposal", args=[number]))]
    context: dict[str, Any] = {"head": PageHead(held.programme.title, crumbs, lead_of(held.programme))}
    if found.decision is None or found.decision.name != "published":
        words = _("It is read here as it would stand. Nothing of it counts unless it is published.")
        context["notice"] = Notice("wait", _("This version is not in force"), words)
    return render(request, "programmes/sheet.html", context | sheet_of(held.programme))


@members_only("proposals.read")
def file(_request: HttpRequest, number: str) -> HttpResponse:
    """`/programmes/proposals/<number>/programme.yaml`: the very bytes that were proposed."""
    found = _known(number)
    return handed_out(get_source_proposed(number), f"{found.code}-{found.version}-{found.number}.yaml")


urlpatterns = [
    path("programmes/proposals/", index, name="proposals_index"),
    path("programmes/proposals/new/", new, name="proposals_new"),
    path("programmes/proposals/<str:number>/", proposal, name="proposals_proposal"),
    path("programmes/proposals/<str:number>/sheet/", sheet, name="proposals_sheet"),
    path("programmes/proposals/<str:number>/programme.yaml", file, name="proposals_file"),
]
