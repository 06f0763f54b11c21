"""The responsibility agreement (责任书) of a unit for a year: what both sides sign, and the document made from it.

`agreement_text` is the agreement itself: plain canonical JSON in both languages, whose digest stands in the ledger. The
document is made from that text alone, so that what is printed is what was signed, whatever the programme says today.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

from answerable.definition import Form, Item, Part, Programme
from answerable.definition.given_words import target_in_words
from answerable.definition.limits import limits
from answerable.definition.rules import Comparison, compared
from answerable.exchange.citation import citation, citations
from answerable.exchange.report import (
    Block,
    Heading,
    ListBlock,
    Paragraph,
    Party,
    Report,
    SignatureBlock,
    TableBlock,
    date_in_words,
    number_headings,
)
from answerable.values.canonical import canonical_json, digest
from answerable.values.number import points_in_english, text_of
from answerable.values.period import Month, Period
from answerable.values.text import Language, Text

__all__ = ["FORMAT", "Signed", "agreement", "agreement_text"]

FORMAT = "answerable-agreement/1"


class _Unit(Protocol):
    """The unit that signs: its code, name, kind, and the ids of the returns it must file."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> Text: ...
    @property
    def kind(self) -> str: ...
    @property
    def forms(self) -> Sequence[str]: ...


@dataclass(frozen=True)
class Signed:
    """That an account signed for a side, and when. It records who pressed the button; it is no signature in law."""

    side: Literal["office", "unit"]
    name: str
    account: str
    at: datetime


def agreement_text(programme: Programme, unit: _Unit, year: int) -> dict[str, Any]:
    """What is agreed, as canonical JSON types: parties, basis, tasks with their rules, returns, vetoes, grades.

    Points and thresholds are decimals in text. `returns` holds the last day for each month of the year in which the
    programme is in force.
    """
    basis = citations(programme, programme.legal_basis)
    return {
        "format": FORMAT,
        "programme": {"id": programme.id, "version": programme.version, "digest": programme.digest},
        "title": _both(programme.title),
        "office": _both(programme.office),
        "unit": {
            "code": unit.code,
            "name": _both(unit.name),
            "kind": {"id": unit.kind, "title": _both(programme.unit_kinds[unit.kind])},
        },
        "year": year,
        "time_zone": programme.time_zone,
        "legal_basis": list(programme.legal_basis),
        "legal_basis_cited": _both(basis),
        "sign_by": programme.sign_by_day(year),
        "points": text_of(programme.tree.points),
        "rated_from": text_of(programme.grades.rated_from),
        "parts": [_part(programme, part) for part in programme.tree.children],
        "forms": [_form(programme, form, year) for form in programme.forms if form.id in unit.forms],
        "targets": [
            {"id": one.id, "title": _both(one.title), "value": _both(target_in_words(one, value))}
            for one in programme.targets
            if (value := one.usual_in(year, unit.kind)) is not None
        ],
        "adjustments": [
            {
                "id": one.id,
                "title": _both(one.title),
                "each": text_of(one.each),
                "cap": text_of(one.cap),
                "clause": one.clause,
                "cited": _both(citation(programme, one.clause)),
                **({"base": _base(*one.base)} if one.base else {}),
            }
            for one in programme.adjustments
        ],
        "vetoes": [
            {
                "id": veto.id,
                "title": _both(veto.title),
                "effect": _both(programme.effect(veto)),
                "legal_basis": veto.legal_basis,
                "cited": _both(citation(programme, veto.legal_basis)),
            }
            for veto in programme.vetoes
        ],
        "grades": [
            {"id": band.grade, "title": _both(band.title), "start": text_of(start)}
            for band, start in zip(programme.grades.bands, programme.grades.starts(unit.kind), strict=True)
        ],
        "limits": [
            {"grade": _both(programme.grades.title(grade)), "says": _both(said)}
            for _, grade, said in limits(programme)
            if grade
        ],
        "further": [_both(said) for kind, grade, said in limits(programme) if not grade and kind != "bands"],
    }


def _base(op: Comparison, threshold: Fraction) -> dict[str, str]:
    """What the points before adjustments must be for an adjustment to count."""
    zh, en = compared(op, threshold)
    return {"zh": f"基础得分{zh}的，", "en": f"where the points before adjustments are {en}, "}


def _effect(veto: Mapping[str, Any]) -> Mapping[str, str]:
    """What a veto does, as the agreement says it; the first agreements only knew a highest grade."""
    if "effect" in veto:
        effect: Mapping[str, str] = veto["effect"]
        return effect
    grade = veto["at_most"]
    return {"zh": f"等次最高为{grade['zh']}", "en": f"at most {grade['en'].lower()}"}


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _part(programme: Programme, part: Part | Item) -> dict[str, Any]:
    items = (part,) if isinstance(part, Item) else tuple(part.items())
    return {
        "id": part.id,
        "title": _both(part.title),
        "points": text_of(part.points),
        "items": [_item(programme, item) for item in items],
    }


