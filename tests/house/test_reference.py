"""The reference of the programme language is what its examples make, whole and in both languages."""

from __future__ import annotations

import re

from answerable.values.text import Text
from tests.house.checkout import text_files
from tests.spec.examples.example import pages, read_entries, text
from tests.spec.examples.reference import FOLDER, reference

CHINESE = re.compile("[\u4e00-\u9fff]")
FORMULA = re.compile("`[^`]*`")


def printed() -> dict[str, str]:
    """The files of the reference as they stand in the checkout."""
    return {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.md")}


def said() -> list[Text]:
    """Everything the examples say to a reader."""
    index = read_entries("index")
    found = [text(one) for one in (index["title"], index["about"], *index["kinds"].values(), *index["open"].values())]
    for page in pages():
        found += [page.title, page.about]
        for section in page.sections:
            found += [section.title, *([section.about] if section.about else [])]
            found += [words for entry in section.entries for words in (entry.title, entry.says)]
    return found


def test_the_reference_is_what_the_examples_make() -> None:
    made, there = reference(), printed()
    assert sorted(made.keys() ^ there.keys()) == [], "run make reference"
    assert [name for name, content in made.items() if there[name] != content] == [], "run make reference"


def test_every_page_stands_in_both_languages() -> None:
    english = {name.removesuffix(".md") for name in printed() if ".zh-CN." not in name}
    assert {f"{name}.zh-CN.md" for name in english} | {f"{name}.md" for name in english} == set(printed())


def test_what_is_said_in_chinese_is_chinese_and_in_english_english() -> None:
    assert [words.zh for words in said() if not CHINESE.search(words.zh)] == []
    assert [words.en for words in said() if CHINESE.search(FORMULA.sub("", words.en))] == []


def test_the_guide_and_the_first_page_lead_to_the_reference() -> None:
    assert "(reference/README.md)" in text_files()["docs/programme-language.md"]
    for name in ("README.md", "README.zh-CN.md"):
        assert "docs/reference/README" in text_files()[name]
