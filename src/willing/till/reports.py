"""Reports of the till: waits by way, use by way and class, and the sales of a day."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet, Sum

from willing.biometrics.models import FaceSession
from willing.core.clock import now
from willing.core.statistics import median_and_p90
from willing.credentials.models import FailedAttempt
from willing.people.models import Person, School
from willing.people.queries import day_bounds, today
from willing.terminals.models import Terminal, Way
from willing.till.counting import counts_between
from willing.till.models import Sale
from willing.till.paid_by import PaidBy
from willing.till.refund_models import Refund
from willing.till.rules import SELLING_PURPOSES
from willing.till.sold_models import SoldDay
from willing.till.sold_rules import PaymentCounts

# A median of fewer payments shows chance rather than the way. The same on every page that shows a wait.
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
    than for another would compare nothing. Cash is none of them: no pupil pays so. How many payments took
    each number of seconds is counted (till.counting), so both are exact in whole seconds.
    """
    counts = counts_between(school, first, after, "waits").waits
    return [_wait(way, counts.get(way, Counter())) for way in Way.values]


def median_waits_by_day(school: School, first: date, after: date) -> dict[date, dict[str, int]]:
    """Return each counted day's median wait by every way by which enough paid, in seconds, oldest day first.

    What is not counted yet (till.counting) is not there.
    """
    rows = SoldDay.objects.filter(counted=school.pk, day__gte=first, day__lt=after).order_by("day")
    days: dict[date, dict[str, int]] = {}
    for day, kept in rows.values_list("day", "waits"):
        counts = PaymentCounts()
        counts.add_waits(kept)
        waits = [_wait(way, of_way) for way, of_way in counts.waits.items()]
        days[day] = {one.way: one.median_s for one in waits if one.median_s is not None}
    return days


def _waits(rows: Iterable[tuple[str, int | None, int]]) -> list[Wait]:
    """Return the waits of rows that say how many payments by a way took how many seconds."""
    counts: dict[str, Counter[int]] = {way: Counter() for way in Way.values}
    for way, seconds, count in rows:
        if seconds is not None:
            counts[way][seconds] += count
    return [_wait(way, of_way) for way, of_way in counts.items()]


def _wait(way: str, counts: Counter[int]) -> Wait:
    if counts.total() < WAITS_AT_LEAST:
        return Wait(way, counts.total(), None, None)
    return Wait(way, counts.total(), *median_and_p90(counts))


def payments_by_class(school: School, first: date, after: date) -> dict[str, dict[str, int]]:
    """Return how many payments each class made by each way: {"7A": {"card": 12, "face": 3}}; without cash.

    The class is the one at the sale (till.counting).
    """
    classes = counts_between(school, first, after, "classes").classes
    return {name: dict(sorted(ways.items())) for name, ways in sorted(classes.items())}


@dataclass(frozen=True)
class WaySummary:
    """One way's day: payments, their sum, attempts that failed, and the median wait in whole seconds.

    wait_seconds is None where fewer than WAITS_AT_LEAST paid this way (waits_by_way).
    """

    way: str
    sales: int
    total_minor: int
    failures: int
    wait_seconds: int | None


@dataclass(frozen=True)
class Day:
    """What was sold on one day of the school's own time zone. voids: of the refunds, those at the till."""

    date: date
    ways: tuple[WaySummary, ...]
    sales: int
    total_minor: int
    refunds: int
    refunded_minor: int
    voids: int = 0
    voided_minor: int = 0


def day_ahead(school: School) -> date | None:
    """Return the last day that a payment bears, where that lies ahead: the clock had run ahead."""
    _begin, end = day_bounds(school, today(school))
    ahead = Sale.objects.filter(school=school, settled_at__gte=end).order_by("-settled_at")
    at = ahead.values_list("settled_at", flat=True).first()
    return at.astimezone(ZoneInfo(school.time_zone)).date() if at else None


def day_summary(school: School, day: date) -> Day:
    """Return the sales of a day by way, with failures, waits and refunds."""
    begin, end = day_bounds(school, day)
    sold = Sale.objects.filter(school=school, settled_at__gte=begin, settled_at__lt=end)
    refunds = Refund.objects.filter(sale__school=school, at__gte=begin, at__lt=end)
    voided = Q(sale__is_voided=True)
    refunded = refunds.aggregate(
        number=Count("id"),
        total=Sum("total_minor"),
        voids=Count("id", filter=voided),
        voided=Sum("total_minor", filter=voided),
    )
    failures = _failures(school, begin, end)
    grouped = sold.order_by().values_list("way", "waited_seconds")
    rows = list(grouped.annotate(count=Count("id"), total=Sum("total_minor")))
    sales, totals = Counter[str](), Counter[str]()
    for way, _seconds, count, total_minor in rows:
        sales[way] += count
        totals[way] += total_minor
    waits = {wait.way: wait.median_s for wait in _waits(row[:3] for row in rows if row[0] != PaidBy.CASH)}
    # Cash is beside the ways on a day on which it was taken; it has no wait to compare.
    taken = [way for way in PaidBy.values if way != PaidBy.CASH or sales[way]]
    ways = tuple(
        WaySummary(way, sales[way], totals[way], failures.get(way, 0), waits.get(way)) for way in taken
    )
    return Day(
        date=day,
        ways=ways,
        sales=sum(way.sales for way in ways),
        total_minor=sum(way.total_minor for way in ways),
        refunds=refunded["number"],
        refunded_minor=refunded["total"] or 0,
        voids=refunded["voids"],
        voided_minor=refunded["voided"] or 0,
    )


def _failures(school: School, begin: datetime, end: datetime) -> dict[str, int]:
    tries = FailedAttempt.objects.filter(
        terminal__school=school, terminal__purpose__in=SELLING_PURPOSES, at__gte=begin, at__lt=end
    )
    counts = dict(tries.values_list("way").annotate(count=Count("id")).order_by())
    sessions = FaceSession.objects.filter(
        school=school,
        purpose__in=SELLING_PURPOSES,
        opened_at__gte=begin,
        opened_at__lt=end,
        state__in=[FaceSession.State.UNKNOWN, FaceSession.State.AMBIGUOUS],
    )
    counts[Way.FACE] = counts.get(Way.FACE, 0) + sessions.count()
    return counts


def sales_of_day(school: School, day: date) -> QuerySet[Sale]:
    """Return the sales of a day, newest first, with person, and basket lines at hand."""
    begin, end = day_bounds(school, day)
    return (
        Sale.objects.filter(school=school, settled_at__gte=begin, settled_at__lt=end)
        .select_related("person__year_group", "basket__terminal", "cashier")
        .prefetch_related("basket__lines")
        .order_by("-settled_at")
    )


def way_used_most(person: Person) -> str | None:
    """Return the way that a person paid by most often in the last ninety days, or None where they did not."""
    since = now() - timedelta(days=90)
    sales = Sale.objects.filter(person=person, settled_at__gte=since)
    counted = sales.order_by().values_list("way").annotate(count=Count("id")).order_by("-count", "way")
    return next((way for way, _count in counted), None)


def tills_not_seen(school: School) -> list[Terminal]:
    """Return the paired tills that nobody has seen today, on a day on which something was sold."""
    start, end = day_bounds(school, today(school))
    paired = Terminal.objects.filter(school=school, retired_at=None, purpose__in=SELLING_PURPOSES)
    absent = list(paired.exclude(token_digest="").filter(last_seen_at__lt=start))
    sold = Sale.objects.filter(school=school, settled_at__gte=start, settled_at__lt=end)
    return absent if absent and sold.exists() else []
