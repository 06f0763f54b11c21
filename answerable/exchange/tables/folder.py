"""Which files a folder has, and reading and writing all of them: the two functions the house calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import polars as pl

from answerable.definition import Programme, schemas
from answerable.exchange.tables.cells import LINE, Cells
from answerable.exchange.tables.files import File
from answerable.exchange.tables.rows import Rows
from answerable.values.issue import Issue, Place, Refused
from answerable.values.number import scaled_text
from answerable.values.table import Cell, Column, Schema, StoredTable, Table, Tables

__all__ = ["LIST", "MORE", "frame_of", "read_rows", "read_tables", "write_tables"]

LIST = "buckets.json"
"""Stands in a folder that holds folders of tables."""
MORE = "+"
"""Between the name of a table and what tells a file with more rows of it from the first."""


def read_tables(folder: Path, programme: Programme, stored: bool = False, checked: bool = False) -> Tables:
    """Read every table of a programme from a folder.

    Args:
        stored: leave returns that are typed Parquet on disk, for an engine of columns; they are checked all the same.
        checked: what must hold between rows and tables was found to hold before.

    Returns:
        By name, in key order; a table without a file is empty, but `units` must be there.

    Raises:
        Refused: with every issue of every file.
    """
    return _Folder(folder, programme, stored, checked).tables()


def read_rows(
    folder: Path, programme: Programme, known: Callable[[Sequence[str]], pl.DataFrame]
) -> Mapping[str, Table]:
    """Read rows of tables whose units stand elsewhere.

    Args:
        known: of some codes, the units there are, as the units table has them.

    Raises:
        Refused: with every issue of every file.
    """
    tables = _Folder(folder, programme, stored=False, known=known).tables()
    return {name: table for name, table in tables.items() if isinstance(table, Table) and len(table)}


def write_tables(tables: Mapping[str, Table], folder: Path, format: Literal["csv", "parquet"]) -> list[Path]:
    """Write tables as files that `read_tables` reads back to the same; decimals are written out.

    Returns:
        The files written, by name of table.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name, table in sorted(tables.items()):
        file = folder / f"{name}.{format}"
        if format == "csv":
            file.write_bytes(_written_out(table).canonical())
        else:
            frame_of(table).write_parquet(file)
        files.append(file)
    return files


def _written_out(table: Table) -> Table:
    decimals = {column.name: column.decimals for column in table.schema.columns if column.decimals}
    columns = {
        name: [None if cell is None else scaled_text(int(cell), decimals[name]) for cell in cells]
        if name in decimals
        else cells
        for name, cells in table.columns.items()
    }
    return Table(table.schema, columns)


def frame_of(table: Table) -> pl.DataFrame:
    """A table as a file holds it: decimals written out, whole numbers, text."""
    written = _written_out(table).columns
    return pl.DataFrame([_series(name, _column(table.schema, name), written[name]) for name in table.schema.header])


def _series(name: str, column: Column | None, cells: Sequence[Cell]) -> pl.Series:
    if column is not None and column.decimals:
        return pl.Series(name, cells, dtype=pl.String).str.to_decimal(scale=column.decimals)
    return pl.Series(name, cells, dtype=pl.Int64 if column and column.type in ("integer", "flag") else pl.String)


def _column(schema: Schema, name: str) -> Column | None:
    """The column of that name; None for a state column."""
    return next((column for column in schema.columns if column.name == name), None)


