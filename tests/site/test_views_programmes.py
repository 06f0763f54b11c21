"""The programme as a score sheet: everyone with an account reads it, and nothing of it is left out."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from answerable.definition.model import Item
from answerable.site.reads.programmes import get_in_force, list_programmes
from answerable.site.views import programmes as programmes_page
from answerable.site.views.programmes import level_of
from tests.pages import browser, renders_in_both_languages, who_sees, words
from tests.world import PROGRAMME, YEAR, World, publish

SHEET = "/programmes/"


def test_everyone_who_is_signed_in_reads_the_programme(world: World) -> None:
    assert who_sees(world, SHEET) == {
        "office",
        "leading_group",
        "inspector",
        "other inspector",
        "specialist",
        "leader",
        "other leader",
        "without post",
    }


def test_the_sheet_is_a_page_in_both_languages(world: World) -> None:
    renders_in_both_languages(world.people.leader, [SHEET])


def test_every_item_stands_there_with_its_points_and_its_rule(world: World) -> None:
    programme = get_in_force(YEAR)
    text = words(browser(world.people.leader).get(SHEET))
    assert programme
    for item in programme.tree.items():
        assert isinstance(item, Item)
        rule = item.rule.in_words(item.points, programme.indicator(item.indicator).percent)
        assert item.title.en in text and rule.en in text, item.id


def test_every_field_finding_veto_and_source_stands_there(world: World) -> None:
    programme = get_in_force(YEAR)
    assert programme
    text = words(browser(world.people.leader).get(SHEET))
    titles = [field.title for form in programme.forms for field in form.fields]
    titles += [one.title for one in programme.finding_kinds]
    titles += [one.title for one in programme.vetoes] + [one.title for one in programme.sources]
    assert [title.en for title in titles if title.en not in text] == []
    assert programme.digest in text


def test_clauses_are_cited_by_the_name_of_their_source(world: World) -> None:
    text = words(browser(world.people.leader, "zh-hans").get(SHEET))
    assert "《中华人民共和国人口与计划生育法》第31条" in text
    assert "population_law#31" not in text


def test_a_version_is_shown_by_its_digest_and_an_unknown_one_is_not_found(world: World) -> None:
    client = browser(world.people.leader)
    (known,) = list_programmes()
    assert client.get(SHEET, {"version": known.digest}).status_code == 200
    assert client.get(SHEET, {"version": "0" * 64}).status_code == 404


def test_the_best_band_is_stamped_high_and_the_last_low(world: World) -> None:
    programme = get_in_force(YEAR)
    assert programme
    levels = [level_of(programme, grade) for grade in ("advanced", "qualified", "unqualified", "not_rated")]
    assert levels == ["high", "middle", "low", "middle"]


def test_without_a_programme_the_page_says_what_is_missing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programmes_page, "list_programmes", tuple)
    assert "No programme is published yet" in words(browser(world.people.leader).get(SHEET))


def test_a_new_version_leads_to_the_old_one_and_costs_no_further_query(world: World) -> None:
    client = browser(world.people.leader)
    client.get(SHEET)
    with CaptureQueriesContext(connection) as before:
        client.get(SHEET)
    source = PROGRAMME.read_text("utf-8").replace('version: "2025.1"', 'version: "2025.2"')
    publish(source, world.people.office, world.people.second_office)
    text = client.get(SHEET).content.decode()
    with CaptureQueriesContext(connection) as after:
        client.get(SHEET)
    old = next(one for one in list_programmes() if one.version == "2025.1")
    assert "Version 2025.2" in text and f"?version={old.digest}" in text
    assert len(after) == len(before)
