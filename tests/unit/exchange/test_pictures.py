"""What is left of a picture: what it shows and which way up, nothing of where and with what it was taken."""

from __future__ import annotations

import io
import zlib

import pytest
from PIL import ExifTags, Image, ImageFile

from answerable.exchange import pictures
from answerable.exchange.pictures import without_traces
from answerable.values.issue import Refused
from tests.pictures import PLACE, photograph, picture

KINDS = ["JPEG", "PNG"]


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def codes(content: bytes) -> list[str]:
    with pytest.raises(Refused) as caught:
        without_traces(content, "board")
    assert all(issue.facts["name"] == "board" for issue in caught.value.issues)
    return [issue.code for issue in caught.value.issues]


@pytest.mark.parametrize("kind", KINDS)
def test_no_place_is_left_in_a_photograph(kind: str) -> None:
    taken = photograph(kind)
    assert PLACE in taken and opened(taken).getexif().get_ifd(ExifTags.IFD.GPSInfo)
    stored = without_traces(taken, "board")
    assert PLACE not in stored and b"Jingjiang" not in stored
    assert dict(opened(stored).getexif()) == {ExifTags.Base.Orientation: 6}


@pytest.mark.parametrize("kind", KINDS)
def test_what_it_shows_and_which_way_up_stays(kind: str) -> None:
    before, after = opened(photograph(kind)), opened(without_traces(photograph(kind), "board"))
    assert before.tobytes() == after.tobytes()
    assert before.info.get("icc_profile") == after.info.get("icc_profile")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_cleaned_once_stays_the_same(kind: str, orientation: int) -> None:
    once = without_traces(photograph(kind, orientation), "board")
    assert without_traces(once, "board") == once
    assert opened(once).getexif().get(ExifTags.Base.Orientation, 1) == orientation


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_that_tells_nothing_is_stored_as_it_came(kind: str) -> None:
    assert without_traces(picture(kind), "board") == picture(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_scene_with_other_traces_is_the_same_file(kind: str) -> None:
    assert without_traces(photograph(kind, 1), "board") == without_traces(photograph(kind, 1) + b"more", "board")


@pytest.mark.parametrize("kind", KINDS)
def test_a_broken_picture_is_refused_wherever_it_is_cut(kind: str) -> None:
    whole = without_traces(photograph(kind), "board")
    for at in range(len(whole) - 2):
        try:
            left = without_traces(whole[:at], "board")
        except Refused as refused:
            assert {issue.code for issue in refused.issues} == {"file.picture_broken"}
        else:
            raise AssertionError(f"cut at {at} of {len(whole)}: {len(left)} bytes were taken in")


@pytest.mark.parametrize("kind", KINDS)
def test_a_byte_turned_round_does_not_make_it_trip(kind: str) -> None:
    whole = photograph(kind)
    for at in range(0, len(whole), 2):
        try:
            assert PLACE not in without_traces(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :], "board")
        except Refused as refused:
            assert {issue.code.partition("_")[0] for issue in refused.issues} == {"file.picture"}


def test_what_is_no_picture_is_refused() -> None:
    for content in (b"", b"GIF89a", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n" + bytes(20)):
        assert codes(content) == ["file.picture_broken"]


def test_a_picture_that_would_fill_the_memory_is_refused_before_it_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = bytearray(picture("PNG"))
    bomb[16:24] = (9000).to_bytes(4) * 2
    bomb[29:33] = zlib.crc32(bytes(bomb[12:29])).to_bytes(4)
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda *_: pytest.fail("it was drawn"))
    assert codes(bytes(bomb)) == ["file.picture_too_many_points"]
    assert pictures.MOST_POINTS == 50_000_000
