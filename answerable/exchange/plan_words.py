"""The plan of a programme for a reader: every step an engine takes, in order, in the words of the score sheet.

Grouped by kind of step. What rows give is numbered in brackets, so that an indicator can say which of it it uses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import groupby
from typing import Any

from answerable.definition.formula import Aggregate, Call, ColumnOf, Expression, Name, Number, mapped
from answerable.definition.formula_words import formula_in_words, table_in_words
from answerable.definition.limits import minimum_in_words, part_in_words, quota_in_words, step_in_words
from answerable.definition.model import Missing
from answerable.definition.outcomes import (
    GradeAtMost,
    GradeIs,
    Minimum,
    NothingFor,
    Quota,
    TotalAtMost,
    VetoEffect,
    Warned,
)
from answerable.definition.wording import group_in_words, missing_in_words, rounding_in_words, word
from answerable.exchange.grading import Grading as Bands
from answerable.exchange.report import Block, Heading, ListBlock, Paragraph, Report, number_headings
from answerable.exchange.speaker import Speaker
from answerable.scoring.engines.columns.plan import (
    Adjust,
    Aggregated,
    Branch,
    Figure,
    Gather,
    Grading,
    Place,
    Plan,
    Points,
    Seats,
    Stated,
    Step,
    Stepping,
    Total,
    Vetoing,
)
from answerable.scoring.engines.columns.planner import plan_of
from answerable.values.number import text_of
from answerable.values.text import Language, Text

__all__ = ["plan_in_words"]

_KINDS: Mapping[type[Any], Text] = {
    Stated: Text(zh="读取另表所列的数", en="Read what other tables state"),
    Gather: Text(zh="由各表的行汇总出每个单位的数", en="Gather the rows of each table into figures of each unit"),
    Figure: Text(zh="计算指标", en="Compute the indicators"),
    Points: Text(zh="计算单项得分", en="Give points to the items"),
    Branch: Text(zh="各部分合计", en="Add up the parts"),
    Adjust: Text(zh="计算加减分", en="Compute the adjustments"),
    Total: Text(zh="计算总分", en="Make the total"),
    Vetoing: Text(zh="判定一票否决", en="See which vetoes hold"),
    Grading: Text(zh="评定等次", en="Give the grades"),
    Stepping: Text(zh="等次升降", en="Move grades up and down"),
    Seats: Text(zh="适用比例限制", en="Apply the quotas"),
    Place: Text(zh="排列名次", en="Give the places"),
}
"""The kinds of step in the order in which they are done."""


def plan_in_words(programme: Any, language: Language) -> Report:
    """The plan of a programme in one language, for a terminal or paper."""
    said = _Steps(programme, language, plan_of(programme))
    return Report(
        kind="plan",
        language=language,
        title=said.say("计算步骤", "Plan") + f"\n{programme.title.in_language(language)}",
        blocks=number_headings(list(said.blocks()), language),
        footer=(f"{programme.id} {programme.version}", f"  SHA-256 {programme.digest}"),
    )


@dataclass(frozen=True)
class _Steps(Speaker):
    """The steps of a plan, read in one language."""

    plan: Plan

    def blocks(self) -> Iterator[Block]:
        for kind, steps in groupby(self.plan.steps(), type):
            yield Heading(1, self.word(_KINDS[kind]))
            yield from (Paragraph(said) for said in (*self.rounded(kind), *self.order(kind)))
            yield ListBlock(tuple(self.sentence(_SAID[kind](self, step)) for step in steps))

    def rounded(self, kind: type[Step]) -> Iterator[str]:
        """How what a kind of step gives is rounded."""
        stages = self.plan.rounding
        if kind is Figure:
            yield self.say("取舍：", "Rounding: ") + self.sentence(self.word(rounding_in_words(stages.indicator)))
        if kind is Points:
            added = self.word(word("add", stages.add))
            yield self.say("取舍：", "Rounding: ") + self.sentences(
                self.word(rounding_in_words(stages.item)), self.say(f"合计所用的是{added}", f"added up are the {added}")
            )
        if kind is Total:
            yield self.say("取舍：", "Rounding: ") + self.sentence(self.word(rounding_in_words(stages.total)))

    def order(self, kind: type[Step]) -> Iterator[str]:
        """What limits a grade, in the order in which it does."""
        plan = self.plan
        limits = [
            (plan.grading.floors, "最低要求", "minimums"),
            (plan.steppings, "等次升降", "steps"),
            (plan.vetoes, "一票否决", "vetoes"),
            (plan.seats, "比例限制", "quotas"),
        ]
        held = [(zh, en) for steps, zh, en in limits if steps]
        if kind is Grading and held:
            zh, en = "、".join(zh for zh, _ in held), ", then ".join(en for _, en in held)
            yield self.say(f"先由总分定等次，再依次适用{zh}。", f"First the total gives the grade, then come {en}.")

    # -- rows, figures, indicators ---------------------------------------------------------------------------------

    @cached_property
    def numbers(self) -> Mapping[str, str]:
        """Figures gathered, by name, each with its number in brackets."""
        made = [one.name for gather in self.plan.gathers for one in gather.aggregates]
        return {name: f"[{number}]" for number, name in enumerate(made, 1)}

    def formula(self, expression: Expression) -> str:
        """A formula in words; what was gathered goes by its number."""
        numbers = self.numbers

        def numbered(part: Expression) -> Expression | None:
            return Name(numbers[part.name]) if isinstance(part, Name) and part.name in numbers else None

        return formula_in_words(mapped(expression, numbered), self.programme, self.language)

    def quoted(self, text: Text) -> str:
        return f"“{self.word(text)}”"

    def of_indicator(self, name: str) -> str:
        return self.quoted(self.programme.indicator(name).title)

    def stated(self, step: Stated) -> str:
        named = formula_in_words(ColumnOf(step.of, step.id), self.programme, self.language)
        if step.of == "earlier":
            return self.say(f"{named}：按单位取上年已确认的结果", f"{named}, as it was confirmed for each unit")
        usual = any(one.usual for one in self.programme.targets if one.id == step.id)
        zh, en = ("，没有的取通常值", ", else the usual value of its kind") if usual else ("", "")
        return self.say(f"{named}：取下达给单位的本年目标{zh}", f"{named}: what the unit was given for the year{en}")

    def gather(self, step: Gather) -> str:
        table = table_in_words(step.table, self.programme, self.language)
        each = self.say("应报的每个月一行，无论是否报送", "one row for each month due, filed or not")
        if not step.of_form:
            each = self.say("考核期内每条一行", "one row for each of the period")
        made = self.say("；", "; ").join(self.aggregated(step, one) for one in step.aggregates)
        whom = self.of_indicator(step.indicator)
        said = self.say(f"由{table}（{each}）为{whom}得出：{made}", f"from {table} ({each}), for {whom}: {made}")
        return self.sentences(said, self.absent(step)).removesuffix(self.say("。", "."))

    def aggregated(self, step: Gather, one: Aggregated) -> str:
        taken = Aggregate(one.op, one.of or Name(step.table), one.where)
        return f"{self.numbers[one.name]} = {formula_in_words(taken, self.programme, self.language)}"

    def absent(self, step: Gather) -> str:
        """Which cells a row must have, and what it does where it lacks one."""
        if not step.absent:
            return ""
        cells = [self.cell(step.table, back, name) for back, name in step.absent]
        missing = self.word(missing_in_words(Missing(step.missing, step.at_least)))
        listed = self.say("、", ", ").join(cells)
        return self.say(f"可能缺数的有{listed}：{missing}", f"what may be absent is {listed}: {missing}")

    def cell(self, table: str, back: int, name: str) -> str:
        column: Expression = ColumnOf(table, name)
        if back:
            column = Call("previous", (column, Number(Fraction(back)))) if back > 1 else Call("previous", (column,))
        return formula_in_words(column, self.programme, self.language)

    def figure(self, step: Figure) -> str:
        return f"{self.of_indicator(step.id)} = {self.formula(step.formula)}"

    # -- points ----------------------------------------------------------------------------------------------------

    def node(self, name: str) -> Any:
        return next(node for node in self.programme.tree.nodes() if node.id == name)

    def points_of(self, step: Points) -> str:
        title, value = self.quoted(self.node(step.id).title), self.of_indicator(step.figure)
        formula = self.formula(step.formula)
        said = self.say(
            f"{title}得分 = {formula}，指标值为{value}（{self.cited(step.clause)}）",
            f"points of {title} = {formula}, the value being {value} ({self.cited(step.clause)})",
        )
        return self.sentences(said, self.without(step.fates)).removesuffix(self.say("。", "."))

    def branch(self, step: Branch) -> str:
        children = " + ".join(self.quoted(self.node(child).title) for child in step.children)
        points = self.points(step.points)
        said = self.say(
            f"{self.part(step.id)} = {children}（{points}）", f"{self.part(step.id)} = {children} ({points})"
        )
        part = replace(self.node(step.id), renormalised=step.renormalised, at_least=step.at_least)
        if not step.renormalised and step.at_least == 1:
            return said
        return said + self.say("；", "; ") + self.word(part_in_words(part))

    def part(self, name: str) -> str:
        """A part by its title; the whole tree has none of its own."""
        whole = name == self.plan.total.tree
        return self.say("各部分之和", "all parts") if whole else self.quoted(self.node(name).title)

    def adjust(self, step: Adjust) -> str:
        (one,) = (one for one in self.programme.adjustments if one.id == step.id)
        said = self.word(replace(one, each=step.each, cap=step.cap, base=step.base).in_words()).rstrip("。.")
        whom, cited = self.of_indicator(step.figure), self.cited(step.clause)
        return self.say(
            f"{self.quoted(one.title)}：按{whom}计，{said}；没有数据的不计（{cited}）",
            f"{self.quoted(one.title)}, by {whom}: {said}; none without a figure ({cited})",
        )

    def total(self, step: Total) -> str:
        full, rated = text_of(step.full), text_of(step.rated_from)
        titles = {one.id: one.title for one in self.programme.adjustments}
        added = "".join(f" + {self.quoted(titles[name])}" for name in step.adjustments)
        parts = [
            self.say(
                f"总分 = 各部分之和 × {full} ÷ 可评分值{added}，不低于0分，不高于{full}分",
                f"total = all parts × {full} ÷ assessable points{added}, no less than 0 and no more than {full}",
            )
        ]
        for most, zh, en in ((step.more, "加分", "given"), (step.off, "扣分", "taken")):
            if most is not None:
                shown = text_of(most)
                parts.append(
                    self.say(f"各项{zh}合计最多{shown}分", f"points {en} by adjustments in all at most {shown}")
                )
        parts.append(
            self.say(f"可评分值不足{rated}分的不评等次", f"not rated with fewer than {rated} assessable points")
        )
        return self.say("；", "; ").join(parts)

    # -- grades ----------------------------------------------------------------------------------------------------

    def grade(self, place: int) -> str:
        return self.programme.grades.order[place]

    def vetoing(self, step: Vetoing) -> str:
        (veto,) = (one for one in self.programme.vetoes if one.id == step.id)
        effect = self.word(self.programme.effect(replace(veto, effect=self.effect(step))))
        whom, cited = self.of_indicator(step.figure), self.cited(step.clause)
        return self.say(
            f"{self.quoted(veto.title)}：{whom}大于0的，{effect}（{cited}）",
            f"{self.quoted(veto.title)}: where {whom} is above 0, {effect} ({cited})",
        )

    def effect(self, step: Vetoing) -> VetoEffect:
        if step.fixed is not None:
            return GradeIs(self.grade(step.fixed))
        if step.total is not None:
            return TotalAtMost(step.total)
        if step.node:
            return NothingFor(step.node)
        return GradeAtMost(self.grade(step.at_most)) if step.at_most else Warned()

    def grading(self, step: Grading) -> str:
        names = [name for name, _ in step.bands]
        said = [self.bands("", names, [start for _, start in step.bands])]
        for kinds, starts in step.others:
            whom = self.say("、", ", ").join(self.word(self.programme.unit_kinds[kind]) for kind in kinds)
            said.append(self.bands(f"{whom}{self.say('：', ': ')}", names, list(starts)))
        for place, node, share in step.floors:
            minimum = Minimum(self.grade(place), node, share)
            title, asked = self.title(minimum.grade), self.word(minimum_in_words(self.programme, minimum))
            said.append(self.say(f"{title}及以上：{asked}", f"{title} or better: {asked}"))
        on = self.word(word("on", step.on))
        return self.say(f"依{on}：", f"by the {on}: ") + self.say("；", "; ").join(said)

    def bands(self, whose: str, names: list[str], starts: list[Any]) -> str:
        spans = Bands(self.programme, self.language).spans(starts)
        return whose + self.say("，", ", ").join(
            self.say(f"{self.title(name)}{span}", f"{self.title(name)} {span}")
            for name, span in zip(names, spans, strict=True)
        )

    def title(self, grade: str) -> str:
        return self.quoted(self.programme.grades.title(grade))

    def stepping(self, step: Stepping) -> str:
        (one,) = (one for one in self.programme.grades.steps if one.id == step.id)
        unbound = step.bound == (0 if step.up else len(self.programme.grades.order) - 1)
        bound = None if unbound else self.grade(step.bound)
        up, down = (bound, None) if step.up else (None, bound)
        taken = replace(one, when=step.figure, by="up" if step.up else "down", not_above=up, not_below=down)
        return f"{self.word(step_in_words(self.programme, taken))}{self.say('（', ' (')}{self.cited(step.clause)}" + (
            self.say("）", ")")
        )

    def seats(self, step: Seats) -> str:
        quota = Quota(self.grade(step.place), step.share, step.within, step.rounding.mode, step.ties)
        title, said = self.title(quota.grade), self.word(quota_in_words(quota, self.programme.unit_kinds))
        return self.say(f"{title}及以上：{said}", f"{title} or better: {said}")

    def place(self, step: Place) -> str:
        (rank,) = (one for one in self.programme.ranks if one.id == step.id)
        within = self.word(group_in_words(step.within, self.programme.unit_kinds))
        on, ties = (self.word(word(key, getattr(step, key))) for key in ("on", "ties"))
        return self.say(
            f"{self.quoted(rank.title)}：在{within}中，依{on}；同分的{ties}",
            f"{self.quoted(rank.title)}: among {within}, by the {on}; equal totals {ties}",
        )


_SAID: Mapping[type[Any], Callable[[_Steps, Any], str]] = {
    Stated: _Steps.stated,
    Gather: _Steps.gather,
    Figure: _Steps.figure,
    Points: _Steps.points_of,
    Branch: _Steps.branch,
    Adjust: _Steps.adjust,
    Total: _Steps.total,
    Vetoing: _Steps.vetoing,
    Grading: _Steps.grading,
    Stepping: _Steps.stepping,
    Seats: _Steps.seats,
    Place: _Steps.place,
}
