"""An entry's bytes: fixed for ever, so they are spelled out here by hand."""

import dataclasses
import hashlib
from typing import get_args

import pytest

from answerable.ledger.entry import KINDS, Entry, FileMark, KindName, RowMark, read_body, seal

SALT = bytes(range(32))
ENTRY = Entry(
    idx=5,
    kind="return.revised",
    at="2025-04-03T02:11:09Z",
    by="specialist.0101",
    post="specialist",
    reason="漏报一户",
    rows=(RowMark("answerable_return_version", ("0101", "monthly", "2025-03", 2), "ab" * 32),),
    files=(FileMark("cd" * 32, "scan.pdf"),),
    facts={"root_before": "ef" * 32},
)
BODY = (
    '{"at":"2025-04-03T02:11:09Z","by":"specialist.0101","facts":{"root_before":"' + "ef" * 32 + '"},'
    '"files":[{"name":"scan.pdf","sha256":"' + "cd" * 32 + '"}],"idx":5,"kind":"return.revised","post":"specialist",'
    '"reason":"漏报一户","rows":[{"digest":"' + "ab" * 32 + '","key":["0101","monthly","2025-03",2],'
    '"table":"answerable_return_version"}]}'
)


def test_the_body_is_canonical_json_to_the_byte() -> None:
    assert ENTRY.body() == BODY


def test_the_leaf_is_the_hash_of_nought_and_the_hash_of_salt_and_body() -> None:
    stored = seal(ENTRY, SALT)
    inner = hashlib.sha256(SALT + BODY.encode()).digest()
    assert stored.leaf_hash == hashlib.sha256(b"\x00" + inner).hexdigest()
    assert (stored.idx, stored.kind, stored.received_at) == (5, "return.revised", "2025-04-03T02:11:09Z")
    assert (stored.body, stored.salt) == (BODY, SALT.hex())


def test_a_stored_body_reads_back_as_the_entry() -> None:
    assert read_body(BODY) == ENTRY


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        "nothing",
        BODY.replace('":5,', '": 5,'),
        BODY.replace('"idx":5', '"idx":"5"'),
        BODY.replace('"idx":5', '"idx":true'),
        BODY.replace('["0101",', '[["0101"],'),
        BODY.replace('"post"', '"poste"'),
        BODY.replace('"by":"specialist.0101"', '"by":null'),
        "[" * 100_000,
    ],
)
def test_what_is_no_canonical_body_is_refused(body: str) -> None:
    with pytest.raises(ValueError):
        read_body(body)


def test_a_salt_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes, not 16"):
        seal(ENTRY, bytes(16))


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if kind.needs_reason])
def test_a_kind_that_needs_a_reason_is_refused_without_one(kind: KindName) -> None:
    with pytest.raises(ValueError, match="needs a reason"):
        seal(dataclasses.replace(ENTRY, kind=kind, reason="  "), SALT)


def test_a_kind_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="no such kind"):
        seal(dataclasses.replace(ENTRY, kind="return.deleted"), SALT)  # type: ignore[arg-type]


def test_every_kind_has_titles_and_nobody_needs_a_reason_to_submit() -> None:
    assert tuple(KINDS) == get_args(KindName)
    assert len(KINDS) == 26
    assert KINDS["return.revised"].needs_reason and not KINDS["return.submitted"].needs_reason
