"""What the server needs to know of a caller before it takes much from them: are they anyone of ours?"""

from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.db import DatabaseError
from django.urls import Resolver404, resolve

from willing.accounts.sessions import is_live
from willing.biometrics.rules import FRAME_BYTES_MAX
from willing.config.body_limit import Allowance
from willing.config.server_limits import BODY_BYTES_MAX, UPLOAD_BYTES_MAX
from willing.core.errors import Refused
from willing.pages.kiosk.access import COOKIE
from willing.pages.kiosk.second_screen import COOKIE as SECOND_SCREEN
from willing.pages.lane.access import COOKIE as LANE
from willing.terminals.models import Device
from willing.terminals.pairing import require_terminal
from willing.terminals.second_screens import require_second_screen

# Addresses that take more than any form has, by the name of their view.
FRAMES = frozenset({"kiosk:frame", "second-screen:frame", "lane:frame", "console:frame", "api:frame"})
UPLOADS = frozenset(
    {
        "console:upload",
        "console:consent-form",
        "console:import",
        "console:settings",
        "console:calendar-import",
        "set-up:people",
    }
)
_BEARER = "Bearer "


class KnownCallers:
    """Callers by what the databases say. Called in a thread that may read them."""

    def is_known(self, environ: dict[str, Any]) -> bool:
        """Say whether a request carries a paired till's token or cookie, or a signed-in session's."""
        request = WSGIRequest(environ)
        token = environ.get("HTTP_AUTHORIZATION", "")
        try:
            return (
                (token.startswith(_BEARER) and _is_till(token.removeprefix(_BEARER), Device.API))
                or _is_till(request.COOKIES.get(COOKIE, ""), Device.KIOSK)
                or _is_till(request.COOKIES.get(LANE, ""), Device.KIOSK)
                or _is_second_screen(request.COOKIES.get(SECOND_SCREEN, ""))
                or _is_signed_in(request)
            )
        except DatabaseError:
            return (
                False  # what the databases cannot say is a no; the page itself says what is wrong with them
            )

    def allow_body(self, environ: dict[str, Any], *, is_known: bool) -> Allowance:
        """Return how much a request may carry: more than a form only where a page takes it, from ours."""
        try:
            view = resolve(WSGIRequest(environ).path_info).view_name
        except Resolver404:
            view = ""
        if view in FRAMES:
            is_known = is_known or self.is_known(environ)
            return Allowance(FRAME_BYTES_MAX) if is_known else Allowance(BODY_BYTES_MAX, status=401)
        if view in UPLOADS:
            is_allowed = self._is_signed_in(environ)
            return Allowance(UPLOAD_BYTES_MAX) if is_allowed else Allowance(BODY_BYTES_MAX, status=401)
        return Allowance(BODY_BYTES_MAX)

    def _is_signed_in(self, environ: dict[str, Any]) -> bool:
        try:
            return _is_signed_in(WSGIRequest(environ))
        except DatabaseError:
            return False


def _is_till(token: str, device: str) -> bool:
    if not token:
        return False
    try:
        require_terminal(token, device=device)
    except Refused:
        return False
    return True


def _is_second_screen(token: str) -> bool:
    if not token:
        return False
    try:
        require_second_screen(token)
    except Refused:
        return False
    return True


def _is_signed_in(request: WSGIRequest) -> bool:
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    return bool(key) and is_live(key)
