"""Visits as pages: drawn in the open, assigned all at once or not at all, counted blind, recorded once."""

from __future__ import annotations

import hashlib
import html
import re
import subprocess
from datetime import date, datetime
from pathlib import Path

from django.db import connection
from django.test.utils import CaptureQueriesContext

from answerable.site import clock
from answerable.site.actions import people, visits
from answerable.site.models import Entry, Visit
from answerable.site.reads.findings import list_findings
from answerable.site.reads.visits import VisitMade, get_draw, get_visit, list_draws, list_visits
from tests.pages import browser, readers, refuses, renders_in_both_languages, who_sees, words
from tests.world import FORM, YEAR, World

SIZES = {"community": "2", "department": "1", "enterprise": "1"}


def known(number: str) -> VisitMade:
    found = get_visit(number)
    assert found
    return found


def sheet(**changed: str) -> dict[str, str]:
    """A record as a phone sends it: one recount, one row of each kind left empty."""
    sent = {"recounts": "2", "findings": "1", "visited_on": "2025-08-22", "remark": "The books were in order."}
    sent |= {"r0-month": "2025-05", "r0-figure": f"{FORM}/requests", "r0-counted": "38"}
    return sent | changed


def august() -> datetime:
    return datetime(2025, 8, 22, 17)


# -- who sees what -----------------------------------------------------------------------------------------------------


def test_each_sees_in_the_list_the_visits_that_concern_them(world: World) -> None:
    numbers = {unit: world[f"visit {unit}"] for unit in ("C01", "C02", "D01")}
    seen = {}
    for name, reader in readers(world).items():
        answer = browser(reader).get("/visits/", {"year": str(YEAR)})
        text = answer.content.decode() if answer.status_code == 200 else ""
        seen[name] = {unit for unit, number in numbers.items() if f"/visits/{number}/" in text}
    assert seen == {
        "office": {"C01", "C02", "D01"},
        "leading_group": {"C01", "C02", "D01"},
        "inspector": {"C01", "D01"},
        "other inspector": {"C02"},
        "specialist": {"C01"},
        "leader": {"C01"},
        "other leader": {"D01"},
        "without post": set(),
        "stranger": set(),
    }


def test_a_visit_opens_to_its_inspector_its_unit_and_the_district(world: World) -> None:
    address = f"/visits/{world['visit C01']}/"
    assert who_sees(world, address) == {"office", "leading_group", "inspector", "specialist", "leader"}


def test_what_was_drawn_is_open_to_every_post_and_drawing_to_the_office(world: World) -> None:
    posts = set(readers(world)) - {"without post", "stranger"}
    assert who_sees(world, f"/visits/draw/{world['draw']}/") == posts
    assert who_sees(world, f"/visits/draw/{world['draw']}/frame.csv") == posts
    for address in ("/visits/draw/", f"/visits/draw/{world['draw']}/assign/", "/visits/new/"):
        assert who_sees(world, address) == {"office"}


def test_visits_are_pages_in_both_languages(world: World) -> None:
    draw, query = world["draw"], "&".join(f"{kind}={size}" for kind, size in SIZES.items())
    pages = ["/visits/", "/visits/new/", f"/visits/draw/?year={YEAR}&{query}", f"/visits/draw/{draw}/"]
    renders_in_both_languages(world.people.office, [*pages, f"/visits/draw/{draw}/assign/"])
    renders_in_both_languages(world.people.inspector, [f"/visits/{world[f'visit {unit}']}/" for unit in ("C01", "D01")])


def test_a_unit_that_was_drawn_and_waits_for_an_inspector_is_in_the_offices_list(world: World) -> None:
    text = words(browser(world.people.office).get("/visits/", {"year": str(YEAR), "state": "drawn"}))
    assert "Textile Enterprise" in text and "East One Community" not in text


# -- the record --------------------------------------------------------------------------------------------------------


