"""One entry of the ledger: what happened, who did it in which post, why, and the digests of the rows it stands for.

From facts to the leaf, to the byte:

1. *body*: canonical JSON (UTF-8, keys sorted, no spaces) of `idx kind at by post reason rows files facts`.
2. *entry* = SHA-256(salt || body), 32 bytes; the salt is 32 random bytes, drawn for this entry alone.
3. *leaf* = SHA-256(0x00 || entry), the leaf of the tree in `tree.py`.

The body may be erased lawfully: entry and leaf stay, and without the salt nobody can guess the body from them. `idx`,
`kind` and `at` stand in columns of their own as well; they are in the body so that changing the columns is found.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from answerable.ledger.holdings import Cell, Holding, row_digest, row_key
from answerable.ledger.tree import leaf_hash
from answerable.values.canonical import canonical_json
from answerable.values.text import Text

__all__ = ["ENTRY_COLUMNS", "ENTRY_TABLE", "KINDS", "ROOT_BEFORE", "SYSTEM", "Entry", "FileMark", "Kind", "KindName"]
__all__ += ["RowMark", "StoredEntry", "entry_bytes", "mark", "read_body", "seal"]

ENTRY_TABLE = "answerable_entry"
ENTRY_COLUMNS = ("idx", "kind", "body", "salt", "leaf_hash", "received_at")
"""idx: integer from 0, no gaps · kind, body: text · salt, leaf_hash: 64 lower-case hex digits · received_at: time."""

SYSTEM = "system"
"""Who acted, where no person did."""

ROOT_BEFORE = "root_before"
"""A fact any entry may carry: the tree's root over all entries before it, in hex. `verify` recomputes it."""

KindName = Literal[
    "programme.published",
    "programme.proposed",
    "programme.refused",
    "programme.withdrawn",
    "unit.registered",
    "unit.identified",
    "unit.changed",
    "person.appointed",
    "agreement.issued",
    "agreement.signed",
    "return.submitted",
    "return.revised",
    "evidence.filed",
    "visit.drawn",
    "visit.assigned",
    "visit.recorded",
    "finding.raised",
    "finding.answered",
    "finding.decided",
    "correction.opened",
    "correction.submitted",
    "correction.sent_back",
    "correction.closed",
    "score.run",
    "grade.confirmed",
    "notice.published",
]


@dataclass(frozen=True)
class Kind:
    """A kind of entry: its name in the past tense, what people call it, and whether it needs a reason."""

    name: KindName
    title: Text
    needs_reason: bool = False


def _kinds(*kinds: tuple[KindName, str, str, bool]) -> Mapping[str, Kind]:
    table: dict[str, Kind] = {name: Kind(name, Text(zh=zh, en=en), reason) for name, zh, en, reason in kinds}
    if set(table) != set(get_args(KindName)):
        raise ValueError("every kind of entry needs its title")
    return table


KINDS = _kinds(
    ("programme.published", "发布考核方案", "Programme published", True),
    ("programme.proposed", "送审考核方案", "Programme proposed", False),
    ("programme.refused", "退回考核方案送审稿", "Proposal of a programme refused", True),
    ("programme.withdrawn", "撤回考核方案送审稿", "Proposal of a programme withdrawn", False),
    ("unit.registered", "登记单位", "Unit registered", False),
    ("unit.identified", "登记单位代码", "Codes of a unit registered", False),
    ("unit.changed", "登记单位变动", "Change of units recorded", True),
    ("person.appointed", "任命人员", "Person appointed", False),
    ("agreement.issued", "下达责任书", "Agreement issued", False),
    ("agreement.signed", "签署责任书", "Agreement signed", False),
    ("return.submitted", "报送月报表", "Return submitted", False),
    ("return.revised", "更正月报表", "Return revised", True),
    ("evidence.filed", "提交佐证材料", "Evidence filed", False),
    ("visit.drawn", "抽签确定核查单位", "Visits drawn", False),
    ("visit.assigned", "指定核查", "Visit assigned", True),
    ("visit.recorded", "记录核查结果", "Visit recorded", False),
    ("finding.raised", "提出问题", "Finding raised", False),
    ("finding.answered", "答复问题", "Finding answered", False),
    ("finding.decided", "认定问题", "Finding decided", True),
    ("correction.opened", "下达整改", "Correction opened", False),
    ("correction.submitted", "提交整改", "Correction submitted", False),
    ("correction.sent_back", "退回整改", "Correction sent back", True),
    ("correction.closed", "整改销号", "Correction closed", False),
    ("score.run", "计算评分", "Scores computed", False),
    ("grade.confirmed", "审定等次", "Grades confirmed", True),
    ("notice.published", "发布通报", "Notice published", False),
)
"""Every kind of entry there is. The list is closed: an entry of another kind is an issue."""


