"""The quick reading of a case's rows takes nothing the reading of files does not take, and takes it alike."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random
from typing import Any

import pytest

import answerable
from answerable.definition import Programme, read, read_programme, schemas
from answerable.definition.reader import Lines
from answerable.exchange import cases
from answerable.exchange.cases import Case, case_files, read_case
from answerable.exchange.small_tables import tables_in_order
from answerable.values import Issue, Refused, Table
from tests.unit.exchange import district

SHIPPED = sorted(file.parent for file in Path(answerable.__file__).parent.glob("programmes/*/programme.yaml"))
MANY = {"nightly": 5000}.get(os.environ.get("ANSWERABLE_EFFORT", ""), 120)

PAID = "en: Paid}, measure: money, topic: benefit_payment, owner: unit, use: scored}\n"
POSTED = (
    "      - {id: posted, title: {zh: 已贴, en: Posted}, measure: flag, topic: openness, owner: unit, use: context}\n"
)
PROGRAMME: Programme = read(
    district.PROGRAMME.replace(PAID, PAID.replace("money", "quantity, decimals: 2") + POSTED)
    .replace("show: percent", "show: number")
    .encode()
)

Rows = dict[str, list[dict[str, str | None]]]

CELLS = [
    None,
    "",
    " ",
    "0",
    "1",
    "-1",
    "-0.50",
    "007",
    "1.5",
    "1.500",
    "+1",
    "1e3",
    "１２",
    "9" * 19,
    "1" * 13,
    "x",
    "甲",
]
CELLS += [
    "a b",
    " a",
    "a\u3000",
    "a\nb",
    'a"b',
    "a,b",
    "\u200b",
    "A",
    "B",
    "Z",
    "unit",
    "monthly",
    "monthly;",
    ";yearly",
]
CELLS += ["2025-02", "2025-13", "0999-01", "202502", "2025-02-29", "2024-02-29", "20250203", "2025-W01-1", "0000-01-01"]
CELLS += ["2025-01-02T03:04:05Z", "2025-01-02T24:00:00Z", "2025-02-30T00:00:00Z", "2025-01-02", "paid", "stale_board"]
CELLS += ["missing", "suppressed", "not_applicable", "unknown", "confirmed", "withdrawn", "open", "true"]


def sound() -> Rows:
    """Some rows of every table, none at fault."""
    unit: dict[str, str | None] = {"unit": "B", "name_zh": "乙", "name_en": "B, the second", "kind": "unit"}
    figures: dict[str, str | None] = {
        "unit": "A",
        "version": "1",
        "received_at": "2025-02-03T01:02:03Z",
        "due": "100",
        "paid": "99.5",
    }
    finding: dict[str, str | None] = {
        "unit": "A",
        "kind": "stale_board",
        "occurrences": "2",
        "status": "confirmed",
        "found_on": "2025-03-01",
    }
    recount: dict[str, str | None] = {
        "visit": "V",
        "unit": "A",
        "form": "monthly",
        "period": "2025-01",
        "field": "paid",
    }
    return {
        "units": [
            unit | {"parent": "A", "opened": "2020-02-29", "closed": "2025-12-31", "forms": "monthly"},
            unit | {"unit": "A", "forms": None, "peer_group": "town"},
        ],
        "agreements": [{"unit": "A", "version": "1", "issued_on": "2025-01-05", "unit_signed_on": "2025-01-06"}],
        "returns-monthly": [
            figures | {"period": "2025-02", "posted": "1", "paid": "-0.25"},
            figures | {"period": "2025-01", "due": "missing", "posted": "suppressed", "posted_state": ""},
            figures | {"period": "2025-01", "version": "2", "due": "", "due_state": "not_applicable"},
        ],
        "visits": [{"visit": "V", "unit": "A", "visited_on": "2025-03-01", "reason": "drawn"}],
        "recounts": [recount | {"reported": "5", "recounted": "4"}],
        "findings": [{"finding": "F", "visit": "V", **finding}],
        "corrections": [{"correction": "C", "unit": "A", "due_on": "2025-04-01", "closed_on": None}],
    }


def case_of(rows: Rows) -> Case:
    """A case with these rows and nothing to compare."""
    return Case("", district.YEAR, rows, {}, Lines("case.yaml"))


def by_files(rows: Rows, programme: Programme = PROGRAMME) -> Any:
    """The tables as they are read from files, or the issues."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cases, "tables_in_order", lambda *_: None)
        try:
            return cases._tables(case_of(rows), programme)
        except Refused as refused:
            return refused.issues


def columns(tables: Any) -> Any:
    if not isinstance(tables, dict):
        return tables
    held = {name: table for name, table in tables.items() if isinstance(table, Table)}
    return {
        name: (table.schema, {key: list(cells) for key, cells in table.columns.items()}) for name, table in held.items()
    }


