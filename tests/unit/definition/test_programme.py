"""A programme file: what a sound one becomes, and each way to be unsound with its line."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.definition import read
from answerable.definition.formula import show
from answerable.values import Month, Refused

SOUND = """\
programme: tiny
version: "1"
title: {zh: 小方案, en: Tiny}
office: {zh: 项目办公室, en: Programme office}
legal_basis: [law#7]
in_force: {from: 2025-01-01, until: 2027-01-01}
time_zone: Asia/Shanghai
units:
  kinds: {unit: {zh: 单位, en: Unit}}
  assess: [unit]
agreement: {sign_by: 01-31}
sources:
  - {id: law, title: {zh: 法, en: Law}}
forms:
  - id: monthly
    title: {zh: 月报表, en: Monthly return}
    owner: office
    clause: law#1
    due: {day: 5, months_after: 1}
    fields:
      - id: entitled
        title: {zh: 应发, en: Entitled}
        measure: money
        topic: benefit_payment
        owner: unit
        use: scored
      - {id: paid, title: {zh: 实发, en: Paid}, measure: money, topic: benefit_payment, owner: unit, use: scored}
      - {id: held, title: {zh: 场次, en: Held}, measure: count, topic: training, owner: unit, use: context}
    checks:
      - id: paid_within
        says: {zh: 实发不超过应发, en: Paid within}
        holds: monthly.paid <= monthly.entitled
        severity: hard
findings:
  - {id: stale_board, title: {zh: 公开栏未更新, en: Stale board}, clause: law#2, topic: openness}
indicators:
  - id: paid_share
    title: {zh: 发放率, en: Share paid}
    formula: sum(monthly.paid) / sum(monthly.entitled)
    missing: {do: skip, at_least: 9}
    show: percent
  - id: stale
    title: {zh: 未更新次数, en: Times stale}
    formula: sum(findings.occurrences where findings.kind == "stale_board")
    missing: unassessable
    show: number
tree:
  - id: benefits
    title: {zh: 待遇, en: Benefits}
    points: 70
    children:
      - id: full
        title: {zh: 足额, en: In full}
        points: 70
        clause: law#3
        indicator: paid_share
        rule: {ratio_to_target: 95%}
        absent: zero
  - id: open
    title: {zh: 公开, en: Open}
    points: 30
    clause: law#3
    indicator: stale
    rule: {deduct_per_count: {each: 0.5, floor: 0}}
    absent: exempt
grades:
  on: rounded
  rated_from: 60
  bands:
    - {grade: good, title: {zh: 好, en: Good}, from: 90}
    - {grade: bad, title: {zh: 差, en: Bad}, from: 0, below: 90}
rounding:
  indicator: {mode: half_up, decimals: 4}
  item: {mode: half_up, decimals: 2}
  total: {mode: half_up, decimals: 2}
  add: rounded
"""


def refused(*changes: tuple[str, str]) -> list[tuple[str, int | None]]:
    """Codes and lines of the issues after changing the sound file."""
    source = SOUND
    for old, new in changes:
        assert old in source
        source = source.replace(old, new, 1)
    with pytest.raises(Refused) as raised:
        read(source.encode())
    return [(issue.code.removeprefix("programme."), issue.place.line) for issue in raised.value.issues]


def line_of(text: str) -> int:
    return SOUND[: SOUND.index(text)].count("\n") + 1


def test_a_sound_file_becomes_a_programme() -> None:
    programme = read(SOUND.encode())
    assert programme.tree.points == 100
    assert [item.id for item in programme.tree.items()] == ["full", "open"]
    assert show(next(programme.tree.items()).formula) == "least(greatest(value / 0.95 * 70, 0), 70)"
    assert programme.indicator("stale").missing.do == "unassessable"
    assert programme.grades.bands[0].start == Fraction(90)


def test_the_digest_is_of_the_bytes() -> None:
    assert read(SOUND.encode()).digest != read((SOUND + "\n").encode()).digest


def test_a_return_is_late_from_the_midnight_after_the_due_day_in_the_programmes_own_zone() -> None:
    programme = read(SOUND.encode())
    assert programme.due_instant(programme.form("monthly"), Month(2025, 12)) == "2026-01-05T16:00:00Z"


VETO = (
    "vetoes: [{id: v, title: {zh: 否, en: V}, clause: law#1, legal_basis: law#1, when: %s, at_most: %s}]\nrounding:\n"
)

PAID = "{id: paid, title: {zh: 实发, en: Paid}, measure: money, topic: benefit_payment"

RANK = "ranks:\n  - {id: all, title: {zh: 名次, en: Place}, on: rounded, within: county, ties: min}\nrounding:\n"
UNSOUND = {
    "unknown_group": [("rounding:\n", RANK)],
    "taken_kind": [("kinds: {unit: ", "kinds: {parent: {zh: 上级, en: Above}, unit: ")],
    "unknown_key": [("time_zone: Asia", "timezone: x\ntime_zone: Asia")],
    "missing_key": [("time_zone: Asia/Shanghai\n", "")],
    "not_one_of": [("severity: hard", "severity: strict")],
    "wrong_value": [("time_zone: Asia/Shanghai", "time_zone: Asia/Nowhere")],
    "repeated_key": [("version: ", "version: '0'\nversion: ")],
    "not_yaml": [("legal_basis: [law#7]", "legal_basis: [law#7")],
    "reserved_id": [("- id: monthly", "- id: visits")],
    "repeated_id": [("- id: open", "- id: full")],
    "unknown_source": [("clause: law#2", "clause: act#2")],
    "unknown_kind": [("assess: [unit]", "assess: [village]")],
    "ends_before_start": [("until: 2027-01-01", "until: 2025-01-01")],
    "decimals_of": [("measure: count,", "measure: count, decimals: 2,")],
    "person_record": [("topic: training", "topic: person_record")],
    "unknown_topic": [("topic: training", "topic: sport")],
    "topic_unset": [("topic: benefit_payment", "topic: unset")],
    "right_refused": [(PAID, PAID.replace("benefit_payment", "birth"))],
    "review_needed": [("topic: benefit_payment", "topic: birth")],
    "safeguards_missing": [("topic: training", "topic: informed_choice")],
    "formal_yardstick": [("{zh: 场次, en: Held}", "{zh: 会议照片, en: Photographs of meetings}")],
    "asked_twice": [("{zh: 场次, en: Held}, measure: count", "{zh: 场次, en: ' pAid. '}, measure: money")],
    "field_unused": [("use: context", "use: scored")],
    "circle": [("formula: sum(monthly.paid)", "formula: stale + paid_share + sum(monthly.paid)")],
    "unknown_name": [("sum(monthly.paid)", "sum(monthly.payed)")],
    "indicator_in_rows": [("sum(monthly.paid)", "sum(monthly.paid * stale)")],
    "table_outside_count": [("sum(monthly.paid)", "sum(monthly)")],
    "other_table": [("sum(monthly.paid)", 'sum(monthly.paid where unit.kind == "unit")')],
    "column_outside_aggregate": [("sum(monthly.paid)", "monthly.paid")],
    "nested_aggregate": [("sum(monthly.paid)", "sum(monthly.paid - max(monthly.paid))")],
    "one_table_each": [("sum(monthly.paid)", "sum(monthly.paid * findings.occurrences)")],
    "count_of_value": [("sum(monthly.paid)", "count(monthly.paid)")],
    "previous_outside_form": [("sum(monthly.paid)", "sum(previous(findings.occurrences))")],
    "nested_previous": [("sum(monthly.paid)", "sum(previous(previous(monthly.paid)))")],
    "division_in_rows": [("sum(monthly.paid)", "sum(monthly.paid / monthly.entitled)")],
    "division_by_nothing": [("sum(monthly.entitled)", "0")],
    "measures_differ": [("sum(monthly.paid)", "(sum(monthly.paid) + sum(monthly.held))")],
    "not_in_rows": [("sum(monthly.paid)", "sum(monthly.paid where known(monthly.paid))")],
    "not_in_rules": [("{ratio_to_target: 95%}", "{formula: sum(monthly.paid)}")],
    "exponent_not_literal": [("sum(monthly.paid)", "root(stale, stale) * sum(monthly.paid)")],
    "not_yes_no": [("holds: monthly.paid <= monthly.entitled", "holds: monthly.paid")],
    "not_a_quantity": [("sum(monthly.paid)", "sum(findings.kind)")],
    "percent_of": [(" / sum(monthly.entitled)", "")],
    "no_points": [("points: 30", "points: 0")],
    "points_too_fine": [("points: 30", "points: 30.001")],
    "part_with_rule": [("    points: 70\n", "    points: 70\n    clause: law#1\n")],
    "item_with_children_key": [("    points: 30\n", "    points: 30\n    at_least: 1\n")],
    "unknown_word": [('findings.kind == "stale_board"', 'findings.kind == "stale_bord"')],
    "points_do_not_add": [("    points: 70\n", "    points: 60\n")],
    "bands_open": [("{ratio_to_target: 95%}", "{bands: [{from: 90%, points: 70}]}")],
    "bands_order": [
        ("{ratio_to_target: 95%}", "{bands: [{from: 50%, points: 9}, {from: 90%, points: 70}, {otherwise: 0}]}")
    ],
    "band_gap": [("below: 90}", "below: 89}")],
    "band_overlap": [("below: 90}", "below: 91}")],
    "grade_floor": [("from: 0, below: 90", "from: 60, below: 90")],
    "veto_not_count": [("rounding:\n", VETO % ("paid_share", "bad"))],
    "veto_without_effect": [("rounding:\n", VETO % ("stale", "good"))],
}


@pytest.mark.parametrize("formula", ["[sum(pay.done)]", "{done: pay}", "[]"])
def test_a_formula_is_one_text(formula: str) -> None:
    written = next(line.strip() for line in SOUND.splitlines() if line.strip().startswith("formula: "))
    assert [code for code, _ in refused((written, f"formula: {formula}"))] == ["wrong_value"]


def test_words_are_more_than_spaces() -> None:
    assert refused(("title: {zh: 月报表,", 'title: {zh: " ",')) == [("wrong_value", line_of("title: {zh: 月报表"))]


@pytest.mark.parametrize("code", UNSOUND)
def test_each_way_to_be_unsound_is_named(code: str) -> None:
    assert code in {found for found, _ in refused(*UNSOUND[code])}


def test_every_issue_of_the_family_is_tried_here() -> None:
    from answerable.values.issue import catalogue

    family = {code.removeprefix("programme.") for code in catalogue() if code.startswith("programme.")}
    assert family == set(UNSOUND)


def test_all_issues_come_at_once_each_with_its_line() -> None:
    found = refused(
        ("clause: law#2", "clause: act#2"), ("sum(monthly.paid)", "sum(monthly.payed)"), ("below: 90}", "below: 89}")
    )
    assert ("unknown_source", line_of("clause: law#2")) in found
    assert ("unknown_name", line_of("formula: sum(monthly.paid)")) in found
    assert ("band_gap", line_of("below: 90}")) in found


def test_shape_errors_come_all_at_once_too() -> None:
    found = refused(("version: ", "edition: "), ("severity: hard", "severity: strict"), ("day: 5", "day: 31"))
    assert {code for code, _ in found} == {"unknown_key", "missing_key", "not_one_of", "wrong_value"}
    assert ("not_one_of", line_of("severity: hard")) in found


def test_a_number_is_read_exactly_never_through_a_float() -> None:
    source = SOUND.replace("ratio_to_target: 95%", "ratio_to_target: 0.10000000000000000000000001")
    item = next(read(source.encode()).tree.items())
    assert "0.1)" not in str(item.rule)
    assert item.rule.target == Fraction("0.10000000000000000000000001")  # type: ignore[union-attr]


def test_protected_topics_are_refused_through_any_number_of_formulas() -> None:
    found = refused(
        ("topic: training", "topic: contraceptive_user"),
        (
            "  - id: stale\n",
            "  - {id: deep, title: {zh: 深, en: D}, formula: sum(monthly.held), missing: zero, show: number}\n"
            "  - id: stale\n",
        ),
        ('where findings.kind == "stale_board")', 'where findings.kind == "stale_board") + deep'),
    )
    assert "right_refused" in {code for code, _ in found}


def test_aliases_are_refused_since_they_can_blow_a_file_up() -> None:
    bomb = SOUND.replace("title: {zh: 小方案, en: Tiny}", "title: &t {zh: 小, en: T}").replace(
        "office: {zh: 项目办公室, en: Programme office}", "office: *t"
    )
    with pytest.raises(Refused, match="an alias"):
        read(bomb.encode())


@settings(max_examples=150)
@given(st.integers(0, len(SOUND) - 1), st.sampled_from(["", "x", "-1", "{", "\n", "  ", ": ", "&a", "9" * 30, "工"]))
def test_a_mutated_file_is_read_or_refused_with_a_line_never_a_traceback(at: int, put: str) -> None:
    try:
        read((SOUND[:at] + put + SOUND[at + 1 :]).encode())
    except Refused as refusal:
        assert all(issue.place.line and issue.advice("zh") for issue in refusal.issues)
