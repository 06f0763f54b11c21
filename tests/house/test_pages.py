"""No template carries a script or a style of its own: the content security policy would refuse it anyway."""

from __future__ import annotations

import re

import pytest

from tests.house.checkout import text_files

INLINE = re.compile(
    r"""<script(?![^>]*\ssrc=)[^>]*>   # a script that is not a file
      | <style[\s>]                    # a style that is not a file
      | \sstyle\s*=                    # a style on an element
      | \son[a-z]+\s*=\s*["'{]         # a script on an element
      | \shx-on[:-]                    # the same by htmx
      | javascript:                    # the same in a link
      | (?:src|href)\s*=\s*["'](?:https?:)?//[^"']*\.(?:js|css|woff2?|png|svg)  # a file of another server
    """,
    re.VERBOSE | re.IGNORECASE,
)


def templates() -> dict[str, str]:
    # Templates may come to stand in Python as well as in HTML; messages of mail are text and run nothing.
    return {
        name: text for name, text in text_files().items() if name.startswith("answerable/") and name.endswith(".html")
    }


def test_no_template_has_an_inline_script_or_style() -> None:
    assert templates(), "there are templates to look at"
    found = {name: [hit.group(0) for hit in INLINE.finditer(text)] for name, text in templates().items()}
    assert {name: hits for name, hits in found.items() if hits} == {}


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<script type="module">go()</script>',
        '<p style="color: red">',
        '<button class="wide" onclick="go()">',
        "<style>p { }</style>",
        '<a href="javascript:go()">',
        '<link rel="stylesheet" href="https://example.org/all.css">',
        '<button hx-on:click="go()">',
    ],
)
def test_an_inline_script_or_style_would_be_found(text: str) -> None:
    assert INLINE.search(text)


@pytest.mark.parametrize("text", ['<script src="{% static "a.js" %}" defer></script>', '<p class="style">once = 1</p>'])
def test_a_file_of_our_own_is_let_be(text: str) -> None:
    assert not INLINE.search(text)
