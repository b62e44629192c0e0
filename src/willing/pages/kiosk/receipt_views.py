"""Paper, where a person presses "Receipt" or the till prints each sale. The next press never waits for it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from willing.core.errors import Refused
from willing.pages.kiosk.access import Answer, AtTill, at_till, uuid_in
from willing.pages.kiosk.screen import ScreenMessage
from willing.till.errors import sale_unknown
from willing.till.paper import print_receipt


@require_POST
@at_till
def receipt(till: AtTill) -> Answer:
    """Print a sale's receipt; say in a line beside the screen, which goes on, how that went."""
    sale_id = uuid_in(till.request.POST.get("sale", ""), sale_unknown())
    notice = ScreenMessage("good", _("The receipt is being printed."))
    try:
        print_receipt(till.terminal, sale_id, is_pressed=till.request.POST.get("each") != "yes")
    except Refused as refused:
        notice = ScreenMessage("warn", refused.message)
    if not till.is_htmx:
        return notice
    return _beside(till, notice)


def _beside(till: AtTill, notice: ScreenMessage) -> HttpResponse:
    return render(till.request, "kiosk/_printed.html", {"notice": notice})
