"""Cash of visitors and staff: the cashier's panel with its keys, and the receipt of what was just sold."""

from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from willing.books.receipts import receipt_of
from willing.core.errors import Refused
from willing.core.money import AmountNotValid, read_minor
from willing.core.numbers import read_number
from willing.pages.kiosk.access import Answer, AtTill, at_till, uuid_in
from willing.pages.kiosk.panels import close_panel, show_panel
from willing.till import errors
from willing.till.baskets import basket_total_minor, read_lines
from willing.till.cash import Tender, due_in_cash, require_cash_offered, sell_for_cash
from willing.till.cash_rules import tender_keys
from willing.till.paid_by import CashBuyer
from willing.till.sale_pages import find_sale_of

SUM_DIGITS_MAX = 10
TENDERED_MAX = 10**9


@require_http_methods(["GET", "POST"])
@at_till
def cash(till: AtTill) -> Answer:
    """Ask who pays and how much was handed over, and sell. Pupils are asked nothing of it."""
    if till.request.method != "POST":
        return _ask(till, till.request.GET.get("buyer", CashBuyer.VISITOR))
    sent = till.request.POST
    buyer = sent.get("buyer", "")
    basket_id = uuid_in(sent.get("basket", ""), errors.basket_unknown())
    shown = read_number(sent.get("due", ""), digits_max=SUM_DIGITS_MAX)
    tendered = _tendered(till)
    if tendered is None or shown is None:
        return _ask(till, buyer, refusal=_("Please enter the sum that was handed over."))
    try:
        sale = sell_for_cash(till.terminal, basket_id, Tender(buyer, shown, tendered))
    except Refused as refused:
        if till.basket is None:
            raise  # nothing is left to pay: the screen says why
        return _ask(till, buyer, refusal=str(refused.message))
    till.place.show_sale(sale)
    return close_panel(till)


def _tendered(till: AtTill) -> int | None:
    """Return what was handed over in minor units, of a key or as it was typed; None where it is no sum."""
    pressed = till.request.POST.get("key", "")
    try:
        found = (
            read_number(pressed, digits_max=SUM_DIGITS_MAX)
            if pressed
            else read_minor(till.request.POST.get("amount", ""), till.terminal.school.currency)
        )
    except AmountNotValid:
        return None
    return found if found is not None and found <= TENDERED_MAX else None


def _ask(till: AtTill, buyer: str, *, refusal: str = "") -> HttpResponse:
    basket = till.require_basket()
    require_cash_offered(till.terminal, basket)
    buyer = buyer if buyer in CashBuyer.values else CashBuyer.VISITOR
    read_lines(basket)
    due, currency = due_in_cash(basket, buyer), till.terminal.school.currency
    context = {
        "basket": basket,
        "buyer": buyer,
        "buyers": CashBuyer.choices,
        "due_minor": due,
        "total_minor": basket_total_minor(basket),
        "keys": tender_keys(due),
        "currency": currency,
        "refusal": refusal,
        "typed": till.request.POST.get("amount", ""),
    }
    return show_panel(till, "kiosk/_cash.html", context, status=422 if refusal else 200)


@require_GET
@at_till
def receipt(till: AtTill, sale_id: UUID) -> Answer:
    """Show the receipt of a sale of this till, to be read or printed by the browser."""
    sale = find_sale_of(till.terminal, sale_id)
    if sale is None:
        raise errors.sale_unknown()
    return show_panel(till, "kiosk/_receipt.html", {"receipt": receipt_of(sale)})
