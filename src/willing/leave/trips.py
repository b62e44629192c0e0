"""The writers of trips: who goes where with the school, under whom."""

from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.ids import new_id
from willing.core.transactions import atomic, lock
from willing.leave import errors
from willing.leave.asking import require_time
from willing.leave.models import Trip, TripLeader, TripPupil
from willing.leave.rules import LATE_DAYS_MAX, TITLE_CHARS_MAX, DeskFault, WantedLeave
from willing.people.models import Person, School
from willing.people.queries import today


@dataclass(frozen=True)
class NewTrip:
    """A trip to be planned. pupils: who goes, of this school and here; others are left out."""

    name: str
    kind: str
    wanted: WantedLeave
    pupils: Collection[UUID]
    leaders: Collection[User]
    has_packed_meals: bool = False
    id: UUID = field(default_factory=new_id)


@atomic
def plan_trip(school: School, new: NewTrip, *, by: User) -> Trip:
    """Plan a trip; sent twice it is one. Raises Refused trip_not_valid and those of its time (`asking`)."""
    lock(School.objects).get(pk=school.pk)  # of two presses at once there is one
    held = Trip.objects.filter(school=school, pk=new.id).first()
    if held is not None:
        return held
    name = " ".join(new.name.split())
    pupils = _pupils(school, new.pupils)
    if not (0 < len(name) <= TITLE_CHARS_MAX and pupils and new.leaders):
        raise errors.trip_not_valid()
    require_time(school, new.wanted, late_days=LATE_DAYS_MAX)
    trip = Trip.objects.create(
        id=new.id,
        school=school,
        name=name,
        kind=new.kind,
        first_day=new.wanted.first_day,
        last_day=new.wanted.last_day,
        from_time=new.wanted.from_time,
        until_time=new.wanted.until_time,
        has_packed_meals=new.has_packed_meals,
        made_by=by,
        made_at=now(),
    )
    for leader in {one.pk: one for one in new.leaders}.values():
        TripLeader.objects.create(trip=trip, user=leader)
    for one in pupils:
        TripPupil.objects.create(trip=trip, person=one)
    log("trip.planned", trip, by, pupils=len(pupils))
    return trip


@atomic
def set_pupils(school: School, trip_id: UUID, pupils: Collection[UUID], *, by: User) -> int:
    """Set who goes on a trip. Return how many. Raises Refused trip_unknown, trip_over, trip_not_valid."""
    trip = _require_ahead(school, trip_id)
    wanted = {one.pk for one in _pupils(school, pupils)}
    if not wanted:
        raise errors.trip_not_valid()
    rows = TripPupil.objects.filter(trip=trip)
    rows.filter(removed_at=None).exclude(person_id__in=wanted).update(removed_at=now())
    rows.filter(person_id__in=wanted).update(removed_at=None)
    for one in sorted(wanted - set(rows.values_list("person_id", flat=True))):
        TripPupil.objects.create(trip=trip, person_id=one)
    log("trip.pupils_set", trip, by, pupils=len(wanted))
    return len(wanted)


@atomic
def cancel_trip(school: School, trip_id: UUID, *, by: User) -> Trip:
    """Cancel a trip: everyone on it is expected at school.

    Raises Refused trip_unknown, trip_over, trip_departed_already.
    """
    trip = _require_ahead(school, trip_id)
    if trip.departed_at is not None or trip.returned_at is not None:
        raise errors.trip_day_refuses(DeskFault.OUT_ALREADY)
    trip.cancelled_at, trip.cancelled_by = now(), by
    trip.save(update_fields=["cancelled_at", "cancelled_by"])
    log("trip.cancelled", trip, by)
    return trip


def _pupils(school: School, ids: Collection[UUID]) -> list[Person]:
    rows = Person.objects.filter(school=school, kind=Person.Kind.PUPIL, left_at=None, pk__in=set(ids))
    return list(rows.order_by("id"))


def _require_ahead(school: School, trip_id: UUID) -> Trip:
    trip = require_planned(school, trip_id)
    if trip.last_day < today(school):
        raise errors.trip_over()
    return trip


def require_planned(school: School, trip_id: UUID) -> Trip:
    """Return a trip that was not cancelled, locked. Raises Refused trip_unknown, trip_over."""
    trip = lock(Trip.objects).filter(school=school, pk=trip_id).first()
    if trip is None:
        raise errors.trip_unknown()
    if trip.cancelled_at is not None:
        raise errors.trip_over()
    return trip


def log(event: str, trip: Trip, by: User, **facts: int | str) -> None:
    """Write into the log what was done to a trip, and by whom."""
    record(event, subject=trip.id, facts={"by": by.pk, **facts}, personal={})
