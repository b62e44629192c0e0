"""Reads of what was marked and what it counts as: a group's week, a pupil's record.

Everything is worked out from the marks that hold. Nothing is stored about a pupil beside them.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from willing.attendance.list_rules import (
    Pattern,
    RegisterSession,
    Week,
    absences,
    day_minutes,
    day_values,
    pattern_of,
)
from willing.attendance.lists import Name, days_beside_holidays, names_of
from willing.attendance.models import (
    AttendanceSettings,
    CurrentMark,
    Register,
    RegisterGroup,
    RegisterTime,
)
from willing.attendance.queries import codes_of, members_on, require_settings, times_of
from willing.attendance.rules import CodeSet, CountsAs, DayValue, attendance_rate, counted
from willing.people.models import Person
from willing.people.queries import by_name
from willing.people.school_days import school_days_between


@dataclass(frozen=True)
class AttendanceRate:
    """How many sessions count as what, and the share of possible ones that were attended, 0 to 1."""

    counts: Mapping[CountsAs, int]
    share: float | None

    @classmethod
    def of(cls, codes: CodeSet, symbols: Mapping[str, int]) -> "AttendanceRate":
        """Return it from how often each code was recorded."""
        counts = counted(codes, symbols)
        return cls(counts, attendance_rate(counts))

    @property
    def attended(self) -> int:
        """Sessions that count as attended."""
        return self.counts[CountsAs.ATTENDING]

    @property
    def authorised(self) -> int:
        """Sessions missed with leave."""
        return self.counts[CountsAs.AUTHORISED]

    @property
    def unauthorised(self) -> int:
        """Sessions missed without leave."""
        return self.counts[CountsAs.UNAUTHORISED]

    @property
    def left_out(self) -> int:
        """Sessions that a pupil could not attend, or that are not counted."""
        return self.counts[CountsAs.NOT_POSSIBLE] + self.counts[CountsAs.NOT_COUNTED]


@dataclass(frozen=True)
class WeekRow:
    """A pupil's week: what holds in each register, by day and number; and what it counts as."""

    person: Person
    name: Name
    cells: tuple[CurrentMark | None, ...]
    rate: AttendanceRate


@dataclass(frozen=True)
class GroupWeek:
    """A group's week. columns: day and number of each register, in their order."""

    days: tuple[date, ...]
    times: tuple[RegisterTime, ...]
    columns: tuple[tuple[date, int], ...]
    rows: tuple[WeekRow, ...]
    rate: AttendanceRate


def group_week(group: RegisterGroup, week: Week) -> GroupWeek:
    """Return a group's week: who is in it on its last day, and who was marked in it."""
    school = group.school
    codes = codes_of(require_settings(school))
    days = tuple(one.day for one in school_days_between(school, week.monday, week.sunday))
    times = tuple(times_of(school))
    members = set(members_on(group, week.sunday).values_list("pk", flat=True))
    span = Q(day__gte=week.monday, day__lte=week.sunday)
    # By the few registers of the week: joined at once, SQLite reads every mark of the school's week.
    taken = list(Register.objects.filter(span, group=group).values_list("pk", flat=True))
    marked = CurrentMark.objects.filter(register__in=taken).values_list("person_id", flat=True)
    ids = members | set(marked)
    held = CurrentMark.objects.filter(span, person_id__in=ids).select_related(
        "mark", "register__group__year_group"
    )
    cells = {(one.person_id, one.day, one.number): one for one in held}
    # A day that was opened or closed since has its marks all the same.
    days = tuple(sorted({*days, *(one.day for one in held)}))
    columns = tuple((day, one.number) for day in days for one in times)
    names = names_of(ids)
    rows = []
    for person in Person.objects.filter(pk__in=ids).order_by(*by_name()):
        own = [one for key, one in cells.items() if key[0] == person.id]
        rows.append(
            WeekRow(
                person,
                names[person.id],
                tuple(cells.get((person.id, *column)) for column in columns),
                AttendanceRate.of(codes, Counter(one.symbol for one in own)),
            )
        )
    total = AttendanceRate.of(codes, Counter(one.symbol for one in cells.values()))
    return GroupWeek(days, times, columns, tuple(rows), total)


@dataclass(frozen=True)
class PersonRecord:
    """A pupil's marks of some days. values: whole, half and no days where minutes decide, else None."""

    held: tuple[CurrentMark, ...]
    rate: AttendanceRate
    pattern: Pattern
    values: Mapping[DayValue, int] | None


def person_record(person: Person, first: date, last: date) -> PersonRecord:
    """Return what holds for a pupil on some days, counted; the latest first."""
    school = person.school
    settings = require_settings(school)
    codes = codes_of(settings)
    rows = CurrentMark.objects.filter(person=person, day__gte=first, day__lte=last)
    held = tuple(rows.select_related("mark", "register__group__year_group").order_by("-day", "number"))
    sessions = [RegisterSession(one.day, one.number, one.symbol) for one in held]
    return PersonRecord(
        held,
        AttendanceRate.of(codes, Counter(one.symbol for one in held)),
        pattern_of(sessions, absences(codes), days_beside_holidays(school, first, last)),
        _values(settings, codes, held),
    )


def _values(
    settings: AttendanceSettings, codes: CodeSet, held: Sequence[CurrentMark]
) -> Mapping[DayValue, int] | None:
    full, half = settings.full_day_minutes, settings.half_day_minutes
    if full is None or half is None:
        return None
    lengths = {one.number: one.minutes or 0 for one in times_of(settings.school)}
    by_day: defaultdict[date, list[CurrentMark]] = defaultdict(list)
    for one in held:
        if codes.codes[one.symbol].counts not in (CountsAs.NOT_POSSIBLE, CountsAs.NOT_COUNTED):
            by_day[one.day].append(one)
    minutes = {
        day: day_minutes(
            [(one.symbol, one.mark.minutes_late) for one in marks],
            codes,
            [lengths.get(one.number, 0) for one in marks],
        )
        for day, marks in by_day.items()
    }
    return day_values(minutes, full_from=full, half_from=half)
