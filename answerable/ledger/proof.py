"""That an entry is in the tree: the proof of inclusion of RFC 9162 (sections 2.1.3.1 and 2.1.3.2). Pure.

A proof is the list of the hashes beside the way from the leaf up to the root, the lowest first. Whoever has the leaf,
its number, the size of the tree and the proof computes the root, and compares it with one he trusts: about log2(n)
hashes, and nothing of any other entry is told.
"""

from __future__ import annotations

from collections.abc import Sequence

from answerable.ledger.tree import node_hash, root_of

__all__ = ["inclusion_proof", "is_included", "root_by_proof"]


def inclusion_proof(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The hashes that lead from a leaf to the root over these leaves.

    Raises:
        IndexError: where the tree has no leaf of that number.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(f"a tree of {len(leaves)} leaves has no leaf {index}")
    beside: list[bytes] = []
    start, end = 0, len(leaves)
    while end - start > 1:
        middle = start + _left_half(end - start)
        if index < middle:
            beside.append(root_of(leaves[middle:end]))
            end = middle
        else:
            beside.append(root_of(leaves[start:middle]))
            start = middle
    return tuple(reversed(beside))


def root_by_proof(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """The root of a tree of this size in which this leaf has this number, by its proof.

    Raises:
        ValueError: for a number outside the tree, or a proof of another length than that place in it needs.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    at, last, root = index, size - 1, leaf
    for beside in proof:
        if last == 0:
            raise ValueError("the proof is longer than the way to the root")
        if at % 2 == 1 or at == last:
            root = node_hash(beside, root)
            # The last node of a level may have no partner: it goes up as it is until it has one on its left.
            while at % 2 == 0 and at != 0:
                at, last = at // 2, last // 2
        else:
            root = node_hash(root, beside)
        at, last = at // 2, last // 2
    if last != 0:
        raise ValueError("the proof ends before the root")
    return root


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof leads from this leaf to this root."""
    try:
        return root_by_proof(leaf, index, size, proof) == root
    except ValueError:
        return False


def _left_half(size: int) -> int:
    """The largest power of two smaller than a size of two or more."""
    return 1 << ((size - 1).bit_length() - 1)
