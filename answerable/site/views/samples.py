"""Samples for the page of components: each part of templates/_parts with a context as a real page would hand it.

The words are samples in both languages (`中文|English`), not messages: they say what a part is for by using it well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest

from answerable.site.templatetags.answerable import shown
from answerable.site.views.parts import (
    Cell,
    Column,
    Empty,
    EntryField,
    EntrySection,
    Explained,
    Fact,
    Filter,
    Link,
    MonthCell,
    MonthGrid,
    MonthRow,
    Notice,
    PageHead,
    Paper,
    Question,
    Receipt,
    ScoreLine,
    Signature,
    SourceLine,
    SourceRun,
    Step,
    Sum,
    Tab,
    Table,
    Todo,
    Verdict,
    add_issues,
)
from answerable.values import Issue, Month, Period, Place, Text
from answerable.values.table import Absence

Make = Callable[[HttpRequest], dict[str, Any]]


@dataclass(frozen=True)
class Sample:
    """One part: its name, what to know about it, and what makes its context."""

    part: str
    words: Text
    about: Text
    make: Make


SAMPLES: list[Sample] = []


def said(both: str) -> Text:
    """`中文|English` as one text."""
    zh, en = both.split("|")
    return Text(zh=zh, en=en)


def sample(part: str, words: str, about: str) -> Callable[[Make], Make]:
    """Enter a sample in the list, in the order of this file."""

    def enter(make: Make) -> Make:
        SAMPLES.append(Sample(part, said(words), said(about), make))
        return make

    return enter


AT = datetime(2026, 2, 3, 9, 41, tzinfo=ZoneInfo("Asia/Shanghai"))
_DIGEST = "9f2b6c1a7d40e83355a1c0f86b27d94e1e5a7c3920b84f6d0c17aa52e36fb918"
_ISSUE = Issue("file.not_found", Place(file="returns-monthly.csv", line=14, cell="paid"), {"name": "units.csv"})
UNITS = [
    said("莲花路社区|Lotus Road community"),
    said("区民政局|District civil affairs office"),
    said("东湖街道社区卫生服务中心|East Lake community health centre"),
    said("区教育局|District education office"),
    said("青石桥社区|Bluestone Bridge community"),
    said("区住房和城乡建设局|District housing office"),
]
ADVANCED, QUALIFIED, UNQUALIFIED = said("先进|Advanced"), said("合格|Qualified"), said("不合格|Unqualified")


@sample("page_head", "页首|Page head", "面包屑、标题、一个主要操作。|Where we are, the title, one primary action.")
def _page_head(_request: HttpRequest) -> dict[str, Any]:
    head = PageHead(
        said("2025 年 12 月月报表|Return of December 2025"),
        [Link(said("月报表|Returns"), "#top"), Link(UNITS[0], "#top")],
        said("2026 年 1 月 5 日前报送。|To be filed by 5 January 2026."),
        Link(said("填报|Fill it in"), "#entry"),
        [Link(said("上月|Last month"), "#page_head")],
    )
    return {"head": head}


@sample("clock", "演示时间|Clock of a demonstration", "只在设定了演示时间时出现。|Only where the clock was set.")
def _clock(_request: HttpRequest) -> dict[str, Any]:
    return {"now": AT}


@sample("tabs", "页签|Tabs", "同一事项的几页。|Sister pages of one thing.")
def _tabs(_request: HttpRequest) -> dict[str, Any]:
    words = (said("得分|Points"), said("月报表|Returns"), said("整改|Corrections"))
    return {"tabs": [Tab(one, "#tabs", place == 0) for place, one in enumerate(words)]}


@sample("notice", "提示|Notice", "语气：good、wait、bad、calm。|Tones: good, wait, bad, calm.")
def _notice(_request: HttpRequest) -> dict[str, Any]:
    title, words = said("离截止还有两天|Two days left"), said("还有三个单位没有报送。|Three units have not filed yet.")
    return {"notice": Notice("wait", title, words, Link(said("看是哪几个|See which"), "#todo"))}


@sample(
    "issues",
    "问题清单|Issues",
    "位置、问题、办法、代码，一次列全。|Place, what is wrong, what to do, code: all at once.",
)
def _issues(_request: HttpRequest) -> dict[str, Any]:
    other = Issue("file.not_found", Place(file="visits.csv"), {"name": "visits.csv"})
    return {"issues": [_ISSUE, other]}


@sample(
    "source", "带行号的原文|Numbered source", "有误的行标出，其余收起。|Faulty lines are marked, the others folded."
)
def _source(_request: HttpRequest) -> dict[str, Any]:
    fault = Issue("programme.unknown_key", Place(line=3), {"key": "ponits", "inside": "tree.1"})
    lines = [SourceLine(1, "tree:"), SourceLine(2, "  - id: openness"), SourceLine(3, "    ponits: 8", (fault,))]
    return {"source": [SourceRun(lines), SourceRun([SourceLine(4, "grades:"), SourceLine(5, "  on: rounded")], True)]}


@sample("empty", "空页面|Empty state", "说明为什么空、先做什么。|Why it is empty and what to do first.")
def _empty(_request: HttpRequest) -> dict[str, Any]:
    words = said(
        "抽取用公开的种子，任何人都可以重算。先定下检查期。"
        "|The draw uses a public seed that anyone can repeat. First settle the round."
    )
    return {
        "empty": Empty(said("还没有抽取检查单位|No visits drawn yet"), words, Link(said("开始抽取|Draw"), "#empty"))
    }


@sample("todo", "待办|Work list", "整行可点；最急的在前。|The whole row leads on; the most urgent first.")
def _todo(_request: HttpRequest) -> dict[str, Any]:
    late = Todo(said("填报 12 月月报表|File December's return"), "#entry", UNITS[0], date(2026, 1, 5), "overdue")
    due = Todo(said("回应一个发现问题|Answer a finding"), "#steps", UNITS[0], date(2026, 2, 10), "due")
    office = said("项目办公室|Programme office")
    sign = Todo(said("签订 2026 年责任书|Sign the agreement of 2026"), "#signatures", office, None, "issued")
    return {"todo": [late, due, sign]}


@sample("sums", "要数|Key figures", "一页最多一组。|One group a page at most.")
def _sums(_request: HttpRequest) -> dict[str, Any]:
    counts = (("单位|units", 135), ("先进|advanced", 96), ("合格|qualified", 35), ("不合格|unqualified", 4))
    return {"sums": [Sum(said(words), count) for words, count in counts]}


@sample("filters", "查询行|Search row", "条件留在网址里。|The choice stands in the address.")
def _filters(request: HttpRequest) -> dict[str, Any]:
    kinds = [("community", said("社区|community")), ("office", said("部门|office"))]
    name = Filter("name", said("名称或代码|Name or code"), request.GET.get("name", ""))
    return {"filters": [name, Filter("kind", said("类别|Kind"), request.GET.get("kind", ""), kinds)]}


@sample("table", "表格|Table", "表头不动；手机上每行成一块。|The head stays; on a phone each row is a block.")
def _table(request: HttpRequest) -> dict[str, Any]:
    down = request.GET.get("sort", "-points") == "-points"
    seals = ((ADVANCED, "high", "on_time"), (QUALIFIED, "middle", "late"), (UNQUALIFIED, "low", "not_filed"))
    rows = [
        [Cell(UNITS[at], href="#table"), f"{96 - 13 * at}.50", at + 1, Cell(grade, stamp=level), Cell(state=state)]
        for at, (grade, level, state) in enumerate(seals)
    ]
    columns = [
        Column(said("单位|Unit")),
        Column(said("得分|Points"), number=True, sort="points", order="descending" if down else "ascending"),
        Column(said("名次|Place"), number=True),
        Column(said("等次|Grade")),
        Column(said("12 月月报表|December return")),
    ]
    mean = [said("平均|Mean"), "83.50", "", "", ""]
    caption = said("2025 年考核结果|Results of 2025")
    return {"table": Table(columns, rows if down else rows[::-1], caption, mean)}


@sample("paging", "翻页|Paging", "在表格下面。|Below the table.")
def _paging(request: HttpRequest) -> dict[str, Any]:
    return {"page": Paginator(range(135), 20).get_page(request.GET.get("page", "2"))}


@sample(
    "month_grid", "单位与月份|Units by months", "正常的安静，不正常的出字。|Quiet where all is well, a word where not."
)
def _month_grid(_request: HttpRequest) -> dict[str, Any]:
    states = {
        "t": "on_time",
        "l": "late",
        "m": "not_filed",
        "r": "revised",
        "d": "draft",
        "o": "overdue",
        "n": "not_due",
        "x": "not_applicable",
    }
    notes = {"t": "3", "l": "12", "r": "v2"}
    years = ("ttttttttttdn", "tttltttttltn", "ttrttttttttn", "mmmmmmmmmmon", "xxxtttttttdn", "tttttttttttn")
    rows = [
        MonthRow(
            name, [MonthCell(states[one], notes.get(one, ""), "" if one in "nx" else "#entry") for one in year], "#top"
        )
        for name, year in zip(UNITS, years, strict=True)
    ]
    return {"grid": MonthGrid(list(Period.of_year(2025)), rows, said("单位|Unit"))}


@sample(
    "entry", "填报行|Rows of a return", "上月数、单位、缺报与不适用。|Last month, measure, missing and not applicable."
)
def _entry(_request: HttpRequest) -> dict[str, Any]:
    households, absent = said("户|households"), (Absence.MISSING, Absence.NOT_APPLICABLE)
    arrived = said("当月实际到账的户数。|Households whose money arrived this month.")
    paid, places = said("实发户数|Households paid"), said("托位数|Childcare places")
    fields = [
        EntryField("entitled", said("应发户数|Households entitled"), households, "128", last=126),
        EntryField("paid", paid, households, "1２6", last=126, help=arrived, issues=[_ISSUE]),
        EntryField("amount", said("实发金额|Amount paid"), said("元|yuan"), state="missing", last=absent[0]),
        EntryField("places", places, said("个|places"), state="not_applicable", last=absent[1], required=False),
    ]
    return {"section": EntrySection(said("一、家庭支持|1. Support of families"), fields, said("上月|Last month"))}


class CorrectionForm(forms.Form):
    """A form with one field of each kind."""

    problem = forms.CharField()
    households = forms.IntegerField()
    due = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    ways = forms.ChoiceField(widget=forms.RadioSelect)
    words = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)
    evidence = forms.FileField(required=False)


@sample("form", "表单|Form", "错误写在字段下面，带代码。|What is wrong stands below the field, with its code.")
def _form(request: HttpRequest) -> dict[str, Any]:
    form = CorrectionForm({"problem": "", "households": "12", "due": "", "ways": "visit"})
    labels = (
        "发现的问题|What was found",
        "涉及户数|Households",
        "整改期限|To be closed by",
        "怎样复核|How it will be checked",
        "整改情况|What was done",
        "佐证材料|Evidence",
    )
    for field, label in zip(form.fields.values(), labels, strict=True):
        field.label = str(shown(said(label)))
    form.fields["problem"].help_text = str(
        shown(said("一句话：什么、哪里、从何时起。|One sentence: what, where, since when."))
    )
    form.fields["households"].measure = said("户|households")  # type: ignore[attr-defined]
    ways = [("visit", "现场|by a visit"), ("paper", "看材料|by the evidence")]
    form.fields["ways"].choices = [(value, shown(said(words))) for value, words in ways]  # type: ignore[attr-defined]
    add_issues(form, [Issue("file.not_found", Place(cell="evidence"), {"name": "slip.pdf"})])
    return {"form": form, "submit": said("提交整改|Submit the correction"), "back": "#top"}


class ReasonForm(forms.Form):
    """What is asked before something that cannot be undone."""

    reason = forms.CharField()


@sample("question", "确认页|Question", "代替弹窗。|A page instead of a dialog.")
def _question(request: HttpRequest) -> dict[str, Any]:
    form = ReasonForm(auto_id="why_%s")
    form.fields["reason"].label = str(shown(said("理由|Why")))
    consequences = [
        said("135 个单位的等次写入存证账本，不能改动。|The grades of 135 units enter the ledger for good."),
        said("单位可以申诉，申诉不会使结果变差。|Units may appeal; an appeal never makes a result worse."),
    ]
    words, answer = said("确认 2025 年等次？|Confirm the grades of 2025?"), said("确认等次|Confirm the grades")
    return {"question": Question(words, answer, "#top", consequences), "form": form}


@sample("facts", "要素|Facts", "术语在左，内容在右。|The term left, what it is right.")
def _facts(_request: HttpRequest) -> dict[str, Any]:
    facts = [
        Fact(said("单位|Unit"), UNITS[0]),
        Fact(said("状态|State"), "", state="half_signed"),
        Fact(said("签发日期|Issued on"), date(2025, 1, 15)),
        Fact(said("方案摘要|Digest of the programme"), _DIGEST, digest=True),
    ]
    return {"facts": facts}


@sample("steps", "经过|Steps", "整改从发现到销号。|A correction from its finding to its closure.")
def _steps(_request: HttpRequest) -> dict[str, Any]:
    paper = Paper(said("整改报告|Report of the correction"), "#steps", "PDF", 182_400)
    found, done = (
        said("三户补贴晚发两个月。|Three payments two months late."),
        said("已补发，附回单。|Paid since; slips attached."),
    )
    steps = [
        Step(said("发现问题|Found"), "done", date(2025, 9, 12), said("考核员|Inspector"), found),
        Step(said("提交整改|Correction submitted"), "done", AT, said("专干|Specialist"), done, [paper]),
        Step(said("等待复核|To be confirmed by someone else"), "now"),
        Step(said("销号|Closed"), "later"),
    ]
    return {"steps": steps}


@sample("verdict", "结论|Verdict", "总分、等次、名次。|Total, grade, place.")
def _verdict(_request: HttpRequest) -> dict[str, Any]:
    place = said("同组 130 个单位中第 12 名|12th of 130 units of its kind")
    return {"verdict": Verdict("96.37", "100", ADVANCED, "high", "2025", place)}


@sample("score_lines", "得分|Points", "数字与计算结果一字不差。|Digits exactly as computed.")
def _score_lines(_request: HttpRequest) -> dict[str, Any]:
    lines = [
        ScoreLine(said("一、组织与人员|1. Organisation and staffing"), "10.00", "10", part=True),
        ScoreLine(said("责任书按期签订|Agreement signed in time"), "5.00", "5", "#explanation", state="all_points"),
        ScoreLine(said("专干在岗|Specialist in post"), "5.00", "5", "#explanation", state="all_points"),
        ScoreLine(said("二、待遇兑现|2. Benefits paid"), "11.25", "25", part=True),
        ScoreLine(said("发放率|Rate of payment"), "11.25", "15", "#explanation", state="some_points"),
        ScoreLine(said("足额发放|Paid in full"), None, "10", "#explanation", state="not_assessable"),
        ScoreLine(said("三、整改销号|3. Corrections closed"), "0.00", "5", part=True, state="no_points"),
    ]
    return {"lines": lines}


@sample(
    "explanation",
    "得分说明|Why these points",
    "条款、算式、代入、结果、来源。|Clause, formula, values, result, sources.",
)
def _explanation(_request: HttpRequest) -> dict[str, Any]:
    columns = [Column(said("月份|Month")), Column(said("实发户数|Paid"), True), Column(said("应发户数|Entitled"), True)]
    rows = [[Month(2025, 11), 126, 128], [Month(2025, 12), 98, 128]]
    caption = said("来源数据|Where the numbers come from")
    clause = said(
        "待遇按月发放到户，发放率达到 95% 得满分；每低一个百分点扣 0.5 分，扣完为止。"
        "|Benefits reach every household each month. At 95% all points; each point below costs 0.5, down to none."
    )
    change = said("再补发 20 户，本项得满分。|Twenty more households paid give all points here.")
    why = Explained(
        said("发放率|Rate of payment"),
        clause,
        said("15 − 0.5 × max(0, 95 − 100 × 实发 ÷ 应发)|15 − 0.5 × max(0, 95 − 100 × paid ÷ entitled)"),
        "15 − 0.5 × max(0, 95 − 100 × 224 ÷ 256)",
        "15 − 0.5 × 7.5 = 11.25",
        "11.25",
        "15",
        said("考核细则第二条第三款|Scoring rules, article 2, paragraph 3"),
        [Fact(said("怎样改变等次|What would change the grade"), change)],
        Table(columns, rows, caption, [said("合计|Total"), 224, 256], keep=True),
    )
    return {"why": why}


@sample("signatures", "签字|Signatures", "双方各一格。|One box for each side.")
def _signatures(_request: HttpRequest) -> dict[str, Any]:
    unit = Signature(said("单位：分管领导|The unit: responsible leader"), UNITS[0], AT)
    return {"signatures": [unit, Signature(said("项目办公室|The programme office"))]}


@sample("receipt", "回执|Receipt", "写入存证账本后给出。|Given once it is in the ledger.")
def _receipt(_request: HttpRequest) -> dict[str, Any]:
    words, by = said("月报表已报送|The return is filed"), said("专干|Specialist")
    return {"receipt": Receipt(words, 1284, AT, by, _DIGEST, "#receipt")}


@sample("papers", "文件|Documents", "下载前写明格式和大小。|Kind and size are said before the download.")
def _papers(_request: HttpRequest) -> dict[str, Any]:
    words = said("2025 年度考核通报|Bulletin of 2025")
    return {"papers": [Paper(words, "#papers", "PDF", 412_300), Paper(words, "#papers", "DOCX", 61_440)]}
