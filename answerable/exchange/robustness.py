"""Robustness as files and as a summary in words: how firm the grades and places of a scorecard are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from answerable.definition import Programme
from answerable.scoring import Scorecard
from answerable.scoring.robustness import Draws, draws, margin_table, margins, without
from answerable.scoring.scorecard import written
from answerable.values.issue import Issue, Place, Refused
from answerable.values.number import parse_fraction, text_of
from answerable.values.table import Table
from answerable.values.text import Language, Text

__all__ = ["Robustness", "robustness_of", "told", "write_robustness"]

KEPT_IN = Fraction(95, 100)
"""The share of draws from which on a grade counts as kept."""
SHOWN = 5
"""How many units and items the summary names."""


@dataclass(frozen=True)
class Robustness:
    """All that is told of a scorecard: draws of weights, each node left out, margins."""

    draws: Draws
    without: Table
    margins: Table

    @property
    def tables(self) -> Mapping[str, Table]:
        """What is written, by the name of its file."""
        return {
            "units": self.draws.units,
            "ranks": self.draws.ranks,
            "without": self.without,
            "margins": self.margins,
        }


def robustness_of(
    programme: Programme, scorecard: Scorecard, count: int, within: str, seed: str | None = None
) -> Robustness:
    """Everything, from words of a command.

    Args:
        within: such as `25%`. seed: the digest of the scorecard where there is none.

    Raises:
        Refused: as `scoring.robustness.draws`; where `within` is no number.
    """
    try:
        share = parse_fraction(within)
    except ValueError as error:
        raise Refused([Issue("robustness.nothing_varied", Place(), {"within": within})]) from error
    drawn = draws(programme, scorecard, count, share, seed)
    return Robustness(drawn, without(programme, scorecard), margin_table(list(margins(programme, scorecard))))


def write_robustness(found: Robustness, folder: Path) -> list[Path]:
    """Write each table as canonical CSV and give the files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{name}.csv" for name in found.tables]
    for file in files:
        file.write_bytes(written(found.tables[file.stem]))
    return files


def told(programme: Programme, found: Robustness, language: Language) -> Iterator[str]:
    """The summary, line by line."""
    said = [*_draws(programme, found.draws), *_nodes(programme, found.without)]
    yield from (words.in_language(language) for words in said)


def _draws(programme: Programme, drawn: Draws) -> Iterator[Text]:
    columns, within = drawn.units.columns, f"{text_of(drawn.within * 100)}%"
    yield Text(
        zh=f"各项分值在 ±{within} 以内随机变动，抽取 {drawn.count:,} 次，种子：{drawn.seed}",
        en=f"{drawn.count:,} draws of weights, each within ±{within}; seed: {drawn.seed}",
    )
    kept = _kept(drawn)
    firm = sum(1 for times in kept if times >= KEPT_IN * drawn.count)
    yield Text(
        zh=f"至少 95% 的抽取中等次不变的单位：{firm:,} / {len(kept):,}",
        en=f"units that keep their grade in at least 95 of 100 draws: {firm:,} of {len(kept):,}",
    )
    if lost := sum(1 for one in columns["as_printed"] if not one):
        yield Text(
            zh=f"公布的数字不足以还原其等次或名次的单位：{lost:,}（见 units.csv 的 as_printed 列）",
            en=f"units whose printed figures do not give back their grade or place: {lost:,} (as_printed in units.csv)",
        )
    unsure = sorted(range(len(kept)), key=lambda at: kept[at])[:SHOWN]
    for at in (at for at in unsure if kept[at] < drawn.count):
        title, share = programme.grades.title(str(columns["grade"][at])), _percent(kept[at], drawn.count)
        yield Text(
            zh=f"  最不确定：{columns['unit'][at]}，{share} 的抽取中为“{title.zh}”",
            en=f"  most uncertain: {columns['unit'][at]}, “{title.en}” in {share} of the draws",
        )


def _kept(drawn: Draws) -> list[int]:
    """In how many draws each unit has the grade it has."""
    columns = drawn.units.columns
    return [int(columns[f"in_{grade}"][at] or 0) for at, grade in enumerate(columns["grade"])]


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%"


def _nodes(programme: Programme, table: Table) -> Iterator[Text]:
    titles = {node.id: node.title for node in programme.tree.nodes()}
    items = {item.id for item in programme.tree.items()}
    ranks = [f"moved_{rank.id}" for rank in programme.ranks[:1]]
    rows = [row for row in table.rows() if row["node"] in items]
    compared = [row for row in rows if row["state"] == "compared"]

    def moved(row: Mapping[str, object]) -> tuple[int, ...]:
        return tuple(abs(int(str(row[name]))) for name in ("grades", *ranks, "total"))

    for row in sorted(compared, key=moved, reverse=True)[:SHOWN]:
        title, grades = titles[str(row["node"])], row["grades"]
        places = [row[name] for name in ranks]
        yield Text(
            zh=f"  影响最大的项目：{title.zh}，去掉后等次变化 {grades} 个单位" + _zh(places),
            en=f"  most influential: {title.en}; without it another grade: {grades}" + _en(places),
        )
    if idle := [titles[str(row["node"])] for row in rows if row["state"] == "no_effect"]:
        yield Text(
            zh="没有单位被考核、去掉也没有作用的项目：" + "、".join(title.zh for title in idle),
            en="assessed for nobody, so without effect: " + ", ".join(title.en for title in idle),
        )


def _zh(places: Sequence[object]) -> str:
    return "".join(f"，名次变化 {count} 个" for count in places)


def _en(places: Sequence[object]) -> str:
    return "".join(f", another place: {count}" for count in places)
