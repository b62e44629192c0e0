"""The writer of payment references."""

import secrets
from collections.abc import Collection
from uuid import UUID

from willing.core.clock import now
from willing.core.transactions import atomic, lock
from willing.payments import errors
from willing.payments.models import PaymentReference
from willing.payments.reference_rules import NUMBER_MAX, NUMBER_MIN
from willing.people.models import Person, School

ATTEMPTS = 100


def numbers_of(school: School, person_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return the number of each person's reference, making those that are not there yet.

    Numbers are drawn at random: nobody guesses another child's, and none tells how many there are. One is
    never given to a second person.
    """
    found = _found(person_ids)
    return found if len(found) == len(set(person_ids)) else _make(school, person_ids)


def number_of(person: Person) -> int:
    """Return the number of a person's reference, making it the first time."""
    return numbers_of(person.school, [person.pk])[person.pk]


def _found(person_ids: Collection[UUID]) -> dict[UUID, int]:
    rows = PaymentReference.objects.filter(person_id__in=person_ids)
    return dict(rows.values_list("person_id", "number"))


@atomic
def _make(school: School, person_ids: Collection[UUID]) -> dict[UUID, int]:
    lock(School.objects).get(pk=school.pk)
    found = _found(person_ids)
    used = set(PaymentReference.objects.filter(school=school).values_list("number", flat=True))
    new = []
    for person_id in sorted(set(person_ids) - found.keys()):
        found[person_id] = _free(used)
        new.append(
            PaymentReference(person_id=person_id, school=school, number=found[person_id], made_at=now())
        )
    PaymentReference.objects.bulk_create(new)
    return found


def _free(used: set[int]) -> int:
    for _attempt in range(ATTEMPTS):
        number = NUMBER_MIN + secrets.randbelow(NUMBER_MAX - NUMBER_MIN + 1)
        if number not in used:
            used.add(number)
            return number
    raise errors.references_used_up()
