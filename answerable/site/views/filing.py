"""One monthly return: entered beside last month's figures, kept as a draft, checked, submitted, revised, compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from answerable.definition.measures import columns_read
from answerable.definition.model import Field, Form
from answerable.exchange.report import date_in_words
from answerable.site import clock
from answerable.site.actions import returns
from answerable.site.actions.returns import check_issues, draft_overtaken, read_figures
from answerable.site.permissions import Holder, Subject
from answerable.site.reads.programmes import get_in_force
from answerable.site.reads.receipts import list_receipts
from answerable.site.reads.returns import Figure, Return, get_return, typed
from answerable.site.templatetags.answerable import language, shown
from answerable.site.templatetags.answerable import month as month_words
from answerable.site.views.figures import figure_cell, figures_table, read_figure
from answerable.site.views.guard import allow, holder_of, members_only
from answerable.site.views.parts import (
    Column,
    Empty,
    EntryField,
    EntrySection,
    Link,
    Notice,
    PageHead,
    Paper,
    Step,
    Table,
    Words,
    add_issues,
)
from answerable.site.views.pasting import read_pasted
from answerable.site.views.programmes import MEASURES, topic_of
from answerable.site.views.receipts import receipt_shown
from answerable.site.views.returns import STATES, href_of, open_to
from answerable.values import Issue, Month, Place
from answerable.values.issue import Refused
from answerable.values.table import Absence

__all__ = ["urlpatterns"]


class ReasonForm(forms.Form):
    """Why a filed return is revised."""

    reason = forms.CharField(
        label=gettext_lazy("Why it is revised"),
        help_text=gettext_lazy("What was wrong, and how you found it. The version before stays as it was."),
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
    )


@dataclass(frozen=True)
class Sheet:
    """What stands in the form, and what is wrong with it. `soft` asks to look again and stops nothing."""

    values: dict[str, str]
    states: dict[str, str]
    reason: ReasonForm
    hard: list[Issue] = field(default_factory=list)
    soft: list[Issue] = field(default_factory=list)
    is_checked: bool = False
    is_overtaken: bool = False
    pasted: str = ""

    @property
    def asked_again(self) -> str:
        """The soft checks shown, by name: submitting once more with these on the page means that they were seen."""
        return " ".join(sorted(issue.place.cell for issue in self.soft))


@members_only("returns.read")
def one(request: HttpRequest, code: str, form: str, period: str) -> HttpResponse:
    """`/returns/<unit>/<form>/<month>/`: read it; the unit's specialist enters and revises it."""
    found = _found(code, form, period)
    holder = holder_of(request)
    if not open_to(holder, code, found.month.year):
        allow(request, "returns.read", unit=code)
    may_file = holder.may("returns.file", Subject(code)) and _is_asked(found)
    if request.method == "POST":
        allow(request, "returns.file", unit=code)
        answer = _answered(request, found)
        return answer if isinstance(answer, HttpResponse) else _page(request, holder, found, _last(found), answer)
    enters, last = may_file and (found.latest is None or request.GET.get("revise") == "1"), _last(found)
    return _page(request, holder, found, last, _begun(found, last) if enters else None)


@members_only("returns.file")
def checks(request: HttpRequest, code: str, form: str, period: str) -> HttpResponse:
    """`…/checks/`: while it is typed, what is wrong so far, beside its field; what was typed is kept as a draft."""
    found = _found(code, form, period)
    allow(request, "returns.file", unit=code)
    if request.method != "POST" or not _is_asked(found):
        raise Http404
    sheet = _sent(request, found.form)
    hard, soft = returns.look_over(found.form, sheet.values, sheet.states)
    sheet = replace(sheet, hard=hard, soft=soft)
    context = {
        "fields": [(one.id, _beside_field(found.form, sheet, one)) for one in found.form.fields],
        "problems": [_Problem.of(found.form, issue) for issue in sheet.hard],
        "looks": [_Problem.of(found.form, issue) for issue in sheet.soft],
        "overtaken": _save(request, found, sheet),
        "draft": _found(code, form, period).draft,
        "over": request.POST.get("over", ""),
    }
    return render(request, "returns/_checks.html", context)


def _beside_field(form: Form, sheet: Sheet, field: Field) -> list[Issue]:
    return [issue for issue in (*sheet.hard, *sheet.soft) if _field_of(form, issue) == field.id]


def _last(found: Return, months: int = 1) -> dict[str, Figure]:
    """The figures of the month before, or of some months before, as they stand now."""
    before = get_return(found.unit.code, found.form.id, found.month.plus(-months))
    return before.latest.figures if before and before.latest else {}


