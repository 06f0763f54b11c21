"""What is published, as anyone may read it without signing in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from answerable.site.models import Notice
from answerable.site.reads.grades import Run, ScoreTable, get_run, get_score_table
from answerable.site.reads.once import once_a_page
from answerable.site.reads.posts import get_display_names
from answerable.values.canonical import canonical_json, digest
from answerable.values.text import Text


@dataclass(frozen=True)
class Published:
    """One published notice; `digest` is that of `content` of its run."""

    number: str
    kind: str
    year: int
    run: str
    title: Text
    published_by_name: str
    published_at: datetime
    digest: str


@dataclass(frozen=True)
class Bulletin:
    """A published bulletin with the run behind it."""

    notice: Published
    table: ScoreTable


@once_a_page
def list_notices() -> tuple[Published, ...]:
    """Everything published, the newest first."""
    return _read(Notice.objects.order_by("-id"))


def get_notice(number: str) -> Published | None:
    """One notice by its number; None where there is none."""
    return next(iter(_read(Notice.objects.filter(number=number))), None)


def get_notice_of(run: str) -> Published | None:
    """The notice a run was published by; None before."""
    return next(iter(_read(Notice.objects.filter(run__number=run))), None)


def get_bulletin(number: str) -> Bulletin | None:
    """A published bulletin with its figures; None where there is none."""
    notice = get_notice(number)
    run = get_run(notice.run) if notice else None
    return Bulletin(notice, get_score_table(run)) if notice and run else None


def content_digest(run: Run, title: Text) -> str:
    """Digest of what a bulletin says: its title, the run, how many units have each grade, the scorecard by digest."""
    said = {
        "format": "answerable-notice/1",
        "run": run.number,
        "title": {"zh": title.zh, "en": title.en},
        "period": str(run.period),
        "counts": run.counts,
        "scorecard_digest": run.scorecard_digest,
    }
    return digest(canonical_json(said))


def _read(rows: Iterable[Notice]) -> tuple[Published, ...]:
    notices = list(rows)
    names = get_display_names(row.published_by for row in notices)
    return tuple(
        Published(
            number=row.number,
            kind=row.kind,
            year=row.year,
            run=row.run_id,
            title=Text(zh=row.title_zh, en=row.title_en),
            published_by_name=names[row.published_by],
            published_at=row.published_at,
            digest=row.digest,
        )
        for row in notices
    )
