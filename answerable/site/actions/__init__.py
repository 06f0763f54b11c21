"""The one door for writes. An action is a plain function, keyword only, `by` first; its decorator states who may take
it and which kind of ledger entry it makes.

The door opens the transaction, finds out whether this person may do this to this thing, asks for a reason where the
kind of entry needs one, refuses every text that holds data of residents, runs the function, appends the entry with the
digests of the rows it inserted, and only then lets notice be given. One action happens at one moment: every row in it
and its entry bear the same time.

Issues end an action as `Refused`, a missing permission as `PermissionDenied`; either way nothing is written.
"""

from __future__ import annotations

import functools
import inspect
import logging
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ParamSpec, TypeVar

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Model

from answerable.ledger.entry import KINDS, SYSTEM, Entry, FileMark, KindName, mark, seal
from answerable.ledger.holdings import HOLDINGS, canonical_time
from answerable.site import clock
from answerable.site.models import Entry as StoredEntry
from answerable.site.models import Fact
from answerable.site.permissions import Holder, Permission, PostHeld, Subject
from answerable.site.reads.posts import get_holder
from answerable.values.issue import Issue, Place, Refused
from answerable.values.residents import Kind, residents_in

__all__ = ["Done", "Receipt", "Registered", "action", "add", "add_all", "is_open", "refuse", "registered"]

_log = logging.getLogger("answerable.ledger")
_holdings = {holding.table: holding for holding in HOLDINGS}
_open: ContextVar[bool] = ContextVar("open", default=False)
_NO_TEXT = frozenset({"username", "leaving", "password", "source"})
"""What is typed to sign in, where offices use numbers of their own, and programmes, which have a check of their own."""
_RESIDENTS: Mapping[Kind, str] = {
    "identity": "site.residents_identity",
    "mobile": "site.residents_mobile",
    "card": "site.residents_card",
    "names": "site.residents_names",
}
_LOCK = 0x616E7377  # "answ": one writer of the ledger at a time on PostgreSQL

F = TypeVar("F", bound=Model)
P = ParamSpec("P")


@dataclass(frozen=True)
class Done:
    """What an action did: the fact rows it inserted, the files they stand for, further facts for the entry."""

    rows: tuple[Fact, ...] = ()
    files: tuple[FileMark, ...] = ()
    facts: Mapping[str, str | int] = field(default_factory=dict)
    number: str = ""


@dataclass(frozen=True)
class Receipt:
    """What the one who acted gets: the number of what was made, the ledger entry, the moment.

    `number` is empty where nothing bears a number, `entry` is None for what makes no entry (drafts, accounts).
    """

    number: str
    entry: int | None
    moment: datetime


@dataclass(frozen=True)
class Registered:
    """An action the door knows: no `kind` where it makes no entry, no `permission` where it says itself who may."""

    name: str
    permission: Permission | Callable[..., Permission] | None
    kind: KindName | None
    about: Callable[..., Subject]


registered: dict[str, Registered] = {}
"""Every action there is, by `noun.verb`."""


def action(
    *,
    permission: Permission | Callable[..., Permission] | None,
    kind: KindName | None,
    about: Callable[..., Subject] | None = None,
) -> Callable[[Callable[P, Done]], Callable[P, Receipt]]:
    """Put a function behind the door.

    Args:
        permission: what `by` must be allowed, or a function of the action's arguments that says so; None where the
            action itself decides.
        kind: the kind of ledger entry it makes; None for what is no fact.
        about: a function of the action's arguments that says what they are about; else the argument `unit`.
    """

    def register(act: Callable[P, Done]) -> Callable[P, Receipt]:
        name = f"{act.__module__.rpartition('.')[2]}.{act.__name__}"
        known = Registered(name, permission, kind, about or _unit_named)
        registered[name] = known
        signature = inspect.signature(act)

        @functools.wraps(act)
        def behind_the_door(*positional: P.args, **named: P.kwargs) -> Receipt:
            bound = signature.bind(*positional, **named)
            bound.apply_defaults()
            return _through_the_door(known, act, bound.arguments)

        return behind_the_door

    return register


def add(model: type[F], **columns: Any) -> F:
    """Insert one row, inside an action."""
    return model._default_manager.create(**columns)


