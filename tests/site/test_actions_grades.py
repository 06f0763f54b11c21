"""Score, confirm, publish: from facts to grades that anyone can compute again, each step by another person."""

from __future__ import annotations

import json
import re
from datetime import date, datetime

import pytest
from django.core.exceptions import PermissionDenied

from answerable.scoring import Scorecard, score
from answerable.site import clock
from answerable.site.actions import findings, grades, notices, people, returns
from answerable.site.models import Entry, Grade, ScoreCache, ScoreRun
from answerable.site.reads import grades as grade_reads
from answerable.site.reads.grades import get_run, get_score_table, get_scorecard
from answerable.site.reads.ledger import get_last_index, get_root
from answerable.site.reads.notices import get_bulletin, list_notices
from answerable.site.reads.programmes import get_in_force, get_programme
from answerable.site.reads.snapshot import get_snapshot
from answerable.values import Period, Text
from tests.door import beneath_the_guard, refused
from tests.world import FORM, PROGRAMME, YEAR, World, publish, values

TITLE = Text(zh="2025年度考核情况通报", en="Bulletin of 2025")


def run_scores(world: World) -> str:
    return grades.run(by=world.people.office, year=YEAR).number


def confirmed(world: World) -> str:
    number = run_scores(world)
    grades.confirm(by=world.people.leading_group, run=number, reason="Read and found right.")
    return number


def scorecard(number: str) -> Scorecard:
    run = get_run(number)
    assert run
    return get_scorecard(run)


def test_a_run_grades_every_assessed_unit(world: World) -> None:
    number = run_scores(world)
    run = get_run(number)
    assert number == "2025-R1"
    assert run and run.units == 4
    assert set(Grade.objects.filter(run__number=number).values_list("unit_code", flat=True)) == {
        "C01",
        "C02",
        "D01",
        "E01",
    }


def test_a_silent_unit_is_never_graded_above_one_that_filed(world: World) -> None:
    run = get_run(run_scores(world))
    assert run
    first, *_, last = get_score_table(run).rows
    assert (first.unit, last.unit) == ("C01", "E01")


def test_the_reference_engine_gives_the_same_scorecard(world: World) -> None:
    run = get_run(run_scores(world))
    assert run
    programme = get_programme(run.programme_digest)
    snapshot = get_snapshot(programme, run.period, run.entry_index)
    assert snapshot.digest() == run.snapshot_digest
    assert score(programme, snapshot.tables, run.period, engine="reference").digest() == run.scorecard_digest


def test_a_run_says_as_of_which_entry_and_under_which_root(world: World) -> None:
    root, last = get_root(), Entry.objects.count() - 1
    row = ScoreRun.objects.get(number=run_scores(world))
    body = json.loads(Entry.objects.order_by("-idx")[0].body)
    assert row.entry_index == last
    assert body["facts"]["root_before"] == root
    assert body["facts"]["scorecard_digest"] == row.scorecard_digest


def test_a_fact_that_came_later_does_not_change_a_run(world: World) -> None:
    run = get_run(run_scores(world))
    assert run
    with clock.at(datetime(2026, 2, 2, 9)):
        returns.submit(
            by=world.people.of_unit("D01", "specialist"), unit="D01", form=FORM, period="2025-06", values=values()
        )
        returns.revise(
            by=world.people.specialist,
            unit="C01",
            form=FORM,
            period="2025-06",
            values=values(requests_done=1, migrant_requests_done=1),
            reason="Counted again.",
        )
        findings.decide(
            by=world.people.office, finding=world["finding C02"], status="withdrawn", reason="The date was misread."
        )
        programme = get_programme(run.programme_digest)
        assert get_snapshot(programme, run.period, run.entry_index).digest() == run.snapshot_digest
        assert get_snapshot(programme, run.period).digest() != run.snapshot_digest


def test_a_run_for_part_of_a_year_reads_that_part(world: World) -> None:
    number = grades.run(by=world.people.office, year=YEAR, period=Period.parse("2025-01..2025-06")).number
    run = get_run(number)
    assert run and str(run.period) == "2025-01..2025-06"


def test_a_year_without_a_programme_is_not_scored(world: World) -> None:
    with refused("site.no_programme"):
        grades.run(by=world.people.office, year=2031)


def test_a_year_nobody_has_reported_on_is_scored_all_the_same(world: World) -> None:
    run = get_run(grades.run(by=world.people.office, year=2026).number)
    assert run and run.units == 4
    assert run.counts.get("advanced", 0) == 0


