"""Figures of the till for the assessment and the reports: waits by way, and use by way and class."""

from dataclasses import dataclass
from datetime import date
from statistics import median, quantiles

from django.db.models import Count, QuerySet

from willing.people.models import School
from willing.till.models import Sale, Way
from willing.till.queries import day_bounds
from willing.till.rules import wait_seconds

# Under this many payments a middle says more about chance than about a way.
WAITS_AT_LEAST = 20


@dataclass(frozen=True)
class Wait:
    """How long one way took, in whole seconds: half were faster than median_s, nine in ten than p90_s.

    Both are None where fewer than WAITS_AT_LEAST payments were made.
    """

    way: str
    payments: int
    median_s: int | None
    p90_s: int | None


def waits_by_way(school: School, first: date, after: date) -> list[Wait]:
    """Return the wait of every way for payments from the day `first` until before the day `after`.

    It runs from the opening of the basket to the settled payment, the same for all ways (promise 2): only
    the face leaves a time at which the way itself was chosen, and a clock that starts later for one way
    than for another would compare nothing.
    """
    seconds: dict[str, list[float]] = {way: [] for way in Way.values}
    rows = _sold(school, first, after).values_list("way", "basket__opened_at", "settled_at")
    for way, opened_at, settled_at in rows:
        waited = wait_seconds(opened_at, settled_at)
        if waited is not None:
            seconds[way].append(waited)
    return [_wait(way, sorted(waits)) for way, waits in seconds.items()]


def _wait(way: str, waits: list[float]) -> Wait:
    if len(waits) < WAITS_AT_LEAST:
        return Wait(way, len(waits), None, None)
    return Wait(way, len(waits), round(median(waits)), round(quantiles(waits, n=10, method="inclusive")[8]))


def payments_by_class(school: School, first: date, after: date) -> dict[str, dict[str, int]]:
    """Return how many payments each class made by each way: {"7A": {"card": 12, "face": 3}}."""
    rows = _sold(school, first, after).values_list("person__year_group__name", "way")
    counts: dict[str, dict[str, int]] = {}
    for name, way, count in rows.annotate(count=Count("id")).order_by("person__year_group__name", "way"):
        counts.setdefault(name or "", {})[way] = count
    return counts


def _sold(school: School, first: date, after: date) -> QuerySet[Sale]:
    begin, end = day_bounds(school, first)[0], day_bounds(school, after)[0]
    return Sale.objects.filter(school=school, settled_at__gte=begin, settled_at__lt=end).order_by()
