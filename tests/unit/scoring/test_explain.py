"""Why a unit has its score: from points to clause, formula, values and rows, with the scorecard's own figures."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from answerable.definition import Programme, read, schemas
from answerable.exchange.tables import write_tables
from answerable.scoring import Explainer, explain, score
from answerable.scoring.explain_words import text
from answerable.values import Period, Refused, Table
from answerable.values.canonical import canonical_json
from answerable.values.number import scaled_text
from answerable.values.table import Tables
from tests.unit.definition.test_programme import SOUND

YEAR = Period.of_year(2025)
FINDING = {"finding": "F1", "unit": "C", "kind": "stale_board", "status": "confirmed", "found_on": "2025-03-01"}


@pytest.fixture(scope="module")
def programme() -> Programme:
    return read(SOUND.encode())


def month(unit: str, number: int, **cells: Any) -> dict[str, Any]:
    row = {"unit": unit, "period": f"2025-{number:02d}", "version": 1, "received_at": f"2025-{number:02d}-28T00:00:00Z"}
    return {**row, "entitled": 300, "paid": 280, "held": 1, **cells}


@pytest.fixture(scope="module")
def tables(programme: Programme) -> Tables:
    """A pays 280 of 300 each month; B is silent from June on; C pays all and has a stale board."""
    returns = [month("A", number) for number in range(1, 13)]
    returns += [month("B", number) for number in range(1, 6)]
    returns += [month("C", number, paid=300) for number in range(1, 13)]
    returns[3] = month("A", 4, paid=None, paid_state="missing")
    rows: dict[str, list[dict[str, Any]]] = {
        "units": [
            {"unit": code, "name_zh": code, "name_en": code, "kind": "unit", "forms": "monthly"} for code in "ABC"
        ],
        "returns-monthly": returns,
        "findings": [{**FINDING, "occurrences": 3}],
    }
    return {name: Table.of_rows(schema, rows.get(name, [])) for name, schema in schemas(programme).items()}


def test_every_figure_of_an_explanation_is_the_scorecards(programme: Programme, tables: Tables) -> None:
    card = score(programme, tables, YEAR, "columns")
    explainer = Explainer(programme, tables, YEAR)
    points = {(row["unit"], row["node"]): row["points"] for row in card.tables["scores"].rows()}
    for row in card.grades.rows():
        document = explainer.of(str(row["unit"])).document
        assert document["grade"] == row["grade"]
        assert document["total"] == scaled_text(int(row["total"] or 0), 2)
        for name in ("total", "benefits", "full", "open"):
            expected = points[row["unit"], name]
            shown = explainer.of(str(row["unit"])).node(name)["points"]
            assert shown == scaled_text(int(expected or 0), 2)


def test_an_item_leads_from_clause_to_rows(programme: Programme, tables: Tables) -> None:
    item = explain(programme, tables, YEAR, "A").node("full")
    assert item["clause"] == "law#3"
    assert item["indicator"]["formula_with_values"] == "3080 / 3300"
    assert item["formula_with_values"] == "least(greatest((14/15) / 0.95 * 70, 0), 70)"
    assert item["result"] == item["points"] == "68.77"
    assert len(item["indicator"]["rows"]) == 11
    (left_out,) = item["indicator"]["left_out"]
    assert left_out["month"] == "2025-04" and left_out["cells"] == {"paid": "missing", "entitled": "300"}


def test_a_figure_made_of_other_figures_shows_the_rows_behind_them(tables: Tables) -> None:
    deeper = "  - {id: twice, title: {zh: 倍, en: T}, formula: 2 * paid_share, missing: unassessable, show: percent}\n"
    source = SOUND.replace("tree:\n", deeper + "tree:\n").replace("indicator: paid_share", "indicator: twice")
    item = explain(read(source.encode()), tables, YEAR, "A").node("full")
    assert item["indicator"]["formula_with_values"] == "2 * (14/15)"
    assert len(item["indicator"]["rows"]) == 11 and len(item["indicator"]["left_out"]) == 1


def test_an_absent_indicator_says_what_the_programme_makes_of_it(programme: Programme, tables: Tables) -> None:
    item = explain(programme, tables, YEAR, "B").node("full")
    assert item["indicator"]["value"] is None and item["indicator"]["state"] == "missing"
    assert item["points"] == "0.00"
    assert "counts as no points" in item["decision"]["en"] and "记0分" in item["decision"]["zh"]


def test_it_says_how_far_the_next_grade_is_and_which_item_alone_would_reach_it(
    programme: Programme, tables: Tables
) -> None:
    explanation = explain(programme, tables, YEAR, "B")
    assert explanation.document["next_grade"]["short_by"] == "60"
    assert explanation.node("full")["reaches_next_grade"] is True
    assert explanation.node("open")["reaches_next_grade"] is False
    assert explain(programme, tables, YEAR, "A").document["next_grade"] is None


def test_the_same_inputs_give_the_same_bytes(programme: Programme, tables: Tables) -> None:
    first = canonical_json(explain(programme, tables, YEAR, "C").document)
    assert first == canonical_json(Explainer(programme, tables, YEAR).of("C").document)


def turned_round(tables: Tables) -> Tables:
    """The same rows, the last first."""
    return {
        name: Table(table.schema, {column: list(cells)[::-1] for column, cells in table.columns.items()})
        for name, table in tables.items()
        if isinstance(table, Table)
    }


def test_the_order_of_rows_does_not_matter(programme: Programme, tables: Tables) -> None:
    more = [{**FINDING, "finding": f"F{number}", "occurrences": number} for number in (1, 2, 3)]
    findings = Table.of_rows(schemas(programme)["findings"], more)
    several = {**tables, "findings": findings}
    for unit in "ABC":
        first = explain(programme, several, YEAR, unit).document
        assert canonical_json(first) == canonical_json(explain(programme, turned_round(several), YEAR, unit).document)
    rows = explain(programme, turned_round(several), YEAR, "C").node("open")["indicator"]["rows"]
    assert [row["key"] for row in rows] == ["F1", "F2", "F3"]


IN_ANOTHER_PROCESS = """
import sys
from pathlib import Path
from answerable.definition import read
from answerable.exchange.tables import read_tables
from answerable.exchange.tables import write_tables
from answerable.scoring import Explainer
from answerable.values import Period
from answerable.values.canonical import canonical_json
folder = Path(sys.argv[1])
programme = read((folder / "programme.yaml").read_bytes())
explainer = Explainer(programme, read_tables(folder, programme), Period.of_year(2025))
sys.stdout.buffer.write(b"\\n".join(canonical_json(explainer.of(unit).document) for unit in "ABC"))
"""


def test_the_bytes_do_not_depend_on_how_a_process_hashes(programme: Programme, tables: Tables, tmp_path: Path) -> None:
    (tmp_path / "programme.yaml").write_text(SOUND, "utf-8")
    write_tables({name: table for name, table in tables.items() if isinstance(table, Table)}, tmp_path, "csv")
    here = b"\n".join(canonical_json(explain(programme, tables, YEAR, unit).document) for unit in "ABC")
    for seed in ("0", "1", "4711"):
        command = [sys.executable, "-c", IN_ANOTHER_PROCESS, str(tmp_path)]
        found = subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True)
        assert found.stdout == here, seed


def test_a_reader_gets_it_in_either_language(programme: Programme, tables: Tables) -> None:
    explanation = explain(programme, tables, YEAR, "C")
    assert "总分: 98.50 / 100" in text(explanation, "zh")
    one = text(explanation, "en", "open")
    assert "findings · F1: kind=stale_board, occurrences=3" in one
    assert "Result: least(greatest(30 - 0.5 * 3, 0), 30) = 28.50" in one


def test_a_unit_or_a_node_that_is_none_is_refused(programme: Programme, tables: Tables) -> None:
    with pytest.raises(Refused, match=r"scoring\.unknown_unit"):
        explain(programme, tables, YEAR, "Z")
    with pytest.raises(Refused, match=r"scoring\.unknown_node"):
        explain(programme, tables, YEAR, "A").node("elsewhere")


def test_a_period_the_programme_is_not_in_force_for_is_refused(programme: Programme, tables: Tables) -> None:
    with pytest.raises(Refused, match=r"scoring\.not_in_force"):
        score(programme, tables, Period.of_year(2024))


def test_the_rows_behind_every_indicator_of_a_rule_are_shown(tables: Tables) -> None:
    less = "{less: {rule: {ratio_to_target: 95%}, deductions: [{indicator: stale, each: 1}], floor: 0}}"
    source = SOUND.replace("{ratio_to_target: 95%}", less, 1)
    node = explain(read(source.encode()), tables, YEAR, "C").node("full")
    assert {row["table"] for row in node["indicator"]["rows"]} == {"monthly", "findings"}
    assert "3" in node["formula_with_values"] and node["points"] == "67.00"
