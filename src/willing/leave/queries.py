"""Reads of planned absence: who is away on a day, of whom it is known at a moment, what waits, the trips."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet

from willing.leave import errors
from willing.leave.models import Leave, LeaveSettings, Trip, TripPupil
from willing.leave.rules import (
    OPEN,
    AbsenceSource,
    LeaveState,
    WantedLeave,
    span,
)
from willing.people.models import Person, School
from willing.people.queries import by_name, day_bounds, local_day, today

# Until when pupils report back where a school asks for it; two of the staff agree. China's way (请假, 销假).
_REPORT_BACK_BY = time(10)
# So many agreed leaves are listed.
COMING_SHOWN = 100
# What counts for more comes first where a pupil has two on one day.
_ORDER = (LeaveState.AGREED, LeaveState.CONFIRMED, LeaveState.DISPUTED, LeaveState.ASKED)


@dataclass(frozen=True)
class PlannedAbsence:
    """An absence that is known beforehand. id: of the leave, or of the trip. title: the name of the trip.

    kind: one of Leave.Kind or Trip.Kind. starts_at, ends_at: of all its days.
    """

    id: UUID
    person_id: UUID
    source: AbsenceSource
    kind: str
    state: LeaveState
    starts_at: datetime
    ends_at: datetime
    signed_out_at: datetime | None = None
    back_at: datetime | None = None
    title: str = ""
    has_packed_meals: bool = False

    @property
    def label(self) -> str:
        """What kind of absence it is, in the reader's language."""
        kinds = Trip.Kind if self.source is AbsenceSource.TRIP else Leave.Kind
        return str(kinds(self.kind).label)

    @property
    def state_label(self) -> str:
        """How far it has come, in the reader's language."""
        return str(Leave.State(self.state.value).label)

    @property
    def is_agreed(self) -> bool:
        """Whether everyone agreed who has to: it counts for kitchen, gate and register."""
        return self.state is LeaveState.AGREED

    @property
    def is_explained(self) -> bool:
        """Whether a guardian said so, and none says otherwise: nobody has to be asked where the pupil is."""
        return self.state in (LeaveState.AGREED, LeaveState.CONFIRMED)

    @property
    def lasts_until(self) -> datetime:
        """Until when it lasts, which is shorter for who came back."""
        return self.ends_at if self.back_at is None else min(self.ends_at, self.back_at)

    def covers(self, at: datetime) -> bool:
        """Say whether a moment is within its time, and the pupil was not back yet."""
        return self.starts_at <= at < self.lasts_until

    def is_out(self, at: datetime) -> bool:
        """Say whether the pupil was signed out at a moment, and not back yet, whatever the agreed end was."""
        if self.signed_out_at is None or at < self.signed_out_at:
            return False
        return self.back_at is None or at < self.back_at


def absences_on(school: School, day: date) -> dict[UUID, tuple[PlannedAbsence, ...]]:
    """Return the planned absences of a day by person, agreed ones first; two statements.

    What was refused or withdrawn is none; what waits for an answer is one, and says so.
    """
    return absences_between(school, day, day)


def absences_between(school: School, first: date, last: date) -> dict[UUID, tuple[PlannedAbsence, ...]]:
    """Return the planned absences that have a day among these, by person, agreed ones first."""
    found: defaultdict[UUID, list[PlannedAbsence]] = defaultdict(list)
    everyone = Q(person__school=school)
    for one in [*_leaves(school, first, last, everyone), *_trips(school, first, last, everyone)]:
        found[one.person_id].append(one)
    return {person_id: tuple(sorted(rows, key=_counts_for)) for person_id, rows in found.items()}


def absences_of(person: Person, first: date, last: date) -> list[PlannedAbsence]:
    """Return a person's planned absences that have a day among these, agreed ones first."""
    whose, school = Q(person=person), person.school
    return sorted(
        [*_leaves(school, first, last, whose), *_trips(school, first, last, whose)], key=_counts_for
    )


def _counts_for(one: PlannedAbsence) -> tuple[int, bool, datetime]:
    """Return what sorts several absences: agreed ones first, and who is ill is on no trip."""
    return _ORDER.index(one.state), one.source is AbsenceSource.TRIP, one.starts_at


def explained_at(school: School, at: datetime) -> dict[UUID, PlannedAbsence]:
    """Return who is known to be away at a moment, and why: nobody has to ask their families.

    A guardian said so and none says otherwise; a trip; or the desk signed them out and not back in.
    """
    return explained_of(absences_on(school, local_day(school, at)), at)


def explained_of(
    absences: Mapping[UUID, Sequence[PlannedAbsence]], at: datetime
) -> dict[UUID, PlannedAbsence]:
    """Return of the absences of a day those of whom it is known at a moment; see `explained_at`."""
    found = {}
    for person_id, rows in absences.items():
        known = next((one for one in rows if (one.is_explained and one.covers(at)) or one.is_out(at)), None)
        if known is not None:
            found[person_id] = known
    return found


def wanted_of(row: Leave | Trip) -> WantedLeave:
    """Return the time of a leave or a trip."""
    return WantedLeave(row.first_day, row.last_day, row.from_time, row.until_time)


def _leaves(school: School, first: date, last: date, whose: Q) -> list[PlannedAbsence]:
    rows = Leave.objects.filter(
        whose,
        _was_here(school, first),
        state__in=OPEN,
        first_day__lte=last,
        last_day__gte=first,
    )
    return [absence_of(one, school) for one in rows.order_by("first_day", "id")]


