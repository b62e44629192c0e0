"""Errors of the API, answered as problem details (RFC 9457): which status, and when to send it again."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError

from willing.api.access import KEY_HEADER
from willing.api.errors import idempotency_key_missing
from willing.core import storage
from willing.core.errors import Refused, database_busy
from willing.core.problem_details import MEDIA_TYPE, problem_details
from willing.core.write_queue import RETRY_AFTER_SECONDS, DatabaseBusy
from willing.credentials.rules import LOCK_MINUTES

# A refusal is 409 (the state of things says no) unless its code is listed here.
STATUS = {
    "terminal_not_paired": 401,
    "pairing_code_unknown": 404,
    "basket_unknown": 404,
    "sale_unknown": 404,
    "product_unknown": 404,
    "session_closed": 410,
    "frame_not_readable": 422,
    "frame_too_large": 413,
    "quantity_not_valid": 422,
    "card_share_sent": 422,
    "cursor_not_valid": 422,
    "idempotency_key_missing": 400,
    "idempotency_key_reused": 422,
    "refunds_not_allowed": 403,
    "look_ups_not_allowed": 403,
    "pin_locked": 429,
    "too_many_attempts": 429,
    "face_not_available": 503,
    "face_locked": 503,
    "clock_behind": 503,
    "database_busy": 503,
    "database_not_reachable": 503,
    "database_not_writable": 503,
    "database_damaged": 503,
}
# RFC 6750: which scope a refused token would have needed.
SCOPE_MISSING = {"refunds_not_allowed": "refund", "look_ups_not_allowed": "look_up"}


# How long to wait, in seconds, where the same request may succeed later by itself.
RETRY_AFTER = {
    "pin_locked": LOCK_MINUTES * 60,
    "face_locked": 3600,
    "face_not_available": 3600,
    "clock_behind": 3600,
    "database_busy": RETRY_AFTER_SECONDS,
}
_RETRY_STATUS = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
RETRY_SECONDS = 60

# What HTTP itself refuses: the code, and a sentence for people.
HTTP_PROBLEMS: dict[int, tuple[str, Promise]] = {
    400: ("bad_request", _lazy("This request can't be read.")),
    401: ("not_known", _lazy("Only a paired till or a signed-in user may send this much.")),
    404: ("not_found", _lazy("There is nothing at this address.")),
    405: ("method_not_allowed", _lazy("This address does not accept that method.")),
    406: ("not_acceptable", _lazy("Only application/json is available here.")),
    408: ("too_slow", _lazy("This arrived too slowly. Please send it again.")),
    413: ("too_large", _lazy("This is too large.")),
    415: (
        "unsupported_media_type",
        _lazy("This format is not accepted here. The header Accept names the right one."),
    ),
    429: (
        "too_many_connections",
        _lazy("There are too many connections from this address. Please try again in a minute."),
    ),
    431: ("header_too_large", _lazy("The header of this request is too large.")),
    500: ("internal_server_error", _lazy("Something went wrong here. You can send the same request again.")),
    503: ("service_unavailable", _lazy("The school's computer is very busy. Please try again in a moment.")),
}


def problem(code: str, status: int, title: str, data: Mapping[str, Any] | None = None) -> HttpResponse:
    """Answer with a problem details document, and with the wait after which the same may succeed."""
    body = problem_details(code, status, title, data)
    response = JsonResponse(body, status=status, content_type=MEDIA_TYPE)
    if status in _RETRY_STATUS:
        response["Retry-After"] = str(RETRY_AFTER.get(code, RETRY_SECONDS))
    return response


def http_problem(status: HTTPStatus) -> HttpResponse:
    """Return the problem that a status of HTTP stands for by itself."""
    code, title = HTTP_PROBLEMS.get(status, (status.name.lower(), status.phrase))
    return problem(code, status.value, str(title))


def answer_errors(api: NinjaAPI) -> None:
    """Let `api` answer refusals and bad requests with problem details."""

    def refused(_request: HttpRequest, error: Any) -> HttpResponse:
        response = problem(error.code, STATUS.get(error.code, 409), str(error.message), error.data)
        if error.code in SCOPE_MISSING:
            scope = SCOPE_MISSING[error.code]
            response["WWW-Authenticate"] = f'Bearer error="insufficient_scope", scope="{scope}"'
        return response

    def invalid(request: HttpRequest, error: Any) -> HttpResponse:
        if any(one["loc"][-1] == KEY_HEADER for one in error.errors):
            return refused(request, idempotency_key_missing())
        # Where and why, never the value: it may be a PIN.
        faults = [{"at": [str(part) for part in one["loc"]], "why": one["msg"]} for one in error.errors]
        return problem("not_valid", 422, _("The request is not valid."), {"faults": faults})

    def unauthenticated(_request: HttpRequest, _error: Any) -> HttpResponse:
        response = problem("terminal_not_paired", 401, _("This till is not paired. Please pair it first."))
        response["WWW-Authenticate"] = "Bearer"
        return response

    def busy(request: HttpRequest, _error: Any) -> HttpResponse:
        return refused(request, database_busy())

    def storage_failed(request: HttpRequest, error: Any) -> HttpResponse:
        refusal = storage.find_refusal(error)
        if refusal is None:
            raise error  # a bug, for those who handle bugs
        response = refused(request, refusal)
        response["Retry-After"] = str(storage.RETRY_AFTER_SECONDS)
        return response

    api.add_exception_handler(Refused, refused)
    api.add_exception_handler(DatabaseError, storage_failed)
    api.add_exception_handler(DatabaseBusy, busy)
    api.add_exception_handler(ValidationError, invalid)
    api.add_exception_handler(AuthenticationError, unauthenticated)
