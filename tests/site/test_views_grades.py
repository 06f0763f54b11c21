"""Scores as pages: computed and confirmed by different people, explained to the row, each unit its own."""

from __future__ import annotations

import html
import json
import re
from datetime import date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from answerable.scoring import explain
from answerable.site import clock
from answerable.site.actions import grades, people, returns, units
from answerable.site.models import Entry, ScoreRun
from answerable.site.reads.explanations import get_explanation
from answerable.site.reads.grades import Run, get_run, get_score_table
from answerable.site.reads.programmes import get_programme
from answerable.site.reads.snapshot import get_snapshot
from answerable.site.views.next_grade import short
from answerable.values import Text
from tests.pages import browser, readers, refuses, renders_in_both_languages, who_sees, words
from tests.world import FORM, UNITS, YEAR, World, values

CODES = [code for code, *_ in UNITS]


@pytest.fixture
def run(world: World) -> Run:
    """The year computed, not confirmed."""
    return known(grades.run(by=world.people.office, year=YEAR).number)


def known(number: str) -> Run:
    found = get_run(number)
    assert found
    return found


def document(unit: str, run: Run) -> dict[str, Any]:
    explained = get_explanation(unit, run)
    assert explained
    return explained.explanation.document


def items(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for child in node["children"] for one in (items(child) if "children" in child else [child])]


def table_units(answer: Any, run: Run) -> list[str]:
    return re.findall(rf'href="/grades/{run.number}/(?!confirm/)([^/"]+)/"', answer.content.decode())


# -- computing ---------------------------------------------------------------------------------------------------------


def test_the_office_computes_scores_after_it_was_asked(world: World) -> None:
    client, address = browser(world.people.office), f"/grades/run/?year={YEAR}"
    asked = client.get(address)
    assert "Compute the scores of 2025?" in words(asked) and ScoreRun.objects.count() == 0
    answer = client.post(address, {"period": "2025"})
    made = ScoreRun.objects.get()
    assert answer.headers["Location"] == f"/grades/?year={YEAR}&run={made.number}"
    assert made.run_by == "office" and made.period == "2025"


def test_in_july_only_the_months_that_are_due_can_be_scored(world: World) -> None:
    with clock.at(datetime(2025, 7, 10, 9)):
        page = browser(world.people.office).get(f"/grades/run/?year={YEAR}").content.decode()
        assert 'value="2025-01..2025-06"' in page and 'value="2025"' not in page
        other = browser(world.people.office).post(f"/grades/run/?year={YEAR}", {"period": "2025"})
    assert other.status_code == 200 and ScoreRun.objects.count() == 0


def test_before_anything_is_due_there_is_nothing_to_score(world: World) -> None:
    text = words(browser(world.people.office).get("/grades/run/?year=2026"))
    assert "There is nothing to score in 2026 yet" in text


def test_only_the_office_computes_and_only_the_leading_group_confirms(world: World, run: Run) -> None:
    assert who_sees(world, f"/grades/run/?year={YEAR}") == {"office"}
    assert who_sees(world, f"/grades/{run.number}/confirm/") == {"leading_group"}
    before = Entry.objects.count()
    for name, reader in readers(world).items():
        if name not in ("office", "stranger"):
            assert browser(reader).post(f"/grades/run/?year={YEAR}", {"period": "2025"}).status_code == 403
        if name not in ("leading_group", "stranger"):
            assert browser(reader).post(f"/grades/{run.number}/confirm/", {"reason": "So."}).status_code == 403
    assert Entry.objects.count() == before


# -- confirming --------------------------------------------------------------------------------------------------------


def test_grades_are_confirmed_with_a_reason(world: World, run: Run) -> None:
    client, address = browser(world.people.leading_group), f"/grades/{run.number}/confirm/"
    assert refuses(client.post(address, {"reason": " "}), "site.reason_missing")
    assert client.post(address, {"reason": "Looked at on 20 January."}).status_code == 302
    confirmed = known(run.number).confirmed
    assert confirmed and confirmed.by == "leading-group"
    text = words(client.get("/grades/"))
    assert "Looked at on 20 January." in text and "Computed, not confirmed" not in text


def test_whoever_computed_does_not_confirm(world: World, run: Run) -> None:
    people.appoint(by=world.people.office, username="office", post="leading_group", from_day=date(2025, 1, 1))
    answer = browser(world.people.office).post(f"/grades/{run.number}/confirm/", {"reason": "I am sure."})
    assert refuses(answer, "site.same_person")
    assert known(run.number).confirmed is None


def test_an_older_run_is_not_confirmed(world: World, run: Run) -> None:
    grades.run(by=world.people.office, year=YEAR)
    answer = browser(world.people.leading_group).post(f"/grades/{run.number}/confirm/", {"reason": "This one."})
    assert refuses(answer, "site.run_superseded")


