"""A pupil signs in with what the till knows them by: the card's code and the PIN."""

from typing import cast

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from willing.accounts.access import allow_anyone, roles_in_session
from willing.accounts.models import Role
from willing.accounts.sessions import close_session
from willing.accounts.sign_ins import record_failed_sign_in, require_pupil_user
from willing.core.errors import Refused
from willing.credentials.pins import identify_by_card_and_pin
from willing.pages.sign_in.forms import CardForm
from willing.people.requests import SchoolRequest, with_school


@allow_anyone("the square on a card leads here")
@never_cache
@require_safe
def show_card(request: HttpRequest) -> HttpResponse:
    """Show the sign-in to whoever opened a card's square with a phone.

    What follows "#" in its address is not sent: the page takes the code from it and forgets the rest.
    """
    context = {
        "form": CardForm(),
        "is_opened": True,
        "is_pupil": Role.Kind.PUPIL in roles_in_session(request),
    }
    return render(request, "sign_in/card.html", context)


@allow_anyone("signing in")
@never_cache
@require_http_methods(["GET", "POST"])
@with_school
def sign_in_by_card(request: SchoolRequest) -> HttpResponse:
    """Sign a pupil in. Wrong PINs count as they do at the till, and lock the PIN for both."""
    if not ratelimit.consume(request, action="login"):  # counts presses only
        return cast("HttpResponse", ratelimit.respond_429(request))
    form = CardForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = identify_by_card_and_pin(
                request.school, form.cleaned_data["card"], form.cleaned_data["pin"]
            )
            user = require_pupil_user(person)
        except Refused as refused:
            record_failed_sign_in(None, how="card")
            form.add_error(None, str(refused.message))
        else:
            close_session(request, why="pressed")
            record_authentication(request, user, "card")
            get_adapter().login(request, user)
            return redirect("portal:me")
    return render(request, "sign_in/card.html", {"form": form}, status=422 if form.errors else 200)
