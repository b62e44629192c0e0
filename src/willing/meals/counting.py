"""The writer of served days: what the forecast looks back on, counted once a day for each of its days."""

from datetime import date, timedelta

from django.db import close_old_connections

from willing.core.clock import now
from willing.core.transactions import atomic
from willing.meals.models import ServedDay
from willing.meals.rules import FORECAST_WEEKS
from willing.people.models import School
from willing.people.queries import day_bounds, find_school, today
from willing.till.served import MealsServed, meals_served


def count_served_here() -> int:
    """Do that for the school of this installation, where there is one yet. Return how many days."""
    school = find_school()
    counted = count_served(school) if school is not None else 0
    close_old_connections()
    return counted


def count_served(school: School) -> int:
    """Count the meals of the days that a forecast looks back on. Return how many days were counted.

    Each day anew every day, so that a refund, a sale that came late and a product that was not marked as a
    main meal are missed for a day at most. Counted before the transaction: on SQLite no till waits for it.
    """
    last = today(school) - timedelta(days=1)
    days = [last - timedelta(days=back) for back in range(FORECAST_WEEKS * 7)]
    since = day_bounds(school, today(school))[0]
    rows = ServedDay.objects.filter(school=school, day__in=days, counted_at__gte=since)
    counted = set(rows.values_list("day", flat=True))
    due = [day for day in days if day not in counted]
    for day in due:
        _keep(school, day, meals_served(school, day, day))
    return len(due)


@atomic
def _keep(school: School, day: date, served: MealsServed) -> None:
    ServedDay.objects.filter(school=school, day=day).delete()
    ServedDay.objects.create(
        school=school,
        day=day,
        granted=served.granted,
        paid=served.paid,
        staff=served.staff,
        visitors=served.visitors,
        counted_at=now(),
    )
