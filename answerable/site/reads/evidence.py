"""Evidence files: what was filed about a thing, and where its bytes lie."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from answerable.site.models import Evidence
from answerable.site.reads.posts import get_display_names


@dataclass(frozen=True)
class File:
    """One filed file. `about` says what it is evidence of, for instance `correction 2025-C3`."""

    sha256: str
    name: str
    size: int
    media_type: str
    received_at: datetime
    filed_by: str
    filed_by_name: str
    about: str


def about_correction(number: str) -> str:
    """How evidence names the correction it belongs to."""
    return f"correction {number}"


def list_evidence(about: Iterable[str]) -> tuple[File, ...]:
    """The files filed about these things, in the order they came."""
    return _read(Evidence.objects.filter(about__in=list(about)).order_by("id"))


def list_filed_as(sha256: str) -> tuple[File, ...]:
    """Every filing of these bytes: one file may be evidence of several things."""
    return _read(Evidence.objects.filter(sha256=sha256).order_by("id"))


def _read(found: Iterable[Evidence]) -> tuple[File, ...]:
    rows = list(found)
    names = get_display_names(row.filed_by for row in rows)
    return tuple(
        File(
            sha256=row.sha256,
            name=row.name,
            size=row.size,
            media_type=row.media_type,
            received_at=row.received_at,
            filed_by=row.filed_by,
            filed_by_name=names[row.filed_by],
            about=row.about,
        )
        for row in rows
    )


def list_filed_elsewhere(files: Iterable[File]) -> Mapping[str, tuple[File, ...]]:
    """By digest, the filings of the same bytes with other things; a file filed once only is not in it."""
    given = list(files)
    filed = _read(Evidence.objects.filter(sha256__in=[file.sha256 for file in given]).order_by("id")) if given else ()
    here = {(file.sha256, file.about) for file in given}
    elsewhere: dict[str, tuple[File, ...]] = {}
    for one in filed:
        if (one.sha256, one.about) not in here:
            elsewhere[one.sha256] = (*elsewhere.get(one.sha256, ()), one)
    return elsewhere


def get_evidence_folder() -> Path:
    """Where the bytes lie, each file under its SHA-256."""
    return Path(settings.MEDIA_ROOT) / "evidence"


def get_bytes(sha256: str) -> bytes:
    """The bytes of a filed file; FileNotFoundError where they are gone."""
    return (get_evidence_folder() / Path(sha256).name).read_bytes()
