"""Reads of registers that have begun and were not taken yet."""

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from willing.attendance.models import SET_FOR_MANY, Mark, Register
from willing.attendance.queries import Due, members_of_groups, registers_of_days
from willing.attendance.set_code_queries import codes_set_for
from willing.core.clock import now
from willing.leave.queries import absences_on, explained_of
from willing.people.calendar_rules import CalendarDay
from willing.people.models import School
from willing.people.school_days import calendar_day


def untaken_on(school: School, day: date, calendar: CalendarDay | None = None) -> list[Due]:
    """Return the registers of a day that someone has to be reminded of.

    calendar: what the calendar says of the day, where it was read already.

    Their time has begun, no mark holds in them, and someone of the group is expected: who is on leave, ill
    or on a trip, or has a code set for them, is marked later.
    """
    found = untaken_of_days(school, [calendar or calendar_day(school, day)])[day]
    absences = absences_on(school, day) if found else {}
    slots = {(one.times.opens_at, one.time.number) for one in found}
    away = {
        (at, number): explained_of(absences, at).keys() | codes_set_for(school, day, number).keys()
        for at, number in slots
    }
    if not any(away.values()):
        return found
    members = members_of_groups(school, [one.group for one in found], day)
    return [
        one
        for one in found
        if not members[one.group.id] or members[one.group.id] - away[one.times.opens_at, one.time.number]
    ]


def untaken_of_days(school: School, days: Sequence[CalendarDay]) -> dict[date, list[Due]]:
    """Return the registers of each of these days that have begun, have no mark, and are not closed."""
    at = now()
    open_ = {
        day: [
            one
            for one in rows
            if at >= one.times.opens_at and (one.register is None or one.register.closed_at is None)
        ]
        for day, rows in registers_of_days(school, days).items()
    }
    # Closed ones, which nearly all are, have thousands of marks; none of those is read.
    taken = taken_of([one.register for rows in open_.values() for one in rows if one.register])
    return {
        day: [one for one in rows if one.register is None or one.register.id not in taken]
        for day, rows in open_.items()
    }


def taken_of(registers: Collection[Register]) -> set[UUID]:
    """Return which registers were taken: a person marked someone in them, or no one is left to mark.

    What was set for many at once, as for a bus that did not come, takes no register.
    """
    ids = [one.id for one in registers]
    marks = Mark.objects.filter(register_id__in=ids, user__isnull=False).exclude(source__in=SET_FOR_MANY)
    marked = set(marks.values_list("register_id", flat=True).distinct())
    return marked | {one.id for one in registers if one.completed_at is not None}
