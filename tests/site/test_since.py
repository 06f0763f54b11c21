"""An old score explained again has the same bytes, and the page of a new one says what changed since the run before."""

from __future__ import annotations

import html
from datetime import date, datetime

import pytest

from answerable.site import clock
from answerable.site.actions import findings, grades, returns, units
from answerable.site.reads.explanations import get_explanation, get_since
from answerable.site.reads.grades import Run, get_run, get_run_before
from answerable.values import Period, Text
from answerable.values.canonical import canonical_json
from answerable.values.number import signed
from tests.pages import browser, words
from tests.world import FORM, YEAR, World, values

CODES = ("C01", "C02", "D01", "E01")


def computed(world: World, period: str = "") -> Run:
    number = grades.run(by=world.people.office, year=YEAR, period=Period.parse(period) if period else None).number
    found = get_run(number)
    assert found
    return found


@pytest.fixture
def first(world: World) -> Run:
    return computed(world)


def kept(run: Run) -> dict[str, bytes]:
    explained = {code: get_explanation(code, run) for code in CODES}
    return {code: canonical_json(one.explanation.document) for code, one in explained.items() if one}


def revise(world: World) -> None:
    returns.revise(
        by=world.people.specialist,
        unit="C01",
        form=FORM,
        period="2025-06",
        values=values(requests_done=20, migrant_requests_done=6),
        reason="Counted again.",
    )


def more_facts(world: World) -> None:
    """A return revised, a finding raised and confirmed, a unit registered otherwise, from within the year scored."""
    revise(world)
    with clock.at(datetime(2025, 12, 30, 9)):  # found within the year, and written down only after the run
        number = findings.raise_(
            by=world.people.office, unit="C02", year=YEAR, kind="board_outdated", occurrences=2, fact="Seen again."
        ).number
    findings.answer(by=world.people.of_unit("C02", "leader"), finding=number, answer="confirmed")
    findings.decide(
        by=world.people.second_office, finding=number, status="confirmed", reason="The photograph shows it."
    )
    entered = units.UnitEntered(
        "D01", Text(zh="教体部门", en="Education Department"), "department", [FORM], opened=date(2025, 4, 1)
    )
    units.register(by=world.people.office, units=[entered], valid_from=date(2025, 1, 2))


def test_an_old_score_explained_again_has_the_same_bytes_whatever_was_recorded_since(world: World, first: Run) -> None:
    before = kept(first)
    assert set(before) == set(CODES)
    more_facts(world)
    assert kept(first) == before
    later = kept(computed(world))
    assert {code for code in CODES if later[code] != before[code]} == {"C01", "C02", "D01"}


def page(world: World, run: Run, unit: str, lang: str = "en") -> str:
    answer = browser(world.people.office).get(f"/grades/{run.number}/{unit}/", headers={"accept-language": lang})
    return " ".join(html.unescape(words(answer)).split())


def test_the_first_run_of_a_year_has_no_such_section(world: World, first: Run) -> None:
    assert get_run_before(first) is None
    assert "What changed since" not in page(world, first, "C01")


def test_where_nothing_changed_the_page_says_so(world: World, first: Run) -> None:
    text = page(world, computed(world), "C01")
    assert f"What changed since run {first.number} Nothing changed: the same points, the same grade." in text


def test_the_page_names_the_items_that_changed_and_the_cells_behind_them(world: World, first: Run) -> None:
    more_facts(world)
    second = computed(world)
    explained = get_explanation("C01", second)
    found = get_since(explained, second) if explained else None
    assert found and found.run.number == first.number
    changed = {node["id"]: node for node in found.changes["nodes"] if node["kind"] == "item"}
    assert "requests_settled" in changed
    text = page(world, second, "C01")
    settled = changed["requests_settled"]
    assert f"Total: {found.changes['before']['total']} → {found.changes['after']['total']}" in text
    row = f"{settled['title']['en']} {settled['before']['points']} {settled['after']['points']} "
    assert row + signed(settled["share"]["points"]) in text
    assert "was 97.5% and is 93.54% 2025-06: Of these settled within the promised time 39 → 20" in text
    assert "board" in page(world, second, "C02").split("What changed since run")[1].split("Points")[0].lower()


def test_the_run_before_is_the_one_computed_last_before_it_in_the_same_year(world: World, first: Run) -> None:
    grades.run(by=world.people.office, year=2026)
    second, third = computed(world), computed(world)
    before = get_run_before(third)
    assert before and before.number == second.number
    before = get_run_before(second)
    assert before and before.number == first.number


def test_a_unit_that_was_not_scored_before_has_no_such_section(world: World, first: Run) -> None:
    entered = units.UnitEntered(
        "C09", Text(zh="东九社区", en="East Nine"), "community", [FORM], opened=date(2025, 1, 1)
    )
    units.register(by=world.people.office, units=[entered], valid_from=date(2025, 1, 1))
    assert "What changed since" not in page(world, computed(world), "C09")
    old = browser(world.people.office).get(f"/grades/{first.number}/C09/")
    assert old.status_code == 404, "it was registered after that run"


def test_a_run_of_other_months_says_so(world: World) -> None:
    computed(world, "2025-01..2025-06")
    assert "Period: 2025-01..2025-06 → 2025" in page(world, computed(world), "C01")


def test_the_section_is_in_chinese_for_those_who_read_it(world: World, first: Run) -> None:
    revise(world)
    client = browser(world.people.office)
    client.cookies["django_language"] = "zh-hans"
    text = words(client.get(f"/grades/{computed(world).number}/C01/"))
    assert f"从上次计算（{first.number}）以来的变化" in text and "由 97.5% 变为 93.54%" in text
