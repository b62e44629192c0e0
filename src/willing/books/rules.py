"""Decisions of the books: tax in what was paid, and what kind of meal it was. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

# Rates are in hundredths of a percent.
RATE_MAX = WHOLE = 10_000


@dataclass(frozen=True)
class SetRate:
    """A rate as the school set it. code "": what has no code; buyer "": everyone."""

    code: str
    buyer: str
    rate: int
    first_day: date


def find_rate(rates: Sequence[SetRate], code: str, buyer: str, day: date) -> int | None:
    """Return the rate of a code for a buyer on a day; None where the school has set none.

    A rate for the buyer's own group goes before one for everyone, whichever is newer; of each the newest
    that has begun.
    """
    for group in (buyer, ""):
        begun = [one for one in rates if (one.code, one.buyer) == (code, group) and one.first_day <= day]
        if begun:
            return max(begun, key=lambda one: one.first_day).rate
    return None


def tax_within_minor(gross_minor: int, rate: int) -> int:
    """Return the tax within a gross sum, in minor units, half a unit rounded up: 120 at 20 % holds 20."""
    part = WHOLE + rate
    return (2 * gross_minor * rate + part) // (2 * part)


def divide_tax(gross_minor: Sequence[int], rate: int) -> list[int]:
    """Return the tax within each of several lines of one receipt and rate, in minor units.

    Together they are exactly the tax within the sum; what rounding leaves goes to the largest remainders,
    the first line first.
    """
    part = WHOLE + rate
    shares = [divmod(gross * rate, part) for gross in gross_minor]
    taxes = [whole for whole, _rest in shares]
    left = tax_within_minor(sum(gross_minor), rate) - sum(taxes)
    by_remainder = sorted(range(len(shares)), key=lambda place: -shares[place][1])
    for place in by_remainder[:left]:
        taxes[place] += 1
    return taxes


def tax_of_part(tax_minor: int, quantity: int, before: int, now: int) -> int:
    """Return the tax within `now` items of a line of `quantity`, of which `before` were refunded earlier.

    All parts of a line together hold exactly its tax.
    """
    return _up_to(tax_minor, quantity, before + now) - _up_to(tax_minor, quantity, before)


def _up_to(tax_minor: int, quantity: int, items: int) -> int:
    return (2 * tax_minor * items + quantity) // (2 * quantity)


class Meal(StrEnum):
    """How a main meal was served, for the kitchen's and the funder's counts."""

    FREE = "free"
    REDUCED = "reduced"
    PAID = "paid"
    CARRIED = "carried"
    STAFF = "staff"
    VISITOR = "visitor"


def decide_meal(buyer: str, meals_minor: int, entitled_minor: int, carried_minor: int) -> Meal:
    """Return how the main meals of one sale were served.

    meals_minor: what they cost. For a pupil: free where the school's entitlement paid all of it, reduced
    where it paid a part, carried where the school paid because nothing was left, else paid.
    """
    if buyer in (Meal.STAFF, Meal.VISITOR):
        return Meal(buyer)
    if entitled_minor:
        return Meal.FREE if entitled_minor >= meals_minor else Meal.REDUCED
    return Meal.CARRIED if carried_minor else Meal.PAID
