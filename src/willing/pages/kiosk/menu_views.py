"""Presses at the till that are about the menu and the basket: sold out, one line, put aside."""

from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from willing.pages.kiosk.access import Answer, AtTill, at_till, uuid_in
from willing.pages.kiosk.screen import ScreenMessage
from willing.till import errors
from willing.till.baskets import set_quantity
from willing.till.menu import require_product
from willing.till.parking import discard_parked, park_basket, take_back
from willing.till.products import mark_sold_out, put_back_on_sale


@require_POST
@at_till
def void_line(till: AtTill) -> Answer:
    """Take a whole line out of the basket."""
    set_quantity(till.terminal, uuid_in(till.request.POST.get("product", ""), errors.product_unknown()), 0)
    return None


@require_POST
@at_till
def marking(till: AtTill) -> Answer:
    """Begin to mark what is sold out, or go on selling."""
    till.place.mark_sold_out(is_marking=till.request.POST.get("marking") == "on")
    return None


@require_POST
@at_till
def sold_out(till: AtTill) -> Answer:
    """Mark a product as sold out for the day, or take that back."""
    is_back = "back" in till.request.POST
    sent = till.request.POST.get("back" if is_back else "sold_out", "")
    product = require_product(till.terminal.school, uuid_in(sent, errors.product_unknown()))
    if is_back:
        put_back_on_sale(product, by=till.cashier, terminal=till.terminal)
        return ScreenMessage("good", _("%(name)s is on sale again.") % {"name": product.label})
    mark_sold_out(product, by=till.cashier, terminal=till.terminal)
    return None


@require_POST
@at_till
def park(till: AtTill) -> Answer:
    """Put the basket aside and serve the next customer."""
    park_basket(till.terminal)
    till.place.leave()
    return None


@require_POST
@at_till
def unpark(till: AtTill) -> Answer:
    """Go on with a basket that was put aside."""
    take_back(till.terminal, uuid_in(till.request.POST.get("basket", ""), errors.basket_unknown()))
    till.place.leave()
    return None


@require_POST
@at_till
def discard(till: AtTill) -> Answer:
    """Close a basket that was put aside, or take a closed one off the list."""
    discard_parked(till.terminal, uuid_in(till.request.POST.get("basket", ""), errors.basket_unknown()))
    return None
