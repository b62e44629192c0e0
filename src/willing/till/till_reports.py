"""A till's X report for its cashier: what was sold there so far, and never what the drawer should hold.

The drawer is counted blind, so the sum of cash is left out; how often it was taken is no secret.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, Sum

from willing.core.clock import now
from willing.drawers.queries import drawer_of_till, open_session_of
from willing.people.queries import day_bounds, today
from willing.terminals.models import Terminal
from willing.terminals.sign_ons import cashier_of
from willing.till import cash_errors
from willing.till.models import Sale
from willing.till.paid_by import PaidBy


@dataclass(frozen=True)
class SoldByWay:
    """One way's payments. total_minor: None for cash, which is counted blind."""

    way: PaidBy
    sales: int
    total_minor: int | None


@dataclass(frozen=True)
class TillReport:
    """What was sold at a till from `since` to `until`; total_minor without cash. voids: of the sales."""

    since: datetime
    until: datetime
    ways: tuple[SoldByWay, ...]
    sales: int
    total_minor: int
    voids: int


def till_report(terminal: Terminal) -> TillReport:
    """Return a till's X: since its drawer was opened, or since the school's day began where it has none open.

    Raises Refused report_needs_sign_on.
    """
    if cashier_of(terminal) is None:
        raise cash_errors.report_needs_sign_on()
    drawer = drawer_of_till(terminal)
    session = open_session_of(drawer) if drawer else None
    since = session.opened_at if session else day_bounds(terminal.school, today(terminal.school))[0]
    until = now()
    sold = Sale.objects.filter(terminal=terminal, settled_at__gte=since, settled_at__lte=until)
    rows = (
        sold.order_by()
        .values_list("way")
        .annotate(sales=Count("id"), total=Sum("total_minor"), voids=Count("id", filter=Q(is_voided=True)))
    )
    found = {PaidBy(way): (sales, total, voids) for way, sales, total, voids in rows}
    ways = tuple(
        SoldByWay(way, found[way][0], None if way is PaidBy.CASH else found[way][1])
        for way in PaidBy
        if way in found
    )
    return TillReport(
        since,
        until,
        ways,
        sales=sum(one.sales for one in ways),
        total_minor=sum(one.total_minor or 0 for one in ways),
        voids=sum(voids for _sales, _total, voids in found.values()),
    )
