"""Small pictures as telephones make them, with all they tell beside what they show."""

from __future__ import annotations

import io
from typing import Any

from PIL import ExifTags, Image, PngImagePlugin

PLACE = b"30 deg 33' 12.40\" N, Jingjiang"
"""What no stored picture may hold."""


def picture(kind: str = "PNG", shade: int = 200, size: tuple[int, int] = (12, 8), **written: Any) -> bytes:
    """Of one shade with a dark corner, so that it has an up and a down."""
    drawn = Image.new("RGB", size, (shade, shade, 40))
    drawn.paste((10, 10, 10), (0, 0, 4, 3))
    out = io.BytesIO()
    drawn.save(out, kind, **written)
    return out.getvalue()


def photograph(kind: str = "JPEG", orientation: int = 6) -> bytes:
    """Held upright, with a place in EXIF, XMP, a comment and behind its end."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = PLACE.decode()
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (30.0, 33.0, 12.4), 29: PLACE.decode()})
    told: dict[str, Any] = {"exif": exif}
    if kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Comment", PLACE.decode())
        text.add_itxt("XML:com.adobe.xmp", PLACE.decode())
        return picture(kind, pnginfo=text, **told) + PLACE
    return picture(kind, xmp=PLACE, comment=PLACE, icc_profile=b"colours", progressive=True, **told) + PLACE