def add_all(rows: Iterable[F]) -> tuple[F, ...]:
    """Insert rows of one table, inside an action."""
    fresh = list(rows)
    if fresh:
        type(fresh[0])._default_manager.bulk_create(fresh)
    return tuple(fresh)


def refuse(*issues: Issue | None) -> None:
    """End the action if there is any issue; None stands for a question that was answered well."""
    if found := [issue for issue in issues if issue is not None]:
        raise Refused(found)


def is_open() -> bool:
    """Whether an action is running: only then may our tables be written."""
    return _open.get()


def _through_the_door(known: Registered, act: Callable[..., Done], arguments: dict[str, Any]) -> Receipt:
    with transaction.atomic():
        _wait_for_turn()
        with clock.at(_moment()) as moment:
            receipt = _act(known, act, arguments, moment)
    return receipt


def _act(known: Registered, act: Callable[..., Done], arguments: dict[str, Any], moment: datetime) -> Receipt:
    holder = get_holder(arguments["by"])
    post = _post_that_may(known, holder, arguments)
    reason = _reason(known, arguments)
    refuse(*_residents(arguments))
    with _opened():
        done = act(**arguments)
        entry = _append(known.kind, holder, post, reason, done, moment) if known.kind else None
    # The one notice given so far is a line in the log of operations; whatever is told to people must wait here too.
    transaction.on_commit(lambda: _log.info("%s by %s, entry %s", known.name, holder.username, entry))
    return Receipt(done.number, entry, moment)


def _moment() -> datetime:
    """When the action happens. A demonstration that is started again goes on from where its ledger stands."""
    if not settings.DEMO_NOW:
        return clock.now()
    last = StoredEntry.objects.order_by("-idx").values_list("received_at", flat=True).first()
    return max(clock.now(), last) if last else clock.now()


def _post_that_may(known: Registered, holder: Holder, arguments: Mapping[str, Any]) -> PostHeld | None:
    if known.permission is None:
        return None
    given = _given(arguments)
    permission = known.permission(**given) if callable(known.permission) else known.permission
    post = holder.acting(permission, known.about(**given))
    if post is None:
        raise PermissionDenied(f"{holder.username or 'a stranger'} may not {known.name}")
    return post


def _given(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if name != "by"}


def _unit_named(**arguments: Any) -> Subject:
    return Subject(unit=str(arguments.get("unit", "")))


def _reason(known: Registered, arguments: Mapping[str, Any]) -> str:
    reason = str(arguments.get("reason") or "").strip()
    if known.kind and KINDS[known.kind].needs_reason and not reason:
        raise Refused([Issue("site.reason_missing")])
    return reason


def _residents(arguments: Mapping[str, Any]) -> Iterator[Issue]:
    """No text that is taken in may hold data of residents, whichever action it comes by."""
    for name, text in arguments.items():
        if isinstance(text, str) and name not in _NO_TEXT:
            for found in residents_in(text):
                facts = {"line": str(found.line), "count": str(found.count), "shown": found.shown}
                yield Issue(_RESIDENTS[found.kind], Place(cell=name), facts)


def _append(kind: KindName, holder: Holder, post: PostHeld | None, reason: str, done: Done, moment: datetime) -> int:
    last = StoredEntry.objects.order_by("-idx").values_list("idx", flat=True).first()
    entry = Entry(
        idx=0 if last is None else last + 1,
        kind=kind,
        at=canonical_time(moment),
        by=holder.username or SYSTEM,
        post=post.post if post else "",
        reason=reason,
        rows=tuple(mark(_holdings[row._meta.db_table], _columns(row)) for row in done.rows),
        files=done.files,
        facts=done.facts,
    )
    stored = seal(entry, secrets.token_bytes(32))
    StoredEntry.objects.create(
        idx=stored.idx,
        kind=stored.kind,
        body=stored.body,
        salt=stored.salt,
        leaf_hash=stored.leaf_hash,
        received_at=moment,
    )
    return entry.idx


def _columns(row: Fact) -> dict[str, Any]:
    return {str(column.column): getattr(row, column.attname) for column in row._meta.concrete_fields}


@contextmanager
def _opened() -> Iterator[None]:
    token = _open.set(True)
    try:
        yield
    finally:
        _open.reset(token)


def _wait_for_turn() -> None:
    """Entries are numbered without gaps, so writers take turns. SQLite's immediate transactions already do."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
