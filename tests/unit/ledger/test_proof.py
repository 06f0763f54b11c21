"""Proofs of inclusion: the public vectors, every leaf of every small tree, and nothing else passes."""

import base64
import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.ledger.proof import inclusion_proof, is_included, root_by_proof
from answerable.ledger.tree import leaf_hash, root_of

LARGEST = 70
LEAVES = [leaf_hash(str(at).encode()) for at in range(LARGEST)]


@pytest.mark.parametrize("size", range(1, LARGEST + 1))
def test_every_leaf_of_every_tree_to_seventy_is_proved(size: int) -> None:
    leaves = LEAVES[:size]
    root = root_of(leaves)
    for index, leaf in enumerate(leaves):
        proof = inclusion_proof(leaves, index)
        assert root_by_proof(leaf, index, size, proof) == root
        assert len(proof) <= (size - 1).bit_length()


def test_the_published_vectors_of_inclusion_are_judged_as_published(shared_data: Path) -> None:
    vectors = json.loads((shared_data / "merkle" / "vectors.json").read_text("utf-8"))["vectors"]["inclusion"]
    assert len(vectors) == 49
    for one in vectors:
        leaf, root = (base64.b64decode(one[name] or "") for name in ("leafHash", "root"))
        proof = [base64.b64decode(beside) for beside in one["proof"] or []]
        found = is_included(leaf, one["leafIdx"], one["treeSize"], proof, root)
        assert found is not one["wantErr"], one["desc"]


@st.composite
def places(draw: st.DrawFn) -> tuple[int, int]:
    size = draw(st.integers(1, LARGEST))
    return size, draw(st.integers(0, size - 1))


@given(places(), st.data())
def test_another_leaf_hash_or_place_in_the_proof_does_not_pass(place: tuple[int, int], data: st.DataObject) -> None:
    size, index = place
    leaves, leaf = LEAVES[:size], LEAVES[index]
    root, proof = root_of(leaves), list(inclusion_proof(leaves, index))
    assert not is_included(hashlib.sha256(leaf).digest(), index, size, proof, root)
    assert not is_included(leaf, index, size, [*proof, leaf], root)
    other = data.draw(st.integers(-1, size).filter(lambda at: at != index))
    assert not is_included(leaf, other, size, proof, root)
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        assert not is_included(leaf, index, size, proof[:at] + proof[at + 1 :], root)
        proof[at] = hashlib.sha256(proof[at]).digest()
        assert not is_included(leaf, index, size, proof, root)


def test_what_is_wrong_with_a_proof_is_said() -> None:
    proof = inclusion_proof(LEAVES[:5], 1)
    for bent, words in (([*proof, LEAVES[0]], "longer than the way"), (proof[:-1], "ends before the root")):
        with pytest.raises(ValueError, match=words):
            root_by_proof(LEAVES[1], 1, 5, bent)


def test_a_tree_proves_no_leaf_it_does_not_have() -> None:
    for index in (-1, 3):
        with pytest.raises(IndexError, match="3 leaves"):
            inclusion_proof(LEAVES[:3], index)
        assert not is_included(LEAVES[0], index, 3, [], LEAVES[0])
