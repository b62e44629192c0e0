"""Single values of a roster: what may be in a cell. Pure; a ValueError's text is the reason's code."""

import re
import unicodedata

from willing.core.comparison import JOINERS, is_invisible, selects_form
from willing.roster.dates import read_date
from willing.roster.languages import find_language

ID_CHARS_MAX = 255
NAME_CHARS_MAX = 100
WHOLE_NAME_CHARS_MAX = 200
YEAR_CHARS_MAX = 60
EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]+")
# They turn the direction of all that follows, so that a name on a screen reads as another.
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Copied along from mail, web pages and word processors; without them the text is the same.
HARMLESS = dict.fromkeys(map(ord, "\u061c\u200b\u200e\u200f\u2060\ufeff\u00ad"))
# What a spreadsheet shows when a formula fails or a column is too narrow, in the languages of its makers.
ERROR_CELL = re.compile(r"#(N/?[ADVT]|N/A!|[¡¿]?[A-ZÀ-ÞŁ0-9/_. ]+[!?]|#+|GETTING_DATA|N/D!?)")
# What programs write where they have nothing. Not in names: people are called Null.
NOTHING = frozenset({"-", "n/a", "na", "nan", "nil", "none", "null", "undefined", "无", "keine"})
# "1.2E+17", "1,2E+17", "12345.0": a long number after a spreadsheet or a program had it.
SPOILT_NUMBER = re.compile(r"[+-]?\d+([.,]\d*)?E[+-]\d+|\d+[.,]\d+E\d+|\d+\.0+", re.IGNORECASE)
PHONE = re.compile(r"[+(]?[0-9][0-9 ()./+-]{0,38}")
# UTF-8 that was read as a western encoding: "MÃ¼ller".
MISREAD = re.compile(
    "[\u00c2-\u00c5\u00c8\u00d0\u00d1\u00e3-\u00e9][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192"
    "\u02c6\u02dc\u2013\u2014\u2018-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122]"
)


class Flawed(str):
    """A cell that the spreadsheet itself has spoilt; `code` is the reason. Its text is never used."""

    code: str

    def __new__(cls, code: str, text: str = "?") -> "Flawed":
        """Make a cell that is refused when it is cleaned, so only where its column is read."""
        made = super().__new__(cls, text)
        made.code = code
        return made


class DateCell(str):
    """A cell that the spreadsheet holds as a date, as ISO text: right for a birthday, wrong for a class."""

    __slots__ = ()


def clean_text(value: str) -> str:
    """Return text in NFC on one line, without outer blanks and harmless marks; "=1+1" stays as it is.

    Raises ValueError character_not_allowed, error_cell, text_damaged, and the code of a flawed cell.
    """
    _require_sound(value)
    if isinstance(value, DateCell):
        raise ValueError("date_cell")  # noqa: TRY004  # as all reasons
    if value.isascii() and value.isprintable():
        text = " ".join(value.split()) if "  " in value else value.strip()
    else:
        text = _clean_wide(value)
    if text[:1] == "#" and ERROR_CELL.fullmatch(text):
        raise ValueError("error_cell")
    return text


def _require_sound(value: str) -> None:
    if isinstance(value, Flawed):
        raise ValueError(value.code)  # noqa: TRY004  # as all reasons


def _clean_wide(value: str) -> str:
    text = unicodedata.normalize("NFC", value.translate(HARMLESS))
    text = " ".join(text.split()).strip(JOINERS + " ")
    if "\ufffd" in text or (MISREAD.search(text) and _is_misread(text)):
        raise ValueError("text_damaged")
    if any(unicodedata.category(one) in ("Cc", "Cs") or one in TURNING for one in text):
        raise ValueError("character_not_allowed")
    if any(is_invisible(one) and one not in JOINERS and not selects_form(one) for one in text):
        raise ValueError("character_not_allowed")
    return text


def _is_misread(text: str) -> bool:
    for encoding in ("cp1252", "latin-1"):
        try:
            return text.encode(encoding).decode("utf-8") != text
        except UnicodeError:
            continue
    return False


def clean_id(value: str) -> str:
    """Return an id.

    Raises ValueError id_missing, id_too_long, id_invisible, number_spoilt, and as clean_text.
    """
    if not value.isascii() and not isinstance(value, Flawed) and any(map(is_invisible, value.strip())):
        raise ValueError("id_invisible")
    text = clean_text(value)
    if not text or text.casefold() in NOTHING:
        raise ValueError("id_missing")
    if len(text) > ID_CHARS_MAX:
        raise ValueError("id_too_long")
    if SPOILT_NUMBER.fullmatch(text if text.isascii() else unicodedata.normalize("NFKC", text)):
        raise ValueError("number_spoilt")
    return text


