"""What the keys and the closed words of a programme are called, for people who read it and not its file.

A key or a word that is not listed here is shown as the file writes it, so that a new key is read at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from answerable.definition.model import Missing
from answerable.values.number import Rounding
from answerable.values.text import Text

__all__ = [
    "LABELS",
    "OWNERS",
    "WORDS",
    "both",
    "day_in_words",
    "label",
    "missing_in_words",
    "rounding_in_words",
    "word",
]


def both(plain: str) -> Text:
    """The same characters in both languages."""
    return Text(zh=plain, en=plain)


LABELS: Mapping[str, Text] = {
    "absent": Text(zh="无数据时", en="without a figure"),
    "adjustments_together": Text(zh="加减分合计", en="adjustments in all"),
    "add": Text(zh="合计所用得分", en="scores that are added"),
    "adjustments": Text(zh="加减分", en="adjustment"),
    "assess": Text(zh="考核对象", en="kinds of unit assessed"),
    "at_least": Text(zh="至少数", en="needed at least"),
    "at_most": Text(zh="等次最高为", en="grade at most"),
    "bands": Text(zh="等次", en="grade"),
    "base": Text(zh="条件（基础得分）", en="where the points before adjustments are"),
    "because": Text(zh="理由", en="reason"),
    "blank": Text(zh="空格的含义", en="meaning of an empty cell"),
    "by": Text(zh="审定岗位或方向", en="decided by, or which way"),
    "cap": Text(zh="累计不超过", en="at most in all"),
    "checks": Text(zh="校验", en="check"),
    "clause": Text(zh="依据", en="clause"),
    "day": Text(zh="日期", en="day"),
    "decimals": Text(zh="小数位数", en="decimals"),
    "due_day": Text(zh="报送截止日", en="day a return is due"),
    "due_months": Text(zh="截止日所在月（之后第几个月）", en="months until a return is due"),
    "each": Text(zh="每次分值", en="points for each"),
    "fields": Text(zh="填报项", en="fields"),
    "effect": Text(zh="后果", en="effect"),
    "filed_by": Text(zh="报送单位类别", en="kinds of unit that file it"),
    "finding_kinds": Text(zh="问题类型", en="kind of finding"),
    "forms": Text(zh="报表", en="forms"),
    "formula": Text(zh="公式", en="formula"),
    "grade": Text(zh="等次", en="grade"),
    "grades": Text(zh="等次", en="grade"),
    "help": Text(zh="填报说明", en="help"),
    "holds": Text(zh="校验公式", en="what must hold"),
    "id": Text(zh="编号", en="id"),
    "indicator": Text(zh="指标", en="indicator"),
    "indicators": Text(zh="指标", en="indicator"),
    "item": Text(zh="单项得分", en="score of an item"),
    "kinds": Text(zh="单位类别", en="kinds of unit"),
    "levels": Text(zh="级别", en="levels"),
    "legal_basis": Text(zh="法定依据", en="legal basis"),
    "matters": Text(zh="事项类型", en="kind of matter"),
    "maximum": Text(zh="最大值", en="largest value"),
    "measure": Text(zh="计量", en="measure"),
    "minimum": Text(zh="最小值", en="smallest value"),
    "missing": Text(zh="缺数处理", en="what absent figures do"),
    "minimums": Text(zh="最低要求", en="minimum"),
    "more": Text(zh="加分合计最多", en="points given in all at most"),
    "most": Text(zh="最高评分", en="highest score"),
    "node": Text(zh="部分或项目", en="part or item"),
    "not_above": Text(zh="最高到", en="no better than"),
    "not_below": Text(zh="最低到", en="no worse than"),
    "number": Text(zh="文号", en="number"),
    "off": Text(zh="扣分合计最多", en="points taken in all at most"),
    "office": Text(zh="主办机构", en="office"),
    "order": Text(zh="次序", en="order"),
    "other_bands": Text(zh="其他单位类别的等次起点", en="bands for other kinds of unit"),
    "on": Text(zh="所依总分", en="total it goes by"),
    "owner": Text(zh="填报人", en="filled in by"),
    "panels": Text(zh="评分组", en="panel"),
    "part": Text(zh="所在部分", en="part it belongs to"),
    "percent": Text(zh="显示方式", en="shown as"),
    "points": Text(zh="分值", en="points"),
    "quotas": Text(zh="比例限制", en="quota"),
    "ranks": Text(zh="名次", en="rank"),
    "rated_from": Text(zh="评等次所需分值", en="assessable points needed for a grade"),
    "renormalised": Text(zh="不参评项目的分值", en="points of what is left out"),
    "required": Text(zh="是否必填", en="required"),
    "reviews": Text(zh="审定", en="review"),
    "rounding": Text(zh="取舍", en="rounding"),
    "rule": Text(zh="计分规则", en="rule"),
    "says": Text(zh="提示", en="what it says"),
    "seats": Text(zh="名额取舍", en="how seats are rounded"),
    "severity": Text(zh="不符时", en="where it does not hold"),
    "share": Text(zh="比例", en="share"),
    "sign_by": Text(zh="责任书签订截止日", en="last day to sign the agreement"),
    "sources": Text(zh="依据文件", en="source"),
    "start": Text(zh="起点", en="begins at"),
    "starts": Text(zh="各等次起点", en="where the grades begin"),
    "steps": Text(zh="等次升降", en="step of a grade"),
    "targets": Text(zh="目标", en="target"),
    "ties": Text(zh="同分名次", en="equal totals"),
    "time_zone": Text(zh="时区", en="time zone"),
    "title": Text(zh="名称", en="title"),
    "together": Text(zh="加减分合计", en="adjustments in all"),
    "topic": Text(zh="事项", en="topic"),
    "total": Text(zh="总分", en="total"),
    "tree": Text(zh="分值结构", en="tree of points"),
    "unit_kinds": Text(zh="单位类别", en="kind of unit"),
    "url": Text(zh="网址", en="address"),
    "use": Text(zh="用途", en="use"),
    "usual": Text(zh="通常目标值", en="usual value"),
    "value": Text(zh="值", en="value"),
    "valid_from": Text(zh="施行日期", en="in force from"),
    "valid_until": Text(zh="失效日期", en="no longer in force from"),
    "version": Text(zh="版本", en="version"),
    "vetoes": Text(zh="一票否决", en="veto"),
    "when": Text(zh="否决条件（指标大于零）", en="condition (an indicator above zero)"),
    "within": Text(zh="排名范围", en="ranked among"),
}
"""What each key of a programme is called."""

OWNERS: Mapping[str, Text] = {
    "facility": Text(zh="医疗卫生机构", en="facility"),
    "office": Text(zh="项目办公室", en="programme office"),
    "specialist": Text(zh="专干", en="specialist"),
    "unit_finance": Text(zh="单位财务人员", en="the unit's finance staff"),
    "unit_personnel": Text(zh="单位人事人员", en="the unit's personnel staff"),
}
"""Who may answer for a form or a field; any other name is shown as it stands."""

_MODES: Mapping[object, Text] = {
    "half_up": Text(zh="四舍五入", en="halves away from zero"),
    "half_even": Text(zh="四舍六入五成双", en="halves to the even neighbour"),
    "down": Text(zh="舍去尾数", en="towards zero"),
    "up": Text(zh="进位", en="away from zero"),
}

WORDS: Mapping[str, Mapping[object, Text]] = {
    "absent": {
        "zero": Text(zh="不得分", en="no points"),
        "full": Text(zh="得满分", en="all points"),
        "exempt": Text(zh="不参评，其余分值折算", en="left out, the rest is rescaled"),
    },
    "absence": {
        "missing": Text(zh="缺报", en="missing"),
        "not_applicable": Text(zh="不适用", en="not applicable"),
        "suppressed": Text(zh="已隐去", en="withheld"),
        "undefined": Text(zh="无法计算", en="cannot be worked out"),
    },
    "add": {
        "rounded": Text(zh="取舍后的单项得分", en="rounded scores of items"),
        "exact": Text(zh="未取舍的单项得分", en="exact scores of items"),
    },
    "by": {
        "up": Text(zh="提高一级", en="up"),
        "down": Text(zh="降低一级", en="down"),
    },
    "blank": {
        "missing": Text(zh="缺报", en="missing"),
        "zero": Text(zh="零", en="zero"),
    },
    "measure": {
        "count": Text(zh="计数", en="count"),
        "money": Text(zh="元", en="yuan"),
        "days": Text(zh="天", en="days"),
        "quantity": Text(zh="数量", en="quantity"),
        "share": Text(zh="比例", en="share"),
        "points": Text(zh="分", en="points"),
        "flag": Text(zh="是否", en="yes or no"),
    },
    "mode": _MODES,
    "on": {
        "rounded": Text(zh="取舍后的总分", en="rounded total"),
        "exact": Text(zh="未取舍的总分", en="exact total"),
    },
    "percent": {
        True: Text(zh="百分比", en="percent"),
        False: Text(zh="数值", en="number"),
    },
    "renormalised": {
        True: Text(zh="由本部分其余项目分担", en="shared among the others of the part"),
        False: Text(zh="在总分中折算", en="rescaled in the total"),
    },
    "required": {
        True: Text(zh="是", en="yes"),
        False: Text(zh="否", en="no"),
    },
    "severity": {
        "hard": Text(zh="不能报送", en="stops the return"),
        "soft": Text(zh="请填报人说明", en="asks for a word of explanation"),
    },
    "status": {
        "proposed": Text(zh="待认定", en="proposed"),
        "confirmed": Text(zh="已认定", en="confirmed"),
        "withdrawn": Text(zh="已撤销", en="withdrawn"),
    },
    "seats": _MODES,
    "ties": {
        "in": Text(zh="末位同分的都进入", en="all with the last total keep it"),
        "out": Text(zh="末位同分的都不进入", en="all with the last total lose it"),
        "min": Text(zh="并列，其后名次顺延", en="share a place, the next place is counted on"),
        "dense": Text(zh="并列，其后名次不跳号", en="share a place, the next place follows"),
    },
    "use": {
        "scored": Text(zh="计分", en="scored"),
        "check": Text(zh="校验其他数据", en="checks other fields"),
        "context": Text(zh="仅供参考", en="context only"),
    },
    "within": {
        "kind": Text(zh="同类单位", en="units of one kind"),
        "peer_group": Text(zh="同组单位", en="units of one group"),
        "parent": Text(zh="同一上级的单位", en="units below the same unit"),
    },
}
"""What the closed words of a key mean, by key."""


def group_in_words(within: str, kinds: Mapping[str, Text]) -> Text:
    """Among which units something is compared: one of the three groups, or those below the same unit of a kind."""
    if within not in kinds:
        return word("within", within)
    kind = kinds[within]
    return Text(zh=f"同一{kind.zh}内的同类单位", en=f"units of one kind in the same {kind.en.lower()}")


def label(key: str) -> Text:
    """What a key is called; the key itself where it has no words yet."""
    return LABELS.get(key, both(key))


def word(key: str, value: object) -> Text:
    """What a closed word of a key means; the word itself where it has none yet.

    >>> word("absent", "exempt").en, word("owner", "facility").en
    ('left out, the rest is rescaled', 'facility')
    """
    known = OWNERS if key == "owner" else WORDS.get(key, {})
    return known.get(value) or both(str(value).replace("_", " "))  # type: ignore[call-overload]


def day_in_words(day: date) -> Text:
    """A day as people write it.

    >>> day_in_words(date(2027, 1, 5))
    Text(zh='2027年1月5日', en='5 January 2027')
    """
    return Text(zh=f"{day.year}年{day.month}月{day.day}日", en=f"{day.day} {day:%B %Y}")


def rounding_in_words(rounding: Rounding) -> Text:
    """A rounding as a reader says it.

    >>> rounding_in_words(Rounding("half_up", 2))
    Text(zh='四舍五入，保留2位小数', en='2 decimals, halves away from zero')
    """
    mode, decimals = word("mode", rounding.mode), rounding.decimals
    kept = f"保留{decimals}位小数" if decimals else "取整数"
    places = "no decimals" if not decimals else "1 decimal" if decimals == 1 else f"{decimals} decimals"
    return Text(zh=f"{mode.zh}，{kept}", en=f"{places}, {mode.en}")


def missing_in_words(missing: Missing) -> Text:
    """What an absent cell does to an indicator, as a reader says it."""
    if missing.do == "skip":
        return Text(
            zh=f"缺数的月份不计，至少须有{missing.at_least}个月数据齐全",
            en=f"months with an absent figure are left out, at least {missing.at_least} whole months must remain",
        )
    return {
        "zero": Text(zh="缺报的按零计", en="a missing figure counts as zero"),
        "unassessable": Text(zh="有一个月缺报即没有结果", en="one missing figure and there is no value"),
    }[missing.do]
