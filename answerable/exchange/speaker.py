"""A programme read in one language: its words, points, clauses, and tables whose heads stand in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from answerable.definition import Programme
from answerable.exchange.citation import citation
from answerable.exchange.report import Align, TableBlock
from answerable.values.number import text_of
from answerable.values.text import Language, Text

__all__ = ["Speaker"]


@dataclass(frozen=True)
class Speaker:
    """A programme, read in one language."""

    programme: Programme
    language: Language

    def say(self, zh: str, en: str) -> str:
        """What is said in the one language or the other."""
        return zh if self.language == "zh" else en

    def word(self, text: Text) -> str:
        """A text in this language."""
        return text.in_language(self.language)

    def cited(self, clause: str) -> str:
        """A clause as a reader cites it; nothing where there is none."""
        return self.word(citation(self.programme, clause)) if clause else ""

    def points(self, points: Fraction) -> str:
        """Points with their word."""
        shown = text_of(points)
        return self.say(f"{shown}分", f"{shown} {'point' if points == 1 else 'points'}")

    def sentence(self, text: str) -> str:
        """With a capital in front, and the stop of its language at the end, once."""
        stop = self.say("。", ".")
        return text[:1].upper() + text[1:].removesuffix(stop) + stop

    def sentences(self, *texts: str) -> str:
        """Several sentences; what is empty is left out."""
        return self.say("", " ").join(self.sentence(text) for text in texts if text)

    def table(
        self, head: Sequence[tuple[str, str]], rows: Sequence[tuple[str, ...]], *widths: int, caption: str = ""
    ) -> TableBlock:
        """A table whose head is given in both languages; narrow columns stand in the middle."""
        align: list[Align] = ["center" if width * 8 < sum(widths) else "left" for width in widths]
        return TableBlock(tuple(self.say(*one) for one in head), tuple(rows), widths, tuple(align), caption)
