"""The posts of units: who holds each on a day, since when it is vacant, and how many days of the year it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from answerable.site.permissions import UNIT_POSTS, Post
from answerable.site.reads.posts import Appointed, list_terms
from answerable.site.reads.programmes import get_in_force
from answerable.site.reads.units import Unit, list_first_days, list_units
from answerable.values.days import Days, days_covered


@dataclass(frozen=True)
class UnitPost:
    """One post of a unit on a day. `counted` are the days of the year until then on which the unit must have it held.

    Days vacant follow from the dates of appointments alone. They are counted from the day on which the unit opened or
    came into the register, whichever is later: what was before is not known here.
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
    return tuple(_posts(chosen, terms, list_first_days(), day))


def _posts(
    units: Iterable[Unit], terms: Mapping[tuple[str, str], Sequence[Appointed]], known: Mapping[str, date], day: date
) -> Iterable[UnitPost]:
    for unit in units:
        begins = max(known[unit.code], unit.opened or date.min)
        for post in UNIT_POSTS:
            yield _post(unit, post, terms.get((unit.code, post), ()), begins, day)


def _post(unit: Unit, post: Post, terms: Sequence[Appointed], begins: date, day: date) -> UnitPost:
    window = Days(max(begins, date(day.year, 1, 1)), day)
    spans = [Days(term.from_day, term.until_day) for term in terms]
    holders = tuple(term for term in terms if day in Days(term.from_day, term.until_day))
    ended = [span.last for span in spans if span.last and span.last < day]
    since = max(begins, max(ended) + timedelta(days=1) if ended else begins)
    vacant = len(window) - days_covered(window, spans)
    return UnitPost(unit, post, holders, None if holders else since, vacant, len(window))
