"""Reads of boarding houses: who lives where in a night, what a list says, who is missing or was late."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from willing.accounts.models import User
from willing.boarding import errors
from willing.boarding.models import Boarder, CheckPoint, EveningList, EveningMark, House, HouseWarden
from willing.boarding.rules import (
    Abnormal,
    EveningAnswer,
    ReadMark,
    decide_abnormal,
    due_at,
    holds,
    is_missing,
    is_tonight,
    is_undecided,
    last_untaken,
    may_take,
    night_of,
    night_since,
    room_order,
)
from willing.core.clock import now
from willing.core.collation import by_language
from willing.leave.queries import PlannedAbsence, absences_on
from willing.people.models import Person, School
from willing.people.queries import day_bounds, local_day

NIGHTS_SHOWN = 30


def local_now(school: School) -> datetime:
    """Return the present moment in the school's own time."""
    return now().astimezone(ZoneInfo(school.time_zone))


def tonight(school: School) -> date:
    """Return which night it is at a school; before noon it is still the last one."""
    return night_of(local_now(school))


def is_over(school: School, night: date) -> bool:
    """Say whether a night is over."""
    return not is_tonight(night, local_now(school))


def has_houses(school: School) -> bool:
    """Say whether a school has a boarding house in use."""
    return House.objects.filter(school=school, retired_at=None).exists()


def houses_of(school: School) -> list[House]:
    """Return the houses that are in use, by name."""
    return list(House.objects.filter(school=school, retired_at=None).order_by("name", "id"))


def require_house(school: School, house_id: UUID) -> House:
    """Return a house in use. Raises Refused house_unknown."""
    found = House.objects.filter(school=school, retired_at=None, pk=house_id).select_related("school").first()
    if found is None:
        raise errors.house_unknown()
    return found


def houses_for(school: School, user: User, *, is_office: bool) -> list[House]:
    """Return the houses in use whose lists a member of staff takes: the office those of all."""
    rows = House.objects.filter(school=school, retired_at=None)
    if not is_office:
        rows = rows.filter(wardens__user=user)
    return list(rows.order_by("name", "id"))


def wardens_of(houses: Sequence[House]) -> dict[UUID, tuple[User, ...]]:
    """Return the wardens of some houses who can sign in."""
    found: defaultdict[UUID, list[User]] = defaultdict(list)
    rows = HouseWarden.objects.filter(house__in=houses, user__is_active=True).select_related("user")
    for one in rows.order_by("user__display_name", "id"):
        found[one.house_id].append(one.user)
    return {house_id: tuple(users) for house_id, users in found.items()}


def checks_of(school: School) -> list[CheckPoint]:
    """Return when lists are taken, in the order of a night."""
    return list(CheckPoint.objects.filter(school=school))


def require_list(school: School, list_id: UUID, user: User, *, is_office: bool) -> EveningList:
    """Return a list that a member of staff may read and take, also of a house that is retired.

    Raises Refused evening_list_unknown, also for who is no warden of its house.
    """
    rows = EveningList.objects.filter(house__school=school, pk=list_id)
    found = rows.select_related("house__school", "closed_by").first()
    if found is None:
        raise errors.list_unknown()
    own = HouseWarden.objects.filter(house=found.house, user=user)
    if not may_take(is_warden=own.exists(), is_office=is_office):
        raise errors.list_unknown()
    return found


# --- who lives where


def _boarders(school: School, night: date) -> QuerySet[Boarder]:
    """Return who lives in a house in a night, by name; who left the school that day or before does not."""
    _begins, ends = day_bounds(school, night)
    rows = Boarder.objects.filter(
        Q(last_night=None) | Q(last_night__gte=night),
        Q(person__left_at=None) | Q(person__left_at__gte=ends),
        house__school=school,
        first_night__lte=night,
        person__merged_into=None,
    ).exclude(person__given_name="")
    names = by_language("person__given_name", "person__family_name")
    return rows.select_related("person__year_group").order_by(*names, "person__till_number")


def boarders_on(house: House, night: date) -> list[Boarder]:
    """Return who lives in a house in a night, by room and name."""
    rows = _boarders(house.school, night).filter(house=house)
    return sorted(rows, key=lambda one: room_order(one.room))


