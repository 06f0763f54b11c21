"""The numbers of a programme file that people weigh, such as points and targets; and the file with some of them
changed.

A change is made in the text itself, so that the file that was tried is the file that can be proposed: only the digits
differ, remarks and order stay. What follows from a number moves with it: the points of a part are the sum of its items,
and a band ends where the band above begins.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from answerable.definition.reader import KeyPath, read_plain, spans
from answerable.definition.wording import label
from answerable.values.issue import Issue, Refused
from answerable.values.number import parse_fraction, text_of
from answerable.values.text import Text

__all__ = ["Setting", "changed", "settings"]

_SECTIONS = ("tree", "adjustments", "adjustments_together", "vetoes", "targets", "grades")
"""Where numbers are weighed; the others say what is asked, of whom and until when."""

_NAMES: Mapping[str, Text] = {
    "agreement.full_within": Text(zh="得满分的最大差距", en="largest difference for all points"),
    "around.base": Text(zh="基础分", en="base"),
    "around.down": Text(zh="每减少1扣分", en="off for each below 0"),
    "around.most_down": Text(zh="最多扣分", en="most off"),
    "around.most_up": Text(zh="最多加分", en="most added"),
    "around.up": Text(zh="每增加1加分", en="added for each above 0"),
    "bands.from": Text(zh="第{n}档起点", en="band {n} from"),
    "bands.otherwise": Text(zh="其余得分", en="points otherwise"),
    "bands.points": Text(zh="第{n}档得分", en="points of band {n}"),
    "cap": Text(zh="最多", en="at most"),
    "deductions.each": Text(zh="第{n}项每次扣分", en="off for each of deduction {n}"),
    "each": Text(zh="每次分值", en="points for each"),
    "floor": Text(zh="最低分", en="never below"),
    "full_at": Text(zh="得满分处", en="all points at"),
    "full_or_none": Text(zh="得分条件", en="all points where"),
    "grades.at_least": Text(zh="最低要求", en="at least, of its points"),
    "grades.at_most": Text(zh="名额比例", en="at most, of the units"),
    "grades.from": Text(zh="起点", en="from"),
    "grades.rated_from": Text(zh="评等次所需分值", en="assessable points needed for a grade"),
    "interval.from": Text(zh="区间下限", en="interval from"),
    "interval.to": Text(zh="区间上限", en="interval to"),
    "more": Text(zh="加分合计最多", en="given in all at most"),
    "off": Text(zh="扣分合计最多", en="taken in all at most"),
    "per": Text(zh="每档大小", en="size of a step"),
    "places": Text(zh="第{n}名得分", en="points of place {n}"),
    "points": Text(zh="分值", en="points"),
    "rank_points.otherwise": Text(zh="其余名次得分", en="points of other places"),
    "ratio_to_target": Text(zh="目标值", en="target"),
    "target": Text(zh="目标值", en="target"),
    "total_at_most": Text(zh="总分不超过", en="total at most"),
    "usual.value": Text(zh="通常目标值（{n}）", en="usual value ({n})"),
    "when": Text(zh="前提条件", en="only where"),
    "when_base": Text(zh="基础得分条件", en="where the points before are"),
    "zero_at": Text(zh="得0分处", en="no points at"),
}
"""What is weighed, by its key, or by the key and the one it stands in."""

_NUMBER = re.compile(r"((?:>=|<=|==|>|<)?\s*)([+-]?[0-9]+(?:\.[0-9]+)?%?)")
"""A sign of comparison, if there is one, and a number."""
_MOST_NAMED = 12


@dataclass(frozen=True)
class Setting:
    """A number of a programme file that can be tried otherwise, as the file writes it.

    `address` names it: an id and keys (`paid_in_full.rule.linear.zero_at`). `inside` is the item, adjustment, veto,
    target or grade it belongs to, by id, in a `section` of the file; `of` is what that is called.
    """

    address: str
    section: str
    inside: str
    of: Text
    what: Text
    value: str


def settings(source: bytes) -> tuple[Setting, ...]:
    """The numbers of a sound programme file that are weighed, in its order.

    Raises:
        Refused: where the file is no plain YAML.
    """
    return tuple(one.setting for one in _weighed(source))


def changed(source: bytes, wanted: Mapping[str, str]) -> bytes:
    """A sound programme file with other numbers, by their addresses. Whether it is sound after that, reading it tells.

    Raises:
        Refused: with every address nobody knows, and every value that is no number or that changes nothing.
    """
    weighed = {one.setting.address: one for one in _weighed(source)}
    issues = [issue for address, value in wanted.items() if (issue := _wrong(weighed, address, value))]
    if issues:
        raise Refused(issues)
    plain, _ = read_plain(source, "programme.yaml")
    texts = {weighed[address].path: value.strip() for address, value in wanted.items()}
    return _rewritten(source.decode(), {**_following(plain, texts), **texts})


def _wrong(weighed: Mapping[str, _Weighed], address: str, value: str) -> Issue | None:
    if address not in weighed:
        known = sorted(weighed, key=lambda one: (-len(set(one.split(".")) & set(address.split("."))), one))
        return Issue("trial.unknown_setting", facts={"address": address, "known": ", ".join(known[:_MOST_NAMED])})
    old = weighed[address].setting.value
    if not _NUMBER.fullmatch(value.strip()) or (_parted(value)[0] and not _parted(old)[0]):
        return Issue("trial.not_a_number", facts={"address": address, "value": value, "old": old})
    if _like(old, value) == _like(old, old):
        return Issue("trial.same_value", facts={"address": address, "value": old})
    return None


def _parted(value: str) -> tuple[str, str]:
    """The sign of a condition, with the space after it, and the number."""
    found = _NUMBER.fullmatch(value.strip())
    assert found is not None
    return found[1], found[2]


def _like(old: str, value: str) -> tuple[str, Fraction]:
    """What a value says in the place of another: one without a sign keeps the sign that was there."""
    sign, number = _parted(value)
    return (sign or _parted(old)[0]).strip(), parse_fraction(number)


def _number(value: str) -> Fraction:
    return parse_fraction(_parted(value)[1])


# -- what stands in the file -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Weighed:
    path: KeyPath
    setting: Setting


def _weighed(source: bytes) -> list[_Weighed]:
    plain, _ = read_plain(source, "programme.yaml")
    found = [one for section in _SECTIONS if section in plain for one in _numbers(plain, (section,), plain[section])]
    return [
        _Weighed(path, Setting(_address(plain, path), str(path[0]), *_thing(plain, path), _what(path), value))
        for path, value in found
    ]


def _numbers(plain: Any, path: KeyPath, part: Any) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(part, dict | list):
        for key, one in part.items() if isinstance(part, dict) else enumerate(part):
            yield from _numbers(plain, (*path, key), one)
    elif isinstance(part, str) and _name(path) and _NUMBER.fullmatch(part.strip()) and not _adds_up(plain, path):
        yield path, part.strip()


def _adds_up(plain: Any, path: KeyPath) -> bool:
    """Whether these are the points of a part, which follow its items."""
    return path[-1] == "points" and "children" in _at(plain, path[:-1])


def _at(plain: Any, path: KeyPath) -> Any:
    for key in path:
        plain = plain[key]
    return plain


def _keys(path: KeyPath) -> list[str]:
    return [key for key in path if isinstance(key, str)]


def _name(path: KeyPath) -> Text | None:
    keys = _keys(path)
    last = keys[-1]
    if keys[0] == "grades":
        return _NAMES.get(f"grades.{last}")
    if "rule" not in keys and last in ("from", "at_least"):
        return None
    return _NAMES.get(f"{keys[-2]}.{last}") or _NAMES.get(last)


def _what(path: KeyPath) -> Text:
    """What it is called; `{n}` is its place in a list."""
    name, at = _name(path), [key for key in path if isinstance(key, int)][-1:]
    assert name is not None
    n = at[0] + 1 if at else 1
    return Text(zh=name.zh.format(n=n), en=name.en.format(n=n))


def _named(plain: Any, path: KeyPath) -> Iterator[tuple[int, str, Any]]:
    """The parts of the file a path leads through that have an id, the innermost first: where, id and part."""
    for end in range(len(path) - 1, 0, -1):
        part = _at(plain, path[:end])
        if not isinstance(part, dict):
            continue
        if "id" in part:
            yield end, part["id"], part
        elif path[:end] == ("grades", "bands", path[end - 1]):
            yield end, part["grade"], part


def _address(plain: Any, path: KeyPath) -> str:
    end, name, _ = next(_named(plain, path), (0, "", None))
    rest = [str(key + 1) if isinstance(key, int) else key for key in path[end:]]
    return ".".join([name, *rest] if name else rest)


def _thing(plain: Any, path: KeyPath) -> tuple[str, Text]:
    _, name, part = next(_named(plain, path), (0, str(path[0]), None))
    title = part and part.get("title")
    return name, Text(zh=title["zh"], en=title["en"]) if title else label(name)


# -- what follows, and the text ----------------------------------------------------------------------------------------


def _following(plain: Any, texts: Mapping[KeyPath, str]) -> dict[KeyPath, str]:
    """What changes with the numbers that were asked for: points of parts, and ends of bands."""
    found: dict[KeyPath, str] = {}
    moved: dict[KeyPath, Fraction] = {}
    for path, value in texts.items():
        if path[0] == "tree" and "rule" not in path and path[-1] == "points":
            more = _number(value) - _number(_at(plain, path))
            for end in range(len(path) - 3, 1, -2):  # tree, 0, children, 1, points: the parts above
                above = (*path[:end], "points")
                moved[above] = moved.get(above, Fraction(0)) + more
        if path[-1] == "from" and path[-3:-2] == ("bands",):
            below = (*path[:-2], int(path[-2]) + 1, "below")
            bands = _at(plain, path[:-2])
            if int(path[-2]) + 1 < len(bands) and "below" in bands[int(path[-2]) + 1]:
                found[below] = value
    return found | {path: text_of(_number(_at(plain, path)) + more) for path, more in moved.items()}


def _rewritten(text: str, texts: Mapping[KeyPath, str]) -> bytes:
    where = spans(text)
    for path, value in sorted(texts.items(), key=lambda one: where[one[0]], reverse=True):
        start, end = where[path]
        sign, number = _parted(value)
        sign = sign or _parted(text[start:end].strip("\"'"))[0]
        text = text[:start] + (json.dumps(sign + number) if sign.strip() else number) + text[end:]
    return text.encode()
