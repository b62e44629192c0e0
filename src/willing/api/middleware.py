"""Errors that Django answers itself (no such address, wrong method), as problem details too."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from willing.api.problems import problem

PREFIX = "/api/v1/"


class ProblemMiddleware:
    """Turn every error under the API's prefix into a problem details document."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the response, or the problem that it stands for."""
        response = self.get_response(request)
        is_ours = request.path.startswith(PREFIX) and response.status_code >= HTTPStatus.BAD_REQUEST
        if not is_ours or response.get("Content-Type", "").startswith("application/problem+json"):
            return response
        status = HTTPStatus(response.status_code)
        answer = problem(status.name.lower(), status.value, status.phrase)
        for name in ("Allow", "Retry-After"):
            if name in response:
                answer[name] = response[name]
        return answer
