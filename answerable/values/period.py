"""Whole months, half-open spans of them, and how they are written.

A month is written 2025-03 (2025年3月 for a reader of Chinese); a span 2025 or 2025-01..2025-06, last month included
when written, excluded inside (`start <= month < end`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from answerable.values.text import Language

__all__ = ["Month", "Period"]


@dataclass(frozen=True, order=True)
class Month:
    """One calendar month.

    >>> str(Month(2025, 12).plus(1)), Month.parse("2025-03").number
    ('2026-01', 24302)
    """

    year: int
    month: int

    def __post_init__(self) -> None:
        if not (1 <= self.month <= 12 and 1000 <= self.year <= 9999):
            raise ValueError(f"no such month: {self.year}-{self.month}")

    @classmethod
    def parse(cls, text: str) -> Month:
        """Read `2025-03` or DHIS2's `202503`. Raises ValueError for anything else."""
        found = re.fullmatch(r"([0-9]{4})-?([0-9]{2})", text)
        if not found:
            raise ValueError(f"no such month: {text}")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, day: date) -> Month:
        """The month a day lies in."""
        return cls(day.year, day.month)

    @property
    def number(self) -> int:
        """Months since year 0: consecutive months differ by one."""
        return self.year * 12 + self.month - 1

    @classmethod
    def of_number(cls, number: int) -> Month:
        """The inverse of `number`."""
        return cls(number // 12, number % 12 + 1)

    def plus(self, months: int) -> Month:
        """This month moved by a number of months, back if negative."""
        return Month.of_number(self.number + months)

    def day(self, day: int) -> date:
        """A day of this month; raises ValueError where the month has no such day."""
        return date(self.year, self.month, day)

    def in_words(self, language: Language) -> str:
        """As people write it: 2025年3月, or 2025-03."""
        return f"{self.year}年{self.month}月" if language == "zh" else str(self)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


@dataclass(frozen=True)
class Period:
    """Consecutive whole months, half-open: `start` is in, `end` is not.

    >>> str(Period.parse("2025")), len(Period.parse("2025-01..2025-06"))
    ('2025', 6)
    """

    start: Month
    end: Month

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError(f"a period needs at least one month: {self.start} to {self.end}")

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read `2025`, `2025-03` or `2025-01..2025-06`. Raises ValueError for anything else."""
        if re.fullmatch(r"[0-9]{4}", text):
            return cls.of_year(int(text))
        first, _, last = text.partition("..")
        return cls(Month.parse(first), Month.parse(last or first).plus(1))

    @classmethod
    def of_year(cls, year: int) -> Period:
        """The twelve months of a calendar year."""
        return cls(Month(year, 1), Month(year + 1, 1))

    def __iter__(self) -> Iterator[Month]:
        return (Month.of_number(number) for number in range(self.start.number, self.end.number))

    def __len__(self) -> int:
        return self.end.number - self.start.number

    def __contains__(self, month: Month) -> bool:
        return self.start <= month < self.end

    @property
    def last(self) -> Month:
        """The last month inside."""
        return self.end.plus(-1)

    def in_words(self, language: Language) -> str:
        """As people write it: 2025年, or 2025."""
        if self.start.month == 1 and len(self) == 12:
            return f"{self.start.year}年" if language == "zh" else str(self.start.year)
        if len(self) == 1:
            return self.start.in_words(language)
        joiner = "至" if language == "zh" else " to "
        return self.start.in_words(language) + joiner + self.last.in_words(language)

    def __str__(self) -> str:
        if self.start.month == 1 and len(self) == 12:
            return f"{self.start.year:04d}"
        return str(self.start) if len(self) == 1 else f"{self.start}..{self.last}"
