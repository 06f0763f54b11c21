"""The numbers of a programme file that can be tried otherwise, and the file with some of them changed."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator
from fractions import Fraction
from importlib import resources
from typing import Any

import pytest

from answerable.definition import read
from answerable.definition.reader import read_plain, spans
from answerable.definition.settings import changed, settings
from answerable.values.issue import Refused
from tests.spec.examples.example import Example, pages
from tests.spec.office import document, indicator, item

SHIPPED = ("family_services", "child_health", "human_development")
RULE_NUMBER = re.compile(r'"(?:[<>=]+ *)?[-+]?[0-9.]+%?"')
WORDS_AND_NUMBERS = {"below", "steps", "side", "formula", "indicator"}


def shipped(name: str) -> bytes:
    return (resources.files("answerable.programmes") / name / "programme.yaml").read_bytes()


def lines_changed(before: bytes, after: bytes) -> list[tuple[str, str]]:
    """Lines that differ, before and after, one for one."""
    pairs = zip(before.decode().splitlines(), after.decode().splitlines(), strict=True)
    return [(one, other) for one, other in pairs if one != other]


@pytest.mark.parametrize("name", SHIPPED)
def test_each_number_has_an_address_of_its_own(name: str) -> None:
    found = [one.address for one in settings(shipped(name))]
    assert found
    assert len(found) == len(set(found))


@pytest.mark.parametrize("name", SHIPPED)
def test_where_values_stand_in_a_file_is_known_to_the_character(name: str) -> None:
    source = shipped(name)
    plain, _ = read_plain(source, name)
    for path, (start, end) in spans(source.decode()).items():
        value = plain
        for key in path:
            value = value[key]
        said = source.decode()[start:end]
        assert said.strip("\"'") == value or said[0] in ">|" or "''" in said or "\\" in said


@pytest.mark.parametrize("name", SHIPPED)
def test_any_number_can_be_changed_and_no_word_moves_with_it(name: str) -> None:
    source = shipped(name)
    for one in settings(source)[::5]:
        pairs = lines_changed(source, changed(source, {one.address: "7.125"}))
        assert pairs
        for before, after in pairs:
            moved = [
                (before[a:b], after[c:d])
                for tag, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
                if tag != "equal"
            ]
            assert all(re.fullmatch(r"[-0-9.%]*", text) for pair in moved for text in pair), (before, after)


def test_a_change_says_in_the_programme_what_it_says_in_the_file() -> None:
    source = shipped("family_services")
    wanted = {
        "agreement.points": "2",
        "specialist.points": "6",
        "leader.rule.full_or_none": "> 95%",
        "paid_on_time.rule.bands.2.from": "94%",
        "advanced.from": "85",
        "problems_back.cap": "6",
    }
    made = read(changed(source, wanted))
    items = {one.id: one for one in made.tree.items()}
    assert (items["agreement"].points, items["specialist"].points) == (Fraction(2), Fraction(6))
    assert items["leader"].rule.in_words(Fraction(2), True).en == "2 points if above 95%, else none."
    assert "6 points from 94%" in items["paid_on_time"].rule.in_words(Fraction(8), True).en
    assert made.grades.bands[0].start == 85
    assert made.adjustments[0].cap == 6


def test_points_of_parts_follow_their_items_at_every_depth() -> None:
    def worth(name: str, points: str) -> dict[str, Any]:
        return item(name, {"full_or_none": ">= 1"}, points)

    inner = {"id": "inner", "title": {"zh": "内", "en": "in"}, "points": "5", "children": [worth("deep", "5")]}
    outer = {"id": "outer", "title": {"zh": "外", "en": "out"}, "points": "8", "children": [worth("near", "3")]}
    outer["children"] = [inner, *outer["children"]]
    source = json.dumps(document(indicators=[indicator("ratio", "1")], tree=[outer, worth("far", "2")])).encode()
    made = read(changed(source, {"deep.points": "6.5", "near.points": "2"}))
    assert {node.id: str(node.points) for node in made.tree.nodes()} == {
        **{"total": "21/2", "outer": "17/2", "inner": "13/2"},
        **{"deep": "13/2", "near": "2", "far": "2"},
    }


def test_a_band_ends_where_the_one_above_begins() -> None:
    made = read(changed(shipped("family_services"), {"advanced.from": "88.5", "qualified.from": "65"}))
    assert [str(band.start) for band in made.grades.bands] == ["177/2", "65", "0"]


def test_a_condition_keeps_its_sign_unless_another_is_given() -> None:
    source = shipped("family_services")
    for value, says in (("95%", '">= 95%"'), ("> 95%", '"> 95%"')):
        (pair,) = lines_changed(source, changed(source, {"leader.rule.full_or_none": value}))
        assert says in pair[1]


def test_all_that_is_wrong_with_a_change_is_said_at_once() -> None:
    wanted = {"agreement.pionts": "2", "leader.points": "two", "advanced.from": "90.0", "specialist.points": ">= 3"}
    with pytest.raises(Refused) as refused:
        changed(shipped("family_services"), wanted)
    assert [issue.code for issue in refused.value.issues] == [
        *("trial.unknown_setting", "trial.not_a_number", "trial.same_value", "trial.not_a_number"),
    ]
    assert "agreement.points" in refused.value.issues[0].advice("en")


def test_a_change_that_makes_no_sense_is_refused_where_it_stands() -> None:
    source = shipped("family_services")
    with pytest.raises(Refused) as refused:
        read(changed(source, {"qualified.from": "95"}))
    (issue,) = refused.value.issues
    assert issue.place.line == next(
        at for at, line in enumerate(source.decode().splitlines(), 1) if "grade: qualified" in line
    )


@pytest.mark.parametrize("example", [one for page in pages() for section in page.sections for one in section.examples])
def test_every_number_of_every_rule_can_be_tried(example: Example) -> None:
    """An example of each kind of rule stands in the reference: a new kind is found here until its keys have words."""
    source = json.dumps(example.fragment).encode()
    weighed = {one.value for one in settings(source)}
    rules = [_without(rule, WORDS_AND_NUMBERS) for rule in _rules(example.fragment.get("tree", []))]
    numbers = {number.strip('"') for rule in rules for number in RULE_NUMBER.findall(json.dumps(rule))}
    assert numbers <= weighed


def _rules(nodes: list[Any]) -> Iterator[Any]:
    for node in nodes:
        yield from _rules(node.get("children", []))
        yield node.get("rule", {})


def _without(part: object, keys: set[str]) -> object:
    if isinstance(part, dict):
        return {key: _without(value, keys) for key, value in part.items() if key not in keys}
    return [_without(one, keys) for one in part] if isinstance(part, list) else part
