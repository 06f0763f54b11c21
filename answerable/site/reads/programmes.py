"""Programmes published here, and which is in force in a year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from answerable.definition import Programme, read
from answerable.site.models import ProgrammeVersion
from answerable.values.text import Text


@dataclass(frozen=True)
class Published:
    """One published version of a programme."""

    code: str
    version: str
    title: Text
    digest: str
    valid_from: date
    valid_until: date
    published_at: datetime


def list_programmes() -> tuple[Published, ...]:
    """Every published version, the newest first."""
    rows = ProgrammeVersion.objects.order_by("-id").defer("source")
    return tuple(_published(row) for row in rows)


def get_programme(digest: str) -> Programme:
    """The programme whose file has this digest; ProgrammeVersion.DoesNotExist where it was never published here."""
    return _parsed(digest)


def get_in_force(year: int) -> Programme | None:
    """The programme a year is assessed by: the last published whose validity covers the whole year."""
    for digest in ProgrammeVersion.objects.order_by("-id").values_list("digest", flat=True):
        programme = _parsed(digest)
        if _covers(programme, year):
            return programme
    return None


def list_years() -> tuple[int, ...]:
    """The years some published programme covers, the latest first."""
    years: set[int] = set()
    for digest in ProgrammeVersion.objects.values_list("digest", flat=True):
        programme = _parsed(digest)
        span = range(programme.valid_from.year, programme.valid_until.year + 1)
        years |= {year for year in span if _covers(programme, year)}
    return tuple(sorted(years, reverse=True))


def _covers(programme: Programme, year: int) -> bool:
    """Whether a programme is valid for a whole year; its last day itself is no longer inside."""
    return programme.valid_from <= date(year, 1, 1) and date(year + 1, 1, 1) <= programme.valid_until


def _published(row: ProgrammeVersion) -> Published:
    programme = _parsed(row.digest)
    return Published(
        code=row.code,
        version=row.version,
        title=programme.title,
        digest=row.digest,
        valid_from=programme.valid_from,
        valid_until=programme.valid_until,
        published_at=row.published_at,
    )


@lru_cache(maxsize=32)
def _parsed(digest: str) -> Programme:
    """Published text never changes, so what was read once holds for the life of the process."""
    row = ProgrammeVersion.objects.only("source").filter(digest=digest).order_by("id").first()
    if row is None:
        raise ProgrammeVersion.DoesNotExist(digest)
    return read(row.source.encode())
