"""Reads for the lists of attendance: missing reasons, counts of sessions, weeks, returns that are due.

Everything is worked out from the marks that hold. Nothing is stored about a pupil beside them.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from willing.attendance.list_rules import (
    DAYS_IN_A_ROW,
    Pattern,
    Session,
    Week,
    absences,
    beside_holidays,
    day_minutes,
    day_values,
    days_in_a_row,
    days_late,
    due_day,
    first_of_weeks,
    is_over_threshold,
    new_pupil_due,
    pattern_of,
    unauthorised,
)
from willing.attendance.models import (
    AttendanceSettings,
    CurrentMark,
    DistrictCode,
    FamilyNote,
    Register,
    RegisterGroup,
    RegisterTime,
    RollName,
    RollReturn,
)
from willing.attendance.queries import (
    Due,
    codes_of,
    members_on,
    require_settings,
    times_of,
    untaken_on,
)
from willing.attendance.rules import CodeSet, Counts, DayValue, attendance_rate, counted
from willing.people.models import Guardian, Person, School
from willing.people.queries import by_name, day_bounds, local_day, today
from willing.people.school_days import school_days_between

# As far as the lists look back: no absence stays unanswered for a year without being seen.
LOOK_BACK_DAYS = 366
NOT_TAKEN_SCHOOL_DAYS = 10
# In which ten school days in a row lie, with holidays between.
LONG_DAYS = 90
RETURN_DAYS = 90


def school_days(school: School, *, back: int = LOOK_BACK_DAYS, ahead: int = 60) -> list[date]:
    """Return the days with school around today, in their order."""
    day = today(school)
    found = school_days_between(school, day - timedelta(days=back), day + timedelta(days=ahead))
    return [one.day for one in found]


def unexplained_symbols(settings: AttendanceSettings) -> frozenset[str]:
    """Return the codes of a reason that is not yet known: that of the set, and the school's own for it."""
    symbol = codes_of(settings).unexplained
    own = DistrictCode.objects.filter(school_id=settings.school_id, meaning=symbol)
    return frozenset({symbol, *own.values_list("symbol", flat=True)})


@dataclass(frozen=True)
class Name:
    """What a pupil is called in a list. group: the class; has_left: whether they have left."""

    name: str
    group: str
    has_left: bool


def names_of(person_ids: Collection[UUID]) -> dict[UUID, Name]:
    """Return what pupils are called; of those whom lunch has forgotten, what the registers keep."""
    kept = {one.person_id: one for one in RollName.objects.filter(person_id__in=person_ids)}
    found = {}
    for one in Person.objects.filter(pk__in=person_ids).select_related("year_group"):
        roll = kept.get(one.id)
        if one.given_name or roll is None:
            group = one.year_group.name if one.year_group else ""
            found[one.id] = Name(one.full_name, group, one.left_at is not None)
        else:
            found[one.id] = Name(f"{roll.given_name} {roll.family_name}".strip(), roll.class_name, True)
    return found


def not_taken(school: School, days: Sequence[date]) -> list[tuple[date, list[Due]]]:
    """Return registers of the last ten school days before today that no one took, the latest day first.

    Those of a term that is over do not follow into the next.
    """
    day = today(school)
    past = [one for one in days if one < day][-NOT_TAKEN_SCHOOL_DAYS:]
    found = ((one, untaken_on(school, one)) for one in reversed(past))
    return [(one, due) for one, due in found if due]


@dataclass(frozen=True)
class Unexplained:
    """An absence whose reason is not yet known. due: the last school day in time; late: school days since."""

    held: CurrentMark
    name: Name
    due: date | None
    late: int
    notes: int


def unexplained(
    school: School, days: Sequence[date], *, start: int = 0, limit: int = 100
) -> tuple[int, list[Unexplained]]:
    """Return how many absences of the last year have no reason yet, and some of them, the oldest first."""
    settings = require_settings(school)
    day = today(school)
    rows = _marks(school, unexplained_symbols(settings), day - timedelta(days=LOOK_BACK_DAYS), day)
    found = list(
        rows.select_related("register__group__year_group").order_by("day", "number", "person_id")[
            start : start + limit
        ]
    )
    names = names_of({one.person_id for one in found})
    notes = _notes_about(found)
    shown = []
    for one in found:
        due = due_day(days, one.day)
        said = notes[one.person_id, one.day]
        shown.append(Unexplained(one, names[one.person_id], due, days_late(due, days, day), said))
    return rows.count(), shown


def _notes_about(found: Sequence[CurrentMark]) -> Counter[tuple[UUID, date]]:
    rows = FamilyNote.objects.filter(
        person_id__in={one.person_id for one in found}, day__in={one.day for one in found}
    )
    return Counter(rows.values_list("person_id", "day"))


def _marks(school: School, symbols: Collection[str], first: date, last: date) -> QuerySet[CurrentMark]:
    return CurrentMark.objects.filter(
        symbol__in=symbols, day__gte=first, day__lte=last, person__school=school
    )


@dataclass(frozen=True)
class Counted:
    """How many sessions of a kind a pupil has. unexplained: beside them, without a reason yet."""

    person_id: UUID
    name: Name
    sessions: int
    unexplained: int


