"""Chance that is the same on every machine and every Python: only `random()` is used, all choices are derived here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TypeVar

__all__ = ["Chance"]

T = TypeVar("T")
_SATURDAY = 5


class Chance:
    """A stream of chance of its own for each name, so that one unit's luck never moves another's."""

    def __init__(self, seed: int, *names: object) -> None:
        self._random = Random("/".join(str(part) for part in (seed, *names))).random

    def whether(self, probability: float) -> bool:
        """Whether it happens this time."""
        return self._random() < probability

    def between(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return low + int(self._random() * (high - low + 1))

    def one_of(self, choices: Sequence[T]) -> T:
        """One of these."""
        return choices[self.between(0, len(choices) - 1)]

    def some_of(self, choices: Sequence[T], count: int) -> list[T]:
        """So many different ones of these, or all."""
        left = list(choices)
        return [left.pop(self.between(0, len(left) - 1)) for _ in range(min(count, len(left)))]

    def shuffled(self, choices: Sequence[T]) -> list[T]:
        """All of these in another order."""
        return self.some_of(choices, len(choices))

    def by_weight(self, choices: Sequence[tuple[T, int]]) -> T:
        """One of these, each as likely as its weight."""
        at = self.between(1, sum(weight for _, weight in choices))
        for choice, weight in choices:
            at -= weight
            if at <= 0:
                return choice
        raise AssertionError("weights do not add up")

    def losses(self, tries: int, probability: float) -> int:
        """How many of so many tries fail."""
        return sum(self.whether(probability) for _ in range(tries))

    def moment(self, day: date) -> datetime:
        """Some second of a day's office hours."""
        return datetime.combine(day, time(8, 40)) + timedelta(seconds=self.between(0, 8 * 3600))

    def working_moment(self, day: date) -> datetime:
        """Some second of the office hours of that day, or of the Monday after it."""
        while day.weekday() >= _SATURDAY:
            day += timedelta(days=1)
        return self.moment(day)
