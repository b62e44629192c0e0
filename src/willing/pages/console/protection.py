"""The data protection officer's pages: the lock, the assessment, what is kept, reports, receipts, signs."""

import json
from collections.abc import Callable
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from willing.accounts.access import allow_roles
from willing.accounts.queries import roles_of
from willing.audit.models import Entry
from willing.audit.queries import find_inclusion_receipt
from willing.biometrics.face_sessions import lock_faces
from willing.biometrics.queries import unconfirmed_templates
from willing.core.errors import Refused
from willing.documents.actions import sign_dpia
from willing.documents.camera_notice import camera_notice
from willing.documents.dpia import Difference, differences, dpia_document
from willing.documents.dpia_content import live_dpia
from willing.documents.erasure_receipt import erasure_receipt
from willing.documents.errors import unknown_erasure
from willing.documents.parts import Document
from willing.documents.pdf import to_pdf
from willing.documents.processing_record import processing_record
from willing.documents.retention import retention_document
from willing.documents.way_comparison import way_comparison
from willing.dpia import queries
from willing.dpia.actions import (
    Consultation,
    NewIncident,
    NewRisk,
    close_risk,
    freeze,
    record_consultation,
    record_incident,
    record_risk,
    set_manual_lock,
)
from willing.dpia.models import SignedAssessment
from willing.pages.console.helpers import (
    COMPARES_WAYS,
    PROTECTS,
    READS_PROTECTION,
    READS_RECEIPTS,
    SETS_UP_TERMINALS,
    show,
    user_of,
)
from willing.pages.console.labels import LOCK_REASONS
from willing.pages.console.protection_forms import AskedForm, IncidentForm, ReasonForm, RiskForm, SignForm
from willing.people.models import School
from willing.people.queries import require_school
from willing.privacy.retention_job import retention_state
from willing.terminals.queries import require_terminal_of


@require_safe
@allow_roles(*READS_PROTECTION)
def protection(request: HttpRequest) -> HttpResponse:
    """Show whether faces are unlocked and why not, what was signed, who was asked, and the sweep."""
    return _overview(request, AskedForm(), ReasonForm())


def _overview(
    request: HttpRequest, asked: AskedForm, reason: ReasonForm, *, status: int = 200
) -> HttpResponse:
    school = require_school()
    lock = queries.lock_of(school)
    turned = queries.latest_manual_lock(school)
    context = {
        "lock": lock,
        "unconfirmed": unconfirmed_templates(school).count()
        if "dpo" in roles_of(user_of(request), school)
        else 0,
        "reasons": [LOCK_REASONS[reason] for reason in lock.reasons],
        "turned": turned,
        "is_locked_by_hand": turned is not None and turned.is_locked,
        "signed": queries.signed_assessments(school),
        "asked": queries.consultations(school),
        "sweep": retention_state(school),
        "is_dpo": _is_dpo(request, school),
        "may_compare": not roles_of(user_of(request), school).isdisjoint(COMPARES_WAYS),
        "asked_form": asked,
        "reason_form": reason,
    }
    return show(request, "console/protection/overview.html", context, status=status)


def _is_dpo(request: HttpRequest, school: School) -> bool:
    return "dpo" in roles_of(user_of(request), school)


@require_POST
@allow_roles(*PROTECTS)
def turn(request: HttpRequest) -> HttpResponse:
    """Lock or unlock by hand, with a reason."""
    school, form = require_school(), ReasonForm(request.POST)
    is_locked = request.POST.get("to") == "locked"
    if not form.is_valid():
        return _overview(request, AskedForm(), form, status=422)
    reason, by = form.cleaned_data["reason"], user_of(request)
    if is_locked:
        lock_faces(school, reason=reason, by=by)
        messages.success(request, _("Faces are locked. Everybody pays the other ways."))
    else:
        set_manual_lock(school, is_locked=False, reason=reason, by=by)
        messages.success(request, _("The lock by hand is taken away."))
    return redirect("console:protection")


