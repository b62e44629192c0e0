"""The page by which devices learn of the school's own authority (`willing https local-authority`)."""

import segno
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from willing.ops.authority import apple_profile, as_der, fingerprint, read_authority
from willing.ops.https_files import LOCAL, Https

HTTP_PORT = 80  # which an address does not name
FILES = {
    "crt": ("application/x-x509-ca-cert", as_der),
    "mobileconfig": ("application/x-apple-aspen-config", apple_profile),
}


@require_safe
def authority(request: HttpRequest) -> HttpResponse:
    """Show the QR code that other devices open, and the number that is compared on them."""
    https = _require_local()
    port = "" if settings.DOOR_PORT == HTTP_PORT else f":{settings.DOOR_PORT}"
    door = f"http://{https.names[0]}{port}/" if settings.DOOR_PORT else ""
    context = {
        "name": https.names[0],
        "fingerprint": fingerprint(read_authority()),
        "door": door,
        "qr": segno.make_qr(door).svg_data_uri(scale=5, border=2) if door else "",
    }
    return render(request, "ui/authority.html", context)


@require_safe
def authority_file(_request: HttpRequest, kind: str) -> HttpResponse:
    """Hand out the authority's certificate, as a file or as a profile of Apple's."""
    _require_local()
    if kind not in FILES:
        raise Http404
    media, write = FILES[kind]
    return HttpResponse(write(read_authority()), content_type=media)


def _require_local() -> Https:
    found: Https | None = settings.TLS
    if found is None or found.kind != LOCAL:
        raise Http404
    return found
