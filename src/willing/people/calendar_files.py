"""Read closed days from a file: an .ics of public holidays, or a CSV of first day, last day, name. Pure."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from willing.core.comparison import fold_name
from willing.people.calendar_rules import CALENDAR_NAME_CHARS_MAX, CalendarSpan, EntryFault, decide_entry
from willing.people.errors import calendar_file_not_readable
from willing.people.rules import read_name

FILE_BYTES_MAX = 1024 * 1024
ROWS_MAX = 2000
# What was over more than a year ago closes no day that anyone asks for.
KEPT_PAST_DAYS = 366
_HEADINGS = {
    "first": ("first day", "date", "day", "from", "start", "start date", "日期", "开始", "开始日期", "首日"),
    "last": ("last day", "to", "until", "end", "end date", "结束", "结束日期", "末日"),
    "name": ("name", "holiday", "title", "summary", "reason", "名称", "假期", "节日", "说明"),
}
_DATE = re.compile(r"(\d{4})\s*[-/.年]?\s*(\d{1,2})\s*[-/.月]?\s*(\d{1,2})\s*日?", re.ASCII)
_DURATION = re.compile(r"P(?:(\d{1,3})W)?(?:(\d{1,3})D)?", re.ASCII)


@dataclass(frozen=True)
class FileRow:
    """An entry of a file. fault: why it can't be taken: a word of ROW_FAULTS in the page, or ""."""

    name: str
    days: CalendarSpan | None
    fault: str = ""


def read_closed_days(content: bytes, today: date) -> list[FileRow]:
    """Return what a file says, in the order of its days, each pair of days once.

    Days that were over more than a year before `today` are left out.
    Raises Refused calendar_file_not_readable.
    """
    if len(content) > FILE_BYTES_MAX:
        raise calendar_file_not_readable("too_large")
    if content.startswith(b"PK\x03\x04"):
        raise calendar_file_not_readable("workbook")
    try:
        text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        raise calendar_file_not_readable("encoding") from None
    is_ics = text.lstrip().upper().startswith("BEGIN:VCALENDAR")
    rows = _kept([*(_ics_rows(text) if is_ics else _csv_rows(text))][: ROWS_MAX + 1], today)
    if not rows:
        raise calendar_file_not_readable("no_days")
    if len(rows) > ROWS_MAX:
        raise calendar_file_not_readable("too_large")
    return rows


def _kept(rows: list[FileRow], today: date) -> list[FileRow]:
    earliest = today - timedelta(days=KEPT_PAST_DAYS)
    kept: dict[object, FileRow] = {}
    for place, row in enumerate(rows):
        if row.days is None:
            kept[place] = row
        elif row.days.last_day >= earliest:
            kept.setdefault((row.days.first_day, row.days.last_day), row)
    return sorted(kept.values(), key=lambda row: row.days.first_day if row.days else date.max)


def _row(name: str, first: date | None, last: date | None, fault: str = "") -> FileRow:
    name = read_name(name)[:CALENDAR_NAME_CHARS_MAX]
    if fault or first is None or last is None:
        return FileRow(name, None, fault or "date_not_valid")
    days = CalendarSpan("closed", first, last, name)
    found = decide_entry(days, ())
    return FileRow(name, days) if found is EntryFault.NONE else FileRow(name, None, found.value)


def read_day(text: str) -> date | None:
    """Return a date with the year first, however its parts are parted; None for anything else."""
    found = _DATE.fullmatch(unicodedata.normalize("NFKC", text).strip())
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


# --- CSV


def _csv_rows(text: str) -> Iterator[FileRow]:
    head = text.lstrip().splitlines()[:1] or [""]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head[0].count))
    try:
        rows = [row for row in reader if any(cell.strip() for cell in row)]
    except csv.Error:
        raise calendar_file_not_readable("no_days") from None
    places = _places(rows[0] if rows else [])
    if "first" not in places:
        raise calendar_file_not_readable("no_days")
    for row in rows[1:]:
        cells = {field: row[place] if place < len(row) else "" for field, place in places.items()}
        last = cells.get("last", "").strip() or cells["first"]
        yield _row(cells.get("name", ""), read_day(cells["first"]), read_day(last))


def _places(headings: list[str]) -> dict[str, int]:
    known = {fold_name(one): field for field, names in _HEADINGS.items() for one in names}
    places: dict[str, int] = {}
    for place, heading in enumerate(headings):
        if field := known.get(fold_name(heading)):
            places.setdefault(field, place)
    return places


# --- iCalendar (RFC 5545)


def _ics_rows(text: str) -> Iterator[FileRow]:
    event: dict[str, tuple[str, str]] | None = None
    for line in re.sub(r"\r?\n[ \t]", "", text).splitlines():
        name, _, value = line.partition(":")
        name, _, about = name.partition(";")
        if (name.upper(), value.strip().upper()) == ("BEGIN", "VEVENT"):
            event = {}
        elif (name.upper(), value.strip().upper()) == ("END", "VEVENT") and event is not None:
            if event.get("STATUS", ("", ""))[1].strip().upper() != "CANCELLED":
                yield _event(event)
            event = None
        elif event is not None:
            event.setdefault(name.upper(), (about, value))


def _event(event: dict[str, tuple[str, str]]) -> FileRow:
    name = re.sub(r"\\([,;\\])", r"\1", re.sub(r"\\[nN]", " ", event.get("SUMMARY", ("", ""))[1]))
    start, end = event.get("DTSTART", ("", ""))[1].strip(), event.get("DTEND", ("", ""))[1].strip()
    if "T" in start:
        return _row(name, None, None, "part_of_a_day")
    if "RRULE" in event or "RDATE" in event:
        return _row(name, None, None, "repeats")
    first = read_day(start)
    last = _last_day(first, end, event.get("DURATION", ("", ""))[1].strip()) if first else None
    return _row(name, first, last)


def _last_day(first: date, end: str, duration: str) -> date | None:
    """Return the last day of an event: its end is the day after; without end or duration it has one day."""
    if end:
        after = read_day(end)
        # Some programs write the last day itself where an event has one day.
        return max(first, after - timedelta(days=1)) if after and after >= first else None
    if not duration:
        return first
    found = _DURATION.fullmatch(duration)
    days = int(found[1] or 0) * 7 + int(found[2] or 0) if found else 0
    return first + timedelta(days=days - 1) if days else None
