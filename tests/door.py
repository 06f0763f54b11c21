"""What the site's tests say of the door: nothing writes our tables beside it, and what is refused leaves nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import pytest

from answerable.site import actions
from answerable.site.models import Entry
from answerable.values.issue import Refused

# Accounts are written by signing in and changing a password; every other table of ours only by an action.
_WRITE = re.compile(r'\s*(?:INSERT|UPDATE|DELETE|REPLACE)\b[^"(]*"?answerable_(?!person\b)', re.IGNORECASE)

_lifted: ContextVar[bool] = ContextVar("lifted", default=False)


class OutsideTheDoor(AssertionError):
    """A table of ours was written while no action was running."""


def guard(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    """An execute_wrapper of Django's that sees every statement."""
    if _WRITE.match(sql) and not (actions.is_open() or _lifted.get()):
        raise OutsideTheDoor(sql)
    return execute(sql, params, many, context)


@contextmanager
def beneath_the_guard() -> Iterator[None]:
    """For tests that ask what the database itself refuses."""
    token = _lifted.set(True)
    try:
        yield
    finally:
        _lifted.reset(token)


@contextmanager
def refused(*codes: str) -> Iterator[None]:
    """The block ends with just these issues, and the ledger is as it was."""
    before = Entry.objects.count()
    with pytest.raises(Refused) as caught:
        yield
    assert [issue.code for issue in caught.value.issues] == list(codes)
    assert Entry.objects.count() == before
