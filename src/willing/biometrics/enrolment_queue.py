"""Reads: who may be enrolled, and whom the others wait for. The same few statements for any school's size."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef

from willing.biometrics.engine import is_available
from willing.biometrics.models import Template
from willing.biometrics.queue_rules import QueueList, decide_list
from willing.consent.models import Answer, Decision
from willing.consent.permissions import permissions_of
from willing.core.collation import by_language
from willing.people.models import Person, School
from willing.people.queries import by_name, present_persons
from willing.terminals.queries import asked_purposes


@dataclass(frozen=True)
class Queued:
    """A person in a list of the desk. reasons: what is missing, of consent.rules.REASONS; none where ready.

    place: where they are among everyone of the school, enrolled or not.
    """

    person: Person
    list: QueueList
    reasons: tuple[str, ...]
    place: int


def enrolment_queue(school: School, purpose: str) -> list[Queued]:
    """Return everyone whom the desk has in a list, class by class, in the order of the reader's language."""
    persons = _in_order(school)
    rows = Template.objects.filter(person__school=school, purpose=purpose)
    faces = set(rows.values_list("person_id", flat=True))
    permissions = permissions_of(school, persons, purpose)
    queue = []
    for place, person in enumerate(persons):
        permission = permissions[person.id]
        found = decide_list(permission, has_face=person.id in faces)
        if found is not None:
            queue.append(Queued(person, found, permission.reasons, place))
    return queue


def _in_order(school: School) -> list[Person]:
    by_class = by_language("year_group__name")
    return list(present_persons(school).order_by("year_group__position", *by_class, *by_name()))


def next_ready(school: School, purpose: str, after: Person) -> Person | None:
    """Return who is ready next after a person, in the desk's order; from its beginning if nobody follows."""
    ids = [one.id for one in _in_order(school)]
    place = ids.index(after.id) if after.id in ids else -1
    queue = [one for one in enrolment_queue(school, purpose) if one.list is QueueList.READY]
    queue.sort(key=lambda one: one.place <= place)  # stable: each part keeps its order
    return queue[0].person if queue else None


def count_ready(school: School) -> int:
    """Return how many people the desk could enrol now, for any purpose; none where faces can't be used."""
    found = {one for purpose in asked_purposes(school) for one in _ready(school, purpose)}
    return len(found) if found and is_available(school) else 0


def _ready(school: School, purpose: str) -> list[UUID]:
    """Return who is in the desk's first list, by id. Nobody without a yes has a permission: few are asked."""
    own = {"person": OuterRef("pk"), "purpose": purpose}
    said_yes = Exists(Decision.objects.filter(**own, answer=Answer.YES))
    asked = list(present_persons(school).filter(said_yes, ~Exists(Template.objects.filter(**own))))
    if not asked:
        return []
    permissions = permissions_of(school, asked, purpose)
    return [one.id for one in asked if decide_list(permissions[one.id], has_face=False) is QueueList.READY]