@require_POST
@allow_roles(*PROTECTS)
def asked(request: HttpRequest) -> HttpResponse:
    """Record that families were asked."""
    form = AskedForm(request.POST)

    def deed() -> None:
        said = form.cleaned_data
        new = Consultation(said["asked_on"], said["how"], said["families_reached"], said["said"])
        record_consultation(require_school(), new, by=user_of(request))

    if not _do(form, deed):
        return _overview(request, form, ReasonForm(), status=422)
    messages.success(request, _("It is on record that families were asked."))
    return redirect("console:protection")


def _do(form: forms.Form, deed: Callable[[], object]) -> bool:
    """Do a deed with a form's values. A refusal becomes the form's own error; say whether it was done."""
    if not form.is_valid():
        return False
    try:
        deed()
    except Refused as refused:
        form.add_error(None, str(refused.message))
        return False
    return True


# --- The assessment


@require_http_methods(["GET", "POST"])
@allow_roles(*READS_PROTECTION)
def assessment(request: HttpRequest) -> HttpResponse:
    """Show the assessment as it stands today, and what changed since it was signed; the officer signs it."""
    school = require_school()
    content = live_dpia(school)
    form, status = SignForm(), 200
    if request.method == "POST":
        form, status = SignForm(request.POST), 422

        def deed() -> SignedAssessment:
            read = form.cleaned_data["read_sha256"]
            return sign_dpia(school, read_sha256=read, review_on=form.review_day, by=user_of(request))

        if _do(form, deed):
            messages.success(request, _("The assessment is signed."))
            return redirect("console:protection")
    signed = queries.latest_assessment(school)
    document = dpia_document(content)
    extra = {
        "form": form,
        # Of what is on this page: a press that was refused does not sign what stood here before.
        "sha256": freeze(content)[1],
        "is_dpo": _is_dpo(request, school),
        "signed": signed,
        "changes": _changes(signed, document),
        "pdf": reverse("console:assessment-pdf"),
    }
    return _page(request, document, template="console/protection/assessment.html", status=status, **extra)


def _changes(signed: SignedAssessment | None, live: Document) -> list[Difference]:
    return differences(dpia_document(json.loads(signed.content)), live) if signed else []


