"""The office adds people, corrects what is known of them, and brings back those who had left."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from willing.accounts.access import PageRequest, allow_roles
from willing.biometrics.people_changes import edit_person
from willing.biometrics.queries import has_face
from willing.core.errors import Refused
from willing.credentials.leavers import bring_back
from willing.pages.console.helpers import back_to_person, message_once, show, user_of
from willing.pages.console.people_forms import NewPersonForm, PersonForm, person_values
from willing.pages.console.roles import OFFICE
from willing.pages.console.view_log import record_view
from willing.people.persons import add_person_once
from willing.people.queries import classes_of, require_person


@require_http_methods(["GET", "POST"])
@allow_roles(*OFFICE)
def add(request: PageRequest) -> HttpResponse:
    """Add a pupil or a member of staff, once a form; with the next free till number."""
    school = request.school
    form = NewPersonForm(request.POST if request.method == "POST" else None, classes=classes_of(school))
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            key = form.cleaned_data["key"]
            try:
                added = add_person_once(school, form.person, key=key, by=user_of(request).pk)
            except Refused as refused:
                form.add_error("given_name", str(refused.message))
                status = 409
            else:
                facts = {"name": added.full_name, "number": added.till_number}
                message_once(request, key, _("%(name)s is added, with till number %(number)s.") % facts)
                return redirect("console:person", person_id=added.id)
    return show(request, "console/person_form.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
@allow_roles(*OFFICE)
def edit(request: PageRequest, person_id: UUID) -> HttpResponse:
    """Correct a person's names, kind, class or date of birth."""
    person = require_person(request.school, person_id)
    posted = request.POST if request.method == "POST" else None
    form = PersonForm(posted, initial=person_values(person), classes=classes_of(request.school))
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                edit_person(request.school, person.id, form.person, by=user_of(request))
            except Refused as refused:
                form.add_error("given_name", str(refused.message))
                status = 409
            else:
                messages.success(request, _("The changes are saved."))
                return back_to_person(person, "record")
    else:
        record_view(person, by=user_of(request))
    context = {"form": form, "person": person, "has_face": has_face(person)}
    return show(request, "console/person_form.html", context, status=status)


@require_POST
@allow_roles(*OFFICE)
def come_back(request: PageRequest, person_id: UUID) -> HttpResponse:
    """Record that a person who had left is back; pressed again it changes nothing."""
    person = require_person(request.school, person_id)
    kept = bring_back(person.id, by=user_of(request))
    if kept:
        text = _("%(name)s is back. Cards, PIN and face are made anew where they are wanted.")
        if kept.cards or kept.has_pin or kept.faces:
            text = _("%(name)s is back. Cards, PIN and face that were suspended work again.")
        messages.success(request, text % {"name": person.full_name})
    return back_to_person(person, "money")
