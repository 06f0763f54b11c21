"""The face: every part is shown on /style, one stylesheet that old browsers read, and no colour too faint to read."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation

from answerable.site.templatetags import answerable as tags
from answerable.site.templatetags.states import STATES
from answerable.site.views.parts import Cell, Column, LongSelect, MonthCell, MonthGrid, MonthRow, Table
from answerable.values import Month, Period, Text
from answerable.values.table import Absence

SITE = Path(tags.__file__).parents[1]
CSS = (SITE / "static/answerable/face.css").read_text("utf-8")
BARE_CSS = re.sub(r"/\*.*?\*/", "", CSS, flags=re.S)
TEMPLATES = sorted((SITE / "templates").rglob("*.html"))
LANGUAGES = {"zh-hans": "zh-Hans", "en": "en"}

# What came to Chromium after version 109, as it would be written.
NEWER_THAN_109 = {
    "nesting": r"\{[^{}@]*\{",
    "nesting by &": r"&",
    "colour functions": r"color-mix|light-dark|oklch|oklab|\blch\(|\blab\(|color\(",
    "subgrid": r"subgrid",
    "text-wrap": r"text-wrap",
    "scope": r"@scope",
    "starting style": r"@starting-style|transition-behavior",
    "scroll-driven animation": r"animation-timeline|scroll-timeline|view-timeline",
    "anchors": r"anchor-name|position-anchor|@position-try",
    "popover": r":popover-open",
    "view transitions": r"view-transition",
    "units of the small viewport's lines": r"\brlh\b|\blh\b|\brcap\b|\brex\b",
    "new selectors": r":user-valid|:user-invalid|:dir\(|:state\(|:nth-child\([^)]* of ",
    "other": r"field-sizing|interpolate-size|linear\(|@property-|round\(|@function|mask-image|\bif\(|sibling-index",
}


class Page(HTMLParser):
    """What a test asks of a page: its tags with their attributes, and its visible text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


def get(path: str, language: str) -> Any:
    return Client().get(path, headers={"accept-language": language})


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_is_shown_on_the_page_of_components(language: str) -> None:
    response = get("/style", language)
    assert response.status_code == 200
    shown = {template.name for template in response.templates}
    parts = {f"_parts/{path.name}" for path in (SITE / "templates/_parts").glob("*.html")}
    assert parts - shown == set()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["/style", "/style/public", "/accounts/login/"])
def test_a_page_has_no_inline_script_or_style_and_no_file_of_others(path: str, language: str) -> None:
    page = Page(get(path, language).content.decode())
    assert page.tags[0] == ("html", {"lang": LANGUAGES[language]})
    for tag, attributes in page.tags:
        assert tag != "style"
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        assert tag != "script" or attributes.get("src")
        for name in ("src", "href", "action"):
            assert not re.match(r"(https?:)?//|javascript:", attributes.get(name) or ""), (tag, attributes)


def test_no_template_brings_its_own_style_or_script() -> None:
    assert len(TEMPLATES) > 30
    for path in TEMPLATES:
        assert not re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=", path.read_text("utf-8")), path


def test_every_id_on_the_page_of_components_is_there_once_and_every_label_leads_to_one() -> None:
    page = Page(get("/style", "en").content.decode())
    ids = [name for _, attributes in page.tags if (name := attributes.get("id"))]
    assert sorted(ids) == sorted(set(ids))
    wanted = {attributes["for"] for tag, attributes in page.tags if tag == "label" and attributes.get("for")}
    described = {a for _, attributes in page.tags for a in (attributes.get("aria-describedby") or "").split()}
    targets = {
        (attributes.get("href") or "")[1:] for _, attributes in page.tags if (attributes.get("href") or "")[:1] == "#"
    }
    assert wanted and described and targets
    assert (wanted | described | targets) - set(ids) == set()


def test_a_page_in_english_shows_the_english_of_every_sample_and_in_chinese_the_chinese() -> None:
    english, chinese = (Page(get("/style", language).content.decode()).words for language in ("en", "zh-hans"))
    assert "Lotus Road community" in english and "莲花路社区" not in english
    assert "莲花路社区" in chinese and "Lotus Road community" not in chinese


