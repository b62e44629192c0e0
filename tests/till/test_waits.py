"""The waits that the database counts are those of a list of every payment."""

from datetime import timedelta
from random import Random
from statistics import median, quantiles
from typing import Any

from django.db import connection
from tests.support.books import build_books

from willing.core.clock import now
from willing.people.queries import local_day, today
from willing.terminals.models import Way
from willing.till.models import Sale
from willing.till.paid_by import PaidBy
from willing.till.reports import WAITS_AT_LEAST, Wait, day_summary, waits_by_way

TRANSFERS, DAYS = 6000, 60


def sold_at_random(cast: Any, seed: int = 7) -> list[Sale]:
    """Return a year's sales, paid by ways and after waits that are drawn; of some nobody knows the wait."""
    draw = Random(seed)
    build_books(TRANSFERS, until=now() - timedelta(days=1), school=cast.school, persons=10)
    sales = list(Sale.objects.order_by("receipt_number"))
    for sale in sales:
        sale.way = draw.choices(["card", "pin", "face"], [60, 39, 1])[0]
        sale.waited_seconds = draw.choice([None, *range(4, 40), draw.randrange(600)])
    # A statement a sale: Django's own for many at once takes ten times as long.
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE till_sale SET way = %s, waited_seconds = %s WHERE receipt_number = %s",
            [(one.way, one.waited_seconds, one.receipt_number) for one in sales],
        )
    return sales


def expected(way: str, sales: list[Sale]) -> Wait:
    waits = [one.waited_seconds for one in sales if one.way == way and one.waited_seconds is not None]
    if len(waits) < WAITS_AT_LEAST:
        return Wait(way, len(waits), None, None)
    ninth = quantiles(waits, n=10, method="inclusive")[8]
    return Wait(way, len(waits), round(median(waits)), round(ninth))


def test_the_database_counts_the_waits_of_a_list_of_every_payment(cast: Any) -> None:
    school = cast.school
    sales, last = sold_at_random(cast), today(school)
    first = last - timedelta(days=DAYS)
    shown = [one for one in sales if first <= local_day(school, one.settled_at) < last]
    assert 0 < len(shown) < len(sales)
    assert waits_by_way(school, first, last) == [expected(way, shown) for way in Way.values]


def test_a_day_counts_its_payments_waits_and_sums(cast: Any) -> None:
    sales, school = sold_at_random(cast), cast.school
    day = local_day(school, sales[-1].settled_at)
    Sale.objects.filter(receipt_number__lte=300).update(settled_at=sales[-1].settled_at)
    shown = [one for one in Sale.objects.all() if local_day(school, one.settled_at) == day]
    summary = day_summary(school, day)
    assert [way.way for way in summary.ways if way.wait_seconds is not None] == ["card", "pin"]
    assert {way.way: (way.sales, way.total_minor) for way in summary.ways} == {
        way: (
            sum(one.way == way for one in shown),
            sum(one.total_minor for one in shown if one.way == way),
        )
        for way in PaidBy.values
        if way != PaidBy.CASH
    }
    assert {way.way: way.wait_seconds for way in summary.ways} == {
        way.way: expected(way.way, shown).median_s for way in summary.ways
    }
