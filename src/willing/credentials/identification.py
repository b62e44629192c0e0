"""Who is this? By a card's code, or by number and PIN, at whatever terminal asks: a till, a gate.

By the face: `biometrics.face_sessions`. What is done with the answer is the caller's business.
"""

from dataclasses import dataclass

from willing.core.clock import now
from willing.core.transactions import atomic
from willing.credentials.cards import find_card_owner
from willing.credentials.errors import code_unknown, pin_locked, pin_wrong
from willing.credentials.models import FailedAttempt, Pin
from willing.credentials.pin_attempts import (
    count_attempt,
    finish_wrong_attempt,
    is_right_pin,
    purge_old_attempts,
    record_lock,
    reset_attempts,
)
from willing.credentials.pins import find_pin_by_number
from willing.credentials.queries import key_of_number
from willing.credentials.rules import PinAttempt
from willing.people.models import Person
from willing.terminals.errors import way_not_taken
from willing.terminals.models import Terminal, Way


def require_way_taken(terminal: Terminal, way: str) -> None:
    """Raise Refused way_not_taken where a terminal does not take a way."""
    if way not in terminal.ways:
        raise way_not_taken()


def record_failed_attempt(terminal: Terminal, way: str, code: str) -> None:
    """Record that an attempt to identify failed: where, when, which way, why. Never who."""
    FailedAttempt.objects.create(terminal=terminal, way=way, code=code, at=now())


def identify_by_card(terminal: Terminal, code: str) -> Person:
    """Return who carries the card that was read. Raises Refused way_not_taken, code_unknown."""
    require_way_taken(terminal, Way.CARD)
    owner = find_card_owner(terminal.school, code)
    if owner is None:
        record_failed_attempt(terminal, Way.CARD, "code_unknown")
        raise code_unknown()
    return owner


@dataclass(frozen=True)
class PinEntry:
    """A number that was typed at a terminal, counted as a wrong try until its PIN is compared.

    key: under which it is counted. row: None where nobody has the number, or it is locked.
    """

    terminal: Terminal
    key: str
    row: Pin | None
    attempt: PinAttempt


def identify_by_pin(terminal: Terminal, number: int, pin: str) -> Person:
    """Return who has this number and PIN. Raises Refused way_not_taken, pin_wrong, pin_locked.

    The try is counted and committed before the PIN is compared, so that nothing undoes the count. A number
    that nobody has is counted, locked and compared like any other. Call it outside of any transaction.
    """
    require_way_taken(terminal, Way.PIN)
    purge_old_attempts()
    entry = count_pin_entry(terminal, number)
    person = require_right_pin(entry, pin)
    accept_pin(entry)
    return person


@atomic
def count_pin_entry(terminal: Terminal, number: int) -> PinEntry:
    """Count a typed number as a wrong try. Commit before `require_right_pin`."""
    key = key_of_number(terminal.school, number)
    attempt = count_attempt(key)
    # Whether there is such a number is not asked while it is locked: then nothing can take longer for it.
    row = None if attempt.is_locked else find_pin_by_number(terminal.school, number)
    record_lock(attempt, row.person_id if row else None)
    return PinEntry(terminal, key, row, attempt)


def require_right_pin(entry: PinEntry, pin: str) -> Person:
    """Compare a typed PIN; return whose it is. Outside of any transaction, for it takes its time.

    Raises Refused pin_wrong, pin_locked; what failed is written down.
    """
    if entry.attempt.is_locked:
        record_failed_attempt(entry.terminal, Way.PIN, "pin_locked")
        raise pin_locked()
    if not is_right_pin(pin, entry.row) or entry.row is None:
        _finish_wrong_entry(entry)
        raise pin_locked() if entry.attempt.locked_until else pin_wrong()
    return entry.row.person


@atomic
def _finish_wrong_entry(entry: PinEntry) -> None:
    finish_wrong_attempt(entry.key)
    record_failed_attempt(entry.terminal, Way.PIN, "pin_wrong")


def accept_pin(entry: PinEntry) -> None:
    """Forget the tries before a right one, in the transaction that acts on it."""
    reset_attempts(entry.key)
