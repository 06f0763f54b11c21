"""Why a unit has its score: the verdict, what would change the grade, and a page for each item of the tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _

from answerable.definition import Programme
from answerable.definition.formula import ColumnOf, Name, show, walk
from answerable.site import clock
from answerable.site.reads.explanations import Explained, get_explanation, get_since, get_standing
from answerable.site.reads.grades import Run, get_place, get_run, get_scorecard
from answerable.site.reads.programmes import list_years
from answerable.site.reads.returns import list_versions
from answerable.site.templatetags.answerable import shown
from answerable.site.views.guard import allow, members_only
from answerable.site.views.next_grade import bilingual, counted, enough, items, lost, margin, short, value_words
from answerable.site.views.parts import Cell, Column, Fact, Link, Notice, PageHead, ScoreLine, Table, Verdict
from answerable.site.views.programmes import cite, level_of
from answerable.site.views.since import Section, section
from answerable.site.views.sources import Rows, is_money, name_of, says_itself, tables
from answerable.values import Text
from answerable.values.canonical import canonical_json
from answerable.values.number import scaled_text

__all__ = ["urlpatterns"]

TODAY = "today"
"""Stands in the address for a run: how the unit stands now, which is no grade."""

_STATES = {
    "missing": "missing",
    "suppressed": "suppressed",
    "not_applicable": "not_applicable",
    "undefined": "not_assessable",
    "exempt": "not_assessable",
}

Node = Mapping[str, Any]


@dataclass(frozen=True)
class Why:
    """One item as its page shows it: from the clause to the points, and the rows behind them."""

    id: str
    title: Text
    got: str | None
    available: str
    facts: list[Fact]
    rule: Text
    indicator: Text
    value: str
    formula: str
    filled: str
    points_formula: str
    points_filled: str
    decision: Text | None
    names: list[Fact]
    made_of: Table | None
    sources: list[Table]
    left_out: list[Table]
    href: str = ""
    state: str = ""


@dataclass(frozen=True)
class Around:
    """The explanation with where it stands: the run, its address, and how often each return had been filed by then."""

    explained: Explained
    run: Run | None
    document: Node
    versions: Mapping[tuple[str, str], int] = field(default_factory=dict)

    @property
    def programme(self) -> Programme:
        return self.explained.programme

    @property
    def run_name(self) -> str:
        return self.run.number if self.run else TODAY

    def href(self, *more: str) -> str:
        """The address of the unit's page, or of one of its items."""
        name = "grades_item" if more else "grades_unit"
        return reverse(name, args=[self.run_name, self.explained.unit.code, *more])


# -- pages -------------------------------------------------------------------------------------------------------------


@members_only("grades.read")
def unit(request: HttpRequest, number: str, code: str) -> HttpResponse:
    """`/grades/<run>/<unit>/`: the verdict and every item; `?whole=1` has every reason on one page, to print."""
    around = _around(request, number, code)
    document = around.document
    whole = request.GET.get("whole") == "1"
    context = {
        "head": _head(around, whole),
        "verdict": _verdict(around),
        "notices": list(_notices(around)),
        "lines": list(_lines(around, document["tree"]["children"])),
        "adjustments": _adjustments(around),
        "is_standing": around.run is None,
        "short": short(around.document, around.programme.grades.order[0], around.run is None),
        "margin": margin(around.document) if around.run else "",
        "lost": lost(around.document, around.href, around.run is not None),
        "facts": _run_facts(around),
        "since": _since(around),
        "whys": [_why(around, node) for node in _reasons(document)] if whole else [],
    }
    return render(request, "grades/unit.html", context)


