"""A picture someone filed, without what tells where, when and with what it was taken. Its points stay as they are.

JPEG and PNG are rows of named parts. Those that make the picture are kept byte for byte, every other is left out: EXIF
with its place on the map, XMP, IPTC, comments, the small picture within, whatever stands behind the end. Which way up
it is held is written anew. So a picture that was cleaned once stays the same when it is cleaned again.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator

from PIL import Image

from answerable.values.issue import Issue, Refused

__all__ = ["without_traces"]

MOST_POINTS = 50_000_000
"""More than a telephone takes, less than fills the memory of a small machine."""

_JPEG, _PNG = b"\xff\xd8", b"\x89PNG\r\n\x1a\n"
_ORIENTATION = 0x0112
_SCAN, _END = 0xDA, 0xD9
_APPLICATION, _COMMENT = range(0xE0, 0xF0), 0xFE
_KEPT_OF_JPEG = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
_KEPT_OF_PNG = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT"})


def without_traces(content: bytes, name: str) -> bytes:
    """The same picture with its own parts only; `name` is what a refusal calls it.

    Raises:
        Refused: it cannot be shown (`file.picture_broken`) or has too many points (`file.picture_too_many_points`).
    """
    orientation = _looked_into(content, name)
    try:
        parts = _of_png(content, orientation) if content.startswith(_PNG) else _of_jpeg(content, orientation)
        cleaned = b"".join(parts)
    except (IndexError, ValueError) as broken:
        raise Refused([Issue("file.picture_broken", facts={"name": name})]) from broken
    _looked_into(cleaned, name, whole=True)
    return cleaned


def _looked_into(content: bytes, name: str, whole: bool = False) -> int:
    """Which way up it is held, 1 to 8. Its size is read before its points are."""
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as picture:
            points = picture.width * picture.height
            if points <= MOST_POINTS:
                if whole:
                    picture.load()
                turned = picture.getexif().get(_ORIENTATION, 1)
                return turned if turned in range(1, 9) else 1
    except Exception as broken:  # the library raises whatever a broken file makes it trip over
        raise Refused([Issue("file.picture_broken", facts={"name": name})]) from broken
    facts = {"name": name, "most": str(MOST_POINTS // 1_000_000)}
    raise Refused([Issue("file.picture_too_many_points", facts=facts)])


def _turned(orientation: int) -> bytes:
    """EXIF that says which way up the picture is held, and no more."""
    written = Image.Exif()
    written[_ORIENTATION] = orientation
    return written.tobytes().removeprefix(b"Exif\0\0")


# -- JPEG --------------------------------------------------------------------------------------------------------------


def _of_jpeg(content: bytes, orientation: int) -> Iterator[bytes]:
    """Its segments up to the end of the picture; the one about its orientation stands first."""
    yield _JPEG
    if orientation != 1:
        body = b"Exif\0\0" + _turned(orientation)
        yield b"\xff\xe1" + (len(body) + 2).to_bytes(2) + body
    at = len(_JPEG)
    while True:
        at, marker = _marker(content, at)
        if marker == _END:
            yield b"\xff\xd9"
            return
        end = at + int.from_bytes(content[at : at + 2])
        if end < at + 2 or end > len(content):
            raise ValueError("a segment reaches past the end")
        if _stays(marker, content[at + 2 : end]):
            yield bytes((0xFF, marker)) + content[at:end]
        at = end
        if marker == _SCAN:
            end = _end_of_scan(content, at)
            yield content[at:end]
            at = end


def _marker(content: bytes, at: int) -> tuple[int, int]:
    """The next marker, and where what belongs to it begins. It may be led by any number of FF."""
    if content[at] != 0xFF:
        raise ValueError("no segment begins here")
    while content[at] == 0xFF:
        at += 1
    return at + 1, content[at]


def _stays(marker: int, body: bytes) -> bool:
    """What draws the picture, and of what programs add only how its colours are meant."""
    if marker == _COMMENT:
        return False
    return marker not in _APPLICATION or (marker in _KEPT_OF_JPEG and body.startswith(_KEPT_OF_JPEG[marker]))


def _end_of_scan(content: bytes, at: int) -> int:
    """Where the drawn points end: at an FF that is followed neither by a nought nor by a mark within them."""
    while True:
        at = content.index(0xFF, at)
        if content[at + 1] not in (0x00, 0xFF, *range(0xD0, 0xD8)):
            return at
        at += 1 if content[at + 1] == 0xFF else 2


# -- PNG ---------------------------------------------------------------------------------------------------------------


def _of_png(content: bytes, orientation: int) -> Iterator[bytes]:
    """Its chunks up to the end of the picture; the one about its orientation stands behind the first."""
    yield _PNG
    at, kind = len(_PNG), b""
    while kind != b"IEND":
        size, kind = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        end = at + 12 + size
        if len(kind) < 4 or end > len(content):
            raise ValueError("a chunk reaches past the end")
        if kind in _KEPT_OF_PNG:
            yield content[at:end]
        if kind == b"IHDR" and orientation != 1:
            body = b"eXIf" + _turned(orientation)
            yield (len(body) - 4).to_bytes(4) + body + zlib.crc32(body).to_bytes(4)
        at = end
