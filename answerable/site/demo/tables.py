"""The tables a year is scored on, straight from its plan: for counting grades under many seeds without a database.

A test holds them equal to what the site has after the loader worked through its actions.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from answerable.definition import Programme, schemas
from answerable.site.demo import events as happened
from answerable.site.demo.calendar import YEAR
from answerable.site.demo.events import Event, Year
from answerable.site.demo.names import Named
from answerable.values.table import Table

__all__ = ["tables_of"]

_ZONE = ZoneInfo("Asia/Shanghai")
Row = dict[str, Any]


def tables_of(year: Year, programme: Programme) -> dict[str, Table]:
    """What happened before the year was scored, as tables."""
    events = [event for event in year.events if event.at < year.scored_at]
    rows = {
        "units": [_unit(unit) for unit in year.units],
        "agreements": list(_agreements(events)),
        "returns-monthly": [_return(event) for event in events if isinstance(event, happened.ReturnFiled)],
        "visits": list(_visits(events)),
        "recounts": list(_recounts(events)),
        "findings": list(_findings(events)),
        "corrections": list(_corrections(events)),
    }
    return {name: Table.of_rows(schema, rows[name]) for name, schema in schemas(programme).items()}


def _unit(unit: Named) -> Row:
    named = {"unit": unit.code, "name_zh": unit.name.zh, "name_en": unit.name.en}
    return {**named, "kind": unit.kind, "peer_group": unit.peer_group, "forms": "monthly"}


def _agreements(events: list[Event]) -> Iterator[Row]:
    signed = {
        (event.unit, event.year, event.side): event.at.date().isoformat()
        for event in events
        if isinstance(event, happened.AgreementSigned)
    }
    for event in events:
        if isinstance(event, happened.AgreementIssued) and event.year == YEAR:
            sides = {f"{side}_signed_on": signed.get((event.unit, YEAR, side)) for side in ("unit", "office")}
            yield {"unit": event.unit, "version": 1, "issued_on": event.at.date().isoformat(), **sides}


def _return(event: happened.ReturnFiled) -> Row:
    received = event.at.replace(tzinfo=_ZONE).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    states = {f"{name}_state": "not_applicable" for name, figure in event.figures.items() if figure is None}
    head = {"unit": event.unit, "period": event.period, "version": event.version, "received_at": received}
    return {**head, **event.figures, **states}


def _visits(events: list[Event]) -> Iterator[Row]:
    for event in events:
        if isinstance(event, happened.VisitRecorded):
            day = event.visited_on.isoformat()
            yield {"visit": event.number, "unit": event.unit, "visited_on": day, "reason": "drawn"}


def _recounts(events: list[Event]) -> Iterator[Row]:
    for event in events:
        if isinstance(event, happened.VisitRecorded):
            key = {"visit": event.number, "unit": event.unit, "form": "monthly"}
            for one in event.recounts:
                figures = {"reported": one.reported, "recounted": one.recounted}
                yield {**key, "period": one.period, "field": one.field, **figures}


def _findings(events: list[Event]) -> Iterator[Row]:
    decided = {event.finding: event.status for event in events if isinstance(event, happened.FindingDecided)}
    for event in events:
        match event:
            case happened.VisitRecorded():
                visit: str | None = event.number
                raised = [(finding, visit, event.visited_on) for finding in event.findings]
            case happened.FindingRaised():
                raised = [(event.finding, None, event.at.date())]
            case _:
                continue
        for finding, visit, day in raised:
            head = {"finding": finding.number, "visit": visit, "unit": event.unit, "kind": finding.kind}
            status = decided.get(finding.number, "proposed")
            yield {**head, "occurrences": finding.occurrences, "status": status, "found_on": day.isoformat()}


def _corrections(events: list[Event]) -> Iterator[Row]:
    closed = {event.correction: _day(event.at) for event in events if isinstance(event, happened.CorrectionClosed)}
    for event in events:
        if isinstance(event, happened.CorrectionOpened):
            head = {"correction": event.number, "finding": event.finding, "unit": event.unit}
            yield {**head, "due_on": event.due_on.isoformat(), "closed_on": closed.get(event.number)}


def _day(moment: datetime) -> str:
    return moment.date().isoformat()