def _item(programme: Programme, item: Item) -> dict[str, Any]:
    indicator = programme.indicator(item.indicator)
    return {
        "id": item.id,
        "title": _both(item.title),
        "points": text_of(item.points),
        "indicator": _both(indicator.title),
        "rule": _both(item.rule.in_words(item.points, indicator.percent)),
        "absent": dict(sorted(item.absent.items())),
        "clause": item.clause,
        "cited": _both(citation(programme, item.clause)),
    }


def _form(programme: Programme, form: Form, year: int) -> dict[str, Any]:
    months = [
        month for month in Period.of_year(year) if programme.valid_from <= month.day(1) < programme.valid_until
    ]  # fmt: skip
    return {
        "id": form.id,
        "title": _both(form.title),
        "due_day": form.due_day,
        "due_months": form.due_months,
        "returns": [{"month": str(month), "due_on": form.due_on(month).isoformat()} for month in months],
    }


# -- the document ------------------------------------------------------------------------------------------------------


def agreement(
    text: Mapping[str, Any], language: Language, *, number: str = "", signatures: Sequence[Signed] = ()
) -> Report:
    """The agreement as a document, from its signed text.

    Args:
        text: what `agreement_text` gave, perhaps years ago.
        number: the number of the agreement.
        signatures: those of the accounts that have signed so far, at most one for each side.
    """
    paper = _Paper(text, language)
    return Report(
        kind="agreement",
        language=language,
        title=paper.title(),
        number=number,
        blocks=number_headings([*paper.blocks(), *paper.signing(signatures)], language),
        footer=paper.footer(),
    )


