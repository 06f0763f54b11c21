"""Random histories of the register through the actions, and the units of a real country with their tree."""

from __future__ import annotations

import csv
import random
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from answerable.exchange.dhis2 import import_dhis2
from answerable.site.actions import unit_events, units
from answerable.site.actions.unit_events import EventEntered
from answerable.site.actions.units import UnitEntered
from answerable.site.reads.left_over import list_left_over
from answerable.site.reads.lineage import get_carried_year
from answerable.site.reads.units import Follower, get_unit, list_units
from answerable.values import Refused, Text
from tests.pages import browser, words
from tests.world import FORM, World, publish

FIRST = date(2026, 1, 2)
CHILD_HEALTH = Path(__file__).resolve().parents[2] / "answerable/programmes/child_health/programme.yaml"
EXPORTS = ("metadata.json", "organisation_units.json", "data_values.csv.gz")


class History:
    """Events drawn at random, each entered by the office on the day of the last one or some days later."""

    def __init__(self, world: World, seed: int) -> None:
        self.office, self.random, self.day, self.made = world.people.office, random.Random(seed), FIRST, 0
        self.recorded: list[str] = []
        self.refused: Counter[str] = Counter()

    def step(self) -> None:
        """One event; what is refused leaves the register as it was."""
        self.day += timedelta(days=self.random.choice((0, 0, 1, 4)))
        known = list_units(self.day)
        event = self._event(
            [unit.code for unit in known if unit.is_open_on(self.day)],
            [unit.code for unit in known if not unit.is_open_on(self.day)],
        )
        before = everywhere()
        try:
            self.recorded.append(unit_events.record(by=self.office, event=event, reason="Decided so.").number)
        except Refused as refused:
            self.refused.update(issue.code for issue in refused.issues)
            assert everywhere() == before

    def _event(self, opened: list[str], closed: list[str]) -> EventEntered:
        kind = self.random.choice(("renamed", "moved", "merged", "split", "dissolved", "reopened", "founded"))
        some = self.random.sample(opened, min(len(opened), 3))
        told: dict[str, Any] = {}
        match kind:
            case "renamed":
                told = {"units": some[:1], "name": self._name()}
            case "moved":
                told = {"units": some[:1], "parent": self.random.choice(opened)}
            case "merged":
                told = {"units": some[:2], **self._led_to([some[0]] if self.random.random() < 0.5 else [], 1)}
            case "split":
                told = {"units": some[:1], **self._led_to([], self.random.choice((2, 3)))}
            case "dissolved":
                told = {"units": some[:1], "followers": [Follower(code, 2) for code in some[1:]]}
            case "reopened":
                told = {"units": closed[:1]}
            case "founded":
                told = {"opened": [self._fresh(self.random.choice(["", *opened]))]}
        return EventEntered(kind, self.day, "批复〔2026〕1号", **told)  # type: ignore[arg-type]

    def _led_to(self, staying: list[str], wanted: int) -> dict[str, Any]:
        fresh = [] if staying else [self._fresh() for _ in range(wanted)]
        codes = [*staying, *(one.code for one in fresh)]
        return {"followers": [Follower(code, self.random.randint(1, 7)) for code in codes], "opened": fresh}

    def _fresh(self, parent: str = "") -> UnitEntered:
        self.made += 1
        return UnitEntered(f"N{self.made:02d}", self._name(), "community", [FORM], parent)

    def _name(self) -> Text:
        return Text(zh=f"喆堃𠮷社区{self.random.randint(1, 99)}", en="Village 🌿")


def register(day: date) -> dict[str, tuple[object, ...]]:
    return {one.code: (one.name, one.parent, one.opened, one.closed) for one in list_units(day)}


def everywhere() -> list[dict[str, tuple[object, ...]]]:
    """The register as a reader of any day finds it."""
    return [register(FIRST + timedelta(days=at)) for at in range(-1, 60, 4)]


def reported() -> dict[str, dict[str, int]]:
    """What each unit reported itself, by field."""
    found = {unit.code: get_carried_year(unit.code, FIRST - timedelta(days=1)) for unit in list_units(FIRST)}
    return {code: {line.field.id: line.then or 0 for line in of.lines} for code, of in found.items() if of}


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_totals_are_kept_the_past_stays_and_undoing_restores(world: World, seed: int) -> None:
    history, start, told = History(world, seed), everywhere(), reported()
    for _ in range(14):
        past = register(history.day - timedelta(days=1))
        day = history.day - timedelta(days=1)
        history.step()
        assert register(day) == past, "an event changes no earlier day"
    assert len(history.recorded) >= 4, history.refused
    assert reported() == told, "as then is what was reported then"
    assert_totals_kept(told, history.day)
    for number in reversed(history.recorded):
        unit_events.undo(by=history.office, event=number, reason="Entered by mistake.")
    assert everywhere() == start
    assert_totals_kept(told, history.day)


def assert_totals_kept(told: dict[str, dict[str, int]], day: date) -> None:
    """Over all units, figures as organised now add up to what was reported then, field by field."""
    now: Counter[str] = Counter()
    for unit in list_units(day):
        carried = get_carried_year(unit.code, day)
        now.update({line.field.id: line.now or 0 for line in carried.lines} if carried else {})
    then: Counter[str] = Counter()
    for fields in told.values():
        then.update(fields)
    assert then.total() > 0 and now == then


# -- the units of a real country ---------------------------------------------------------------------------------------


def test_the_units_of_sierra_leone_stand_in_the_register_with_their_tree(
    world: World, shared_data: Path, tmp_path: Path
) -> None:
    import_dhis2([shared_data / "sierra-leone" / name for name in EXPORTS], tmp_path)
    office = world.people.office
    year = "in_force: {from: 2025-01-01, until: 2026-01-01}"
    source = CHILD_HEALTH.read_text("utf-8")
    assert year in source
    # The year before: the district's own programme holds in 2025, and one is in force at a time.
    source = source.replace(year, "in_force: {from: 2024-01-01, until: 2025-01-01}")
    publish(source, office, world.people.second_office)
    with (tmp_path / "units.csv").open(encoding="utf-8", newline="") as stream:
        entered = [_entered(row) for row in csv.DictReader(stream)]
    day = date(2024, 6, 1)
    units.register(by=office, units=entered, valid_from=date(2024, 1, 1))
    found = {one.code: one for one in list_units(day)}
    kinds = Counter(one.kind for one in found.values())
    assert len(found) == 1332 and kinds["level_1"] == 1 and kinds["level_2"] == 13
    facility = next(one for one in found.values() if one.kind == "level_4")
    chiefdom = found[facility.parent]
    assert (chiefdom.kind, found[chiefdom.parent].kind) == ("level_3", "level_2")
    assert found[found[chiefdom.parent].parent].kind == "level_1"
    left_over = {one.unit.code for one in list_left_over(day)}
    assert not left_over & set(found), "every facility, chiefdom and district has who answers for it"
    assert get_unit(facility.code, date(2023, 12, 31)) is None
    page = words(browser(office).get("/units/?on=2024-06-01"))
    assert "Sierra Leone" in page and "Bo" in page


def _entered(row: dict[str, str]) -> UnitEntered:
    opened, closed = (date.fromisoformat(row[name]) if row.get(name) else None for name in ("opened", "closed"))
    forms = [form for form in row["forms"].split(";") if form]
    name = Text(zh=row["name_zh"], en=row["name_en"])
    return UnitEntered(row["unit"], name, row["kind"], forms, row["parent"], "", opened, closed)
