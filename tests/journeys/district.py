"""The small district the walk goes through, made through the actions in a process of its own, in three pieces.

    found     January 2025: programme, five units, people, four signed agreements
    file      their returns of January to November, but the walker's of November
    end       their returns of December

The walker's unit is I01, the only institution of the district, so that whoever draws one institution draws it. Its
agreement, its return of November, its visit and all that follows are left to the walk.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command

from answerable.site import clock
from answerable.site.actions import agreements, people, returns, units
from answerable.site.models import Person
from answerable.site.permissions import Post
from answerable.values import Month, Period, Text
from tests.world import FORM, PROGRAMME, UNITS, YEAR, publish, values

PASSWORD = "answerable-2025"
UNIT = "I01"
UNIT_NAME = Text(zh="西关服务中心", en="West Gate Service Centre")
DISTRICT: dict[str, Post] = {
    "office": "office",
    "office-2": "office",
    "inspector": "inspector",
    "leading-group": "leading_group",
}
WALKERS = (*DISTRICT, "specialist-i01", "leader-i01")
"""Those who can sign in. A password's hash is slow to compute on purpose, so nobody else gets one."""

SILENT = {"D01": (5, 6, 7)}
LATE = {"C02": (3,)}


def found() -> None:
    """The first office account, the programme, the units, everyone's posts, and agreements for all but the walker."""
    with clock.at(datetime(YEAR, 1, 2, 9)):
        office = _found_office()
        _appoint_one(office, "office-2", "office", "")
        publish(PROGRAMME.read_text("utf-8"), office, _person("office-2"))
        all_units = [*UNITS, (UNIT, UNIT_NAME.zh, UNIT_NAME.en, "institution")]
        entered = [
            units.UnitEntered(code, Text(zh=zh, en=en), kind, forms=[FORM], opened=date(2010, 1, 1))
            for code, zh, en, kind in all_units
        ]
        units.register(by=office, units=entered, valid_from=date(YEAR, 1, 1))
        _appoint(office, [code for code, *_ in all_units])
    with clock.at(datetime(YEAR, 1, 6, 9)):
        for code, *_ in UNITS:
            number = agreements.issue(by=office, unit=code, year=YEAR).number
            agreements.sign(by=_person(f"leader-{code.lower()}"), agreement=number, side="unit")
            agreements.sign(by=office, agreement=number, side="office")


def _found_office() -> Person:
    first = date(YEAR, 1, 1)
    people.found(by=AnonymousUser(), username="office", display_name="Office", password=PASSWORD, from_day=first)
    return _person("office")


def _appoint(office: Person, codes: list[str]) -> None:
    for username, post in DISTRICT.items():
        if username not in ("office", "office-2"):
            _appoint_one(office, username, post, "")
    for code in codes:
        _appoint_one(office, f"specialist-{code.lower()}", "specialist", code)
        _appoint_one(office, f"leader-{code.lower()}", "leader", code)


def _appoint_one(office: Person, username: str, post: Post, unit: str) -> None:
    password = PASSWORD if username in WALKERS else None
    people.open_account(by=office, username=username, display_name=username.title(), password=password)
    people.appoint(by=office, username=username, post=post, unit=unit, from_day=date(YEAR, 1, 1))


def _person(username: str) -> Person:
    return Person.objects.get(username=username)


def file(months: Period) -> None:
    """Every return of these months but the walker's of November, each received on its day, in order of receipt."""
    for received, unit, month in sorted(_filings(months)):
        with clock.at(received):
            specialist = _person(f"specialist-{unit.lower()}")
            returns.submit(by=specialist, unit=unit, form=FORM, period=str(month), values=values())


def _filings(months: Period) -> Iterator[tuple[datetime, str, Month]]:
    """Who files when: the enterprise never does, the department is silent for three months, one community is late."""
    for month in months:
        following = month.plus(1)
        for unit in ("C01", "C02", "D01", UNIT):
            is_walkers = unit == UNIT and month.month == 11
            if is_walkers or month.month in SILENT.get(unit, ()):
                continue
            late = timedelta(days=6 if month.month in LATE.get(unit, ()) else 0)
            yield datetime(following.year, following.month, 3, 10) + late, unit, month


def main(piece: str) -> None:
    """Make one piece of the district in the database the environment names."""
    if piece == "found":
        call_command("migrate", verbosity=0)
        found()
    else:
        months = {"file": "2025-01..2025-11", "end": "2025-12"}[piece]
        file(Period.parse(months))
