"""What is known of the rows formulas read before any is computed, whichever engine holds them.

Bounds, which columns have absent cells, and of what kinds: nothing is computed for cases a table does not have.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from answerable.scoring.engines.columns.plan import months_before

__all__ = ["NOT_APPLICABLE", "SUPPRESSED", "Known", "of_each_month"]

NOT_APPLICABLE, SUPPRESSED = "?n", "?s"
"""Stand after the name of a column: whether its cell is absent for this reason."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of rows by unit.

    bounds: of whole-number columns, which carry `decimals`. flags and texts: the other columns. nullable: columns that
    may have an absent cell. stated: those of them that may have one not applicable or suppressed, beside which stand
    two flags. height: an upper bound of the rows; each: of those of one unit, unless a month stands twice. filed_only:
    rows nobody filed are not among them. outside: units whose rows do not count.
    """

    bounds: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    flags: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    nullable: frozenset[str] = frozenset()
    stated: frozenset[str] = frozenset()
    decimals: Mapping[str, int] = field(default_factory=dict)
    height: int = 0
    each: int = 0
    filed_only: bool = False
    outside: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema={"unit": pl.String}))


def of_each_month(filed: Known, units: int, months: int, offsets: Sequence[int]) -> dict[str, Any]:
    """What is known of the rows of every unit and month, filed or not, with those of months before it beside it."""

    def every(names: Iterable[str]) -> frozenset[str]:
        return frozenset(months_before(offset, name) for offset in offsets for name in names)

    fields = [*filed.bounds, *(filed.flags - {"filed", "on_time"})]
    bounds = {months_before(offset, name): ends for offset in offsets for name, ends in filed.bounds.items()}
    return {
        "bounds": bounds | {"month": (1, 12), "quarter": (1, 4)},
        "flags": every(filed.flags),
        "nullable": every([*filed.nullable, *fields]),
        "stated": every(filed.stated),
        "decimals": {months_before(at, name): places for at in offsets for name, places in filed.decimals.items()},
        "height": units * months,
        "each": months,
    }
