"""What a reader that types makes of a printed card, under each layout that a reader may be set to."""

import random

from willing.terminals.keyboards import KeyboardLayout

# Which keys a reader of that layout sends for the marks; "" where the key counts for nothing.
US_KEYS = {":": "+Semicolon", "/": "Slash", ".": "Period", "#": "+Digit3", "-": "Minus", "]": "BracketRight"}
FRENCH_KEYS = {
    ":": "Period",
    "/": "+Period",
    ".": "+Comma",
    "#": "",
    "-": "Digit6",
    "]": "",
    "M": "Semicolon",
}
FRENCH_LETTERS = dict(zip("AQZW", ["KeyQ", "KeyA", "KeyW", "KeyZ"], strict=True))


def key_of(one: str, layout: KeyboardLayout) -> str:
    """Return the key that a reader of a layout sends for a character; "" where it is lost."""
    letter = one.upper()
    if layout is KeyboardLayout.FRENCH:
        if letter in FRENCH_KEYS:
            return FRENCH_KEYS[letter]
        name = FRENCH_LETTERS.get(letter, f"Key{letter}")
        return f"+Digit{one}" if one.isdigit() else f"+{name}" if one.isupper() else name
    if letter in US_KEYS:
        return US_KEYS[letter]
    swapped = {"Y": "Z", "Z": "Y"}.get(letter, letter) if layout is KeyboardLayout.GERMAN else letter
    return f"Digit{one}" if one.isdigit() else f"{'+' if one.isupper() else ''}Key{swapped}"


def presses_of(text: str, layout: KeyboardLayout, chance: random.Random) -> list[dict[str, str]]:
    """Return a scan as a page hears it; the characters are what some other layout makes of the keys."""
    if layout is KeyboardLayout.TYPED:
        return [{"key": one, "name": "Other"} for one in text]
    names = [name for one in text if (name := key_of(one, layout))]
    return [{"key": chance.choice(["", "x", "é"]), "name": name} for name in names]
