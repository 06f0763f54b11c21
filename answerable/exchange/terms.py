"""The terms a programme uses and what they mean, for the last page of its score sheet.

A term is listed only where the programme uses it: a fate of its items, a table or a column of its formulas.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from answerable.definition import Programme
from answerable.definition.formula import Aggregate, ColumnOf, Expression, Name, walk
from answerable.definition.wording import word
from answerable.values.text import Text

__all__ = ["terms"]

_TERMS: tuple[tuple[tuple[str, ...], Text, Text], ...] = (
    (
        ("missing",),
        Text(zh="缺报", en="missing"),
        Text(
            zh="应当有而没有人填报的数据，不等于零", en="a figure that was due and that nobody gave; it is not a zero"
        ),
    ),
    (
        ("not_applicable",),
        Text(zh="不适用", en="not applicable"),
        Text(zh="本单位没有这项业务，不需要填数", en="the question does not arise for the unit"),
    ),
    (
        ("suppressed",),
        Text(zh="已隐去", en="withheld"),
        Text(zh="数据存在，因涉及人数少而不显示", en="known, but not shown because few people stand behind it"),
    ),
    (
        ("undefined",),
        word("absence", "undefined"),
        Text(
            zh="公式没有结果，如除数为零、对负数开方、无数可平均；不作零分处理",
            en="the formula has no value, as where the divisor is zero, the root is of a negative number, or there is "
            "nothing to average; it is not a zero",
        ),
    ),
    (
        ("exempt",),
        Text(zh="不参评", en="left out"),
        Text(
            zh="该项分值不计入可评分值，其余得分折算：得分 × 满分 ÷ 可评分值",
            en="the item's points are not assessable; what was earned is rescaled: earned × all points ÷ assessable",
        ),
    ),
    (
        ("form",),
        Text(zh="应报份数", en="expected"),
        Text(
            zh="单位应报该表且全月存续的月份，每月一份，无论是否报送",
            en="one return for each month in which the unit must file the form and is open for the whole month, filed "
            "or not",
        ),
    ),
    (
        ("form.on_time",),
        Text(zh="按时报送", en="filed on time"),
        Text(
            zh="第一次报送不晚于截止日；以后更正不影响按时",
            en="the first version came by the day due; a later revision does not make it late",
        ),
    ),
    (
        ("agreements.signed_on_time",),
        Text(zh="按期签订", en="signed in time"),
        Text(zh="双方都在签订截止日前（含当日）签订", en="signed by both sides by the last day to sign, included"),
    ),
    (
        ("findings.status",),
        Text(zh="已认定", en="confirmed"),
        Text(
            zh="检查发现的问题，经单位确认或提出异议后认定成立",
            en="a finding that was held to be true after the unit could agree or object",
        ),
    ),
    (
        ("recounts.reported", "recounts.recounted"),
        Text(zh="上报数、复核数", en="figure reported, figure recounted"),
        Text(zh="单位月报表填报的数，考核员现场核查得到的数", en="what the unit filed, and what the inspector found"),
    ),
    (
        ("corrections.due",),
        Text(zh="已到期", en="due"),
        Text(zh="整改期限在考核期结束以前", en="the last day of the correction lies before the end of the period"),
    ),
    (
        ("corrections.closed", "corrections.closed_on_time"),
        Text(zh="销号、按期销号", en="closed, closed in time"),
        Text(
            zh="整改经其他人员复查后销号；不晚于整改期限的为按期",
            en="someone else has checked the correction and closed it; in time where it was by the day due",
        ),
    ),
)
"""What calls for a term, the term, its meaning."""


def terms(programme: Programme) -> tuple[tuple[Text, Text], ...]:
    """Each term a programme uses with its meaning."""
    used: set[str] = {name for item in programme.tree.items() for pair in item.absent.items() for name in pair}
    used |= set(_named(programme, (indicator.formula for indicator in programme.indicators)))
    return tuple((term, meaning) for calls, term, meaning in _TERMS if used.intersection(calls))


def _named(programme: Programme, formulas: Iterable[Expression]) -> Iterator[str]:
    """Tables counted and columns read, those of any form under the name `form`."""
    forms: Mapping[str, str] = {form.id: "form" for form in programme.forms}
    for part in (part for formula in formulas for part in walk(formula)):
        match part:
            case Aggregate("count", Name(table)):
                yield forms.get(table, table)
            case ColumnOf(table, column):
                yield f"{forms.get(table, table)}.{column}"
