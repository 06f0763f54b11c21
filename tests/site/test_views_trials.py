"""Trying a change on the district's own figures: who may, what comes of it, and that nothing of it is kept."""

from __future__ import annotations

import csv
import io
from typing import Any
from urllib.parse import urlencode

from django.db import transaction

from answerable.definition import read
from answerable.site.actions import grades, programmes, returns
from answerable.site.models import Entry
from answerable.site.reads.programmes import get_source, list_programmes
from answerable.site.reads.trials import get_basis, try_numbers
from answerable.values import Period
from tests.pages import browser, refuses, renders_in_both_languages, who_sees, words
from tests.site.test_views_proposals import changed, proposed
from tests.world import FORM, World, values

AT = "/trials/"


def tried(**numbers: str) -> str:
    """The query of a trial; underscores are dots where two stand together."""
    pairs = [f"{name.replace('__', '.')}={value}" for name, value in numbers.items()]
    return "?" + urlencode({"year": 2025, "set": pairs}, doseq=True)


def scored(world: World) -> None:
    grades.run(by=world.people.office, year=2025, period=Period.of_year(2025))


def page(world: World, query: str, language: str = "en") -> Any:
    answer = browser(world.people.office, language).get(AT + query)
    assert answer.status_code == 200
    return answer


def test_the_office_and_the_leading_group_try_changes(world: World) -> None:
    for address in (
        AT,
        f"{AT}programme.yaml{tried(advanced__from='80')}",
        f"{AT}moves.csv{tried(advanced__from='80')}",
    ):
        assert who_sees(world, address) == {"office", "leading_group"}, address


def test_the_pages_are_pages_in_both_languages(world: World) -> None:
    scored(world)
    queries = (
        "",
        "?year=2025",
        "?year=2030",
        tried(advanced__from="70"),
        tried(foo="1"),
        tried(problems_back__cap="5"),
    )
    renders_in_both_languages(world.people.office, [AT + query for query in queries])
    renders_in_both_languages(world.people.leading_group, [f"{AT}?proposal={proposed(world)}"])


def test_the_form_is_sent_as_an_address_of_what_was_changed_alone(world: World) -> None:
    basis = get_basis(2025)
    assert basis is not None
    sent = {"advanced.from": " 80 ", "qualified.from": "60", "agreement.points": ""}
    answer = browser(world.people.office).post(f"{AT}?year=2025", sent)
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"{AT}?year=2025&set=advanced.from=80#result"


def test_who_would_move_is_shown_before_and_after(world: World) -> None:
    scored(world)
    basis = get_basis(2025)
    assert basis is not None and basis.run is not None
    answer = page(world, tried(advanced__from="99.99", qualified__from="99.98"))
    told = words(answer)
    assert "Who would get another grade" in told
    moved = answer.context["trial"].moves
    assert moved.count("down") > 0 and moved.count("up") == 0
    for unit in moved.units:
        assert (unit.unit in told.split("What was changed")[0]) == (moved.way(unit) != ""), unit
    assert "Who would get another grade" not in words(page(world, tried(problems_back__cap="5")))


def test_the_figures_are_those_of_the_last_run_and_before_the_first_those_of_today(world: World) -> None:
    before = get_basis(2025)
    assert before is not None and before.run is None
    scored(world)
    after = get_basis(2025)
    assert after is not None and after.run is not None
    assert (after.period, after.entry_index) == (after.run.period, after.run.entry_index)
    assert after.run.number in words(page(world, ""))


def test_what_has_no_effect_is_said_in_words(world: World) -> None:
    assert "Not one figure differs" in words(page(world, tried(problems_back__cap="5")))
    assert "没有任何变化" in words(page(world, tried(problems_back__cap="5"), "zh-hans"))


def test_points_that_no_longer_add_up_to_the_same_whole_are_told(world: World) -> None:
    assert "All points together are 102, not 100" in words(page(world, tried(agreement__points="6")))
    assert "All points together" not in words(page(world, tried(agreement__points="6", specialist__points="2")))


def test_what_cannot_be_tried_is_said_beside_its_field_and_the_form_keeps_it(world: World) -> None:
    answer = page(world, tried(advanced__from="x", agreement__points="5"))
    assert refuses(answer, "trial.not_a_number")
    text = answer.content.decode()
    assert 'id="id_advanced.from" name="advanced.from" value="x"' in text and 'id="id_advanced.from_error"' in text
    assert 'name="agreement.points" value="5"' in text


