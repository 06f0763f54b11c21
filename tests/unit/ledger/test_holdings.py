"""Fact tables: declared soundly, and a digest that covers every column."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from answerable.ledger.holdings import HOLDINGS, Holding, canonical_time, key_text, row_digest, row_key

SAMPLE: dict[str, Any] = {
    "text": "x",
    "integer": 3,
    "flag": 1,
    "date": "2025-04-03",
    "time": "2025-04-03T02:11:09Z",
    "json": "{}",
    "reference": "A-1",
}
OTHER: dict[str, Any] = {**SAMPLE, "text": "y", "integer": 4, "date": "2025-04-04", "json": "[]", "reference": "A-2"}
OTHER["time"] = "2025-04-03T02:11:10Z"


def sample_row(holding: Holding) -> dict[str, Any]:
    return {"id": 1, **{column.name: SAMPLE[column.type] for column in holding.columns}}


@pytest.mark.parametrize("holding", HOLDINGS, ids=lambda holding: holding.name)
def test_a_change_of_any_column_changes_the_digest(holding: Holding) -> None:
    row = sample_row(holding)
    seen = {row_digest(holding, row), row_digest(holding, {**row, "id": 2})}
    for column in holding.columns:
        seen.add(row_digest(holding, {**row, column.name: OTHER[column.type]}))
    assert len(seen) == len(holding.columns) + 2


@pytest.mark.parametrize("holding", HOLDINGS, ids=lambda holding: holding.name)
def test_keys_and_references_name_what_exists(holding: Holding) -> None:
    earlier = {known.name: known for known in HOLDINGS[: HOLDINGS.index(holding)]}
    assert set(holding.key) <= {column.name for column in holding.columns}
    for column in holding.columns:
        assert (column.type == "reference") == bool(column.refers)
        if column.refers:
            assert len(earlier[column.refers].key) == 1


def test_an_empty_cell_and_an_absent_one_have_different_digests() -> None:
    visit = next(holding for holding in HOLDINGS if holding.name == "visit")
    row = sample_row(visit)
    assert row_digest(visit, {**row, "draw": None}) != row_digest(visit, {**row, "draw": ""})


def test_the_digest_is_that_of_canonical_json() -> None:
    record = next(holding for holding in HOLDINGS if holding.name == "visit_record")
    row = {"id": 7, "visit": "V-1", "visited_on": "2025-04-03", "recorded_by": "i.1", "remark": "好"}
    written = (
        '{"holding":"visit_record","row":{"id":7,"recorded_by":"i.1","remark":"好","visit":"V-1",'
        '"visited_on":"2025-04-03"}}'
    )
    assert row_digest(record, row) == hashlib.sha256(written.encode()).hexdigest()


def test_python_values_and_stored_text_give_one_digest() -> None:
    step = next(holding for holding in HOLDINGS if holding.name == "correction_step")
    row = sample_row(step)
    east = timezone(timedelta(hours=8))
    moment = datetime(2025, 4, 3, 10, 11, 9, 250_000, tzinfo=east)
    assert row_digest(step, {**row, "taken_at": moment}) == row_digest(step, row)
    record = next(holding for holding in HOLDINGS if holding.name == "visit_record")
    assert row_digest(record, {**sample_row(record), "visited_on": date(2025, 4, 3)}) == row_digest(
        record, sample_row(record)
    )


@pytest.mark.parametrize("name", ["text", "integer", "date", "time", "json", "reference"])
@pytest.mark.parametrize("wrong", [None, 1.5, b"raw", "2025-13-01", True])
def test_a_value_that_cannot_stand_in_its_column_is_refused(name: str, wrong: object) -> None:
    if name in ("text", "json", "reference") and isinstance(wrong, str):
        wrong = 7
    holding = next(
        holding for holding in HOLDINGS for column in holding.columns if column.type == name and not column.nullable
    )
    column = next(column for column in holding.columns if column.type == name and not column.nullable)
    with pytest.raises(ValueError):
        row_digest(holding, {**sample_row(holding), column.name: wrong})


def test_a_time_without_zone_or_in_another_form_is_refused() -> None:
    assert canonical_time(datetime(2025, 1, 1, tzinfo=UTC)) == "2025-01-01T00:00:00Z"
    for wrong in (datetime(2025, 1, 1), "2025-01-01 00:00:00", "2025-01-01T00:00:00.000000Z", "2025-02-30T00:00:00Z"):
        with pytest.raises(ValueError):
            canonical_time(wrong)


def test_a_row_is_named_by_its_natural_key() -> None:
    returns = next(holding for holding in HOLDINGS if holding.name == "return_version")
    row = {**sample_row(returns), "unit_code": "0101", "form": "monthly", "period": "2025-03", "version": 2}
    assert row_key(returns, row) == ["0101", "monthly", "2025-03", 2]
    assert key_text(["office", "", None, 2]) == "office / - / - / 2"
