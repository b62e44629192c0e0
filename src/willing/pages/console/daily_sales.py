"""What was sold on a day, how long each way took, and giving a payment back."""

from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.core.errors import Refused
from willing.core.numbers import read_number
from willing.pages.console.forms import RefundForm
from willing.pages.console.helpers import (
    COMPARES_WAYS,
    OFFICE,
    READS_THE_DAY,
    REFUNDS,
    message_once,
    show,
    user_of,
)
from willing.pages.console.view_log import record_views
from willing.people.models import School
from willing.people.queries import today as today_at
from willing.people.school_days import calendar_day
from willing.terminals.models import Way
from willing.till import errors
from willing.till.meals import repeated_meals
from willing.till.menu import sold_out_today
from willing.till.models import Sale
from willing.till.parking import closing_lists
from willing.till.queries import find_sale
from willing.till.refunds import RefundedBy, refund_sale
from willing.till.reports import WAITS_AT_LEAST, day_ahead, day_summary, sales_of_day

SALES_A_PAGE = 50
EARLIEST = date(2000, 1, 1)  # no sale is older, and days near the calendar's limits can't be computed
ICONS = {
    Way.CARD: "ui/icons/card.svg",
    Way.PIN: "ui/icons/pin.svg",
    Way.FACE: "ui/icons/face.svg",
    Way.STAFF: "ui/icons/staff.svg",
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
    receipt = request.GET.get("receipt", "").strip()
    number = read_number(receipt, digits_max=18)
    if number is not None:
        sales = sales.filter(receipt_number=number)
    context = {
        "day": day,
        "is_today": day == latest,
        "is_ahead": day > latest,
        "day_ahead": ahead,
        "before": max(day - timedelta(days=1), EARLIEST).isoformat(),
        "after": (day + timedelta(days=1)).isoformat() if day < latest else "",
        "summary": summary,
        "ways": [(way, Way(way.way).label, ICONS[Way(way.way)]) for way in summary.ways],
        "waits_at_least": WAITS_AT_LEAST,
        "wait_max": max((way.wait_seconds or 0 for way in summary.ways), default=0) or 1,
        "sales": Paginator(sales, SALES_A_PAGE).get_page(request.GET.get("page")),
        "receipt": receipt,
        "repeated": repeated,
        "in_calendar": calendar_day(school, day),
        "put_aside": closing_lists(school) if day == latest else [],
        "sold_out": sold_out_today(school) if day == latest else [],
        "may_refund": not roles.isdisjoint(REFUNDS),
        "may_compare": not roles.isdisjoint(COMPARES_WAYS),
    }
    return show(request, "console/today.html", context)


@require_http_methods(["GET", "POST"])
@allow_roles(*REFUNDS)
def refund(request: PageRequest, sale_id: UUID) -> HttpResponse:
    """Ask once, then give the whole of a sale back."""
    school = request.school
    sale = find_sale(school, sale_id)
    if sale is None:
        raise errors.sale_unknown()
    form = RefundForm(request.POST if request.method == "POST" else None)
    refusal = ""
    if request.method == "POST" and form.is_valid():
        by = RefundedBy(user=user_of(request), reason=form.cleaned_data["reason"])
        try:
            refund_sale(sale.id, key=form.cleaned_data["key"], by=by)
        except Refused as refused:
            refusal = str(refused.message)
        else:
            text = _("Receipt %(number)s was given back.") % {"number": sale.receipt_number}
            message_once(request, form.cleaned_data["key"], text)
            return redirect(_day_of(sale, school))
    context = {"sale": sale, "form": form, "refusal": refusal, "way": Way(sale.way).label}
    status = 409 if refusal else 200 if request.method == "GET" else 422
    return show(request, "console/refund.html", {**context, "back": _day_of(sale, school)}, status=status)


def _day_of(sale: Sale, school: School) -> str:
    address = reverse("console:today")
    return f"{address}?day={sale.settled_at.astimezone(ZoneInfo(school.time_zone)).date().isoformat()}"
