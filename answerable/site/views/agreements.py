"""Agreements: who has one and who has signed, the agreement as a page and as a document, and the two signatures."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from answerable.site import clock
from answerable.site.actions import Receipt, agreements
from answerable.site.permissions import Holder
from answerable.site.reads.agreements import Agreement, get_agreement_of, list_agreements
from answerable.site.reads.programmes import get_in_force, list_years
from answerable.site.reads.units import Unit, get_unit, list_units
from answerable.site.templatetags.answerable import language, shown
from answerable.site.views.guard import allow, attempt, holder_of, members_only, sees_all
from answerable.site.views.parts import (
    Cell,
    Column,
    Empty,
    Filter,
    Link,
    PageHead,
    Question,
    Sum,
    Table,
)
from answerable.values.issue import Refused

__all__ = ["SureForm", "of_year", "urlpatterns"]

T = TypeVar("T")

PAGE = 40


@dataclass(frozen=True)
class Line:
    """One unit and its agreement of the year, if it has one."""

    unit: Unit
    agreement: Agreement | None

    @property
    def stage(self) -> str:
        """How far it has come: not_issued, issued, unit_signed, office_signed or signed."""
        if self.agreement is None:
            return "not_issued"
        if self.agreement.is_signed:
            return "signed"
        side = next(iter(self.agreement.signatures), "")
        return f"{side}_signed" if side else "issued"

    @property
    def state(self) -> Cell:
        """The same as a chip, with which side is still missing."""
        half = {"unit_signed": _("signed by the unit"), "office_signed": _("signed by the office")}
        return Cell(half[self.stage], state="half_signed") if self.stage in half else Cell(state=self.stage)


# -- the list ----------------------------------------------------------------------------------------------------------


@members_only("agreements.read")
def index(request: HttpRequest) -> HttpResponse:
    """`/agreements/`: every unit's agreement of a year at a glance; a unit sees its own."""
    holder, years = holder_of(request), list_years()
    year = _year(request, years)
    lines = _lines(year, None if sees_all(holder) else holder.units)
    chosen = [line for line in lines if _fits(request, line)]
    page = Paginator(chosen, PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "head": _list_head(holder, year, lines),
        "filters": _filters(request, years, year, whole=sees_all(holder)),
        "sums": _sums(lines) if sees_all(holder) and lines else None,
        "table": _table(holder, year, page.object_list),
        "page": page,
    }
    if not chosen:
        context["empty"] = _nothing(holder, year, bool(lines))
    return render(request, "listing.html", context)


def _year(request: HttpRequest, years: tuple[int, ...]) -> int:
    asked, this = request.GET.get("year", ""), clock.today().year
    if asked.isdigit() and len(asked) == 4:
        return int(asked)
    return next((year for year in years if year <= this), this)


def of_year(year: int) -> str:
    """The address of a year's list."""
    return f"{reverse('agreements_index')}?year={year}"


def _lines(year: int, units: Iterable[str] | None = None) -> list[Line]:
    """Units the programme assesses, and any other that has an agreement all the same, by code."""
    programme, wanted = get_in_force(year), None if units is None else set(units)
    assessed = programme.assess if programme else ()
    alone = next(iter(wanted)) if wanted and len(wanted) == 1 else None
    issued = {agreement.unit: agreement for agreement in list_agreements(year, alone)}
    return [
        Line(unit, issued.get(unit.code))
        for unit in list_units()
        if (unit.kind in assessed or unit.code in issued) and (wanted is None or unit.code in wanted)
    ]


def _fits(request: HttpRequest, line: Line) -> bool:
    asked, stage = request.GET.get("unit", "").strip().casefold(), request.GET.get("state", "")
    texts = (line.unit.code, line.unit.name.zh, line.unit.name.en)
    return stage in ("", line.stage) and (not asked or any(asked in text.casefold() for text in texts))


def _filters(request: HttpRequest, years: tuple[int, ...], year: int, whole: bool) -> list[Filter]:
    by_year = Filter("year", _("Year"), str(year), [(str(one), str(one)) for one in years])
    if not whole:
        return [by_year]
    stages = [
        ("not_issued", _("not issued")),
        ("issued", _("issued, not signed")),
        ("unit_signed", _("signed by the unit only")),
        ("office_signed", _("signed by the office only")),
        ("signed", _("signed by both sides")),
    ]
    return [
        by_year,
        Filter("unit", _("Unit, name or code"), request.GET.get("unit", "")),
        Filter("state", _("State"), request.GET.get("state", ""), stages),
    ]


