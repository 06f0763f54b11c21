"""The ledger as people read it: its entries, where it stands, and what came after a moment of it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from answerable.ledger.entry import KINDS
from answerable.ledger.tree import root_of
from answerable.site.models import Entry
from answerable.site.reads.posts import get_display_names
from answerable.values.text import Text


@dataclass(frozen=True)
class EntryShown:
    """One entry: what happened, who did it in which post, why, and how many rows and files it stands for."""

    index: int
    kind: str
    title: Text
    at: datetime
    by: str
    by_name: str
    post: str
    reason: str
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    files: tuple[str, ...]
    facts: dict[str, str | int]
    leaf_hash: str


def get_last_index() -> int:
    """The index of the last entry; -1 while there is none."""
    last = Entry.objects.order_by("-idx").values_list("idx", flat=True).first()
    return -1 if last is None else last


def get_leaf_hash(index: int) -> str:
    """What an entry commits to, with its salt: no other entry of any ledger has it. Empty where there is none."""
    return Entry.objects.filter(idx=index).values_list("leaf_hash", flat=True).first() or ""


def get_root() -> str:
    """The root of the hash tree over every entry there is, in hex."""
    leaves = Entry.objects.order_by("idx").values_list("leaf_hash", flat=True)
    return root_of(bytes.fromhex(leaf) for leaf in leaves).hex()


def list_entries(before: int | None = None, count: int = 50, kind: str | None = None) -> tuple[EntryShown, ...]:
    """The newest entries first, those below an index if one is named: pages are walked by the last index seen."""
    rows = Entry.objects.order_by("-idx")
    rows = rows.filter(idx__lt=before) if before is not None else rows
    rows = rows.filter(kind=kind) if kind is not None else rows
    return _shown(rows[:count])


def get_entry(index: int) -> EntryShown | None:
    """One entry; None where there is none."""
    return next(iter(_shown(Entry.objects.filter(idx=index))), None)


def list_named_after(index: int) -> frozenset[tuple[str, tuple[Any, ...]]]:
    """The rows recorded after an entry, by table and natural key: what a snapshot as of that entry leaves out."""
    bodies = Entry.objects.filter(idx__gt=index).values_list("body", flat=True)
    return frozenset((row["table"], tuple(row["key"])) for body in bodies for row in json.loads(body)["rows"])


def _shown(rows: Iterable[Entry]) -> tuple[EntryShown, ...]:
    entries = [(row, json.loads(row.body)) for row in rows]
    names = get_display_names(body["by"] for _, body in entries)
    return tuple(_entry(row, body, names) for row, body in entries)


def _entry(row: Entry, body: dict[str, Any], names: dict[str, str]) -> EntryShown:
    return EntryShown(
        index=row.idx,
        kind=row.kind,
        title=KINDS[body["kind"]].title,
        at=row.received_at,
        by=body["by"],
        by_name=names[body["by"]],
        post=body["post"],
        reason=body["reason"],
        rows=tuple((one["table"], tuple(str(cell) for cell in one["key"])) for one in body["rows"]),
        files=tuple(one["name"] for one in body["files"]),
        facts=body["facts"],
        leaf_hash=row.leaf_hash,
    )
