"""The ledger read by people: what happened, who did it and why, with the digests that hold it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _

from answerable.ledger.entry import KINDS
from answerable.ledger.holdings import holding_named
from answerable.site.reads.ledger import EntryShown, get_entry, get_last_index, get_root, list_entries
from answerable.site.templatetags.answerable import shown
from answerable.site.templatetags.menu import POSTS
from answerable.site.views.guard import allow, members_only
from answerable.site.views.parts import Cell, Column, Empty, Fact, Filter, Link, PageHead, Table

__all__ = ["urlpatterns"]

PAGE = 50
"""Entries on one page; pages are walked by the last index seen, so that new entries move nothing."""


@members_only("ledger.read")
def index(request: HttpRequest) -> HttpResponse:
    """`/ledger/`: the newest entries first; `?before=` walks back, `?kind=` chooses."""
    allow(request, "ledger.read")
    last = get_last_index()
    kind = request.GET.get("kind", "")
    before = request.GET.get("before", "")
    entries = list_entries(
        before=int(before) if before.isdigit() else None, count=PAGE, kind=kind if kind in KINDS else None
    )
    lead = _(
        "What happened, in order, for ever. Nothing here is changed; what was wrong is put right by a later entry."
    )
    context: dict[str, Any] = {
        "head": PageHead(_("Ledger"), lead=lead),
        "facts": _facts(last),
        "filters": [Filter("kind", _("What happened"), kind, [(one.name, one.title) for one in KINDS.values()])],
        "table": _table(entries),
        "older": _older(entries, kind) if len(entries) == PAGE else "",
        "is_first": not before,
    }
    if not entries:
        context["empty"] = Empty(_("No entry"), _("Nothing of this kind has happened, or the ledger is still empty."))
    return render(request, "ledger/index.html", context)


def _facts(last: int) -> list[Fact]:
    return [
        Fact(_("Entries"), last + 1),
        Fact(_("Root over all of them"), get_root(), digest=True),
        Fact(_("To check it"), _("answerable verify and the database file; docs/ledger.md says how to do it by hand")),
    ]


def _table(entries: tuple[EntryShown, ...]) -> Table:
    columns = [
        Column(_("Entry")),
        Column(_("What happened")),
        Column(_("Who")),
        Column(_("When")),
        Column(_("Rows"), number=True),
        Column(_("Leaf")),
    ]
    rows = [
        [
            Cell(one.index, reverse("ledger_entry", args=[one.index])),
            Cell(one.title, note=one.reason),
            Cell(one.by_name, note=_post(one.post)),
            one.at,
            len(one.rows),
            f"{one.leaf_hash[:12]}…",
        ]
        for one in entries
    ]
    return Table(columns, rows)


def _post(post: str) -> str:
    return str(POSTS.get(post, ""))


def _older(entries: tuple[EntryShown, ...], kind: str) -> str:
    return f"?before={entries[-1].index}" + (f"&kind={kind}" if kind else "")


@members_only("ledger.read")
def entry(request: HttpRequest, index: int) -> HttpResponse:
    """`/ledger/<index>/`: one entry and the rows it stands for."""
    allow(request, "ledger.read")
    found = get_entry(index)
    if found is None:
        raise Http404
    head = PageHead(
        _("Entry %(index)s: %(title)s") % {"index": index, "title": shown(found.title)},
        [Link(_("Ledger"), reverse("ledger_index"))],
    )
    context = {"head": head, "facts": _entry_facts(found), "table": _rows(found), "files": found.files}
    return render(request, "ledger/entry.html", context | _beside(index))


def _beside(index: int) -> dict[str, str]:
    """The entries before and after, where there are any."""
    beside = {"before": index - 1, "after": index + 1}
    last = get_last_index()
    return {name: reverse("ledger_entry", args=[at]) for name, at in beside.items() if 0 <= at <= last}


def _entry_facts(found: EntryShown) -> list[Fact]:
    facts = [
        Fact(_("Who"), found.by_name),
        Fact(_("In the post"), _post(found.post) or "–"),
        Fact(_("When"), found.at),
        Fact(_("Why"), found.reason or "–"),
    ]
    facts += [Fact(name, value, digest=len(str(value)) == 64) for name, value in found.facts.items()]
    return [*facts, Fact(_("Leaf of the tree"), found.leaf_hash, digest=True)]


def _rows(found: EntryShown) -> Table:
    """The rows an entry holds by digest, named as the database has them."""
    columns = [Column(_("Table")), Column(_("Row"))]
    names = [(table.removeprefix("answerable_"), " · ".join(key)) for table, key in found.rows]
    return Table(columns, [[Cell(holding_named(name).title, note=name), key] for name, key in names])


urlpatterns = [
    path("ledger/", index, name="ledger_index"),
    path("ledger/<int:index>/", entry, name="ledger_entry"),
]
