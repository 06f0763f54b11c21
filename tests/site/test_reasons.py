"""Reasons worded in English below the site are said in the reader's language, whichever library gave them."""

from __future__ import annotations

import re
from importlib import resources

import pytest
from django.utils import translation

from answerable.definition import read
from answerable.site.templatetags.answerable import issue_words
from answerable.site.templatetags.reasons import REASONS, in_our_words, reason
from answerable.values import Issue, Refused

SOUND = resources.files("answerable.programmes").joinpath("family_services/programme.yaml").read_text("utf-8")
CHINESE = re.compile(r"[\u4e00-\u9fff]")

FILES = {
    "nothing at all": b"",
    "a colon too many": b"a: b: c",
    "a list where a value stands": b"a: - b",
    "a tab": b"\ta: b",
    "a quotation mark that stays open": b"a: 'x",
    "a bracket that stays open": b"a: [1, 2",
    "a brace that stays open": b"a: {b: 1",
    "an indentation gone wrong": b"a:\n  - 1\n b: 2",
    "an alias of nothing": b"a: *x",
    "an alias": b"a: &x 1\nb: *x",
    "two documents": b"---\na: 1\n---\nb: 2",
    "an escape nobody knows": b'a: "\\q"',
    "a bell": b"a: \x07",
    "another encoding": "a: 方案".encode("gb18030"),
    "a deep nest": b"[" * 60 + b"]" * 60,
}

VALUES = {
    "a number that is none": (r"points: \S+", "points: many"),
    "a list for a text": (r"version: .*", "version: [1]"),
    "a text for a list": (r"legal_basis: \[.*\]", "legal_basis: none"),
    "an empty list": (r"legal_basis: \[.*\]", "legal_basis: []"),
    "a day that is none": (r"until: 2027-01-01", "until: tomorrow"),
    "a day of the year": (r"sign_by: 01-31", "sign_by: January"),
    "a zone": (r"time_zone: .*", "time_zone: Mars/Base"),
    "a day too late": (r"day: \d+", "day: 31"),
    "a day too early": (r"day: \d+", "day: 0"),
    "an id with capitals": (r"programme: family_services", "programme: Family"),
    "a formula that ends": (r"formula: .*", "formula: sum("),
    "a function nobody knows": (r"formula: .*", "formula: guess(1)"),
    "one of three": (r"mode: \w+", "mode: sideways"),
}


def faults(source: bytes) -> tuple[Issue, ...]:
    with pytest.raises(Refused) as refused:
        read(source)
    return refused.value.issues


def is_said_in_chinese(issue: Issue) -> None:
    """What is between the words of ours has no run of English words left."""
    with translation.override("zh-hans"):
        told = in_our_words(issue)
        if "why" in issue.facts:
            assert CHINESE.search(told.facts["why"]), issue.facts["why"]
        assert " or " not in issue_words(issue)["says"]
    with translation.override("en"):
        assert in_our_words(issue) == issue


@pytest.mark.parametrize("name", FILES)
def test_why_a_file_is_no_yaml_is_said_in_chinese(name: str) -> None:
    for issue in faults(FILES[name]):
        assert issue.code == "programme.not_yaml"
        is_said_in_chinese(issue)


@pytest.mark.parametrize("name", VALUES)
def test_why_a_value_is_wrong_is_said_in_chinese(name: str) -> None:
    pattern, wrong = VALUES[name]
    source, count = re.subn(pattern, wrong, SOUND, count=1)
    assert count == 1
    for issue in faults(source.encode()):
        is_said_in_chinese(issue)


@pytest.mark.parametrize("words", REASONS)
def test_a_reason_that_is_listed_keeps_what_it_names(words: str) -> None:
    names = re.findall(r"%\((\w+)\)s", words)
    why = words % {name: f"«{name}»" for name in names}
    with translation.override("en"):
        assert reason(why) == why
    with translation.override("zh-hans"):
        assert CHINESE.search(reason(why))
        assert all(f"«{name}»" in reason(why) for name in names)


def test_a_reason_nobody_listed_is_shown_as_it_came() -> None:
    with translation.override("zh-hans"):
        assert reason("the moon is full") == "the moon is full"
