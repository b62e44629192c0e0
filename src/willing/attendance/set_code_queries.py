"""Reads of codes that were set for many at once: for whom they are, what they would change, what waits."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import CharField, Exists, OuterRef, QuerySet
from django.db.models.functions import Cast

from willing.attendance import errors
from willing.attendance.models import CurrentMark, Mark, Register, RegisterGroup, SetCode, SetCodeFor
from willing.attendance.queries import (
    Due,
    codes_of,
    groups_of,
    lists_of,
    members_of_groups,
    on_lists,
    pupils_on,
    registers_of_days,
    require_settings,
    unexplained_symbols,
)
from willing.attendance.set_code_rules import (
    BACK_DAYS_MAX,
    SetMark,
    WantedSet,
    closing_code,
    decide_set_mark,
)
from willing.jobs.queries import JobProgress, progress_of, waiting_of
from willing.people.models import CalendarEntry, Person, School
from willing.people.queries import by_name, day_bounds, local_day, present_persons, today
from willing.people.school_days import calendar_day, school_days_between

LISTED_MAX = 100
# What the worker does in batches, each about one code.
RECORD_JOB, UNDO_JOB = "set-code", "undo-set-code"


@dataclass(frozen=True)
class Whom:
    """For whom a code is set: everyone in registers, groups as they are on each day, or pupils."""

    everyone: bool = False
    group_ids: frozenset[UUID] = frozenset()
    person_ids: frozenset[UUID] = frozenset()

    def __bool__(self) -> bool:
        return self.everyone or bool(self.group_ids or self.person_ids)


def wanted_set(row: SetCode) -> WantedSet:
    """Return what a row says as the rules read it."""
    return WantedSet(
        row.symbol,
        row.first_day,
        row.last_day,
        row.reason,
        frozenset(int(one) for one in row.weekdays),
        frozenset(int(one) for one in row.numbers.split(",") if one),
    )


def whom_of(row: SetCode) -> Whom:
    """Return for whom a code was set."""
    whom = list(row.whom.all())
    return Whom(
        row.is_for_everyone,
        frozenset(one.group_id for one in whom if one.group_id),
        frozenset(one.person_id for one in whom if one.person_id),
    )


def set_codes_between(school: School, first: date, last: date) -> list[SetCode]:
    """Return the codes that hold for a day among these, the one set last first."""
    rows = SetCode.objects.filter(school=school, undone_at=None, first_day__lte=last, last_day__gte=first)
    return list(rows.prefetch_related("whom").order_by("-number"))


def set_codes_listed(school: School) -> list[SetCode]:
    """Return what was set and is not long over, the one set last first, with for whom and by whom."""
    since = today(school) - timedelta(days=BACK_DAYS_MAX)
    rows = SetCode.objects.filter(school=school, last_day__gte=since).select_related("set_by", "undone_by")
    rows = rows.prefetch_related("whom__group__year_group", "whom__person")
    return list(rows.order_by("-number")[:LISTED_MAX])


def has_come_since(school: School, row: SetCode) -> bool:
    """Say whether days have come since a code was set, whose marks may not be recorded yet."""
    set_on = local_day(school, row.set_at)
    return row.first_day <= today(school) and set_on < min(today(school), row.last_day)


def codes_set_for(school: School, day: date, number: int) -> dict[UUID, SetCode]:
    """Return who has a code set for one of a day's registers; of several the one that was set last."""
    rows = set_codes_between(school, day, day)
    if not rows:
        return {}
    weekday = calendar_day(school, day).weekday
    rows = [one for one in rows if wanted_set(one).covers(day, weekday, number)]
    found: dict[UUID, SetCode] = {}
    members = members_by_group(school, day) if rows else {}
    for row in rows:
        for person_id in persons_in(whom_of(row), members):
            found.setdefault(person_id, row)
    return found


def persons_in(whom: Whom, members: dict[UUID, set[UUID]]) -> set[UUID]:
    """Return who is meant on a day. members: of each group and list on that day."""
    if whom.everyone:
        return set().union(*members.values())
    return set(whom.person_ids).union(*(members.get(one, set()) for one in whom.group_ids))


@dataclass(frozen=True)
class SetSlot:
    """One of a day's registers. register: None while it is not open. due: None on a day without school."""

    group: RegisterGroup
    day: date
    number: int
    is_morning: bool
    register: Register | None
    due: Due | None = None


