"""What tables of facts have in common: rows are only ever added, and the database itself refuses the rest.

Columns are those of `ledger.holdings`, in its order; a test holds the two together. Rows point to each other by natural
key, never by `id`, so that a raw file can be read without joins.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.models import Q


class Fact(models.Model):
    """A row that is written once. Triggers refuse UPDATE and DELETE; a change is a new row."""

    class Meta:
        abstract = True


def word(length: int = 40, **options: Any) -> models.CharField[str, str]:
    """A natural key, or a word from a short list."""
    return models.CharField(max_length=length, **options)


def points_to(model: str, **options: Any) -> models.ForeignKey[Any, Any]:
    """A reference to another fact by its number, in a column named for what it points to."""
    return models.ForeignKey(
        f"answerable.{model}", models.PROTECT, to_field="number", related_name="+", db_index=True, **options
    )


def one_of(table: str, field: str, words: Sequence[str]) -> models.CheckConstraint:
    """The database accepts only these words in this column."""
    return models.CheckConstraint(condition=Q(**{f"{field}__in": list(words)}), name=f"{table}_{field}_known")


def at_least(table: str, field: str, least: int) -> models.CheckConstraint:
    """The database accepts no number below this one."""
    return models.CheckConstraint(condition=Q(**{f"{field}__gte": least}), name=f"{table}_{field}_at_least_{least}")


def key(table: str, *fields: str) -> models.UniqueConstraint:
    """The natural key: one row for these columns together."""
    return models.UniqueConstraint(fields=fields, name=f"{table}_key")
