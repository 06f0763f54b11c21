"""The living page of components: every part of every page, once, with what it needs. All are built from these."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from answerable.site.templatetags import answerable as tags
from answerable.site.templatetags.states import STATES
from answerable.site.views.parts import Link, PageHead
from answerable.site.views.samples import ADVANCED, AT, QUALIFIED, SAMPLES, UNITS, UNQUALIFIED, said
from answerable.values import Text
from answerable.values.table import Absence

_SWATCHES = {"ink": "墨", "soft": "淡墨", "paper": "纸", "teal": "黛", "cinnabar": "朱", "ochre": "赭", "slate": "石青"}
_TYPE = {
    "page_title": said("一级标题用宋体|A page title is set in serif"),
    "section_title": said("二级标题用黑体|A section title is set in sans"),
    "running_text": said(
        "正文 17 像素，中文与 English、2025 年 12 月与 96.37 分排在一行里仍然平稳。"
        "|Running text is 17 pixels, and 中文 beside English sits level, as do 2025 and 96.37."
    ),
    "small_text": said("说明文字 14 像素。|Small text is 14 pixels."),
}


@dataclass(frozen=True)
class Specimen:
    """One part as it looks, and the names of the context that made it."""

    part: str
    words: Text
    about: Text
    context: Iterable[str]
    html: SafeString


def index(request: HttpRequest) -> HttpResponse:
    """`/style`: every part, in the language of the reader."""
    specimens = _specimens(request)
    context = {
        "head": _head(),
        "menu_groups": _menu(specimens),
        "specimens": specimens,
        "swatches": [(name, Text(zh=zh, en=name)) for name, zh in _SWATCHES.items()],
        "states": list(STATES),
        "values": _values(),
        "high": ADVANCED,
        "middle": QUALIFIED,
        "low": UNQUALIFIED,
        **_TYPE,
    }
    return render(request, "style/index.html", context)


def public(request: HttpRequest) -> HttpResponse:
    """`/style/public`: the layout of a page of the public board."""
    head = PageHead(
        said("2025 年度考核通报|Bulletin of 2025"),
        lead=said("公开页面样例|A sample of a public page"),
        action=Link(said("下载 PDF|Download the PDF"), "#papers"),
    )
    words = said(
        "2025 年，全区 135 个单位签订责任书，按月报送，随机抽查，问题逐项整改。"
        "|In 2025 the 135 units of the district signed agreements, filed each month, were visited by draw,"
        " and closed what was found."
    )
    context = {"head": head, "paragraphs": [words]}
    for sample in SAMPLES:
        if sample.part in ("sums", "table", "papers"):
            context |= sample.make(request)
    return render(request, "style/public.html", context)


def _head() -> PageHead:
    example = Link(said("公开页面样例|A public page"), reverse("style_public"))
    return PageHead(
        said("部件|Parts"), lead=said("所有页面都由这些部件组成。|Every page is made of these."), others=[example]
    )


def _specimens(request: HttpRequest) -> list[Specimen]:
    made = [(sample, sample.make(request)) for sample in SAMPLES]
    return [
        Specimen(one.part, one.words, one.about, context, render_to_string(f"_parts/{one.part}.html", context, request))
        for one, context in made
    ]


def _menu(specimens: list[Specimen]) -> list[tuple[str, list[tags.MenuLink]]]:
    ground = (("tokens", _("Colours")), ("states", _("States")), ("values", _("Values")))
    links = [tags.MenuLink(tags.shown(one.words), f"#{one.part}") for one in specimens]
    return [
        (_("Ground"), [tags.MenuLink(words, f"#{name}") for name, words in ground]),
        (_("Lists"), links[:12]),
        (_("Forms and results"), links[12:]),
    ]


def _values() -> list[tuple[str, object]]:
    return [
        ("{{ text|shown }}", tags.shown(UNITS[0])),
        ("{{ number|figure }}", tags.figure(1_284_000)),
        ("{{ fen|money }}", tags.money(123_456_789)),
        ("{{ ratio|percent }}", tags.percent("0.9532")),
        ("{{ month|month }}", tags.month("2025-03")),
        ("{{ period|month }}", tags.month("2025-01..2025-06")),
        ("{{ day|day }}", tags.day("2026-02-03")),
        ("{{ moment|moment }}", tags.moment(AT)),
        ("{{ absence|shown }}", tags.shown(Absence.SUPPRESSED)),
        ('{% points "12.50" "15" %}', tags.points("12.50", "15")),
        ('{% bar "12.50" "15" %}', tags.bar("12.50", "15")),
    ]
