"""Decisions about people. Pure: values in, decision out."""

import unicodedata
from datetime import date

# What anyone can type as a till number; longer is none.
TILL_NUMBER_DIGITS_MAX = 9


def age_on(day: date, birth_date: date) -> int:
    """Return the age in whole years on `day`."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def read_name(text: str) -> str:
    """Return a typed name with one blank between its words, and letters with accents as one character."""
    return " ".join(unicodedata.normalize("NFC", text).split())
