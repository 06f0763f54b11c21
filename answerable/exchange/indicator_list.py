"""A CSV list of indicators in words -> rows to be judged: name, definition, use, target, in any order of columns."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from answerable.values.issue import Issue, Place, Refused

__all__ = ["IndicatorWords", "read_indicator_list"]

COLUMNS = ("name", "definition", "use", "target")


@dataclass(frozen=True)
class IndicatorWords:
    """An indicator as text, with the line it stands on."""

    line: int
    name: str
    definition: str
    use: str
    target: str


def read_indicator_list(file: Path) -> list[IndicatorWords]:
    """Read a list of indicators; other columns are left aside, empty lines too.

    Raises:
        Refused: with every column that is missing and every row whose cells do not match the heading.
    """
    try:
        text = file.read_bytes().decode("utf-8-sig")
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        heading = [name.strip().casefold() for name in next(reader, [])]
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except FileNotFoundError as error:
        raise Refused([Issue("file.not_found", Place(str(file)), {"name": file.name})]) from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Refused([Issue("tables.unreadable", Place(str(file)), {"why": str(error)})]) from error
    if issues := _faults(file, heading, rows):
        raise Refused(issues)
    return [_words(line, dict(zip(heading, row, strict=True))) for line, row in rows]


def _faults(file: Path, heading: list[str], rows: list[tuple[int, list[str]]]) -> list[Issue]:
    found = [
        Issue("tables.missing_column", Place(str(file), 1), {"column": column})
        for column in COLUMNS
        if column not in heading
    ]
    found += [
        Issue("tables.repeated_column", Place(str(file), 1), {"column": column})
        for column in COLUMNS
        if heading.count(column) > 1
    ]
    found += [
        Issue("tables.cells_in_row", Place(str(file), line), {"found": str(len(row)), "width": str(len(heading))})
        for line, row in rows
        if len(row) != len(heading)
    ]
    return found


def _words(line: int, row: dict[str, str]) -> IndicatorWords:
    return IndicatorWords(line, *(row[column].strip() for column in COLUMNS))
