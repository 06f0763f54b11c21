"""The numbers things bear: year, letter, and a count from 1, such as `2025-V12`."""

from __future__ import annotations

from typing import Any

from answerable.site.models import Fact


def next_number(model: type[Fact], year: int, letter: str, ahead: int = 0) -> str:
    """The next free number of a table and year; `ahead` counts those already given out in the same action."""
    prefix = f"{year}-{letter}"
    numbered: Any = model._default_manager
    return f"{prefix}{numbered.filter(number__startswith=prefix).count() + 1 + ahead}"
