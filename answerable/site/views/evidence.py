"""Evidence files: handed out to whoever may read what they are evidence of, as they were filed or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from answerable.site.permissions import Holder
from answerable.site.reads.corrections import get_correction
from answerable.site.reads.evidence import File, about_correction, get_bytes, list_filed_as, list_filed_elsewhere
from answerable.site.views.guard import holder_of, members_only
from answerable.site.views.parts import Link, Notice, PageHead, Paper
from answerable.values.canonical import digest

__all__ = ["papers_of", "urlpatterns"]

_ENDINGS = {"application/pdf": "PDF", "image/png": "PNG", "image/jpeg": "JPEG"}


def papers_of(holder: Holder, files: Iterable[File]) -> Mapping[str, Paper]:
    """How filed files are shown, by digest. That one was filed with something else too is said, never judged."""
    given = list(files)
    elsewhere = list_filed_elsewhere(given)
    return {
        file.sha256: Paper(
            file.name,
            reverse("evidence_file", args=[file.sha256]),
            _ENDINGS.get(file.media_type, ""),
            file.size,
            _note(holder, elsewhere.get(file.sha256, ())),
        )
        for file in given
    }


def _note(holder: Holder, elsewhere: tuple[File, ...]) -> str:
    """Where the same file was filed besides, by number where this reader may open it."""
    if not elsewhere:
        return ""
    numbers = [_number(one) for one in elsewhere if _is_open(holder, one)]
    if not numbers:
        return _("the same file was also filed elsewhere")
    return _("the same file was also filed with %(numbers)s") % {"numbers": " · ".join(numbers)}


@members_only("evidence.read")
def file(request: HttpRequest, sha256: str) -> HttpResponse:
    """`/evidence/<sha256>`: the bytes under the name they were filed by, never shown inside the site."""
    filed = list_filed_as(sha256)
    if not filed:
        raise Http404
    found = next((one for one in filed if _is_open(holder_of(request), one)), None)
    if found is None:
        raise PermissionDenied
    content = _content(sha256)
    if content is None:
        return _lost(request, found)
    answer = HttpResponse(content, content_type=found.media_type)
    answer.headers["Content-Disposition"] = content_disposition_header(True, found.name) or "attachment"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _number(found: File) -> str:
    """The correction a file is evidence of."""
    return found.about.removeprefix(about_correction(""))


def _is_open(holder: Holder, found: File) -> bool:
    correction = get_correction(_number(found))
    return correction is not None and holder.may("evidence.read", correction.subject)


def _content(sha256: str) -> bytes | None:
    """The bytes as they were filed; None where they are gone or are other bytes now."""
    try:
        content = get_bytes(sha256)
    except FileNotFoundError:
        return None
    return content if digest(content) == sha256 else None


def _lost(request: HttpRequest, found: File) -> HttpResponse:
    number = _number(found)
    href = reverse("corrections_correction", args=[number])
    words = _("The stored file is missing or is not what was filed. Whoever runs the site restores it from a backup.")
    context = {
        "head": PageHead(found.name, [Link(number, href)]),
        "notice": Notice("bad", _("This file cannot be handed out"), words, Link(_("Back to the correction"), href)),
    }
    return render(request, "corrections/lost.html", context, status=503)


urlpatterns = [path("evidence/<str:sha256>", file, name="evidence_file")]
