"""A formula in plain words, with the titles of fields and indicators in place of their ids.

For people: the words are not read back. A kind of expression that is not known here is shown as the formula language
writes it, so that a formula is never left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from answerable.definition.formula import (
    Across,
    Aggregate,
    Binary,
    Call,
    ColumnOf,
    Expression,
    Name,
    Negation,
    Number,
    TextLiteral,
    months_back,
    show,
    walk,
)
from answerable.definition.model import Item, Programme
from answerable.definition.wording import both, group_in_words, word
from answerable.values.number import text_of
from answerable.values.text import Language, Text

__all__ = ["formula_in_words", "rule_in_words", "table_in_words"]

_ROWS: Mapping[str, Text] = {
    "agreements": Text(zh="责任书", en="agreements"),
    "corrections": Text(zh="整改", en="corrections"),
    "findings": Text(zh="检查发现", en="findings"),
    "matters": Text(zh="事项", en="matters"),
    "ratings": Text(zh="评分", en="ratings"),
    "recounts": Text(zh="复核项", en="recounts"),
    "unit": Text(zh="单位", en="units"),
    "visits": Text(zh="核查", en="visits"),
}
"""What one counts in each table that every programme has."""

_COLUMNS: Mapping[tuple[str, str], Text] = {
    ("corrections", "closed"): Text(zh="已销号", en="closed"),
    ("corrections", "closed_on_time"): Text(zh="按期销号", en="closed in time"),
    ("corrections", "due"): Text(zh="已到期", en="due"),
    ("agreements", "signed"): Text(zh="已签订", en="signed"),
    ("agreements", "signed_on_time"): Text(zh="按期签订", en="signed in time"),
    ("findings", "kind"): Text(zh="问题类型", en="kind of finding"),
    ("findings", "occurrences"): Text(zh="检查发现次数", en="occurrences found"),
    ("findings", "status"): Text(zh="认定情况", en="decision"),
    ("matters", "highest"): Text(zh="同一事项取最高级别", en="the highest level of its matter"),
    ("matters", "kind"): Text(zh="事项类型", en="kind of matter"),
    ("matters", "level"): Text(zh="级别", en="level"),
    ("ratings", "panel"): Text(zh="评分组", en="panel"),
    ("ratings", "score"): Text(zh="评分", en="score given"),
    ("recounts", "field"): Text(zh="填报项", en="field"),
    ("recounts", "form"): Text(zh="报表", en="return"),
    ("recounts", "recounted"): Text(zh="复核数", en="figure recounted"),
    ("recounts", "reported"): Text(zh="上报数", en="figure reported"),
    ("unit", "kind"): Text(zh="单位类别", en="kind of unit"),
    ("unit", "peer_group"): Text(zh="同类组", en="peer group"),
    ("visits", "reason"): Text(zh="核查事由", en="reason of the visit"),
}
_OF_FORMS: Mapping[str, Text] = {
    "filed": Text(zh="已报送", en="filed"),
    "month": Text(zh="月份", en="month"),
    "on_time": Text(zh="按时报送", en="filed on time"),
    "quarter": Text(zh="季度", en="quarter"),
}
_OPERATORS: Mapping[str, Text] = {
    "+": both(" + "),
    "-": both(" − "),
    "*": both(" × "),
    "/": both(" ÷ "),
    "==": Text(zh="等于", en=" is "),
    "!=": Text(zh="不等于", en=" is not "),
    "<": Text(zh="小于", en=" is less than "),
    "<=": Text(zh="不大于", en=" is at most "),
    ">": Text(zh="大于", en=" is more than "),
    ">=": Text(zh="不小于", en=" is at least "),
    "and": Text(zh="且", en=" and "),
    "or": Text(zh="或", en=" or "),
}
_AGGREGATES: Mapping[str, Text] = {
    "sum": Text(zh="{}之和", en="sum of {}"),
    "mean": Text(zh="{}的平均值", en="mean of {}"),
    "min": Text(zh="{}的最小值", en="least of {}"),
    "max": Text(zh="{}的最大值", en="greatest of {}"),
}
_FUNCTIONS: Mapping[str, Text] = {
    "abs": Text(zh="{}的绝对值", en="absolute value of {}"),
    "ceiling": Text(zh="{}向上取整", en="{} rounded up"),
    "exp": Text(zh="e的{}次方", en="e to the power of {}"),
    "floor": Text(zh="{}向下取整", en="{} rounded down"),
    "known": Text(zh="{}有数据", en="{} is known"),
    "goalposts": Text(zh="{}（{}计0、{}计1，其间按比例）", en="{} ({} counts as 0, {} as 1, in proportion between)"),
    "ln": Text(zh="{}的自然对数", en="natural logarithm of {}"),
    "otherwise": Text(zh="{}（无数据时用{}）", en="{} (or {} where there is none)"),
    "power": Text(zh="{}的{}次方", en="{} to the power of {}"),
    "previous": Text(zh="上月{}", en="{} of the month before"),
    "root": Text(zh="{}的{}次方根", en="root of {}, degree {}"),
    "trailing": Text(zh="{}连同以前共{}个月的合计", en="{} summed over {} months"),
    "trimmed": Text(
        zh="{}（多于{}个的，去掉一个最高、一个最低）", en="{} (of more than {}, without the greatest and the least)"
    ),
}
"""Functions by what they are called, a gap for each operand; others are shown with their operands in parentheses."""
_ACROSS: Mapping[str, Text] = {
    "sum": Text(zh="{group}的{of}之和", en="sum of {of} over {group}"),
    "count": Text(zh="有{of}的{group}数", en="number of {group} with {of}"),
    "mean": Text(zh="{group}的{of}平均值", en="mean of {of} over {group}"),
    "min": Text(zh="{group}的{of}最小值", en="least {of} of {group}"),
    "max": Text(zh="{group}的{of}最大值", en="greatest {of} of {group}"),
    "median": Text(zh="{group}的{of}中位数", en="median of {of} over {group}"),
    "variance": Text(zh="{group}的{of}方差", en="variance of {of} over {group}"),
    "rank": Text(zh="{of}在{group}中的名次", en="place by {of} among {group}"),
    "percentile": Text(zh="{group}的{of}第{by}百分位数", en="{of} of {group} at the percentile {by}"),
    "apportion": Text(zh="{by}按{of}在{group}中分配的份额", en="share of {by} in proportion to {of} among {group}"),
    "min_max": Text(zh="{of}在{group}中从最小到最大的位置", en="{of} from the least to the greatest of {group}"),
    "z_score": Text(zh="{of}在{group}中的标准分", en="standard score of {of} among {group}"),
    "percent_rank": Text(zh="{of}在{group}中领先的比例", en="share of {group} that {of} comes before"),
    "borda": Text(zh="{of}在{group}中领先的单位数", en="number of {group} that {of} comes before"),
    "winsorised": Text(
        zh="{of}（超出{group}两端各{by}的按该处计）", en="{of} (kept within all but {by} at each end of {group})"
    ),
}
"""What is asked across the units of a group."""
_MEANS: Mapping[str, Text] = {
    "weighted_mean": Text(zh="加权平均（{}）", en="weighted mean of ({})"),
    "known_mean": Text(
        zh="有数据的加权平均（{}；至少{}项有数据）", en="weighted mean of what is known of ({}; at least {})"
    ),
    "geometric_mean": Text(zh="加权几何平均（{}）", en="weighted geometric mean of ({})"),
    "harmonic_mean": Text(zh="加权调和平均（{}）", en="weighted harmonic mean of ({})"),
    "power_mean": Text(zh="加权幂平均（{}；幂次{}）", en="weighted power mean of ({}; power {})"),
}
"""Means by what they are called: a gap for the values with their weights, one for the number some take."""
_BINDING = {"or": 1, "and": 2, "+": 5, "-": 5, "*": 6, "/": 6}
_COMPARES = 4


def formula_in_words(expression: Expression, programme: Programme, language: Language) -> str:
    """A formula as a sentence of one language: “Paid” summed ÷ “Due” summed, and under which conditions."""
    return _Words(programme, language).of(expression)


def table_in_words(table: str, programme: Programme, language: Language) -> str:
    """What the rows of a table are called: a return by its title, others by what they are."""
    for form in programme.forms:
        if form.id == table:
            return f"《{form.title.zh}》" if language == "zh" else f"“{form.title.en}”"
    return _ROWS.get(table, both(table)).in_language(language)


def rule_in_words(item: Item, programme: Programme) -> Text:
    """How an item is scored, in its rule's own words; a formula they quote is put into words too."""
    said = item.rule.in_words(item.points, programme.indicator(item.indicator).percent)
    quoted = [
        part
        for part in walk(item.formula)
        if not isinstance(part, Name | Number) and show(part) in said.zh and show(part) in said.en
    ]
    if not quoted:
        return said
    formula = max(quoted, key=lambda part: len(show(part)))
    return Text(
        zh=said.zh.replace(show(formula), formula_in_words(formula, programme, "zh")),
        en=said.en.replace(show(formula), formula_in_words(formula, programme, "en")),
    )


