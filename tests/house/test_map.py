"""The map in the package's docstring, the tree and the import contracts tell the same story."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

import answerable
from tests.house.checkout import PACKAGE, ROOT, files, modules

Layers = list[frozenset[str]]

# What a pure room may import beside the standard library; where it stands in it is the contracts' affair.
THIRD_PARTY = {
    "values": set[str](),
    "definition": {"yaml", "pydantic"},
    "scoring": {"polars", "numpy", "duckdb", "py4j", "pyarrow", "pyspark"},
    "integrity": {"numpy"},
    "ledger": set[str](),
    "exchange": {"PIL", "docx", "lxml", "polars", "pypdf", "typst"},
}

# One import for each contract that breaks it.
BREACHES = {
    "definition/model.py": "import answerable.scoring",
    "definition/topics.py": "import answerable.integrity",
    "values/period.py": "import yaml",
    "values/text.py": "import numpy, pydantic",
    "ledger/tree.py": "import django",
    "integrity/draw.py": "import polars, sqlite3, docx, typst, pypdf, PIL",
    "scoring/engines/columns/plan.py": "import answerable.scoring.engines.exact",
    "scoring/engines/columns/gather.py": "import answerable.scoring.engines.sql, duckdb, pyspark",
    "scoring/engines/reference.py": "import answerable.scoring.engines.columns",
    "site/views/home.py": "import answerable.site.models",
    "site/reads/posts.py": "import answerable.site.actions",
}


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


def test_pure_rooms_import_nothing_but_what_they_declare() -> None:
    found: dict[str, set[str]] = {room: set() for room in THIRD_PARTY}
    for name, tree in modules().items():
        room = name.split("/")[1]
        if room in found:
            found[room] |= imported(tree) - sys.stdlib_module_names - {"answerable"}
    assert {room: names - THIRD_PARTY[room] for room, names in found.items() if names - THIRD_PARTY[room]} == {}


def imported(tree: ast.Module) -> set[str]:
    """The first names of all modules imported, wherever in the file."""
    plain = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    parts = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return {name.split(".")[0] for name in plain | parts}


def test_an_import_is_found_wherever_it_stands() -> None:
    assert imported(ast.parse("import a.b\ndef f():\n    from c.d import e")) == {"a", "c"}


def test_every_import_contract_is_kept() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == EXIT_STATUS_SUCCESS


def test_every_import_contract_can_be_broken(tmp_path: Path) -> None:
    for path in files():
        if path.suffix == ".py" and PACKAGE in path.parents:
            (copy := tmp_path / path.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name, line in BREACHES.items():
        with (tmp_path / "answerable" / name).open("a", encoding="utf-8") as module:
            module.write(f"\n{line}\n")
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--no-logo"]
    printed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False).stdout
    kept = [contract["name"] for contract in contracts().values() if f"{contract['name']} BROKEN" not in printed]
    assert kept == []
