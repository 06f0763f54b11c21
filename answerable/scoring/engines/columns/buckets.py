"""The year of a country on disk, marked one bucket of units after the other: memory grows with the bucket.

What is kept of all units at once is what their places are made of: groups, grades and totals. Kept on disk, it lets a
late row of one unit change that unit's path alone: its figures are made again, its places are counted anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from answerable.definition.model import Programme
from answerable.scoring.engines.columns.engine import marked, nodes
from answerable.scoring.engines.columns.placing import Field, keys, placed, refined, seated
from answerable.scoring.engines.columns.plan import Place, Plan
from answerable.scoring.engines.columns.planner import plan_of
from answerable.scoring.engines.columns.registry import grouped_by
from answerable.scoring.engines.columns.results import Made, Results, graded, ranked
from answerable.scoring.scorecard import Share
from answerable.values.period import Period
from answerable.values.table import Tables

__all__ = ["Kept", "Moved", "keep_buckets", "kept_in"]

_KEPT = "kept.json"
_FORMAT = "answerable-kept/1"
_UNITS = ("unit", "kind", "parent", "peer_group")
_DETAILS: Mapping[str, Callable[[Results], Made]] = {"scores": Results.scores, "indicators": Results.indicators}


@dataclass(frozen=True)
class Moved:
    """What late rows changed: tables of the scorecard for the units they reach, and units a quota moved for it.

    grades, ranks: rows of the scorecard. others: unit, and the grade it has now.
    """

    grades: pl.DataFrame
    ranks: pl.DataFrame
    others: pl.DataFrame


def keep_buckets(
    programme: Programme,
    buckets: Sequence[Callable[[], Tables]],
    period: Period,
    folder: Path,
    details: bool = True,
) -> Kept:
    """Score every assessed unit of some buckets, and keep on disk what the scorecard is made of.

    Args:
        buckets: each read when its turn comes; a unit stands in one of them, with all units below it.
        folder: where the parts are kept.
        details: whether scores of nodes and indicators are kept too.

    Raises:
        OverflowError: where a figure has more than 18 digits.
    """
    plan = plan_of(programme)
    heights: list[int] = []
    # Totals that stand too near each other are computed when all have come: these sets grow until then.
    sent: list[tuple[set[tuple[str, int]], set[tuple[str, int]]]] = []

    def done(results: Results) -> None:
        at = len(heights)
        _put(folder, at, "units", results.assessed.select(*_UNITS, *map(grouped_by, plan.levels())))
        _put(folder, at, "graded", _held(results.grades()))
        for name in _DETAILS if details else ():
            _put(folder, at, name, _held(_DETAILS[name](results)))
        sent.append((results.marking.sheet.sent, results.marking.undecided))
        heights.append(results.height)

    field = refined(marked(programme, plan, buckets, period, done))
    field.frame.write_ipc(folder / "field.arrow")
    said = {
        "format": _FORMAT,
        "programme": programme.digest,
        "period": str(period),
        "heights": heights,
        "scales": {on: str(scale) for on, scale in field.scales.items()},
        "late": [],
        "sent": sum(len(computed | undecided) for computed, undecided in sent),
        "details": details,
    }
    (folder / _KEPT).write_text(json.dumps(said), "utf-8")
    return Kept(folder, programme, period, plan, said)


def kept_in(folder: Path, programme: Programme, period: Period) -> Kept | None:
    """What was kept of a programme and a period in a folder, if anything."""
    try:
        said = json.loads((folder / _KEPT).read_bytes())
    except (OSError, ValueError):
        return None
    mine = {"format": _FORMAT, "programme": programme.digest, "period": str(period)}
    if {name: said.get(name) for name in mine} != mine:
        return None
    return Kept(folder, programme, period, plan_of(programme), said)


class Kept:
    """A country that was scored: parts per bucket, and the field of all units."""

    def __init__(self, folder: Path, programme: Programme, period: Period, plan: Plan, said: dict[str, Any]) -> None:
        self.folder = folder
        self.programme = programme
        self.period = period
        self.plan = plan
        self.said = said

    @property
    def share(self) -> Share:
        """How much was computed one node at a time."""
        return Share(self.said["sent"], nodes(self.plan) * sum(self.said["heights"]))

    @cached_property
    def field(self) -> Field:
        """All units as they stand, late rows included."""
        frame = pl.read_ipc(self.folder / "field.arrow")
        for late in self.said["late"]:
            frame = _replaced(frame, late["rows"], pl.read_ipc(self.folder / f"field+{late['number']}.arrow"))
        return Field(frame, {on: int(scale) for on, scale in self.said["scales"].items()})

    def parts(self, tables: Iterable[str], folder: Path) -> dict[str, list[Path]]:
        """The tables of the scorecard as Parquet, one part per bucket, with the columns of `scorecard_schemas`.

        Decimals are scaled integers; rows stand in key order within a part.
        """
        parts: dict[str, list[Path]] = {name: [] for name in tables}
        places, begins = placed(self.plan, self.field.frame), 0
        for at, height in enumerate(self.said["heights"]):
            here = places.slice(begins, height)
            begins += height
            for name in parts:
                parts[name].append(_put(folder, at, f"of-{name}", self._table(name, at, here)))
        return parts

    def _table(self, name: str, at: int, places: pl.DataFrame) -> pl.DataFrame:
        if name == "grades":
            return graded(self.plan, Made(self._part(at, "graded")), places).frame
        if name == "ranks":
            return ranked(self.plan, self._part(at, "units"), places).frame
        return self._part(at, name)

    def _part(self, at: int, name: str) -> pl.DataFrame:
        """A part as it stands, late rows in the place of those before."""
        frame = pl.read_parquet(_file(self.folder, at, name))
        for late in [late for late in self.said["late"] if late["bucket"] == at and name != "units"]:
            newer = pl.read_parquet(_file(self.folder, at, f"{name}+{late['number']}"))
            others = frame.join(newer.select("unit").unique(), on="unit", how="anti", maintain_order="left")
            frame = pl.concat([others, newer]).sort("unit", maintain_order=True)
        return frame

    # -- late rows -------------------------------------------------------------------------------------------------

    def late(self, at: int, tables: Tables) -> Moved | None:
        """Make the figures of some units of a bucket again, and count their places anew.

        Args:
            at: the bucket. tables: all rows of whole trees of units of it, those that came late among them.

        Returns:
            What changed; None where it bears on units that are not among these, and all must be scored again.
        """
        sheets: list[Results] = []
        if len(self.plan.stages()) > 1:
            return None
        newer = refined(marked(self.programme, self.plan, [lambda: tables], self.period, sheets.append))
        (results,) = sheets
        rows = self._rows(at, results.assessed["unit"])
        if rows is None or newer.scales != self.field.scales or set(newer.scales) != self._orders():
            return None
        before = seated(self.plan, self.field.frame)
        frame = _replaced(self.field.frame, rows, newer.frame)
        after = seated(self.plan, frame)
        self._keep(at, rows, results, newer.frame, frame)
        return Moved(
            graded(self.plan, results.grades(), pl.DataFrame({"grade": after.gather(rows)})).frame,
            ranked(self.plan, results.assessed, self._placed(frame, rows)).frame,
            self._others(before, after, rows),
        )

    def _orders(self) -> set[str]:
        return {name.partition(":")[2] for name in self.field.frame.columns if name.startswith("order:")}

    def _rows(self, at: int, units: pl.Series) -> list[int] | None:
        """Where units of a bucket stand in the field; None where one does not."""
        known = self._part(at, "units")["unit"]
        begins = sum(self.said["heights"][:at])
        found = [known.index_of(unit) for unit in units]
        return None if None in found else [begins + int(row or 0) for row in found]

    def _keep(self, at: int, rows: list[int], results: Results, newer: pl.DataFrame, frame: pl.DataFrame) -> None:
        number_of = len(self.said["late"]) + 1
        newer.write_ipc(self.folder / f"field+{number_of}.arrow")
        _put(self.folder, at, f"graded+{number_of}", _held(results.grades()))
        for name in _DETAILS if self.said["details"] else ():
            _put(self.folder, at, f"{name}+{number_of}", _held(_DETAILS[name](results)))
        late = [*self.said["late"], {"bucket": at, "rows": rows, "number": number_of}]
        self.said = {**self.said, "late": late}
        waiting = self.folder / f".{_KEPT}"
        waiting.write_text(json.dumps(self.said), "utf-8")
        waiting.replace(self.folder / _KEPT)
        self.__dict__["field"] = replace(self.field, frame=frame)

    def _placed(self, frame: pl.DataFrame, rows: Sequence[int]) -> pl.DataFrame:
        """The places of some rows of the field, counted."""
        counted = [
            {name: cell for rank in self.plan.places for name, cell in _place(frame, rank, row).items()} for row in rows
        ]
        names = [f"{rank.id}.{name}" for rank in self.plan.places for name in ("place", "of")]
        return pl.DataFrame(counted, schema=dict.fromkeys(names, pl.Int64))

    def _others(self, before: pl.Series, after: pl.Series, rows: Sequence[int]) -> pl.DataFrame:
        """Units of other rows whose grade a quota changed."""
        changed = [row for row in (before != after).arg_true().to_list() if row not in set(rows)]
        names = [name for name, _ in self.plan.grading.bands]
        found, begins = [], 0
        for at, height in enumerate(self.said["heights"]):
            here = [row for row in changed if begins <= row < begins + height]
            units = self._part(at, "units")["unit"] if here else pl.Series(dtype=pl.String)
            found += [(units[row - begins], names[after[row]]) for row in here]
            begins += height
        return pl.DataFrame(found, schema={"unit": pl.String, "grade": pl.String}, orient="row")


def _place(frame: pl.DataFrame, rank: Place, row: int) -> dict[str, int | None]:
    mine = frame.row(row, named=True)
    if not mine["rated"]:
        return {f"{rank.id}.place": None, f"{rank.id}.of": None}
    order = pl.col(f"order:{rank.on}")
    among = frame.lazy().filter("rated", *(pl.col(name) == mine[name] for name in keys(rank)))
    ahead = order.filter(order > mine[f"order:{rank.on}"])
    counted = among.select(ahead.len() if rank.ties == "min" else ahead.n_unique(), of=pl.len()).collect().row(0)
    return {f"{rank.id}.place": counted[0] + 1, f"{rank.id}.of": counted[1]}


def _replaced(frame: pl.DataFrame, rows: Sequence[int], newer: pl.DataFrame) -> pl.DataFrame:
    """A field with some rows replaced."""
    columns = []
    for one in frame.get_columns():
        cells = newer[one.name]
        kind = pl.Int128 if pl.Int128 in (one.dtype, cells.dtype) else one.dtype
        columns.append(one.cast(kind).scatter(list(rows), cells.cast(kind)))
    return pl.DataFrame(columns)


def _file(folder: Path, at: int, name: str) -> Path:
    return folder / f"{at:05d}-{name}.parquet"


def _put(folder: Path, at: int, name: str, frame: pl.DataFrame) -> Path:
    file = _file(folder, at, name)
    frame.write_parquet(file, compression="lz4")
    return file


def _held(made: Made) -> pl.DataFrame:
    """The frame, with every number in 64 bits: parts are of one type."""
    try:
        narrow = made.frame.with_columns(pl.col(pl.Int128).cast(pl.Int64))
    except pl.exceptions.InvalidOperationError as error:
        raise OverflowError("a figure has more than 18 digits") from error
    if any(made.beyond.values()):
        raise OverflowError("a figure has more than 38 digits")
    return narrow
