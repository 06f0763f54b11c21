"""Questions: what is due to whom, the grid, the standing of a unit, and that no answer costs a query per row."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from answerable.site import clock
from answerable.site.actions import agreements, corrections, evidence, findings, grades, notices, people, returns
from answerable.site.actions import units as unit_actions
from answerable.site.actions import visits as visit_actions
from answerable.site.models import Person
from answerable.site.permissions import Holder
from answerable.site.reads.agreements import list_agreements, list_sides
from answerable.site.reads.corrections import list_corrections
from answerable.site.reads.explanations import get_explanation, get_standing
from answerable.site.reads.findings import list_findings
from answerable.site.reads.grades import get_latest_run, get_score_table, list_runs
from answerable.site.reads.home import get_home
from answerable.site.reads.ledger import get_entry, get_last_index, list_entries
from answerable.site.reads.notices import get_bulletin, list_notices
from answerable.site.reads.posts import get_holder, list_appointed
from answerable.site.reads.programmes import get_in_force, list_programmes
from answerable.site.reads.returns import Figure, get_grid, get_return, list_due, list_filed, typed
from answerable.site.reads.snapshot import get_snapshot
from answerable.site.reads.units import get_unit, list_units
from answerable.site.reads.visits import list_draws, list_visits
from answerable.values import Month, Period, Text
from tests.world import FORM, PDF, YEAR, World, values


def states(unit: str) -> list[str]:
    grid = get_grid(YEAR, FORM)
    assert grid
    return [cell.state for row in grid.rows if row.unit.code == unit for cell in row.cells]


def test_the_grid_tells_on_time_late_and_silent_apart(world: World) -> None:
    assert set(states("C01")) == {"on_time"}
    assert states("C02")[2] == "late"
    assert states("D01")[5] == "missing"
    assert set(states("E01")) == {"missing"}
    grid = get_grid(YEAR, FORM)
    assert grid and (grid.count("on_time"), grid.count("late"), grid.count("missing")) == (34, 1, 13)


def test_the_grid_counts_versions_and_keeps_the_first_receipt(world: World) -> None:
    grid = get_grid(YEAR, FORM, ["C02"])
    assert grid and len(grid.rows) == 1
    april = grid.rows[0].cells[3]
    assert (april.versions, april.state) == (2, "on_time")
    assert april.received_at and clock.day_of(april.received_at) == date(2025, 5, 3)


def test_a_month_is_due_when_it_is_over_and_silent_after_its_day(world: World) -> None:
    with clock.at(datetime(2025, 12, 31, 23, 59, 59)):
        assert states("E01")[11] == "not_yet"
    with clock.at(datetime(2026, 1, 1)):
        assert states("E01")[11] == "due"
    with clock.at(datetime(2026, 1, 5, 23, 59, 59)):
        assert states("E01")[11] == "due"
    with clock.at(datetime(2026, 1, 6)):
        assert states("E01")[11] == "missing"


def test_a_unit_answers_only_for_the_months_it_is_open(world: World) -> None:
    name = Text(zh="纺织企业", en="Textile Enterprise")
    entered = unit_actions.UnitEntered(
        "E01", name, "enterprise", [FORM], opened=date(2025, 2, 15), closed=date(2025, 11, 1)
    )
    unit_actions.register(by=world.people.office, units=[entered], valid_from=date(2026, 1, 10))
    assert states("E01") == ["not_required"] * 2 + ["missing"] * 8 + ["not_required"] * 2


def test_the_grid_of_an_unknown_form_or_year_is_none(world: World) -> None:
    assert get_grid(YEAR, "weekly") is None
    assert get_grid(2031, FORM) is None
    assert get_return("C01", FORM, Month(2031, 1)) is None


def test_what_is_due_comes_oldest_first_and_says_where_a_draft_lies(world: World) -> None:
    specialist = world.people.of_unit("D01", "specialist")
    returns.save_draft(by=specialist, unit="D01", form=FORM, period="2025-06", values={"requests": "4"}, states={})
    due = list_due(["D01", "E01"])
    assert len(due) == 13
    assert [one.due_on for one in due] == sorted(one.due_on for one in due)
    assert [(one.unit.code, str(one.month)) for one in due if one.has_draft] == [("D01", "2025-06")]


def test_a_figure_is_shown_as_it_is_typed(world: World) -> None:
    programme = get_in_force(YEAR)
    assert programme
    form = programme.form(FORM)
    assert typed(form.field("entitled_amount"), Figure(1_200_050)) == "12000.50"
    assert typed(form.field("requests"), Figure(40)) == "40"
    assert typed(form.field("requests"), Figure(None, "missing")) == ""


def kinds(person: Person) -> dict[str, int]:
    return {task.kind: task.count for task in get_home(get_holder(person), YEAR).tasks}


def test_home_tells_each_post_what_is_to_be_done(world: World) -> None:
    assert kinds(world.people.specialist) == {}
    assert kinds(world.people.of_unit("E01", "specialist")) == {"returns_to_file": 12}
    assert kinds(world.people.of_unit("E01", "leader")) == {"agreements_to_sign": 1}
    assert kinds(world.people.inspector) == {"visits_to_make": 1}
    assert kinds(world.people.leading_group) == {}
    assert kinds(world.people.without_post) == {}
    assert kinds(world.people.office) == {
        "agreements_to_sign": 1,
        "returns_silent": 2,
        "visits_to_assign": 1,
        "corrections_to_decide": 1,
        "scores_to_run": 1,
    }


def test_home_follows_what_happens(world: World) -> None:
    number = findings.raise_(
        by=world.people.office, unit="C01", year=YEAR, kind="board_outdated", occurrences=1, fact="Seen in passing."
    ).number
    assert kinds(world.people.leader) == {"findings_to_answer": 1}
    findings.answer(by=world.people.leader, finding=number, answer="confirmed")
    assert kinds(world.people.leader) == {}
    assert kinds(world.people.second_office)["findings_to_decide"] == 1
    corrections.send_back(by=world.people.office, correction=world["correction C02"], reason="Another board.")
    assert kinds(world.people.of_unit("C02", "specialist")) == {"corrections_to_make": 1}
    with clock.at(datetime(2026, 2, 1, 9)):
        assert kinds(world.people.office)["corrections_overdue"] == 1
    run = grades.run(by=world.people.office, year=YEAR).number
    assert kinds(world.people.leading_group) == {"grades_to_confirm": 1}
    grades.confirm(by=world.people.leading_group, run=run, reason="Right.")
    assert kinds(world.people.leading_group) == {}
    assert kinds(world.people.office)["notices_to_publish"] == 1


def test_home_is_busy_with_the_last_year_that_has_begun(world: World) -> None:
    assert get_home(Holder()).year == 2026
    with clock.at(datetime(2025, 6, 1)):
        assert get_home(Holder()).year == 2025


def test_a_unit_stands_on_the_months_that_are_due(world: World) -> None:
    with clock.at(datetime(2025, 7, 6, 0, 0)):
        standing = get_standing("D01", YEAR)
    assert standing and str(standing.period) == "2025-01..2025-06"
    with clock.at(datetime(2025, 2, 1)):
        assert get_standing("D01", YEAR) is None
    assert get_standing("X99", YEAR) is None


def test_an_explanation_agrees_with_the_run_to_the_last_digit(world: World) -> None:
    grades.run(by=world.people.office, year=YEAR)
    run = get_latest_run(YEAR)
    assert run
    for row in get_score_table(run).rows:
        explained = get_explanation(row.unit, run)
        assert explained
        assert (explained.explanation.document["total"] or "") == row.total
        assert explained.explanation.document["grade"] == row.grade


def test_a_run_is_explained_by_the_facts_of_its_moment(world: World) -> None:
    grades.run(by=world.people.office, year=YEAR)
    run = get_latest_run(YEAR)
    assert run
    before = get_explanation("C01", run)
    returns.revise(
        by=world.people.specialist,
        unit="C01",
        form=FORM,
        period="2025-06",
        values=values(requests_done=1, migrant_requests_done=1),
        reason="Counted again.",
    )
    after, today = get_explanation("C01", run), get_standing("C01", YEAR)
    assert before and after and today
    assert after.explanation == before.explanation
    assert today.explanation != before.explanation


def test_a_snapshot_of_a_unit_holds_its_rows_and_those_below_it(world: World) -> None:
    below = unit_actions.UnitEntered(
        "C02", Text(zh="东二社区", en="East Two Community"), "community", [FORM], parent="C01", opened=date(2010, 1, 1)
    )
    unit_actions.register(by=world.people.office, units=[below], valid_from=date(2025, 1, 2))
    programme = get_in_force(YEAR)
    assert programme
    tables = get_snapshot(programme, Period.of_year(YEAR), units=["C01"]).tables
    for name in ("units", "agreements", f"returns-{FORM}", "visits", "recounts", "findings", "corrections"):
        assert set(tables[name].columns["unit"]) == {"C01", "C02"}, name


def test_the_ledger_is_walked_from_its_end(world: World) -> None:
    newest = list_entries(count=5)
    assert [one.index for one in newest] == list(range(get_last_index(), get_last_index() - 5, -1))
    older = list_entries(before=newest[-1].index, count=2)
    assert older[0].index == newest[-1].index - 1
    assert {one.kind for one in list_entries(kind="return.revised")} == {"return.revised"}
    first = get_entry(0)
    assert first and (first.kind, first.by, first.title.zh) == ("person.appointed", "system", "任命人员")
    assert get_entry(10**6) is None


def bulletin_of_the_year(world: World) -> Any:
    number = list_notices()[0].number
    return get_bulletin(number)


def explanation_of_c01(world: World) -> Any:
    run = get_latest_run(YEAR)
    assert run
    return get_explanation("C01", run)


def score_table(world: World) -> Any:
    run = get_latest_run(YEAR)
    assert run
    return get_score_table(run)


def snapshot(world: World) -> Any:
    programme = get_in_force(YEAR)
    assert programme
    return get_snapshot(programme, Period.of_year(YEAR))


READS: dict[str, Callable[[World], Any]] = {
    "agreements": lambda world: list_agreements(YEAR),
    "appointed": lambda world: list_appointed(),
    "bulletin": bulletin_of_the_year,
    "corrections": lambda world: list_corrections(YEAR),
    "draws": lambda world: list_draws(YEAR),
    "due": lambda world: list_due([unit.code for unit in list_units()]),
    "entries": lambda world: list_entries(count=500),
    "explanation": explanation_of_c01,
    "filed": lambda world: list_filed("C01", YEAR),
    "findings": lambda world: list_findings(YEAR),
    "grid": lambda world: get_grid(YEAR, FORM),
    "holder": lambda world: get_holder(world.people.office),
    "home of the office": lambda world: get_home(get_holder(world.people.office), YEAR),
    "home of a specialist": lambda world: get_home(get_holder(world.people.specialist), YEAR),
    "home of a leader": lambda world: get_home(get_holder(world.people.leader), YEAR),
    "home of an inspector": lambda world: get_home(get_holder(world.people.inspector), YEAR),
    "home of the leading group": lambda world: get_home(get_holder(world.people.leading_group), YEAR),
    "notices": lambda world: list_notices(),
    "programmes": lambda world: list_programmes(),
    "return": lambda world: get_return("C01", FORM, Month(YEAR, 12)),
    "runs": lambda world: list_runs(YEAR),
    "sides of agreements": lambda world: list_sides(YEAR),
    "score table": score_table,
    "snapshot": snapshot,
    "standing": lambda world: get_standing("C01", YEAR),
    "unit": lambda world: get_unit("C01"),
    "units": lambda world: list_units(),
    "visits": lambda world: list_visits(YEAR),
}


def queries(read: Callable[[World], Any], world: World) -> int:
    read(world)  # what a process reads once and keeps (programmes, scorecards) is read here
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert read(world) is not None
    return len(captured)


@pytest.fixture
def published(world: World) -> World:
    run = grades.run(by=world.people.office, year=YEAR).number
    grades.confirm(by=world.people.leading_group, run=run, reason="Right.")
    notices.publish(by=world.people.office, run=run, title=Text(zh="通报", en="Bulletin"))
    return world


def test_the_sides_of_agreements_are_those_of_their_signatures(world: World) -> None:
    agreements.issue(by=world.people.office, unit="E01", year=2026)
    for year in (YEAR, 2026):
        whole = {one.unit: (one.number, set(one.signatures)) for one in list_agreements(year)}
        assert {one.unit: (one.number, set(one.signed)) for one in list_sides(year)} == whole
    assert [(one.unit, one.signed) for one in list_sides(2026, "E01")] == [("E01", frozenset())]
    assert list_sides(2026, "C01") == ()


def test_what_is_done_is_left_out_where_only_open_things_are_asked_for(world: World) -> None:
    open_ones = list_corrections(open_only=True)
    assert open_ones == tuple(one for one in list_corrections() if one.state != "closed")
    undecided = list_findings(open_only=True)
    assert undecided == tuple(one for one in list_findings() if not one.decisions)


def test_no_answer_costs_more_queries_when_there_is_more_to_tell(published: World) -> None:
    few = {name: queries(read, published) for name, read in READS.items()}
    grow(published)
    many = {name: queries(read, published) for name, read in READS.items()}
    assert many == few
    assert max(few.values()) <= 40


def grow(world: World) -> None:
    """Five more communities, each with an agreement, returns, a visit, a finding and a correction."""
    office, codes = world.people.office, [f"C1{digit}" for digit in range(5)]
    entered = [
        unit_actions.UnitEntered(code, Text(zh=f"新{code}", en=f"New {code}"), "community", [FORM]) for code in codes
    ]
    unit_actions.register(by=office, units=entered, valid_from=date(2025, 1, 1))
    for code in codes:
        specialist, leader = hire(office, code)
        number = agreements.issue(by=office, unit=code, year=YEAR).number
        agreements.sign(by=leader, agreement=number, side="unit")
        for month in ("2025-10", "2025-11"):
            returns.submit(by=specialist, unit=code, form=FORM, period=month, values=values())
        inspect(world, code, specialist, leader)
    sizes = {"community": 2, "department": 1, "enterprise": 1}
    visit_actions.draw(by=office, year=YEAR, seed="a second time", sizes=sizes)


def hire(office: Person, code: str) -> tuple[Person, Person]:
    for post in ("specialist", "leader"):
        name = f"{post}-{code.lower()}"
        people.open_account(by=office, username=name, display_name=name, password=None)
        people.appoint(by=office, username=name, post=post, unit=code, from_day=date(2025, 1, 1))
    of = Person.objects.in_bulk([f"specialist-{code.lower()}", f"leader-{code.lower()}"], field_name="username")
    return of[f"specialist-{code.lower()}"], of[f"leader-{code.lower()}"]


def inspect(world: World, code: str, specialist: Person, leader: Person) -> None:
    office = world.people.office
    visit = visit_actions.assign(
        by=office,
        unit=code,
        year=YEAR,
        inspector="inspector",
        planned_on=date(2025, 12, 1),
        reason="A call.",
        cause="complaint",
    ).number
    visit_actions.record(
        by=world.people.inspector,
        visit=visit,
        visited_on=date(2025, 12, 1),
        recounts=[visit_actions.RecountMade(FORM, "2025-10", "requests", 39)],
        findings=[findings.FindingSeen("board_outdated", 1, "One column.")],
    )
    finding = list_findings(YEAR, visit=visit)[0].number
    findings.answer(by=leader, finding=finding, answer="confirmed")
    findings.decide(by=office, finding=finding, status="confirmed", reason="Seen.")
    correction = corrections.open_(
        by=office, unit=code, year=YEAR, problem="Renew it.", due_on=date(2026, 2, 1), finding=finding
    ).number
    evidence.attach(by=specialist, correction=correction, name="a.pdf", content=PDF + code.encode())
    corrections.submit(by=specialist, correction=correction, words="Renewed.")


def test_a_list_is_of_frozen_values_and_never_a_query(published: World) -> None:
    for name, read in READS.items():
        answer = read(published)
        values_: Collection[Any] = answer if isinstance(answer, tuple) else (answer,)
        for one in values_:
            assert one.__dataclass_params__.frozen, name
