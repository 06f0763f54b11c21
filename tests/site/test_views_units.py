"""The register as pages: the tree on any day, and the history of one unit."""

from __future__ import annotations

from datetime import date

from answerable.site.actions import unit_events, units
from answerable.site.reads.units import Follower
from answerable.values import Text
from tests.pages import browser, readers, renders_in_both_languages, who_sees, words
from tests.world import FORM, World

EVERYBODY = {"office", "leading_group", "inspector", "other inspector", "specialist", "leader", "other leader"}
DAY = date(2026, 1, 5)


def reorganise(world: World) -> None:
    office = world.people.office
    codes = [units.Codes("C01", "110101001001", "91110000600037341L", "综合岗")]
    units.identify(by=office, codes=codes, valid_from=date(2025, 1, 1))
    new = [
        units.UnitEntered(code, Text(zh=f"{code}喆堃𠮷", en=f"{code} 🌿"), "community", [FORM], parent="D01")
        for code in ("C11", "C12")
    ]
    event = unit_events.EventEntered(
        "split", DAY, "批复〔2026〕1号", ["C01"], [Follower("C11", 3), Follower("C12", 2)], new
    )
    number = unit_events.record(by=office, event=event, reason="分设。").number
    unit_events.undo(by=office, event=number, reason="日期有误。")
    unit_events.record(by=office, event=event, reason="重新登记。")


def test_the_register_is_open_to_every_post(world: World) -> None:
    assert who_sees(world, "/units/") == EVERYBODY
    assert who_sees(world, "/units/C01/") == EVERYBODY
    assert browser(world.people.office).get("/units/Z9/").status_code == 404
    assert "/units/" in browser(readers(world)["leader"]).get("/").content.decode()


def test_the_tree_is_that_of_the_day_asked_for(world: World) -> None:
    reorganise(world)
    now = words(browser(world.people.office).get("/units/"))
    assert "C11 🌿" in now and "dissolved" in now and "91110000600037341L" in now
    assert "open on this day" in now
    then = words(browser(world.people.office).get("/units/?on=2026-01-04"))
    assert "C11 🌿" not in then and "East One Community" in then


def test_a_unit_stands_below_the_one_above_it(world: World) -> None:
    reorganise(world)
    text = browser(world.people.office).get("/units/").content.decode()
    assert text.index("/units/D01/") < text.index("/units/C11/") < text.index("/units/E01/")
    assert "　C11" in text


def test_the_register_is_searched_by_name_kind_and_state(world: World) -> None:
    reorganise(world)
    office = browser(world.people.office)
    assert "East One" in words(office.get("/units/?state=unit_closed"))
    assert "Education" not in words(office.get("/units/?state=unit_closed"))
    assert "C12 🌿" in words(office.get("/units/?unit=堃"))
    assert "No unit fits" in words(office.get("/units/?unit=nowhere&on=2026-13-45"))


def test_the_page_of_a_unit_tells_its_history_and_its_kin(world: World) -> None:
    reorganise(world)
    text = words(browser(world.people.office).get("/units/C01/"))
    for told in ("Carried on by", "C11 🌿 (3)", "C12 🌿 (2)", "批复〔2026〕1号", "Undone by 2026-U2", "Undoes 2026-U1"):
        assert told in text, told
    assert "91110000600037341L" in text and "综合岗" in text
    assert "Took over from" in words(browser(world.people.office).get("/units/C12/"))
    assert "C11 🌿" in words(browser(world.people.office).get("/units/D01/"))


def test_every_page_of_the_register_stands_in_both_languages(world: World) -> None:
    reorganise(world)
    renders_in_both_languages(world.people.office, ["/units/", "/units/C01/", "/units/C11/", "/units/?on=2024-01-01"])