def _was_here(school: School, day: date) -> Q:
    """Return the condition that a person had not left before a day."""
    begins, _ends = day_bounds(school, day)
    return Q(person__left_at=None) | Q(person__left_at__gte=begins)


def absence_of(leave: Leave, school: School) -> PlannedAbsence:
    """Return a leave as a planned absence."""
    starts_at, ends_at = span(wanted_of(leave), ZoneInfo(school.time_zone))
    return PlannedAbsence(
        id=leave.id,
        person_id=leave.person_id,
        source=AbsenceSource.ILLNESS if leave.kind == Leave.Kind.ILLNESS else AbsenceSource.LEAVE,
        kind=leave.kind,
        state=LeaveState(leave.state),
        starts_at=starts_at,
        ends_at=ends_at,
        signed_out_at=leave.signed_out_at,
        back_at=leave.back_at,
    )


def _trips(school: School, first: date, last: date, whose: Q) -> list[PlannedAbsence]:
    rows = TripPupil.objects.filter(
        whose,
        _was_here(school, first),
        trip__cancelled_at=None,
        trip__first_day__lte=last,
        trip__last_day__gte=first,
        removed_at=None,
    ).select_related("trip")
    zone = ZoneInfo(school.time_zone)
    found = []
    for one in rows.order_by("trip__first_day", "id"):
        starts_at, ends_at = span(wanted_of(one.trip), zone)
        found.append(
            PlannedAbsence(
                id=one.trip_id,
                person_id=one.person_id,
                source=AbsenceSource.TRIP,
                kind=one.trip.kind,
                state=LeaveState.AGREED,
                starts_at=starts_at,
                ends_at=ends_at,
                signed_out_at=one.trip.departed_at,
                back_at=one.trip.returned_at,
                title=one.trip.name,
                has_packed_meals=one.trip.has_packed_meals,
            )
        )
    return found


def settings_of(school: School) -> LeaveSettings:
    """Return how a school agrees to leave; unsaved where it decided nothing: as its country does."""
    held = LeaveSettings.objects.filter(school=school).first()
    if held is not None:
        return held
    if school.country == "CN":
        return LeaveSettings(school=school, staff_needed=2, report_back_by=_REPORT_BACK_BY)
    return LeaveSettings(school=school, staff_needed=1)


def needed_for(school: School, kind: str) -> int:
    """Return how many of the staff agree to a leave: one confirms an illness, which lets nobody go."""
    return 1 if kind == Leave.Kind.ILLNESS else settings_of(school).staff_needed


def leaves_of(person: Person, newest: int = 20) -> list[Leave]:
    """Return a pupil's leaves with what was said to them, the latest first."""
    rows = Leave.objects.filter(person=person).select_related("words", "asked_by")
    return list(
        rows.prefetch_related("answers__guardian").order_by("-last_day", "-first_day", "-id")[:newest]
    )


def trips_of(person: Person, newest: int = 10) -> list[Trip]:
    """Return the trips that a pupil goes or went on, the latest first."""
    goes = Trip.objects.filter(pupils__person=person, pupils__removed_at=None, cancelled_at=None)
    return list(goes.order_by("-first_day", "-id")[:newest])


def with_answers(school: School) -> QuerySet[Leave]:
    """Return the leaves of those who are here, with what was said to them."""
    rows = Leave.objects.filter(person__school=school, person__left_at=None)
    rows = rows.select_related("person__year_group", "person__school", "words", "asked_by")
    return rows.prefetch_related("answers__guardian", "answers__recorded_by", "approvals__user")


def waiting_leaves(school: School) -> list[Leave]:
    """Return the leaves that are not over and wait for a guardian or the school, the next to begin first."""
    rows = with_answers(school).filter(
        state__in=(LeaveState.ASKED, LeaveState.CONFIRMED, LeaveState.DISPUTED), last_day__gte=today(school)
    )
    return list(rows.order_by("first_day", "from_time", "id"))


def coming_leaves(school: School, persons: Collection[Person] | None = None) -> tuple[list[Leave], int]:
    """Return the agreed leaves that are not over, the next to begin first, and how many there are.

    persons: whose; None, everyone's. So many as a page shows are returned.
    """
    rows = with_answers(school).filter(state=LeaveState.AGREED, last_day__gte=today(school), back_at=None)
    if persons is not None:
        rows = rows.filter(person__in=persons)
    found = list(rows.order_by("first_day", "from_time", "id")[:COMING_SHOWN])
    return found, len(found) if len(found) < COMING_SHOWN else rows.count()


def with_number(rows: QuerySet[Trip]) -> QuerySet[Trip]:
    """Return trips with how many pupils go."""
    return rows.annotate(number=Count("pupils", filter=Q(pupils__removed_at=None)))


def trips_from(school: School, *, until: date | None = None) -> list[Trip]:
    """Return the trips that are not over, the next first; those until a day. A cancelled one stays listed."""
    rows = Trip.objects.filter(school=school, last_day__gte=today(school))
    if until is not None:
        rows = rows.filter(first_day__lte=until, cancelled_at=None)
    return list(with_number(rows).order_by("first_day", "from_time", "id"))


def require_trip(school: School, trip_id: UUID) -> Trip:
    """Return a trip. Raises Refused trip_unknown."""
    found = Trip.objects.filter(school=school, pk=trip_id).first()
    if found is None:
        raise errors.trip_unknown()
    return found


def pupils_of(trip: Trip) -> list[Person]:
    """Return who goes on a trip, by name."""
    goes = Person.objects.filter(trips__trip=trip, trips__removed_at=None).select_related("year_group")
    return list(goes.order_by(*by_name()))
