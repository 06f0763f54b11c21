"""The score table of a run, computing scores, and the leading group's confirmation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from answerable.definition import Programme
from answerable.site import clock
from answerable.site.actions import grades
from answerable.site.permissions import Holder
from answerable.site.reads.grades import Run, ScoreRow, ScoreTable, get_run, get_score_table, list_runs
from answerable.site.reads.ledger import get_last_index
from answerable.site.reads.notices import get_notice_of
from answerable.site.reads.programmes import get_elapsed, get_in_force, list_years
from answerable.site.templatetags.answerable import language, shown
from answerable.site.views.guard import allow, attempt, holder_of, members_only, sees_all
from answerable.site.views.parts import (
    Cell,
    Column,
    Empty,
    Fact,
    Filter,
    Link,
    Notice,
    PageHead,
    Question,
    Sum,
    Table,
)
from answerable.site.views.programmes import level_of, plain
from answerable.values.period import Period

__all__ = ["run_facts", "standings", "urlpatterns", "year_asked", "year_filter"]

PAGE = 45
"""Units on one page of the office's table; `?all=1` has every unit on one."""


# -- the table ---------------------------------------------------------------------------------------------------------


@members_only("grades.read")
def index(request: HttpRequest) -> HttpResponse:
    """`/grades/`: the last run of a year, or the one named; a unit's posts see their own units only."""
    holder = holder_of(request)
    years = list_years()
    year = year_asked(request, years)
    runs = list_runs(year)
    run = _run_asked(request, runs)
    context: dict[str, Any] = {"head": _head(holder, year, run), "years": year_filter(years, year)}
    if run is None:
        return render(request, "grades/index.html", context | {"empty": _nothing_yet(holder, year)})
    table = get_score_table(run)
    mine = None if sees_all(holder) else holder.units
    context |= standings(request, table, units=mine, per_page=PAGE)
    context |= {
        "facts": run_facts(run),
        "sums": sums_of(table) if mine is None else [],
        "runs": _runs_table(runs, run) if mine is None and len(runs) > 1 else None,
        "notice": _not_final(run),
    }
    return render(request, "grades/index.html", context)


def year_asked(request: HttpRequest, years: tuple[int, ...]) -> int:
    """`?year=`, else the last that was scored, else the last with a programme."""
    asked = request.GET.get("year", "")
    if asked.isdecimal():
        return int(asked)
    this = clock.today().year
    scored = next((run.year for run in list_runs()), None)
    return scored or next((year for year in years if year <= this), this)


def _run_asked(request: HttpRequest, runs: tuple[Run, ...]) -> Run | None:
    asked = request.GET.get("run", "")
    if not asked:
        return next(iter(runs), None)
    found = next((run for run in runs if run.number == asked), None)
    if found is None:
        raise Http404
    return found


def _head(holder: Holder, year: int, run: Run | None) -> PageHead:
    action, others = None, []
    compute = Link(_("Compute scores"), f"{reverse('grades_run')}?year={year}")
    if holder.may("grades.run"):
        action = compute if run is None else None
        others = [] if run is None else [compute]
    if run and not run.confirmed and holder.may("grades.confirm"):
        action = Link(_("Confirm the grades"), reverse("grades_confirm", args=[run.number]))
    notice = get_notice_of(run.number) if run and run.confirmed else None
    if notice:
        others.append(Link(_("The bulletin"), reverse("notices_bulletin", args=[notice.number])))
    elif run and run.confirmed and holder.may("notices.publish"):
        action = Link(_("Publish the bulletin"), reverse("notices_publish", args=[run.number]))
    lead = _("What each unit got of each part, and its grade. Every total leads to its reasons.")
    return PageHead(_("Scores and grades"), lead=lead, action=action, others=others)


def year_filter(years: tuple[int, ...], year: int) -> list[tuple[int, bool]]:
    """The years to choose from, where there are several, and which is shown."""
    return [(one, one == year) for one in years] if len(years) > 1 else []


