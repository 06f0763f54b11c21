"""The units: who is assessed, who stands below whom, and for which months each answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from answerable.definition.formula import GROUPS
from answerable.definition.model import Programme
from answerable.definition.tables import FIXED
from answerable.scoring.engines.columns.reading import frame_of
from answerable.values.period import Period
from answerable.values.table import Tables

__all__ = ["Registry", "grouped_by"]


@dataclass(frozen=True)
class Registry:
    """All units, and the assessed ones in order of code.

    units: unit, kind, parent, peer_group, forms, and `first`, `after`: the months from `first` until `after`, counted
    from the start of the period, for which the unit answers. assessed: the same columns. below: `top`, the number of an
    assessed unit's row, and `unit`, a unit below it or itself; None where no assessed unit has any below it.
    """

    period: Period
    units: pl.DataFrame
    assessed: pl.DataFrame
    below: pl.DataFrame | None

    @classmethod
    def of(cls, programme: Programme, tables: Tables, period: Period, levels: Sequence[str] = ()) -> Registry:
        """Read the units of a programme; `assessed` also tells the unit of each of some kinds above."""
        names = ("unit", "kind", "parent", "peer_group", "opened", "closed", "forms")
        frame = frame_of(tables.get("units"), FIXED["units"], names).collect()
        frame = _answering(frame.with_columns(pl.all().fill_null("")), period)
        start, end = period.start.day(1).isoformat(), period.end.day(1).isoformat()
        open_then = (pl.col("opened") < end) & ((pl.col("closed") == "") | (pl.col("closed") > start))
        assessed = frame.filter(pl.col("kind").is_in(list(programme.assess)) & open_then).sort("unit")
        return cls(period, frame, _above(frame, assessed, levels), _below(frame, assessed))

    def answering(self, form: str) -> pl.DataFrame:
        """unit, first, after of all units that count; `first` and `after` are equal where one need not file a form."""
        return _answers(self.assessed if self.below is None else self.units, form)

    def expected(self, form: str) -> pl.Series:
        """In how many months an assessed unit, with all below it, must file a form."""
        months = (pl.col("after") - pl.col("first")).alias(form)
        if self.below is None:
            return _answers(self.assessed, form).select(months).to_series()
        by_unit = _answers(self.units, form).select("unit", months)
        return self.rolled_up(by_unit, {form: pl.col(form).sum()}).fill_null(0).to_series()

    def own(self, rows: Sequence[int]) -> pl.DataFrame:
        """The units of some assessed units' rows: these and all below them."""
        if self.below is None:
            return self.assessed.select("unit")[list(rows)]
        return self.below.filter(pl.col("top").is_in(list(rows))).select("unit").unique()

    def rolled_up(self, figures: pl.DataFrame, how: Mapping[str, pl.Expr]) -> pl.DataFrame:
        """Figures per unit -> one row per assessed unit in order, each with all below it; null where there is no row.

        Args:
            how: for each column, how several units' figures become one.
        """
        if self.below is None:
            return self.in_order(figures).select(list(how))
        rolled = self.below.join(figures, on="unit", how="inner").group_by("top").agg(**how)
        rows = pl.DataFrame({"top": pl.int_range(self.assessed.height, dtype=pl.UInt32, eager=True)})
        return rows.join(rolled, on="top", how="left", maintain_order="left").select(list(how))

    def in_order(self, figures: pl.DataFrame) -> pl.DataFrame:
        """Figures per unit -> one row per assessed unit in order, of its own alone; null where there is no row."""
        units = self.assessed.select("unit")
        # Usually every assessed unit and no other has rows, and they are stored in this order.
        if figures["unit"].equals(units["unit"]):
            return figures
        return units.join(figures, on="unit", how="left", maintain_order="left")


def _answering(frame: pl.DataFrame, period: Period) -> pl.DataFrame:
    """With the months a unit is open for the whole of, counted from the start of the period."""
    days = frame.select("opened", "closed").unique()
    firsts = [month.day(1).isoformat() for month in period]
    afters = [month.plus(1).day(1).isoformat() for month in period]
    first = [sum(opened > day for day in firsts) for opened in days["opened"]]
    after = [sum(not closed or closed >= day for day in afters) for closed in days["closed"]]
    # Few units are opened or closed in a year, so few pairs of days stand for all of them.
    months = days.with_columns(
        pl.Series("first", first, dtype=pl.Int64),
        pl.Series("after", [max(ends) for ends in zip(first, after, strict=True)], dtype=pl.Int64),
    )
    if days.height == 1:
        return frame.with_columns(pl.lit(months[name][0], dtype=pl.Int64).alias(name) for name in ("first", "after"))
    return frame.join(months, on=["opened", "closed"], how="left", maintain_order="left")


def _answers(frame: pl.DataFrame, form: str) -> pl.DataFrame:
    files = _among(frame, form)
    return frame.select("unit", "first", after=pl.when(files).then("after").otherwise("first"))


def _among(frame: pl.DataFrame, form: str) -> pl.Series:
    """Whether a unit must file a form."""
    lists = frame["forms"].unique()
    files = [form in text.split(";") for text in lists.to_list()]
    if all(files) or not any(files):
        return pl.repeat(all(files), frame.height, dtype=pl.Boolean, eager=True)
    return frame["forms"].replace_strict(lists, files, return_dtype=pl.Boolean)


def grouped_by(within: str) -> str:
    """The column that tells the group of a unit among those of its kind."""
    return within if within in GROUPS else f"above:{within}"


def _above(frame: pl.DataFrame, units: pl.DataFrame, levels: Sequence[str]) -> pl.DataFrame:
    """Some units with, for each kind asked, the nearest unit of that kind above; nothing where there is none."""
    if not levels:
        return units
    known = frame.select(at="unit", is_a="kind", over="parent")
    way = units.select(at="parent", **{name: pl.lit(None, dtype=pl.String) for name in map(grouped_by, levels)})
    for _ in range(frame.height):
        way = way.join(known, on="at", how="left", maintain_order="left")
        if not way["is_a"].count():
            break
        reached = {
            grouped_by(kind): pl.coalesce(grouped_by(kind), pl.when(pl.col("is_a") == kind).then("at"))
            for kind in levels
        }
        way = way.with_columns(**reached, at=pl.col("over")).drop("is_a", "over")
    return pl.concat([units, way.select(pl.col(grouped_by(kind)).fill_null("") for kind in levels)], how="horizontal")


def _below(frame: pl.DataFrame, assessed: pl.DataFrame) -> pl.DataFrame | None:
    tops = assessed.select("unit", top=pl.int_range(pl.len(), dtype=pl.UInt32))
    parents = frame.filter(pl.col("parent") != "").select("unit", "parent")
    if not parents["parent"].unique().is_in(assessed["unit"].implode()).any():
        return None
    found = [tops]
    level = tops
    # Level by level down the tree: nobody stands deeper than there are units.
    for _ in range(frame.height):
        level = level.join(parents, left_on="unit", right_on="parent").select(unit="unit_right", top="top")
        if not level.height:
            break
        found.append(level)
    return pl.concat(found) if len(found) > 1 else None
