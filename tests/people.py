"""One person for each post, and a stranger: everyone who ever stands before the site in its tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import AnonymousUser

from answerable.site.actions import people
from answerable.site.models import Person
from answerable.site.permissions import Post

FIRST_DAY = date(2025, 1, 1)


@dataclass(frozen=True)
class People:
    """`office` acts; `second_office` does what the same person may not do twice. Unit posts are those of unit C01."""

    office: Person
    second_office: Person
    specialist: Person
    leader: Person
    inspector: Person
    second_inspector: Person
    leading_group: Person
    stranger: AnonymousUser
    without_post: Person

    def of_unit(self, unit: str, post: Post) -> Person:
        """The specialist or the leader of any unit."""
        return Person.objects.get(username=f"{post}-{unit.lower()}")


def found_office() -> Person:
    """The first account, made by nobody."""
    people.found(by=AnonymousUser(), username="office", display_name="Office", password=None, from_day=FIRST_DAY)
    return Person.objects.get(username="office")


def appoint_second_office(office: Person) -> Person:
    """The second account: what takes two persons can now be done."""
    _appoint(office, "office-2", "office")
    return Person.objects.get(username="office-2")


def appoint_everyone(office: Person, units: list[str]) -> People:
    """Accounts and posts for the rest of the district and for each unit."""
    district: dict[str, Post] = {
        "inspector": "inspector",
        "inspector-2": "inspector",
        "leading-group": "leading_group",
    }
    for username, post in district.items():
        _appoint(office, username, post)
    for unit in units:
        _appoint(office, f"specialist-{unit.lower()}", "specialist", unit)
        _appoint(office, f"leader-{unit.lower()}", "leader", unit)
    people.open_account(by=office, username="without-post", display_name="Without a post", password=None)
    return everyone()


def everyone() -> People:
    """The same people, read again."""
    of = {person.username: person for person in Person.objects.all()}
    return People(
        office=of["office"],
        second_office=of["office-2"],
        specialist=of["specialist-c01"],
        leader=of["leader-c01"],
        inspector=of["inspector"],
        second_inspector=of["inspector-2"],
        leading_group=of["leading-group"],
        stranger=AnonymousUser(),
        without_post=of["without-post"],
    )


def _appoint(office: Person, username: str, post: Post, unit: str = "") -> None:
    people.open_account(by=office, username=username, display_name=username.title(), password=None)
    people.appoint(by=office, username=username, post=post, unit=unit, from_day=FIRST_DAY)