def test_the_inspector_counts_without_seeing_what_was_reported(world: World) -> None:
    number = world["visit D01"]
    with clock.at(august()):
        before = browser(world.people.inspector).get(f"/visits/{number}/").content.decode()
        assert f'value="{FORM}/requests"' in before and "Reported" not in before
        assert not re.search(r"\b40\b", words(browser(world.people.inspector).get(f"/visits/{number}/")))
        browser(world.people.inspector).post(f"/visits/{number}/", sheet())
        after = words(browser(world.people.inspector).get(f"/visits/{number}/"))
    assert "Service requests to be settled this month 2025-05 40 38 no" in after
    assert "0 of 1 are the same as reported." in after


def test_a_record_is_stored_as_it_was_sent_and_empty_rows_are_nothing(world: World) -> None:
    number = world["visit D01"]
    seen = {"f0-kind": "place_closed", "f0-occurrences": "2", "f0-fact": "The room was locked."}
    money = {"r1-month": "2025-05", "r1-figure": f"{FORM}/paid_amount", "r1-counted": "11,999.50"}
    with clock.at(august()):
        answer = browser(world.people.inspector).post(f"/visits/{number}/", sheet(recounts="4", **seen, **money))
    assert answer.status_code == 302
    made = known(number)
    assert made.visited_on == date(2025, 8, 22) and made.remark == "The books were in order."
    assert {one.field: one.recounted for one in made.recounts} == {"requests": 38, "paid_amount": 1_199_950}
    (finding,) = list_findings(unit="D01")
    assert (finding.kind, finding.occurrences, finding.visit) == ("place_closed", 2, number)


def test_a_record_with_a_fault_keeps_what_was_typed_and_writes_nothing(world: World) -> None:
    number, before = world["visit D01"], Entry.objects.count()
    client = browser(world.people.inspector)
    faults = {
        "site.field_not_number": {"r0-counted": "about forty"},
        "site.field_decimals": {"r0-counted": "38.5"},
        "site.day_to_come": {"visited_on": "2025-08-23"},
        "site.finding_without_fact": {"f0-kind": "place_closed"},
        "site.finding_occurrences": {"f0-kind": "place_closed", "f0-fact": "Locked.", "f0-occurrences": "0"},
    }
    with clock.at(august()):
        for code, changed in faults.items():
            answer = client.post(f"/visits/{number}/", sheet(**changed))
            assert refuses(answer, code)
            assert "The books were in order." in answer.content.decode()
    assert known(number).visited_on is None and Entry.objects.count() == before


def test_a_month_the_unit_is_silent_about_cannot_be_chosen(world: World) -> None:
    with clock.at(august()):
        page = browser(world.people.inspector).get(f"/visits/{world['visit D01']}/").content.decode()
        sent = sheet(**{"r0-month": "2025-06"})
        answer = browser(world.people.inspector).post(f"/visits/{world['visit D01']}/", sent)
    assert 'value="2025-05"' in page and 'value="2025-06"' not in page
    assert answer.status_code == 200 and known(world["visit D01"]).visited_on is None


def test_half_a_row_is_asked_about_and_not_guessed(world: World) -> None:
    with clock.at(august()):
        answer = browser(world.people.inspector).post(f"/visits/{world['visit D01']}/", sheet(**{"r0-counted": ""}))
    assert "A recount has a month, a figure and a number" in words(answer)
    assert known(world["visit D01"]).visited_on is None


def test_the_same_figure_twice_is_refused_by_its_code(world: World) -> None:
    twice = {"r1-month": "2025-05", "r1-figure": f"{FORM}/requests", "r1-counted": "39"}
    with clock.at(august()):
        answer = browser(world.people.inspector).post(f"/visits/{world['visit D01']}/", sheet(**twice))
    assert refuses(answer, "site.recount_twice")


def test_more_rows_keep_what_was_typed_and_record_nothing(world: World) -> None:
    with clock.at(august()):
        answer = browser(world.people.inspector).post(f"/visits/{world['visit D01']}/", sheet(more="recounts"))
    text = answer.content.decode()
    assert 'name="r5-counted"' in text and 'value="38"' in text and "Nothing is recorded yet" not in text
    assert known(world["visit D01"]).visited_on is None


