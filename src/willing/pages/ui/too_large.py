"""What a page says when more was sent than it takes: the body is gone by then, the sentence is its own."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused
from willing.pages.ui.middleware import refuse

# Set in the request's META by config.workers where a body was taken in and dropped.
DROPPED = "willing.body_dropped"


def announces_too_much(request: HttpRequest) -> bool:
    """Say whether a request has a body that nobody reads: one that was dropped, or longer than is taken."""
    if request.META.get(DROPPED):
        return True
    length = request.META.get("CONTENT_LENGTH") or "0"
    return not length.isdecimal() or int(length) > int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0)


class TooLargeMiddleware:
    """Answer 413 with the page's own text, before anything asks for the form that did not arrive."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass on what is of a size that the page takes."""
        if not announces_too_much(request):
            return self.get_response(request)
        return refuse(request, _sentence_of(request), status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def _sentence_of(request: HttpRequest) -> Refused:
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        view = None
    sentence = getattr(view, "too_large", None)
    return sentence() if sentence else too_large()


def too_large() -> Refused:
    """More was sent than this page takes."""
    return Refused("too_large", _("This is too large. Nothing was changed."))
