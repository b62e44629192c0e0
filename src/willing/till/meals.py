"""How many main meals a person had in a sitting. A sitting is a day of the school; none is ever refused."""

from datetime import date

from django.db.models import QuerySet, Sum

from willing.people.models import Person, School
from willing.people.queries import day_bounds, today
from willing.till.models import BasketLine
from willing.till.rules import REPEATED_MEALS_FROM


def meals_today(person: Person) -> int:
    """Return how many main meals a person has bought today, without those that were refunded."""
    rows = _meals(person.school, today(person.school)).filter(basket__sale__person=person)
    return int(rows.aggregate(meals=Sum("quantity"))["meals"] or 0)


def repeated_meals(school: School, day: date) -> list[tuple[Person, int]]:
    """Return who had several main meals on a day, and how many, the most first."""
    counted = _meals(school, day).values_list("basket__sale__person").annotate(meals=Sum("quantity"))
    counts = dict(counted.filter(meals__gte=REPEATED_MEALS_FROM).order_by())
    persons = Person.objects.select_related("year_group").in_bulk(list(counts))
    return sorted(
        ((persons[person_id], meals) for person_id, meals in counts.items()),
        key=lambda found: (-found[1], found[0].till_number),
    )


def _meals(school: School, day: date) -> QuerySet[BasketLine]:
    begin, end = day_bounds(school, day)
    return BasketLine.objects.filter(
        product__is_main_meal=True,
        basket__sale__school=school,
        basket__sale__settled_at__gte=begin,
        basket__sale__settled_at__lt=end,
        basket__sale__refund=None,
    )
