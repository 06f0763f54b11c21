"""From rows as held to the tables that are scored: what counts, as of which entry, on which day."""

from __future__ import annotations

from typing import Any

import pytest

from answerable.definition import read
from answerable.exchange.snapshot import recorded_until, rows_recorded, scoring_tables, snapshot_digest
from answerable.ledger.verify import opened
from answerable.values.period import Period
from answerable.values.table import Cell, Table
from tests.unit.exchange.district import PROGRAMME, YEAR, district
from tests.unit.ledger.book import Book

TINY = read(PROGRAMME.encode())


def tables_of(book: Book, last: int | None = None, period: Period = YEAR) -> dict[str, Table]:
    names = recorded_until(opened(book.entries).values(), len(book.entries) if last is None else last)
    return scoring_tables(TINY, rows_recorded(book.rows, names), period)


def rows_of(table: Table) -> list[dict[str, Cell]]:
    return list(table.rows())


def entry_of(book: Book, kind: str, place: int = 0) -> int:
    return [entry.idx for entry in book.entries if entry.kind == kind][place]


@pytest.fixture(scope="module")
def book() -> Book:
    return district()


@pytest.fixture(scope="module")
def tables(book: Book) -> dict[str, Table]:
    return tables_of(book)


def test_every_table_of_the_programme_is_there(tables: dict[str, Table]) -> None:
    assert list(tables) == ["units", "agreements", "visits", "recounts", "findings", "corrections", "returns-monthly"]


def test_units_stand_as_registered(tables: dict[str, Table]) -> None:
    assert rows_of(tables["units"])[0] == {
        "unit": "0101",
        "name_zh": "单位0101",
        "name_en": "Unit 0101",
        "kind": "unit",
        "parent": None,
        "peer_group": "town",
        "opened": "2020-01-01",
        "closed": None,
        "forms": "monthly",
    }


def test_a_day_is_that_of_the_programmes_own_zone(tables: dict[str, Table]) -> None:
    signed = rows_of(tables["agreements"])[0]
    assert (signed["issued_on"], signed["unit_signed_on"], signed["office_signed_on"]) == (
        "2025-01-02",
        "2025-01-10",
        "2025-01-10",
    )


def test_returns_keep_every_version_and_never_mix_zero_with_missing(tables: dict[str, Table]) -> None:
    rows = {(row["unit"], row["period"], row["version"]): row for row in tables["returns-monthly"].rows()}
    assert len(rows) == 20
    assert rows["0102", "2025-01", 2]["paid"] == 0
    silent = rows["0102", "2025-07", 1]
    assert (silent["paid"], silent["paid_state"], silent["due"], silent["due_state"]) == (None, "missing", 1000, None)


def test_a_visit_counts_once_it_was_made(tables: dict[str, Table]) -> None:
    assert rows_of(tables["visits"]) == [
        {"visit": "V-2", "unit": "0102", "visited_on": "2025-12-31", "reason": "complaint"}
    ]
    assert rows_of(tables["recounts"])[0]["unit"] == "0102"


def test_a_finding_has_its_last_decision_and_the_day_of_the_visit(tables: dict[str, Table]) -> None:
    told = [(row["finding"], row["status"], row["found_on"]) for row in tables["findings"].rows()]
    assert told == [
        ("F-1", "confirmed", "2025-12-31"),
        ("F-2", "withdrawn", "2025-12-31"),
        ("F-3", "proposed", "2026-01-02"),
    ]


def test_a_correction_is_closed_by_its_closing_step_and_not_before(book: Book, tables: dict[str, Table]) -> None:
    assert rows_of(tables["corrections"])[0]["closed_on"] == "2026-01-11"
    before = tables_of(book, entry_of(book, "correction.submitted", 1))
    assert rows_of(before["corrections"])[0]["closed_on"] is None


def test_only_what_was_recorded_until_the_entry_counts(book: Book) -> None:
    at = entry_of(book, "return.submitted", 4)
    assert len(tables_of(book, at - 1)["returns-monthly"]) == 4
    assert len(tables_of(book, at)["returns-monthly"]) == 5
    assert all(len(table) == 0 for table in tables_of(book, -1).values())


def test_a_row_no_entry_recorded_does_not_count(book: Book, tables: dict[str, Table]) -> None:
    forged: dict[str, Any] = {**book.rows["return_version"][0], "id": 99, "version": 9}
    rows = {**book.rows, "return_version": [*book.rows["return_version"], forged]}
    names = recorded_until(opened(book.entries).values(), len(book.entries))
    again = scoring_tables(TINY, rows_recorded(rows, names), YEAR)
    assert snapshot_digest(again) == snapshot_digest(tables)


def test_the_order_of_rows_does_not_change_the_digest(book: Book, tables: dict[str, Table]) -> None:
    names = recorded_until(opened(book.entries).values(), len(book.entries))
    turned = {name: rows[::-1] for name, rows in book.rows.items()}
    assert snapshot_digest(scoring_tables(TINY, rows_recorded(turned, names), YEAR)) == snapshot_digest(tables)


def test_a_unit_is_taken_as_it_stands_on_the_last_day_of_the_period() -> None:
    book = district()
    known = book.rows["unit_version"][0]
    later = {**known, "name_en": "Merged", "closed": "2025-09-30"}
    book.record("unit.registered", [("unit_version", {**later, "id": 3, "valid_from": "2025-07-01"})])
    names = [rows_of(tables_of(book, None, Period.parse(text))["units"])[0]["name_en"] for text in ("2025-06", "2025")]
    assert names == ["Unit 0101", "Merged"]
    assert len(tables_of(book, None, Period.parse("2024"))["units"]) == 0


def test_a_field_the_return_does_not_have_is_missing() -> None:
    book = district()
    row = {**book.rows["return_version"][0], "id": 99, "version": 3, "values": '{"due":{"state":"","value":5}}'}
    book.record("return.revised", [("return_version", row)])
    newest = next(row for row in tables_of(book)["returns-monthly"].rows() if row["version"] == 3)
    assert (newest["due"], newest["paid"], newest["paid_state"]) == (5, None, None)


def test_agreements_of_another_year_do_not_count(book: Book) -> None:
    assert len(tables_of(book)["agreements"]) == 2
    assert len(tables_of(book, None, Period.parse("2026"))["agreements"]) == 0
