"""The register as pages: the tree on any day, and the history of one unit."""

from __future__ import annotations

import html
import re
from datetime import date

from answerable.site.actions import unit_events, units
from answerable.site.reads.lineage import get_carried_year
from answerable.site.reads.units import Follower, get_unit, list_changes, list_identities_of
from answerable.values import Text
from tests.pages import browser, readers, refuses, renders_in_both_languages, who_sees, words
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


# -- changes by the office ---------------------------------------------------------------------------------------------

NEW_CHANGE = "/units/changes/new/"


def typed(**changed: str) -> dict[str, str]:
    entered = {"kind": "split", "on_day": "2026-01-05", "units": "C01", "followers": "C11 3\nC12 2"}
    opened = "C11, 喆堃𠮷社区, North 🌿, community, D01, A\nC12，南社区，South，community"
    return {**entered, "opened": opened, "basis": "批复〔2026〕1号", "reason": "分设。", **changed}


def test_only_the_office_is_asked_what_changed(world: World) -> None:
    assert who_sees(world, NEW_CHANGE) == {"office"}
    assert NEW_CHANGE not in browser(world.people.leader).get("/units/").content.decode()


def test_a_change_is_looked_at_before_it_is_recorded(world: World) -> None:
    office = browser(world.people.office)
    looked = office.post(NEW_CHANGE, typed())
    assert "How it would leave the register" in words(looked) and "North 🌿" in words(looked)
    assert not list_changes(), "looking records nothing"
    sent = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', looked.content.decode()))
    assert sent.pop("csrfmiddlewaretoken") and sent["do"] == "record"
    recorded = office.post(NEW_CHANGE, {name: html.unescape(value) for name, value in sent.items()}, follow=True)
    assert "Recorded as 2026-U1" in words(recorded)
    made = get_unit("C11")
    assert made and (made.name.zh, made.parent, made.forms) == ("喆堃𠮷社区", "D01", (FORM,))
    assert [(one.unit, one.share) for one in list_changes()[0].after] == [("C11", 3), ("C12", 2)]


def test_every_fault_of_a_change_is_shown_and_what_was_typed_stays(world: World) -> None:
    answer = browser(world.people.office).post(NEW_CHANGE, typed(units="C01\nZ9", followers="C11 x\nC12", opened="C11"))
    for code in ("register.share", "register.unknown", "register.needs_one", "register.name_missing"):
        assert code in answer.content.decode(), code
    assert "C11 x" in answer.content.decode() and not list_changes()


def test_a_change_is_undone_with_a_reason_from_the_history(world: World) -> None:
    reorganise(world)
    office, address = browser(world.people.office), "/units/changes/2026-U3/undo/"
    assert who_sees(world, address) == {"office"}
    assert address in office.get("/units/C01/").content.decode()
    assert refuses(office.post(address, {"reason": " "}), "site.reason_missing")
    assert "Undone by 2026-U4" in words(office.post(address, {"reason": "有误。"}, follow=True))
    assert refuses(office.post(address, {"reason": "有误。"}), "register.event_undone")
    assert office.get("/units/changes/2026-U9/undo/").status_code == 404


# -- codes by the office -----------------------------------------------------------------------------------------------

CODES = "/units/C01/codes/"


def test_the_office_finds_what_it_may_do_in_the_register(world: World) -> None:
    office = browser(world.people.office)
    assert NEW_CHANGE in office.get("/units/").content.decode()
    assert CODES in office.get("/units/C01/").content.decode()
    leader = browser(world.people.leader)
    assert CODES not in leader.get("/units/C01/").content.decode()
    assert "/units/left-over/" in leader.get("/units/").content.decode()


def test_codes_are_entered_from_a_day_on_and_the_earlier_ones_stay(world: World) -> None:
    assert who_sees(world, CODES) == {"office"}
    office = browser(world.people.office)
    assert office.get("/units/nowhere/codes/").status_code == 404
    first = {"valid_from": "2026-01-01", "division_code": "110101001001", "credit_code": "", "contact_post": "综合岗"}
    assert "综合岗" in words(office.post(CODES, first, follow=True))
    assert 'value="110101001001"' in office.get(CODES).content.decode()
    later = {**first, "valid_from": "2026-01-05", "credit_code": "9111 0000 6000 3734 1l"}
    office.post(CODES, later, follow=True)
    known = [(one.valid_from.isoformat(), one.credit_code) for one in list_identities_of("C01")]
    assert known == [("2026-01-01", ""), ("2026-01-05", "91110000600037341L")]


def test_every_fault_of_the_codes_is_shown_and_what_was_typed_stays(world: World) -> None:
    wrong = {"valid_from": "2026-01-01", "division_code": "11010100", "credit_code": "91110000600037341K"}
    answer = browser(world.people.office).post(CODES, {**wrong, "contact_post": "综合岗"})
    for shown in ("register.division_code", "register.credit_code_check", 'value="11010100"', "综合岗"):
        assert shown in answer.content.decode(), shown
    assert not list_identities_of("C01")


# -- figures then and now ----------------------------------------------------------------------------------------------


def test_figures_follow_the_units_and_what_was_reported_then_stays(world: World) -> None:
    before = get_carried_year("C01", DAY)
    assert before and before.year == 2025
    requests = next(line for line in before.lines if line.field.id == "requests")
    assert (requests.then, requests.now) == (480, 480)
    reorganise(world)
    after = {code: get_carried_year(code, DAY) for code in ("C01", "C11", "C12")}
    found = {
        code: next((line.then, line.now) for line in year.lines if line.field.id == "requests")
        for code, year in after.items()
        if year
    }
    assert found == {"C01": (480, None), "C11": (None, 288), "C12": (None, 192)}


def test_figures_then_and_now_stand_on_the_page_for_those_who_may_read_them(world: World) -> None:
    reorganise(world)
    text = words(browser(world.people.office).get("/units/C11/"))
    assert "As organised now" in text and "288" in text
    assert "As organised now" in words(browser(world.people.leader).get("/units/C01/"))
    assert "As organised now" not in words(browser(world.people.of_unit("D01", "leader")).get("/units/C11/"))


# -- nobody left over --------------------------------------------------------------------------------------------------


def test_nobody_is_left_over_where_every_way_up_is_open(world: World) -> None:
    assert who_sees(world, "/units/left-over/") == EVERYBODY
    assert "Nobody is left over" in words(browser(world.people.office).get("/units/left-over/"))


def test_a_unit_below_one_that_was_split_is_left_over_until_it_is_moved(world: World) -> None:
    office = world.people.office
    body = units.UnitEntered("S1", Text(zh="服务站", en="Service Point"), "community", [], parent="C01")
    units.register(by=office, units=[body], valid_from=date(2025, 1, 1))
    reorganise(world)
    text = words(browser(office).get("/units/left-over/"))
    assert "Service Point" in text and "C01, is closed" in text and "Move it under C11, C12" in text
    assert "Service Point" not in words(browser(office).get("/units/left-over/?on=2026-01-04"))
    moved = unit_events.EventEntered("moved", date(2026, 1, 6), "批复〔2026〕2号", ["S1"], parent="C12")
    unit_events.record(by=office, event=moved, reason="划入。")
    assert "Service Point" not in words(browser(office).get("/units/left-over/"))


def test_the_pages_of_changes_stand_in_both_languages(world: World) -> None:
    reorganise(world)
    renders_in_both_languages(world.people.office, [NEW_CHANGE, "/units/left-over/", "/units/changes/2026-U3/undo/"])
