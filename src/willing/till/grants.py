"""What is left today of what the school pays for a person: the day's meal, the day's sum and what was kept.

Worked out from the sales themselves, so that what is refunded counts again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import F

from willing.core.clock import now
from willing.entitlements.models import UnspentRules
from willing.entitlements.queries import periods_of, unspent_rules_of
from willing.entitlements.rules import (
    KEPT_FOR_DAYS_MAX,
    Period,
    SumOfDay,
    breakfast_left_minor,
    decide_breakfast,
    decide_grant,
    decide_kept,
    sum_left_minor,
)
from willing.leave.lunch import released_days
from willing.people.models import Person
from willing.people.queries import day_bounds, today
from willing.people.school_days import school_days_between
from willing.till.limit_rules import Spent
from willing.till.limits import spent_today
from willing.till.models import Sale
from willing.till.rules import NOTHING_GRANTED, Granted

# As far back as the day before a holiday, for what the last school day left.
LAST_SCHOOL_DAY_WITHIN_DAYS = 60


@dataclass(frozen=True)
class GrantShown:
    """What a family and the office read of today's grant, in minor units.

    kept_minor: of earlier days; kept_max_minor: the most that can be, None where nothing is kept.
    breakfast_until: until when what the last school day left can be spent, None where it can't.
    is_released: whether nothing is cooked for them today, as an absence was agreed; who comes eats.
    """

    left: Granted
    daily_minor: int
    kept_minor: int
    kept_max_minor: int | None = None
    breakfast_until: time | None = None
    is_released: bool = False


def granted_as_read(person: Person, periods: Sequence[Period], spent: Spent) -> Granted:
    """Return what is left now. periods: all of the person's. Asks nothing for those who have no sum today."""
    day = today(person.school)
    grant = decide_grant(periods, day)
    if grant == decide_grant((), day):
        return NOTHING_GRANTED
    meal = None if spent.free_meal_minor else grant.meal_family_minor
    if grant.sum_minor == 0:
        return Granted(meal)
    by_sum = spent.entitled_minor - spent.free_meal_minor
    rules = unspent_rules_of(person.school)
    of_today = SumOfDay(grant.sum_minor, by_sum)
    if rules.rule == UnspentRules.Rule.RETURN:
        return Granted(meal, sum_left_minor(of_today))
    past, early = _past(person, periods, day, rules)
    if rules.rule == UnspentRules.Rule.KEEP:
        return Granted(meal, sum_left_minor(of_today, decide_kept(past, rules.days_max)))
    of_today = SumOfDay(grant.sum_minor, by_sum, early)
    at = now().astimezone(ZoneInfo(person.school.time_zone)).time()
    is_breakfast = at < rules.breakfast_until
    return Granted(meal, breakfast_left_minor(of_today, decide_breakfast(past), is_breakfast=is_breakfast))


def grant_of(person: Person) -> GrantShown:
    """Return what is granted to a person today, and what is left of it, as its page shows it."""
    periods, day = periods_of(person), today(person.school)
    left = granted_as_read(person, periods, spent_today(person))
    daily = decide_grant(periods, day).sum_minor
    rules = unspent_rules_of(person.school)
    free = bool(released_days(person, day, day))
    if daily and rules.rule == UnspentRules.Rule.BREAKFAST:
        return GrantShown(left, daily, 0, breakfast_until=rules.breakfast_until, is_released=free)
    if not daily or rules.rule != UnspentRules.Rule.KEEP:
        return GrantShown(left, daily, 0, is_released=free)
    past, _early = _past(person, periods, day, rules)
    return GrantShown(
        left, daily, decide_kept(past, rules.days_max), rules.days_max * daily, is_released=free
    )


def _past(
    person: Person, periods: Sequence[Period], day: date, rules: UnspentRules
) -> tuple[list[SumOfDay], int]:
    """Return the days gone by, the oldest first; and what was spent of today's sum until breakfast's end."""
    days_back = KEPT_FOR_DAYS_MAX if rules.rule == UnspentRules.Rule.KEEP else LAST_SCHOOL_DAY_WITHIN_DAYS
    first = max(day - timedelta(days=days_back), min(one.first_day for one in periods))
    school_days = {one.day for one in school_days_between(person.school, first, day)}
    if not person.school.weekdays:  # no week was set: nobody is fed by the school at the weekend
        school_days = {one for one in school_days if one.isoweekday() <= 5}
    released = released_days(person, first, day - timedelta(days=1))
    spent, early = _spent_by_day(person, first, day, rules.breakfast_until)
    count = (day - first).days
    past = [first + timedelta(days=number) for number in range(count)]
    return [
        SumOfDay(
            decide_grant(periods, one).sum_minor, spent.get(one, 0), 0, one in school_days, one in released
        )
        for one in past
    ], early


def _spent_by_day(
    person: Person, first: date, last: date, breakfast_until: time
) -> tuple[dict[date, int], int]:
    zone = ZoneInfo(person.school.time_zone)
    begin, end = day_bounds(person.school, first)[0], day_bounds(person.school, last)[1]
    rows = Sale.objects.filter(
        person=person, settled_at__gte=begin, settled_at__lt=end, entitled_minor__gt=0
    ).values_list("settled_at", F("entitled_minor") - F("refunded_entitled_minor"), "free_meal_minor")
    spent: dict[date, int] = {}
    early = 0
    at: datetime
    for at, entitled, free in rows.order_by():
        here = at.astimezone(zone)
        spent[here.date()] = spent.get(here.date(), 0) + entitled - free
        if here.date() == last and here.time() < breakfast_until:
            early += entitled - free
    return spent, early
