"""The writers of who of the staff is in today: a yes or a no for a roll call, and nothing about hours.

No time is kept and no press is in the log, whose entries bear times: this can't become a time clock.
"""

from uuid import UUID

from willing.accounts.models import User
from willing.core.transactions import atomic
from willing.people.models import Person, School
from willing.people.queries import today
from willing.visits import errors
from willing.visits.models import StaffDay


@atomic
def set_user_in(school: School, user: User, *, is_in: bool) -> None:
    """Note that someone who is signed in says that they are in, or have left."""
    StaffDay.objects.update_or_create(
        user=user, day=today(school), defaults={"school": school, "is_in": is_in}
    )


@atomic
def set_person_in(school: School, person_id: UUID, *, is_in: bool) -> None:
    """Note at the desk that a member of staff is in, or has left.

    Raises Refused visits_staff_unknown.
    """
    found = Person.objects.filter(
        school=school, pk=person_id, kind=Person.Kind.STAFF, left_at=None, merged_into=None
    ).first()
    if found is None:
        raise errors.staff_unknown()
    StaffDay.objects.update_or_create(
        person=found, day=today(school), defaults={"school": school, "is_in": is_in}
    )


@atomic
def forget_merged(gone: Person) -> None:
    """Forget today's note on a record that is gone: whoever it is signs in again in a press."""
    StaffDay.objects.filter(person=gone).delete()
