"""The shape of a programme file as JSON Schema (draft 2020-12), for editors that complete and check while one writes.

It is made from the shape itself, so that a new key is in it at once. It says no more than the shape: what
`answerable check` finds beyond that (names, measures, points, bands, rights) needs the whole file. Editors read YAML
with numbers, so that an exact number may be a number or text here; a text may be a number, as in `version: 2026`.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from answerable.definition.document import AbsentShape, ProgrammeDocument, ReviewedShape
from answerable.definition.wording import LABELS, WORDS

__all__ = ["programme_schema"]

_MODEL_KEYS = {
    "day": "due_day",
    "findings": "finding_kinds",
    "from": "start",
    "kinds": "unit_kinds",
    "months_after": "due_months",
    "show": "percent",
    "until": "valid_until",
}
"""What the model calls a key of the file, where it calls it otherwise."""

_NUMBER = {"type": ["number", "string"], "pattern": r"^\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)%?\s*$"}
_READERS: dict[str, dict[str, Any]] = {
    "_exact": {**_NUMBER, "description": "An exact number: 12, 0.85 or 85%."},
    "_formula": {"type": ["string", "number"], "description": "A formula, as in sum(monthly.paid) / sum(monthly.due)."},
    "_identifier": {
        "type": "string",
        "pattern": "^(?!.*(__|_state$))[a-z][a-z0-9_]{0,59}$",
        "description": "An id: lower-case letters, digits and single underscores.",
    },
    "_month_day": {"type": "string", "pattern": "^[0-9]{2}-[0-9]{2}$", "description": "A day of the year, MM-DD."},
    "_threshold": {
        "type": "string",
        "pattern": r"^\s*(>=|<=|==|>|<)\s*\S+\s*$",
        "description": 'A threshold, as in ">= 95%".',
    },
    "_time_zone": {"type": "string", "description": "A time zone, as in Asia/Shanghai."},
}
"""What each reader of a plain value takes; a reader that is not listed takes anything here, and `check` decides."""


def programme_schema() -> dict[str, Any]:
    """The schema as plain JSON types: every key with its description, which are required, and which words it takes."""
    made = ProgrammeDocument.model_json_schema(by_alias=True, schema_generator=_Schema, mode="validation")
    shapes = made["$defs"]
    for shape in [made, *shapes.values()]:
        shape.pop("title", None)
        for key, value in _keys(shape).items():
            value["description"] = _with_shape(key, value, shape["description"], shapes)
    return {"$schema": _Schema.schema_dialect, "title": "Answerable programme", **made}


def _keys(shape: JsonSchemaValue) -> dict[str, JsonSchemaValue]:
    """The keys of a mapping, or of the long form of one that may be written shortly."""
    keys: dict[str, JsonSchemaValue] = shape["anyOf"][-1]["properties"] if "anyOf" in shape else shape["properties"]
    return keys


def _with_shape(key: str, value: JsonSchemaValue, says: str, shapes: Mapping[str, JsonSchemaValue]) -> str:
    """What a key is called and takes, then what the mapping below it is; else what it is a key of."""
    below = value.get("$ref") or value.get("items", {}).get("$ref", "")
    shape = shapes.get(below.rpartition("/")[2], {"description": ""})
    return f"{value['description']} {shape['description']}".strip() or f"{key}: {says}"


class _Schema(GenerateJsonSchema):
    """The library's schema, with the readers of plain values said by what they take."""

    def function_before_schema(self, schema: Any) -> JsonSchemaValue:
        return _taken_by(schema) or super().function_before_schema(schema)

    def function_after_schema(self, schema: Any) -> JsonSchemaValue:
        return _taken_by(schema) or super().function_after_schema(schema)

    def nullable_schema(self, schema: Any) -> JsonSchemaValue:
        """A key that is not wanted is left out, and never written as nothing."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: Any) -> JsonSchemaValue:
        made = super().default_schema(schema)
        return {key: value for key, value in made.items() if (key, value) != ("default", None)}

    def str_schema(self, schema: Any) -> JsonSchemaValue:
        return {**super().str_schema(schema), "type": ["string", "number"]}

    def literal_schema(self, schema: Any) -> JsonSchemaValue:
        """A word an editor reads as yes is allowed to be one."""
        if schema["expected"] == ["true"]:
            return {"enum": [True, "true"]}
        return super().literal_schema(schema)

    def model_schema(self, schema: Any) -> JsonSchemaValue:
        shape: type[BaseModel] = schema["cls"]
        made = super().model_schema(schema)
        made["description"] = inspect.cleandoc(shape.__doc__ or "")
        kinds = _takes_exactly_one(shape)
        for key, value in made["properties"].items():
            value.pop("title", None)
            taken = value.get("description", "")
            value["description"] = taken if kinds else f"{_called(shape, key, value)} {taken}".strip()
        if kinds:
            made |= {"minProperties": 1, "maxProperties": 1}
        if short := _short_forms(shape, made["properties"].values()):
            return {"description": made.pop("description"), "anyOf": [short, made]}
        return made


def _taken_by(schema: Any) -> JsonSchemaValue:
    """What the reader of a plain value takes; nothing where it is not known."""
    return dict(_READERS.get(getattr(schema["function"]["function"], "__name__", ""), {}))


def _called(shape: type[BaseModel], key: str, value: JsonSchemaValue) -> str:
    """What a key is called in both languages; nothing where it has no words of its own."""
    named = WORDS["absence"].get(key) if shape is AbsentShape else LABELS.get(_MODEL_KEYS.get(key, key))
    if named is None or shape is ReviewedShape or value.get("pattern") == _READERS["_threshold"]["pattern"]:
        return ""
    return f"{named.en[:1].upper()}{named.en[1:]} · {named.zh}."


def _takes_exactly_one(shape: type[BaseModel]) -> bool:
    """Whether no key is needed and yet none at all is refused, as with the kinds of rule."""
    return not any(field.is_required() for field in shape.model_fields.values()) and not _accepts(shape, {})


def _short_forms(shape: type[BaseModel], properties: Iterable[JsonSchemaValue]) -> JsonSchemaValue:
    """What may stand in place of the whole mapping: a formula, or some of the words of its keys."""
    if _accepts(shape, "value"):
        return dict(_READERS["_formula"])
    words = dict.fromkeys(word for one in properties for word in one.get("enum", ()) if _accepts(shape, word))
    return {"enum": list(words)} if words else {}


def _accepts(shape: type[BaseModel], value: object) -> bool:
    try:
        shape.model_validate(value)
    except ValidationError:
        return False
    return True
