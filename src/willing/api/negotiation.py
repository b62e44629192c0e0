"""Methods and media types as RFC 9110 has them: HEAD and OPTIONS, 405 with Allow, 406 and 415."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.http.request import MediaType

JSON = "application/json"
JPEG = "image/jpeg"
# What an operation reads; whatever is not here takes no body. Held against the document by a test.
READS: Mapping[str, str] = {
    "pair": JSON,
    "sold_out": JSON,
    "open_basket": JSON,
    "confirm": JSON,
    "identify": JSON,
    "set_line": JSON,
    "look_up": JSON,
    "refund": JSON,
    "sign_on": JSON,
    "frame": JPEG,
}


def accepts(request: HttpRequest, media_type: str) -> bool:
    """Say whether the caller takes this media type: the most specific range that matches decides."""
    ranges = [MediaType(part) for part in request.headers.get("Accept", "").split(",") if part.strip()]
    if not ranges:
        return True
    main, _, sub = media_type.partition("/")
    fitting = [one for one in ranges if one.main_type in ("*", main) and one.sub_type in ("*", sub)]
    best = max(fitting, key=lambda one: one.specificity, default=None)
    return best is not None and best.quality > 0


def is_readable(request: HttpRequest, operation: str) -> bool:
    """Say whether the body is of the media type that the operation reads."""
    expected = READS.get(operation)
    return expected is None or request.content_type == expected


def allow_also_head(response: HttpResponse) -> None:
    """Name HEAD where GET is allowed, and OPTIONS everywhere."""
    methods = [one.strip() for one in response.get("Allow", "").split(",") if one.strip()]
    extra = ["HEAD"] if "GET" in methods else []
    response["Allow"] = ", ".join([*methods, *extra, "OPTIONS"])


def without_body(response: HttpResponse) -> HttpResponse:
    """Return the answer to HEAD: everything that GET would say, but the body."""
    response["Content-Length"] = str(len(response.content))
    response.content = b""
    return response
