"""The writer of many PINs at once, for slips that are printed."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from willing.accounts.models import User
from willing.audit.actions import NewEntry, record_many
from willing.core.transactions import atomic
from willing.credentials.many_cards import require_all_present
from willing.credentials.models import Card, Pin, PinAttempts
from willing.credentials.pin_attempts import hash_pin
from willing.credentials.queries import entry_lengths, key_of_number
from willing.credentials.rules import GIVEN_PIN_DIGITS, is_simple_pin
from willing.people.models import Person, School


@dataclass(frozen=True)
class DrawnPin:
    """A PIN that was drawn for a person, and how it is kept."""

    pin: str = field(repr=False)
    hashed: str = field(repr=False)


def draw_pins(
    school: School, persons: Sequence[Person], *, note_made: Callable[[int], None]
) -> list[DrawnPin]:
    """Return a PIN for each person, hashed, as long as the school's where those are alike. Nothing is stored.

    Hashing takes a tenth of a second each, so the caller hears how many are made.
    """
    digits = entry_lengths(school).pin or GIVEN_PIN_DIGITS
    drawn = []
    for number, person in enumerate(persons, start=1):
        pin = new_pin(digits)
        drawn.append(DrawnPin(pin, hash_pin(str(person.id), pin)))
        note_made(number)
    return drawn


def new_pin(digits: int) -> str:
    """Return a random PIN that is not one that everyone tries first."""
    while True:
        pin = f"{secrets.randbelow(10**digits):0{digits}}"
        if not is_simple_pin(pin):
            return pin


@atomic
def store_pins(school: School, drawn: Mapping[Person, DrawnPin], *, by: User) -> None:
    """Let PINs work that were just printed, in place of earlier ones. Raises Refused has_left."""
    persons = list(drawn)
    require_all_present(persons)
    Pin.objects.bulk_create(
        [Pin(person=one, hashed=drawn[one].hashed, digits=len(drawn[one].pin)) for one in persons],
        update_conflicts=True,
        unique_fields=["person"],
        update_fields=["hashed", "digits"],
    )
    Card.objects.filter(person__in=persons).exclude(pin_asked_at=None).update(pin_asked_at=None)
    keys = [key_of_number(school, one.till_number) for one in persons]
    PinAttempts.objects.filter(key__in=keys).delete()
    record_many([NewEntry("pin.set", one.id, {"by": by.pk}, {}) for one in persons])


@atomic
def delete_pins(persons: Sequence[Person]) -> int:
    """Delete PINs that nobody has read: their slips were not printed. Return how many."""
    return int(Pin.objects.filter(person__in=persons).delete()[0])
