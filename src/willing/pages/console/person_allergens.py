"""The office's page about what a person must not eat, and what happened about it."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from willing.accounts.access import PageRequest, allow_roles
from willing.allergens.actions import confirm_allergens, record_allergen, remove_allergen
from willing.allergens.events import report
from willing.allergens.queries import allergens_of, due_of, events_of
from willing.allergens.table import label, labels, split
from willing.core.errors import Refused
from willing.pages.console.allergen_forms import PersonAllergenForm, ReportForm
from willing.pages.console.helpers import show, user_of
from willing.pages.console.roles import OFFICE
from willing.pages.console.view_log import record_view
from willing.people.models import Person
from willing.people.queries import require_person

EVENTS_SHOWN = 30


@require_http_methods(["GET", "POST"])
@allow_roles(*OFFICE)
def of_person(request: PageRequest, person_id: UUID) -> HttpResponse:
    """Show what a person must not eat; take one more. The look at it is in the log."""
    found = require_person(request.school, person_id)
    form = PersonAllergenForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            record_allergen(found, form.named, by=user_of(request), basis=form.cleaned_data["basis"])
        except Refused as refused:
            form.show_refusal(refused)
        else:
            messages.success(request, _("Recorded. The tills hold back what contains it from now on."))
            return redirect("console:allergens-of", person_id=found.id)
    return _show(request, found, form=form, status=422 if form.is_bound else 200)


def _show(
    request: PageRequest,
    person: Person,
    *,
    form: PersonAllergenForm | None = None,
    report_form: ReportForm | None = None,
    status: int = 200,
) -> HttpResponse:
    record_view(person, by=user_of(request))
    entries = allergens_of(person)
    due = {one.pk for one in due_of(person.school, entries)}
    context: dict[str, Any] = {
        "person": person,
        "entries": [(one, label(one.allergen), one.pk in due) for one in entries],
        "is_due": bool(due),
        "events": [(one, labels(split(one.allergens))) for one in events_of(person)[::-1][:EVENTS_SHOWN]],
        "form": form or PersonAllergenForm(),
        "report_form": report_form or ReportForm(),
    }
    return show(request, "console/allergens_of.html", context, status=status)


@require_POST
@allow_roles(*OFFICE)
def confirm(request: PageRequest, person_id: UUID) -> HttpResponse:
    """Take that everything on a person's list still holds, as the family or the care plan says."""
    found = require_person(request.school, person_id)
    confirm_allergens(found, by=user_of(request))
    messages.success(request, _("Confirmed for this term."))
    return redirect("console:allergens-of", person_id=found.id)


@require_POST
@allow_roles(*OFFICE)
def remove(request: PageRequest, person_id: UUID, entry_id: UUID) -> HttpResponse:
    """Remove an entry, whoever made it."""
    found = require_person(request.school, person_id)
    try:
        remove_allergen(found, entry_id, by=user_of(request))
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("Removed. The tills no longer hold anything back because of it."))
    return redirect("console:allergens-of", person_id=found.id)


@require_POST
@allow_roles(*OFFICE)
def report_event(request: PageRequest, person_id: UUID) -> HttpResponse:
    """Take the report of a near miss or a reaction."""
    found = require_person(request.school, person_id)
    form = ReportForm(request.POST)
    with timezone.override(ZoneInfo(request.school.time_zone)):  # as it is typed, so is the school's clock
        is_valid = form.is_valid()
    if is_valid:
        held = tuple(one.allergen for one in allergens_of(found))
        try:
            report(request.school, found, form.report(held), by=user_of(request))
        except Refused as refused:
            field = "reason" if refused.code == "allergen_reason_missing" else "happened_at"
            form.add_error(field, str(refused.message))
        else:
            messages.success(request, _("Reported. The data protection officer and the office can read it."))
            return redirect("console:allergens-of", person_id=found.id)
    return _show(request, found, report_form=form, status=422)
