"""The posts of units: who holds each on a day, since when it is vacant, and how many days of the year it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from answerable.site.permissions import UNIT_POSTS, Post
from answerable.site.reads.posts import Appointed, list_terms
from answerable.site.reads.programmes import get_in_force
from answerable.site.reads.units import Unit, list_open_days, list_units
from answerable.values.days import Days, days_covered


@dataclass(frozen=True)
class UnitPost:
    """One post of a unit on a day. `counted` are the days of the year until then on which the unit must have it held.

    Days vacant follow from the dates of appointments alone. Days are counted on which the unit is open by the register:
    what was before it came in is not known here.
    """

    unit: Unit
    post: Post
    holders: tuple[Appointed, ...]
    vacant_since: date | None
    vacant: int
    counted: int


def list_unit_posts(day: date) -> tuple[UnitPost, ...]:
    """Both posts of every assessed unit that is open on a day, by unit."""
    programme = get_in_force(day.year)
    terms: dict[tuple[str, str], list[Appointed]] = {}
    for term in list_terms():
        terms.setdefault((term.unit, term.post), []).append(term)
    units = [unit for unit in list_units(day) if unit.is_open_on(day)]
    chosen = [unit for unit in units if programme is None or unit.kind in programme.assess]
    return tuple(_posts(chosen, terms, list_open_days(), day))


def _posts(
    units: Iterable[Unit],
    terms: Mapping[tuple[str, str], Sequence[Appointed]],
    opened: Mapping[str, Sequence[Days]],
    day: date,
) -> Iterable[UnitPost]:
    for unit in units:
        for post in UNIT_POSTS:
            yield _post(unit, post, terms.get((unit.code, post), ()), opened[unit.code], day)


def _post(unit: Unit, post: Post, terms: Sequence[Appointed], opened: Sequence[Days], day: date) -> UnitPost:
    year = Days(date(day.year, 1, 1), day)
    spans = [Days(term.from_day, term.until_day) for term in terms]
    held = [both for one in opened for span in spans if (both := one.meet(span))]
    counted = days_covered(year, opened)
    holders = tuple(term for term, span in zip(terms, spans, strict=True) if day in span)
    since = [one.first for one in opened if day in one]
    since += [span.last + timedelta(days=1) for span in spans if span.last and span.last < day]
    vacant = counted - days_covered(year, held)
    return UnitPost(unit, post, holders, None if holders else max(since), vacant, counted)
