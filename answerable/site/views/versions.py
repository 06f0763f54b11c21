"""Published versions of a programme: the file as published, and what a version changed against the one before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from answerable.definition import Programme
from answerable.definition.changes import Change, changes
from answerable.site.reads.programmes import (
    Published,
    get_programme,
    get_source,
    get_version_before,
    list_programmes,
)
from answerable.site.views.parts import Cell, Column, Empty, Fact, Link, PageHead, Table
from answerable.site.views.programmes import span_of

__all__ = ["Comparison", "compared", "comparison", "handed_out", "urlpatterns"]

_KINDS = {"added": gettext_lazy("added"), "removed": gettext_lazy("removed"), "changed": gettext_lazy("changed")}


@dataclass(frozen=True)
class Comparison:
    """programmes/_changes.html: what a version changes, against which; what bears on scores stands first."""

    against: str
    tables: list[Table]
    empty: Empty | None = None


def comparison(programme: Programme, before: Published | None) -> Comparison | None:
    """What a programme changes against a version; None for the first of its name."""
    return compared(get_programme(before.digest), programme) if before else None


def compared(before: Programme, programme: Programme) -> Comparison:
    """What differs between two programmes, what bears on scores first."""
    found = changes(before, programme)
    weighty = [one for one in found if one.weighty]
    light = [one for one in found if not one.weighty]
    bears = ngettext("%(n)s change bears on scores", "%(n)s changes bear on scores", len(weighty))
    other = ngettext("%(n)s change bears on no score", "%(n)s changes bear on no score", len(light))
    tables = [_table(several, words) for several, words in ((weighty, bears), (light, other)) if several]
    nothing = Empty(_("Nothing has changed"), _("The two files say the same, in another order or with other remarks."))
    return Comparison(before.version, tables, None if tables else nothing)


def _table(found: list[Change], words: str) -> Table:
    columns = [Column(_("What")), Column(_("How")), Column(_("Before")), Column(_("After"))]
    rows = [
        [
            Cell(one.what, note=one.where),
            Cell(_KINDS[one.kind], state="weighty" if one.weighty else "light"),
            one.before or "",
            one.after or "",
        ]
        for one in found
    ]
    return Table(columns, rows, words % {"n": len(found)})


@login_required
def changed(request: HttpRequest, digest: str) -> HttpResponse:
    """`/programmes/<digest>/changes/`: what a published version changed against the one before it."""
    version = _version(digest, list_programmes())
    programme = get_programme(digest)
    before = get_version_before(programme, version.published_at)
    if before is None:
        raise Http404
    sheet = f"{reverse('programmes_index')}?version={digest}"
    title = _("Version %(version)s: what it changed") % {"version": version.version}
    facts = [
        Fact(_("Compared with"), before.version, f"{reverse('programmes_index')}?version={before.digest}"),
        Fact(_("In force"), span_of(version)),
        Fact(_("Published"), version.published_at),
    ]
    head = PageHead(title, [Link(_("Programme"), sheet)], version.title)
    context = {"head": head, "facts": facts, "comparison": comparison(programme, before)}
    return render(request, "programmes/changes.html", context)


@login_required
def file(_request: HttpRequest, digest: str) -> HttpResponse:
    """`/programmes/<digest>/programme.yaml`: the very bytes that were published; a new version is made from them."""
    version = _version(digest, list_programmes())
    return handed_out(get_source(digest), f"{version.code}-{version.version}.yaml")


def _version(digest: str, versions: Iterable[Published]) -> Published:
    found = next((one for one in versions if one.digest == digest), None)
    if found is None:
        raise Http404
    return found


def handed_out(source: str, name: str) -> HttpResponse:
    """A programme file to take away."""
    answer = HttpResponse(source.encode(), content_type="application/yaml; charset=utf-8")
    answer.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


urlpatterns = [
    path("programmes/<str:digest>/changes/", changed, name="programmes_changes"),
    path("programmes/<str:digest>/programme.yaml", file, name="programmes_file"),
]
