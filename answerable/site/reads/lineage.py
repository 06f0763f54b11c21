"""The figures of a year by the units that reported them, and carried to the units as they are organised on a day."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from answerable.definition.model import Field
from answerable.scoring.lineage import CARRIED, Passage, as_organised_now
from answerable.site.models import ReturnVersion
from answerable.site.reads.programmes import get_in_force
from answerable.site.reads.units import list_changes
from answerable.values.period import Month


@dataclass(frozen=True)
class Carried:
    """A field's total of a year: as the unit reported it, and as organised now. None where there is no figure."""

    field: Field
    then: int | None
    now: int | None


@dataclass(frozen=True)
class CarriedYear:
    """The newest year with figures, whose units they came from, and every field that adds up across units."""

    year: int
    units: tuple[str, ...]
    lines: tuple[Carried, ...]


def get_carried_year(unit: str, day: date) -> CarriedYear | None:
    """The newest year in which the unit, or one it came from, filed figures; None where none did."""
    passages = _passages(day)
    kin = _kin(unit, passages)
    latest: dict[tuple[str, str, str], Mapping[str, Any]] = {}
    for row in ReturnVersion.objects.filter(unit_code__in=kin).order_by("version"):
        latest[row.unit_code, row.form, row.period] = json.loads(row.values)
    if not latest:
        return None
    year = max(int(period[:4]) for _, _, period in latest)
    programme = get_in_force(year)
    lines = [
        _carried(unit, form.id, field, {key: row for key, row in latest.items() if key[2][:4] == str(year)}, passages)
        for form in (programme.forms if programme else ())
        for field in form.fields
        if field.measure in CARRIED
    ]
    return CarriedYear(year, tuple(sorted({code for code, *_ in latest})), tuple(lines))


def _passages(day: date) -> list[Passage]:
    """Changes that hold and hand figures on, up to a day, the earliest first."""
    handing = (one for one in list_changes() if one.kind in ("merged", "split", "dissolved") and not one.undone_by)
    done = sorted((one for one in handing if one.on_day <= day), key=lambda one: one.on_day)
    return [Passage(one.on_day, one.before, [(each.unit, each.share) for each in one.after]) for one in done]


def _kin(unit: str, passages: Sequence[Passage]) -> set[str]:
    """The unit and all whose figures may have come to it."""
    kin = {unit}
    for passage in reversed(passages):
        if kin & {code for code, _ in passage.after}:
            kin |= set(passage.before)
    return kin


def _carried(
    unit: str,
    form: str,
    field: Field,
    filed: Mapping[tuple[str, str, str], Mapping[str, Any]],
    passages: Sequence[Passage],
) -> Carried:
    by_month: dict[str, dict[str, int]] = {}
    for (code, of_form, period), values in filed.items():
        value = (values.get(field.id) or {}).get("value")
        if of_form == form and value is not None:
            by_month.setdefault(period, {})[code] = int(value)
    now = [as_organised_now(figures, _since(period, passages)) for period, figures in by_month.items()]
    return Carried(field, _total(by_month.values(), unit), _total(now, unit))


def _since(period: str, passages: Iterable[Passage]) -> list[Passage]:
    first = Month.parse(period).day(1)
    return [passage for passage in passages if passage.on_day > first]


def _total(months: Iterable[Mapping[str, int]], unit: str) -> int | None:
    figures = [month[unit] for month in months if unit in month]
    return sum(figures) if figures else None
