"""Which version of a programme is in force on a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from answerable.definition.model import Programme

__all__ = ["in_force"]


def in_force(programmes: Iterable[Programme], day: date) -> Programme | None:
    """The version in force on a day, or None.

    A version is in force from `valid_from` (included) until `valid_until` (excluded), but where versions overlap, the
    start of the later ends the earlier, for good: when a later version runs out, no earlier one comes back. Of two that
    start on one day, the one given last holds.

    Args:
        programmes: versions of one programme, in the order in which they were published.

    Raises:
        ValueError: where they are not versions of one programme.
    """
    versions = list(programmes)
    if len({version.id for version in versions}) > 1:
        raise ValueError("these are versions of several programmes")
    started = [version for version in versions if version.valid_from <= day]
    latest = max(reversed(started), key=lambda version: version.valid_from, default=None)
    return latest if latest and day < latest.valid_until else None
