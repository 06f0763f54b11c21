"""One file of CSV or Parquet -> text cells, one column per name of the heading, and the line each row stands on."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from answerable.definition import Programme
from answerable.exchange.tables.cells import LINE, limited
from answerable.values.issue import Issue, Place
from answerable.values.table import Column, Schema

__all__ = ["File"]


def _decoded(data: bytes) -> str:
    """UTF-8, or GB18030 where each sign beyond ASCII is one of GB2312: other old encodings do not look like that.

    Raises:
        UnicodeError: for anything else, since a guess could turn one name into another.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030")
        text.encode("gb2312")
        return text


def _lines(text: str) -> Iterator[tuple[int, int, str]]:
    """The number of each line in which anything stands, how many cells it has, and the line; nothing is in quotes."""
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        if line.strip(", \t"):
            yield number, line.count(",") + 1, line


def _records(text: str) -> Iterator[tuple[int, int, Sequence[str]]]:
    """The number of the line each row begins on, how many cells it has, and the cells; some are in quotes."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begins = 1
    for row in reader:
        if any(cell.strip() for cell in row):
            yield begins, len(row), row
        begins = reader.line_num + 1


def _framed(names: Sequence[str], rows: Sequence[str | Sequence[str]]) -> pl.DataFrame:
    if rows and isinstance(rows[0], str):
        joined = io.BytesIO("\n".join(str(row) for row in rows).encode())
        return pl.read_csv(joined, has_header=False, new_columns=names, infer_schema=False, quote_char=None)
    return pl.DataFrame(rows, dict.fromkeys(names, pl.String), orient="row")


_WHOLE = (pl.Int64, pl.Int32, pl.Int16, pl.Int8, pl.UInt32, pl.UInt16, pl.UInt8)


class File:
    """One file as cells, one column per name of the header and the line each row stands on."""

    def __init__(self, file: Path, schema: Schema, programme: Programme) -> None:
        self.file = file
        self.schema = schema
        self.forms = ";".join(form.id for form in programme.forms)
        self.whole = {column.name for column in schema.columns if column.type == "integer"}
        self.issues: list[Issue] = []

    def say(self, code: str, **facts: str) -> None:
        """Note an issue of the whole file."""
        self.issues.append(Issue(f"tables.{code}", Place(self.file.name, 1), facts))

    def may_stay(self) -> bool:
        """Whether it is Parquet with just the types an engine reads: whole numbers, text, all columns there."""
        if self.file.suffix != ".parquet" or not self.schema.name.startswith("returns-"):
            return False
        try:
            held = pl.scan_parquet(self.file).collect_schema()
        except (pl.exceptions.PolarsError, OSError):
            return False
        states = [name for name in held if name.endswith("_state")]
        if set(held) - set(self.schema.header) or any(held[name] != pl.String for name in states):
            return False
        return all(self._is_typed(column, held) for column in self.schema.columns)

    def _is_typed(self, column: Column, held: pl.Schema) -> bool:
        if column.name not in held or column.decimals:
            return False
        whole = column.type in ("integer", "flag")
        return held[column.name].is_integer() if whole else held[column.name] == pl.String

    def frame(self) -> pl.DataFrame | None:
        """All columns of the header: whole numbers of Parquet as they are, others as trimmed text.

        None where the columns or the file cannot be read.
        """
        try:
            held = self._of_csv() if self.file.suffix == ".csv" else self._of_parquet()
            series = [self._cells(held[0], name) for name in self.schema.header] if held else []
        except (pl.exceptions.PolarsError, UnicodeError, OSError, csv.Error) as error:
            self.say("unreadable", why=(str(error).splitlines() or [type(error).__name__])[0])
            return None
        return pl.DataFrame([*series, pl.Series(LINE, held[1], dtype=pl.Int64)]) if held else None

    def _of_parquet(self) -> tuple[pl.DataFrame, Sequence[int]] | None:
        frame = pl.read_parquet(self.file)
        return (frame, range(1, frame.height + 1)) if self.header(frame.columns) else None

    def _of_csv(self) -> tuple[pl.DataFrame, Sequence[int]] | None:
        """The cells, and the line each row begins on. Rows of another width than the heading are noted and left out."""
        text = _decoded(self.file.read_bytes())
        rows = list(_records(text) if '"' in text else _lines(text))
        if not rows:
            raise csv.Error("the file is empty")
        (_, width, heading), *body = rows
        names = [name.strip() for name in (heading.split(",") if isinstance(heading, str) else heading)]
        if not self.header(names):
            return None
        ragged = [(line, found) for line, found, _ in body if found != width]
        self.issues += limited(self.file.name, (self._ragged(*one, width) for one in ragged), len(ragged))
        good = [(line, row) for line, found, row in body if found == width]
        return _framed(names, [row for _, row in good]), [line for line, _ in good]

    def _ragged(self, line: int, found: int, width: int) -> Issue:
        facts = {"found": str(found), "width": str(width)}
        return Issue("tables.cells_in_row", Place(self.file.name, line), facts)

    def header(self, names: Sequence[str]) -> bool:
        """Whether the columns can be read: none unknown, none twice, none needed missing."""
        known = set(self.schema.header)
        for name in sorted({name for name in names if names.count(name) > 1}):
            self.say("repeated_column", column=name)
        for name in [name for name in dict.fromkeys(names) if name not in known]:
            self.say("unknown_column", column=name, known=", ".join(self.schema.header[:40]))
        for column in self.schema.columns:
            if column.name not in names and (column.required or column.stateful):
                self.say("missing_column", column=column.name)
        return not self.issues

    def _cells(self, raw: pl.DataFrame, name: str) -> pl.Series:
        if name not in raw.columns:
            # A folder that says nothing of duties means that every unit files every form.
            filler = self.forms if (self.schema.name, name) == ("units", "forms") else None
            return pl.Series(name, [filler], dtype=pl.String).new_from_index(0, raw.height)
        if raw[name].null_count() == raw.height:
            return raw[name].cast(pl.String)
        if raw[name].dtype in _WHOLE and name in self.whole:
            return raw[name].cast(pl.Int64)
        # Other tools store a flag as true and false.
        plain = raw[name].cast(pl.Int64) if raw[name].dtype == pl.Boolean else raw[name]
        text = plain.cast(pl.String).str.strip_chars()
        return text.set(text == "", None)
