"""One word per idea: what the code calls facts and entries stands in the glossary, in the same words."""

from __future__ import annotations

import re

from answerable.ledger.entry import KINDS
from answerable.ledger.holdings import HOLDINGS
from tests.house.checkout import text_files

Row = tuple[str, str, str]


def rows(text: str) -> set[Row]:
    """Chinese, English and identifier of every line of the glossary."""
    return set(re.findall(r"^\| ([^|]+) \| ([^|]+) \| `([^`]+)` \|", text, re.MULTILINE))


def glossary() -> set[Row]:
    return rows(text_files()["docs/glossary.md"])


def test_the_glossary_has_every_kind_of_entry() -> None:
    assert {(kind.title.zh, kind.title.en, kind.name) for kind in KINDS.values()} - glossary() == set()


def test_the_glossary_has_every_table_of_facts() -> None:
    assert {(holding.title.zh, holding.title.en, holding.name) for holding in HOLDINGS} - glossary() == set()


def test_the_glossary_has_each_identifier_once_among_its_words() -> None:
    words = text_files()["docs/glossary.md"].split("\n## What can happen")[0]
    identifiers = [
        identifier for _, _, identifier in re.findall(r"^\| ([^|]+) \| ([^|]+) \| `([^`]+)` \|", words, re.M)
    ]
    assert sorted(identifiers) == sorted(set(identifiers))


def test_a_line_of_the_glossary_is_read() -> None:
    assert rows("| 单位 | unit | `unit` | who answers |") == {("单位", "unit", "unit")}
