"""What is public: the front page for strangers, the bulletins with their documents; and the office's publishing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from answerable.exchange import docx, pdf
from answerable.exchange.bulletin import bulletin
from answerable.exchange.report import Block, Heading, ListBlock, Paragraph, Report, TableBlock
from answerable.ledger.entry import ROOT_BEFORE
from answerable.site import clock
from answerable.site.actions import notices
from answerable.site.reads.grades import Run, get_run, get_scorecard, list_runs
from answerable.site.reads.ledger import EntryShown, list_entries
from answerable.site.reads.notices import Bulletin, Published, get_bulletin, get_notice, list_notices
from answerable.site.reads.programmes import get_programme
from answerable.site.reads.snapshot import get_snapshot
from answerable.site.templatetags.answerable import language, shown
from answerable.site.views.grades import run_facts, standings
from answerable.site.views.guard import allow, attempt, members_only
from answerable.site.views.parts import (
    Cell,
    Column,
    Empty,
    Fact,
    Link,
    Notice,
    PageHead,
    Paper,
    Question,
    Sum,
    Table,
)
from answerable.site.views.programmes import plain
from answerable.values import Text
from answerable.values.issue import Refused
from answerable.values.text import Language

__all__ = ["board", "shown_block", "urlpatterns"]

_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}
_LANGUAGES: tuple[Language, ...] = ("zh", "en")


# -- for everyone ------------------------------------------------------------------------------------------------------


def board(request: HttpRequest) -> HttpResponse:
    """The front page of whoever is not signed in: who we are, the last bulletin, how to check it."""
    published = list_notices()
    lead = _("What was promised, what was done, and how it was judged.")
    context: dict[str, Any] = {
        "head": PageHead(_("Answerable"), lead=lead),
        "papers": [_paper(one) for one in published[1:]],
    }
    if published:
        latest, run = published[0], get_run(published[0].run)
        context |= {"latest": latest, "address": reverse("notices_bulletin", args=[latest.number])}
        context |= {"sums": _sums(run) if run else [], "checkpoint": _checkpoint_line(latest)}
    return render(request, "notices/board.html", context)


def bulletins(request: HttpRequest) -> HttpResponse:
    """`/bulletins/`: everything published, for everyone."""
    published = list_notices()
    head = PageHead(_("Bulletins"), lead=_("Everything that was published, the newest first. Nothing is taken away."))
    context: dict[str, Any] = {"head": head, "papers": [_paper(one) for one in published]}
    if not published:
        words = _("The first bulletin stands here once the grades of a year are confirmed.")
        context["empty"] = Empty(_("No bulletin is published yet"), words)
    return render(request, "notices/bulletins.html", context)


def _paper(one: Published) -> Paper:
    return Paper(
        one.title,
        reverse("notices_bulletin", args=[one.number]),
        str(one.year),
        note=plain(clock.day_of(one.published_at)),
    )


def _sums(run: Run) -> list[Sum]:
    """Units and grades as stored: the same figures the table is counted from."""
    titles = get_programme(run.programme_digest).grades
    order = [*(band.grade for band in titles.bands), "not_rated"]
    found = [Sum(titles.title(grade), run.counts[grade]) for grade in order if grade in run.counts]
    return [Sum(_("Units assessed"), run.units), *found]


def bulletin_page(request: HttpRequest, number: str) -> HttpResponse:
    """`/bulletins/<number>/`: the bulletin on a page: counts, every unit, the text, and what it takes to check it."""
    found = get_bulletin(number)
    if found is None:
        raise Http404
    notice, table = found.notice, found.table
    snapshot = table.run.snapshot_digest
    unprinted = pdf.missing_fonts(_report(notice, snapshot, "zh"))
    context = {
        "head": PageHead(notice.title, lead=_lead(found)),
        "sums": _sums(table.run),
        "papers": list(_papers(number, printed=not unprinted)),
        "issues": unprinted,
        "blocks": _shown_blocks(found, _report(notice, snapshot, language())),
        **standings(request, table, with_parts=False, linked=False),
        "facts": _verify_facts(notice, table.run),
        "checkpoint": _checkpoint_line(notice),
    }
    return render(request, "notices/bulletin.html", context)


def _lead(found: Bulletin) -> str:
    return _("%(office)s, %(at)s") % {
        "office": shown(found.table.programme.office),
        "at": plain(clock.day_of(found.notice.published_at)),
    }


def _papers(number: str, printed: bool) -> list[Paper]:
    """The bulletin to take away; a PDF only where this machine can print it."""
    kinds = (("docx", True), ("pdf", printed))
    words = {"zh": _("Bulletin in Chinese"), "en": _("Bulletin in English")}
    return [
        Paper(
            words[said],
            reverse("notices_file", args=[number, said, kind]),
            kind.upper(),
        )
        for said in _LANGUAGES
        for kind, is_made in kinds
        if is_made or said == "en"
    ]


def file(request: HttpRequest, number: str, said: Language, kind: str) -> HttpResponse:
    """`/bulletins/<number>/bulletin.zh.docx` and its kin, made from the same scorecard as the page."""
    notice = get_notice(number)
    run = get_run(notice.run) if notice else None
    if kind not in _TYPES or said not in _LANGUAGES or notice is None or run is None:
        raise Http404
    try:
        made = _file(notice, run.snapshot_digest, said, kind)
    except Refused as refused:
        head = PageHead(_("This PDF cannot be made here"))
        papers = [one for one in _papers(number, printed=False) if one.kind == "DOCX"]
        context = {"head": head, "issues": refused.issues, "papers": papers}
        return render(request, "notices/unprinted.html", context, status=503)
    answer = HttpResponse(made, content_type=_TYPES[kind])
    answer.headers["Content-Disposition"] = f'attachment; filename="{number}.{said}.{kind}"'
    return answer


_NOT_IN_A_BULLETIN = ("return_version", "recount", "agreement_version", "agreement_signature")
"""The facts behind the scores: the scorecard stands for them."""


@lru_cache(maxsize=16)
def _file(notice: Published, snapshot: str, said: Language, kind: str) -> bytes:
    """A published bulletin never changes, so its document is made once in the life of the process."""
    report = _report(notice, snapshot, said)
    return docx.write(report) if kind == "docx" else pdf.write(report)


@lru_cache(maxsize=16)
def _report(notice: Published, snapshot: str, said: Language) -> Report:
    """The bulletin as a document, under the title it was published by; `snapshot` is the digest of its facts."""
    run = get_run(notice.run)
    if run is None or run.snapshot_digest != snapshot:
        raise Http404
    programme = get_programme(run.programme_digest)
    made = bulletin(
        programme,
        get_scorecard(run),
        get_snapshot(programme, run.period, run.entry_index, without=_NOT_IN_A_BULLETIN).tables,
        said,
        day=clock.day_of(notice.published_at),
        checkpoint=_checkpoint(notice, run, said),
    )
    return replace(made, title=notice.title.in_language(said))


def _checkpoint(notice: Published, run: Run, said: Language) -> tuple[str, ...]:
    """Lines that tie the document to the ledger."""
    words = Text(
        zh=f"存证账本：评分 {run.number}，依据第0至{run.entry_index}条；通报 {notice.number}",
        en=f"Ledger: run {run.number} from entries 0 to {run.entry_index}; bulletin {notice.number}",
    )
    entry = _entry_of(notice)
    root = (f"  root {entry.facts[ROOT_BEFORE]} ({entry.index})",) if entry else ()
    return (words.in_language(said), f"  SHA-256 {notice.digest}", *root)


def _entry_of(notice: Published) -> EntryShown | None:
    """The entry a notice was published by."""
    published = list_entries(count=100, kind="notice.published")
    return next((entry for entry in published if entry.facts.get("digest") == notice.digest), None)


def _checkpoint_line(notice: Published) -> str:
    entry = _entry_of(notice)
    return (
        _("Entry %(index)s of the ledger; root before it %(root)s")
        % {
            "index": entry.index,
            "root": entry.facts[ROOT_BEFORE],
        }
        if entry
        else ""
    )


def _verify_facts(notice: Published, run: Run) -> list[Fact]:
    entry = _entry_of(notice)
    facts = [Fact(_("Published"), notice.published_at), Fact(_("Digest of the bulletin"), notice.digest, digest=True)]
    if entry:
        facts.append(Fact(_("Entries of the ledger before it"), entry.index))
        facts.append(Fact(_("Root over them"), entry.facts[ROOT_BEFORE], digest=True))
    return [*facts, *run_facts(run)]


@dataclass(frozen=True)
class Shown:
    """One block of a document as the page shows it: which kind it is, and what stands in it."""

    kind: str
    text: str = ""
    level: int = 2
    items: tuple[str, ...] = ()
    table: Table | None = None


def _shown_blocks(found: Bulletin, report: Report) -> list[Shown]:
    """The text of the document. In place of its lists of units stands the page's own table, which can be searched."""
    listed = {row.unit for row in found.table.rows}
    blocks: list[Shown] = []
    for block in report.blocks:
        if not _lists_units(block, listed):
            blocks.append(shown_block(block))
            continue
        if blocks and blocks[-1].kind == "heading" and blocks[-1].level > 2:
            blocks.pop()
        if all(one.kind != "units" for one in blocks):
            blocks.append(Shown("units"))
    return blocks