def boarder_ids(school: School, night: date) -> set[UUID]:
    """Return who lives in any house in a night."""
    rows = _boarders(school, night).filter(house__retired_at=None)
    return set(rows.values_list("person_id", flat=True))


def house_of(person: Person) -> House | None:
    """Return the house that a person lives in, or None."""
    row = Boarder.objects.filter(person=person, last_night=None).select_related("house").first()
    return row.house if row else None


# --- lists


@dataclass(frozen=True)
class EveningLine:
    """A person in a list and every mark of theirs, in order.

    is_boarder: still lives there that night; who moved or left after a mark stays on the list, for reading.
    """

    person: Person
    room: str
    marks: tuple[EveningMark, ...]
    is_boarder: bool = True

    @cached_property
    def read_marks(self) -> tuple[ReadMark, ...]:
        """The marks as the rules read them."""
        return tuple(one.as_read for one in self.marks)

    @cached_property
    def held(self) -> EveningMark | None:
        """The mark that holds."""
        found = holds(self.read_marks)
        return next((one for one in self.marks if found and one.number == found.number), None)

    @property
    def word(self) -> str | None:
        """What it says; None without one."""
        return self.held.word if self.held else None

    @property
    def last(self) -> EveningMark | None:
        """The last mark, which may contradict the one that holds."""
        return self.marks[-1] if self.marks else None

    @property
    def is_undecided(self) -> bool:
        """Whether two people disagree and no one has decided."""
        return self.is_boarder and is_undecided(self.read_marks)

    @property
    def is_missing(self) -> bool:
        """Whether nobody knows where the boarder is."""
        return self.is_boarder and is_missing(self.word)

    @property
    def abnormal(self) -> Abnormal:
        """What was out of the ordinary."""
        return decide_abnormal(self.read_marks)


def lines_of(found: EveningList) -> list[EveningLine]:
    """Return who is on a list, by room and name, with what was marked; two statements."""
    return lines_of_lists(found.house.school, [found])[found.id]


def lines_of_lists(school: School, lists: Sequence[EveningList]) -> dict[UUID, list[EveningLine]]:
    """Return the lines of some lists; two statements for each night, however many houses there are."""
    marks: defaultdict[UUID, defaultdict[UUID, list[EveningMark]]] = defaultdict(lambda: defaultdict(list))
    persons: dict[UUID, Person] = {}
    rows = EveningMark.objects.filter(list__in=lists).select_related("person__year_group", "user")
    for one in rows.order_by("number"):
        marks[one.list_id][one.person_id].append(one)
        persons[one.person_id] = one.person
    living: defaultdict[tuple[UUID, date], list[Boarder]] = defaultdict(list)
    for night in {one.night for one in lists}:
        for boarder in _boarders(school, night):
            living[boarder.house_id, night].append(boarder)
    return {one.id: _lines(living[one.house_id, one.night], marks[one.id], persons) for one in lists}


def _lines(
    boarders: Iterable[Boarder], marks: Mapping[UUID, Sequence[EveningMark]], persons: Mapping[UUID, Person]
) -> list[EveningLine]:
    found = [EveningLine(one.person, one.room, tuple(marks.get(one.person_id, ()))) for one in boarders]
    found.sort(key=lambda one: room_order(one.room))
    known = {one.person.id for one in found}
    # Who moved or left after a mark; a record that was put together with another is the other one now.
    gone = [
        one for key, one in persons.items() if key in marks and key not in known and not one.merged_into_id
    ]
    found += [EveningLine(one, "", tuple(marks[one.id]), is_boarder=False) for one in gone if one.given_name]
    return found


def proposals_of(found: EveningList) -> dict[UUID, PlannedAbsence]:
    """Return what is known of boarders beforehand at the time of a list: agreed leave, trips, signed out.

    What waits for an answer is in it and says so. A person marks; nothing here does.
    """
    return away_at(found.house.school, found.due_at)


def away_at(school: School, at: datetime) -> dict[UUID, PlannedAbsence]:
    """Return the same of everyone at a moment."""
    rows = absences_on(school, local_day(school, at))
    known = {}
    for person_id, absences in rows.items():
        one = next((one for one in absences if one.covers(at) or one.is_out(at)), None)
        if one is not None:
            known[person_id] = one
    return known


