"""The writers of the calendar: the week with its hours, terms, closed days, days that are opened.

by: the number of the user who did it; this room lies below the users.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import time
from uuid import UUID

from willing.audit.actions import record
from willing.core.ids import new_id
from willing.core.transactions import atomic, lock
from willing.people import errors
from willing.people.calendar_rules import (
    CALENDAR_NAME_CHARS_MAX,
    SITTINGS_A_DAY_MAX,
    CalendarSpan,
    EntryFault,
    Hours,
    are_apart,
    decide_entry,
)
from willing.people.models import CalendarEntry, School, Sitting
from willing.people.rules import read_name

_HOURS = re.compile(r"(\d{1,2})[:.](\d{2})\s*(?:[-–—~〜至到]|to|bis)\s*(\d{1,2})[:.](\d{2})", re.ASCII)


def read_hours(text: str) -> tuple[Hours, ...]:
    """Return typed hours in their order: "11:30-12:15, 12:20-13:00".

    Raises Refused hours_not_valid, hours_overlap.
    """
    parts = [one.strip() for one in re.split(r"[,;、\n]", unicodedata.normalize("NFKC", text).lower())]
    hours = sorted(_read_one(one) for one in parts if one)
    if not are_apart(hours) or len(hours) > SITTINGS_A_DAY_MAX:
        raise errors.hours_overlap()
    return tuple(hours)


def _read_one(text: str) -> Hours:
    found = _HOURS.fullmatch(text)
    if found is None:
        raise errors.hours_not_valid(text)
    numbers = [int(one) for one in found.groups()]
    try:
        return Hours(time(numbers[0], numbers[1]), time(numbers[2], numbers[3]))
    except ValueError:
        raise errors.hours_not_valid(text) from None


def write_hours(hours: Sequence[Hours]) -> str:
    """Return hours as they are typed."""
    return ", ".join(f"{one.opens:%H:%M}-{one.closes:%H:%M}" for one in hours)


@atomic
def set_week(school: School, week: Mapping[int, Sequence[Hours]], *, by: int | None = None) -> None:
    """Set the weekdays (ISO) with school and when meals are sold on each; no weekday: every day counts.

    A weekday without hours has school and no meals. Raises Refused hours_overlap.
    """
    held = lock(School.objects).get(pk=school.pk)
    if not all(are_apart(hours) for hours in week.values()):
        raise errors.hours_overlap()
    weekdays = "".join(str(one) for one in sorted(week))
    before = [(one.weekday, Hours(one.opens, one.closes)) for one in Sitting.objects.filter(school=school)]
    wanted = [(weekday, one) for weekday in sorted(week) for one in sorted(week[weekday])]
    if (held.weekdays, before) == (weekdays, wanted):
        return
    School.objects.filter(pk=school.pk).update(weekdays=weekdays)
    school.weekdays = weekdays
    Sitting.objects.filter(school=school).delete()
    for weekday, one in wanted:
        Sitting.objects.create(school=school, weekday=weekday, opens=one.opens, closes=one.closes)
    facts = {"weekdays": weekdays, "sittings": len(wanted), "by": by}
    record("calendar.week_set", subject=school.id, facts=facts, personal={})


@atomic
def add_entry(
    school: School, new: CalendarSpan, *, by: int | None = None, entry_id: UUID | None = None
) -> CalendarEntry:
    """Add an entry to the calendar. The same id again returns the first one.

    Raises Refused calendar_entry_not_valid.
    """
    lock(School.objects).get(pk=school.pk)
    earlier = CalendarEntry.objects.filter(school=school, pk=entry_id).first() if entry_id else None
    if earlier is not None:
        return earlier
    _require_valid(school, new)
    added = CalendarEntry.objects.create(
        id=entry_id or new_id(),
        school=school,
        kind=new.kind,
        name=_name(new.name),
        first_day=new.first_day,
        last_day=new.last_day,
        as_weekday=new.as_weekday,
    )
    _record("calendar.entry_added", added, by)
    return added


@atomic
def change_entry(
    school: School, entry_id: UUID, new: CalendarSpan, *, by: int | None = None
) -> CalendarEntry:
    """Change an entry; its kind stays. Raises calendar_entry_unknown, calendar_entry_not_valid."""
    lock(School.objects).get(pk=school.pk)
    held = require_entry(school, entry_id)
    _require_valid(school, new, but=held)
    held.name, held.first_day, held.last_day = _name(new.name), new.first_day, new.last_day
    held.as_weekday = new.as_weekday
    held.save(update_fields=["name", "first_day", "last_day", "as_weekday"])
    _record("calendar.entry_changed", held, by)
    return held


@atomic
def delete_entry(school: School, entry_id: UUID, *, by: int | None = None) -> None:
    """Delete an entry. One that is gone already changes nothing."""
    lock(School.objects).get(pk=school.pk)
    held = CalendarEntry.objects.filter(school=school, pk=entry_id).first()
    if held is None:
        return
    _record("calendar.entry_deleted", held, by)
    CalendarEntry.objects.filter(pk=held.pk).delete()


@atomic
def add_closed_days(school: School, days: Sequence[CalendarSpan], *, by: int | None = None) -> int:
    """Add closed days that were read from a file; those that are there already are left as they are.

    Return how many were added. Raises Refused calendar_entry_not_valid, and adds none then.
    """
    lock(School.objects).get(pk=school.pk)
    held = {(one.first_day, one.last_day) for one in _of_kind(school, "closed")}
    new = [one for one in days if (one.first_day, one.last_day) not in held]
    for one in new:
        add_entry(school, one, by=by)
    return len(new)


def require_entry(school: School, entry_id: UUID) -> CalendarEntry:
    """Return an entry of this school's calendar. Raises Refused calendar_entry_unknown."""
    found = CalendarEntry.objects.filter(school=school, pk=entry_id).first()
    if found is None:
        raise errors.calendar_entry_unknown()
    return found


def _of_kind(school: School, kind: str, but: UUID | None = None) -> list[CalendarSpan]:
    rows = [one for one in CalendarEntry.objects.filter(school=school, kind=kind) if one.pk != but]
    return [CalendarSpan(one.kind, one.first_day, one.last_day, one.name, one.as_weekday) for one in rows]


def _require_valid(school: School, new: CalendarSpan, but: CalendarEntry | None = None) -> None:
    fault = decide_entry(new, _of_kind(school, new.kind, but.pk if but else None))
    if fault is not EntryFault.NONE:
        raise errors.calendar_entry_not_valid(fault)


def _name(text: str) -> str:
    return read_name(text)[:CALENDAR_NAME_CHARS_MAX]


def _record(event: str, one: CalendarEntry, by: int | None) -> None:
    # What it is called may be anything a person typed.
    facts = {
        "entry": str(one.id),
        "kind": one.kind,
        "first_day": one.first_day.isoformat(),
        "last_day": one.last_day.isoformat(),
        "by": by,
    }
    record(event, subject=one.school_id, facts=facts, personal={"name": one.name})
