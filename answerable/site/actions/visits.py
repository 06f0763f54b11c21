"""Draw the units to visit in the open, name the inspector of a visit, record what was seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from answerable.definition import Programme
from answerable.integrity.draw import FrameUnit
from answerable.integrity.draw import draw as draw_units
from answerable.site import clock
from answerable.site.actions import Done, action, add, add_all, refuse
from answerable.site.actions.findings import FindingSeen, finding_issues, finding_rows
from answerable.site.actions.returns import MOST_COUNTED
from answerable.site.models import Draw, Recount, Visit, VisitRecord
from answerable.site.permissions import Subject
from answerable.site.reads.numbers import next_number
from answerable.site.reads.posts import Asker, get_holder, list_appointed
from answerable.site.reads.programmes import get_in_force
from answerable.site.reads.returns import list_filed
from answerable.site.reads.units import get_unit, list_units
from answerable.site.reads.visits import VisitMade, get_draw, get_visit, list_draws
from answerable.values.canonical import canonical_json
from answerable.values.issue import Issue, Place, Refused
from answerable.values.period import Month

Cause = Literal["drawn", "follow_up", "complaint"]


@dataclass(frozen=True)
class RecountMade:
    """One figure counted again: the whole number as stored (money in fen)."""

    form: str
    period: str
    field: str
    recounted: int

    @property
    def key(self) -> tuple[str, str, str]:
        """Which figure it is."""
        return self.form, self.period, self.field


@action(permission="visits.draw", kind="visit.drawn")
def draw(*, by: Asker, year: int, seed: str, sizes: Mapping[str, int]) -> Done:
    """Draw the units of the next round. Strata are the kinds of unit; `sizes` says how many of each.

    The frame is every unit of those kinds that is open today, one ticket each. Anyone can repeat it from the row.
    """
    programme = get_in_force(year)
    if programme is None:
        raise Refused([Issue("site.no_programme", facts={"year": str(year)})])
    month = Month.of(clock.today())
    open_now = [unit for unit in list_units() if unit.kind in programme.assess and unit.is_open_in(month)]
    drawn = draw_units(seed, [FrameUnit(unit.code, unit.kind) for unit in open_now], sizes)
    turn = len(list_draws(year)) + 1
    row = add(
        Draw,
        number=f"{year}-D{turn}",
        year=year,
        round=turn,
        seed=drawn.seed,
        frame=drawn.frame,
        frame_digest=drawn.frame_digest,
        sizes=canonical_json(dict(drawn.sizes)).decode(),
        chosen=canonical_json(list(drawn.chosen)).decode(),
        drawn_at=clock.now(),
    )
    return Done((row,), facts={"frame_digest": drawn.frame_digest}, number=row.number)


@action(permission="visits.assign", kind="visit.assigned", about=lambda **_: Subject())
def assign(
    *,
    by: Asker,
    unit: str,
    year: int,
    inspector: str,
    planned_on: date,
    reason: str,
    cause: Cause = "drawn",
    draw: str = "",
) -> Done:
    """Name the inspector of a visit. A visit that was not drawn needs another cause, and always a reason."""
    refuse(*_assign_issues(unit, inspector, cause, draw))
    row = add(
        Visit,
        number=next_number(Visit, year, "V"),
        unit_code=unit,
        year=year,
        draw_id=draw or None,
        reason=cause,
        inspector=inspector,
        planned_on=planned_on,
    )
    return Done((row,), number=row.number)


def _visit_of(*, visit: str, **_: object) -> Subject:
    return _known(visit).subject


@action(permission="visits.record", kind="visit.recorded", about=_visit_of)
def record(
    *,
    by: Asker,
    visit: str,
    visited_on: date,
    remark: str = "",
    recounts: Sequence[RecountMade] = (),
    findings: Sequence[FindingSeen] = (),
) -> Done:
    """Record a visit once, with its recounts and the findings raised on the spot."""
    made, username = _known(visit), get_holder(by).username
    programme, reported = get_in_force(made.year), _reported(made)
    if programme is None:
        raise Refused([Issue("site.no_programme", facts={"year": str(made.year)})])
    refuse(
        *_record_issues(made, visited_on),
        *_recount_issues(programme, reported, recounts),
        *(issue for seen in findings for issue in finding_issues(programme, seen)),
    )
    seen_row = add(VisitRecord, visit_id=visit, visited_on=visited_on, recorded_by=username, remark=remark.strip())
    counted = add_all(
        Recount(
            visit_id=visit,
            form=one.form,
            period=one.period,
            field=one.field,
            reported=reported[one.key],
            recounted=one.recounted,
            recorded_by=username,
        )
        for one in recounts
    )
    raised = finding_rows(made.unit, made.year, visit, username, findings)
    facts = {"recounts": len(counted), "findings": len(raised)}
    return Done((seen_row, *counted, *raised), facts=facts, number=visit)


def _known(number: str) -> VisitMade:
    found = get_visit(number)
    if found is None:
        raise Refused([Issue("site.unknown_visit", facts={"number": number})])
    return found


def _assign_issues(unit: str, inspector: str, cause: Cause, draw: str) -> Iterator[Issue]:
    facts = {"unit": unit, "inspector": inspector, "draw": draw}
    if get_unit(unit) is None:
        yield Issue("site.unknown_unit", Place(row=unit), facts)
    if inspector not in {one.username for one in list_appointed("inspector")}:
        yield Issue("site.not_inspector", facts=facts)
    if inspector in {one.username for one in list_appointed(unit=unit)}:
        yield Issue("site.inspector_of_unit", facts=facts)
    drawn = get_draw(draw) if draw else None
    if (cause == "drawn") != bool(draw):
        yield Issue("site.visit_cause", facts=facts)
    elif draw and (drawn is None or unit not in drawn.chosen):
        yield Issue("site.visit_not_drawn", facts=facts)
    elif drawn and unit not in drawn.waiting:
        yield Issue("site.visit_assigned", facts=facts)


def _record_issues(made: VisitMade, visited_on: date) -> Iterator[Issue]:
    facts = {"number": made.number, "day": visited_on.isoformat()}
    if made.visited_on is not None:
        yield Issue("site.visit_recorded", facts=facts)
    if visited_on > clock.today():
        yield Issue("site.day_to_come", facts=facts)
    if visited_on.year != made.year:
        yield Issue("site.visit_other_year", facts=facts | {"year": str(made.year)})


def _reported(made: VisitMade) -> dict[tuple[str, str, str], int]:
    """Every number the unit's returns say, by form, month and field; the last version counts."""
    return {
        (filed.form, str(filed.month), field): figure.value
        for filed in list_filed(made.unit, made.year)
        for field, figure in filed.figures.items()
        if figure.value is not None
    }


def _recount_issues(
    programme: Programme, reported: Mapping[tuple[str, str, str], int], recounts: Sequence[RecountMade]
) -> Iterator[Issue]:
    fields = {(form.id, field.id) for form in programme.forms for field in form.fields}
    seen: set[tuple[str, str, str]] = set()
    for one in recounts:
        place = Place(sheet=one.form, cell=one.field, row=one.period)
        facts = {"form": one.form, "period": one.period, "field": one.field}
        if (one.form, one.field) not in fields:
            yield Issue("site.field_unknown", place, facts)
        elif one.key not in reported:
            yield Issue("site.recount_of_nothing", place, facts)
        if not 0 <= one.recounted < MOST_COUNTED:
            yield Issue("site.recount_unfit", place, facts)
        if one.key in seen:
            yield Issue("site.recount_twice", place, facts)
        seen.add(one.key)
