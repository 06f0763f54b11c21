"""File evidence with a correction: documents and pictures of things done, never lists of residents.

Spreadsheets are refused on purpose: a list of people would come as one. The bytes lie under their own digest, so the
same file filed twice is kept once, and a file cannot be changed without its name telling.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import PurePath

from answerable.ledger.entry import FileMark
from answerable.site import clock
from answerable.site.actions import Done, action, add, refuse
from answerable.site.models import Evidence
from answerable.site.permissions import Subject
from answerable.site.reads.corrections import get_correction
from answerable.site.reads.evidence import File, about_correction, get_evidence_folder, list_evidence
from answerable.site.reads.posts import Asker, get_holder
from answerable.values.canonical import digest
from answerable.values.issue import Issue, Refused

LARGEST_BYTES = 5 * 1024 * 1024
MOST_FILES = 5
MEDIA_TYPES = {
    "application/pdf": (b"%PDF-", (".pdf",)),
    "image/png": (b"\x89PNG\r\n\x1a\n", (".png",)),
    "image/jpeg": (b"\xff\xd8\xff", (".jpg", ".jpeg")),
}
"""What may be filed: how its bytes begin, and how its name may end."""


def _unit_of(*, correction: str, **_: object) -> Subject:
    found = get_correction(correction)
    if found is None:
        raise Refused([Issue("site.unknown_correction", facts={"number": correction})])
    return Subject(unit=found.unit)


@action(permission="evidence.file", kind="evidence.filed", about=_unit_of)
def attach(*, by: Asker, correction: str, name: str, content: bytes) -> Done:
    """File one file as evidence of a correction."""
    about, shown = about_correction(correction), PurePath(name.replace("\\", "/")).name[:200]
    sha256, media_type = digest(content), _media_type(shown, content)
    refuse(*_issues(shown, content, media_type, list_evidence([about])))
    _keep(sha256, content)
    row = add(
        Evidence,
        sha256=sha256,
        name=shown,
        size=len(content),
        media_type=media_type,
        received_at=clock.now(),
        filed_by=get_holder(by).username,
        about=about,
    )
    return Done((row,), files=(FileMark(sha256, shown),), number=sha256)


def _media_type(name: str, content: bytes) -> str:
    """By how the bytes begin and the name ends, both: what the browser says about a file is no evidence."""
    for media_type, (start, endings) in MEDIA_TYPES.items():
        if content.startswith(start) and name.lower().endswith(endings):
            return media_type
    return ""


def _issues(name: str, content: bytes, media_type: str, filed: tuple[File, ...]) -> Iterator[Issue]:
    facts = {"name": name}
    if not content:
        yield Issue("site.file_empty", facts=facts)
    elif not media_type:
        yield Issue("site.file_type", facts=facts)
    if len(content) > LARGEST_BYTES:
        yield Issue("site.file_too_large", facts=facts | {"most": str(LARGEST_BYTES // 1024 // 1024)})
    if len(filed) >= MOST_FILES:
        yield Issue("site.files_too_many", facts={"most": str(MOST_FILES)})
    if digest(content) in {file.sha256 for file in filed}:
        yield Issue("site.file_filed", facts=facts)


def _keep(sha256: str, content: bytes) -> None:
    """Write the bytes before the row: a file without a row harms nobody, a row without its file would."""
    folder = get_evidence_folder()
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / sha256).exists():
        return
    part = folder / f"{sha256}.{secrets.token_hex(4)}.part"
    with part.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(folder / sha256)