def test_the_other_language_is_one_press_away_and_brings_back_the_same_page() -> None:
    client = Client(enforce_csrf_checks=True)
    page = Page(client.get("/accounts/login/?next=/style", headers={"accept-language": "en"}).content.decode())
    fields = {
        a["name"]: a["value"] for tag, a in page.tags if tag in ("input", "button") and a.get("name") and a.get("value")
    }
    sent = {name: fields[name] for name in ("csrfmiddlewaretoken", "next", "language")}
    assert sent["language"] == "zh-hans"
    response = client.post(reverse("set_language"), sent)
    assert response["Location"] == "/accounts/login/?next=/style"
    assert 'lang="zh-Hans"' in client.get("/style", headers={"accept-language": "en"}).content.decode()


@pytest.mark.parametrize("feature", NEWER_THAN_109)
def test_the_stylesheet_asks_for_nothing_newer_than_chromium_109(feature: str) -> None:
    flat = re.sub(r"@media[^{]*\{((?:[^{}]*\{[^{}]*\})*)[^{}]*\}", r"\1", re.sub(r"@page \{[^}]*\}", "", BARE_CSS))
    assert "--paper" in flat
    assert not re.findall(NEWER_THAN_109[feature], flat)


def test_the_list_of_newer_features_would_catch_one() -> None:
    for feature, written in {
        "nesting": ".a { color: red; .b { color: blue } }",
        "colour functions": "a { color: color-mix(in srgb, red, blue) }",
        "subgrid": "a { grid-template-columns: subgrid }",
        "text-wrap": "a { text-wrap: balance }",
        "scope": "@scope (.a) { }",
    }.items():
        assert re.findall(NEWER_THAN_109[feature], written), feature


def test_the_stylesheet_stays_small() -> None:
    assert len(CSS.encode()) < 40 * 1024


def test_nothing_scrolls_inside_the_page() -> None:
    assert not re.findall(r"overflow(?:-[xy])?: *(?:auto|scroll)", BARE_CSS)


