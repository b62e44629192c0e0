"""The writers of what persons must not eat.

The log says that an entry was made, confirmed or removed, by the entry's own id: never of whom, and never
what. Once the entry is deleted, that id points to nobody.
"""

from uuid import UUID

from django.db import close_old_connections
from django.db.models import Exists, OuterRef, QuerySet

from willing.accounts.models import User
from willing.allergens import errors
from willing.allergens.models import AllergenEvent, PersonAllergen
from willing.allergens.queries import reminders_due
from willing.allergens.table import folded, require_allergen
from willing.audit.actions import NewEntry, record, record_many
from willing.consent.errors import not_a_guardian
from willing.core.clock import now
from willing.core.transactions import atomic, lock
from willing.mail.models import Topic
from willing.mail.outbox import write_to
from willing.people.models import Guardian, Person, School
from willing.people.persons import require_present
from willing.people.queries import find_school, listed_guardians


@atomic
def record_allergen(
    person: Person, allergen: str, *, by: Guardian | User, basis: str = PersonAllergen.Basis.GUARDIAN
) -> PersonAllergen:
    """Record that a person must not eat something, from the next sale on. Twice is once.

    allergen: a key of the table, or "=" and words. Each guardian has entries of their own, and the office has
    its own; all of them protect. Raises Refused allergen_unknown, has_left, not_a_guardian.
    """
    named = require_allergen(allergen)
    require_present(person)
    guardian, user = _who(person, by)
    held: QuerySet[PersonAllergen] = PersonAllergen.objects.filter(person=person, guardian=guardian)
    same = next((one for one in held if folded(one.allergen) == folded(named)), None)
    if same is not None:
        held.filter(pk=same.pk).update(confirmed_at=now(), reminded_at=None)
        return same
    entry = PersonAllergen.objects.create(
        person=person,
        allergen=named,
        basis=basis if user else PersonAllergen.Basis.GUARDIAN,
        guardian=guardian,
        user=user,
        recorded_at=now(),
        confirmed_at=now(),
    )
    record("allergen.recorded", subject=entry.id, facts=_by(guardian, user), personal={})
    return entry


def _who(person: Person, by: Guardian | User) -> tuple[Guardian | None, User | None]:
    """Return who writes, as guardian or as user. Raises Refused not_a_guardian."""
    if isinstance(by, User):
        return None, by
    if by not in listed_guardians(person.id):
        raise not_a_guardian()
    return by, None


def _by(guardian: Guardian | None, user: User | None) -> dict[str, object]:
    return {"by": user.pk if user else None, "guardian": str(guardian.id) if guardian else None}


@atomic
def remove_allergen(person: Person, entry_id: UUID, *, by: Guardian | User) -> None:
    """Delete an entry: a guardian their own, the office any. What others entered goes on protecting.

    Raises Refused allergen_entry_unknown, not_a_guardian.
    """
    guardian, user = _who(person, by)
    rows = PersonAllergen.objects.filter(person=person, pk=entry_id)
    entry = (rows.filter(guardian=guardian) if guardian else rows).first()
    if entry is None:
        raise errors.allergen_entry_unknown()
    PersonAllergen.objects.filter(pk=entry.pk).delete()
    record("allergen.removed", subject=entry_id, facts=_by(guardian, user), personal={})


@atomic
def confirm_allergens(person: Person, *, by: Guardian | User) -> int:
    """Record that everything on a person's list still holds. Return how many entries that is.

    Raises Refused not_a_guardian.
    """
    guardian, user = _who(person, by)
    ids = list(PersonAllergen.objects.filter(person=person).order_by("id").values_list("id", flat=True))
    PersonAllergen.objects.filter(pk__in=ids).update(confirmed_at=now(), reminded_at=None)
    facts = _by(guardian, user)
    record_many([NewEntry("allergen.confirmed", one, facts, {}) for one in ids])
    return len(ids)


def remind_here() -> int:
    """Do `remind` for the school of this installation, where there is one yet."""
    school = find_school()
    reminded = remind(school) if school is not None else 0
    close_old_connections()
    return reminded


def remind(school: School) -> int:
    """Ask by mail, once a term, whether entries still hold. Return about how many persons.

    Nothing lapses where nobody answers: the entry protects, and the pages say that it is unconfirmed.
    """
    rows = PersonAllergen.objects.filter(person__school=school, person__left_at=None)
    persons = {one.person_id for one in reminders_due(school, list(rows))}
    return sum(_remind(school, one) for one in sorted(persons))


@atomic
def _remind(school: School, person_id: UUID) -> int:
    person = lock(Person.objects).select_related("school").get(pk=person_id)
    due = reminders_due(school, list(PersonAllergen.objects.filter(person=person)))
    if not due:
        return 0  # another process was first
    PersonAllergen.objects.filter(pk__in=[one.pk for one in due]).update(reminded_at=now())
    write_to(listed_guardians(person.id), Topic.FOOD, person)
    return 1


@atomic
def move_allergens(gone: Person, kept: Person) -> int:
    """Let one record's entries be another's: both are one person, and all protect. Return how many."""
    have = set(PersonAllergen.objects.filter(person=kept).values_list("allergen", "guardian"))
    moved = 0
    for entry in PersonAllergen.objects.filter(person=gone):
        if (entry.allergen, entry.guardian_id) in have:
            PersonAllergen.objects.filter(pk=entry.pk).delete()
        else:
            moved += PersonAllergen.objects.filter(pk=entry.pk).update(person=kept)
    # A basket in which both records were shown has one block of a dish for each; one of them is enough.
    blocks = AllergenEvent.objects.filter(kind=AllergenEvent.Kind.BLOCK)
    twin = blocks.filter(person=kept, basket_id=OuterRef("basket_id"), product_id=OuterRef("product_id"))
    blocks.filter(Exists(twin), person=gone).delete()
    AllergenEvent.objects.filter(person=gone).update(person=kept)
    return moved


@atomic
def move_guardian_allergens(gone: Guardian, kept: Guardian) -> None:
    """Let what one record of a guardian entered be the other's, where that has not entered the same."""
    have = set(PersonAllergen.objects.filter(guardian=kept).values_list("person", "allergen"))
    for entry in PersonAllergen.objects.filter(guardian=gone):
        if (entry.person_id, entry.allergen) in have:
            PersonAllergen.objects.filter(pk=entry.pk).delete()
        else:
            PersonAllergen.objects.filter(pk=entry.pk).update(guardian=kept)
