"""The first page: what waits for whoever is signed in, by post; for everyone else, the public board."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from answerable.site import clock
from answerable.site.permissions import Holder
from answerable.site.reads.corrections import list_corrections
from answerable.site.reads.explanations import Explained, get_explanation, get_standing
from answerable.site.reads.grades import Run, get_latest_run
from answerable.site.reads.home import Home, Task, TaskItem, TaskKind, get_home
from answerable.site.reads.notices import list_notices
from answerable.site.reads.programmes import get_in_force
from answerable.site.reads.returns import get_grid
from answerable.site.reads.units import list_units
from answerable.site.templatetags.answerable import language, shown
from answerable.site.templatetags.answerable import month as month_words
from answerable.site.templatetags.menu import holder_of
from answerable.site.views import notices
from answerable.site.views.guard import sees_all
from answerable.site.views.parts import Empty, Fact, Link, PageHead, Paper, Sum, Todo, Verdict
from answerable.site.views.programmes import level_of
from answerable.site.views.returns import href_of
from answerable.values import Month, Text

__all__ = ["home"]

AHEAD = timedelta(days=30)
"""How far ahead days that fall due are told."""

EACH = 3
"""Up to so many cases of one kind are listed one by one; more become one line that leads to the list."""


def home(request: HttpRequest) -> HttpResponse:
    """`/`: by post when signed in, the public board otherwise."""
    if not request.user.is_authenticated:
        return notices.board(request)
    holder = holder_of(request)
    if not holder.posts:
        return render(request, "home/inside.html", {"head": PageHead(_("Home")), "empty": _without_post()})
    work = get_home(holder)
    todo = [line for task in work.tasks if task.kind != "returns_to_file" for line in _lines(work, task)]
    returns = [line for task in work.tasks if task.kind == "returns_to_file" for line in _lines(work, task, each=6)]
    context: dict[str, Any] = {
        "head": _head(holder, [*returns, *todo]),
        "todo": todo,
        "empty": None if todo or returns else _nothing(holder),
        "returns": returns,
        "month": _month(holder) if sees_all(holder) else None,
        "holds_post": True,
        "files": any(held.post == "specialist" for held in holder.posts),
        "due": list(_due(holder)),
        "papers": [_paper(one.title, one.number, one.published_at) for one in list_notices()[:3]],
        "standings": list(_standings(holder, work.year)),
    }
    return render(request, "home/inside.html", context)


def _head(holder: Holder, lines: Sequence[Todo]) -> PageHead:
    """The one primary action is the most urgent thing there is."""
    units = {unit.code: unit.name for unit in list_units()} if holder.units else {}
    lead = _joined([str(shown(units.get(code, code))) for code in holder.units])
    first = next((line for line in lines if line.state == "overdue"), next(iter(lines), None))
    return PageHead(_("Home"), lead=lead, action=Link(first.words, first.href) if first else None)


def _joined(words: Sequence[str]) -> str:
    return ("、" if language() == "zh" else ", ").join(words)


def _without_post() -> Empty:
    words = _("The programme office appoints people to posts, from a day on. Ask it to appoint you, then come back.")
    return Empty(_("You hold no post today"), words, Link(_("Bulletins"), reverse("notices_bulletins")))


def _nothing(holder: Holder) -> Empty:
    """An empty work list says what will come, to whom."""
    what = {
        "office": _("Agreements to sign, units that are silent, findings and corrections to decide come here."),
        "specialist": _("When a month is over its return stands here, and whatever is to be put right."),
        "leader": _("Agreements to sign, findings to answer and corrections to make come here."),
        "inspector": _("Visits assigned to you come here, with the day they are planned for."),
        "leading_group": _("Once scores are computed, the grades to be confirmed come here."),
    }
    return Empty(_("Nothing waits for you"), " ".join(dict.fromkeys(what[held.post] for held in holder.posts)))


# -- what is to be done ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Words:
    """How one kind of task is said: one case, many cases, where each leads and where many do."""

    one: Callable[[TaskItem], str]
    many: Callable[[int], str]
    to: Callable[[TaskItem, int], str]
    to_many: Callable[[int], str]
    state: str = "due"


def _lines(work: Home, task: Task, each: int = EACH) -> Iterator[Todo]:
    """One line a case, or one line for all where there are many."""
    words = _WORDS[task.kind]
    if task.count <= each:
        for item in task.items:
            state = "overdue" if item.is_overdue else words.state
            yield Todo(words.one(item), words.to(item, work.year), _where(item), item.due_on, state)
        return
    late = any(item.is_overdue for item in task.items)
    days = [item.due_on for item in task.items if item.due_on]
    names = [str(shown(item.unit_name)) for item in task.items if item.unit_name]
    yield Todo(
        words.many(task.count),
        words.to_many(_of(task.items[0], work.year)),
        _joined(list(dict.fromkeys(names))[:EACH]) + (" …" if len(set(names)) > EACH else ""),
        min(days) if days else None,
        "overdue" if late else words.state,
    )


def _where(item: TaskItem) -> Text | str:
    return item.unit_name or ""


def _of(item: TaskItem, year: int) -> int:
    """The year a case belongs to: that of its month or its number, else that of the work list."""
    if item.month:
        return item.month.year
    said = item.number.partition("-")[0]
    return int(said) if said.isdigit() else year


def _list(name: str, query: str = "") -> Callable[[int], str]:
    return lambda year: f"{reverse(name)}?year={year}{query}"


def _page(name: str) -> Callable[[TaskItem, int], str]:
    return lambda item, _year: reverse(name, args=[item.number])


def _return_words(item: TaskItem) -> str:
    form = shown(item.form_title) if item.form_title else ""
    return _("%(form)s, %(month)s") % {"form": form, "month": month_words(item.month) if item.month else ""}


_WORDS: dict[TaskKind, Words] = {
    "proposals_to_decide": Words(
        lambda item: _("Read the proposed programme %(number)s and decide") % {"number": item.number},
        lambda n: ngettext("Decide %(n)s proposed programme", "Decide %(n)s proposed programmes", n) % {"n": n},
        _page("proposals_proposal"),
        lambda _year: reverse("proposals_index"),
        "awaiting",
    ),
    "agreements_to_issue": Words(
        lambda _item: _("Issue the agreement"),
        lambda n: ngettext("Issue %(n)s agreement", "Issue %(n)s agreements", n) % {"n": n},
        lambda item, year: f"{reverse('agreements_issue')}?year={year}&unit={item.unit}",
        _list("agreements_issue"),
    ),
    "agreements_to_sign": Words(
        lambda item: _("Sign the agreement %(number)s") % {"number": item.number},
        lambda n: ngettext("Sign %(n)s agreement", "Sign %(n)s agreements", n) % {"n": n},
        _page("agreements_agreement"),
        _list("agreements_index"),
        "half_signed",
    ),
    "returns_to_file": Words(
        _return_words,
        lambda n: ngettext("File %(n)s return", "File %(n)s returns", n) % {"n": n},
        lambda item, _year: href_of(item.unit, item.form, item.month) if item.month else reverse("returns_index"),
        _list("returns_index"),
    ),
    "returns_silent": Words(
        lambda _item: _("Ask for returns that were not filed"),
        lambda n: ngettext("Ask %(n)s unit for its returns", "Ask %(n)s units for their returns", n) % {"n": n},
        lambda item, year: f"{reverse('returns_unit', args=[item.unit])}?year={year}",
        _list("returns_index", "&state=missing"),
        "not_filed",
    ),
    "visits_to_assign": Words(
        lambda _item: _("Name an inspector"),
        lambda n: ngettext("Name an inspector for %(n)s unit", "Name inspectors for %(n)s units", n) % {"n": n},
        lambda item, _year: f"{reverse('visits_assign', args=[item.number])}?unit={item.unit}",
        _list("visits_index", "&state=drawn"),
        "drawn",
    ),
    "visits_to_make": Words(
        lambda item: _("Make the visit %(number)s") % {"number": item.number},
        lambda n: ngettext("Make %(n)s visit", "Make %(n)s visits", n) % {"n": n},
        _page("visits_visit"),
        _list("visits_index", "&state=assigned"),
        "assigned",
    ),
    "findings_to_answer": Words(
        lambda item: _("Answer the finding %(number)s") % {"number": item.number},
        lambda n: ngettext("Answer %(n)s finding", "Answer %(n)s findings", n) % {"n": n},
        _page("findings_finding"),
        _list("findings_index", "&state=proposed"),
        "proposed",
    ),
    "findings_to_decide": Words(
        lambda item: _("Decide the finding %(number)s") % {"number": item.number},
        lambda n: ngettext("Decide %(n)s finding", "Decide %(n)s findings", n) % {"n": n},
        _page("findings_finding"),
        _list("findings_index", "&state=answered"),
        "due",
    ),
    "corrections_to_make": Words(
        lambda item: _("Put right: correction %(number)s") % {"number": item.number},
        lambda n: ngettext("Put %(n)s problem right", "Put %(n)s problems right", n) % {"n": n},
        _page("corrections_correction"),
        lambda _year: reverse("corrections_index"),
        "open",
    ),
    "corrections_to_decide": Words(
        lambda item: _("Confirm the correction %(number)s") % {"number": item.number},
        lambda n: ngettext("Confirm %(n)s correction", "Confirm %(n)s corrections", n) % {"n": n},
        _page("corrections_correction"),
        lambda _year: f"{reverse('corrections_index')}?state=submitted",
        "submitted",
    ),
    "corrections_overdue": Words(
        lambda item: _("Ask after the correction %(number)s") % {"number": item.number},
        lambda n: ngettext("Ask after %(n)s correction", "Ask after %(n)s corrections", n) % {"n": n},
        _page("corrections_correction"),
        lambda _year: f"{reverse('corrections_index')}?state=overdue",
    ),
    "scores_to_run": Words(
        lambda item: _("Compute the scores of %(year)s") % {"year": item.number},
        lambda n: ngettext("Compute %(n)s year", "Compute %(n)s years", n) % {"n": n},
        lambda item, _year: f"{reverse('grades_run')}?year={item.number}",
        _list("grades_index"),
    ),
    "grades_to_confirm": Words(
        lambda item: _("Confirm the grades of %(run)s") % {"run": item.number},
        lambda n: ngettext("Confirm %(n)s run", "Confirm %(n)s runs", n) % {"n": n},
        lambda item, year: f"{reverse('grades_index')}?year={_of(item, year)}",
        _list("grades_index"),
        "computed",
    ),
    "notices_to_publish": Words(
        lambda item: _("Publish the bulletin of %(run)s") % {"run": item.number},
        lambda n: ngettext("Publish %(n)s bulletin", "Publish %(n)s bulletins", n) % {"n": n},
        lambda item, _year: reverse("notices_publish", args=[item.number]),
        lambda _year: reverse("notices_index"),
    ),
}


# -- returns of the month, days ahead, notices -------------------------------------------------------------------------


@dataclass(frozen=True)
class MonthAtGlance:
    """How many have filed for the last month that is over, for those who oversee."""

    month: Month
    sums: Sequence[Sum]
    href: str
    due_on: date


def _month(holder: Holder) -> MonthAtGlance | None:
    month = Month.of(clock.today()).plus(-1)
    programme = get_in_force(month.year)
    form = next(iter(programme.forms), None) if programme else None
    grid = get_grid(month.year, form.id) if form else None
    if form is None or grid is None or not grid.rows:
        return None
    states = [cell.state for row in grid.rows for cell in row.cells if cell.month == month]
    words = {"on_time": _("on time"), "late": _("late"), "due": _("not yet, still in time"), "missing": _("not filed")}
    sums = [Sum(said, states.count(state)) for state, said in words.items()]  # type: ignore[arg-type]
    return MonthAtGlance(month, sums, f"{reverse('returns_index')}?year={month.year}", form.due_on(month))


def _due(holder: Holder) -> Iterator[Todo]:
    """Days that come within a month: those of the calendar, and those of corrections that are not closed."""
    days = [*_calendar(holder), *_corrections(holder)]
    yield from sorted(days, key=lambda one: (one.due or date.max, str(one.words)))


def _calendar(holder: Holder) -> Iterator[Todo]:
    today = clock.today()
    if holder.holds("inspector") and not holder.holds("office"):
        return
    this = Month.of(today)
    # Whether a unit still owes the month that is over stands under its returns.
    for month in (this.plus(-1), this) if sees_all(holder) else (this,):
        programme = get_in_force(month.year)
        for form in programme.forms if programme else ():
            if today <= form.due_on(month) <= today + AHEAD:
                words = _("%(form)s, %(month)s") % {"form": shown(form.title), "month": month_words(month)}
                href = f"{reverse('returns_index')}?year={month.year}"
                yield Todo(words, href, due=form.due_on(month), state="later")
    programme = get_in_force(today.year)
    day = programme.sign_by_day(today.year) if programme else ""
    if day and today <= date.fromisoformat(day) <= today + AHEAD:
        words = _("Last day to sign the agreements of %(year)s") % {"year": today.year}
        href = f"{reverse('agreements_index')}?year={today.year}"
        yield Todo(words, href, due=date.fromisoformat(day), state="later")


def _corrections(holder: Holder) -> Iterator[Todo]:
    """For those who oversee: what units have in hand. A unit's own stand on its work list already."""
    if not sees_all(holder):
        return
    names = {unit.code: unit.name for unit in list_units()}
    today = clock.today()
    for one in list_corrections(open_only=True):
        if one.state in ("open", "sent_back") and today <= one.due_on <= today + AHEAD:
            words = _("Correction %(number)s") % {"number": one.number}
            href = reverse("corrections_correction", args=[one.number])
            yield Todo(words, href, names.get(one.unit, one.unit), one.due_on, one.state)


