"""A folder of CSV or Parquet files <-> the tables a programme is scored on. docs/tables.md describes the files.

Every fault of every file is found at once, each with file, line or row, and what to do; nothing is guessed, and the
files stay as they are. Inside, decimals are scaled integers and an absent cell has its state beside it.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import polars as pl

from answerable.definition import Programme, schemas
from answerable.values.issue import Issue, Place, Refused
from answerable.values.number import scaled_text
from answerable.values.table import Absence, Column, Schema, StoredTable, Table, Tables

__all__ = ["read_tables", "write_tables"]

_MOST_OF_A_KIND = 20
_LINE = "line"
_STATES = tuple(absence.value for absence in Absence)
_NUMBER = r"^[+-]?[0-9]{1,17}(\.[0-9]{1,9})?$"
_DATE = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
_MONTH = r"^[1-9][0-9]{3}-(0[1-9]|1[0-2])$"
_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"
_STATUSES = ("proposed", "confirmed", "withdrawn")


def read_tables(folder: Path, programme: Programme, stored: bool = False) -> Tables:
    """Read every table of a programme from a folder.

    Args:
        stored: leave returns that are typed Parquet on disk, for an engine of columns; they are checked all the same.

    Returns:
        By name, in key order; a table without a file is empty, but `units` must be there.

    Raises:
        Refused: with every issue of every file.
    """
    return _Folder(folder, programme, stored).tables()


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
            _frame(table).write_parquet(file)
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


def _frame(table: Table) -> pl.DataFrame:
    series = []
    for name in table.schema.header:
        column = _column(table.schema, name)
        whole = column is not None and column.type in ("integer", "flag")
        cells = pl.Series(name, table.columns[name], dtype=pl.Int64 if whole else pl.String)
        if column is not None and column.decimals:
            written = _written_out(table).columns[name]
            cells = pl.Series(name, written, dtype=pl.String).str.to_decimal(scale=column.decimals)
        series.append(cells)
    return pl.DataFrame(series)


def _column(schema: Schema, name: str) -> Column | None:
    """The column of that name; None for a state column."""
    return next((column for column in schema.columns if column.name == name), None)


@dataclass
class _Folder:
    folder: Path
    programme: Programme
    stored: bool
    issues: list[Issue] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)

    def tables(self) -> Tables:
        if not self.folder.is_dir():
            raise Refused([Issue("file.not_found", Place(str(self.folder)), {"name": self.folder.name})])
        wanted = schemas(self.programme)
        files = self.files(wanted)
        frames = {name: self.one(schema, files.get(name)) for name, schema in wanted.items()}
        units = frames["units"]
        assert isinstance(units, pl.DataFrame)
        for name in frames.keys() - self.unread if "units" not in self.unread else ():
            self.issues += _Rows(files.get(name), wanted[name], frames[name], self.programme, units).issues()
        if self.issues:
            raise Refused(sorted(self.issues, key=lambda issue: (issue.place.file, issue.place.line or 0)))
        return {name: self.finished(wanted[name], frame, files.get(name)) for name, frame in frames.items()}

    def files(self, wanted: Mapping[str, Schema]) -> dict[str, Path]:
        files: dict[str, Path] = {}
        for file in sorted(self.folder.iterdir()):
            if file.suffix not in (".csv", ".parquet") or file.name.startswith("."):
                continue
            if file.stem not in wanted:
                facts = {"name": file.name, "known": ", ".join(sorted(wanted))}
                self.issues.append(Issue("tables.unknown_file", Place(file.name), facts))
            elif file.stem in files:
                self.issues.append(Issue("tables.two_files", Place(file.name), {"table": file.stem}))
            else:
                files[file.stem] = file
        if "units" not in files:
            self.unread.add("units")
            self.issues.append(Issue("file.not_found", Place(str(self.folder)), {"name": "units.csv"}))
        return files

    def one(self, schema: Schema, file: Path | None) -> pl.DataFrame | pl.LazyFrame:
        """The typed frame of one table, with the issues of its cells noted."""
        empty = pl.DataFrame(schema=dict.fromkeys(schema.header, pl.String) | {_LINE: pl.Int64})
        if file is None:
            return _Cells("", schema, empty).typed()
        reader = _File(file, schema, self.programme)
        if self.stored and reader.may_stay():
            return pl.scan_parquet(file)
        frame = reader.frame()
        self.issues += reader.issues
        if frame is None:
            self.unread.add(schema.name)
            return _Cells("", schema, empty).typed()
        cells = _Cells(file.name, schema, frame)
        typed = cells.typed()
        self.issues += cells.issues
        return typed

    def finished(self, schema: Schema, frame: pl.DataFrame | pl.LazyFrame, file: Path | None) -> Table | StoredTable:
        if isinstance(frame, pl.LazyFrame):
            assert file is not None
            return StoredTable(schema, (file,))
        ordered = frame.sort(schema.key, nulls_last=False)
        return Table(schema, {name: ordered[name].to_list() for name in schema.header})


class _File:
    """One file as text cells, one column per name of the header and the line each row stands on."""

    def __init__(self, file: Path, schema: Schema, programme: Programme) -> None:
        self.file = file
        self.schema = schema
        self.forms = ";".join(form.id for form in programme.forms)
        self.issues: list[Issue] = []

    def say(self, code: str, **facts: str) -> None:
        self.issues.append(Issue(f"tables.{code}", Place(self.file.name, 1), facts))

    def may_stay(self) -> bool:
        """Whether it is Parquet with just the types an engine reads: whole numbers, text, all columns there."""
        if self.file.suffix != ".parquet" or not self.schema.name.startswith("returns-"):
            return False
        try:
            held = pl.scan_parquet(self.file).collect_schema()
        except (pl.exceptions.PolarsError, OSError):
            return False
        for column in self.schema.columns:
            if column.name not in held or column.decimals:
                return False
            whole = column.type in ("integer", "flag")
            if not (held[column.name].is_integer() if whole else held[column.name] == pl.String):
                return False
        return set(held) <= set(self.schema.header)

    def frame(self) -> pl.DataFrame | None:
        try:
            raw = self.text() if self.file.suffix == ".csv" else pl.read_parquet(self.file)
        except (pl.exceptions.PolarsError, UnicodeDecodeError, OSError) as error:
            self.say("unreadable", why=str(error).splitlines()[0])
            return None
        if not self.header(raw.columns):
            return None
        lines = pl.int_range(2, raw.height + 2, dtype=pl.Int64, eager=True).alias(_LINE)
        return raw.select([self.cells(raw, name) for name in self.schema.header] + [lines])

    def text(self) -> pl.DataFrame:
        data = self.file.read_bytes()
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("gb18030")
        header = text.splitlines()[0] if text else ""
        names = [name.strip().strip('"') for name in header.split(",")]
        for name in sorted({name for name in names if names.count(name) > 1}):
            self.say("repeated_column", column=name)
        return pl.read_csv(io.BytesIO(text.encode()), infer_schema=False)

    def header(self, names: Sequence[str]) -> bool:
        """Whether the columns can be read: none unknown, none needed missing."""
        known = set(self.schema.header)
        for name in names:
            if name not in known:
                self.say("unknown_column", column=name, known=", ".join(self.schema.header[:40]))
        for column in self.schema.columns:
            if column.name not in names and (column.required or column.stateful):
                self.say("missing_column", column=column.name)
        return not self.issues

    def cells(self, raw: pl.DataFrame, name: str) -> pl.Series:
        if name not in raw.columns:
            # A folder that says nothing of duties means that every unit files every form.
            filler = self.forms if (self.schema.name, name) == ("units", "forms") else None
            return pl.Series(name, [filler], dtype=pl.String).new_from_index(0, raw.height)
        text = raw[name].cast(pl.String).str.strip_chars()
        return text.set(text == "", None)


class _Cells:
    """Text cells -> typed cells, with an issue for each that is not what its column holds."""

    def __init__(self, file: str, schema: Schema, frame: pl.DataFrame) -> None:
        self.file = file
        self.schema = schema
        self.frame = frame
        self.issues: list[Issue] = []

    def typed(self) -> pl.DataFrame:
        series: list[pl.Series] = []
        for column in self.schema.columns:
            text = self.frame[column.name]
            if column.stateful:
                text, state = self.state(column, text, self.frame[f"{column.name}_state"])
                series += [self.one(column, text), state]
            else:
                series.append(self.one(column, text))
        return pl.DataFrame([*series, self.frame[_LINE]])

    def state(self, column: Column, text: pl.Series, state: pl.Series) -> tuple[pl.Series, pl.Series]:
        """A state may stand beside the value, or in words in its place."""
        in_place = text.is_in(_STATES)
        self.note("unknown_state", column.name, state, state.is_not_null() & ~state.is_in(_STATES))
        both = state.is_not_null() & text.is_not_null() & ~(in_place & (text == state).fill_null(False))
        self.note("value_and_state", column.name, text, both)
        pair = pl.DataFrame({"text": text, "state": state}).select(
            text=pl.when(pl.col("text").is_in(_STATES)).then(None).otherwise("text"),
            state=pl.when(pl.col("text").is_in(_STATES)).then("text").otherwise("state"),
        )
        return pair["text"].alias(column.name), pair["state"].alias(f"{column.name}_state")

    def one(self, column: Column, text: pl.Series) -> pl.Series:
        if column.required:
            self.note("empty_cell", column.name, text, text.is_null())
        match column.type:
            case "integer":
                return self.number(column, text)
            case "flag":
                self.note("not_a_flag", column.name, text, text.is_not_null() & ~text.is_in(["0", "1"]))
                return text.cast(pl.Int64, strict=False)
            case "month":
                self.note("no_such_month", column.name, text, _unlike(text, _MONTH))
            case "date":
                real = text.str.to_date("%Y-%m-%d", strict=False).is_not_null()
                self.note("no_such_day", column.name, text, _unlike(text, _DATE) | (text.is_not_null() & ~real))
            case "time":
                real = text.str.to_datetime("%Y-%m-%dT%H:%M:%SZ", strict=False).is_not_null()
                self.note("no_such_time", column.name, text, _unlike(text, _TIME) | (text.is_not_null() & ~real))
        return text

    def number(self, column: Column, text: pl.Series) -> pl.Series:
        """Whole or decimal text as a scaled integer; more decimals than the column has are an issue, never rounded."""
        plain = text.str.normalize("NFKC")
        self.note("not_a_number", column.name, text, _unlike(plain, _NUMBER))
        parts = pl.DataFrame({"text": plain}).select(
            minus=pl.col("text").str.starts_with("-"),
            whole=pl.col("text").str.extract(r"^[+-]?([0-9]+)").cast(pl.Int64, strict=False),
            rest=pl.col("text").str.extract(r"\.([0-9]*[1-9])0*$").fill_null(""),
        )
        fine = (parts["rest"].str.len_chars() > column.decimals).fill_null(False)
        self.note("too_many_decimals", column.name, text, fine, decimals=str(column.decimals))
        scaled = parts.select(
            pl.col("whole") * 10**column.decimals
            + pl.col("rest")
            .str.pad_end(column.decimals, "0")
            .str.slice(0, column.decimals)
            .replace("", "0")
            .cast(pl.Int64, strict=False)
        ).to_series()
        return pl.Series(column.name, scaled * parts["minus"].replace_strict([True, False], [-1, 1], default=1))

    def note(self, code: str, column: str, text: pl.Series, wrong: pl.Series, **facts: str) -> None:
        rows = self.frame.filter(wrong.fill_null(False))
        shown = text.filter(wrong.fill_null(False))
        pairs = zip(rows[_LINE].to_list(), shown.to_list(), strict=True)
        self.issues += _limited(
            self.file,
            (
                Issue(
                    f"tables.{code}",
                    Place(self.file, line, cell=column),
                    {"column": column, "value": str(value if value is not None else ""), **facts},
                )
                for line, value in pairs
            ),
            rows.height,
        )


def _unlike(text: pl.Series, pattern: str) -> pl.Series:
    return text.is_not_null() & ~text.str.contains(pattern).fill_null(True)


def _limited(file: str, issues: Iterable[Issue], count: int) -> Iterator[Issue]:
    """The first of many alike, then how many more there are: no issue is silent, no list endless."""
    for position, issue in enumerate(issues):
        if position == _MOST_OF_A_KIND:
            facts = {"count": str(count - position), "code": issue.code}
            yield Issue("tables.and_more", Place(file), facts)
            return
        yield issue


@dataclass
class _Rows:
    """What must hold between rows: keys, units, and the names the programme knows."""

    file: Path | None
    schema: Schema
    frame: pl.DataFrame | pl.LazyFrame
    programme: Programme
    units: pl.DataFrame

    def issues(self) -> list[Issue]:
        if self.file is None:
            return []
        found = [*self.repeated(), *self.unknown("unit", self.units["unit"].to_list(), "unknown_unit")]
        if isinstance(self.frame, pl.LazyFrame):
            found += self.say("no_such_month", self.lazy.filter(~pl.col("period").str.contains(_MONTH)), "period")
        match self.schema.name:
            case "units":
                found += self.of_units()
            case "recounts":
                fields = [one.id for form in self.programme.forms for one in form.fields]
                found += self.unknown("form", [form.id for form in self.programme.forms], "unknown_form")
                found += self.unknown("field", fields, "unknown_field")
            case "findings":
                kinds = [kind.id for kind in self.programme.finding_kinds]
                found += self.unknown("kind", kinds, "unknown_finding_kind")
                found += self.unknown("status", _STATUSES, "unknown_status")
        return found

    def rows(self, frame: pl.LazyFrame) -> pl.DataFrame:
        return frame.collect(engine="streaming")

    @property
    def lazy(self) -> pl.LazyFrame:
        lazy = self.frame.lazy()
        return lazy if isinstance(self.frame, pl.DataFrame) else lazy.with_row_index(_LINE, offset=1)

    def say(self, code: str, frame: pl.LazyFrame, column: str, **facts: str) -> list[Issue]:
        rows = self.rows(frame.select(_LINE, column))
        name = self.file.name if self.file else ""
        made = (
            Issue(f"tables.{code}", Place(name, line, cell=column), {"column": column, "value": str(value), **facts})
            for line, value in rows.iter_rows()
        )
        return list(_limited(name, made, rows.height))

    def repeated(self) -> list[Issue]:
        """The same key twice: a return filed twice under one version, a unit entered twice."""
        keys = list(self.schema.key)
        again = self.rows(self.lazy.group_by(keys).agg(pl.len(), pl.col(_LINE).max()).filter(pl.col("len") > 1))
        name = self.file.name if self.file else ""
        made = (
            Issue(
                "tables.repeated_row",
                Place(name, row[_LINE]),
                {"key": ", ".join(f"{key} {row[key]}" for key in keys)},
            )
            for row in again.sort(_LINE).iter_rows(named=True)
        )
        return list(_limited(name, made, again.height))

    def unknown(self, column: str, known: Iterable[str], code: str) -> list[Issue]:
        names = list(known)
        if not self.rows(self.lazy.select(pl.col(column).unique()).filter(~pl.col(column).is_in(names))).height:
            return []
        some = ", ".join(sorted(names)[:12]) or "-"
        return self.say(code, self.lazy.filter(~pl.col(column).is_in(names)), column, known=some)

    def of_units(self) -> list[Issue]:
        codes = self.units["unit"].to_list()
        lazy = self.lazy
        found = self.unknown("kind", self.programme.unit_kinds, "unknown_unit_kind")
        orphan = lazy.filter(pl.col("parent").is_not_null() & ~pl.col("parent").is_in(codes))
        found += self.say("no_such_parent", orphan, "parent")
        found += self.say("circle_of_parents", lazy.filter(pl.col("unit").is_in(self.circles())), "unit")
        found += self.say("closed_before_opened", lazy.filter(pl.col("closed") < pl.col("opened")), "closed")
        forms = [form.id for form in self.programme.forms]
        each = lazy.select(_LINE, pl.col("forms").str.split(";").alias("forms")).explode("forms")
        strange = each.filter((pl.col("forms") != "") & ~pl.col("forms").is_in(forms))
        return found + self.say("unknown_form", strange, "forms", known=", ".join(forms))

    def circles(self) -> list[str]:
        """Units that stand above themselves."""
        parents = dict(self.units.select("unit", "parent").iter_rows())
        found = []
        for unit in parents:
            above, steps = parents[unit], 0
            while above in parents and above != unit and steps <= len(parents):
                above, steps = parents[above], steps + 1
            if above == unit:
                found.append(unit)
        return found