def _found(code: str, form: str, period: str) -> Return:
    try:
        found = get_return(code, form, Month.parse(period))
    except ValueError:
        raise Http404 from None
    if found is None:
        raise Http404
    return found


def _is_asked(found: Return) -> bool:
    """Whether there is anything to file: the month has begun and the unit must answer for it."""
    return bool(found.versions) or (found.state != "not_required" and found.month <= Month.of(clock.today()))


# -- what was sent -----------------------------------------------------------------------------------------------------


def _answered(request: HttpRequest, found: Return) -> Sheet | HttpResponse:
    """Keep the draft, check it or file it; the sheet again where something is to be put right."""
    sheet, do = _sent(request, found.form), request.POST.get("do", "")
    overtaken = list(draft_overtaken(found, request.POST.get("over"), sheet.values, sheet.states))
    if overtaken:
        return replace(sheet, hard=overtaken, is_overtaken=True)
    if do == "draft":
        return _keep(request, found, sheet)
    if do == "paste":
        return _pasted(request, found, sheet)
    if do == "check":
        return _checked(found.form, sheet)
    if do == "submit":
        checked = _checked(found.form, sheet)
        seen = request.POST.get("seen", "") == checked.asked_again
        return checked if checked.hard or not seen else _file(request, found, checked)
    raise Http404


def _sent(request: HttpRequest, form: Form) -> Sheet:
    values = {one.id: request.POST.get(one.id, "") for one in form.fields}
    states = {one.id: request.POST.get(f"{one.id}_state", "") for one in form.fields}
    return Sheet(values, states, ReasonForm(request.POST), pasted=request.POST.get("pasted", ""))


def _pasted(request: HttpRequest, found: Return, sheet: Sheet) -> Sheet | HttpResponse:
    """Put what was pasted into the draft; where a line has no place, nothing is kept and the text stands as it was."""
    read = read_pasted(found.form, sheet.pasted)
    sheet = replace(sheet, values=sheet.values | read.values, states=sheet.states | read.states)
    return replace(sheet, hard=read.issues) if read.issues else _keep(request, found, sheet)


def _keep(request: HttpRequest, found: Return, sheet: Sheet) -> Sheet | HttpResponse:
    refused = _save(request, found, sheet)
    if refused:
        return replace(sheet, hard=refused)
    messages.success(request, _("The draft is kept. Nothing is submitted yet."))
    return redirect(href_of(found.unit.code, found.form.id, found.month) + ("?revise=1" if found.latest else ""))


def _save(request: HttpRequest, found: Return, sheet: Sheet) -> list[Issue]:
    """Keep the draft; why it was not kept, if it was not."""
    try:
        returns.save_draft(
            by=request.user,
            unit=found.unit.code,
            form=found.form.id,
            period=str(found.month),
            values=sheet.values,
            states={name: state for name, state in sheet.states.items() if state},
            over=request.POST.get("over"),
        )
    except Refused as refused:
        return list(refused.issues)
    return []


def _checked(form: Form, sheet: Sheet) -> Sheet:
    """The sheet with everything that is wrong with it, found without filing anything."""
    try:
        figures = read_figures(form, sheet.values, sheet.states)
    except Refused as refused:
        return replace(sheet, hard=list(refused.issues), is_checked=True)
    return replace(sheet, soft=check_issues(form, figures, "soft"), is_checked=True)


def _file(request: HttpRequest, found: Return, sheet: Sheet) -> Sheet | HttpResponse:
    asked: dict[str, Any] = {
        "by": request.user,
        "unit": found.unit.code,
        "form": found.form.id,
        "period": str(found.month),
        "values": sheet.values,
        "states": {name: state for name, state in sheet.states.items() if state},
    }
    try:
        if found.latest and sheet.reason.is_valid():
            receipt = returns.revise(**asked, reason=sheet.reason.cleaned_data["reason"])
        else:
            receipt = returns.submit(**asked)
    except Refused as refused:
        return _refused(sheet, refused.issues)
    return redirect(f"{href_of(found.unit.code, found.form.id, found.month)}?entry={receipt.entry}")


def _refused(sheet: Sheet, issues: Sequence[Issue]) -> Sheet:
    """What the door refused: a missing reason stands at its field, all else on top."""
    reason = [replace(one, place=Place(cell="reason")) for one in issues if one.code == "site.reason_missing"]
    sheet.reason.is_valid()
    add_issues(sheet.reason, reason)
    return replace(sheet, hard=[one for one in issues if one.code != "site.reason_missing"], is_checked=True)


# -- the page ----------------------------------------------------------------------------------------------------------


