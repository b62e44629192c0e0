"""Decisions of the till. Pure: values in, decision out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

WRONG_PINS_UNTIL_LOCK = 5
LOCK_MINUTES = 5
FACE_SESSIONS_A_BASKET = 3
PAIRING_MINUTES = 15


@dataclass(frozen=True)
class Item:
    """One line of a basket, as far as paying is concerned."""

    price_minor: int
    quantity: int
    is_main_meal: bool


@dataclass(frozen=True)
class Funding:
    """Who pays how much of a basket: the wallet, and the school for what a wallet can't."""

    wallet_minor: int
    meals_minor: int


def total_minor(items: Sequence[Item]) -> int:
    """Return the sum of a basket, in minor units."""
    return sum(item.price_minor * item.quantity for item in items)


def decide_funding(items: Sequence[Item], available_minor: int, grace_minor: int) -> Funding | None:
    """Return who pays for a basket, or None where its extras are not covered.

    One main meal is always sold (promise 5): from the balance, then from the school's grace, and what is
    beyond that the school carries. Everything else, a second main meal included, needs money that is there.
    """
    total = total_minor(items)
    if total <= available_minor:
        return Funding(total, 0)
    meal = max((item.price_minor for item in items if item.is_main_meal), default=0)
    if total - meal > max(available_minor, 0):
        return None
    if meal == 0:
        return None
    wallet = max(0, min(total, available_minor + grace_minor))
    return Funding(wallet, total - wallet)


@dataclass(frozen=True)
class PinTry:
    """The state of a PIN after a try was counted."""

    is_locked: bool
    wrong_tries: int
    locked_until: datetime | None


def count_pin_try(wrong_tries: int, locked_until: datetime | None, now: datetime) -> PinTry:
    """Return the state in which a try may (or may not) go on; the try is counted as wrong until it is right.

    Counting before looking means that tries at the same moment cannot outrun the limit.
    """
    if locked_until is not None:
        if now < locked_until:
            return PinTry(True, wrong_tries, locked_until)
        wrong_tries = 0
    wrong_tries += 1
    until = now + timedelta(minutes=LOCK_MINUTES) if wrong_tries >= WRONG_PINS_UNTIL_LOCK else None
    return PinTry(False, wrong_tries, until)


def is_simple_pin(pin: str) -> bool:
    """Say whether a PIN is one that everybody tries first: one digit repeated, or a run."""
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    return len(steps) == 1 and steps <= {0, 1, 9}


def is_pin(text: str) -> bool:
    """Say whether `text` is 4 to 6 ASCII digits."""
    return 4 <= len(text) <= 6 and text.isascii() and text.isdigit()