def over_threshold(school: School, days: Sequence[date]) -> tuple[date | None, list[Counted]]:
    """Return the first day of ten school weeks, and who has ten unauthorised sessions since, by name."""
    settings = require_settings(school)
    day = today(school)
    first = first_of_weeks(days, until=day)
    if first is None:
        return None, []
    unknown = unexplained_symbols(settings)
    counts = _count(school, unauthorised(codes_of(settings), unknown), first, day)
    over = {person: number for person, number in counts.items() if is_over_threshold(number)}
    names = names_of(over)
    waiting = _count(school, unknown, first, day)
    found = [
        Counted(person, names[person], number, waiting.get(person, 0)) for person, number in over.items()
    ]
    return first, sorted(found, key=lambda one: (one.name.group, one.name.name))


def _count(school: School, symbols: Collection[str], first: date, last: date) -> dict[UUID, int]:
    rows = _marks(school, symbols, first, last).values_list("person_id")
    return dict(rows.annotate(times=Count("id")).order_by("person_id"))


def long_absences(school: School) -> list[Counted]:
    """Return who was absent from every session of the last ten school days or more, by name."""
    settings = require_settings(school)
    codes, day = codes_of(settings), today(school)
    missed = absences(codes)
    latest = CurrentMark.objects.filter(person__school=school, day__lte=day).order_by("-day").first()
    if latest is None:
        return []
    counts = _possible(codes)
    latest_day = CurrentMark.objects.filter(person__school=school, day=latest.day, symbol__in=counts)
    here = set(latest_day.exclude(symbol__in=missed).values_list("person_id", flat=True))
    away = set(latest_day.filter(symbol__in=missed).values_list("person_id", flat=True)) - here
    # Most are back within weeks: only who is not is read for a year.
    for days in (LONG_DAYS, LOOK_BACK_DAYS):
        found = _in_a_row(away, counts, missed, latest.day - timedelta(days=days))
        long = {one: number for one, number in found.items() if number >= DAYS_IN_A_ROW}
        away = set(long)
    names = names_of(long)
    listed = [Counted(one, names[one], number, 0) for one, number in long.items()]
    return sorted(listed, key=lambda one: (one.name.group, one.name.name))


def _in_a_row(
    persons: Collection[UUID], counts: Collection[str], missed: Collection[str], first: date
) -> dict[UUID, int]:
    """Return on how many days in a row each was absent, of those from a day on."""
    rows = CurrentMark.objects.filter(person_id__in=persons, day__gte=first, symbol__in=counts)
    sessions: defaultdict[UUID, list[Session]] = defaultdict(list)
    for person, on, number, symbol in rows.values_list("person_id", "day", "number", "symbol"):
        sessions[person].append(Session(on, number, symbol))
    return {one: days_in_a_row(held, missed) for one, held in sessions.items()}


def _possible(codes: CodeSet) -> frozenset[str]:
    """Return the codes of sessions that a pupil could attend."""
    not_one = (Counts.NOT_POSSIBLE, Counts.NOT_COUNTED)
    return frozenset(one.symbol for one in codes.codes.values() if one.counts not in not_one)


@dataclass(frozen=True)
class PatternOf:
    """On which sessions a pupil was absent."""

    person_id: UUID
    name: Name
    pattern: Pattern


def patterns(school: School, first: date, last: date, *, group: str = "") -> list[PatternOf]:
    """Return on which sessions pupils were absent, by class and name: counts, in no order of their size."""
    settings = require_settings(school)
    missed = absences(codes_of(settings))
    sessions: defaultdict[UUID, list[Session]] = defaultdict(list)
    rows = _marks(school, missed, first, last)
    if group:
        rows = rows.filter(person__year_group__name=group)
    for person, on, number, symbol in rows.values_list("person_id", "day", "number", "symbol"):
        sessions[person].append(Session(on, number, symbol))
    beside = _beside(school, first, last)
    names = names_of(sessions)
    found = [PatternOf(one, names[one], pattern_of(held, missed, beside)) for one, held in sessions.items()]
    return sorted(found, key=lambda one: (one.name.group, one.name.name))


def _beside(school: School, first: date, last: date) -> frozenset[date]:
    # Holidays of summer are the longest: the school day on their other side has to be among the days.
    wide = school_days_between(school, first - timedelta(days=90), last + timedelta(days=90))
    return beside_holidays([one.day for one in wide], {int(one) for one in school.weekdays})


@dataclass(frozen=True)
class Rate:
    """How many sessions count as what, and the share of possible ones that were attended, 0 to 1."""

    counts: Mapping[Counts, int]
    share: float | None

    @classmethod
    def of(cls, codes: CodeSet, symbols: Mapping[str, int]) -> "Rate":
        """Return it from how often each code was recorded."""
        counts = counted(codes, symbols)
        return cls(counts, attendance_rate(counts))

    @property
    def attended(self) -> int:
        """Sessions that count as attended."""
        return self.counts[Counts.ATTENDING]

    @property
    def authorised(self) -> int:
        """Sessions missed with leave."""
        return self.counts[Counts.AUTHORISED]

    @property
    def unauthorised(self) -> int:
        """Sessions missed without leave."""
        return self.counts[Counts.UNAUTHORISED]

    @property
    def left_out(self) -> int:
        """Sessions that a pupil could not attend, or that are not counted."""
        return self.counts[Counts.NOT_POSSIBLE] + self.counts[Counts.NOT_COUNTED]


