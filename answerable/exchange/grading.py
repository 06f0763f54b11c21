"""How a programme makes grades of totals, as blocks of a report: bands, limits, vetoes, ranks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from answerable.definition.limits import limits
from answerable.definition.wording import group_in_words, word
from answerable.exchange.report import Block, Heading, ListBlock
from answerable.exchange.speaker import Speaker
from answerable.values.number import text_of

__all__ = ["Grading"]


class Grading(Speaker):
    """What stands between a total and a grade, read in one language."""

    def blocks(self) -> list[Block]:
        """A heading of the first level and all there is to say below it."""
        grades, rated = self.programme.grades, text_of(self.programme.grades.rated_from)
        starts = [band.start for band in grades.bands]
        rows = [(self.word(band.title), said) for band, said in zip(grades.bands, self.spans(starts), strict=True)]
        unrated = self.say(f"可评分值不足{rated}分", f"fewer than {rated} assessable points")
        rows.append((self.word(grades.title("not_rated")), unrated))
        on = word("on", grades.on)
        return [
            Heading(1, self.say("等次", "Grades")),
            self.table([("等次", "Grade"), (on.zh, on.en.capitalize())], rows, 6, 15),
            *self.other_bands(),
            *self.limits(),
            *self.others(),
            *self.vetoes(),
            *self.ranks(),
        ]

    def other_bands(self) -> Iterator[Block]:
        """Where the grades begin for kinds of unit that have bands of their own."""
        grades, kinds = self.programme.grades, self.programme.unit_kinds
        if not grades.other_bands:
            return
        rows = [
            (self.say("、", ", ").join(self.word(kinds[kind]) for kind in other.kinds), self.word(band.title), said)
            for other in grades.other_bands
            for band, said in zip(grades.bands, self.spans(other.starts), strict=True)
        ]
        head = [("单位类别", "Kinds of unit"), ("等次", "Grade"), ("总分", "Total")]
        yield Heading(2, self.say("按单位类别另定的等次", "Grades of some kinds of unit"))
        yield self.table(head, rows, 7, 6, 8)

    def spans(self, starts: Sequence[Fraction]) -> list[str]:
        """Half-open bands from the best grade down, in words."""
        return [self.band(start, end) for start, end in zip(starts, [None, *starts[:-1]], strict=True)]

    def limits(self) -> Iterator[Block]:
        """What a grade asks of single parts, and how many may have it."""
        title = self.programme.grades.title
        told = [(grade, said) for _, grade, said in limits(self.programme) if grade]
        rows = [(self.word(title(grade)), self.word(said)) for grade, said in told]
        if rows:
            yield Heading(2, self.say("等次的限制", "Limits of the grades"))
            yield self.table([("等次（及以上）", "Grade (or better)"), ("限制", "Limit")], rows, 6, 15)

    def others(self) -> Iterator[Block]:
        """What parts, adjustments and steps do that no other table says."""
        told = [self.word(said) for kind, grade, said in limits(self.programme) if not grade and kind != "bands"]
        if told:
            yield Heading(2, self.say("其他规定", "Further rules"))
            yield ListBlock(tuple(f"{one}{self.say('。', '.')}" for one in told), numbered=False)

    def band(self, start: Fraction, end: Fraction | None) -> str:
        """A half-open band; the best one has no end."""
        low = text_of(start)
        if end is None:
            return self.say(f"{low}分及以上", f"{low} and above")
        high = text_of(end)
        if start == 0:
            return self.say(f"不足{high}分", f"below {high}")
        return self.say(f"{low}分及以上，不足{high}分", f"from {low}, below {high}")

    def vetoes(self) -> Iterator[Block]:
        """Each veto with its condition, its effect and its legal basis."""
        programme = self.programme
        if not programme.vetoes:
            return
        rows = [
            (
                self.word(veto.title),
                f"“{self.word(programme.indicator(veto.when).title)}”{self.say('大于0', ' above 0')}",
                self.word(programme.effect(veto)),
                self.cited(veto.legal_basis),
            )
            for veto in programme.vetoes
        ]
        head = [
            ("情形", "Veto"),
            ("条件（没有数据的不否决）", "Where (never without a figure)"),
            ("后果", "Effect"),
            ("法定依据", "Legal basis"),
        ]
        yield Heading(2, self.say("一票否决", "Vetoes"))
        yield self.table(head, rows, 6, 6, 4, 6)

    def ranks(self) -> Iterator[Block]:
        """Each rank: among whom, by which total, and what equal totals get."""
        if not self.programme.ranks:
            return
        rows = [
            (
                self.word(rank.title),
                self.word(group_in_words(rank.within, self.programme.unit_kinds)),
                *(self.word(word(key, getattr(rank, key))) for key in ("on", "ties")),
            )
            for rank in self.programme.ranks
        ]
        head = [("名次", "Rank"), ("排名范围", "Among"), ("所依总分", "By"), ("同分", "Equal totals")]
        yield Heading(2, self.say("名次", "Ranks"))
        yield self.table(head, rows, 5, 5, 5, 7)
