"""The writers of PINs, and who it is that typed one."""

from uuid import UUID

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.codes import normalise_code
from willing.core.comparison import fold_code
from willing.core.transactions import atomic
from willing.credentials.cards import find_card_owner
from willing.credentials.errors import card_or_pin_wrong, pin_locked, pin_not_valid, pin_too_simple
from willing.credentials.models import Card, Pin
from willing.credentials.pin_attempts import (
    count_attempt,
    finish_wrong_attempt,
    hash_pin,
    is_right_pin,
    key_of_card,
    purge_old_attempts,
    record_lock,
    reset_attempts,
)
from willing.credentials.queries import key_of_number
from willing.credentials.rules import PinAttempt, is_pin, is_simple_pin
from willing.keys.master import keyed_digest
from willing.people.models import Person, School
from willing.people.persons import require_present


def set_pin(person: Person, pin: str, *, by: User | None = None) -> None:
    """Give a person a PIN of 4 to 6 digits, in any width.

    Raises Refused pin_not_valid, pin_too_simple, has_left.
    """
    pin = read_new_pin(pin)
    _store_pin(person, hash_pin(str(person.id), pin), len(pin), by)


def read_new_pin(typed: str) -> str:
    """Return the digits of a PIN to be set, typed in any width.

    Raises Refused pin_not_valid, pin_too_simple.
    """
    pin = fold_code(typed)
    if not is_pin(pin):
        raise pin_not_valid()
    if is_simple_pin(pin):
        raise pin_too_simple()
    return pin


@atomic
def _store_pin(person: Person, hashed: str, digits: int, by: User | None) -> None:
    require_present(person)
    Pin.objects.update_or_create(person=person, defaults={"hashed": hashed, "digits": digits})
    Card.objects.filter(person=person).exclude(pin_asked_at=None).update(pin_asked_at=None)
    reset_attempts(key_of_number(person.school, person.till_number))
    record("pin.set", subject=person.id, facts={"by": by.pk if by else None}, personal={})


def identify_by_card_and_pin(school: School, code: str, pin: str) -> Person:
    """Return who carries this card and knows its PIN, for signing in away from a till.

    Wrong attempts count together with those at the tills, before the PIN is compared, and lock it for both.
    Raises Refused card_or_pin_wrong, pin_locked.
    """
    purge_old_attempts()
    key, row, tried = _begin_pin_of_card(school, code)
    if tried.is_locked:
        raise pin_locked()
    if not is_right_pin(pin, row) or row is None:
        finish_wrong_attempt(key)
        raise pin_locked() if tried.locked_until else card_or_pin_wrong()
    reset_attempts(key)
    return row.person


@atomic
def _begin_pin_of_card(school: School, code: str) -> tuple[str, Pin | None, PinAttempt]:
    owner = find_card_owner(school, code)
    rows = Pin.objects.select_related("person__school")
    row = rows.filter(person_id=owner.id if owner else NOBODY).first()
    key = key_of_card(school, keyed_digest("card", normalise_code(code)), owner)
    tried = count_attempt(key)
    record_lock(tried, row.person_id if row else None)
    return key, row, tried


def find_pin_by_number(school: School, number: int) -> Pin | None:
    """Return the PIN of the person with this number who has not left, or None."""
    rows = Pin.objects.select_related("person")
    return rows.filter(person__school=school, person__till_number=number, person__left_at=None).first()


NOBODY = UUID(int=0)  # asked for in place of an owner, so that no question is left out
