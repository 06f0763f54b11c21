"""The year of a country, one bucket of units after the other: memory grows with the bucket, not with the country.

What is kept of all units at once is what their places are made of: groups, grades and totals.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import polars as pl

from answerable.definition.model import Programme
from answerable.scoring.engines.columns.engine import Share, marked, nodes
from answerable.scoring.engines.columns.planner import plan_of
from answerable.scoring.engines.columns.results import Made, Results, graded, ranked
from answerable.values.period import Period
from answerable.values.table import Tables

__all__ = ["score_buckets"]

_UNITS = ("unit", "kind", "parent", "peer_group")


def score_buckets(
    programme: Programme,
    buckets: Sequence[Callable[[], Tables]],
    period: Period,
    folder: Path,
    tables: Sequence[str] = ("grades", "scores", "indicators", "ranks"),
) -> tuple[Mapping[str, Sequence[Path]], Share]:
    """Score every assessed unit of some buckets, and leave the tables of the scorecard as Parquet.

    Args:
        buckets: each read when its turn comes; a unit stands in one of them, with all units below it.
        folder: where the parts are written.
        tables: which tables of the scorecard are wanted.

    Returns:
        For each table its parts, one per bucket, with the columns of `scorecard_schemas`: scaled integers and text, in
        key order within a part. And how much was computed one node at a time.

    Raises:
        OverflowError: where a figure is too large for any column.
    """
    plan = plan_of(programme)
    parts: dict[str, list[Path]] = {name: [] for name in tables}
    sent = units = 0

    def put(name: str, at: int, frame: pl.DataFrame) -> Path:
        file = folder / f"{name}-{at:05d}.parquet"
        frame.write_parquet(file, compression="lz4")
        return file

    def done(results: Results) -> None:
        nonlocal sent, units
        at = len(waiting)
        for name, make in (("scores", results.scores), ("indicators", results.indicators)):
            if name in parts:
                parts[name].append(put(name, at, _held(make())))
        waiting.append(
            (put("~grades", at, _held(results.grades())), put("~units", at, results.assessed.select(_UNITS)))
        )
        sent += len(results.marking.sheet.sent | results.marking.undecided)
        units += results.height

    waiting: list[tuple[Path, Path]] = []
    places, begins = marked(programme, plan, buckets, period, done), 0
    for at, (grades, known) in enumerate(waiting):
        of_units = pl.read_parquet(known)
        here = places.slice(begins, of_units.height)
        begins += of_units.height
        if "grades" in parts:
            parts["grades"].append(put("grades", at, graded(plan, Made(pl.read_parquet(grades)), here).frame))
        if "ranks" in parts:
            parts["ranks"].append(put("ranks", at, ranked(plan, of_units, here).frame))
    return parts, Share(sent, nodes(plan) * units)


def _held(made: Made) -> pl.DataFrame:
    """The frame, with every number in 64 bits: parts are of one type."""
    try:
        narrow = made.frame.with_columns(pl.col(pl.Int128).cast(pl.Int64))
    except pl.exceptions.InvalidOperationError as error:
        raise OverflowError("a figure has more than 18 digits") from error
    if any(made.beyond.values()):
        raise OverflowError("a figure has more than 38 digits")
    return narrow
