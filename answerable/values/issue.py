"""A problem as a value: code, place, facts, what to do.

Issues are collected and shown together, never raised one by one. A room that cannot go on raises `Refused`
with all of them. The words live in `issues/*.toml`, in both languages; code and facts are all that code knows.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from string import Formatter

from answerable.values.text import Language, Text

__all__ = ["Issue", "Place", "Refused", "catalogue"]


@dataclass(frozen=True)
class Place:
    """Where a problem is: any of file, line, sheet, cell, row key, in that order of coarseness."""

    file: str = ""
    line: int | None = None
    sheet: str = ""
    cell: str = ""
    row: str = ""

    def __str__(self) -> str:
        parts = [self.file, f"{self.line}" if self.line is not None else "", self.sheet, self.cell, self.row]
        return ":".join(part for part in parts if part)


@dataclass(frozen=True)
class Issue:
    """One problem. `code` is a stable string listed in the catalogue; `facts` fill its words."""

    code: str
    place: Place = Place()
    facts: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        entry = catalogue()[self.code]
        wanted = {name for _, name, _, _ in Formatter().parse(entry["says"].en + entry["do"].en) if name}
        if missing := wanted - set(self.facts):
            raise KeyError(f"issue {self.code} lacks facts: {sorted(missing)}")

    def says(self, language: Language) -> str:
        """What is wrong, in one sentence."""
        return catalogue()[self.code]["says"].in_language(language).format_map(self.facts)

    def advice(self, language: Language) -> str:
        """What to do about it, in one sentence."""
        return catalogue()[self.code]["do"].in_language(language).format_map(self.facts)

    def line_of_text(self, language: Language) -> str:
        """The whole issue as one line: place, code, what is wrong, what to do."""
        place = f"{self.place}: " if str(self.place) else ""
        return f"{place}[{self.code}] {self.says(language)} {self.advice(language)}"


class Refused(Exception):
    """Input that cannot be used, with every issue found in it."""

    def __init__(self, issues: Iterable[Issue]) -> None:
        self.issues = tuple(issues)
        super().__init__("\n".join(issue.line_of_text("en") for issue in self.issues))


@cache
def catalogue() -> Mapping[str, Mapping[str, Text]]:
    """Every issue code with what it says and what to do: `issues/tables.toml` holds the codes `tables.*`."""
    entries: dict[str, Mapping[str, Text]] = {}
    for file in resources.files("answerable.values").joinpath("issues").iterdir():
        for name, words in tomllib.loads(file.read_text("utf-8")).items():
            entries[f"{file.name.removesuffix('.toml')}.{name}"] = {
                "says": Text(zh=words["zh"], en=words["en"]),
                "do": Text(zh=words["zh_do"], en=words["en_do"]),
            }
    return entries
