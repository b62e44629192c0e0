"""A till's own sales: page by page, and a day's sums, so that a till of another maker can close its day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, Sum

from willing.people.queries import day_bounds
from willing.terminals.models import Terminal
from willing.till.models import Sale
from willing.till.queries import with_refunds
from willing.till.refund_models import Refund

PAGE_SALES_MAX = 200


@dataclass(frozen=True)
class SalePageRequest:
    """Which sales: of a day (the school's own), within moments (end excluded), refunded as a whole or not.

    refunded_on: the day on which they or a part of them were refunded, whenever they were made.
    """

    day: date | None = None
    begin: datetime | None = None
    end: datetime | None = None
    is_refunded: bool | None = None
    refunded_on: date | None = None


@dataclass(frozen=True)
class PagePosition:
    """Where a page stops: the last sale on it. Later sales move no page that was begun."""

    settled_at: datetime
    id: UUID


def page_of_sales(
    terminal: Terminal, wanted: SalePageRequest, *, after: PagePosition | None, limit: int
) -> tuple[Sequence[Sale], PagePosition | None]:
    """Return a till's sales, the newest first, and where the next page begins; None after the last one.

    limit: 1 to PAGE_SALES_MAX. Reads as many rows as the page has, however long the till has sold.
    """
    rows = _filter(Sale.objects.filter(terminal=terminal), terminal, wanted)
    if after is not None:
        rows = rows.filter(settled_at__lte=after.settled_at)
        rows = rows.exclude(settled_at=after.settled_at, id__gte=after.id)
    found = list(with_refunds(rows).order_by("-settled_at", "-id")[: limit + 1])
    page = found[:limit]
    return page, PagePosition(page[-1].settled_at, page[-1].id) if len(found) > limit else None


def _filter(rows: QuerySet[Sale], terminal: Terminal, wanted: SalePageRequest) -> QuerySet[Sale]:
    begin, end = wanted.begin, wanted.end
    for moment, suffix in ((begin, "gte"), (end, "lt")):
        if moment is not None:
            rows = rows.filter(**{f"settled_at__{suffix}": moment})
    if wanted.day is not None:
        day_begin, day_end = day_bounds(terminal.school, wanted.day)
        rows = rows.filter(settled_at__gte=day_begin, settled_at__lt=day_end)
    if wanted.is_refunded is not None:
        whole = Q(refunded=Sale.Refunded.WHOLE)
        rows = rows.filter(whole if wanted.is_refunded else ~whole)
    if wanted.refunded_on is not None:
        day_begin, day_end = day_bounds(terminal.school, wanted.refunded_on)
        given = Refund.objects.filter(sale=OuterRef("pk"), at__gte=day_begin, at__lt=day_end)
        rows = rows.filter(Exists(given))
    return rows


def find_sale_of(terminal: Terminal, sale_id: UUID) -> Sale | None:
    """Return a sale of this till with its lines and its refunds at hand, or None."""
    found = Sale.objects.filter(terminal=terminal, pk=sale_id).select_related("basket")
    return with_refunds(found.prefetch_related("basket__lines")).first()


@dataclass(frozen=True)
class WayOfDay:
    """What one way brought in on a day, in minor units."""

    way: str
    sales: int
    total_minor: int


@dataclass(frozen=True)
class DayOfTill:
    """A till's day, in minor units. Refunds are those given that day of this till's sales, by whomever."""

    day: date
    sales: int
    total_minor: int
    first_receipt: int | None
    last_receipt: int | None
    refunds: int
    refunded_minor: int
    ways: tuple[WayOfDay, ...]


def day_of_till(terminal: Terminal, day: date) -> DayOfTill:
    """Return the sums of a till's day, as the school's page of the day counts them."""
    begin, end = day_bounds(terminal.school, day)
    sold = Sale.objects.filter(terminal=terminal, settled_at__gte=begin, settled_at__lt=end)
    sums = sold.aggregate(first=Min("receipt_number"), last=Max("receipt_number"))
    counted = sold.values_list("way").annotate(sales=Count("id"), total=Sum("total_minor")).order_by("way")
    ways = tuple(WayOfDay(way, sales, total) for way, sales, total in counted)
    refunds = Refund.objects.filter(sale__terminal=terminal, at__gte=begin, at__lt=end)
    given_back = refunds.aggregate(count=Count("id"), total=Sum("total_minor"))
    return DayOfTill(
        day=day,
        sales=sum(way.sales for way in ways),
        total_minor=sum(way.total_minor for way in ways),
        first_receipt=sums["first"],
        last_receipt=sums["last"],
        refunds=given_back["count"],
        refunded_minor=given_back["total"] or 0,
        ways=ways,
    )
