"""The roll call as an app: a page that a warden's phone keeps. It names nobody; its data: roll_call_data.

Codes go from phone to phone where the part that draws and reads them was there at the build; why that one,
and what a phone keeps: docs/decisions/0046.
"""

from csp.decorators import csp_update
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.pages.console.helpers import show
from willing.pages.console.kept_page import SHARED, KeptPage
from willing.pages.console.roles import ANY_STAFF
from willing.pages.ui.browser_parts import QR, has_codes
from willing.pages.ui.decorators import uses_camera

SCRIPT = "console/warden_app"
# Everything that the page loads; `tests/pages/console/test_warden_app.py` compares it with the page.
FILES = (
    *SHARED,
    "ui/camera.js",
    "ui/fold.js",
    "ui/follow.js",
    "ui/held_roll_call.js",
    "ui/qr_camera.js",
    f"{SCRIPT}/app.css",
    f"{SCRIPT}/app.js",
    f"{SCRIPT}/codes.js",
    f"{SCRIPT}/merge.js",
    f"{SCRIPT}/screen.js",
    f"{SCRIPT}/server.js",
    f"{SCRIPT}/ticks.js",
)


def kept() -> KeptPage:
    """Return what a device keeps of the app."""
    return KeptPage("roll-call", "console:warden-app", (*FILES, *QR) if has_codes() else FILES)


@require_safe
@csp_update({"manifest-src": ["'self'"]})
@uses_camera
@allow_roles(*ANY_STAFF)
def app(request: PageRequest) -> HttpResponse:
    """Show the page that a phone keeps. Its camera reads codes of other phones, after a press."""
    return show(request, "console/roll_call/app.html", {"has_codes": has_codes()})


@require_safe
@allow_roles(*ANY_STAFF)
def manifest(request: PageRequest) -> HttpResponse:
    """Say what the app is called and where it begins, for a device that installs it."""
    return kept().manifest(request.school, _("Roll call"))


@require_safe
@allow_roles(*ANY_STAFF)
def worker(request: PageRequest) -> HttpResponse:
    """Return the script that keeps the page and its files; of another version where one of them changed."""
    return kept().worker(request.school)
