"""What several parts of a page ask for is read from the database once: for one page, never from one page to the next.

A page that is only looked at writes nothing, so what was read at its top still holds at its foot. Whatever sends
something (a form, a command, a test) reads anew each time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.http import HttpRequest, HttpResponse

P = ParamSpec("P")
R = TypeVar("R")

_known: ContextVar[dict[Any, Any] | None] = ContextVar("known", default=None)


def once_a_page(read: Callable[P, R]) -> Callable[P, R]:
    """A read that is repeated on a page with the same arguments gives what it gave before."""

    @wraps(read)
    def asked(*args: P.args, **kwargs: P.kwargs) -> R:
        known = _known.get()
        if known is None:
            return read(*args, **kwargs)
        key = (read, args, tuple(sorted(kwargs.items())))
        if key not in known:
            known[key] = read(*args, **kwargs)
        found: R = known[key]
        return found

    return asked


@contextmanager
def one_page() -> Iterator[None]:
    """The time in which one page is made."""
    token = _known.set({})
    try:
        yield
    finally:
        _known.reset(token)


class OncePerPage:
    """Middleware: a request that only looks is one page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        with one_page():
            return self.get_response(request)
