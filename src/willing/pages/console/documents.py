"""What is kept, the processing record, the comparison of ways, receipts, notices of cameras and registers."""

from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext, override
from django.views.decorators.http import require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.audit.models import Entry
from willing.audit.queries import find_inclusion_receipt
from willing.consent.models import Purpose
from willing.documents.camera_notice import camera_notice
from willing.documents.erasure_receipt import erasure_receipt
from willing.documents.errors import unknown_erasure
from willing.documents.processing_record import processing_record
from willing.documents.register_notice import register_notice
from willing.documents.retention import retention_document
from willing.documents.way_comparison import way_comparison
from willing.pages.console.document_pages import pdf_answer, show_document
from willing.pages.console.roles import (
    COMPARES_WAYS,
    READS_CAMERA_NOTICES,
    READS_PROTECTION,
    READS_RECEIPTS,
    SETS_UP_REGISTERS,
    SETS_UP_TERMINALS,
)
from willing.terminals.models import Terminal
from willing.terminals.queries import require_terminal_of


@require_safe
@allow_roles(*READS_PROTECTION)
def kept(request: PageRequest) -> HttpResponse:
    """Show what is kept and for how long."""
    return show_document(request, retention_document(request.school))


@require_safe
@allow_roles(*READS_PROTECTION)
def record(request: PageRequest) -> HttpResponse:
    """Show the record of processing."""
    return show_document(
        request, processing_record(request.school), pdf=reverse("console:processing-record-pdf")
    )


@require_safe
@allow_roles(*READS_PROTECTION)
def record_pdf(request: PageRequest) -> HttpResponse:
    """Give the record of processing as a PDF."""
    return pdf_answer(request, processing_record(request.school), "record")


@require_safe
@allow_roles(*COMPARES_WAYS)
def use(request: PageRequest) -> HttpResponse:
    """Compare waits and use of all ways, with a warning where they differ."""
    return show_document(request, way_comparison(request.school), template="console/protection/use.html")


@require_safe
@allow_roles(*READS_RECEIPTS)
def erasure(request: PageRequest, sequence: int) -> HttpResponse:
    """Show the receipt of an erasure."""
    entry = _require_erasure(sequence)
    proof = reverse("console:erasure-proof", args=[sequence]) if find_inclusion_receipt(entry) else ""
    pdf = reverse("console:erasure-pdf", args=[sequence])
    return show_document(request, erasure_receipt(request.school, entry), pdf=pdf, proof=proof)


@require_safe
@allow_roles(*READS_RECEIPTS)
def erasure_pdf(request: PageRequest, sequence: int) -> HttpResponse:
    """Give the receipt of an erasure as a PDF."""
    return pdf_answer(
        request, erasure_receipt(request.school, _require_erasure(sequence)), f"receipt-{sequence}"
    )


@require_safe
@allow_roles(*READS_RECEIPTS)
def erasure_proof(request: PageRequest, sequence: int) -> HttpResponse:  # noqa: ARG001
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
@allow_roles(*READS_CAMERA_NOTICES)
def sign(request: PageRequest, terminal_id: UUID) -> HttpResponse:
    """Show the sign that hangs beside a terminal with a camera; it leads back to where one came from."""
    terminal = require_terminal_of(request.school, terminal_id)
    pdf = reverse("console:camera-notice-pdf", args=[terminal_id])
    return show_document(request, camera_notice(terminal), pdf=pdf, back=_back(request, terminal))


def _back(request: PageRequest, terminal: Terminal) -> dict[str, str]:
    came_from = request.GET.get("from", "")
    if came_from == "protection" and not request.roles.isdisjoint(READS_PROTECTION):
        return {"url": reverse("console:protection"), "label": gettext("Data protection")}
    is_till = terminal.purpose != Purpose.GATE
    if came_from == "terminal" and is_till and not request.roles.isdisjoint(SETS_UP_TERMINALS):
        return {"url": reverse("console:terminal", args=[terminal.pk]), "label": terminal.name}
    if request.roles.isdisjoint(SETS_UP_TERMINALS):
        return {"url": reverse("console:protection"), "label": gettext("Data protection")}
    if not is_till:
        return {"url": reverse("console:gate"), "label": gettext("Gate lanes")}
    return {"url": reverse("console:terminals"), "label": gettext("Tills")}


@require_safe
@allow_roles(*READS_CAMERA_NOTICES)
def sign_pdf(request: PageRequest, terminal_id: UUID) -> HttpResponse:
    """Give the sign as a PDF."""
    return pdf_answer(request, camera_notice(require_terminal_of(request.school, terminal_id)), "sign")


@require_safe
@allow_roles(*READS_CAMERA_NOTICES)
def about_registers(request: PageRequest) -> HttpResponse:
    """Show the notice to families about registers, which leads to its PDFs."""
    back = {"url": reverse("console:registers"), "label": gettext("Registers")}
    if request.roles.isdisjoint(SETS_UP_REGISTERS):
        back = {"url": reverse("console:protection"), "label": gettext("Data protection")}
    return show_document(
        request, register_notice(request.school), template="console/attendance/notice.html", back=back
    )


@require_safe
@allow_roles(*READS_CAMERA_NOTICES)
def about_registers_pdf(request: PageRequest, language: str) -> HttpResponse:
    """Give the notice to families about registers as a PDF, for those without a phone, in their language."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    with override(language):
        document = register_notice(request.school)
    return pdf_answer(request, document, "registers")
