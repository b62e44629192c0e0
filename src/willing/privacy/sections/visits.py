"""That a member of staff signed in or out for today."""

from typing import Any

from willing.people.models import Person
from willing.visits.models import StaffDay


def in_today(person: Person) -> list[dict[str, Any]]:
    """Return on which day, and whether they are in: more is not kept, and the next night nothing is."""
    rows = StaffDay.objects.filter(person=person).order_by("-day")
    return [{"day": one.day.isoformat(), "is_in": one.is_in} for one in rows]