@require_safe
@allow_roles(*READS_PROTECTION)
def assessment_pdf(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Give the assessment as it stands today, as a PDF."""
    return _pdf(dpia_document(live_dpia(require_school())), "assessment")


@require_safe
@allow_roles(*READS_PROTECTION)
def signed_assessment(request: HttpRequest, version: int) -> HttpResponse:
    """Show a signed version, from what was frozen and from nothing else."""
    signed = _require_signed(version)
    document = dpia_document(json.loads(signed.content))
    pdf = reverse("console:signed-assessment-pdf", args=[version])
    return _page(request, document, template="console/protection/signed.html", signed=signed, pdf=pdf)


@require_safe
@allow_roles(*READS_PROTECTION)
def signed_assessment_pdf(request: HttpRequest, version: int) -> HttpResponse:  # noqa: ARG001
    """Give a signed version as a PDF, with who signed it, when, and its hash."""
    signed = _require_signed(version)
    return _pdf(dpia_document(json.loads(signed.content), signed), f"assessment-{version}")


def _require_signed(version: int) -> SignedAssessment:
    signed = queries.find_assessment(require_school(), version)
    if signed is None:
        raise Http404
    return signed


@require_http_methods(["GET", "POST"])
@allow_roles(*READS_PROTECTION)
def risks(request: HttpRequest) -> HttpResponse:
    """Show open risks and incidents; the officer adds to them and closes risks."""
    school = require_school()
    which = request.POST.get("which", "") if request.method == "POST" else ""
    risk = RiskForm(request.POST if which == "risk" else None)
    incident = IncidentForm(request.POST if which == "incident" else None)
    if which and _note(request, school, risk if which == "risk" else incident):
        messages.success(request, _("It is written down."))
        return redirect("console:risks")
    context = {
        "risks": queries.open_risks(school),
        "incidents": queries.incidents(school),
        "risk_form": risk,
        "incident_form": incident,
        "is_dpo": _is_dpo(request, school),
    }
    return show(request, "console/protection/risks.html", context, status=422 if which else 200)


def _note(request: HttpRequest, school: School, form: RiskForm | IncidentForm) -> bool:
    def deed() -> object:
        if isinstance(form, RiskForm):
            return record_risk(school, NewRisk(**form.cleaned_data), by=user_of(request))
        return record_incident(school, NewIncident(**form.cleaned_data), by=user_of(request))

    return _do(form, deed)


@require_POST
@allow_roles(*PROTECTS)
def end_risk(request: HttpRequest, risk_id: UUID) -> HttpResponse:
    """Close a risk."""
    close_risk(queries.require_risk(require_school(), risk_id), by=user_of(request))
    messages.success(request, _("The risk is closed."))
    return redirect("console:risks")


# --- What is kept, the record, reports


@require_safe
@allow_roles(*READS_PROTECTION)
def kept(request: HttpRequest) -> HttpResponse:
    """Show what is kept and for how long."""
    return _page(request, retention_document(require_school()))


@require_safe
@allow_roles(*READS_PROTECTION)
def record(request: HttpRequest) -> HttpResponse:
    """Show the record of processing."""
    return _page(request, processing_record(require_school()), pdf=reverse("console:record-pdf"))


@require_safe
@allow_roles(*READS_PROTECTION)
def record_pdf(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Give the record of processing as a PDF."""
    return _pdf(processing_record(require_school()), "record")


@require_safe
@allow_roles(*COMPARES_WAYS)
def use(request: HttpRequest) -> HttpResponse:
    """Compare waits and use of all ways, with a warning where they differ."""
    return _page(request, way_comparison(require_school()), template="console/protection/use.html")


# --- Receipts and signs


@require_safe
@allow_roles(*READS_RECEIPTS)
def erasure(request: HttpRequest, sequence: int) -> HttpResponse:
    """Show the receipt of an erasure."""
    entry = _require_erasure(sequence)
    proof = reverse("console:erasure-proof", args=[sequence]) if find_inclusion_receipt(entry) else ""
    pdf = reverse("console:erasure-pdf", args=[sequence])
    return _page(request, erasure_receipt(require_school(), entry), pdf=pdf, proof=proof)


@require_safe
@allow_roles(*READS_RECEIPTS)
def erasure_pdf(request: HttpRequest, sequence: int) -> HttpResponse:  # noqa: ARG001
    """Give the receipt of an erasure as a PDF."""
    return _pdf(erasure_receipt(require_school(), _require_erasure(sequence)), f"receipt-{sequence}")


@require_safe
@allow_roles(*READS_RECEIPTS)
def erasure_proof(request: HttpRequest, sequence: int) -> HttpResponse:  # noqa: ARG001
    """Give the file with which an outsider checks the receipt."""
    proof = find_inclusion_receipt(_require_erasure(sequence))
    if proof is None:
        raise Http404
    name = f'attachment; filename="willing-receipt-{sequence}.json"'
    return JsonResponse(proof, headers={"Content-Disposition": name, "Cache-Control": "no-store"})


def _require_erasure(sequence: int) -> Entry:
    entry = Entry.objects.filter(pk=sequence, event="face.erased").first()
    if entry is None:
        raise unknown_erasure()
    return entry


@require_safe
@allow_roles(*SETS_UP_TERMINALS)
def sign(request: HttpRequest, terminal_id: UUID) -> HttpResponse:
    """Show the sign that hangs beside a terminal with a camera."""
    terminal = require_terminal_of(require_school(), terminal_id)
    return _page(request, camera_notice(terminal), pdf=reverse("console:sign-pdf", args=[terminal_id]))


@require_safe
@allow_roles(*SETS_UP_TERMINALS)
def sign_pdf(request: HttpRequest, terminal_id: UUID) -> HttpResponse:  # noqa: ARG001
    """Give the sign as a PDF."""
    return _pdf(camera_notice(require_terminal_of(require_school(), terminal_id)), "sign")


def _page(
    request: HttpRequest,
    document: Document,
    *,
    template: str = "console/protection/document.html",
    status: int = 200,
    **extra: object,
) -> HttpResponse:
    return show(request, template, {"document": document, **extra}, status=status)


def _pdf(document: Document, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'inline; filename="willing-{name}.pdf"', "Cache-Control": "no-store"}
    return HttpResponse(to_pdf(document), content_type="application/pdf", headers=headers)
