"""Consent on paper: print the form, enter its answers with its scan, view a scan."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.consent import errors as consent_errors
from willing.consent.decisions import NewDecision
from willing.consent.models import Answer, Channel, Notice, Purpose
from willing.consent.queries import notices_on_forms, own_reader, require_notice
from willing.consent_forms.actions import record_form, view_form
from willing.consent_forms.errors import form_too_large
from willing.consent_forms.queries import require_form
from willing.consent_forms.rules import CONTENT_TYPES
from willing.core.errors import Refused
from willing.pages.console.forms import SELF, ConsentFormEntry
from willing.pages.console.helpers import back_to_person, show, user_of
from willing.pages.console.roles import OFFICE
from willing.pages.ui.decorators import answers_when_too_large
from willing.people.models import Guardian, Person
from willing.people.queries import listed_guardians, require_person
from willing.terminals.queries import asked_purposes


def _asked(request: PageRequest, person_id: UUID, purpose: str) -> Person:
    person = require_person(request.school, person_id)
    if purpose not in asked_purposes(person.school):
        raise consent_errors.purpose_not_served()
    return person


def _guardian(person: Person, guardian_id: str) -> Guardian | None:
    if guardian_id in ("", SELF):
        return None
    found = next((one for one in listed_guardians(person.id) if str(one.id) == guardian_id), None)
    if found is None:
        raise consent_errors.not_a_guardian()
    return found


@require_safe
@allow_roles(*OFFICE)
def form(request: PageRequest, person_id: UUID, purpose: str) -> HttpResponse:
    """Show the form to print: the notice in the reader's language, two boxes alike, a line to sign."""
    person = _asked(request, person_id, purpose)
    guardian = _guardian(person, request.GET.get("guardian", ""))
    reader = Notice.Reader.ADULT.value if guardian else own_reader(person)
    language = guardian.language if guardian else get_language() or "en"
    context = {
        "person": person,
        "guardian": guardian,
        "language": language,
        "notice": require_notice(purpose, reader, language),
        "purpose_label": Purpose(purpose).label,
    }
    return show(request, "console/paper_form.html", context)


@answers_when_too_large(form_too_large)
@require_http_methods(["GET", "POST"])
@allow_roles(*OFFICE)
def form_entry(request: PageRequest, person_id: UUID, purpose: str) -> HttpResponse:
    """Record the answers on a signed form, with its scan."""
    person = _asked(request, person_id, purpose)
    guardians = listed_guardians(person.id)
    notices = notices_on_forms(purpose, own_reader(person))
    taken = ConsentFormEntry(
        request.POST or None, request.FILES or None, person=person, guardians=guardians, notices=notices
    )
    if request.method == "POST" and taken.is_valid() and _record(request, person, taken):
        return back_to_person(person, "face")
    context = {
        "person": person,
        "purpose": purpose,
        "purpose_label": Purpose(purpose).label,
        "form": taken,
        "guardians": guardians,
    }
    return show(request, "console/paper.html", context, status=422 if taken.errors else 200)


def _record(request: PageRequest, person: Person, taken: ConsentFormEntry) -> bool:
    """Record a valid form; where an action refuses, say so on the form and return False."""
    values = taken.cleaned_data
    guardian, notice = _guardian(person, values["who"]), taken.notice
    word = NewDecision(person, notice.purpose, values["answer"], notice, Channel.PAPER, guardian)
    try:
        decided = record_form(word, values["scan"].read(), by=user_of(request))
    except Refused as refused:
        taken.add_error("scan" if refused.code.startswith("paper") else None, str(refused.message))
        return False
    is_yes = values["answer"] == Answer.YES
    messages.success(request, _("The yes is recorded.") if is_yes else _("The no is recorded."))
    if decided.erasure:
        text = _("The face is no longer stored. Receipt: entry %(number)s of the log.")
        messages.success(request, text % {"number": decided.erasure.log_sequence})
    return True


@require_GET
@allow_roles(*OFFICE)
def scan(request: PageRequest, person_id: UUID, form_id: UUID) -> HttpResponse:
    """Show a signed form. The look at it is in the log, so a browser that looks ahead gets nothing."""
    if request.headers.get("Sec-Purpose", "").startswith("prefetch"):
        return HttpResponse(status=503)
    found = require_form(require_person(request.school, person_id), form_id)
    response = HttpResponse(view_form(found, by=user_of(request)), content_type=CONTENT_TYPES[found.kind])
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Disposition"] = f'inline; filename="form.{found.kind}"'
    return response