def _paper(title: Text, number: str, published_at: Any) -> Paper:
    note = str(shown(clock.day_of(published_at)))
    return Paper(title, reverse("notices_bulletin", args=[number]), number.partition("-")[0], note=note)


# -- where a unit stands -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """How one unit stands: the points of the months so far, or the grade of the last confirmed year."""

    title: str
    verdict: Verdict
    facts: Sequence[Fact]
    href: str


def _standings(holder: Holder, year: int) -> Iterator[Standing]:
    names = {unit.code: unit.name for unit in list_units()} if holder.units else {}
    run = get_latest_run(year - 1) if holder.units else None
    confirmed = run if run and run.confirmed else None
    for code in holder.units[:EACH]:
        several = shown(names.get(code, code)) if len(holder.units) > 1 else ""
        if found := get_standing(code, year) or (None if confirmed else get_standing(code, year - 1)):
            yield _so_far(found, str(several))
        elif confirmed and (graded := get_explanation(code, confirmed)):
            yield _graded(graded, confirmed, str(several))


def _so_far(found: Explained, name: str) -> Standing:
    document = found.explanation.document
    title = _("Where we stand: %(period)s") % {"period": shown(found.period)}
    under = _("Points so far, over the months that are due. It is no grade.")
    verdict = Verdict(document["total"], document["of"], place=under)
    href = reverse("grades_unit", args=["today", found.unit.code])
    return Standing(_titled(title, name), verdict, list(_most(document, _("What would help most"))), href)


