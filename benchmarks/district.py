"""A made-up year of many units in Parquet, and the programme they are scored by: the same from the same seed.

Two years are written. *Tidy*: every unit filed every month once, with every cell. *Lived-in*: months nobody filed,
revised returns, absent cells of every kind, units opened and closed in the year, as real offices leave them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from answerable.definition import Programme, read, schemas
from answerable.values.period import Period
from answerable.values.table import StoredTable, Tables

PAIRS = 30
COUNTED = 20
"""The first pairs are counts (families due a service, families served), the others money in fen (due, paid)."""
FORM = "monthly"
PERIOD = Period.of_year(2025)
WORDS = {"zh": "基准", "en": "benchmark"}
FIELDS = [f"{name}_{at:02d}" for at in range(PAIRS) for name in ("due", "done")]


@cache
def programme() -> Programme:
    """60 fields, 30 shares, 30 items in six parts, an adjustment, a veto, two rankings."""
    return read(json.dumps(_document(), ensure_ascii=False).encode())


def _document() -> dict[str, Any]:
    rounding = {"mode": "half_up", "decimals": "2"}
    return {
        "programme": "benchmark",
        "version": "1",
        "title": WORDS,
        "office": WORDS,
        "legal_basis": ["none#1"],
        "in_force": {"from": "2025-01-01", "until": "2026-01-01"},
        "time_zone": "Asia/Shanghai",
        "units": {"kinds": {"village": WORDS, "county": WORDS}, "assess": ["village"]},
        "sources": [{"id": "none", "title": WORDS}],
        "forms": [_form()],
        "indicators": [
            *(
                _indicator(f"share_{at:02d}", f"sum({FORM}.done_{at:02d}) / sum({FORM}.due_{at:02d})")
                for at in range(PAIRS)
            ),
            _indicator("silent", f"count({FORM} where not {FORM}.filed)"),
        ],
        "tree": [_part(at) for at in range(6)],
        "adjustments": [
            {"id": "silence", "title": WORDS, "clause": "none#2", "indicator": "silent", "each": "-0.5", "cap": "3"}
        ],
        "vetoes": [
            {
                "id": "mute",
                "title": WORDS,
                "clause": "none#3",
                "legal_basis": "none#3",
                "when": "silent",
                "at_most": "good",
            }
        ],
        "grades": {
            "on": "rounded",
            "rated_from": "60",
            "bands": [
                {"grade": "best", "title": WORDS, "from": "90"},
                {"grade": "good", "title": WORDS, "from": "75"},
                {"grade": "poor", "title": WORDS, "from": "0"},
            ],
        },
        "ranks": [
            {"id": "all", "title": WORDS, "on": "rounded", "within": "kind", "ties": "min"},
            {"id": "county", "title": WORDS, "on": "rounded", "within": "parent", "ties": "min"},
        ],
        "rounding": {"indicator": {**rounding, "decimals": "4"}, "item": rounding, "total": rounding, "add": "rounded"},
    }


def _form() -> dict[str, Any]:
    common = {"topic": "process", "owner": "office", "use": "scored"}
    return {
        "id": FORM,
        "title": WORDS,
        "owner": "office",
        "clause": "none#4",
        "due": {"day": "5", "months_after": "1"},
        "fields": [
            {"id": name, "title": _title(name), "measure": _measure(at // 2), **common}
            for at, name in enumerate(FIELDS)
        ],
    }


def _title(name: str) -> dict[str, str]:
    """Each field asks something else."""
    return {language: f"{words} {name}" for language, words in WORDS.items()}


def _measure(pair: int) -> str:
    return "count" if pair < COUNTED else "money"


def _indicator(name: str, formula: str) -> dict[str, Any]:
    missing = {"do": "skip", "at_least": "6"}
    return {"id": name, "title": WORDS, "formula": formula, "missing": missing, "show": "number"}


RULES: tuple[dict[str, Any], ...] = (
    {"ratio_to_target": "95%"},
    {"linear": {"zero_at": "60%", "full_at": "95%"}},
    {"full_or_none": ">= 80%"},
    {"bands": [{"from": "90%", "points": "4"}, {"from": "80%", "points": "3"}, {"otherwise": "1"}]},
    {"ratio_to_target": "85%"},
)
POINTS = ("3", "3", "3", "4", "3.5")


def _part(at: int) -> dict[str, Any]:
    items = [
        _item(5 * at + place, rule, points) for place, (rule, points) in enumerate(zip(RULES, POINTS, strict=True))
    ]
    return {"id": f"part_{at}", "title": WORDS, "points": "16.5", "children": items}


def _item(at: int, rule: dict[str, Any], points: str) -> dict[str, Any]:
    return {
        "id": f"item_{at:02d}",
        "title": WORDS,
        "clause": "none#5",
        "points": points,
        "indicator": f"share_{at:02d}",
        "rule": rule,
        "absent": {"missing": "zero", "suppressed": "exempt", "not_applicable": "exempt", "undefined": "exempt"},
    }


# -- tables --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class District:
    """The stored tables, and the files of the returns."""

    tables: Tables
    files: tuple[Path, ...]


def write(folder: Path, units: int, lived_in: bool, seed: int = 20250101, parts: int = 4) -> District:
    """Write the year of so many units in a few files, each of some of the units."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    registry = folder / "units.parquet"
    _units(random, units, lived_in).write_parquet(registry)
    files = []
    for part in range(parts):
        rows = np.arange(part * units // parts, (part + 1) * units // parts)
        files.append(folder / f"returns-{FORM}-{part}.parquet")
        _returns(random, rows, lived_in).write_parquet(files[-1])
    known = schemas(programme())
    name = f"returns-{FORM}"
    tables = {"units": StoredTable(known["units"], (registry,)), name: StoredTable(known[name], tuple(files))}
    return District(tables, tuple(files))


def write_buckets(folder: Path, units: int, each: int, seed: int = 20250101) -> None:
    """Write the tidy year of so many units in buckets, each a folder of tables."""
    random = np.random.default_rng(seed)
    registry = _units(random, units, lived_in=False)
    above = registry.filter(pl.col("kind") == "county")
    for place, begins in enumerate(range(0, units, each), 1):
        rows = np.arange(begins, min(begins + each, units))
        bucket = folder / f"{place:05d}"
        bucket.mkdir(parents=True)
        pl.concat([registry.slice(begins, len(rows)), above]).write_parquet(bucket / "units.parquet")
        _returns(random, rows, lived_in=False).write_parquet(bucket / f"returns-{FORM}.parquet")


def list_buckets(folder: Path, buckets: Sequence[Path]) -> None:
    """Write the list of some buckets."""
    rows = [
        {file.stem: pl.scan_parquet(file).select(pl.len()).collect().item() for file in one.glob("*.parquet")}
        for one in buckets
    ]
    listed = [{"folder": one.name, "rows": held} for one, held in zip(buckets, rows, strict=True)]
    (folder / "buckets.json").write_text(json.dumps({"format": "answerable-buckets/1", "buckets": listed}), "utf-8")


def _code(at: int) -> str:
    return f"V{at:07d}"


def _units(random: np.random.Generator, count: int, lived_in: bool) -> pl.DataFrame:
    counties = max(count // 500, 1)
    opened = np.where(random.random(count) < (0.01 if lived_in else 0), "2025-04-01", "2010-01-01")
    closed = np.where(random.random(count) < (0.01 if lived_in else 0), "2025-10-01", "")
    villages = pl.DataFrame(
        {
            "unit": [_code(at) for at in range(count)],
            "kind": "village",
            "parent": [f"C{at % counties:05d}" for at in range(count)],
            "opened": opened,
            "closed": closed,
            "forms": FORM,
        }
    )
    above = {"unit": [f"C{at:05d}" for at in range(counties)], "kind": "county", "parent": "", "forms": ""}
    county = pl.DataFrame({**above, "opened": "2010-01-01", "closed": ""})
    empty = [pl.lit("").alias("peer_group"), pl.col("unit").alias("name_zh"), pl.col("unit").alias("name_en")]
    return pl.concat([villages, county.select(villages.columns)]).with_columns(empty)


def _returns(random: np.random.Generator, units: np.ndarray, lived_in: bool) -> pl.DataFrame:
    unit, month = np.repeat(units, 12), np.tile(np.arange(1, 13), len(units))
    version = np.ones(len(unit), dtype=np.int64)
    if lived_in:
        filed = random.random(len(unit)) >= 0.03
        unit, month, version = unit[filed], month[filed], version[filed]
        again = random.random(len(unit)) < 0.02
        unit, month = np.concatenate([unit, unit[again]]), np.concatenate([month, month[again]])
        version = np.concatenate([version, np.full(again.sum(), 2)])
        order = np.lexsort((version, month, unit))
        unit, month, version = unit[order], month[order], version[order]
    months = pl.Series([f"2025-{at:02d}" for at in range(13)])
    codes = pl.Series([_code(at) for at in range(int(units[0]), int(units[-1]) + 1)])
    frame = pl.DataFrame({"unit": codes.gather(unit - units[0]), "period": months.gather(month), "version": version})
    frame = frame.with_columns((pl.col("period") + "-28T02:11:09Z").alias("received_at"))
    return frame.with_columns(_cells(random, len(unit), lived_in))


def _cells(random: np.random.Generator, rows: int, lived_in: bool) -> list[pl.Series]:
    columns = []
    for at in range(PAIRS):
        due = random.integers(1, 200, rows) if _measure(at) == "count" else random.integers(10_000, 5_000_000, rows)
        done = (due * random.uniform(0.6, 1.0, rows)).astype(np.int64)
        columns += _stated(random, f"due_{at:02d}", due, lived_in) + _stated(random, f"done_{at:02d}", done, lived_in)
    return columns


def _stated(random: np.random.Generator, name: str, cells: np.ndarray, lived_in: bool) -> list[pl.Series]:
    values, states = pl.Series(name, cells), pl.repeat(None, len(cells), dtype=pl.String, eager=True)
    if lived_in:
        chance = random.random(len(cells))
        reasons = pl.Series([None, "missing", "not_applicable", "suppressed"], dtype=pl.String)
        reason = (chance < 0.003).astype(int) + (chance < 0.002) + (chance < 0.001)
        values = pl.select(pl.when(pl.Series(reason == 0)).then(values)).to_series().alias(name)
        states = reasons.gather(reason)
    return [values, states.alias(f"{name}_state")]
