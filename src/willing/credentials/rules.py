"""When a PIN is locked, and what may be one. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

WRONG_PINS_UNTIL_LOCK = 5


LOCK_MINUTES = 5


# As many as most pupils choose: a colleague changes at the till in two presses and these.
GIVEN_PIN_DIGITS = 4


@dataclass(frozen=True)
class PinAttempt:
    """The state of a PIN after a try was counted."""

    is_locked: bool
    wrong_attempts: int
    locked_until: datetime | None


def count_pin_attempt(
    wrong_attempts: int, locked_until: datetime | None, now: datetime, last_try_at: datetime | None = None
) -> PinAttempt:
    """Return the state in which a try may (or may not) go on; the try is counted as wrong until it is right.

    Counting before comparing means that attempts at the same moment cannot outrun the limit. A lock that
    expires later than a lock can was set by a clock that ran ahead: it lasts its whole time from now, and no
    longer. Tries count as long as a lock would last: who waits that long gains nothing that the lock does not
    give.
    """
    longest = now + timedelta(minutes=LOCK_MINUTES)
    if locked_until is not None:
        if now < locked_until:
            return PinAttempt(True, wrong_attempts, min(locked_until, longest))
        wrong_attempts = 0
    if last_try_at is not None and now - last_try_at >= timedelta(minutes=LOCK_MINUTES):
        wrong_attempts = 0
    wrong_attempts += 1
    return PinAttempt(False, wrong_attempts, longest if wrong_attempts >= WRONG_PINS_UNTIL_LOCK else None)


def is_simple_pin(pin: str) -> bool:
    """Say whether a PIN is one that everyone tries first: one digit repeated, or a run."""
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    return len(steps) == 1 and steps <= {0, 1, 9}


def is_pin(text: str) -> bool:
    """Say whether `text` is 4 to 6 ASCII digits."""
    return 4 <= len(text) <= 6 and text.isascii() and text.isdigit()
