"""Rows that came late, put into their buckets beside what is there; files are added, none is changed but the list."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from answerable.definition import Programme, schemas
from answerable.exchange.tables.buckets import above, below, counting, listed, way_up
from answerable.exchange.tables.folder import LIST, MORE, frame_of, read_rows, read_tables
from answerable.values.canonical import canonical_json
from answerable.values.issue import Issue, Place, Refused
from answerable.values.table import Tables

__all__ = ["Late", "add_rows", "read_late"]


@dataclass(frozen=True)
class Late:
    """Rows that came late for some units of one bucket, by table."""

    at: int
    name: str
    units: tuple[str, ...]
    tables: Mapping[str, pl.DataFrame]


def read_late(rows: Path, folder: Path, programme: Programme) -> list[Late]:
    """Rows for units of some buckets, bucket by bucket.

    Raises:
        Refused: with every issue of the rows, also where one is there already.
    """
    buckets, places = listed(folder), dict[str, int]()

    def known(codes: Sequence[str]) -> pl.DataFrame:
        found = []
        for at, bucket in enumerate(buckets):
            file = bucket.folder / "units.parquet"
            here = pl.scan_parquet(file).filter(pl.col("unit").is_in(list(codes))).collect()
            if here.height:
                count = set(counting(bucket.units().collect(), programme.assess)["unit"])
                places.update({unit: at for unit in here["unit"] if unit in count or unit not in places})
                found.append(here)
        return pl.concat(found or [buckets[0].units().head(0).collect()]).unique("unit", maintain_order=True)

    tables = {name: frame_of(table) for name, table in read_rows(rows, programme, known).items()}
    late = []
    for at, bucket in enumerate(buckets):
        units = tuple(sorted(unit for unit, place in places.items() if place == at))
        here = {name: frame.filter(pl.col("unit").is_in(units)) for name, frame in tables.items()}
        held = {name: frame for name, frame in here.items() if frame.height}
        late += [Late(at, bucket.folder.name, units, held)] if held else []
    issues = [issue for one in late for issue in _there_already(one, folder, programme)]
    if issues:
        raise Refused(issues)
    return late


def _there_already(late: Late, folder: Path, programme: Programme) -> Iterator[Issue]:
    for name, frame in late.tables.items():
        key = list(schemas(programme)[name].key)
        for file in sorted((folder / late.name).glob(f"{name}*.parquet")):
            held = pl.scan_parquet(file).filter(pl.col("unit").is_in(late.units)).select(key).collect()
            for row in (
                frame.select(key).join(held.cast(frame.select(key).schema), on=key, how="semi").iter_rows(named=True)
            ):
                said = ", ".join(f"{column} {cell}" for column, cell in row.items())
                yield Issue(
                    "buckets.row_exists", Place(f"{name}", row=str(row["unit"]) if "unit" in row else ""), {"key": said}
                )


def add_rows(late: Late, folder: Path, programme: Programme) -> Tables:
    """Put late rows into their bucket, and read the tables of the trees they stand in: all units they can bear on."""
    bucket = folder / late.name
    said = json.loads((folder / LIST).read_bytes())
    for name, frame in late.tables.items():
        first = bucket / f"{name}.parquet"
        number_of = len(list(bucket.glob(f"{name}{MORE}*.parquet"))) + 1
        file = bucket / (f"{name}{MORE}{number_of:05d}.parquet" if first.exists() else first.name)
        _as_before(frame, first).write_parquet(file)
        said["buckets"][late.at]["rows"][file.stem] = frame.height
    waiting = folder / f".{LIST}"
    waiting.write_bytes(canonical_json(said) + b"\n")
    waiting.replace(folder / LIST)
    return _trees(bucket, late.units, programme)


def _trees(bucket: Path, units: Sequence[str], programme: Programme) -> Tables:
    """The tables of the whole trees some units of a bucket stand in."""
    known = pl.read_parquet(bucket / "units.parquet", columns=["unit", "kind", "parent"])
    parents = dict(known.select("unit", "parent").iter_rows())
    scored = set(known.filter(pl.col("kind").is_in(list(programme.assess)))["unit"])
    ways = ([one for one in way_up(unit, parents) if one in scored] for unit in units)
    tree = below(known, {way[-1] for way in ways if way})
    wanted = pl.col("unit").is_in(tree)
    with TemporaryDirectory(prefix="answerable-") as folder:
        for file in sorted(bucket.glob("*.parquet")):
            here = wanted | pl.col("unit").is_in(above(known, tree)) if file.stem == "units" else wanted
            rows = pl.scan_parquet(file).filter(here).collect(engine="streaming")
            if rows.height:
                rows.write_parquet(Path(folder) / file.name)
        return read_tables(Path(folder), programme)


def _as_before(frame: pl.DataFrame, first: Path) -> pl.DataFrame:
    """The rows with the columns and types of a file before, so that both can be read as one; no cell is lost for it."""
    if not first.exists():
        return frame
    held = pl.read_parquet_schema(first)
    lost = [name for name in frame.columns if name not in held and frame[name].null_count() < frame.height]
    kept = [name for name in held if name in frame.columns]
    return frame.select(*(pl.col(name).cast(held[name]) for name in kept), *lost)
