"""Who is at a till: a device that was paired, and a member of staff who is signed in.

Or at its second screen: another device, which may do what the pupil's half does, while they are.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from willing.accounts.access import allow_roles
from willing.accounts.models import User
from willing.core.errors import Refused
from willing.pages.kiosk.presenters import ScreenRequest, compose, shown_mark
from willing.pages.kiosk.screen import ScreenMessage
from willing.pages.kiosk.stage import TillStage
from willing.terminals.devices import bind_session
from willing.terminals.models import Device, Terminal
from willing.terminals.rules import TILL_ROLES
from willing.terminals.second_screens import second_screen_of
from willing.terminals.sign_ons import cashier_of, note_press
from willing.till.basket_states import expire_left_basket
from willing.till.baskets import show_basket
from willing.till.errors import basket_empty, screen_changed
from willing.till.models import Basket
from willing.till.screen_models import TillScreen
from willing.till.screens import clear_screen
from willing.till.tills import require_till

P = ParamSpec("P")
COOKIE = f"{settings.COOKIE_PREFIX}willing_till"
# The panel over the cashier's half, and what the script listens for: it has done its work and goes.
PANEL, DONE = "cashier-panel", "panel-done"
COOKIE_AGE_SECONDS = 400 * 24 * 3600  # the longest that browsers keep one; revoking works at once
# After these the pupil most likely mistyped: the entry stays open. After any other the ways are shown.
TRY_AGAIN = frozenset({"pin_wrong", "code_unknown", "screen_changed"})


class AtTill:
    """One request at a paired till: the terminal, the cashier, and the stage of the pupil's half."""

    half = TillScreen.Half.TILL

    def __init__(self, request: HttpRequest, terminal: Terminal) -> None:
        self.request = request
        self.terminal = terminal
        self.place = TillStage(terminal, request.session, self.half)
        # The basket that the press was for, as it was when that was asked; None where the press does not say.
        self.shown: Basket | None = None

    @property
    def user(self) -> User:
        """Who is signed in in this browser; `allow_roles` has let in the till's roles only."""
        return cast("User", self.request.user)

    @property
    def cashier(self) -> User:
        """Whose presses these are: the cashier who signed on with their PIN, else who is signed in here."""
        return cashier_of(self.terminal) or self.user

    def hold(self) -> None:
        """Let this session be the till, unless another browser is. Raises Refused till_in_use."""
        session_key = self.request.session.session_key or ""
        if self.terminal.session_key != session_key:
            bind_session(self.terminal, session_key, by=self.user)
            clear_screen(self.terminal)

    def expire(self) -> bool:
        """Expire what was left; say whether anything was. The screen says so until the next press."""
        if self.request.method == "POST":
            self.place.forget_expired()
        left = expire_left_basket(self.terminal)
        if left is not None:
            self.place.keep_expired(left.id, left.expired)
        return left is not None

    @property
    def basket(self) -> Basket | None:
        """The live basket, as it is now."""
        return show_basket(self.terminal)

    def require_basket(self) -> Basket:
        """Return the live basket. Raises Refused basket_empty, and screen_changed for the next one."""
        basket = self.basket
        if basket is None:
            raise basket_empty()
        if self.shown is not None and basket.pk != self.shown.pk:
            raise screen_changed()
        return basket

    def require_shown(self) -> None:
        """Raise Refused screen_changed where the press is about another basket or person than is here now.

        A screen may be behind, if only for a moment: a press there must not charge, deny or erase the face of
        who has taken the place of the person it showed. Where no basket is here any more, there is nobody to
        take it: a payment that was pressed again finds its sale. What is done for the person asks again, once
        it holds the basket (till.basket_states).
        """
        basket = self.basket
        if basket is not None and self.request.POST.get("shown", "") != shown_mark(basket):
            raise screen_changed()
        self.shown = basket

    @property
    def is_htmx(self) -> bool:
        """Whether a part of the page is asked for."""
        return self.request.headers.get("HX-Request") == "true"

    def show(self, notice: ScreenMessage | None = None) -> HttpResponse:
        """Return the whole screen to htmx; without htmx, send the browser to it."""
        self.place.keep()
        if not self.is_htmx:
            if notice:
                self.place.keep_notice(notice)
            return redirect("kiosk:till")
        context = {"screen": compose(self.terminal, self.place, ScreenRequest(notice))}
        answer = render(self.request, "kiosk/_screen.html", context)
        if self.request.headers.get("HX-Target") == PANEL:
            # A panel was asked for, and there is none to show: the screen says why.
            answer["HX-Retarget"], answer["HX-Reswap"], answer["HX-Trigger"] = "#screen", "outerHTML", DONE
        return answer


def uuid_in(text: str, refusal: Refused) -> UUID:
    """Return the id that a press sent. Raises `refusal` where it is none."""
    try:
        return UUID(text)
    except ValueError:
        raise refusal from None


Answer = HttpResponseBase | ScreenMessage | None
Press = Callable[Concatenate[AtTill, P], Answer]


def at_till(view: Press[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Let a signed-in cashier (or the office) at a paired till press this; answer with the screen.

    A view returns a response of its own, a notice to show on the screen, or None for just the screen.
    A refusal becomes a notice, and what was being entered is left unless it can be tried again.
    """

    @wraps(view)
    def pressed(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            terminal = require_till(request.COOKIES.get(COOKIE, ""), device=Device.KIOSK)
        except Refused:
            return _to_pairing(request)
        # What the screen says of the time of day is the school's own.
        with timezone.override(ZoneInfo(terminal.school.time_zone)):
            return _press(AtTill(request, terminal), view, *args, **kwargs)

    pressed.press = view  # type: ignore[attr-defined]  # what `at_second_screen` lends to the other screen
    return never_cache(allow_roles(*TILL_ROLES)(pressed))


def _press(till: AtTill, view: Press[P], *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
    till.hold()
    return press(till, view, *args, **kwargs)


def press(till: AtTill, view: Press[P], *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
    """Do what a press at either screen asks for, and answer with the screen that it came from."""
    expired = till.expire()
    if till.request.method == "POST":
        note_press(till.terminal)
        till.place.is_news = second_screen_of(till.terminal) is not None
    try:
        if "shown" in till.request.POST:
            till.require_shown()
        answer = view(till, *args, **kwargs)
    except Refused as refused:
        if refused.code not in TRY_AGAIN:
            till.place.leave()
        # The press met what has expired: that is the cause, and the screen says so.
        answer = None if expired else ScreenMessage("warn", refused.message)
    if isinstance(answer, HttpResponseBase):
        till.place.keep()
        return answer
    return till.show(answer)


def _to_pairing(request: HttpRequest) -> HttpResponseBase:
    address = reverse("kiosk:pair")
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(headers={"HX-Redirect": address})
    code = request.GET.get("code")
    return HttpResponseRedirect(f"{address}?{urlencode({'code': code})}" if code else address)
