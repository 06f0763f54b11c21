"""Rows as held -> the tables a programme is scored on, as of one ledger entry.

Pure. Page, `verify` and command line call this one function, so they see the same tables and the same digest.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from answerable.definition import Form, Programme, schemas
from answerable.definition.tables import FINEST
from answerable.ledger.entry import Entry
from answerable.ledger.holdings import HOLDINGS, canonical_row
from answerable.ledger.register import registrations
from answerable.values.canonical import canonical_json, digest
from answerable.values.period import Period
from answerable.values.table import Table

__all__ = ["RowName", "Rows", "recorded_until", "rows_recorded", "scoring_tables", "snapshot_digest"]

Row = Mapping[str, Any]
Rows = Mapping[str, Sequence[Row]]
"""Rows by holding name, each a mapping from column to cell."""

RowName = tuple[str, tuple[str | int | None, ...]]
"""How an entry names a row: its table and its natural key."""


def recorded_until(entries: Iterable[Entry], last: int) -> set[RowName]:
    """The names of all rows recorded in entries up to and including index `last`."""
    return {(row.table, row.key) for entry in entries if entry.idx <= last for row in entry.rows}


def rows_recorded(rows: Rows, names: Collection[RowName]) -> dict[str, list[Row]]:
    """Only the rows so named, in canonical form, those of one holding in order of their keys.

    Raises:
        ValueError: when a row holds what its column cannot.
        KeyError: when a row lacks a column.
    """
    kept: dict[str, list[Row]] = {}
    for holding in HOLDINGS:
        keyed = []
        for row in rows.get(holding.name, ()):
            cells = canonical_row(holding, row)
            key = tuple(cells[name] for name in holding.key)
            if (holding.table, key) in names:
                keyed.append((tuple((cell is None, str(cell)) for cell in key), cells))
        kept[holding.name] = [cells for _, cells in sorted(keyed, key=lambda pair: pair[0])]
    return kept


def scoring_tables(programme: Programme, rows: Rows, period: Period, earlier: Table | None = None) -> dict[str, Table]:
    """The tables of a programme from rows as held.

    Args:
        programme: says which forms there are, and the time zone in which a moment belongs to a day.
        rows: what counts, in canonical form: `rows_recorded` cuts it at an entry.
        period: units are taken as they stand on its last day, agreements are those of its first month's year.
        earlier: the indicators of the scorecard that was confirmed for the year before, if there is one.

    Returns:
        units, agreements, returns-FORM for each form, visits (made ones only), recounts, findings (confirmed or
        withdrawn as last decided, else proposed), corrections (closed on the day of a last step `closed`). Where the
        programme reads them, `earlier`, and empty tables of what the house does not record yet.
    """
    day = _day_in(programme.time_zone)
    made = {
        "units": _units(rows, period),
        "agreements": _agreements(rows, period.start.year, day),
        "visits": _visits(rows),
        "recounts": _recounts(rows),
        "findings": _findings(rows, day),
        "corrections": _corrections(rows, day),
        **{f"returns-{form.id}": _returns(rows, form) for form in programme.forms},
    }
    known = {indicator.id for indicator in programme.indicators}
    made["earlier"] = (row for row in _earlier(earlier, period.start.year - 1) if row["indicator"] in known)
    return {name: Table.of_rows(schema, list(made.get(name, ()))) for name, schema in schemas(programme).items()}


def snapshot_digest(tables: Mapping[str, Table]) -> str:
    """Digest of the canonical JSON of `{table name: digest of its canonical CSV}`."""
    return digest(canonical_json({name: table.digest() for name, table in sorted(tables.items())}))


def _earlier(indicators: Table | None, year: int) -> Iterator[Row]:
    """What a scorecard says of each indicator; a value its programme could not compute is missing a year later."""
    if indicators is None:
        return
    finer = 10 ** (FINEST - indicators.schema.column("value").decimals)
    for row in indicators.rows():
        state, value = str(row["state"]), row["value"]
        yield {
            "unit": row["unit"],
            "indicator": row["indicator"],
            "year": year,
            "value": None if value is None else int(value) * finer,
            "value_state": None if state in ("known", "undefined") else state,
        }


def _day_in(time_zone: str) -> Callable[[str], str]:
    """From a moment in UTC as held to the civil day it belongs to."""
    zone = ZoneInfo(time_zone)
    return lambda moment: datetime.fromisoformat(moment).astimezone(zone).date().isoformat()


def _latest(rows: Iterable[Row], name: str, order: str) -> dict[str, Row]:
    """Of all rows with one value of `name` the one with the greatest `order`, by that value."""
    latest: dict[str, Row] = {}
    for row in rows:
        known = latest.get(row[name])
        if known is None or row[order] > known[order]:
            latest[row[name]] = row
    return latest


def _units(rows: Rows, period: Period) -> Iterator[Row]:
    end = period.end.day(1)
    entered = registrations(rows["unit_version"], rows.get("unit_event", ()), rows.get("unit_event_state", ()))
    latest = {row["unit_code"]: row for row in entered if date.fromisoformat(row["valid_from"]) < end}
    for unit, row in latest.items():
        named = {name: row[name] or None for name in ("name_zh", "name_en", "kind", "peer_group", "forms")}
        yield {**named, "unit": unit, "parent": row["parent_code"] or None, **_span(row)}


def _span(row: Row) -> Row:
    return {"opened": row["opened"], "closed": row["closed"]}


def _agreements(rows: Rows, year: int, day: Callable[[str], str]) -> Iterator[Row]:
    signed = {(row["agreement"], row["side"]): day(row["signed_at"]) for row in rows["agreement_signature"]}
    of_year = (row for row in rows["agreement_version"] if row["year"] == year)
    for unit, row in _latest(of_year, "unit_code", "version").items():
        yield {
            "unit": unit,
            "version": row["version"],
            "issued_on": day(row["issued_at"]),
            "unit_signed_on": signed.get((row["number"], "unit")),
            "office_signed_on": signed.get((row["number"], "office")),
        }


def _returns(rows: Rows, form: Form) -> Iterator[Row]:
    for row in rows["return_version"]:
        if row["form"] == form.id:
            head = {"unit": row["unit_code"], "period": row["period"], "version": row["version"]}
            yield {**head, "received_at": row["received_at"], **_cells(form, json.loads(row["values"]))}


def _cells(form: Form, values: Mapping[str, Any]) -> Row:
    """A return's values and states, field by field. A field it does not have is missing."""
    cells: dict[str, str | int | None] = {}
    for field in form.fields:
        cell = values.get(field.id) or {}
        value = cell.get("value")
        cells[field.id] = None if value is None else int(value)
        cells[f"{field.id}_state"] = cell.get("state") or None
    return cells


