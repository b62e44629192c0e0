"""A cashier's own PIN for the till."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from willing.accounts.access import roles_in_session
from willing.accounts.models import User
from willing.core.errors import Refused
from willing.credentials.staff_pins import set_own_pin
from willing.pages.sign_in.forms import TillPinForm
from willing.pages.sign_in.views import own
from willing.terminals.rules import TILL_ROLES


@own
@require_http_methods(["GET", "POST"])
def till_pin(request: HttpRequest) -> HttpResponse:
    """Let someone who may work at a till choose their PIN; only soon after signing in, as with a password.

    A till's browser stays signed in for hours, and a colleague at it must not choose a PIN for its user.
    """
    if TILL_ROLES.isdisjoint(roles_in_session(request)):
        raise PermissionDenied
    assert isinstance(request.user, User)
    form = TillPinForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            set_own_pin(request.user, form.cleaned_data["pin"])
        except Refused as refused:
            form.add_error("pin", str(refused.message))
        else:
            messages.success(request, _("Your PIN for the till is saved."))
            return redirect("mfa_index")
    status = 422 if form.errors else 200
    return render(request, "sign_in/till_pin.html", {"form": form}, status=status)
