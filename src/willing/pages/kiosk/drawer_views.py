"""The cashier counts the till's drawer and reads its X report, without learning what should be there."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from willing.core.errors import Refused
from willing.core.money import AmountNotValid, read_minor
from willing.pages.kiosk.access import Answer, AtTill, at_till
from willing.pages.kiosk.panels import show_panel
from willing.till.drawer_counts import count_at_till
from willing.till.till_reports import till_report

COUNTED_MAX = 10**9


@require_http_methods(["GET", "POST"])
@at_till
def count(till: AtTill) -> Answer:
    """Ask for the sum, and take it. The difference is for the office and the canteen manager."""
    if till.request.method != "POST":
        return _show(till)
    try:
        counted = read_minor(till.request.POST.get("amount", ""), till.terminal.school.currency)
    except AmountNotValid:
        return _show(till, refusal=_("Please enter the sum that is in the drawer."))
    if counted > COUNTED_MAX:
        return _show(till, refusal=_("Please enter the sum that is in the drawer."))
    try:
        count_at_till(till.terminal, counted)
    except Refused as refused:
        return _show(till, refusal=str(refused.message))
    return _show(till, counted_minor=counted)


def _show(till: AtTill, *, refusal: str = "", counted_minor: int | None = None) -> HttpResponse:
    context = {
        "counted_minor": counted_minor,
        "refusal": refusal,
        "typed": till.request.POST.get("amount", ""),
        "currency": till.terminal.school.currency,
    }
    return show_panel(till, "kiosk/_count.html", context, status=422 if refusal else 200)


@require_safe
@at_till
def report(till: AtTill) -> Answer:
    """Show the till's X: what was sold so far, by way. Nothing is closed by it."""
    currency = till.terminal.school.currency
    try:
        context = {"report": till_report(till.terminal), "currency": currency, "name": till.terminal.name}
    except Refused as refused:
        return show_panel(till, "kiosk/_report.html", {"refusal": refused.message}, status=409)
    return show_panel(till, "kiosk/_report.html", context)
