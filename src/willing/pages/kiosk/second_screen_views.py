"""The second screen: how a device becomes it and stops being it, what its card reader types, and the wait."""

from collections.abc import Callable

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from willing.accounts.access import allow_anyone
from willing.accounts.attempts import require_few_attempts
from willing.core.codes import show_code
from willing.core.doorbell import DOORBELL, WAIT
from willing.core.errors import Refused
from willing.pages.kiosk.access import COOKIE as TILL_COOKIE
from willing.pages.kiosk.access import COOKIE_AGE_SECONDS, Answer, AtTill, at_till
from willing.pages.kiosk.panels import close_panel, show_panel
from willing.pages.kiosk.screen import ScreenMessage
from willing.pages.kiosk.second_screen import CLOSED, COOKIE, at_second_screen, signed_in_at
from willing.pages.kiosk.stage import TillStage
from willing.pages.kiosk.views import screen as show_till
from willing.terminals.keyboards import Scan, read_keys, read_scan
from willing.terminals.models import Device, Terminal
from willing.terminals.presence import is_here, note_screen_seen
from willing.terminals.readers import reader_of
from willing.terminals.rules import PAIRING_MINUTES
from willing.terminals.second_screens import (
    pair_second_screen,
    pairing_of,
    require_second_screen,
    second_screen_of,
    start_screen_pairing,
    unpair_second_screen,
)
from willing.till.face_identification import prepare_face
from willing.till.identification import identify_by_card
from willing.till.screen_models import TillScreen
from willing.till.screens import version_of
from willing.till.tills import require_till

# More pages than this wait for no till: two screens, each in a few windows.
WAITING_MAX = 8


# --- at the till


@require_http_methods(["GET", "POST"])
@at_till
def second_screen(till: AtTill) -> Answer:
    """Show the code with which a device becomes the second screen, or which one it is; or remove it."""
    answer = till.request.POST.get("answer", "")
    if answer == "remove":
        unpair_second_screen(till.terminal, by=till.user)
        return close_panel(till, ScreenMessage("info", _("The second screen is removed.")))
    paired = second_screen_of(till.terminal)
    context: dict[str, object] = {"paired": paired, "is_here": paired is not None and is_here(paired)}
    if till.request.method == "POST" and (paired is None or answer == "another"):
        pairing = pairing_of(till.terminal)
        code = start_screen_pairing(till.terminal, by=till.user)
        till.place.is_news = False  # nothing that a screen shows has changed: no page fetches it for that
        found = reverse("second-screen:pair")
        address = till.request.build_absolute_uri(f"{found}?{urlencode({'code': code})}")
        context |= {
            "code": show_code(code),
            "pairing": pairing,
            "address": address,
            "typed": till.request.build_absolute_uri(reverse("second-screen:till")),
            "qr": segno.make_qr(address).svg_data_uri(scale=4, border=2),
            "minutes": PAIRING_MINUTES,
        }
    return show_panel(till, "kiosk/_second_screen_panel.html", context)


# --- on the other device


@require_http_methods(["GET", "POST"])
@never_cache
@allow_anyone("a device becomes a till's second screen with a code that the cashier was shown")
def pair(request: HttpRequest) -> HttpResponseBase:
    """Make this browser the second screen of a till with a one-time code."""
    code = request.POST.get("code") or request.GET.get("code", "")
    if request.method != "POST":
        return render(request, "kiosk/second_screen_pair.html", {"code": code})
    try:
        require_few_attempts(request, "pair")
        pairing = pair_second_screen(code)
    except Refused as refused:
        context = {"code": code, "refusal": refused.message}
        return render(request, "kiosk/second_screen_pair.html", context, status=409)
    till = TillStage(pairing.terminal, {}, TillScreen.Half.PUPIL)
    till.is_news = True  # the till says that it is connected, and from now on waits for it
    till.keep()
    response = redirect("second-screen:till")
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


@require_GET
@at_till
def screen(_till: AtTill) -> Answer:
    """Show the pupil's half as it is now. Only the second screen has an address for it."""
    return None


show_second_screen = at_second_screen(screen)


@require_POST
@at_till
def scan(till: AtTill) -> Answer:
    """Take what a reader at the second screen typed: a card, and nothing that fills a basket."""
    scanned = Scan(till.request.POST.get("code", ""), read_keys(till.request.POST.get("keys", "")))
    code = read_scan(scanned, reader_of(till.terminal))
    prepare_face(identify_by_card(till.terminal, till.require_basket().id, code))
    return None


# --- both wait for each other


@require_GET
@never_cache
@allow_anyone("a till hears that its screens have changed; what it then gets is its screen, as on any press")
def wait_at_till(request: HttpRequest) -> HttpResponseBase:
    """Answer with the screen once it is not what the page shows; the server holds the answer until then."""
    try:
        terminal = require_till(request.COOKIES.get(TILL_COOKIE, ""), device=Device.KIOSK)
    except Refused:
        return HttpResponse(status=403)
    rung = DOORBELL.count(str(terminal.pk))
    return _wait(request, terminal, show_till, rung=rung)


@require_GET
@never_cache
@allow_anyone("a second screen hears that it is behind; what it then gets is its screen, as on any press")
def wait_at_second_screen(request: HttpRequest) -> HttpResponseBase:
    """Do the same at the second screen, for which a till that is closed is a version, too."""
    try:
        terminal = require_second_screen(request.COOKIES.get(COOKIE, ""))
    except Refused:
        return HttpResponse(status=403)
    rung = DOORBELL.count(str(terminal.pk))
    note_screen_seen(terminal.second_screen)
    is_closed = signed_in_at(terminal) is None
    return _wait(request, terminal, show_second_screen, rung=rung, is_closed=is_closed)


def _wait(
    request: HttpRequest,
    terminal: Terminal,
    show: Callable[[HttpRequest], HttpResponseBase],
    *,
    rung: int,
    is_closed: bool = False,
) -> HttpResponseBase:
    """show: the page of the screen, which decides who may see it.

    rung: counted before anything was read, so that a ring in between is not missed.
    """
    version = CLOSED if is_closed else version_of(terminal)
    if version != request.GET.get("version", ""):
        return show(request)
    key = str(terminal.pk)
    if DOORBELL.waiting(key) >= WAITING_MAX:
        return HttpResponse(status=429)
    return HttpResponse(status=204, headers={WAIT: f"{key} {rung}"})
