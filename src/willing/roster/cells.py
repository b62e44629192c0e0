"""Single values of a roster: what may be in a cell. Pure; a ValueError's text is the reason's code."""

import re
import unicodedata
from datetime import date

ID_CHARS_MAX = 255
NAME_CHARS_MAX = 100
YEAR_CHARS_MAX = 60
EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]+")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ].{0,40})?", re.ASCII)
# They turn the direction of what follows, so that a name on a screen reads as another.
TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean_text(value: str) -> str:
    """Return text in NFC on one line, without outer blanks; "=1+1" stays as it is, for it is text.

    Raises ValueError character_not_allowed for control characters and for those that turn the direction.
    """
    if value.isascii() and value.isprintable():
        return " ".join(value.split()) if "  " in value else value.strip()
    text = " ".join(unicodedata.normalize("NFC", value).split())
    if any(unicodedata.category(one) in ("Cc", "Cs") or one in TURNING for one in text):
        raise ValueError("character_not_allowed")
    return text


def clean_id(value: str) -> str:
    """Return an id. Raises ValueError id_missing, id_too_long, character_not_allowed."""
    text = clean_text(value)
    if not text:
        raise ValueError("id_missing")
    if len(text) > ID_CHARS_MAX:
        raise ValueError("id_too_long")
    return text


def clean_name(value: str) -> str:
    """Return a name or a part of one. Raises ValueError name_too_long, character_not_allowed."""
    text = clean_text(value)
    if len(text) > NAME_CHARS_MAX:
        raise ValueError("name_too_long")
    return text


def clean_year(value: str) -> str:
    """Return a class or year. Raises ValueError year_too_long, character_not_allowed."""
    text = clean_text(value)
    if len(text) > YEAR_CHARS_MAX:
        raise ValueError("year_too_long")
    return text


def clean_email(value: str) -> str:
    """Return an e-mail address or "". Raises ValueError email_invalid, character_not_allowed."""
    text = clean_text(value)
    if text and (len(text) > 254 or not EMAIL.fullmatch(text)):
        raise ValueError("email_invalid")
    return text


def clean_list(value: str) -> list[str]:
    """Return the ids of a cell that holds several, parted by commas. Raises as clean_id."""
    return [clean_id(part) for part in value.split(",") if part.strip()]


def clean_birth_date(value: str) -> str:
    """Return the ISO date of a birth, or "". Raises ValueError date_invalid."""
    text = clean_date(value)
    if text and text < "1900":
        raise ValueError("date_invalid")
    return text


def clean_date(value: str) -> str:
    """Return the ISO date of a date or of a moment, or "". Raises ValueError date_invalid."""
    text = value.strip()
    if text and not DATE.fullmatch(text):
        raise ValueError("date_invalid")
    try:
        return date.fromisoformat(text[:10]).isoformat() if text else ""
    except ValueError:
        raise ValueError("date_invalid") from None
