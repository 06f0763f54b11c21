"""The site speaks Chinese whole: every message in use is in the catalogue, translated, sure, and with its places."""

from __future__ import annotations

import re

import pytest
from babel.messages.catalog import Catalog, Message
from django.conf import settings
from django.utils.translation import to_locale

from answerable.site import messages

LANGUAGES = [code for code, _ in settings.LANGUAGES if code != "en"]
PLACE = re.compile(r"%\((\w+)\)[sd]|%[sd]")


def catalogue(language: str) -> Catalog:
    return messages.read(messages.LOCALE / to_locale(language) / "LC_MESSAGES" / "django.po")


def names(message: Message) -> tuple[str, ...]:
    """What a message is called: its context and its English, in singular and plural."""
    ids = [message.id] if isinstance(message.id, str) else list(message.id)
    return (message.context or "", *ids)


def without_words(found: Catalog) -> set[tuple[str, ...]]:
    return {names(message) for message in found if message.id and not messages.is_translated(message.string)}


def with_other_places(found: Catalog) -> set[tuple[str, ...]]:
    """Messages whose translation fills in something else than the English does."""
    return {names(message) for message in found if message.id and places(message.id) != places(message.string)}


def places(words: str | list[str] | tuple[str, ...] | None) -> set[str]:
    texts = [words] if isinstance(words, str) else words or []
    return {place.group(0) for text in texts for place in PLACE.finditer(text)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_in_use_is_in_the_catalogue_and_no_other(language: str) -> None:
    used = {names(message) for message in messages.in_use() if message.id}
    held = {names(message) for message in catalogue(language) if message.id}
    assert used - held == set(), "run make messages, then translate"
    assert held - used == set(), "run make messages"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_has_its_words(language: str) -> None:
    assert without_words(catalogue(language)) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_a_guess(language: str) -> None:
    assert {names(message) for message in catalogue(language) if message.id and message.fuzzy} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_fills_in_what_the_english_does(language: str) -> None:
    assert with_other_places(catalogue(language)) == set()


def test_an_empty_or_a_crooked_translation_would_be_found() -> None:
    small = Catalog(locale="zh_Hans")
    small.add("Units")
    small.add("%(count)s units", "%(number)s 个单位")
    small.add("Home", "首页")
    assert without_words(small) == {("", "Units")}
    assert with_other_places(small) == {("", "%(count)s units")}


def test_messages_are_found_in_python_and_in_templates() -> None:
    places = {place.split("/")[0] for message in messages.in_use() for place, _ in message.locations}
    assert {"templates", "templatetags"} <= places
