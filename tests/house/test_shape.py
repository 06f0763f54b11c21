"""Short functions and modules one can read whole; what is longer is declared here with its reason."""

from __future__ import annotations

import ast
from statistics import median

from tests.house.checkout import modules, text_files

LONGEST_FUNCTION = 80
MEDIAN_FUNCTION = 10
LONGEST_MODULE = 500
LONGER_MODULES: dict[str, str] = {}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.AST) -> list[Function]:
    return [node for node in ast.walk(tree) if isinstance(node, Function)]


def lines_of(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def test_no_function_is_too_long() -> None:
    long = {
        f"{name}:{function.name}": lines_of(function)
        for name, tree in modules().items()
        for function in functions(tree)
        if lines_of(function) > LONGEST_FUNCTION
    }
    assert long == {}


def test_half_of_the_functions_are_short() -> None:
    assert median(lines_of(function) for tree in modules().values() for function in functions(tree)) <= MEDIAN_FUNCTION


def test_no_module_is_too_long() -> None:
    lengths = {name: text_files()[name].count("\n") for name in modules()}
    assert {
        name: lines for name, lines in lengths.items() if lines > LONGEST_MODULE and name not in LONGER_MODULES
    } == {}
    assert {name for name in LONGER_MODULES if lengths.get(name, 0) <= LONGEST_MODULE} == set(), "no longer long"


def test_every_module_says_what_it_is_for() -> None:
    said = {name: ast.get_docstring(tree) for name, tree in modules().items() if tree.body}
    assert {name for name, words in said.items() if not words} == set()


def test_a_long_function_would_be_found() -> None:
    tree = ast.parse("def long():\n" + "    pass\n" * LONGEST_FUNCTION)
    assert [lines_of(function) for function in functions(tree)] == [LONGEST_FUNCTION + 1]