def _list_head(holder: Holder, year: int, lines: list[Line]) -> PageHead:
    missing = sum(line.stage == "not_issued" for line in lines)
    waiting = sum(line.stage == "unit_signed" for line in lines)
    links = []
    if missing and holder.may("agreements.issue"):
        words = ngettext("Issue the missing one", "Issue the %(count)s missing", missing) % {"count": missing}
        links.append(Link(words, f"{reverse('agreements_issue')}?year={year}"))
    if waiting and holder.may("agreements.sign_for_office"):
        words = ngettext("Sign the one its unit signed", "Sign the %(count)s units signed", waiting)
        links.append(Link(words % {"count": waiting}, f"{reverse('agreements_sign_all')}?year={year}"))
    lead = _("Made from the programme, issued by the office, signed by both sides: nothing else is assessed.")
    title = _("Agreements of %(year)s") % {"year": year}
    return PageHead(title, lead=lead, action=links[0] if links else None, others=links[1:])


def _sums(lines: list[Line]) -> list[Sum]:
    stages = [line.stage for line in lines]
    return [
        Sum(_("units"), len(lines)),
        Sum(_("not issued"), stages.count("not_issued")),
        Sum(_("wait for the unit"), stages.count("issued") + stages.count("office_signed")),
        Sum(_("wait for the office"), stages.count("issued") + stages.count("unit_signed")),
        Sum(_("signed by both sides"), stages.count("signed")),
    ]


def _table(holder: Holder, year: int, lines: Iterable[Line]) -> Table:
    columns = [
        Column(_("Unit")),
        Column(_("Number")),
        Column(_("Issued")),
        Column(_("Signed for the unit")),
        Column(_("Signed for the office")),
        Column(_("State")),
    ]
    return Table(columns, [_row(holder, year, line) for line in lines])


def _row(holder: Holder, year: int, line: Line) -> list[object]:
    found = line.agreement
    if found is None:
        href = f"{reverse('agreements_issue')}?year={year}&unit={line.unit.code}"
        issue = Cell(_("Issue it"), href) if holder.may("agreements.issue") else ""
        return [Cell(line.unit.name, note=line.unit.code), issue, "", "", "", line.state]
    return [
        Cell(line.unit.name, reverse("agreements_agreement", args=[found.number])),
        found.number,
        clock.day_of(found.issued_at),
        *(_signed_cell(found, side) for side in ("unit", "office")),
        line.state,
    ]


def _signed_cell(found: Agreement, side: str) -> object:
    signature = found.signatures.get(side)
    return Cell(clock.day_of(signature.signed_at), note=signature.name) if signature else ""


def _nothing(holder: Holder, year: int, is_search: bool) -> Empty:
    if is_search:
        return Empty(_("No agreement fits this search"), _("Choose less, or show all."))
    if get_in_force(year) is None:
        words = _("An agreement is made from the programme of the year: first a programme has to be published.")
        return Empty(_("No programme covers this year"), words, Link(_("Programme"), reverse("programmes_index")))
    if sees_all(holder):
        return Empty(_("No unit is registered"), _("Units are registered once; then each gets its agreement."))
    words = _("The office issues it from the programme; the responsible leader then signs it here.")
    return Empty(_("Your unit is not assessed this year"), words)


# -- issue and sign, one or many ---------------------------------------------------------------------------------------


class SureForm(forms.Form):
    """Nothing to fill in: only whether one is sure."""