def clean_optional_id(value: str) -> str:
    """Return an id or "". Raises as clean_id, but for one that is missing."""
    text = value.strip()
    return clean_id(value) if text and text.casefold() not in NOTHING else ""


def fold_id(value: str) -> str:
    """Return what is left of an id when case, width, blanks and invisible characters do not count.

    To find ids that look alike and are not the same; which id is which is always decided exactly.
    """
    if value.isascii():
        return "".join(value.split()).casefold()
    text = unicodedata.normalize("NFKC", value).casefold()
    text = unicodedata.normalize("NFKC", text)
    return "".join(one for one in text if not (is_invisible(one) or one.isspace()))


def looks_rounded(external_id: str) -> bool:
    """Say whether a spreadsheet may have rounded this number: it keeps 15 digits and fills up with zeros."""
    return (
        external_id.isascii()
        and external_id.isdigit()
        and len(external_id) > 15
        and not external_id[15:].strip("0")
    )


def clean_name(value: str) -> str:
    """Return a name or a part of one, or "". Raises ValueError name_too_long, and as clean_text."""
    return _clean_name(value, NAME_CHARS_MAX)


def clean_whole_name(value: str) -> str:
    """Return given and family name in one text, or "". Raises as clean_name."""
    return _clean_name(value, WHOLE_NAME_CHARS_MAX)


def _clean_name(value: str, chars_max: int) -> str:
    text = clean_text(value)
    if len(text) > chars_max:
        raise ValueError("name_too_long")
    return text if text.strip(".-–—_/*") else ""  # registers that insist on two names get a dot or a dash


def one_name_first(given: str, family: str) -> tuple[str, str]:
    """Return given and family name; who has only one name is called by it, whatever column it is in."""
    return (given, family) if given else (family, "")


def clean_year(value: str) -> str:
    """Return a class or year. Raises ValueError year_too_long, and as clean_text."""
    text = clean_text(value)
    if len(text) > YEAR_CHARS_MAX:
        raise ValueError("year_too_long")
    return text


def clean_email(value: str) -> str:
    """Return an e-mail address or "". Raises ValueError email_invalid, and as clean_text."""
    text = clean_text(value)
    if text and (len(text) > 254 or not EMAIL.fullmatch(text)):
        raise ValueError("email_invalid")
    return text


def clean_emails(value: str) -> list[str]:
    """Return the addresses of a cell that may hold several: "Ann <a@x.org>; b@x.org".

    Parted by semicolons, commas, blanks, bars or slashes. Raises ValueError email_invalid where there is
    something and no address among it, and as clean_text.
    """
    text = clean_text(value)
    if not text or text.casefold() in NOTHING or EMAIL.fullmatch(text):
        return [text] if "@" in text and len(text) <= 254 else []
    parts = [part.strip("<>()[]\"'.").removeprefix("mailto:") for part in re.split(r"[;,|/、，；\s]+", text)]
    found = [part for part in parts if len(part) <= 254 and EMAIL.fullmatch(part)]
    if not found or any("@" in part for part in parts if part not in found):
        raise ValueError("email_invalid")
    return list(dict.fromkeys(found))


def clean_phone(value: str) -> str:
    """Return a telephone number as it is written, in plain digits, or "".

    Raises ValueError phone_invalid, also for one that a spreadsheet has shortened, and as clean_text.
    """
    text = unicodedata.normalize("NFKC", clean_text(value))
    if not text or text.casefold() in NOTHING:
        return ""
    if SPOILT_NUMBER.fullmatch(text) or not PHONE.fullmatch(text) or sum(map(str.isdigit, text)) < 3:
        raise ValueError("phone_invalid")
    return text


def clean_language(value: str) -> str:
    """Return the code of a language, or "". Raises ValueError language_unknown, and as clean_text."""
    text = clean_text(value)
    code = "" if text.casefold() in NOTHING else find_language(text)
    if code is None:
        raise ValueError("language_unknown")
    return code


def clean_list(value: str) -> list[str]:
    """Return the ids of a cell that holds several, parted by commas or semicolons. Raises as clean_id."""
    _require_sound(value)
    return [clean_id(part) for part in re.split("[,;]", value) if part.strip()]


def clean_birth_date(value: str, form: str = "") -> str:
    """Return the ISO date of a birth, or "". Raises ValueError date_invalid, date_ambiguous."""
    text = clean_date(value, form)
    if text and text < "1900":
        raise ValueError("date_invalid")
    return text


def clean_date(value: str, form: str = "") -> str:
    """Return the ISO date of a date or of a moment, or "". form: one of dates.FORMS.

    Raises ValueError date_invalid, date_ambiguous, error_cell, and the code of a flawed cell.
    """
    _require_sound(value)
    text = value.translate(HARMLESS).strip()
    if ERROR_CELL.fullmatch(text):
        raise ValueError("error_cell")
    return read_date(text, form) if text else ""
