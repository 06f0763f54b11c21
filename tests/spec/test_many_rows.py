"""What an engine may take for granted from the first rows of a long table must not decide what the others give."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from answerable.definition import Programme, read, schemas
from answerable.scoring.engines import reference
from answerable.scoring.engines.columns import engine as columns
from answerable.values.period import Period
from answerable.values.table import StoredTable, Table, Tables
from tests.spec.office import Card, Office, document, filed, form, indicator, item, unit

MANY = 1_300
"""More rows than are looked at beforehand."""
SUMS = [
    indicator("paid", "sum(pay.paid)"),
    indicator("due", "sum(pay.due)"),
    indicator("open", "count(pay where pay.open)"),
]
PARTS: dict[str, Any] = {
    "indicators": SUMS,
    "tree": [item("one", {"full_or_none": ">= 1"}, of="due"), item("two", {"full_or_none": ">= 1"}, of="paid")],
}


def scored(office: Office, *last: dict[str, Any], **more: Any) -> Card:
    """Many units that are all alike, and what the last ones filed."""
    plain = [filed(f"u{at:05d}", paid=1, due=2, open=1) for at in range(MANY)]
    units = [unit(f"u{at:05d}") for at in range(MANY)] + [unit("z")]
    return office.score([*plain, *last], units, **{**PARTS, **more})


@pytest.mark.parametrize("paid", [0, 9, 2**24, 2**40, 2**62, 2**70, 2**126, -1, -(2**40), -(2**70)])
def test_a_late_row_may_hold_a_number_of_any_size(office: Office, paid: int) -> None:
    card = scored(office, filed("z", paid=paid, due=3, open=1))
    assert [card.value(name, "z") for name in ("paid", "due", "open")] == [f"{paid}.00", "3.00", "1.00"]
    assert [card.value(name, "u00007") for name in ("paid", "due", "open")] == ["1.00", "2.00", "1.00"]


@pytest.mark.parametrize("paid", [2**62, 2**70, 2**125, -(2**125)])
def test_so_may_the_first_row(office: Office, paid: int) -> None:
    rows = [filed("a", paid=paid, due=3, open=1), filed("z", paid=2**120, due=3, open=0)]
    card = office.score(rows, [unit("a"), unit("z")], **PARTS)
    assert [card.value("paid", name) for name in ("a", "z")] == [f"{paid}.00", f"{2**120}.00"]


@pytest.mark.parametrize("paid", [9, 17, 63])
def test_a_late_number_a_little_larger_than_the_first_is_added_up_all_the_same(office: Office, paid: int) -> None:
    late = [filed("z", period=f"2025-{at:02d}", paid=paid, due=paid, open=1) for at in (1, 2, 3)]
    card = scored(office, *late, period="2025-01..2025-03")
    assert [card.value(name, "z") for name in ("paid", "due", "open")] == [f"{3 * paid}.00", f"{3 * paid}.00", "3.00"]


def test_an_empty_cell_is_zero_also_where_all_numbers_are_large(office: Office) -> None:
    large = [filed(f"u{at:05d}", paid=3 * 10**9, due=1) for at in range(MANY)]
    late = [filed("y", paid=10**15, due=1), filed("z", paid=None, due=1)]
    units = [unit(f"u{at:05d}") for at in range(MANY)] + [unit("y"), unit("z")]
    small = [indicator("small", "count(pay where pay.paid < 100)")]
    forms, tree = [form(paid={"blank": "zero"})], [item("one", {"full_or_none": ">= 1"}, of="small")]
    card = office.score([*large, *late], units, forms=forms, indicators=small, tree=tree)
    assert [card.value("small", name) for name in ("u00000", "y", "z")] == ["0.00", "0.00", "1.00"]


@pytest.mark.parametrize("absent", ["missing", "not_applicable", "suppressed", None])
def test_a_late_cell_may_be_absent(office: Office, absent: str | None) -> None:
    card = scored(office, filed("z", paid=absent, due=3, open=1))
    assert card.value("paid", "z") == (absent or "missing")
    assert [card.value(name, "z") for name in ("due", "open")] == ["3.00", "1.00"]
    assert card.value("paid", "u00007") == "1.00"


def test_a_late_return_may_be_revised_or_of_another_year(office: Office) -> None:
    late = [filed("z", paid=5, due=6, open=1), filed("z", version=2, paid=7, due=8, open=0)]
    card = scored(office, *late, filed("z", period="2024-12", paid=1000, due=1000, open=1))
    assert [card.value(name, "z") for name in ("paid", "due", "open")] == ["7.00", "8.00", "0.00"]


@pytest.mark.parametrize("short", [1, 2])
def test_why_a_unit_has_too_few_whole_rows_is_told_for_that_unit_only(office: Office, short: int) -> None:
    skip = [indicator("paid", "sum(pay.paid)", {"do": "skip", "at_least": "2"}), *SUMS[1:]]
    rows = [filed("z", period="2025-01", paid="suppressed" if short == 1 else 4, due=1, open=1)]
    rows.append(filed("z", period="2025-02", paid=5, due=1, open=1))
    units = [unit("a"), unit("z")]
    both = [filed("a", period=month, paid=1, due=2, open=1) for month in ("2025-01", "2025-02")]
    card = office.score([*both, *rows], units, period="2025-01..2025-02", **{**PARTS, "indicators": skip})
    assert card.value("paid", "z") == ("suppressed" if short == 1 else "9.00")
    assert card.value("paid", "a") == "2.00"


# -- as they lie on disk -------------------------------------------------------------------------------------------

SKIP = {"do": "skip", "at_least": "2"}
LIVED_IN: dict[str, Any] = {
    "units": {"kinds": {kind: {"zh": "样例", "en": kind} for kind in ("village", "town")}, "assess": ["village"]},
    "indicators": [
        indicator("paid", "sum(pay.paid) / sum(pay.due)", SKIP),
        indicator("due", "sum(pay.due where pay.open)", SKIP),
        indicator("open", "count(pay where pay.open) + max(pay.paid)", "zero"),
        indicator("some", "mean(pay.due)", SKIP),
    ],
    "tree": [item(name, {"full_or_none": ">= 1"}, of=name) for name in ("paid", "due", "open", "some")],
}
UNITS = [
    *(
        unit(f"v{at:02d}", **facts)
        for at, facts in enumerate([{}, {"closed": "2025-03-01"}, {"opened": "2025-02-01"}] * 9)
    ),
    unit("v90", forms=""),
    unit("v91", closed="2025-01-20"),
    unit("v92"),
    unit("t", kind="town"),
]


def year(seed: int) -> list[dict[str, Any]]:
    """Three months of every unit but v92, some absent, revised, twice revised or of cells that are absent."""
    chance = random.Random(seed)
    rows = []
    for one in UNITS[:-2] + UNITS[-1:]:
        for month in ("2025-01", "2025-02", "2025-03"):
            for version in range(1, chance.choice((1, 2, 2, 2, 3, 4))):
                paid, due = (chance.choice((1, 7, 2, None, "suppressed", "missing")) for _ in range(2))
                opened = chance.choice((0, 1, 1, None))
                rows.append(filed(one["unit"], month, version, paid=paid, due=due, open=opened))
    return rows


def tables(programme: Programme, rows: Sequence[dict[str, Any]], units: Sequence[dict[str, Any]]) -> dict[str, Table]:
    known = schemas(programme)
    return {name: Table.of_rows(known[name], list(made)) for name, made in (("units", units), ("returns-pay", rows))}


def on_disk(made: dict[str, Table], folder: Path, parts: int) -> Tables:
    """The rows in no order at all, in several files."""
    stored = {}
    for name, table in made.items():
        whole = {column.name for column in table.schema.columns if column.type in ("integer", "flag")}
        types = {column: pl.Int64 if column in whole else pl.String for column in table.schema.header}
        frame = pl.DataFrame({column: pl.Series(table.columns[column], dtype=kind) for column, kind in types.items()})
        frame = frame.sample(fraction=1, shuffle=True, seed=7)
        files = tuple(folder / f"{name}-{part}.parquet" for part in range(parts))
        for part, file in enumerate(files):
            frame.gather_every(parts, part).write_parquet(file, row_group_size=11)
        stored[name] = StoredTable(table.schema, files)
    return stored


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("below", ["", "v00"])
@pytest.mark.parametrize("kept", ["all", "one unit", "none"])
def test_rows_in_any_order_in_several_files_score_as_the_judge_says(
    seed: int, below: str, kept: str, tmp_path: Path
) -> None:
    programme = read(json.dumps(document(**LIVED_IN), ensure_ascii=False).encode())
    rows = [row for row in year(seed) if kept == "all" or (kept == "one unit" and row["unit"] == "v05")]
    units = [{**one, "parent": below} if one["unit"] == "v05" else one for one in UNITS]
    made, period = tables(programme, rows, units), Period.parse("2025-01..2025-03")
    judge = reference.score(programme, made, period)
    assert columns.score(programme, on_disk(made, tmp_path, 3), period).digest() == judge.digest()


def test_without_any_unit_there_is_nothing_to_score(tmp_path: Path) -> None:
    programme = read(json.dumps(document(**LIVED_IN), ensure_ascii=False).encode())
    made, period = tables(programme, year(1), UNITS[-1:]), Period.parse("2025-01..2025-03")
    judge = reference.score(programme, made, period)
    assert columns.score(programme, on_disk(made, tmp_path, 2), period).digest() == judge.digest()
    assert not len(judge.grades)
