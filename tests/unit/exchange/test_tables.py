"""A folder of tables: what is read, what is refused and where, and that writing undoes reading."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from answerable.definition import Programme, read
from answerable.exchange.tables import read_tables, write_tables
from answerable.values import Issue, Refused, Table
from answerable.values.table import StoredTable

WORDS = {"zh": "字", "en": "word"}
FIELDS = {"made": ("count", 0), "dose": ("quantity", 2), "posted": ("flag", 0)}


def programme() -> Programme:
    """Two forms: `monthly` with a count, a quantity of two decimals and a flag; `yearly` with one count."""
    rounding = {"mode": "half_up", "decimals": "2"}
    document = {
        "programme": "small",
        "version": "1",
        "title": WORDS,
        "office": WORDS,
        "legal_basis": ["rules#1"],
        "in_force": {"from": "2025-01-01", "until": "2026-01-01"},
        "time_zone": "Asia/Shanghai",
        "units": {"kinds": {"town": WORDS, "county": WORDS}, "assess": ["town"]},
        "sources": [{"id": "rules", "title": WORDS}],
        "forms": [form("monthly", FIELDS), form("yearly", {"held": ("count", 0)})],
        "findings": [{"id": "late", "title": WORDS, "clause": "rules#2", "topic": "reporting"}],
        "indicators": [
            {"id": "filed", "title": WORDS, "formula": "count(monthly)", "missing": "unassessable", "show": "number"}
        ],
        "tree": [
            {
                "id": "filing",
                "title": WORDS,
                "points": "10",
                "clause": "rules#3",
                "indicator": "filed",
                "rule": {"ratio_to_target": "12"},
                "absent": "zero",
            }
        ],
        "grades": {"on": "rounded", "rated_from": "1", "bands": [{"grade": "any", "title": WORDS, "from": "0"}]},
        "rounding": {"indicator": rounding, "item": rounding, "total": rounding, "add": "rounded"},
    }
    return read(json.dumps(document).encode())


def form(name: str, fields: dict[str, tuple[str, int]]) -> dict[str, Any]:
    common = {"topic": "process", "owner": "office", "use": "context"}
    listed = [
        {
            "id": id,
            "title": {"zh": f"{name} {id}", "en": f"{name} {id}"},
            "measure": measure,
            "decimals": str(at),
            **common,
        }
        for id, (measure, at) in fields.items()
    ]
    due = {"day": "5", "months_after": "1"}
    return {"id": name, "title": WORDS, "owner": "office", "clause": "rules#4", "due": due, "fields": listed}


UNITS = "unit,name_zh,name_en,kind,parent\nA,甲县,A,county,\nA1,甲一,A1,town,A\nA2,甲二,A2,town,A\n"
HEAD = "unit,period,version,received_at,made,dose,posted\n"
STATEFUL = "unit,period,version,received_at,made,made_state,dose,dose_state,posted,posted_state\n"
FINDINGS = "finding,visit,unit,kind,occurrences,status,found_on\n"


def folder(path: Path, **files: str | bytes) -> Path:
    """A folder with good units and these files; `returns_monthly` is the file returns-monthly.csv."""
    for name, text in {"units": UNITS, **files}.items():
        data = text.encode() if isinstance(text, str) else text
        (path / f"{name.replace('_', '-')}.csv").write_bytes(data)
    return path


def refused(path: Path, stored: bool = False, **files: str | bytes) -> tuple[Issue, ...]:
    with pytest.raises(Refused) as caught:
        read_tables(folder(path, **files), programme(), stored=stored)
    return caught.value.issues


def told(issues: tuple[Issue, ...]) -> list[tuple[str, str]]:
    return [(issue.code.removeprefix("tables."), str(issue.place)) for issue in issues]


def table(path: Path, name: str, **files: str | bytes) -> Table:
    held = read_tables(folder(path, **files), programme())[name]
    assert isinstance(held, Table)
    return held


# -- what is read ------------------------------------------------------------------------------------------------------


def test_a_table_without_a_file_is_empty_and_units_must_be_there(tmp_path: Path) -> None:
    tables = read_tables(folder(tmp_path), programme())
    fixed = {"units", "agreements", "visits", "recounts", "findings", "corrections"}
    assert set(tables) == fixed | {"returns-monthly", "returns-yearly"}
    assert {name: len(held) for name, held in tables.items() if isinstance(held, Table) and len(held)} == {"units": 3}
    (tmp_path / "units.csv").unlink()
    with pytest.raises(Refused, match=r"file\.not_found"):
        read_tables(tmp_path, programme())


def test_a_folder_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"file\.not_found"):
        read_tables(tmp_path / "nowhere", programme())


def test_zero_is_zero_and_an_empty_cell_is_missing(tmp_path: Path) -> None:
    held = table(tmp_path, "returns-monthly", returns_monthly=HEAD + "A1,2025-01,1,,0,,\n")
    assert (held.columns["made"], held.columns["dose"]) == ([0], [None])
    assert held.columns["dose_state"] == [None]


def test_decimals_are_scaled_integers_and_a_minus_stays(tmp_path: Path) -> None:
    rows = "".join(f"A1,2025-0{at},1,,{at},{text},1\n" for at, text in enumerate(("1.5", "-0.05", "+3", "007.10"), 1))
    assert table(tmp_path, "returns-monthly", returns_monthly=HEAD + rows).columns["dose"] == [150, -5, 300, 710]


def test_digits_of_full_width_are_digits(tmp_path: Path) -> None:
    held = table(tmp_path, "returns-monthly", returns_monthly=HEAD + "A1,2025-01,１,,１２,３．５０,１\n")
    assert [held.columns[name] for name in ("version", "made", "dose", "posted")] == [[1], [12], [350], [1]]


def test_a_state_may_stand_beside_the_cell_or_in_its_place(tmp_path: Path) -> None:
    rows = "A1,2025-01,1,,,suppressed,not_applicable,,,\nA1,2025-02,1,,missing,missing,2,,,\n"
    held = table(tmp_path, "returns-monthly", returns_monthly=STATEFUL + rows)
    assert held.columns["made"] == [None, None]
    assert held.columns["made_state"] == ["suppressed", "missing"]
    assert (held.columns["dose"], held.columns["dose_state"]) == ([None, 200], ["not_applicable", None])


def test_rows_come_in_order_of_their_key_whatever_the_order_of_the_file(tmp_path: Path) -> None:
    rows = "A2,2025-01,1,,1,,\nA1,2025-02,1,,2,,\nA1,2025-01,2,,3,,\nA1,2025-01,1,,4,,\n"
    assert table(tmp_path, "returns-monthly", returns_monthly=HEAD + rows).columns["made"] == [4, 3, 2, 1]


def test_units_without_a_column_of_forms_file_every_form_and_an_empty_cell_means_none(tmp_path: Path) -> None:
    assert set(table(tmp_path, "units").columns["forms"]) == {"monthly;yearly"}
    units = "unit,name_zh,name_en,kind,forms\nA,甲,A,town,\nB,乙,B,town,yearly\n"
    assert table(tmp_path, "units", units=units).columns["forms"] == [None, "yearly"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_names_are_read_in_every_encoding_an_office_saves(tmp_path: Path, encoding: str) -> None:
    assert table(tmp_path, "units", units=UNITS.encode(encoding)).columns["name_zh"] == ["甲县", "甲一", "甲二"]


def test_an_encoding_that_could_be_another_is_refused(tmp_path: Path) -> None:
    units = "unit,name_zh,name_en,kind\nA,Évêché,Évêché,town\n"
    issues = refused(tmp_path, units=units.encode("latin-1"))
    assert told(issues) == [("unreadable", "units.csv:1")]


def test_commas_quotes_and_line_breaks_in_quotes_belong_to_the_cell(tmp_path: Path) -> None:
    units = 'unit,name_zh,name_en,kind\nA,"甲,一","the ""first""\nof two",town\n\nB,乙,B,city\n'
    assert told(refused(tmp_path, units=units)) == [("unknown_unit_kind", "units.csv:5:kind")]
    held = table(tmp_path, "units", units=units.replace("city", "town"))
    assert held.columns["name_zh"] == ["甲,一", "乙"]
    assert held.columns["name_en"] == ['the "first"\nof two', "B"]


def test_line_ends_of_every_system_and_blank_lines_do_not_matter(tmp_path: Path) -> None:
    for end in ("\n", "\r\n", "\r"):
        assert len(table(tmp_path, "units", units=UNITS.replace("\n", end) + end)) == 3


# -- what is refused, and where ----------------------------------------------------------------------------------------

CELLS = [
    ("A1,2025-13,1,,1,,", "no_such_month", "period"),
    ("A1,2025-1,1,,1,,", "no_such_month", "period"),
    ("A1,0999-01,1,,1,,", "no_such_month", "period"),
    ("A1,,1,,1,,", "empty_cell", "period"),
    ("A1,2025-01,,,1,,", "empty_cell", "version"),
    ("A1,2025-01,one,,1,,", "not_a_number", "version"),
    ("A1,2025-01,1,,many,,", "not_a_number", "made"),
    ("A1,2025-01,1,,1e3,,", "not_a_number", "made"),
    ("A1,2025-01,1,,12.,,", "not_a_number", "made"),
    ("A1,2025-01,1,,1.5,,", "too_many_decimals", "made"),
    ("A1,2025-01,1,,,1.234,", "too_many_decimals", "dose"),
    ("A1,2025-01,1,,9999999999999999999,,", "number_too_large", "made"),
    ("A1,2025-01,1,,,12345678901234567.01,", "number_too_large", "dose"),
    ("A1,2025-01,1,,,,2", "not_a_flag", "posted"),
    ("A1,2025-01,1,,,,yes", "not_a_flag", "posted"),
    ("A1,2025-01,1,2025-04-03 02:11,1,,", "no_such_time", "received_at"),
    ("A1,2025-01,1,2025-02-30T02:11:09Z,1,,", "no_such_time", "received_at"),
    ("A1,2025-01,1,2025-02-03T25:11:09Z,1,,", "no_such_time", "received_at"),
    ("A9,2025-01,1,,1,,", "unknown_unit", "unit"),
]


@pytest.mark.parametrize(("row", "code", "column"), CELLS, ids=[f"{code}: {row}" for row, code, _ in CELLS])
def test_a_cell_that_is_not_what_its_column_holds_is_refused_at_its_line(
    tmp_path: Path, row: str, code: str, column: str
) -> None:
    issues = refused(tmp_path, returns_monthly=f"{HEAD}A1,2025-12,1,,1,,\n{row}\n")
    assert told(issues) == [(code, f"returns-monthly.csv:3:{column}")]
    assert issues[0].facts["column"] == column
    assert issues[0].advice("zh") and issues[0].advice("en")


def test_a_figure_of_eighteen_digits_is_exact(tmp_path: Path) -> None:
    rows = "A1,2025-01,1,,999999999999999999,9999999999999999.99,\n"
    held = table(tmp_path, "returns-monthly", returns_monthly=HEAD + rows)
    assert (held.columns["made"], held.columns["dose"]) == ([10**18 - 1], [10**18 - 1])


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("A1,2025-01,1,,5,missing,,,,", "value_and_state"),
        ("A1,2025-01,1,,suppressed,missing,,,,", "value_and_state"),
        ("A1,2025-01,1,,,absent,,,,", "unknown_state"),
    ],
)
def test_a_value_and_a_state_or_a_state_nobody_knows_is_refused(tmp_path: Path, row: str, code: str) -> None:
    assert told(refused(tmp_path, returns_monthly=f"{STATEFUL}{row}\n")) == [(code, "returns-monthly.csv:2:made")]


def test_a_return_filed_twice_is_refused_and_a_revision_is_not(tmp_path: Path) -> None:
    rows = "A1,2025-01,1,,1,,\nA1,2025-01,2,,2,,\nA1,2025-01,1,,3,,\n"
    (issue,) = refused(tmp_path, returns_monthly=HEAD + rows)
    assert told((issue,)) == [("repeated_row", "returns-monthly.csv:4")]
    assert issue.facts == {"key": "unit A1, period 2025-01, version 1", "first": "2"}


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        ("unit,name_zh,name_en,kind,parent\nA,甲,A,town,Z\n", [("no_such_parent", "units.csv:2:parent")]),
        (
            "unit,name_zh,name_en,kind,parent\nA,甲,A,town,B\nB,乙,B,town,A\nC,丙,C,town,B\n",
            [("circle_of_parents", "units.csv:2:unit"), ("circle_of_parents", "units.csv:3:unit")],
        ),
        ("unit,name_zh,name_en,kind,parent\nA,甲,A,town,A\n", [("circle_of_parents", "units.csv:2:unit")]),
        ("unit,name_zh,name_en,kind\nA,甲,A,town\nA,甲,A,town\n", [("repeated_row", "units.csv:3")]),
        ("unit,name_zh,name_en,kind\nA,,A,town\n", [("empty_cell", "units.csv:2:name_zh")]),
        ("unit,name_zh,name_en,kind\nA,甲,A,city\n", [("unknown_unit_kind", "units.csv:2:kind")]),
        ("unit,name_zh,name_en,kind,forms\nA,甲,A,town,monthly;weekly\n", [("unknown_form", "units.csv:2:forms")]),
        ("unit,name_zh,name_en,kind,opened\nA,甲,A,town,2025-02-29\n", [("no_such_day", "units.csv:2:opened")]),
        (
            "unit,name_zh,name_en,kind,opened,closed\nA,甲,A,town,2025-02-01,2025-01-01\n",
            [("closed_before_opened", "units.csv:2:closed")],
        ),
    ],
)
def test_a_tree_of_units_that_is_none_is_refused(tmp_path: Path, units: str, expected: list[tuple[str, str]]) -> None:
    assert told(refused(tmp_path, units=units)) == expected


def test_a_long_way_into_a_circle_is_walked_once(tmp_path: Path) -> None:
    rows = "".join(f"U{at},甲,A,town,U{at + 1}\n" for at in range(20_000))
    units = f"unit,name_zh,name_en,kind,parent\n{rows}U20000,甲,A,town,U19999\n"
    issues = refused(tmp_path, units=units)
    assert told(issues) == [
        ("circle_of_parents", "units.csv:20001:unit"),
        ("circle_of_parents", "units.csv:20002:unit"),
    ]


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("unit,period,version,made,dose", [("missing_column", "posted")]),
        ("unit,period,made,dose,posted", [("missing_column", "version")]),
        ("unit,period,version,made,dose,posted,name", [("unknown_column", "name")]),
        ("unit,period,version,made,made,dose,posted", [("repeated_column", "made")]),
        ("unit,month,version,made,dose,posted", [("unknown_column", "month"), ("missing_column", "period")]),
    ],
)
def test_wrong_columns_are_refused(tmp_path: Path, heading: str, expected: list[tuple[str, str]]) -> None:
    issues = refused(tmp_path, returns_monthly=heading + "\n")
    assert [(issue.code.removeprefix("tables."), issue.facts["column"]) for issue in issues] == expected
    assert {str(issue.place) for issue in issues} == {"returns-monthly.csv:1"}


@pytest.mark.parametrize("quoted", [False, True])
def test_a_row_of_another_width_is_refused_at_its_line(tmp_path: Path, quoted: bool) -> None:
    kind = '"city"' if quoted else "city"
    units = f"unit,name_zh,name_en,kind\nA,甲,A\nB,乙,B,{kind}\nC,丙,C,town,x\n"
    expected = [
        ("cells_in_row", "units.csv:2"),
        ("unknown_unit_kind", "units.csv:3:kind"),
        ("cells_in_row", "units.csv:4"),
    ]
    assert told(refused(tmp_path, units=units)) == expected


@pytest.mark.parametrize("data", [b"", b"\n\n", b'unit,"name_zh\n', b"\xff\xfe\x00"])
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, data: bytes) -> None:
    assert told(refused(tmp_path, units=data))[0][0] in ("unreadable", "unknown_column")


def test_parquet_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "visits.parquet").write_bytes(b"PAR1")
    assert told(refused(tmp_path)) == [("unreadable", "visits.parquet:1")]


def test_a_file_nobody_knows_and_a_table_with_two_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "units.parquet").write_bytes(b"")
    issues = refused(tmp_path, returns_weekly=HEAD)
    assert told(issues) == [("unknown_file", "returns-weekly.csv"), ("two_files", "units.parquet")]


def test_a_table_may_stand_in_several_files(tmp_path: Path) -> None:
    first, second = "A1,2025-01,1,,1,1.5,1\n", "A1,2025-02,1,,2,2.5,0\n"
    (tmp_path / "returns-monthly+2.csv").write_text(HEAD + second, "utf-8")
    held = table(tmp_path, "returns-monthly", returns_monthly=HEAD + first)
    assert [(row["period"], row["made"]) for row in held.rows()] == [("2025-01", 1), ("2025-02", 2)]
    (tmp_path / "returns-monthly+3.csv").write_text(HEAD + first, "utf-8")
    (tmp_path / "returns-monthly+.csv").write_text(HEAD, "utf-8")
    named = "returns-monthly.csv + returns-monthly+2.csv + returns-monthly+3.csv"
    assert told(refused(tmp_path)) == [("unknown_file", "returns-monthly+.csv"), ("repeated_row", f"{named}:2")]


def test_other_files_of_a_folder_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("anything", "utf-8")
    (tmp_path / ".hidden.csv").write_text("anything", "utf-8")
    assert read_tables(folder(tmp_path), programme())


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("findings", FINDINGS + "F1,,A1,slow,1,confirmed,2025-03-01\n", ("unknown_finding_kind", "kind")),
        ("findings", FINDINGS + "F1,,A1,late,1,likely,2025-03-01\n", ("unknown_status", "status")),
        ("findings", FINDINGS + "F1,,A7,late,1,proposed,2025-03-01\n", ("unknown_unit", "unit")),
        (
            "recounts",
            "visit,unit,form,period,field,reported,recounted\nV1,A1,weekly,2025-01,made,1,1\n",
            ("unknown_form", "form"),
        ),
        (
            "recounts",
            "visit,unit,form,period,field,reported,recounted\nV1,A1,monthly,2025-01,held,1,1\n",
            ("unknown_field", "field"),
        ),
        ("corrections", "correction,unit,due_on\nC1,A1,2025-06-31\n", ("no_such_day", "due_on")),
        ("visits", "visit,unit,visited_on,reason\nV1,A1,1 May,drawn\n", ("no_such_day", "visited_on")),
        ("agreements", "unit,version,issued_on\nA1,x,2025-01-01\n", ("not_a_number", "version")),
    ],
)
def test_names_the_programme_does_not_know_are_refused(
    tmp_path: Path, name: str, text: str, expected: tuple[str, str]
) -> None:
    files: dict[str, Any] = {name: text}
    assert told(refused(tmp_path, **files)) == [(expected[0], f"{name}.csv:2:{expected[1]}")]


def test_all_issues_of_all_files_come_at_once_by_file_and_line(tmp_path: Path) -> None:
    files: dict[str, Any] = {
        "findings": FINDINGS + "F1,,A1,slow,none,likely,2025-03-01\n",
        "returns_monthly": HEAD + "A1,2025-00,1,,x,,\nA9,2025-01,1,,1,1.239,\n",
        "visits": "visit,unit\n",
    }
    places = [(issue.place.file, issue.place.line) for issue in refused(tmp_path, **files)]
    assert len(places) == 9
    assert places == sorted(places)


def test_many_alike_are_told_once_with_their_number_after_the_first(tmp_path: Path) -> None:
    rows = "".join(f"A1,2025-01,{at},,x,,\n" for at in range(100))
    issues = refused(tmp_path, returns_monthly=HEAD + rows)
    assert [issue.place.line for issue in issues[:3]] == [2, 3, 4]
    assert issues[-1].code == "tables.and_more"
    assert len(issues) - 1 + int(issues[-1].facts["count"]) == 100


# -- writing and reading back ------------------------------------------------------------------------------------------

RETURNS = (
    STATEFUL + "A1,2025-01,1,2025-02-03T01:00:00Z,0,,1.50,,1,\n"
    "A1,2025-01,2,,7,,,suppressed,0,\n"
    "A2,2025-01,1,,,not_applicable,-0.05,,,missing\n"
)


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_what_is_written_is_read_back_to_the_same(tmp_path: Path, format: Any) -> None:
    tables = read_tables(folder(tmp_path, returns_monthly=RETURNS), programme())
    held = {name: one for name, one in tables.items() if isinstance(one, Table)}
    files = write_tables(held, tmp_path / "again", format)
    assert sorted(file.name for file in files) == sorted(f"{name}.{format}" for name in held)
    again = read_tables(tmp_path / "again", programme())
    assert {name: one.digest() for name, one in again.items() if isinstance(one, Table)} == {
        name: one.digest() for name, one in held.items()
    }


def test_csv_is_written_as_plain_bytes_with_decimals_written_out(tmp_path: Path) -> None:
    held = table(tmp_path, "returns-monthly", returns_monthly=RETURNS)
    (file,) = write_tables({"returns-monthly": held}, tmp_path / "again", "csv")
    assert file.read_bytes().decode("utf-8").splitlines()[1] == "A1,2025-01,1,2025-02-03T01:00:00Z,0,,1.50,,1,"


def test_parquet_of_other_tools_is_read_by_its_types(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "correction": ["C1", "C2"],
            "finding": [None, None],
            "unit": ["A1", "A2"],
            "due_on": [date(2025, 6, 30), date(2025, 7, 1)],
            "closed_on": [None, date(2025, 6, 30)],
        }
    )
    frame.write_parquet(tmp_path / "corrections.parquet")
    returns = pl.DataFrame({"unit": ["A1"], "period": ["2025-01"], "version": [1], "made": [3.0], "posted": [1]})
    returns = returns.with_columns(dose=pl.Series([Decimal("1.25")]))
    returns.write_parquet(tmp_path / "returns-monthly.parquet")
    tables = read_tables(folder(tmp_path), programme())
    corrections, monthly = tables["corrections"], tables["returns-monthly"]
    assert isinstance(corrections, Table) and isinstance(monthly, Table)
    assert corrections.columns["closed_on"] == [None, "2025-06-30"]
    assert (monthly.columns["made"], monthly.columns["dose"]) == ([3], [125])


# -- tables that stay on disk ------------------------------------------------------------------------------------------

GOOD: dict[str, Any] = {
    "unit": ["A1", "A2"],
    "period": ["2025-01", "2025-01"],
    "version": [1, 1],
    "received_at": [None, "2025-02-03T01:00:00Z"],
    "held": [4, None],
    "held_state": [None, "suppressed"],
}
TYPES = {"received_at": pl.String, "held": pl.Int64, "held_state": pl.String}


def stored(path: Path, **columns: Any) -> Path:
    frame = pl.DataFrame({**GOOD, **columns}, schema_overrides=TYPES)
    frame.write_parquet(path / "returns-yearly.parquet")
    return path


def test_typed_parquet_stays_on_disk_when_asked(tmp_path: Path) -> None:
    tables = read_tables(folder(stored(tmp_path)), programme(), stored=True)
    assert isinstance(tables["returns-yearly"], StoredTable)
    assert isinstance(tables["units"], Table)
    held = read_tables(tmp_path, programme())["returns-yearly"]
    assert isinstance(held, Table) and held.columns["held"] == [4, None]


def test_parquet_with_decimals_or_other_types_is_read_whole_even_when_asked_to_stay(tmp_path: Path) -> None:
    stored(tmp_path, version=["1", "1"])
    held = read_tables(folder(tmp_path), programme(), stored=True)["returns-yearly"]
    assert isinstance(held, Table) and held.columns["version"] == [1, 1]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"period": ["2025-01", "2025-13"]}, ("no_such_month", "returns-yearly.parquet:period:row 2")),
        ({"period": [None, "2025-01"]}, ("empty_cell", "returns-yearly.parquet:period:row 1")),
        ({"unit": ["A1", "Z"]}, ("unknown_unit", "returns-yearly.parquet:unit:row 2")),
        ({"unit": ["A1", None]}, ("empty_cell", "returns-yearly.parquet:unit:row 2")),
        ({"unit": ["A1", "A1"]}, ("repeated_row", "returns-yearly.parquet:row 2")),
        ({"received_at": ["today", None]}, ("no_such_time", "returns-yearly.parquet:received_at:row 1")),
        ({"held_state": [None, "gone"]}, ("unknown_state", "returns-yearly.parquet:held_state:row 2")),
        ({"held": [4, 5]}, ("value_and_state", "returns-yearly.parquet:held:row 2")),
    ],
)
def test_a_table_that_stays_on_disk_is_checked_like_any_other(
    tmp_path: Path, columns: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert told(refused(stored(tmp_path, **columns), stored=True)) == [expected]
