"""An explanation as lines for a reader, in either language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from answerable.scoring.explain import ABSENT_WORDS, Explanation
from answerable.values.number import text_of
from answerable.values.text import Language, Text

__all__ = ["text", "value_in_words"]

_WORDS = {
    "total": Text(zh="总分", en="Total"),
    "grade": Text(zh="等次", en="Grade"),
    "clause": Text(zh="条款", en="Clause"),
    "rule": Text(zh="规则", en="Rule"),
    "indicator": Text(zh="指标", en="Indicator"),
    "formula": Text(zh="计算", en="Formula"),
    "values": Text(zh="代入", en="With values"),
    "result": Text(zh="结果", en="Result"),
    "rows": Text(zh="来源行", en="Source rows"),
    "left_out": Text(zh="未计入的行", en="Rows left out"),
    "more": Text(zh="……另有 {n} 行", en="... and {n} more rows"),
    "next": Text(zh="距“{grade}”还差 {short} 分", en="{short} points short of {grade}"),
    "margin": Text(
        zh="再少 {points} 分以内等次不变（总分不低于 {total}）",
        en="the grade holds with up to {points} points fewer (down to {total})",
    ),
    "minimums": Text(zh="各项最低要求也须达到", en="every minimum has to be met as well"),
    "enough": Text(zh="升等次所需", en="Enough for the next grade"),
    "enough_with": Text(
        zh="{indicator}为 {value}，其余不变：得 {points} 分，总分 {total}",
        en="{indicator} of {value}, everything else as it is: {points} points, a total of {total}",
    ),
    "places": Text(zh="名额另计", en="places are counted besides"),
    "veto": Text(zh="一票否决", en="Veto"),
    "quota": Text(
        zh="总分达到上一等次，但该等次名额已满", en="the total reaches the grade above, whose places are taken"
    ),
    "rescaled": Text(zh="可评分值 {a}，按 {b} 分折算", en="assessable points {a}, rescaled to {b}"),
}
_MOST_ROWS = 24


def text(explanation: Explanation, language: Language, node: str | None = None) -> str:
    """The explanation as lines for a reader, whole or for one node."""
    return "\n".join(_Reader(language).lines(explanation, node)) + "\n"


def value_in_words(value: str, percent: bool) -> str:
    """A printed value as people say it: a share in percent, no decimals that say nothing."""
    exact = Fraction(value)
    return f"{text_of(exact * 100)}%" if percent else text_of(exact)


@dataclass(frozen=True)
class _Reader:
    language: Language

    def word(self, name: str) -> str:
        return _WORDS[name].in_language(self.language)

    def lines(self, explanation: Explanation, node: str | None) -> Iterator[str]:
        document = explanation.document
        if node is not None:
            yield from self.node(explanation.node(node), 0, with_rows=True)
            return
        yield f"{document['unit']} · {document['programme']} {document['programme_version']} · {document['period']}"
        yield f"{self.word('total')}: {document['total'] or '-'} / {document['of']}"
        if document["rescaled"]:
            yield "  " + self.word("rescaled").format(a=document["assessable"], b=document["of"])
        yield f"{self.word('grade')}: {document['grade_title'][self.language]}"
        for veto in document["vetoes"]:
            effect = veto["effect"][self.language]
            basis = f"{veto['clause']}; {veto['legal_basis']}"
            yield f"  {self.word('veto')}: {veto['title'][self.language]}, {effect} ({basis})"
        for step in document["steps"]:
            yield f"  {step['says'][self.language]} ({step['clause']})"
        if document["grade_before_quota"] != document["grade"]:
            yield "  " + self.word("quota")
        if upper := document["next_grade"]:
            grade = upper["title"][self.language]
            yield "  " + self.word("next").format(grade=grade, short=upper["short_by"])
        if kept := document["margin"]:
            said = [self.word("margin").format(points=kept["points"], total=kept["down_to"])]
            said += [
                self.word(name) for name, holds in (("minimums", kept["minimums"]), ("places", kept["quota"])) if holds
            ]
            yield "  " + "; ".join(said)
        for one in [*document["tree"]["children"], *document["adjustments"]]:
            yield from self.node(one, 0, with_rows=False)

    def node(self, node: dict[str, Any], depth: int, with_rows: bool) -> Iterator[str]:
        indent = "  " * depth
        of = f" / {node['of']}" if "of" in node else ""
        shown = node["points"] if node["points"] is not None else ABSENT_WORDS[node["state"]].in_language(self.language)
        yield f"{indent}{node['title'][self.language]} [{node['id']}]: {shown}{of}"
        if node.get("note"):
            yield f"{indent}    {node['note'][self.language]}"
        for child in node.get("children", []):
            yield from self.node(child, depth + 1, with_rows)
        if "indicator" in node:
            yield from (f"{indent}    {line}" for line in self.why(node, with_rows))

    def why(self, node: dict[str, Any], with_rows: bool) -> Iterator[str]:
        figure = node["indicator"]
        yield f"{self.word('clause')}: {node['clause']}"
        yield f"{self.word('rule')}: {node['rule'][self.language]}"
        value = figure["value"] or ABSENT_WORDS[figure["state"]].in_language(self.language)
        yield f"{self.word('indicator')}: {figure['title'][self.language]} = {value}"
        yield f"{self.word('formula')}: {figure['formula']}"
        yield f"{self.word('values')}: {figure['formula_with_values']}"
        if node.get("decision"):
            yield node["decision"][self.language]
        elif node.get("formula_with_values"):
            yield f"{self.word('result')}: {node['formula_with_values']} = {node['result']}"
        if found := node.get("enough"):
            yield self.enough(figure, found)
        if with_rows:
            yield from self.rows("rows", figure["rows"])
            yield from self.rows("left_out", figure["left_out"])

    def enough(self, figure: dict[str, Any], found: dict[str, Any]) -> str:
        facts = {name: found[name] for name in ("points", "total")}
        facts |= {
            "indicator": figure["title"][self.language],
            "value": value_in_words(found["value"], figure["percent"]),
        }
        said = [f"{self.word('enough')}: {self.word('enough_with').format_map(facts)}"]
        return "; ".join([*said, self.word("places")] if found["quota"] else said)

    def rows(self, word: str, rows: list[dict[str, Any]]) -> Iterator[str]:
        if not rows:
            return
        yield f"{self.word(word)} ({len(rows)}):"
        for row in rows[:_MOST_ROWS]:
            cells = ", ".join(f"{name}={cell}" for name, cell in row["cells"].items())
            yield f"  {row['table']} · {row['key']}: {cells}"
        if len(rows) > _MOST_ROWS:
            yield "  " + self.word("more").format(n=len(rows) - _MOST_ROWS)
