"""The year of a country, bucket by bucket: seconds and the most memory, each in a process of its own.

`python -m benchmarks.country` writes 3,000,000 units in buckets of 50,000 and measures; `--units`, `--each` and
`--rounds` change that. `make bench-country` runs it.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from answerable.definition import schemas
from answerable.exchange.tables.late_rows import add_rows, read_late
from answerable.scoring.engines.columns.buckets import keep_buckets, kept_in
from answerable.values.table import StoredTable, Tables
from benchmarks import district, rivals
from benchmarks.openfisca import openfisca_by_year

OURS, FLOOR, HAND, DUCK = "Answerable", "bare scan", "Polars by hand, same buckets", "DuckDB, one GROUP BY"
LATE = "one late return"
FISCA = "openfisca-core"
CURVE = (10, 3, 1)
"""What the memory is measured at: a tenth of the country, a third, all."""


def main() -> int:
    """Write the country, measure each in its own process, print a table."""
    options = _options()
    if options.run:
        return _run(options.run, options.folder, options.buckets)
    count = options.units // options.each
    with tempfile.TemporaryDirectory(prefix="answerable-country-", dir=options.folder) as place:
        folder = Path(place)
        district.write_buckets(folder, options.units, options.each)
        best: dict[str, dict[str, float]] = {}
        for at in range(options.rounds):
            for name in (FLOOR, OURS, HAND, *([DUCK] if not at else [])):
                best[name] = _better(best.get(name), _measured(name, folder, count))
        late = _measured(LATE, folder, count)
        curve = {
            part * options.each: _measured(OURS, folder, part) for part in sorted({max(1, count // n) for n in CURVE})
        }
        third = max(1, count // CURVE[1])
        fisca = _measured(FISCA, folder, third)
    figures = {
        "units": options.units,
        "each": options.each,
        "cores": os.cpu_count(),
        "runs": best,
        "curve": curve,
        "late": late,
        "openfisca": {**fisca, "units": third * options.each},
    }
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "country.json").write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    table = _table(figures)
    (options.out / "country.md").write_text(table, "utf-8")
    print(table)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.country", description=__doc__)
    parser.add_argument("--units", type=int, default=3_000_000)
    parser.add_argument("--each", type=int, default=50_000, help="units in a bucket")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("var/benchmarks"))
    parser.add_argument("--folder", type=Path, default=None, help="where the Parquet files are written and thrown away")
    parser.add_argument("--run", help=argparse.SUPPRESS)
    parser.add_argument("--buckets", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


def _measured(name: str, folder: Path, buckets: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.country", "--run", name, "--folder", str(folder)]
    said = subprocess.run([*command, "--buckets", str(buckets)], check=True, stdout=subprocess.PIPE, text=True).stdout
    print(f"  {name}, {buckets} buckets: {said.strip()}", file=sys.stderr)
    measured: dict[str, float] = json.loads(said)
    return measured


def _better(one: dict[str, float] | None, other: dict[str, float]) -> dict[str, float]:
    return other if one is None or other["seconds"] < one["seconds"] else one


def _run(name: str, folder: Path, buckets: int) -> int:
    """Do one of them and say how long it took and how much memory it needed."""
    places = sorted(place for place in folder.iterdir() if place.is_dir())[:buckets]
    files = [place / f"returns-{district.FORM}.parquet" for place in places]
    runs: dict[str, Callable[[], Any]] = {
        FLOOR: lambda: rivals.bare_scan(files),
        OURS: lambda: _ours(places),
        HAND: lambda: rivals.polars_by_bucket(places),
        DUCK: lambda: rivals.duckdb_sums(files),
        LATE: lambda: _late(folder, places),
        FISCA: lambda: openfisca_by_year(places),
    }
    started = time.perf_counter()
    said = runs[name]()
    seconds = time.perf_counter() - started
    held = Path("/proc/self/status").read_text("ascii").splitlines()
    most = next(int(line.split()[1]) for line in held if line.startswith("VmHWM")) / 1024
    print(
        json.dumps({"seconds": round(seconds, 2), "megabytes": round(most), **(said if name in (OURS, LATE) else {})})
    )
    return 0


def _ours(places: list[Path]) -> dict[str, int]:
    programme = district.programme()
    with tempfile.TemporaryDirectory(dir=places[0].parent.parent) as out:
        buckets = [partial(_tables, place) for place in places]
        kept = keep_buckets(programme, buckets, district.PERIOD, Path(out), details=False)
        kept.parts(("grades", "ranks"), Path(out))
    return {"sent": kept.share.sent, "of": kept.share.of}


def _late(folder: Path, places: list[Path]) -> dict[str, float]:
    """A revision of one return of the last bucket: from the row on disk to the score, the places and the counts."""
    programme, period = district.programme(), district.PERIOD
    district.list_buckets(folder, places)
    with tempfile.TemporaryDirectory(dir=folder.parent) as place:
        keep_buckets(programme, [partial(_tables, one) for one in places], period, Path(place), details=False)
        rows = Path(place) / "late"
        rows.mkdir()
        name = f"returns-{district.FORM}"
        last = pl.scan_parquet(places[-1] / f"{name}.parquet").tail(1).with_columns(version=pl.col("version") + 1)
        last.collect().write_parquet(rows / f"{name}.parquet")
        gc.collect()
        started = time.perf_counter()
        kept = kept_in(Path(place), programme, period)
        assert kept is not None
        (late,) = read_late(rows, folder, programme)
        moved = kept.late(late.at, add_rows(late, folder, programme))
        seconds = time.perf_counter() - started
        assert moved is not None and moved.ranks.height == 2
    return {"late": round(seconds, 3)}


def _tables(place: Path) -> Tables:
    known = schemas(district.programme())
    names = ("units", f"returns-{district.FORM}")
    return {name: StoredTable(known[name], (place / f"{name}.parquet",)) for name in names}


def _table(figures: dict[str, Any]) -> str:
    runs = figures["runs"]
    floor = runs[FLOOR]["seconds"]
    lines = [
        f"{figures['units']:,} units × {len(district.FIELDS)} fields × 12 months in buckets of {figures['each']:,}, "
        f"{figures['cores']} cores, Polars {pl.__version__}, warm files, each in its own process.",
        "",
        "| | seconds | × bare scan | most memory |",
        "|---|---:|---:|---:|",
    ]
    for name, run in runs.items():
        lines.append(f"| {name} | {run['seconds']:.1f} | {run['seconds'] / floor:.2f} | {run['megabytes']:,.0f} MB |")
    ours = runs[OURS]
    lines += [
        "",
        f"- Answerable to Polars by hand: {ours['seconds'] / runs[HAND]['seconds']:.2f}",
        f"- DuckDB to Answerable: {runs[DUCK]['seconds'] / ours['seconds']:.1f}",
        f"- One late return, from the file to its score, places and counts: {figures['late']['late']} s",
        _beside_openfisca(figures["openfisca"], figures["curve"]),
        f"- {ours['sent']:,} of {ours['of']:,} nodes computed one by one",
        "",
        "| units | seconds | most memory |",
        "|---:|---:|---:|",
        *(
            f"| {units:,} | {run['seconds']:.1f} | {run['megabytes']:,.0f} MB |"
            for units, run in figures["curve"].items()
        ),
    ]
    return "\n".join(lines) + "\n"


def _beside_openfisca(fisca: dict[str, Any], curve: dict[int, dict[str, float]]) -> str:
    ours = curve[fisca["units"]]
    slower, larger = (fisca[figure] / ours[figure] for figure in ("seconds", "megabytes"))
    return (
        f"- {fisca['units']:,} units in openfisca-core: {fisca['seconds']:.1f} s and {fisca['megabytes']:,} MB, "
        f"{slower:.1f} × our seconds, {larger:.1f} × our memory"
    )


if __name__ == "__main__":
    sys.exit(main())
