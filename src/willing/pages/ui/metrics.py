"""/metrics, for the operator's monitoring: with the operator's own token, and not there without one."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from willing.ops.metrics import CONTENT_TYPE, write_metrics
from willing.people.requests import find_school_of

SCHEME = "Bearer "


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer with the metrics; 404 where no token is set, 401 without it."""
    if not settings.METRICS_TOKEN:
        raise Http404
    given = request.headers.get("Authorization", "")
    if not given.startswith(SCHEME) or not constant_time_compare(
        given[len(SCHEME) :], settings.METRICS_TOKEN
    ):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(write_metrics(find_school_of(request)), content_type=CONTENT_TYPE)
