"""Reads for the lists of attendance: missing reasons, counts of sessions, weeks, returns that are due.

Everything is worked out from the marks that hold. Nothing is stored about a pupil beside them.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count, QuerySet

from willing.attendance.list_rules import (
    DAYS_IN_A_ROW,
    Pattern,
    RegisterSession,
    absences,
    beside_holidays,
    days_in_a_row,
    days_late,
    days_of_term,
    due_day,
    first_of_weeks,
    is_over_threshold,
    pattern_of,
    unauthorised,
)
from willing.attendance.models import (
    CurrentMark,
    FamilyNote,
    RollName,
)
from willing.attendance.queries import (
    Due,
    codes_of,
    require_settings,
    unexplained_symbols,
)
from willing.attendance.rules import LOOK_BACK_DAYS, CodeSet, CountsAs
from willing.attendance.untaken import untaken_of_days
from willing.people.models import Person, School, full_name_of
from willing.people.queries import today
from willing.people.school_days import school_days_between, terms_begin

NOT_TAKEN_SCHOOL_DAYS = 10
# In which ten school days in a row lie, with holidays between.
LONG_DAYS = 90


def school_days(school: School, *, back: int = LOOK_BACK_DAYS, ahead: int = 60) -> list[date]:
    """Return the days with school around today, in their order."""
    day = today(school)
    found = school_days_between(school, day - timedelta(days=back), day + timedelta(days=ahead))
    return [one.day for one in found]


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
            found[one.id] = Name(full_name_of(roll.given_name, roll.family_name), roll.class_name, True)
    return found


def not_taken(school: School, days: Sequence[date]) -> list[tuple[date, list[Due]]]:
    """Return registers of the last ten school days before today that no one took, the latest day first.

    Those of a term that is over do not follow into the next.
    """
    past = days_of_term(days, terms_begin(school), until=today(school))[-NOT_TAKEN_SCHOOL_DAYS:]
    if not past:
        return []
    found = untaken_of_days(school, school_days_between(school, past[0], past[-1]))
    return [(one, found[one]) for one in reversed(past) if found.get(one)]


@dataclass(frozen=True)
class UnexplainedAbsence:
    """An absence whose reason is not yet known. due: the last school day in time; late: school days since."""

    held: CurrentMark
    name: Name
    due: date | None
    late: int
    notes: int


def unexplained(
    school: School, days: Sequence[date], *, start: int = 0, limit: int = 100
) -> tuple[int, list[UnexplainedAbsence]]:
    """Return how many absences of the last year have no reason yet, and some of them, the oldest first."""
    day = today(school)
    rows = _marks(school, unexplained_symbols(school), day - timedelta(days=LOOK_BACK_DAYS), day)
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
        shown.append(UnexplainedAbsence(one, names[one.person_id], due, days_late(due, days, day), said))
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
    """How many sessions of a kind a pupil has. unexplained: those of them without a reason yet."""

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
    unknown = unexplained_symbols(school)
    counts = _count(school, unauthorised(codes_of(settings)), first, day)
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
    rows = CurrentMark.objects.filter(person__school=school)
    latest = rows.filter(day__lte=day).order_by("-day").values_list("day", flat=True).first()
    if latest is None:
        return []
    counts = _possible(codes)
    latest_day = rows.filter(day=latest, symbol__in=counts)
    away = set(latest_day.filter(symbol__in=missed).values_list("person_id", flat=True))
    # Who was here within so many days, weekends among them, was not absent on as many in a row.
    lately = CurrentMark.objects.filter(
        person_id__in=away, day__gt=latest - timedelta(days=DAYS_IN_A_ROW), symbol__in=counts - missed
    )
    away -= set(lately.values_list("person_id", flat=True))
    # Most are back within weeks: only who is not is read for a year.
    for days in (LONG_DAYS, LOOK_BACK_DAYS):
        found = _in_a_row(away, counts, missed, latest - timedelta(days=days))
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
    sessions: defaultdict[UUID, list[RegisterSession]] = defaultdict(list)
    for person, on, number, symbol in rows.values_list("person_id", "day", "number", "symbol"):
        sessions[person].append(RegisterSession(on, number, symbol))
    return {one: days_in_a_row(held, missed) for one, held in sessions.items()}


def _possible(codes: CodeSet) -> frozenset[str]:
    """Return the codes of sessions that a pupil could attend."""
    not_one = (CountsAs.NOT_POSSIBLE, CountsAs.NOT_COUNTED)
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
    sessions: defaultdict[UUID, list[RegisterSession]] = defaultdict(list)
    rows = _marks(school, missed, first, last)
    if group:
        rows = rows.filter(person__year_group__name=group)
    for person, on, number, symbol in rows.values_list("person_id", "day", "number", "symbol"):
        sessions[person].append(RegisterSession(on, number, symbol))
    beside = days_beside_holidays(school, first, last)
    names = names_of(sessions)
    found = [PatternOf(one, names[one], pattern_of(held, missed, beside)) for one, held in sessions.items()]
    return sorted(found, key=lambda one: (one.name.group, one.name.name))


def days_beside_holidays(school: School, first: date, last: date) -> frozenset[date]:
    """Return the school days of a time before and after a holiday."""
    # Holidays of summer are the longest: the school day on their other side has to be among the days.
    wide = school_days_between(school, first - timedelta(days=90), last + timedelta(days=90))
    return beside_holidays([one.day for one in wide], {int(one) for one in school.weekdays})