def _nothing_yet(holder: Holder, year: int) -> Empty:
    words = _("Scores are computed by the programme office from the facts in the ledger, as often as it likes.")
    action = None
    if holder.may("grades.run"):
        action = Link(_("Compute scores"), f"{reverse('grades_run')}?year={year}")
    elif holder.units:
        words = _("Until then you can see how your unit stands today; that is no grade.")
        action = Link(_("How we stand today"), reverse("grades_unit", args=["today", holder.units[0]]))
    return Empty(_("No scores of %(year)s yet") % {"year": year}, words, action)


def _not_final(run: Run) -> Notice | None:
    if run.confirmed:
        return None
    return Notice(
        "wait",
        _("Computed, not confirmed"),
        _("These grades are not final until the leading group has confirmed them."),
    )


def run_state(run: Run) -> Cell:
    """Where a run stands."""
    return Cell(pgettext("of grades", "confirmed"), state="done") if run.confirmed else Cell(state="computed")


def run_facts(run: Run) -> list[Fact]:
    """What a run was computed from and came to, so that anyone can compute it again."""
    facts = [
        Fact(_("Run"), run.number),
        Fact(_("Period"), run.period),
        Fact(_("Computed"), _by(run.run_by_name, run.run_at)),
        Fact(_("From the ledger up to entry"), run.entry_index),
    ]
    if run.confirmed:
        facts.append(Fact(_("Confirmed"), _by(run.confirmed.by_name, run.confirmed.at)))
        facts.append(Fact(_("Reason"), run.confirmed.reason))
    return [
        *facts,
        Fact(_("Digest of the programme"), run.programme_digest, digest=True),
        Fact(_("Digest of the facts"), run.snapshot_digest, digest=True),
        Fact(_("Digest of the result"), run.scorecard_digest, digest=True),
    ]


def _by(name: str, at: object) -> str:
    return _("%(name)s, %(at)s") % {"name": name, "at": plain(at)}


def sums_of(table: ScoreTable) -> list[Sum]:
    """All units, and how many have each grade."""
    return [Sum(_("Units"), table.run.units), *(Sum(one.title, one.count) for one in table.counts)]


def _runs_table(runs: tuple[Run, ...], current: Run) -> Table:
    columns = [
        Column(_("Run")),
        Column(_("Period")),
        Column(_("Computed")),
        Column(_("Entry"), number=True),
        Column(_("State")),
    ]
    rows = [
        [
            Cell(run.number, "" if run == current else f"?year={run.year}&run={run.number}"),
            run.period,
            Cell(run.run_at, note=run.run_by_name),
            run.entry_index,
            run_state(run),
        ]
        for run in runs
    ]
    return Table(columns, rows)


# -- rows, sorted and chosen: the board of the public uses them too ----------------------------------------------------


def standings(
    request: HttpRequest,
    table: ScoreTable,
    units: tuple[str, ...] | None = None,
    with_parts: bool = True,
    linked: bool = True,
    per_page: int = 0,
) -> dict[str, Any]:
    """Filters and table of a run's units, as the address asks; of some units only where they are named."""
    rows = [row for row in table.rows if units is None or row.unit in units]
    chosen = _sorted(request, [row for row in rows if _fits(request, row)])
    size = per_page if per_page and "all" not in request.GET else max(len(chosen), 1)
    page = Paginator(chosen, size).get_page(request.GET.get("page"))
    lines = [_row(table, row, with_parts, linked) for row in page.object_list]
    return {
        "filters": _filters(request, table, rows) if len(rows) > 5 else [],
        "table": Table(_columns(request, table, with_parts), lines),
        "page": page,
        "shown_units": len(chosen),
    }


