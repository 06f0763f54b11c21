"""A typed table that knows its grain, and the four states of a cell.

A cell is a value, or one of three absences that are never mixed: *missing* (nobody said), *not applicable* (the
question does not arise), *suppressed* (known, withheld because few people stand behind it). Zero is a value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from answerable.values.canonical import canonical_csv, digest

__all__ = ["Absence", "Cell", "Column", "ColumnType", "Schema", "StoredTable", "Table", "Tables"]


class Absence(StrEnum):
    """Why a cell has no value."""

    MISSING = "missing"
    NOT_APPLICABLE = "not_applicable"
    SUPPRESSED = "suppressed"


ColumnType = Literal["text", "integer", "date", "month", "time", "flag"]
"""text str · integer int (counts, fen, scaled decimals) · date ISO text · month `2025-03` · time ISO text in
UTC · flag 0/1"""

Cell = str | int | None
"""What stands in a column: None where absent; the state column `<name>_state` tells which absence, empty for
missing."""


@dataclass(frozen=True)
class Column:
    """One column: its name, its type, how many decimals its integers carry, and whether it has a state column."""

    name: str
    type: ColumnType
    decimals: int = 0
    required: bool = False
    stateful: bool = False


@dataclass(frozen=True)
class Schema:
    """The columns of a table and its grain: `key` names the columns that tell one row from another."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """The column of that name; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def header(self) -> tuple[str, ...]:
        """Names of all columns in order, each state column right after the column it belongs to."""
        names: list[str] = []
        for column in self.columns:
            names += [column.name, f"{column.name}_state"] if column.stateful else [column.name]
        return tuple(names)


@dataclass(frozen=True)
class Table:
    """A table in memory: one sequence of cells per name of `schema.header`, all of one length, in key order."""

    schema: Schema
    columns: Mapping[str, Sequence[Cell]]

    @classmethod
    def of_rows(cls, schema: Schema, rows: Sequence[Mapping[str, Any]]) -> Table:
        """Build from row mappings (absent names are None), put in key order."""
        ordered = sorted(rows, key=lambda row: tuple((row.get(name) is not None, row.get(name)) for name in schema.key))
        return cls(schema, {name: [row.get(name) for row in ordered] for name in schema.header})

    def rows(self) -> Iterator[dict[str, Cell]]:
        """Each row as a mapping, in order."""
        header = self.schema.header
        for cells in zip(*(self.columns[name] for name in header), strict=True):
            yield dict(zip(header, cells, strict=True))

    def __len__(self) -> int:
        return len(self.columns[self.schema.header[0]])

    def canonical(self) -> bytes:
        """The table as canonical CSV, in its own order."""
        header = self.schema.header
        return canonical_csv(header, zip(*(self.columns[name] for name in header), strict=True))

    def digest(self) -> str:
        """Digest of the canonical CSV."""
        return digest(self.canonical())


@dataclass(frozen=True)
class StoredTable:
    """A table that stays on disk as Parquet with the columns of `schema.header`; only an engine of columns reads it."""

    schema: Schema
    files: tuple[Path, ...]


Tables = Mapping[str, Table | StoredTable]
"""What a programme is scored on, by name: units, agreements, returns-FORM, visits, recounts, findings, corrections."""
