"""The hash tree of RFC 9162 (section 2.1): leaves in order, one root.

    leaf = SHA-256(0x00 || entry)      node = SHA-256(0x01 || left || right)      empty tree = SHA-256("")

The left half of a tree of n leaves holds the largest power of two smaller than n. Proofs of inclusion and consistency
can be read from the same leaves later without changing a byte.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

__all__ = ["EMPTY_ROOT", "Tree", "leaf_hash", "node_hash", "root_of"]

EMPTY_ROOT = hashlib.sha256().digest()
"""The root of a tree without leaves."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash of one entry's bytes."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node from its two children's hashes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that grows by one leaf at a time and remembers only the roots of its full subtrees: log2(n) hashes.

    >>> tree = Tree()
    >>> tree.root() == EMPTY_ROOT
    True
    """

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self.size = 0
        self._full: list[bytes] = []
        for leaf in leaves:
            self.append(leaf)

    def append(self, leaf: bytes) -> None:
        """Add the hash of the next leaf.

        Raises:
            ValueError: when it is not 32 bytes long.
        """
        if len(leaf) != 32:
            raise ValueError(f"a leaf hash has 32 bytes, not {len(leaf)}")
        self.size += 1
        # Each trailing zero bit of the new size closes one pair of full subtrees of equal height.
        closing = self.size
        while closing % 2 == 0:
            leaf = node_hash(self._full.pop(), leaf)
            closing //= 2
        self._full.append(leaf)

    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self._full:
            return EMPTY_ROOT
        root = self._full[-1]
        for left in reversed(self._full[:-1]):
            root = node_hash(left, root)
        return root


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over these leaf hashes."""
    return Tree(leaves).root()
