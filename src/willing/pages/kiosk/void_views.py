"""The last sale voided by the cashier who has just made it: asked once, then done."""

from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from willing.core.errors import Refused
from willing.core.money import format_minor
from willing.pages.kiosk.access import Answer, AtTill, at_till
from willing.pages.kiosk.panels import close_panel, show_panel
from willing.pages.kiosk.screen import ScreenMessage
from willing.till.errors import sale_unknown
from willing.till.models import Sale
from willing.till.refund_models import Refund
from willing.till.sale_pages import find_sale_of
from willing.till.voids import require_voidable, void_last_sale


@require_http_methods(["GET", "POST"])
@at_till
def void_sale(till: AtTill, sale_id: UUID) -> Answer:
    """Ask, or void. What can't be voided any more says why, and that the office refunds it."""
    sale = find_sale_of(till.terminal, sale_id)
    if sale is None:
        raise sale_unknown()
    try:
        if till.request.method != "POST":
            require_voidable(till.terminal, sale)
            return _ask(till, sale)
        given = void_last_sale(till.terminal, sale.id)
    except Refused as refused:
        return _ask(till, sale, refused)
    till.place.forget_last_sale()
    if till.place.sale_id == str(sale.id):
        till.place.leave()
    return close_panel(till, ScreenMessage("good", _done(sale, given)))


def _done(sale: Sale, given: Refund) -> str:
    """Return what both halves read: what is handed back in cash, or that nothing is."""
    if given.handed_minor is None:
        text = _("Receipt %(number)s is voided. The money is back where it came from.")
        return text % {"number": sale.receipt_number}
    text = _("Receipt %(number)s is voided. %(sum)s goes back in cash.")
    handed = format_minor(given.handed_minor, sale.terminal.school.currency, get_language() or "en")
    return text % {"number": sale.receipt_number, "sum": handed}


def _ask(till: AtTill, sale: Sale, refused: Refused | None = None) -> HttpResponse:
    context = {
        "sale": sale,
        "currency": till.terminal.school.currency,
        "refusal": refused.message if refused else "",
    }
    return show_panel(till, "kiosk/_void.html", context, status=409 if refused else 200)
