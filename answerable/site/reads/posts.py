"""Who holds which post: the one who asks, and everyone appointed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import cast

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser

from answerable.site import clock
from answerable.site.models import Appointment, Person
from answerable.site.permissions import Holder, Post, PostHeld

Asker = AbstractBaseUser | AnonymousUser
"""Whoever stands before the site: `request.user`, or the account an action is taken in the name of."""


@dataclass(frozen=True)
class Appointed:
    """One appointment as it stands: the last word on a person, a post and a unit."""

    post: Post
    unit: str
    username: str
    display_name: str
    from_day: date
    until_day: date | None


def get_holder(person: Asker) -> Holder:
    """The person with the posts held today. A stranger, or an account that was closed, holds none."""
    if not (isinstance(person, Person) and person.is_active):
        return Holder()
    held = _in_force(Appointment.objects.filter(username=person.username).order_by("id"), clock.today())
    return Holder(
        person.username, person.display_name, tuple(PostHeld(cast(Post, row.post), row.unit_code) for row in held)
    )


def list_appointed(post: Post | None = None, unit: str | None = None) -> tuple[Appointed, ...]:
    """Everyone who holds a post today, by post, unit and user name."""
    asked = {"post": post, "unit_code": unit}
    rows = Appointment.objects.filter(**{name: value for name, value in asked.items() if value is not None})
    held = _in_force(rows.order_by("id"), clock.today())
    return tuple(sorted(_appointed(held), key=lambda one: (one.post, one.unit, one.username)))


def list_terms(unit: str | None = None) -> tuple[Appointed, ...]:
    """Every appointment to a post of a unit, past and to come, as it stands: of rows alike the last one counts."""
    rows = Appointment.objects.exclude(unit_code="") if unit is None else Appointment.objects.filter(unit_code=unit)
    last = {(row.post, row.unit_code, row.username, row.from_day): row for row in rows.order_by("id")}
    return tuple(_appointed(last.values()))


def get_display_names(usernames: Iterable[str]) -> dict[str, str]:
    """What to call each of these accounts; an account that is gone keeps its user name."""
    wanted = set(usernames)
    if not wanted:
        return {}
    known = dict(Person.objects.filter(username__in=wanted).values_list("username", "display_name"))
    return {username: known.get(username, username) for username in wanted}


def is_anyone_appointed() -> bool:
    """Whether the installation has its first person."""
    return Appointment.objects.exists()


def _appointed(rows: Collection[Appointment]) -> Iterator[Appointed]:
    names = get_display_names(row.username for row in rows)
    for row in rows:
        post, name = cast(Post, row.post), names[row.username]
        yield Appointed(post, row.unit_code, row.username, name, row.from_day, row.until_day)


def _in_force(rows: Iterable[Appointment], day: date) -> list[Appointment]:
    """The rows that hold on a day. Of rows alike in post, unit, person and first day the last one counts."""
    last = {(row.post, row.unit_code, row.username, row.from_day): row for row in rows}
    chosen = [row for row in last.values() if row.from_day <= day and (row.until_day is None or day <= row.until_day)]
    return list({(row.post, row.unit_code, row.username): row for row in chosen}.values())
