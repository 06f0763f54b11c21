"""The words every room speaks."""

import doctest
from fractions import Fraction
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.values import Issue, Month, Period, Place, Refused, Rounding, Table, Text
from answerable.values.canonical import canonical_csv, canonical_json
from answerable.values.number import parse_fraction, scaled_text, text_of
from answerable.values.table import Column, Schema


@pytest.mark.parametrize(
    "name", ["values.period", "values.canonical", "values.number", "values.text", "definition.shorthand"]
)
def test_the_examples_in_docstrings_hold(name: str) -> None:
    found = doctest.testmod(import_module(f"answerable.{name}"))
    assert found.attempted > 0 and found.failed == 0


@pytest.mark.parametrize(
    ("mode", "value", "scaled"),
    [
        ("half_up", "1.005", 101),
        ("half_up", "-1.005", -101),
        ("half_even", "1.005", 100),
        ("half_even", "1.015", 102),
        ("half_even", "1.0150001", 102),
        ("down", "1.019", 101),
        ("down", "-1.019", -101),
        ("up", "1.011", 102),
        ("up", "-1.011", -102),
        ("up", "1.01", 101),
    ],
)
def test_a_rounding_does_what_its_name_says_at_the_half(mode: str, value: str, scaled: int) -> None:
    assert Rounding(mode, 2).scaled(Fraction(value)) == scaled  # type: ignore[arg-type]


@given(st.integers(-(10**9), 10**9), st.integers(0, 6))
def test_a_scaled_integer_written_out_reads_back(scaled: int, decimals: int) -> None:
    assert parse_fraction(scaled_text(scaled, decimals)) == Fraction(scaled, 10**decimals)


@pytest.mark.parametrize("text", ["", "1e3", "1,000", "０", "nan", "1/3", "--1", "5%%"])
def test_what_is_no_number_is_refused_not_guessed(text: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        parse_fraction(text)


def test_an_endless_fraction_is_shown_as_a_fraction_not_cut_short() -> None:
    assert text_of(Fraction(1, 3)) == "1/3"
    assert text_of(Fraction(1, 8)) == "0.125"


@pytest.mark.parametrize(
    "text", ["2025-13", "2025-00", "25-01", "2025-1", "2025-02..2025-01", "2025-01-01", "year", "٢٠٢٥"]
)
def test_a_month_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="month"):
        Period.parse(text)


@given(st.integers(1900 * 12, 2200 * 12), st.integers(1, 36))
def test_a_period_holds_its_first_month_and_not_its_end(number: int, length: int) -> None:
    period = Period(Month.of_number(number), Month.of_number(number + length))
    assert len(list(period)) == length
    assert period.start in period and period.end not in period
    assert Period.parse(str(period)) == period


def test_canonical_json_has_no_floats_at_any_depth() -> None:
    with pytest.raises(TypeError, match="float"):
        canonical_json({"a": [1, {"b": 0.5}]})


def test_canonical_csv_quotes_only_where_needed() -> None:
    assert canonical_csv(["a", "b"], [["x,y", None], ['"', 0]]) == b'a,b\n"x,y",\n"""",0\n'


def test_a_text_needs_both_languages() -> None:
    with pytest.raises(ValueError, match="both languages"):
        Text(zh="单位", en=" ")


def test_a_table_is_put_in_key_order_and_numbers_are_ordered_as_numbers() -> None:
    schema = Schema("t", ("unit", "version"), (Column("unit", "text"), Column("version", "integer")))
    table = Table.of_rows(
        schema, [{"unit": "b", "version": 10}, {"unit": "b", "version": 9}, {"unit": "a", "version": 1}]
    )
    assert [(row["unit"], row["version"]) for row in table.rows()] == [("a", 1), ("b", 9), ("b", 10)]


def test_an_issue_says_place_code_what_and_what_to_do_in_both_languages() -> None:
    issue = Issue("file.not_found", Place("units.csv", 3), {"name": "units.csv"})
    assert issue.line_of_text("en").startswith("units.csv:3: [file.not_found] There is no file units.csv.")
    assert "请检查" in issue.line_of_text("zh")


def test_an_issue_without_its_facts_cannot_be_made() -> None:
    with pytest.raises(KeyError, match="lacks facts"):
        Issue("file.not_found")


def test_a_refusal_carries_every_issue() -> None:
    issues = [Issue("file.not_found", facts={"name": name}) for name in ("a", "b")]
    assert Refused(issues).issues == tuple(issues)