def _lists_units(block: Block, units: set[str]) -> bool:
    return isinstance(block, TableBlock) and bool(block.rows) and all(units & set(row) for row in block.rows)


def shown_block(block: Block) -> Shown:
    """One block of any document, for a page. Signatures are left to the page."""
    match block:
        case Heading(level):
            return Shown("heading", str(block), level + 1)
        case Paragraph(text, role):
            return Shown(role, text)
        case ListBlock():
            return Shown("list", items=tuple(block.lines(language())))
        case TableBlock():
            columns = [Column(head, align == "right") for head, align in zip(block.head, block.align, strict=True)]
            return Shown("table", table=Table(columns, block.rows, block.caption))
        case _:
            return Shown("nothing")


# -- for the office ----------------------------------------------------------------------------------------------------


class PublishForm(forms.Form):
    """What the bulletin is called, in both languages."""

    title_zh = forms.CharField(label=gettext_lazy("Title in Chinese"))
    title_en = forms.CharField(label=gettext_lazy("Title in English"))


@members_only("notices.publish")
def index(request: HttpRequest) -> HttpResponse:
    """`/notices/`: what is confirmed and waits to be published, and what was."""
    allow(request, "notices.publish")
    published = list_notices()
    done = {notice.run for notice in published}
    waiting = [run for run in list_runs() if run.confirmed and run.number not in done]
    unconfirmed = next((run for run in list_runs()[:1] if not run.confirmed), None)
    context: dict[str, Any] = {
        "head": PageHead(_("Publish"), lead=_("A bulletin is made from confirmed grades and stays for ever.")),
        "waiting": _waiting_table(waiting) if waiting else None,
        "papers": [_paper(one) for one in published],
    }
    if unconfirmed:
        words = _("Run %(run)s waits for the leading group.") % {"run": unconfirmed.number}
        context["notice"] = Notice("wait", _("Not confirmed yet"), words)
    if not waiting and not published:
        words = _("Compute the scores, and have the leading group confirm them.")
        link = Link(_("Scores and grades"), reverse("grades_index"))
        context["empty"] = Empty(_("There is nothing to publish yet"), words, link)
    return render(request, "notices/index.html", context)


