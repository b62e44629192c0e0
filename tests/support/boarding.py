"""A boarding house, for tests of several rooms."""

from datetime import UTC, datetime

from willing.accounts.models import User
from willing.boarding.evening import NewEveningMark, open_list, record_marks
from willing.boarding.living import move_in
from willing.boarding.models import Boarder, EveningList, House
from willing.boarding.queries import tonight
from willing.boarding.set_up import add_house, set_wardens
from willing.core.clock import now
from willing.people.models import Person, School


def at(hour: int, minute: int = 0, *, day: int = 26) -> datetime:
    """Return a moment of November 2026 at a school in London."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def a_house(
    school: School, *persons: Person, by: User, warden: User | None = None, name: str = "North"
) -> House:
    """Add a house in which some pupils live, with a list at nine and wardens notified at half past."""
    house = add_house(school, name, check_name="Evening", by=by)
    move_in(school, house.id, [one.id for one in persons], by=by, room="1")
    if warden is not None:
        set_wardens(school, house.id, [warden.pk], by=by)
    return house


def tonights_list(house: House, *, by: User, number: int = 1) -> EveningList:
    """Open tonight's list of a house, or return it."""
    return open_list(house.school, house.id, tonight(house.school), number, by=by)


def in_a_house(school: School, person: Person, *, by: User) -> None:
    """Let a person live in a house, and be marked as in it tonight, at whatever hour it is."""
    house = a_house(school, person, by=by)
    Boarder.objects.filter(person=person).update(first_night=tonight(school))
    found = EveningList.objects.create(
        house=house,
        night=tonight(school),
        number=1,
        name="Evening",
        due_at=now(),
        alert_at=now(),
        opened_by=by,
    )
    record_marks(found, [NewEveningMark(person.id, "here")], by=by)
