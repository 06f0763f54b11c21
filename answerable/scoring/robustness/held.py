"""What steps and vetoes make of a grade that was reached, whatever the weights are. Quotas come after them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from answerable.definition.model import Programme
from answerable.definition.outcomes import GradeAtMost, GradeIs

__all__ = ["grade_table", "stepped", "veto_floors"]


def grade_table(
    programme: Programme, holding: npt.NDArray[np.bool_], vetoes: Sequence[tuple[str, ...]]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int8]]:
    """A profile by unit, and per profile the grade that comes of each grade.

    Args:
        holding: steps × units. vetoes: the ids that held, by unit.
    """
    seen: dict[tuple[tuple[bool, ...], tuple[str, ...]], int] = {}
    steps = [tuple(one) for one in holding.T.tolist()] if len(holding) else [()] * len(vetoes)
    profiles = [seen.setdefault(profile, len(seen)) for profile in zip(steps, vetoes, strict=True)]
    places = range(len(programme.grades.order))
    cells = [[_final(programme, holds, held, place) for place in places] for holds, held in seen]
    return np.array(profiles, np.int64), np.array(cells, np.int8)


def _final(programme: Programme, holding: Sequence[bool], held: Sequence[str], place: int) -> int:
    return max(stepped(programme, holding, place), *veto_floors(programme, held).values(), 0)


def stepped(programme: Programme, holding: Sequence[bool], place: int) -> int:
    """A grade after the steps that hold, one by one; a bound stops a step and moves nobody who stands beyond it."""
    order = programme.grades.order
    for step, holds in zip(programme.grades.steps, holding, strict=True):
        if holds and step.by == "up":
            best = order.index(step.not_above) if step.not_above else 0
            place = max(place - 1, min(place, best))
        elif holds:
            least = order.index(step.not_below) if step.not_below else len(order) - 1
            place = min(place + 1, max(place, least))
    return place


def veto_floors(programme: Programme, held: Sequence[str]) -> dict[str, int]:
    """The best grade that each veto which held leaves."""
    effects = {veto.id: veto.effect for veto in programme.vetoes if veto.id in held}
    return {
        name: programme.grades.order.index(effect.grade)
        for name, effect in effects.items()
        if isinstance(effect, GradeAtMost | GradeIs)
    }
