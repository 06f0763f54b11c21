"""One agreement: the text both sides sign as a page and as a document, and the signature of either side."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _

from answerable.exchange import docx, pdf
from answerable.exchange.agreement import Signed
from answerable.exchange.agreement import agreement as document_of
from answerable.exchange.report import Report
from answerable.site.actions import agreements
from answerable.site.actions.agreements import Side
from answerable.site.permissions import Holder, Subject
from answerable.site.reads.agreements import Agreement, get_agreement, get_agreement_of
from answerable.site.reads.programmes import get_in_force
from answerable.site.reads.units import Unit, get_unit
from answerable.site.templatetags.answerable import language, shown
from answerable.site.views.agreements import SureForm, of_year
from answerable.site.views.guard import allow, attempt, holder_of, members_only
from answerable.site.views.notices import shown_block
from answerable.site.views.parts import Fact, Link, Notice, PageHead, Paper, Question, Signature
from answerable.values import Issue
from answerable.values.issue import Refused
from answerable.values.text import LANGUAGES, Language

__all__ = ["urlpatterns"]

_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


@members_only("agreements.read")
def agreement(request: HttpRequest, number: str) -> HttpResponse:
    """`/agreements/<number>/`: the text both sides sign, and who has."""
    found = _found(request, number)
    holder, registered = holder_of(request), get_unit(found.unit)
    report = _report(found, language())
    latest = get_agreement_of(found.unit, found.year)
    context = {
        "head": _head(holder, found, registered, latest),
        "notices": list(_notices(holder, found, latest)),
        "signatures": list(_signatures(found)),
        "papers": list(_papers(found)),
        "blocks": [shown_block(block) for block in report.blocks],
        "facts": list(_facts(found)),
    }
    return render(request, "agreements/agreement.html", context)


def _found(request: HttpRequest, number: str) -> Agreement:
    found = get_agreement(number)
    if found is None:
        raise Http404
    allow(request, "agreements.read", unit=found.unit)
    return found


def _side_to_sign(holder: Holder, found: Agreement) -> Side | None:
    """The side this person may sign for and has not; None where there is none."""
    subject = Subject(found.unit)
    if "unit" not in found.signatures and holder.may("agreements.sign_for_unit", subject):
        return "unit"
    return "office" if "office" not in found.signatures and holder.may("agreements.sign_for_office", subject) else None


def _head(holder: Holder, found: Agreement, registered: Unit | None, latest: Agreement | None) -> PageHead:
    name = registered.name if registered else found.unit
    title = _("%(unit)s: agreement of %(year)s") % {"unit": shown(name), "year": found.year}
    crumbs = [Link(_("Agreements of %(year)s") % {"year": found.year}, of_year(found.year))]
    current = latest is not None and latest.number == found.number
    side = _side_to_sign(holder, found) if current else None
    words = {"unit": _("Sign for the unit"), "office": _("Sign for the office")}
    action = Link(words[side], reverse("agreements_sign", args=[found.number])) if side else None
    return PageHead(title, crumbs, _("Number %(number)s") % {"number": found.number}, action)


def _notices(holder: Holder, found: Agreement, latest: Agreement | None) -> Iterator[Notice]:
    if latest and latest.number != found.number:
        link = Link(latest.number, reverse("agreements_agreement", args=[latest.number]))
        yield Notice("wait", _("Replaced by a later one"), _("This text holds no longer; it is kept as it was."), link)
        return
    programme = get_in_force(found.year)
    if programme and programme.digest != found.programme_digest:
        href = f"{reverse('agreements_issue')}?year={found.year}&unit={found.unit}"
        anew = Link(_("Issue it anew"), href) if holder.may("agreements.issue") else None
        words = _("A later version of the programme is in force. The agreement follows it once it is issued anew.")
        yield Notice("wait", _("The programme has changed since"), words, anew)
    waits = {"unit": _("the responsible leader of the unit"), "office": _("the programme office")}
    missing = [words for side, words in waits.items() if side not in found.signatures]
    if missing:
        words = _("Still to sign: %(who)s.") % {"who": (", " if language() == "en" else "、").join(missing)}
        yield Notice("wait", _("Not signed by both sides yet"), words)


def _signatures(found: Agreement) -> Iterator[Signature]:
    sides = (("office", _("For the programme office")), ("unit", _("For the unit: responsible leader")))
    for side, words in sides:
        signed = found.signatures.get(side)
        yield Signature(words, signed.name, signed.signed_at) if signed else Signature(words)


def _facts(found: Agreement) -> Iterator[Fact]:
    programme = found.text["programme"]
    yield Fact(_("Issued"), found.issued_at)
    title = found.text["title"][language()]
    yield Fact(_("Programme"), f"{title} {programme['version']}", reverse("programmes_index"))
    yield Fact(_("Digest of the programme"), found.programme_digest, digest=True)


def _papers(found: Agreement) -> Iterator[Paper]:
    """Both languages in both kinds; a PDF only where this machine can print it."""
    words = {"zh": _("Agreement in Chinese"), "en": _("Agreement in English")}
    for said in LANGUAGES:
        for kind in ("docx", "pdf"):
            if kind == "docx" or not pdf.missing_fonts(_report(found, said)):
                href = reverse("agreements_file", args=[found.number, kind])
                yield Paper(words[said], f"{href}?lang={said}", kind.upper())


@members_only("agreements.read")
def sign(request: HttpRequest, number: str) -> HttpResponse:
    """`/agreements/<number>/sign/`: asked once more, then signed for the side this person stands for."""
    found = _found(request, number)
    holder = holder_of(request)
    side = _side_to_sign(holder, found) or _side_of(holder, found)
    form = SureForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        receipt = attempt(form, lambda: agreements.sign(by=request.user, agreement=number, side=side))
        if receipt:
            messages.success(request, _("Signed: entry %(entry)s of the ledger.") % {"entry": receipt.entry})
            return redirect("agreements_agreement", number=number)
    back = reverse("agreements_agreement", args=[number])
    asked = {"unit": _("Sign this agreement for the unit?"), "office": _("Sign this agreement for the office?")}
    consequences = [
        _("It records that your account confirmed this text now. It is no signature by hand and no seal."),
        _("It enters the ledger and cannot be taken back."),
    ]
    head = PageHead(_("Sign the agreement"), [Link(found.number, back)])
    question = Question(asked[side], _("Sign"), back, consequences)
    return render(request, "agreements/question.html", {"head": head, "form": form, "question": question})


def _side_of(holder: Holder, found: Agreement) -> Side:
    """The side a person stands for, signed or not: the door says that it is signed."""
    if holder.may("agreements.sign_for_unit", Subject(found.unit)):
        return "unit"
    if holder.may("agreements.sign_for_office", Subject(found.unit)):
        return "office"
    raise PermissionDenied


# -- the document ------------------------------------------------------------------------------------------------------


@members_only("agreements.read")
def file(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """`/agreements/<number>.docx` and `.pdf`, in the language of the page or of `?lang=`."""
    if kind not in _TYPES:
        raise Http404
    found = _found(request, number)
    asked = request.GET.get("lang", "")
    said = next((one for one in LANGUAGES if one == asked), language())
    try:
        made = _file(found.number, _signed_of(found), said, kind)
    except Refused as refused:
        return _unprinted(request, found, refused.issues)
    answer = HttpResponse(made, content_type=_TYPES[kind])
    answer.headers["Content-Disposition"] = f'attachment; filename="{number}.{said}.{kind}"'
    answer.headers["Cache-Control"] = "private"
    return answer


def _unprinted(request: HttpRequest, found: Agreement, issues: tuple[Issue, ...]) -> HttpResponse:
    """What to install where no Chinese font is found, and the docx, which needs none."""
    crumbs = [Link(found.number, reverse("agreements_agreement", args=[found.number]))]
    head = PageHead(_("This PDF cannot be made here"), crumbs)
    papers = [paper for paper in _papers(found) if paper.kind == "DOCX"]
    context = {"head": head, "issues": issues, "papers": papers}
    return render(request, "agreements/unprinted.html", context, status=503)


def _signed_of(found: Agreement) -> tuple[Signed, ...]:
    return tuple(
        Signed(cast(Side, one.side), one.name, one.username, one.signed_at)
        for _side, one in sorted(found.signatures.items())
    )


def _report(found: Agreement, said: Language) -> Report:
    return document_of(found.text, said, number=found.number, signatures=_signed_of(found))


@lru_cache(maxsize=32)
def _file(number: str, signatures: tuple[Signed, ...], said: Language, kind: str) -> bytes:
    """An agreement's text never changes, so the document is made once for each signature it gets."""
    found = get_agreement(number)
    if found is None:
        raise Http404
    report = document_of(found.text, said, number=number, signatures=signatures)
    return docx.write(report) if kind == "docx" else pdf.write(report)


urlpatterns = [
    path("agreements/<str:number>/", agreement, name="agreements_agreement"),
    path("agreements/<str:number>/sign/", sign, name="agreements_sign"),
    path("agreements/<str:number>.<str:kind>", file, name="agreements_file"),
]
