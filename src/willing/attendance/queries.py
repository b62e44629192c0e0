"""Reads of registers: what is due, who is in one, what holds, what no one has answered."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from willing.accounts.models import User
from willing.attendance import errors
from willing.attendance.code_sets import require_code_set
from willing.attendance.models import (
    AttendanceSettings,
    CurrentMark,
    DistrictCode,
    GroupMeeting,
    GroupMember,
    GroupTeacher,
    Mark,
    Register,
    RegisterGroup,
    RegisterTime,
)
from willing.attendance.rules import CodeSet
from willing.people.calendar_rules import CalendarDay
from willing.people.models import Person, School
from willing.people.queries import by_name, day_bounds
from willing.people.school_days import calendar_day

NOON_HOUR = 12


def find_settings(school: School) -> AttendanceSettings | None:
    """Return how registers are taken, or None where that was not set up."""
    return AttendanceSettings.objects.filter(school=school).first()


def require_settings(school: School) -> AttendanceSettings:
    """Return how registers are taken. Raises Refused registers_not_set_up."""
    found = find_settings(school)
    if found is None:
        raise errors.registers_not_set_up()
    return found


def codes_of(settings: AttendanceSettings) -> CodeSet:
    """Return the codes of a school: those of its set, and its own, retired ones too."""
    codes = require_code_set(settings.code_set)
    own = {
        one.symbol: replace(
            codes.codes[one.meaning],
            symbol=one.symbol,
            labels={"en": one.label, "zh-hans": one.label},
            proposed_from=frozenset(),
        )
        for one in DistrictCode.objects.filter(school_id=settings.school_id)
    }
    return replace(codes, codes={**codes.codes, **own}) if own else codes


def district_codes(school: School) -> list[DistrictCode]:
    """Return the codes of the school's own that are offered."""
    return list(DistrictCode.objects.filter(school=school, retired_at=None))


def times_of(school: School) -> list[RegisterTime]:
    """Return when the registers of a day are taken, in their order."""
    return list(RegisterTime.objects.filter(school=school))


@dataclass(frozen=True)
class Times:
    """The moments of one of a day's registers."""

    opens_at: datetime
    closes_at: datetime
    is_morning: bool


def times_on(school: School, settings: AttendanceSettings, time: RegisterTime, day: date) -> Times:
    """Return when a register is taken on a day; where the clock shows that hour twice, the first time."""
    opens_at = datetime.combine(day, time.opens, ZoneInfo(school.time_zone))
    is_halves = require_code_set(settings.code_set).slots == "halves"
    is_morning = time.number == 1 if is_halves else time.opens.hour < NOON_HOUR
    # Minutes that pass, also where the clock leaps meanwhile.
    closes_at = opens_at.astimezone(ZoneInfo("UTC")) + timedelta(minutes=settings.open_minutes)
    return Times(opens_at, closes_at, is_morning)


def groups_of(school: School) -> list[RegisterGroup]:
    """Return the groups of which registers are taken: classes in the school's order, then the others."""
    rows = RegisterGroup.objects.filter(school=school, retired_at=None, is_list=False)
    found = rows.select_related("year_group")
    return sorted(
        found,
        key=lambda one: (
            (0, one.year_group.position, one.year_group.name) if one.year_group else (1, 0, one.name)
        ),
    )


def lists_of(school: School) -> list[RegisterGroup]:
    """Return the lists, of which no register is taken: for whom codes are set at once, as of a bus route."""
    return list(
        RegisterGroup.objects.filter(school=school, retired_at=None, is_list=True).order_by("name", "id")
    )


def unexplained_symbols(school: School) -> frozenset[str]:
    """Return the codes that say "reason not yet known": the set's, and the school's own that mean it."""
    meaning = codes_of(require_settings(school)).unexplained
    own = DistrictCode.objects.filter(school=school, meaning=meaning).values_list("symbol", flat=True)
    return frozenset((meaning, *own))


def require_group(school: School, group_id: UUID) -> RegisterGroup:
    """Return a group that is in use. Raises Refused register_group_unknown."""
    found = RegisterGroup.objects.filter(school=school, retired_at=None, pk=group_id)
    group = found.select_related("year_group").first()
    if group is None:
        raise errors.group_unknown()
    return group


