"""Several small sums in one: figures side by side in the bits of a 64-bit word, added up all at once.

Adding up by unit is most of the work of a country, and costs the same for a word as for one small number. No figure of
a word is below zero, and each has the bits its bounds need, so none runs over into the next.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate

import polars as pl

__all__ = ["WORD", "Word", "packed", "unpacked"]

WORD = 62
"""Bits of a word that are used."""


@dataclass(frozen=True)
class Word:
    """Figures from the lowest bits up, each with the place of its first bit and how many it has."""

    figures: tuple[tuple[str, int, int], ...]

    @property
    def name(self) -> str:
        """The column of the word."""
        return f"&{self.figures[0][0]}"


def packed(needs: Mapping[str, tuple[Hashable, int]]) -> list[Word]:
    """Figures put into as few words as they come in order; those of one kind stay together where they fit.

    Args:
        needs: for each figure its kind (figures over the same rows are of one kind) and the bits it needs.
    """
    kinds: dict[Hashable, list[list[tuple[str, int]]]] = {}
    for name, (kind, bits) in needs.items():
        _put(kinds.setdefault(kind, []), [(name, bits)])
    words: list[list[tuple[str, int]]] = []
    for together in (figures for alike in kinds.values() for figures in alike):
        _put(words, together)
    return [_word(figures) for figures in words]


def _put(words: list[list[tuple[str, int]]], figures: list[tuple[str, int]]) -> None:
    """Into the first word with room for all of them, else into a word of their own."""
    for word in words:
        if sum(bits for _, bits in (*word, *figures)) <= WORD:
            return word.extend(figures)
    words.append(list(figures))


def _word(figures: list[tuple[str, int]]) -> Word:
    ends = list(accumulate(bits for _, bits in figures))
    return Word(tuple((name, end - bits, bits) for (name, bits), end in zip(figures, ends, strict=True)))


def unpacked(words: list[Word]) -> Iterator[pl.Expr]:
    """Each figure taken out of the column of its word."""
    for word in words:
        for place, (name, shift, bits) in enumerate(word.figures):
            moved = pl.col(word.name) // (1 << shift) if shift else pl.col(word.name)
            last = place == len(word.figures) - 1
            yield (moved if last else moved & ((1 << bits) - 1)).alias(name)
