"""Receipts of filed returns: the entry, all that its hash was made of, and the way from it to a root of the ledger."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from answerable.ledger.entry import KINDS
from answerable.ledger.holdings import canonical_row, holding_named
from answerable.ledger.proof import inclusion_proof
from answerable.ledger.tree import root_of
from answerable.site.models import Entry, ReturnVersion
from answerable.site.reads.returns import Filed
from answerable.values.text import Text

_KINDS = ("return.submitted", "return.revised")
_HOLDING = holding_named("return_version")


@dataclass(frozen=True)
class Receipt:
    """One filed version of a return in the ledger. `row`, `body` and `salt` are what its hashes are made of."""

    index: int
    kind: str
    title: Text
    post: str
    unit: str
    form: str
    period: str
    version: int
    body: str
    salt: str
    leaf_hash: str
    row: dict[str, Any]
    row_digest: str


@dataclass(frozen=True)
class Proof:
    """That an entry is in the ledger of some size: the root over so many entries, and the hashes that lead to it."""

    size: int
    root: str
    path: tuple[str, ...]


def get_receipt(index: int) -> Receipt | None:
    """The receipt an entry gives; None where it files no return, or its words were lawfully erased."""
    entry = Entry.objects.filter(idx=index, kind__in=_KINDS).first()
    if entry is None or not entry.body:
        return None
    told = json.loads(entry.body)
    mark = next(one for one in told["rows"] if one["table"] == _HOLDING.table)
    unit, form, period, version = mark["key"]
    row = ReturnVersion.objects.filter(unit_code=unit, form=form, period=period, version=version).values().get()
    return Receipt(
        index=entry.idx,
        kind=entry.kind,
        title=KINDS[entry.kind].title,
        post=told["post"],
        unit=unit,
        form=form,
        period=period,
        version=version,
        body=entry.body,
        salt=entry.salt,
        leaf_hash=entry.leaf_hash,
        row={"holding": _HOLDING.name, "row": canonical_row(_HOLDING, row)},
        row_digest=mark["digest"],
    )


def get_proof(index: int, size: int | None = None) -> Proof | None:
    """The proof of an entry against the first `size` entries, or against all; None where it is not among them."""
    hashes = Entry.objects.order_by("idx").values_list("leaf_hash", flat=True)
    leaves = [bytes.fromhex(leaf) for leaf in (hashes if size is None else hashes.filter(idx__lt=size))]
    if index >= len(leaves) or size not in (None, len(leaves)):
        return None
    return Proof(len(leaves), root_of(leaves).hex(), tuple(one.hex() for one in inclusion_proof(leaves, index)))


def list_receipts(versions: Sequence[Filed]) -> dict[int, int]:
    """The entry of each of these versions of one return, by the number of the version."""
    keys = {one.version: (one.unit, one.form, str(one.month), one.version) for one in versions}
    # An entry bears the moment of the row it is about: so only a handful of bodies is read.
    moments = [one.received_at for one in versions]
    found = Entry.objects.filter(kind__in=_KINDS, received_at__in=moments).values_list("idx", "body")
    entries = {tuple(row["key"]): idx for idx, body in found if body for row in json.loads(body)["rows"]}
    return {version: entries[key] for version, key in keys.items() if key in entries}
