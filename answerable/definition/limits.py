"""What bears on a total or a grade beside points and bands, in words: bands of some kinds of unit, minimums of parts,
quotas, steps, what parts do with exempt points, what adjustments may give in all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from answerable.definition.model import Part, Programme
from answerable.definition.outcomes import GradeStep, Minimum, OtherBands, Quota, Together
from answerable.definition.wording import group_in_words, word
from answerable.values.number import points_in_english, text_of
from answerable.values.text import Text

__all__ = ["Limit", "limits", "minimum_in_words", "part_in_words", "quota_in_words", "step_in_words"]

Limit = Literal["bands", "minimum", "quota", "step", "part", "together"]


def limits(programme: Programme) -> Iterator[tuple[Limit, str, Text]]:
    """Each limit of a programme: its kind, the grade it is about (minimums and quotas only), and what it says."""
    for other in programme.grades.other_bands:
        yield "bands", "", _other_bands(programme, other)
    for minimum in programme.grades.minimums:
        yield "minimum", minimum.grade, minimum_in_words(programme, minimum)
    for quota in programme.grades.quotas:
        yield "quota", quota.grade, quota_in_words(quota, programme.unit_kinds)
    for step in programme.grades.steps:
        yield "step", "", step_in_words(programme, step)
    for node in programme.tree.nodes():
        if isinstance(node, Part) and (node.renormalised or node.at_least > 1):
            yield "part", "", part_in_words(node)
    if programme.together.more is not None or programme.together.off is not None:
        yield "together", "", _together(programme.together)


def _other_bands(programme: Programme, other: OtherBands) -> Text:
    kinds = [programme.unit_kinds[kind] for kind in other.kinds]
    begins = [(band.title, text_of(start)) for band, start in zip(programme.grades.bands, other.starts, strict=True)]
    zh = "、".join(f"“{title.zh}”{start}分起" for title, start in begins)
    en = ", ".join(f"“{title.en}” from {start}" for title, start in begins)
    return Text(zh=f"{'、'.join(kind.zh for kind in kinds)}：{zh}", en=f"{', '.join(kind.en for kind in kinds)}: {en}")


def minimum_in_words(programme: Programme, minimum: Minimum) -> Text:
    """What a part or item must reach."""
    node = next(node.title for node in programme.tree.nodes() if node.id == minimum.node)
    share = text_of(minimum.share * 100)
    return Text(zh=f"“{node.zh}”得分不低于其分值的{share}%", en=f"at least {share}% of the points of “{node.en}”")


def step_in_words(programme: Programme, step: GradeStep) -> Text:
    """When a grade goes up or down, and how far."""
    title, indicator = step.title, programme.indicator(step.when).title
    bound = step.not_above if step.by == "up" else step.not_below
    zh_way, en_way = ("提高", "up") if step.by == "up" else ("降低", "down")
    zh, en = (
        f"“{title.zh}”：“{indicator.zh}”大于0的，等次{zh_way}一级",
        f"“{title.en}”: one grade {en_way} where “{indicator.en}” is above 0",
    )
    if bound is None:
        return Text(zh=zh, en=en)
    grade = programme.grades.title(bound)
    zh_end, en_end = ("最高到", "no better than") if step.by == "up" else ("最低到", "no worse than")
    return Text(zh=f"{zh}，{zh_end}“{grade.zh}”", en=f"{en}, {en_end} “{grade.en}”")


def part_in_words(part: Part) -> Text:
    """What a part does with the points of items left out, and how many must be left."""
    zh, en = [], []
    if part.renormalised:
        points = text_of(part.points)
        zh.append(f"有不参评项目的，其分值由本部分其余项目按比例分担，仍按{points}分计")
        en.append(
            "the points of items left out are shared among the others, so that the part keeps its "
            f"{points_in_english(points)}"
        )
    if part.at_least > 1:
        zh.append(f"可评的不足{part.at_least}项的，整个部分不参评")
        en.append(f"with fewer than {part.at_least} that can be assessed the whole part is left out")
    return Text(zh=f"“{part.title.zh}”：{'；'.join(zh)}", en=f"“{part.title.en}”: {'; '.join(en)}")


def _together(together: Together) -> Text:
    zh, en = [], []
    if together.more is not None:
        zh.append(f"各项加分合计最多{text_of(together.more)}分")
        en.append(f"all that give points {text_of(together.more)} at most")
    if together.off is not None:
        zh.append(f"各项扣分合计最多{text_of(together.off)}分")
        en.append(f"all that take points {text_of(together.off)} at most")
    return Text(zh="，".join(zh), en=f"Together {', '.join(en)}")


def quota_in_words(quota: Quota, kinds: Mapping[str, Text]) -> Text:
    """How many may have a grade, and who keeps it."""
    share, within = text_of(quota.share * 100), group_in_words(quota.within, kinds)
    seats, ties = word("seats", quota.seats), word("ties", quota.ties)
    en = f"at most {share}% of the rated among {within.en}, the best totals first; seats rounded {seats.en}; {ties.en}"
    return Text(zh=f"不超过{within.zh}中已评等次单位的{share}%，按总分从高到低；名额{seats.zh}；{ties.zh}", en=en)