@members_only("grades.read")
def item(request: HttpRequest, number: str, code: str, node: str) -> HttpResponse:
    """`/grades/<run>/<unit>/<node>/`: one item from its clause to its rows."""
    around = _around(request, number, code)
    reasons = list(_reasons(around.document))
    position = next((at for at, one in enumerate(reasons) if one["id"] == node), None)
    if position is None:
        raise Http404
    why = _why(around, reasons[position])
    beside = {
        name: Link(bilingual(reasons[at]["title"]), around.href(reasons[at]["id"]))
        for name, at in (("before", position - 1), ("after", position + 1))
        if 0 <= at < len(reasons)
    }
    crumbs = [*_crumbs(around), Link(around.explained.unit.name, around.href())]
    head = PageHead(why.title, crumbs)
    return render(request, "grades/item.html", {"head": head, "why": why, **beside})


@members_only("grades.read")
def document(request: HttpRequest, number: str, code: str) -> HttpResponse:
    """`/grades/<run>/<unit>/explanation.json`: the same as canonical JSON, for machines."""
    around = _around(request, number, code)
    return HttpResponse(canonical_json(dict(around.document)) + b"\n", content_type="application/json")


def _around(request: HttpRequest, number: str, code: str) -> Around:
    allow(request, "grades.read", unit=code)
    run = get_run(number) if number != TODAY else None
    if run is None and number != TODAY:
        raise Http404
    explained = get_explanation(code, run) if run else _standing(request, code)
    if explained is None:
        raise Http404
    return Around(explained, run, explained.explanation.document, _versions(explained, run))


def _standing(request: HttpRequest, code: str) -> Explained | None:
    """How the unit stands in the year asked for, else in the last year of which anything is due by now."""
    asked, this = request.GET.get("year", ""), clock.today().year
    years = [int(asked)] if asked.isdigit() else [year for year in list_years() if year <= this]
    return next((found for year in years if (found := get_standing(code, year))), None)


def _versions(explained: Explained, run: Run | None) -> dict[tuple[str, str], int]:
    """Which version of each return counted: the last one received by the time of the run."""
    filed = list_versions(explained.unit.code, explained.period.start.year)
    return {(form, month): version for form, month, version, at in filed if run is None or at <= run.run_at}


# -- the whole score ---------------------------------------------------------------------------------------------------


def _crumbs(around: Around) -> list[Link]:
    if around.run is None:
        return []
    address = f"{reverse('grades_index')}?year={around.run.year}&run={around.run.number}"
    return [Link(_("Scores and grades"), address)]


def _head(around: Around, whole: bool) -> PageHead:
    explained = around.explained
    kind = shown(around.programme.unit_kinds[explained.unit.kind])
    lead = _("%(kind)s %(code)s, %(period)s, “%(programme)s”") % {
        "kind": kind,
        "code": explained.unit.code,
        "period": shown(explained.period),
        "programme": shown(around.programme.title),
    }
    back = Link(_("Items only"), around.href())
    every = Link(_("Every reason on one page"), around.href() + "?whole=1")
    return PageHead(explained.unit.name, _crumbs(around), lead, others=[back if whole else every])


def _verdict(around: Around) -> Verdict:
    said, programme = around.document, around.programme
    if around.run is None:
        return Verdict(said["total"], said["of"], place=_("As things stand today. This is no grade."))
    grade, level = bilingual(said["grade_title"]), level_of(programme, said["grade"])
    return Verdict(said["total"], said["of"], grade, level, shown(around.explained.period), _place(around))  # type: ignore[arg-type]


def _place(around: Around) -> str:
    place, of = get_place(around.run, _code(around)) if around.run else (None, None)
    if place is None or not around.programme.ranks:
        return ""
    words = {"rank": shown(around.programme.ranks[0].title), "place": place, "of": of}
    return _("%(rank)s: %(place)s of %(of)s") % words