@dataclass(frozen=True)
class WeekRow:
    """A pupil's week: what holds in each register, by day and number; and what it counts as."""

    person: Person
    name: Name
    cells: tuple[CurrentMark | None, ...]
    rate: Rate


@dataclass(frozen=True)
class GroupWeek:
    """A group's week. columns: day and number of each register, in their order."""

    days: tuple[date, ...]
    times: tuple[RegisterTime, ...]
    columns: tuple[tuple[date, int], ...]
    rows: tuple[WeekRow, ...]
    rate: Rate


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
                Rate.of(codes, Counter(one.symbol for one in own)),
            )
        )
    total = Rate.of(codes, Counter(one.symbol for one in cells.values()))
    return GroupWeek(days, times, columns, tuple(rows), total)


@dataclass(frozen=True)
class PersonRecord:
    """A pupil's marks of some days. values: whole, half and no days where minutes decide, else None."""

    held: tuple[CurrentMark, ...]
    rate: Rate
    pattern: Pattern
    values: Mapping[DayValue, int] | None


def person_record(person: Person, first: date, last: date) -> PersonRecord:
    """Return what holds for a pupil on some days, counted; the latest first."""
    school = person.school
    settings = require_settings(school)
    codes = codes_of(settings)
    rows = CurrentMark.objects.filter(person=person, day__gte=first, day__lte=last)
    held = tuple(rows.select_related("mark", "register__group__year_group").order_by("-day", "number"))
    sessions = [Session(one.day, one.number, one.symbol) for one in held]
    return PersonRecord(
        held,
        Rate.of(codes, Counter(one.symbol for one in held)),
        pattern_of(sessions, absences(codes), _beside(school, first, last)),
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
        if codes.codes[one.symbol].counts not in (Counts.NOT_POSSIBLE, Counts.NOT_COUNTED):
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


def open_notes(school: School, *, limit: int = 200) -> list[FamilyNote]:
    """Return what families wrote and no one has answered, the oldest first."""
    found = FamilyNote.objects.filter(outcome="", person__school=school)
    return list(found.select_related("person__year_group", "guardian").order_by("written_at", "id")[:limit])


def count_open_notes(school: School) -> int:
    """Return how much of what families wrote waits for an answer."""
    return FamilyNote.objects.filter(outcome="", person__school=school).count()


def notes_of(person: Person, *, guardian: Guardian | None = None, is_staff: bool = False) -> list[FamilyNote]:
    """Return what was written about a pupil, the latest first: of families each writer's own only.

    guardian: who reads; None for the pupil. is_staff: staff read all.
    """
    rows = FamilyNote.objects.filter(person=person).select_related("guardian", "answered_by")
    if not is_staff:
        rows = rows.filter(guardian=guardian)
    return list(rows.order_by("-written_at", "-id"))


@dataclass(frozen=True)
class ReturnDue:
    """A pupil whom the school has to name to its authority. due: by when; sent: None while not done."""

    person: Person
    kind: str
    day: date
    due: date
    sent: RollReturn | None
    is_late: bool


def returns_due(school: School) -> list[ReturnDue]:
    """Return new pupils and those who left in the last 90 days, what is to be done first, then by day.

    The pupils with whom the school began to use this are not new: they joined on the first day of all.
    """
    day = today(school)
    since = day_bounds(school, day - timedelta(days=RETURN_DAYS))[0]
    pupils = Person.objects.filter(school=school, kind=Person.Kind.PUPIL, merged_into=None, is_invented=False)
    pupils = pupils.exclude(given_name="").filter(Q(joined_at__gte=since) | Q(left_at__gte=since))
    began = _first_day(school)
    rows = list(pupils.select_related("year_group").order_by(*by_name()))
    sent = {
        (one.person_id, one.kind, one.day): one
        for one in RollReturn.objects.filter(person__in=[one.pk for one in rows])
    }
    found = []
    for one in rows:
        for kind, at in ((RollReturn.Kind.NEW, one.joined_at), (RollReturn.Kind.DELETED, one.left_at)):
            if at is None or at < since or (on := local_day(school, at)) > day:
                continue
            if kind == RollReturn.Kind.NEW and on == began:
                continue
            due = new_pupil_due(on) if kind == RollReturn.Kind.NEW else on
            done = sent.get((one.id, kind, on))
            found.append(ReturnDue(one, kind, on, due, done, is_late=done is None and day > due))
    return sorted(found, key=lambda one: (one.sent is not None, one.due, one.person.full_name))


def _first_day(school: School) -> date | None:
    first = Person.objects.filter(school=school, kind=Person.Kind.PUPIL).order_by("joined_at").first()
    return local_day(school, first.joined_at) if first else None
