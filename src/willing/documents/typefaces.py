"""The fonts of PDF files: our own, and one of this computer with Chinese. No Django: compositors have none.

Ours is Arimo (fonts/OFL.txt): Latin, Greek and Cyrillic, with the shapes and widths of Liberation Sans, one
of the four typefaces that Switzerland's QR-bill allows. A Chinese font has 5 to 60 MB: it is the computer's.
"""

import struct
from functools import cache
from pathlib import Path
from typing import NamedTuple


class Font(NamedTuple):
    """A font: its file, which of the fonts inside (Simplified Chinese), and its name."""

    path: Path
    number: int
    family: str


FOLDER = Path(__file__).with_name("fonts")
OWN = Font(FOLDER / "Arimo.ttf", 0, "Arimo")
FONTS = (
    Font(Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"), 2, "Noto Sans CJK SC"),
    Font(Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"), 0, "WenQuanYi Micro Hei"),
    Font(Path("/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf"), 0, "Droid Sans Fallback"),
)


@cache
def find_font() -> Font | None:
    """Return a font on this computer that has Chinese characters, or None."""
    return next((font for font in FONTS if font.path.exists()), None)


@cache
def characters_of(font: Font) -> frozenset[int]:
    """Return the code points that a font has a shape for, by its table `cmap` (formats 4 and 12)."""
    data = font.path.read_bytes()
    start = struct.unpack_from(">I", data, 12 + 4 * font.number)[0] if data[:4] == b"ttcf" else 0
    tables = (
        struct.unpack_from(">4sIII", data, start + 12 + 16 * number)
        for number in range(struct.unpack_from(">H", data, start + 4)[0])
    )
    table = next(place for tag, _, place, _ in tables if tag == b"cmap")
    found: set[int] = set()
    for number in range(struct.unpack_from(">H", data, table + 2)[0]):
        place = table + int(struct.unpack_from(">I", data, table + 8 + 8 * number)[0])
        for first, last in _ranges(data, place):
            found.update(range(first, last + 1))
    return frozenset(found)


def _ranges(data: bytes, place: int) -> list[tuple[int, int]]:
    """Return the ranges of one part of a table `cmap`; none of a format that is not read."""
    kind = struct.unpack_from(">H", data, place)[0]
    if kind == 12:
        count = struct.unpack_from(">I", data, place + 12)[0]
        groups = struct.iter_unpack(">III", data[place + 16 : place + 16 + 12 * count])
        return [(first, last) for first, last, _ in groups]
    if kind == 4:
        count = struct.unpack_from(">H", data, place + 6)[0] // 2
        lasts = struct.unpack_from(f">{count}H", data, place + 14)
        firsts = struct.unpack_from(f">{count}H", data, place + 16 + 2 * count)
        return list(zip(firsts, lasts, strict=True))
    return []
