"""Text cells -> typed cells, with an issue for each that is not what its column holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from answerable.values.issue import Issue, Place
from answerable.values.table import Absence, Column, Schema

__all__ = ["LINE", "MOST_DIGITS", "PATTERNS", "STATES", "Cells", "limited", "place"]

LINE = "line"
"""The column that holds the line of CSV, or the row of Parquet."""

STATES = tuple(absence.value for absence in Absence)
_DAY = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
DATE = rf"^{_DAY}$"
MONTH = r"^[1-9][0-9]{3}-(0[1-9]|1[0-2])$"
TIME = rf"^{_DAY}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$"
PATTERNS = {"month": ("no_such_month", MONTH), "date": ("no_such_day", DATE), "time": ("no_such_time", TIME)}
"""By type of column: the code of what is wrong, and how a right cell is written."""

_MOST_OF_A_KIND = 20
# Other compatible signs are no digits: 10² is not 102.
_FULL_WIDTH = dict(zip("０１２３４５６７８９．＋－", "0123456789.+-", strict=True))
_NUMBER = r"^[+-]?[0-9]+(\.[0-9]+)?$"
MOST_DIGITS = 18
"""So many digits, decimals included, always fit into 64 bits."""


class Cells:
    """Text cells -> typed cells, with an issue for each that is not what its column holds."""

    def __init__(self, file: str, schema: Schema, frame: pl.DataFrame) -> None:
        self.file = file
        self.schema = schema
        self.frame = frame
        self.issues: list[Issue] = []

    def typed(self) -> pl.DataFrame:
        """All columns with their types; `issues` holds what was wrong."""
        series: list[pl.Series] = []
        for column in self.schema.columns:
            text = self.frame[column.name]
            if column.stateful:
                text, state = self.state(column, text, self.frame[f"{column.name}_state"])
                series += [self.one(column, text), state]
            else:
                series.append(self.one(column, text))
        return pl.DataFrame([*series, self.frame[LINE]])

    def state(self, column: Column, text: pl.Series, state: pl.Series) -> tuple[pl.Series, pl.Series]:
        """A state may stand beside the value, or in words in its place."""
        in_place = pl.repeat(False, len(text), eager=True) if text.dtype == pl.Int64 else text.is_in(STATES)
        if state.null_count() == len(state) and not in_place.any():
            return text, state
        text = text.cast(pl.String)
        self.note("unknown_state", column.name, state, state.is_not_null() & ~state.is_in(STATES))
        both = state.is_not_null() & text.is_not_null() & ~(in_place & (text == state).fill_null(False))
        self.note("value_and_state", column.name, text, both)
        pair = pl.DataFrame({"text": text, "state": state}).select(
            text=pl.when(pl.col("text").is_in(STATES)).then(None).otherwise("text"),
            state=pl.when(pl.col("text").is_in(STATES)).then("text").otherwise("state"),
        )
        return pair["text"].alias(column.name), pair["state"].alias(f"{column.name}_state")

    def one(self, column: Column, text: pl.Series) -> pl.Series:
        """One column with its type."""
        if column.required:
            self.note("empty_cell", column.name, text, text.is_null())
        match column.type:
            case "integer":
                return self.number(column, text)
            case "flag":
                plain = text.str.replace_many(_FULL_WIDTH)
                self.note("not_a_flag", column.name, text, text.is_not_null() & ~plain.is_in(["0", "1"]))
                return plain.cast(pl.Int64, strict=False).alias(column.name)
            case "month":
                self.note("no_such_month", column.name, text, _unlike(text, MONTH))
            case "date":
                real = text.str.to_date("%Y-%m-%d", strict=False).is_not_null()
                self.note("no_such_day", column.name, text, _unlike(text, DATE) | (text.is_not_null() & ~real))
            case "time":
                real = text.str.to_datetime("%Y-%m-%dT%H:%M:%SZ", strict=False).is_not_null()
                self.note("no_such_time", column.name, text, _unlike(text, TIME) | (text.is_not_null() & ~real))
        return text

    def number(self, column: Column, text: pl.Series) -> pl.Series:
        """Whole or decimal text as a scaled integer; more decimals than the column has are an issue, never rounded."""
        most = 10 ** (MOST_DIGITS - column.decimals) - 1
        whole = text.cast(pl.Int64, strict=False)
        if whole.null_count() == text.null_count() and whole.is_between(-most, most).all():
            return pl.Series(column.name, whole * 10**column.decimals)
        return self.written_out(column, text)

    def written_out(self, column: Column, text: pl.Series) -> pl.Series:
        """The same, where not all are plain whole numbers."""
        text = text.cast(pl.String)
        plain = text.str.replace_many(_FULL_WIDTH)
        number = text.is_not_null() & ~_unlike(plain, _NUMBER)
        self.note("not_a_number", column.name, text, text.is_not_null() & ~number)
        whole = plain.str.extract(r"^[+-]?0*([0-9]*)").set(~number, None)
        rest = plain.str.extract(r"\.([0-9]*[1-9])0*$").fill_null("")
        fine = number & (rest.str.len_chars() > column.decimals)
        self.note("too_many_decimals", column.name, text, fine, decimals=str(column.decimals))
        large = number & (whole.str.len_chars() > MOST_DIGITS - column.decimals)
        self.note("number_too_large", column.name, text, large, most=str(MOST_DIGITS - column.decimals))
        digits = whole + rest.str.pad_end(column.decimals, "0")
        size = digits.set(fine | large, None).replace("", "0").cast(pl.Int64, strict=False)
        minus = plain.str.starts_with("-").fill_null(False)
        return (size * minus.replace_strict([True, False], [-1, 1], return_dtype=pl.Int64)).alias(column.name)

    def note(self, code: str, column: str, text: pl.Series, wrong: pl.Series, **facts: str) -> None:
        """Note an issue for each row in which something is wrong."""
        if not wrong.any():
            return
        rows = self.frame.filter(wrong.fill_null(False))
        shown = text.filter(wrong.fill_null(False))
        pairs = zip(rows[LINE].to_list(), shown.to_list(), strict=True)
        self.issues += limited(
            self.file,
            (
                Issue(
                    f"tables.{code}",
                    place(self.file, line, column),
                    {"column": column, "value": str(value if value is not None else ""), **facts},
                )
                for line, value in pairs
            ),
            rows.height,
        )


def _unlike(text: pl.Series, pattern: str) -> pl.Series:
    return text.is_not_null() & ~text.str.contains(pattern).fill_null(True)


def limited(file: str, issues: Iterable[Issue], count: int) -> Iterator[Issue]:
    """The first of many alike, then how many more there are: no issue is silent, no list endless."""
    for position, issue in enumerate(issues):
        if position == _MOST_OF_A_KIND:
            facts = {"count": str(count - position), "code": issue.code}
            yield Issue("tables.and_more", Place(file), facts)
            return
        yield issue


def place(file: str, line: int, column: str = "") -> Place:
    """A line of CSV, counted with the heading; a row of Parquet, which has no lines."""
    row = f"row {line}" if file.endswith(".parquet") else ""
    return Place(file, None if row else line, cell=column, row=row)