def test_a_visit_is_recorded_once_and_by_its_inspector_only(world: World) -> None:
    address = f"/visits/{world['visit D01']}/"
    with clock.at(august()):
        for name, reader in readers(world).items():
            if name not in ("inspector", "stranger"):
                assert browser(reader).post(address, sheet()).status_code == 403, name
        assert browser(world.people.inspector).post(address, sheet()).status_code == 302
        assert browser(world.people.inspector).post(address, sheet()).status_code == 403


def test_where_nothing_was_filed_there_is_nothing_to_recount(world: World) -> None:
    made = visits.assign(
        by=world.people.office,
        unit="E01",
        year=YEAR,
        inspector="inspector",
        planned_on=date(2026, 1, 22),
        reason="On a complaint.",
        cause="complaint",
    )
    text = words(browser(world.people.inspector).get(f"/visits/{made.number}/"))
    assert "there is nothing to recount" in text


# -- the draw ----------------------------------------------------------------------------------------------------------


def test_sizes_and_frame_are_stated_with_the_chance_of_each_unit_before_the_seed(world: World) -> None:
    client = browser(world.people.office)
    assert "Then the seed" not in words(client.get("/visits/draw/", {"year": str(YEAR)}))
    stated = words(client.get("/visits/draw/", {"year": str(YEAR), **SIZES, "community": "1"}))
    assert "Community 2 1 1/2" in stated and "Then the seed" in stated


def test_the_frame_that_was_stated_is_the_frame_that_is_drawn_from(world: World) -> None:
    client = browser(world.people.office)
    address = f"/visits/draw/?year={YEAR}&" + "&".join(f"{kind}={size}" for kind, size in SIZES.items())
    page = client.get(address).content.decode()
    digest = re.search(r'name="frame" value="([0-9a-f]{64})"', page)
    assert digest
    answer = client.post(address, {"seed": "lottery 2026-01-20: 07 11 23", "frame": digest[1]})
    assert answer.status_code == 302
    drawn = list_draws(YEAR)[-1]
    assert (drawn.frame_digest, drawn.seed) == (digest[1], "lottery 2026-01-20: 07 11 23")
    assert answer.headers["Location"] == f"/visits/draw/{drawn.number}/"


def test_a_register_that_changed_since_stops_the_draw(world: World) -> None:
    address = f"/visits/draw/?year={YEAR}&" + "&".join(f"{kind}={size}" for kind, size in SIZES.items())
    answer = browser(world.people.office).post(address, {"seed": "seed", "frame": "0" * 64})
    assert "The register has changed since the frame was stated" in words(answer)
    assert len(list_draws(YEAR)) == 1


def test_sizes_that_do_not_fit_and_seeds_that_cannot_be_said_are_refused(world: World) -> None:
    client = browser(world.people.office)
    too_many = client.get("/visits/draw/", {"year": str(YEAR), **SIZES, "department": "2"})
    assert refuses(too_many, "draw.size_unfit")
    address = f"/visits/draw/?year={YEAR}&" + "&".join(f"{kind}={size}" for kind, size in SIZES.items())
    digest = re.search(r'name="frame" value="([0-9a-f]{64})"', client.get(address).content.decode())
    assert digest
    assert refuses(client.post(address, {"seed": "", "frame": digest[1]}), "draw.seed_unfit")
    assert len(list_draws(YEAR)) == 1


