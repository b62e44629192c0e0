"""Dates as registers write them. Pure; a ValueError's text is the reason's code."""

import re
import unicodedata
from datetime import date, timedelta

# "": only what can be read in one way. dmy, mdy: day or month first. serial: a spreadsheet's number of days.
FORMS = ("", "dmy", "mdy", "serial")
YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})|(\d{4})年(\d{1,2})月(\d{1,2})日?", re.ASCII)
YEAR_LAST = re.compile(r"(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4})\.?", re.ASCII)
TIME = re.compile(r"(?<=\d)[T ]\d{1,2}:\d{2}.{0,34}$", re.ASCII)
SERIAL = re.compile(r"\d{4,6}(\.0*)?", re.ASCII)
SERIAL_EPOCH = date(1899, 12, 30)  # day 0 of spreadsheets, as they count from March 1900 on


def read_date(text: str, form: str) -> str:
    """Return a date as ISO text.

    form: of FORMS. Year first is read in every form, for it has one meaning; so is day first with dots.
    Raises ValueError date_ambiguous where no form was chosen and either number may be the month, and
    date_invalid for anything else.
    """
    text = TIME.sub("", unicodedata.normalize("NFKC", text)).strip()
    if first := YEAR_FIRST.fullmatch(text):
        year, month, day = (first[1], first[3], first[4]) if first[1] else (first[5], first[6], first[7])
        return _iso(int(year), int(month), int(day))
    if form == "serial" and SERIAL.fullmatch(text):
        return (SERIAL_EPOCH + timedelta(days=int(text.split(".")[0]))).isoformat()
    if last := YEAR_LAST.fullmatch(text):
        one, other = int(last[1]), int(last[3])
        day, month = (other, one) if _is_month_first(one, other, last[2], form) else (one, other)
        return _iso(int(last[4]), month, day)
    raise ValueError("date_invalid")


def _is_month_first(one: int, other: int, mark: str, form: str) -> bool:
    if form in ("dmy", "mdy"):
        return form == "mdy"
    if mark == "." or one > 12:  # nobody writes the month first with dots
        return False
    if other > 12:
        return True
    if one == other:
        return False
    raise ValueError("date_ambiguous")


def _iso(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        raise ValueError("date_invalid") from None
