"""What a guardian's device needs to hold the school's log against the checkpoint it saw last."""

import re

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from willing.accounts.access import allow_guardians
from willing.accounts.attempts import require_few_attempts
from willing.audit.continuity import continuity_since
from willing.audit.errors import NothingLogged, SigningKeyUnreadable, TreeDamaged
from willing.audit.verify.signed_note import NAME, SIZE
from willing.people.models import Guardian

_ORIGIN, _SIZE = re.compile(NAME), re.compile(SIZE)


@never_cache
@require_safe
@allow_guardians
def continuity(request: HttpRequest, guardian: Guardian) -> HttpResponse:
    """Return the newest checkpoint and what leads to it from the remembered one (?origin= and ?size=).

    It says the same to every guardian, and nothing about any. Never cached: an old answer would look like a
    log that became shorter. 503 where the log can't be signed or its tree is damaged.
    """
    require_few_attempts(request, "log_continuity", key=str(guardian.pk))
    origin, size = request.GET.get("origin", ""), request.GET.get("size", "0")
    if not _SIZE.fullmatch(size) or (origin and not _ORIGIN.fullmatch(origin)):
        return HttpResponse(status=400)
    try:
        return JsonResponse(continuity_since(origin, int(size)))
    except (NothingLogged, TreeDamaged, SigningKeyUnreadable):
        return HttpResponse(status=503)
