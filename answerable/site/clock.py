"""The only clock of the site: what now is, for actions, reads and pages.

A demonstration lives at a stated moment (setting DEMO_NOW) and flows on from there. Tests and the loader of the
demonstration stop the clock with `at`. Moments are whole seconds in UTC; civil days are those of the settings' zone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from functools import cache

from django.conf import settings
from django.utils import timezone

_stopped: ContextVar[datetime | None] = ContextVar("stopped", default=None)


def now() -> datetime:
    """The present moment, in UTC, to the second."""
    if stopped := _stopped.get():
        return stopped
    shift = _shift()
    return (datetime.now(UTC) + shift).replace(microsecond=0)


def today() -> date:
    """The civil day it is where the office stands."""
    return day_of(now())


def day_of(moment: datetime) -> date:
    """The civil day a moment falls on where the office stands."""
    return moment.astimezone(timezone.get_default_timezone()).date()


@contextmanager
def at(moment: datetime) -> Iterator[datetime]:
    """Stop the clock at a moment. A moment without a zone is read in the settings' zone."""
    aware = moment if moment.tzinfo else timezone.make_aware(moment, timezone.get_default_timezone())
    token = _stopped.set(aware.astimezone(UTC).replace(microsecond=0))
    try:
        yield now()
    finally:
        _stopped.reset(token)


@cache
def _shift() -> timedelta:
    if not settings.DEMO_NOW:
        return timedelta()
    with at(datetime.fromisoformat(settings.DEMO_NOW)) as start:
        return start - datetime.now(UTC)
