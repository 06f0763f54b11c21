"""What the engine is measured against: the floor, and what a user would write by hand for this one programme.

Hand-written scoring is in doubles and gives one total, grade and two places per unit. It knows no units below others,
no reasons for absence, no exempt items, and no explanation: the cost of those is what the ratios show.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.district import FIELDS, PAIRS, POINTS, RULES

PLACES = range(PAIRS)
SHAPES: tuple[str, ...] = tuple(next(iter(rule)) for rule in RULES)


def bare_scan(files: Sequence[Path]) -> pl.DataFrame:
    """The floor: every column of figures read and summed."""
    return pl.scan_parquet(list(files)).select(pl.col(FIELDS).sum()).collect(engine="streaming")


def sums_only(files: Sequence[Path]) -> pl.DataFrame:
    """The 60 sums per unit, and nothing else."""
    return pl.scan_parquet(list(files)).group_by("unit").agg(pl.col(FIELDS).sum()).collect(engine="streaming")


def item_points(
    share: Any, at: int, when: Callable[[Any, Any, Any], Any], clip: Callable[[Any, float, float], Any]
) -> Any:
    full = float(POINTS[at % len(POINTS)])
    match at % len(RULES):
        case 0:
            return clip(share / 0.95 * full, 0, full)
        case 1:
            return clip((share - 0.6) / 0.35 * full, 0, full)
        case 2:
            return when(share >= 0.8, full, 0.0)
        case 3:
            return when(share >= 0.9, 4.0, when(share >= 0.8, 3.0, 1.0))
        case _:
            return clip(share / 0.85 * full, 0, full)


# -- Polars by hand ------------------------------------------------------------------------------------------------


def polars_by_hand(files: Sequence[Path], registry: Path, lived_in: bool) -> pl.DataFrame:
    """Sums, shares, points, total, grade and places."""
    rows = pl.scan_parquet(list(files))
    units = pl.scan_parquet(registry).filter(pl.col("kind") == "village")
    return _placed(_scored(rows, units, lived_in)).collect(engine="streaming")


def polars_by_bucket(buckets: Sequence[Path]) -> pl.DataFrame:
    """The same, one bucket of units after the other; places at the end."""
    made = []
    for place in buckets:
        units = pl.scan_parquet(place / "units.parquet").filter(pl.col("kind") == "village")
        rows = pl.scan_parquet(place / "returns-monthly.parquet")
        made.append(_scored(rows, units, lived_in=False).select("unit", "parent", "total").collect(engine="streaming"))
    return _placed(pl.concat(made).lazy()).collect()


def _scored(rows: pl.LazyFrame, units: pl.LazyFrame, lived_in: bool) -> pl.LazyFrame:
    if lived_in:
        rows = _newest_and_open(rows, units)
        sums = [_whole(at, f"{name}_{at:02d}").sum() for at in PLACES for name in ("due", "done")]
        counts = [_whole(at, pl.lit(1)).sum().alias(f"whole_{at:02d}") for at in PLACES]
        by_unit = rows.group_by("unit").agg(*sums, *counts, filed=pl.len())
    else:
        by_unit = rows.group_by("unit").agg(pl.col(FIELDS).sum(), filed=pl.len())
    scored = units.select("unit", "parent").join(by_unit, on="unit", how="left").with_columns(_items(lived_in))
    items = pl.col([f"item_{at:02d}" for at in PLACES])
    total = (pl.sum_horizontal(items) - pl.min_horizontal((12 - pl.col("filed")) * 0.5, 3)).clip(0, 99).round(2)
    return scored.with_columns(total=total)


def _placed(scored: pl.LazyFrame) -> pl.LazyFrame:
    return scored.with_columns(
        grade=pl.when(pl.col("total") >= 90).then(pl.lit("best")).when(pl.col("total") >= 75).then(pl.lit("good")),
        place=pl.col("total").rank("min", descending=True),
        county=pl.col("total").rank("min", descending=True).over("parent"),
    )


def _newest_and_open(rows: pl.LazyFrame, units: pl.LazyFrame) -> pl.LazyFrame:
    days = units.select("unit", "opened", "closed")
    newest = rows.filter(pl.col("version") == pl.col("version").max().over("unit", "period"))
    first = pl.col("period") + "-01"
    is_open = (pl.col("opened") <= first) & ((pl.col("closed") == "") | (pl.col("closed") > first))
    return newest.join(days, on="unit").filter(is_open)


def _whole(at: int, cells: str | pl.Expr) -> pl.Expr:
    whole = pl.col(f"due_{at:02d}").is_not_null() & pl.col(f"done_{at:02d}").is_not_null()
    return pl.when(whole).then(cells)


def _items(lived_in: bool) -> list[pl.Expr]:
    items = []
    for at in PLACES:
        share = pl.col(f"done_{at:02d}") / pl.col(f"due_{at:02d}")
        points = item_points(
            share, at, lambda a, b, c: pl.when(a).then(b).otherwise(c), lambda x, low, high: x.clip(low, high)
        )
        if lived_in:
            points = pl.when(pl.col(f"whole_{at:02d}") >= 6).then(points).otherwise(0.0)
        items.append(points.round(2).alias(f"item_{at:02d}"))
    return items


def duckdb_sums(files: Sequence[Path]) -> Any:
    """One plain GROUP BY of the 60 sums."""
    import duckdb

    sums = ", ".join(f"sum({name}) AS {name}" for name in FIELDS)
    listed = ", ".join(f"'{file}'" for file in files)
    return duckdb.sql(f"SELECT unit, {sums} FROM read_parquet([{listed}]) GROUP BY unit").to_arrow_table().num_rows


# -- pandas by hand ------------------------------------------------------------------------------------------------


def pandas_by_hand(files: Sequence[Path], registry: Path, lived_in: bool) -> Any:
    """The same in pandas."""
    import numpy as np
    import pandas as pd

    columns = ["unit", *(["period", "version"] if lived_in else []), *FIELDS]
    rows = pd.concat([pd.read_parquet(file, columns=columns) for file in files], ignore_index=True)
    units = pd.read_parquet(registry)
    units = units[units["kind"] == "village"].set_index("unit")
    if lived_in:
        rows = rows.sort_values("version").drop_duplicates(["unit", "period"], keep="last")
        days, first = units.reindex(rows["unit"]), (rows["period"] + "-01").to_numpy()
        opened, closed = days["opened"].to_numpy(), days["closed"].to_numpy()
        rows = rows[(opened <= first) & ((closed == "") | (closed > first))].copy()
        for at in PLACES:
            pair = [f"due_{at:02d}", f"done_{at:02d}"]
            whole = rows[pair].notna().all(axis=1)
            rows[pair] = rows[pair].where(whole, 0)
            rows[f"whole_{at:02d}"] = whole
    grouped = rows.groupby("unit", sort=False)
    by_unit = grouped.sum(numeric_only=True).reindex(units.index)
    filed = grouped.size().reindex(units.index).fillna(0)
    total = -np.minimum((12 - filed) * 0.5, 3)
    for at in PLACES:
        share = by_unit[f"done_{at:02d}"] / by_unit[f"due_{at:02d}"]
        points = np.round(item_points(share, at, np.where, np.clip), 2)
        total = total + (np.where(by_unit[f"whole_{at:02d}"] >= 6, points, 0.0) if lived_in else points)
    made = pd.DataFrame({"parent": units["parent"], "total": total.clip(0, 99).round(2)})
    made["grade"] = np.where(made["total"] >= 90, "best", np.where(made["total"] >= 75, "good", "poor"))
    made["place"] = made["total"].rank(method="min", ascending=False)
    made["county"] = made.groupby("parent")["total"].rank(method="min", ascending=False)
    return made