def _notices(around: Around) -> Iterator[Notice]:
    said = around.document
    if around.run and not around.run.confirmed:
        words = _("It becomes final when somebody of the leading group confirms it.")
        yield Notice("wait", _("Computed, not confirmed"), words)
    for veto in said["vetoes"]:
        yield _veto(around, veto)
    for step in said["steps"]:
        words = _("By %(clause)s. %(count)s.") % {
            "clause": shown(cite(around.programme, step["clause"])),
            "count": counted(step["indicator"]),
        }
        yield Notice("calm", str(shown(bilingual(step["says"]))), words)
    if said["grade_before_quota"] != said["grade"]:
        before = shown(around.programme.grades.title(said["grade_before_quota"]))
        words = _("The total reaches “%(before)s”, whose places are all taken by units with higher totals.")
        yield Notice("wait", _("No place left in the better grade"), words % {"before": before})
    for part in _parts(said["tree"]):
        if part["note"]:
            yield Notice("calm", _("Some items could not be assessed"), bilingual(part["note"]))
    if said["rescaled"]:
        words = _("%(got)s points were got of the %(assessable)s that could be assessed; of %(of)s that is %(total)s.")
        figures = {"got": said["tree"]["points"], "total": said["total"]}
        figures |= {"of": said["of"], "assessable": said["assessable"]}
        yield Notice("calm", _("Some items could not be assessed"), words % figures)


def _parts(part: Node) -> Iterator[Node]:
    yield part
    for child in part["children"]:
        if "children" in child:
            yield from _parts(child)


def _veto(around: Around, veto: Node) -> Notice:
    words = _("By %(clause)s and %(basis)s: %(effect)s. %(count)s. Without it: “%(before)s”.") % {
        "clause": shown(cite(around.programme, veto["clause"])),
        "basis": shown(cite(around.programme, veto["legal_basis"])),
        "effect": shown(bilingual(veto["effect"])),
        "count": counted(veto["indicator"]),
        "before": shown(around.programme.grades.title(around.document["grade_before_veto"])),
    }
    title = _("Veto: %(title)s") % {"title": shown(bilingual(veto["title"]))}
    return Notice("bad", title, words, Link(_("See the findings of this unit"), _findings(around)))


def _findings(around: Around) -> str:
    return f"{reverse('findings_index')}?year={around.explained.period.start.year}&unit={_code(around)}"


def _code(around: Around) -> str:
    return around.explained.unit.code


def _lines(around: Around, nodes: list[Node]) -> Iterator[ScoreLine]:
    """Parts and items in order, a part before what is in it."""
    for node in nodes:
        title = bilingual(node["title"])
        if "children" in node:
            yield ScoreLine(title, node["points"], node["of"], part=True)
            yield from _lines(around, node["children"])
        else:
            yield ScoreLine(title, node["points"], node["of"], around.href(node["id"]), state=_state(node))


def _adjustments(around: Around) -> Table | None:
    """Points outside the tree, each with its rule."""
    said = around.document["adjustments"]
    if not said:
        return None
    columns = [Column(_("Adjustment")), Column(_("Points"), number=True), Column(_("Rule"))]
    rows = [
        [Cell(bilingual(node["title"]), around.href(node["id"])), node["points"] or "–", bilingual(node["rule"])]
        for node in said
    ]
    return Table(columns, rows)


def _state(node: Node) -> str:
    """How much of an item was got, as a state."""
    if node["points"] is None:
        return _STATES.get(node["state"], "not_assessable")
    got, of = Decimal(node["points"]), Decimal(node["of"])
    if got >= of:
        return "all_points"
    return "some_points" if got > 0 else "no_points"


def _since(around: Around) -> Section | None:
    """What changed since the run before, where there is one."""
    found = get_since(around.explained, around.run) if around.run else None
    return section(found, around.programme, _code(around)) if found else None


def _run_facts(around: Around) -> list[Fact]:
    explained = around.explained
    json = reverse("grades_json", args=[around.run_name, explained.unit.code])
    facts = [Fact(_("Run"), around.run.number)] if around.run else []
    return [
        *facts,
        Fact(_("From the ledger up to entry"), explained.entry_index),
        Fact(_("Digest of the programme"), explained.programme.digest, digest=True),
        Fact(_("For machines"), _("this explanation as JSON"), href=json),
    ]


