"""Programme files spoilt as a hand or a tool can spoil them: each is read, or refused with line and advice.

The files are random ones of all rule kinds (indented, as text) and the shipped ones. `make nightly` tries 10,000.
"""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest

import answerable
from answerable.definition import read
from answerable.values import Refused
from tests.fuzz.generated import Seeded, case

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


@pytest.mark.parametrize("part", range(10))
def test_a_spoilt_file_is_read_or_refused_in_words(part: int) -> None:
    random = Random(part)
    for at in range(MANY // 10):
        source = random.choice(SHIPPED) if at % 10 == 0 else case(Seeded(random.randrange(500))).source
        text = spoilt(source, random)
        try:
            read(text.encode("utf-8", "surrogatepass"))
        except Refused as refused:
            for issue in refused.issues:
                assert issue.place.line, (issue, text)
                assert issue.advice("zh") and issue.advice("en"), issue
