"""Laws of a folder of tables: what is written is read back, every fault has its place, a refusal writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.__main__ import main
from answerable.definition import Programme, read, read_programme, schemas
from answerable.exchange.tables import read_tables, write_tables
from answerable.values import Issue, Refused, Table
from answerable.values.issue import catalogue
from answerable.values.table import Absence
from tests.unit.exchange import district

ROOT = Path(__file__).resolve().parents[3]
CHILD_HEALTH = ROOT / "answerable/programmes/child_health"
PROGRAMME: Programme = read_programme(CHILD_HEALTH)
SCHEMAS = schemas(PROGRAMME)

TINY: Programme = read(
    district.PROGRAMME.replace("en: Paid}, measure: money", "en: Paid}, measure: quantity, decimals: 2")
    .replace("show: percent", "show: number")
    .encode()
)
"""A form of two fields, one of them with decimals."""
RETURNS = schemas(TINY)["returns-monthly"]
FIELDS = [column.name for column in RETURNS.columns if column.stateful]
LARGEST = 10**18 - 1

UNITS = "unit,name_zh,name_en,kind,parent,opened,closed\nA,甲,First,level_3,,,\nB,乙,Second,level_4,A,2020-01-01,\n"
VISITS = "visit,unit,visited_on,reason\n"
FINDINGS = "finding,unit,kind,occurrences,status,found_on\n"
RECOUNTS = "visit,unit,form,period,field,reported,recounted\n"

# -- writing and reading ---------------------------------------------------------------------------------------------

texts = (
    st.text("abcXYZ 甲乙，,;\"'\n1.-", min_size=1, max_size=8)
    .map(str.strip)
    .filter(lambda text: text and text not in set(Absence))
)
numbers = st.one_of(st.integers(-9, 9), st.integers(-LARGEST, LARGEST), st.sampled_from([0, LARGEST, -LARGEST]))
cells = st.one_of(
    numbers.map(lambda number: (number, None)), st.sampled_from([(None, None), *((None, str(one)) for one in Absence)])
)


@st.composite
def returns(draw: st.DrawFn) -> Table:
    """Returns of two units with every state, negative and large figures, decimals, revisions and unknown receipts."""
    keys = draw(
        st.lists(st.tuples(st.sampled_from("AB"), st.integers(1, 12), st.integers(1, 3)), unique=True, max_size=5)
    )
    rows: list[dict[str, Any]] = []
    for unit, month, version in keys:
        received = draw(st.sampled_from([None, "2025-04-03T02:11:09Z", "2025-12-31T23:59:59Z"]))
        row = {"unit": unit, "period": f"2025-{month:02d}", "version": version, "received_at": received}
        for name in FIELDS:
            row[name], row[f"{name}_state"] = draw(cells)
        rows.append(row)
    return Table.of_rows(RETURNS, rows)


@st.composite
def units(draw: st.DrawFn) -> Table:
    named = {name: draw(st.one_of(st.none(), texts)) for name in ("peer_group",)}
    rows = [
        {"unit": code, "name_zh": draw(texts), "name_en": draw(texts), "kind": "unit", **named} for code in ("A", "B")
    ]
    return Table.of_rows(SCHEMAS["units"], rows)


@pytest.mark.parametrize("format", ["csv", "parquet"])
@given(units(), returns())
def test_whatever_is_written_is_read_back(format: Literal["csv", "parquet"], units: Table, returns: Table) -> None:
    with TemporaryDirectory() as folder:
        files = write_tables({"units": units, RETURNS.name: returns}, Path(folder), format)
        assert [file.name for file in files] == [f"{RETURNS.name}.{format}", f"units.{format}"]
        tables = read_tables(Path(folder), TINY)
    for written in (units, returns):
        held = tables[written.schema.name]
        assert isinstance(held, Table)
        assert {name: list(column) for name, column in held.columns.items()} == dict(written.columns)


# -- every fault -----------------------------------------------------------------------------------------------------


def refusals(folder: Path, files: dict[str, str | bytes]) -> tuple[Issue, ...]:
    """What is refused in a folder of good units and these files."""
    folder.mkdir()
    for name, content in {"units.csv": UNITS, **files}.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(Refused) as caught:
        read_tables(folder, PROGRAMME)
    return caught.value.issues


def stock(*rows: str, fields: str = "") -> str:
    """The file of a stock return in which only the first columns are filled in."""
    named = [column.name for column in SCHEMAS["returns-epi_stock"].columns if column.stateful]
    head = ["unit", "period", "version", "received_at", *named, *filter(None, [fields])]
    return ",".join(head) + "\n" + "".join(row + "," * (len(head) - 1 - row.count(",")) + "\n" for row in rows)


STATE = "stock_phu_dispensed_opv_state"
FAULTS: dict[str, tuple[dict[str, str | bytes], int | None]] = {
    "unknown_file": ({"unit.csv": UNITS}, None),
    "two_files": ({"units.parquet": b""}, None),
    "unreadable": ({"visits.csv": b""}, 1),
    "cells_in_row": ({"visits.csv": VISITS + "V1,A,2025-01-01,drawn\nV2,A\n"}, 3),
    "number_too_large": ({"returns-epi_stock.csv": stock(f"A,2025-01,1,,{10**18}")}, 2),
    "repeated_column": ({"visits.csv": "visit,unit,visited_on,reason,unit\n"}, 1),
    "unknown_column": ({"visits.csv": "visit,unit,visited_on,reason,mood\n"}, 1),
    "missing_column": ({"visits.csv": "visit,unit,reason\n"}, 1),
    "empty_cell": ({"visits.csv": VISITS + "V1,A,,drawn\n"}, 2),
    "not_a_number": ({"returns-epi_stock.csv": stock("A,2025-01,1,,abt 40")}, 2),
    "too_many_decimals": ({"returns-epi_stock.csv": stock("A,2025-01,1,,4.5")}, 2),
    "no_such_month": ({"returns-epi_stock.csv": stock("A,2025-12,1,,4", "A,2025-13,1,,4")}, 3),
    "no_such_day": ({"visits.csv": VISITS + "V1,A,2025-02-29,drawn\n"}, 2),
    "no_such_time": ({"returns-epi_stock.csv": stock("A,2025-01,1,2025-02-03 01:00,4")}, 2),
    "unknown_state": ({"returns-epi_stock.csv": stock("A,2025-01,1" + "," * 13 + ",absent", fields=STATE)}, 2),
    "value_and_state": ({"returns-epi_stock.csv": stock("A,2025-01,1,,7" + "," * 11 + ",missing", fields=STATE)}, 2),
    "and_more": ({"visits.csv": VISITS + "V1,A,today,drawn\n" * 30}, None),
    "repeated_row": ({"returns-epi_stock.csv": stock("A,2025-01,1,,4", "A,2025-01,1,,5")}, 3),
    "unknown_unit": ({"visits.csv": VISITS + "V1,Z,2025-01-01,drawn\n"}, 2),
    "unknown_unit_kind": ({"units.csv": UNITS.replace("level_3", "level_9")}, 2),
    "no_such_parent": ({"units.csv": UNITS.replace("level_4,A", "level_4,Z")}, 3),
    "circle_of_parents": ({"units.csv": UNITS.replace("level_3,,", "level_3,B,")}, 2),
    "closed_before_opened": ({"units.csv": UNITS.replace("2020-01-01,", "2020-01-01,2019-12-31")}, 3),
    "unknown_form": ({"recounts.csv": RECOUNTS + "V1,A,yearly,2025-01,x,1,1\n"}, 2),
    "unknown_field": ({"recounts.csv": RECOUNTS + "V1,A,epi_stock,2025-01,penta1_doses_given,1,1\n"}, 2),
    "unknown_finding_kind": ({"findings.csv": FINDINGS + "F1,A,rumour,1,confirmed,2025-01-01\n"}, 2),
    "unknown_status": ({"findings.csv": FINDINGS + "F1,A,rumour,1,likely,2025-01-01\n"}, 2),
}
ELSEWHERE = {
    "not_a_flag",
    "form_of_other_kinds",
    "unknown_panel",
    "score_out_of_range",
    "unknown_matter_kind",
    "unknown_level",
    "unknown_target",
    "unknown_indicator",
}
"""Child health has no flag, panel, matter or target; test_tables.py and test_tables_given.py refuse these."""


@pytest.mark.parametrize("code", FAULTS)
def test_every_fault_is_told_with_its_file_and_line(tmp_path: Path, code: str) -> None:
    files, line = FAULTS[code]
    found = [issue for issue in refusals(tmp_path / "tables", files) if issue.code == f"tables.{code}"]
    assert found, code
    (file,) = files
    assert (found[0].place.file, found[0].place.line) == (file, line)


def test_there_is_no_other_fault() -> None:
    assert {f"tables.{code}" for code in FAULTS.keys() | ELSEWHERE} == {
        code for code in catalogue() if code.startswith("tables.")
    }


# -- what other tools leave ------------------------------------------------------------------------------------------


def visit(**changed: Any) -> pl.DataFrame:
    return pl.DataFrame({"visit": ["V1"], "unit": ["A"], "visited_on": ["2025-05-12"], "reason": ["drawn"], **changed})


@pytest.mark.parametrize("cell", [["V1"], b"\xff", {"number": "V1"}.items()])
def test_parquet_with_cells_no_table_has_is_refused(tmp_path: Path, cell: Any) -> None:
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "units.csv").write_text(UNITS, "utf-8")
    visit(visit=pl.Series([cell if isinstance(cell, bytes) else list(cell)])).write_parquet(folder / "visits.parquet")
    with pytest.raises(Refused) as caught:
        read_tables(folder, PROGRAMME)
    assert [issue.code for issue in caught.value.issues] == ["tables.unreadable"]


@pytest.mark.parametrize("written", ["10²", "①", "½", "1 000", "1,000", "0x10", "1e3", "+-1", "٣"])
def test_signs_that_look_like_digits_are_none(tmp_path: Path, written: str) -> None:
    (issue,) = refusals(
        tmp_path / "tables", {"returns-epi_stock.csv": stock("A,2025-01,1,,0").replace(",0,", f',"{written}",')}
    )
    assert (issue.code, issue.facts["value"]) == ("tables.not_a_number", written)


@pytest.mark.parametrize("left", [",,,\n,,,\n", '"",,,\n', " , , , \n", "\r\n\r\n"])
def test_what_a_spreadsheet_leaves_below_a_table_says_nothing(tmp_path: Path, left: str) -> None:
    (tmp_path / "units.csv").write_text(UNITS, "utf-8")
    (tmp_path / "visits.csv").write_text(VISITS + "V1,A,2025-05-12,drawn\n" + left, "utf-8")
    assert len(_held(tmp_path, "visits")) == 1


def test_a_file_of_a_heading_alone_is_a_table_without_rows(tmp_path: Path) -> None:
    (tmp_path / "units.csv").write_text(UNITS, "utf-8")
    (tmp_path / "visits.csv").write_text(VISITS.strip(), "utf-8")
    assert len(_held(tmp_path, "visits")) == 0


def _held(folder: Path, name: str) -> Table:
    table = read_tables(folder, PROGRAMME)[name]
    assert isinstance(table, Table)
    return table


def _plainly(frame: pl.DataFrame) -> pl.DataFrame:
    return frame


def _with_empty_texts(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col(pl.String).fill_null(""))


def _without_states(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(name for name in frame.columns if not name.endswith("_state"))


def _too_large(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(stock_phu_received_bcg=pl.lit(10**18))


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        (_plainly, []),
        (_with_empty_texts, []),
        (_without_states, []),
        (_too_large, ["tables.number_too_large"] * 2),
    ],
)
def test_returns_are_judged_alike_whether_they_stay_on_disk_or_not(
    tmp_path: Path, change: Callable[[pl.DataFrame], pl.DataFrame], codes: list[str]
) -> None:
    schema = SCHEMAS["returns-epi_stock"]
    filled = {column.name: 3 for column in schema.columns if column.stateful}
    rows = [{"unit": unit, "period": "2025-01", "version": 1, **filled} for unit in "AB"]
    (file,) = write_tables({schema.name: Table.of_rows(schema, rows)}, tmp_path, "parquet")
    change(pl.read_parquet(file)).write_parquet(file)
    (tmp_path / "units.csv").write_text(UNITS, "utf-8")
    for stored in (False, True):
        found: list[str] = []
        try:
            read_tables(tmp_path, PROGRAMME, stored=stored)
        except Refused as refused:
            found = [issue.code for issue in refused.issues]
        assert found == codes, stored


# -- the command -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["columns", "reference"])
def test_a_refused_folder_is_not_scored_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], engine: str
) -> None:
    refusals(
        tmp_path / "tables",
        {"visits.csv": VISITS + "V1,Z,today,drawn\n", "returns-epi_stock.csv": stock("A,2025-13,1,,x")},
    )
    out = tmp_path / "out"
    arguments = ["score", "child_health", str(tmp_path / "tables"), "--out", str(out), "--engine", engine]
    assert main([*arguments, "--lang", "en"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    told = [line.split("]")[0] for line in said.err.splitlines()]
    assert told == [
        "returns-epi_stock.csv:2:period: [tables.no_such_month",
        "returns-epi_stock.csv:2:stock_phu_dispensed_opv: [tables.not_a_number",
        "visits.csv:2:visited_on: [tables.no_such_day",
        "visits.csv:2:unit: [tables.unknown_unit",
    ]
    assert not out.exists()
