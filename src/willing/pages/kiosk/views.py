"""The till's page, and how a browser becomes a till. There are no rules here."""

from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from willing.accounts.access import allow_anyone, allow_roles
from willing.accounts.attempts import require_few_attempts
from willing.core.errors import Refused
from willing.pages.kiosk.access import COOKIE, COOKIE_AGE_SECONDS, Answer, AtTill, at_till
from willing.pages.kiosk.look_up_views import note_shown
from willing.pages.kiosk.presenters import ScreenRequest, compose
from willing.pages.ui.decorators import uses_camera
from willing.terminals.models import Device
from willing.terminals.presence import note_seen
from willing.terminals.rules import TILL_ROLES
from willing.till.tills import pair_till, require_till


@uses_camera
@require_GET
@at_till
def till(till: AtTill) -> Answer:
    """Show the till."""
    note_seen(till.terminal)
    asked = ScreenRequest(till.place.take_notice(), till.request.GET.get("text", ""))
    composed = compose(till.terminal, till.place, asked)
    note_shown(till, composed.people)
    return render(till.request, "kiosk/till.html", {"screen": composed, "house": till.terminal.school})


@require_GET
@at_till
def screen(_till: AtTill) -> Answer:
    """Show both halves as they are now."""
    return None


@require_http_methods(["GET", "POST"])
@never_cache
@allow_roles(*TILL_ROLES)
def pair(request: HttpRequest) -> HttpResponseBase:
    """Make this browser a till with a one-time code."""
    code = request.POST.get("code") or request.GET.get("code", "")
    if request.method != "POST":
        return render(request, "kiosk/pair.html", {"code": code})
    try:
        require_few_attempts(request, "pair")
        pairing = pair_till(code, key=str(uuid4()), device=Device.KIOSK)
    except Refused as refused:
        context = {"code": code, "refusal": refused.message}
        return render(request, "kiosk/pair.html", context, status=409)
    response = redirect("kiosk:till")
    response.set_cookie(
        COOKIE,
        pairing.token,
        max_age=COOKIE_AGE_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        path=settings.SESSION_COOKIE_PATH,
    )
    return response


@require_POST
@never_cache
@allow_anyone("a till says that it is there; its cookie says which, and nothing is shown")
def here(request: HttpRequest) -> HttpResponse:
    """Note that the till's page is open. It asks no session, which would so never be idle for too long."""
    try:
        note_seen(require_till(request.COOKIES.get(COOKIE, ""), device=Device.KIOSK))
    except Refused:
        return HttpResponse(status=403)
    return HttpResponse(status=204)
