"""Put a version of a programme into force."""

from __future__ import annotations

from answerable.definition import read
from answerable.site import clock
from answerable.site.actions import Done, action, add, refuse
from answerable.site.models import ProgrammeVersion
from answerable.site.reads.posts import Asker
from answerable.site.reads.programmes import list_programmes
from answerable.values.issue import Issue


@action(permission="programmes.publish", kind="programme.published")
def publish(*, by: Asker, source: str) -> Done:
    """Publish the text of a programme file, after every check the file itself must pass."""
    programme = read(source.encode())
    facts = {"programme": programme.id, "version": programme.version}
    for known in list_programmes():
        same = (known.code, known.version) == (programme.id, programme.version)
        refuse(Issue("site.programme_published", facts=facts) if same else None)
        overlaps = known.valid_from <= programme.valid_until and programme.valid_from <= known.valid_until
        other = {"programme": programme.id, "other": known.code}
        refuse(Issue("site.programme_overlaps", facts=other) if overlaps and known.code != programme.id else None)
    row = add(
        ProgrammeVersion,
        code=programme.id,
        version=programme.version,
        source=source,
        digest=programme.digest,
        published_at=clock.now(),
    )
    return Done((row,), facts={"programme_digest": programme.digest}, number=f"{programme.id} {programme.version}")
