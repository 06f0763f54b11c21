"""Who holds which post: the one who asks, and everyone appointed."""

from __future__ import annotations

from collections.abc import Iterable
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
    names = dict(
        Person.objects.filter(username__in={row.username for row in held}).values_list("username", "display_name")
    )
    appointed = (
        Appointed(
            cast(Post, row.post),
            row.unit_code,
            row.username,
            names.get(row.username, row.username),
            row.from_day,
            row.until_day,
        )
        for row in held
    )
    return tuple(sorted(appointed, key=lambda one: (one.post, one.unit, one.username)))


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


def _in_force(rows: Iterable[Appointment], day: date) -> list[Appointment]:
    """The rows that hold on a day. Of rows alike in post, unit, person and first day the last one counts."""
    last = {(row.post, row.unit_code, row.username, row.from_day): row for row in rows}
    chosen = [row for row in last.values() if row.from_day <= day and (row.until_day is None or day <= row.until_day)]
    return list({(row.post, row.unit_code, row.username): row for row in chosen}.values())
