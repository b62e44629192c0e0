"""The pages that say what went wrong. The first and the last come up without session and database."""

import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from willing.core import storage
from willing.core.errors import Refused, database_busy
from willing.core.write_queue import RETRY_AFTER_SECONDS, DatabaseBusy


def bad_request(_request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that cannot be read; what it carries is not read again.

    A session that could not be saved comes here too, as one that was deleted meanwhile.
    """
    if broken := storage.find_refusal(exception):
        return _not_now(broken, storage.RETRY_AFTER_SECONDS)
    return HttpResponse(render_to_string("400.html"), status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  # Django passes it by name
    """Answer someone whose role does not open the page."""
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  # Django passes it by name
    """Answer for an address where there is nothing."""
    return render(request, "404.html", status=404)


def server_error(_request: HttpRequest) -> HttpResponse:
    """Answer when something broke, which may be the database.

    A database that was too busy outside a page's own code, say to keep the session, broke nothing.
    """
    error = sys.exc_info()[1]
    if isinstance(error, DatabaseBusy):
        return _not_now(database_busy(), RETRY_AFTER_SECONDS)
    if broken := storage.find_refusal(error):
        return _not_now(broken, storage.RETRY_AFTER_SECONDS)
    return HttpResponse(render_to_string("500.html"), status=500)


def _not_now(refusal: Refused, seconds: int) -> HttpResponse:
    page = render_to_string("503.html", {"refusal": refusal})
    return HttpResponse(page, status=503, headers={"Retry-After": str(seconds)})
