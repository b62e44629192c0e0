"""How many main meals were served: free or for less, paid, to staff, to visitors. Not what was refunded."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from willing.people.models import Person, School
from willing.people.queries import day_bounds
from willing.till.models import BasketLine
from willing.till.paid_by import CashBuyer


@dataclass(frozen=True)
class MealsServed:
    """Main meals. granted: free or for less, one a sale at the most; paid: by pupils; others: theirs."""

    granted: int = 0
    paid: int = 0
    staff: int = 0
    visitors: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.granted + self.paid + self.staff + self.visitors


def meals_served(school: School, first: date, last: date) -> MealsServed:
    """Return the main meals of the days from `first` to `last`, both included."""
    rows = _meal_lines(school, first, last).order_by().values("basket__sale__school")
    found = rows.annotate(**_COUNTS).values_list(*_COUNTS)
    return next((_served(*row) for row in found), MealsServed())


def meals_by_day(school: School, first: date, last: date) -> dict[date, MealsServed]:
    """Return the same of each day on which there was any, in the school's own time."""
    day = TruncDate("basket__sale__settled_at", tzinfo=ZoneInfo(school.time_zone))
    rows = _meal_lines(school, first, last).order_by().annotate(day=day).values("day")
    found = rows.annotate(**_COUNTS).values_list("day", *_COUNTS)
    return {day: _served(*counts) for day, *counts in found}


def eaters_of(school: School, day: date) -> QuerySet[Person]:
    """Return who had a main meal on a day."""
    lines = _meal_lines(school, day, day).order_by()
    return Person.objects.filter(pk__in=lines.values("basket__sale__person"))


def _meal_lines(school: School, first: date, last: date) -> QuerySet[BasketLine]:
    begin, end = day_bounds(school, first)[0], day_bounds(school, last)[1]
    return BasketLine.objects.filter(
        product__is_main_meal=True,
        basket__sale__school=school,
        basket__sale__settled_at__gte=begin,
        basket__sale__settled_at__lt=end,
        refunded__lt=F("quantity"),
    )


_IS_STAFF = Q(basket__sale__person__kind=Person.Kind.STAFF) | Q(basket__sale__cash__buyer=CashBuyer.STAFF)
_IS_PUPIL = Q(basket__sale__person__kind=Person.Kind.PUPIL)
_IS_VISITOR = Q(basket__sale__cash__buyer=CashBuyer.VISITOR)
_IS_GRANTED = Q(basket__sale__entitled_minor__gt=F("basket__sale__refunded_entitled_minor"))
_LEFT = F("quantity") - F("refunded")
_COUNTS: dict[str, Any] = {
    "granted": Count("basket", distinct=True, filter=_IS_PUPIL & _IS_GRANTED),
    "pupils": Sum(_LEFT, filter=_IS_PUPIL, default=0),
    "staff": Sum(_LEFT, filter=_IS_STAFF, default=0),
    "visitors": Sum(_LEFT, filter=_IS_VISITOR, default=0),
}


def _served(granted: int, pupils: int, staff: int, visitors: int) -> MealsServed:
    return MealsServed(granted, pupils - granted, staff, visitors)
