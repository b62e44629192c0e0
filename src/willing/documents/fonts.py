"""Which font on this computer has Chinese characters. Without Django, for a process that has none."""

from functools import cache
from pathlib import Path

# File, and which of the fonts inside: Simplified Chinese.
FONTS = (
    (Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"), 2),
    (Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"), 0),
    (Path("/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf"), 0),
)
# Typographic signs that Latin-1 lacks, as the signs that it has.
_SIGNS = str.maketrans({"–": "-", "“": '"', "”": '"', "‘": "'", "’": "'", "…": "..."})


@cache
def find_font() -> tuple[Path, int] | None:
    """Return a font on this computer that has Chinese characters, and its number in the file; or None."""
    return next((font for font in FONTS if font[0].exists()), None)


def is_latin(text: str) -> bool:
    """Say whether Latin-1, and so a PDF's own font, can write a text."""
    shown = text.translate(_SIGNS)
    return shown.isascii() or all(ord(one) < 256 for one in shown)


def to_latin(text: str) -> str:
    """Return a text with a question mark for what Latin-1 lacks."""
    return text.translate(_SIGNS).encode("latin-1", "replace").decode("latin-1")
