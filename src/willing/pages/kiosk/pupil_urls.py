"""What a till's second screen has addresses for, under /pupil/: what the pupil's half does, and nothing else.

The names are those of the till's own pages, and templates reverse them as `kiosk:…`: in a request to the
second screen that is the address here, and what is not here has none.
"""

from collections.abc import Callable

from django.http.response import HttpResponseBase
from django.urls import path
from django.views.decorators.http import require_POST

from willing.pages.kiosk import customer_views, face_views, receipt_views, second_screen_views
from willing.pages.kiosk.second_screen import at_second_screen
from willing.pages.ui.decorators import uses_camera

app_name = "kiosk"


def _about_shown(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Take a press that is about the basket and the person that the screen shows."""
    return require_POST(at_second_screen(view, needs_shown=True))


def _by_name(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Take a press that names the session or the sale that it is about."""
    return require_POST(at_second_screen(view))


screen = second_screen_views.show_second_screen
urlpatterns = [
    path("", uses_camera(screen), name="till"),
    path("screen/", screen, name="screen"),
    path("wait/", second_screen_views.wait_at_second_screen, name="wait"),
    path("pair/", second_screen_views.pair, name="pair"),
    path("scan/", _about_shown(second_screen_views.scan), name="scan"),
    path("way/", _about_shown(customer_views.way), name="way"),
    path("card/", _about_shown(customer_views.card), name="card"),
    path("pin/", _about_shown(customer_views.pin), name="pin"),
    path("confirm/", _about_shown(customer_views.confirm), name="confirm"),
    path("deny/", _about_shown(customer_views.deny), name="deny"),
    path("stop/", _about_shown(customer_views.stop), name="stop"),
    path("face/<uuid:session_id>/frame/", _by_name(face_views.frame), name="frame"),
    path("face/<uuid:session_id>/share/", _by_name(face_views.share), name="face-share"),
    path("face/<uuid:session_id>/close/", _by_name(face_views.close), name="close"),
    path("face/refresh/", _by_name(face_views.refresh), name="refresh-face"),
    path("receipt/", _by_name(receipt_views.receipt), name="receipt"),
    path("next/", _by_name(customer_views.next_customer), name="next"),
]
