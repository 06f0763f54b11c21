"""The text of a PDF someone filed, page by page, so that it can be searched. Nothing in it is believed or run."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

from pypdf import PdfReader

__all__ = ["text_of_pages"]

MOST_PAGES = 200
"""A longer document is searched so far."""

logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def text_of_pages(content: bytes) -> Iterator[tuple[int, str]]:
    """The number and the text of each page that has any; nothing where it is a scan, locked, or no PDF after all."""
    try:
        pages = PdfReader(io.BytesIO(content)).pages
        count = min(len(pages), MOST_PAGES)
    except Exception:  # the library raises whatever a broken file makes it trip over
        return
    for at in range(count):
        try:
            text = pages[at].extract_text()
        except Exception:  # one page that cannot be read does not hide the others
            continue
        if text.strip():
            yield at + 1, text
