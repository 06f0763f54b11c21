"""A programme given back as the score sheet (考核评分表) an inspector carries: every point, its rule in plain words.

Nothing is in it but the programme, and room for a pen: it can be filled in on paper. What it says of rules and formulas
comes from the rules and formulas themselves, so that it cannot differ from what is computed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from answerable.definition import Form, Indicator, Item, Part, Programme
from answerable.definition.formula import OF_UNIT
from answerable.definition.formula_words import formula_in_words, rule_in_words
from answerable.definition.given_words import givens
from answerable.definition.measures import columns_read
from answerable.definition.model import Field
from answerable.definition.tables import row_columns
from answerable.definition.wording import missing_in_words, rounding_in_words, word
from answerable.exchange.citation import citations
from answerable.exchange.grading import Grading
from answerable.exchange.report import (
    Block,
    Heading,
    Paragraph,
    Report,
    TableBlock,
    date_in_words,
    has_chinese,
    number_headings,
)
from answerable.exchange.speaker import Speaker
from answerable.exchange.terms import terms
from answerable.values.number import points_in_english, text_of
from answerable.values.text import Language, Text

__all__ = ["score_sheet", "write_score_sheet"]

_ROOM = ""
"""A cell for a pen."""


def score_sheet(programme: Programme, language: Language) -> Report:
    """The score sheet of a programme in one language, for use on paper."""
    sheet = _Sheet(programme, language)
    return Report(
        kind="score_sheet",
        language=language,
        title=sheet.title(),
        blocks=number_headings(sheet.blocks(), language),
        footer=(
            sheet.say("考核方案", "Programme") + f" {programme.id} {programme.version}",
            f"  SHA-256 {programme.digest}",
        ),
    )


def write_score_sheet(programme: Programme, language: Language, folder: Path) -> list[Path]:
    """Write the score sheet as docx and PDF; give the files written.

    Raises:
        Refused: where no font can print the PDF; the docx, which needs none, is written all the same.
    """
    # Whoever only wants the report loads neither of the two libraries.
    from answerable.exchange import docx, pdf

    report = score_sheet(programme, language)
    folder.mkdir(parents=True, exist_ok=True)
    name = f"score-sheet-{programme.id}-{language}"
    edited, printed = folder / f"{name}.docx", folder / f"{name}.pdf"
    edited.write_bytes(docx.write(report))
    printed.write_bytes(pdf.write(report))
    return [edited, printed]


class _Sheet(Speaker):
    """A programme as a score sheet, read in one language."""

    # -- the whole -------------------------------------------------------------------------------------------------

    def title(self) -> str:
        title = self.programme.title
        subject = re.sub(r"(考核)?(实施)?(方案|办法|细则)([与和及](方案|办法|细则))?$", "", title.zh)
        return self.say(f"{subject}\n考核评分表", f"Score sheet\n{title.en}")

    def blocks(self) -> list[Block]:
        return [
            self.opening(),
            self.whom(),
            *self.scoring(),
            *Grading(self.programme, self.language).blocks(),
            *self.sheets(),
            *self.sums(),
            *self.other_indicators(),
            *self.forms(),
            *self.findings(),
            *self.givens(),
            *self.terms(),
            *self.sources(),
        ]

    def opening(self) -> Paragraph:
        programme = self.programme
        basis = self.word(citations(programme, programme.legal_basis))
        first = date_in_words(programme.valid_from, self.language)
        last = date_in_words(programme.valid_until - timedelta(days=1), self.language)
        items, full = sum(1 for _ in programme.tree.items()), text_of(programme.tree.points)
        kinds = [self.word(programme.unit_kinds[kind]) for kind in programme.assess]
        return Paragraph(
            self.say(
                f"本表依据《{programme.title.zh}》（{programme.version}版）编制，自{first}起施行，至{last}止。"
                f"主办机构：{programme.office.zh}。法定依据：{basis}。考核对象：{'、'.join(kinds)}。共{items}项，满分{full}分。",
                f"Made from “{programme.title.en}” (version {programme.version}), in force from {first} to {last}. "
                f"Office: {programme.office.en}. Legal basis: {basis}. Who is assessed: {', '.join(kinds).lower()}. "
                f"{items} {'item' if items == 1 else 'items'}, {points_in_english(full)}.",
            )
        )

    def whom(self) -> TableBlock:
        head = [("被考核单位", "Unit"), ("考核期", "Period"), ("考核日期", "Day of the visit"), ("考核员", "Inspector")]
        return self.table(head, [(_ROOM,) * 4], 6, 4, 4, 4)

    # -- how a score comes about -----------------------------------------------------------------------------------

    def scoring(self) -> list[Block]:
        rows = [
            (
                self.say("计算", "Order"),
                self.say(
                    "先由数据算出指标，再按计分规则得出单项得分；部分得分是各项之和，总分是各部分之和。",
                    "The figures give an indicator for each item, and its rule gives points. Parts and total are sums.",
                ),
            ),
            self.rounding(),
            (
                self.say("没有数据", "Without a figure"),
                self.say(
                    "按各项写明的办法处理。不参评的项目不计入可评分值，其余得分按“得分 × 满分 ÷ 可评分值”折算。",
                    "Each item says what happens. Items left out are not assessable, and what was earned is rescaled: "
                    "earned × all points ÷ assessable points.",
                ),
            ),
            (
                self.say("下级单位", "Units below"),
                self.say(
                    "有下级单位的，按本单位和全部下级单位的数据合并计算。",
                    "A unit with others below it is scored on its own figures and all of theirs together.",
                ),
            ),
            (
                self.say("检查发现", "Findings"),
                self.say(
                    "发现的问题先由单位答复，再作认定；认定前不影响得分。",
                    "The unit answers a finding first; nothing counts before it is confirmed.",
                ),
            ),
            *self.adjustments(),
        ]
        head = [("环节", "Step"), ("办法", "How")]
        return [Heading(1, self.say("评分办法", "How a score comes about")), self.table(head, rows, 4, 17)]

    def rounding(self) -> tuple[str, str]:
        stages = self.programme.rounding
        indicator, item, total = (
            self.word(rounding_in_words(one)) for one in (stages.indicator, stages.item, stages.total)
        )
        added = self.word(word("add", stages.add))
        return (
            self.say("取舍", "Rounding"),
            self.say(
                f"指标{indicator}；单项得分{item}；总分{total}。合计所用的是{added}。",
                f"Indicators: {indicator}. Scores of items: {item}. Total: {total}. What is added up are the {added}.",
            ),
        )

    def adjustments(self) -> Iterator[tuple[str, str]]:
        for one in self.programme.adjustments:
            counted, cited = self.word(self.programme.indicator(one.indicator).title), self.cited(one.clause)
            said = self.word(one.in_words()).rstrip("。.")
            yield (
                self.word(one.title),
                self.say(
                    f"按“{counted}”计，{said}；没有数据的不计（{cited}）。",
                    f"By “{counted}”: {said}; none without a figure ({cited}).",
                ),
            )

    # -- the sheet itself ------------------------------------------------------------------------------------------

    def sheets(self) -> list[Block]:
        blocks: list[Block] = [Heading(1, self.say("评分表", "Score sheet"))]
        for child in self.programme.tree.children:
            blocks += self.part(child, 2)
        return blocks

    def part(self, part: Part | Item, level: int) -> Iterator[Block]:
        """A part with the items directly in it, then the parts below it."""
        title = f"{self.word(part.title)}{self.say('（', ' (')}{self.points(part.points)}{self.say('）', ')')}"
        yield Heading(min(level, 4), title)  # type: ignore[arg-type]
        items = [part] if isinstance(part, Item) else [one for one in part.children if isinstance(one, Item)]
        if items:
            yield self.items(items)
        for child in part.children if isinstance(part, Part) else ():
            if isinstance(child, Part):
                yield from self.part(child, level + 1)

    def items(self, items: Sequence[Item]) -> TableBlock:
        head = [
            ("项目", "Item"),
            ("分值", "Points"),
            ("指标和算法", "Indicator, and how it is computed"),
            ("评分办法", "How it is scored"),
            ("依据", "Clause"),
            ("得分", "Score"),
            ("备注", "Notes"),
        ]
        rows = [
            (
                self.word(item.title),
                text_of(item.points),
                self.computed(self.programme.indicator(item.indicator)),
                self.scored(item),
                self.cited(item.clause),
                _ROOM,
                _ROOM,
            )
            for item in items
        ]
        return self.table(head, rows, 20, 11, 40, 39, 23, 11, 12)

    def computed(self, indicator: Indicator) -> str:
        """An indicator's title and formula, and what an absent cell does to it."""
        formula = formula_in_words(indicator.formula, self.programme, self.language)
        return self.sentences(f"{self.word(indicator.title)}{self.say('：', ': ')}{formula}", self.missing(indicator))

    def missing(self, indicator: Indicator) -> str:
        """What an absent cell does; nothing where the formula reads no cell that can be absent."""
        known = row_columns(self.programme.forms)
        read = (one for one in columns_read(indicator.core) if one.table not in OF_UNIT)
        cells = (known[one.table][one.column] for one in read)
        return self.word(missing_in_words(indicator.missing)) if any(one.can_be_absent for one in cells) else ""

    def scored(self, item: Item) -> str:
        """The rule as a sentence, and what the item gives where its indicator has no value."""
        rule = rule_in_words(item, self.programme)
        return self.sentences(self.word(rule), self.without(item.absent))

    def sums(self) -> list[Block]:
        """The totals, the grade, and who signs."""
        programme = self.programme
        rows = [(self.word(one.title), text_of(one.points), _ROOM, _ROOM) for one in programme.tree.children]
        rows += [(self.word(one.title), "", _ROOM, _ROOM) for one in programme.adjustments]
        rows += [
            (self.say("总分", "Total"), text_of(programme.tree.points), _ROOM, _ROOM),
            *([(self.say("一票否决情形", "Vetoes"), "", _ROOM, _ROOM)] if programme.vetoes else []),
            (self.say("等次", "Grade"), "", _ROOM, _ROOM),
            (self.say("考核员签字、日期", "Inspector, signature and date"), "", _ROOM, _ROOM),
            (self.say("被考核单位签字、日期", "For the unit, signature and date"), "", _ROOM, _ROOM),
        ]
        head = [("部分", "Part"), ("分值", "Points"), ("得分", "Score"), ("备注", "Notes")]
        return [Heading(1, self.say("汇总", "Totals")), self.table(head, rows, 8, 2, 2, 6)]

    # -- what stands behind it -------------------------------------------------------------------------------------

    def other_indicators(self) -> list[Block]:
        """Indicators that no item shows: those of adjustments and vetoes, and those that other formulas read."""
        shown = {item.indicator for item in self.programme.tree.items()}
        rest = [one for one in self.programme.indicators if one.id not in shown]
        if not rest:
            return []
        rows = [
            (
                self.word(one.title),
                self.sentence(formula_in_words(one.formula, self.programme, self.language)),
                self.sentences(self.missing(one)) or self.say("—", "—"),
            )
            for one in rest
        ]
        head = [("指标", "Indicator"), ("算法", "How it is computed"), ("缺数时", "Where a figure is absent")]
        return [Heading(1, self.say("其他指标", "Other indicators")), self.table(head, rows, 4, 9, 5)]

    def forms(self) -> list[Block]:
        if not self.programme.forms:
            return []
        blocks: list[Block] = [Heading(1, self.say("报表", "Returns"))]
        for form in self.programme.forms:
            blocks += self.form(form)
        return blocks

    def form(self, form: Form) -> Iterator[Block]:
        yield Heading(2, self.word(form.title))
        months, owner, cited = form.due_months, self.owner(form.owner), self.cited(form.clause)
        zh = {0: "当月", 1: "次月"}.get(months, f"之后第{months}个月")
        en = {0: "the same month", 1: "the month after"}.get(months, f"the month {months} months after")
        due = self.say(
            f"每月一报，{zh}{form.due_day}日前（含当日）报送，由{owner.zh}负责（{cited}）",
            f"Monthly, due by day {form.due_day} of {en}. Who answers for it: {owner.en} ({cited})",
        )
        head = [
            ("填报项", "Field"),
            ("计量", "Measure"),
            ("填报人", "Filled in by"),
            ("用途", "Use"),
            ("说明", "Help"),
        ]
        yield self.table(head, [self.field(field) for field in form.fields], 8, 3, 5, 4, 10, caption=due)
        if form.checks:
            rows = [(self.word(check.says), self.word(word("severity", check.severity))) for check in form.checks]
            head = [("报送时校验", "Checked when it is filed"), ("不符时", "Where it does not hold")]
            yield self.table(head, rows, 15, 6)

    def field(self, field: Field) -> tuple[str, ...]:
        use, measure = (self.word(word(key, getattr(field, key))) for key in ("use", "measure"))
        return (
            self.word(field.title),
            measure,
            self.word(self.owner(field.owner)),
            use,
            self.sentences(*self.notes(field)),
        )

    def owner(self, owner: str) -> Text:
        """Who answers, by the name of the post or of the kind of unit."""
        return self.programme.unit_kinds.get(owner) or word("owner", owner)

    def notes(self, field: Field) -> Iterator[str]:
        """What the person who fills it in should know, and what may be filled in."""
        if field.help:
            yield self.word(field.help)
        if field.minimum is not None:
            yield self.say(f"不小于{text_of(field.minimum)}", f"At least {text_of(field.minimum)}")
        if field.maximum is not None:
            yield self.say(f"不大于{text_of(field.maximum)}", f"At most {text_of(field.maximum)}")
        if not field.required:
            yield self.say("可以不填", "May be left empty")
        if field.blank == "zero":
            yield self.say("空格按零计", "An empty cell is zero")

    def findings(self) -> list[Block]:
        kinds = self.programme.finding_kinds
        if not kinds:
            return []
        rows = [(self.word(kind.title), self.cited(kind.clause), _ROOM, _ROOM) for kind in kinds]
        head = [("问题类型", "Kind of finding"), ("依据", "Clause"), ("次数", "Times"), ("备注", "Notes")]
        return [Heading(1, self.say("检查发现", "Findings")), self.table(head, rows, 16, 15, 3, 8)]

    def givens(self) -> list[Block]:
        """Targets, panels and kinds of matter."""
        rows = [
            (self.word(one.kind), self.word(one.title), self.word(one.says), self.cited(one.clause))
            for one in givens(self.programme)
        ]
        head = [("类别", "What"), ("名称", "Name"), ("规定", "What holds"), ("依据", "Clause")]
        title = self.say("目标和人工评定", "Targets, and what is decided by hand")
        return [Heading(1, title), self.table(head, rows, 3, 6, 10, 6)] if rows else []

    def terms(self) -> list[Block]:
        rows = [(self.word(term), self.sentence(self.word(meaning))) for term, meaning in terms(self.programme)]
        table = self.table([("用语", "Term"), ("含义", "What is meant")], rows, 5, 16)
        return [Heading(1, self.say("用语", "Terms")), table]

    def sources(self) -> list[Block]:
        rows = [(self.word(one.title), self.number(one.number), one.url) for one in self.programme.sources]
        filled = [at for at in range(3) if at == 0 or any(row[at] for row in rows)]
        head = [("文件", "Document"), ("文号、日期", "Number, date"), ("网址", "Address")]
        widths = (8, 4, 6)
        return [
            Heading(1, self.say("依据文件", "Sources")),
            self.table(
                [head[at] for at in filled],
                [tuple(row[at] for at in filled) for row in rows],
                *(widths[at] for at in filled),
            ),
        ]

    def number(self, number: str) -> str:
        """A number or date that is Chinese stays out of an English sheet, which so needs no Chinese font."""
        return "" if self.language == "en" and has_chinese([number]) else number
