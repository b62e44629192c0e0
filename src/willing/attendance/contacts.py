"""Whether the school's way to each guardian still holds: asked once a term, confirmed with one press."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from willing.accounts.models import User
from willing.attendance.message_models import ContactCheck, ContactTry
from willing.attendance.message_rules import is_confirmation_due
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.transactions import atomic, lock
from willing.keys.master import keyed_digest
from willing.mail.models import Topic
from willing.mail.outbox import unreachable
from willing.people.models import Guardian, Person, School
from willing.people.queries import contacts_of, local_day, present_persons, today
from willing.people.school_days import terms_begin


def _digest(guardian: Guardian) -> str:
    return keyed_digest("contact", f"{guardian.email.strip().casefold()}\n{guardian.phone.strip()}")


@atomic
def confirm_contact(guardian: Guardian, *, by: User | None) -> None:
    """Record that the address and number that the school has reach a guardian. by: None for themselves."""
    held = lock(Guardian.objects).get(pk=guardian.pk)
    ContactCheck.objects.update_or_create(
        guardian=held, defaults={"digest": _digest(held), "confirmed_at": now(), "user": by}
    )
    record("guardian.contact_confirmed", subject=held.id, facts={"by": by.pk if by else None}, personal={})


@atomic
def move_contacts(gone: Guardian, kept: Guardian) -> None:
    """Let what one record of a guardian was written be the other's; the kept one confirms anew."""
    had = set(ContactTry.objects.filter(guardian=kept).values_list("message_id", "channel", "is_clear"))
    for one in ContactTry.objects.filter(guardian=gone).order_by("id"):
        if (one.message_id, one.channel, one.is_clear) not in had:
            ContactTry.objects.filter(pk=one.pk).update(guardian=kept)
    ContactTry.objects.filter(guardian=gone).delete()
    ContactCheck.objects.filter(guardian=gone).delete()


def is_contact_due(guardian: Guardian) -> bool:
    """Say whether a guardian is asked whether the school's way to them still holds."""
    held = ContactCheck.objects.filter(guardian=guardian).first()
    return _is_due(guardian, held, today(guardian.school), terms_begin(guardian.school))


def _is_due(guardian: Guardian, held: ContactCheck | None, day: date, terms: Sequence[date]) -> bool:
    confirmed = local_day(guardian.school, held.confirmed_at) if held else None
    is_same = held is not None and held.digest == _digest(guardian)
    return is_confirmation_due(confirmed, is_same=is_same, today=day, terms_begin=terms)


@dataclass(frozen=True)
class ContactState:
    """A pupil, and what is wrong with a contact. fault: why no e-mail reaches them, "" where it does."""

    person: Person
    guardian: Guardian | None
    place: int
    fault: str
    is_due: bool


def contacts_to_check(school: School) -> list[ContactState]:
    """Return the contacts that are not confirmed this term or that no e-mail reaches, and pupils without any.

    As many statements as for one pupil, however many there are.
    """
    pupils = list(
        present_persons(school)
        .filter(kind=Person.Kind.PUPIL)
        .select_related("year_group")
        .order_by("year_group__position", "given_name", "family_name", "id")
    )
    contacts = contacts_of([one.id for one in pupils])
    guardians = {one.id: one for several in contacts.values() for one in several}
    faults = unreachable(school, list(guardians.values()), Topic.ABSENT)
    checks = {one.guardian_id: one for one in ContactCheck.objects.filter(guardian__in=guardians)}
    day, terms = today(school), terms_begin(school)
    for one in guardians.values():
        one.school = school
    due = {key: _is_due(one, checks.get(key), day, terms) for key, one in guardians.items()}
    found = []
    for person in pupils:
        several = contacts.get(person.id, [])
        if not several:
            found.append(ContactState(person, None, 0, "", is_due=False))
        for place, one in enumerate(several, 1):
            fault = faults.get(one.id)
            if fault or due[one.id]:
                found.append(ContactState(person, one, place, fault.value if fault else "", due[one.id]))
    return found