def _visits(rows: Rows) -> Iterator[Row]:
    made = {row["visit"]: row["visited_on"] for row in rows["visit_record"]}
    for row in rows["visit"]:
        if row["number"] in made:
            told = {"visit": row["number"], "unit": row["unit_code"], "reason": row["reason"]}
            yield {**told, "visited_on": made[row["number"]]}


def _recounts(rows: Rows) -> Iterator[Row]:
    units = {row["number"]: row["unit_code"] for row in rows["visit"]}
    for row in rows["recount"]:
        named = {name: row[name] for name in ("visit", "form", "period", "field", "reported", "recounted")}
        yield {**named, "unit": units[row["visit"]]}


def _findings(rows: Rows, day: Callable[[str], str]) -> Iterator[Row]:
    decided = _latest(rows["finding_decision"], "finding", "turn")
    visited = {row["visit"]: row["visited_on"] for row in rows["visit_record"]}
    for row in rows["finding"]:
        decision = decided.get(row["number"])
        yield {
            "finding": row["number"],
            "visit": row["visit"],
            "unit": row["unit_code"],
            "kind": row["kind"],
            "occurrences": row["occurrences"],
            "status": decision["status"] if decision else "proposed",
            # Found on the day of the visit, however late it was typed in: a year's end does not lose it.
            "found_on": visited.get(row["visit"]) or day(row["raised_at"]),
        }


def _corrections(rows: Rows, day: Callable[[str], str]) -> Iterator[Row]:
    last = _latest(rows["correction_step"], "correction", "turn")
    for row in rows["correction"]:
        step = last.get(row["number"])
        yield {
            "correction": row["number"],
            "finding": row["finding"],
            "unit": row["unit_code"],
            "due_on": row["due_on"],
            "closed_on": day(step["taken_at"]) if step and step["step"] == "closed" else None,
        }
