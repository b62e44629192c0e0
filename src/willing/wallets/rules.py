"""Decisions about money across. Pure."""

from datetime import date, datetime, timedelta
from enum import StrEnum

# What the office writes off by itself, in small sums of the currency; above it, an administrator does.
OFFICE_WRITES_OFF = 4
# So long a family has to choose what becomes of a leaver's money.
CHOICE_DAYS = 60


def left_to_reverse_minor(paid_minor: int, taken_minor: int, available_minor: int, grace_minor: int) -> int:
    """Return how much of a pay-in can be taken back: what is left of it, down to the school's grace.

    A wrong pay-in that was spent may take the balance as far below zero as a meal may: the debt is real, and
    is shown. What is beyond stays where it is until it is paid in, or written off.
    """
    return max(0, min(paid_minor - taken_minor, available_minor + grace_minor))


class Leaver(StrEnum):
    """What there is to do about the money of someone who has left."""

    CHOOSING = "choosing"  # the family has time to choose
    ASKED = "asked"  # a pay-out is asked for, or on its way
    DUE = "due"  # nobody chose: it is paid out where an account is known, else the office asks
    OWES = "owes"  # they owe the school


def choose_until(left_on: date) -> date:
    """Return the last day on which a family may still choose."""
    return left_on + timedelta(days=CHOICE_DAYS)


def decide_leaver(balance_minor: int, left_at: datetime, now: datetime, *, is_asked: bool) -> Leaver | None:
    """Return what there is to do about a leaver's money; None where there is none."""
    if balance_minor == 0:
        return None
    if balance_minor < 0:
        return Leaver.OWES
    if is_asked:
        return Leaver.ASKED
    return Leaver.DUE if now - left_at >= timedelta(days=CHOICE_DAYS) else Leaver.CHOOSING