def test_a_scorecard_thrown_away_or_tampered_with_is_computed_again(world: World) -> None:
    run = get_run(run_scores(world))
    assert run
    kept = get_scorecard(run).digest()
    for change in ("delete", "tamper"):
        grade_reads._scorecard.cache_clear()
        with beneath_the_guard():
            if change == "delete":
                ScoreCache.objects.all().delete()
            else:
                ScoreCache.objects.create(run=run.number, scorecard=json.dumps({}))
        assert get_scorecard(run).digest() == kept == run.scorecard_digest


def test_grades_are_confirmed_by_the_leading_group_and_not_by_who_ran_them(world: World) -> None:
    number = run_scores(world)
    with pytest.raises(PermissionDenied):
        grades.confirm(by=world.people.office, run=number, reason="Right.")
    people.appoint(by=world.people.office, username="office", post="leading_group", from_day=date(2026, 1, 1))
    with refused("site.same_person"):
        grades.confirm(by=world.people.office, run=number, reason="Right.")
    with refused("site.reason_missing"):
        grades.confirm(by=world.people.leading_group, run=number, reason="")
    grades.confirm(by=world.people.leading_group, run=number, reason="Right.")
    with refused("site.run_confirmed"):
        grades.confirm(by=world.people.leading_group, run=number, reason="Right.")


def test_only_the_last_run_is_confirmed(world: World) -> None:
    first = run_scores(world)
    assert run_scores(world) == "2025-R2"
    with refused("site.run_superseded"):
        grades.confirm(by=world.people.leading_group, run=first, reason="Right.")
    with refused("site.unknown_run"):
        grades.confirm(by=world.people.leading_group, run="2025-R9", reason="Right.")


def test_a_bulletin_is_published_once_and_only_after_the_grades_are_confirmed(world: World) -> None:
    number = run_scores(world)
    with refused("site.run_not_confirmed"):
        notices.publish(by=world.people.office, run=number, title=TITLE)
    grades.confirm(by=world.people.leading_group, run=number, reason="Right.")
    with pytest.raises(PermissionDenied):
        notices.publish(by=world.people.leading_group, run=number, title=TITLE)
    published = notices.publish(by=world.people.office, run=number, title=TITLE).number
    with refused("site.notice_published"):
        notices.publish(by=world.people.office, run=number, title=TITLE)
    with refused("site.unknown_run"):
        notices.publish(by=world.people.office, run="2025-R9", title=TITLE)
    assert [notice.number for notice in list_notices()] == [published]


def test_a_bulletin_shows_how_many_units_have_each_grade(world: World) -> None:
    number = notices.publish(by=world.people.office, run=confirmed(world), title=TITLE).number
    bulletin = get_bulletin(number)
    assert bulletin and bulletin.notice.title == TITLE
    assert sum(one.count for one in bulletin.table.counts) == len(bulletin.table.rows) == 4
    assert get_bulletin("2025-N9") is None


def test_a_programme_that_reads_the_year_before_gets_the_figures_confirmed_for_it(world: World) -> None:
    source = PROGRAMME.read_text("utf-8").replace(
        "{from: 2025-01-01, until: 2027-01-01}", "{from: 2026-01-01, until: 2027-01-01}"
    )
    source = re.sub(r"^version: .*$", 'version: "2026"', source, flags=re.MULTILINE)
    source = source.replace(
        "\ntree:\n",
        "\n  - {id: since, title: {zh: 比上年, en: Since last year}, formula: paid_share - earlier.paid_share,"
        " missing: unassessable, show: number}\ntree:\n",
    )
    publish(source, world.people.office, world.people.second_office)
    programme = get_in_force(2026)
    assert programme and programme.reads_earlier
    year = Period.of_year(2026)
    assert len(get_snapshot(programme, year).tables["earlier"]) == 0
    before = scorecard(confirmed(world))
    tables = get_snapshot(programme, year).tables
    known = {(row["unit"], row["indicator"]): row["value"] for row in before.tables["indicators"].rows()}
    told = {(row["unit"], row["indicator"]): row["value"] for row in tables["earlier"].rows()}
    assert told == {key: None if value is None else int(value) * 100 for key, value in known.items()}
    assert {row["year"] for row in tables["earlier"].rows()} == {2025}
    # As of an entry before the confirmation nothing was known of that year yet.
    assert len(get_snapshot(programme, year, get_last_index() - 1).tables["earlier"]) == 0
