"""What every page gets: a camera policy, and a friendly answer when an action refuses."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from willing.core import storage
from willing.core.errors import Refused, database_busy
from willing.core.write_queue import RETRY_AFTER_SECONDS, DatabaseBusy

GetResponse = Callable[[HttpRequest], HttpResponseBase]

# Features that no page of ours has a use for stay off everywhere, for embedded pages too.
POLICY = "camera={camera}, microphone=(), geolocation=(), display-capture=(), usb=(), payment=(), midi=()"


class PageMiddleware:
    """A middleware that looks at answers, or at what a view raised."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on."""
        return self.get_response(request)


class PermissionsPolicyMiddleware(PageMiddleware):
    """Forbid the camera on every page whose view is not marked with `uses_camera`.

    An injected script on any other page cannot even ask for it (promise 3).
    """

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Add the policy to the answer."""
        return _with_policy(request, self.get_response(request))


class PrivateAnswersMiddleware(PageMiddleware):
    """Let no browser and no proxy keep an answer that does not say otherwise, and no other site load any.

    What a page forgets to say is so on the safe side: answers of the API, and pages that say 403 or 404 to
    someone who is signed in, with their name on them. Static files say themselves how long they last.
    """

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Add both to the answer."""
        return _as_private(self.get_response(request))


def _as_private(response: HttpResponseBase) -> HttpResponseBase:
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    return response


def _with_policy(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    view = request.resolver_match.func if request.resolver_match else None
    camera = "(self)" if getattr(view, "uses_camera", False) else "()"
    response.headers["Permissions-Policy"] = POLICY.format(camera=camera)
    return response


class RefusalMiddleware(PageMiddleware):
    """Turn a `Refused` that leaves a page's view into a page, or into a notice for htmx, with status 409.

    A database that is too busy, not writable or damaged is answered the same way, with 503 and when to try
    again. The API answers with problem details by itself (willing.api).
    """

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a refusal; leave every other exception to those who handle bugs."""
        if isinstance(exception, DatabaseBusy):
            return _refuse_for_now(request, database_busy(), RETRY_AFTER_SECONDS)
        if broken := storage.find_refusal(exception):
            return _refuse_for_now(request, broken, storage.RETRY_AFTER_SECONDS)
        return refuse(request, exception, status=409) if isinstance(exception, Refused) else None


def _refuse_for_now(request: HttpRequest, refusal: Refused, seconds: int) -> HttpResponse:
    response = refuse(request, refusal, status=503)
    response.headers["Retry-After"] = str(seconds)
    return response


def refuse(request: HttpRequest, refusal: Refused, *, status: int) -> HttpResponse:
    """Return the page that says a refusal, or for htmx the notice."""
    if request.headers.get("HX-Request") == "true":
        response = render(request, "ui/_refused.html", {"refusal": refusal}, status=status)
        response.headers["HX-Retarget"] = "#notices"
        response.headers["HX-Reswap"] = "innerHTML show:top"
        return response
    return render(request, "ui/refused.html", refusal_shown(request, refusal), status=status)


def refusal_shown(request: HttpRequest, refusal: Refused) -> dict[str, object]:
    """Return what the page of a refusal needs: its words, and the way back."""
    return {"refusal": refusal, "back_url": _where_from(request)}


def _where_from(request: HttpRequest) -> str:
    """Return the page that the person came from when it is ours, else the start page."""
    referrer = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(
        referrer, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return referrer if ours else reverse("home")
