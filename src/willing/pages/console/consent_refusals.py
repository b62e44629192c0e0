"""A refusal: anyone who works here records it in two presses and undoes a slip with one."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.accounts.attempts import require_few_attempts
from willing.biometrics.consent_changes import record_refusal
from willing.consent import errors as consent_errors
from willing.consent.decisions import undo_no
from willing.consent.queries import UNDO_SECONDS, may_undo_no
from willing.pages.console.helpers import show, user_of
from willing.pages.console.navigation import TILL, Page
from willing.pages.console.roles import ANY_STAFF, OFFICE
from willing.pages.console.view_log import record_view
from willing.people.models import Guardian, Person
from willing.people.queries import alike, find_by_full_name, listed_guardians, require_person


@require_safe
@allow_roles(*ANY_STAFF)
def find(request: PageRequest) -> HttpResponse:
    """Find who said no, by their whole name: this is no list to browse. Who is shown is in the log."""
    text, year = (request.GET.get(name, "").strip()[:100] for name in ("q", "year"))
    if text:
        _count_view(request)
    found = find_by_full_name(request.school, text, year)
    for person in found:
        record_view(person, by=user_of(request))
    context = {"text": text, "year": year, "people": found, "same": alike(found), "till": _till(request)}
    return show(request, "console/no.html", context)


def _count_view(request: PageRequest) -> None:
    """Let nobody but the office, which may read every record, view many. Raises Refused too_many_attempts."""
    if request.roles.isdisjoint(OFFICE):
        require_few_attempts(request, "record_viewed", key=str(user_of(request).pk))


def _till(request: PageRequest) -> Page | None:
    """Return the way back for a person at a till."""
    roles = request.roles
    return None if roles.isdisjoint(TILL.roles) else TILL


@require_safe
@allow_roles(*ANY_STAFF)
def refusal_page(request: PageRequest, person_id: UUID) -> HttpResponse:
    """Ask who said no; it shows nothing of what anyone decided before."""
    _count_view(request)
    person = require_person(request.school, person_id)
    record_view(person, by=user_of(request))
    context = {
        "till": _till(request),
        "person": person,
        "guardians": listed_guardians(person.id),
        "may_undo": may_undo_no(person, by=user_of(request)),
        "undo_minutes": UNDO_SECONDS // 60,
    }
    return show(request, "console/said_no.html", context)


@require_POST
@allow_roles(*ANY_STAFF)
def record(request: PageRequest, person_id: UUID) -> HttpResponse:
    """Record the no. It counts at once, for every purpose; asking "are you sure" would only lose some."""
    person = require_person(request.school, person_id)
    guardian = _find_guardian(person, request.POST.get("by", ""))
    said = record_refusal(person, guardian, by=user_of(request))
    text = _("The no is recorded. No face is used for %(name)s.") % {"name": person.given_name}
    if said.erasure:
        erased = _("The face is no longer stored. Receipt: entry %(number)s of the log.")
        text = f"{text} {erased % {'number': said.erasure.log_sequence}}"
    messages.success(request, text)
    return redirect("console:record-refusal", person_id=person.id)


def _find_guardian(person: Person, by: str) -> Guardian | None:
    """Return the guardian who said no, or None for the person's own no."""
    if by == "self":
        return None
    found = next((one for one in listed_guardians(person.id) if str(one.id) == by), None)
    if found is None:
        raise consent_errors.not_a_guardian()
    return found


@require_POST
@allow_roles(*ANY_STAFF)
def undo(request: PageRequest, person_id: UUID) -> HttpResponse:
    """Take back what was entered for the wrong person, a moment ago and by oneself."""
    person = require_person(request.school, person_id)
    undo_no(person, by=user_of(request))
    messages.success(
        request, _("Undone. The earlier answers count again. A face that was erased stays erased.")
    )
    return redirect("console:record-refusal", person_id=person.id)
