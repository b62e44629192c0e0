"""What is read out of a bank's file: bookings, and what was left out and why. Pure."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from babel.numbers import get_currency_precision

# What no school's lunch costs; beyond it a file is not what it seems.
AMOUNT_MINOR_MAX = 10**11
TEXT_CHARS_MAX, NAME_CHARS_MAX, NUMBER_CHARS_MAX = 2000, 140, 60
# A shorter one counts the entries of one file: another file has another entry of the same number.
NUMBER_CHARS_MIN = 6
# What banks write where there is nothing to write.
NOTHING = ("NOTPROVIDED", "NOTAVAILABLE", "NONREF", "")
ENTRIES_MAX = 50_000


class EntryRefused(ValueError):
    """One booking can't be taken; the text is a key of `labels.LEFT_OUT`."""


@dataclass(frozen=True)
class Booking:
    """A sum that came, or one that the bank took back.

    bank_number: the bank's own for the whole booking, "" without one. part: which of several that the bank
    booked as one sum of whole_minor; "" for a whole. takes_back: an earlier credit is reversed. is_return: a
    payment of the school came back. is_batch: a whole that names none of its parts.
    """

    booked_on: date
    amount_minor: int
    bank_number: str = ""
    part: str = ""
    whole_minor: int = 0
    takes_back: bool = False
    is_return: bool = False
    payer: str = ""
    payer_account: str = ""
    text: str = ""
    end_to_end: str = ""
    is_batch: bool = False


@dataclass
class StatementFile:
    """A file that was read.

    left_out: how many entries for each reason. payments_made: ids of the school's own payments that it says
    were carried out.
    """

    format: str
    bookings: list[Booking] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    # Where and why: what the office should look at, unlike debits and what is not booked yet.
    faults: list[tuple[str, str]] = field(default_factory=list)
    accounts: set[str] = field(default_factory=set)
    payments_made: set[str] = field(default_factory=set)

    def refuse(self, where: str, code: str) -> None:
        """Leave an entry out that is not as it should be."""
        self.left_out[code] += 1
        self.faults.append((where, code))


def read_decimal(text: str, currency: str, wanted: str) -> int:
    """Return a plain decimal ("12.50") in minor units of `wanted`. Never through a float.

    Raises EntryRefused other_currency, amount_unreadable, amount_not_positive, amount_too_large.
    """
    if currency and currency != wanted:
        raise EntryRefused("other_currency")
    try:
        amount = Decimal(text.strip())
    except InvalidOperation:
        raise EntryRefused("amount_unreadable") from None
    if not amount.is_finite() or abs(amount.adjusted()) > 30:
        raise EntryRefused("amount_unreadable")
    minor = amount.scaleb(get_currency_precision(wanted))
    if minor != minor.to_integral_value():
        raise EntryRefused("amount_unreadable")
    return require_sum(int(minor))


def require_sum(amount_minor: int) -> int:
    """Return a sum that can be booked. Raises EntryRefused amount_not_positive, amount_too_large."""
    if amount_minor <= 0:
        raise EntryRefused("amount_not_positive")
    if amount_minor > AMOUNT_MINOR_MAX:
        raise EntryRefused("amount_too_large")
    return amount_minor


def bank_number(text: str | None) -> str:
    """Return a number that a bank gave one booking and no other; "" for what only counts, or says nothing."""
    kept = tidy(text, NUMBER_CHARS_MAX)
    return kept if len(kept) >= NUMBER_CHARS_MIN and kept.strip("0") and kept.upper() not in NOTHING else ""


def tidy(text: str | None, chars_max: int) -> str:
    """Return text on one line, without what nobody sees, cut to a length."""
    printable = "".join(one if one.isprintable() else " " for one in text or "")
    return " ".join(printable.split())[:chars_max]
