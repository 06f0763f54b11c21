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
from answerable.scoring import score, score_buckets
from answerable.scoring.scorecard import card, scorecard_schemas
from answerable.values.canonical import canonical_json, digest
from answerable.values.issue import Refused
from answerable.values.period import Period
from answerable.values.table import Cell, Table, Tables
from tests.fuzz.generated import Seeded, case
from tests.fuzz.test_years_and_hands_agree import made

MANY = {"nightly": 1500}.get(os.environ.get("ANSWERABLE_EFFORT", ""), 30)
BATCH = 10


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
    parts = score_buckets(programme, [partial(dict, one) for one in buckets], period, folder)
    digests = {name: write_parts(schema, parts[name], folder) for name, schema in scorecard_schemas(programme).items()}
    said = card(programme.id, programme.digest, period, grade_counts(parts["grades"]), digests)
    return digest(canonical_json(said))


@pytest.mark.parametrize("start", range(0, MANY, BATCH))
@pytest.mark.parametrize("kind", ["rows and groups", "years and hands"])
def test_buckets_give_the_judge_s_digest(start: int, kind: str, tmp_path: Path) -> None:
    for seed in range(start, start + BATCH):
        if kind == "rows and groups":
            one = case(Seeded(seed))
            programme, tables, period = one.programme, one.tables, one.period
        else:
            programme, tables = made(seed)
            period = Period.parse("2025-01..2025-04")
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
