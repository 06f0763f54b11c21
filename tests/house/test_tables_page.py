"""docs/tables.md names every table, column and file there is, and what it shows can be done."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from answerable.definition import read_programme
from answerable.definition.tables import FIXED, returns_schema
from answerable.exchange.cases import run_case
from answerable.exchange.tables import read_tables
from answerable.scoring.scorecard import Scorecard, scorecard_schemas
from answerable.values import Period, Table
from answerable.values.table import Absence, Schema
from tests.house.checkout import ROOT, text_files

PAGE = text_files()["docs/tables.md"]
PROGRAMMES = ROOT / "answerable/programmes"
CHILD_HEALTH = read_programme(PROGRAMMES / "child_health")
RETURNS = returns_schema(CHILD_HEALTH.forms[0])


def section(title: str) -> str:
    """What stands under a heading, up to the next of its size."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"docs/tables.md has no heading {title}"
    return found[1]


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def described(title: str) -> dict[str, str]:
    """Column -> its type, from the first table under a heading."""
    rows = [row.split("|")[1:4] for row in section(title).splitlines() if row.startswith("| `")]
    return {name: kind.strip() for cell, kind, _ in rows for name in names(cell)}


def expected(schema: Schema, fields: Iterable[str] = ()) -> dict[str, str]:
    return {
        column.name: column.type + (", needed" if column.required else "")
        for column in schema.columns
        if column.name not in fields
    }


@pytest.mark.parametrize("schema", FIXED.values(), ids=lambda schema: schema.name)
def test_the_page_describes_every_column_of_a_table_and_no_other(schema: Schema) -> None:
    assert described(schema.name) == expected(schema)
    key = re.search(r"; key ([^.]*)\.", section(schema.name))
    assert key and tuple(names(key[1])) == schema.key


def test_the_page_describes_the_columns_every_return_has() -> None:
    fields = [field.id for field in CHILD_HEALTH.forms[0].fields]
    assert described("returns-FORM") == expected(RETURNS, fields)
    key = re.search(r"; key ([^.]*)\.", section("returns-FORM"))
    assert key and tuple(names(key[1])) == RETURNS.key


def test_the_page_names_every_state_of_an_absent_cell() -> None:
    assert set(Absence) == {
        Absence(names(row)[0]) for row in section("Four states of a cell").splitlines() if row.startswith("| `")
    }


def test_the_page_describes_every_file_of_a_scorecard() -> None:
    rows = [
        row.split("|")[1:4] for row in section("What `answerable score` writes").splitlines() if row.startswith("| `")
    ]
    told = {names(file)[0]: names(columns) for file, _, columns in rows}
    for name, schema in scorecard_schemas(CHILD_HEALTH).items():
        assert [column for column in told[name] if column in schema.header] == list(schema.header)
    assert told.keys() == scorecard_schemas(CHILD_HEALTH).keys()


def test_the_page_says_what_a_scorecard_file_holds() -> None:
    empty = {
        name: Table(schema, {column: [] for column in schema.header})
        for name, schema in scorecard_schemas(CHILD_HEALTH).items()
    }
    document = Scorecard("child_health", CHILD_HEALTH.digest, Period.of_year(2025), empty).document()
    assert set(document) == {"format", "programme", "programme_digest", "period", "units", "grades", "tables"}, (
        "tell it on the page"
    )


def test_the_return_on_the_page_is_read_as_it_says(tmp_path: Path) -> None:
    programme = tmp_path / "programme.yaml"
    text = (PROGRAMMES / "family_services/programme.yaml").read_text("utf-8")
    programme.write_text(text, "utf-8")
    (shown,) = re.findall(r"```\n(unit,period.*?)```", section("returns-FORM"), re.DOTALL)
    form = read_programme(programme).form("monthly")
    others = [field.id for field in form.fields if f",{field.id}," not in shown.splitlines()[0] + ","]
    head, *rows = shown.splitlines()
    (tmp_path / "tables").mkdir()
    whole = "\n".join([",".join([head, *others]), *(row + "," * len(others) for row in rows)])
    (tmp_path / "tables/returns-monthly.csv").write_text(whole + "\n", "utf-8")
    units = "unit,name_zh,name_en,kind\nX01,甲,First,department\nX02,乙,Second,department\n"
    (tmp_path / "tables/units.csv").write_text(units, "utf-8")
    returns = read_tables(tmp_path / "tables", read_programme(programme))["returns-monthly"]
    assert isinstance(returns, Table)
    read = [
        (row["requests"], row["requests_state"], row["requests_done"], row["requests_done_state"])
        for row in returns.rows()
    ]
    assert read == [(40, None, 39, None), (0, None, None, "not_applicable"), (None, "suppressed", 12, None)]


def test_the_case_on_the_page_holds(tmp_path: Path) -> None:
    (shown,) = re.findall(r"```yaml\n(.*?)```", section("Worked cases"), re.DOTALL)
    case = tmp_path / "case.yaml"
    case.write_text(shown, "utf-8")
    assert [issue.line_of_text("en") for issue in run_case(case, CHILD_HEALTH)] == []
    case.write_text(shown.replace("13.89", "13.88"), "utf-8")
    assert {issue.code for issue in run_case(case, CHILD_HEALTH)} == {"case.differs"}
