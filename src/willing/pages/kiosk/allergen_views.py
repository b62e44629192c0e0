"""The cashier's word about a dish that is held back: checked and safe, or served for a reason."""

from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from willing.pages.kiosk.access import Answer, AtTill, at_till, uuid_in
from willing.pages.kiosk.screen import ScreenMessage
from willing.till import errors
from willing.till.allergen_checks import check_dish, require_reason


@require_POST
@at_till
def checked(till: AtTill) -> Answer:
    """Take that a dish was checked and is safe; or, with a reason, that it is served without certainty."""
    basket = till.require_basket()
    product_id = uuid_in(till.request.POST.get("product", ""), errors.product_unknown())
    reason = ""
    if till.request.POST.get("answer") == "override":
        reason = require_reason(till.request.POST.get("reason", ""))
    check_dish(till.terminal, basket.id, product_id, override_reason=reason)
    return ScreenMessage("info", _("Thank you for waiting."))