def require_register(school: School, register_id: UUID) -> Register:
    """Return a register that was opened. Raises Refused register_unknown."""
    found = Register.objects.filter(group__school=school, pk=register_id)
    register = found.select_related("group__year_group", "group__school").first()
    if register is None:
        raise errors.register_unknown()
    return register


def members_on(group: RegisterGroup, day: date) -> QuerySet[Person]:
    """Return who belongs to a group on a day, by name.

    Of a class it is who is in it now: in which class a pupil was on an earlier day only the marks say.
    """
    here = pupils_on(group.school, day)
    if group.year_group_id is not None:
        here = here.filter(year_group_id=group.year_group_id)
    else:
        here = here.filter(pk__in=on_lists(day).filter(group=group).values("person_id"))
    return here.order_by(*by_name())


def pupils_on(school: School, day: date) -> QuerySet[Person]:
    """Return the pupils who are at the school on a day."""
    begins, ends = day_bounds(school, day)
    return Person.objects.filter(
        Q(left_at=None) | Q(left_at__gt=begins),
        school=school,
        kind=Person.Kind.PUPIL,
        joined_at__lt=ends,
        merged_into=None,
    ).exclude(given_name="")


def on_lists(day: date) -> QuerySet[GroupMember]:
    """Return who is on the lists of groups on a day."""
    return GroupMember.objects.filter(Q(last_day=None) | Q(last_day__gte=day), first_day__lte=day)


@dataclass(frozen=True)
class RegisterLine:
    """A person in a register, and the mark that holds; None while there is none."""

    person: Person
    mark: Mark | None


def lines_of(register: Register) -> list[RegisterLine]:
    """Return who is in a register, by name, each with what holds.

    Who was marked in another group's register of that time, as a pupil who moved at noon may be, is not in
    this one; who was marked in this one stays in it, also where people have yet to decide between two marks.
    """
    members = list(members_on(register.group, register.day))
    disputed = set(_unanswered().filter(register=register.id).values_list("person_id", flat=True))
    # Of the whole school's marks of that hour only those that may concern this register.
    at_once = CurrentMark.objects.filter(day=register.day, number=register.number)
    held = at_once.filter(Q(register=register) | Q(person__in={one.id for one in members} | disputed))
    marks = {one.person_id: one for one in held.select_related("mark")}
    known = {one.id for one in members}
    moved = {one.person_id for one in marks.values() if one.register_id == register.id} | disputed
    members += Person.objects.filter(pk__in=moved - known).order_by(*by_name())
    found = []
    for person in members:
        mark = marks.get(person.id)
        if mark is None or mark.register_id == register.id or person.id in disputed:
            found.append(RegisterLine(person, mark.mark if mark else None))
    return found


def _meets(weekday: int, number: int, meetings: Collection[tuple[int, int]]) -> bool:
    """Say whether a group has a register: for each where no meeting is listed."""
    return not meetings or (weekday, number) in meetings


@dataclass(frozen=True)
class Due:
    """A register of a day: of whom, which, and what was done of it. register: None while no one opened it."""

    group: RegisterGroup
    time: RegisterTime
    times: Times
    register: Register | None
    teachers: tuple[int, ...]


def registers_on(school: School, day: date) -> list[Due]:
    """Return the registers of a day in the order of their times; none on a day without school.

    As many statements, however many groups there are.
    """
    return registers_of_days(school, [calendar_day(school, day)])[day]


