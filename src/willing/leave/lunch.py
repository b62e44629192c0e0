"""Reads of planned absence for the kitchen: who is away for the whole of lunch, and whose meal is released.

None of it holds a sale back: who comes all the same eats, and what is granted to them pays.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from willing.leave.queries import PlannedAbsence, absences_between, absences_of
from willing.leave.rules import LUNCH, AbsenceSource, misses_lunch
from willing.people.calendar_rules import CalendarDay
from willing.people.models import Person, School
from willing.people.school_days import school_days_between, week_of

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class AwayAtLunch:
    """How many pupils are away for the whole of a day's lunch.

    packed: on a trip with packed meals, which the kitchen makes all the same; in none of the other numbers.
    """

    trip: int = 0
    leave: int = 0
    illness: int = 0
    packed: int = 0

    @property
    def total(self) -> int:
        """For how many nothing is cooked."""
        return self.trip + self.leave + self.illness


def away_at_lunch(school: School, days: Sequence[CalendarDay]) -> dict[date, AwayAtLunch]:
    """Return for each of these days how many are away, whose absence everyone agreed to who has to."""
    if not days:
        return {}
    lunches = _lunches(school, days)
    absences = absences_between(school, days[0].day, days[-1].day)
    found = {}
    for one in days:
        counts = Counter(_why(rows, lunches[one.day]) for rows in absences.values())
        found[one.day] = AwayAtLunch(
            counts[AbsenceSource.TRIP],
            counts[AbsenceSource.LEAVE],
            counts[AbsenceSource.ILLNESS],
            counts["packed"],
        )
    return found


def _why(rows: Sequence[PlannedAbsence], lunches: Sequence[Span]) -> str:
    """Return for what a pupil misses a day's lunch; "" where they do not."""
    held = _missing(rows, lunches)
    if held is None:
        return ""
    return "packed" if held.has_packed_meals else held.source


def _missing(rows: Sequence[PlannedAbsence], lunches: Sequence[Span]) -> PlannedAbsence | None:
    agreed = (one for one in rows if one.is_agreed)
    return next((one for one in agreed if misses_lunch((one.starts_at, one.lasts_until), lunches)), None)


def released_days(person: Person, first: date, last: date) -> set[date]:
    """Return on which school days of a time nothing is cooked for a person, so that the day's grant is free.

    On a trip with packed meals it is theirs.
    """
    rows = absences_of(person, first, last)
    if not rows:
        return set()
    days = school_days_between(person.school, first, last)
    lunches = _lunches(person.school, days)
    missed = {one.day: _missing(rows, lunches[one.day]) for one in days}
    return {day for day, held in missed.items() if held is not None and not held.has_packed_meals}


def _lunches(school: School, days: Sequence[CalendarDay]) -> Mapping[date, Sequence[Span]]:
    """Return when lunch is on each of these days: its sittings, or noon to one where no hours are set."""
    week, zone = week_of(school), ZoneInfo(school.time_zone)
    found = {}
    for one in days:
        hours = [(hour.opens, hour.closes) for hour in week.get(one.weekday, ())] or [LUNCH]
        found[one.day] = [
            (datetime.combine(one.day, opens, zone), datetime.combine(one.day, closes, zone))
            for opens, closes in hours
        ]
    return found
