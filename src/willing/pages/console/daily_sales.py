"""What was sold on a day, and how long each way took."""

from datetime import date, timedelta

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.core.numbers import read_number
from willing.drawers.queries import left_open
from willing.meals.duplicates import count_open
from willing.pages.console.helpers import show, user_of
from willing.pages.console.roles import COMPARES_WAYS, OFFICE, READS_MONEY, READS_THE_DAY, REFUNDS
from willing.pages.console.view_log import record_views
from willing.people.queries import today as today_at
from willing.people.school_days import calendar_day
from willing.terminals.models import Way
from willing.till.meals import repeated_meals
from willing.till.menu import sold_out_today
from willing.till.paid_by import PaidBy
from willing.till.parking import closing_lists
from willing.till.reports import WAITS_AT_LEAST, day_ahead, day_summary, sales_of_day
from willing.wallets.queries import reversals_of_day

SALES_A_PAGE = 50
EARLIEST = date(2000, 1, 1)  # no sale is older, and days near the calendar's limits can't be computed
ICONS: dict[str, str] = {
    Way.CARD: "ui/icons/card.svg",
    Way.PIN: "ui/icons/pin.svg",
    Way.FACE: "ui/icons/face.svg",
    Way.STAFF: "ui/icons/staff.svg",
    PaidBy.CASH: "ui/icons/receipt.svg",
}


def _asked_day(request: PageRequest, latest: date, ahead: date | None) -> date:
    """Return the day that the address names, within those for which there can be a page."""
    try:
        return max(EARLIEST, min(date.fromisoformat(request.GET.get("day", "")), ahead or latest))
    except ValueError:
        return latest


@require_safe
@allow_roles(*READS_THE_DAY)
def today(request: PageRequest) -> HttpResponse:
    """Show a day: sales by way with their waits side by side (promise 2), and every sale."""
    school = request.school
    latest, ahead = today_at(school), day_ahead(school)
    day = _asked_day(request, latest, ahead)
    summary = day_summary(school, day)
    roles = request.roles
    repeated = [] if roles.isdisjoint(OFFICE) else repeated_meals(school, day)
    record_views(list({one.person.id: one.person for one in repeated}.values()), by=user_of(request))
    sales = sales_of_day(school, day)
    may_close = not roles.isdisjoint(READS_MONEY)
    receipt = request.GET.get("receipt", "").strip()
    number = read_number(receipt, digits_max=18)
    if number is not None:
        sales = sales.filter(receipt_number=number)
    pages = Paginator(sales, SALES_A_PAGE)
    if number is None:
        pages.count = summary.sales  # they are counted already
    context = {
        "day": day,
        "is_today": day == latest,
        "is_ahead": day > latest,
        "day_ahead": ahead,
        "before": max(day - timedelta(days=1), EARLIEST).isoformat(),
        "after": (day + timedelta(days=1)).isoformat() if day < latest else "",
        "summary": summary,
        "ways": [(way, PaidBy(way.way).label, ICONS[way.way]) for way in summary.ways],
        "waits_at_least": WAITS_AT_LEAST,
        "wait_max": max((way.wait_seconds or 0 for way in summary.ways), default=0) or 1,
        "sales": pages.get_page(request.GET.get("page")),
        "receipt": receipt,
        "repeated": repeated,
        "duplicates": 0 if roles.isdisjoint(OFFICE) or day != latest else count_open(school),
        "reversals": [] if roles.isdisjoint(OFFICE) else reversals_of_day(school, day),
        "in_calendar": calendar_day(school, day),
        "put_aside": closing_lists(school) if day == latest else [],
        "left_open": left_open(school, latest) if day == latest and may_close else [],
        "sold_out": sold_out_today(school) if day == latest else [],
        "may_refund": not roles.isdisjoint(REFUNDS),
        "may_compare": not roles.isdisjoint(COMPARES_WAYS),
    }
    return show(request, "console/today.html", context)
