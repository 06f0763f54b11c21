"""`python -m benchmarks`: one table and one JSON file of ratios, measured in one run, interleaved, best of five.

`--units` takes another number than 100,000; `--out` where to write. Nothing here asserts a time: the figures are for
people. `country.py` measures the year of a country.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from answerable.scoring import score
from answerable.scoring.explain import explain
from answerable.values.table import StoredTable, Table, Tables
from benchmarks import district, pages, rivals, robustness

ROUNDS = 5
FLOOR = "bare scan"
OURS = "Answerable"


def main() -> int:
    """Measure and write."""
    options = _options()
    units = options.units
    figures: dict[str, Any] = {"machine": _machine(), "units": units, "months": 12, "fields": len(district.FIELDS)}
    with tempfile.TemporaryDirectory(prefix="answerable-bench-", dir=options.folder) as folder:
        for name, lived_in in (("tidy", False), ("lived-in", True)):
            print(f"writing the {name} year of {units:,} units", file=sys.stderr)
            made = district.write(Path(folder) / name, units, lived_in, parts=max(4, units // 50_000))
            figures[name] = _year(made, lived_in)
    figures["explanation"] = _explanation()
    figures["pages"] = pages.measured()
    figures["robustness"] = robustness.measured(robustness.COINR_UNITS, units)
    table = _table(figures)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "ratios.json").write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    (options.out / "ratios.md").write_text(table, "utf-8")
    print(table)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--units", type=int, default=100_000)
    parser.add_argument("--out", type=Path, default=Path("var/benchmarks"))
    parser.add_argument("--folder", type=Path, default=None, help="where the Parquet files are written and thrown away")
    return parser.parse_args()


def _machine() -> dict[str, Any]:
    return {"cores": os.cpu_count(), "python": platform.python_version(), "polars": pl.__version__}


def _year(made: district.District, lived_in: bool) -> dict[str, Any]:
    programme, period = district.programme(), district.PERIOD
    (registry,) = _files(made.tables["units"])
    runs: dict[str, Callable[[], Any]] = {
        FLOOR: lambda: rivals.bare_scan(made.files),
        "sums by unit, nothing else": lambda: rivals.sums_only(made.files),
        "Polars by hand": lambda: rivals.polars_by_hand(made.files, registry, lived_in),
        "pandas by hand": lambda: rivals.pandas_by_hand(made.files, registry, lived_in),
        OURS: lambda: score(programme, made.tables, period),
    }
    agreement = _agreement(made, registry, lived_in)
    seconds = _interleaved(runs, ROUNDS)
    told = score(programme, made.tables, period).share
    assert told is not None
    share = told()
    ratios = {name: round(taken / seconds[FLOOR], 2) for name, taken in seconds.items()}
    return {
        "seconds": {name: round(taken, 4) for name, taken in seconds.items()},
        "times the bare scan": ratios,
        "Answerable to Polars by hand": round(seconds[OURS] / seconds["Polars by hand"], 2),
        "pandas to Answerable": round(seconds["pandas by hand"] / seconds[OURS], 2),
        "nodes computed one by one": {"sent": share.sent, "of": share.of},
        "units whose total is that of Polars by hand": agreement,
    }


def _files(table: Table | StoredTable) -> tuple[Path, ...]:
    assert isinstance(table, StoredTable)
    return table.files


def _interleaved(runs: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """The best of several rounds, each running everything once; a first round warms caches and imports.

    The order changes from round to round: what comes after a run that filled the memory is slower for it.
    """
    best = dict.fromkeys(runs, float("inf"))
    order = list(runs)
    for at in range(rounds + 1):
        random.Random(at).shuffle(order)
        for name in order:
            gc.collect()
            started = time.perf_counter()
            runs[name]()
            taken = time.perf_counter() - started
            print(f"  round {at}: {name} {taken:.3f} s", file=sys.stderr)
            best[name] = min(best[name], taken) if at else best[name]
    return best


def _agreement(made: district.District, registry: Path, lived_in: bool) -> str:
    """How many totals by hand, in doubles, are ours to a hundredth: they should be nearly all in the tidy year."""
    hand = rivals.polars_by_hand(made.files, registry, lived_in).sort("unit")["total"]
    ours = score(district.programme(), made.tables, district.PERIOD).grades.columns["total"]
    exact = pl.Series(ours, dtype=pl.Int64) / 100
    return f"{((hand - exact).abs() < 0.005).sum():,} of {len(exact):,}"


def _explanation() -> dict[str, Any]:
    """Any explanation, in a running process, of a district as large as the demo's."""
    with tempfile.TemporaryDirectory() as folder:
        stored = district.write(Path(folder), 135, lived_in=True, parts=1).tables
        tables: Tables = {name: _in_memory(table) for name, table in stored.items()}
    programme, taken = district.programme(), []
    units = [str(unit) for unit in tables_units(tables)[:20]]
    for unit in units:
        started = time.perf_counter()
        explain(programme, tables, district.PERIOD, unit)
        taken.append(time.perf_counter() - started)
    return {"units": 135, "median milliseconds": _ms(statistics.median(taken)), "slowest milliseconds": _ms(max(taken))}


def tables_units(tables: Tables) -> list[Any]:
    """Codes of the units of tables in memory."""
    table = tables["units"]
    assert isinstance(table, Table)
    kinds = table.columns["kind"]
    return [unit for unit, kind in zip(table.columns["unit"], kinds, strict=True) if kind == "village"]


def _in_memory(table: Table | StoredTable) -> Table:
    frame = pl.read_parquet(list(_files(table)))
    return Table(table.schema, {name: frame[name].to_list() for name in table.schema.header})


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


def _table(figures: Mapping[str, Any]) -> str:
    lines = [
        f"{figures['units']:,} units × {figures['fields']} fields × {figures['months']} months from Parquet, "
        f"{figures['machine']['cores']} cores, best of {ROUNDS} interleaved rounds, imports not counted.",
        "",
        "| | tidy year | × bare scan | lived-in year | × bare scan |",
        "|---|---:|---:|---:|---:|",
    ]
    for name in figures["tidy"]["seconds"]:
        cells = [
            cell
            for year in ("tidy", "lived-in")
            for cell in (f"{figures[year]['seconds'][name]:.3f} s", f"{figures[year]['times the bare scan'][name]:.2f}")
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    lines.append("")
    for name in ("Answerable to Polars by hand", "pandas to Answerable"):
        lines.append(f"- {name}: {figures['tidy'][name]} (tidy), {figures['lived-in'][name]} (lived-in)")
    for year in ("tidy", "lived-in"):
        sent = figures[year]["nodes computed one by one"]
        lines.append(f"- {year}: {sent['sent']:,} of {sent['of']:,} nodes computed one by one")
    explanation = figures["explanation"]
    median, slowest = explanation["median milliseconds"], explanation["slowest milliseconds"]
    lines.append(f"- an explanation, of {explanation['units']} units: {median} ms, at most {slowest} ms")
    asked = figures["pages"]
    slow = max(asked, key=lambda row: row["median_ms"])
    lines.append(
        f"- {len(asked)} pages of the demonstration: the slowest is {slow['page']}, {slow['median_ms']} ms"
        f" (at most {slow['most_ms']} ms)"
    )
    lines += [robustness.line(row) for row in figures["robustness"]]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
