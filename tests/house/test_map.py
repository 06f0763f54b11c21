"""The map in the package's docstring, the tree and the import contracts tell the same story."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

import answerable
from tests.house.checkout import PACKAGE, ROOT, files

Layers = list[frozenset[str]]


def contracts() -> dict[str, dict[str, Any]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    return {contract["id"]: contract for contract in settings["contracts"]}


def layers_of(lines: list[str]) -> Layers:
    """Names that stand side by side, from layers as import-linter writes them."""
    return [frozenset(re.findall(r"\w+", line)) for line in lines]


def rooms_of(docstring: str) -> list[str]:
    """The rooms a map lists: one to a line, indented, its name parted from its purpose by two spaces or more."""
    return re.findall(r"^ {4}(\w+)  +\S", docstring, re.MULTILINE)


def way_of(docstring: str) -> Layers:
    """The layers of a map, bottom first, from its line of arrows."""
    line = next(line for line in docstring.splitlines() if line.count("<-") > 2)
    return layers_of(line.split("<-"))


def rooms_in_tree() -> set[str]:
    inside = (path.relative_to(PACKAGE).parts for path in files() if PACKAGE in path.parents)
    return {parts[0] for parts in inside if len(parts) > 1}


def test_the_map_lists_the_rooms_of_the_tree() -> None:
    assert set(rooms_of(answerable.__doc__ or "")) == rooms_in_tree()


def test_the_way_on_the_map_is_the_way_in_the_contract() -> None:
    assert way_of(answerable.__doc__ or "") == layers_of(contracts()["house"]["layers"])[::-1]


def test_every_room_with_python_stands_in_the_contract() -> None:
    with_python = {room for room in rooms_in_tree() if (PACKAGE / room / "__init__.py").exists()}
    named = frozenset[str]().union(*layers_of(contracts()["house"]["layers"]))
    assert named - {"__main__"} == with_python
    assert contracts()["house"]["exhaustive"] is True


def test_a_map_that_forgets_a_room_or_turns_an_arrow_would_be_found() -> None:
    map_of_two = "    upper   goes on top\n    lower   lies below\n\n    lower <- {left, right} <- upper <- roof\n"
    assert rooms_of(map_of_two) == ["upper", "lower"]
    assert way_of(map_of_two) == [{"lower"}, {"left", "right"}, {"upper"}, {"roof"}]


def test_every_import_contract_is_kept() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == EXIT_STATUS_SUCCESS
