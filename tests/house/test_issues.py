"""Errors are product: every code has its words in both languages, is used, and no other code is."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from string import Formatter

from answerable.ledger.entry import KINDS
from answerable.site.permissions import PERMISSIONS
from tests.house.checkout import modules, text_files

CODE = re.compile(r"[a-z_]+\.[a-z_0-9]+")
FILE = re.compile(r"\.(?:yaml|sqlite3|csv|json|docx|pdf|zip)$")
WORDS = {"en", "en_do", "zh", "zh_do"}
FOLDER = "answerable/values/issues/"


def catalogue() -> dict[str, dict[str, str]]:
    """Every code with its words, straight from the files."""
    entries: dict[str, dict[str, str]] = {}
    for name, text in text_files().items():
        if name.startswith(FOLDER):
            family = name.removeprefix(FOLDER).removesuffix(".toml")
            entries |= {f"{family}.{code}": words for code, words in tomllib.loads(text).items()}
    return entries


def constants(tree: ast.AST) -> set[str]:
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def prefixes(tree: ast.AST) -> set[str]:
    """Families whose codes a module completes itself: `ledger.` of f"ledger.{code}"."""
    texts = (node.values[0] for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) and len(node.values) == 2)
    return {str(text.value) for text in texts if isinstance(text, ast.Constant) and str(text.value).endswith(".")}


def completed(tree: ast.Module) -> Iterator[str]:
    """Codes handed to a function that completes them: `row_missing` of self.add("row_missing", ...)."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and (families := prefixes(function)):
            names = [argument.arg for argument in function.args.args if argument.arg != "self"]
            if "code" in names:
                for given in handed(tree, function.name, names.index("code")):
                    yield from (family + given for family in families)


def handed(tree: ast.Module, function: str, position: int) -> Iterator[str]:
    """The texts given at a position to a function of this module."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and len(call.args) > position:
            called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            given = call.args[position]
            if called == function and isinstance(given, ast.Constant) and isinstance(given.value, str):
                yield given.value


def unused(codes: set[str], trees: list[ast.Module]) -> set[str]:
    whole = set[str]().union(*(constants(tree) for tree in trees))
    families = set[str]().union(*(prefixes(tree) for tree in trees))
    return {
        code for code in codes - whole if not (f"{(parts := code.split('.'))[0]}." in families and parts[1] in whole)
    }


def unknown(codes: set[str], trees: list[ast.Module]) -> set[str]:
    families = {code.split(".")[0] for code in codes}
    # Kinds of entry, permissions and names of files look alike.
    others = {*KINDS, *PERMISSIONS}
    whole = {text for tree in trees for text in constants(tree) if CODE.fullmatch(text) and not FILE.search(text)}
    used = {text for text in whole - others if text.split(".")[0] in families}
    return (used | {code for tree in trees for code in completed(tree)}) - codes


def test_every_issue_has_its_words_in_both_languages() -> None:
    assert {code for code, words in catalogue().items() if set(words) != WORDS} == set()
    assert {code for code, words in catalogue().items() if not all(text.strip() for text in words.values())} == set()


def test_both_languages_tell_the_same_facts() -> None:
    def facts(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    told = {
        code: (facts(words["en"] + words["en_do"]), facts(words["zh"] + words["zh_do"]))
        for code, words in catalogue().items()
    }
    # What is named in two languages is two facts.
    bare = {
        code: [{re.sub("(^|_)(zh|en)$", "", fact) for fact in side} for side in sides] for code, sides in told.items()
    }
    assert {code: sides for code, sides in bare.items() if sides[0] != sides[1]} == {}


def test_every_issue_is_used() -> None:
    assert unused(set(catalogue()), list(modules().values())) == set()


def test_every_code_in_use_has_its_words() -> None:
    assert unknown(set(catalogue()), list(modules().values())) == set()


def test_an_unused_or_an_unknown_code_would_be_found() -> None:
    tree = ast.parse(
        'def tell(code):\n    return Issue(f"file.{code}")\ntell("absent")\ntell("broken")\nIssue("file.lost")'
    )
    assert unused({"file.absent", "file.lost", "file.idle"}, [tree]) == {"file.idle"}
    assert unknown({"file.absent", "file.idle"}, [tree]) == {"file.broken", "file.lost"}
