"""Decisions about people. Pure: values in, decision out."""

import re
import unicodedata
from datetime import date

from willing.core.comparison import drop_unseen, fold_words

# What anyone can type as a till number; longer is none.
TILL_NUMBER_DIGITS_MAX = 9

# White, and the paper of the pages (tokens.css).
PAGE_COLOURS = ("#ffffff", "#faf7f1")
CONTRAST_MIN = 4.5


def age_on(day: date, birth_date: date) -> int:
    """Return the age in whole years on `day`."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def _luminance(colour: str) -> float:
    """Return the relative luminance of "#rrggbb" (WCAG 2.2), 0 to 1."""
    shares = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def is_readable_colour(colour: str) -> bool:
    """Say whether text in a colour is read on our pages, and white text on it: 4.5 at least (AA)."""
    is_one = re.fullmatch("#[0-9a-f]{6}", colour) is not None
    return is_one and min(contrast(colour, page) for page in PAGE_COLOURS) >= CONTRAST_MIN


def darker(colour: str) -> str:
    """Return a colour at seven tenths of its light, for what is pressed or strong."""
    return "#" + "".join(f"{int(int(colour[place : place + 2], 16) * 0.7):02x}" for place in (1, 3, 5))


_ONES = "一二三四五六七八九"
_COUNTED = re.compile(f"[{_ONES}]?十[{_ONES}]?|[{_ONES}]")


def class_sort_key(name: str) -> tuple[tuple[int, str], ...]:
    """Return by what classes are sorted so that 7A comes before 10A, and 九年级 before 十年级."""
    counted = _COUNTED.sub(lambda found: str(_count(found.group())), " ".join(fold_words(name)))
    parts = re.split(r"([0-9]+)", counted)
    return tuple((int(one), "") if one.isdigit() else (-1, one) for one in map(str.strip, parts) if one)


def _count(numeral: str) -> int:
    """Return what a Chinese numeral up to 99 counts."""
    tens, ten, ones = numeral.rpartition("十")
    return (10 * (_ONES.find(tens) + 1 if tens else 1) if ten else 0) + _ONES.find(ones or "?") + 1


def read_name(text: str) -> str:
    """Return a typed name with one blank between its words, and letters with accents as one character.

    Characters that nobody sees are left out (`drop_unseen`); a name of nothing else is "".
    """
    return " ".join(unicodedata.normalize("NFC", drop_unseen(text)).split())
