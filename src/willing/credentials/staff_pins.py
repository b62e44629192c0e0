"""The writers of cashiers' PINs, and signing on at a till with one."""

import secrets

from willing.accounts.models import User
from willing.accounts.queries import require_staff
from willing.audit.actions import record
from willing.core.transactions import atomic, lock
from willing.credentials.errors import cashier_pin_wrong, pin_locked
from willing.credentials.models import StaffPin, owner_of_staff_pin
from willing.credentials.pin_attempts import (
    count_attempt,
    finish_wrong_attempt,
    hash_pin,
    is_right_pin,
    purge_old_attempts,
    reset_attempts,
)
from willing.credentials.pins import read_new_pin
from willing.credentials.queries import cashiers
from willing.credentials.rules import GIVEN_PIN_DIGITS, PinAttempt, is_simple_pin
from willing.keys.master import keyed_digest
from willing.terminals.models import Terminal
from willing.terminals.sign_ons import sign_off_user, sign_on


def set_own_pin(user: User, pin: str) -> None:
    """Set one's own PIN for the till. Raises Refused pin_not_valid, pin_too_simple."""
    pin = read_new_pin(pin)
    _store(user, hash_pin(owner_of_staff_pin(user.pk), pin), len(pin), by=user)


def give_pin(user_id: int, *, by: User) -> str:
    """Give a member of staff a PIN made at random, in place of one that they have. Return it, this once.

    Raises Refused unknown_user.
    """
    user = require_staff(user_id)
    pin = _random_pin()
    _store(user, hash_pin(owner_of_staff_pin(user.pk), pin), len(pin), is_given=True, by=by)
    return pin


def _random_pin() -> str:
    while True:
        pin = "".join(secrets.choice("0123456789") for _ in range(GIVEN_PIN_DIGITS))
        if not is_simple_pin(pin):
            return pin


@atomic
def _store(user: User, hashed: str, digits: int, *, by: User, is_given: bool = False) -> None:
    lock(User.objects).get(pk=user.pk)
    StaffPin.objects.filter(user=user).delete()
    StaffPin.objects.create(user=user, hashed=hashed, digits=digits, is_given=is_given)
    reset_attempts(_key_of(user.pk))
    sign_off_user(user, why="new_pin")
    record("staff_pin.set", subject=None, facts={"user": user.pk, "by": by.pk}, personal={})


@atomic
def remove_pin(user_id: int, *, by: User) -> None:
    """Remove the PIN of a member of staff, who is on at no till any more. Twice changes nothing."""
    user = lock(User.objects).get(pk=require_staff(user_id).pk)
    gone, _ = StaffPin.objects.filter(user=user).delete()
    if gone:
        sign_off_user(user, why="pin_removed")
        record("staff_pin.removed", subject=None, facts={"user": user.pk, "by": by.pk}, personal={})


def sign_on_by_pin(terminal: Terminal, user_id: int, pin: str) -> User:
    """Let a cashier sign on at a till with their PIN; return them. Outside of any transaction.

    As with pupils the try is counted before it is compared, and a user who may not sign on, or has no PIN, is
    counted, locked and answered like any other. Raises Refused cashier_pin_wrong, pin_locked.
    """
    purge_old_attempts()
    row, tried = _begin(terminal, user_id)
    if tried.is_locked:
        raise pin_locked()
    if not is_right_pin(pin, row) or row is None:
        finish_wrong_attempt(_key_of(user_id))
        raise pin_locked() if tried.locked_until else cashier_pin_wrong()
    return _sign_on(terminal, row)


@atomic
def _begin(terminal: Terminal, user_id: int) -> tuple[StaffPin | None, PinAttempt]:
    tried = count_attempt(_key_of(user_id))
    row = None if tried.is_locked else _pin_of(terminal, user_id)
    if tried.locked_until and not tried.is_locked:
        facts = {"user": row.user_id if row else None, "terminal": str(terminal.id)}
        record("staff_pin.locked", subject=None, facts=facts, personal={})
    return row, tried


def _pin_of(terminal: Terminal, user_id: int) -> StaffPin | None:
    allowed = cashiers(terminal.school).filter(pk=user_id)
    return StaffPin.objects.select_related("user").filter(user__in=allowed).first()


@atomic
def _sign_on(terminal: Terminal, row: StaffPin) -> User:
    # Under the user's lock: who is disabled, or gets another PIN, at this moment does not sign on after it.
    lock(User.objects).filter(pk=row.user_id).first()
    now_row = _pin_of(terminal, row.user_id)
    if now_row is None or now_row.hashed != row.hashed:
        raise cashier_pin_wrong()
    reset_attempts(_key_of(row.user_id))
    sign_on(terminal, now_row.user)
    return now_row.user


def _key_of(user_id: int) -> str:
    return keyed_digest("pin-tries", f"staff:{user_id}")