def _filters(request: HttpRequest, table: ScoreTable, rows: list[ScoreRow]) -> list[Filter]:
    kinds = {row.kind for row in rows}
    titles = table.programme.unit_kinds
    return [
        Filter("name", _("Name or code"), request.GET.get("name", "")),
        Filter(
            "kind",
            _("Kind"),
            request.GET.get("kind", ""),
            [(kind, titles[kind]) for kind in table.programme.assess if kind in kinds],
        ),
        Filter("grade", _("Grade"), request.GET.get("grade", ""), [(one.grade, one.title) for one in table.counts]),
    ]


def _fits(request: HttpRequest, row: ScoreRow) -> bool:
    name = request.GET.get("name", "").strip().casefold()
    kind, grade = request.GET.get("kind", ""), request.GET.get("grade", "")
    named = not name or any(name in text.casefold() for text in (row.unit, row.name.zh, row.name.en))
    return named and kind in ("", row.kind) and grade in ("", row.grade)


def _sorted(request: HttpRequest, rows: list[ScoreRow]) -> list[ScoreRow]:
    asked = request.GET.get("sort", "")
    if not asked:
        return rows
    key = _key(asked.removeprefix("-"))
    held = [row for row in rows if key(row) is not None]
    without = [row for row in rows if key(row) is None]
    return sorted(held, key=key, reverse=asked.startswith("-")) + without


def _key(name: str) -> Callable[[ScoreRow], Any]:
    if name == "total":
        return lambda row: float(row.total) if row.total else None
    if name == "place":
        return lambda row: row.place
    if name == "grade":
        return lambda row: row.grade
    if name == "unit":
        return lambda row: row.name.in_language(language())
    return lambda row: next((float(part.points) for part in row.parts if part.id == name and part.points), None)


def _columns(request: HttpRequest, table: ScoreTable, with_parts: bool) -> list[Column]:
    asked = request.GET.get("sort", "")

    def column(words: Any, sort: str, number: bool = False) -> Column:
        order = {sort: "ascending", f"-{sort}": "descending"}.get(asked, "")
        return Column(words, number, sort, order)  # type: ignore[arg-type]

    parts = [column(f"{shown(title)} {points}", id_) for id_, title, points in table.heads] if with_parts else []
    return [
        column(_("Unit"), "unit"),
        column(_("Total"), "total", True),
        column(_("Grade"), "grade"),
        column(_("Place"), "place", True),
        *parts,
    ]


def _row(table: ScoreTable, row: ScoreRow, with_parts: bool, linked: bool) -> list[object]:
    programme = table.programme
    href = reverse("grades_unit", args=[table.run.number, row.unit]) if linked else ""
    vetoes = {veto.id: veto.title for veto in programme.vetoes}
    note = _("; ").join(str(shown(vetoes[veto])) for veto in row.vetoes if veto in vetoes)
    kind = programme.unit_kinds[row.kind]
    return [
        Cell(row.name, href, note=f"{row.unit} · {shown(kind)}"),
        row.total or Cell(state="not_assessable"),
        Cell(row.grade_title, stamp=level_of(programme, row.grade), note=note),
        _("%(place)s of %(of)s") % {"place": row.place, "of": row.of} if row.place else "–",
        *([_aligned(part.points) for part in row.parts] if with_parts else []),
    ]


def _aligned(points: str) -> str:
    """Points of a part, moved to the right by spaces as wide as a digit: long heads may then break."""
    return (points or "–").rjust(5, "\N{FIGURE SPACE}")


# -- compute and confirm -----------------------------------------------------------------------------------------------


class RunForm(forms.Form):
    """Which months are scored."""

    period = forms.ChoiceField(label=gettext_lazy("Period"), widget=forms.RadioSelect)


