"""The plan of the demonstration year: the same everywhere, sound, and blind to any result."""

from __future__ import annotations

import ast
import hashlib
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest

from answerable.definition import Programme, read_programme
from answerable.scoring import failing_checks, score
from answerable.site.demo import district as planning
from answerable.site.demo import events as happened
from answerable.site.demo.behaviour import HABITS, profile_of
from answerable.site.demo.calendar import DRAWN, NOW
from answerable.site.demo.chance import Chance
from answerable.site.demo.district import DEFAULT_SEED, district
from answerable.site.demo.events import Event, Year
from answerable.site.demo.names import named_units
from answerable.site.demo.papers import letter
from answerable.site.demo.tables import tables_of
from answerable.values import Period
from answerable.values.table import Absence

ROOT = Path(__file__).resolve().parents[3]
OTHER_SEEDS = range(1, 11)


@pytest.fixture(scope="module")
def programme() -> Programme:
    return read_programme(ROOT / "answerable/programmes/family_services")


@pytest.fixture(scope="module")
def year() -> Year:
    return district(DEFAULT_SEED)


def grades(programme: Programme, seed: int) -> dict[str, int]:
    card = score(programme, tables_of(district(seed), programme), Period.of_year(2025))
    return dict(sorted(Counter(str(grade) for grade in card.grades.columns["grade"]).items()))


def test_a_seed_gives_the_same_year_on_every_machine_and_python(year: Year) -> None:
    told = "\n".join(repr(event) for event in year.events)
    assert hashlib.sha256(told.encode()).hexdigest()[:16] == "57835ded257dc817"


def test_the_default_seed_gives_96_35_and_4_of_135(programme: Programme) -> None:
    assert grades(programme, DEFAULT_SEED) == {"advanced": 96, "qualified": 35, "unqualified": 4}


def test_ten_other_seeds_give_other_counts(programme: Programme, capsys: pytest.CaptureFixture[str]) -> None:
    counts = {seed: grades(programme, seed) for seed in OTHER_SEEDS}
    with capsys.disabled():
        print("\n" + "\n".join(f"  seed {seed:3}: {found}" for seed, found in counts.items()))
    assert all(sum(found.values()) == 135 for found in counts.values())
    assert grades(programme, DEFAULT_SEED) not in counts.values()
    assert len({tuple(found.items()) for found in counts.values()}) >= 8


