"""Does the file still say what was recorded? Every difference is found and named; nothing is repaired.

Pure: entries, rows and a way to hash stored files come in, issues come out. What stays invisible without an outside
checkpoint is said in `LIMITS`, and every report prints it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from answerable.ledger.entry import KINDS, ROOT_BEFORE, Entry, StoredEntry, entry_bytes, read_body
from answerable.ledger.holdings import HOLDINGS, Cell, Holding, holding_named, key_text, row_digest
from answerable.ledger.tree import Tree, leaf_hash
from answerable.values.issue import Issue, Place
from answerable.values.text import Text

__all__ = ["LIMITS", "FileHash", "LedgerReport", "Rows", "opened", "verify"]

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""Rows by holding name, each a mapping from column to cell as the database holds it, `id` included."""

FileHash = Callable[[str], str | None]
"""From the SHA-256 a file was stored under to the SHA-256 of the bytes now there; None when no file is there."""

LIMITS: tuple[Text, ...] = (
    Text(
        zh="如果有人从某处起把整段历史连同所有哈希重写一遍，仅凭本文件无法发现；须把上面的根哈希与外部留存的检查点比对。",
        en="A history rewritten whole, with every hash computed anew, cannot be found from this file alone: "
        "compare the root above with a checkpoint kept outside.",
    ),
    Text(
        zh="如果最新的若干条记录连同其各行一起被截去，仅凭本文件无法发现；须把记录条数与外部留存的检查点比对。",
        en="The newest entries cut off together with their rows cannot be found from this file alone: "
        "compare the number of entries with a checkpoint kept outside.",
    ),
    Text(
        zh="录入时就不真实的内容，哈希无法发现；那要靠现场核查。",
        en="What was false when it was entered cannot be found by any hash: that is what visits are for.",
    ),
)
"""What no look at the file alone can find."""


_EVIDENCE = holding_named("evidence")


@dataclass(frozen=True)
class LedgerReport:
    """What was looked at and what was found. `files` is None when no folder of evidence was given."""

    entries: int
    rows: Mapping[str, int]
    files: int | None
    root: str
    issues: tuple[Issue, ...]


@dataclass(frozen=True)
class _Recorded:
    """A row as some entry recorded it."""

    digest: str
    idx: int
    at: str


@dataclass(frozen=True)
class _History:
    """Entries in order, each with its body read, or None where it cannot be read."""

    pairs: tuple[tuple[StoredEntry, Entry | None], ...]

    @cached_property
    def readable(self) -> tuple[Entry, ...]:
        """The entries whose bodies can be read."""
        return tuple(entry for _, entry in self.pairs if entry is not None)


def opened(stored: Iterable[StoredEntry]) -> dict[int, Entry]:
    """The entries whose bodies can be read, by index: what pages and snapshots read."""
    return {entry.idx: entry for entry in _history(stored).readable}


def verify(entries: Iterable[StoredEntry], rows: Rows, file_hash: FileHash | None = None) -> LedgerReport:
    """Compare the entries with themselves, with every row, and with the stored evidence files.

    Args:
        entries: the ledger's rows, in any order.
        rows: every row of every holding.
        file_hash: how to hash a stored evidence file; None where the files are not at hand.

    Returns:
        Counts, the tree's root over the stored leaf hashes, and every issue, entries first.
    """
    history = _history(entries)
    files = _files(history)
    issues = [*_entry_issues(history), *_order_issues(history), *_root_issues(history), *_row_issues(history, rows)]
    if file_hash is not None:
        issues += _file_issues(files, file_hash)
    return LedgerReport(
        entries=len(history.pairs),
        rows={holding.name: len(rows.get(holding.name, ())) for holding in HOLDINGS},
        files=None if file_hash is None else len(files),
        root=_root(history),
        issues=tuple(issues),
    )


def _history(stored: Iterable[StoredEntry]) -> _History:
    return _History(tuple((entry, _read(entry)) for entry in sorted(stored, key=lambda entry: entry.idx)))


def _read(stored: StoredEntry) -> Entry | None:
    try:
        return read_body(stored.body)
    except ValueError:
        return None


def _of_entry(code: str, idx: int, **facts: object) -> Issue:
    told = {name: str(fact) for name, fact in facts.items()}
    return Issue(f"ledger.{code}", Place(sheet="answerable_entry", row=str(idx)), {"idx": str(idx), **told})


def _entry_issues(history: _History) -> Iterator[Issue]:
    """Each entry against its own hash and its own body."""
    for stored, entry in history.pairs:
        if not stored.body:
            yield _of_entry("entry_erased", stored.idx)
            continue
        if _leaf(stored) != stored.leaf_hash:
            yield _of_entry("leaf_changed", stored.idx)
        if entry is None:
            yield _of_entry("body_unreadable", stored.idx)
        else:
            yield from _column_issues(stored, entry)


def _leaf(stored: StoredEntry) -> str:
    """The leaf hash this body and salt give; empty where they give none."""
    try:
        salt = bytes.fromhex(stored.salt)
    except ValueError:
        return ""
    canonical_salt = len(salt) == 32 and salt.hex() == stored.salt
    return leaf_hash(entry_bytes(stored.body, salt)).hex() if canonical_salt else ""


