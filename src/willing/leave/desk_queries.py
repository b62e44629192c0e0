"""Reads for the desk: who goes, who is out, who should have been back; trips as pupils."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from django.db.models import Q

from willing.core.clock import now
from willing.leave.models import Leave, Trip
from willing.leave.queries import absence_of, settings_of, trips_from, wanted_of, with_answers, with_number
from willing.leave.rules import (
    DeskFault,
    LeaveAtDesk,
    LeaveState,
    decide_desk_undo,
    decide_return,
    decide_sign_out,
    due_back,
    is_overdue,
    span,
)
from willing.people.models import School
from willing.people.queries import local_day, today
from willing.people.school_days import next_school_day

# So long the desk waits for who did not report back.
WAITED_FOR_DAYS = 14


def at_desk(leave: Leave) -> LeaveAtDesk:
    """Return a leave as the desk's rules read it."""
    found = absence_of(leave, leave.person.school)
    return LeaveAtDesk(found.state, found.starts_at, found.ends_at, leave.signed_out_at, leave.back_at)


@dataclass(frozen=True)
class DeskRow:
    """A leave at the desk. due_at: when the pupil should be back; None where nobody waits for them."""

    leave: Leave
    due_at: datetime | None
    may_undo: bool = False


@dataclass(frozen=True)
class Desk:
    """The desk's lists: who should have been back, is out, may go, is off sick all day, came back today."""

    overdue: list[DeskRow]
    out: list[DeskRow]
    going: list[DeskRow]
    ill: list[DeskRow]
    back: list[DeskRow]
    trips: list["TripRow"]


def desk_of(school: School) -> Desk:
    """Return the lists of the desk as they are now."""
    at, day, waits = now(), today(school), _Waits(school)
    desk = Desk([], [], [], [], [], trips_at_desk(school))
    for leave in _at_desk(school, day):
        state = at_desk(leave)
        due_at = waits.due(leave)
        row = DeskRow(leave, due_at, decide_desk_undo(state, at) is DeskFault.NONE)
        if leave.back_at is not None:
            if local_day(school, leave.back_at) == day:
                desk.back.append(row)
        elif is_overdue(due_at, at):
            desk.overdue.append(row)
        elif leave.signed_out_at is not None:
            desk.out.append(row)
        elif leave.last_day >= day:
            is_at_home = leave.kind == Leave.Kind.ILLNESS and (
                leave.from_time is None or leave.first_day < day
            )
            (desk.ill if is_at_home else desk.going).append(row)
    return desk


@dataclass(frozen=True)
class LeaveCounts:
    """How many leaves wait for the school, and how many pupils or trips should have been back for a while."""

    waiting: int
    overdue: int


def count_leaves(school: School) -> LeaveCounts:
    """Return what of leave waits for people; two statements where none is agreed."""
    at, day, waits = now(), today(school), _Waits(school)
    held = (LeaveState.CONFIRMED, LeaveState.DISPUTED, LeaveState.AGREED)
    rows = Leave.objects.filter(
        person__school=school,
        person__left_at=None,
        state__in=held,
        back_at=None,
        last_day__gte=day - timedelta(days=WAITED_FOR_DAYS),
    )
    found = list(rows.select_related("person__school"))
    pupils = sum(is_overdue(waits.due(one), at) for one in found if one.state == LeaveState.AGREED)
    trips = sum(is_overdue(due_back_of(one, school), at) for one in _out(school, day))
    return LeaveCounts(
        sum(one.state != LeaveState.AGREED and one.last_day >= day for one in found), pupils + trips
    )


def _at_desk(school: School, day: date) -> list[Leave]:
    """Return the agreed leaves of today, and earlier ones whose pupil is not back or did not report back."""
    earlier = Q(back_at=None, last_day__gte=day - timedelta(days=WAITED_FOR_DAYS))
    rows = with_answers(school).filter(
        earlier | Q(last_day__gte=day), state=LeaveState.AGREED, first_day__lte=day
    )
    return list(rows.order_by("from_time", "person__given_name", "id"))


class _Waits:
    """Until when each pupil should be back; what does not depend on the pupil is read once."""

    def __init__(self, school: School) -> None:
        self.school = school
        self._report_by: dict[date, datetime | None] = {}

    def due(self, leave: Leave) -> datetime | None:
        """Return when a pupil should be back; None where nobody waits for them."""
        is_part = leave.until_time is not None
        report_by = None if is_part else self._reports(leave.last_day)
        return due_back(at_desk(leave), is_part_of_a_day=is_part, report_by=report_by)

    @cached_property
    def by(self) -> time | None:
        """Until when pupils report back; None where they need not."""
        return settings_of(self.school).report_back_by

    def _reports(self, last_day: date) -> datetime | None:
        if self.by is None:
            return None
        if last_day not in self._report_by:
            day = next_school_day(self.school, last_day)
            zone = ZoneInfo(self.school.time_zone)
            self._report_by[last_day] = datetime.combine(day, self.by, zone) if day else None
        return self._report_by[last_day]


@dataclass(frozen=True)
class TripRow:
    """A trip on its days. due_at: when they should be back; None where nobody waits for them.

    departs, returns, undoes: what staff may note of it now.
    """

    trip: Trip
    due_at: datetime | None
    is_late: bool
    departs: bool
    returns: bool
    undoes: bool


def trip_at_desk(trip: Trip, school: School) -> LeaveAtDesk:
    """Return a trip as the desk's rules read it: the school has agreed to it."""
    starts_at, ends_at = span(wanted_of(trip), ZoneInfo(school.time_zone))
    return LeaveAtDesk(LeaveState.AGREED, starts_at, ends_at, trip.departed_at, trip.returned_at)


def due_back_of(trip: Trip, school: School) -> datetime | None:
    """Return when a trip that has left should be back; None where it is out until the end of a day."""
    is_part = trip.until_time is not None
    return due_back(trip_at_desk(trip, school), is_part_of_a_day=is_part, report_by=None)


def trip_row(trip: Trip, school: School) -> TripRow:
    """Return a trip with what staff may note of it now."""
    at, state, due_at = now(), trip_at_desk(trip, school), due_back_of(trip, school)
    is_open = trip.cancelled_at is None
    return TripRow(
        trip,
        due_at,
        is_open and is_overdue(due_at, at),
        is_open and decide_sign_out(state, at) is DeskFault.NONE,
        is_open and decide_return(state, at) is DeskFault.NONE,
        is_open and decide_desk_undo(state, at) is DeskFault.NONE,
    )


def trips_at_desk(school: School) -> list[TripRow]:
    """Return the trips of today, and before them those that left on an earlier day and are not back."""
    day = today(school)
    known = trips_from(school, until=day)
    ids = {one.pk for one in known}
    late = [one for one in _out(school, day) if one.pk not in ids]
    return [trip_row(one, school) for one in [*late, *known]]


def _out(school: School, day: date) -> list[Trip]:
    """Return the trips that have left and are not back, also from some days ago."""
    rows = Trip.objects.filter(
        school=school,
        cancelled_at=None,
        departed_at__isnull=False,
        returned_at=None,
        last_day__gte=day - timedelta(days=WAITED_FOR_DAYS),
    )
    return list(with_number(rows).order_by("last_day", "until_time", "id"))