@dataclass
class _Folder:
    folder: Path
    programme: Programme
    stored: bool
    checked: bool = False
    known: Callable[[Sequence[str]], pl.DataFrame] | None = None
    issues: list[Issue] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)

    def tables(self) -> Tables:
        if not self.folder.is_dir():
            raise Refused([Issue("file.not_found", Place(str(self.folder)), {"name": self.folder.name})])
        if (self.folder / LIST).exists():
            raise Refused([Issue("buckets.not_tables", Place(LIST))])
        elsewhere = {"units"} if self.known else set()
        wanted = {name: schema for name, schema in schemas(self.programme).items() if name not in elsewhere}
        files = self.files(wanted)
        frames = {name: self.one(schema, files.get(name, [])) for name, schema in wanted.items()}
        units = self.units(frames)
        for name in [name for name in frames if not self.checked and name in files and name not in self.unread]:
            named = " + ".join(file.name for file in files[name])
            self.issues += Rows(named, wanted[name], frames[name], self.programme, units).issues()
        if self.issues:
            raise Refused(sorted(self.issues, key=_in_order))
        return {name: self.finished(wanted[name], frame, files.get(name, [])) for name, frame in frames.items()}

    def units(self, frames: Mapping[str, pl.DataFrame | pl.LazyFrame]) -> pl.DataFrame | None:
        """The units, for what other tables say of them; None where they cannot be read."""
        if not self.known:
            return None if "units" in self.unread else frames["units"].lazy().collect()
        codes = pl.concat([frame.lazy().select("unit") for frame in frames.values()]).unique().collect()
        return self.known(codes["unit"].drop_nulls().sort().to_list())

    def files(self, wanted: Mapping[str, Schema]) -> dict[str, list[Path]]:
        """The files of each table: the one named after it, and those with more rows of it."""
        files: dict[str, list[Path]] = {}
        for file in sorted(self.folder.iterdir(), key=lambda file: (file.stem, file.suffix)):
            if file.suffix not in (".csv", ".parquet") or file.name.startswith("."):
                continue
            table, _, more = file.stem.partition(MORE)
            if table not in wanted or more != more.strip() or (MORE in file.stem) != bool(more):
                facts = {"name": file.name, "known": ", ".join(sorted(wanted))}
                self.issues.append(Issue("tables.unknown_file", Place(file.name), facts))
            elif any(other.stem == file.stem for other in files.get(table, ())):
                self.issues.append(Issue("tables.two_files", Place(file.name), {"table": file.stem}))
            else:
                files.setdefault(table, []).append(file)
        if "units" in wanted and "units" not in files:
            self.unread.add("units")
            self.issues.append(Issue("file.not_found", Place(str(self.folder)), {"name": "units.csv"}))
        return files

    def one(self, schema: Schema, files: Sequence[Path]) -> pl.DataFrame | pl.LazyFrame:
        """The typed frame of one table, with the issues of its cells noted."""
        readers = [File(file, schema, self.programme) for file in files]
        if self.stored and readers and all(reader.may_stay() for reader in readers) and _alike(files):
            return pl.scan_parquet(list(files))
        return pl.concat([self.typed(reader) for reader in readers] or [_nothing(schema)])

    def typed(self, reader: File) -> pl.DataFrame:
        frame = reader.frame()
        self.issues += reader.issues
        if frame is None:
            self.unread.add(reader.schema.name)
            return _nothing(reader.schema)
        cells = Cells(reader.file.name, reader.schema, frame)
        typed = cells.typed()
        self.issues += cells.issues
        return typed

    def finished(
        self, schema: Schema, frame: pl.DataFrame | pl.LazyFrame, files: Sequence[Path]
    ) -> Table | StoredTable:
        if isinstance(frame, pl.LazyFrame):
            return StoredTable(schema, tuple(files))
        ordered = frame.sort(schema.key, nulls_last=False)
        return Table(schema, {name: ordered[name].to_list() for name in schema.header})


def _alike(files: Sequence[Path]) -> bool:
    """Whether several files of Parquet have the same columns of the same types, and can be read as one."""
    return len({tuple(sorted(pl.read_parquet_schema(file).items(), key=str)) for file in files}) == 1


def _nothing(schema: Schema) -> pl.DataFrame:
    """A table without rows."""
    whole = {column.name for column in schema.columns if column.type in ("integer", "flag")}
    return pl.DataFrame(
        schema={name: pl.Int64 if name in whole | {LINE} else pl.String for name in [*schema.header, LINE]}
    )


def _in_order(issue: Issue) -> tuple[str, bool, int]:
    """By file, then by line; how many more there are comes last."""
    return issue.place.file, issue.code == "tables.and_more", issue.place.line or 0
