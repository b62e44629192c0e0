"""The writers about tries of a PIN: they are counted alike for numbers and cards that exist and that do not.

Nobody learns at a till, or on the page for pupils, which numbers and cards there are:
not from the answer, not from what locks, and not from the time it takes. So a row here stands for what was
typed, under a keyed digest, and for no person.
"""

import functools
import threading
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.hashers import check_password, get_hasher, make_password
from django.db.models import F

from willing.audit.actions import record
from willing.core.clock import now
from willing.core.comparison import fold_code
from willing.core.hashing import PinArgon2
from willing.core.transactions import atomic, lock
from willing.credentials.models import Pin, PinAttempts, StaffPin
from willing.credentials.queries import key_of_number
from willing.credentials.rules import LOCK_MINUTES, WRONG_PINS_UNTIL_LOCK, PinAttempt, count_pin_attempt
from willing.keys.master import keyed_digest
from willing.people.models import Person, School

KEEP = timedelta(minutes=2 * LOCK_MINUTES)  # beyond the lock nothing of a try counts any more
_clearing = threading.Lock()
_cleared_at: datetime | None = None


def key_of_card(school: School, card_digest: str, owner: Person | None) -> str:
    """Return the key under which tries with a card are counted: its owner's number's, where there is one."""
    if owner is not None:
        return key_of_number(school, owner.till_number)
    return keyed_digest("pin-tries", f"{school.id}:card:{card_digest}")


@atomic
def count_attempt(key: str) -> PinAttempt:
    """Count a try as wrong until it is right; committed before the PIN is compared."""
    row, _ = lock(PinAttempts.objects).get_or_create(key=key, defaults={"at": now()})
    tried = count_pin_attempt(row.wrong_attempts, row.locked_until, now(), row.at)
    row.wrong_attempts, row.locked_until, row.at = tried.wrong_attempts, tried.locked_until, now()
    row.unfinished += 0 if tried.is_locked else 1
    row.save(update_fields=["wrong_attempts", "locked_until", "at", "unfinished"])
    return tried


def record_lock(tried: PinAttempt, subject: UUID | None) -> None:
    """Record that this attempt locks, where it does. subject: whose PIN it is, if anyone's."""
    if tried.locked_until and not tried.is_locked:
        record("pin.locked", subject=subject, facts={}, personal={})


def finish_wrong_attempt(key: str) -> None:
    """Note that an attempt was compared, and was wrong: it stays counted."""
    PinAttempts.objects.filter(key=key, unfinished__gt=0).update(unfinished=F("unfinished") - 1)


def reset_attempts(key: str) -> None:
    """Forget the tries before a right one, or before a new PIN."""
    PinAttempts.objects.filter(key=key).delete()


@atomic
def return_unfinished_attempts() -> int:
    """Release the attempts that a stopped server had counted and never compared. Return for how many keys."""
    returned = 0
    for row in lock(PinAttempts.objects).filter(unfinished__gt=0).order_by("key"):
        row.wrong_attempts = max(0, row.wrong_attempts - row.unfinished)
        row.unfinished = 0
        if row.wrong_attempts < WRONG_PINS_UNTIL_LOCK:
            row.locked_until = None
        row.save(update_fields=["wrong_attempts", "locked_until", "unfinished"])
        returned += 1
    return returned


def purge_old_attempts() -> None:
    """Delete what counts no more, at most once a minute, so that guessing fills no table."""
    global _cleared_at
    with _clearing:
        if _cleared_at is not None and abs(now() - _cleared_at) < timedelta(minutes=1):
            return
        _cleared_at = now()
    PinAttempts.objects.filter(at__lt=now() - KEEP).delete()


def hash_pin(owner: str, pin: str) -> str:
    """Return the hash of a PIN. owner: `Pin.owner`, a person's id, or `StaffPin.owner`.

    A PIN has few digits, so a stolen database could be searched in no time; the keyed digest under the hash
    makes that impossible without the master key.
    """
    return _hash(_pin_digest(owner, pin))


def _hash(digest: str) -> str:
    return make_password(digest, hasher=PinArgon2.algorithm)


def _pin_digest(owner: str, pin: str) -> str:
    return keyed_digest("pin", f"{owner}:{fold_code(pin)}")


def is_right_pin(pin: str, row: Pin | StaffPin | None) -> bool:
    """Compare a typed PIN with a person's, or, with the same work, with one that nobody has."""
    owner, hashed = (row.owner, row.hashed) if row else (str(UUID(int=0)), decoy_hash())
    typed = _pin_digest(owner, pin)
    setter = functools.partial(_rehash, row) if row else None
    is_right = check_password(typed, hashed, setter=setter, preferred=PinArgon2.algorithm)
    return is_right and row is not None


def _rehash(row: Pin | StaffPin, typed: str) -> None:
    """Hash a right PIN anew, by today's cost: hashes of another cost would take another time."""
    if isinstance(row, StaffPin):
        StaffPin.objects.filter(pk=row.pk, hashed=row.hashed).update(hashed=_hash(typed))
    else:
        Pin.objects.filter(pk=row.pk, hashed=row.hashed).update(hashed=_hash(typed))


def decoy_hash() -> str:
    """Return a hash of today's cost that no PIN has: the same one for as long as the process runs."""
    return _decoy(type(get_hasher(PinArgon2.algorithm)).__qualname__)


@functools.cache
def _decoy(_hasher: str) -> str:
    return _hash("nobody's: no keyed digest reads like this")
