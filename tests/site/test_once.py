"""A page reads the database once for each thing it shows, and never shows what an earlier page read."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from answerable.site.actions import units
from answerable.site.reads.home import get_home
from answerable.site.reads.once import OncePerPage, one_page
from answerable.site.reads.posts import get_holder
from answerable.site.reads.returns import get_grid
from answerable.site.reads.units import list_units
from answerable.values import Text
from tests.pages import browser, words
from tests.world import FORM, YEAR, World


def register_one(world: World, code: str) -> None:
    entered = units.UnitEntered(code, Text(zh="新社区", en=f"Newcomer {code}"), "community", [FORM])
    units.register(by=world.people.office, units=[entered], valid_from=date(2025, 1, 1))


def test_what_a_page_asks_twice_is_read_once(world: World) -> None:
    with one_page(), CaptureQueriesContext(connection) as queries:
        first = list_units()
        asked = len(queries)
        second = list_units()
    assert first is second and len(queries) == asked > 0


def test_other_arguments_are_another_question(world: World) -> None:
    with one_page():
        assert get_grid(YEAR, FORM, ["C01"]) is get_grid(YEAR, FORM, ["C01"])
        alone, whole = get_grid(YEAR, FORM, ["C01"]), get_grid(YEAR, FORM)
    assert alone and whole and len(alone.rows) == 1 < len(whole.rows)


def test_the_next_page_reads_anew(world: World) -> None:
    with one_page():
        before = list_units()
    register_one(world, "N01")
    with one_page():
        assert {unit.code for unit in list_units()} - {unit.code for unit in before} == {"N01"}


def test_a_page_shows_what_was_recorded_since_the_last_one(world: World) -> None:
    client = browser(world.people.office)
    assert "Newcomer" not in words(client.get("/returns/?year=2025"))
    register_one(world, "N01")
    assert "Newcomer N01" in words(client.get("/returns/?year=2025"))
    register_one(world, "N02")
    assert "Newcomer N02" in words(client.get("/returns/?year=2025"))


def test_outside_a_page_every_read_is_of_the_moment(world: World) -> None:
    before = len(list_units())
    register_one(world, "N01")
    assert len(list_units()) == before + 1


@pytest.mark.parametrize(("method", "is_one_page"), [("GET", True), ("HEAD", True), ("POST", False)])
def test_what_sends_something_reads_anew(world: World, method: str, is_one_page: bool) -> None:
    seen = []

    def view(_: HttpRequest) -> HttpResponse:
        seen.append(list_units() is list_units())
        return HttpResponse()

    OncePerPage(view)(RequestFactory().generic(method, "/"))
    assert seen == [is_one_page]
    assert list_units() is not list_units()


def test_a_page_that_fails_leaves_nothing_behind(world: World) -> None:
    with pytest.raises(RuntimeError), one_page():
        list_units()
        raise RuntimeError
    assert list_units() is not list_units()


def test_the_work_list_is_the_same_on_a_page_and_outside(world: World) -> None:
    for person in (world.people.office, world.people.leader, world.people.inspector):
        with one_page():
            on_a_page = get_home(get_holder(person))
        assert on_a_page == get_home(get_holder(person))
