"""The first page: each post finds what waits for it, the most urgent first; a stranger finds the public board."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any, get_args

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from answerable.site import clock
from answerable.site.actions import agreements, corrections, grades, notices, people, returns, units
from answerable.site.models import Entry
from answerable.site.reads.home import TaskKind, get_home
from answerable.site.reads.posts import get_holder
from answerable.site.views.home import _WORDS
from answerable.values import Text
from tests.pages import LANGUAGES, browser, readers, renders_in_both_languages, words
from tests.world import FORM, YEAR, World, values

IN_FEBRUARY_2025 = datetime(2025, 2, 3, 9)


def home(reader: Any, moment: datetime | None = None, language: str = "en") -> Any:
    if moment is None:
        return browser(reader, language).get("/")
    with clock.at(moment):
        return browser(reader, language).get("/")


def first_action(answer: Any) -> str:
    """Where the one primary action of the page leads."""
    found = re.findall(r'<a class="button first" href="([^"]+)"', answer.content.decode())
    assert len(found) <= 1
    return found[0] if found else ""


def section(answer: Any, name: str) -> str:
    found = re.search(rf'<section id="{name}">.*?</section>', answer.content.decode(), re.S)
    return found[0] if found else ""


def file_december(world: World) -> None:
    """E01 files its last month late, and so every post of it has less to do."""
    person = world.people.of_unit("E01", "specialist")
    returns.submit(by=person, unit="E01", form=FORM, period="2025-12", values=values())


@pytest.fixture
def confirmed(world: World) -> str:
    """The run of 2025, confirmed by the leading group and not published."""
    run = grades.run(by=world.people.office, year=YEAR).number
    grades.confirm(by=world.people.leading_group, run=run, reason="Right.")
    return run


def test_a_stranger_finds_the_public_board_and_no_work(world: World) -> None:
    for language in LANGUAGES:
        answer = home(world.people.stranger, language=language)
        assert answer.status_code == 200
        assert "/accounts/login/" in answer.content.decode() and 'id="todo"' not in answer.content.decode()
        assert 'class="menu"' not in answer.content.decode()


def test_the_first_page_is_a_page_in_both_languages_for_every_post(world: World) -> None:
    for reader in readers(world).values():
        renders_in_both_languages(reader, ["/"])


def test_looking_writes_nothing(world: World) -> None:
    before = Entry.objects.count()
    for reader in readers(world).values():
        home(reader)
    assert Entry.objects.count() == before


def test_whoever_holds_no_post_is_told_whom_to_ask(world: World) -> None:
    text = words(home(world.people.without_post))
    assert "You hold no post today" in text and "To do" not in text


def test_every_link_of_the_first_page_leads_to_a_page_its_reader_may_open(world: World, confirmed: str) -> None:
    moments = [IN_FEBRUARY_2025, datetime(2025, 8, 10, 9), datetime(2026, 1, 9, 9), datetime(2026, 1, 20, 9)]
    followed = set()
    for name, reader in readers(world).items():
        if name in ("without post", "stranger"):
            continue
        for moment in moments:
            with clock.at(moment):
                client = browser(reader)
                page = client.get("/").content.decode().split("<main", 1)[1]
                for href in set(re.findall(r'href="(/[^"#]*)"', page)):
                    assert client.get(href).status_code in (200, 302), (name, moment, href)
                    followed.add(href)
    assert len(followed) > 12


def test_each_kind_of_task_is_known_by_words() -> None:
    assert set(_WORDS) == set(get_args(TaskKind))


# -- by post -----------------------------------------------------------------------------------------------------------


def test_a_specialist_finds_the_returns_to_file_the_oldest_first(world: World) -> None:
    answer = home(world.people.of_unit("D01", "specialist"))
    assert f"/returns/D01/{FORM}/2025-06/" in section(answer, "returns")
    assert "overdue" in section(answer, "returns")
    assert first_action(answer) == f"/returns/D01/{FORM}/2025-06/"


def test_many_returns_become_one_line(world: World) -> None:
    answer = home(world.people.of_unit("E01", "specialist"))
    assert "File 12 returns" in section(answer, "returns")
    assert first_action(answer) == "/returns/?year=2025"


def test_a_specialist_with_nothing_to_do_is_told_what_will_come(world: World) -> None:
    text = words(home(world.people.specialist))
    assert "Nothing waits for you" in text and "Every return that is due is filed." in text


def test_a_leader_finds_the_agreement_to_sign(world: World) -> None:
    agreements.issue(by=world.people.office, unit="E01", year=2026)
    answer = home(world.people.of_unit("E01", "leader"))
    assert "/agreements/2026-E01-1/" in section(answer, "todo")
    assert first_action(answer) == "/agreements/2026-E01-1/"


def test_a_correction_of_last_year_still_waits_in_the_new_one(world: World) -> None:
    number = corrections.open_(
        by=world.people.office, unit="C01", year=YEAR, problem="Renew the board.", due_on=date(2026, 1, 25)
    ).number
    assert f"/corrections/{number}/" in section(home(world.people.specialist), "todo")
    late = home(world.people.leader, datetime(2026, 1, 26, 9))
    assert "overdue" in section(late, "todo") and first_action(late) == f"/corrections/{number}/"
    assert "Ask after the correction" in section(home(world.people.office, datetime(2026, 1, 26, 9)), "todo")


def test_the_office_finds_its_work_and_the_returns_of_the_month(world: World) -> None:
    answer = home(world.people.office)
    todo = section(answer, "todo")
    assert "Issue 4 agreements" in todo and "/agreements/issue/?year=2026" in todo
    assert f"/corrections/{world['correction C02']}/" in todo
    assert "Compute the scores of 2025" in todo
    sums = re.findall(r"<dd>.*?(\d+)</span></dd><dt>([^<]+)</dt>", section(answer, "month"))
    assert sums == [("3", "on time"), ("0", "late"), ("0", "not yet, still in time"), ("1", "not filed")]


def test_the_office_sees_which_days_are_ahead(world: World) -> None:
    due = section(home(world.people.office), "due")
    assert "Last day to sign the agreements of 2026" in due
    assert "Monthly family services return, 2026-01" in due
    assert "2026-01" in section(home(world.people.specialist), "due")


def test_an_inspector_finds_the_visit_to_make(world: World) -> None:
    answer = home(world.people.inspector)
    assert first_action(answer) == f"/visits/{world['visit D01']}/"
    assert "Nothing waits for you" in words(home(world.people.second_inspector))


def test_the_leading_group_finds_the_grades_to_confirm(world: World) -> None:
    run = grades.run(by=world.people.office, year=YEAR).number
    assert f"Confirm the grades of {run}" in words(home(world.people.leading_group))


def test_a_unit_sees_where_it_stands_while_the_year_runs(world: World) -> None:
    text = words(home(world.people.leader, datetime(2025, 9, 10, 9)))
    assert "Where we stand: 2025-01 to 2025-08" in text and "It is no grade." in text
    assert "What would help most" in text


def test_a_unit_sees_its_grade_once_it_is_confirmed(world: World, confirmed: str) -> None:
    answer = home(world.people.of_unit("E01", "leader"))
    assert "Grade of 2025" in words(answer) and f"/grades/{confirmed}/E01/" in answer.content.decode()
    assert "Grade of 2025" not in words(home(world.people.office))


def test_a_grade_is_not_shown_before_it_is_confirmed(world: World) -> None:
    grades.run(by=world.people.office, year=YEAR)
    text = words(home(world.people.leader))
    assert "Grade of" not in text and "It is no grade." in text


def test_what_is_published_stands_under_notices(world: World, confirmed: str) -> None:
    assert "Nothing is published yet." in section(home(world.people.specialist), "notices")
    assert "Publish the bulletin of" in words(home(world.people.office))
    number = notices.publish(by=world.people.office, run=confirmed, title=Text(zh="通报", en="Bulletin of 2025")).number
    for reader in (world.people.specialist, world.people.office, world.people.leading_group):
        assert f"/bulletins/{number}/" in section(home(reader), "notices")


def test_somebody_of_two_units_finds_both_apart(world: World) -> None:
    people.appoint(by=world.people.office, username="leader-c01", post="leader", unit="D01", from_day=date(2026, 1, 10))
    text = words(home(world.people.leader))
    assert "East One Community, Education Department" in text
    assert "East One Community: Where we stand" in text and "Education Department: Where we stand" in text


def test_the_work_list_of_a_named_year_is_that_year_s_alone(world: World) -> None:
    holder = get_holder(world.people.office)
    kinds = {task.kind for task in get_home(holder).tasks}
    assert "corrections_to_decide" in kinds and "agreements_to_issue" in kinds
    assert "corrections_to_decide" not in {task.kind for task in get_home(holder, 2026).tasks}


def test_the_first_page_takes_as_many_queries_for_three_units_more(world: World) -> None:
    counts: dict[str, set[int]] = {}
    for turn in range(2):
        if turn:
            more = [units.UnitEntered(f"N0{n}", Text(zh="社区", en="N"), "community", [FORM]) for n in range(3)]
            units.register(by=world.people.office, units=more, valid_from=date(2026, 1, 15))
        for name, reader in readers(world).items():
            client = browser(reader)
            client.get("/")
            with CaptureQueriesContext(connection) as queries:
                client.get("/")
            counts.setdefault(name, set()).add(len(queries))
    assert {name for name, found in counts.items() if len(found) > 1} == set()
