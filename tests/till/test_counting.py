"""Payments are counted once, by their receipts, and reports read what was counted and what is new."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from tests.support.clocks import stopped_at
from tests.support.till import pay
from tests.till.test_waits import expected, sold_at_random

from willing.people.models import Person, YearGroup
from willing.people.queries import local_day, today
from willing.terminals.models import Way
from willing.till import counting
from willing.till.counting import count_sold, count_sold_here
from willing.till.models import Sale
from willing.till.refunds import RefundedBy, refund_sale
from willing.till.reports import payments_by_class, waits_by_way
from willing.till.sold_models import SalesCounted, SoldDay
from willing.till.sold_rules import count_by_day

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
WINDOW = (NOON.date() - timedelta(days=30), NOON.date() + timedelta(days=30))


def in_classes(cast: Any) -> None:
    """Put those who buy into three classes, and some into none."""
    draw = Random(5)
    school = cast.school
    classes = [*YearGroup.objects.filter(school=school), None]
    classes += [YearGroup.objects.create(school=school, name=name) for name in ("8B", "9C")]
    for person in Person.objects.filter(school=school):
        Person.objects.filter(pk=person.pk).update(year_group=draw.choice(classes))


def by_class(cast: Any, first: date, after: date) -> dict[str, dict[str, int]]:
    """Return the payments of each class by way, one sale after the other in Python."""
    found: dict[str, Counter[str]] = {}
    school = cast.school
    for sale in Sale.objects.select_related("person__year_group"):
        if first <= local_day(school, sale.settled_at) < after and sale.person is not None:
            group = sale.person.year_group
            found.setdefault(group.name if group else "", Counter())[sale.way] += 1
    return {name: dict(ways) for name, ways in found.items()}


def test_reports_are_those_of_every_sale_however_many_are_counted_yet(
    cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "SALES_MAX", 1500)
    school = cast.school
    sales, last = sold_at_random(cast), today(school)
    in_classes(cast)
    first, counted = last - timedelta(days=60), 0
    shown = [one for one in sales if first <= local_day(school, one.settled_at) < last]
    waits, classes = [expected(way, shown) for way in Way.values], by_class(cast, first, last)
    for so_far in (0, 1500, len(sales)):
        while counted < so_far:
            counted += counting._count_some(cast.school)
        assert counted == so_far
        assert waits_by_way(cast.school, first, last) == waits
        assert payments_by_class(cast.school, first, last) == classes
    assert count_sold(cast.school) == 0


def test_a_payment_is_counted_once_with_or_without_its_refund(cast: Any) -> None:
    with stopped_at(NOON):
        sale = pay(cast, "Carl")
        assert (count_sold_here(), count_sold(cast.school)) == (1, 0)
        refund_sale(sale.id, key=uuid4(), by=RefundedBy(user=cast.user("office")))
        assert count_sold(cast.school) == 0
        assert payments_by_class(cast.school, *WINDOW) == {"7A": {"card": 1}}


def test_a_payment_stays_with_the_class_in_which_it_was_made(cast: Any) -> None:
    with stopped_at(NOON):
        pay(cast, "Carl")
        count_sold(cast.school)
        other = YearGroup.objects.create(school=cast.school, name="8B")
        Person.objects.filter(given_name="Carl").update(year_group=other)
        pay(cast, "Carl")
        assert payments_by_class(cast.school, *WINDOW) == {"7A": {"card": 1}, "8B": {"card": 1}}
        other.delete()
        assert payments_by_class(cast.school, *WINDOW) == {"": {"card": 1}, "7A": {"card": 1}}


def test_a_payment_that_bears_an_earlier_day_is_counted_on_that_day(cast: Any) -> None:
    with stopped_at(NOON):
        pay(cast, "Carl")
        count_sold(cast.school)
    sale = pay_under_another_date(cast, NOON - timedelta(days=1))
    assert payments_by_class(cast.school, *WINDOW) == {"7A": {"card": 2}}
    assert count_sold(cast.school) == 1
    day = local_day(cast.school, sale.settled_at)
    assert payments_by_class(cast.school, day, day + timedelta(days=1)) == {"7A": {"card": 1}}


def pay_under_another_date(cast: Any, at: datetime) -> Sale:
    """Pay now, and let the sale bear another moment, as under a clock that was put back."""
    sale = pay(cast, "Carl")
    Sale.objects.filter(pk=sale.pk).update(settled_at=at)
    sale.refresh_from_db()
    return sale


def test_what_another_process_counted_meanwhile_is_not_counted_twice(
    cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stopped_at(NOON):
        pay(cast, "Carl")

        def overtaken(payments: Any) -> Any:
            days = count_by_day(payments)
            monkeypatch.setattr(counting, "count_by_day", count_by_day)
            assert count_sold(cast.school) == 1
            return days

        monkeypatch.setattr(counting, "count_by_day", overtaken)
        assert count_sold(cast.school) == 0
        assert payments_by_class(cast.school, *WINDOW) == {"7A": {"card": 1}}
    assert SoldDay.objects.count() == SalesCounted.objects.count() == 1
