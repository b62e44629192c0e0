"""What HTTP itself asks of every answer under the API's prefix."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from willing.api.negotiation import JSON, READS, accepts, allow_also_head, is_readable, without_body
from willing.api.problems import http_problem, problem
from willing.api.schemas import SalesIn
from willing.core.problem_details import MEDIA_TYPE

PREFIX = "/api/v1/"
# The document's own page for people, which is HTML.
PAGE = "openapi-view"


def _refuse_unknown(request: HttpRequest, operation: str) -> HttpResponse | None:
    """Refuse, by name, a parameter that nothing reads, and a body where none is read: both mean something."""
    known = (
        {one.alias or name for name, one in SalesIn.model_fields.items()} if operation == "sales" else set()
    )
    faults = [["query", name] for name in sorted(request.GET.keys() - known)]
    if request.method == "POST" and operation not in READS and request.body.strip() not in (b"", b"{}"):
        faults.append(["body"])
    if not faults:
        return None
    told = [{"at": at, "why": _("This is not read here.")} for at in faults]
    return problem("not_valid", 422, _("The request is not valid."), {"faults": told})


class ProblemMiddleware:
    """Answer by RFC 9110, and with a problem details document wherever something is wrong."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the response, or the problem that it stands for."""
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        asked = request.method
        if asked == "HEAD":
            request.method = "GET"
        response = self._answer(request)
        return without_body(response) if asked == "HEAD" else response

    def process_view(
        self, request: HttpRequest, _view: object, _args: tuple[Any, ...], _kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Refuse what the caller could not read, or we could not, before anything is done."""
        match = request.resolver_match
        if not request.path_info.startswith(PREFIX) or match is None or match.url_name == PAGE:
            return None
        if not accepts(request, JSON):
            return http_problem(HTTPStatus.NOT_ACCEPTABLE)
        if request.method == "POST" and not is_readable(request, match.url_name or ""):
            response = http_problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
            response["Accept"] = READS[match.url_name or ""]
            return response
        return _refuse_unknown(request, match.url_name or "")

    def _answer(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            allow_also_head(response)
            if request.method == "OPTIONS":
                return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"Allow": response["Allow"]})
        is_problem = response.get("Content-Type", "").startswith(MEDIA_TYPE)
        if response.status_code < HTTPStatus.BAD_REQUEST or is_problem:
            return response
        with translation.override(translation.get_language_from_request(request)):
            answer = http_problem(HTTPStatus(response.status_code))
        for name in ("Allow", "Retry-After"):
            if name in response:
                answer[name] = response[name]
        return answer