# -- the table ---------------------------------------------------------------------------------------------------------


def test_the_district_sees_every_unit_and_a_unit_only_its_own(world: World, run: Run) -> None:
    seen = {}
    for name, reader in readers(world).items():
        answer = browser(reader).get("/grades/")
        seen[name] = set(table_units(answer, run)) if answer.status_code == 200 else None
    assert seen == {
        "office": set(CODES),
        "leading_group": set(CODES),
        "inspector": None,
        "other inspector": None,
        "specialist": {"C01"},
        "leader": {"C01"},
        "other leader": {"D01"},
        "without post": None,
        "stranger": None,
    }


def test_the_counts_of_the_page_are_those_of_the_stored_grades(world: World, run: Run) -> None:
    text = words(browser(world.people.leading_group).get("/grades/"))
    table = get_score_table(run)
    assert f"{sum(run.counts.values())} Units" in text
    for one in table.counts:
        assert f"{run.counts[one.grade]} {one.title.en}" in text
    assert "Units" not in words(browser(world.people.leader).get("/grades/")).split("Total")[0].split("Scores")[-1]


def test_total_grade_place_and_parts_stand_in_each_row(world: World, run: Run) -> None:
    text = words(browser(world.people.office).get("/grades/"))
    for row in get_score_table(run).rows:
        if row.place:
            assert f"{row.total} {row.grade_title.en} {row.place} of {row.of}" in text
        for part in row.parts:
            assert part.points in text


def test_the_table_is_sorted_and_searched_by_its_address(world: World, run: Run) -> None:
    client = browser(world.people.office)
    totals = {row.unit: float(row.total or 0) for row in get_score_table(run).rows}
    up = table_units(client.get("/grades/", {"sort": "total"}), run)
    assert up == sorted(up, key=lambda unit: totals[unit])
    down = table_units(client.get("/grades/", {"sort": "-returns"}), run)
    assert set(down) == set(CODES) and down[-1] == "E01"
    for sort in ("unit", "grade", "place", "-place", "nothing"):
        assert set(table_units(client.get("/grades/", {"sort": sort}), run)) == set(CODES)


def test_more_than_five_units_can_be_searched(world: World) -> None:
    more_units(world, 3)
    made = known(grades.run(by=world.people.office, year=YEAR).number)
    client = browser(world.people.office)
    assert set(table_units(client.get("/grades/", {"kind": "department"}), made)) == {"D01"}
    assert set(table_units(client.get("/grades/", {"name": "东一"}), made)) == {"C01"}
    lowest = set(table_units(client.get("/grades/", {"grade": "unqualified"}), made))
    assert "E01" in lowest and "C01" not in lowest
    assert "No unit fits this search." in words(client.get("/grades/", {"name": "nobody"}))


def more_units(world: World, count: int) -> None:
    """Further communities, registered by the office, silent all year."""
    entered = [
        units.UnitEntered(f"F{at:02}", Text(zh=f"新{at}社区", en=f"New {at}"), "community", forms=[FORM])
        for at in range(count)
    ]
    units.register(by=world.people.office, units=entered, valid_from=date(2025, 1, 2))


def test_without_a_run_the_page_says_what_to_do(world: World) -> None:
    office = browser(world.people.office).get("/grades/", {"year": YEAR})
    leader = browser(world.people.leader).get("/grades/", {"year": YEAR})
    assert "/grades/run/?year=2025" in office.content.decode()
    assert "/grades/today/C01/" in leader.content.decode() and "/grades/run/" not in leader.content.decode()


def test_an_older_run_is_shown_by_its_number_and_an_unknown_one_is_not_found(world: World, run: Run) -> None:
    later = known(grades.run(by=world.people.office, year=YEAR).number)
    client = browser(world.people.office)
    assert set(table_units(client.get("/grades/"), later)) == set(CODES)
    assert set(table_units(client.get("/grades/", {"year": str(YEAR), "run": run.number}), run)) == set(CODES)
    assert client.get("/grades/", {"year": str(YEAR), "run": "2025-R9"}).status_code == 404


# -- why ---------------------------------------------------------------------------------------------------------------


def test_a_score_is_explained_to_the_district_and_to_its_own_unit(world: World, run: Run) -> None:
    readers_of_c01 = {"office", "leading_group", "specialist", "leader"}
    for page in ("", "recounts/", "explanation.json", "?whole=1"):
        assert who_sees(world, f"/grades/{run.number}/C01/{page}") == readers_of_c01


