"""Finds what must never be handed in: data of residents. Numbers tell by their check digits, lists by their headings.

Nothing found is ever told whole: a finding says what kind, on which line, how many, and shows the number with its
middle covered. What is no personal number here: unified social credit codes, document numbers, amounts, the landline
of an office. A mobile number always counts as a person's, since nobody can tell whose it is.

Sources: GB 11643 (identity numbers), ISO/IEC 7812-1 (card numbers), the numbering plan for mobiles (11 digits, 13–19).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

__all__ = ["Found", "Kind", "residents_in"]

Kind = Literal["identity", "mobile", "card", "names"]

_ALONE = r"(?<![0-9A-Za-z]){}(?![0-9A-Za-z]|[.][0-9])"
_GAP = "[ -]?"
_IDENTITY = re.compile(_ALONE.format(rf"[1-8][0-9]{{5}}{_GAP}[0-9]{{8}}{_GAP}[0-9]{{3}}[0-9Xx]"))
_OLD_IDENTITY = re.compile(_ALONE.format(rf"[1-8][0-9]{{5}}{_GAP}[0-9]{{6}}{_GAP}[0-9]{{3}}"))
_CARD = re.compile(_ALONE.format(rf"(?:62|4[0-9]|5[1-5])[0-9]{{2}}(?:{_GAP}[0-9]{{4}}){{3}}(?:{_GAP}[0-9]{{1,3}})?"))
_MOBILE = re.compile(_ALONE.format(rf"(?:\+?86{_GAP})?1[3-9][0-9](?:{_GAP}[0-9]{{4}}){{2}}"))
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_PROVINCES = {
    *range(11, 16),
    *range(21, 24),
    *range(31, 38),
    *range(41, 47),
    *range(50, 55),
    *range(61, 66),
    71,
    81,
    82,
    83,
}

# A heading of a list of people, and how many names under it make one; without a heading it takes more.
_HEADING = re.compile("姓名|名单|名册|花名册|户主|住户|家庭成员|身份证|育龄|孕妇")
_UNDER_HEADING, _WITHOUT_HEADING = 3, 10
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑罗梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆"
    "范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万钱严覃武戴莫孔向汤"
)
_NO_NAME = frozenset("村镇乡街区组县市省州旗屯庄湾寨路岭坪桥局所站办院校会园厂店处科室部委司")
_PARTS = re.compile(r"[\s、,，;；。.|/\t0-9()（）:：]+")


@dataclass(frozen=True)
class Found:
    """One kind of personal data in a text: on which line it first stands, how often, and the first with its middle
    covered.
    """

    kind: Kind
    line: int
    count: int
    shown: str


def residents_in(text: str) -> tuple[Found, ...]:
    """What a text holds of residents, each kind once, in the order identity, mobile, card, names.

    >>> residents_in("王某,11010519491231002X")
    (Found(kind='identity', line=1, count=1, shown='110***********002X'),)
    >>> residents_in("统一社会信用代码 91110000600037341L，金额 13800138.00 元")
    ()
    """
    lines = [unicodedata.normalize("NFKC", line) for line in text.splitlines()]
    hits: dict[Kind, list[tuple[int, str]]] = {"identity": [], "mobile": [], "card": []}
    for number, line in enumerate(lines, 1):
        rest = line
        for kind, pattern, is_one in _NUMBERS:
            for match in [match for match in pattern.finditer(rest) if is_one(_plain(match[0]))]:
                hits[kind].append((number, _plain(match[0])))
                rest = rest.replace(match[0], " ")
    found = [Found(kind, each[0][0], len(each), _covered(each[0][1])) for kind, each in hits.items() if each]
    return (*found, *_names(lines))


def _plain(written: str) -> str:
    return re.sub(r"[ \-+]", "", written).upper()


def _covered(number: str) -> str:
    return f"{number[:3]}{'*' * (len(number) - 7)}{number[-4:]}"


def _is_identity(number: str) -> bool:
    """GB 11643: province, a day of birth that was, and the check digit of the first seventeen."""
    if int(number[:2]) not in _PROVINCES or not _was_day(number[6:14]):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return number[17] == "10X98765432"[total % 11]


def _is_old_identity(number: str) -> bool:
    """Fifteen digits, given until 1999: no check digit, so only province and day can tell."""
    return int(number[:2]) in _PROVINCES and _was_day("19" + number[6:12])


def _was_day(digits: str) -> bool:
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return day.year >= 1900


def _is_card(number: str) -> bool:
    """Sixteen to nineteen digits of a bank, with Luhn's check digit."""
    doubled = (int(digit) * (2 if at % 2 else 1) for at, digit in enumerate(reversed(number)))
    return sum(twice // 10 + twice % 10 for twice in doubled) % 10 == 0


def _is_mobile(_: str) -> bool:
    return True


_NUMBERS: tuple[tuple[Kind, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("identity", _IDENTITY, _is_identity),
    ("identity", _OLD_IDENTITY, _is_old_identity),
    ("card", _CARD, _is_card),
    ("mobile", _MOBILE, _is_mobile),
)


def _names(lines: list[str]) -> Iterator[Found]:
    """A list of people by name: under a heading that says so, or long enough to be nothing else."""
    named = [(number, part) for number, line in enumerate(lines, 1) for part in _PARTS.split(line) if _is_name(part)]
    headed = any(_HEADING.search(line) for line in lines)
    if len({part for _, part in named}) >= (_UNDER_HEADING if headed else _WITHOUT_HEADING):
        yield Found("names", named[0][0], len(named), named[0][1][0] + "*" * (len(named[0][1]) - 1))


def _is_name(part: str) -> bool:
    """Two or three Chinese signs that begin with a common surname and do not end like a place or an office."""
    chinese = all("\u4e00" <= sign <= "\u9fff" or ord(sign) >= 0x20000 for sign in part)
    return 2 <= len(part) <= 3 and chinese and part[0] in _SURNAMES and part[-1] not in _NO_NAME and part not in _WORDS


_WORDS = frozenset(
    re.findall(
        r"\S+",
        """
    高度 高中 高效 方便 方案 方式 方法 任务 任何 任职 马上 万元 万人 于是 余额
    白天 金额 金融 武装 石油 严格 严重 严肃 向上 常态 何时 何种 周期 周围 周边
    江河 江湖 毛利 龙头 温度 程度 程序 范围 范本 路线 雷同 钟点 包括 段落 夏季
    夏天 夏秋 秦岭 孔子 贺信 贺词 顾问 顾虑 史料 史志 许可 许多 谢绝 谢谢 田间
    田野 林业 林木 林地 黄河 黄色 叶片 曾经 陆续 陆地 张贴 杨树 高于 低于 余下
    万里 万众 方面 方向 方针 高龄 严禁 任期 向阳 严防 严查 毛巾 白板 石板 江苏
    江西 黑龙 董事 宋体 余款 黄牌 于此 高质量 严要求 周例会 周报表 方向性 任务书
    程序性 范围内
    """,
    )
)
"""Words of documents that begin as a surname does."""
