"""File evidence with a correction: documents and pictures of things done, never lists of residents.

Spreadsheets are refused on purpose: a list of people would come as one. The text of a PDF is searched for data of
residents; a picture cannot be, so a person looks at it before anything is published. What tells where and when a
picture was taken is left out before it is stored. The bytes lie under their own digest, so the same file filed twice is
kept once, and a file cannot be changed without its name telling.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import PurePath

from answerable.exchange.pdf_text import text_of_pages
from answerable.exchange.pictures import without_traces
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
from answerable.values.residents import residents_in

LARGEST_BYTES = 5 * 1024 * 1024
MOST_FILES = 5
MEDIA_TYPES = {
    "application/pdf": (b"%PDF-", (".pdf",)),
    "image/png": (b"\x89PNG\r\n\x1a\n", (".png",)),
    "image/jpeg": (b"\xff\xd8\xff", (".jpg", ".jpeg")),
}
"""What may be filed: how its bytes begin, and how its name may end."""


_FOUND: Mapping[str, Mapping[object, str]] = {
    "en": {
        "identity": "{count} identity numbers on page {page} ({shown})",
        "mobile": "{count} mobile numbers on page {page} ({shown})",
        "card": "{count} bank card numbers on page {page} ({shown})",
        "names": "a list of {count} names on page {page} ({shown})",
    },
    "zh": {
        "identity": "第 {page} 页有 {count} 个公民身份号码（{shown}）",
        "mobile": "第 {page} 页有 {count} 个手机号码（{shown}）",
        "card": "第 {page} 页有 {count} 个银行卡号（{shown}）",
        "names": "第 {page} 页像是 {count} 人的名单（{shown}）",
    },
}


def _unit_of(*, correction: str, **_: object) -> Subject:
    found = get_correction(correction)
    if found is None:
        raise Refused([Issue("site.unknown_correction", facts={"number": correction})])
    return Subject(unit=found.unit)


@action(permission="evidence.file", kind="evidence.filed", about=_unit_of)
def attach(*, by: Asker, correction: str, name: str, content: bytes) -> Done:
    """File one file as evidence of a correction."""
    about, shown = about_correction(correction), PurePath(name.replace("\\", "/")).name[:200]
    media_type = _media_type(content)
    refuse(*_issues(shown, content, media_type))
    stored = _stored(shown, content, media_type)
    sha256 = digest(stored)
    refuse(*_issues_beside(list_evidence([about]), shown, sha256))
    _keep(sha256, stored)
    row = add(
        Evidence,
        sha256=sha256,
        name=shown,
        size=len(stored),
        media_type=media_type,
        received_at=clock.now(),
        filed_by=get_holder(by).username,
        about=about,
    )
    return Done((row,), files=(FileMark(sha256, shown),), number=sha256)


def _media_type(content: bytes) -> str:
    """By how the bytes begin: what the browser or the name says about a file is no evidence."""
    kinds = (media_type for media_type, (start, _endings) in MEDIA_TYPES.items() if content.startswith(start))
    return next(kinds, "")


def _issues(name: str, content: bytes, media_type: str) -> Iterator[Issue]:
    facts = {"name": name}
    if not content:
        yield Issue("site.file_empty", facts=facts)
    elif not media_type:
        yield Issue("site.file_type", facts=facts)
    elif not name.lower().endswith(MEDIA_TYPES[media_type][1]):
        yield Issue("site.file_named_otherwise", facts=facts | {"holds": media_type.partition("/")[2].upper()})
    if len(content) > LARGEST_BYTES:
        yield Issue("site.file_too_large", facts=facts | {"most": str(LARGEST_BYTES // 1024 // 1024)})
    yield from _residents(name, content) if media_type == "application/pdf" else ()


def _stored(name: str, content: bytes, media_type: str) -> bytes:
    """The bytes that are kept: of a picture only what draws it."""
    return without_traces(content, name) if media_type.startswith("image/") else content


def _issues_beside(filed: tuple[File, ...], name: str, sha256: str) -> Iterator[Issue]:
    """What speaks against one more file here. That it is filed with something else is shown beside it, not refused."""
    if len(filed) >= MOST_FILES:
        yield Issue("site.files_too_many", facts={"most": str(MOST_FILES)})
    if sha256 in {file.sha256 for file in filed}:
        yield Issue("site.file_filed", facts={"name": name})


def _residents(name: str, content: bytes) -> Iterator[Issue]:
    """What the pages of a document hold of residents, in one issue; what has no text cannot be searched."""
    found = [(page, one) for page, text in text_of_pages(content) for one in residents_in(text)]
    told = [{"page": page, "count": one.count, "shown": one.shown, "kind": one.kind} for page, one in found]
    if told:
        zh = "；".join(_FOUND["zh"][one["kind"]].format(**one) for one in told)
        en = "; ".join(_FOUND["en"][one["kind"]].format(**one) for one in told)
        yield Issue("site.residents_in_file", facts={"name": name, "kinds_zh": zh, "kinds_en": en})


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
