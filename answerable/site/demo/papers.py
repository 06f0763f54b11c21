"""Small papers made in code, as evidence of the demonstration's corrections: one page of PDF with Chinese lines.

No font is embedded: the page names a standard Chinese one and any reader puts its own in place.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["letter"]

_FONT = (
    b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[<</Type/Font"
    b"/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 4>>"
    b"/FontDescriptor<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]"
    b"/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 880/StemV 93>>>>]>>"
)


def letter(lines: Sequence[str]) -> bytes:
    """A page of A4 with these lines, the first as a heading. The same lines give the same bytes."""
    shown = b"".join(
        b"BT /F1 %d Tf 72 %d Td <%s> Tj ET\n" % (18 if at == 0 else 13, 740 - 30 * at, _hex(line))
        for at, line in enumerate(lines)
    )
    return _document(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%sendstream" % (len(shown), shown),
        _FONT,
    )


def _hex(line: str) -> bytes:
    return line.encode("utf-16-be").hex().encode()


def _document(*parts: bytes) -> bytes:
    written, starts = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        starts.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    end = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, len(written))
    return written + b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1) + table + end
