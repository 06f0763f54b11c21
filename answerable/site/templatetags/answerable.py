"""How values are shown: `{% load answerable %}`.

Filters: shown (anything), figure, money, percent, month, month_short, day, moment, size, page_numbers.
Tags: chip, shape, tone, absent, points, bar, stamp, issue_words, posts_held, clock, menu.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.template import Context
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from answerable.site import clock as site_clock
from answerable.site.templatetags.menu import MENU, POSTS, Entry, holder_of
from answerable.site.templatetags.reasons import in_our_words
from answerable.site.templatetags.states import STATES
from answerable.values import Issue, Month, Period, Text
from answerable.values.table import Absence
from answerable.values.text import Language

register = template.Library()


def language() -> Language:
    """The language of the page as the rooms below know it."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


@register.filter
def shown(value: object) -> object:
    """Any value as a reader wants it: bilingual text, month, period, day, moment, number, absence; else as it is."""
    if isinstance(value, SafeString) or type(value) is str:
        return value
    if value is None or isinstance(value, Absence):
        return absent(value or Absence.MISSING)
    if isinstance(value, Text):
        return value.in_language(language())
    if isinstance(value, Month | Period):
        return value.in_words(language())
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return figure(value)
    return value


@register.filter
def figure(value: int | Decimal | str | None) -> SafeString:
    """A number with its thousands apart and its digits as they stand; an absence where there is none."""
    if value is None or value == "":
        return absent(Absence.MISSING)
    try:
        words = f"{Decimal(str(value)):,}"
    except InvalidOperation:
        words = str(value)
    return format_html('<span class="figure">{}</span>', words.replace("-", "\N{MINUS SIGN}"))


@register.filter
def money(fen: int | None) -> SafeString:
    """Fen as yuan with two decimals."""
    if fen is None:
        return absent(Absence.MISSING)
    words = gettext("%(amount)s yuan") % {"amount": f"{Decimal(fen) / 100:,.2f}"}
    return format_html('<span class="figure">{}</span>', words.replace("-", "\N{MINUS SIGN}"))


@register.filter
def percent(ratio: str | Decimal | None) -> SafeString:
    """An exact ratio such as 0.9532 as 95.32 %, no digit added or lost."""
    if ratio is None or ratio == "":
        return absent(Absence.MISSING)
    return format_html('<span class="figure">{}%</span>', f"{(Decimal(str(ratio)) * 100).normalize():,f}")


@register.filter
def month(value: Month | Period | str) -> str:
    """2025年3月, or 2025-03."""
    known = Period.parse(value) if isinstance(value, str) else value
    return known.in_words(language())


@register.filter
def month_short(value: Month | str) -> str:
    """3月, or Mar: the head of a column."""
    known = Month.parse(value) if isinstance(value, str) else value
    return f"{known.month}月" if language() == "zh" else date_format(known.day(1), "M")


@register.filter
def day(value: date | str | None) -> SafeString:
    """2026年2月3日, or 3 Feb 2026."""
    known = parse_date(value) if isinstance(value, str) else value
    if known is None:
        return mark_safe("")
    chinese = language() == "zh"
    words = f"{known.year}年{known.month}月{known.day}日" if chinese else date_format(known, "j M Y")
    return format_html('<time datetime="{}">{}</time>', known.isoformat()[:10], words)


@register.filter
def moment(value: datetime | str | None) -> SafeString:
    """A day with its hour and minute, in the office's time."""
    known = parse_datetime(value) if isinstance(value, str) else value
    if known is None:
        return mark_safe("")
    local = timezone.localtime(known) if timezone.is_aware(known) else known
    words = date_format(local, "Y年n月j日 H:i" if language() == "zh" else "j M Y, H:i")
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), words)


@register.filter
def size(count: int) -> str:
    """Bytes as people say them."""
    for unit, floor in (("MB", 1_048_576), ("KB", 1024)):
        if count >= floor:
            return f"{Decimal(count) / floor:.1f} {unit}"
    return f"{count} B"


