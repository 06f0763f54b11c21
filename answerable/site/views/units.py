"""The register of units as pages: the tree on a day, and one unit with its codes, its history and its kin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from answerable.site import clock
from answerable.site.permissions import Holder, Subject
from answerable.site.reads.lineage import Carried, CarriedYear, get_carried_year
from answerable.site.reads.programmes import get_in_force
from answerable.site.reads.units import (
    Identity,
    Unit,
    UnitChange,
    get_unit,
    list_changes,
    list_identities,
    list_identities_of,
    list_registrations,
    list_units,
)
from answerable.site.templatetags.answerable import language, money, shown
from answerable.site.views.guard import holder_of, members_only
from answerable.site.views.parts import (
    Cell,
    Column,
    Empty,
    Fact,
    Filter,
    Link,
    PageHead,
    Paper,
    Step,
    Sum,
    Table,
    Words,
)
from answerable.site.views.returns import open_to
from answerable.values import Text

__all__ = ["KINDS_OF_CHANGE", "day_asked", "href_of", "kind_words", "state_of", "unit_or_404", "urlpatterns"]

PAGE = 150
KINDS_OF_CHANGE = {
    "founded": gettext_lazy("Founded"),
    "renamed": gettext_lazy("Renamed"),
    "moved": gettext_lazy("Moved under another unit"),
    "merged": gettext_lazy("Merged"),
    "split": gettext_lazy("Split"),
    "dissolved": gettext_lazy("Dissolved"),
    "reopened": gettext_lazy("Reopened"),
    "undone": gettext_lazy("Change undone"),
}
"""What each kind of event is called."""


def day_asked(request: HttpRequest) -> date:
    """The day a page is asked for, else today; what is no day counts as not asked."""
    try:
        return parse_date(request.GET.get("on", "").strip()) or clock.today()
    except ValueError:
        return clock.today()


def kind_words(day: date) -> Mapping[str, Text]:
    """What the kinds of unit are called in the programme of a day's year, or else today's."""
    programme = get_in_force(day.year) or get_in_force(clock.today().year)
    return programme.unit_kinds if programme else {}


# -- the tree ----------------------------------------------------------------------------------------------------------


@members_only("units.read")
def index(request: HttpRequest) -> HttpResponse:
    """`/units/`: every unit of the register on a day, each below the one it stands under."""
    day = day_asked(request)
    known, kinds = list_units(day), kind_words(day)
    chosen = [(depth, unit) for depth, unit in _tree(known) if _fits(request, unit, day)]
    page = Paginator(chosen, PAGE).get_page(request.GET.get("page"))
    open_now = sum(unit.is_open_on(day) for unit in known)
    context: dict[str, Any] = {
        "head": _head(holder_of(request).may("units.register")),
        "sums": [
            Sum(_("open on this day"), open_now),
            Sum(_("closed or not open yet"), len(known) - open_now),
        ],
        "filters": _filters(request, day, kinds),
        "table": _table(page.object_list, kinds, list_identities(day), day),
        "page": page,
    }
    if not chosen:
        words = _("Choose less, or another day: a unit is found from the day on from which it is registered.")
        context["empty"] = Empty(_("No unit fits this search"), words)
    return render(request, "listing.html", context)


def _head(may_change: bool) -> PageHead:
    lead = _("Who answers, for whom, and since when: the register on any day.")
    action = Link(_("Record a change of units"), reverse("units_new_change")) if may_change else None
    return PageHead(_("Register of units"), (), lead, action, [Link(_("Nobody left over"), reverse("units_left_over"))])


def unit_or_404(code: str, day: date | None = None) -> Unit:
    """A unit as registered on a day (today if none is said), else as first registered.

    Raises:
        Http404: where the register never had it.
    """
    found = get_unit(code, day) or next(iter(list_registrations(code)), None)
    if found is None:
        raise Http404
    return found


def _tree(units: Iterable[Unit]) -> Iterator[tuple[int, Unit]]:
    """Each unit after the one above it, with how many stand above; one whose way up leads nowhere stands at the top."""
    known = {unit.code: unit for unit in units}
    below: dict[str, list[Unit]] = {}
    for unit in known.values():
        below.setdefault(unit.parent if unit.parent in known else "", []).append(unit)
    waiting = [(0, unit) for unit in reversed(below.get("", []))]
    seen: set[str] = set()
    while waiting:
        depth, unit = waiting.pop()
        seen.add(unit.code)
        yield depth, unit
        waiting += [(depth + 1, one) for one in reversed(below.get(unit.code, [])) if one.code not in seen]
    yield from ((0, unit) for unit in known.values() if unit.code not in seen)


def _fits(request: HttpRequest, unit: Unit, day: date) -> bool:
    words, kind = request.GET.get("unit", "").strip().casefold(), request.GET.get("kind", "")
    state = request.GET.get("state", "")
    named = not words or any(words in text.casefold() for text in (unit.code, unit.name.zh, unit.name.en))
    return named and kind in ("", unit.kind) and state in ("", state_of(unit, day))


def state_of(unit: Unit, day: date) -> str:
    """What a page calls a unit on a day: open, closed, not open yet."""
    if unit.is_open_on(day):
        return "unit_open"
    return "unit_later" if unit.opened and unit.opened > day else "unit_closed"


def _filters(request: HttpRequest, day: date, kinds: Mapping[str, Text]) -> list[Filter]:
    states = [("unit_open", _("in operation")), ("unit_closed", _("dissolved")), ("unit_later", _("not open yet"))]
    return [
        Filter("on", _("On the day"), day.isoformat()),
        Filter("unit", _("Unit, name or code"), request.GET.get("unit", "")),
        Filter("kind", _("Kind"), request.GET.get("kind", ""), list(kinds.items())),
        Filter("state", _("State"), request.GET.get("state", ""), states),
    ]


def _table(
    found: Iterable[tuple[int, Unit]], kinds: Mapping[str, Text], codes: Mapping[str, Identity], day: date
) -> Table:
    columns = [
        Column(_("Unit")),
        Column(_("Kind")),
        Column(_("Compared within")),
        Column(_("Division code")),
        Column(_("Credit code")),
        Column(_("State")),
    ]
    rows = []
    for depth, unit in found:
        known = codes.get(unit.code)
        rows.append(
            [
                Cell(f"{'　' * depth}{shown(unit.name)}", href_of(unit.code), note=f"{'　' * depth}{unit.code}"),
                kinds.get(unit.kind, unit.kind),
                unit.peer_group or "–",
                known.division_code if known and known.division_code else "–",
                known.credit_code if known and known.credit_code else "–",
                Cell(state=state_of(unit, day)),
            ]
        )
    return Table(columns, rows)


def href_of(unit: str) -> str:
    """The page of a unit."""
    return reverse("units_unit", args=[unit])


# -- one unit ----------------------------------------------------------------------------------------------------------


@members_only("units.read")
def unit(request: HttpRequest, code: str) -> HttpResponse:
    """`/units/<code>/`: what a unit is, its codes, how it came to be so, and whom it followed or was followed by."""
    today = day_asked(request)
    found = unit_or_404(code, today)
    names = {one.code: one.name for one in list_units(date.max)}
    changes = [one for one in list_changes() if code in one.units or one.undoes]
    own = {one.number for one in changes if code in one.units}
    history = [one for one in changes if one.number in own or one.undoes in own]
    context = {
        "head": _head_of(found, holder_of(request).may("units.register")),
        "state": state_of(found, today),
        "facts": [*_facts(found, names, kind_words(today)), *_posts(holder_of(request), code)],
        "kin": list(_kin(code, history, names)),
        "registered": _registered(list_registrations(code), names, kind_words(today)),
        "codes": _codes(list_identities_of(code)),
        "steps": [_step(one, names, holder_of(request).may("units.register")) for one in history],
        "below": _below(code, today),
        "carried": _figures(holder_of(request), get_carried_year(code, today)),
    }
    return render(request, "units/unit.html", context)


def _head_of(found: Unit, may_change: bool) -> PageHead:
    action = Link(_("Enter its codes"), reverse("units_codes", args=[found.code])) if may_change else None
    return PageHead(found.name, [Link(_("Register of units"), reverse("units_index"))], found.code, action)


def _facts(found: Unit, names: Mapping[str, Text], kinds: Mapping[str, Text]) -> Iterator[Fact]:
    yield Fact(_("Kind"), kinds.get(found.kind, found.kind))
    if found.parent:
        yield Fact(_("Stands under"), names.get(found.parent, found.parent), href_of(found.parent))
    if found.peer_group:
        yield Fact(_("Compared within"), found.peer_group)
    if found.opened:
        yield Fact(_("Open from"), found.opened)
    if found.closed:
        yield Fact(_("Closed from"), found.closed)
    known = list_identities().get(found.code)
    if known and known.division_code:
        yield Fact(_("Division code"), known.division_code, digest=True)
    if known and known.credit_code:
        yield Fact(_("Credit code"), known.credit_code, digest=True)
    if known and known.contact_post:
        yield Fact(_("Contact post"), known.contact_post)


def _posts(holder: Holder, code: str) -> Iterator[Fact]:
    if holder.may("posts.read", Subject(code)):
        yield Fact(_("Posts"), _("Who holds them, who held them"), reverse("posts_unit", args=[code]))


def _kin(code: str, history: Iterable[UnitChange], names: Mapping[str, Text]) -> Iterator[Fact]:
    """Whom a unit followed and by whom it was followed, by the events that hold."""
    for one in history:
        if one.undone_by or one.kind not in ("merged", "split", "dissolved"):
            continue
        followers = [follower.unit for follower in one.after]
        if code in followers:
            for other in one.before:
                if other != code:
                    yield Fact(_("Took over from"), names.get(other, other), href_of(other))
        elif code in one.before:
            for other in followers:
                yield Fact(_("Carried on by"), names.get(other, other), href_of(other))


def _registered(registered: Iterable[Unit], names: Mapping[str, Text], kinds: Mapping[str, Text]) -> Table:
    columns = [Column(_("From")), Column(_("Name")), Column(_("Kind")), Column(_("Stands under")), Column(_("State"))]
    rows = [
        [
            one.valid_from,
            one.name,
            kinds.get(one.kind, one.kind),
            names.get(one.parent, one.parent or "–"),
            Cell(state=state_of(one, one.valid_from)),
        ]
        for one in registered
    ]
    return Table(columns, rows)


def _codes(identities: Iterable[Identity]) -> Table | None:
    columns = [Column(_("From")), Column(_("Division code")), Column(_("Credit code")), Column(_("Contact post"))]
    rows = [
        [one.valid_from, one.division_code or "–", one.credit_code or "–", one.contact_post or "–"]
        for one in identities
    ]
    return Table(columns, rows) if rows else None


def _step(one: UnitChange, names: Mapping[str, Text], may_undo: bool) -> Step:
    state = "withdrawn" if one.undone_by else "done"
    papers = [Paper(_("Undo this change"), reverse("units_undo_change", args=[one.number]))]
    told = change_in_words(one, names)
    return Step(
        KINDS_OF_CHANGE[one.kind], state, one.on_day, one.number, told, papers if may_undo and not one.undone_by else ()
    )


def change_in_words(one: UnitChange, names: Mapping[str, Text]) -> Words:
    """Who was before, who is after with which share, by which document and why."""
    comma = ", " if language() == "en" else "、"
    before = comma.join(str(shown(names.get(code, code))) for code in one.before)
    uneven = len({follower.share for follower in one.after}) > 1
    after = comma.join(
        f"{shown(names.get(follower.unit, follower.unit))}{f' ({follower.share})' if uneven else ''}"
        for follower in one.after
    )
    arrow = " → " if before and after and before != after else ""
    units = f"{before}{arrow}{after if arrow or not before else ''}"
    said = {"units": units, "basis": one.basis, "reason": one.reason, "by": one.recorded_by_name}
    if one.undoes:
        return _("Undoes %(undoes)s. Why: %(reason)s Recorded by %(by)s.") % {**said, "undoes": one.undoes}
    words = _("%(units)s. Rests on: %(basis)s. Why: %(reason)s Recorded by %(by)s.") % said
    return f"{words} {_('Undone by %(by)s.') % {'by': one.undone_by}}" if one.undone_by else words


def _figures(holder: Holder, carried: CarriedYear | None) -> Table | None:
    """The year's totals, to whoever may read the returns of all the units they come from."""
    if carried is None or not all(open_to(holder, unit, carried.year) for unit in carried.units):
        return None
    caption = _("Totals of %(year)s") % {"year": carried.year}
    columns = [Column(_("Field")), Column(_("As organised then"), True), Column(_("As organised now"), True)]
    rows = [[line.field.title, *(_amount(line, one) for one in (line.then, line.now))] for line in carried.lines]
    return Table(columns, rows, caption)


def _amount(line: Carried, value: int | None) -> object:
    if value is None:
        return "–"
    return money(value) if line.field.measure == "money" else value


def _below(code: str, day: date) -> Table | None:
    found = [one for one in list_units(day) if one.parent == code]
    rows = [[Cell(one.name, href_of(one.code), note=one.code), Cell(state=state_of(one, day))] for one in found]
    return Table([Column(_("Unit")), Column(_("State"))], rows) if rows else None


urlpatterns = [
    path("units/", index, name="units_index"),
    path("units/<str:code>/", unit, name="units_unit"),
]