def _begun(found: Return, last: dict[str, Figure]) -> Sheet:
    """The sheet as it stands before anything is sent: the draft, else the filed version, else empty.

    No figure is carried over from the month before. That a question does not arise is: it need not be said again.
    """
    if found.draft:
        return Sheet(dict(found.draft.values), dict(found.draft.states), ReasonForm())
    if found.latest is None:
        carried = {name: figure.state for name, figure in last.items() if figure.state == Absence.NOT_APPLICABLE}
        return Sheet({}, carried, ReasonForm())
    figures = found.latest.figures
    values = {one.id: typed(one, figures[one.id]) for one in found.form.fields if one.id in figures}
    return Sheet(values, {name: figure.state for name, figure in figures.items()}, ReasonForm())


def _page(
    request: HttpRequest, holder: Holder, found: Return, last: dict[str, Figure], sheet: Sheet | None
) -> HttpResponse:
    context: dict[str, Any] = {
        "head": _head(request, holder, found, sheet),
        "state": STATES[found.state],
        "notices": list(_notices(request, holder, found, sheet)),
        "sheet": sheet,
        "is_revision": found.latest is not None,
        "problems": [_Problem.of(found.form, issue) for issue in sheet.hard] if sheet else [],
        "looks": [_Problem.of(found.form, issue) for issue in sheet.soft] if sheet else [],
        "receipt": receipt_shown(request, found),
        "changes": list(_changes(found)),
        "steps": list(_history(found)),
    }
    if sheet:
        context["sections"] = list(_sections(found, last, sheet))
        context["checks"] = reverse("returns_checks", args=[found.unit.code, found.form.id, str(found.month)])
        context["over"] = found.draft.mark if found.draft else ""
        context["theirs"] = _theirs(found, sheet) if sheet.is_overtaken else None
        context["count"] = len(found.form.fields)
    elif found.latest:
        context["table"] = figures_table(found.form, found.month, found.latest.figures, last)
    else:
        context["empty"] = _not_filed(found)
    return render(request, "returns/return.html", context)


def _head(request: HttpRequest, holder: Holder, found: Return, sheet: Sheet | None) -> PageHead:
    unit, form, month = found.unit, found.form, found.month
    title = _("%(form)s, %(month)s") % {"form": shown(form.title), "month": month_words(month)}
    crumbs = [
        Link(_("Returns of %(year)s") % {"year": month.year}, f"{reverse('returns_index')}?year={month.year}"),
        Link(unit.name, f"{reverse('returns_unit', args=[unit.code])}?year={month.year}"),
    ]
    lead = _("Due by %(day)s, that day included.") % {"day": date_in_words(found.due_on, language())}
    may_revise = sheet is None and found.latest is not None and holder.may("returns.file", Subject(unit.code))
    action = Link(_("Revise it"), "?revise=1#sheet") if may_revise else None
    return PageHead(title, crumbs, lead, action, [] if sheet else list(_beside(found)))


def _beside(found: Return) -> Iterator[Link]:
    """The months before and after, as far as the unit answers for them."""
    for words, beside in ((_("The month before"), found.month.plus(-1)), (_("The month after"), found.month.plus(1))):
        is_covered = beside.year == found.month.year or get_in_force(beside.year)
        if is_covered and found.unit.is_open_in(beside) and beside < Month.of(clock.today()):
            yield Link(words, href_of(found.unit.code, found.form.id, beside))


def _notices(request: HttpRequest, holder: Holder, found: Return, sheet: Sheet | None) -> Iterator[Notice]:
    if found.draft and sheet and request.method != "POST":
        words = _("Kept on %(at)s. It is nobody's fact until it is submitted.") % {
            "at": date_in_words(clock.day_of(found.draft.saved_at), language())
        }
        yield Notice("calm", _("This is your draft"), words)
    elif found.draft and not sheet and holder.may("returns.file", Subject(found.unit.code)):
        yield Notice("calm", _("A draft of a revision is kept"), link=Link(_("Go on with it"), "?revise=1#sheet"))
    if sheet and sheet.is_checked and not (sheet.hard or sheet.soft or sheet.reason.errors):
        yield Notice("good", _("Nothing is wrong with these figures"), _("Submit them whenever you are ready."))
    if sheet and not found.latest and found.state == "missing":
        words = _("It will be marked late. Submit it all the same: late figures are used, missing ones cannot be.")
        yield Notice("wait", _("The day for this return is over"), words)
    if sheet and not found.latest and found.state == "not_yet":
        yield Notice("calm", _("The month is not over"), _("Submit it once it is; a draft can be kept at any time."))


def _not_filed(found: Return) -> Empty:
    if found.state == "not_required":
        return Empty(
            _("The unit need not file for this month"), _("It is not asked for, and its absence costs nothing.")
        )
    return Empty(_("Not filed yet"), _("Only the specialist of the unit enters it; the figures appear here."))