@dataclass(frozen=True)
class SetPlace:
    """Where a mark would be made: a pupil in a register, and what holds there now; "" and None for nothing.

    register_id: of what holds, which may be another group's for who moved at noon.
    """

    person_id: UUID
    slot: SetSlot
    symbol: str = ""
    register_id: UUID | None = None

    @property
    def key(self) -> tuple[UUID, date, int]:
        """What one mark holds for."""
        return self.person_id, self.slot.day, self.slot.number


@dataclass(frozen=True)
class SetPreview:
    """What setting a code does. record: marks made now; left: marked otherwise, which stays.

    days_ahead: days of school to come, on which it is proposed.
    """

    record: list[SetPlace] = field(default_factory=list)
    left: list[SetPlace] = field(default_factory=list)
    days_ahead: int = 0


def members_by_group(school: School, day: date) -> dict[UUID, set[UUID]]:
    """Return who is in each group and on each list on a day; four statements."""
    return members_of_groups(school, [*groups_of(school), *lists_of(school)], day)


@dataclass(frozen=True)
class SetSummary:
    """What setting a code does, in numbers. classes: marks made now, by title of the class.

    left: who is marked otherwise, which stays, and how.
    """

    marks: int
    pupils: int
    classes: Mapping[str, int]
    left: Mapping[UUID, set[str]]
    days_ahead: int


def summarise_set(school: School, wanted: WantedSet, whom: Whom, *, replaces: bool) -> SetSummary:
    """Return what setting a code does, in a few statements for each of its days that have come.

    Of a month of a whole school's registers: nothing is made of the places, of which there are 70,000.
    """
    became = _Becomes(school, wanted.symbol, replaces=replaces)
    classes: Counter[str] = Counter()
    pupils: set[str] = set()
    left: defaultdict[str, set[str]] = defaultdict(set)
    for slot, here, held in _walk(school, wanted, whom):
        for person in here:
            symbol = held[person][0] if person in held else ""
            what = became[symbol]
            if what is SetMark.RECORD:
                classes[slot.group.title] += 1
                pupils.add(person)
            elif what is SetMark.LEFT:
                left[person].add(symbol)
    ahead = _days_ahead(school, wanted, today(school))
    named = {UUID(person): symbols for person, symbols in left.items()}
    return SetSummary(classes.total(), len(pupils), classes, named, ahead)


def preview_set(school: School, wanted: WantedSet, whom: Whom, *, replaces: bool) -> SetPreview:
    """Return the same, place by place."""
    became, found = _Becomes(school, wanted.symbol, replaces=replaces), SetPreview()
    for slot, here, held in _walk(school, wanted, whom):
        for person in sorted(here):
            symbol, register = held.get(person, ("", ""))
            what = became[symbol]
            if what is not SetMark.SAME:
                place = SetPlace(UUID(person), slot, symbol, UUID(register) if register else None)
                (found.record if what is SetMark.RECORD else found.left).append(place)
    return replace(found, days_ahead=_days_ahead(school, wanted, today(school)))


class _Becomes(dict[str, SetMark]):
    """What becomes of a mark, by the code that holds."""

    def __init__(self, school: School, symbol: str, *, replaces: bool) -> None:
        super().__init__()
        self._symbol, self._replaces = symbol, replaces
        self._unexplained = unexplained_symbols(school)

    def __missing__(self, held: str) -> SetMark:
        self[held] = decide_set_mark(
            held, self._symbol, unexplained=self._unexplained, replaces=self._replaces
        )
        return self[held]


# Of one of a day's registers: what holds, by person: the code, and in which register.
_Held = dict[str, tuple[str, str]]


def _walk(school: School, wanted: WantedSet, whom: Whom) -> Iterator[tuple[SetSlot, set[str], _Held]]:
    """Yield each register that has come, who of those meant is in it, and what holds at its hour.

    Persons and registers by their ids as text: making ids of them takes longer than all the rest.
    """
    codes, groups = codes_of(require_settings(school)), [*groups_of(school), *lists_of(school)]
    persons = {_text(one) for one in whom.person_ids}
    for day, slots in _slots(school, wanted, today(school)).items():
        members = _members(school, groups, day)
        chosen = members if whom.everyone else {one: members.get(one, set()) for one in whom.group_ids}
        meant = persons.union(*chosen.values())
        held = _held(school, day)
        seen: defaultdict[int, set[str]] = defaultdict(set)
        for slot in slots:
            if codes.allows(wanted.symbol, is_morning=slot.is_morning):
                here = (meant & members.get(slot.group.id, set())) - seen[slot.number]
                seen[slot.number] |= here
                yield slot, here, held[slot.number]


