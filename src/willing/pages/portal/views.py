"""The page that a guardian's signed link opens: read, decide, see. There are no rules here."""

from collections.abc import Callable
from functools import update_wrapper
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods, require_POST

from willing.accounts.access import allow_anyone
from willing.consent import errors
from willing.consent.links import open_link
from willing.consent.models import Channel
from willing.core.errors import Refused
from willing.pages.portal.consent_answers import (
    answer_of,
    find_uuid,
    is_read_by_a_person,
    message_after,
    record_answer,
    record_notified,
)
from willing.pages.portal.policy import waits
from willing.pages.portal.presenters import child, questions
from willing.people.models import Guardian, Person
from willing.people.queries import persons_of


def by_link(
    view: Callable[[HttpRequest, str, Guardian], HttpResponse],
) -> Callable[[HttpRequest, str], HttpResponse]:
    """Open the view with the guardian whom the link in its address was made for, in their language.

    No browser, proxy or search engine keeps a copy, and no other site gets the address.
    """

    def opened(request: HttpRequest, token: str) -> HttpResponse:
        try:
            guardian = open_link(token)
            language = _language(request, guardian)
            with timezone.override(ZoneInfo(guardian.school.time_zone)), translation.override(language):
                request.LANGUAGE_CODE = language
                response = view(request, token, guardian)
        except Refused as refused:
            # Not the page of every refusal, whose "Go back" would lead to this address again.
            response = render(request, "portal/refused.html", {"refusal": refused}, status=409)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return update_wrapper(opened, view)


def _language(request: HttpRequest, guardian: Guardian) -> str:
    """Return what the reader chose on the page, else the guardian's own language."""
    chosen = settings.LANGUAGE_COOKIE_NAME in request.COOKIES
    known = guardian.language in dict(settings.LANGUAGES)
    return guardian.language if known and not chosen else translation.get_language() or "en"


@allow_anyone("the signed link is the key")
@require_http_methods(["GET", "HEAD"])
@by_link
def consent(request: HttpRequest, token: str, guardian: Guardian) -> HttpResponse:
    """Show the notices, the choices, how long each way takes, and what the children bought."""
    persons = persons_of(guardian)
    asked = questions(guardian, persons, translation.get_language() or "en")
    if is_read_by_a_person(request):
        record_notified(guardian, asked, channel=Channel.LINK)
    context = {
        "decide_url": reverse("portal:decide", args=[token]),
        "waits": waits(guardian.school),
        "guardian": guardian,
        "school": guardian.school,
        "currency": guardian.school.currency,
        "questions": asked,
        "children": [child(person) for person in persons],
    }
    return render(request, "portal/consent.html", context)


@allow_anyone("the signed link is the key")
@require_POST
@by_link
def decide(request: HttpRequest, token: str, guardian: Guardian) -> HttpResponse:
    """Take a yes, a no or a withdrawal; where no permission is left, the face is erased at once."""
    answer = answer_of(request)
    if answer is None:
        return HttpResponse(status=400)
    person = _person(request, guardian)
    decided = record_answer(request, guardian, person, answer, channel=Channel.LINK)
    messages.success(request, message_after(person, decided))
    return redirect("portal:consent", token=token)


def _person(request: HttpRequest, guardian: Guardian) -> Person:
    wanted = find_uuid(request.POST.get("person", ""))
    person = next((one for one in persons_of(guardian) if one.id == wanted), None)
    if person is None:
        raise errors.not_a_guardian()
    return person