def proposes_leave(absence: PlannedAbsence, at: datetime) -> bool:
    """Say whether "away with leave" is proposed: all agreed who have to, or the desk signed them out."""
    return (absence.is_agreed and absence.covers(at)) or absence.is_out(at)


def is_away_at(absence: PlannedAbsence, at: datetime) -> bool:
    """Say whether a boarder is known to be away: one press for all who are here does not mean them."""
    return absence.is_explained or absence.is_out(at)


# --- a night at a glance


@dataclass(frozen=True)
class EveningSlot:
    """One of the lists of a house in a night: due, or opened. found: None while no one has opened it."""

    house: House
    number: int
    name: str
    due_at: datetime
    alert_at: datetime
    found: EveningList | None
    lines: tuple[EveningLine, ...] = ()
    boarders: int = 0

    @property
    def missing(self) -> tuple[EveningLine, ...]:
        """Who was marked missing, and whom no one has marked though it is time."""
        late = now() >= self.alert_at
        return tuple(
            one for one in self.lines if one.is_missing and (late or one.word == EveningAnswer.ABSENT)
        )

    @property
    def blanks(self) -> int:
        """How many have no mark."""
        if self.found is None:
            return self.boarders
        return sum(one.is_boarder and one.word is None for one in self.lines)

    @property
    def inside(self) -> int:
        """How many are in the house."""
        return sum(
            one.is_boarder and one.word in (EveningAnswer.HERE, EveningAnswer.LATE) for one in self.lines
        )

    @property
    def away(self) -> int:
        """How many are away with leave."""
        return sum(one.is_boarder and one.word == EveningAnswer.LEAVE for one in self.lines)

    @property
    def is_due(self) -> bool:
        """Whether its time has come and it is not complete."""
        return self.boarders > 0 and now() >= self.due_at and self.blanks > 0


def slots_of(school: School, night: date, houses: Sequence[House]) -> list[EveningSlot]:
    """Return the lists of a night, opened or due, by house and time. As many statements for any number.

    Those that were opened keep the times that they had.
    """
    if not houses:
        return []
    lists = list(
        EveningList.objects.filter(house__in=houses, night=night).select_related("house", "closed_by")
    )
    lines = lines_of_lists(school, lists) if lists else {}
    living: defaultdict[UUID, int] = defaultdict(int)
    for house_id in _boarders(school, night).filter(house__in=houses).values_list("house_id", flat=True):
        living[house_id] += 1
    zone, checks = ZoneInfo(school.time_zone), checks_of(school)
    opened = {(one.house_id, one.number): one for one in lists}
    found = []
    for house in houses:
        held = [one for (house_id, _number), one in opened.items() if house_id == house.id]
        found += [
            EveningSlot(
                house,
                one.number,
                one.name,
                one.due_at,
                one.alert_at,
                one,
                tuple(lines[one.id]),
                living[house.id],
            )
            for one in held
        ]
        for check in checks:
            if (house.id, check.number) not in opened:
                due = due_at(night, check.at, zone)
                found.append(_due(house, check, due, living[house.id]))
    return sorted(found, key=lambda one: (one.house.name, str(one.house.id), one.due_at, one.number))


def _due(house: House, check: CheckPoint, due: datetime, boarders: int) -> EveningSlot:
    alert_at = due + timedelta(minutes=check.alert_minutes)
    return EveningSlot(house, check.number, check.name, due, alert_at, None, boarders=boarders)


@dataclass(frozen=True)
class Unusual:
    """What was out of the ordinary with a boarder in a list."""

    slot: EveningSlot
    line: EveningLine
    what: Abnormal


def lines_to_take(slot: EveningSlot, night: date) -> list[EveningLine]:
    """Return who is on a list of a night, opened or not, by room and name."""
    if slot.found is not None:
        return [one for one in slot.lines if one.is_boarder]
    return [EveningLine(one.person, one.room, ()) for one in boarders_on(slot.house, night)]


