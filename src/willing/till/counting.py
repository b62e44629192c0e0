"""The writer of sold days: payments are counted once, in the order of their receipts, and then only read.

A payment belongs to the day on which it was settled and to the class in which the person was when it was
counted: within the hour, so that is the class at the sale, and who changes class later takes nothing along.
A refund or a void takes no payment back: it was made, and somebody waited for it.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from zoneinfo import ZoneInfo

from django.db import close_old_connections
from django.db.models import FilteredRelation, Q

from willing.core.transactions import atomic, lock
from willing.people.models import School
from willing.people.queries import find_school
from willing.till.models import Sale
from willing.till.paid_by import PaidBy
from willing.till.sold_models import SalesCounted, SoldDay
from willing.till.sold_rules import CountedPayment, PaymentCounts, count_by_day

# Counted in one go; the first time of a large school has many of them.
SALES_MAX = 10_000


def count_sold_here() -> int:
    """Count the new payments of this installation's school, where there is one yet. Return how many."""
    school = find_school()
    counted = count_sold(school) if school is not None else 0
    close_old_connections()
    return counted


def count_sold(school: School) -> int:
    """Count the payments that are not counted yet. Return how many receipts that were.

    By the numbers of receipts, which are given out in the order in which sales commit: a sale that bears an
    earlier day, because the clock was put back, is counted like any other.
    """
    counted = 0
    while (found := _count_some(school)) > 0:
        counted += found
    return counted


def _count_some(school: School) -> int:
    """Count the next SALES_MAX. Read before the transaction: on SQLite no till waits for it."""
    known = SalesCounted.objects.filter(school=school).values_list("last_receipt", flat=True).first() or 0
    numbers = Sale.objects.filter(school=school, receipt_number__gt=known).order_by("receipt_number")
    new = list(numbers.values_list("receipt_number", flat=True)[:SALES_MAX])
    if not new:
        return 0
    days = count_by_day(_payments(school, known, new[-1]))
    return len(new) if _keep(school, known, new[-1], days) else 0


@atomic
def _keep(school: School, known: int, last: int, days: Mapping[date, PaymentCounts]) -> bool:
    """Add to the days what was counted, unless another process has added it meanwhile. Return whether."""
    SalesCounted.objects.get_or_create(school=school)
    counted = lock(SalesCounted.objects).get(school=school)
    if counted.last_receipt != known:
        return False
    kept = {one.day: one for one in counted.days.filter(day__in=days)}
    for day, counts in days.items():
        row = kept.get(day) or SoldDay(counted=counted, day=day)
        total = counts.with_kept(row.waits, row.classes)
        row.waits, row.classes = total.waits, total.classes
        row.save()
    counted.last_receipt = last
    counted.save(update_fields=["last_receipt"])
    return True


def counts_between(school: School, first: date, after: date, part: str) -> PaymentCounts:
    """Return what is counted of the days from `first` until before `after`, and what is not counted yet.

    part: "waits" or "classes"; the other stays empty of what is kept. How far it is counted comes with the
    days in one statement, so that no payment is missed or counted twice while others count.
    """
    shown = FilteredRelation("days", condition=Q(days__day__gte=first, days__day__lt=after))
    rows = SalesCounted.objects.filter(school=school).annotate(shown=shown)
    found = list(rows.values_list("last_receipt", f"shown__{part}"))
    counts = PaymentCounts()
    for _last, kept in found:
        if part == "waits":
            counts.add_waits(kept or {})
        else:
            counts.add_classes(kept or {})
    for payment in _payments(school, found[0][0] if found else 0):
        if first <= payment.day < after:
            counts.add(payment)
    return counts


def _payments(school: School, after: int, last: int | None = None) -> Iterator[CountedPayment]:
    """Yield the payments after one receipt, until a last one if there is one."""
    sales = Sale.objects.filter(school=school, receipt_number__gt=after).exclude(way=PaidBy.CASH)
    if last is not None:
        sales = sales.filter(receipt_number__lte=last)
    zone = ZoneInfo(school.time_zone)
    rows = sales.order_by().values_list("settled_at", "way", "person__year_group__name", "waited_seconds")
    for at, way, class_name, waited in rows.iterator():
        yield CountedPayment(at.astimezone(zone).date(), way, class_name or "", waited)
