"""What a card or bar-code reader types: it is a keyboard, and the computer may take it for another. Pure.

A reader sends keys, not characters: which character a key is, the computer decides by the layout that it is
set to. A reader that is set to the US layout so types "&é" for "12" on a French computer and nothing at all
into a Chinese input method, and the browser still says which keys they were (KeyboardEvent.code). Read by
those, under the layout that the reader is set to, a scan is right on every computer.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from willing.core.codes import CODE_ALPHABET, CODE_LENGTH, is_code

PREFIX_CHARS_MAX = 8
KEYS_MAX = 80  # of one scan; a card's code has 12, a bar code at most 14
SHIFT = "+"


class KeyboardLayout(StrEnum):
    """The layout that a reader is set to. TYPED: as the computer reads it, right where both agree."""

    TYPED = "typed"
    US = "us"
    GERMAN = "de"
    FRENCH = "fr"


class Suffix(StrEnum):
    """What a reader types after each scan."""

    ENTER = "enter"
    TAB = "tab"
    NONE = "none"


@dataclass(frozen=True)
class KeyboardReader:
    """How a reader types. prefix: what it puts before each scan."""

    layout: KeyboardLayout = KeyboardLayout.TYPED
    suffix: Suffix = Suffix.ENTER
    prefix: str = ""


@dataclass(frozen=True)
class Scan:
    """What arrived: the characters, and the names of the keys ("KeyA", "+Digit1" with Shift), in order."""

    typed: str
    keys: Sequence[str] = ()


_ROWS = {
    KeyboardLayout.US: ("1234567890-=", "!@#$%^&*()_+", "qwertyuiop[]", "asdfghjkl;'\\", "zxcvbnm,./"),
    KeyboardLayout.GERMAN: ("1234567890ß´", '!"§$%&/()=?`', "qwertzuiopü+", "asdfghjklöä#", "yxcvbnm,.-"),
    KeyboardLayout.FRENCH: ("&é\"'(-è_çà)=", "1234567890°+", "azertyuiop^$", "qsdfghjklmù*", "wxcvbn,;:!"),
}
_DIGITS = [*(f"Digit{digit}" for digit in "1234567890"), "Minus", "Equal"]
_UPPER = [*(f"Key{letter}" for letter in "QWERTYUIOP"), "BracketLeft", "BracketRight"]
_HOME = [*(f"Key{letter}" for letter in "ASDFGHJKL"), "Semicolon", "Quote", "Backslash"]
_LOWER = [*(f"Key{letter}" for letter in "ZXCVBNM"), "Comma", "Period", "Slash"]
_PAD = {**{f"Numpad{digit}": digit for digit in "0123456789"}, "NumpadSubtract": "-", "Space": " "}


def _table(layout: KeyboardLayout) -> dict[str, str]:
    digits, shifted, *letters = _ROWS[layout]
    plain = zip([*_DIGITS, *_UPPER, *_HOME, *_LOWER], digits + "".join(letters), strict=True)
    # Letters with Shift are the same letters: codes have no case.
    found = {**_PAD, **dict(plain)}
    held = {SHIFT + key: character.upper() for key, character in found.items()}
    return {**found, **held, **dict(zip([SHIFT + key for key in _DIGITS], shifted, strict=True))}


_TABLES = {layout: _table(layout) for layout in _ROWS}


def keys_of_codes(layout: KeyboardLayout) -> str:
    """Return the keys of a card's characters under a layout, as JSON for a page; empty where as typed."""
    if layout is KeyboardLayout.TYPED:
        return ""
    found = {key: one.upper() for key, one in _TABLES[layout].items() if one.upper() in CODE_ALPHABET}
    return json.dumps(found, separators=(",", ":"))


def read_keys(text: str) -> tuple[str, ...]:
    """Return the keys that a page sends, parted by blanks; none where there are more than a scan has."""
    keys = tuple(text.split())
    return keys if len(keys) <= KEYS_MAX else ()


def decode(scan: Scan, layout: KeyboardLayout) -> str:
    """Return what a reader that is set to `layout` meant; a key that it does not know is left out."""
    if layout is KeyboardLayout.TYPED:
        return scan.typed
    return "".join(_TABLES[layout].get(key, "") for key in scan.keys)


def read_scan(scan: Scan, reader: KeyboardReader) -> str:
    """Return what was scanned, without the reader's prefix.

    What is a card's code as it is keeps its first characters: it was typed by hand.
    """
    text = decode(scan, reader.layout).strip()
    has_prefix = bool(reader.prefix) and text.upper().startswith(reader.prefix.upper())
    return text[len(reader.prefix) :] if has_prefix and not is_code(text) else text


def readings(scan: Scan) -> Iterator[tuple[KeyboardLayout, str, str]]:
    """Yield what a scan of a card may mean: the layout, the prefix, the code. The plainest comes first."""
    for layout in KeyboardLayout:
        text = decode(scan, layout).strip()
        for length in range(min(PREFIX_CHARS_MAX, max(0, len(text) - CODE_LENGTH)) + 1):
            if is_code(text[length:]):
                yield layout, text[:length], text[length:]


def is_other_layout(scan: Scan, reader: KeyboardReader) -> bool:
    """Say whether a scan is no code as this reader is set, and would be one under another layout."""
    meant = read_scan(scan, reader)
    if is_code(meant) or (meant.isascii() and meant.isdigit()):
        return False
    others = [decode(scan, layout) for layout in KeyboardLayout if layout is not reader.layout]
    return any(is_code(text) or _is_digits(text) for text in others)


def _is_digits(text: str) -> bool:
    return len(text) >= CODE_LENGTH and text.isascii() and text.isdigit()


assert set(CODE_ALPHABET) <= {one.upper() for one in _TABLES[KeyboardLayout.US].values()}
