"""What the demonstration's register shows: codes of every unit, a name entered wrongly and put right, a merger to come.

Nothing here bears on a score: a name is no figure, and the merger is from a day on that has not come.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from answerable.site.actions import unit_events, units
from answerable.site.actions.unit_events import EventEntered
from answerable.site.demo.events import Year
from answerable.site.demo.names import Named
from answerable.site.reads.units import Follower
from answerable.values.codes import credit_code
from answerable.values.text import Text

__all__ = ["reorganise"]

_DISTRICT = "880101"
"""No province has these digits: the district is invented."""
_AUTHORITY = {"community": "54", "department": "11", "institution": "12", "enterprise": "91"}
_RENAMED, _MERGED = date(2026, 2, 1), date(2026, 3, 1)


def reorganise(office: Any, year: Year) -> None:
    """Enter codes and changes, by the office."""
    codes = [_codes(at, unit) for at, unit in enumerate(year.units, 1)]
    units.identify(by=office, codes=codes, valid_from=date(2025, 1, 1))
    last = [unit for unit in year.units if unit.kind == "enterprise"][-3:]
    _rename(office, last[0])
    merged = EventEntered(
        "merged", _MERGED, "示范区府办〔2026〕3号", [last[1].code, last[2].code], [Follower(last[1].code)]
    )
    unit_events.record(by=office, event=merged, reason="两家企业合并，由前者承接全部职责。")


def _codes(at: int, unit: Named) -> units.Codes:
    division = f"{_DISTRICT}001{at:03d}" if unit.kind == "community" else f"{_DISTRICT}000000"
    whole = credit_code(f"{_AUTHORITY[unit.kind]}{_DISTRICT}", f"MB9{at:05d}")
    return units.Codes(unit.code, division, whole, "综合岗")


def _rename(office: Any, unit: Named) -> None:
    """Once with a wrong day, which is undone, and once as decided."""
    name = Text(zh=f"{unit.name.zh}集团", en=f"{unit.name.en} Group")
    for day in (date(2026, 2, 2), _RENAMED):
        event = EventEntered("renamed", day, "市场监管登记通知〔2026〕18号", [unit.code], name=name)
        number = unit_events.record(by=office, event=event, reason="变更名称登记。").number
        if day != _RENAMED:
            unit_events.undo(by=office, event=number, reason="生效日期填写有误。")
