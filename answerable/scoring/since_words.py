"""What changed between two explanations as lines for a reader, in either language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from answerable.scoring.explain import ABSENT_WORDS
from answerable.scoring.explain_words import value_in_words
from answerable.values.number import signed
from answerable.values.text import Language, Text

__all__ = ["is_nothing", "reason_in_words", "text", "veto_or_step_in_words"]

_WORDS = {
    "total": Text(zh="总分", en="Total"),
    "grade": Text(zh="等次", en="Grade"),
    "nothing": Text(zh="没有变化。", en="Nothing changed."),
    "veto came": Text(zh="新增一票否决", en="Veto that came"),
    "veto went": Text(zh="不再一票否决", en="Veto that went"),
    "step came": Text(zh="新增等次升降", en="Step that came"),
    "step went": Text(zh="不再升降等次", en="Step that went"),
    "share": Text(zh="使总分变动 {by}", en="{by} of the total"),
    "rest": Text(
        zh="取整、封顶、否决等其余影响：{by}", en="Rounding, ends of the scale and vetoes account for the rest: {by}"
    ),
    "none": Text(zh="无", en="none"),
    "more": Text(zh="……另有 {n} 行", en="... and {n} more rows"),
}
_REASONS = {
    "came": Text(zh="方案新增了这一项", en="the programme has it only now"),
    "went": Text(zh="方案不再有这一项", en="the programme has it no more"),
    "made_of": Text(zh="其中的项目有变化", en="items in it changed"),
    "condition": Text(
        zh="数值和规则未变，但否决或加减分的前提条件变了",
        en="value and rule are the same; a veto or the condition of an adjustment is not",
    ),
    "rescaled": Text(
        zh="其他项目的计分情况变了，每1分折算由 {before} 变为 {after}",
        en="because of other items a point of it counts {after}, not {before}",
    ),
    "set_aside": Text(zh="所在部分不再计入总分", en="its part counts no more"),
    "taken_in": Text(zh="所在部分重新计入总分", en="its part counts again"),
    "value": Text(zh="{title}由 {before} 变为 {after}", en="{title} was {before} and is {after}"),
    "figures": Text(zh="规则所用的其他数值变了", en="other figures its rule reads changed"),
}
_OTHERWISE = {
    "points": Text(zh="方案改了分值", en="the programme gives it other points"),
    "rule": Text(zh="方案改了计分规则", en="the programme has another rule"),
    "indicator": Text(zh="方案改用另一指标", en="the programme goes by another indicator"),
    "formula": Text(zh="方案改了指标的计算公式", en="the programme computes the indicator otherwise"),
    "absent": Text(zh="方案改了没有数值时的处理", en="the programme treats an absent figure otherwise"),
    "other": Text(zh="方案其他规定有变", en="the programme has other terms"),
}
_ROWS = {
    "came": Text(zh="新增行", en="row that came"),
    "went": Text(zh="不再有的行", en="row that went"),
    "changed": Text(zh="改动的行", en="row that changed"),
    "left_out": Text(zh="不再计入", en="counted no more"),
    "taken_in": Text(zh="重新计入", en="counted again"),
}
_MOST_ROWS = 24

Said = Mapping[str, Any]


def text(changes: Said, language: Language) -> str:
    """A document of changes as lines for a reader."""
    return "\n".join(_Reader(language).lines(changes)) + "\n"


def reason_in_words(reason: Said) -> Text:
    """One reason of a node, without its rows."""
    if reason["reason"] == "programme":
        return _OTHERWISE[reason["what"]]
    if reason["reason"] != "value":
        words = _REASONS[reason["reason"]]
        facts = {name: reason.get(name) for name in ("before", "after")}
        return Text(zh=words.zh.format_map(facts), en=words.en.format_map(facts))
    values = [reason["before"], reason["after"]]
    if values[0]["value"] == values[1]["value"] and values[0]["state"] == values[1]["state"] == "known":
        return _REASONS["figures"]
    return Text(zh=_changed_value(reason, "zh"), en=_changed_value(reason, "en"))


def veto_or_step_in_words(kind: str, way: str) -> Text:
    """What it means that a veto or a step came or went."""
    return _WORDS[f"{kind} {way}"]


def is_nothing(changes: Said) -> bool:
    """Whether no points, no veto, no step, no total and no grade changed."""
    events = [one for of in ("vetoes", "steps") for way in ("came", "went") for one in changes[of][way]]
    same = all(changes["before"][name] == changes["after"][name] for name in ("total", "grade"))
    return same and not changes["nodes"] and not events


def _changed_value(reason: Said, language: Language) -> str:
    one, other = (_value(reason[side], reason["percent"], language) for side in ("before", "after"))
    facts = {"title": reason["title"][language], "before": one, "after": other}
    return _REASONS["value"].in_language(language).format_map(facts)


def _value(side: Said, percent: bool, language: Language) -> str:
    known = side["value"]
    return ABSENT_WORDS[side["state"]].in_language(language) if known is None else value_in_words(known, percent)


@dataclass(frozen=True)
class _Reader:
    language: Language

    def said(self, words: Mapping[str, Text], name: str) -> str:
        return words[name].in_language(self.language)

    def lines(self, changes: Said) -> Iterator[str]:
        before, after = changes["before"], changes["after"]
        yield f"{changes['unit']} · {changes['programme']}"
        yield self.moved(*(f"{side['programme_version']} · {side['period']}" for side in (before, after)))
        by = f" ({signed(changes['by']['points'])})" if changes["by"] else ""
        total = self.moved(*(f"{side['total'] or '-'} / {side['of']}" for side in (before, after)))
        yield f"{self.said(_WORDS, 'total')}: {total}{by}"
        grade = self.moved(*(side["grade_title"][self.language] for side in (before, after)))
        yield f"{self.said(_WORDS, 'grade')}: {grade}"
        yield from self.events(changes)
        if is_nothing(changes):
            yield self.said(_WORDS, "nothing")
        for node in changes["nodes"]:
            yield from self.node(node)
        if changes["rest"] and changes["rest"]["exact"] != "0/1":
            yield self.said(_WORDS, "rest").format(by=signed(changes["rest"]["points"]))

    def events(self, changes: Said) -> Iterator[str]:
        for kind, of in (("veto", "vetoes"), ("step", "steps")):
            for way in ("came", "went"):
                what = veto_or_step_in_words(kind, way).in_language(self.language)
                for one in changes[of][way]:
                    title, says = one["title"][self.language], one["says"][self.language]
                    yield f"{what}: {title}, {says} ({one['clause']})"

    def node(self, node: Said) -> Iterator[str]:
        points = self.moved(self.points(node["before"]), self.points(node["after"]))
        share = ""
        if node["share"] and node["kind"] != "part":
            share = "; " + self.said(_WORDS, "share").format(by=signed(node["share"]["points"]))
        yield f"{node['title'][self.language]} [{node['id']}]: {points}{share}"
        for reason in node["why"]:
            yield f"    {reason_in_words(reason).in_language(self.language)}"
            yield from (f"      {line}" for line in self.more(reason))

    def more(self, reason: Said) -> Iterator[str]:
        """What stood and stands in the programme, or the rows behind a value."""
        if reason["reason"] == "programme":
            for mark, says in (("-", reason["before"]), ("+", reason["after"])):
                if says:
                    yield f"{mark} {says if isinstance(says, str) else says[self.language]}"
        if reason["reason"] == "value":
            yield self.moved(*(reason[side]["formula_with_values"] for side in ("before", "after")))
            yield from (self.row(row) for row in reason["rows"][:_MOST_ROWS])
            if len(reason["rows"]) > _MOST_ROWS:
                yield self.said(_WORDS, "more").format(n=len(reason["rows"]) - _MOST_ROWS)

    def row(self, row: Said) -> str:
        cells = ", ".join(f"{one['name']}: {self.cell(row['change'], one)}" for one in row["cells"])
        said = [self.said(_ROWS, row["change"])]
        if row["change"] == "changed" and row["counted"]["before"] != row["counted"]["after"]:
            said.append(self.said(_ROWS, "taken_in" if row["counted"]["after"] else "left_out"))
        return f"{row['table']} · {row['key']} ({', '.join(said)}): {cells}"

    def cell(self, change: str, cell: Said) -> str:
        if change != "changed":
            return str(cell["after"] if change == "came" else cell["before"])
        return self.moved(cell["before"] or "-", cell["after"] or "-")

    def points(self, side: Said | None) -> str:
        if side is None:
            return self.said(_WORDS, "none")
        shown = side["points"] if side["points"] is not None else ABSENT_WORDS[side["state"]].in_language(self.language)
        return f"{shown} / {side['of']}" if side["of"] else str(shown)

    def moved(self, before: str, after: str) -> str:
        return before if before == after else f"{before} → {after}"
