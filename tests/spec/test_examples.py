"""The examples of the reference hold on both engines, and every word of the language has one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest

from answerable.definition.formula import (
    ACROSS,
    AGGREGATES,
    FUNCTIONS,
    GROUPS,
    Across,
    Aggregate,
    Binary,
    BinaryOp,
    Call,
    ColumnOf,
    Expression,
    Negation,
    walk,
)
from answerable.definition.schema import programme_schema
from answerable.definition.syntax import parse
from answerable.definition.tables import CALENDAR, row_columns
from answerable.scoring.run import Engine
from answerable.values.issue import Refused
from tests.engines import HELD
from tests.spec.examples.example import Example, Page, Section, pages, plain, read_entries, text

EXAMPLES = [(page, example) for page in pages() for section in page.sections for example in section.examples]
SECTIONS = [section for page in pages() for section in page.sections if section.formulas]
PARTS = (
    *("panels", "matters", "targets", "indicators", "tree", "adjustments", "adjustments_together", "vetoes", "grades"),
    *("ranks", "rounding"),
)
FILLED_IN = {"id", "title", "clause", "legal_basis", "reviewed", "topic"}
"""What an example leaves out, since it is about something else."""


@pytest.mark.parametrize("engine", HELD)
@pytest.mark.parametrize(("page", "example"), EXAMPLES, ids=[f"{page.name}-{one.id}" for page, one in EXAMPLES])
def test_an_example_gives_what_its_table_says(page: Page, example: Example, engine: Engine) -> None:
    assert example.results(engine) == [{column: row[column] for column in example.gives} for row in example.rows]


@pytest.mark.parametrize("engine", HELD)
@pytest.mark.parametrize("section", SECTIONS, ids=[section.title.en for section in SECTIONS])
def test_a_formula_gives_what_its_table_says(section: Section, engine: Engine) -> None:
    asks = {asked: given for formula in section.formulas for asked, given in formula.asks.items()}
    assert section.tables is not None
    assert section.tables.results(list(asks), engine) == asks


@pytest.mark.parametrize("example", [one for _, one in EXAMPLES if one.refused], ids=lambda one: one.id)
def test_what_an_example_says_is_refused_is_refused(example: Example) -> None:
    with pytest.raises(Refused) as refused:
        example.programme_refused()
    assert {issue.code for issue in refused.value.issues} == {(example.refused or {})["code"]}


# -- nothing of the language is without an example ------------------------------------------------------------------

SCHEMA = programme_schema()
Use = tuple[str, ...]


def shape_of(schema: dict[str, Any]) -> str:
    """The shape below a key, of one mapping or of each in a list; empty where it is a plain value."""
    return str(schema.get("$ref") or schema.get("items", {}).get("$ref", "")).rpartition("/")[2]


def long_form(shape: str) -> dict[str, Any]:
    made = SCHEMA["$defs"][shape]
    return dict(made["anyOf"][-1] if "anyOf" in made else made)


def words(shape: str, key: str, schema: dict[str, Any]) -> Iterator[Use]:
    """The closed words of a key; each kind of absence takes the same ones, which need be shown once."""
    for word in schema.get("enum", ()):
        if word is not True:
            yield (shape, word) if shape == "AbsentShape" else (shape, key, word)


def wanted(shape: str, seen: set[str]) -> Iterator[Use]:
    """Every key of a shape and of those below it, with every closed word of each."""
    if shape in seen:
        return
    seen.add(shape)
    for key, schema in long_form(shape)["properties"].items():
        if key not in FILLED_IN:
            yield (shape, key)
            yield from words(shape, key, schema)
            if below := shape_of(schema):
                yield from wanted(below, seen)


def used(value: Any, shape: str) -> Iterator[Use]:
    """The keys and words of a fragment that has a shape."""
    if isinstance(value, list):
        for part in value:
            yield from used(part, shape)
    elif isinstance(value, str):
        short = SCHEMA["$defs"][shape].get("anyOf", [{}])[0].get("enum", ())
        yield from ((shape, value) if shape == "AbsentShape" else (shape, "do", value) for _ in short[:1])
    else:
        for key, part in value.items():
            yield (shape, key)
            schema = long_form(shape)["properties"][key]
            yield from (one for one in words(shape, key, schema) if part == one[-1])
            if below := shape_of(schema):
                yield from used(part, below)


def test_every_key_of_the_language_has_an_example() -> None:
    seen: set[str] = set()
    shapes = {part: shape_of(SCHEMA["properties"][part]) for part in PARTS}
    asked = {use for shape in shapes.values() for use in wanted(shape, seen)}
    fragments = [example.fragment for _, example in EXAMPLES] + [
        plain(one.tables.written) for one in SECTIONS if one.tables
    ]
    given = {
        use
        for fragment in fragments
        for part, value in (fragment or {}).items()
        if part in shapes
        for use in used(value, shapes[part])
    }
    assert sorted(asked - given) == [], "add an example to tests/spec/examples, see CONTRIBUTING.md"


@cache
def formulas() -> tuple[Expression, ...]:
    """Every formula of the reference."""
    asked = [parse(asked) for section in SECTIONS for formula in section.formulas for asked in formula.asks]
    return (*asked, *(indicator.formula for _, example in EXAMPLES for indicator in example.programme.indicators))


def test_every_word_of_a_formula_has_an_example() -> None:
    said: dict[str, set[str]] = {name: set() for name in ("function", "aggregate", "across", "group", "operator")}
    for part in (part for formula in formulas() for part in walk(formula)):
        match part:
            case Call(function):
                said["function"].add(function)
            case Aggregate(op):
                said["aggregate"].add(op)
            case Across(op, _, within):
                said["across"].add(op)
                said["group"].add(within)
            case Binary(op) | Negation(op):
                said["operator"].add(op)
    all_of: dict[str, set[str]] = {
        "function": set(FUNCTIONS),
        "aggregate": set(AGGREGATES),
        "across": set(ACROSS),
        "group": set(GROUPS),
        "operator": {*get_args(BinaryOp), "not"},
    }
    lacking = {name: sorted(words - said[name]) for name, words in all_of.items() if words - said[name]}
    assert lacking == {}, "add a formula to tests/spec/examples/formulas.yaml, see CONTRIBUTING.md"


def test_every_function_has_an_entry_of_its_own() -> None:
    named = {entry.id for page in pages() for entry in page.entries if page.name == "formulas"}
    read = {*row_columns(()), *CALENDAR, "earlier"}
    assert {*FUNCTIONS, *AGGREGATES, *(f"{op}_within" for op in ACROSS), *read} - named == set()


def test_every_column_that_formulas_read_has_an_example() -> None:
    columns = {(table, column) for table, columns in row_columns(()).items() for column in columns}
    read = {(part.table, part.column) for formula in formulas() for part in walk(formula) if isinstance(part, ColumnOf)}
    assert columns - read == set()


# -- the first page tells what is there ------------------------------------------------------------------------------


def test_each_of_the_kinds_of_rule_has_an_example_or_is_open() -> None:
    index = read_entries("index")
    shown = {kind for page in pages() for entry in page.entries for kind in entry.kinds}
    assert list(index["kinds"]) == [str(number) for number in range(1, 29)]
    assert set(index["kinds"]) == shown | set(index["open"])
    assert shown & set(index["open"]) == set(), "it has an example: take it out of `open`"


def test_every_published_rule_has_an_example() -> None:
    shown = {rule for page in pages() for entry in page.entries for rule in entry.published}
    assert shown == set(read_entries("index")["published"])


def test_no_published_rule_is_left_out(shared_data: Path) -> None:
    rules = json.loads((shared_data / "rubrics" / "rules.json").read_text("utf-8"))["rules"]
    assert {rule["id"] for rule in rules} == set(read_entries("index")["published"])


def test_every_link_leads_to_one_entry() -> None:
    for page in pages():
        assert [name for name, times in Counter(entry.id for entry in page.entries).items() if times > 1] == []


def test_words_without_quotes_around_their_commas_are_found() -> None:
    assert text(plain('{zh: 甲, en: "one, two"}')).en == "one, two"
    with pytest.raises(ValueError, match="zh and en"):
        text(plain("{zh: 甲, en: one, two}"))
