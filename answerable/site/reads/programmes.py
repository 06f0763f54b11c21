"""Programmes published here, and which is in force in a year."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, datetime
from functools import lru_cache
from typing import Literal

from answerable.definition import Programme, read
from answerable.ledger.holdings import canonical_time
from answerable.site import clock
from answerable.site.models import ProgrammeVersion
from answerable.site.reads.once import once_a_page
from answerable.values.period import Period
from answerable.values.text import Text

Standing = Literal["in_force", "to_come", "earlier"]
"""Of a version, on a day: its year is now, its years are still to come, another took its place or its days are over."""

_AROUND = 50
"""How many years back and ahead of today are ever offered: a programme may be in force until 9999."""


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

    def covers(self, year: int) -> bool:
        """Whether it is valid for a whole year; its last day itself is no longer inside."""
        return covers(self, year)


def list_programmes() -> tuple[Published, ...]:
    """Every published version, the newest first."""
    rows = ProgrammeVersion.objects.order_by("-id").defer("source")
    return tuple(_published(row) for row in rows)


def get_programme(digest: str) -> Programme:
    """The programme whose file has this digest; ProgrammeVersion.DoesNotExist where it was never published here."""
    return _parsed(digest)


def get_source(digest: str) -> str:
    """The very text of a published version; ProgrammeVersion.DoesNotExist where it was never published here."""
    row = ProgrammeVersion.objects.only("source").filter(digest=digest).order_by("id").first()
    if row is None:
        raise ProgrammeVersion.DoesNotExist(digest)
    return row.source


def get_in_force(year: int) -> Programme | None:
    """The programme a year is assessed by: the last published whose validity covers the whole year."""
    for digest in _digests():
        programme = _parsed(digest)
        if covers(programme, year):
            return programme
    return None


def version_in_force(known: Iterable[Published], year: int) -> Published | None:
    """The same among versions at hand, the newest of them first."""
    return next((one for one in known if one.covers(year)), None)


def standing_of(one: Published, known: Iterable[Published]) -> Standing:
    """Where a version stands today among all there are, the newest of them first."""
    this, versions = clock.today().year, tuple(known)
    if version_in_force(versions, this) == one:
        return "in_force"
    ahead = range(this + 1, min(one.valid_until.year, this + _AROUND) + 1)
    return "to_come" if any(version_in_force(versions, year) == one for year in ahead) else "earlier"


def get_version_before(programme: Programme, until: datetime | None = None) -> Published | None:
    """The published version a programme is to be compared with; None for the first of its name.

    The newest whose days overlap its own, else the newest of all; of those published before a moment if one is named.
    """
    same = [
        one
        for one in list_programmes()
        if one.code == programme.id and one.digest != programme.digest and (until is None or one.published_at < until)
    ]
    overlapping = [
        one for one in same if one.valid_from < programme.valid_until and programme.valid_from < one.valid_until
    ]
    return next(iter(overlapping or same), None)


def list_years() -> tuple[int, ...]:
    """The years some published programme covers, the latest first."""
    years: set[int] = set()
    for digest in _digests():
        programme = _parsed(digest)
        years |= {year for year in years_around(programme) if covers(programme, year)}
    return tuple(sorted(years, reverse=True))


def years_around(programme: Programme) -> range:
    """The years a programme touches, as far as they are within a lifetime of today."""
    this = clock.today().year
    first, last = max(programme.valid_from.year, this - _AROUND), min(programme.valid_until.year, this + _AROUND)
    return range(first, last + 1)


def get_elapsed(programme: Programme, year: int) -> Period | None:
    """The months of a year whose returns are all due by now; None before the first."""
    now = canonical_time(clock.now())
    months = Period.of_year(year)
    due = [month for month in months if all(programme.due_instant(form, month) <= now for form in programme.forms)]
    return Period(months.start, due[-1].plus(1)) if due else None


def covers(version: Programme | Published, year: int) -> bool:
    """Whether a version is valid for a whole year; its last day itself is no longer inside."""
    if not MINYEAR <= year <= MAXYEAR:
        return False
    return version.valid_from <= date(year, 1, 1) and date(year, 12, 31) < version.valid_until


@once_a_page
def _digests() -> tuple[str, ...]:
    """Every published version, the newest first."""
    return tuple(ProgrammeVersion.objects.order_by("-id").values_list("digest", flat=True))


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
    return read(get_source(digest).encode())


@lru_cache(maxsize=32)
def get_parsed(source: str) -> Programme:
    """The programme a text makes, read once; Refused with its issues where it makes none."""
    return read(source.encode())
