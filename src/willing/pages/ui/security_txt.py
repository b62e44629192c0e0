"""Whom to tell of a weakness, where everyone looks for it (RFC 9116)."""

from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse

from willing.core.clock import now

PATH = ".well-known/security.txt"
# A later reader asks again: the contact is as fresh as the server that sends it.
VALID_DAYS = 180


def security_txt(request: HttpRequest) -> HttpResponse:
    """Answer with the file; 404 where the operator named no contact."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    expires = (now() + timedelta(days=VALID_DAYS)).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en, zh",
    ]
    if request.is_secure():
        lines.append(f"Canonical: {request.build_absolute_uri()}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
