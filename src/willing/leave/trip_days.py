"""The writers of a trip's own days: it left, it is back, its last hour is moved."""

from datetime import date, time
from uuid import UUID

from willing.accounts.models import User
from willing.core.clock import now
from willing.core.transactions import atomic
from willing.leave import errors
from willing.leave.asking import require_time
from willing.leave.desk_queries import trip_at_desk
from willing.leave.models import Trip
from willing.leave.rules import DeskFault, WantedLeave, decide_desk_undo, decide_return, decide_sign_out
from willing.leave.trips import log, require_planned
from willing.people.models import School


@atomic
def note_departure(school: School, trip_id: UUID, *, by: User) -> Trip:
    """Note that a trip has left.

    Raises Refused trip_unknown, trip_over, trip_not_now, trip_departed_already, trip_returned_already.
    """
    trip = require_planned(school, trip_id)
    _refuse(decide_sign_out(trip_at_desk(trip, school), now()))
    trip.departed_at, trip.departed_by = now(), by
    trip.save(update_fields=["departed_at", "departed_by"])
    log("trip.departed", trip, by)
    return trip


@atomic
def note_return(school: School, trip_id: UUID, *, by: User) -> Trip:
    """Note that a trip is back: who was on it is expected at school from now on.

    Raises Refused trip_unknown, trip_over, trip_not_departed, trip_returned_already.
    """
    trip = require_planned(school, trip_id)
    _refuse(decide_return(trip_at_desk(trip, school), now()))
    trip.returned_at, trip.returned_by = now(), by
    trip.save(update_fields=["returned_at", "returned_by"])
    log("trip.returned", trip, by)
    return trip


@atomic
def undo_note(school: School, trip_id: UUID, *, by: User) -> Trip:
    """Undo what was noted last.

    Raises Refused trip_unknown, trip_over, trip_not_departed, trip_undo_too_late.
    """
    trip = require_planned(school, trip_id)
    _refuse(decide_desk_undo(trip_at_desk(trip, school), now()))
    if trip.returned_at is not None:
        trip.returned_at = trip.returned_by = None
    else:
        trip.departed_at = trip.departed_by = None
    trip.save(update_fields=["departed_at", "departed_by", "returned_at", "returned_by"])
    log("trip.note_undone", trip, by)
    return trip


@atomic
def move_end(school: School, trip_id: UUID, *, last_day: date, until_time: time | None, by: User) -> Trip:
    """Move the end of a trip that is not back, sooner or later; registers and kitchen follow.

    Raises Refused trip_unknown, trip_over, trip_returned_already and those of its time (`asking`).
    """
    trip = require_planned(school, trip_id)
    if trip.returned_at is not None:
        raise errors.trip_day_refuses(DeskFault.BACK_ALREADY)
    require_time(school, WantedLeave(trip.first_day, last_day, trip.from_time, until_time), late_days=0)
    trip.last_day, trip.until_time = last_day, until_time
    trip.save(update_fields=["last_day", "until_time"])
    log("trip.end_moved", trip, by, last_day=last_day.isoformat())
    return trip


def _refuse(fault: DeskFault) -> None:
    if fault is not DeskFault.NONE:
        raise errors.trip_day_refuses(fault)
