"""Who is at a till's second screen: a device that the cashier has paired, while a person is signed in there.

Nobody signs in here. What is pressed counts as pressed on the pupil's half of the till, and no other press
has an address here (pupil_urls).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from willing.accounts.access import allow_anyone
from willing.accounts.models import User
from willing.accounts.queries import roles_of
from willing.accounts.sessions import find_user_of
from willing.core.errors import Refused
from willing.pages.kiosk.access import AtTill, press
from willing.pages.kiosk.presenters import compose_for_pupil
from willing.pages.kiosk.screen import Screen, ScreenMessage
from willing.pages.kiosk.stage import TillStage
from willing.terminals.models import Terminal
from willing.terminals.rules import TILL_ROLES
from willing.terminals.second_screens import require_second_screen
from willing.till.screen_models import TillScreen

P = ParamSpec("P")
COOKIE = f"{settings.COOKIE_PREFIX}willing_second_screen"
# The version of a screen whose till is closed.
CLOSED = "closed"
WHY = "a second screen acts for the till that paired it, while a cashier is signed in there"


class AtSecondScreen(AtTill):
    """One request at the second screen of a till."""

    half = TillScreen.Half.PUPIL

    def __init__(self, request: HttpRequest, terminal: Terminal, signed_in: User) -> None:
        super().__init__(request, terminal)
        self._signed_in = signed_in
        # Nothing of the cashier's session, and nothing of a session of this browser's own.
        self.place = TillStage(terminal, {}, self.half)

    @property
    def user(self) -> User:
        """Who is signed in in the till's browser."""
        return self._signed_in

    def show(self, notice: ScreenMessage | None = None) -> HttpResponse:
        """Return the pupil's half to htmx, or as a page."""
        self.place.keep()
        if not self.is_htmx and self.request.method == "POST":
            return redirect("second-screen:till")
        return _render(self.request, compose_for_pupil(self.terminal, self.place, notice))


def signed_in_at(terminal: Terminal) -> User | None:
    """Return who is signed in at a till now and may sell there, or None: the till is closed."""
    user = find_user_of(terminal.session_key)
    if user is None or roles_of(user, terminal.school).isdisjoint(TILL_ROLES):
        return None
    return user


def at_second_screen(
    view: Callable[..., HttpResponseBase], *, needs_shown: bool = False
) -> Callable[Concatenate[HttpRequest, ...], HttpResponseBase]:
    """Let a paired second screen do what `view` (an `at_till`) does at the till; answer with its own screen.

    needs_shown: the press is about a person or a basket, and has to say which the screen showed.
    """
    pressed_view: Any = view.press  # type: ignore[attr-defined]

    @wraps(pressed_view)
    def pressed(request: HttpRequest, /, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            terminal = require_second_screen(request.COOKIES.get(COOKIE, ""))
        except Refused:
            return to_pairing(request)
        with timezone.override(ZoneInfo(terminal.school.time_zone)):
            user = signed_in_at(terminal)
            if user is None:
                return _show_closed(request, terminal)
            at = AtSecondScreen(request, terminal, user)
            return press(at, _checked if needs_shown else pressed_view, *args, **kwargs)

    def _checked(at: AtTill, /, *args: Any, **kwargs: Any) -> Any:
        at.require_shown()
        return pressed_view(at, *args, **kwargs)

    return never_cache(allow_anyone(WHY)(pressed))


def _show_closed(request: HttpRequest, terminal: Terminal) -> HttpResponse:
    closed = Screen(
        stage="closed",
        terminal=terminal,
        currency=terminal.school.currency,
        menu=(),
        version=CLOSED,
    )
    return _render(request, closed)


def _render(request: HttpRequest, screen: Screen) -> HttpResponse:
    is_part = request.headers.get("HX-Request") == "true"
    name = "kiosk/_second_screen.html" if is_part else "kiosk/second_screen.html"
    return render(request, name, {"screen": screen, "house": screen.terminal.school})


def to_pairing(request: HttpRequest) -> HttpResponseBase:
    """Send a device that is no second screen to where it becomes one."""
    address = reverse("second-screen:pair")
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(headers={"HX-Redirect": address})
    code = request.GET.get("code")
    return HttpResponseRedirect(f"{address}?{urlencode({'code': code})}" if code else address)