def _graded(found: Explained, run: Run, name: str) -> Standing:
    document = found.explanation.document
    title = _("Grade of %(period)s") % {"period": shown(found.period)}
    grade = Text(**document["grade_title"])
    level = level_of(found.programme, document["grade"])
    verdict = Verdict(document["total"], document["of"], grade, level, str(run.year))
    href = reverse("grades_unit", args=[run.number, found.unit.code])
    return Standing(_titled(title, name), verdict, [*_next(document), *_most(document, _("Most points lost"))], href)


def _titled(title: str, name: str) -> str:
    return _("%(name)s: %(value)s") % {"name": name, "value": title} if name else title


def _next(document: dict[str, Any]) -> Iterator[Fact]:
    """The next grade and how far it is."""
    if upper := document["next_grade"]:
        words = _("%(short)s points short of “%(grade)s”, which begins at %(start)s")
        said = {"short": upper["short_by"], "grade": shown(Text(**upper["title"])), "start": upper["from"]}
        yield Fact(_("Next grade"), words % said)


def _most(document: dict[str, Any], words: str) -> Iterator[Fact]:
    """The item with the most open points: while the year runs, the step that helps most."""
    items = [one for one in _items(document["tree"]) if Decimal(one["open_points"] or "0") > 0]
    if items:
        most = max(items, key=lambda one: Decimal(one["open_points"]))
        said = {"item": shown(Text(**most["title"])), "open": most["open_points"]}
        yield Fact(words, _("%(item)s: %(open)s points are open") % said)


def _items(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "children" not in node:
        yield node
    for child in node.get("children", ()):
        yield from _items(child)
