"""Decisions of the menu. Pure: values in, decision out."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

NAME_CHARS_MAX = 80
BARCODE_CHARS_MAX = 48
TAX_CODE_CHARS_MAX = 12
MENU_WEEKS_MAX = 9
LUNCHES_A_SMALL_SUM = 5  # people.places.small_sum_minor


@dataclass(frozen=True)
class SoldWhen:
    """When a product is sold. Empty or None: no limit of that kind.

    weekdays: ISO digits, Monday is 1. menu_weeks: digits of the weeks of the school's cycle.
    """

    weekdays: str = ""
    menu_weeks: str = ""
    first_day: date | None = None
    last_day: date | None = None


class Availability(StrEnum):
    """Whether a product is sold now: yes, not on this day, sold out, or no longer at all."""

    SOLD = "sold"
    NOT_TODAY = "not_today"
    SOLD_OUT = "sold_out"
    HIDDEN = "hidden"


def menu_week(day: date, first_monday: date, weeks: int) -> int:
    """Return which week of a cycle of `weeks` weeks a day is in, counted from 1, before its start too."""
    return (day - first_monday).days // 7 % weeks + 1


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def is_sold_on(when: SoldWhen, day: date, week: int | None, weekday: int | None = None) -> bool:
    """Say whether a product is sold on a day. week: of the school's cycle; None where it has none.

    weekday: whose menu the day has, ISO, where it is not its own. A school that gave its cycle up sells every
    week what belonged to some of them.
    """
    if when.weekdays and str(weekday or day.isoweekday()) not in when.weekdays:
        return False
    if when.menu_weeks and week is not None and str(week) not in when.menu_weeks:
        return False
    return (when.first_day is None or when.first_day <= day) and (
        when.last_day is None or day <= when.last_day
    )


def decide_availability(
    *, is_on_sale: bool, is_sold_today: bool, sold_out_on: date | None, day: date
) -> Availability:
    """Return whether a product may go into a basket on a day. A later day forgets that it was sold out."""
    if not is_on_sale:
        return Availability.HIDDEN
    if not is_sold_today:
        return Availability.NOT_TODAY
    return Availability.SOLD_OUT if sold_out_on == day else Availability.SOLD


@dataclass(frozen=True)
class Priced:
    """A price that holds for some: for a kind of person, or for the class with this id."""

    price_minor: int
    kind: str = ""
    year_group_id: int | None = None


def decide_price(listed_minor: int, special: Collection[Priced], kind: str, year_group_id: int | None) -> int:
    """Return what a product costs someone: their class's price, else their kind's, else the listed one."""
    for one in special:
        if one.year_group_id is not None and one.year_group_id == year_group_id:
            return one.price_minor
    of_kind = (one.price_minor for one in special if one.year_group_id is None and one.kind == kind)
    return next(of_kind, listed_minor)


def round_price(minor: Decimal) -> int:
    """Return a price in minor units with two digits that are not 0, as people set prices: 1437 is 1400."""
    if minor <= 0:
        return 0
    step = Decimal(10) ** max(0, minor.adjusted() - 1)
    return int((minor / step).to_integral_value() * step)
