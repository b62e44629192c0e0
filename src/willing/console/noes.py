"""A no that somebody was told: anybody who works here enters it in two presses, undoes a slip with one."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from willing.biometrics import actions as biometrics
from willing.consent import errors as consent_errors
from willing.consent.actions import undo_no
from willing.consent.queries import UNDO_SECONDS, may_undo_no
from willing.console.pages import ANY_STAFF, TILL, Page, show, user_of
from willing.people.access import allow_roles
from willing.people.models import Guardian, Person
from willing.people.queries import listed_guardians, require_person, require_school, roles_of, search_persons

LETTERS_MIN = 2
FOUND_SHOWN = 12


@require_safe
@allow_roles(*ANY_STAFF)
def find(request: HttpRequest) -> HttpResponse:
    """Find who said no. For less than two letters nobody: this is no roll to browse."""
    text = request.GET.get("q", "").strip()[:100]
    found = search_persons(require_school(), text, limit=FOUND_SHOWN) if len(text) >= LETTERS_MIN else []
    return show(request, "console/no.html", {"text": text, "people": found, "till": _till(request)})


def _till(request: HttpRequest) -> Page | None:
    """Return the way back for whoever stands at a till."""
    roles = roles_of(user_of(request), require_school())
    return None if roles.isdisjoint(TILL.roles) else TILL


@require_safe
@allow_roles(*ANY_STAFF)
def said_no(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Ask who said no; it shows nothing of what anybody decided before."""
    person = require_person(require_school(), person_id)
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
def record(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Record the no. It counts at once, for every purpose; asking "are you sure" would only lose some."""
    person = require_person(require_school(), person_id)
    guardian = _find_guardian(person, request.POST.get("by", ""))
    said = biometrics.say_no(person, guardian, by=user_of(request))
    text = _("The no is recorded. No face is used for %(name)s.") % {"name": person.given_name}
    if said.erasure:
        erased = _("The face is no longer stored. Receipt: entry %(number)s of the log.")
        text = f"{text} {erased % {'number': said.erasure.log_sequence}}"
    messages.success(request, text)
    return redirect("console:said-no", person_id=person.id)


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
def undo(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Take back what was entered for the wrong person, a moment ago and by oneself."""
    person = require_person(require_school(), person_id)
    undo_no(person, by=user_of(request))
    messages.success(
        request, _("Undone. What was said before counts again. A face that was erased stays erased.")
    )
    return redirect("console:said-no", person_id=person.id)
