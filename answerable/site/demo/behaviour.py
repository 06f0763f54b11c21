"""How units behave: what truly happens in a unit each month, and what its return says about it.

A unit's habit is drawn before anything happens and looks at nothing that follows: no score, no grade, no visit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from answerable.site.demo.chance import Chance
from answerable.site.demo.events import Figures
from answerable.site.demo.names import Named

__all__ = ["HABITS", "Habit", "Profile", "misreported", "profile_of", "true_figures"]


@dataclass(frozen=True)
class Habit:
    """A way of working, January's and December's: chances of a lapse, a late or missing return, a wrong figure."""

    name: str
    lapse: tuple[float, float]
    late: tuple[float, float]
    skip: tuple[float, float]
    slip: float
    signs_late: float
    mends_late: float

    def of(self, span: tuple[float, float], month: int) -> float:
        """What holds in a month from 1 to 12, on a straight line through the year."""
        first, last = span
        return first + (last - first) * (month - 1) / 11


HABITS: tuple[tuple[Habit, int], ...] = (
    (Habit("steady", (0.03, 0.03), (0.03, 0.03), (0.003, 0.003), 0.01, 0.03, 0.04), 739),
    (Habit("improving", (0.35, 0.03), (0.45, 0.02), (0.12, 0.0), 0.04, 0.25, 0.10), 80),
    (Habit("careless", (0.20, 0.20), (0.28, 0.28), (0.05, 0.05), 0.08, 0.30, 0.45), 85),
    (Habit("cramming", (0.10, 0.10), (0.70, 0.70), (0.04, 0.04), 0.12, 0.30, 0.25), 45),
    (Habit("copying", (0.10, 0.10), (0.03, 0.03), (0.0, 0.0), 0.02, 0.05, 0.15), 35),
    (Habit("silent", (0.25, 0.25), (0.60, 0.60), (0.88, 0.97), 0.05, 0.60, 0.95), 16),
)
"""The habits of a real district and, of a thousand units, how many have each."""


@dataclass(frozen=True)
class Profile:
    """What a unit is like all year: its habit, its size, and which questions arise for it."""

    unit: Named
    habit: Habit
    care: float
    entitled: int
    requests: int
    migrant_share: int | None
    contacts: int | None
    childcare: int | None
    education: tuple[int, ...]
    complaints: int
    columns: int


def profile_of(seed: int, unit: Named) -> Profile:
    """Draw a unit's habit and size."""
    chance = Chance(seed, "profile", unit.code)
    large = unit.kind == "community"
    likely = {"community": 1.0, "enterprise": 0.9, "institution": 0.5, "department": 0.4}[unit.kind]
    every = chance.one_of((2, 3, 3))
    return Profile(
        unit=unit,
        habit=chance.by_weight(HABITS),
        care=chance.between(50, 150) / 100,
        entitled=100_00 * (chance.between(300, 800) if large else chance.between(8, 50)) * chance.whether(0.93),
        requests=chance.between(50, 110) if large else chance.between(3, 14),
        migrant_share=chance.between(20, 50) if chance.whether(likely) else None,
        contacts=chance.between(10, 30) if large else chance.between(1, 4) if chance.whether(0.25) else None,
        childcare=chance.between(2, 3) if large else 1 if chance.whether(0.4) else None,
        education=tuple(2 if large else int(month % every == 0) for month in range(1, 13)),
        complaints=chance.between(3, 9) if large else chance.between(0, 1),
        columns=chance.between(4, 8),
    )