@dataclass(frozen=True)
class _Problem:
    """One issue of the sheet, and the field it leads to."""

    issue: Issue
    field: str

    @classmethod
    def of(cls, form: Form, issue: Issue) -> _Problem:
        """An issue of a field leads there; a check leads to the last figure it compares."""
        return cls(issue, _field_of(form, issue))


def _field_of(form: Form, issue: Issue) -> str:
    name = issue.place.cell
    check = next((one for one in form.checks if one.id == name), None)
    read = {column.column for column in columns_read(check.holds)} if check else {name}
    return next((one.id for one in reversed(form.fields) if one.id in read), "")


def _sections(found: Return, last: dict[str, Figure], sheet: Sheet) -> Iterator[EntrySection]:
    last_words, year_words = month_words(found.month.plus(-1)), month_words(found.month.plus(-12))
    year = _last(found, 12)
    for topic, fields in _by_topic(found.form):
        rows = [
            replace(
                _entry(one, last.get(one.id), sheet, _beside_field(found.form, sheet, one)),
                last_year=read_figure(one, year[one.id]) if one.id in year else "–",
            )
            for one in fields
        ]
        yield EntrySection(topic_of(topic), rows, last_words, year_words)


def _theirs(found: Return, sheet: Sheet) -> Table:
    """Where the draft kept by somebody else differs from what was typed here: both, so that nothing is lost."""
    draft = found.draft
    assert draft, "only a draft overtakes"
    columns = [
        Column(_("Figure")),
        Column(_("Kept by %(who)s") % {"who": draft.saved_by_name}, number=True),
        Column(_("Typed here"), number=True),
    ]
    both = [
        (one, _put(one, draft.values, draft.states), _put(one, sheet.values, sheet.states)) for one in found.form.fields
    ]
    return Table(columns, [[one.title, theirs, here] for one, theirs, here in both if theirs != here], keep=True)


def _put(one: Field, values: dict[str, str], states: dict[str, str]) -> str:
    """What stands in a field as it was typed, or the words for why nothing does."""
    state = states.get(one.id, "")
    return values.get(one.id, "") or (str(shown(Absence(state))) if state in set(Absence) else "–")


def _by_topic(form: Form) -> Iterable[tuple[str, list[Field]]]:
    """Fields of one topic together, in the order of the form."""
    topics: dict[str, list[Field]] = {}
    for one in form.fields:
        topics.setdefault(one.topic, []).append(one)
    return topics.items()


def _entry(one: Field, last: Figure | None, sheet: Sheet, issues: Sequence[Issue]) -> EntryField:
    is_flag = one.measure == "flag"
    return EntryField(
        one.id,
        one.title,
        "" if is_flag or one.measure == "count" else MEASURES[one.measure],
        sheet.values.get(one.id, ""),
        sheet.states.get(one.id, ""),
        read_figure(one, last) if last else "–",
        one.help or "",
        issues,
        one.required,
        may_be_missing=not one.required,
        options=(("1", _("yes")), ("0", _("no"))) if is_flag else (),
    )


# -- what was filed ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Titled:
    """A table under its heading."""

    words: Words
    table: Table


def _history(found: Return) -> Iterator[Step]:
    receipts = list_receipts(found.versions)
    for filed in found.versions:
        words = _("Version %(version)s submitted") if filed.version == 1 else _("Version %(version)s, a revision")
        state = ("done" if filed.is_on_time else "late") if filed.version == 1 else "revised"
        entry = receipts.get(filed.version)
        papers = [] if entry is None else [Paper(_("Receipt"), reverse("receipts_receipt", args=[entry]))]
        yield Step(
            words % {"version": filed.version}, state, filed.received_at, filed.filed_by_name, filed.reason, papers
        )


def _changes(found: Return) -> Iterator[Titled]:
    """What each revision changed, the newest first."""
    pairs = [*zip(found.versions, found.versions[1:], strict=False)]
    for old, new in reversed(pairs):
        changed = [one for one in found.form.fields if old.figures.get(one.id) != new.figures.get(one.id)]
        columns = [
            Column(_("Figure")),
            Column(_("Version %(version)s") % {"version": old.version}, number=True),
            Column(_("Version %(version)s") % {"version": new.version}, number=True),
        ]
        rows = [[one.title, *(figure_cell(one, of.figures.get(one.id)) for of in (old, new))] for one in changed]
        title = _("What version %(version)s changed") % {"version": new.version}
        yield Titled(title, Table(columns, rows, keep=True))


urlpatterns = [
    path("returns/<str:code>/<str:form>/<str:period>/", one, name="returns_return"),
    path("returns/<str:code>/<str:form>/<str:period>/checks/", checks, name="returns_checks"),
]