# -- one item ----------------------------------------------------------------------------------------------------------


def _reasons(document: Node) -> Iterator[Node]:
    """Every node that has an indicator: items, then adjustments."""
    yield from items(document)
    yield from document["adjustments"]


def _why(around: Around, node: Node) -> Why:
    indicator, programme = node["indicator"], around.programme
    sources, left_out = tables(Rows(programme, _code(around), around.versions), indicator)
    decision = node.get("decision")
    return Why(
        id=node["id"],
        title=bilingual(node["title"]),
        got=node["points"],
        available=node.get("of", ""),
        facts=[
            Fact(_("Clause"), cite(programme, node["clause"])),
            *(enough(node, around.document) if around.run else ()),
        ],
        rule=bilingual(node["rule"]),
        indicator=bilingual(indicator["title"]),
        value=value_words(indicator),
        formula=indicator["formula"],
        filled=indicator["formula_with_values"],
        points_formula=node.get("formula", ""),
        points_filled=node.get("formula_with_values") or "",
        decision=bilingual(decision) if decision else None,
        names=_names(around, indicator["id"]),
        made_of=_made_of(around, indicator["id"]),
        sources=sources,
        left_out=left_out,
        href=around.href(node["id"]),
        state=_state(node) if "of" in node else "",
    )


def _names(around: Around, indicator: str) -> list[Fact]:
    """What the names in the formula are called; fen are said to be fen."""
    programme = around.programme
    read = [part for part in walk(programme.indicator(indicator).formula) if isinstance(part, ColumnOf)]
    columns = dict.fromkeys((part.table, part.column) for part in read if not says_itself(part.column))
    names = [Fact(f"{table}.{column}", name_of(programme, table, column), digest=True) for table, column in columns]
    if any(is_money(programme, *column) for column in columns):
        names.append(Fact(_("Money"), _("in formulas in fen, in the table in yuan")))
    return names


def _made_of(around: Around, indicator: str) -> Table | None:
    """The indicators this one is computed from, with their values, and the items that show their rows."""
    programme = around.programme
    parts = [part.name for part in walk(programme.indicator(indicator).formula) if isinstance(part, Name)]
    named = [programme.indicator(name) for name in dict.fromkeys(parts) if name in _known(programme)]
    if not named:
        return None
    values = _indicator_values(around)
    pages = {one["indicator"]["id"]: around.href(one["id"]) for one in _reasons(around.document)}
    columns = [Column(_("Made of")), Column(_("Value"), number=True)]
    rows = [
        [Cell(one.title, pages.get(one.id, ""), note=f"{one.id} = {show(one.formula)}"), values.get(one.id, "–")]
        for one in named
    ]
    return Table(columns, rows)


def _known(programme: Programme) -> set[str]:
    return {one.id for one in programme.indicators}


def _indicator_values(around: Around) -> dict[str, str]:
    """Values of the unit's indicators: those of its items, and in a run those that only others are made of."""
    values = {one["indicator"]["id"]: value_words(one["indicator"]) for one in _reasons(around.document)}
    if around.run is None:
        return values
    table = get_scorecard(around.run).tables["indicators"]
    decimals = table.schema.column("value").decimals
    for row in table.rows():
        if row["unit"] == _code(around) and isinstance(row["value"], int):
            known = around.programme.indicator(str(row["indicator"]))
            said = {"value": scaled_text(row["value"], decimals), "percent": known.percent}
            values.setdefault(known.id, value_words(said))
    return values


urlpatterns = [
    path("grades/<str:number>/<str:code>/", unit, name="grades_unit"),
    path("grades/<str:number>/<str:code>/explanation.json", document, name="grades_json"),
    path("grades/<str:number>/<str:code>/<str:node>/", item, name="grades_item"),
]
