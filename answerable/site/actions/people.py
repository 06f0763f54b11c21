"""Accounts, and who holds which post from which day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied

from answerable.site import clock
from answerable.site.actions import Done, action, add, refuse
from answerable.site.models import Appointment, Person
from answerable.site.permissions import UNIT_POSTS, Post, Subject
from answerable.site.reads.posts import Appointed, Asker, is_anyone_appointed, list_terms
from answerable.site.reads.units import get_unit
from answerable.values.days import Days
from answerable.values.issue import Issue, Place

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")


@action(permission=None, kind="person.appointed")
def found(*, by: Asker, username: str, display_name: str, password: str | None, from_day: date) -> Done:
    """Make the first account and appoint it to the office. Only while nobody holds a post, by anyone at the machine."""
    if is_anyone_appointed():
        raise PermissionDenied("the office has its first person: further accounts are opened by the office")
    refuse(*_account_issues(username))
    Person.objects.create_user(username, password, display_name)
    row = add(Appointment, post="office", unit_code="", username=username, from_day=from_day, until_day=None)
    return Done((row,), number=username)


@action(permission="people.appoint", kind=None)
def open_account(*, by: Asker, username: str, display_name: str, password: str | None) -> Done:
    """Make an account. Without a password nobody can sign in to it yet. An account is no fact and makes no entry."""
    refuse(*_account_issues(username))
    Person.objects.create_user(username, password, display_name)
    return Done(number=username)


@action(permission="people.appoint", kind="person.appointed", about=lambda **_: Subject())
def appoint(
    *, by: Asker, username: str, post: Post, unit: str = "", from_day: date, until_day: date | None = None
) -> Done:
    """Appoint a person to a post. To end an appointment, appoint again from the same day with a last day."""
    refuse(*_post_issues(username, post, unit, from_day, until_day))
    row = add(Appointment, post=post, unit_code=unit, username=username, from_day=from_day, until_day=until_day)
    return Done((row,), number=username)


@action(permission="people.appoint", kind="person.appointed", about=lambda **_: Subject())
def hand_over(
    *,
    by: Asker,
    unit: str,
    post: Post,
    leaving: str = "",
    username: str = "",
    display_name: str = "",
    password: str = "",
    from_day: date,
    reason: str,
) -> Done:
    """From a day on a post of a unit is held by another: the one who leaves holds it until the day before.

    One of the two may be nobody: a vacant post is taken, or one falls vacant. The reason is the note of the hand-over.
    What is open belongs to the unit, not to a person, so that nothing else needs moving. Where a name to show and a
    first password are given, the account is opened with it, or not at all.
    """
    last, is_new = from_day - timedelta(days=1), bool(display_name or password)
    ends = _term_of(leaving, post, unit, last) if leaving else None
    found = list(_hand_over_issues(leaving, ends, username, reason))
    found += _new_account_issues(username, display_name, password)
    if username and username != leaving:
        found += _successor_issues(username, post, unit, from_day, is_new)
    refuse(*found)
    rows = []
    if ends and ends.until_day != last:
        rows.append(_appointed(post, unit, leaving, ends.from_day, last))
    if username:
        if is_new:
            Person.objects.create_user(username, password, display_name)
        rows.append(_appointed(post, unit, username, from_day, None))
    return Done(tuple(rows), number=unit)


def _appointed(post: Post, unit: str, username: str, first: date, last: date | None) -> Appointment:
    return add(Appointment, post=post, unit_code=unit, username=username, from_day=first, until_day=last)


def _term_of(username: str, post: Post, unit: str, day: date) -> Appointed | None:
    """The term a person is in the midst of on a day, if any."""
    terms = (term for term in list_terms(unit) if (term.username, term.post) == (username, post))
    return next((one for one in terms if day in Days(one.from_day, one.until_day)), None)


def _hand_over_issues(leaving: str, ends: Appointed | None, username: str, reason: str) -> Iterator[Issue]:
    if not reason.strip():
        yield Issue("site.reason_missing", Place(cell="reason"))
    if leaving and ends is None:
        yield Issue("site.post_not_held", Place(cell="leaving"), {"username": leaving})
    if not leaving and not username:
        yield Issue("site.nobody_to_hand_over", Place(cell="username"))
    if username and username == leaving:
        yield Issue("site.handed_to_oneself", Place(cell="username"), {"username": username})


def _new_account_issues(username: str, display_name: str, password: str) -> Iterator[Issue]:
    """A new account needs all three: who it is for, what to call it, and a password to begin with."""
    given = {"username": username, "display_name": display_name, "password": password}
    if display_name or password:
        yield from (Issue("site.account_half", Place(cell=name)) for name, said in given.items() if not said)
        if username:
            yield from (replace(issue, place=Place(cell="username")) for issue in _account_issues(username))


def _successor_issues(username: str, post: Post, unit: str, day: date, is_new: bool) -> Iterator[Issue]:
    place = Place(cell="username")
    for issue in _post_issues(username, post, unit, day, None):
        if not (is_new and issue.code == "site.person_unknown"):
            yield replace(issue, place=place)
    term = _term_of(username, post, unit, day)
    if term and term.from_day != day:
        yield Issue("site.appointed_already", place, {"username": username, "post": post})


def _account_issues(username: str) -> Iterator[Issue]:
    if not _USERNAME.fullmatch(username):
        yield Issue("site.username_unfit", facts={"username": username})
    if Person.objects.filter(username=username).exists():
        yield Issue("site.username_taken", facts={"username": username})


def _post_issues(username: str, post: Post, unit: str, from_day: date, until_day: date | None) -> Iterator[Issue]:
    if not Person.objects.filter(username=username, is_active=True).exists():
        yield Issue("site.person_unknown", facts={"username": username})
    if bool(unit) != (post in UNIT_POSTS):
        yield Issue("site.post_needs_unit" if post in UNIT_POSTS else "site.post_of_district", facts={"post": post})
    elif unit and get_unit(unit, max(from_day, clock.today())) is None:
        yield Issue("site.unknown_unit", facts={"unit": unit})
    if until_day and until_day < from_day:
        yield Issue("site.days_reversed", facts={"first": from_day.isoformat(), "last": until_day.isoformat()})
    same = Appointment.objects.filter(post=post, unit_code=unit, username=username, from_day=from_day)
    if same.filter(until_day=until_day).exists():
        yield Issue("site.appointed_already", facts={"username": username, "post": post})