def _text(one: UUID) -> str:
    """Return an id as the database gives it as text."""
    return str(one) if connection.features.has_native_uuid_field else one.hex


def _as_text(column: str) -> Cast:
    return Cast(column, CharField())


def _members(school: School, groups: Sequence[RegisterGroup], day: date) -> dict[UUID, set[str]]:
    """Return who is in each group on a day, as `members_of_groups` does; two statements."""
    here, found = pupils_on(school, day), {one.id: set[str]() for one in groups}
    classes = {one.year_group_id: found[one.id] for one in groups if one.year_group_id is not None}
    rows = here.filter(year_group_id__in=classes).values_list("year_group_id", _as_text("id"))
    for year_group_id, person in rows:
        classes[year_group_id].add(person)
    others = on_lists(day).filter(group__in=found, person__in=here)
    for group_id, person in others.values_list("group_id", _as_text("person_id")):
        found[group_id].add(person)
    return found


def _held(school: School, day: date) -> defaultdict[int, _Held]:
    """Return what holds on a day, by number and person."""
    # By the few registers of the day, and no models: a school has thousands of marks on each day.
    taken = list(Register.objects.filter(group__school=school, day=day).values_list("pk", flat=True))
    rows = CurrentMark.objects.filter(day=day, register_id__in=taken)
    found: defaultdict[int, _Held] = defaultdict(dict)
    columns = ("number", _as_text("person_id"), "symbol", _as_text("register_id"))
    for number, person, symbol, register in rows.values_list(*columns):
        found[number][person] = symbol, register
    return found


def held_at(places: Collection[SetPlace]) -> dict[tuple[UUID, date, int], tuple[str, UUID]]:
    """Return what holds now in some places, by the key of each."""
    rows = CurrentMark.objects.filter(
        day__in={one.slot.day for one in places}, person_id__in={one.person_id for one in places}
    )
    columns = ("person_id", "day", "number", "symbol", "register_id")
    return {(one[0], one[1], one[2]): (one[3], one[4]) for one in rows.values_list(*columns)}


def _days_ahead(school: School, wanted: WantedSet, now_day: date) -> int:
    first = max(now_day + timedelta(days=1), wanted.first_day)
    days = school_days_between(school, first, wanted.last_day) if first <= wanted.last_day else []
    return sum(not wanted.weekdays or one.weekday in wanted.weekdays for one in days)


def _slots(school: School, wanted: WantedSet, now_day: date) -> dict[date, list[SetSlot]]:
    """Return the registers that have come, by day; without school those that were opened all the same."""
    last = min(wanted.last_day, now_day)
    if last < wanted.first_day:
        return {}
    days = school_days_between(school, wanted.first_day, last)
    found = {
        day.day: [
            SetSlot(one.group, day.day, one.time.number, one.times.is_morning, one.register, one)
            for one in dues
            if wanted.covers(day.day, day.weekday, one.time.number)
        ]
        for day, dues in zip(days, registers_of_days(school, days).values(), strict=True)
    }
    rows = Register.objects.filter(group__school=school, day__gte=wanted.first_day, day__lte=last)
    for one in rows.exclude(day__in=[day.day for day in days]).select_related("group__year_group"):
        if wanted.covers(one.day, one.day.isoweekday(), one.number):
            slot = SetSlot(one.group, one.day, one.number, one.is_morning, one)
            found.setdefault(one.day, []).append(slot)
    return found


def recorded_of(row: SetCode) -> int:
    """Return how many marks of a code were recorded, whatever holds there since."""
    return Mark.objects.filter(set_code=row, source=Mark.Source.GROUP).count()


def places_left(row: SetCode) -> list[SetPlace]:
    """Return where marks of a code are still to be recorded: each place once, whatever a person did since."""
    found = preview_set(row.school, wanted_set(row), whom_of(row), replaces=row.replaces).record
    rows = Mark.objects.filter(set_code=row, source=Mark.Source.GROUP)
    done = set(rows.values_list("person_id", "register__day", "register__number"))
    return [one for one in found if one.key not in done]