def _column_issues(stored: StoredEntry, entry: Entry) -> Iterator[Issue]:
    """Columns that stand beside the body must say what the body says."""
    beside = (("idx", stored.idx, entry.idx), ("kind", stored.kind, entry.kind))
    for column, shown, told in (*beside, ("received_at", stored.received_at, entry.at)):
        if shown != told:
            yield _of_entry("column_differs", stored.idx, column=column, stored=shown, told=told)
    if entry.kind not in KINDS:
        yield _of_entry("kind_unknown", stored.idx, kind=entry.kind)


def _order_issues(history: _History) -> Iterator[Issue]:
    """Indices run from 0 without gap; time never runs backwards."""
    expected, before = 0, ""
    for stored, _ in history.pairs:
        if stored.idx < expected:
            yield _of_entry("entry_repeated", stored.idx)
        if stored.idx > expected:
            yield _of_entry("entry_missing", expected, last=stored.idx - 1)
        expected = max(expected, stored.idx + 1)
        if stored.received_at < before:
            yield _of_entry("time_backwards", stored.idx, at=stored.received_at, before=before)
        before = stored.received_at


def _leaf_bytes(stored: StoredEntry) -> bytes:
    """The stored leaf hash; what is no hash at all stands in the tree as zeros, so that a root can still be told."""
    try:
        return bytes.fromhex(stored.leaf_hash).rjust(32, b"\0")[:32]
    except ValueError:
        return bytes(32)


def _root(history: _History) -> str:
    return Tree(_leaf_bytes(stored) for stored, _ in history.pairs).root().hex()


def _root_issues(history: _History) -> Iterator[Issue]:
    """Entries that hold the root of all before them bind these: a rewriting must reach the newest such entry."""
    tree = Tree()
    for stored, entry in history.pairs:
        if entry is not None and ROOT_BEFORE in entry.facts and entry.facts[ROOT_BEFORE] != tree.root().hex():
            yield _of_entry("root_differs", stored.idx, root=tree.root().hex())
        tree.append(_leaf_bytes(stored))


def _of_row(code: str, holding: Holding, key: tuple[Cell, ...], recorded: _Recorded | None, **more: str) -> Issue:
    facts = {"title_zh": holding.title.zh, "title_en": holding.title.en, "key": key_text(list(key)), **more}
    if recorded is not None:
        facts |= {"idx": str(recorded.idx), "at": recorded.at}
    return Issue(f"ledger.{code}", Place(sheet=holding.table, row=key_text(list(key))), facts)


def _row_issues(history: _History, rows: Rows) -> Iterator[Issue]:
    recorded: dict[str, dict[tuple[Cell, ...], _Recorded]] = {holding.table: {} for holding in HOLDINGS}
    yield from _collect(history, recorded)
    for holding in HOLDINGS:
        yield from _holding_issues(holding, rows.get(holding.name, ()), recorded[holding.table])


def _collect(history: _History, into: dict[str, dict[tuple[Cell, ...], _Recorded]]) -> Iterator[Issue]:
    """Gather what every entry recorded; a row recorded twice and a table nobody knows are issues."""
    by_table = {holding.table: holding for holding in HOLDINGS}
    for entry in history.readable:
        for row in entry.rows:
            if row.table not in by_table:
                yield _of_entry("table_unknown", entry.idx, table=row.table)
                continue
            now = _Recorded(row.digest, entry.idx, entry.at)
            first = into[row.table].setdefault(row.key, now)
            if first is not now:
                yield _of_row("row_recorded_twice", by_table[row.table], row.key, now, first=str(first.idx))


def _holding_issues(
    holding: Holding, rows: Sequence[Mapping[str, Any]], recorded: Mapping[tuple[Cell, ...], _Recorded]
) -> Iterator[Issue]:
    seen: set[tuple[Cell, ...]] = set()
    for row in rows:
        key = tuple(_cell_of_key(row.get(name)) for name in holding.key)
        known = recorded.get(key)
        if known is None or key in seen:
            yield _of_row("row_unrecorded", holding, key, None)
        elif _digest(holding, row) != known.digest:
            yield _of_row("row_changed", holding, key, known)
        seen.add(key)
    for key, known in recorded.items():
        if key not in seen:
            yield _of_row("row_missing", holding, key, known)


def _cell_of_key(value: object) -> Cell:
    """A cell of a key as it stands; what can stand in no key (a float, raw bytes) is shown as Python writes it."""
    return value if value is None or isinstance(value, str | int) else repr(value)


def _digest(holding: Holding, row: Mapping[str, Any]) -> str:
    """The row's digest now; empty where a cell holds what its column cannot, or a column is gone."""
    try:
        return row_digest(holding, row)
    except (ValueError, KeyError):
        return ""


def _files(history: _History) -> dict[str, tuple[str, int]]:
    """Every evidence file by its SHA-256, with its name and the entry that first recorded it."""
    files: dict[str, tuple[str, int]] = {}
    for entry in history.readable:
        for file in entry.files:
            files.setdefault(file.sha256, (file.name, entry.idx))
        # The key of a row of evidence begins with the file's SHA-256: it is looked for even if no mark names it.
        for row in entry.rows:
            if row.table == _EVIDENCE.table and row.key:
                files.setdefault(str(row.key[0]), (str(row.key[0]), entry.idx))
    return files


def _file_issues(files: Mapping[str, tuple[str, int]], file_hash: FileHash) -> Iterator[Issue]:
    for sha256, (name, idx) in files.items():
        now = file_hash(sha256)
        if now != sha256:
            code = "file_missing" if now is None else "file_changed"
            facts = {"idx": str(idx), "name": name, "sha256": sha256}
            yield Issue(f"ledger.{code}", Place(file=name), facts)
