"""The office looks after guardians: added, found again, corrected, removed."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from willing.accounts.access import PageRequest, allow_roles
from willing.biometrics.people_changes import add_guardian, link_guardian, remove_guardian
from willing.biometrics.queries import has_face
from willing.consent.queries import has_refused
from willing.core.errors import Refused
from willing.core.transactions import atomic
from willing.pages.console.helpers import back_to_person, message_once, show, user_of
from willing.pages.console.people_forms import GuardianForm, NewGuardianForm, guardian_values
from willing.pages.console.presenters import FoundGuardian, found_guardians
from willing.pages.console.roles import OFFICE
from willing.people.guardians import edit_guardian, set_relationship
from willing.people.models import Person
from willing.people.queries import (
    guardians_reached_at,
    relationship_of,
    require_guardian,
    require_guardian_of,
    require_person,
    search_guardians,
)


def _back(person: Person) -> HttpResponse:
    return back_to_person(person, "family")


@require_http_methods(["GET", "POST"])
@allow_roles(*OFFICE)
def add(request: PageRequest, person_id: UUID) -> HttpResponse:
    """Add a guardian to a person, once a form; people with the same address here are proposed first."""
    person = require_person(request.school, person_id)
    if request.method != "POST":
        form = NewGuardianForm(initial={"language": request.school.language})
        return _show_form(request, person, form)
    form = NewGuardianForm(request.POST)
    if not form.is_valid():
        return _show_form(request, person, form, status=422)
    known = guardians_reached_at(request.school, form.details.email)
    if known and not request.POST.get("anyway"):
        return _show_form(request, person, form, known=found_guardians(known, person), status=409)
    said = form.cleaned_data
    try:
        add_guardian(
            person, form.details, relationship=said["relationship"], key=said["key"], by=user_of(request)
        )
    except Refused as refused:
        form.add_error("name", str(refused.message))
        return _show_form(request, person, form, status=409)
    message_once(request, said["key"], _("%(name)s is added.") % {"name": form.details.name})
    return _back(person)


def _show_form(
    request: PageRequest,
    person: Person,
    form: GuardianForm,
    *,
    known: list[FoundGuardian] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show the form, and whom a search found. known: who has the address that was entered."""
    text = request.GET.get("q", "").strip()[:100]
    found = found_guardians(search_guardians(request.school, text), person)
    context = {
        "person": person,
        "form": form,
        "text": text,
        "found": found,
        "known": known or [],
        "has_face": has_face(person),
    }
    return show(request, "console/guardian_add.html", context, status=status)


@require_POST
@allow_roles(*OFFICE)
def link(request: PageRequest, person_id: UUID, guardian_id: UUID) -> HttpResponse:
    """Let a guardian of another person here be one of this person too."""
    person = require_person(request.school, person_id)
    guardian = require_guardian(request.school, guardian_id)
    relationship = request.POST.get("relationship", "")[:60]
    link_guardian(guardian, person, relationship=relationship, by=user_of(request))
    messages.success(request, _("%(name)s is added.") % {"name": guardian.name})
    return _back(person)


@require_http_methods(["GET", "POST"])
@allow_roles(*OFFICE)
def edit(request: PageRequest, person_id: UUID, guardian_id: UUID) -> HttpResponse:
    """Correct how a guardian is called and reached, and what they are to this person."""
    person = require_person(request.school, person_id)
    guardian = require_guardian_of(person, guardian_id)
    initial = guardian_values(guardian, relationship_of(guardian, person))
    form = GuardianForm(request.POST if request.method == "POST" else None, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _save(request, person, guardian_id, form)
            except Refused as refused:
                form.add_error("name", str(refused.message))
                status = 409
            else:
                messages.success(request, _("The changes are saved."))
                return _back(person)
    context = {"person": person, "guardian": guardian, "form": form}
    return show(request, "console/guardian_edit.html", context, status=status)


@atomic
def _save(request: PageRequest, person: Person, guardian_id: UUID, form: GuardianForm) -> None:
    by = user_of(request).pk
    guardian = edit_guardian(guardian_id, form.details, by=by)
    set_relationship(guardian, person, form.cleaned_data["relationship"], by=by)


@require_http_methods(["GET", "POST"])
@allow_roles(*OFFICE)
def remove(request: PageRequest, person_id: UUID, guardian_id: UUID) -> HttpResponse:
    """Ask once, then take a guardian's say about a person away."""
    person = require_person(request.school, person_id)
    guardian = require_guardian_of(person, guardian_id)
    if request.method == "POST":
        remove_guardian(guardian, person, by=user_of(request))
        messages.success(
            request, _("%(name)s is no longer a guardian of this person.") % {"name": guardian.name}
        )
        return _back(person)
    context = {
        "person": person,
        "guardian": guardian,
        "has_refused": has_refused(guardian, person),
        "has_face": has_face(person),
    }
    return show(request, "console/guardian_remove.html", context)