def test_pages_of_scores_render_in_both_languages(world: World, run: Run) -> None:
    every = [f"/grades/{run.number}/{unit}/" for unit in CODES]
    every += [f"/grades/{run.number}/C02/{node['id']}/" for node in items(document("C02", run)["tree"])]
    renders_in_both_languages(world.people.office, ["/grades/", f"/grades/run/?year={YEAR}", *every])
    renders_in_both_languages(world.people.leading_group, [f"/grades/{run.number}/confirm/"])


def test_the_verdict_and_every_item_stand_on_the_page_with_the_digits_as_computed(world: World, run: Run) -> None:
    said = document("C02", run)
    text = words(browser(world.people.office).get(f"/grades/{run.number}/C02/"))
    assert f"{said['grade_title']['en']} 2025 {said['total']} of {said['of']} points" in text
    for item in items(said["tree"]):
        shown = item["points"] or "–"
        assert f"{item['title']['en']} {shown}" in text, item["id"]
    assert f"{said['tree']['points']} points were got of the {said['assessable']} that could be assessed" in text


def test_the_place_is_that_of_the_first_ranking_the_programme_declares(world: World, run: Run) -> None:
    rank = get_programme(run.programme_digest).ranks[0]
    rows = {row.unit: row for row in get_score_table(run).rows}
    assert (rows["C01"].place, rows["C01"].of, rows["C02"].place) == (1, 2, 2)
    text = words(browser(world.people.leader).get(f"/grades/{run.number}/C01/"))
    assert f"{rank.title.en}: 1 of 2" in text


def test_what_would_change_the_grade_names_the_points_and_the_items(world: World, run: Run) -> None:
    said = document("C02", run)
    text = words(browser(world.people.office).get(f"/grades/{run.number}/C02/"))
    assert f"{said['next_grade']['short_by']} points short of “Advanced”, which begins at 90." in text
    alone = [item["title"]["en"] for item in items(said["tree"]) if item["reaches_next_grade"]]
    assert alone, "the world has an item that reaches it alone"
    for title in alone:
        assert re.search(rf"{title} [0-9.]+ .*? yes", text)


def test_an_item_says_which_value_of_it_would_be_enough(world: World, run: Run) -> None:
    said, client = document("C02", run), browser(world.people.office)
    found = {one["id"]: one for one in items(said["tree"]) if one["enough"]}
    assert found and set(found) == {one["id"] for one in said["next_grade"]["enough"]}
    for name, item in found.items():
        text = html.unescape(words(client.get(f"/grades/{run.number}/C02/{name}/")))
        enough = item["enough"]
        assert f"everything else as it is: {enough['points']} points, a total of {enough['total']}" in text
        assert "Enough for “Advanced”" in text
    silent = next(one["id"] for one in items(said["tree"]) if not one["enough"])
    assert "Enough for" not in words(client.get(f"/grades/{run.number}/C02/{silent}/"))


def test_the_page_says_how_many_points_a_grade_can_lose(world: World, run: Run) -> None:
    margin = document("C01", run)["margin"]
    text = words(browser(world.people.office).get(f"/grades/{run.number}/C01/"))
    assert f"“Advanced” holds with up to {margin['points']} points fewer, down to a total of 90." in text
    with clock.at(datetime(2025, 7, 10, 9)):
        assert "points fewer" not in words(browser(world.people.leader).get("/grades/today/C01/"))


def test_an_item_leads_from_its_clause_to_its_result(world: World, run: Run) -> None:
    client = browser(world.people.office)
    for item in items(document("C02", run)["tree"]):
        page = client.get(f"/grades/{run.number}/C02/{item['id']}/")
        text, indicator = html.unescape(words(page)), item["indicator"]
        assert item["rule"]["en"] in text and indicator["title"]["en"] in text
        assert indicator["formula"] in text and item["formula"] in text
        assert " ".join(indicator["formula_with_values"].split()) in text
        if item["formula_with_values"]:
            assert item["formula_with_values"] in text
        if item["decision"]:
            assert item["decision"]["en"] in text
        assert f"Result {item['result']} / {item['of']}" in text or item["result"] is None


def test_the_rows_of_an_item_are_shown_with_the_version_that_counted(world: World, run: Run) -> None:
    text = words(browser(world.people.office).get(f"/grades/{run.number}/C02/requests_settled/"))
    assert "2025-04 38 37 2" in text and "2025-05 40 39 1" in text
    assert "Total 478 466" in text, "what the formula adds up, added up below the table"


def test_a_return_revised_after_the_run_does_not_change_the_version_shown(world: World, run: Run) -> None:
    with clock.at(datetime(2026, 1, 21, 9)):
        returns.revise(
            by=world.people.of_unit("C02", "specialist"),
            unit="C02",
            form=FORM,
            period="2025-05",
            values=values(requests=39, requests_done=39),
            reason="One was of June.",
        )
        text = words(browser(world.people.office).get(f"/grades/{run.number}/C02/requests_settled/"))
    assert "2025-05 40 39 1" in text


