"""How long a thousand draws of weights take, and what memory: `python -m benchmarks.robustness`, or with the whole.

Each number of units is measured in a process of its own: the lived-in year is scored first, which is not counted, then
weights are drawn, each node is left out, and margins are computed. A draw gives all totals, grades and places of two
rankings. COINr 1.1.14 took about 1.6 s a draw for 10,000 units × 60 indicators in 8 groups on a machine of this size.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from answerable.scoring import score
from answerable.scoring.robustness import draws, margins, without
from benchmarks import district

__all__ = ["DRAWS", "measured"]

DRAWS = 1000
COINR, COINR_UNITS = 1.6, 10_000
"""Seconds a draw, and of how many units."""


def measured(*sizes: int) -> list[dict[str, Any]]:
    """One row per number of units: seconds of all draws, of one, of leaving out and margins; megabytes at most."""
    rows = []
    for units in sizes:
        command = [sys.executable, "-m", "benchmarks.robustness", "--units", str(units)]
        said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        print(f"  robustness: {said.strip()}", file=sys.stderr)
        rows.append(json.loads(said))
    return rows


def line(row: dict[str, Any]) -> str:
    """A row in words."""
    said = (
        f"- {row['draws']:,} draws of weights for {row['units']:,} units × {district.PAIRS} items: {row['seconds']} s, "
        f"{row['milliseconds a draw']} ms a draw, {row['more megabytes']} MB more than the scorecard; each node left "
        f"out {row['seconds leaving out']} s, margins {row['seconds of margins']} s"
    )
    return f"{said}; COINr's 1.6 s a draw is {row['times COINr']:,} times that" if "times COINr" in row else said


def main() -> int:
    """Measure one number of units and print a row as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.robustness", description=__doc__)
    parser.add_argument("--units", type=int, default=100_000)
    parser.add_argument("--draws", type=int, default=DRAWS)
    options = parser.parse_args()
    programme = district.programme()
    with tempfile.TemporaryDirectory(prefix="answerable-bench-") as folder:
        made = district.write(Path(folder), options.units, lived_in=True, parts=4)
        card = score(programme, made.tables, district.PERIOD)
        # Columns become lists when they are first asked for; that is the scorecard's memory.
        assert all(len(cells) for table in card.tables.values() for cells in table.columns.values())
    before, started = _most_memory(), time.perf_counter()
    draws(programme, card, options.draws, seed="benchmark")
    drawn = time.perf_counter()
    more = _most_memory() - before
    without(programme, card)
    left_out = time.perf_counter()
    assert sum(1 for _ in margins(programme, card)) > 0
    seconds = drawn - started
    row = {
        "units": options.units,
        "draws": options.draws,
        "seconds": round(seconds, 2),
        "milliseconds a draw": round(1000 * seconds / options.draws, 2),
        "more megabytes": more,
        "seconds leaving out": round(left_out - drawn, 2),
        "seconds of margins": round(time.perf_counter() - left_out, 2),
        **({"times COINr": round(COINR * options.draws / seconds)} if options.units == COINR_UNITS else {}),
    }
    print(json.dumps(row))
    return 0


def _most_memory() -> int:
    held = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(one.split()[1]) for one in held if one.startswith("VmHWM")) // 1024


if __name__ == "__main__":
    sys.exit(main())