def test_what_is_wrong_with_the_whole_is_said_on_top(world: World) -> None:
    assert refuses(page(world, tried(qualified__from="95")), "programme.bands_order")
    assert refuses(page(world, tried(nothing__here="5")), "trial.unknown_setting")
    assert refuses(page(world, "?year=2025&set=advanced.from"), "trial.no_change")


def test_a_proposal_is_tried_though_its_years_are_to_come(world: World) -> None:
    scored(world)
    source = changed().replace("{from: 2026-01-01, until: 2028-01-01}", "{from: 2027-01-01, until: 2028-01-01}")
    number = programmes.propose(by=world.people.office, source=source.encode(), reason="Next").number
    told = words(browser(world.people.office).get(f"{AT}?proposal={number}"))
    assert f"What proposal {number} would change" in told
    assert "The version is for another year" in told
    assert (
        f'href="{AT}?proposal={number}"'
        in browser(world.people.office).get(f"/programmes/proposals/{number}/").content.decode()
    )
    assert browser(world.people.office).get(f"{AT}?proposal=P-none").status_code == 404


def test_the_file_that_was_tried_is_handed_out_and_can_be_proposed(world: World) -> None:
    query = tried(agreement__points="6", specialist__points="2")
    file = browser(world.people.office).get(f"{AT}programme.yaml{query}")
    made = read(file.content)
    assert {item.id: item.points for item in made.tree.items()}["agreement"] == 6
    source = get_source(list_programmes()[0].digest)
    assert [*file.content.decode().splitlines()] != source.splitlines()
    form = browser(world.people.office).get(f"/programmes/proposals/new/{query}")
    assert form.context["form"]["text"].value() == file.content.decode()
    assert "Propose this as a new version" in words(page(world, query))
    assert "Propose this as a new version" not in words(browser(world.people.leading_group).get(AT + query))


def test_every_unit_is_handed_out_before_and_after(world: World) -> None:
    query = tried(advanced__from="70")
    answer = browser(world.people.office).get(f"{AT}moves.csv{query}")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    moved = page(world, query).context["trial"].moves
    assert [(row["unit"], row["way"]) for row in rows] == [(one.unit, moved.way(one) or "same") for one in moved.units]
    number = proposed(world)
    assert (
        f'href="{AT}moves.csv?year=2025&amp;proposal={number}"' in page(world, f"?proposal={number}").content.decode()
    )
    of_proposal = browser(world.people.office).get(f"{AT}moves.csv?year=2025&proposal={number}").content.decode()
    assert len(of_proposal.splitlines()) == 1 + len(rows)
    for nothing in (tried(foo="1"), "?year=2025", "?year=99999"):
        assert browser(world.people.office).get(f"{AT}moves.csv{nothing}").status_code == 404
    assert browser(world.people.office).get(f"{AT}programme.yaml{tried(foo='1')}").status_code == 404


def test_nothing_is_recorded_by_trying(world: World) -> None:
    entries = Entry.objects.count()
    page(world, tried(advanced__from="70"))
    browser(world.people.office).post(f"{AT}?year=2025", {"advanced.from": "70"})
    assert Entry.objects.count() == entries


def test_what_was_tried_on_other_facts_is_not_remembered_for_these(world: World) -> None:
    """Facts as of an entry are known by what the entry commits to: a ledger that was put back has the same numbers."""
    seen = []
    for requests_done in (0, 36):
        with transaction.atomic():
            point = transaction.savepoint()
            returns.revise(
                by=world.people.of_unit("C02", "specialist"),
                unit="C02",
                form=FORM,
                period="2025-01",
                values=values(requests_done=requests_done, migrant_requests_done=0),
                reason="Counted again.",
            )
            basis = get_basis(2025)
            assert basis is not None
            (unit,) = [one for one in try_numbers(basis, {"advanced.from": "70"}).moves.units if one.unit == "C02"]
            seen.append((basis.entry_index, unit.before))
            transaction.savepoint_rollback(point)
    assert seen[0][0] == seen[1][0] and seen[0][1] != seen[1][1]


def test_a_year_without_a_programme_has_nothing_to_try_on(world: World) -> None:
    assert "There is nothing to try a change on in 2030 yet" in words(page(world, "?year=2030"))
    assert browser(world.people.office).get(f"{AT}moves.csv?year=2030").status_code == 404


def test_before_a_year_has_figures_the_last_that_has_is_tried_on(world: World) -> None:
    assert get_basis(2026) is None, "no return of 2026 is due yet"
    answer = page(world, "")
    assert "Period 2025 " in words(answer)
    assert "There is nothing to try a change on in 2026 yet" in words(page(world, "?year=2026"))
