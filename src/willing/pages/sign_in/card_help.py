"""What a phone that opened a card's QR code may do without a PIN: cancel the card, or ask for a new PIN.

Neither answer says whether there is such a card, or whose it is.
"""

from collections.abc import Callable

from allauth.core import ratelimit
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from willing.accounts.access import allow_anyone
from willing.credentials.lost_cards import ask_for_new_pin, report_card_found
from willing.people.models import School
from willing.people.requests import SchoolRequest, with_school

CODE_CHARS_MAX = 200


@allow_anyone("who holds a card may cancel it")
@never_cache
@require_http_methods(["GET", "POST"])
@with_school
def lost_card(request: SchoolRequest) -> HttpResponse:
    """Ask once whether the card is to be cancelled; on the second press cancel it, if it is one."""
    code = request.POST.get("card", "")[:CODE_CHARS_MAX]
    if request.POST.get("answer") != "end":
        return render(request, "sign_in/card_lost.html", {"code": code})
    return _done(
        request,
        report_card_found,
        _("Thank you"),
        _(
            "If this is a card of the school, it no longer pays from now on. Please bring it to the school "
            "office; it is of no use to anyone now."
        ),
    )


@allow_anyone("who holds a card may ask the office")
@never_cache
@require_POST
@with_school
def forgotten_pin(request: SchoolRequest) -> HttpResponse:
    """Let the office know that the holder of a card has forgotten their PIN."""
    return _done(
        request,
        ask_for_new_pin,
        _("The office knows now"),
        _(
            "If this is your card, the school office gives you a new PIN in person, on a slip of paper. A "
            "parent or guardian who is signed in can set one at once."
        ),
    )


def _done(request: SchoolRequest, act: Callable[[School, str], None], title: str, text: str) -> HttpResponse:
    if not ratelimit.consume(request, action="login"):
        answer: HttpResponse = ratelimit.respond_429(request)
        return answer
    act(request.school, request.POST.get("card", "")[:CODE_CHARS_MAX])
    return render(request, "sign_in/card_done.html", {"title": title, "text": text})
