"""The tree of RFC 9162: public roots, roots by hand, and the recursive definition itself."""

import base64
import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.ledger.tree import EMPTY_ROOT, Tree, leaf_hash, node_hash, root_of


def by_definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162, section 2.1.1, written as it stands there, on leaf hashes."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + by_definition(leaves[:k]) + by_definition(leaves[k:])).digest()


def test_the_published_roots_of_nought_to_eight_leaves_come_out(shared_data: Path) -> None:
    vectors = json.loads((shared_data / "merkle" / "vectors.json").read_text("utf-8"))
    leaves = [leaf_hash(bytes.fromhex(leaf)) for leaf in vectors["leaves_hex"]]
    roots = [root_of(leaves[:size]).hex() for size in range(len(leaves) + 1)]
    assert roots == vectors["roots_hex_by_size"]
    assert len(roots) == 9


def test_the_published_hashes_of_leaf_and_node_come_out(shared_data: Path) -> None:
    hasher = json.loads((shared_data / "merkle" / "vectors.json").read_text("utf-8"))["hasher"]
    assert EMPTY_ROOT.hex() == hasher["empty_root"]
    assert leaf_hash(b"").hex() == hasher["leaf_empty"]
    assert leaf_hash(b"L123456").hex() == hasher["leaf_L123456"]
    assert node_hash(b"N123", b"N456").hex() == hasher["node_N123_N456"]


def test_the_roots_of_the_sound_consistency_vectors_are_ours(shared_data: Path) -> None:
    vectors = json.loads((shared_data / "merkle" / "vectors.json").read_text("utf-8"))
    leaves = [leaf_hash(bytes.fromhex(leaf)) for leaf in vectors["leaves_hex"]]
    sound = [one for one in vectors["vectors"]["consistency"] if not one["wantErr"] and 0 < one["size2"] <= 8]
    assert sound
    for one in sound:
        for size, root in ((one["size1"], one["root1"]), (one["size2"], one["root2"])):
            assert root_of(leaves[:size]) == base64.b64decode(root), one["desc"]


def test_three_leaves_by_hand() -> None:
    a, b, c = (hashlib.sha256(b"\x00" + entry).digest() for entry in (b"a", b"b", b"c"))
    left = hashlib.sha256(b"\x01" + a + b).digest()
    assert root_of([a, b, c]) == hashlib.sha256(b"\x01" + left + c).digest()


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=70))
def test_growing_leaf_by_leaf_gives_the_root_of_the_definition(leaves: list[bytes]) -> None:
    tree = Tree()
    for size, leaf in enumerate(leaves):
        assert tree.root() == by_definition(leaves[:size])
        tree.append(leaf)
    assert tree.root() == by_definition(leaves) == root_of(leaves)
    assert tree.size == len(leaves)


def test_a_leaf_hash_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes, not 31"):
        Tree().append(bytes(31))