def registers_of_days(school: School, days: Sequence[CalendarDay]) -> dict[date, list[Due]]:
    """Return the registers of each of these days; what is the same on all of them is read once."""
    settings = find_settings(school)
    found: dict[date, list[Due]] = {one.day: [] for one in days}
    if settings is None or not any(one.is_school_day for one in days):
        return found
    groups = groups_of(school)
    meetings: defaultdict[UUID, list[tuple[int, int]]] = defaultdict(list)
    for meeting in GroupMeeting.objects.filter(group__in=groups):
        meetings[meeting.group_id].append((meeting.weekday, meeting.number))
    teachers = {group_id: tuple(one.pk for one in users) for group_id, users in teachers_of(groups).items()}
    rows = Register.objects.filter(group__in=groups, day__in=found)
    times_of_day = times_of(school)
    taken = {(one.day, one.group_id, one.number): one for one in rows}
    for calendar in days:
        if not calendar.is_school_day:
            continue
        day = calendar.day
        for time in times_of_day:
            times = times_on(school, settings, time, day)
            found[day] += [
                Due(group, time, times, taken.get((day, group.id, time.number)), teachers.get(group.id, ()))
                for group in groups
                if _meets(calendar.weekday, time.number, meetings[group.id])
            ]
    return found


def members_of_groups(school: School, groups: Collection[RegisterGroup], day: date) -> dict[UUID, set[UUID]]:
    """Return who belongs to each of some groups on a day; two statements."""
    here = pupils_on(school, day)
    found: dict[UUID, set[UUID]] = {one.id: set() for one in groups}
    classes = {one.year_group_id: one.id for one in groups if one.year_group_id is not None}
    of_classes = here.filter(year_group_id__in=classes).values_list("year_group_id", "id")
    of_others = on_lists(day).filter(group__in=found, person__in=here).values_list("group_id", "person_id")
    for year_group_id, person_id in of_classes:
        found[classes[year_group_id]].add(person_id)
    for group_id, person_id in of_others:
        found[group_id].add(person_id)
    return found


def teachers_of(groups: Sequence[RegisterGroup]) -> dict[UUID, tuple[User, ...]]:
    """Return who takes the registers of some groups for the most part."""
    found: defaultdict[UUID, list[User]] = defaultdict(list)
    rows = GroupTeacher.objects.filter(group__in=groups).select_related("user")
    for one in rows.order_by("user__display_name", "id"):
        found[one.group_id].append(one.user)
    return {group_id: tuple(users) for group_id, users in found.items()}


def marked_in(register_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return in how many places of each register a mark holds."""
    rows = CurrentMark.objects.filter(register_id__in=register_ids)
    return dict(rows.values_list("register_id").annotate(number=Count("id")).order_by("register_id"))


def _unanswered() -> QuerySet[Mark]:
    later = Mark.objects.filter(
        register=OuterRef("register"), person=OuterRef("person"), number__gt=OuterRef("number")
    )
    return Mark.objects.filter(~Exists(later), is_disputed=True)


def disputes(school: School) -> list[Mark]:
    """Return marks that another person contradicts and no one has answered, the oldest first."""
    # By their own index first: joined at once, SQLite reads the marks of every register of six years.
    disputed = list(Mark.objects.filter(is_disputed=True).values_list("pk", flat=True))
    found = _unanswered().filter(pk__in=disputed, register__group__school=school)
    return list(
        found.select_related("person", "user", "register__group__year_group").order_by("recorded_at", "id")
    )


def history(register: Register, person: Person) -> list[Mark]:
    """Return every mark of a person in a register, the first first."""
    found = Mark.objects.filter(register=register, person=person)
    return list(found.select_related("user").order_by("number"))


def symbols_between(
    school: School, first: date, last: date, *, person: Person | None = None
) -> dict[str, int]:
    """Return how often each code holds in the registers of some days, of all or of one person."""
    rows = CurrentMark.objects.filter(register__group__school=school, day__gte=first, day__lte=last)
    if person is not None:
        rows = rows.filter(person=person)
    return dict(rows.values_list("symbol").annotate(times=Count("id")).order_by("symbol"))


def marks_of(person: Person, first: date, last: date) -> list[CurrentMark]:
    """Return what holds for a person on some days, in their order."""
    rows = CurrentMark.objects.filter(person=person, day__gte=first, day__lte=last)
    return list(rows.select_related("mark", "register").order_by("day", "number"))


def find_current(person_id: UUID, day: date, number: int | None) -> CurrentMark | None:
    """Return what holds for a person in one of a day's registers; None without a mark or a number."""
    if number is None:
        return None
    rows = CurrentMark.objects.filter(person_id=person_id, day=day, number=number)
    return rows.select_related("mark", "register__group__year_group", "register__group__school").first()
