"""Figures that another table states of each unit: its targets of the year, its indicators of the year before."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from answerable.definition.tables import FINEST, FIXED
from answerable.scoring.engines.columns.operations import number
from answerable.scoring.engines.columns.plan import Stated
from answerable.scoring.engines.columns.quantities import CODES, Quantity
from answerable.scoring.engines.columns.reading import frame_of
from answerable.scoring.engines.columns.registry import Registry
from answerable.scoring.engines.columns.sheet import Sheet
from answerable.values.table import Tables

__all__ = ["stated", "stated_quantity"]


def stated_quantity(sheet: Sheet, of: str, name: str) -> Quantity:
    """A figure stated elsewhere, as the sheet has it."""
    column = f"k:{of}.{name}"
    return Quantity(sheet[f"{column}.num"], number(10**FINEST), sheet[f"{column}.gone"])


def stated(asked: Iterable[Stated], tables: Tables, registry: Registry) -> pl.DataFrame:
    """One row per assessed unit in order; for each figure asked `.num` and, as a code, why there is none."""
    columns = [column for one in asked for column in _columns(one, tables, registry)]
    return pl.DataFrame(columns)


def _columns(one: Stated, tables: Tables, registry: Registry) -> list[pl.Series]:
    year = registry.period.start.year
    schema = FIXED[one.table]
    names = ["unit", one.key, "year", "value", "value_state"]
    rows = frame_of(tables.get(one.table), schema, names).filter(
        (pl.col(one.key) == one.id) & (pl.col("year") == year - one.years_before)
    )
    own = rows.select("unit", "value", "value_state", own=pl.lit(True)).collect()
    frame = registry.assessed.select("unit", "kind").join(own, on="unit", how="left", maintain_order="left")
    kinds = frame["kind"].unique().to_list()
    values = [one.usual(year, kind) for kind in kinds]
    usual = {kind: int(value * 10**FINEST) for kind, value in zip(kinds, values, strict=True) if value is not None}
    instead = pl.col("kind").replace_strict(
        list(usual), list(usual.values()), default=None, return_dtype=frame.schema["value"]
    )
    stands = pl.when(pl.col("own")).then("value").otherwise(instead)
    reasons = {name: CODES[name] for name in ("not_applicable", "suppressed")}
    reason = pl.col("value_state").replace_strict(reasons, default=CODES["missing"], return_dtype=pl.Int64)
    made = frame.select(
        stands.fill_null(0).alias(f"{one.name}.num"),
        pl.when(stands.is_null()).then(reason).otherwise(0).alias(f"{one.name}.gone"),
    )
    return made.get_columns()
