"""Tables of what is given by hand or from elsewhere: each fault with its file and line, and none of them half read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from answerable.definition import Programme, read, schemas
from answerable.exchange.tables import read_tables
from answerable.values.issue import Refused
from answerable.values.table import Table
from tests.spec.office import WORDS, document, form, indicator

PANEL = {"id": "manner", "title": WORDS, "clause": "law#1", "topic": "process", "most": "10"}
PRAISE = {
    "id": "praise",
    "title": WORDS,
    "clause": "law#1",
    "topic": "process",
    "levels": [{"id": level, "title": WORDS} for level in ("province", "city")],
}
PLACES = {"id": "places", "title": WORDS, "clause": "law#1", "measure": "count"}
UNITS = "unit,name_zh,name_en,kind,forms\nA,甲,First,village,pay\nT,乙,Second,town,\n"
RATINGS = "unit,panel,rater,score,reason,given_on\n"
MATTERS = "unit,kind,matter,level,decided_on\n"
TARGETS = "unit,target,year,value\n"
EARLIER = "unit,indicator,year,value\n"

GOOD = {
    "ratings.csv": RATINGS + "A,manner,r1,9.25,at the counter,2025-01-20\nA,manner,r2,10,seen twice,2025-01-20\n",
    "matters.csv": MATTERS + "A,praise,no. 7,city,2025-01-09\nA,praise,no. 7,province,2025-01-20\n",
    "targets.csv": TARGETS + "A,places,2025,40\nA,places,2026,50.5\nT,places,2025,not_applicable\n",
    "earlier.csv": EARLIER + "A,ratio,2024,0.8731\nT,ratio,2024,suppressed\n",
}

FAULTS = {
    "unknown_panel": ("ratings.csv", RATINGS + "A,manners,r1,9,good,2025-01-20\n", 2),
    "score_out_of_range": (
        "ratings.csv",
        RATINGS + "A,manner,r1,9,good,2025-01-20\nA,manner,r2,10.01,good,2025-01-20\n",
        3,
    ),
    "unknown_matter_kind": ("matters.csv", MATTERS + "A,blame,no. 7,city,2025-01-09\n", 2),
    "unknown_level": ("matters.csv", MATTERS + "A,praise,no. 7,nation,2025-01-09\n", 2),
    "unknown_target": ("targets.csv", TARGETS + "A,beds,2025,40\n", 2),
    "unknown_indicator": ("earlier.csv", EARLIER + "A,rise,2024,40\n", 2),
    "form_of_other_kinds": ("units.csv", UNITS.replace("town,", "town,pay"), 3),
    "repeated_row": ("ratings.csv", RATINGS + "A,manner,r1,9,good,2025-01-20\n" * 2, 3),
    "empty_cell": ("ratings.csv", RATINGS + "A,manner,r1,9,,2025-01-20\n", 2),
    "too_many_decimals": ("ratings.csv", RATINGS + "A,manner,r1,9.125,good,2025-01-20\n", 2),
}


def programme(**parts: object) -> Programme:
    made = document(
        panels=[PANEL],
        matters=[PRAISE],
        targets=[PLACES],
        forms=[{**form(), "filed_by": ["village"]}],
        indicators=[
            indicator("ratio", "sum(pay.paid) / sum(pay.due) - earlier.older"),
            indicator("older", "count(visits)/count(visits)"),
        ],
        **parts,
    )
    made["indicators"][0]["formula"] = "sum(pay.paid) / sum(pay.due)"
    made["indicators"][1]["formula"] = "ratio - earlier.ratio"
    return read(json.dumps(made, ensure_ascii=False).encode())


def folder(path: Path, **files: str) -> Path:
    path.mkdir()
    for name, content in {"units.csv": UNITS, **files}.items():
        (path / name).write_text(content, "utf-8")
    return path


def test_a_folder_without_fault_is_read(tmp_path: Path) -> None:
    tables = read_tables(folder(tmp_path / "t", **GOOD), programme())
    held = {name: table for name, table in tables.items() if isinstance(table, Table)}
    assert [len(held[name]) for name in ("ratings", "matters", "targets", "earlier")] == [2, 2, 3, 2]
    assert held["ratings"].columns["score"] == [925, 1000]
    assert held["targets"].columns["value"] == [40_000_000, 50_500_000, None]
    assert held["earlier"].columns["value_state"] == [None, "suppressed"]


@pytest.mark.parametrize("code", FAULTS)
def test_every_fault_is_told_with_its_line(tmp_path: Path, code: str) -> None:
    name, content, line = FAULTS[code]
    with pytest.raises(Refused) as refused:
        read_tables(folder(tmp_path / "t", **{**GOOD, name: content}), programme())
    found = [(issue.code, issue.place.file, issue.place.line) for issue in refused.value.issues]
    assert (f"tables.{code}", name, line) in found


def test_a_programme_that_has_no_use_for_a_table_does_not_have_it() -> None:
    plain = read(json.dumps(document(), ensure_ascii=False).encode())
    assert not {"ratings", "matters", "targets", "earlier"} & set(schemas(plain))
