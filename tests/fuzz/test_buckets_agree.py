"""However the units are put into buckets, the scorecard on disk has the digest of the judge's."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

from answerable.definition import Programme
from answerable.exchange.tables.parts import grade_counts, write_parts
from answerable.scoring import keep_buckets, kept_in, score
from answerable.scoring.engines.columns.buckets import Kept
from answerable.scoring.scorecard import card, scorecard_schemas
from answerable.values.canonical import canonical_json, digest
from answerable.values.issue import Refused
from answerable.values.period import Period
from answerable.values.table import Cell, Table, Tables
from tests.fuzz.generated import Seeded, case
from tests.fuzz.test_years_and_hands_agree import made

MANY = {"nightly": 1500}.get(os.environ.get("ANSWERABLE_EFFORT", ""), 30)
BATCH = 10


def drawn(kind: str, seed: int) -> tuple[Programme, Tables, Period]:
    """A random programme of one of the two generators, with its tables."""
    if kind == "rows and groups":
        one = case(Seeded(seed))
        return one.programme, one.tables, one.period
    programme, tables = made(seed)
    return programme, tables, Period.parse("2025-01..2025-04")


def in_buckets(random: Random, programme: Programme, tables: Tables) -> list[Tables]:
    """The tables of some units each, whole trees together in any order; the units above them in every bucket."""
    units = plain(tables["units"])
    parents = {row["unit"]: row["parent"] for row in units.rows()}
    assessed = {row["unit"] for row in units.rows() if row["kind"] in programme.assess}
    heads = {unit: [one for one in way(unit, parents) if one in assessed][-1:] for unit in parents}
    place = {unit: random.randrange(3) for unit in sorted(assessed, key=str)}
    owns = [{unit for unit, head in heads.items() if head and place[head[0]] == at} for at in range(3)]
    return [{name: _here(name, plain(table), own, parents) for name, table in tables.items()} for own in owns]


def _here(name: str, table: Table, own: set[Cell], parents: Mapping[Cell, Cell]) -> Table:
    above = {one for unit in own for one in way(unit, parents)} if name == "units" else set()
    return of_units(table, own | above)


def plain(table: Any) -> Table:
    assert isinstance(table, Table)
    return table


def way(unit: Cell, parents: Mapping[Cell, Cell]) -> Sequence[Cell]:
    return [unit, *way(parents[unit], parents)] if unit in parents else []


def of_units(table: Table, units: set[Cell]) -> Table:
    return Table.of_rows(table.schema, [row for row in table.rows() if row["unit"] in units])


def digest_of_buckets(programme: Programme, buckets: Sequence[Tables], period: Period, folder: Path) -> str:
    kept = keep_buckets(programme, [partial(dict, one) for one in buckets], period, folder)
    return digest_of(kept, programme, period, folder)


def digest_of(kept: Kept, programme: Programme, period: Period, folder: Path) -> str:
    schemas = scorecard_schemas(programme)
    parts = kept.parts(list(schemas), folder)
    digests = {name: write_parts(schema, parts[name], folder) for name, schema in schemas.items()}
    said = card(programme.id, programme.digest, period, grade_counts(parts["grades"]), digests)
    return digest(canonical_json(said))


@pytest.mark.parametrize("start", range(0, MANY, BATCH))
@pytest.mark.parametrize("kind", ["rows and groups", "years and hands"])
def test_buckets_give_the_judge_s_digest(start: int, kind: str, tmp_path: Path) -> None:
    for seed in range(start, start + BATCH):
        programme, tables, period = drawn(kind, seed)
        try:
            judge = score(programme, tables, period, "reference").digest()
        except Refused:
            continue
        folder = tmp_path / str(seed)
        folder.mkdir()
        try:
            found = digest_of_buckets(programme, in_buckets(Random(seed), programme, tables), period, folder)
        except Refused as refused:
            assert {issue.code for issue in refused.issues} == {"scoring.too_large"}, seed
            continue
        assert found == judge, seed


def late_rows(random: Random, tables: Tables) -> tuple[Tables, Cell]:
    """The tables with a return of one unit that came late: a revision, or that of a month without."""
    forms = [name for name, table in tables.items() if name.startswith("returns-") and len(plain(table))]
    if not forms:
        return tables, None
    table = plain(tables[random.choice(forms)])
    rows = [dict(row) for row in table.rows()]
    row = dict(random.choice(rows))
    mine = [one for one in rows if one["unit"] == row["unit"]]
    if random.random() < 0.5:
        row["period"] = random.choice(["2025-01", "2025-02", "2025-03", "2025-04"])
    row["version"] = 1 + max((int(one["version"] or 0) for one in mine if one["period"] == row["period"]), default=0)
    for column in table.schema.columns:
        if column.stateful and random.random() < 0.7:
            row[column.name], row[f"{column.name}_state"] = random.choice(
                [(random.randrange(9), None), (None, "missing")]
            )
            if column.type == "flag" and row[column.name] is not None:
                row[column.name] = random.randrange(2)
    return {**tables, table.schema.name: Table.of_rows(table.schema, [*rows, row])}, row["unit"]


def rows_of(table: Table, unit: Cell) -> list[dict[str, Cell]]:
    return [row for row in table.rows() if row["unit"] == unit]


@pytest.mark.parametrize("kind", ["rows and groups", "years and hands"])
def test_a_late_return_gives_what_a_full_run_gives(kind: str, tmp_path: Path) -> None:
    told = 0
    for seed in range(MANY):
        programme, tables, period = drawn(kind, seed)
        newer, unit = late_rows(Random(seed), tables)
        folder = tmp_path / str(seed)
        folder.mkdir()
        try:
            judge, before = (score(programme, one, period, "reference") for one in (newer, tables))
            buckets = in_buckets(Random(seed), programme, tables)
            keep_buckets(programme, [partial(dict, one) for one in buckets], period, folder)
        except Refused:
            continue
        kept = kept_in(folder, programme, period)
        assert kept is not None
        now = in_buckets(Random(seed), programme, newer)
        at = next((at for at, one in enumerate(buckets) if rows_of(plain(one["units"]), unit)), None)
        if at is None:
            continue
        moved = kept.late(at, tree_of(programme, now[at], unit))
        if moved is None:
            continue
        told += 1
        units = set(moved.grades["unit"])
        assert moved.grades.to_dicts() == [row for row in judge.grades.rows() if row["unit"] in units], seed
        assert moved.ranks.to_dicts() == [row for row in judge.tables["ranks"].rows() if row["unit"] in units], seed
        pairs = zip(before.grades.rows(), judge.grades.rows(), strict=True)
        others = {new["unit"]: new["grade"] for old, new in pairs if old != new and new["unit"] not in units}
        assert dict(moved.others.iter_rows()) == others, seed
        assert digest_of(kept, programme, period, folder) == judge.digest(), seed
        again = kept_in(folder, programme, period)
        assert again is not None
        assert digest_of(again, programme, period, folder) == judge.digest(), seed
    assert told, "no late return changed one path alone"


def tree_of(programme: Programme, tables: Tables, unit: Cell) -> Tables:
    """All rows of the whole tree a unit stands in."""
    units = plain(tables["units"])
    parents = {row["unit"]: row["parent"] for row in units.rows()}
    assessed = {row["unit"] for row in units.rows() if row["kind"] in programme.assess}
    head = [one for one in way(unit, parents) if one in assessed][-1:]
    tree = {one for one in parents if set(head) & set(way(one, parents))}
    return {name: _here(name, plain(table), tree, parents) for name, table in tables.items()}
