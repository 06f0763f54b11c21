"""A ledger made by hand: rows recorded by entries, in memory or in a SQLite file as the site would write it."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from answerable.ledger.entry import ENTRY_COLUMNS, ENTRY_TABLE, Entry, FileMark, KindName, StoredEntry, mark, seal
from answerable.ledger.holdings import HOLDINGS, holding_named

SQL_TYPES = {"integer": "INTEGER", "flag": "bool", "date": "date", "time": "varchar(20)"}


class Book:
    """Rows and the entries that stand for them; a minute passes with every entry."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {holding.name: [] for holding in HOLDINGS}
        self.entries: list[StoredEntry] = []

    def record(
        self,
        kind: KindName,
        rows: Sequence[tuple[str, dict[str, Any]]] = (),
        files: Sequence[tuple[str, str]] = (),
        facts: dict[str, str | int] | None = None,
        at: str = "",
    ) -> None:
        idx = len(self.entries)
        at = at or f"2025-01-{1 + idx // 1440:02d}T{idx // 60 % 24:02d}:{idx % 60:02d}:00Z"
        marks = []
        for name, row in rows:
            held = {"id": len(self.rows[name]) + 1, **row}
            self.rows[name].append(held)
            marks.append(mark(holding_named(name), held))
        filed = tuple(FileMark(sha256, name) for sha256, name in files)
        entry = Entry(idx, kind, at, "office.1", "office", "as decided", tuple(marks), filed, facts or {})
        self.entries.append(seal(entry, hashlib.sha256(f"salt {idx}".encode()).digest()))

    def write(self, path: Path) -> Path:
        with closing(sqlite3.connect(path)) as connection:
            for holding in HOLDINGS:
                columns = [f'"{c.name}" {SQL_TYPES.get(c.type, "text")}' for c in holding.columns]
                insert(connection, holding.table, ["id INTEGER PRIMARY KEY", *columns], self.rows[holding.name])
            columns = ["idx INTEGER PRIMARY KEY", *(f"{name} text" for name in ENTRY_COLUMNS[1:])]
            insert(connection, ENTRY_TABLE, columns, [vars(entry) for entry in self.entries])
            connection.commit()
        return path


def insert(connection: sqlite3.Connection, table: str, columns: list[str], rows: list[dict[str, Any]]) -> None:
    connection.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
    for row in rows:
        names, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" * len(row))
        connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))


def small_book() -> Book:
    """Three entries: a unit, its return, and the return revised."""
    book = Book()
    unit = {"unit_code": "0101", "valid_from": "2025-01-01", "name_zh": "甲", "name_en": "A", "kind": "community"}
    more = {"parent_code": "", "peer_group": "town", "forms": "monthly", "opened": "2020-01-01", "closed": None}
    book.record("unit.registered", [("unit_version", {**unit, **more})])
    filed = {"unit_code": "0101", "form": "monthly", "period": "2025-01", "filed_by": "specialist.0101"}
    first = {"version": 1, "values": '{"paid":{"state":"","value":0}}', "received_at": "2025-01-01T00:01:00Z"}
    book.record("return.submitted", [("return_version", {**filed, **first, "reason": ""})])
    second = {"version": 2, "values": '{"paid":{"state":"","value":7}}', "received_at": "2025-01-01T00:02:00Z"}
    book.record("return.revised", [("return_version", {**filed, **second, "reason": "counted again"})])
    return book
