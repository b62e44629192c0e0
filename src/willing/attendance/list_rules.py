"""Decisions of the lists: school weeks, days by which a reason is due, what is counted. Pure.

Every number is a count of sessions. Nothing here rates a child, ranks children or foresees anything.
Sources: ATTENDANCE.md 1.1 and 1.2; the threshold is that of England's national framework for penalty notices.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise

from willing.attendance.rules import CodeSet, CountsAs, DayValue, day_value

# A reason that is not yet known is replaced within so many school days (England).
REASON_SCHOOL_DAYS = 5
# So many unauthorised sessions within so many school weeks: a person considers what to do (England).
UNAUTHORISED_SESSIONS = 10
SCHOOL_WEEKS = 10
# Absent on so many school days in a row: named to the authority (England).
DAYS_IN_A_ROW = 10
# A new pupil is named to the authority within so many days, weekends among them (England).
NEW_PUPIL_DAYS = 5
YEARS = (1990, 2200)


@dataclass(frozen=True, order=True)
class Week:
    """A week of ISO 8601: it begins on Monday, and belongs to the year that its Thursday lies in."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> "Week":
        """Return the week that a day lies in."""
        found = day.isocalendar()
        return cls(found.year, found.week)

    @classmethod
    def read(cls, text: str) -> "Week | None":
        """Return a week written as 2026-W48; None for anything else, and for a week 53 that a year lacks."""
        year, sign, number = text.partition("-W")
        if not (sign and year.isdecimal() and len(year) == len("2026") and number.isdecimal()):
            return None
        try:
            found = cls.of(date.fromisocalendar(int(year), int(number), 1))
        except ValueError:
            return None
        return found if YEARS[0] <= found.year <= YEARS[1] else None

    def __str__(self) -> str:
        return f"{self.year:04}-W{self.number:02}"

    @property
    def monday(self) -> date:
        """Its first day."""
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def sunday(self) -> date:
        """Its last day."""
        return self.monday + timedelta(days=6)

    @property
    def before(self) -> "Week":
        """The week before, in the year before where this is the first of its year."""
        return Week.of(self.monday - timedelta(days=7))

    @property
    def after(self) -> "Week":
        """The week after."""
        return Week.of(self.monday + timedelta(days=7))


def first_of_weeks(school_days: Sequence[date], *, until: date, weeks: int = SCHOOL_WEEKS) -> date | None:
    """Return the Monday of the first of the latest school weeks, the one of `until` among them.

    A week without a school day is none. school_days: in their order. Fewer weeks than asked for: the first
    there is; None where there is none.
    """
    found = sorted({Week.of(day) for day in school_days if day <= until})[-weeks:]
    return found[0].monday if found else None


def days_of_term(school_days: Sequence[date], terms_begin: Collection[date], *, until: date) -> list[date]:
    """Return the school days before a day, of its term alone; all of them where no term has begun.

    What nobody did in a term that is over follows nobody into the next one.
    """
    first = max((one for one in terms_begin if one <= until), default=date.min)
    return [one for one in school_days if first <= one < until]


def due_day(school_days: Sequence[date], of: date, *, within: int = REASON_SCHOOL_DAYS) -> date | None:
    """Return the last school day on which the reason of an absence is in time; None while it isn't known.

    school_days: in their order, those after the absence among them; where the calendar holds too few, None.
    """
    later = school_days[bisect_right(school_days, of) :]
    return later[within - 1] if len(later) >= within else None


def beside_holidays(school_days: Sequence[date], weekdays: Collection[int]) -> frozenset[date]:
    """Return the school days before and after a holiday: one on which a weekday of the school has no school.

    weekdays: the ISO weekdays with school; empty for all. Outside of them nothing is known.
    """
    usual = set(weekdays) or set(range(1, 8))
    found: set[date] = set()
    for one, other in pairwise(school_days):
        between = (one + timedelta(days=count) for count in range(1, (other - one).days))
        if any(day.isoweekday() in usual for day in between):
            found |= {one, other}
    return frozenset(found)


@dataclass(frozen=True)
class RegisterSession:
    """What holds for a person in one register."""

    day: date
    number: int
    symbol: str


def absences(codes: CodeSet) -> frozenset[str]:
    """Return the codes of sessions that were missed, with and without leave."""
    missed = (CountsAs.AUTHORISED, CountsAs.UNAUTHORISED)
    return frozenset(one.symbol for one in codes.codes.values() if one.counts in missed)


def unauthorised(codes: CodeSet) -> frozenset[str]:
    """Return the codes of which ten are counted; in England G, U, O and also N, without a reason yet."""
    return frozenset(one.symbol for one in codes.codes.values() if one.counts is CountsAs.UNAUTHORISED)


def is_over_threshold(sessions: int) -> bool:
    """Say whether a person at the school has to look at unauthorised sessions. Nothing else follows."""
    return sessions >= UNAUTHORISED_SESSIONS


@dataclass(frozen=True)
class Pattern:
    """In how many sessions a person was absent, and on which."""

    total: int = 0
    by_weekday: Mapping[int, int] = field(default_factory=dict)
    by_number: Mapping[int, int] = field(default_factory=dict)
    beside_holidays: int = 0


def pattern_of(
    sessions: Iterable[RegisterSession], missed: Collection[str], beside: Collection[date]
) -> Pattern:
    """Count absences by weekday (ISO), by register of the day, and on days beside a holiday."""
    away = [one for one in sessions if one.symbol in missed]
    return Pattern(
        len(away),
        Counter(one.day.isoweekday() for one in away),
        Counter(one.number for one in away),
        sum(one.day in beside for one in away),
    )


def days_in_a_row(sessions: Iterable[RegisterSession], missed: Collection[str]) -> int:
    """Return on how many days in a row, up to the latest with a session that counts, all were missed.

    sessions: of one person, without those that they could not attend.
    """
    by_day: dict[date, list[bool]] = {}
    for one in sessions:
        by_day.setdefault(one.day, []).append(one.symbol in missed)
    found = 0
    for day in sorted(by_day, reverse=True):
        if not all(by_day[day]):
            break
        found += 1
    return found


def day_minutes(sessions: Iterable[tuple[str, int | None]], codes: CodeSet, lengths: Sequence[int]) -> int:
    """Return how many minutes of a day's periods a person attended.

    sessions: of each the code, and minutes late. lengths: of each the period's minutes, in the same order.
    """
    return sum(
        max(0, minutes - (late or 0))
        for (symbol, late), minutes in zip(sessions, lengths, strict=True)
        if codes.codes[symbol].counts is CountsAs.ATTENDING
    )


def day_values(minutes_by_day: Mapping[date, int], *, full_from: int, half_from: int) -> dict[DayValue, int]:
    """Return how many days count as whole, as half and as none."""
    found = dict.fromkeys(DayValue, 0)
    for minutes in minutes_by_day.values():
        found[day_value(minutes, full_from=full_from, half_from=half_from)] += 1
    return found


def days_late(due: date | None, school_days: Sequence[date], today: date) -> int:
    """Return since how many school days something is overdue; 0 while it is in time."""
    if due is None or today <= due:
        return 0
    return bisect_right(school_days, today) - bisect_left(school_days, due + timedelta(days=1)) or 1


def new_pupil_due(joined: date) -> date:
    """Return by when a new pupil is named to the authority."""
    return joined + timedelta(days=NEW_PUPIL_DAYS)