def abnormal_of(slots: Collection[EveningSlot]) -> list[Unusual]:
    """Return what was out of the ordinary in the lists of a night that were opened, in their order."""
    return [
        Unusual(slot, line, line.abnormal)
        for slot in slots
        for line in slot.lines
        if line.is_boarder and line.abnormal is not Abnormal.NONE
    ]


@dataclass(frozen=True)
class EveningCounts:
    """What waits for wardens: how many boarders are missing, and how many lists are due and not complete."""

    missing: int = 0
    due: int = 0


def last_untaken_slot(slots: Collection[EveningSlot]) -> EveningSlot | None:
    """Return of one house the list that nobody opened by its hour; None without one."""
    due = last_untaken(((one.due_at, one.alert_at, one.found is not None) for one in slots), now())
    return next((one for one in slots if one.due_at == due and one.found is None and one.boarders), None)


def count_evening(school: School, houses: Sequence[House]) -> EveningCounts:
    """Return what waits tonight in some houses; no statement where there is none."""
    if not houses:
        return EveningCounts()
    slots = slots_of(school, tonight(school), houses)
    missing = {one.person.id for slot in _latest(slots) for one in slot.missing}
    return EveningCounts(len(missing), sum(one.is_due for one in slots))


def _latest(slots: Iterable[EveningSlot]) -> list[EveningSlot]:
    """Return of each house the last list that was opened: who is here at eleven was not missing for good."""
    found: dict[UUID, EveningSlot] = {}
    for one in slots:
        if one.found is not None:
            found[one.house.id] = one
    return list(found.values())


# --- for others


@dataclass(frozen=True)
class InHouse:
    """What a night's lists say of a boarder. word: None while nobody has marked them. at: of that mark."""

    word: str | None = None
    at: datetime | None = None


def boarders_at(school: School, at: datetime) -> dict[UUID, InHouse]:
    """Return everyone who lives in a house in the night of a moment, with the latest mark before it.

    One statement where there is no house.
    """
    if not has_houses(school):
        return {}
    night = night_of(at.astimezone(ZoneInfo(school.time_zone)))
    found = dict.fromkeys(boarder_ids(school, night), InHouse())
    lists = list(EveningList.objects.filter(house__school=school, night=night).order_by("number"))
    if lists:
        lines = lines_of_lists(school, lists)
        for one in lists:
            for line in lines[one.id]:
                if line.held is not None and line.held.recorded_at <= at and line.person.id in found:
                    found[line.person.id] = InHouse(line.word, line.held.recorded_at)
    return found


@dataclass(frozen=True)
class Night:
    """A night in a school in which boarders sleep. since: when it began. wardens: who sleeps there too."""

    day: date
    since: datetime
    wardens: frozenset[int]


def find_night(school: School, at: datetime) -> Night | None:
    """Return the night of a moment; None by day."""
    local = at.astimezone(ZoneInfo(school.time_zone))
    first = next((one.at for one in checks_of(school)), None)
    since = night_since(local, first)
    if since is None:
        return None
    users = HouseWarden.objects.filter(house__school=school, house__retired_at=None, user__is_active=True)
    return Night(night_of(local), since, frozenset(users.values_list("user_id", flat=True)))


@dataclass(frozen=True)
class Evening:
    """What holds for a boarder in one list, for the family."""

    found: EveningList
    mark: EveningMark


def is_boarder(person: Person) -> bool:
    """Say whether a person lives in a house, or has marks of a list that is still kept."""
    lives = Boarder.objects.filter(person=person, last_night=None).exists()
    return lives or EveningMark.objects.filter(person=person).exists()


def evenings_of(person: Person) -> list[Evening]:
    """Return what holds for a boarder in each list that is still kept, the last night first."""
    by_list: defaultdict[UUID, list[EveningMark]] = defaultdict(list)
    rows = EveningMark.objects.filter(person=person).select_related("list__house")
    for one in rows.order_by("number"):
        by_list[one.list_id].append(one)
    found = []
    for marks in by_list.values():
        held = EveningLine(person, "", tuple(marks)).held
        assert held is not None
        found.append(Evening(held.list, held))
    return sorted(found, key=lambda one: (one.found.night, one.found.due_at), reverse=True)
