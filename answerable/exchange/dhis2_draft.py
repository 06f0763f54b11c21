"""Elements of DHIS2 as the forms of a programme, to be gone through by a person: every topic is unset.

What another system counts arrives without a topic. It may be context, and nothing may be scored on it until a person
has looked at each field, set its topic and written its titles (see docs/rights.md).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from answerable.definition.topics import UNSET

__all__ = ["write_draft"]

_MOST_DECIMALS = 6
_HEAD = """\
# Fields as they stand in DHIS2. No topic is set: until a person sets it, a field is context and is never scored.
# Move what the programme needs into its file, with titles in both languages, owner, clause and day.
forms:
"""


def write_draft(
    folder: Path,
    forms: Mapping[str, Mapping[str, str]],
    names: Mapping[str, str],
    elements: Mapping[str, Mapping[str, Any]],
    rows: Mapping[str, Sequence[tuple[str, ...]]],
) -> Path:
    """Write `draft-forms.yaml` beside the tables.

    Args:
        forms: form id -> element id -> field id.
        names: form id -> the name of its data set.
        elements: element id -> what DHIS2 says of it.
        rows: form id -> the rows of its returns, whose values say how many decimals a field needs.
    """
    lines = [line for form, fields in forms.items() for line in _form(form, names[form], fields, elements, rows[form])]
    file = folder / "draft-forms.yaml"
    file.write_text(_HEAD + "\n".join(lines) + "\n", "utf-8")
    return file


def _form(
    form: str,
    name: str,
    fields: Mapping[str, str],
    elements: Mapping[str, Mapping[str, Any]],
    rows: Sequence[tuple[str, ...]],
) -> Iterator[str]:
    yield f"  - id: {form}"
    yield f"    title: {_both(name)}"
    yield "    owner: unit"
    yield f"    clause: dhis2#{form}"
    yield "    due: {day: 15, months_after: 1}"
    yield "    fields:"
    for at, (element, field) in enumerate(fields.items()):
        said = elements[element]
        decimals = _decimals(row[4 + at] for row in rows)
        measure = _measure(str(said.get("valueType", "")), decimals)
        yield f"      - id: {field}"
        yield f"        title: {_both(str(said['name']))}"
        yield f"        measure: {measure}"
        if measure == "quantity":
            yield f"        decimals: {decimals}"
        yield f"        topic: {UNSET}"
        yield "        owner: unit"
        yield "        use: context"
        yield "        required: false"


def _measure(value_type: str, decimals: int) -> str:
    if value_type in ("BOOLEAN", "TRUE_ONLY"):
        return "flag"
    return "quantity" if decimals else "count"


def _decimals(cells: Iterable[str]) -> int:
    return min(max((len(cell.partition(".")[2]) for cell in cells), default=0), _MOST_DECIMALS)


def _both(name: str) -> str:
    """One name in both places: DHIS2 has one."""
    return f"{{zh: {json.dumps(name, ensure_ascii=False)}, en: {json.dumps(name, ensure_ascii=False)}}}"
