"""Reads of the calendar: whether a day has school, when meals are sold, and in which sitting a moment falls.

Days and hours are the school's own, in its time zone. Where nothing is set every day has school, and there
are no hours.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from willing.core.clock import now
from willing.core.prepared import Parameter, prepared
from willing.people.calendar_rules import (
    CalendarDay,
    CalendarSpan,
    Hours,
    SellingHours,
    SittingTime,
    decide_day,
    decide_selling_hours,
    first_school_day,
    sitting_times,
)
from willing.people.models import CalendarEntry, School, Sitting


def is_school_day(school: School, day: date) -> bool:
    """Say whether a day has school."""
    return calendar_day(school, day).is_school_day


def calendar_day(school: School, day: date) -> CalendarDay:
    """Return what the calendar says of a day."""
    rows = _entries_of_day.all(school=school.pk, day=day)
    return decide_day(day, school.weekdays, [_entry(one) for one in rows])


def school_days_between(school: School, first: date, last: date) -> list[CalendarDay]:
    """Return the days with school from one day to another, both included; one statement, however many."""
    near = Q(kind="term") | Q(last_day__gte=first, first_day__lte=last)
    entries = [_entry(one) for one in CalendarEntry.objects.filter(near, school=school)]
    days = (first + timedelta(days=count) for count in range((last - first).days + 1))
    found = (decide_day(day, school.weekdays, entries) for day in days)
    return [one for one in found if one.is_school_day]


def terms_begin(school: School) -> list[date]:
    """Return on which days the calendar's terms begin; empty where it has none."""
    return list(CalendarEntry.objects.filter(school=school, kind="term").values_list("first_day", flat=True))


def next_school_day(school: School, after: date) -> date | None:
    """Return the first day with school after a day; None where none of the next 400 has any."""
    rows = CalendarEntry.objects.filter(Q(kind="term") | Q(last_day__gt=after), school=school)
    found = first_school_day(after, school.weekdays, [_entry(one) for one in rows])
    return found.day if found else None


def week_of(school: School) -> Mapping[int, Sequence[Hours]]:
    """Return when meals are sold, by ISO weekday; empty where no hours are set."""
    week: defaultdict[int, list[Hours]] = defaultdict(list)
    for one in _sittings.all(school=school.pk) if school.weekdays else ():
        week[one.weekday].append(Hours(one.opens, one.closes))
    return dict(week)


def sittings_of(school: School, day: date) -> list[SittingTime]:
    """Return the sittings of a day; none on a day without school, or where no hours are set."""
    week = week_of(school)
    found = calendar_day(school, day) if week else None
    if found is None or not found.is_school_day:
        return []
    return sitting_times(day, week.get(found.weekday, ()), ZoneInfo(school.time_zone))


def sitting_at(school: School, moment: datetime) -> SittingTime | None:
    """Return the sitting in which a moment falls, or None."""
    day = moment.astimezone(ZoneInfo(school.time_zone)).date()
    return next((one for one in sittings_of(school, day) if one.begins_at <= moment < one.ends_at), None)


def selling_hours_now(school: School) -> tuple[SellingHours, CalendarDay, Sequence[Hours]]:
    """Return what a till says of the hour, what the calendar says of today, and when meals are sold today."""
    at = now().astimezone(ZoneInfo(school.time_zone))
    day, week = calendar_day(school, at.date()), week_of(school)
    return decide_selling_hours(day, week, at.time()), day, week.get(day.weekday, ())


def entries_of(school: School) -> list[CalendarEntry]:
    """Return the whole calendar, by first day."""
    return list(CalendarEntry.objects.filter(school=school))


def is_set(school: School) -> bool:
    """Say whether the school has set anything of its calendar."""
    return bool(school.weekdays) or CalendarEntry.objects.filter(school=school).exists()


@prepared
def _entries_of_day(school: Parameter, day: Parameter) -> QuerySet[CalendarEntry]:
    covers = Q(first_day__lte=day, last_day__gte=day)
    return CalendarEntry.objects.filter(covers | Q(kind="term"), school=school)


@prepared
def _sittings(school: Parameter) -> QuerySet[Sitting]:
    return Sitting.objects.filter(school=school)


def _entry(row: CalendarEntry) -> CalendarSpan:
    return CalendarSpan(row.kind, row.first_day, row.last_day, row.name, row.as_weekday)
