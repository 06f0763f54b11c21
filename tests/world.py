"""A small world for the site's tests, made through the actions: four units and the year 2025.

    C01  files every month on time, is visited, has a finding confirmed and its correction closed
    C02  signs late, files March late, revises April; its correction is submitted and waits
    D01  is silent in June; its visit is drawn and assigned and not yet made
    E01  files nothing and has not signed its agreement

It is 20 January 2026 when a test comes in: the year is over, nothing is scored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from answerable.site import clock
from answerable.site.actions import (
    agreements,
    corrections,
    evidence,
    findings,
    programmes,
    returns,
    units,
    visits,
)
from answerable.site.models import Person
from answerable.values import Month, Period, Text
from tests.people import People, appoint_everyone, appoint_second_office, everyone, found_office

PROGRAMME = Path(__file__).resolve().parents[1] / "answerable/programmes/family_services/programme.yaml"
NOW = datetime(2026, 1, 20, 9, 0)
YEAR = 2025
FORM = "monthly"
PDF = b"%PDF-1.7\n% what was put right\n"

UNITS = (
    ("C01", "东一社区", "East One Community", "community"),
    ("C02", "东二社区", "East Two Community", "community"),
    ("D01", "教育部门", "Education Department", "department"),
    ("E01", "纺织企业", "Textile Enterprise", "enterprise"),
)


@dataclass(frozen=True)
class World:
    """What a test needs to name: the people, and the numbers of what was made."""

    people: People
    numbers: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.numbers[name]


def values(**changed: str | int) -> dict[str, str | int]:
    """The figures of an ordinary month, as stored, with changes."""
    ordinary: dict[str, str | int] = {
        "leader_in_post": 1,
        "vacant_days": 0,
        "entitled_amount": 1_200_000,
        "paid_amount": 1_200_000,
        "paid_on_time_amount": 1_200_000,
        "requests": 40,
        "requests_done": 39,
        "migrant_requests": 12,
        "migrant_requests_done": 12,
        "contacts_due": 6,
        "contacts_made": 6,
        "childcare_days_due": 22,
        "childcare_days_open": 22,
        "education_planned": 2,
        "education_held": 2,
        "complaints_due": 3,
        "complaints_answered": 3,
        "board_columns": 6,
        "board_columns_renewed": 6,
    }
    return {**ordinary, **changed}


def typed(**changed: str) -> dict[str, str]:
    """The same as a specialist types it: money in yuan."""
    plain = {name: str(value) for name, value in values().items()}
    money = dict.fromkeys(("entitled_amount", "paid_amount", "paid_on_time_amount"), "12000.00")
    return {**plain, **money, **changed}


def build() -> World:
    """The whole world, from the first account to the day a test comes in."""
    numbers: dict[str, str] = {}
    with clock.at(datetime(2025, 1, 6, 9)):
        people = _open_house()
        for code, *_ in UNITS:
            numbers[f"agreement {code}"] = agreements.issue(by=people.office, unit=code, year=YEAR).number
    for code in ("C01", "D01"):
        _sign(people, numbers, code, datetime(2025, 1, 15, 9))
    for month in Period.of_year(YEAR):
        if month.month == 8:
            _inspect(people, numbers)
        _file_month(people, month)
        if month.month == 1:
            _sign(people, numbers, "C02", datetime(2025, 2, 10, 9))
    _follow_up(people, numbers)
    return World(people, numbers)


def found_world(numbers: Mapping[str, str]) -> World:
    """A world built before, for another test: accounts are read again, numbers stay."""
    return World(everyone(), numbers)


def _open_house() -> People:
    office = found_office()
    publish(PROGRAMME.read_text("utf-8"), office, appoint_second_office(office))
    entered = [
        units.UnitEntered(code, Text(zh=zh, en=en), kind, forms=[FORM], opened=date(2010, 1, 1))
        for code, zh, en, kind in UNITS
    ]
    units.register(by=office, units=entered, valid_from=date(2025, 1, 1))
    return appoint_everyone(office, [code for code, *_ in UNITS])


def publish(source: str, office: Person, second_office: Person) -> str:
    """Put a version of the programme into force, as it takes two persons to do; gives the number of the proposal."""
    number = programmes.propose(by=office, source=source.encode(), reason="The new year.").number
    programmes.publish(by=second_office, proposal=number, reason="Read and compared.")
    return number


def _sign(people: People, numbers: Mapping[str, str], unit: str, moment: datetime) -> None:
    number = numbers[f"agreement {unit}"]
    with clock.at(moment):
        agreements.sign(by=people.of_unit(unit, "leader"), agreement=number, side="unit")
        agreements.sign(by=people.second_office, agreement=number, side="office")


def _file_month(people: People, month: Month) -> None:
    following = month.plus(1)
    with clock.at(datetime(following.year, following.month, 3, 10)):
        _submit(people, "C01", month)
        if month.month != 3:
            _submit(people, "C02", month)
        if month.month != 6:
            _submit(people, "D01", month)
    if month.month == 3:
        with clock.at(datetime(2025, 4, 9, 10)):
            _submit(people, "C02", month)
    if month.month == 4:
        with clock.at(datetime(2025, 5, 20, 10)):
            returns.revise(
                by=people.of_unit("C02", "specialist"),
                unit="C02",
                form=FORM,
                period=str(month),
                values=values(requests=38, requests_done=37),
                reason="Two requests were counted twice.",
            )


def _submit(people: People, unit: str, month: Month) -> None:
    specialist = people.of_unit(unit, "specialist")
    returns.submit(by=specialist, unit=unit, form=FORM, period=str(month), values=values())


def _inspect(people: People, numbers: dict[str, str]) -> None:
    """July: all communities and the department are drawn; two visits are made, one is left to make."""
    with clock.at(datetime(2025, 8, 4, 9)):
        sizes = {"community": 2, "department": 1, "enterprise": 1}
        numbers["draw"] = visits.draw(by=people.office, year=YEAR, seed="2025-07-31 noon", sizes=sizes).number
        for unit, inspector in (("C01", people.inspector), ("C02", people.second_inspector), ("D01", people.inspector)):
            numbers[f"visit {unit}"] = _assign(people, unit, inspector, numbers["draw"])
    for day, unit, inspector in ((20, "C01", people.inspector), (21, "C02", people.second_inspector)):
        with clock.at(datetime(2025, 8, day, 17)):
            _record(people, numbers, unit, inspector)


def _assign(people: People, unit: str, inspector: Person, draw: str) -> str:
    return visits.assign(
        by=people.office,
        unit=unit,
        year=YEAR,
        inspector=inspector.username,
        planned_on=date(2025, 8, 20),
        draw=draw,
        reason="Drawn by lot.",
    ).number


def _record(people: People, numbers: dict[str, str], unit: str, inspector: Person) -> None:
    counted = 40 if unit == "C01" else 36
    visits.record(
        by=inspector,
        visit=numbers[f"visit {unit}"],
        visited_on=clock.today(),
        recounts=[visits.RecountMade(FORM, "2025-05", "requests", counted)],
        findings=[findings.FindingSeen("board_outdated", 1, "Two columns of the notice board are from May.")],
    )
    numbers[f"finding {unit}"] = f"{YEAR}-F{1 if unit == 'C01' else 2}"


def _follow_up(people: People, numbers: dict[str, str]) -> None:
    """Both findings are answered and confirmed, both corrections submitted; that of C01 is closed."""
    answers: dict[str, Literal["confirmed", "objected"]] = {"C01": "confirmed", "C02": "objected"}
    for unit, answer in answers.items():
        number = numbers[f"finding {unit}"]
        with clock.at(datetime(2026, 1, 8, 9)):
            _answer(people, unit, number, answer)
            findings.decide(by=people.office, finding=number, status="confirmed", reason="The photograph shows it.")
            numbers[f"correction {unit}"] = corrections.open_(
                by=people.office,
                unit=unit,
                year=YEAR,
                problem="Bring the notice board up to date.",
                due_on=date(2026, 1, 31),
                finding=number,
            ).number
    for unit in ("C01", "C02"):
        with clock.at(datetime(2026, 1, 12, 9)):
            _correct(people, unit, numbers[f"correction {unit}"])
    with clock.at(datetime(2026, 1, 14, 9)):
        corrections.close(by=people.second_office, correction=numbers["correction C01"], words="Seen on the board.")


def _answer(people: People, unit: str, number: str, answer: Literal["confirmed", "objected"]) -> None:
    words = "" if answer == "confirmed" else "One of the two columns was renewed on the day."
    findings.answer(by=people.of_unit(unit, "leader"), finding=number, answer=answer, words=words)


def _correct(people: People, unit: str, number: str) -> None:
    specialist = people.of_unit(unit, "specialist")
    evidence.attach(by=specialist, correction=number, name="board.pdf", content=PDF + unit.encode())
    corrections.submit(by=specialist, correction=number, words="All columns are of this month.")
