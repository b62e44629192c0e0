"""Decisions about free and reduced meals. Pure: values in, decision out. Sums are in minor units."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, time

UNSPENT_DAYS, UNSPENT_DAYS_MAX = 5, 60
BREAKFAST_UNTIL = time(9)
# What was kept for longer than a year is gone: nobody has to count further back.
KEPT_FOR_DAYS_MAX = 366
# So long before its check or its last day an entitlement is on the office's list.
DUE_WITHIN_DAYS = 30


@dataclass(frozen=True)
class Period:
    """An entitlement, as far as a sale is concerned. Both days count; last_day None: it goes on.

    family_minor: what the family pays of the day's meal, None where it is a sum. daily_minor: 0 for a meal.
    """

    first_day: date
    last_day: date | None
    family_minor: int | None
    daily_minor: int = 0

    def covers(self, day: date) -> bool:
        """Say whether it holds on a day."""
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


@dataclass(frozen=True)
class Grant:
    """What the school pays on a day.

    meal_family_minor: what is left to the family of the day's main meal, None where no meal is granted.
    sum_minor: for whatever the menu has.
    """

    meal_family_minor: int | None = None
    sum_minor: int = 0


NOTHING = Grant()


def decide_grant(periods: Collection[Period], day: date) -> Grant:
    """Return what several entitlements give together on a day: the best of the meals, and all the sums."""
    held = [one for one in periods if one.covers(day)]
    shares = [one.family_minor for one in held if one.family_minor is not None]
    return Grant(min(shares, default=None), sum(one.daily_minor for one in held))


def overlaps(first_day: date, last_day: date | None, others: Collection[tuple[date, date | None]]) -> bool:
    """Say whether a time shares a day with one of the others. None: no last day."""
    return any(
        (last_day is None or begin <= last_day) and (end is None or first_day <= end) for begin, end in others
    )


@dataclass(frozen=True)
class SumOfDay:
    """A day's sum, and what it paid. spent_early_minor: of that, before breakfast was over.

    is_released: whether an absence was agreed for the day's lunch, so that nothing of the sum is kept.
    """

    granted_minor: int
    spent_minor: int
    spent_early_minor: int = 0
    is_school_day: bool = True
    is_released: bool = False


def decide_kept(past: Sequence[SumOfDay], days_max: int) -> int:
    """Return what is kept of the sums of days gone by, the oldest first.

    A day without school adds nothing, and neither does one that was released; what is spent beyond a day's
    sum comes off what was kept. Never more than `days_max` times the sum of the day, so nothing at all after
    a day without a sum.
    """
    kept = 0
    for day in past:
        left = day.granted_minor - day.spent_minor
        if left > 0 and (day.is_released or not day.is_school_day):
            left = 0
        kept = min(max(0, kept + left), days_max * day.granted_minor)
    return kept


def decide_breakfast(past: Sequence[SumOfDay]) -> int:
    """Return what the last school day left, of days gone by with the oldest first; nothing if released."""
    last = next((one for one in reversed(past) if one.is_school_day), None)
    return 0 if last is None or last.is_released else max(0, last.granted_minor - last.spent_minor)


def sum_left_minor(today: SumOfDay, kept_minor: int = 0) -> int:
    """Return what can be spent now of the day's sum and of what was kept."""
    return max(0, today.granted_minor + kept_minor - today.spent_minor)


def breakfast_left_minor(today: SumOfDay, left_over_minor: int, *, is_breakfast: bool) -> int:
    """Return the same where what the last school day left is for breakfast only, which spends it first."""
    from_before = min(left_over_minor, today.spent_early_minor)
    usable = left_over_minor if is_breakfast else from_before
    return max(0, today.granted_minor + usable - today.spent_minor)


def is_due(check_on: date | None, last_day: date | None, today: date) -> bool:
    """Say whether the office should look at an entitlement now: its check or its last day is near.

    One that is over is not due: it holds nothing any more.
    """
    if last_day is not None and last_day < today:
        return False
    return any(one is not None and (one - today).days <= DUE_WITHIN_DAYS for one in (check_on, last_day))