def true_figures(profile: Profile, month: int, workdays: int, chance: Chance) -> dict[str, int | None]:
    """What truly happened in a month: mostly all is as it should be; each lapse is a matter of its own."""
    lapse = profile.habit.of(profile.habit.lapse, month) * profile.care
    return {
        "leader_in_post": int(not chance.whether(lapse / 15)),
        "vacant_days": chance.between(3, 20) if chance.whether(lapse / 3) else 0,
        **_benefits(profile, lapse, chance),
        **_requests(profile, lapse, chance),
        **_pair("contacts_due", "contacts_made", profile.contacts, lapse, chance),
        **_pair("childcare_days_due", "childcare_days_open", _times(profile.childcare, workdays), lapse / 2, chance),
        **_pair("education_planned", "education_held", profile.education[month - 1], lapse / 2, chance),
        **_pair("complaints_due", "complaints_answered", chance.between(0, profile.complaints), lapse, chance),
        **_pair("board_columns", "board_columns_renewed", profile.columns, lapse, chance),
    }


def _benefits(profile: Profile, lapse: float, chance: Chance) -> dict[str, int | None]:
    entitled = profile.entitled * chance.between(96, 104) // 100
    paid = entitled * chance.between(60, 95) // 10_000 * 100 if chance.whether(lapse) else entitled
    on_time = paid * chance.between(30, 90) // 10_000 * 100 if chance.whether(lapse) else paid
    return {"entitled_amount": entitled, "paid_amount": paid, "paid_on_time_amount": on_time}


def _requests(profile: Profile, lapse: float, chance: Chance) -> dict[str, int | None]:
    every = profile.requests * chance.between(70, 130) // 100
    slow = 0.25 if chance.whether(lapse) else 0.01
    unequal = 0.4 if chance.whether(lapse) else slow
    theirs = None if profile.migrant_share is None else every * profile.migrant_share // 100
    others = every - (theirs or 0)
    done = None if theirs is None else theirs - chance.losses(theirs, unequal)
    settled = others - chance.losses(others, slow) + (done or 0)
    return {"requests": every, "requests_done": settled, "migrant_requests": theirs, "migrant_requests_done": done}


def _times(places: int | None, days: int) -> int | None:
    return None if places is None else places * days


def _pair(whole: str, part: str, due: int | None, lapse: float, chance: Chance) -> dict[str, int | None]:
    """Something due and what of it was done: a lapse leaves part of it undone."""
    if due is None:
        return {whole: None, part: None}
    undone = min(due, chance.between(1, max(1, due // 2))) if chance.whether(lapse) else 0
    return {whole: due, part: due - undone}


# -- what the return says ------------------------------------------------------------------------------------------

_WITHIN = (
    ("paid_amount", "entitled_amount"),
    ("paid_on_time_amount", "paid_amount"),
    ("requests_done", "requests"),
    ("migrant_requests", "requests"),
    ("migrant_requests_done", "migrant_requests"),
    ("migrant_requests_done", "requests_done"),
    ("childcare_days_open", "childcare_days_due"),
    ("complaints_answered", "complaints_due"),
    ("board_columns_renewed", "board_columns"),
)
"""Part and whole, in the order the form checks them: a return that breaks one is not accepted."""

_WRITTEN = (
    *("requests", "requests_done", "migrant_requests", "migrant_requests_done", "contacts_made", "complaints_due"),
    *("childcare_days_open", "board_columns_renewed", "paid_on_time_amount", "paid_amount", "entitled_amount"),
)
"""Figures a hand may get wrong."""


def misreported(profile: Profile, truth: Figures, before: Figures | None, chance: Chance) -> dict[str, int | None]:
    """What is written down: the truth, last month's return copied, or some figures wrong by a tenth or a half."""
    if before is not None and profile.habit.name == "copying" and chance.whether(0.85):
        return dict(before)
    said = dict(truth)
    for field in _WRITTEN:
        figure = said[field]
        if figure and chance.whether(profile.habit.slip):
            said[field] = max(0, figure + chance.one_of((-1, 1)) * max(1, figure * chance.between(10, 50) // 100))
    return within(said)


def within(said: Mapping[str, int | None]) -> dict[str, int | None]:
    """The same figures with no part above its whole."""
    kept = dict(said)
    for part, whole in _WITHIN:
        low, high = kept[part], kept[whole]
        if low is not None and high is not None:
            kept[part] = min(low, high)
    return kept