def _waiting_table(waiting: list[Run]) -> Table:
    columns = [Column(_("Run")), Column(_("Period")), Column(_("Confirmed")), Column(_("Units"), number=True)]
    rows = [
        [
            Cell(run.number, reverse("notices_publish", args=[run.number])),
            run.period,
            run.confirmed.at if run.confirmed else "",
            run.units,
        ]
        for run in waiting
    ]
    return Table(columns, rows)


@members_only("notices.publish")
def publish(request: HttpRequest, run: str) -> HttpResponse:
    """`/notices/publish/<run>/`: ask, then publish."""
    allow(request, "notices.publish")
    found = get_run(run)
    if found is None:
        raise Http404
    form = PublishForm(request.POST or None, initial=_titles(found))
    if request.method == "POST" and form.is_valid():
        title = Text(zh=form.cleaned_data["title_zh"], en=form.cleaned_data["title_en"])
        receipt = attempt(form, lambda: notices.publish(by=request.user, run=run, title=title))
        if receipt:
            messages.success(request, _("Published: entry %(entry)s of the ledger.") % {"entry": receipt.entry})
            return redirect("notices_bulletin", number=receipt.number)
    consequences = [
        _("Everyone can read it without signing in: counts, every unit's total, grade and place."),
        _("It enters the ledger and is never taken away; a mistake is put right by another bulletin."),
        _("It publishes grades; it is no award."),
    ]
    words = _("Publish the bulletin of %(period)s?") % {"period": shown(found.period)}
    context = {
        "head": PageHead(_("Publish the bulletin"), [Link(_("Publish"), reverse("notices_index"))]),
        "sums": _sums(found),
        "form": form,
        "question": Question(words, _("Publish"), reverse("notices_index"), consequences),
    }
    return render(request, "notices/publish.html", context)


def _titles(run: Run) -> dict[str, str]:
    """A title the office may keep or change."""
    return {
        "title_zh": f"{run.period.in_words('zh')}家庭服务责任目标考核结果通报",
        "title_en": f"Results of the assessment of {run.period.in_words('en')}",
    }


urlpatterns = [
    path("notices/", index, name="notices_index"),
    path("notices/publish/<str:run>/", publish, name="notices_publish"),
    path("bulletins/", bulletins, name="notices_bulletins"),
    path("bulletins/<str:number>/", bulletin_page, name="notices_bulletin"),
    path("bulletins/<str:number>/bulletin.<str:said>.<str:kind>", file, name="notices_file"),
]
