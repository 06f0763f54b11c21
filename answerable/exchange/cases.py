"""Worked cases beside a programme: small tables, and what a person worked out from them with pen and paper.

`answerable check` runs them by the judge, so a programme whose rules do not say what its author meant is found before
anyone is scored by it; the tests run those that are shipped by every engine. docs/tables.md shows a whole case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from answerable.definition import Programme, schemas
from answerable.definition.reader import Lines, read_plain
from answerable.exchange.small_tables import RowsOfTables, tables_in_order
from answerable.scoring import ENGINES, Scorecard, score
from answerable.scoring.run import Engine
from answerable.values.canonical import canonical_csv
from answerable.values.issue import Issue, Place, Refused
from answerable.values.number import scaled_text
from answerable.values.period import Period
from answerable.values.table import Cell, Table, Tables

__all__ = ["Case", "case_files", "read_case", "run_case", "run_cases"]

_KEYS = ("title", "worked_by_hand", "period", "tables", "expect")
_MAPPINGS = ("indicators", "items", "ranks")
_EXPECTED = (*_MAPPINGS, "total", "grade", "vetoes")


@dataclass(frozen=True)
class Case:
    """One worked case, as written."""

    title: str
    period: Period
    tables: RowsOfTables
    expect: Mapping[str, Mapping[str, Any]]
    lines: Lines


def case_files(path: Path) -> list[Path]:
    """The cases beside a programme file, or in its folder, by name."""
    return sorted(((path if path.is_dir() else path.parent) / "cases").glob("*.yaml"))


def run_cases(path: Path, programme: Programme, engines: Sequence[Engine] = ("reference",)) -> list[Issue]:
    """Run every case beside a programme.

    Args:
        path: the programme file or its folder.
        engines: the judge alone, unless more are asked for; for tables this small it is the faster one.

    Returns:
        Every figure that differs from the one worked out by hand, and every case that cannot be read.
    """
    return [issue for file in case_files(path) for issue in run_case(file, programme, engines)]


def run_case(file: Path, programme: Programme, engines: Sequence[Engine] = ENGINES) -> list[Issue]:
    """Run one case with each engine and give what differs."""
    try:
        case = read_case(file)
        tables = _tables(case, programme)
        cards = [(engine, score(programme, tables, case.period, engine)) for engine in engines]
        return [issue for engine, card in cards for issue in _Comparison(case, engine, card).issues()]
    except Refused as refused:
        return [issue if issue.place.file else replace(issue, place=Place(str(file))) for issue in refused.issues]


def read_case(file: Path) -> Case:
    """Read one case.

    Raises:
        Refused: with every issue of its shape.
    """
    plain, lines = read_plain(file.read_bytes(), str(file))
    issues = list(_faults(plain, lines))
    if issues:
        raise Refused(issues)
    return Case(plain["title"], Period.parse(plain["period"]), plain["tables"] or {}, plain["expect"], lines)


def _faults(plain: Any, lines: Lines) -> Iterator[Issue]:
    if not isinstance(plain, dict):
        yield Issue("case.wrong_shape", lines.place(()), {"key": "case", "what": "a mapping"})
        return
    known = ", ".join(_KEYS)
    yield from (Issue("case.missing_key", lines.place(()), {"key": key}) for key in _KEYS if key not in plain)
    for key in [key for key in plain if key not in _KEYS]:
        yield Issue("case.unknown_key", lines.place((key,)), {"key": key, "known": known})
    for key in [key for key in ("tables", "expect") if not isinstance(plain.get(key, {}), dict)]:
        yield Issue("case.wrong_shape", lines.place((key,)), {"key": key, "what": "a mapping"})
    for key in [key for key in ("title", "worked_by_hand") if not _is_said(plain.get(key, "said"))]:
        yield Issue("case.wrong_shape", lines.place((key,)), {"key": key, "what": "a text"})
    yield from _period_faults(plain, lines)
    yield from _table_faults(plain.get("tables"), lines)
    yield from _expect_faults(plain.get("expect"), lines)


def _is_said(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _period_faults(plain: Mapping[str, Any], lines: Lines) -> Iterator[Issue]:
    try:
        Period.parse(str(plain.get("period", "2025")))
    except ValueError:
        yield Issue("case.no_such_period", lines.place(("period",)), {"period": str(plain["period"])})


def _table_faults(tables: Any, lines: Lines) -> Iterator[Issue]:
    for name, rows in tables.items() if isinstance(tables, dict) else ():
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            yield Issue("case.wrong_shape", lines.place(("tables", name)), {"key": name, "what": "a list of rows"})
            continue
        for at, row in enumerate(rows):
            for key in [key for key, cell in row.items() if not (cell is None or isinstance(cell, str))]:
                place = lines.place(("tables", name, at, key))
                yield Issue("case.wrong_shape", place, {"key": key, "what": "one value"})


def _expect_faults(expect: Any, lines: Lines) -> Iterator[Issue]:
    if expect == {}:
        yield Issue("case.claims_nothing", lines.place(("expect",)), {"key": "expect"})
    for unit, figures in expect.items() if isinstance(expect, dict) else ():
        if not isinstance(figures, dict):
            yield Issue("case.wrong_shape", lines.place(("expect", unit)), {"key": unit, "what": "a mapping"})
            continue
        if not figures:
            yield Issue("case.claims_nothing", lines.place(("expect", unit)), {"key": unit})
        for key in figures:
            yield from _figure_faults(key, figures[key], ("expect", unit, key), lines)


def _figure_faults(key: str, figures: Any, path: tuple[str, ...], lines: Lines) -> Iterator[Issue]:
    """A claim that says nothing holds always: it is a fault."""
    place, mapping = lines.place(path), key in _MAPPINGS
    if key not in _EXPECTED:
        yield Issue("case.unknown_key", place, {"key": key, "known": ", ".join(_EXPECTED)})
    elif figures is None or figures == {}:
        yield Issue("case.claims_nothing", place, {"key": key})
    elif mapping != isinstance(figures, dict) or isinstance(figures, list):
        yield Issue("case.wrong_shape", place, {"key": key, "what": "a mapping" if mapping else "one value"})
    elif mapping:
        for name in [name for name, figure in figures.items() if not isinstance(figure, str)]:
            yield Issue("case.wrong_shape", lines.place((*path, name)), {"key": name, "what": "one value"})


def _tables(case: Case, programme: Programme) -> Tables:
    """The tables of a case. What is not plainly in order is read from files as any others: a case cannot hold what an
    office could not send.
    """
    known = schemas(programme)
    strange = [name for name in case.tables if name not in known]
    if strange:  # a name becomes the name of a file: no other is taken
        facts = {"known": ", ".join(sorted(known))}
        raise Refused(
            Issue("case.unknown_table", case.lines.place(("tables", name)), {"name": name, **facts}) for name in strange
        )
    if (made := tables_in_order(case.tables, programme)) is not None:
        return made
    with TemporaryDirectory() as folder:
        for name, rows in case.tables.items():
            header = dict.fromkeys(known[name].header)
            names = list(header | dict.fromkeys(key for row in rows for key in row))
            cells = [[row.get(key) for key in names] for row in rows]
            (Path(folder) / f"{name}.csv").write_bytes(canonical_csv(names, cells))
        try:
            # Loaded only here: the library of columns takes longer to load than most cases to run.
            read: Tables = import_module("answerable.exchange.tables").read_tables(Path(folder), programme)
            return read
        except Refused as refused:
            raise Refused([_in_case(issue, case) for issue in refused.issues]) from refused


def _in_case(issue: Issue, case: Case) -> Issue:
    """The same issue, at the row of the case instead of the line of a file."""
    table, row = Path(issue.place.file).stem, (issue.place.line or 1) - 2
    near = case.lines.place(("tables", table, row) if row >= 0 else ("tables", table))
    return replace(issue, place=Place(near.file, near.line, sheet=table, cell=issue.place.cell))


class _Comparison:
    """What one engine gives beside what was worked out by hand."""

    def __init__(self, case: Case, engine: Engine, scorecard: Scorecard) -> None:
        self.case = case
        self.engine = engine
        self.scorecard = scorecard

    def issues(self) -> Iterator[Issue]:
        """Each figure that differs, and each name that is not in the scorecard."""
        for unit, figures in self.case.expect.items():
            if unit not in self.totals:
                yield self.unknown(unit, ("expect", unit), self.totals)
                continue
            yield from self.one(("expect", unit, "total"), figures.get("total"), self.totals[unit])
            yield from self.one(("expect", unit, "grade"), figures.get("grade"), self.words("grade")[unit])
            yield from self.one(("expect", unit, "vetoes"), figures.get("vetoes"), self.words("vetoes")[unit])
            for key, known in (("indicators", self.indicators), ("items", self.items), ("ranks", self.ranks)):
                yield from self.several(("expect", unit, key), figures.get(key) or {}, known.get(unit, {}))

    def several(
        self, path: tuple[str, str, str], figures: Mapping[str, Any], known: Mapping[str, str]
    ) -> Iterator[Issue]:
        for name, expected in figures.items():
            if name in known:
                yield from self.one((*path, name), expected, known[name])
            else:
                yield self.unknown(name, (*path, name), known)

    def one(self, path: tuple[str, ...], expected: str | None, got: str) -> Iterator[Issue]:
        if expected is not None and expected != got:
            facts = {"what": path[-1], "unit": path[1], "expected": expected, "got": got, "engine": self.engine}
            yield Issue("case.differs", self.case.lines.place(path), facts)

    def unknown(self, name: str, path: tuple[str, ...], known: Mapping[str, str]) -> Issue:
        facts = {"name": name, "known": ", ".join(sorted(known)) or "-"}
        return Issue("case.unknown_name", self.case.lines.place(path), facts)

    # -- what the engine gives, as a person writes it ---------------------------------------------------------------

    @cached_property
    def totals(self) -> dict[str, str]:
        return {unit: figure for unit, _, figure in self.figures("grades", "kind", "total")}

    def words(self, column: str) -> dict[str, str]:
        """What each unit has in a column of words of the grades."""
        held = self.scorecard.grades.columns
        return {str(unit): str(cell or "") for unit, cell in zip(held["unit"], held[column], strict=True)}

    @cached_property
    def indicators(self) -> dict[str, dict[str, str]]:
        return self.by_unit("indicators", "indicator", "value")

    @cached_property
    def items(self) -> dict[str, dict[str, str]]:
        return self.by_unit("scores", "node", "points", absent="exempt")

    @cached_property
    def ranks(self) -> dict[str, dict[str, str]]:
        return self.by_unit("ranks", "rank", "place")

    def by_unit(self, table: str, name: str, figure: str, absent: str = "") -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for unit, called, written in self.figures(table, name, figure, absent):
            found.setdefault(unit, {})[called] = written
        return found

    def figures(self, table: str, name: str, figure: str, absent: str = "") -> Iterator[tuple[str, str, str]]:
        """Unit, name and figure of each row; where there is no figure the word `absent`, or the row's own state."""
        held: Table = self.scorecard.tables[table]
        decimals = held.schema.column(figure).decimals
        for row in held.rows():
            cell: Cell = row[figure]
            written = absent or str(row.get("state")) if cell is None else scaled_text(int(cell), decimals)
            yield str(row["unit"]), str(row[name]), written