@members_only("grades.run")
def run(request: HttpRequest) -> HttpResponse:
    """`/grades/run/`: ask which months, then compute and grade from the facts as of the last entry."""
    allow(request, "grades.run")
    years = list_years()
    year = year_asked(request, years)
    programme = get_in_force(year)
    periods = periods_of(programme, year) if programme else []
    head = PageHead(_("Compute scores"), [Link(_("Scores and grades"), f"{reverse('grades_index')}?year={year}")])
    if not periods:
        words = _("Scores can be computed once the returns of January are due under a programme in force.")
        empty = Empty(_("There is nothing to score in %(year)s yet") % {"year": year}, words)
        return render(request, "grades/question.html", {"head": head, "empty": empty})
    form = RunForm(request.POST or None, initial={"period": str(periods[0])})
    form.fields["period"].choices = [(str(one), shown(one)) for one in periods]  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        period = Period.parse(form.cleaned_data["period"])
        receipt = attempt(form, lambda: grades.run(by=request.user, year=year, period=period))
        if receipt:
            words = _("Computed: run %(run)s, entry %(entry)s of the ledger.")
            messages.success(request, words % {"run": receipt.number, "entry": receipt.entry})
            return redirect(f"{reverse('grades_index')}?year={year}&run={receipt.number}")
    context = {"head": head, "form": form, "question": _run_question(programme, year)}
    return render(request, "grades/question.html", context)


def periods_of(programme: Programme, year: int) -> list[Period]:
    """What can be scored now: the months whose returns are all due, and the whole year once it is over."""
    elapsed = get_elapsed(programme, year)
    whole = [Period.of_year(year)] if clock.today().year > year else []
    return list(dict.fromkeys([*whole, *([elapsed] if elapsed else [])]))


def _run_question(programme: Programme | None, year: int) -> Question:
    title = f"{shown(programme.title)} {programme.version}" if programme else ""
    consequences = [
        _("Every unit is scored under “%(programme)s”.") % {"programme": title},
        _("Facts count as they stand now, up to entry %(entry)s of the ledger.") % {"entry": get_last_index()},
        _("The result enters the ledger by its digests; anyone can compute it again."),
        _("Grades become final when somebody of the leading group confirms them."),
    ]
    words = _("Compute the scores of %(year)s?") % {"year": year}
    return Question(words, _("Compute"), f"{reverse('grades_index')}?year={year}", consequences)


class ConfirmForm(forms.Form):
    """Why the grades are confirmed: the words that stand in the ledger."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("For instance the meeting that looked at them, and its day."),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )


@members_only("grades.confirm")
def confirm(request: HttpRequest, number: str) -> HttpResponse:
    """`/grades/<run>/confirm/`: the leading group makes the grades of the last run final."""
    allow(request, "grades.confirm")
    found = get_run(number)
    if found is None:
        raise Http404
    form = ConfirmForm(request.POST or None)
    back = f"{reverse('grades_index')}?year={found.year}&run={number}"
    if request.method == "GET" and found.confirmed:
        return redirect(back)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        receipt = attempt(form, lambda: grades.confirm(by=request.user, run=number, reason=reason))
        if receipt:
            words = _("The grades are confirmed, entry %(entry)s of the ledger.") % {"entry": receipt.entry}
            messages.success(request, words)
            return redirect(back)
    table = get_score_table(found)
    head = PageHead(_("Confirm the grades"), [Link(_("Scores and grades"), back)])
    context = {"head": head, "form": form, "sums": sums_of(table), "facts": run_facts(found)}
    return render(request, "grades/question.html", context | {"question": _confirm_question(found, back)})


def _confirm_question(found: Run, back: str) -> Question:
    consequences = [
        _("The grades of %(count)s units become final and enter the ledger; they cannot be changed.")
        % {"count": found.units},
        _("The programme office may then publish the bulletin."),
        _("A review that a unit asks for never makes its result worse."),
    ]
    words = _("Confirm the grades of %(period)s?") % {"period": shown(found.period)}
    return Question(words, _("Confirm the grades"), back, consequences)


urlpatterns = [
    path("grades/", index, name="grades_index"),
    path("grades/run/", run, name="grades_run"),
    path("grades/<str:number>/confirm/", confirm, name="grades_confirm"),
]
