"""What the staff pages themselves write into the log: looks at a record (promise 7)."""

from collections.abc import Sequence
from uuid import UUID

from willing.accounts.models import User
from willing.audit.actions import NewEntry, record, record_many
from willing.core.transactions import atomic
from willing.people.models import Person, School


@atomic
def record_view(person: Person, *, by: User) -> None:
    """Record that a member of staff viewed a person's record."""
    record("record.viewed", subject=person.id, facts={"by": by.pk}, personal={})


def record_views(persons: Sequence[Person], *, by: User) -> None:
    """Record that a member of staff was shown a list of names; an empty list writes nothing."""
    if persons:
        _record_views(persons, by)


@atomic
def _record_views(persons: Sequence[Person], by: User) -> None:
    record_many([NewEntry("record.viewed", one.id, {"by": by.pk}, {}) for one in persons])


@atomic
def record_list(school: School, name: str, rows: int, *, by: User) -> None:
    """Record that a member of staff took a list from the registers as a file."""
    facts = {"list": name, "rows": rows, "by": by.pk}
    record("attendance.list_made", subject=school.id, facts=facts, personal={})


@atomic
def record_visit_view(visit_id: UUID, *, by: User) -> None:
    """Record that a member of staff viewed all that is kept of a visit."""
    record("visit.viewed", subject=visit_id, facts={"by": by.pk}, personal={})
