"""A programme read as a score sheet: every point with its clause and its rule, every form with its fields."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any, Literal

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.functional import Promise
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from answerable.definition import Form, Programme
from answerable.definition.formula import show
from answerable.definition.given_words import givens
from answerable.definition.limits import limits
from answerable.definition.model import Field, Item, Part
from answerable.definition.topics import OPEN, PROTECTED
from answerable.exchange.citation import citations
from answerable.site import clock
from answerable.site.permissions import Holder
from answerable.site.reads.programmes import (
    Published,
    get_in_force,
    get_programme,
    get_version_before,
    list_programmes,
    list_years,
    standing_of,
)
from answerable.site.reads.proposals import list_proposals
from answerable.site.templatetags.answerable import shown
from answerable.site.templatetags.menu import holder_of
from answerable.site.views.parts import Cell, Column, Empty, Fact, Link, PageHead, Tab, Table
from answerable.values import Text
from answerable.values.number import text_of

Level = Literal["high", "middle", "low"]

MEASURES: dict[str, Promise] = {
    "count": gettext_lazy("count"),
    "money": gettext_lazy("yuan"),
    "days": gettext_lazy("days"),
    "quantity": gettext_lazy("quantity"),
    "flag": gettext_lazy("yes or no"),
}
_OWNERS: dict[str, Promise] = {
    "office": gettext_lazy("Programme office"),
    "specialist": gettext_lazy("Specialist"),
    "unit_finance": gettext_lazy("The unit's finance staff"),
    "unit_personnel": gettext_lazy("The unit's personnel staff"),
}
_USES: dict[str, Promise] = {
    "scored": gettext_lazy("scored"),
    "check": gettext_lazy("checks other fields"),
    "context": gettext_lazy("context only"),
}
_FATES: dict[str, Promise] = {
    "zero": gettext_lazy("no points"),
    "full": gettext_lazy("all points"),
    "exempt": gettext_lazy("left out, the rest is rescaled"),
}
_ABSENT: dict[str, Promise] = {
    "missing": gettext_lazy("missing"),
    "not_applicable": gettext_lazy("not applicable"),
    "suppressed": gettext_lazy("withheld"),
    "undefined": gettext_lazy("cannot be worked out"),
}
_ROUNDINGS: dict[str, Promise] = {
    "half_up": gettext_lazy("halves away from zero"),
    "half_even": gettext_lazy("halves to the even neighbour"),
    "down": gettext_lazy("towards zero"),
    "up": gettext_lazy("away from zero"),
}
_LIMITS: dict[str, Promise] = {
    "bands": gettext_lazy("For some kinds of unit"),
    "part": gettext_lazy("Items left out"),
    "step": gettext_lazy("Grade up or down"),
    "together": gettext_lazy("Adjustments"),
}
_WITHIN: dict[str, Promise] = {
    "kind": gettext_lazy("units of one kind"),
    "peer_group": gettext_lazy("units of one group"),
    "parent": gettext_lazy("units below the same unit"),
}


@dataclass(frozen=True)
class Sheet:
    """One part of the tree of points, as a table of its items."""

    id: str
    title: Text
    points: str
    table: Table


@dataclass(frozen=True)
class FormSheet:
    """One monthly return: when it is due, what it asks, what must hold."""

    title: Text
    facts: list[Fact]
    table: Table
    checks: list[tuple[Text, bool]]


def plain(value: object) -> str:
    """Any value as plain words, for the middle of a sentence."""
    return strip_tags(str(shown(value)))


def cite(programme: Programme, clauses: str | Iterable[str]) -> Text | str:
    """Clauses as a reader cites them; nothing where there is none."""
    named = [clauses] if isinstance(clauses, str) else list(clauses)
    return citations(programme, named) if any(named) else ""


def level_of(programme: Programme, grade: str) -> Level:
    """How a grade is stamped: the best band, the worst, or any other."""
    bands = [band.grade for band in programme.grades.bands]
    if grade == bands[0]:
        return "high"
    return "low" if grade == bands[-1] else "middle"


@login_required
def index(request: HttpRequest) -> HttpResponse:
    """`/programmes/`: the programme in force, or another version by its digest; all versions, and what is proposed."""
    holder, versions = holder_of(request), list_programmes()
    chosen = _chosen(versions, request.GET.get("version", ""))
    context: dict[str, Any] = {
        "proposals": _open_proposals(holder),
        "leads_to_proposals": holder.may("proposals.read"),
    }
    if chosen is None:
        return render(request, "programmes/index.html", context | _nothing(holder))
    programme = get_programme(chosen.digest)
    context |= {"head": _head(holder, chosen, programme), "versions": _versions(versions, chosen)}
    return render(request, "programmes/index.html", context | sheet_of(programme, chosen.published_at))


def _nothing(holder: Holder) -> dict[str, Any]:
    """The page of an installation without a programme."""
    words = _("A programme is a file. One person of the office proposes it, and another publishes it.")
    first = Link(_("Propose the first version"), reverse("proposals_new")) if holder.may("programmes.propose") else None
    return {"head": PageHead(_("Programme")), "empty": Empty(_("No programme is published yet"), words, first)}


def sheet_of(programme: Programme, published_at: datetime | None = None) -> dict[str, Any]:
    """What programmes/_sheet.html needs to show a programme, published or proposed."""
    return {
        "tabs": _tabs(),
        "facts": _facts(programme, published_at),
        "sheets": [_sheet(programme, part) for part in programme.tree.children],
        "adjustments": _adjustments(programme),
        "grades": _grades(programme),
        "vetoes": _vetoes(programme),
        "forms": [_form_sheet(programme, form) for form in programme.forms],
        "findings": _finding_kinds(programme),
        "givens": _givens(programme),
        "indicators": _indicators(programme),
        "sources": _sources(programme),
    }


def _chosen(versions: tuple[Published, ...], digest: str) -> Published | None:
    if digest:
        found = next((one for one in versions if one.digest == digest), None)
        if found is None:
            raise Http404
        return found
    this = clock.today().year
    year = next((year for year in list_years() if year <= this), this)
    programme = get_in_force(year)
    current = next((one for one in versions if programme and one.digest == programme.digest), None)
    return current or next(iter(versions), None)


def _head(holder: Holder, chosen: Published, programme: Programme) -> PageHead:
    others = [Link(_("The file (YAML)"), reverse("programmes_file", args=[chosen.digest]))]
    if get_version_before(programme, chosen.published_at):
        others.append(Link(_("What it changed"), reverse("programmes_changes", args=[chosen.digest])))
    propose = Link(_("Propose a new version"), reverse("proposals_new"))
    action = propose if holder.may("programmes.propose") else None
    return PageHead(programme.title, lead=lead_of(programme), action=action, others=others)


def lead_of(programme: Programme) -> str:
    """A programme in one sentence."""
    return _("Version %(version)s: %(points)s points in %(items)s items, each with its clause and its rule.") % {
        "version": programme.version,
        "points": text_of(programme.tree.points),
        "items": sum(1 for _item in programme.tree.items()),
    }


def _tabs() -> list[Tab]:
    words = (
        ("points", _("Points")),
        ("grades", _("Grades")),
        ("returns", _("Returns")),
        ("findings", _("Findings")),
        ("indicators", _("Indicators")),
        ("sources", _("Sources")),
    )
    return [Tab(word, f"#{name}") for name, word in words]


def _facts(programme: Programme, published_at: datetime | None) -> list[Fact]:
    kinds = [str(shown(programme.unit_kinds[kind])) for kind in programme.assess]
    return [
        Fact(_("Issued by"), programme.office),
        Fact(_("In force"), span_of(programme)),
        Fact(_("Legal basis"), cite(programme, programme.legal_basis)),
        Fact(_("Who is assessed"), _(", ").join(kinds)),
        *([Fact(_("Published"), published_at)] if published_at else []),
        Fact(_("Digest of the file"), programme.digest, digest=True),
    ]


def span_of(version: Programme | Published) -> str:
    """The days a version holds; its end is the first day on which it no longer does."""
    return _("from %(first)s, before %(end)s") % {"first": plain(version.valid_from), "end": plain(version.valid_until)}


def _versions(versions: tuple[Published, ...], chosen: Published) -> Table | None:
    """Every published version with its days; none where the one shown is all there is."""
    if len(versions) == 1:
        return None
    columns = [Column(_("Version")), Column(_("Valid")), Column(_("Published")), Column(_("State"))]
    rows = [
        [
            Cell(
                one.version,
                "" if one == chosen else f"{reverse('programmes_index')}?version={one.digest}",
                "",
                one.title,
            ),
            span_of(one),
            clock.day_of(one.published_at),
            Cell(state=standing_of(one, versions)),
        ]
        for one in versions
    ]
    return Table(columns, rows, _("Versions"))


def _open_proposals(holder: Holder) -> Table | None:
    """What waits for a second person, for those who may read it."""
    found = list_proposals(open_only=True) if holder.may("proposals.read") else ()
    columns = [
        Column(_("Proposal")),
        Column(_("Version")),
        Column(_("Proposed by")),
        Column(_("On")),
        Column(_("State")),
    ]
    rows = [
        [
            Cell(one.number, reverse("proposals_proposal", args=[one.number])),
            one.version,
            one.proposed_by_name,
            clock.day_of(one.proposed_at),
            Cell(state="awaiting"),
        ]
        for one in found
    ]
    return Table(columns, rows, _("Proposed, not in force")) if rows else None


def _sheet(programme: Programme, part: Part | Item) -> Sheet:
    items = list(part.items()) if isinstance(part, Part) else [part]
    columns = [
        Column(_("Item")),
        Column(_("Points"), number=True),
        Column(_("Rule")),
        Column(_("Clause")),
        Column(_("Without a figure")),
    ]
    rows = [
        [
            Cell(item.title, note=_unless_same(programme.indicator(item.indicator).title, item.title)),
            text_of(item.points),
            item.rule.in_words(item.points, programme.indicator(item.indicator).percent),
            cite(programme, item.clause),
            _absent_words(item),
        ]
        for item in items
    ]
    return Sheet(part.id, part.title, text_of(part.points), Table(columns, rows))


def _unless_same(text: Text, other: Text) -> Text | str:
    return "" if shown(text) == shown(other) else text


def _absent_words(item: Item) -> str:
    """What the programme says where the indicator has no value, reasons alike said together."""
    by_fate: dict[str, list[str]] = {}
    for reason, fate in item.absent.items():
        by_fate.setdefault(fate, []).append(str(_ABSENT[reason]))
    if len(by_fate) == 1:
        return str(_FATES[next(iter(by_fate))])
    words, comma = _("%(name)s: %(value)s"), _(", ")
    said = [words % {"name": comma.join(reasons), "value": _FATES[fate]} for fate, reasons in by_fate.items()]
    return _("; ").join(said)


def _adjustments(programme: Programme) -> Table | None:
    if not programme.adjustments:
        return None
    columns = [Column(_("Adjustment")), Column(_("Rule")), Column(_("Clause"))]
    rows = [[one.title, one.in_words(), cite(programme, one.clause)] for one in programme.adjustments]
    return Table(columns, rows)


def _grades(programme: Programme) -> Table:
    bands = programme.grades.bands
    ends = [None, *(band.start for band in bands[:-1])]
    rows = [
        [Cell(band.title, stamp=level_of(programme, band.grade)), _band(band.start, end, programme.tree.points)]
        for band, end in zip(bands, ends, strict=True)
    ]
    rows.append([programme.grades.title("not_rated"), _rated_from(programme.grades.rated_from)])
    for kind, grade, said in limits(programme):
        head = Cell(programme.grades.title(grade), stamp=level_of(programme, grade)) if grade else str(_LIMITS[kind])
        rows.append([head, said])
    return Table([Column(_("Grade")), Column(_("Total"))], rows)


def _band(start: Fraction, end: Fraction | None, full: Fraction) -> str:
    if end is None:
        return _("%(start)s to %(full)s") % {"start": text_of(start), "full": text_of(full)}
    return _("from %(start)s, below %(end)s") % {"start": text_of(start), "end": text_of(end)}


def _rated_from(points: Fraction) -> str:
    return _("fewer than %(points)s points could be assessed") % {"points": text_of(points)}


def _vetoes(programme: Programme) -> Table | None:
    if not programme.vetoes:
        return None
    columns = [Column(_("Veto")), Column(_("Effect")), Column(_("Clause")), Column(_("Legal basis"))]
    rows = [
        [
            one.title,
            programme.effect(one),
            cite(programme, one.clause),
            cite(programme, one.legal_basis),
        ]
        for one in programme.vetoes
    ]
    return Table(columns, rows)


def _form_sheet(programme: Programme, form: Form) -> FormSheet:
    columns = [
        Column(_("Field")),
        Column(_("Measure")),
        Column(_("Topic")),
        Column(_("Filled in by")),
        Column(_("Use")),
    ]
    rows = [
        [
            Cell(field.title, note=field.help or ""),
            Cell(str(MEASURES[field.measure]), note=_bounds(field)),
            topic_of(field.topic),
            str(_OWNERS.get(field.owner, field.owner.replace("_", " "))),
            str(_USES[field.use]),
        ]
        for field in form.fields
    ]
    facts = [
        Fact(_("Due"), _due(form)),
        Fact(_("Asked for by"), str(_OWNERS.get(form.owner, form.owner))),
        Fact(_("Clause"), cite(programme, form.clause)),
        Fact(_("Burden"), _burden(form)),
    ]
    checks = [(check.says, check.severity == "hard") for check in form.checks]
    return FormSheet(form.title, facts, Table(columns, rows), checks)


def _due(form: Form) -> str:
    if form.due_months == 1:
        return _("day %(day)s of the month after") % {"day": form.due_day}
    words = _("day %(day)s of the month %(months)s months after")
    return words % {"day": form.due_day, "months": form.due_months}


def _burden(form: Form) -> str:
    fields = len(form.fields)
    return _("%(fields)s fields a month, %(year)s a year") % {"fields": fields, "year": 12 * fields}


def _bounds(field: Field) -> str:
    """The least and the most a field takes; money in yuan."""
    by = 100 if field.measure == "money" else 1
    if field.measure == "flag" or (field.minimum is None and field.maximum is None):
        return ""
    least = text_of((field.minimum or Fraction(0)) / by)
    if field.maximum is None:
        return _("%(least)s or more") % {"least": least}
    return _("%(least)s to %(most)s") % {"least": least, "most": text_of(field.maximum / by)}


def topic_of(topic: str) -> Text | str:
    """What a topic is called."""
    if topic in OPEN:
        return OPEN[topic]
    return PROTECTED[topic][1] if topic in PROTECTED else topic


def _finding_kinds(programme: Programme) -> Table:
    columns = [Column(_("Kind of finding")), Column(_("Topic")), Column(_("Clause"))]
    rows = [[kind.title, topic_of(kind.topic), cite(programme, kind.clause)] for kind in programme.finding_kinds]
    return Table(columns, rows)


def _givens(programme: Programme) -> Table | None:
    columns = [Column(_("What")), Column(_("Name")), Column(_("Rule")), Column(_("Clause"))]
    rows = [[one.kind, one.title, one.says, cite(programme, one.clause)] for one in givens(programme)]
    return Table(columns, rows) if rows else None


def _indicators(programme: Programme) -> Table:
    columns = [Column(_("Indicator")), Column(_("Name in formulas")), Column(_("Absent figures"))]
    words = {
        "unassessable": _("one is absent: no value"),
        "zero": _("count as 0"),
        "skip": _("the row is left out; %(rows)s rows must remain"),
    }
    rows = [
        [Cell(one.title, note=show(one.formula)), one.id, words[one.missing.do] % {"rows": one.missing.at_least}]
        for one in programme.indicators
    ]
    return Table(columns, rows)


def _within(programme: Programme, within: str) -> str:
    if within in _WITHIN:
        return str(_WITHIN[within])
    return _("units of one kind in the same %(kind)s") % {"kind": shown(programme.unit_kinds[within])}


def _sources(programme: Programme) -> Table:
    rows = [[Cell(one.title, note=one.url), one.number] for one in programme.sources]
    stages = programme.rounding
    caption = _(
        "Rounding: indicators to %(indicator)s, points to %(item)s, totals to %(total)s decimals (%(mode)s)."
    ) % {
        "indicator": stages.indicator.decimals,
        "item": stages.item.decimals,
        "total": stages.total.decimals,
        "mode": _ROUNDINGS[stages.total.mode],
    }
    words = _("%(name)s: %(value)s")
    ranks = [words % {"name": shown(one.title), "value": _within(programme, one.within)} for one in programme.ranks]
    caption = _("%(first)s %(second)s") % {"first": caption, "second": _("; ").join(ranks)}
    return Table([Column(_("Source")), Column(pgettext("of a document", "Number"))], rows, caption)


urlpatterns = [path("programmes/", index, name="programmes_index")]
