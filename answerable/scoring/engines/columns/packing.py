"""Several small sums in one: figures side by side in the bits of a 64-bit word, added up all at once.

Adding up by unit is most of the work of a country, and costs the same for a word as for one small number. No figure of
a word is below zero, and each has the bits its bounds need, so none runs over into the next.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass

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
    """Figures put into as few words as they come in order, each word of one kind.

    Args:
        needs: for each figure its kind (figures over the same rows are of one kind) and the bits it needs.
    """
    open_words: list[tuple[Hashable, list[tuple[str, int, int]], int]] = []
    for name, (kind, bits) in needs.items():
        for at, (of, figures, taken) in enumerate(open_words):
            if of == kind and taken + bits <= WORD:
                figures.append((name, taken, bits))
                open_words[at] = (of, figures, taken + bits)
                break
        else:
            open_words.append((kind, [(name, 0, bits)], bits))
    return [Word(tuple(figures)) for _, figures, _ in open_words]


def unpacked(words: list[Word]) -> Iterator[pl.Expr]:
    """Each figure taken out of the column of its word."""
    for word in words:
        for place, (name, shift, bits) in enumerate(word.figures):
            moved = pl.col(word.name) // (1 << shift) if shift else pl.col(word.name)
            last = place == len(word.figures) - 1
            yield (moved if last else moved & ((1 << bits) - 1)).alias(name)
