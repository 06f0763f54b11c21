"""YAML by two parsers: the one in C reads what is in order and is never to be told from the one in Python."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml

import answerable
from answerable.definition.reader import read_plain
from answerable.values import Refused

PROGRAMMES = Path(answerable.__file__).parent / "programmes"
FILES = sorted([*PROGRAMMES.glob("*/programme.yaml"), *PROGRAMMES.glob("*/cases/*.yaml")])

PIECES = [
    "a",
    "b",
    "1",
    "工",
    "😀",
    " ",
    "  ",
    "\n",
    "\n  ",
    "\n- ",
    "- ",
    "-",
    ": ",
    ":",
    ", ",
    ",",
    "[",
    "]",
    "{",
    "}",
]
PIECES += ["'", '"', "#", " #", "?", "? ", "|", "|\n  ", "> \n", "|-\n ", " |+2\n", "!", "!!str ", "&a ", "*a ", "%"]
PIECES += ["@", "`", "\\", "\\n", "\\x41", "\\\n", "\t", "\r\n", "\r", "---", "\n---\n", "\n...\n", "~", "null", "''"]
PIECES += ['""', "<<", "=", "key: ", "k: v\n", "\u2028", "\x85", "\ufeff", "\xa0", "x y", '"x": ', "a:b", "a#b", "\x7f"]

# Each of these is taken by one parser and refused by the other, or put on another line.
READ_DIFFERENTLY = [
    "a\t",
    "a: |#x\n b",
    "---",
    "\r---",
    "{? \n  }",
    "[a? b]",
    "[a, b ? c]",
    "{k: v\n?}",
    "a\x85b",
    "%",
    "a: b\n...",
]
HELD = ["", "~", "# nothing", "a: &x ~", "- &x\n- *x", "a: *x", "a: 1\na: 2", "? [a, b]\n: c", "{[a]: b}", "a: !!str 1"]
HELD += [
    "{{a}}",
    ": a",
    "a: [b",
    "a\n--- b",
    "[" * 31 + "a" + "]" * 31,
    "[" * 30 + "a" + "]" * 30,
    "{a: " * 31 + "}" * 31,
]
HELD += ["[[" * 16 + "]," * 16, "a: 'b\n\n c'\nd: |\n e\n\n  f\ng: >-\n h\n i\r\nj: k"]


def told(text: str) -> tuple[Any, Any]:
    """What a text becomes and on which lines, or what is said against it."""
    try:
        plain, lines = read_plain(text.encode(), "some.yaml")
    except Refused as refused:
        return None, [issue.line_of_text("en") for issue in refused.issues]
    return plain, lines.of


def same(texts: list[str]) -> None:
    by_both = [told(text) for text in texts]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml, "__with_libyaml__", False)
        by_python = [told(text) for text in texts]
    for text, one, other in zip(texts, by_both, by_python, strict=True):
        assert one == other, text


def test_here_is_a_parser_in_c() -> None:
    assert yaml.__with_libyaml__


@pytest.mark.parametrize("text", READ_DIFFERENTLY + HELD)
def test_what_the_parsers_read_differently_is_read_in_one_way(text: str) -> None:
    same([text])


def test_random_texts_are_read_in_one_way() -> None:
    random = Random(7)
    same(["".join(random.choice(PIECES) for _ in range(random.randint(1, 14))) for _ in range(4000)])


def test_the_shipped_files_are_read_in_one_way_and_by_the_parser_in_c(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [file.read_text("utf-8") for file in FILES]
    same(texts)
    monkeypatch.setattr(yaml, "compose", lambda *_, **__: pytest.fail("read by the parser in Python"))
    for text in [*texts, *(text.replace("\n", "\r\n") for text in texts)]:
        told(text)


DEEP = {
    "lists": "[" * 100_000,
    "mappings": "{" * 100_000,
    "lists on lines": "[\n" * 100_000,
    "dashes": "- " * 100_000,
    "keys": "? " * 100_000,
    "values": "{a: " * 100_000,
    "with a tag": "!!a [" * 100_000,
    "indented": "".join(f"{' ' * depth}a:\n" for depth in range(1900)),
    "closed again": "[" * 400 + "]" * 400,
}


@pytest.mark.parametrize("in_c", [True, False])
@pytest.mark.parametrize("deep", DEEP)
def test_what_is_nested_deep_is_refused_in_words(deep: str, in_c: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml, "__with_libyaml__", in_c)
    plain, issues = told(DEEP[deep])
    assert plain is None
    assert len(issues) == 1 and "nested deeper than 30" in issues[0]
