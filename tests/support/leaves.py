"""A planned absence of a person, for tests of other rooms."""

from collections.abc import Sequence
from datetime import date, time
from uuid import UUID

from willing.accounts.actions import NewUser, add_user
from willing.accounts.models import User
from willing.leave.answering import approve
from willing.leave.asking import NewLeave, ask_as_guardian
from willing.leave.models import Leave, Trip
from willing.leave.rules import WantedLeave
from willing.leave.trips import NewTrip, plan_trip
from willing.people.models import Person, School
from willing.people.queries import today


def a_leave(
    person: Person,
    guardian: User,
    *,
    day: date | None = None,
    last: date | None = None,
    kind: str = "appointment",
    hours: tuple[time | None, time | None] = (None, None),
    reason: str = "",
) -> Leave:
    """Ask for leave as a guardian, for today without another day."""
    first = day or today(person.school)
    new = NewLeave(WantedLeave(first, last or first, *hours), kind, reason)
    return ask_as_guardian(person, new, by=guardian, on_pupils_device=False)


def an_agreed_leave(person: Person, guardian: User, *, by: User, **facts: object) -> Leave:
    """Ask for leave and let the school agree."""
    leave = a_leave(person, guardian, **facts)  # type: ignore[arg-type]
    return approve(person.school, leave.id, by=by)


def a_trip(
    school: School,
    pupils: Sequence[UUID],
    *,
    by: User,
    day: date | None = None,
    kind: str = "visit",
    **facts: object,
) -> Trip:
    """Plan a trip for today or another day."""
    first = day or today(school)
    new = NewTrip("Museum", kind, WantedLeave(first, first), pupils, (by,), **facts)  # type: ignore[arg-type]
    return plan_trip(school, new, by=by)


def another(school: School, role: str, name: str = "") -> User:
    """Add one more member of staff."""
    return add_user(
        school, NewUser(name or f"{role}2", "correct horse battery", name or f"{role} 2", (role,))
    )
