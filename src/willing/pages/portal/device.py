"""In which browsers a pupil has signed in: a guardian's word about that pupil never comes from one of them.

A cookie of the browser says so, as digests that name nobody. Who deletes it, or signs in elsewhere, gets
round it; the second person, at the school, is there for that.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from willing.people.models import Person

NAME = f"{settings.COOKIE_PREFIX}willing_pupils"
DAYS, PUPILS_MAX = 180, 8


def remember_pupil(request: HttpRequest, response: HttpResponse, person: Person) -> None:
    """Let this browser be one in which the pupil has signed in."""
    known = _known(request)
    if _digest(person) in known:
        return
    response.set_cookie(
        NAME,
        ".".join([_digest(person), *known][:PUPILS_MAX]),
        max_age=DAYS * 24 * 3600,
        path=settings.SESSION_COOKIE_PATH,
        secure=bool(settings.SESSION_COOKIE_SECURE),
        httponly=True,
        samesite="Lax",
    )


def is_pupils_device(request: HttpRequest, person: Person) -> bool:
    """Say whether the pupil has signed in in this browser."""
    return any(constant_time_compare(one, _digest(person)) for one in _known(request))


def _known(request: HttpRequest) -> list[str]:
    return [one for one in request.COOKIES.get(NAME, "").split(".") if one][:PUPILS_MAX]


def _digest(person: Person) -> str:
    return salted_hmac("willing.pages.portal.device", str(person.id), algorithm="sha256").hexdigest()[:32]
