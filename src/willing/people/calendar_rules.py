"""Decisions of the calendar: which days have school, when meals are sold. Pure: values in, decision out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from itertools import pairwise

CALENDAR_NAME_CHARS_MAX = 80
# Longer than a school year: a slip in the year, which would close a school unnoticed.
ENTRY_DAYS_MAX = 400
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
SITTINGS_A_DAY_MAX = 12


@dataclass(frozen=True, order=True)
class Hours:
    """From when to when meals are sold, in the school's own time; the last moment is no longer within."""

    opens: time
    closes: time


@dataclass(frozen=True)
class CalendarSpan:
    """An entry of the calendar. kind: term, closed or opened. as_weekday: ISO, of a day that is opened."""

    kind: str
    first_day: date
    last_day: date
    name: str = ""
    as_weekday: int | None = None

    def covers(self, day: date) -> bool:
        """Say whether a day is within it."""
        return self.first_day <= day <= self.last_day


class NoSchool(StrEnum):
    """Why a day has no school: nothing speaks against it, closed by name, its weekday, or between terms."""

    NOTHING = ""
    CLOSED = "closed"
    WEEKDAY = "weekday"
    NO_TERM = "no_term"


@dataclass(frozen=True)
class CalendarDay:
    """What the calendar says of a day.

    weekday: whose hours and menu it has, ISO. name: of what closes or opens it, or of its term; often empty.
    """

    day: date
    weekday: int
    why_not: NoSchool
    name: str = ""

    @property
    def is_school_day(self) -> bool:
        """Whether there is school."""
        return self.why_not is NoSchool.NOTHING


def decide_day(day: date, weekdays: str, entries: Collection[CalendarSpan]) -> CalendarDay:
    """Return what the calendar says of a day.

    A day that is opened has school whatever else is said; then what is closed is closed; then the terms
    count, where there is any; then the weekdays. Where nothing is said every day has school.
    entries: all terms, and of the others at least those that cover the day.
    """
    here = {one.kind: one for one in entries if one.covers(day)}
    own = day.isoweekday()
    if opened := here.get("opened"):
        return CalendarDay(day, opened.as_weekday or own, NoSchool.NOTHING, opened.name)
    if closed := here.get("closed"):
        return CalendarDay(day, own, NoSchool.CLOSED, closed.name)
    term = here.get("term")
    if term is None and any(one.kind == "term" for one in entries):
        return CalendarDay(day, own, NoSchool.NO_TERM)
    if weekdays and str(own) not in weekdays:
        return CalendarDay(day, own, NoSchool.WEEKDAY)
    return CalendarDay(day, own, NoSchool.NOTHING, term.name if term else "")


class EntryFault(StrEnum):
    """Why an entry can't be in a calendar."""

    NONE = ""
    BACKWARDS = "backwards"
    TOO_LONG = "too_long"
    NOT_IN_RANGE = "not_in_range"
    ONE_DAY = "one_day"
    SAME = "same"
    TERMS_OVERLAP = "terms_overlap"


def decide_entry(new: CalendarSpan, others: Collection[CalendarSpan]) -> EntryFault:
    """Return what is wrong with an entry beside the others of its kind."""
    if new.last_day < new.first_day:
        return EntryFault.BACKWARDS
    if new.first_day < EARLIEST or new.last_day > LATEST:
        return EntryFault.NOT_IN_RANGE
    if (new.last_day - new.first_day).days >= ENTRY_DAYS_MAX:
        return EntryFault.TOO_LONG
    if new.kind == "opened" and new.first_day != new.last_day:
        return EntryFault.ONE_DAY
    return _decide_beside(new, others)


def _decide_beside(new: CalendarSpan, others: Collection[CalendarSpan]) -> EntryFault:
    if any((one.first_day, one.last_day) == (new.first_day, new.last_day) for one in others):
        return EntryFault.SAME
    overlaps = (one.first_day <= new.last_day and new.first_day <= one.last_day for one in others)
    return EntryFault.TERMS_OVERLAP if new.kind == "term" and any(overlaps) else EntryFault.NONE


def are_apart(hours: Sequence[Hours]) -> bool:
    """Say whether no two sittings of a day, in their order, overlap, and each closes after it opens."""
    return all(one.opens < one.closes for one in hours) and all(
        one.closes <= other.opens for one, other in pairwise(hours)
    )


@dataclass(frozen=True)
class SittingTime:
    """A sitting of one day, from its first moment to the one after its last."""

    hours: Hours
    begins_at: datetime
    ends_at: datetime


def sitting_times(day: date, hours: Sequence[Hours], zone: tzinfo) -> list[SittingTime]:
    """Return the sittings of a day as moments.

    Where the clock shows an hour twice that night, both are within; where an hour is left out, the moments
    in it are those right after the leap.
    """
    return [
        SittingTime(
            one,
            datetime.combine(day, one.opens, zone).astimezone(UTC),
            max(
                datetime.combine(day, one.closes, zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1)
            ),
        )
        for one in hours
    ]


class SellingHours(StrEnum):
    """What a till says of the hour: nothing, that the school is closed, or that no meals are sold now."""

    NOTHING = ""
    CLOSED = "closed"
    OUTSIDE = "outside"


def decide_selling_hours(today: CalendarDay, week: Mapping[int, Sequence[Hours]], at: time) -> SellingHours:
    """Return what a till says at a time of a day. week: hours by weekday, empty where none were set."""
    if not today.is_school_day:
        return SellingHours.CLOSED
    if not week or any(one.opens <= at < one.closes for one in week.get(today.weekday, ())):
        return SellingHours.NOTHING
    return SellingHours.OUTSIDE


def first_school_day(
    after: date, weekdays: str, entries: Collection[CalendarSpan], *, within_days: int = ENTRY_DAYS_MAX
) -> CalendarDay | None:
    """Return the first day with school after a day, or None where none is near."""
    for count in range(1, within_days + 1):
        found = decide_day(after + timedelta(days=count), weekdays, entries)
        if found.is_school_day:
            return found
    return None
