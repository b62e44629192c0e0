"""Decisions of the till. Pure: values in, decision out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from willing.core.clock import STEP

# What a terminal is for that may sell (consent.models.Purpose). A gate takes nobody's money.
SELLING_PURPOSES = frozenset({"canteen", "shop"})
FACE_SESSIONS_A_BASKET = 3
# A basket that nobody touches: someone walked away, or a till of another maker lost its id.
BASKET_MINUTES_MAX = 60
QUANTITY_MAX = 20
# From this many main meals in a sitting on a till says so, and the office reads it on the page of the day.
REPEATED_MEALS_FROM = 2
# A person who pays the same sum within this time is asked about once: it may be the same purchase.
ASKED_SECONDS = 120
# A name that nobody confirms is forgotten: the next customer would press "Yes, pay" for that pupil.
SHOWN_SECONDS_MAX = 30


@dataclass(frozen=True)
class Item:
    """One line of a basket, as far as paying is concerned."""

    price_minor: int
    quantity: int
    is_main_meal: bool
    category: str = ""


@dataclass(frozen=True)
class Funding:
    """Who pays how much of a basket: the wallet, the school for free meals, and for what a wallet can't.

    free_meal_minor: that part of entitled_minor which pays for a free or reduced meal; the rest is of a sum.
    """

    wallet_minor: int
    entitled_minor: int = 0
    carried_minor: int = 0
    free_meal_minor: int = 0

    @property
    def total_minor(self) -> int:
        """What all of them pay together."""
        return self.wallet_minor + self.entitled_minor + self.carried_minor


def total_minor(items: Sequence[Item]) -> int:
    """Return the sum of a basket, in minor units."""
    return sum(item.price_minor * item.quantity for item in items)


@dataclass(frozen=True)
class Granted:
    """What is left today of what the school pays for a person.

    meal_family_minor: what the family pays of a main meal, None where the day's meal was had or none is
    granted. sum_minor: for whatever is in the basket.
    """

    meal_family_minor: int | None = None
    sum_minor: int = 0


NOTHING_GRANTED = Granted()


def decide_funding(
    items: Sequence[Item], available_minor: int, grace_minor: int, granted: Granted = NOTHING_GRANTED
) -> Funding | None:
    """Return who pays for a basket, or None where its extras are not covered.

    What the school grants is spent first: the day's meal on the dearest main meal, then the sum. One main
    meal is always sold (promise 5): from the balance, then from the school's grace, and what is beyond that
    the school carries. Everything else, a second main meal included, needs money that is there.
    """
    total = total_minor(items)
    meal = max((item.price_minor for item in items if item.is_main_meal), default=0)
    free = 0 if granted.meal_family_minor is None else max(0, meal - granted.meal_family_minor)
    entitled = free + min(total - free, granted.sum_minor)
    left = total - entitled
    if left <= max(available_minor, 0):
        return Funding(left, entitled, 0, free)
    extras = left - max(0, meal - free - granted.sum_minor)
    if meal == 0 or extras > max(available_minor, 0):
        return None
    wallet = max(0, min(left, available_minor + grace_minor))
    return Funding(wallet, entitled, left - wallet, free)


class Payer(StrEnum):
    """Who pays for a part of a basket, in the order in which their money goes to the categories."""

    ENTITLEMENT = "entitlement"
    CARRIED = "carried"
    WALLET = "wallet"
    CASH = "cash"  # the whole of a sale in cash, of which nothing is divided


@dataclass(frozen=True)
class PaymentPart:
    """What one payer pays for what one category of the menu sold."""

    payer: Payer
    category: str
    amount_minor: int


def divide(items: Sequence[Item], funding: Funding) -> list[PaymentPart]:
    """Return who pays how much for what each category sold; the sums of both sides are the basket's.

    The school's money goes to the main meals' category first, then to the others in the basket's order; the
    wallet pays for what is left. Never more parts than payers and categories together, less one.
    """
    owed: dict[str, int] = {}
    for item in sorted(items, key=lambda one: not one.is_main_meal):
        owed[item.category] = owed.get(item.category, 0) + item.price_minor * item.quantity
    assert sum(owed.values()) == funding.total_minor, "what is paid is what is sold"
    purses = {
        Payer.ENTITLEMENT: funding.entitled_minor,
        Payer.CARRIED: funding.carried_minor,
        Payer.WALLET: funding.wallet_minor,
    }
    parts = []
    for payer, purse in purses.items():
        left = purse
        for category, due in owed.items():
            amount = min(left, due)
            if amount:
                parts.append(PaymentPart(payer, category, amount))
                owed[category] = due - amount
                left -= amount
    return parts


def is_repeat(same_sum_at: datetime | None, now: datetime) -> bool:
    """Say whether a person who paid the same sum at `same_sum_at` may be paying for the same thing again."""
    return same_sum_at is not None and 0 <= (now - same_sum_at).total_seconds() < ASKED_SECONDS


class FaceOffer(StrEnum):
    """What a face can do for a basket now: pay alone (1:N), after a card or PIN, confirm one, or nothing."""

    ALONE = "alone"
    AFTER_CLAIM = "after_claim"
    CONFIRM = "confirm"
    NONE = ""


@dataclass(frozen=True)
class FaceSituation:
    """What the offer follows from.

    is_taken: the terminal takes faces, and they work here. may_identify: the school searches among all (1:N)
    and the sum is small enough for a face alone. claim: the card or PIN that has named a person, if any.
    may_verify: that person has something to compare with.
    """

    is_taken: bool
    looks: int
    is_open: bool
    may_identify: bool
    claim: str
    may_verify: bool


def decide_face_offer(situation: FaceSituation) -> FaceOffer:
    """Return what a face can do for a basket in this situation."""
    if not situation.is_taken or situation.looks >= FACE_SESSIONS_A_BASKET:
        return FaceOffer.NONE
    if situation.is_open:
        return FaceOffer.ALONE if situation.may_identify else FaceOffer.AFTER_CLAIM
    can_confirm = situation.claim in ("card", "pin") and situation.may_verify
    return FaceOffer.CONFIRM if can_confirm else FaceOffer.NONE


class Expiry(StrEnum):
    """What is over by time: nothing, who is shown, or the whole basket."""

    NONE = ""
    SHOWN = "shown"
    BASKET = "basket"


def decide_expiry(touched_at: datetime, now: datetime, *, is_shown: bool) -> Expiry:
    """Return what is over of a live basket that was last touched at `touched_at`.

    One that seems to have been touched later than now has been left since the clock was put back; for how
    long nobody can say.
    """
    left_alone = now - touched_at
    if left_alone >= timedelta(minutes=BASKET_MINUTES_MAX) or left_alone < -STEP:
        return Expiry.BASKET
    if is_shown and abs(left_alone) >= timedelta(seconds=SHOWN_SECONDS_MAX):
        return Expiry.SHOWN
    return Expiry.NONE


def expires_in_seconds(touched_at: datetime, now: datetime, *, is_shown: bool) -> int:
    """Return after how many whole seconds a screen asks again, so that what is over by then is gone."""
    limit = timedelta(seconds=SHOWN_SECONDS_MAX) if is_shown else timedelta(minutes=BASKET_MINUTES_MAX)
    left = min(limit, max(timedelta(0), limit - (now - touched_at)))
    return int(left.total_seconds()) + 1


class MealNotice(StrEnum):
    """What a till says about several main meals in a sitting: nothing, a quiet line, or that it asks."""

    NONE = ""
    AGAIN = "again"
    ASK = "ask"


def decide_meal_notice(had: int, in_basket: int) -> MealNotice:
    """Return what a till says where a person who had `had` main meals in this sitting buys more.

    The second is a quiet line, from the third on the cashier presses first. None is refused (promise 5).
    """
    if in_basket == 0 or had + in_basket < REPEATED_MEALS_FROM:
        return MealNotice.NONE
    return MealNotice.AGAIN if had + in_basket == REPEATED_MEALS_FROM else MealNotice.ASK


def repeats_of(
    meals: Sequence[tuple[datetime, int]], sittings: Sequence[tuple[datetime, datetime]]
) -> list[tuple[int | None, int]]:
    """Return where a person had several main meals on a day: the place of the sitting, and how many.

    None is the day: with a meal outside all sittings all of the day's are counted, as a till counts them.
    """
    counts: dict[int | None, int] = {}
    for at, quantity in meals:
        place = next((place for place, (begin, end) in enumerate(sittings) if begin <= at < end), None)
        counts[place] = counts.get(place, 0) + quantity
    if None in counts:
        counts = {None: sum(counts.values())}
    return [(place, count) for place, count in counts.items() if count >= REPEATED_MEALS_FROM]
