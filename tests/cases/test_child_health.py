"""The real year of child health: every indicator of every unit against plain arithmetic over the exports themselves.

The arithmetic here knows no import, no formula and no engine: only the exports and what sources.md says.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import pytest

import answerable
from answerable.definition import Programme, read_programme
from answerable.exchange.dhis2 import import_dhis2
from answerable.exchange.tables import read_tables
from answerable.scoring import Scorecard, score
from answerable.values import Period

FOLDER = Path(answerable.__file__).parent / "programmes" / "child_health"
EXPORTS = ("metadata.json", "organisation_units.json", "data_values.csv.gz")
MONTHS = [f"2025{month:02d}" for month in range(1, 13)]

Answer = Callable[["Year", str], str]


class Year:
    """The exports, as plain dictionaries."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        metadata = json.loads((folder / "metadata.json").read_text("utf-8"))
        units = json.loads((folder / "organisation_units.json").read_text("utf-8"))
        self.code = {unit["id"]: unit["code"] for unit in units}
        self.level = {unit["code"]: unit["level"] for unit in units}
        self.opened = {unit["code"]: unit["openingDate"][:10] for unit in units}
        self.below: dict[str, list[str]] = defaultdict(list)
        for unit in units:
            for above in unit["path"].strip("/").split("/"):
                self.below[self.code[above]].append(unit["code"])
        self.element = {" ".join(one["name"].split()): one["id"] for one in metadata["dataElements"]}
        self.due: dict[str, set[str]] = {}
        self.form_of: dict[str, str] = {}
        for form in metadata["dataSets"]:
            self.due[form["name"]] = {self.code[unit["id"]] for unit in form["organisationUnits"]}
            self.form_of |= {one["dataElement"]["id"]: form["name"] for one in form["dataSetElements"]}

    @cached_property
    def sums(self) -> dict[tuple[str, str, str], Decimal]:
        """Element, unit code and month -> the sum."""
        sums: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
        with gzip.open(self.folder / "data_values.csv.gz", "rt", encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                sums[row["dataelement"], self.code[row["orgunit"]], row["period"]] += Decimal(row["value"])
        return dict(sums)

    @cached_property
    def filed(self) -> set[tuple[str, str, str]]:
        """Form, unit and month of every return that holds anything."""
        return {(self.form_of[element], unit, month) for element, unit, month in self.sums}

    def expected(self, form: str, unit: str) -> Iterator[tuple[str, str]]:
        """Unit and month of every return that is due from a unit and all below it."""
        for below in self.below[unit]:
            if below in self.due[form]:
                yield from ((below, month) for month in MONTHS if self.opened[below] <= f"{month[:4]}-{month[4:]}-01")

    def amount(self, element: str, unit: str, month: str) -> Decimal | None:
        return self.sums.get((self.element[element], unit, month))


def shown(value: Fraction) -> str:
    """Four decimals, halves up."""
    return str((Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("0.0001"), ROUND_HALF_UP))


def complete(form: str) -> Answer:
    def answer(year: Year, unit: str) -> str:
        due = list(year.expected(form, unit))
        return shown(Fraction(sum((form, *one) in year.filed for one in due), len(due))) if due else "undefined"

    return answer


def drop_out(first: str, last: str) -> Answer:
    def answer(year: Year, unit: str) -> str:
        due = list(year.expected("Child Health", unit))
        pairs = [(year.amount(first, *one), year.amount(last, *one)) for one in due]
        whole = [(one, two) for one, two in pairs if one is not None and two is not None]
        if len(whole) < 6:
            return "missing" if due else "not_applicable"
        before, after = (sum(column) for column in zip(*whole, strict=True))
        return shown(abs(1 - Fraction(after) / Fraction(before))) if before else "undefined"

    return answer


def balance(vaccine: str) -> Answer:
    def answer(year: Year, unit: str) -> str:
        told = [follows(year, vaccine, *one) for one in year.expected("EPI Stock", unit)]
        agree = [one for one in told if one is not None]
        return shown(Fraction(sum(map(int, agree)), len(agree))) if len(agree) >= 3 else "missing"

    return answer


def follows(year: Year, vaccine: str, unit: str, month: str) -> bool | None:
    """Whether the start of a month is what the month before leaves; None where that cannot be told."""
    before = MONTHS[MONTHS.index(month) - 1] if month != MONTHS[0] else "202412"
    start = year.amount(f"Stock PHU start balance {vaccine}", unit, month)
    opening = year.amount(f"Stock PHU start balance {vaccine}", unit, before)
    if start is None or opening is None:
        return None
    received, dispensed, discarded = (
        year.amount(f"Stock PHU {name} {vaccine}", unit, before) or 0 for name in ("received", "dispensed", "discarded")
    )
    return start == opening + received - dispensed - discarded


ANSWERS: dict[str, Answer] = {
    "child_health_complete": complete("Child Health"),
    "epi_stock_complete": complete("EPI Stock"),
    "penta_dropout": drop_out("Penta1 doses given", "Penta3 doses given"),
    "bcg_measles_dropout": drop_out("BCG doses given", "Measles doses given"),
    "opv_balance": balance("OPV"),
    "measles_balance": balance("Measles"),
    "bcg_balance": balance("BCG"),
}


@pytest.fixture(scope="session")
def year(shared_data: Path) -> Year:
    return Year(shared_data / "sierra-leone")


@pytest.fixture(scope="session")
def programme() -> Programme:
    return read_programme(FOLDER)


@pytest.fixture(scope="session")
def scorecard(year: Year, programme: Programme, tmp_path_factory: pytest.TempPathFactory) -> Scorecard:
    out = tmp_path_factory.mktemp("sierra-leone")
    import_dhis2([year.folder / name for name in EXPORTS], out)
    return score(programme, read_tables(out, programme), Period.of_year(2025))


def counts(scorecard: Scorecard) -> dict[str, Counter[str]]:
    held = scorecard.grades.columns
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for kind, grade in zip(held["kind"], held["grade"], strict=True):
        found[str(kind)][str(grade)] += 1
    return found


@pytest.mark.parametrize("indicator", ANSWERS)
def test_an_indicator_of_every_unit_is_what_plain_arithmetic_gives(
    indicator: str, year: Year, scorecard: Scorecard
) -> None:
    given = {
        str(row["unit"]): f"{Decimal(int(row['value'])) / 10000:.4f}" if row["value"] is not None else str(row["state"])
        for row in scorecard.tables["indicators"].rows()
        if row["indicator"] == indicator
    }
    worked_out = {unit: ANSWERS[indicator](year, unit) for unit, level in year.level.items() if level > 1}
    assert len(given) == 1_331
    assert {unit: (given[unit], answer) for unit, answer in worked_out.items() if given[unit] != answer} == {}


def test_every_indicator_is_worked_out_again(programme: Programme) -> None:
    assert {one.id for one in programme.indicators} == set(ANSWERS)


def test_the_table_of_grades_in_the_sources_is_what_is_computed(scorecard: Scorecard) -> None:
    text = (FOLDER / "sources.md").read_text("utf-8")
    told = {
        name: [int(count) for count in found.groups()]
        for name in ("district", "chiefdom", "facility")
        if (found := re.search(rf"^\| {name} \|" + r" (\d+) \|" * 4, text, re.MULTILINE))
    }
    order = ("strong", "fair", "weak", "not_rated")
    computed = counts(scorecard)
    kinds = {"district": "level_2", "chiefdom": "level_3", "facility": "level_4"}
    assert told == {name: [computed[kind][grade] for grade in order] for name, kind in kinds.items()}


def test_the_grades_tell_units_apart_and_silence_is_no_way_out(year: Year, scorecard: Scorecard) -> None:
    facilities = counts(scorecard)["level_4"]
    assert max(facilities.values()) < 0.6 * facilities.total()
    grades = dict(zip(scorecard.grades.columns["unit"], scorecard.grades.columns["grade"], strict=True))
    reporting = {unit for _, unit, _ in year.filed}
    both = year.due["Child Health"] & year.due["EPI Stock"]
    silent = [unit for unit in both - reporting if year.level[unit] == 4]
    assert len(silent) == 73
    assert {grades[unit] for unit in silent} == {"weak"}


def test_coverage_and_timeliness_are_not_scored_and_nothing_stands_for_them(programme: Programme) -> None:
    text = (FOLDER / "programme.yaml").read_text("utf-8")
    assert "on_time" not in text
    assert "NOT ASSESSABLE" in text
    said = {item.id for item in programme.tree.items()} | {one.id for one in programme.indicators}
    assert not [name for name in said if "cover" in name or "time" in name]


def test_what_children_are_like_is_context_only(programme: Programme) -> None:
    fields = [one for one in programme.form("child_health").fields if one.topic == "nutrition_status"]
    assert len(fields) == 8
    assert {one.use for one in fields} == {"context"}
