"""A refusal, or a page that is not there, in the frame of the staff pages: their areas stay at hand."""

from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

from willing.accounts.access import PageRequest
from willing.core.errors import Refused
from willing.pages.console.helpers import show
from willing.pages.console.navigation import areas_for
from willing.pages.ui.middleware import PageMiddleware, refusal_shown

FRAME = {"frame": "console/base.html"}


class StaffRefusalMiddleware(PageMiddleware):
    """Answer what a staff page refuses to a member of staff with the areas that they may open.

    Everything else is left to those who answer everyone: who is no staff, htmx, and what is no refusal.
    """

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a refusal of a staff page."""
        match = request.resolver_match
        if match is None or match.namespace != "console" or request.headers.get("HX-Request") == "true":
            return None
        held = cast("PageRequest", request)
        # `allow_roles` gives both; without them, or without an area, the request is nobody's of the staff.
        if not hasattr(held, "roles") or not areas_for(held):
            return None
        if isinstance(exception, Refused):
            return show(held, "ui/refused.html", {**refusal_shown(request, exception), **FRAME}, status=409)
        if isinstance(exception, PermissionDenied):
            return show(held, "403.html", FRAME, status=403)
        return show(held, "404.html", FRAME, status=404) if isinstance(exception, Http404) else None
