"""The pages of risks and incidents."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from willing.accounts.access import PageRequest, allow_roles
from willing.dpia import queries
from willing.dpia.actions import (
    NewIncident,
    NewRisk,
    close_risk,
    record_incident,
    record_risk,
    review_risks,
)
from willing.pages.console.checklist import checklist
from willing.pages.console.document_pages import is_officer, submit
from willing.pages.console.helpers import show, user_of
from willing.pages.console.protection_forms import IncidentForm, RiskForm
from willing.pages.console.roles import PROTECTS, READS_PROTECTION
from willing.people.models import School


@require_http_methods(["GET", "POST"])
@allow_roles(*READS_PROTECTION)
def risks(request: PageRequest) -> HttpResponse:
    """Show open risks and incidents; the officer adds to them and closes risks."""
    school = request.school
    which = request.POST.get("which", "") if request.method == "POST" else ""
    risk = RiskForm(request.POST if which == "risk" else None)
    incident = IncidentForm(request.POST if which == "incident" else None)
    if which and _record_form(request, school, risk if which == "risk" else incident):
        messages.success(request, _("It is written down."))
        return redirect("console:risks")
    context = {
        "risks": queries.open_risks(school),
        "incidents": queries.incidents(school),
        "risk_form": risk,
        "incident_form": incident,
        "is_dpo": is_officer(request),
        "reviewed": queries.latest_review_of_risks(school),
        **checklist(request),
    }
    return show(request, "console/protection/risks.html", context, status=422 if which else 200)


def _record_form(request: PageRequest, school: School, form: RiskForm | IncidentForm) -> bool:
    def deed() -> object:
        if isinstance(form, RiskForm):
            return record_risk(school, NewRisk(**form.cleaned_data), by=user_of(request))
        return record_incident(school, NewIncident(**form.cleaned_data), by=user_of(request))

    return submit(form, deed)


@require_POST
@allow_roles(*PROTECTS)
def close_risk_page(request: PageRequest, risk_id: UUID) -> HttpResponse:
    """Close a risk."""
    close_risk(queries.require_risk(request.school, risk_id), by=user_of(request))
    messages.success(request, _("The risk is closed."))
    return redirect("console:risks")


@require_POST
@allow_roles(*PROTECTS)
def review(request: PageRequest) -> HttpResponse:
    """Record that the officer considered the risks that are open."""
    review_risks(request.school, by=user_of(request))
    messages.success(request, _("It is on record that you considered the risks."))
    return redirect("console:risks")
