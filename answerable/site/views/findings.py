"""Findings: what was seen, what the unit says of it, what was decided, and what it does to the points."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from answerable.definition import Programme
from answerable.definition.formula import Binary, ColumnOf, Expression, Name, TextLiteral, walk
from answerable.definition.model import Item
from answerable.definition.outcomes import Veto
from answerable.site import clock
from answerable.site.actions import Receipt, corrections, findings
from answerable.site.permissions import Holder
from answerable.site.reads.corrections import CorrectionAsked, get_correction_of
from answerable.site.reads.findings import FindingRaised, get_finding, list_findings
from answerable.site.reads.programmes import get_in_force, list_years
from answerable.site.reads.units import get_unit, list_units
from answerable.site.reads.visits import get_visit
from answerable.site.templatetags.answerable import shown
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
    Notice,
    PageHead,
    Step,
    Table,
)
from answerable.site.views.programmes import cite, topic_of
from answerable.values import Text

__all__ = ["finding_state", "kind_choices", "urlpatterns"]

PAGE = 40


def finding_state(finding: FindingRaised) -> Cell:
    """Where a finding stands: with an answer it is said which."""
    if finding.status != "answered" or finding.answer is None:
        return Cell(state=finding.status)
    if finding.answer.word == "objected":
        return Cell(state="objected")
    return Cell(_("accepted by the unit"), state="submitted")


def title_of(programme: Programme | None, kind: str) -> Text | str:
    """What a kind of finding is called."""
    kinds = programme.finding_kinds if programme else ()
    return next((one.title for one in kinds if one.id == kind), kind)


def year_of(number: str) -> int:
    """The year a number belongs to: 2025-F12 is of 2025."""
    year = number.partition("-")[0]
    return int(year) if year.isdigit() else 0


# -- the list ----------------------------------------------------------------------------------------------------------


@members_only("findings.read")
def index(request: HttpRequest) -> HttpResponse:
    """`/findings/`: findings of a year; units see their own, an inspector those of his visits."""
    holder = holder_of(request)
    years = list_years()
    year = _year(request, years)
    names = {unit.code: unit.name for unit in list_units()}
    mine = [one for one in list_findings(year) if _reaches(holder, one)]
    programme = get_in_force(year) if year else None
    chosen = [one for one in mine if _fits(request, one, names)]
    page = Paginator(chosen, PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "head": _list_head(holder, year),
        "filters": _filters(request, years, year, programme, mine),
        "table": _table(programme, page.object_list, names),
        "page": page,
    }
    if not chosen:
        words = _("A finding is raised by an inspector on a visit, or by the programme office. The unit answers first.")
        context["empty"] = Empty(_("No findings here"), words)
    return render(request, "listing.html", context)


def _year(request: HttpRequest, years: tuple[int, ...]) -> int | None:
    asked = request.GET.get("year", "")
    if asked.isdigit():
        return int(asked)
    return next((year for year in years if list_findings(year)), None)


def _list_head(holder: Holder, year: int | None) -> PageHead:
    action = Link(_("Raise a finding"), reverse("findings_new")) if holder.holds("office") else None
    lead = _("Facts seen by somebody. A finding counts only once it is confirmed, after the unit has answered.")
    return PageHead(_("Findings"), lead=lead, action=action)


def _reaches(holder: Holder, finding: FindingRaised) -> bool:
    return sees_all(holder) or holder.may("findings.read", finding.subject)


def _filters(
    request: HttpRequest,
    years: tuple[int, ...],
    year: int | None,
    programme: Programme | None,
    mine: list[FindingRaised],
) -> list[Filter]:
    states = [
        ("proposed", _("proposed")),
        ("answered", _("answered by the unit")),
        ("confirmed", _("confirmed")),
        ("withdrawn", _("withdrawn")),
    ]
    kinds = dict.fromkeys(one.kind for one in mine)
    return [
        Filter("year", _("Year"), str(year or ""), [(str(one), str(one)) for one in years]),
        Filter("unit", _("Unit, name or code"), request.GET.get("unit", "")),
        Filter("state", _("State"), request.GET.get("state", ""), states),
        Filter("kind", _("Kind"), request.GET.get("kind", ""), [(one, title_of(programme, one)) for one in kinds]),
    ]


def _fits(request: HttpRequest, one: FindingRaised, names: dict[str, Text]) -> bool:
    unit = request.GET.get("unit", "").strip().casefold()
    name = names.get(one.unit, Text(zh=one.unit, en=one.unit))
    named = not unit or any(unit in text.casefold() for text in (one.unit, name.zh, name.en))
    state, kind = request.GET.get("state", ""), request.GET.get("kind", "")
    return named and state in ("", one.status) and kind in ("", one.kind)


def _table(programme: Programme | None, found: Any, names: dict[str, Text]) -> Table:
    columns = [
        Column(_("Finding")),
        Column(_("Unit")),
        Column(_("Times"), number=True),
        Column(_("Raised")),
        Column(_("State")),
    ]
    rows = [
        [
            Cell(title_of(programme, one.kind), reverse("findings_finding", args=[one.number]), note=one.fact),
            Cell(names.get(one.unit, one.unit), note=one.number),
            one.occurrences,
            Cell(clock.day_of(one.raised_at), note=one.raised_by_name),
            finding_state(one),
        ]
        for one in found
    ]
    return Table(columns, rows)


# -- what a finding does to the points ---------------------------------------------------------------------------------


def items_counting(programme: Programme, kind: str) -> list[Item]:
    """The items whose indicator counts findings of a kind, through any number of indicators."""
    formulas = {one.id: one.formula for one in programme.indicators}
    return [item for item in programme.tree.items() if _counts(programme, formulas[item.indicator], kind)]


def vetoes_by(programme: Programme, kind: str) -> list[Veto]:
    """The vetoes a confirmed finding of a kind sets off."""
    return [veto for veto in programme.vetoes if _counts(programme, programme.indicator(veto.when).formula, kind)]


def _counts(programme: Programme, formula: Expression, kind: str) -> bool:
    column, word = ColumnOf("findings", "kind"), TextLiteral(kind)
    known = {one.id for one in programme.indicators}
    for part in walk(formula):
        if isinstance(part, Binary) and part.op == "==" and {part.left, part.right} == {column, word}:
            return True
        named = isinstance(part, Name) and part.name in known
        if named and _counts(programme, programme.indicator(part.name).formula, kind):  # type: ignore[union-attr]
            return True
    return False


def _points_context(programme: Programme, kind: str) -> Iterator[Fact]:
    for item in items_counting(programme, kind):
        rule = item.rule.in_words(item.points, programme.indicator(item.indicator).percent)
        yield Fact(item.title, rule)
    for one in programme.adjustments:
        if _counts(programme, programme.indicator(one.indicator).formula, kind):
            yield Fact(one.title, one.in_words())


def _veto_notice(programme: Programme, kind: str) -> Notice | None:
    veto = next(iter(vetoes_by(programme, kind)), None)
    if veto is None:
        return None
    words = _("Confirmed, it has this effect for the unit: %(effect)s, by %(basis)s.") % {
        "effect": shown(programme.effect(veto)),
        "basis": shown(cite(programme, veto.legal_basis)),
    }
    return Notice("bad", _("This kind of finding is a veto"), words)


# -- one finding -------------------------------------------------------------------------------------------------------


class AnswerForm(forms.Form):
    """The unit's answer: the fact is so, or it is not and why."""

    answer = forms.ChoiceField(
        label=gettext_lazy("Is the fact so?"),
        choices=[("confirmed", gettext_lazy("Yes, it is so")), ("objected", gettext_lazy("No, we object"))],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=gettext_lazy("In your words"),
        help_text=gettext_lazy("An objection says what is not so. No names of residents."),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )


