"""How many main meals a person had in a sitting; none is ever refused.

A sitting is one of the calendar's, where the moment falls into one, else the school's day.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import F, QuerySet, Sum

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.prepared import Parameter, prepared
from willing.core.transactions import atomic
from willing.people.calendar_rules import Hours, SittingTime
from willing.people.models import Person, School
from willing.people.queries import day_bounds, today
from willing.people.school_days import sitting_at, sittings_of
from willing.till.baskets import read_lines
from willing.till.models import Basket, BasketLine
from willing.till.rules import MealNotice, decide_meal_notice, repeats_of


@dataclass(frozen=True)
class RepeatedMeals:
    """That a person had several main meals. hours: of the sitting; None for the whole day."""

    person: Person
    meals: int
    hours: Hours | None


def meals_with(basket: Basket) -> tuple[int, MealNotice, SittingTime | None]:
    """Return how many main meals the person shown has with this basket, and what a till says of it.

    The last is the sitting, None where they are those of the day.
    """
    here = sum(line.quantity for line in read_lines(basket) if line.product.is_main_meal)
    if basket.person is None or not here:
        return 0, MealNotice.NONE, None
    had, sitting = meals_so_far(basket.person)
    return had + here, decide_meal_notice(had, here), sitting


def meals_so_far(person: Person) -> tuple[int, SittingTime | None]:
    """Return how many main meals a person has bought in this sitting, without those that were refunded.

    The second is the sitting, None where they are those of the day.
    """
    sitting = sitting_at(person.school, now())
    bounds = (
        (sitting.begins_at, sitting.ends_at) if sitting else day_bounds(person.school, today(person.school))
    )
    return _meals_of.first(person=person.pk, begin=bounds[0], end=bounds[1]) or 0, sitting


@prepared
def _meals_of(person: Parameter, begin: Parameter, end: Parameter) -> QuerySet[BasketLine, int]:
    rows = _meals_between(begin, end).filter(basket__sale__person=person).order_by()
    by_person = rows.values("basket__sale__person").annotate(meals=Sum(F("quantity") - F("refunded")))
    return by_person.values_list("meals", flat=True)


def repeated_meals(school: School, day: date) -> list[RepeatedMeals]:
    """Return who had several main meals in a sitting of a day, the most first; someone may be there twice."""
    meals: defaultdict[UUID, list[tuple[datetime, int]]] = defaultdict(list)
    # Whoever pays in cash is nobody: two visitors are not one person who ate twice.
    rows = _meals(school, *day_bounds(school, day)).exclude(basket__sale__person=None).order_by()
    for person_id, at, quantity in rows.values_list(
        "basket__sale__person", "basket__sale__settled_at", F("quantity") - F("refunded")
    ):
        meals[person_id].append((at, quantity))
    sittings = sittings_of(school, day)
    times = [(one.begins_at, one.ends_at) for one in sittings]
    found = {person_id: repeats_of(had, times) for person_id, had in meals.items()}
    persons = Person.objects.select_related("year_group").in_bulk([one for one in found if found[one]])
    repeated = [
        RepeatedMeals(persons[person_id], count, None if place is None else sittings[place].hours)
        for person_id, repeats in found.items()
        for place, count in repeats
    ]
    return sorted(repeated, key=lambda one: (-one.meals, one.person.till_number))


def _meals(school: School, begin: datetime, end: datetime) -> QuerySet[BasketLine]:
    return _meals_between(begin, end).filter(basket__sale__school=school)


def _meals_between(begin: datetime | Parameter, end: datetime | Parameter) -> QuerySet[BasketLine]:
    return BasketLine.objects.filter(
        product__is_main_meal=True,
        basket__sale__settled_at__gte=begin,
        basket__sale__settled_at__lt=end,
        refunded__lt=F("quantity"),
    )


@atomic
def record_further_meal(basket: Basket, meals: int, *, by: User) -> None:
    """Record the cashier's press that one more main meal is served. meals: how many it is in this sitting."""
    facts = {"by": by.pk, "terminal": str(basket.terminal_id), "meals": meals}
    record("meal.further_served", subject=basket.person_id, facts=facts, personal={})
