"""The JSON Schema of a programme file: it takes the shipped programmes and no key that the shape refuses."""

from __future__ import annotations

import copy
import json
import re
from functools import cache
from importlib import resources
from typing import Any

import pytest
import yaml

from answerable.definition import read
from answerable.definition.schema import programme_schema
from answerable.definition.shapes import Shape
from answerable.values import Refused

SHIPPED = ("family_services", "child_health")
TYPES: dict[str, Any] = {
    "array": list,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "object": dict,
    "string": str,
}


@cache
def schema() -> dict[str, Any]:
    return programme_schema()


def faults(value: Any, rule: dict[str, Any], at: str = "") -> list[str]:
    """Where a value breaks a schema, by those words of draft 2020-12 that ours uses; another word is an error here."""
    found: list[str] = []
    for word, says in rule.items():
        match word:
            case "$ref":
                found += faults(value, schema()["$defs"][says.rpartition("/")[2]], at)
            case "anyOf":
                if all(faults(value, one, at) for one in says):
                    found.append(f"{at}: none of {len(says)}")
            case "type":
                names = [says] if isinstance(says, str) else says
                right = any(
                    isinstance(value, TYPES[name]) and isinstance(value, bool) == (name == "boolean") for name in names
                )
                found += [] if right else [f"{at}: type"]
            case "enum":
                found += [] if value in says else [f"{at}: enum"]
            case "pattern":
                found += [f"{at}: pattern"] if isinstance(value, str) and not re.search(says, value) else []
            case "format":
                assert says == "date"
                found += [] if re.fullmatch(r"\d{4}-\d\d-\d\d", str(value)) else [f"{at}: date"]
            case "minimum" | "maximum":
                wrong = isinstance(value, int) and (value < says if word == "minimum" else value > says)
                found += [f"{at}: {word}"] if wrong else []
            case "minLength" | "minItems" | "minProperties":
                found += [f"{at}: {word}"] if hasattr(value, "__len__") and len(value) < says else []
            case "maxProperties":
                found += [f"{at}: {word}"] if hasattr(value, "__len__") and len(value) > says else []
            case "items":
                listed = value if isinstance(value, list) else []
                found += [fault for place, one in enumerate(listed) for fault in faults(one, says, f"{at}[{place}]")]
            case "required":
                found += [f"{at}: needs {key}" for key in says if isinstance(value, dict) and key not in value]
            case "properties":
                present = [key for key in says if isinstance(value, dict) and key in value]
                found += [fault for key in present for fault in faults(value[key], says[key], f"{at}.{key}")]
            case "additionalProperties":
                assert says is False
                found += (
                    [f"{at}: {key}" for key in value if key not in rule["properties"]]
                    if isinstance(value, dict)
                    else []
                )
            case "patternProperties":
                for pattern, inner in says.items():
                    found += [
                        fault
                        for key, one in (value.items() if isinstance(value, dict) else ())
                        if re.search(pattern, key)
                        for fault in faults(one, inner, f"{at}.{key}")
                    ]
            case "$schema" | "$defs" | "title" | "description" | "default" | "propertyNames":
                pass
            case _:
                raise AssertionError(f"the schema uses {word}, which this checker does not know")
    return found


class Editor(yaml.SafeLoader):
    """YAML 1.2 as editors read it: numbers are numbers, `on` is a word, and a date is text."""


Editor.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.endswith((":int", ":float", ":null"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Editor.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), ["t", "f"])


@cache
def shipped(name: str) -> str:
    return (resources.files("answerable.programmes") / name / "programme.yaml").read_text("utf-8")


def as_edited(text: str) -> Any:
    return yaml.load(text, Loader=Editor)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_programme_fits_the_schema(name: str) -> None:
    assert faults(as_edited(shipped(name)), schema()) == []


EDITS: list[tuple[str, str, str]] = [
    ("a key that is none", "  on: rounded\n  rated_from", "  on: rounded\n  no_such: 1\n  rated_from"),
    ("a word that is none", "measure: flag", "measure: banner"),
    ("a key that is missing", "time_zone: Asia/Shanghai\n", ""),
    ("two kinds of rule", "rule: {ratio_to_target: 100%}", "rule: {ratio_to_target: 100%, full_or_none: '>= 1'}"),
    ("no kind of rule", "rule: {ratio_to_target: 100%}", "rule: {}"),
    ("a number that is none", "maximum: 31", "maximum: many"),
    ("a threshold that is none", '{full_or_none: ">= 90%"}', "{full_or_none: 90%}"),
    ("a fate that is none", "absent: zero, title: {zh: 责任书", "absent: half, title: {zh: 责任书"),
    ("a day that is none", "sign_by: 01-31", "sign_by: January"),
    ("an id with capitals", "programme: family_services", "programme: Family"),
    ("a text in one language", "title: {zh: 公开, en: Openness}", "title: {zh: 公开}"),
    ("a due day beyond every month", "due: {day: 5,", "due: {day: 31,"),
    ("a short form without its number", "missing: unassessable, title: {zh: 按期", "missing: skip, title: {zh: 按期"),
]


@pytest.mark.parametrize(("old", "new"), [edit[1:] for edit in EDITS], ids=[edit[0] for edit in EDITS])
def test_what_the_shape_refuses_the_schema_refuses(old: str, new: str) -> None:
    text = shipped("family_services")
    assert old in text
    broken = text.replace(old, new, 1)
    with pytest.raises(Refused):
        read(broken.encode())
    assert faults(as_edited(broken), schema()) != []


def keys(rule: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (rule["anyOf"][-1] if "anyOf" in rule else rule)["properties"]
    return found


def test_every_key_of_every_shape_is_there_and_described() -> None:
    rules = {"ProgrammeDocument": schema(), **schema()["$defs"]}
    shapes = [*Shape.__subclasses__()]
    assert {shape.__name__ for shape in shapes} == set(rules)
    for shape in shapes:
        expected = {field.alias or name for name, field in shape.model_fields.items()}
        assert set(keys(rules[shape.__name__])) == expected
        assert [key for key, value in keys(rules[shape.__name__]).items() if len(value["description"]) < 6] == []


def test_the_schema_is_plain_json_and_names_its_draft() -> None:
    assert json.loads(json.dumps(schema())) == schema()
    assert schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_a_description_says_what_a_key_is_called_in_both_languages() -> None:
    field = keys(schema()["$defs"]["FieldShape"])
    assert field["maximum"]["description"] == "Largest value · 最大值. An exact number: 12, 0.85 or 85%."
    rules = keys(schema()["$defs"]["RuleShape"])
    assert rules["linear"]["description"] == "A straight line between two values."


def test_a_checker_that_took_anything_would_be_found() -> None:
    plain = as_edited(shipped("family_services"))
    for key in plain:
        without = copy.deepcopy(plain)
        without[key] = 17.5
        assert faults(without, schema()) != [] or key in ("version",)
