"""What tests ask of a page: a browser of somebody, its words, and who may see it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.test import Client

from answerable.site.models import Person
from tests.world import World

Reader = Person | AnonymousUser
LANGUAGES = ("en", "zh-hans")


def browser(reader: Reader, language: str = "en") -> Client:
    """A browser in which somebody has signed in, or nobody."""
    client = Client(HTTP_ACCEPT_LANGUAGE=language)
    if isinstance(reader, Person):
        client.force_login(reader)
    return client


def words(answer: Any) -> str:
    """The visible text of a page, with single spaces."""
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", answer.content.decode(), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def readers(world: World) -> dict[str, Reader]:
    """One of each post, a unit's posts twice (the unit concerned, another), and those who hold none."""
    people = world.people
    return {
        "office": people.office,
        "leading_group": people.leading_group,
        "inspector": people.inspector,
        "other inspector": people.second_inspector,
        "specialist": people.specialist,
        "leader": people.leader,
        "other leader": people.of_unit("D01", "leader"),
        "without post": people.without_post,
        "stranger": people.stranger,
    }


def who_sees(world: World, address: str) -> set[str]:
    """The readers a page opens to; a stranger is sent to sign in, others are told it is not theirs."""
    seen = set()
    for name, reader in readers(world).items():
        answer = browser(reader).get(address)
        if answer.status_code == 200:
            seen.add(name)
        elif name == "stranger":
            assert answer.status_code == 302 and answer.headers["Location"].startswith("/accounts/login/"), address
        else:
            assert answer.status_code == 403, (address, name, answer.status_code)
    return seen


def refuses(answer: Any, *codes: str) -> bool:
    """Whether a page came back with just these issues, each by its code."""
    found = re.findall(r"<code>([a-z_]+\.[a-z_]+)</code>", answer.content.decode())
    assert answer.status_code == 200, answer.status_code
    assert found == list(codes), found
    return True


def renders_in_both_languages(reader: Reader, addresses: Iterable[str]) -> None:
    """Each page is a page in Chinese and in English, with no tag shown as text and nothing left unfilled."""
    for address in addresses:
        for language in LANGUAGES:
            answer = browser(reader, language).get(address)
            assert answer.status_code == 200, (address, language, answer.status_code)
            text = answer.content.decode()
            assert 'lang="zh-Hans"' in text if language == "zh-hans" else 'lang="en"' in text
            assert "&lt;span" not in text and "&lt;time" not in text and "Text(zh=" not in text, address
            assert not re.search(r"%\(\w+\)s|\{\{|\{%", text), address
