"""What the parts of a programme file are made of: mappings of known keys, bilingual words, exact numbers, formulas."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from answerable.definition.syntax import FormulaError, parse
from answerable.values.number import parse_fraction
from answerable.values.text import Text

__all__ = ["Exact", "Formula", "Identifier", "MonthDay", "NonEmpty", "Shape", "TextShape", "Threshold", "TimeZone"]


def _identifier(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", text) or text.endswith("_state") or "__" in text:
        raise ValueError("an id is lower-case letters, digits and single underscores, and does not end in _state")
    return text


def _words(text: str) -> str:
    if not text.strip():
        raise ValueError("there is nothing but spaces here")
    return text


def _exact(value: Any) -> Any:
    return parse_fraction(value) if isinstance(value, str) else value


def _formula(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("a formula is written as one text")
    try:
        return parse(value)
    except FormulaError as error:
        raise ValueError(f"{error.what}, character {error.at}") from error


def _month_day(value: Any) -> Any:
    found = re.fullmatch(r"([0-9]{2})-([0-9]{2})", value) if isinstance(value, str) else None
    if not found:
        raise ValueError("a day of the year is written MM-DD")
    day = date(2001, int(found[1]), int(found[2]))
    return (day.month, day.day)


def _time_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("there is no such time zone") from error
    return text


def _threshold(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError('a threshold is written like ">= 95%"')
    found = re.fullmatch(r"\s*(>=|<=|==|>|<)\s*(\S+)\s*", value)
    if not found:
        raise ValueError('a threshold is written like ">= 95%"')
    return (found[1], parse_fraction(found[2]))


Identifier = Annotated[str, AfterValidator(_identifier)]
Exact = Annotated[Fraction, BeforeValidator(_exact)]
Formula = Annotated[Any, BeforeValidator(_formula)]
MonthDay = Annotated[Any, BeforeValidator(_month_day)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
Threshold = Annotated[Any, BeforeValidator(_threshold)]
NonEmpty = Annotated[str, Field(min_length=1), AfterValidator(_words)]


class Shape(BaseModel):
    """A mapping with known keys only."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class TextShape(Shape):
    """Words in both languages."""

    zh: NonEmpty
    en: NonEmpty

    def text(self) -> Text:
        """As the value all rooms speak."""
        return Text(zh=self.zh, en=self.en)
