"""The register of units from its rows: what was entered, what events made of it, without what was undone.

Pure. The site's reads, the tables a year is scored on and `verify` call this one function, so that an undone event is
gone for all of them, and stands in the ledger for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

__all__ = ["faults_of_tree", "registrations", "undone"]

Row = Mapping[str, Any]


def undone(events: Iterable[Row]) -> set[str]:
    """The numbers of the events that do not hold: undone by one that holds itself.

    Args:
        events: rows of `unit_event`, in any order. An event can only undo an earlier one.
    """
    gone: set[str] = set()
    for event in sorted(events, key=lambda row: row["id"], reverse=True):
        if event["undoes"] and event["number"] not in gone:
            gone.add(event["undoes"])
    return gone


def registrations(versions: Iterable[Row], events: Iterable[Row], states: Iterable[Row]) -> list[Row]:
    """Every registration of a unit that holds from its `valid_from` on, the earliest first: the last one counts.

    Args:
        versions: rows of `unit_version`, as entered by the office.
        events: rows of `unit_event`.
        states: rows of `unit_event_state`: a unit as its event leaves it. On one day they come after what was entered.

    Returns:
        Rows with the columns of `unit_version`; those of an event also name it as `event`.
    """
    known = {event["number"]: event for event in events}
    gone = undone(known.values())
    entered = [(row["valid_from"], 0, row["id"], row) for row in versions]
    for state in states:
        if state["event"] not in gone:
            day = known[state["event"]]["on_day"]
            entered.append((day, 1, state["id"], {**state, "valid_from": day}))
    return [row for *_, row in sorted(entered, key=lambda one: one[:3])]


def faults_of_tree(rows: Iterable[Row], since: Any) -> Iterator[tuple[str, Any]]:
    """Units that, from a day on, stand below themselves or under a unit the register does not have, and from when.

    Args:
        rows: registrations that hold, the earliest first.
        since: the first `valid_from` to look at, of the type the rows have.
    """
    above: dict[str, str] = {}
    for day, changed in groupby(rows, key=lambda row: row["valid_from"]):
        fresh = {row["unit_code"]: row["parent_code"] for row in changed}
        above |= fresh
        if day >= since:
            for unit in sorted(unit for unit in fresh if not _leads_up(above, unit)):
                yield unit, day


def _leads_up(above: Mapping[str, str], unit: str) -> bool:
    """Whether the way up from a unit ends at the top of the tree."""
    seen: set[str] = set()
    while unit:
        if unit in seen or unit not in above:
            return False
        seen.add(unit)
        unit = above[unit]
    return True