@dataclass(frozen=True)
class RowMark:
    """A row this entry stands for: its table, its natural key, and the digest of all its columns."""

    table: str
    key: tuple[Cell, ...]
    digest: str


@dataclass(frozen=True)
class FileMark:
    """A file this entry stands for, by the SHA-256 of its bytes; the name is what it was called when filed."""

    sha256: str
    name: str


@dataclass(frozen=True)
class Entry:
    """What happened. `by` is a user name or `system`, `post` the post acted in, `facts` further digests and numbers."""

    idx: int
    kind: KindName
    at: str
    by: str
    post: str = ""
    reason: str = ""
    rows: tuple[RowMark, ...] = ()
    files: tuple[FileMark, ...] = ()
    facts: Mapping[str, str | int] = field(default_factory=dict)

    def body(self) -> str:
        """The canonical JSON of this entry: these characters are stored, and their UTF-8 bytes are hashed."""
        rows = [{"table": row.table, "key": list(row.key), "digest": row.digest} for row in self.rows]
        files = [{"sha256": file.sha256, "name": file.name} for file in self.files]
        told = {"idx": self.idx, "kind": self.kind, "at": self.at, "by": self.by, "post": self.post}
        return canonical_json(
            {**told, "reason": self.reason, "rows": rows, "files": files, "facts": dict(self.facts)}
        ).decode()


@dataclass(frozen=True)
class StoredEntry:
    """An entry as its row in the database holds it; nothing here is believed before it is verified."""

    idx: int
    kind: str
    body: str
    salt: str
    leaf_hash: str
    received_at: str


def mark(holding: Holding, row: Mapping[str, Any]) -> RowMark:
    """The mark of a row as it stands in the database, `id` included: take it after the insert."""
    return RowMark(holding.table, tuple(row_key(holding, row)), row_digest(holding, row))


def entry_bytes(body: str, salt: bytes) -> bytes:
    """The 32 bytes the tree commits to: SHA-256(salt || body)."""
    return hashlib.sha256(salt + body.encode()).digest()


def seal(entry: Entry, salt: bytes) -> StoredEntry:
    """The row to store for an entry.

    Args:
        entry: what happened.
        salt: 32 bytes from the system's source of randomness, never used twice.

    Raises:
        ValueError: for a salt of another length, an unknown kind, or a reason that is missing where the kind needs one.
    """
    if len(salt) != 32:
        raise ValueError(f"a salt has 32 bytes, not {len(salt)}")
    if entry.kind not in KINDS:
        raise ValueError(f"no such kind of entry: {entry.kind}")
    if KINDS[entry.kind].needs_reason and not entry.reason.strip():
        raise ValueError(f"an entry {entry.kind} needs a reason")
    body = entry.body()
    leaf = leaf_hash(entry_bytes(body, salt))
    return StoredEntry(entry.idx, entry.kind, body, salt.hex(), leaf.hex(), entry.at)


def read_body(body: str) -> Entry:
    """The entry a stored body tells of.

    Raises:
        ValueError: when it is not the canonical JSON of an entry.
    """
    try:
        told = json.loads(body)
        entry = Entry(**{**told, "rows": _rows(told["rows"]), "files": _files(told["files"])})
        if not _well_typed(entry) or entry.body() != body:
            raise ValueError("its JSON is not canonical or holds values of the wrong type")
    except (KeyError, TypeError, AttributeError, RecursionError) as wrong:
        raise ValueError(f"its JSON has other fields than an entry ({wrong})") from wrong
    return entry


def _rows(told: Iterable[Mapping[str, Any]]) -> tuple[RowMark, ...]:
    return tuple(RowMark(row["table"], tuple(row["key"]), row["digest"]) for row in told)


def _files(told: Iterable[Mapping[str, Any]]) -> tuple[FileMark, ...]:
    return tuple(FileMark(file["sha256"], file["name"]) for file in told)


def _well_typed(entry: Entry) -> bool:
    texts: list[object] = [entry.kind, entry.at, entry.by, entry.post, entry.reason]
    texts += [text for row in entry.rows for text in (row.table, row.digest)]
    texts += [text for file in entry.files for text in (file.sha256, file.name)]
    cells: list[object] = [*(cell for row in entry.rows for cell in row.key), *entry.facts.values()]
    return (
        type(entry.idx) is int
        and all(isinstance(text, str) for text in texts)
        and all(cell is None or isinstance(cell, str | int) for cell in cells)
    )
