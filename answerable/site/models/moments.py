"""A column of our own: a moment, stored as the very text that the ledger hashes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models

from answerable.ledger.holdings import canonical_time

if TYPE_CHECKING:
    _Field = models.Field[datetime, datetime]
else:
    _Field = models.Field


class MomentField(_Field):
    """A moment in UTC to the second, kept as `2025-04-03T02:11:09Z` on every database.

    Text rather than a timestamp: SQLite and PostgreSQL then hold the same characters, and just these are hashed.
    """

    def get_internal_type(self) -> str:
        return "CharField"

    def db_type(self, connection: Any) -> str:
        return "varchar(20)"

    def from_db_value(self, value: str | None, *_: object) -> datetime | None:
        return self.to_python(value)

    def to_python(self, value: Any) -> datetime | None:
        if isinstance(value, str):
            # A list reads thousands of moments: `strptime` would take longer than the query.
            return datetime.fromisoformat(canonical_time(value))
        return value  # type: ignore[no-any-return]

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else canonical_time(value)
