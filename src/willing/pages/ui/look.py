"""How a school looks on every page: its colour as a style sheet, its logo as a picture; both are public."""

from typing import Any

from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_safe

from willing.people.look import find_logo
from willing.people.models import School
from willing.people.requests import find_school_of
from willing.people.rules import darker, is_readable_colour

# A new colour or logo has a new address, so a browser may keep this one for long.
KEPT = "public, max-age=31536000, immutable"


def school_look(request: HttpRequest) -> dict[str, Any]:
    """Give every template the school as `house`, looked up only where one asks for it."""
    return {"house": SimpleLazyObject(lambda: _school_to_show(request))}


def _school_to_show(request: HttpRequest) -> School | None:
    """Return the school, or None where the database does not answer: the page says that, without a logo."""
    try:
        return find_school_of(request)
    except DatabaseError:
        return None


@require_safe
def colour(request: HttpRequest, colour: str) -> HttpResponse:  # noqa: ARG001
    """Answer the style sheet of a colour, which the address names; one that is not readable is none."""
    shown = f"#{colour.lower()}"
    if not is_readable_colour(shown):
        raise Http404
    text = f":root {{ --brand: {shown}; --brand-strong: {darker(shown)}; }}\n"
    return HttpResponse(text, content_type="text/css; charset=utf-8", headers={"Cache-Control": KEPT})


@require_safe
def logo(request: HttpRequest, digest: str) -> HttpResponse:
    """Answer the school's logo: a PNG that we drew ourselves."""
    school = find_school_of(request)
    found = find_logo(school) if school and school.logo_sha256[:16] == digest else None
    if found is None:
        raise Http404
    headers = {"Cache-Control": KEPT, "X-Content-Type-Options": "nosniff"}
    return HttpResponse(bytes(found.png), content_type="image/png", headers=headers)
