"""The demonstration district: from a seed to a year of events. Pure: no clock, no database, no score, no grade.

What units are like is drawn first (`behaviour`), what happens follows from it, and the programme alone turns what
happened into points. Nothing here knows a programme's rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

from answerable.integrity.draw import FrameUnit, draw
from answerable.site.demo import calendar as days
from answerable.site.demo import events as happened
from answerable.site.demo.behaviour import profile_of
from answerable.site.demo.chance import Chance
from answerable.site.demo.events import Event, Finding, Year
from answerable.site.demo.names import Named, named_units
from answerable.site.demo.unit_year import UnitYear, VisitPlanned

__all__ = ["DEFAULT_SEED", "SIZES", "district"]

DEFAULT_SEED = 351
"""Chosen among many: the programme gives 96 advanced, 35 qualified and 4 unqualified. Other seeds give other counts."""

SIZES = {"community": 2, "department": 8, "institution": 8, "enterprise": 6}
"""How many units of each kind a round draws."""

_INSPECTORS = tuple(f"kh{at:02d}" for at in range(1, 13))


@lru_cache(maxsize=2)
def district(seed: int = DEFAULT_SEED) -> Year:
    """The year of the district that belongs to a seed, up to the moment the demonstration's clock starts at."""
    units = named_units()
    rounds = [_Round(seed, at, days.YEAR, turn, units) for turn, at in enumerate(days.DRAWN, 1)]
    rounds.append(_Round(seed, days.NEXT_DRAWN, days.YEAR + 1, 1, units))
    events: list[Event] = [event for one in rounds for event in one.events()]
    for place, unit in enumerate(units):
        events += _unit_events(seed, place, unit, rounds)
    events += _result()
    ordered = sorted((event for event in events if event.at < days.NOW), key=lambda event: event.at)
    return Year(seed, units, _INSPECTORS, tuple(_numbered(ordered)), days.SCORED)


class _Round:
    """One draw of visits: who is drawn, by whom each is visited, and when."""

    def __init__(self, seed: int, at: datetime, year: int, turn: int, units: tuple[Named, ...]) -> None:
        chance = Chance(seed, "round", year, turn)
        self.at, self.year, self.turn = at, year, turn
        self.words = f"示范区{year}年第{turn}轮核查 公开摇号{chance.between(100000, 999999)}"
        drawn = draw(self.words, [FrameUnit(unit.code, unit.kind) for unit in units], SIZES)
        inspectors = chance.shuffled(_INSPECTORS) * 2
        self.visits = {
            unit: VisitPlanned(
                f"{year}/{turn}/{unit}",
                chance.working_moment(at.date() + timedelta(days=chance.between(3, 16))),
                inspector,
                _is_lenient(seed, inspector),
            )
            for unit, inspector in zip(drawn.chosen, inspectors, strict=True)
        }

    def events(self) -> Iterator[Event]:
        """The draw, and each visit as it is assigned; the visits themselves are the units' events."""
        yield happened.VisitsDrawn(self.at, self.year, self.turn, self.words, SIZES)
        for place, (unit, visit) in enumerate(self.visits.items(), 1):
            at = self.at + timedelta(minutes=20, seconds=30 * place)
            day = visit.at.date()
            yield happened.VisitAssigned(at, visit.key, unit, self.year, self.turn, visit.inspector, day)


def _is_lenient(seed: int, inspector: str) -> bool:
    return Chance(seed, "inspector", inspector).whether(1 / 6)


def _unit_events(seed: int, place: int, unit: Named, rounds: Iterable[_Round]) -> list[Event]:
    one = UnitYear(seed, profile_of(seed, unit))
    one.agree(days.YEAR, place)
    one.agree(days.YEAR + 1, place)
    one.file_returns()
    for turn in rounds:
        if unit.code in turn.visits and turn.year == days.YEAR:
            one.be_visited(turn.visits[unit.code])
    chance = one.chance("complaints")
    if chance.whether(0.008):
        day = chance.working_moment(datetime(days.YEAR, chance.between(3, 10), chance.between(1, 25)))
        one.be_reported(day, days.YEAR, "rights_violation", "有职工反映，单位以休假为由扣发工资并要求其放弃申请。")
    if chance.whether(0.05):
        day = chance.working_moment(datetime(days.YEAR + 1, 1, chance.between(12, 29)))
        one.be_reported(day, days.YEAR + 1, "board_outdated", "电话抽查发现，公开栏内容仍为上年第三季度。")
    return one.events


def _result() -> tuple[Event, ...]:
    return (
        happened.YearScored(days.SCORED, days.YEAR),
        happened.GradesConfirmed(days.CONFIRMED, days.YEAR, "领导小组会议逐项审议，同意计算结果。"),
        happened.BulletinPublished(days.PUBLISHED, days.YEAR),
    )


# -- numbers as the office gives them ------------------------------------------------------------------------------


def _numbered(events: Iterable[Event]) -> Iterator[Event]:
    """The same events with each provisional key replaced by the number that comes next when it happens."""
    numbers = _Numbers()
    for event in events:
        match event:
            case happened.VisitAssigned():
                yield replace(event, number=numbers.give(event.number, event.year, "V"))
            case happened.VisitRecorded():
                year = event.visited_on.year
                findings = tuple(numbers.of_finding(finding, year) for finding in event.findings)
                yield replace(event, number=numbers.given[event.number], findings=findings)
            case happened.FindingRaised():
                yield replace(event, finding=numbers.of_finding(event.finding, event.year))
            case happened.CorrectionOpened():
                number = numbers.give(event.number, event.year, "C")
                yield replace(event, number=number, finding=numbers.given[event.finding])
            case happened.FindingAnswered() | happened.FindingDecided():
                yield replace(event, finding=numbers.given[event.finding])
            case (
                happened.EvidenceFiled()
                | happened.CorrectionSubmitted()
                | happened.CorrectionSentBack()
                | happened.CorrectionClosed()
            ):
                yield replace(event, correction=numbers.given[event.correction])
            case _:
                yield event


class _Numbers:
    def __init__(self) -> None:
        self.given: dict[str, str] = {}
        self.counts: dict[str, int] = {}

    def give(self, key: str, year: int, letter: str) -> str:
        prefix = f"{year}-{letter}"
        self.counts[prefix] = self.counts.get(prefix, 0) + 1
        self.given[key] = f"{prefix}{self.counts[prefix]}"
        return self.given[key]

    def of_finding(self, finding: Finding, year: int) -> Finding:
        return replace(finding, number=self.give(finding.number, year, "F"))
