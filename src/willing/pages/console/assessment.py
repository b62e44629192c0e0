"""The assessment's pages: as it is today, and each signed version."""

import json

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.documents.actions import read_dpia, sign_dpia
from willing.documents.dpia import dpia_document
from willing.documents.dpia_changes import Difference, differences
from willing.documents.dpia_content import live_dpia
from willing.documents.parts import Document
from willing.dpia import queries
from willing.dpia.actions import freeze
from willing.dpia.models import AssessmentReading, SignedAssessment
from willing.dpia.rules import next_review
from willing.pages.console.checklist import checklist
from willing.pages.console.document_pages import is_officer, pdf_answer, show_document, submit
from willing.pages.console.fuses import fuse_notes
from willing.pages.console.helpers import user_of
from willing.pages.console.protection_forms import ReadForm, SignForm
from willing.pages.console.roles import READS_PROTECTION
from willing.people.queries import today


@require_http_methods(["GET", "POST"])
@allow_roles(*READS_PROTECTION)
def assessment(request: PageRequest) -> HttpResponse:
    """Show the assessment as it is today, what changed since it was signed, and the signature."""
    school = request.school
    content = live_dpia(school)
    form: ReadForm | SignForm = SignForm(initial={"review_on": next_review(today(school))})
    status = 200
    if request.method == "POST" and request.POST.get("which") == "read":
        form, status = ReadForm(request.POST), 422

        def note_reading() -> AssessmentReading:
            read = form.cleaned_data["read_sha256"]
            return read_dpia(school, read_sha256=read, by=user_of(request))

        if submit(form, note_reading):
            return redirect(reverse("console:assessment") + "#sign-title")
    elif request.method == "POST":
        form, status = SignForm(request.POST), 422

        def deed() -> SignedAssessment:
            read = form.cleaned_data["read_sha256"]
            review_on = form.cleaned_data["review_on"]
            return sign_dpia(school, read_sha256=read, review_on=review_on, by=user_of(request))

        if submit(form, deed):
            messages.success(request, _("The assessment is signed."))
            return redirect("console:protection")
    signed = queries.latest_assessment(school)
    document = dpia_document(content)
    # Of what is on this page: a press that was refused does not sign what was here before.
    sha256 = freeze(content)[1]
    extra = {
        "form": form,
        "sha256": sha256,
        "read": queries.latest_reading(school, sha256, user_of(request)),
        **checklist(request, content),
        "is_dpo": is_officer(request),
        "signed": signed,
        "changes": _changes(signed, document),
        "pdf": reverse("console:assessment-pdf"),
        "fuses": fuse_notes(school),
    }
    return show_document(
        request, document, template="console/protection/assessment.html", status=status, **extra
    )


def _changes(signed: SignedAssessment | None, live: Document) -> list[Difference]:
    return differences(dpia_document(json.loads(signed.content)), live) if signed else []


@require_safe
@allow_roles(*READS_PROTECTION)
def assessment_pdf(request: PageRequest) -> HttpResponse:
    """Return the assessment as it is today, as a PDF."""
    return pdf_answer(request, dpia_document(live_dpia(request.school)), "assessment")


@require_safe
@allow_roles(*READS_PROTECTION)
def signed_assessment(request: PageRequest, version: int) -> HttpResponse:
    """Show a signed version, from what was frozen and from nothing else."""
    signed = _require_signed(request, version)
    document = dpia_document(json.loads(signed.content))
    pdf = reverse("console:signed-assessment-pdf", args=[version])
    return show_document(request, document, template="console/protection/signed.html", signed=signed, pdf=pdf)


@require_safe
@allow_roles(*READS_PROTECTION)
def signed_assessment_pdf(request: PageRequest, version: int) -> HttpResponse:
    """Give a signed version as a PDF, with who signed it, when, and its hash."""
    signed = _require_signed(request, version)
    return pdf_answer(request, dpia_document(json.loads(signed.content), signed), f"assessment-{version}")


def _require_signed(request: PageRequest, version: int) -> SignedAssessment:
    signed = queries.find_assessment(request.school, version)
    if signed is None:
        raise Http404
    return signed
