"""What changed between two explanations of one unit: by how much, where, and why; to the last fraction."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from answerable.__main__ import main
from answerable.definition import Programme, read, schemas
from answerable.exchange.tables import write_tables
from answerable.scoring import explain
from answerable.scoring.since import changes_since
from answerable.scoring.since_words import text
from answerable.values import Period, Refused, Table
from tests.unit.definition.test_programme import SOUND

Rows = dict[str, list[dict[str, Any]]]
THIRD = """\
  - id: held
    title: {zh: 场次, en: Sessions}
    points: 10
    clause: law#3
    indicator: sessions
    rule: {ratio_to_target: 10}
    absent: zero
"""
SESSIONS = """\
  - id: sessions
    title: {zh: 场次, en: Sessions}
    formula: sum(monthly.held)
    missing: {do: skip, at_least: 1}
    show: number
"""
SOURCE = SOUND.replace("tree:\n", SESSIONS + "tree:\n")
BONUS = "adjustments: [{id: more, title: {zh: 加, en: More}, clause: law#1, indicator: sessions, each: 0.25, cap: 5}]\n"


def programme(*changes: tuple[str, str]) -> Programme:
    source = SOURCE
    for old, new in changes:
        assert old in source
        source = source.replace(old, new, 1)
    return read(source.encode())


def facts() -> Rows:
    """A pays 280 of 300 each month and has one stale board."""
    returns = [
        {
            "unit": "A",
            "period": f"2025-{number:02d}",
            "version": 1,
            "received_at": f"2025-{number:02d}-28T00:00:00Z",
            "entitled": 300,
            "paid": 270,
            "held": 1,
        }
        for number in range(1, 13)
    ]
    unit = {"unit": "A", "name_zh": "甲", "name_en": "A", "kind": "unit", "forms": "monthly"}
    return {"units": [unit], "returns-monthly": returns, "findings": [finding("F1")]}


def finding(name: str, **cells: Any) -> dict[str, Any]:
    usual = {"finding": name, "unit": "A", "kind": "stale_board", "status": "confirmed", "found_on": "2025-03-01"}
    return {**usual, "occurrences": 1, **cells}


def told(rows: Rows, of: Programme | None = None) -> dict[str, Any]:
    of = of or programme()
    tables = {name: Table.of_rows(schema, rows.get(name, [])) for name, schema in schemas(of).items()}
    return explain(of, tables, Period.of_year(2025), "A").document


def node(changes: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [one for one in changes["nodes"] if one["id"] == name]
    return dict(found)


def reasons(changes: dict[str, Any], name: str) -> list[str]:
    return [one["reason"] for one in node(changes, name)["why"]]


def sums_up(changes: dict[str, Any]) -> bool:
    shares = [Fraction(one["share"]["exact"]) for one in changes["nodes"] if one["kind"] != "part"]
    rest, by = (Fraction(changes[name]["exact"]) for name in ("rest", "by"))
    return sum(shares) + rest == by == Fraction(changes["after"]["total"]) - Fraction(changes["before"]["total"])


def test_nothing_changed_is_said_in_words() -> None:
    same = changes_since(told(facts()), told(facts()))
    assert same["nodes"] == [] and same["by"] == {"points": "0.00", "exact": "0/1"}
    assert "Nothing changed." in text(same, "en") and "没有变化。" in text(same, "zh")


def test_a_changed_cell_a_row_that_came_and_one_that_went_are_named_by_table_and_key() -> None:
    later = facts()
    later["returns-monthly"][3]["paid"] = 300
    later["findings"] = [finding("F2", occurrences=4)]
    changes = changes_since(told(facts()), told(later))
    (why,) = node(changes, "full")["why"]
    (row,) = why["rows"]
    assert (row["table"], row["key"], row["change"]) == ("monthly", "A 2025-04", "changed")
    assert row["cells"] == [{"name": "paid", "before": "270", "after": "300"}]
    assert (why["before"]["value"], why["after"]["value"]) == ("0.9000", "0.9083")
    (why,) = node(changes, "open")["why"]
    assert [(row["key"], row["change"]) for row in why["rows"]] == [("F1", "went"), ("F2", "came")]
    assert node(changes, "full")["share"]["points"] == "0.61" and node(changes, "open")["share"]["points"] == "-1.50"
    assert sums_up(changes) and changes["by"]["points"] == "-0.89"
    lines = text(changes, "en")
    assert "Total: 95.82 / 100 → 94.93 / 100 (−0.89)" in lines
    assert "monthly · A 2025-04 (row that changed): paid: 270 → 300" in lines
    assert "findings · F2 (row that came): " in lines


def test_a_row_that_is_no_longer_counted_says_so() -> None:
    later = facts()
    later["returns-monthly"][3] |= {"paid": None, "paid_state": "missing"}
    later["returns-monthly"][4] |= {"paid": 300}
    row, _ = node(changes_since(told(facts()), told(later)), "full")["why"][0]["rows"]
    assert row["counted"] == {"before": True, "after": False}
    assert "counted no more" in text(changes_since(told(facts()), told(later)), "en")


def test_where_only_another_item_became_exempt_the_reason_is_the_rescaling() -> None:
    # 40 points that may be exempt beside 60 that stay: what can be assessed is just enough for a grade.
    points = [("points: 70", "points: 40"), ("points: 70", "points: 40"), ("points: 30", "points: 60")]
    absent = programme(("absent: zero", "absent: exempt"), *points)
    later = facts()
    for row in later["returns-monthly"]:
        row |= {"paid": None, "paid_state": "missing"}
    changes = changes_since(told(facts(), absent), told(later, absent))
    assert reasons(changes, "full") == ["value", "set_aside"]
    assert reasons(changes, "open") == ["rescaled"]
    assert node(changes, "open")["before"] == node(changes, "open")["after"]
    assert node(changes, "open")["why"][0]["after"] == "1.6667"
    assert sums_up(changes) and changes["after"]["assessable"] == "60"


def test_across_two_versions_nodes_come_and_go_and_rules_change() -> None:
    moved = (
        ("points: 30\n", "points: 20\n"),
        ("grades:\n  on", THIRD + "grades:\n  on"),
        ('version: "1"', 'version: "2"'),
    )
    later = programme(*moved, ("ratio_to_target: 95%", "ratio_to_target: 100%"))
    changes = changes_since(told(facts()), told(facts(), later))
    assert not changes["same_programme"] and sums_up(changes)
    assert node(changes, "held")["before"] is None and reasons(changes, "held") == ["came"]
    assert [(one["reason"], one["what"]) for one in node(changes, "full")["why"]] == [("programme", "rule")]
    assert [one["what"] for one in node(changes, "open")["why"]] == ["points", "rule"]
    back = changes_since(told(facts(), later), told(facts()))
    assert reasons(back, "held") == ["went"] and sums_up(back)
    assert Fraction(back["by"]["exact"]) == -Fraction(changes["by"]["exact"])
    assert "the programme has it only now" in text(changes, "en") and "方案不再有这一项" in text(back, "zh")


def test_what_the_ends_of_the_scale_took_is_in_the_rest() -> None:
    bonus = programme(("rounding:\n", BONUS + "rounding:\n"))
    later = facts()
    later["returns-monthly"] = [row | {"paid": 300} for row in later["returns-monthly"]]
    changes = changes_since(told(facts(), bonus), told(later, bonus))
    # 66.32 + 29.5 + 3 came to 98.82; 70 + 29.5 + 3 would be 102.5.
    assert (changes["by"]["points"], changes["rest"]["points"]) == ("1.18", "-2.50") and sums_up(changes)
    assert "account for the rest: −2.50" in text(changes, "en")


def test_adjustments_limited_together_still_add_up() -> None:
    limited = "adjustments_together: {more: 3.5}\n" + BONUS
    bonus = programme(("rounding:\n", limited + "rounding:\n"))
    later = facts()
    later["returns-monthly"][0]["held"] = 5
    later["returns-monthly"][0]["paid"] = 0
    changes = changes_since(told(facts(), bonus), told(later, bonus))
    more = node(changes, "more")
    assert (more["before"]["points"], more["after"]["points"]) == ("3.00", "4.00")
    assert more["share"]["points"] == "0.50" and changes["rest"]["exact"] == "0/1" and sums_up(changes)


def test_a_veto_that_came_is_named_and_its_points_are_the_rest() -> None:
    veto = (
        "vetoes: [{id: v, title: {zh: 否, en: V}, clause: law#1, legal_basis: law#1, when: stale, total_at_most: 50}]\n"
    )
    vetoed = programme(("rounding:\n", veto + "rounding:\n"))
    clean = facts()
    clean["findings"] = []
    changes = changes_since(told(clean, vetoed), told(facts(), vetoed))
    assert [one["id"] for one in changes["vetoes"]["came"]] == ["v"] and changes["vetoes"]["went"] == []
    assert changes["after"]["total"] == "50.00" and sums_up(changes)
    assert "Veto that came: V" in text(changes, "en")


def test_what_a_veto_takes_from_a_part_is_not_said_to_be_a_rescaling() -> None:
    veto = (
        "vetoes: [{id: v, title: {zh: 否, en: V}, clause: law#1, legal_basis: law#1, when: stale, nothing_for: %s}]\n"
    )
    clean = facts()
    clean["findings"] = []
    part = programme(("rounding:\n", veto % "benefits" + "rounding:\n"))
    changes = changes_since(told(clean, part), told(facts(), part))
    assert reasons(changes, "full") == ["set_aside"] and node(changes, "full")["share"]["points"] == "-66.32"
    assert sums_up(changes)
    item = programme(("rounding:\n", veto % "full" + "rounding:\n"))
    assert reasons(changes_since(told(clean, item), told(facts(), item)), "full") == ["condition"]


def test_a_rule_that_reads_another_figure_says_so() -> None:
    less = "{less: {rule: {ratio_to_target: 95%}, deductions: [{indicator: stale, each: 1}], floor: 0}}"
    other = programme(("{ratio_to_target: 95%}", less))
    later = facts()
    later["findings"] = [finding("F1", occurrences=3)]
    changes = changes_since(told(facts(), other), told(later, other))
    (why,) = node(changes, "full")["why"]
    assert why["reason"] == "value" and [row["key"] for row in why["rows"]] == ["F1"]
    assert "other figures its rule reads changed" in text(changes, "en")


def test_other_terms_of_a_version_are_named_as_such() -> None:
    coarse = programme(("item: {mode: half_up, decimals: 2}", "item: {mode: half_up, decimals: 0}"))
    (why,) = node(changes_since(told(facts()), told(facts(), coarse)), "full")["why"]
    assert (why["reason"], why["what"]) == ("programme", "other")


def test_other_units_programmes_and_documents_are_refused() -> None:
    one = told(facts())
    for key in ("unit", "programme"):
        with pytest.raises(Refused, match=r"scoring\.not_the_same_score"):
            changes_since(one, {**one, key: "other"})
    with pytest.raises(Refused, match=r"scoring\.no_explanation"):
        changes_since({**one, "format": "answerable-explanation/9"}, one)


BROKEN: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a list": lambda one: [one],
    "a part of it": lambda one: one["tree"],
    "no tree": lambda one: {name: value for name, value in one.items() if name != "tree"},
    "a total that is none": lambda one: {**one, "total": "much"},
    "words in one language": lambda one: {**one, "grade_title": {"en": "Good"}},
    "a node that is a number": lambda one: {**one, "adjustments": [3]},
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_file_that_is_no_explanation_is_refused_in_words(how: str) -> None:
    with pytest.raises(Refused, match=r"scoring\.no_explanation"):
        changes_since(BROKEN[how](told(facts())), told(facts()))


def test_the_command_prints_what_changed_since_a_file_that_was_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    of = programme()
    (tmp_path / "programme.yaml").write_text(SOURCE, "utf-8")
    later = facts()
    later["returns-monthly"][3]["paid"] = 300
    for name, rows in (("first", facts()), ("second", later)):
        tables = {table: Table.of_rows(schema, rows.get(table, [])) for table, schema in schemas(of).items()}
        write_tables(tables, tmp_path / name, "csv")
    explained = ["explain", str(tmp_path / "programme.yaml")]
    assert main([*explained, str(tmp_path / "first"), "--unit", "A", "--format", "json"]) == 0
    kept = tmp_path / "kept.json"
    kept.write_text(capsys.readouterr().out, "utf-8")
    since = [*explained, str(tmp_path / "second"), "--unit", "A", "--since", str(kept)]
    assert main([*since, "--lang", "en"]) == 0
    assert "In full [full]: 66.32 / 70 → 66.93 / 70" in capsys.readouterr().out
    assert main([*since, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == changes_since(told(facts()), told(later))
    kept.write_text("{", "utf-8")
    assert main([*since, "--lang", "zh"]) == 2
    assert "[scoring.no_explanation]" in capsys.readouterr().err
    kept.unlink()
    assert main([*since, "--lang", "en"]) == 2
    assert "There is no file kept.json" in capsys.readouterr().err
