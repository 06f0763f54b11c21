"""Publish the bulletin (通报) of confirmed grades."""

from __future__ import annotations

from answerable.ledger.entry import ROOT_BEFORE
from answerable.site import clock
from answerable.site.actions import Done, action, add, refuse
from answerable.site.models import Notice
from answerable.site.permissions import Subject
from answerable.site.reads.grades import get_run
from answerable.site.reads.ledger import get_root
from answerable.site.reads.notices import content_digest, get_notice_of
from answerable.site.reads.numbers import next_number
from answerable.site.reads.posts import Asker, get_holder
from answerable.values.issue import Issue, Refused
from answerable.values.text import Text


@action(permission="notices.publish", kind="notice.published", about=lambda **_: Subject())
def publish(*, by: Asker, run: str, title: Text) -> Done:
    """Publish the bulletin of a run, once, after the leading group confirmed it."""
    found, facts = get_run(run), {"run": run}
    if found is None:
        raise Refused([Issue("site.unknown_run", facts=facts)])
    refuse(
        Issue("site.run_not_confirmed", facts=facts) if found.confirmed is None else None,
        Issue("site.notice_published", facts=facts) if get_notice_of(run) else None,
    )
    row = add(
        Notice,
        number=next_number(Notice, found.year, "N"),
        kind="bulletin",
        year=found.year,
        run_id=run,
        title_zh=title.zh,
        title_en=title.en,
        published_by=get_holder(by).username,
        published_at=clock.now(),
        digest=content_digest(found, title),
    )
    facts = {"digest": row.digest, "scorecard_digest": found.scorecard_digest, ROOT_BEFORE: get_root()}
    return Done((row,), facts=facts, number=row.number)
