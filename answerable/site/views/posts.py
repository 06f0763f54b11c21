"""The posts of units as pages: who answers where, which posts are vacant, who held them before, and the hand-over."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.password_validation import validate_password
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from answerable.exchange.report import date_in_words
from answerable.site import clock
from answerable.site.actions import Receipt, people
from answerable.site.permissions import UNIT_POSTS, Holder
from answerable.site.reads.posts import Appointed, list_terms
from answerable.site.reads.vacancies import UnitPost, list_unit_posts
from answerable.site.templatetags.answerable import language
from answerable.site.templatetags.menu import POSTS
from answerable.site.views.guard import allow, attempt, holder_of, members_only, sees_all
from answerable.site.views.parts import Cell, Column, DayField, Empty, Filter, Link, Notice, PageHead, Sum, Table
from answerable.site.views.units import day_asked, href_of, unit_or_404

__all__ = ["urlpatterns"]

PAGE = 150
Both = tuple[UnitPost, ...]
"""The posts of one unit."""


@members_only("posts.read")
def index(request: HttpRequest) -> HttpResponse:
    """`/posts/`: the posts of every unit on a day, those longest vacant in its year first; a unit sees its own."""
    day, holder = day_asked(request), holder_of(request)
    posts = [one for one in list_unit_posts(day) if sees_all(holder) or one.unit.code in holder.units]
    chosen = sorted(_by_unit(one for one in posts if _fits(request, one)), key=_longest_vacant)
    page = Paginator(chosen, PAGE).get_page(request.GET.get("page"))
    vacant = [one for one in posts if not one.holders]
    context: dict[str, Any] = {
        "head": PageHead(
            _("Posts of units"), lead=_("Who answers for each unit, counted from the days of appointment.")
        ),
        "sums": [
            Sum(_("posts vacant on this day"), len(vacant), _("of %(all)s") % {"all": len(posts)}),
            Sum(_("days vacant in the year until then"), sum(one.vacant for one in posts)),
        ],
        "filters": [
            Filter("on", _("On the day"), day.isoformat()),
            Filter("unit", _("Unit, name or code"), request.GET.get("unit", "")),
            Filter("state", _("State"), request.GET.get("state", ""), [("vacant", _("vacant")), ("held", _("held"))]),
        ],
        "table": _table(page.object_list),
        "page": page,
    }
    if not chosen:
        context["empty"] = Empty(_("No post fits this search"), _("Choose less, or another day."))
    return render(request, "listing.html", context)


def _by_unit(posts: Iterable[UnitPost]) -> list[Both]:
    found: dict[str, list[UnitPost]] = {}
    for one in posts:
        found.setdefault(one.unit.code, []).append(one)
    return [tuple(both) for both in found.values()]


def _longest_vacant(both: Both) -> tuple[int, str]:
    return -sum(one.vacant for one in both), both[0].unit.code


def _fits(request: HttpRequest, one: UnitPost) -> bool:
    words, state = request.GET.get("unit", "").strip().casefold(), request.GET.get("state", "")
    named = (one.unit.code, one.unit.name.zh, one.unit.name.en)
    is_so = state in ("", "held" if one.holders else "vacant")
    return is_so and (not words or any(words in text.casefold() for text in named))


def _table(units: Iterable[Both]) -> Table:
    columns = [Column(_("Unit")), *(Column(POSTS[post]) for post in UNIT_POSTS), Column(_("Days vacant"), True)]
    rows = []
    for both in units:
        of = {one.post: one for one in both}
        unit = both[0].unit
        cells = [_holders(of.get(post)) for post in UNIT_POSTS]
        href = reverse("posts_unit", args=[unit.code])
        rows.append([Cell(unit.name, href, note=unit.code), *cells, sum(one.vacant for one in both)])
    return Table(columns, rows)


def _holders(one: UnitPost | None) -> object:
    """Who holds a post, or since when nobody does; nothing where the search left it out."""
    if one is None:
        return ""
    if one.vacant_since:
        return Cell(state="vacant", note=_("since %(day)s") % {"day": date_in_words(one.vacant_since, language())})
    since = min(term.from_day for term in one.holders)
    names = "、".join(term.display_name for term in one.holders)
    return Cell(names, note=_("since %(day)s") % {"day": date_in_words(since, language())})


@members_only("posts.read")
def unit(request: HttpRequest, code: str) -> HttpResponse:
    """`/posts/<code>/`: who holds the posts of a unit and who held them, with the days vacant in the year."""
    day = day_asked(request)
    found = unit_or_404(code, day)
    allow(request, "posts.read", code)
    crumbs = [Link(_("Posts of units"), reverse("posts_index")), Link(found.name, href_of(code))]
    context = {
        "head": PageHead(_("Posts of the unit"), crumbs, found.name, _to_hand_over(holder_of(request), code)),
        "filters": [Filter("on", _("On the day"), day.isoformat())],
        "now": _now(one for one in list_unit_posts(day) if one.unit.code == code),
        "history": _history(code),
    }
    return render(request, "posts/unit.html", context)


def _to_hand_over(holder: Holder, code: str) -> Link | None:
    may = holder.may("people.appoint")
    return Link(_("Hand over a post"), reverse("posts_hand_over", args=[code])) if may else None


def _now(posts: Iterable[UnitPost]) -> Table:
    columns = [Column(_("Post")), Column(_("Held by")), Column(_("Days vacant"), True), Column(_("Days counted"), True)]
    return Table(columns, [[POSTS[one.post], _holders(one), one.vacant, one.counted] for one in posts])


def _history(code: str) -> Table | None:
    columns = [Column(_("Post")), Column(_("Held by")), Column(_("From")), Column(_("Last day"))]
    terms = sorted(list_terms(code), key=lambda term: (term.from_day, term.post), reverse=True)
    rows = [
        [POSTS[term.post], Cell(term.display_name, note=term.username), term.from_day, term.until_day or "–"]
        for term in terms
    ]
    return Table(columns, rows) if rows else None


# -- hand-over ---------------------------------------------------------------------------------------------------------


class HandOverForm(forms.Form):
    """Who leaves a post of a unit and who takes it over, from which day. One of the two may be nobody."""

    post = forms.ChoiceField(label=gettext_lazy("Post"))
    leaving = forms.ChoiceField(label=gettext_lazy("Who leaves"), required=False)
    username = forms.CharField(
        label=gettext_lazy("Who takes over: the sign-in name"),
        help_text=gettext_lazy("Leave it empty where the post stays vacant."),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    display_name = forms.CharField(
        label=gettext_lazy("Name to show"),
        help_text=gettext_lazy("Only where the account is new."),
        max_length=80,
        required=False,
    )
    password = forms.CharField(
        label=gettext_lazy("First password"),
        help_text=gettext_lazy("Only where the account is new."),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    from_day = DayField(label=gettext_lazy("From which day on"))
    reason = forms.CharField(
        label=gettext_lazy("Hand-over note"),
        help_text=gettext_lazy("What is open, where the papers are, what to look after. Nothing about persons served."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, terms: Iterable[Appointed], *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["post"].choices = [(post, POSTS[post]) for post in UNIT_POSTS]  # type: ignore[attr-defined]
        names = {term.username: f"{term.display_name} ({POSTS[term.post]})" for term in terms}
        self.fields["leaving"].choices = [("", _("nobody")), *names.items()]  # type: ignore[attr-defined]

    def clean_password(self) -> str:
        """The password of a new account is as good as any."""
        password = str(self.cleaned_data["password"])
        if password:
            validate_password(password)
        return password


@members_only("people.appoint")
def hand_over(request: HttpRequest, code: str) -> HttpResponse:
    """`/posts/<code>/hand-over/`: one leaves a post, another takes it over, in one step."""
    found = unit_or_404(code)
    today = clock.today()
    terms = [term for term in list_terms(code) if term.until_day is None or term.until_day >= today]
    form = HandOverForm(terms, request.POST or None, initial={"from_day": today, "post": request.GET.get("post", "")})
    sent = request.method == "POST" and form.is_valid()
    if sent and (receipt := attempt(form, lambda: _handed_over(request, code, form.cleaned_data))):
        messages.success(request, _("Recorded: entry %(entry)s of the ledger.") % {"entry": receipt.entry})
        return redirect("posts_unit", code)
    crumbs = [Link(_("Posts of units"), reverse("posts_index")), Link(found.name, reverse("posts_unit", args=[code]))]
    context = {
        "head": PageHead(_("Hand over a post"), crumbs, found.name),
        "notice": Notice(
            "calm",
            _("Open work stays with the unit"),
            _(
                "Drafts, agreements, findings and corrections belong to the unit: whoever takes over finds them as they"
                " stand. Whoever leaves can act for the unit until the day before."
            ),
        ),
        "form": form,
        "submit": _("Hand over"),
        "back": reverse("posts_unit", args=[code]),
    }
    return render(request, "asking.html", context)


def _handed_over(request: HttpRequest, code: str, said: dict[str, Any]) -> Receipt:
    return people.hand_over(
        by=request.user,
        unit=code,
        post=said["post"],
        leaving=said["leaving"],
        username=said["username"],
        display_name=said["display_name"],
        password=said["password"],
        from_day=said["from_day"],
        reason=said["reason"],
    )


urlpatterns = [
    path("posts/", index, name="posts_index"),
    path("posts/<str:code>/hand-over/", hand_over, name="posts_hand_over"),
    path("posts/<str:code>/", unit, name="posts_unit"),
]
