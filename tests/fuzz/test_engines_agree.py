"""Random sound programmes on random tables: the engine of columns gives the judge's digest, or a small case is shown.

Run for hours with ANSWERABLE_EFFORT=nightly (`make nightly`).
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings

from answerable.scoring import Scorecard
from answerable.scoring.engines import reference
from answerable.scoring.engines.columns import engine as columns
from answerable.values.table import StoredTable, Table, Tables
from tests.fuzz.generated import Case, Seeded, case, cases


def differences(judge: Scorecard, other: Scorecard) -> list[str]:
    """The first row in which each table differs, for whoever reads a failure."""
    return [
        f"{name}: the judge {ours}, columns {theirs}"
        for name in judge.tables
        for ours, theirs in zip(judge.tables[name].rows(), other.tables[name].rows(), strict=False)
        if ours != theirs
    ]


def assert_agree(made: Case, tables: Tables) -> None:
    try:
        judge = reference.score(made.programme, made.tables, made.period)
    except ArithmeticError:
        # A root so near an edge that no digits decide it: then neither engine may.
        with pytest.raises(ArithmeticError):
            columns.score(made.programme, tables, made.period)
        return
    other = columns.score(made.programme, tables, made.period)
    assert other.digest() == judge.digest(), "\n".join([*differences(judge, other)[:5], made.source])


@settings(suppress_health_check=list(HealthCheck))
@given(cases())
def test_both_engines_give_the_same_digits(made: Case) -> None:
    assert_agree(made, made.tables)


def stored(tables: Tables, folder: Path) -> Tables:
    """The same tables as Parquet files, each cut in two."""
    written = {}
    for name, table in tables.items():
        assert isinstance(table, Table)
        frame = pl.DataFrame(
            {
                column: pl.Series(table.columns[column], dtype=pl.Int64 if _whole(table, column) else pl.String)
                for column in table.schema.header
            }
        )
        files = (folder / f"{name}-0.parquet", folder / f"{name}-1.parquet")
        for file, part in zip(files, (frame.head(2), frame.slice(2)), strict=True):
            part.write_parquet(file)
        written[name] = StoredTable(table.schema, files)
    return written


def _whole(table: Table, name: str) -> bool:
    return any(column.name == name and column.type in ("integer", "flag") for column in table.schema.columns)


@pytest.mark.parametrize("seed", range(12))
def test_tables_on_disk_score_like_tables_in_memory(seed: int, tmp_path: Path) -> None:
    made = case(Seeded(seed))
    assert_agree(made, stored(made.tables, tmp_path))


def test_the_random_programmes_go_everywhere() -> None:
    """A generator that forgot a kind of rule, an absence or a state of grading would prove less than it says."""
    seen: set[str] = set()
    for seed in range(120):
        made = case(Seeded(seed))
        card = reference.score(made.programme, made.tables, made.period)
        seen |= {type(item.rule).__name__ for item in made.programme.tree.items()}
        seen |= {indicator.missing.do for indicator in made.programme.indicators}
        seen |= {
            str(state) for name in ("grades", "scores", "indicators") for state in card.tables[name].columns["state"]
        }
        seen |= {"veto held"} if any(card.grades.columns["vetoes"]) else set()
        places = card.tables["ranks"]
        seen |= {f"ties {rank.ties} within {rank.within}" for rank in made.programme.ranks if len(places)}
    rules = {"FullOrNone", "DeductPerCount", "RatioToTarget", "Linear", "BandTable"}
    states = {"scored", "known", "missing", "suppressed", "not_applicable", "undefined", "exempt", "rated", "not_rated"}
    ranks = {f"ties {ties} within {within}" for ties in ("min", "dense") for within in ("kind", "peer_group", "parent")}
    assert rules | states | ranks | {"unassessable", "zero", "skip", "veto held"} <= seen
