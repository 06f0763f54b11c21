"""What limits a grade beside its bands, in words: other bands of some kinds of unit, minimums of parts, quotas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from answerable.definition.model import Minimum, OtherBands, Programme, Quota
from answerable.definition.wording import word
from answerable.values.number import text_of
from answerable.values.text import Text

__all__ = ["Limit", "limits"]

Limit = Literal["bands", "minimum", "quota"]


def limits(programme: Programme) -> Iterator[tuple[Limit, str, Text]]:
    """Each limit of a programme: its kind, the grade it is about (none for other bands), and what it says."""
    for other in programme.grades.other_bands:
        yield "bands", "", _other_bands(programme, other)
    for minimum in programme.grades.minimums:
        yield "minimum", minimum.grade, _minimum(programme, minimum)
    for quota in programme.grades.quotas:
        yield "quota", quota.grade, _quota(quota)


def _other_bands(programme: Programme, other: OtherBands) -> Text:
    kinds = [programme.unit_kinds[kind] for kind in other.kinds]
    begins = [(band.title, text_of(start)) for band, start in zip(programme.grades.bands, other.starts, strict=True)]
    zh = "、".join(f"“{title.zh}”{start}分起" for title, start in begins)
    en = ", ".join(f"“{title.en}” from {start}" for title, start in begins)
    return Text(zh=f"{'、'.join(kind.zh for kind in kinds)}：{zh}", en=f"{', '.join(kind.en for kind in kinds)}: {en}")


def _minimum(programme: Programme, minimum: Minimum) -> Text:
    node = next(node.title for node in programme.tree.nodes() if node.id == minimum.node)
    share = text_of(minimum.share * 100)
    return Text(zh=f"“{node.zh}”得分不低于其分值的{share}%", en=f"at least {share}% of the points of “{node.en}”")


def _quota(quota: Quota) -> Text:
    share, within = text_of(quota.share * 100), word("within", quota.within)
    seats, ties = word("seats", quota.seats), word("ties", quota.ties)
    en = f"at most {share}% of the rated among {within.en}, the best totals first; seats rounded {seats.en}; {ties.en}"
    return Text(zh=f"不超过{within.zh}中已评等次单位的{share}%，按总分从高到低；名额{seats.zh}；{ties.zh}", en=en)
