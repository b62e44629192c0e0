"""Errors as problem details (RFC 9457), written in one place."""

from collections.abc import Mapping
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError

from willing.api.access import KEY_HEADER
from willing.api.errors import idempotency_key_missing
from willing.core import storage
from willing.core.errors import Refused, database_busy
from willing.core.write_queue import RETRY_AFTER_SECONDS, DatabaseBusy

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
    "cursor_not_valid": 422,
    "idempotency_key_missing": 400,
    "idempotency_key_reused": 422,
    "refunds_not_allowed": 403,
    "pin_locked": 429,
    "face_not_available": 503,
    "face_locked": 503,
    "clock_behind": 503,
    "database_busy": 503,
    "database_not_writable": 503,
    "database_damaged": 503,
}
# RFC 6750: which scope a refused token would have needed.
SCOPE_MISSING = {"refunds_not_allowed": "refund"}


def problem(code: str, status: int, title: str, data: Mapping[str, Any] | None = None) -> HttpResponse:
    """Return a problem details document; `code` is stable, `title` is for people."""
    body = {
        "type": f"urn:willing:problem:{code}",
        "title": title,
        "status": status,
        "code": code,
        **(data or {}),
    }
    return JsonResponse(body, status=status, content_type="application/problem+json")


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
        response = refused(request, database_busy())
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response

    def storage_failed(request: HttpRequest, error: Any) -> HttpResponse:
        refusal = storage.find_refusal(error)
        if refusal is None:
            raise error  # a bug, for whoever handles bugs
        response = refused(request, refusal)
        response["Retry-After"] = str(storage.RETRY_AFTER_SECONDS)
        return response

    api.add_exception_handler(Refused, refused)
    api.add_exception_handler(DatabaseError, storage_failed)
    api.add_exception_handler(DatabaseBusy, busy)
    api.add_exception_handler(ValidationError, invalid)
    api.add_exception_handler(AuthenticationError, unauthenticated)
