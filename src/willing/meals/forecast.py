"""How many main meals the kitchen will need on the next school days, and how that was worked out."""

from dataclasses import dataclass
from datetime import date, timedelta

from willing.leave.lunch import AwayAtLunch, away_at_lunch
from willing.meals.models import ServedDay
from willing.meals.rules import DAYS_FORECAST, FORECAST_WEEKS, Expected, PastDay, decide_forecast
from willing.people.calendar_rules import CalendarDay
from willing.people.models import Person, School
from willing.people.queries import day_bounds, today
from willing.people.school_days import school_days_between
from willing.till.served import MealsServed, meals_by_day

# As far ahead as the longest holidays are.
AHEAD_DAYS_MAX = 100
WORKING_WEEK = range(1, 6)


@dataclass(frozen=True)
class DayForecast:
    """A school day to come. expected: None after too few weeks. past: the same weekdays before it."""

    day: CalendarDay
    expected: Expected | None
    past: tuple[tuple[date, MealsServed], ...]
    away: AwayAtLunch

    @property
    def granted(self) -> int | None:
        """How many of the expected meals are free or for less, after the same days."""
        every = sum(served.total for _day, served in self.past)
        if self.expected is None or not every:
            return None
        return round(self.expected.meals * sum(served.granted for _day, served in self.past) / every)


def forecast(school: School) -> list[DayForecast]:
    """Return the next school days, today's among them, each with what it needs.

    Based on the last eight weeks, as they were counted this morning (meals.counting): on the days with
    school of the same weekday on which meals were sold. An extra school day counts as the weekday whose menu
    it has. Who is away for the whole of lunch, on an agreed leave, through illness or on a trip, is not
    cooked for; everyone else on the roll counts as present.
    """
    now, first = today(school), today(school) - timedelta(weeks=FORECAST_WEEKS)
    before = school_days_between(school, first, now - timedelta(days=1))
    served = _served(school, first, now - timedelta(days=1))
    sold = [one for one in before if one.day in served]
    rolls = _rolls(school, [one.day for one in sold])
    roll = _roll_now(school)
    ahead = school_days_between(school, now, now + timedelta(days=AHEAD_DAYS_MAX))
    if not school.weekdays:  # no week was set: a weekend counts where something was sold on one
        week = {*WORKING_WEEK, *(one.weekday for one in sold)}
        ahead = [one for one in ahead if one.weekday in week]
    ahead = ahead[:DAYS_FORECAST]
    away = away_at_lunch(school, ahead)
    return [_day_forecast(one, sold, served, rolls, roll, away[one.day]) for one in ahead]


def _served(school: School, first: date, last: date) -> dict[date, MealsServed]:
    """Return what was served on each day on which anything was: as counted, or else from its sales."""
    rows = ServedDay.objects.filter(school=school, day__gte=first, day__lte=last)
    found = {
        day: MealsServed(*counts)
        for day, *counts in rows.values_list("day", "granted", "paid", "staff", "visitors")
    }
    days = [first + timedelta(days=place) for place in range((last - first).days + 1)]
    missing = [day for day in days if day not in found]
    sold = meals_by_day(school, missing[0], missing[-1]) if missing else {}
    found |= {day: sold[day] for day in missing if day in sold}
    return {day: served for day, served in found.items() if served.total}


def _day_forecast(
    day: CalendarDay,
    sold: list[CalendarDay],
    served: dict[date, MealsServed],
    rolls: dict[date, int],
    roll: int,
    away: AwayAtLunch,
) -> DayForecast:
    alike = [one.day for one in sold if one.weekday == day.weekday]
    past = [PastDay(served[one].total, rolls[one]) for one in alike]
    return DayForecast(
        day, decide_forecast(past, roll, away.total), tuple((one, served[one]) for one in alike), away
    )


def _roll_now(school: School) -> int:
    return Person.objects.filter(school=school, left_at=None, is_invented=False).count()


def _rolls(school: School, days: list[date]) -> dict[date, int]:
    """Return how many persons were at the school on each of these days."""
    rows = Person.objects.filter(school=school, is_invented=False, merged_into=None)
    times = list(rows.values_list("joined_at", "left_at"))
    ends = {day: day_bounds(school, day)[1] for day in days}
    return {
        day: sum(joined < end and (left is None or left >= end) for joined, left in times)
        for day, end in ends.items()
    }
