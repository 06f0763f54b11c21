"""A programme read in one language: its words, points, clauses, and tables whose heads stand in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from answerable.definition import Programme
from answerable.definition.model import Absent, Fate
from answerable.definition.wording import word
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

    def without(self, fates: Mapping[Absent, Fate]) -> str:
        """What an item gives where its indicator has no value."""
        by_fate: dict[str, list[str]] = {}
        for reason, fate in fates.items():
            by_fate.setdefault(self.word(word("absent", fate)), []).append(self.word(word("absence", reason)))
        if len(by_fate) == 1:
            said = next(iter(by_fate))
            return self.say(f"没有数据的{said}", f"Without a figure: {said}")
        return self.say(
            "；".join(f"{'、'.join(reasons)}的{said}" for said, reasons in by_fate.items()),
            "; ".join(f"{', '.join(reasons)}: {said}" for said, reasons in by_fate.items()),
        )

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