def same(rows: Rows, programme: Programme = PROGRAMME) -> bool:
    """Whether the rows are taken at once; then they are what the files give."""
    taken = tables_in_order(rows, programme)
    if taken is not None:
        assert columns(taken) == columns(by_files(rows, programme)), rows
    return taken is not None


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda folder: folder.name)
def test_the_rows_of_every_shipped_case_are_taken_at_once(folder: Path) -> None:
    programme = read_programme(folder)
    for file in case_files(folder):
        assert same({name: list(map(dict, rows)) for name, rows in read_case(file).tables.items()}, programme), file


def test_sound_rows_of_every_table_are_taken_at_once() -> None:
    assert set(sound()) == set(schemas(PROGRAMME))
    assert same(sound())
    for name in set(sound()) - {"units"}:
        assert same({"units": sound()["units"], name: []})


def test_random_rows_are_never_taken_otherwise_than_from_files() -> None:
    random, taken = Random(5), 0
    for _ in range(MANY):
        rows = sound()
        for _ in range(random.choice([1, 1, 1, 2])):
            spoil(rows, random)
        taken += same(rows)
    assert MANY // 10 < taken < MANY * 9 // 10


def spoil(rows: Rows, random: Random) -> None:
    """Change a cell, lose one, double, lose or empty a row, or lose a table."""
    name = random.choice(sorted(rows))
    at = random.randrange(len(rows[name])) if rows[name] else None
    if at is None:
        return
    row = rows[name][at]
    match random.randrange(10):
        case 0:
            row.pop(random.choice(sorted(row)))
        case 1:
            rows[name].append(row | random.choice([{}, {"version": "7"}, {"unit": "B"}]))
        case 2:
            del rows[name][at]
        case _:
            header = schemas(PROGRAMME)[name].header
            row[random.choice([*header, *header, "strange"])] = random.choice(CELLS)


# What no case can hold, by the code the reading of files has for it: a table, a row of it, and what is changed there.
FAULTS: list[tuple[str, str, dict[str, str | None]]] = [
    ("unknown_column", "visits", {"strange": "1"}),
    ("empty_cell", "visits", {"reason": ""}),
    ("not_a_number", "recounts", {"reported": "five"}),
    ("too_many_decimals", "recounts", {"reported": "5.5"}),
    ("number_too_large", "recounts", {"reported": "9" * 19}),
    ("not_a_flag", "returns-monthly", {"posted": "2"}),
    ("no_such_month", "recounts", {"period": "2025-13"}),
    ("no_such_day", "visits", {"visited_on": "2025-02-30"}),
    ("no_such_time", "returns-monthly", {"received_at": "2025-01-01T25:00:00Z"}),
    ("unknown_state", "returns-monthly", {"posted": "", "posted_state": "lost"}),
    ("value_and_state", "returns-monthly", {"posted": "1", "posted_state": "missing"}),
    ("repeated_row", "returns-monthly", {"period": "2025-01"}),
    ("unknown_unit", "visits", {"unit": "Z"}),
    ("unknown_unit_kind", "units", {"kind": "village"}),
    ("no_such_parent", "units", {"parent": "Z"}),
    ("circle_of_parents", "units", {"parent": "B"}),
    ("closed_before_opened", "units", {"opened": "2026-01-01"}),
    ("unknown_form", "units", {"forms": "monthly;daily"}),
    ("unknown_field", "recounts", {"field": "lost"}),
    ("unknown_finding_kind", "findings", {"kind": "late"}),
    ("unknown_status", "findings", {"status": "open"}),
]


@pytest.mark.parametrize(("code", "table", "change"), FAULTS, ids=[code for code, _, _ in FAULTS])
def test_what_is_at_fault_is_left_to_the_reading_of_files(code: str, table: str, change: dict[str, str | None]) -> None:
    rows = sound()
    rows[table][0] |= change
    issues = by_files(rows)
    assert isinstance(issues, tuple) and f"tables.{code}" in {
        issue.code for issue in issues if isinstance(issue, Issue)
    }
    assert tables_in_order(rows, PROGRAMME) is None


def test_every_fault_of_a_row_is_tried_here() -> None:
    from answerable.values.issue import catalogue

    of_files = {
        "unknown_file",
        "two_files",
        "unreadable",
        "cells_in_row",
        "repeated_column",
        "missing_column",
        "and_more",
        # never taken at once: test_tables_given.py
        "form_of_other_kinds",
        "unknown_panel",
        "score_out_of_range",
        "unknown_matter_kind",
        "unknown_level",
        "unknown_target",
        "unknown_indicator",
    }
    known = {code.removeprefix("tables.") for code in catalogue() if code.startswith("tables.")}
    assert {code for code, _, _ in FAULTS} == known - of_files


def test_a_case_without_units_is_left_to_the_reading_of_files() -> None:
    assert tables_in_order({}, PROGRAMME) is None