@register.filter
def page_numbers(page: Page[Any]) -> list[int | str]:
    """The pages worth a link: first, last and the neighbours, with an ellipsis where some are left out."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1))


@register.simple_tag
def absent(absence: str) -> SafeString:
    """Why there is no value, in words."""
    return format_html('<span class="absent">{}</span>', STATES[absence].word)


@register.simple_tag
def chip(state: str, word: object = "") -> SafeString:
    """A state with its shape and its word; another word may be given. An unknown state is a fault in the page."""
    known = STATES[state]
    return format_html(
        '<span class="chip {}"><i class="shape {}" aria-hidden="true"></i>{}</span>',
        known.tone,
        known.shape,
        shown(word) if word else known.word,
    )


@register.simple_tag
def shape(state: str) -> SafeString:
    """The shape alone, where the word stands beside it already."""
    return format_html('<i class="shape {}" aria-hidden="true"></i>', STATES[state].shape)


@register.simple_tag
def tone(state: str) -> str:
    """The tone of a state, as a class."""
    return STATES[state].tone


@register.simple_tag
def points(got: str | None, available: str | None = None) -> SafeString:
    """Points with the digits as they were computed: `12.50 / 15`; none got is said in words."""
    of = format_html(" <span>/ {}</span>", available) if available not in (None, "") else ""
    if got is None or got == "":
        word = STATES["not_assessable"].word
        return format_html('<span class="points"><b>–</b><i class="hidden">{}</i>{}</span>', word, of)
    return format_html('<span class="points"><b>{}</b>{}</span>', str(got).replace("-", "\N{MINUS SIGN}"), of)


@register.simple_tag
def bar(got: str | None, available: str | None) -> SafeString:
    """How much of the points was got, as a drawing: no style attribute, and it prints."""
    share = _share(got, available)
    return format_html(
        '<svg class="bar{}" aria-hidden="true"><rect width="100%" height="100%"/>'
        '<rect class="got" width="{}%" height="100%"/></svg>',
        "" if got else " none",
        f"{share:.2f}",
    )


def _share(got: str | None, available: str | None) -> Decimal:
    """Percent of the width; a deduction or an empty part shows none."""
    if not got or not available or Decimal(str(available)) <= 0:
        return Decimal(0)
    return min(max(Decimal(str(got)) / Decimal(str(available)) * 100, Decimal(0)), Decimal(100))


@register.simple_tag
def stamp(words: Text | str, level: str = "middle", size: str = "", under: object = "") -> SafeString:
    """A grade as a seal. `level` is high, middle or low; `size` great for the head of a page."""
    below = format_html("<small>{}</small>", shown(under)) if under else ""
    return format_html('<span class="stamp {} {}"><span>{}</span>{}</span>', level, size, shown(words), below)


@register.simple_tag
def issue_words(issue: Issue) -> dict[str, str]:
    """An issue in the language of the page: place, says, advice."""
    said, told = language(), in_our_words(issue)
    return {"place": str(issue.place), "says": told.says(said), "advice": told.advice(said)}


@register.inclusion_tag("_parts/clock.html")
def clock() -> dict[str, Any]:
    """The banner that says the site's clock is set for a demonstration; nothing on a real site."""
    return {"now": site_clock.today() if settings.DEMO_NOW else None}


@dataclass(frozen=True)
class MenuLink:
    """One entry of the menu as the page shows it; `count` is what waits there."""

    words: object
    href: str
    current: bool = False
    count: int = 0


@register.inclusion_tag("_parts/menu.html", takes_context=True)
def menu(context: Context) -> dict[str, Any]:
    """The left menu for the posts held; a page may hand in `menu_groups` of its own, and `menu_counts` by address."""
    if "menu_groups" in context:
        return {"groups": context["menu_groups"]}
    request = context["request"]
    holder = holder_of(request)
    counts = context.get("menu_counts") or {}
    groups = []
    for group in MENU:
        mine = [entry for entry in group.entries if entry.is_for(holder)]
        links = [_menu_link(entry, request.path, counts) for entry in mine]
        if links:
            groups.append((group.words, links))
    return {"groups": groups}


def _menu_link(entry: Entry, here: str, counts: Mapping[str, int]) -> MenuLink:
    href = reverse(entry.address)
    current = here == href or (href != "/" and here.startswith(href))
    return MenuLink(entry.words, href, current, counts.get(entry.address, 0))


@register.simple_tag(takes_context=True)
def posts_held(context: Context) -> str:
    """The posts of whoever is signed in, in words; nothing for a stranger or where there is no request."""
    request = context.get("request")
    if request is None:
        return ""
    words = dict.fromkeys(str(POSTS[held.post]) for held in holder_of(request).posts)
    return ("、" if language() == "zh" else ", ").join(words)