def _held_of(row: SetCode) -> QuerySet[CurrentMark]:
    return CurrentMark.objects.filter(mark__set_code=row)


def marks_to_undo(row: SetCode) -> list[int]:
    """Return the ids of the places where a mark of a code holds, register by register."""
    return list(_held_of(row).order_by("day", "register_id", "id").values_list("pk", flat=True))


@dataclass(frozen=True)
class SetCodeWork:
    """How far the worker is with recording a code's marks, or with undoing them. done, total: marks."""

    standing: JobProgress
    is_undo: bool
    done: int
    total: int

    @property
    def is_over(self) -> bool:
        """True where the worker has nothing more to do."""
        return self.standing is JobProgress.GONE


def require_set_code(school: School, set_code_id: UUID) -> SetCode:
    """Return a code that was set for many. Raises Refused set_code_gone."""
    found = SetCode.objects.filter(school=school, pk=set_code_id).first()
    if found is None:
        raise errors.set_code_gone()
    return found


def work_of(row: SetCode) -> SetCodeWork:
    """Return how far the worker is with a code; over where the press itself did it all."""
    if row.undone_at is None:
        standing = progress_of(RECORD_JOB, row.pk)  # before the marks are counted: it is gone after the last
        return SetCodeWork(standing, is_undo=False, done=recorded_of(row), total=row.places)
    standing = progress_of(UNDO_JOB, row.pk)
    # Counted in the database: a page asks twice a second, of tens of thousands.
    total, left = Mark.objects.filter(set_code=row).count(), _held_of(row).count()
    return SetCodeWork(standing, is_undo=True, done=total - left, total=total)


def under_way(rows: Collection[SetCode]) -> dict[UUID, SetCodeWork]:
    """Return which of some codes the worker has not done yet, and how far it is with them."""
    waiting = waiting_of((RECORD_JOB, UNDO_JOB), [one.pk for one in rows])
    found = {one.pk: work_of(one) for one in rows if one.pk in waiting}
    return {key: one for key, one in found.items() if not one.is_over}


@dataclass(frozen=True)
class LateDayOff:
    """A day off on which registers were taken before the calendar said so: marks say otherwise."""

    day: date
    name: str
    marks: int


def days_off_with_marks(school: School) -> list[LateDayOff]:
    """Return the days off of the last month whose registers hold other marks than the calendar's code."""
    symbol = closing_code(codes_of(require_settings(school)))
    until = today(school)
    since = until - timedelta(days=BACK_DAYS_MAX)
    entries = CalendarEntry.objects.filter(
        school=school, kind=CalendarEntry.Kind.CLOSED, first_day__lte=until, last_day__gte=since
    )
    if not symbol or not entries:
        return []
    found = []
    for count in range(BACK_DAYS_MAX + 1):
        day = until - timedelta(days=count)
        if not any(one.first_day <= day <= one.last_day for one in entries):
            continue
        held = calendar_day(school, day)
        rows = CurrentMark.objects.filter(day=day, register__group__school=school).exclude(symbol=symbol)
        marks = 0 if held.is_school_day else rows.count()
        if marks:
            found.append(LateDayOff(day, held.name, marks))
    return found


def new_on_roll(school: School) -> list[Person]:
    """Return pupils who came onto the roll in the last month and were never marked present, by name.

    They may have been entered before their first day: until then they are prospective pupils.
    """
    since, _ends = day_bounds(school, today(school) - timedelta(days=BACK_DAYS_MAX))
    codes = codes_of(require_settings(school))
    here = [symbol for symbol, code in codes.codes.items() if code.means_here]
    rows = present_persons(school).filter(kind=Person.Kind.PUPIL, joined_at__gte=since)
    # By the marks of each: read by their codes, they are those of everyone and of years.
    rows = rows.exclude(Exists(CurrentMark.objects.filter(person=OuterRef("pk"), symbol__in=here)))
    set_already = SetCodeFor.objects.filter(set_code__undone_at=None, person__isnull=False)
    rows = rows.exclude(pk__in=set_already.values("person_id"))
    return list(rows.select_related("year_group").order_by(*by_name()))
