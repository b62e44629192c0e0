"""Reads of the returns that are due: who is new, who left, by when the authority is to know."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from willing.attendance.list_rules import new_pupil_due
from willing.attendance.models import RollReturn
from willing.people.models import Person, School
from willing.people.queries import by_name, day_bounds, local_day, today

RETURN_DAYS = 90


@dataclass(frozen=True)
class ReturnDue:
    """A pupil whom the school has to name to its authority. due: by when; sent: None while not done."""

    person: Person
    kind: str
    day: date
    due: date
    sent: RollReturn | None
    is_late: bool


def returns_due(school: School) -> list[ReturnDue]:
    """Return new pupils and those who left in the last 90 days, what is to be done first, then by day.

    The pupils with whom the school began to use this are not new: they joined on the first day of all.
    """
    day = today(school)
    since = day_bounds(school, day - timedelta(days=RETURN_DAYS))[0]
    pupils = Person.objects.filter(school=school, kind=Person.Kind.PUPIL, merged_into=None, is_invented=False)
    pupils = pupils.exclude(given_name="").filter(Q(joined_at__gte=since) | Q(left_at__gte=since))
    began = _first_day(school)
    rows = list(pupils.select_related("year_group").order_by(*by_name()))
    sent = {
        (one.person_id, one.kind, one.day): one
        for one in RollReturn.objects.filter(person__in=[one.pk for one in rows])
    }
    found = []
    for one in rows:
        for kind, at in ((RollReturn.Kind.NEW, one.joined_at), (RollReturn.Kind.DELETED, one.left_at)):
            if at is None or at < since or (on := local_day(school, at)) > day:
                continue
            if kind == RollReturn.Kind.NEW and on == began:
                continue
            due = new_pupil_due(on) if kind == RollReturn.Kind.NEW else on
            done = sent.get((one.id, kind, on))
            found.append(ReturnDue(one, kind, on, due, done, is_late=done is None and day > due))
    return sorted(found, key=lambda one: (one.sent is not None, one.due, one.person.full_name))


def _first_day(school: School) -> date | None:
    first = Person.objects.filter(school=school, kind=Person.Kind.PUPIL).order_by("joined_at").first()
    return local_day(school, first.joined_at) if first else None
