"""Visits: the draws, what is assigned, what was recorded."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from answerable.site.models import Draw, Recount, Visit, VisitRecord
from answerable.site.permissions import Subject
from answerable.site.reads.once import once_a_page
from answerable.site.reads.posts import get_display_names
from answerable.values.period import Month


@dataclass(frozen=True)
class Drawn:
    """One draw and all it takes to repeat it. `waiting` are the chosen units no inspector has been named for."""

    number: str
    year: int
    round: int
    seed: str
    frame: str
    frame_digest: str
    sizes: dict[str, int]
    chosen: tuple[str, ...]
    waiting: tuple[str, ...]
    drawn_at: datetime


@dataclass(frozen=True)
class Recounted:
    """One figure of a return and what the unit's own books say."""

    form: str
    month: Month
    field: str
    reported: int
    recounted: int

    @property
    def agrees(self) -> bool:
        """Whether both are the same."""
        return self.reported == self.recounted


@dataclass(frozen=True)
class VisitMade:
    """A visit as assigned, and as recorded once it was made. `visited_on` is None before."""

    number: str
    unit: str
    year: int
    draw: str
    cause: str
    inspector: str
    inspector_name: str
    planned_on: date
    visited_on: date | None
    remark: str

    @cached_property
    def recounts(self) -> tuple[Recounted, ...]:
        """What was counted again. Fetched only where it is read: a list of visits needs none of it."""
        rows = Recount.objects.filter(visit__number=self.number).order_by("form", "period", "id")
        return tuple(
            Recounted(row.form, Month.parse(row.period), row.field, row.reported, row.recounted) for row in rows
        )

    @property
    def subject(self) -> Subject:
        """What a permission about this visit is asked for."""
        return Subject(self.unit, self.inspector)


@once_a_page
def list_draws(year: int) -> tuple[Drawn, ...]:
    """The draws of a year by round."""
    rows = list(Draw.objects.filter(year=year).order_by("round"))
    assigned = _assigned([row.number for row in rows])
    return tuple(_drawn(row, assigned) for row in rows)


def get_draw(number: str) -> Drawn | None:
    """One draw by its number; None where there is none."""
    row = Draw.objects.filter(number=number).first()
    return _drawn(row, _assigned([number])) if row else None


@once_a_page
def list_visits(
    year: int | None = None, unit: str | None = None, inspector: str | None = None
) -> tuple[VisitMade, ...]:
    """Visits of a year, of a unit, of an inspector, or of all, in the order planned."""
    asked = {"year": year, "unit_code": unit, "inspector": inspector}
    rows = Visit.objects.filter(**{name: value for name, value in asked.items() if value is not None})
    return _read(rows.order_by("planned_on", "id"))


def get_visit(number: str) -> VisitMade | None:
    """One visit by its number; None where there is none."""
    return next(iter(_read(Visit.objects.filter(number=number))), None)


def _assigned(draws: list[str]) -> set[tuple[str, str]]:
    """Draw and unit of every visit an inspector was named for."""
    visits = Visit.objects.filter(draw__number__in=draws)
    return {(str(draw), unit) for draw, unit in visits.values_list("draw__number", "unit_code")}


def _drawn(row: Draw, assigned: set[tuple[str, str]]) -> Drawn:
    chosen = tuple(json.loads(row.chosen))
    return Drawn(
        number=row.number,
        year=row.year,
        round=row.round,
        seed=row.seed,
        frame=row.frame,
        frame_digest=row.frame_digest,
        sizes=json.loads(row.sizes),
        chosen=chosen,
        waiting=tuple(unit for unit in chosen if (row.number, unit) not in assigned),
        drawn_at=row.drawn_at,
    )


def _read(rows: Iterable[Visit]) -> tuple[VisitMade, ...]:
    visits = list(rows)
    numbers = [visit.number for visit in visits]
    records = {row.visit_id: row for row in VisitRecord.objects.filter(visit__number__in=numbers)}
    names = get_display_names(visit.inspector for visit in visits)
    return tuple(_visit(visit, records.get(visit.number), names) for visit in visits)


def _visit(visit: Visit, record: VisitRecord | None, names: dict[str, str]) -> VisitMade:
    return VisitMade(
        number=visit.number,
        unit=visit.unit_code,
        year=visit.year,
        draw=visit.draw_id or "",
        cause=visit.reason,
        inspector=visit.inspector,
        inspector_name=names[visit.inspector],
        planned_on=visit.planned_on,
        visited_on=record.visited_on if record else None,
        remark=record.remark if record else "",
    )
