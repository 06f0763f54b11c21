"""Trying a change: other numbers of the programme in force, or a proposed version, on the district's own figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from answerable.definition import Part, Programme
from answerable.definition.settings import Setting
from answerable.definition.wording import label
from answerable.exchange.trials import Trial, change_of, moves_csv, through_in_words
from answerable.scoring.moves import Move, Stand
from answerable.site import clock
from answerable.site.permissions import Holder
from answerable.site.reads.programmes import list_years
from answerable.site.reads.proposals import get_proposal
from answerable.site.reads.trials import (
    Basis,
    get_basis,
    get_changed_source,
    list_settings,
    try_numbers,
    try_proposal,
)
from answerable.site.reads.units import Unit, list_units
from answerable.site.templatetags.answerable import shown
from answerable.site.views.grades import year_asked, year_filter
from answerable.site.views.guard import holder_of, members_only
from answerable.site.views.parts import Cell, Column, Empty, Fact, Link, Notice, PageHead, Sum, Table
from answerable.site.views.programmes import level_of, span_of
from answerable.site.views.versions import compared, handed_out
from answerable.values import Text
from answerable.values.issue import Issue, Refused
from answerable.values.number import signed, text_of

__all__ = ["source_tried", "urlpatterns"]


@dataclass(frozen=True)
class Number:
    """One input: a number of the programme, what stands in it, and what is wrong with that."""

    setting: Setting
    value: str
    changed: bool
    issues: Sequence[Issue] = ()


@dataclass(frozen=True)
class Thing:
    """An item, an adjustment or a grade, with its numbers."""

    title: Text
    numbers: Sequence[Number]


@dataclass(frozen=True)
class Group:
    """A part of the programme, folded unless something in it was changed."""

    title: Text
    points: str
    things: Sequence[Thing]

    @property
    def open(self) -> bool:
        """Whether anything in it was changed."""
        return any(one.changed for thing in self.things for one in thing.numbers)


@members_only("trials.read")
def index(request: HttpRequest) -> HttpResponse:
    """`/trials/?year=&set=ADDRESS=VALUE` or `?proposal=`: what it would change for whom; nothing is kept."""
    basis = _basis(request)
    year = basis.year if basis else year_asked(request, list_years())
    context: dict[str, Any] = {"head": _head(), "years": _years(year)}
    if basis is None:
        words = _("A programme must be in force, and the returns of its first month due.")
        empty = Empty(_("There is nothing to try a change on in %(year)s yet") % {"year": year}, words)
        return render(request, "trials/index.html", context | {"empty": empty})
    if request.method == "POST":
        return redirect(_address(basis, _sent(request, basis), fragment="#result"))
    issues: Sequence[Issue] = ()
    trial = None
    try:
        trial = _trial(request, basis)
    except Refused as refused:
        issues = refused.issues
    wanted, proposal = _asked(request), request.GET.get("proposal", "")
    known = {one.address for one in list_settings(basis)}
    beside = [one for one in issues if one.facts.get("address") in known]
    context |= {
        "facts": _facts(basis),
        "issues": [one for one in issues if one not in beside],
        "proposal": proposal,
        "groups": list(_groups(basis, wanted, beside)),
    }
    context |= _result(holder_of(request), basis, trial, wanted, proposal) if trial else {}
    return render(request, "trials/index.html", context)


def _head() -> PageHead:
    lead = _(
        "What other points, targets or grade lines would make of the figures there are. "
        "Nothing is recorded by trying, and nobody's grade changes."
    )
    return PageHead(_("Try a change"), lead=lead)


def _basis(request: HttpRequest) -> Basis | None:
    """That of the year asked for; else of the last that was scored, or the last that has any figures."""
    years = list_years()
    asked = year_asked(request, years)
    tried = [asked] if request.GET.get("year") else [asked, *(year for year in years if year < asked)]
    return next((basis for year in tried if (basis := get_basis(year))), None)


def _years(year: int) -> list[tuple[int, bool]]:
    return year_filter(tuple(one for one in list_years() if one <= clock.today().year), year)


def _facts(basis: Basis) -> list[Fact]:
    facts = [
        Fact(_("Programme in force"), _("version %(version)s") % {"version": basis.programme.version}),
        Fact(_("Period"), basis.period),
        Fact(_("From the ledger up to entry"), basis.entry_index),
    ]
    if basis.run:
        href = f"{reverse('grades_index')}?year={basis.year}&run={basis.run.number}"
        facts.insert(0, Fact(_("Figures of run"), basis.run.number, href))
    return facts


# -- what is asked -----------------------------------------------------------------------------------------------------


def _sent(request: HttpRequest, basis: Basis) -> dict[str, str]:
    """The numbers of the form that are not what the programme says; an empty one stays as it is."""
    given = [(one, request.POST.get(one.address, "").strip()) for one in list_settings(basis)]
    return {one.address: value for one, value in given if value not in ("", one.value)}


def _asked(request: HttpRequest) -> dict[str, str]:
    """Numbers of the address, whether or not they can be: what is shown in the form."""
    pairs = (text.partition("=") for text in request.GET.getlist("set"))
    return {address.strip(): value.strip() for address, _equals, value in pairs}


def _address(basis: Basis, wanted: Mapping[str, str], name: str = "trials_index", fragment: str = "") -> str:
    query = QueryDict(mutable=True)
    query["year"] = str(basis.year)
    query.setlist("set", [f"{address}={value}" for address, value in wanted.items()])
    return f"{reverse(name)}?{query.urlencode(safe='=')}{fragment}"


def _trial(request: HttpRequest, basis: Basis) -> Trial | None:
    number = request.GET.get("proposal", "")
    if number:
        if get_proposal(number) is None:
            raise Http404
        return try_proposal(basis, number)
    texts = request.GET.getlist("set")
    return try_numbers(basis, change_of(texts)) if texts else None


def _groups(basis: Basis, wanted: Mapping[str, str], issues: Sequence[Issue]) -> Iterator[Group]:
    """The numbers of the programme by its parts, then those outside its tree."""
    by_thing: dict[tuple[str, str], list[Number]] = {}
    for one in list_settings(basis):
        wrong = [issue for issue in issues if issue.facts["address"] == one.address]
        number = Number(one, wanted.get(one.address, one.value), one.address in wanted, wrong)
        by_thing.setdefault((one.section, one.inside), []).append(number)
    for part in basis.programme.tree.children:
        items = part.items() if isinstance(part, Part) else [part]
        found = [by_thing.pop(("tree", item.id)) for item in items]
        yield Group(part.title, text_of(part.points), _things(found))
    for section in dict.fromkeys(section for section, _inside in by_thing):
        found = [numbers for (of, _inside), numbers in by_thing.items() if of == section]
        yield Group(_begun(label(section)), "", _things(found))


def _things(found: Iterable[Sequence[Number]]) -> list[Thing]:
    return [Thing(_begun(numbers[0].setting.of), numbers) for numbers in found]


def _begun(words: Text) -> Text:
    """Words that stand by themselves begin with a capital."""
    return Text(zh=words.zh, en=words.en[:1].upper() + words.en[1:])


# -- what comes of it --------------------------------------------------------------------------------------------------


def _result(holder: Holder, basis: Basis, trial: Trial, wanted: Mapping[str, str], proposal: str) -> dict[str, Any]:
    names = {unit.code: unit for unit in list_units()}
    movers = [one for one in trial.moves.units if one.changes_grade]
    others = [one for one in trial.moves.units if not one.changes_grade and (one.by or one.changes_place)]
    ways = {"down": 0, "up": 1, "aside": 2}
    movers.sort(key=lambda one: (ways[trial.moves.way(one)], -abs(one.by or 0), one.unit))
    others.sort(key=lambda one: (-abs(one.by or 0), one.unit))
    return {
        "trial": trial,
        "notices": list(_notices(basis, trial)),
        "comparison": compared(trial.was, trial.would),
        "sums": _sums(trial),
        "crossings": _crossings(trial) if movers else None,
        "movers": _moved(trial, movers, names) if movers else None,
        "others": _moved(trial, others, names) if others else None,
        "count_of_others": len(others),
        "links": list(_links(holder, basis, trial, wanted, proposal)),
    }


def _notices(basis: Basis, trial: Trial) -> Iterator[Notice]:
    if not trial.moves.touched:
        words = _("No unit's points, total, grade or place differs: what was changed does not bear on these figures.")
        yield Notice("calm", _("Not one figure differs"), words)
    before, after = trial.was.tree.points, trial.would.tree.points
    if before != after:
        words = _("The grades begin at the same points, now of another whole. Move points between items to keep it.")
        points = {"before": text_of(before), "after": text_of(after)}
        yield Notice("wait", _("All points together are %(after)s, not %(before)s") % points, words)
    if not (trial.would.valid_from <= basis.period.start.day(1) < trial.would.valid_until):
        words = _("It would be in force %(days)s; here it is tried on figures of another year.")
        title = _("The version is for another year")
        yield Notice("calm", title, words % {"days": span_of(trial.would)})


def _sums(trial: Trial) -> list[Sum]:
    found = trial.moves
    sums = [
        Sum(_("better grade"), found.count("up")),
        Sum(_("worse grade"), found.count("down")),
        Sum(_("another place"), sum(one.changes_place for one in found.units)),
        Sum(_("units in all"), len(found.units)),
    ]
    if found.count("aside"):
        sums.insert(2, Sum(_("come into or out of grading"), found.count("aside")))
    return sums


def _crossings(trial: Trial) -> Table:
    """Grades before in rows, grades after in columns: how many units."""
    found = trial.moves.crossings
    befores, afters = ([*dict.fromkeys(grade for grade in _in_order(trial, at))] for at in (0, 1))
    columns = [Column(_("Before")), *(Column(_title(trial.would, grade), number=True) for grade in afters)]
    rows = [
        [_title(trial.was, before), *(found.get((before, after), 0) or "–" for after in afters)] for before in befores
    ]
    return Table(columns, rows, _("From which grade to which: rows before, columns after"))


def _in_order(trial: Trial, at: int) -> list[str]:
    held = {pair[at] for pair in trial.moves.crossings}
    return [grade for grade in (*trial.moves.order, "not_rated", "") if grade in held]


def _title(programme: Programme, grade: str) -> Text | str:
    return programme.grades.title(grade) if grade else _("not assessed")


def _moved(trial: Trial, moves: Iterable[Move], names: Mapping[str, Unit]) -> Table:
    columns = [
        Column(_("Unit")),
        Column(_("Total before"), number=True),
        Column(_("Total after"), number=True),
        Column(_("Grade before")),
        Column(_("Grade after")),
        Column(_("Place")),
        Column(_("Through")),
    ]
    return Table(columns, [_move(trial, one, names) for one in moves])


def _move(trial: Trial, move: Move, names: Mapping[str, Unit]) -> list[object]:
    kinds = {**trial.was.unit_kinds, **trial.would.unit_kinds}
    name = names[move.unit].name if move.unit in names else move.unit
    return [
        Cell(name, note=f"{move.unit} · {shown(kinds[move.kind])}"),
        _total(trial.was, move.before),
        Cell(_total(trial.would, move.after), note=signed(trial.would.rounding.total.text(move.by)) if move.by else ""),
        _grade(trial.was, move.before),
        _grade(trial.would, move.after),
        _place(move),
        through_in_words(trial, move) or "",
    ]


def _total(programme: Programme, stand: Stand | None) -> str:
    return "–" if stand is None or stand.total is None else programme.rounding.total.text(stand.total)


def _grade(programme: Programme, stand: Stand | None) -> Cell:
    if stand is None or stand.grade not in programme.grades.order:
        return Cell(_title(programme, stand.grade if stand else ""))
    return Cell(programme.grades.title(stand.grade), stamp=level_of(programme, stand.grade))


def _place(move: Move) -> str:
    before, after = (str(one.place) if one and one.place else "–" for one in (move.before, move.after))
    return before if before == after else f"{before}\N{NO-BREAK SPACE}→\N{NO-BREAK SPACE}{after}"


def _links(holder: Holder, basis: Basis, trial: Trial, wanted: Mapping[str, str], proposal: str) -> Iterator[Link]:
    if trial.source is not None:
        if holder.may("programmes.propose"):
            yield Link(_("Propose this as a new version"), _address(basis, wanted, "proposals_new"))
        yield Link(_("The changed file (YAML)"), _address(basis, wanted, "trials_file"))
    every = f"{reverse('trials_moves')}?year={basis.year}&proposal={proposal}"
    yield Link(_("Every unit (CSV)"), every if proposal else _address(basis, wanted, "trials_moves"))


def source_tried(request: HttpRequest) -> str:
    """The file with the numbers of the address (`?year=&set=`); empty where there are none, or they cannot be."""
    basis, texts = _basis(request), request.GET.getlist("set")
    try:
        return get_changed_source(basis, change_of(texts)) if basis and texts else ""
    except Refused:
        return ""


@members_only("trials.read")
def file(request: HttpRequest) -> HttpResponse:
    """`/trials/programme.yaml?year=&set=`: the file of the programme in force with the numbers tried."""
    source = source_tried(request)
    if not source:
        raise Http404
    return handed_out(source, "tried.yaml")


@members_only("trials.read")
def moved(request: HttpRequest) -> HttpResponse:
    """`/trials/moves.csv?year=&set=`, or `?proposal=`: every unit before and after."""
    basis = _basis(request)
    try:
        trial = _trial(request, basis) if basis else None
    except Refused as refused:
        raise Http404 from refused
    if trial is None:
        raise Http404
    answer = HttpResponse(moves_csv(trial), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = content_disposition_header(True, "moves.csv") or "attachment"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


urlpatterns = [
    path("trials/", index, name="trials_index"),
    path("trials/programme.yaml", file, name="trials_file"),
    path("trials/moves.csv", moved, name="trials_moves"),
]