class DecideForm(forms.Form):
    """The office's decision after the unit has answered."""

    status = forms.ChoiceField(
        label=gettext_lazy("Does it stand?"),
        choices=[("confirmed", gettext_lazy("Confirm it")), ("withdrawn", gettext_lazy("Withdraw it"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("What the unit said was weighed, and what shows the fact. It stands in the ledger."),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )


class CorrectionForm(forms.Form):
    """What the unit is asked to put right, and by when."""

    problem = forms.CharField(
        label=gettext_lazy("What is to be put right"), widget=forms.Textarea(attrs={"rows": 3}), required=False
    )
    due_on = DayField(label=gettext_lazy("By which day"))


@members_only("findings.read")
def finding(request: HttpRequest, number: str) -> HttpResponse:
    """`/findings/<number>/`: the fact, its clause and its weight, and whatever this reader may do about it."""
    found = get_finding(number)
    if found is None:
        raise Http404
    holder = allow(request, "findings.read", unit=found.unit, inspector=found.inspector)
    asked = {name: form(request.POST if request.POST.get("do") == name else None) for name, form in _FORMS.items()}
    open_now = _open_to(holder, found)
    done = request.POST.get("do", "")
    if request.method == "POST":
        if done not in open_now:
            raise PermissionDenied
        if asked[done].is_valid() and (receipt := attempt(asked[done], lambda: _do(request, done, found, asked[done]))):
            messages.success(request, _("Done: entry %(entry)s of the ledger.") % {"entry": receipt.entry})
            return redirect("findings_finding", number=number)
    again = request.method == "POST" or "again" in request.GET
    forms_shown = {name: form for name, form in asked.items() if name in open_now and _is_time(name, found, again)}
    return render(request, "findings/finding.html", _context(holder, found, forms_shown))


_FORMS: dict[str, type[forms.Form]] = {"answer": AnswerForm, "decide": DecideForm, "correct": CorrectionForm}


def _open_to(holder: Holder, found: FindingRaised) -> set[str]:
    """What this person can do now. A decided finding can be decided again, the other way."""
    steps = set()
    if holder.may("findings.answer", found.subject) and not found.answer and not found.decisions:
        steps.add("answer")
    if holder.may("findings.decide", found.subject):
        steps.add("decide")
    may_correct = holder.may("corrections.open", found.subject)
    if may_correct and found.status == "confirmed" and get_correction_of(found.number) is None:
        steps.add("correct")
    return steps


def _is_time(step: str, found: FindingRaised, again: bool) -> bool:
    """Whether a form is worth showing: the unit speaks first, and what is decided is decided again only on purpose."""
    if step != "decide":
        return True
    heard = found.answer is not None or clock.now() - found.raised_at > timedelta(days=findings.ANSWER_DAYS)
    return again or (heard and not found.decisions)


def _do(request: HttpRequest, step: str, found: FindingRaised, form: forms.Form) -> Receipt:
    said, number = form.cleaned_data, found.number
    if step == "answer":
        return findings.answer(by=request.user, finding=number, answer=said["answer"], words=said["words"])
    if step == "decide":
        return findings.decide(by=request.user, finding=number, status=said["status"], reason=said["reason"])
    return corrections.open_(
        by=request.user,
        unit=found.unit,
        year=year_of(number),
        problem=said["problem"],
        due_on=said["due_on"],
        finding=number,
    )


def _context(holder: Holder, found: FindingRaised, forms_shown: dict[str, forms.Form]) -> dict[str, Any]:
    programme, registered = get_in_force(year_of(found.number)), get_unit(found.unit)
    correction = get_correction_of(found.number)
    title = title_of(programme, found.kind)
    crumbs = [Link(_("Findings"), f"{reverse('findings_index')}?year={year_of(found.number)}")]
    lead = registered.name if registered else found.unit
    return {
        "head": PageHead(f"{found.number} {shown(title)}", crumbs, lead),
        "state": finding_state(found),
        "fact": found.fact,
        "facts": list(_facts(programme, found)),
        "points": list(_points_context(programme, found.kind)) if programme else [],
        "notice": _veto_notice(programme, found.kind) if programme else None,
        "steps": list(_steps(found, correction)),
        "correction": correction,
        "waits": not found.answer and not found.decisions,
        "again": holder.may("findings.decide", found.subject) and found.decisions and "decide" not in forms_shown,
        "answer_days": findings.ANSWER_DAYS,
        **{f"{name}_form": form for name, form in forms_shown.items()},
    }


def _facts(programme: Programme | None, found: FindingRaised) -> Iterator[Fact]:
    kind = next((one for one in (programme.finding_kinds if programme else ()) if one.id == found.kind), None)
    if programme and kind:
        yield Fact(_("Clause"), cite(programme, kind.clause))
        yield Fact(_("Topic"), topic_of(kind.topic))
    yield Fact(_("How many times"), found.occurrences)
    if found.visit:
        yield Fact(_("Seen on the visit"), found.visit, href=reverse("visits_visit", args=[found.visit]))


def _steps(found: FindingRaised, correction: CorrectionAsked | None) -> Iterator[Step]:
    yield Step(_("Raised"), "done", found.raised_at, found.raised_by_name)
    if found.answer:
        objected = found.answer.word == "objected"
        words = _("The unit objects") if objected else _("The unit accepts the fact")
        yield Step(words, "objected" if objected else "done", found.answer.at, found.answer.by_name, found.answer.words)
    elif not found.decisions:
        yield Step(_("The unit answers"), "now")
    for one in found.decisions:
        words = _("Confirmed by the programme office") if one.word == "confirmed" else _("Withdrawn")
        yield Step(words, one.word, one.at, one.by_name, one.words)
    if not found.decisions:
        yield Step(_("The programme office decides"), "now" if found.answer else "later")
    if correction:
        words = _("Correction %(number)s asked for") % {"number": correction.number}
        yield Step(words, correction.state, correction.opened_at, correction.opened_by_name, correction.problem)


# -- raise one ---------------------------------------------------------------------------------------------------------


class RaiseForm(forms.Form):
    """A finding as it is stated: the kind, how many times, the bare fact."""

    unit = forms.ChoiceField(label=gettext_lazy("Unit"), widget=LongSelect)
    kind = forms.ChoiceField(label=gettext_lazy("Kind of finding"))
    occurrences = forms.IntegerField(label=gettext_lazy("How many times"), initial=1)
    fact = forms.CharField(
        label=gettext_lazy("Fact"),
        help_text=gettext_lazy("What was seen, where and when. No names of residents."),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )


def kind_choices(programme: Programme) -> list[tuple[str, str]]:
    """Kinds of finding with the clause each rests on."""
    kinds = programme.finding_kinds
    words = _("%(name)s (%(more)s)")
    clauses = {one.id: shown(cite(programme, one.clause)) for one in kinds}
    return [("", "")] + [(one.id, words % {"name": shown(one.title), "more": clauses[one.id]}) for one in kinds]


@members_only("findings.raise")
def new(request: HttpRequest) -> HttpResponse:
    """`/findings/new/`: the office raises a finding; with `?visit=`, the inspector adds one to his visit."""
    holder, visit = holder_of(request), request.GET.get("visit", "")
    made = get_visit(visit) if visit else None
    if visit and made is None:
        raise Http404
    allow(request, "findings.raise", made.unit if made else "", made.inspector if made else "")
    this = clock.today().year
    year = made.year if made else next((year for year in list_years() if year <= this), this)
    programme = get_in_force(year)
    if programme is None:
        raise Http404
    form = RaiseForm(request.POST or None)
    assessed = [unit for unit in list_units() if unit.kind in programme.assess]
    units = [unit for unit in assessed if made is None or unit.code == made.unit]
    form.fields["unit"].choices = [(unit.code, f"{shown(unit.name)} {unit.code}") for unit in units]  # type: ignore[attr-defined]
    form.fields["kind"].choices = kind_choices(programme)  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        receipt = attempt(form, lambda: findings.raise_(by=request.user, year=year, visit=visit, **said))
        if receipt:
            messages.success(request, _("Raised: finding %(number)s.") % {"number": receipt.number})
            return redirect("findings_finding", number=receipt.number)
    crumbs = [Link(_("Findings"), reverse("findings_index"))]
    head = PageHead(_("Raise a finding"), crumbs, _("The unit answers first; only then it is decided."))
    back = reverse("visits_visit", args=[visit]) if visit else reverse("findings_index")
    context = {"head": head, "form": form, "submit": _("Raise it"), "back": back, "holder": holder}
    return render(request, "asking.html", context)


urlpatterns = [
    path("findings/", index, name="findings_index"),
    path("findings/new/", new, name="findings_new"),
    path("findings/<str:number>/", finding, name="findings_finding"),
]
