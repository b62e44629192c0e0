"""When a PIN is locked, and what may be one. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from willing.core.codes import is_code
from willing.core.comparison import fold_code

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


# A card pays without a PIN, so its number must not be one that is met by trying. Eight characters are what
# the shortest chip has (32 bits, written in hexadecimal).
CARD_NUMBER_CHARS_MIN = 8
# As much as a field that takes a card sends (shares.PLAIN_CHARS_MAX), less one for a mark.
CARD_NUMBER_CHARS_MAX = 24


class CardNumberFault(StrEnum):
    """Why a number can't be a card's. In the order in which they are found."""

    NOT_VALID = "card_number_not_valid"
    LIKE_OURS = "card_number_like_ours"
    TOO_SHORT = "card_number_too_short"


def fold_card_number(text: str) -> str:
    """Return a card's number as it is compared: capitals, no blanks, dashes or colons, no leading zeros.

    Spreadsheets and some readers drop leading zeros, so 0077703875 and 77703875 are one number.
    """
    folded = fold_code(text).replace(":", "").replace(".", "")
    return folded.lstrip("0") if folded.isdigit() else folded


def find_card_number_fault(text: str) -> CardNumberFault | None:
    """Return why a card that the school has already can't be known by this number, or None."""
    number = fold_card_number(text)
    if not number.isascii() or not number.isalnum() or len(number) > CARD_NUMBER_CHARS_MAX:
        return CardNumberFault.NOT_VALID
    if is_code(text):
        return CardNumberFault.LIKE_OURS
    if len(number) < CARD_NUMBER_CHARS_MIN:
        return CardNumberFault.TOO_SHORT
    return None


def other_forms(text: str) -> frozenset[str]:
    """Return what other readers type for a chip of this number: bytes reversed, hexadecimal or decimal.

    Of 4, 7 or 8 bytes, as chips have. No card is taken for another by these: they only say why one is not
    known.
    """
    number = fold_card_number(text)
    found = set()
    if len(number) in (8, 14, 16) and set(number) <= set("0123456789ABCDEF"):
        found |= _written(bytes.fromhex(number))
    if number.isascii() and number.isdigit():
        value = int(number)
        size = next((one for one in (4, 7, 8) if value < 1 << 8 * one), None)
        found |= _written(value.to_bytes(size, "big")) if size else set()
    return frozenset(found - {number})


def _written(chip: bytes) -> set[str]:
    both = (chip, chip[::-1])
    return {fold_card_number(one.hex()) for one in both} | {str(int.from_bytes(one, "big")) for one in both}
