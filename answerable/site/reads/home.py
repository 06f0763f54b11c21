"""What is to be done by the one who has just come in, by the posts held."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

from answerable.definition import Programme
from answerable.site import clock
from answerable.site.permissions import Holder, Post
from answerable.site.reads.agreements import Sides, list_sides
from answerable.site.reads.corrections import CorrectionAsked, list_corrections
from answerable.site.reads.findings import FindingRaised, list_findings
from answerable.site.reads.grades import Run, list_runs
from answerable.site.reads.notices import list_notices
from answerable.site.reads.programmes import get_in_force, list_years
from answerable.site.reads.proposals import list_proposals
from answerable.site.reads.returns import get_grid, list_due
from answerable.site.reads.units import Unit, list_units
from answerable.site.reads.visits import list_draws, list_visits
from answerable.values.period import Month
from answerable.values.text import Text

TaskKind = Literal[
    "proposals_to_decide",
    "agreements_to_issue",
    "agreements_to_sign",
    "returns_to_file",
    "returns_silent",
    "visits_to_assign",
    "visits_to_make",
    "findings_to_answer",
    "findings_to_decide",
    "corrections_to_make",
    "corrections_to_decide",
    "corrections_overdue",
    "scores_to_run",
    "grades_to_confirm",
    "notices_to_publish",
]

CARRIED: tuple[TaskKind, ...] = (
    "visits_to_assign",
    "visits_to_make",
    "findings_to_answer",
    "findings_to_decide",
    "corrections_to_make",
    "corrections_to_decide",
    "corrections_overdue",
    "scores_to_run",
    "grades_to_confirm",
    "notices_to_publish",
)
"""What is still to be done when its year is over. Returns that are due are read over both years anyway."""


@dataclass(frozen=True)
class TaskItem:
    """One thing to do: the unit, the number or the form and month it is about, and by when."""

    unit: str = ""
    unit_name: Text | None = None
    number: str = ""
    form: str = ""
    form_title: Text | None = None
    month: Month | None = None
    due_on: date | None = None
    is_overdue: bool = False


@dataclass(frozen=True)
class Task:
    """One kind of thing to do, for one post held, with every case of it."""

    kind: TaskKind
    post: Post
    items: tuple[TaskItem, ...]

    @property
    def count(self) -> int:
        """How many cases there are."""
        return len(self.items)


@dataclass(frozen=True)
class Home:
    """What is to be done this year. Kinds without a case are left out."""

    year: int
    tasks: tuple[Task, ...]


@dataclass(frozen=True)
class _Asked:
    """Who asks about which year, and what several kinds of task look at, read once."""

    holder: Holder
    year: int

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        return list_units()

    @cached_property
    def names(self) -> dict[str, Text]:
        return {unit.code: unit.name for unit in self.units}

    @cached_property
    def programme(self) -> Programme | None:
        return get_in_force(self.year)

    @cached_property
    def agreements(self) -> tuple[Sides, ...]:
        mine = self.holder.units
        return list_sides(self.year, mine[0] if len(mine) == 1 and not self.holder.holds("office") else None)

    @cached_property
    def corrections(self) -> list[CorrectionAsked]:
        """What is not closed yet: nothing else is anybody's work."""
        return [one for one in list_corrections(open_only=True) if one.number.startswith(f"{self.year}-")]

    @cached_property
    def findings(self) -> list[FindingRaised]:
        """What nothing is decided about yet."""
        return [one for one in list_findings(open_only=True) if one.number.startswith(f"{self.year}-")]

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        return list_runs(self.year)

    def item(self, unit: str, number: str = "", due_on: date | None = None) -> TaskItem:
        """A case about a unit."""
        overdue = due_on is not None and due_on < clock.today()
        return TaskItem(unit, self.names.get(unit), number, due_on=due_on, is_overdue=overdue)


def get_home(holder: Holder, year: int | None = None) -> Home:
    """What this person has to do in a year.

    Where none is named: in the year the house is busy with, and what the year before left to be done.
    """
    chosen = year or _year()
    tasks = _tasks(holder, chosen)
    if year is None:
        left = _tasks(holder, chosen - 1, CARRIED)
        tasks = [_joined(task, left) for task in tasks]
        tasks += [task for task in left if all((task.kind, task.post) != (one.kind, one.post) for one in tasks)]
    return Home(chosen, tuple(tasks))


def _tasks(holder: Holder, year: int, kinds: Collection[TaskKind] | None = None) -> list[Task]:
    """What is to be done in one year, of these kinds only where any are named."""
    asked = _Asked(holder, year)
    posts = dict.fromkeys(held.post for held in holder.posts)
    wanted = ((post, kind, find) for post in posts for kind, find in _TASKS[post] if kinds is None or kind in kinds)
    tasks = (Task(kind, post, tuple(find(asked))) for post, kind, find in wanted)
    return [task for task in tasks if task.items]


def _joined(task: Task, left: Iterable[Task]) -> Task:
    """A task with the cases of the same kind the year before left, those first."""
    same = [one.items for one in left if (one.kind, one.post) == (task.kind, task.post)]
    return Task(task.kind, task.post, tuple(item for items in same for item in items) + task.items)


def _year() -> int:
    """The year the house is busy with: the last one covered that has begun, today's where none has."""
    this = clock.today().year
    return next((year for year in list_years() if year <= this), this)