def test_the_commands_on_the_page_draw_the_same_units_again(world: World, tmp_path: Path) -> None:
    client, drawn = browser(world.people.office), get_draw(world["draw"])
    assert drawn
    frame = client.get(f"/visits/draw/{drawn.number}/frame.csv").content
    assert hashlib.sha256(frame).hexdigest() == drawn.frame_digest
    (tmp_path / "frame.csv").write_bytes(frame)
    page = client.get(f"/visits/draw/{drawn.number}/").content.decode()
    commands = [html.unescape(found) for found in re.findall(r"<code>(tail .*?)</code>", page, re.S)]
    lines = [
        subprocess.run(["bash", "-c", one], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
        for one in commands
    ]
    again = [line.split()[2] for one in lines for line in one.splitlines()]
    assert sorted(again) == sorted(drawn.chosen) and len(commands) == len(drawn.sizes)


# -- who visits --------------------------------------------------------------------------------------------------------


def test_one_unit_is_given_an_inspector_with_a_reason(world: World) -> None:
    address = f"/visits/draw/{world['draw']}/assign/?unit=E01"
    client = browser(world.people.office)
    sent = {"u-E01-inspector": "inspector-2", "u-E01-planned_on": "2026-01-28", "reason": ""}
    assert refuses(client.post(address, sent), "site.reason_missing")
    assert client.post(address, {**sent, "reason": "In turn."}).status_code == 302
    made = next(one for one in list_visits(YEAR) if one.unit == "E01")
    assert (made.inspector, made.planned_on, made.draw) == ("inspector-2", date(2026, 1, 28), world["draw"])


def test_all_who_wait_are_assigned_at_once(world: World) -> None:
    number = visits.draw(by=world.people.office, year=YEAR, seed="second", sizes={k: int(v) for k, v in SIZES.items()})
    client, address = browser(world.people.office), f"/visits/draw/{number.number}/assign/"
    page = client.get(address).content.decode()
    sent = {"reason": "In turn, the least busy first."}
    for unit in ("C01", "C02", "D01", "E01"):
        proposed = re.search(rf'name="u-{unit}-inspector".*?<option value="([^"]+)" selected>', page, re.S)
        assert proposed, unit
        sent |= {f"u-{unit}-inspector": proposed[1], f"u-{unit}-planned_on": "2026-02-03"}
    assert client.post(address, sent).status_code == 302
    given = [one.inspector for one in list_visits(YEAR) if one.draw == number.number]
    assert sorted(given).count("inspector") == 2, "two visits each: whoever had fewer before got more"
    assert "Nobody waits" in words(client.get(address))


def test_where_one_assignment_is_refused_none_is_written(world: World) -> None:
    number = visits.draw(by=world.people.office, year=YEAR, seed="second", sizes={k: int(v) for k, v in SIZES.items()})
    people.appoint(
        by=world.people.office, username="inspector", post="specialist", unit="E01", from_day=date(2026, 1, 1)
    )
    before = (Visit.objects.count(), Entry.objects.count())
    client, address = browser(world.people.office), f"/visits/draw/{number.number}/assign/"
    page = client.get(address).content.decode()
    own = re.search(r'name="u-E01-inspector".*?<option value="([^"]+)" selected>', page, re.S)
    assert own and own[1] == "inspector-2", "nobody is proposed for a unit of his own"
    sent = {"reason": "In turn."}
    for unit in ("C01", "E01"):
        sent |= {f"u-{unit}-inspector": "inspector", f"u-{unit}-planned_on": "2026-02-03"}
    assert refuses(client.post(address, sent), "site.inspector_of_unit")
    assert (Visit.objects.count(), Entry.objects.count()) == before


def test_a_visit_without_a_draw_states_its_cause_and_its_reason(world: World) -> None:
    client = browser(world.people.office)
    sent = {"unit": "C02", "cause": "follow_up", "inspector": "inspector", "planned_on": "2026-01-30", "reason": ""}
    assert refuses(client.post("/visits/new/", sent), "site.reason_missing")
    answer = client.post("/visits/new/", {**sent, "reason": "To see the board again."})
    made = known(answer.headers["Location"].split("/")[2])
    assert (made.cause, made.draw, made.year) == ("follow_up", "", 2026)


def test_unknown_visits_and_draws_are_not_found(world: World) -> None:
    client = browser(world.people.office)
    for address in ("/visits/2025-V99/", "/visits/draw/2025-D9/", "/visits/draw/2025-D9/assign/"):
        assert client.get(address).status_code == 404


def test_six_visits_cost_as_many_queries_as_three(world: World) -> None:
    client, counts = browser(world.people.office), []
    for day in (0, 3):
        for turn in range(day):
            visits.assign(
                by=world.people.office,
                unit="C02",
                year=YEAR,
                inspector="inspector",
                planned_on=date(2026, 1, 22 + turn),
                reason="To look again.",
                cause="follow_up",
            )
        client.get("/visits/", {"year": str(YEAR)})
        with CaptureQueriesContext(connection) as queries:
            client.get("/visits/", {"year": str(YEAR)})
        counts.append(len(queries))
    assert counts[0] == counts[1]
