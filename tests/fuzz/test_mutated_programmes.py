"""Programme files spoilt as a hand or a tool can spoil them: each is read, or refused with line and advice.

The files are random ones of all rule kinds and of every section of the language (indented, as text), and the shipped
ones. Some are spoilt in their text, some in their shape: keys lost, moved or given to others, values of another type.
`make nightly` tries 10,000 of each. What is read all the same can be planned and said in words.
"""

from __future__ import annotations

import json
import os
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

import pytest

import answerable
from answerable.definition import read
from answerable.exchange import plain
from answerable.exchange.plan_words import plan_in_words
from answerable.exchange.score_sheet import score_sheet
from answerable.values import Refused
from tests.fuzz.generated import Seeded, case
from tests.fuzz.test_years_and_hands_agree import shape

SHIPPED = [
    file.read_text("utf-8") for file in sorted(Path(answerable.__file__).parent.glob("programmes/*/programme.yaml"))
]
MANY = {"nightly": 10_000}.get(os.environ.get("ANSWERABLE_EFFORT", ""), 150)
PIECES = [
    "",
    "x",
    "-1",
    "0",
    "{",
    "}",
    "[",
    "]",
    "\n",
    "  ",
    ": ",
    "&a",
    "*a",
    "'",
    '"',
    "#",
    "%",
    "%%",
    "9" * 40,
    "1e9",
]
PIECES += [
    "previous(",
    "trailing(",
    "earlier.",
    "target.",
    "percentile(",
    " within peer_group",
    "2025-13-01",
    "工",
    "\u200b",
    "１２",
    "within",
    "where",
    "sum(",
    ")",
    ", ",
    "null",
    "true",
    "~",
    "!!python/object:os",
    "\t",
]


def spoilt(text: str, random: Random) -> str:
    """The text after one to three changes: a piece put somewhere, a line lost, doubled, moved or cut, words swapped."""
    for _ in range(random.randint(1, 3)):
        lines = text.split("\n")
        at, other = random.randrange(len(lines)), random.randrange(len(lines))
        match random.randrange(7):
            case 0:
                place = random.randrange(len(text) + 1)
                text = text[:place] + random.choice(PIECES) + text[place + random.randrange(4) :]
                continue
            case 1:
                del lines[at]
            case 2:
                lines.insert(other, lines[at])
            case 3:
                lines[at], lines[other] = lines[other], lines[at]
            case 4:
                lines[at] = lines[at][: random.randrange(len(lines[at]) + 1)]
            case 5:
                words = lines[at].split(" ")
                words[random.randrange(len(words))] = random.choice(lines[other].split(" "))
                lines[at] = " ".join(words)
            case _:
                lines = lines[: at + 1]
        text = "\n".join(lines) or " "
    return text


JUNK: list[Any] = [None, True, -1, 0, 10**40, 0.1, "", " ", "x", "1e9", "-5%", "2025-02-30", "NaN", "inf", [], {}, [[]]]
JUNK += [{"x": "y"}, [None], "kind", "within", "i0", "i0 / 0", "exempt", "ｉ0", "i0\u200b", "&a", ["i0", "i0"]]


def places(node: Any) -> list[tuple[Any, Any]]:
    """Every part of a document as what holds it and where."""
    found: list[tuple[Any, Any]] = []
    for key, part in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        found += [(node, key), *places(part)]
    return found


def bent(source: str, random: Random) -> str:
    """The document after one to three changes of its shape."""
    document = json.loads(source)
    for _ in range(random.randint(1, 3)):
        held, key = random.choice(places(document))
        other_held, other = random.choice(places(document))
        match random.randrange(6):
            case 0:
                held[key] = random.choice(JUNK)
            case 1:
                held[key] = deepcopy(other_held[other])
            case 2:
                held.pop(key)
            case 3 if isinstance(held, list):
                held.insert(key, deepcopy(held[key]))
            case 4 if isinstance(held, dict):
                held[random.choice([*SECTIONS, "x"])] = held.pop(key)
            case _:
                held[key] = [held[key]] if random.random() < 0.5 else str(held[key])
        if not places(document):
            return json.dumps(random.choice(JUNK), indent=1)
    return json.dumps(document, ensure_ascii=False, indent=1)


SECTIONS = ["targets", "panels", "matters", "steps", "quotas", "minimums", "adjustments_together", "renormalise"]
SECTIONS += [
    "at_least",
    "best_of",
    "filed_by",
    "reviewed",
    "vetoes",
    "ranks",
    "missing",
    "absent",
    "rule",
    "indicator",
    "children",
]


def document_of(random: Random) -> str:
    if random.random() < 0.5:
        return case(Seeded(random.randrange(500))).source
    return json.dumps(shape(Random(random.randrange(500))), ensure_ascii=False, indent=1)


def assert_read_or_refused(text: str) -> bool:
    try:
        programme = read(text.encode("utf-8", "surrogatepass"))
    except Refused as refused:
        for issue in refused.issues:
            assert issue.place.line, (issue, text)
            assert issue.advice("zh") and issue.advice("en"), issue
        return False
    for language in ("zh", "en"):
        assert plain.text(score_sheet(programme, language))
        assert plain.text(plan_in_words(programme, language))
    return True


@pytest.mark.parametrize("part", range(10))
def test_a_spoilt_file_is_read_or_refused_in_words(part: int) -> None:
    random = Random(part)
    for at in range(MANY // 10):
        source = random.choice(SHIPPED) if at % 10 == 0 else document_of(random)
        assert_read_or_refused(spoilt(source, random))


@pytest.mark.parametrize("part", range(10))
def test_a_bent_document_is_read_or_refused_in_words(part: int) -> None:
    random = Random(part)
    for _ in range(MANY // 10):
        assert_read_or_refused(bent(document_of(random), random))