def _proposals_to_decide(asked: _Asked) -> Iterator[TaskItem]:
    """What another person of the office proposed: whoever did waits as well."""
    for proposal in list_proposals(open_only=True):
        if proposal.proposed_by != asked.holder.username:
            yield TaskItem(number=proposal.number)


def _agreements_to_issue(asked: _Asked) -> Iterator[TaskItem]:
    issued = {agreement.unit for agreement in asked.agreements}
    assessed = asked.programme.assess if asked.programme else ()
    for unit in asked.units:
        if unit.kind in assessed and unit.code not in issued:
            yield asked.item(unit.code)


def _agreements_to_sign(side: str) -> Callable[[_Asked], Iterator[TaskItem]]:
    def find(asked: _Asked) -> Iterator[TaskItem]:
        day = asked.programme.sign_by_day(asked.year) if asked.programme else ""
        due_on = date.fromisoformat(day) if day else None
        for agreement in asked.agreements:
            mine = side == "office" or agreement.unit in asked.holder.units
            if mine and side not in agreement.signed:
                yield asked.item(agreement.unit, agreement.number, due_on)

    return find


def _returns_to_file(asked: _Asked) -> Iterator[TaskItem]:
    for due in list_due(asked.holder.units):
        yield TaskItem(
            unit=due.unit.code,
            unit_name=due.unit.name,
            form=due.form.id,
            form_title=due.form.title,
            month=due.month,
            due_on=due.due_on,
            is_overdue=due.state == "missing",
        )


def _returns_silent(asked: _Asked) -> Iterator[TaskItem]:
    for form in asked.programme.forms if asked.programme else ():
        grid = get_grid(asked.year, form.id)
        for row in grid.rows if grid else ():
            if row.count("missing"):
                yield TaskItem(row.unit.code, row.unit.name, form=form.id, form_title=form.title, is_overdue=True)


def _visits_to_assign(asked: _Asked) -> Iterator[TaskItem]:
    for draw in list_draws(asked.year):
        yield from (asked.item(unit, draw.number) for unit in draw.waiting)


def _visits_to_make(asked: _Asked) -> Iterator[TaskItem]:
    for visit in list_visits(asked.year, inspector=asked.holder.username):
        if visit.visited_on is None:
            yield asked.item(visit.unit, visit.number, visit.planned_on)


def _findings_to_answer(asked: _Asked) -> Iterator[TaskItem]:
    for finding in asked.findings:
        if finding.status == "proposed" and finding.unit in asked.holder.units:
            yield asked.item(finding.unit, finding.number)


def _findings_to_decide(asked: _Asked) -> Iterator[TaskItem]:
    for finding in asked.findings:
        if finding.status == "answered":
            yield asked.item(finding.unit, finding.number)


def _corrections(wanted: Callable[[_Asked, CorrectionAsked], bool]) -> Callable[[_Asked], Iterator[TaskItem]]:
    def find(asked: _Asked) -> Iterator[TaskItem]:
        for correction in asked.corrections:
            if wanted(asked, correction):
                yield asked.item(correction.unit, correction.number, correction.due_on)

    return find


def _is_to_make(asked: _Asked, correction: CorrectionAsked) -> bool:
    return correction.unit in asked.holder.units and correction.state in ("open", "sent_back")


def _is_to_decide(_: _Asked, correction: CorrectionAsked) -> bool:
    return correction.state == "submitted"


def _is_overdue(_: _Asked, correction: CorrectionAsked) -> bool:
    return correction.state in ("open", "sent_back") and correction.is_overdue


def _scores_to_run(asked: _Asked) -> Iterator[TaskItem]:
    """A year that is over and has no run yet."""
    if clock.today().year > asked.year and asked.programme and not asked.runs:
        yield TaskItem(number=str(asked.year))


def _grades_to_confirm(asked: _Asked) -> Iterator[TaskItem]:
    latest = next(iter(asked.runs), None)
    if latest and latest.confirmed is None:
        yield TaskItem(number=latest.number)


def _notices_to_publish(asked: _Asked) -> Iterator[TaskItem]:
    published = {notice.run for notice in list_notices()}
    for run in asked.runs:
        if run.confirmed and run.number not in published:
            yield TaskItem(number=run.number)


_TASKS: dict[Post, tuple[tuple[TaskKind, Callable[[_Asked], Iterator[TaskItem]]], ...]] = {
    "office": (
        ("proposals_to_decide", _proposals_to_decide),
        ("agreements_to_issue", _agreements_to_issue),
        ("agreements_to_sign", _agreements_to_sign("office")),
        ("returns_silent", _returns_silent),
        ("visits_to_assign", _visits_to_assign),
        ("findings_to_decide", _findings_to_decide),
        ("corrections_to_decide", _corrections(_is_to_decide)),
        ("corrections_overdue", _corrections(_is_overdue)),
        ("scores_to_run", _scores_to_run),
        ("notices_to_publish", _notices_to_publish),
    ),
    "specialist": (("returns_to_file", _returns_to_file), ("corrections_to_make", _corrections(_is_to_make))),
    "leader": (
        ("agreements_to_sign", _agreements_to_sign("unit")),
        ("findings_to_answer", _findings_to_answer),
        ("corrections_to_make", _corrections(_is_to_make)),
    ),
    "inspector": (("visits_to_make", _visits_to_make),),
    "leading_group": (("grades_to_confirm", _grades_to_confirm),),
}
