"""What units are given and people decide by hand, in words: targets, panels, kinds of matter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from answerable.definition.model import MatterKind, Panel, Programme, Target
from answerable.definition.wording import word
from answerable.values.number import text_of
from answerable.values.text import Text

__all__ = ["Given", "givens", "target_in_words"]


@dataclass(frozen=True)
class Given:
    """One of them: what kind of thing it is, what it is called, what holds for it, and its clause."""

    kind: Text
    title: Text
    says: Text
    clause: str


def givens(programme: Programme) -> Iterator[Given]:
    """Everything a programme is given from outside its returns, visits and findings."""
    for target in programme.targets:
        yield Given(Text(zh="目标", en="Target"), target.title, _target(programme, target), target.clause)
    for panel in programme.panels:
        yield Given(Text(zh="评分组", en="Panel"), panel.title, _panel(panel), panel.clause)
    for matter in programme.matters:
        yield Given(Text(zh="事项", en="Matter"), matter.title, _matter(matter), matter.clause)


def target_in_words(target: Target, value: Fraction) -> Text:
    """A value of a target with its measure: 95%, 12.34 yuan, 40."""
    match target.measure:
        case "share":
            return Text(zh=f"{text_of(value * 100)}%", en=f"{text_of(value * 100)}%")
        case "money":
            return Text(zh=f"{text_of(value / 100)}元", en=f"{text_of(value / 100)} yuan")
        case "days" | "points":
            unit = word("measure", target.measure)
            return Text(zh=f"{text_of(value)}{unit.zh}", en=f"{text_of(value)} {unit.en}")
        case _:
            return Text(zh=text_of(value), en=text_of(value))


def _target(programme: Programme, target: Target) -> Text:
    if not target.usual:
        return Text(zh="按单位分别下达", en="set for each unit")
    zh, en = [], []
    for usual in sorted(target.usual, key=lambda one: (one.start, one.kinds)):
        value, kinds = target_in_words(target, usual.value), [programme.unit_kinds[kind] for kind in usual.kinds]
        whom_zh, whom_en = "、".join(kind.zh for kind in kinds), ", ".join(kind.en for kind in kinds)
        zh.append(f"{whom_zh}{usual.start}年起{value.zh}")
        en.append(f"{value.en} from {usual.start}" + (f" for {whom_en}" if whom_en else ""))
    return Text(zh=f"{'，'.join(zh)}；另有下达的从其规定", en=f"{', '.join(en)}, unless the unit was given its own")


def _panel(panel: Panel) -> Text:
    most = text_of(panel.most)
    return Text(zh=f"每人评0至{most}分，须说明理由", en=f"each rater gives 0 to {most} points, with a reason")


def _matter(matter: MatterKind) -> Text:
    levels = [level.title for level in matter.levels]
    return Text(
        zh=f"级别从高到低：{'、'.join(one.zh for one in levels)}",
        en=f"levels from the highest: {', '.join(one.en for one in levels)}",
    )
