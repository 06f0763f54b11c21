"""A SQLite file of the house, read and never written: its entries and its rows, as they stand.

The one file outside the site that knows sqlite3. What it gives is raw and unbelieved: `ledger.verify` judges it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from answerable.ledger.entry import ENTRY_COLUMNS, ENTRY_TABLE, StoredEntry
from answerable.ledger.holdings import HOLDINGS, Holding
from answerable.values.issue import Issue, Place, Refused

__all__ = ["Archive", "read_archive"]

Row = Mapping[str, Any]

_LATER = {"programme_proposal", "programme_decision"}
_LATER |= {"unit_identity", "unit_event", "unit_event_part", "unit_event_state"}
"""Tables that files of earlier versions do not have. An entry that names a row of one finds it missing all the same."""


@dataclass(frozen=True)
class Archive:
    """What a file holds: the entries, the rows by holding, and what is odd about its tables."""

    path: Path
    entries: tuple[StoredEntry, ...]
    rows: Mapping[str, Sequence[Row]]
    issues: tuple[Issue, ...]


def read_archive(path: Path) -> Archive:
    """Read a whole archive.

    Raises:
        Refused: when the file is missing, is no SQLite database, is damaged, or holds no ledger.
    """
    if not path.is_file():
        raise Refused([Issue("file.not_found", Place(str(path)), {"name": path.name})])
    try:
        with closing(_open(path)) as connection:
            return _read(path, connection)
    except (sqlite3.DatabaseError, UnicodeDecodeError) as wrong:
        code = "archive.damaged" if _begins_as_database(path) else "archive.not_database"
        raise Refused([Issue(code, Place(str(path)), {"name": path.name, "why": str(wrong)})]) from wrong


def _begins_as_database(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(16) == b"SQLite format 3\0"


def _open(path: Path) -> sqlite3.Connection:
    """Open read-only; in a folder that cannot be written the file is taken as it is, if no write-ahead log is there."""
    address = f"file:{quote(str(path.resolve()))}?mode=ro"
    try:
        return _asked(address)
    except sqlite3.OperationalError:
        if path.with_name(f"{path.name}-wal").exists():
            raise
        return _asked(f"{address}&immutable=1")


def _asked(address: str) -> sqlite3.Connection:
    """A connection that has answered one question, so that a file that cannot be read shows at once."""
    connection = sqlite3.connect(address, uri=True)
    # Bytes that are not UTF-8 were put there by nobody of ours: they must show as a changed row, not stop the reading.
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _read(path: Path, connection: sqlite3.Connection) -> Archive:
    tables = {holding.table: _columns(connection, holding.table) for holding in HOLDINGS}
    entry_columns = _columns(connection, ENTRY_TABLE)
    missing = [holding.table for holding in HOLDINGS if not tables[holding.table] and holding.name not in _LATER]
    missing += [] if set(ENTRY_COLUMNS) <= set(entry_columns) else [ENTRY_TABLE]
    if missing:
        facts = {"name": path.name, "tables": ", ".join(missing)}
        raise Refused([Issue("archive.not_ours", Place(str(path)), facts)])
    held = [holding for holding in HOLDINGS if tables[holding.table]]
    return Archive(
        path,
        tuple(_entries(connection)),
        {holding.name: () for holding in HOLDINGS}
        | {holding.name: tuple(_rows(connection, holding.table)) for holding in held},
        tuple(issue for holding in held for issue in _column_issues(holding, tables[holding.table])),
    )


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    """Names of a table's columns; empty where there is no such table."""
    return [str(row[1]) for row in connection.execute(f'PRAGMA table_xinfo("{table}")')]


def _column_issues(holding: Holding, columns: Sequence[str]) -> Iterator[Issue]:
    """A column nobody declared could be changed unseen; one that is gone shows in its rows too, but less clearly."""
    place = Place(sheet=holding.table)
    for name in columns:
        if name not in holding.header:
            yield Issue("archive.column_unknown", place, {"table": holding.table, "column": name})
    for name in holding.header:
        if name not in columns:
            yield Issue("archive.column_missing", place, {"table": holding.table, "column": name})


def _rows(connection: sqlite3.Connection, table: str) -> Iterator[dict[str, Any]]:
    cursor = connection.execute(f'SELECT * FROM "{table}" ORDER BY rowid')
    names = [described[0] for described in cursor.description]
    for cells in cursor:
        yield dict(zip(names, cells, strict=True))


def _entries(connection: sqlite3.Connection) -> Iterator[StoredEntry]:
    for row in _rows(connection, ENTRY_TABLE):
        idx, *texts = (row[name] for name in ENTRY_COLUMNS)
        yield StoredEntry(_index(idx), *(_text(text) for text in texts))


def _index(value: object) -> int:
    """An entry's index; what is no integer becomes -1, which stands in no ledger and so is found."""
    return value if isinstance(value, int) else -1


def _text(value: object) -> str:
    """A cell of the ledger as text: NULL is empty, anything else that is no text as Python writes it."""
    if value is None:
        return ""
    return value if isinstance(value, str) else repr(value)