def colours(scheme: str) -> dict[str, str]:
    light, dark = re.findall(r":root \{(.*?)\}", BARE_CSS, flags=re.S)[:2]
    found = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", light))
    return found | (dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", dark)) if scheme == "dark" else {})


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2, from relative luminance."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


TEXT_ON = [
    *[(ink, ground) for ink in ("ink", "soft", "teal", "cinnabar") for ground in ("paper", "sheet", "shade")],
    *[(tone, f"{tone}-wash") for tone in ("teal", "cinnabar", "ochre", "slate")],
    *[(tone, "paper") for tone in ("ochre", "slate")],
    *[(ink, f"{tone}-wash") for ink in ("ink", "soft", "teal") for tone in ("cinnabar", "ochre", "teal", "slate")],
    ("on-teal", "teal"),
    ("sheet", "cinnabar"),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_stands_out_from_its_ground(scheme: str) -> None:
    tokens = colours(scheme)
    faint = {pair: contrast(tokens[pair[0]], tokens[pair[1]]) for pair in TEXT_ON}
    assert {pair: round(ratio, 2) for pair, ratio in faint.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_edge_of_a_field_can_be_seen(scheme: str) -> None:
    tokens = colours(scheme)
    assert min(contrast(tokens["rule"], tokens[ground]) for ground in ("paper", "sheet", "shade")) >= 3


def test_black_on_white_is_the_contrast_it_is_known_to_be() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_every_state_has_a_shape_and_a_tone_that_the_stylesheet_draws() -> None:
    for name, state in STATES.items():
        assert re.search(rf"\.{state.tone}\b", CSS) and re.search(rf"\.{state.shape}\b", CSS), name
        assert str(state.word)


def test_two_states_of_one_tone_never_share_both_shape_and_word() -> None:
    looks = [(state.shape, state.tone, str(state.word)) for state in STATES.values()]
    assert len(looks) == len(set(looks))


def test_an_unknown_state_is_a_fault_and_not_an_empty_place() -> None:
    with pytest.raises(KeyError):
        tags.chip("fine")


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (Text(zh="单位", en="unit"), "单位", "unit"),
        (Month(2025, 3), "2025年3月", "2025-03"),
        (Period.parse("2025"), "2025年", "2025"),
        (1284000, '<span class="figure">1,284,000</span>', '<span class="figure">1,284,000</span>'),
        (-5, '<span class="figure">−5</span>', '<span class="figure">−5</span>'),
        ("as it is", "as it is", "as it is"),
    ],
)
def test_a_value_is_shown_in_the_language_of_the_page(value: object, zh: str, en: str) -> None:
    for language, words in (("zh-hans", zh), ("en", en)):
        with translation.override(language):
            assert tags.shown(value) == words


def test_the_four_states_of_a_cell_are_never_shown_alike() -> None:
    with translation.override("en"):
        shown = [str(tags.shown(value)) for value in (0, *Absence)]
    assert len(set(shown)) == 4
    assert tags.shown(None) == tags.shown(Absence.MISSING)


def test_digits_of_a_score_are_shown_as_they_were_computed() -> None:
    assert tags.points("12.50", "15") == '<span class="points"><b>12.50</b> <span>/ 15</span></span>'
    assert "<b>0.00</b>" in tags.points("0.00", "15")
    assert "<b>–</b>" in tags.points(None, "15")


@pytest.mark.parametrize(
    ("got", "available", "width"),
    [
        ("12.5", "15", "83.33%"),
        ("16", "15", "100.00%"),
        ("-2", "15", "0.00%"),
        (None, "15", "0.00%"),
        ("1", "0", "0.00%"),
    ],
)
def test_a_bar_is_never_longer_than_its_part(got: str | None, available: str, width: str) -> None:
    assert f'class="got" width="{width}"' in tags.bar(got, available)


def test_money_and_ratios_lose_no_digit() -> None:
    with translation.override("en"):
        assert "1,234,567.89 yuan" in tags.money(123_456_789)
    assert tags.percent("0.9532") == '<span class="figure">95.32%</span>'
    assert tags.percent("1") == '<span class="figure">100%</span>'


def test_words_of_a_person_are_escaped_wherever_a_value_is_shown() -> None:
    evil = "<script>alert(1)</script>"
    table = Table(
        [Column("a"), Column("b")], [[Cell(evil, href="/x"), Cell(evil, note=evil)], [evil, Cell(evil, stamp="low")]]
    )
    grid = MonthGrid(
        [Month(2025, 1)], [MonthRow(evil, [MonthCell("late", evil, "/x")]), MonthRow(evil, [MonthCell("due", evil)])]
    )
    html = Template("{% include '_parts/table.html' %}{% include '_parts/month_grid.html' %}").render(
        Context({"table": table, "grid": grid, "request": RequestFactory().get("/")})
    )
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 10


def test_cells_that_look_alike_keep_their_own_words_and_addresses() -> None:
    months = [Month(2025, 1), Month(2025, 2), Month(2025, 3)]
    cells = [MonthCell("late", "7", "/1"), MonthCell("late", "7", "/2"), MonthCell("late", "9")]
    table = Table(
        [Column("a"), Column("b", number=True)],
        [["one", Cell(state="late")], ["two", Cell("tardy", state="late")], ["three", Cell(state="late")]],
    )
    with translation.override("en"):
        html = Template("{% include '_parts/month_grid.html' %}{% include '_parts/table.html' %}").render(
            Context({"grid": MonthGrid(months, [MonthRow("unit", cells)]), "table": table})
        )
    assert 'href="/1" aria-label="2025-01 late 7"' in html and 'href="/2" aria-label="2025-02 late 7"' in html
    assert html.count('<span class="note">7</span>') == 2 and html.count('<span class="note">9</span>') == 1
    assert html.count('<td class="number" data-label="b">') == 3
    assert re.findall(r"</i>(late|tardy)</span></td>", html) == ["late", "tardy", "late"]


@pytest.mark.parametrize("value", ["", "b", "<i>", None])
@pytest.mark.parametrize("is_required", [True, False])
def test_a_choice_among_many_is_written_as_django_writes_it(value: str | None, is_required: bool) -> None:
    choices = [("", "—"), ("a", "One & all"), ("b", "Two"), ("<i>", "<b>Three</b>")]

    def written(widget: forms.Select) -> str:
        class Form(forms.Form):
            unit = forms.ChoiceField(
                label="Unit", choices=choices, required=is_required, help_text="One.", widget=widget
            )

        return str(Form({"unit": value}, prefix="p")["unit"])

    assert written(LongSelect()) == written(forms.Select())
    assert written(LongSelect(attrs={"data-x": '"<'})) == written(forms.Select(attrs={"data-x": '"<'}))


def test_a_row_with_a_cell_too_few_is_a_fault() -> None:
    with pytest.raises(ValueError, match="zip"):
        Table([Column("a"), Column("b")], [["one"]]).lines[0]


def test_sorting_keeps_the_search_and_forgets_the_page() -> None:
    html = get("/style?name=lotus&page=3&sort=-points", "en").content.decode()
    assert 'href="?name=lotus&amp;sort=points"' in html
    assert 'aria-sort="descending"' in html
    assert 'href="?name=lotus&amp;page=4&amp;sort=-points"' in html


def test_a_missing_page_says_so_in_the_face_of_the_house() -> None:
    response = get("/no-such-page", "en")
    assert response.status_code == 404
    assert "There is no such page" in response.content.decode()
    assert "face.css" in response.content.decode()


def test_a_fault_has_a_page_that_needs_no_request() -> None:
    from django.template.loader import render_to_string

    with translation.override("en"):
        html = render_to_string("500.html")
    assert "The fault is ours" in html and "Something broke" in html


def test_the_banner_of_the_clock_is_there_only_when_the_clock_was_set(settings: Any) -> None:
    settings.DEMO_NOW = ""
    assert 'class="clock"' not in get("/style", "en").content.decode().split("<main")[0]
    settings.DEMO_NOW = "2026-02-03T09:00:00+08:00"
    assert 'class="clock"' in get("/style", "en").content.decode().split("<main")[0]


@pytest.fixture
def specialist(django_user_model: Any) -> Any:
    return django_user_model.objects.create_user("lotus", "a long quiet river", "Zhang of Lotus Road")


@pytest.mark.django_db
def test_who_signs_in_with_the_right_password_comes_to_the_page_asked_for_and_can_leave(specialist: Any) -> None:
    client = Client(headers={"accept-language": "en"})
    sent = {"login": "lotus", "password": "a long quiet river", "next": "/style"}
    assert client.post("/accounts/login/?next=/style", sent)["Location"] == "/style"
    assert "Zhang of Lotus Road" in client.get("/style").content.decode()
    assert client.get("/").templates[0].name == "home/inside.html"
    assert "Sign out?" in client.get("/accounts/logout/").content.decode()
    assert client.post("/accounts/logout/")["Location"] == "/"
    assert client.get("/").templates[0].name == "notices/board.html"


@pytest.mark.django_db
def test_a_wrong_password_is_answered_on_the_same_page_beside_the_form(specialist: Any) -> None:
    response = Client().post("/accounts/login/", {"login": "lotus", "password": "wrong"})
    page = Page(response.content.decode())
    assert response.status_code == 200
    assert ("div", {"class": "notice bad", "role": "alert"}) in page.tags


@pytest.mark.django_db
def test_a_person_changes_the_password_in_the_face_of_the_house(specialist: Any) -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(specialist)
    assert client.get("/accounts/password/change/").templates[0].name == "account/password_change.html"
    sent = {"oldpassword": "a long quiet river", "password1": "short", "password2": "short"}
    assert "errors" in client.post("/accounts/password/change/", sent).content.decode()
    sent |= {"password1": "a longer, quieter river", "password2": "a longer, quieter river"}
    assert client.post("/accounts/password/change/", sent).status_code == 302
    specialist.refresh_from_db()
    assert specialist.check_password("a longer, quieter river")


@pytest.mark.parametrize("path", ["signup/", "password/reset/", "email/"])
def test_there_is_no_page_for_what_the_house_does_not_do(path: str) -> None:
    assert get(f"/accounts/{path}", "en").status_code == 404
