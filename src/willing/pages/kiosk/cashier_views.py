"""Who is at the till: colleagues change with their PIN, beside whatever is being sold."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from willing.core.errors import Refused
from willing.core.numbers import read_number
from willing.credentials.queries import cashier_pin_digits, cashiers
from willing.credentials.staff_pins import sign_on_by_pin
from willing.pages.kiosk.access import Answer, AtTill, at_till
from willing.terminals.sign_ons import cashier_of, sign_off
from willing.till.cash import takes_cash

USER_DIGITS_MAX = 9


@require_http_methods(["GET", "POST"])
@at_till
def cashier(till: AtTill) -> Answer:
    """Ask who is at the till, and for their PIN; the basket and the pupil's half stay as they are."""
    if till.request.method != "POST":
        return _ask(till)
    chosen = read_number(till.request.POST.get("user", ""), digits_max=USER_DIGITS_MAX) or 0
    try:
        sign_on_by_pin(till.terminal, chosen, till.request.POST.get("pin", ""))
    except Refused as refused:
        return _ask(till, chosen, refused)
    return _changed(till)


@require_POST
@at_till
def off(till: AtTill) -> Answer:
    """Sign the cashier off: from now on nobody is on."""
    sign_off(till.terminal)
    return _changed(till)


def _ask(till: AtTill, chosen: int = 0, refused: Refused | None = None) -> HttpResponse:
    school = till.terminal.school
    context = {
        "cashiers": list(cashiers(school)),
        "digits": cashier_pin_digits(school),
        "chosen": chosen,
        "on": cashier_of(till.terminal),
        "has_drawer": takes_cash(till.terminal),
        "refusal": refused.message if refused else "",
    }
    template = "kiosk/_cashier.html" if till.is_htmx else "kiosk/cashier.html"
    return render(till.request, template, context)


def _changed(till: AtTill) -> HttpResponse:
    """Close the panel and show the name; the rest of the screen is not touched, for a pupil may be at it."""
    if not till.is_htmx:
        return redirect("kiosk:till")
    on, school = cashier_of(till.terminal), till.terminal.school
    screen = {"cashier": on, "needs_cashier": on is None and school.requires_cashier}
    return render(till.request, "kiosk/_who.html", {"screen": screen, "is_beside": True})