@dataclass(frozen=True)
class _Paper:
    """An agreement's text, read in one language."""

    text: Mapping[str, Any]
    language: Language

    def say(self, zh: str, en: str) -> str:
        return zh if self.language == "zh" else en

    def word(self, both: Mapping[str, str]) -> str:
        return both[self.language]

    def title(self) -> str:
        year, title = self.text["year"], self.text["title"]
        subject = re.sub(r"(考核)?(实施)?(方案|办法|细则)([与和及](方案|办法|细则))?$", "", title["zh"])
        return self.say(f"{subject}\n{year}年度责任书", f"Responsibility agreement of {year}\n{title['en']}")

    def blocks(self) -> list[Block]:
        return [
            *self.parties(),
            *self.duties(),
            *self.returns(),
            *self.checking(),
            *self.grading(),
            *self.vetoes(),
            *self.rights(),
        ]

    def parties(self) -> list[Block]:
        office, unit = self.word(self.text["office"]), self.text["unit"]
        name, basis = self.word(unit["name"]), self.word(self.text["legal_basis_cited"])
        kind = self.word(unit["kind"]["title"])
        plan, version = self.word(self.text["title"]), self.text["programme"]["version"]
        return [
            Paragraph(self.say(f"甲方（项目办公室）：{office}", f"The office: {office}")),
            Paragraph(
                self.say(
                    f"乙方（责任单位）：{name}（{kind}，编码 {unit['code']}）",
                    f"The unit: {name} ({kind.lower()}, code {unit['code']})",
                )
            ),
            Paragraph(
                self.say(
                    f"依据{basis}，按照《{plan}》（{version}版），双方就{self.text['year']}年度工作签订本责任书。",
                    f"Under “{plan}” (version {version}), both sides agree on the work of {self.text['year']}. "
                    f"Legal basis: {basis}.",
                )
            ),
        ]

    def duties(self) -> list[Block]:
        blocks: list[Block] = [
            Heading(1, self.say("责任目标", "Duties and targets")),
            Paragraph(
                self.say(
                    f"满分{self.text['points']}分。乙方的责任目标、分值和评分办法如下。",
                    f"The whole is {points_in_english(self.text['points'])}. These are the unit's duties, what each is "
                    "worth and how it is scored.",
                )
            ),
        ]
        head = (
            self.say("责任目标", "Duty"),
            self.say("分值", "Points"),
            self.say("考核指标和评分办法", "Indicator and rule"),
            self.say("依据", "Basis"),
        )
        for part in self.text["parts"]:
            points = self.say(f"（{part['points']}分）", f" ({points_in_english(part['points'])})")
            rows = tuple(self.duty(item) for item in part["items"])
            blocks.append(Heading(2, self.word(part["title"]) + points))
            blocks.append(TableBlock(head, rows, (4, 2, 9, 6), ("left", "right", "left", "left")))
        if targets := self.text.get("targets"):
            named = [(self.word(one["title"]), self.word(one["value"])) for one in targets]
            said = [self.say(f"{title}：{value}。", f"{title}: {value}.") for title, value in named]
            blocks.append(Paragraph(self.say("目标值：", "Targets:")))
            blocks.append(ListBlock(tuple(said), numbered=False))
        if self.text["adjustments"]:
            blocks.append(ListBlock(tuple(self.adjustment(one) for one in self.text["adjustments"]), numbered=False))
        return blocks

    def duty(self, item: Mapping[str, Any]) -> tuple[str, ...]:
        rule = self.say(
            f"{item['indicator']['zh']}：{item['rule']['zh']}", f"{item['indicator']['en']}: {item['rule']['en']}"
        )
        return (self.word(item["title"]), item["points"], rule, self.word(item["cited"]))

    def adjustment(self, one: Mapping[str, Any]) -> str:
        title, cited = self.word(one["title"]), self.word(one["cited"])
        off, size, cap = one["each"].startswith("-"), one["each"].removeprefix("-"), one["cap"]
        base = self.word(one["base"]) if "base" in one else ""
        return self.say(
            f"{title}：{base}每次{'扣' if off else '加'}{size}分，累计不超过{cap}分（{cited}）。",
            f"{title}: {base}{points_in_english(size)} {'off' if off else 'more'} for each, {cap} at most ({cited}).",
        )

    def returns(self) -> list[Block]:
        """The calendar: a line for each month, a column for each return."""
        forms = [form for form in self.text["forms"] if form["returns"]]
        heading = Heading(1, self.say("报送日历", "Calendar of returns"))
        if not forms:
            return [heading, Paragraph(self.say("乙方没有需要报送的报表。", "The unit has no return to file."))]
        due = [{one["month"]: one["due_on"] for one in form["returns"]} for form in forms]
        months = sorted({month for days in due for month in days})
        rows = tuple((self.month(month), *(self.day(days.get(month, "")) for days in due)) for month in months)
        head = (self.say("月份", "Month"), *(self.word(form["title"]) for form in forms))
        said = self.say(
            "乙方按下表所列的最后日期（含当日）报送，报送后发现错误的，随时更正并说明原因，原数据保留。",
            "The unit files by the days below, each included. A mistake found later is revised at any time, with the "
            "reason; what was filed before is kept.",
        )
        table = TableBlock(head, rows, (2, *[3] * len(forms)), ("left", *["center"] * len(forms)))  # type: ignore[arg-type]
        return [heading, Paragraph(said), table]

    def month(self, month: str) -> str:
        return Month.parse(month).in_words(self.language)

    def day(self, day: str) -> str:
        return date_in_words(date.fromisoformat(day), self.language) if day else "—"

    def checking(self) -> list[Block]:
        return [
            Heading(1, self.say("核查与整改", "Inspections and corrections")),
            ListBlock(
                (
                    self.say(
                        "核查单位公开随机抽取，任何人可以凭公布的种子重复抽取；另行指定的，写明理由。",
                        "Units to visit are drawn at random in the open, and anyone can repeat the draw by its seed; a "
                        "visit outside the draw says its reason.",
                    ),
                    self.say(
                        "核查发现的问题，先由乙方确认或提出异议，再作认定；认定前不影响得分。",
                        "The unit first confirms or disputes what a visit finds; nothing counts before it is decided.",
                    ),
                    self.say(
                        "需要整改的，乙方按期整改并提交佐证，由其他人员复查后销号。",
                        "What must be corrected is corrected in time and shown by evidence; someone else closes it.",
                    ),
                )
            ),
        ]

    def grading(self) -> list[Block]:
        bands, above = [], ""
        for band in self.text["grades"]:
            bands.append(self.band(band, above))
            above = band["start"]
        rated, told, more = self.text["rated_from"], self.text.get("limits", []), self.text.get("further", [])
        return [
            Heading(1, self.say("等次", "Grades")),
            Paragraph(
                self.say(
                    f"按总分定等次：{'；'.join(bands)}。没有可评数据的项目按方案逐项写明的办法处理；"
                    f"可评分值不足{rated}分的，不评等次。",
                    f"The grade goes by the total: {'; '.join(bands)}. An item without figures is treated as the "
                    f"programme says for it; with fewer than {rated} assessable points there is no grade.",
                )
            ),
            *([ListBlock((*map(self.limit, told), *map(self.further, more)), numbered=False)] if told or more else []),
        ]

    def limit(self, one: Mapping[str, Any]) -> str:
        grade, says = self.word(one["grade"]), self.word(one["says"])
        return self.say(f"“{grade}”及以上：{says}。", f"“{grade}” or better: {says}.")

    def further(self, says: Mapping[str, str]) -> str:
        return self.say(f"{says['zh']}。", f"{says['en']}.")

    def band(self, band: Mapping[str, Any], above: str) -> str:
        title, start = self.word(band["title"]), band["start"]
        if not above:
            return self.say(f"{start}分及以上为{title}", f"{title.lower()} from {start}")
        if start == "0":
            return self.say(f"不足{above}分为{title}", f"{title.lower()} below {above}")
        return self.say(f"{start}分及以上、不足{above}分为{title}", f"{title.lower()} from {start} to below {above}")

    def vetoes(self) -> list[Block]:
        if not self.text["vetoes"]:
            return []
        return [
            Heading(1, self.say("一票否决", "Vetoes")),
            Paragraph(
                self.say(
                    "有下列情形之一并经查实的，按下列规定处理：", "Where one of these is proven it has this effect:"
                )
            ),
            ListBlock(
                tuple(
                    self.say(
                        f"{veto['title']['zh']}，{_effect(veto)['zh']}（{veto['cited']['zh']}）。",
                        f"{veto['title']['en']}: {_effect(veto)['en']} ({veto['cited']['en']}).",
                    )
                    for veto in self.text["vetoes"]
                )
            ),
        ]

    def rights(self) -> list[Block]:
        return [
            Heading(1, self.say("权利与边界", "Rights and limits")),
            ListBlock(
                (
                    self.say(
                        "乙方对考核结果有异议的，可以申请复核。复核由原考核人员以外的人员进行，不得使结果变差。",
                        "The unit may ask for a review of its result. Other people than the first assessors make it, "
                        "and it never makes a result worse.",
                    ),
                    self.say(
                        "本责任书只考核单位提供的服务，不考核居民的生育、婚姻、避孕等个人选择，不收集居民个人信息。",
                        "Only the services of the unit are assessed, never the choices of residents about births, "
                        "marriage or contraception; nothing is collected about any resident.",
                    ),
                    self.say(
                        "本责任书要求乙方报送的报表以上列为限。",
                        "The returns listed above are all that this agreement asks the unit to file.",
                    ),
                )
            ),
        ]

    # -- signing -------------------------------------------------------------------------------------------------------

    def signing(self, signatures: Sequence[Signed]) -> list[Block]:
        by_side = {one.side: one for one in signatures}
        office, unit = self.word(self.text["office"]), self.word(self.text["unit"]["name"])
        blocks: list[Block] = [Heading(1, self.say("签订", "Signatures"))]
        if self.text["sign_by"]:
            day = self.day(self.text["sign_by"])
            blocks.append(Paragraph(self.say(f"双方于{day}前（含当日）签订。", f"Both sides sign by {day}, included.")))
        blocks += [
            Paragraph(
                self.say(
                    "系统账号签订是内部记录，证明由哪个账号在何时确认了本文本，不等同于手写签名、盖章或者可靠的电子签名。",
                    "Signing with an account is an internal record of which account confirmed this text and when. It "
                    "is not a signature by hand, a seal or a qualified electronic signature.",
                )
            ),
            SignatureBlock(
                (
                    Party(self.say(f"甲方：{office}", f"The office: {office}"), self.side(by_side.get("office"))),
                    Party(self.say(f"乙方：{unit}", f"The unit: {unit}"), self.side(by_side.get("unit"))),
                )
            ),
        ]
        return blocks

    def side(self, signed: Signed | None) -> tuple[str, ...]:
        by_hand = (self.say("负责人（签字、盖章）：", "By hand and seal:"), self.say("日期：", "Date:"))
        if signed is None:
            account, moment = self.say("尚未签订", "not signed yet"), "—"
        else:
            account = self.say(f"{signed.name}（{signed.account}）", f"{signed.name} ({signed.account})")
            moment = _moment(signed.at, ZoneInfo(self.text["time_zone"]))
        return (
            self.say(f"系统账号：{account}", f"Account: {account}"),
            self.say(f"签订时间：{moment}", f"Signed at: {moment}"),
            *by_hand,
        )

    def footer(self) -> tuple[str, ...]:
        programme = self.text["programme"]
        return (
            self.say("责任书文本", "Text of this agreement"),
            f"  SHA-256 {digest(canonical_json(dict(self.text)))}",
            self.say("考核方案", "Programme") + f" {programme['id']} {programme['version']}",
            f"  SHA-256 {programme['digest']}",
        )


def _moment(at: datetime, zone: ZoneInfo) -> str:
    """A moment in the programme's own zone, to the minute: `2025-01-10 09:02 UTC+08:00`."""
    written = at.astimezone(zone).isoformat(" ", "minutes")
    return f"{written[:16]} UTC{written[16:]}"
