"""The year of a country in buckets: a folder of folders of tables, each of some units with all units below them.

`buckets.json` names them and tells how many rows each table has, so that a bucket that is lost or cut short is seen. A
unit that is scored stands in one bucket, with all below it; the units above it are repeated in each.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from answerable.definition import Programme
from answerable.definition.formula import Across, walk
from answerable.exchange.tables.folder import LIST, frame_of, read_tables
from answerable.values.canonical import canonical_json
from answerable.values.issue import Issue, Place, Refused
from answerable.values.table import StoredTable, Tables

__all__ = [
    "Bucket",
    "above",
    "below",
    "counting",
    "fingerprint",
    "in_buckets",
    "listed",
    "read_bucket_of",
    "read_buckets",
    "split_tables",
    "way_up",
]

_FORMAT = "answerable-buckets/1"
_SHOWN = 20


def in_buckets(folder: Path) -> bool:
    """Whether a folder holds buckets, not tables."""
    return (folder / LIST).is_file()


# -- writing -------------------------------------------------------------------------------------------------------


def split_tables(folder: Path, programme: Programme, out: Path, units: int) -> list[Path]:
    """Put a folder of tables into buckets of about so many units, none of which is cut from those above it.

    Returns:
        The folders written, and the list of them.

    Raises:
        Refused: with every issue of the tables, or where something stands at the place already.
    """
    if out.exists() and any(out.iterdir()):
        raise Refused([Issue("buckets.not_empty", Place(str(out)))])
    tables = {name: _lazy(table) for name, table in read_tables(folder, programme, stored=True).items()}
    known = tables["units"].collect()
    tops = _tops(known, programme.assess)
    named: list[dict[str, Any]] = []
    put: set[str] = set()
    for at, own in enumerate(_filled(tops, units), 1):
        # The first also keeps those above nobody who is scored.
        over = above(known, own) if at > 1 else [unit for unit in known["unit"] if unit not in tops]
        here = [unit for unit in (*own, *over) if unit not in put]
        put.update(here)
        bucket = out / f"{at:05d}"
        bucket.mkdir(parents=True)
        rows = {"units": _write(known.lazy().filter(pl.col("unit").is_in([*own, *over])), bucket / "units.parquet")}
        for name in sorted(tables.keys() - {"units"}):
            count = _write(tables[name].filter(pl.col("unit").is_in(here)), bucket / f"{name}.parquet")
            rows |= {name: count} if count else {}
        named.append({"folder": bucket.name, "rows": rows})
    (out / LIST).write_bytes(canonical_json({"format": _FORMAT, "buckets": named}) + b"\n")
    return [*(out / str(one["folder"]) for one in named), out / LIST]


def _lazy(table: Any) -> pl.LazyFrame:
    return pl.scan_parquet(list(table.files)) if isinstance(table, StoredTable) else frame_of(table).lazy()


def _write(frame: pl.LazyFrame, file: Path) -> int:
    """Write some rows, unless there are none, and tell how many."""
    rows = frame.sort("unit", maintain_order=True).collect(engine="streaming")
    if rows.height:
        rows.write_parquet(file)
    return rows.height


def _tops(units: pl.DataFrame, assess: Sequence[str]) -> dict[str, str]:
    """Each unit that counts for a score, and the highest unit that is scored with it."""
    parents = dict(units.select("unit", "parent").iter_rows())
    scored = set(units.filter(pl.col("kind").is_in(list(assess)))["unit"])
    tops: dict[str, str] = {}
    for unit in parents:
        way = list(way_up(unit, parents))
        found = [one for one in way if one in scored]
        if found:
            tops[unit] = found[-1]
    return tops


def way_up(unit: str, parents: Mapping[str, str | None]) -> Iterator[str]:
    """A unit and those above it."""
    above: str | None = unit
    while above:
        yield above
        above = parents.get(above)


def _filled(tops: Mapping[str, str], units: int) -> Iterator[list[str]]:
    """Units bucket by bucket, whole trees in order of the code at their head."""
    trees: dict[str, list[str]] = {}
    for unit, top in tops.items():
        trees.setdefault(top, []).append(unit)
    bucket: list[str] = []
    for top in sorted(trees):
        if bucket and len(bucket) + len(trees[top]) > units:
            yield bucket
            bucket = []
        bucket += trees[top]
    yield bucket


def above(units: pl.DataFrame, own: Sequence[str]) -> list[str]:
    """The units above some, which are not among them."""
    found: list[str] = []
    level = units.filter(pl.col("unit").is_in(own))
    while True:
        parents = level["parent"].drop_nulls().unique()
        level = units.filter(pl.col("unit").is_in(parents.implode()) & ~pl.col("unit").is_in([*own, *found]))
        if not level.height:
            return sorted(found)
        found += level["unit"].to_list()


# -- reading -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bucket:
    """A bucket as the list has it: its folder, and the rows of each file."""

    folder: Path
    rows: Mapping[str, int]

    def issues(self, programme: Programme) -> list[Issue]:
        """What is wrong with the bucket, as with any folder of tables, and where it is not what the list says."""
        if not self.folder.is_dir():
            return [Issue("buckets.lost", Place(self.folder.name))]
        try:
            read_tables(self.folder, programme, stored=True)
        except Refused as refused:
            return [replace(one, place=self.placed(one.place)) for one in refused.issues]
        found = {file.stem: _height(file) for file in sorted(self.folder.glob("*.parquet"))}
        wrong = [name for name in sorted({*found, *self.rows}) if found.get(name, 0) != self.rows.get(name, 0)]
        return [
            Issue(
                "buckets.other_rows",
                Place(f"{self.folder.name}/{name}.parquet"),
                {"found": str(found.get(name, 0)), "listed": str(self.rows.get(name, 0))},
            )
            for name in wrong
        ]

    def placed(self, place: Place) -> Place:
        """A place in a file of the bucket, as seen from outside."""
        inside = place.file if place.file and place.file != str(self.folder) else ""
        return replace(place, file=f"{self.folder.name}/{inside}" if inside else self.folder.name)

    def units(self) -> pl.LazyFrame:
        """unit, kind, parent of its units, and of those above them."""
        return pl.scan_parquet(self.folder / "units.parquet").select("unit", "kind", "parent")


def read_buckets(folder: Path, programme: Programme) -> list[Callable[[], Tables]]:
    """Check every bucket of a folder, and give for each what reads its tables when its turn comes.

    Raises:
        Refused: with every issue of every bucket.
    """
    buckets = listed(folder)
    names = {one.folder.name for one in buckets}
    issues = [
        Issue("buckets.not_listed", Place(one.name))
        for one in sorted(folder.iterdir())
        if one.is_dir()
        if one.name not in names and not one.name.startswith(".")
    ]
    for bucket in buckets:
        issues += bucket.issues(programme)
    if not issues:
        issues = _twice(buckets, programme)
    if issues:
        raise Refused(issues)
    return [partial(read_tables, bucket.folder, programme, stored=True, checked=True) for bucket in buckets]


def read_bucket_of(folder: Path, programme: Programme, unit: str) -> Tables:
    """Read the tables a unit can be explained from: those of its bucket, or the folder where there are no buckets.

    Raises:
        Refused: with every issue of them; where the unit stands in no bucket, or is compared with units of others.
    """
    if not in_buckets(folder):
        return read_tables(folder, programme)
    if programme.grades.quotas or any(
        isinstance(one, Across) for each in programme.indicators for one in walk(each.core)
    ):
        raise Refused([Issue("buckets.group_needed", Place(LIST))])
    for bucket in listed(folder):
        file = bucket.folder / "units.parquet"
        if file.is_file() and bucket.units().filter(pl.col("unit") == unit).collect().height:
            return read_tables(bucket.folder, programme)
    raise Refused([Issue("scoring.unknown_unit", Place(LIST), {"unit": unit})])


def listed(folder: Path) -> list[Bucket]:
    """The buckets of a folder, as its list has them.

    Raises:
        Refused: where the list cannot be read.
    """
    try:
        said = json.loads((folder / LIST).read_bytes())
        if said["format"] != _FORMAT or not said["buckets"]:
            raise ValueError(said["format"])
        return [Bucket(folder / Path(one["folder"]).name, dict(one["rows"])) for one in said["buckets"]]
    except (ValueError, KeyError, TypeError) as error:
        raise Refused([Issue("buckets.no_list", Place(LIST), {"format": _FORMAT})]) from error


def _height(file: Path) -> int:
    return int(pl.scan_parquet(file).select(pl.len()).collect().item())


def _twice(buckets: Sequence[Bucket], programme: Programme) -> list[Issue]:
    """Units that count for a score and stand in several buckets."""
    frames = [
        bucket.units().collect().pipe(counting, programme.assess).with_columns(bucket=pl.lit(bucket.folder.name))
        for bucket in buckets
    ]
    again = pl.concat(frames).group_by("unit").agg(pl.col("bucket").sort()).filter(pl.col("bucket").list.len() > 1)
    shown = again.sort("unit").head(_SHOWN).iter_rows()
    return [
        Issue("buckets.unit_twice", Place(f"{where[1]}/units.parquet", row=unit), {"unit": unit, "first": where[0]})
        for unit, where in shown
    ]


def counting(units: pl.DataFrame, assess: Sequence[str]) -> pl.DataFrame:
    """The units that are scored, and all below them."""
    return pl.DataFrame({"unit": below(units, units.filter(pl.col("kind").is_in(list(assess)))["unit"])})


def below(units: pl.DataFrame, heads: Iterable[str]) -> list[str]:
    """Some units and all below them, each once."""
    level = units.filter(pl.col("unit").is_in(list(heads))).select("unit")
    found = [level]
    for _ in range(units.height):
        level = units.filter(pl.col("parent").is_in(level["unit"].implode())).select("unit")
        if not level.height:
            break
        found.append(level)
    return pl.concat(found)["unit"].unique(maintain_order=True).to_list()


def fingerprint(folder: Path) -> list[list[Any]]:
    """What tells whether any file of the buckets was touched: name, size, and the times of its change."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    known = [(file.relative_to(folder).as_posix(), file.stat()) for file in files]
    return [[name, held.st_size, held.st_mtime_ns, held.st_ctime_ns] for name, held in known]
