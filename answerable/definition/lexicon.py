"""Words of protected topics, of ways to measure and of legitimate services, in both languages: the second net.

The topic a person sets is the first net. This one is for names: it knows stems and turns of phrase, not meanings, and
never allows anything by itself; `screening.py` says what follows from what is found. The patterns are in
`lexicon.toml` and are held against text as `normal` writes it. Sources: rules R1 to R12 and A1 to A8, and the rules of
2024 on lightening the load of the grassroots.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Any

__all__ = ["Lexicon", "Words", "formal", "lexicon", "normal"]

_SIMPLIFIED = str.maketrans(
    "節絕養罰單證聯責獎勵勸優產嬰兒數計劃籍環結紮術懷婦續訴報齡戶檢查測個連舉補貼發給應實際願齊長藥",
    "节绝养罚单证联责奖励劝优产婴儿数计划籍环结扎术怀妇续诉报龄户检查测个连举补贴发给应实际愿齐长药",
)
_BETWEEN_HANZI = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")
_JOINS = re.compile(r"[\s_\-\u2010-\u2015]+")
_PARTS = re.compile(r" \| |\n")
_FRAGMENT = re.compile(r"<([a-z]+)>")


def normal(text: str) -> str:
    """Text as patterns read it: one form of each character, small letters, no marks that join or split words.

    >>> normal("Stock-Out  DAYS")
    'stock out days'
    >>> normal("出 生率")
    '出生率'
    """
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_SIMPLIFIED)
    plain = "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")
    plain = _JOINS.sub(" ", plain.replace("'", "").replace("\u2019", "")).strip()
    return _BETWEEN_HANZI.sub("", plain)


@dataclass(frozen=True)
class Words:
    """Patterns of one idea; English ones match whole words, Chinese ones anywhere."""

    en: tuple[str, ...]
    zh: tuple[str, ...]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """All of them as one, which asks but once at each place whether a word begins there."""
        english = [rf"(?<![a-z])(?:{'|'.join(self.en)})(?![a-z])"] if self.en else []
        return re.compile("|".join([*english, *self.zh]))

    def found(self, text: str) -> tuple[str, ...]:
        """What is found in a normal text, each once, in order."""
        return tuple(dict.fromkeys(hit.group(0).strip() for hit in self.pattern.finditer(text)))

    def without(self, text: str) -> str:
        """A normal text with what is found blotted out."""
        return self.pattern.sub(" · ", text)


@dataclass(frozen=True)
class Lexicon:
    """All words: protected topics, how things are measured, services as pairs of a thing and a way to look at it."""

    topics: Mapping[str, Words]
    says: Mapping[str, Words]
    services: Mapping[str, tuple[tuple[Words, Words], ...]]
    sensitive: Words
    masks: Words
    denominator: Words
    formal: Words
    formal_mask: Words

    def hits(self, text: str) -> Mapping[str, tuple[str, ...]]:
        """Protected topics a normal text points to, each with its words."""
        found = {topic: words.found(text) for topic, words in self.topics.items()}
        return {topic: words for topic, words in found.items() if words}


@cache
def lexicon() -> Lexicon:
    """The words of `lexicon.toml`, read once."""
    source = resources.files("answerable.definition").joinpath("lexicon.toml").read_text("utf-8")
    plain = tomllib.loads(source)
    fragments: Mapping[str, str] = plain["fragments"]

    def words(entry: Mapping[str, str]) -> Words:
        return Words(*(_patterns(entry.get(language, ""), fragments) for language in ("en", "zh")))

    def ways(pairs: Iterable[Any]) -> tuple[tuple[Words, Words], ...]:
        return tuple((words(pair["thing"]), words(pair["way"])) for pair in pairs)

    return Lexicon(
        topics={topic: words(entry) for topic, entry in plain["topics"].items()},
        says={name: words(entry) for name, entry in plain["says"].items()},
        services={name: ways(pairs) for name, pairs in plain["services"].items()},
        **{name: words(plain[name]) for name in ("sensitive", "masks", "denominator", "formal", "formal_mask")},
    )


def _patterns(text: str, fragments: Mapping[str, str]) -> tuple[str, ...]:
    parts = (part.strip() for part in _PARTS.split(text))
    return tuple(_FRAGMENT.sub(lambda found: fragments[found[1]], part) for part in parts if part)


def formal(texts: Iterable[str]) -> tuple[str, ...]:
    """Words of yardsticks that measure paper and screens in some texts, each once."""
    plain = (lexicon().formal_mask.without(normal(text)) for text in texts)
    return tuple(dict.fromkeys(hit for text in plain for hit in lexicon().formal.found(text)))
