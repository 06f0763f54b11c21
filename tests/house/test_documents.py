"""What the documents name is there: files, commands, decisions in a row."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import pytest

from tests.house.checkout import ROOT, text_files

DOCUMENTS = {name: text for name, text in text_files().items() if name.endswith(".md")}
DECISIONS = sorted(name for name in DOCUMENTS if re.match(r"docs/decisions/\d", name))


def links(text: str) -> set[str]:
    """Files a document links to, without addresses elsewhere and without the place inside the file."""
    return {link for link in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in link}


def commands(text: str) -> set[str]:
    """Targets of `make` that a document tells to type: at the start of a line, or in backticks."""
    return set(re.findall(r"(?:^|`)make ([a-z][a-z-]*)", text, re.MULTILINE))


def paths(text: str) -> set[str]:
    """Files of ours named in backticks from the root on, patterns left out."""
    named = re.findall(r"`((?:answerable|tests|docs|requirements|benchmarks|\.ci)/[\w./-]+)`", text)
    return {path for path in named if "<" not in path and "*" not in path}


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):.*## ", text_files()["Makefile"], re.MULTILINE))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_leads_to_a_file(name: str) -> None:
    folder = ROOT / PurePosixPath(name).parent
    assert {link for link in links(DOCUMENTS[name]) if not (folder / link).exists()} == set()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_file_named_exists(name: str) -> None:
    assert {path for path in paths(DOCUMENTS[name]) if not (ROOT / path).exists()} == set()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_command_exists(name: str) -> None:
    assert commands(DOCUMENTS[name]) - targets() == set()


def test_the_makefile_has_the_commands_people_rely_on() -> None:
    assert {"demo", "test", "check", "fix", "bench", "bench-country", "nightly", "messages", "lock"} <= targets()


def test_decisions_are_numbered_in_a_row_and_say_why() -> None:
    numbers = [PurePosixPath(name).name[:4] for name in DECISIONS]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]
    for name, number in zip(DECISIONS, numbers, strict=True):
        assert DOCUMENTS[name].startswith(f"# {number} "), name
        for part in ("**Context.**", "**Decision.**", "**Consequences.**"):
            assert DOCUMENTS[name].count(part) == 1, f"{name}: {part}"


def test_a_dead_link_and_an_unknown_command_would_be_found() -> None:
    text = "[It](docs/lost.md#part), [there](https://example.org).\nmake gold\nRun `make test`; `answerable/lost.py`."
    assert links(text) == {"docs/lost.md"}
    assert commands(text) == {"gold", "test"}
    assert paths(text) == {"answerable/lost.py"}
