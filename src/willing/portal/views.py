"""The page that a guardian's signed link opens: read, decide, see. No rule stands here."""

from collections.abc import Callable
from functools import update_wrapper
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from willing.biometrics import actions as biometrics
from willing.consent import actions as consent_actions
from willing.consent import errors
from willing.consent.models import Answer, Channel, Notice
from willing.consent.queries import find_notice
from willing.core.errors import Refused
from willing.people.access import allow_anyone
from willing.people.models import Guardian, Person
from willing.people.queries import persons_of
from willing.portal.compose import Question, child, questions
from willing.portal.policy import waits


def by_link(
    view: Callable[[HttpRequest, str, Guardian], HttpResponse],
) -> Callable[[HttpRequest, str], HttpResponse]:
    """Open the view with the guardian whom the link in its address was made for, in their language.

    No browser, proxy or search engine keeps a copy, and the address is told to no other site.
    """

    def opened(request: HttpRequest, token: str) -> HttpResponse:
        try:
            guardian = consent_actions.open_link(token)
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
    if _is_read_by_somebody(request):
        _note_told(guardian, asked)
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


def _is_read_by_somebody(request: HttpRequest) -> bool:
    # A mail program or browser that fetches the link ahead of time has told nobody anything.
    ahead = f"{request.headers.get('Sec-Purpose', '')} {request.headers.get('Purpose', '')}"
    return request.method == "GET" and "prefetch" not in ahead and "preview" not in ahead


def _note_told(guardian: Guardian, asked: list[Question]) -> None:
    for question in asked:
        for choice in question.choices:
            consent_actions.notify_guardian(guardian, choice.person, question.notice, channel=Channel.LINK)


@allow_anyone("the signed link is the key")
@require_POST
@by_link
def decide(request: HttpRequest, token: str, guardian: Guardian) -> HttpResponse:
    """Take a yes, a no or a withdrawal; where no permission is left, the face is erased at once."""
    answer = request.POST.get("answer", "")
    if answer not in Answer.values:
        return HttpResponse(status=400)
    person, notice = _person(request, guardian), _notice(request)
    word = consent_actions.Decided(person, notice.purpose, answer, notice, Channel.LINK, guardian=guardian)
    decided = biometrics.decide(word)
    said = {Answer.YES: _("Your yes is recorded."), Answer.NO: _("Your no is recorded.")}
    text = said.get(Answer(answer), _("It has ended."))
    if decided.erasure:
        erased = _("%(name)s's face is no longer stored. Receipt: entry %(number)s of the school's log.")
        text = f"{text} {erased % {'name': person.given_name, 'number': decided.erasure.log_sequence}}"
    messages.success(request, text)
    return redirect("portal:consent", token=token)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _person(request: HttpRequest, guardian: Guardian) -> Person:
    wanted = _uuid(request.POST.get("person", ""))
    person = next((one for one in persons_of(guardian) if one.id == wanted), None)
    if person is None:
        raise errors.not_a_guardian()
    return person


def _notice(request: HttpRequest) -> Notice:
    """Return the very notice that stood on the page, so that the decision holds what was read."""
    wanted = _uuid(request.POST.get("notice", ""))
    notice = find_notice(wanted) if wanted else None
    if notice is None or notice.reader != Notice.Reader.ADULT:
        raise errors.purpose_not_served()
    return notice
