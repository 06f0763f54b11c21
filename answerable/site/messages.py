"""Message catalogues without gettext: `python -m answerable.site.messages collect compile`.

`collect` reads every message of the code and the templates into `locale/*/LC_MESSAGES/django.po`, keeps what is
translated and drops what nothing uses; `compile` writes the `.mo` files the site reads. Babel does both, so that a
fresh machine needs nothing but pip.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

SITE = Path(__file__).resolve().parent
LOCALE = SITE / "locale"
KEYWORDS = DEFAULT_KEYWORDS | {f"{name}_lazy": spec for name, spec in DEFAULT_KEYWORDS.items() if name != "_"}
# Lines that change with the day and the hand, and say nothing of the words.
IDLE_HEADERS = ("POT-Creation-Date", "PO-Revision-Date", "Last-Translator", "Language-Team", "Report-Msgid-Bugs-To")


def main(steps: list[str]) -> int:
    known = {"collect": collect, "compile": compile_all}
    if not steps or not set(steps) <= set(known):
        print(f"usage: python -m answerable.site.messages {{{'|'.join(known)}}} ...", file=sys.stderr)
        return 2
    for step in steps:
        known[step]()
    return 0


def collect() -> None:
    """Bring every catalogue up to date with the messages in use."""
    for file in catalogues():
        catalogue = read(file)
        catalogue.update(in_use(), no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        file.write_bytes(written(catalogue))
        waiting = [message for message in catalogue if message.id and not is_translated(message.string)]
        print(f"{file.relative_to(SITE)}: {len(catalogue)} messages, {len(waiting)} without words")


def compile_all() -> None:
    for file in catalogues():
        with file.with_suffix(".mo").open("wb") as out:
            write_mo(out, read(file))


def catalogues() -> list[Path]:
    return sorted(LOCALE.glob("*/LC_MESSAGES/django.po"))


def read(file: Path) -> Catalog:
    with file.open("rb") as source:
        return read_po(source, locale=file.parts[-3], domain="django")


def in_use() -> Catalog:
    """Every message of the site's Python and templates, with the files it stands in."""
    catalogue = Catalog(domain="django")
    for file, source in sources():
        for _, ids, comments, context in extract("python", io.BytesIO(source), KEYWORDS):
            place = [(file.relative_to(SITE).as_posix(), 0)]
            catalogue.add(ids, None, place, auto_comments=comments, context=context)
    return catalogue


def sources() -> Iterator[tuple[Path, bytes]]:
    """Python as it stands; templates as Django turns them into Python for the same purpose."""
    for file in sorted(SITE.rglob("*.py")):
        yield file, file.read_bytes()
    for file in sorted([*(SITE / "templates").rglob("*.html"), *(SITE / "templates").rglob("*.txt")]):
        yield file, templatize(file.read_text("utf-8"), origin=str(file)).encode()


def is_translated(words: str | list[str] | tuple[str, ...] | None) -> bool:
    return bool(words) and all([words] if isinstance(words, str) else words or ())


def written(catalogue: Catalog) -> bytes:
    """The catalogue as a file that changes only when its words change."""
    out = io.BytesIO()
    write_po(out, catalogue, width=0, sort_output=True, include_lineno=False)
    idle = tuple(f'"{name}'.encode() for name in (*IDLE_HEADERS, "Generated-By"))
    return b"".join(line for line in out.getvalue().splitlines(keepends=True) if not line.startswith(idle))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
