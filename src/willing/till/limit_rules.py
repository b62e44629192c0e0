"""What a person may spend: in one purchase, a day, a week, by a face alone. Pure: values in, decision out.

A guardian limits, and so does the school; of all that are set the strictest counts. One main meal alone is
within every limit of what is spent (promise 5).
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from willing.till.rules import Item, total_minor


class Limit(StrEnum):
    """Which limit a basket would pass: none, what a face alone may pay, or what a person may spend."""

    NONE = ""
    FACE = "face"
    PURCHASE = "purchase"
    DAY = "day"
    WEEK = "week"


@dataclass(frozen=True)
class NewLimits:
    """What one of those who may limit a person lets them spend, in minor units. None: nothing of its own.

    daily_minor, purchase_minor, weekly_minor: by all ways together. face_daily_minor: in a day by the face
    alone, never more than the school's.
    """

    daily_minor: int | None = None
    face_daily_minor: int | None = None
    purchase_minor: int | None = None
    weekly_minor: int | None = None

    @property
    def is_consistent(self) -> bool:
        """Whether a face alone may pay no more than all ways together, in a day and in a week."""
        return all(is_within(self.face_daily_minor, one) for one in (self.daily_minor, self.weekly_minor))


@dataclass(frozen=True)
class Owners:
    """Whose limit counts: a guardian's id, or None for the school's."""

    daily: UUID | None = None
    face_daily: UUID | None = None
    purchase: UUID | None = None
    weekly: UUID | None = None


@dataclass(frozen=True)
class PersonLimits:
    """What a person may spend, in minor units, and whose limit each is. None where nothing limits it."""

    daily_minor: int | None
    face_daily_minor: int
    purchase_minor: int | None = None
    weekly_minor: int | None = None
    owners: Owners = Owners()


def is_within(face_minor: int | None, all_ways_minor: int | None) -> bool:
    """Say whether a face alone may pay no more than all ways together. None: nothing of its own is set."""
    return face_minor is None or all_ways_minor is None or face_minor <= all_ways_minor


def decide_limits(school: NewLimits, own: Sequence[tuple[UUID | None, NewLimits]] = ()) -> PersonLimits:
    """Return what holds for a person: of the school's and of each one's own, the strictest.

    own: with the guardian who set it, None where the office did. Where two are the same it is the school's,
    then the one that comes first. A face alone never pays more than all ways together may in a day or a week.
    """
    sets = [(None, school), *own]
    daily, face, purchase, weekly = (_strictest(sets, place) for place in range(4))
    assert face is not None, "the school has a limit for a face alone"
    face = min([face, *(one for one in (daily, weekly) if one)], key=lambda one: one.minor)
    return PersonLimits(
        daily.minor if daily else None,
        face.minor,
        purchase.minor if purchase else None,
        weekly.minor if weekly else None,
        Owners(*(one.owner if one else None for one in (daily, face, purchase, weekly))),
    )


@dataclass(frozen=True)
class _Set:
    minor: int
    owner: UUID | None


def _strictest(sets: Sequence[tuple[UUID | None, NewLimits]], place: int) -> _Set | None:
    found = [_Set(sum_, owner) for owner, one in sets if (sum_ := astuple(one)[place]) is not None]
    return min(found, key=lambda one: one.minor, default=None)


def stricter(one: NewLimits, other: NewLimits) -> NewLimits:
    """Return the stricter of each limit of two that become one, and a face alone within all ways together."""
    pairs = zip(astuple(one), astuple(other), strict=True)
    daily, face, purchase, weekly = (
        min((sum_ for sum_ in pair if sum_ is not None), default=None) for pair in pairs
    )
    if face is not None:
        face = min(sum_ for sum_ in (face, daily, weekly) if sum_ is not None)
    return NewLimits(daily, face, purchase, weekly)


@dataclass(frozen=True)
class Spent:
    """What a person spent today, in minor units, without what was refunded.

    wallet_minor: from the wallet; what the school pays is not theirs to limit. by_face_alone_minor: bought by
    the face alone, no matter who paid for it. entitled_minor: what the school granted; free_meal_minor: of
    that, for a free or reduced meal. week_wallet_minor: from the wallet since the week began, with today.
    """

    wallet_minor: int = 0
    by_face_alone_minor: int = 0
    entitled_minor: int = 0
    free_meal_minor: int = 0
    week_wallet_minor: int = 0


@dataclass(frozen=True)
class LeftToSpend:
    """What is left of each limit, in minor units; None where nothing limits it. Never below 0."""

    daily_minor: int | None
    weekly_minor: int | None
    face_daily_minor: int


def left_to_spend(limits: PersonLimits, spent: Spent) -> LeftToSpend:
    """Return the highest sum that `decide_limit` still lets pass each limit of a day and a week."""
    return LeftToSpend(
        _left(limits.daily_minor, spent.wallet_minor),
        _left(limits.weekly_minor, spent.week_wallet_minor),
        max(0, limits.face_daily_minor - spent.by_face_alone_minor),
    )


def _left(most: int | None, before: int) -> int | None:
    return None if most is None else max(0, most - before)


def is_small_sum(total_minor: int, face_daily_minor: int, by_face_alone_minor: int = 0) -> bool:
    """Say whether a face alone may pay a sum, after what it has paid today."""
    return by_face_alone_minor + total_minor <= face_daily_minor


def decide_limit(
    items: Sequence[Item], wallet_minor: int, spent: Spent, limits: PersonLimits, *, by_face_alone: bool
) -> Limit:
    """Return which limit a basket would pass, of which the wallet pays `wallet_minor`.

    One main meal alone is within all of them, whatever was spent (promise 5), and so is what the wallet does
    not pay; a face alone pays no more for it.
    """
    total = total_minor(items)
    if by_face_alone and not is_small_sum(total, limits.face_daily_minor, spent.by_face_alone_minor):
        return Limit.FACE
    meal = max((item.price_minor for item in items if item.is_main_meal), default=0)
    if total == meal or wallet_minor == 0:
        return Limit.NONE
    asked = (
        (Limit.PURCHASE, 0, limits.purchase_minor),
        (Limit.DAY, spent.wallet_minor, limits.daily_minor),
        (Limit.WEEK, spent.week_wallet_minor, limits.weekly_minor),
    )
    for limit, before, most in asked:
        if most is not None and before + wallet_minor > most:
            return limit
    return Limit.NONE


def week_begin(day: date, weekdays: str) -> date:
    """Return the first day of the week of a day: the first school day after the longest break, else Monday.

    weekdays: those with school as ISO digits (people.models.School.weekdays).
    """
    school = sorted(int(one) for one in weekdays)
    before = [*school[-1:], *school[:-1]]
    breaks = [((one - last - 1) % 7, -one) for last, one in zip(before, school, strict=True)]
    first = -max(breaks, default=(0, -1))[1]
    return day - timedelta(days=(day.isoweekday() - first) % 7)