@members_only("agreements.issue")
def issue(request: HttpRequest) -> HttpResponse:
    """`/agreements/issue/?year=`: issue what is missing; with `&unit=`, one, also after the programme changed."""
    allow(request, "agreements.issue")
    year, code = _year(request, list_years()), request.GET.get("unit", "")
    if code:
        return _issue_one(request, year, code)
    missing = [line.unit for line in _lines(year) if line.agreement is None]
    form = SureForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        done = _each(request, missing, lambda one: agreements.issue(by=request.user, unit=one.code, year=year))
        words = ngettext("One agreement is issued.", "%(count)s agreements are issued.", done)
        return _done(request, words % {"count": done}, year)
    if not missing:
        return _done(request, _("No unit is without an agreement."), year)
    words = ngettext(
        "Issue the agreement of %(year)s to one unit?",
        "Issue the agreement of %(year)s to %(count)s units?",
        len(missing),
    )
    asked = words % {"year": year, "count": len(missing)}
    return _ask(request, form, year, asked, _("Issue"), [*_what_issuing_does(), _named(missing)])


def _issue_one(request: HttpRequest, year: int, code: str) -> HttpResponse:
    registered = get_unit(code)
    if registered is None:
        raise Http404
    form = SureForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        receipt = attempt(form, lambda: agreements.issue(by=request.user, unit=code, year=year))
        if receipt:
            messages.success(request, _("Issued: entry %(entry)s of the ledger.") % {"entry": receipt.entry})
            return redirect("agreements_agreement", number=receipt.number)
    asked = _("Issue the agreement of %(year)s to %(unit)s?") % {"year": year, "unit": shown(registered.name)}
    before = get_agreement_of(code, year)
    again = (
        [_("It takes the place of %(number)s: both sides sign again.") % {"number": before.number}] if before else []
    )
    return _ask(request, form, year, asked, _("Issue"), [*_what_issuing_does(), *again])


def _what_issuing_does() -> list[str]:
    return [
        _("Its text is made from the programme in force and is not changed afterwards."),
        _("The responsible leader of the unit is asked to sign it."),
    ]


def _named(units: list[Unit], most: int = 12) -> str:
    """The units in words, as many as can be taken in."""
    joiner = "、" if language() == "zh" else ", "
    names = joiner.join(str(shown(unit.name)) for unit in units[:most])
    if len(units) <= most:
        return names
    return _("%(names)s and %(more)s more") % {"names": names, "more": len(units) - most}


@members_only("agreements.sign_for_office")
def sign_all(request: HttpRequest) -> HttpResponse:
    """`/agreements/sign/?year=`: the office signs every agreement its unit has signed."""
    allow(request, "agreements.sign_for_office")
    year = _year(request, list_years())
    waiting = [line for line in _lines(year) if line.stage == "unit_signed"]
    form = SureForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        numbers = [line.agreement.number for line in waiting if line.agreement]
        done = _each(
            request, numbers, lambda number: agreements.sign(by=request.user, agreement=number, side="office")
        )  # fmt: skip
        return _done(request, ngettext("One signed.", "%(count)s signed.", done) % {"count": done}, year)
    if not waiting:
        return _done(request, _("No agreement waits for the office."), year)
    words = ngettext("Sign one agreement for the office?", "Sign %(count)s agreements for the office?", len(waiting))
    consequences = [
        _("Each signature enters the ledger under your account and cannot be taken back."),
        _named([line.unit for line in waiting]),
    ]
    return _ask(request, form, year, words % {"count": len(waiting)}, _("Sign"), consequences)


def _each(request: HttpRequest, things: Iterable[T], act: Callable[[T], Receipt]) -> int:
    """Take an action for each thing, each on its own; what is refused is told and the others go on."""
    done = 0
    for thing in things:
        try:
            act(thing)
            done += 1
        except Refused as refused:
            for one in refused.issues:
                messages.error(request, f"{one.says(language())} {one.advice(language())} [{one.code}]")
    return done


def _done(request: HttpRequest, words: str, year: int) -> HttpResponse:
    messages.success(request, words)
    return redirect(of_year(year))


def _ask(
    request: HttpRequest, form: forms.Form, year: int, words: str, answer: str, consequences: list[str]
) -> HttpResponse:  # fmt: skip
    back = of_year(year)
    head = PageHead(_("Agreements"), [Link(_("Agreements of %(year)s") % {"year": year}, back)])
    context = {"head": head, "form": form, "question": Question(words, answer, back, consequences)}
    return render(request, "agreements/question.html", context)


urlpatterns = [
    path("agreements/", index, name="agreements_index"),
    path("agreements/issue/", issue, name="agreements_issue"),
    path("agreements/sign/", sign_all, name="agreements_sign_all"),
]
