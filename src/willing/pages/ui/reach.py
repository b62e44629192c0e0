"""The answer by which a server knows itself again behind a public address (`ops.reach`)."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from willing.ops.reach import answer_to

QUESTION_LENGTH_MAX = 64


@never_cache
@require_safe
def reach(request: HttpRequest) -> HttpResponse:
    """Answer a question as only this installation does; it tells nothing about it."""
    question = request.GET.get("question", "")[:QUESTION_LENGTH_MAX]
    return HttpResponse(answer_to(question), content_type="text/plain; charset=us-ascii")
