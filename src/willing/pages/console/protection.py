"""The data protection officer's overview: the lock, who was consulted, and the nightly deletion."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.accounts.queries import has_officer
from willing.biometrics.face_sessions import lock_faces
from willing.biometrics.queries import unconfirmed_templates
from willing.dpia import queries
from willing.dpia.actions import Consultation, record_consultation, set_manual_lock
from willing.dpia.breach_labels import time_left
from willing.dpia.breach_queries import running_breaches
from willing.pages.console.checklist import checklist
from willing.pages.console.document_pages import is_officer, submit
from willing.pages.console.fuses import fuse_notes
from willing.pages.console.helpers import show, user_of
from willing.pages.console.labels import LOCK_REASONS
from willing.pages.console.protection_forms import AskedForm, ReasonForm
from willing.pages.console.roles import ADMINISTERS, COMPARES_WAYS, PROTECTS, READS_PROTECTION
from willing.privacy.retention_job import retention_state
from willing.terminals.queries import terminals


@require_safe
@allow_roles(*READS_PROTECTION)
def protection(request: PageRequest) -> HttpResponse:
    """Show whether faces are unlocked and why not, what was signed, who was asked, and the retention job."""
    return _overview(request, ReasonForm())


def _overview(request: PageRequest, reason: ReasonForm, *, status: int = 200) -> HttpResponse:
    school = request.school
    lock = queries.lock_of(school)
    turned = queries.latest_manual_lock(school)
    context = {
        "lock": lock,
        "unconfirmed": unconfirmed_templates(school).count() if "dpo" in request.roles else 0,
        "fuses": fuse_notes(school),
        "reasons": [LOCK_REASONS[reason] for reason in lock.reasons],
        "turned": turned,
        "is_locked_by_hand": turned is not None and turned.is_locked,
        "signed": queries.signed_assessments(school),
        "asked": queries.consultations(school),
        "sweep": retention_state(school),
        "is_dpo": is_officer(request),
        "has_officer": has_officer(school),
        "may_invite": not request.roles.isdisjoint(ADMINISTERS),
        "may_compare": not request.roles.isdisjoint(COMPARES_WAYS),
        "reason_form": reason,
        "running": [(one, time_left(one)) for one in running_breaches(school)],
        "cameras": [one for one in terminals(school) if one.takes_face],
        **checklist(request),
    }
    return show(request, "console/protection/overview.html", context, status=status)


@require_POST
@allow_roles(*PROTECTS)
def change_manual_lock(request: PageRequest) -> HttpResponse:
    """Lock or unlock by hand, with a reason."""
    school, form = request.school, ReasonForm(request.POST)
    is_locked = request.POST.get("to") == "locked"
    if not form.is_valid():
        return _overview(request, form, status=422)
    reason, by = form.cleaned_data["reason"], user_of(request)
    if is_locked:
        lock_faces(school, reason=reason, by=by)
        messages.success(request, _("Faces are locked. Everyone can still pay by card or PIN."))
    else:
        set_manual_lock(school, is_locked=False, reason=reason, by=by)
        messages.success(request, _("Manual lock removed."))
    return redirect("console:protection")


@require_http_methods(["GET", "POST"])
@allow_roles(*PROTECTS)
def asked(request: PageRequest) -> HttpResponse:
    """Record that families were asked."""
    form = AskedForm(request.POST or None)

    def deed() -> None:
        said = form.cleaned_data
        new = Consultation(said["asked_on"], said["how"], said["families_reached"], said["said"])
        record_consultation(request.school, new, by=user_of(request))

    if request.method == "POST" and submit(form, deed):
        messages.success(request, _("It is on record that families were asked."))
        return redirect("console:protection")
    status = 422 if request.method == "POST" else 200
    return show(request, "console/protection/consultation.html", {"form": form}, status=status)