def test_money_is_shown_in_yuan_and_said_to_be_fen_in_formulas(world: World, run: Run) -> None:
    text = words(browser(world.people.office).get(f"/grades/{run.number}/C02/paid_in_full/"))
    assert "14400000 / 14400000" in text and "2025-01 12,000.00 12,000.00 1" in text
    assert "Total 144,000.00 144,000.00" in text and "in formulas in fen, in the table in yuan" in text


def test_an_indicator_made_of_others_names_them_with_their_values(world: World, run: Run) -> None:
    text = words(browser(world.people.office).get(f"/grades/{run.number}/C02/migrants_equal/"))
    made_of = "migrant_done_share = sum(monthly.migrant_requests_done) / sum(monthly.migrant_requests) 100%"
    assert f"Share of migrant requests settled in time {made_of}" in text
    assert "done_share = sum(monthly.requests_done) / sum(monthly.requests) 97.49%" in text


def test_recounts_and_findings_of_an_item_lead_to_their_own_pages(world: World, run: Run) -> None:
    client = browser(world.people.office)
    recounts = client.get(f"/grades/{run.number}/C02/recounts/").content.decode()
    assert f'href="/visits/{world["visit C02"]}/"' in recounts
    findings = client.get(f"/grades/{run.number}/C02/board_sound/").content.decode()
    assert f'href="/findings/{world["finding C02"]}/"' in findings
    assert "Notice board out of date" in findings and "confirmed" in findings


def test_every_reason_fits_on_one_page_to_print(world: World, run: Run) -> None:
    page = browser(world.people.leader).get(f"/grades/{run.number}/C01/?whole=1").content.decode()
    said = document("C01", run)
    for node in [*items(said["tree"]), *said["adjustments"]]:
        assert f'id="{node["id"]}"' in page


def test_the_json_is_what_anyone_computes_from_the_same_facts(world: World, run: Run) -> None:
    answer = browser(world.people.leader).get(f"/grades/{run.number}/C01/explanation.json")
    programme = get_programme(run.programme_digest)
    tables = get_snapshot(programme, run.period, run.entry_index).tables
    assert json.loads(answer.content) == explain(programme, tables, run.period, "C01").document
    assert answer.headers["Content-Type"] == "application/json"


def test_a_unit_sees_how_it_stands_today_and_that_this_is_no_grade(world: World) -> None:
    with clock.at(datetime(2025, 7, 10, 9)):
        page = browser(world.people.leader).get("/grades/today/C01/")
        item = browser(world.people.leader).get("/grades/today/C01/returns_on_time/")
        other = browser(world.people.of_unit("D01", "leader")).get("/grades/today/C01/")
    assert "This is no grade." in words(page) and "stamp" not in page.content.decode()
    assert "6 / 6" in words(item) and other.status_code == 403


def test_unknown_runs_units_and_items_are_not_found(world: World, run: Run) -> None:
    client = browser(world.people.office)
    for page in ("2025-R9/C01/", f"{run.number}/X99/", f"{run.number}/C01/nothing/", "2025-R9/C01/explanation.json"):
        assert client.get(f"/grades/{page}").status_code == 404, page
    assert browser(world.people.leading_group).get("/grades/2025-R9/confirm/").status_code == 404


def test_seven_units_cost_as_many_queries_as_four(world: World, run: Run) -> None:
    client, counts = browser(world.people.office), []
    for more in (0, 3):
        if more:
            more_units(world, more)
        number = grades.run(by=world.people.office, year=YEAR).number
        for page in ("/grades/", f"/grades/{number}/C01/"):
            client.get(page)
            with CaptureQueriesContext(connection) as queries:
                client.get(page)
            counts.append(len(queries))
    assert counts[:2] == counts[2:]


@pytest.mark.parametrize(
    ("grade", "before_quota", "total", "said"),
    [
        ("advanced", "advanced", "95.00", "This is the best grade there is."),
        ("not_rated", "not_rated", None, "Too few points could be assessed for a grade."),
        ("qualified", "advanced", "95.00", "The total reaches a better grade, whose places are taken."),
        ("qualified", "qualified", "95.00", "The total reaches a better grade; a minimum or a step of the grade"),
    ],
)
def test_where_no_total_gives_a_better_grade_the_reason_is_said(
    grade: str, before_quota: str, total: str | None, said: str
) -> None:
    document: dict[str, Any] = {"next_grade": None, "vetoes": [], "grade": grade, "total": total}
    with translation.override("en"):
        assert short(document | {"grade_before_quota": before_quota}, "advanced", is_standing=False).startswith(said)
