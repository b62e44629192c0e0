"""What each day served is counted once a day, and the forecast reads what was counted."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from tests.support.books import build_books
from tests.support.clocks import stopped_at
from tests.support.till import pay

from willing.core.clock import now
from willing.meals.counting import count_served, count_served_here
from willing.meals.forecast import forecast
from willing.meals.models import ServedDay
from willing.people.models import Person
from willing.people.queries import local_day, today
from willing.till.models import BasketLine, Sale
from willing.till.refunds import RefundedBy, refund_sale
from willing.till.served import MealsServed, meals_by_day

WEEKS = 8


@pytest.fixture
def sold(cast: Any) -> Any:
    """Let a year's meals have been sold to pupils and staff, some of each line refunded."""
    draw = Random(3)
    build_books(2500, until=now() - timedelta(days=1), school=cast.school, persons=10)
    staff = list(Person.objects.filter(family_name="Books")[:3])
    Person.objects.filter(pk__in=[one.pk for one in staff]).update(kind=Person.Kind.STAFF)
    Person.objects.update(joined_at=now() - timedelta(days=400))
    lines = list(BasketLine.objects.order_by("id"))
    for line in lines:
        line.quantity = draw.randrange(1, 4)
        line.refunded = draw.randrange(line.quantity + 1)
    BasketLine.objects.bulk_update(lines, ["quantity", "refunded"], batch_size=400)
    return cast


def served(cast: Any) -> dict[Any, MealsServed]:
    """Return what each of the last days served, line by line in Python."""
    school = cast.school
    first, last = today(school) - timedelta(weeks=WEEKS), today(school)
    found: dict[Any, MealsServed] = {}
    for sale in Sale.objects.select_related("person", "basket").prefetch_related("basket__lines"):
        day, left = local_day(school, sale.settled_at), sum(one.left for one in sale.basket.lines.all())
        assert sale.person is not None
        if left and first <= day < last:
            is_staff = sale.person.kind == Person.Kind.STAFF
            old = found.get(day, MealsServed())
            found[day] = MealsServed(
                0, old.paid + left * (not is_staff), old.staff + left * is_staff, old.visitors
            )
    return found


def counted(cast: Any) -> dict[Any, MealsServed]:
    rows = ServedDay.objects.filter(school=cast.school)
    return {one.day: MealsServed(one.granted, one.paid, one.staff, one.visitors) for one in rows}


def test_each_day_is_counted_as_its_sales_say(sold: Any) -> None:
    before = forecast(sold.school)
    assert count_served(sold.school) == WEEKS * 7
    assert {day: one for day, one in counted(sold).items() if one.total} == served(sold)
    first, last = today(sold.school) - timedelta(weeks=WEEKS), today(sold.school) - timedelta(days=1)
    assert served(sold) == meals_by_day(sold.school, first, last)
    assert forecast(sold.school) == before
    assert any(one.expected for one in before)


def test_a_day_is_counted_again_the_next_day_with_what_was_refunded_meanwhile(cast: Any) -> None:
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    with stopped_at(noon):
        sale = pay(cast, "Carl")
    with stopped_at(noon + timedelta(days=1)):
        assert count_served_here() == WEEKS * 7
        assert counted(cast)[noon.date()].total == 1
        refund_sale(sale.id, key=uuid4(), by=RefundedBy(user=cast.user("office")))
        assert count_served(cast.school) == 0
        assert counted(cast)[noon.date()].total == 1
    with stopped_at(noon + timedelta(days=2)):
        assert count_served(cast.school) == WEEKS * 7
        assert counted(cast)[noon.date()].total == 0


def test_a_day_that_is_not_counted_yet_is_read_from_its_sales(sold: Any) -> None:
    whole = forecast(sold.school)
    count_served(sold.school)
    ServedDay.objects.filter(day__gte=today(sold.school) - timedelta(days=9)).delete()
    assert forecast(sold.school) == whole