def test_the_plan_knows_no_programme_and_no_score() -> None:
    planned = ["district", "unit_year", "behaviour", "events", "chance", "names", "calendar", "papers"]
    folder = Path(planning.__file__).parent
    trees = [ast.parse((folder / f"{name}.py").read_text("utf-8")) for name in planned]
    names = [node.module or "" for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    ours = {name for name in names if name.startswith("answerable")}
    assert ours and all(
        name.startswith(("answerable.site.demo", "answerable.values", "answerable.integrity")) for name in ours
    )
    assert not any(name.startswith("django") for name in names)


def test_there_are_135_units_and_5_communities_each_with_names_of_its_own() -> None:
    units = named_units()
    assert [unit.code for unit in units] == [f"{at:03d}" for at in range(1, 136)]
    assert Counter(unit.kind for unit in units)["community"] == 5
    assert len({unit.name.zh for unit in units}) == len({unit.name.en for unit in units}) == 135


def test_every_habit_is_met_and_steady_units_are_most(year: Year) -> None:
    met = Counter(profile_of(year.seed, unit).habit.name for unit in year.units)
    assert set(met) == {habit.name for habit, _ in HABITS} == {
        "steady", "improving", "careless", "cramming", "copying", "silent",
    }  # fmt: skip
    assert met["steady"] > 135 / 2
    assert sum(weight for _, weight in HABITS) == 1000


def test_a_habit_does_not_depend_on_any_other_unit() -> None:
    alone = [profile_of(5, unit) for unit in named_units()[:3]]
    assert alone == [profile_of(5, unit) for unit in named_units()][:3]


def test_events_run_in_order_and_end_where_the_clock_starts(year: Year) -> None:
    moments = [event.at for event in year.events]
    assert moments == sorted(moments) and moments[-1] < NOW
    assert DRAWN[0] < year.scored_at < NOW


@pytest.mark.parametrize("seed", [DEFAULT_SEED, 1, 2])
def test_no_return_breaks_a_hard_check_of_the_form(programme: Programme, seed: int) -> None:
    form = programme.form("monthly")
    for event in of(district(seed), happened.ReturnFiled):
        said = {field.id: _value(field.measure == "flag", event.figures[field.id]) for field in form.fields}
        broken = [check.id for check in failing_checks(form, said) if check.severity == "hard"]
        assert broken == [], f"unit {event.unit}, {event.period}"
        bounds = {field.id: field.maximum for field in form.fields if field.maximum is not None}
        assert all((event.figures[name] or 0) <= most for name, most in bounds.items())


def _value(flag: bool, figure: int | None) -> Fraction | bool | Absence:
    if figure is None:
        return Absence.NOT_APPLICABLE
    return bool(figure) if flag else Fraction(figure)


def of(year: Year, *kinds: type[Event]) -> list:  # type: ignore[type-arg]
    return [event for event in year.events if isinstance(event, kinds)]


def test_a_silent_unit_files_little_and_nothing_is_filed_for_it(year: Year) -> None:
    silent = {unit.code for unit in year.units if profile_of(year.seed, unit).habit.name == "silent"}
    filed = Counter(event.unit for event in of(year, happened.ReturnFiled) if event.version == 1)
    assert silent and all(filed[code] <= 6 for code in silent)


def test_a_copying_unit_often_says_what_it_said_the_month_before(year: Year) -> None:
    said: dict[str, list[dict[str, int | None]]] = {}
    for event in of(year, happened.ReturnFiled):
        if event.version == 1:
            said.setdefault(event.unit, []).append(dict(event.figures))
    same = {
        habit.name: [
            before == now
            for unit in year.units
            if profile_of(year.seed, unit).habit is habit
            for before, now in zip(said.get(unit.code, []), said.get(unit.code, [])[1:], strict=False)
        ]
        for habit, _ in HABITS
    }
    assert sum(same["copying"]) / len(same["copying"]) > 0.6
    assert sum(same["steady"]) / len(same["steady"]) < 0.05


def test_a_cramming_unit_files_several_months_on_one_day(year: Year) -> None:
    days = Counter((event.unit, event.at.date()) for event in of(year, happened.ReturnFiled) if event.version == 1)
    crammed = {unit for (unit, _), count in days.items() if count >= 3}
    habits = {profile_of(year.seed, unit).habit.name for unit in year.units if unit.code in crammed}
    assert habits == {"cramming"}


def test_lenient_inspectors_see_fewer_differences() -> None:
    differences: dict[bool, list[bool]] = {True: [], False: []}
    for seed in range(20):
        lenient = {name for name in district(seed).inspectors if planning._is_lenient(seed, name)}
        for event in of(district(seed), happened.VisitRecorded):
            differences[event.inspector in lenient] += [one.reported != one.recounted for one in event.recounts]
    share = {lenient: sum(seen) / len(seen) for lenient, seen in differences.items()}
    assert 0 < share[True] < share[False] / 2


def test_the_opening_of_the_next_year_leaves_something_to_do(year: Year) -> None:
    opened = {event.number: event for event in of(year, happened.CorrectionOpened)}
    closed = {event.correction for event in of(year, happened.CorrectionClosed)}
    assert any(event.due_on < NOW.date() for number, event in opened.items() if number not in closed), "overdue"
    assert closed, "closed"
    january = {event.unit for event in of(year, happened.ReturnFiled) if event.period == "2026-01"}
    assert 0 < len(january) < 135
    assert {event.year for event in of(year, happened.VisitAssigned)} == {2025, 2026}


def test_numbers_are_given_in_the_order_of_events(year: Year) -> None:
    assigned = [event.number for event in of(year, happened.VisitAssigned) if event.year == 2025]
    assert assigned == [f"2025-V{at}" for at in range(1, len(assigned) + 1)]
    opened = [event.number for event in of(year, happened.CorrectionOpened) if event.year == 2025]
    assert opened == [f"2025-C{at}" for at in range(1, len(opened) + 1)]


def test_chance_keeps_within_its_bounds_and_to_its_name() -> None:
    chance = Chance(1, "test")
    assert {chance.between(2, 4) for _ in range(200)} == {2, 3, 4}
    assert not chance.whether(0) and chance.whether(1)
    assert sorted(chance.shuffled("abc")) == ["a", "b", "c"] and len(chance.some_of("abc", 5)) == 3
    assert {chance.by_weight((("often", 9), ("never", 0))) for _ in range(50)} == {"often"}
    assert Chance(1, "a").between(0, 10**9) == Chance(1, "a").between(0, 10**9) != Chance(1, "b").between(0, 10**9)


def test_a_paper_is_a_pdf_that_says_its_lines() -> None:
    paper = letter(("整改情况说明", "问题已改正。"))
    assert paper.startswith(b"%PDF-1.4") and paper.endswith(b"%%EOF\n")
    assert "整改情况说明".encode("utf-16-be").hex().encode() in paper
    start = int(paper.split(b"startxref\n")[1].split(b"\n")[0])
    assert paper[start:].startswith(b"xref\n0 6\n")