@dataclass(frozen=True)
class _Words:
    programme: Programme
    language: Language

    def say(self, text: Text) -> str:
        return text.in_language(self.language)

    def quoted(self, text: Text) -> str:
        return f"“{self.say(text)}”"

    def of(self, expression: Expression) -> str:
        match expression:
            case Number(value):
                return text_of(value).replace("-", "−")
            case TextLiteral(value):
                return f"“{value}”"
            case Name(name):
                return self.name(name)
            case ColumnOf(table, column):
                return self.column(table, column)
            case Aggregate():
                return self.aggregate(expression)
            case Across():
                return self.across(expression)
            case Call():
                return self.call(expression)
            case Negation():
                return self.negation(expression)
            case Binary():
                return self.binary(expression)
            case _:
                return show(expression)

    def inside(self, expression: Expression, least: int) -> str:
        """A part of a formula, in parentheses where what stands around it binds more strongly."""
        return self.parted(expression) if _binding(expression) < least else self.of(expression)

    def parted(self, expression: Expression) -> str:
        return f"（{self.of(expression)}）" if self.language == "zh" else f"({self.of(expression)})"

    def name(self, name: str) -> str:
        """An indicator by its title; `value` stands in a rule for the figure that is scored."""
        for indicator in self.programme.indicators:
            if indicator.id == name:
                return self.quoted(indicator.title)
        return self.say(Text(zh="指标值", en="the value")) if name == "value" else name

    def column(self, table: str, column: str) -> str:
        if table == "target":
            titles = {one.id: one.title for one in self.programme.targets}
            return self.quoted(titles[column]) if column in titles else f"{table}.{column}"
        if table == "earlier":
            named = self.name(column)
            return self.say(Text(zh=f"上年{named}", en=f"last year's {named}"))
        known = _COLUMNS.get((table, column))
        for form in self.programme.forms:
            if form.id == table:
                known = _OF_FORMS.get(column)
                found = next((field for field in form.fields if field.id == column), None)
                if found:
                    return self.quoted(found.title)
        return self.say(known) if known else f"{table}.{column}"

    # -- aggregates ------------------------------------------------------------------------------------------------

    def aggregate(self, expression: Aggregate) -> str:
        op, of, where = expression.op, expression.of, expression.where
        if op == "count":
            said = self.counted(of)
        elif op == "sum" and isinstance(of, ColumnOf) and self.is_flag(of):
            named = self.column(of.table, of.column)
            said = self.say(Text(zh=f"{named}为“是”的月份数", en=f"number of months with “yes” to {named}"))
        elif op in _AGGREGATES:
            said = self.say(_AGGREGATES[op]).format(self.inside(of, 9))
        else:
            return show(expression)
        if where is None:
            return said
        condition = self.condition(where)
        return f"{said}（限{condition}）" if self.language == "zh" else f"{said} (where {condition})"

    def counted(self, of: Expression) -> str:
        table = of.name if isinstance(of, Name) else show(of)
        rows = table_in_words(table, self.programme, self.language)
        if any(form.id == table for form in self.programme.forms):
            return self.say(Text(zh=f"{rows}应报份数", en=f"number of {rows} expected"))
        return self.say(Text(zh=f"{rows}数", en=f"number of {rows}"))

    def across(self, expression: Across) -> str:
        """A figure of a group of units, or the place within it."""
        of, group = self.name(expression.of.name), group_in_words(expression.within, self.programme.unit_kinds)
        if expression.op not in _ACROSS:
            return show(expression)
        told, by = _ACROSS[expression.op], self.by(expression)
        return self.say(
            Text(zh=told.zh.format(of=of, group=group.zh, by=by), en=told.en.format(of=of, group=group.en, by=by))
        )

    def by(self, across: Across) -> str:
        if across.by is None:
            return ""
        return text_of(across.by) if across.op == "apportion" else f"{text_of(across.by * 100)}%"

    # -- conditions ------------------------------------------------------------------------------------------------

    def condition(self, expression: Expression) -> str:
        """What must hold: a flag by itself is said to be so."""
        match expression:
            case ColumnOf(table, column) if self.is_field(table, column):
                named = self.quoted_field(table, column)
                return self.say(Text(zh=f"{named.zh}为是", en=f"{named.en} is yes"))
            case Negation("not", ColumnOf(table, column)):
                return self.denied(table, column)
            case _:
                return self.of(expression)

    def is_field(self, table: str, column: str) -> bool:
        return any(form.id == table and any(one.id == column for one in form.fields) for form in self.programme.forms)

    def is_flag(self, column: ColumnOf) -> bool:
        fields = (field for form in self.programme.forms if form.id == column.table for field in form.fields)
        return any(field.id == column.column and field.measure == "flag" for field in fields)

    def quoted_field(self, table: str, column: str) -> Text:
        title = self.programme.form(table).field(column).title
        return Text(zh=f"“{title.zh}”", en=f"“{title.en}”")

    def denied(self, table: str, column: str) -> str:
        if self.is_field(table, column):
            named = self.quoted_field(table, column)
            return self.say(Text(zh=f"{named.zh}为否", en=f"{named.en} is no"))
        said = self.column(table, column)
        return self.say(Text(zh=f"未{said.removeprefix('已')}", en=f"not {said}"))

    def negation(self, expression: Negation) -> str:
        if expression.op == "-":
            return f"−{self.inside(expression.of, 7)}"
        if isinstance(expression.of, ColumnOf):
            return self.denied(expression.of.table, expression.of.column)
        said = self.parted(expression.of)
        return self.say(Text(zh=f"不符合{said}", en=f"not {said}"))

    def binary(self, expression: Binary) -> str:
        op, left, right = expression.op, expression.left, expression.right
        if op in ("==", "!=") and isinstance(left, ColumnOf) and isinstance(right, TextLiteral):
            return self.compared(op, left, right.value)
        own = _BINDING.get(op, _COMPARES)
        between = self.say(_OPERATORS[op]) if op in _OPERATORS else f" {op} "
        part: Callable[[Expression], str] = self.condition if op in ("and", "or") else self.of
        sides = [
            self.parted(side) if _binding(side) < least else part(side)
            for side, least in ((left, own + (own == _COMPARES)), (right, own + 1))
        ]
        return between.join(sides)

    def compared(self, op: str, column: ColumnOf, value: str) -> str:
        """A column of words beside one word: the finding, form or kind of unit is called by its title."""
        named, word_of = self.column(column.table, column.column), self.value(column, value)
        zh, en = ("为", "is") if op == "==" else ("不为", "is not")
        return self.say(Text(zh=f"{named}{zh}“{word_of.zh}”", en=f"{named} {en} “{word_of.en}”"))

    def value(self, column: ColumnOf, value: str) -> Text:
        programme = self.programme
        titles: Mapping[str, Text] = {}
        match column.table, column.column:
            case "findings", "kind":
                titles = {kind.id: kind.title for kind in programme.finding_kinds}
            case "findings", "status":
                return word("status", value)
            case "ratings", "panel":
                titles = {panel.id: panel.title for panel in programme.panels}
            case "matters", "kind":
                titles = {matter.id: matter.title for matter in programme.matters}
            case "matters", "level":
                titles = {level.id: level.title for matter in programme.matters for level in matter.levels}
            case "unit", "kind":
                titles = programme.unit_kinds
            case "recounts", "form":
                titles = {form.id: form.title for form in programme.forms}
            case "recounts", "field":
                titles = {field.id: field.title for form in programme.forms for field in form.fields}
        return titles.get(value) or both(value)

    # -- functions -------------------------------------------------------------------------------------------------

    def call(self, expression: Call) -> str:
        function, operands = expression.function, expression.operands
        if function in _MEANS:
            return self.mean(function, list(operands))
        if function == "previous" and months_back(expression) > 1:
            back, said = months_back(expression), self.inside(operands[0], 9)
            return self.say(Text(zh=f"{back}个月前的{said}", en=f"{said} of {back} months before"))
        if function in _FUNCTIONS and _FUNCTIONS[function].en.count("{}") == len(operands):
            return self.say(_FUNCTIONS[function]).format(*(self.inside(operand, 9) for operand in operands))
        if function in ("least", "greatest"):
            return self.chosen(function, [self.of(operand) for operand in operands])
        if function == "if" and len(operands) == 3:
            condition, then, other = self.condition(operands[0]), self.of(operands[1]), self.of(operands[2])
            return self.say(
                Text(zh=f"（{condition}时为{then}，否则为{other}）", en=f"({then} if {condition}, otherwise {other})")
            )
        return f"{function}({', '.join(self.of(operand) for operand in operands)})"

    def mean(self, function: str, operands: list[Expression]) -> str:
        """Values with their weights; a number that stands before or after them is told last."""
        pairs, number = operands, operands[:0]
        if function == "known_mean":
            number, pairs = operands[:1], operands[1:]
        elif function == "power_mean":
            number, pairs = operands[-1:], operands[:-1]
        parts = [f"{self.inside(value, 6)} × {self.inside(weight, 6)}" for value, weight in _pairs(pairs)]
        listed = self.say(Text(zh="、", en=", ")).join(parts)
        return self.say(_MEANS[function]).format(listed, *(self.of(one) for one in number))

    def chosen(self, function: str, said: list[str]) -> str:
        smaller = function == "least"
        return self.say(
            Text(
                zh=f"（{'、'.join(said)}）中{'最小' if smaller else '最大'}的",
                en=f"the {'least' if smaller else 'greatest'} of ({'; '.join(said)})",
            )
        )


def _pairs(operands: list[Expression]) -> list[tuple[Expression, Expression]]:
    return list(zip(operands[::2], operands[1::2], strict=True))


def _binding(expression: Expression) -> int:
    """How strongly an expression holds together; a part that binds less than what stands around it is parted."""
    match expression:
        case Binary(op):
            return _BINDING.get(op, _COMPARES)
        case Negation("-"):
            return 7
        case Negation():
            return 3
        case _:
            return 9
