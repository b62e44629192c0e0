"""Reads of what was sold and moved in any time: counted days from their sums, the others from their rows."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from django.db.models import Min, Sum

from willing.books.models import CountedDay, DayMovement, DayTotal
from willing.books.tallies import By, Movements, PostedSums, Tally, Totals, movements_of_day, tally_day
from willing.ledger.models import Transfer
from willing.people.models import School
from willing.people.queries import local_day, today

_SUMS = {name: Sum(name) for name in Totals._fields}


def tally_days(school: School, first: date, last: date) -> Tally:
    """Add up what was sold and refunded from a day to another, both among them."""
    rows = DayTotal.objects.filter(counted__school=school, counted__day__gte=first, counted__day__lte=last)
    found = {
        (By(by), key): Totals(*sums)
        for by, key, *sums in rows.order_by().values_list("by", "key").annotate(**_SUMS)
    }
    for day in days_not_counted(school, first, last):
        for key, totals in tally_day(school, day).items():
            found[key] = found.get(key, Totals()).plus(totals)
    return found


def of(tally: Tally, by: By) -> Mapping[str, Totals]:
    """Return the totals of one kind, by their keys."""
    return {key: totals for (one, key), totals in tally.items() if one == by}


def sums_by_day(school: School, first: date, last: date) -> Mapping[date, int]:
    """Return what was sold on each day on which something was, in minor units."""
    rows = DayTotal.objects.filter(
        counted__school=school, counted__day__gte=first, counted__day__lte=last, by=By.WAY
    )
    found: dict[date, int] = dict(
        rows.order_by("counted__day").values_list("counted__day").annotate(total=Sum("gross_minor"))
    )
    for day in days_not_counted(school, first, last):
        sold = sum(one.gross_minor for one in of(tally_day(school, day), By.WAY).values())
        if sold:
            found[day] = sold
    return dict(sorted(found.items()))


def movements(school: School, first: date | None, last: date) -> Movements:
    """Add up what was posted from a day (None: the first) to another, both among them."""
    found: dict[tuple[str, str, str], PostedSums] = defaultdict(PostedSums)
    for _day, key, moved in movements_by_day(school, first, last):
        held = found[key]
        found[key] = PostedSums(
            held.debits_minor + moved.debits_minor, held.credits_minor + moved.credits_minor
        )
    return dict(found)


def balances_until(school: School, last: date) -> dict[tuple[str, str], int]:
    """Return what each account held at the end of a day, by kind and part, counted from the debit side.

    Without those that held nothing.
    """
    found: dict[tuple[str, str], int] = defaultdict(int)
    rows = DayMovement.objects.filter(counted__school=school, counted__day__lte=last).order_by()
    net = Sum("debits_minor") - Sum("credits_minor")
    for kind, part, total in rows.values_list("kind", "part").annotate(total=net):
        found[kind, part] += total
    begun = _first_day(school)
    for day in days_not_counted(school, begun, last) if begun else ():
        for (kind, part, _reason), moved in movements_of_day(school, day).items():
            found[kind, part] += moved.debits_minor - moved.credits_minor
    return {name: minor for name, minor in found.items() if minor}


def movements_by_day(
    school: School, first: date | None, last: date
) -> Iterator[tuple[date, tuple[str, str, str], PostedSums]]:
    """Yield what each day posted, by kind, part and reason."""
    begin = first or _first_day(school) or last
    rows = DayMovement.objects.filter(
        counted__school=school, counted__day__gte=begin, counted__day__lte=last
    ).order_by("counted__day", "reason", "kind", "part")
    columns = ("counted__day", "kind", "part", "reason", "debits_minor", "credits_minor")
    for day, kind, part, reason, debits, credits_ in rows.values_list(*columns):
        yield day, (kind, part, reason), PostedSums(debits, credits_)
    for day in days_not_counted(school, begin, last):
        moved = movements_of_day(school, day)
        for kind, part, reason in sorted(moved, key=lambda key: (key[2], key[0], key[1])):
            yield day, (kind, part, reason), moved[kind, part, reason]


def days_not_counted(school: School, first: date, last: date) -> list[date]:
    """Return the days within a time that have begun, since money first moved, and are not counted yet."""
    begun = _first_day(school)
    if begun is None:
        return []
    day, last = max(first, begun), min(last, today(school))
    counted = CountedDay.objects.filter(school=school, day__gte=day, day__lte=last)
    held = set(counted.values_list("day", flat=True))
    days = (day + timedelta(days=place) for place in range((last - day).days + 1))
    return [one for one in days if one not in held]


def _first_day(school: School) -> date | None:
    at = Transfer.objects.aggregate(first=Min("at"))["first"]
    return local_day(school, at) if at else None
