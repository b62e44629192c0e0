"""The writer of counted days: each day that is over is added up once, and again where rows came late."""

from datetime import date, timedelta

from django.db import close_old_connections

from willing.books.models import CountedDay, DayMovement, DayTotal
from willing.books.tallies import movements_of_day, rows_of_day, tally_day
from willing.core.clock import now
from willing.core.transactions import atomic
from willing.ledger.models import Transfer
from willing.people.models import School
from willing.people.queries import find_school, local_day, today

# So long a clock that was put back may still add rows to a day.
LOOKED_AT_AGAIN_DAYS = 35


def count_due() -> int:
    """Count the days here that are over and not counted, or no longer right. Return how many."""
    school = find_school()
    counted = count_days(school) if school is not None else 0
    close_old_connections()
    return counted


def count_days(school: School) -> int:
    """Count the days of a school that are over and not counted, or no longer right. Return how many."""
    due = _days_due(school)
    for day in due:
        count_day(school, day)
    return len(due)


def count_day(school: School, day: date) -> CountedDay:
    """Add a day up and keep the sums in place of what was kept before.

    Added up before the transaction: on SQLite no till waits for it. A row that comes in between is found by
    its number the next time.
    """
    sales, refunds, transfers = rows_of_day(school, day)
    totals, movements = tally_day(school, day), movements_of_day(school, day)
    counted = CountedDay(
        school=school, day=day, sales=sales, refunds=refunds, transfers=transfers, counted_at=now()
    )
    rows = [
        DayTotal(
            counted=counted,
            by=by,
            key=key,
            payments=sums.payments,
            items=sums.items,
            gross_minor=sums.gross_minor,
            tax_minor=sums.tax_minor,
        )
        for (by, key), sums in totals.items()
    ]
    moved = [
        DayMovement(
            counted=counted,
            kind=kind,
            part=part,
            reason=reason,
            debits_minor=sums.debits_minor,
            credits_minor=sums.credits_minor,
        )
        for (kind, part, reason), sums in movements.items()
    ]
    return _keep(counted, rows, moved)


@atomic
def _keep(counted: CountedDay, rows: list[DayTotal], moved: list[DayMovement]) -> CountedDay:
    CountedDay.objects.filter(school=counted.school, day=counted.day).delete()
    counted.save(force_insert=True)
    DayTotal.objects.bulk_create(rows)
    DayMovement.objects.bulk_create(moved)
    return counted


@atomic
def forget_days(school: School, first: date) -> None:
    """Delete the sums of a day and of those after it, because what they are made by has changed."""
    CountedDay.objects.filter(school=school, day__gte=first).delete()


def _days_due(school: School) -> list[date]:
    first_at = Transfer.objects.order_by("at").values_list("at", flat=True).first()
    if first_at is None:
        return []
    held = {
        one.day: (one.sales, one.refunds, one.transfers)
        for one in CountedDay.objects.filter(school=school).order_by()
    }
    day, end, due = local_day(school, first_at), today(school), []
    looked_at_again = end - timedelta(days=LOOKED_AT_AGAIN_DAYS)
    while day < end:
        if day not in held or (day >= looked_at_again and rows_of_day(school, day) != held[day]):
            due.append(day)
        day += timedelta(days=1)
    return due
