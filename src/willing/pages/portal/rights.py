"""What a family has a right to: all that is held, a report that is answered, a receipt that proves itself."""

import json
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from willing.audit.models import Entry
from willing.audit.receipts import seal_receipt
from willing.audit.signing import own_key
from willing.biometrics.models import FaceSession
from willing.biometrics.queries import places_of, uses_of_face
from willing.complaints.actions import NewComplaint, raise_complaint
from willing.complaints.errors import complaint_about_nothing
from willing.complaints.models import Complaint
from willing.complaints.queries import due_if_sent_now, due_of
from willing.core.dates import write_day
from willing.core.errors import Refused
from willing.documents.erasure_receipt import VERIFY_COMMAND, erasure_receipt
from willing.documents.pdf import to_pdf
from willing.pages.portal.access import FamilyViewer, show
from willing.pages.portal.consent_answers import find_uuid
from willing.pages.portal.forms import ReportForm
from willing.pages.portal.labels import RECEIPT_LABELS, report_buttons
from willing.pages.portal.statement import find_receipt
from willing.people.look import look_of
from willing.privacy.actions import export_personal_data
from willing.privacy.errors import unknown_receipt
from willing.privacy.personal_data_document import NEWEST_SHOWN, access_document, is_shortened
from willing.terminals.models import Way
from willing.till.models import Sale
from willing.till.queries import sales_of_person


@require_safe
def data(request: HttpRequest, seat: FamilyViewer) -> HttpResponse:
    """Show everything that is held about the person, as a page that prints."""
    newest = None if "all" in request.GET else NEWEST_SHOWN
    content = export_personal_data(seat.person, seat.reader, user=seat.user, how="page", newest=newest)
    context = {
        "document": access_document(content, newest),
        "is_shortened": is_shortened(content, newest),
    }
    return show(request, seat, "portal/data.html", context)


@require_safe
def data_file(request: HttpRequest, seat: FamilyViewer) -> HttpResponse:  # noqa: ARG001
    """Give everything that is held about the person as a file that other programs read."""
    content = export_personal_data(seat.person, seat.reader, user=seat.user, how="file")
    headers = {"Content-Disposition": 'attachment; filename="willing-data.json"'}
    return JsonResponse(content, headers=headers, json_dumps_params={"ensure_ascii": False, "indent": 2})


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, seat: FamilyViewer) -> HttpResponse:
    """Take a report of a charge or a use of the face (?sale= or ?use=), or a request about data."""
    sale, use = _about(request, seat)
    kinds = _kinds(sale, use)
    form = ReportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        kind = request.POST.get("kind", "")
        if kind not in kinds:
            return HttpResponse(status=400)
        new = NewComplaint(
            kind,
            sale=sale.id if sale else None,
            face_session=use.id if use else None,
            said=form.cleaned_data["said"],
            guardian=seat.guardian,
        )
        try:
            sent = raise_complaint(seat.person, new)
        except Refused as refused:
            if refused.code not in ("complaint_without_words", "too_many_complaints"):
                raise
            form.add_error("said", str(refused.message))
        else:
            said = _("Sent to the school. It answers on this page by %(day)s.")
            messages.success(request, said % {"day": _day(due_of(sent))})
            return redirect(f"{seat.base}#reports")
    context = {
        "form": form,
        "sale": sale,
        "use": use,
        "place": places_of([use])[use.id] if use else "",
        "buttons": report_buttons(kinds, seat.person.given_name, is_pupil=seat.guardian is None),
        "query": request.META["QUERY_STRING"],
        "due": _day(due_if_sent_now(seat.person.school)),
    }
    return show(request, seat, "portal/report.html", context, status=422 if form.errors else 200)


def _day(at: datetime) -> str:
    """Write a day. at: in the school's own time zone, as what is due is."""
    return write_day(at.date())


def _about(request: HttpRequest, seat: FamilyViewer) -> tuple[Sale | None, FaceSession | None]:
    wanted = {name: find_uuid(request.GET[name]) for name in ("sale", "use") if name in request.GET}
    sale, use = None, None
    if "sale" in wanted:
        sale = sales_of_person(seat.person).filter(pk=wanted["sale"] or seat.person.id).first()
    if "use" in wanted:
        use = uses_of_face(seat.person).filter(pk=wanted["use"] or seat.person.id).first()
    if wanted and sale is None and use is None:
        raise complaint_about_nothing()
    return sale, use


def _kinds(sale: Sale | None, use: FaceSession | None) -> list[str]:
    kind = Complaint.Kind
    if use is not None:
        return [kind.WRONG_RECOGNITION]
    if sale is not None:
        return [kind.WRONG_RECOGNITION, kind.WRONG_CHARGE] if sale.way == Way.FACE else [kind.WRONG_CHARGE]
    return [kind.CORRECTION, kind.ERASURE, kind.OBJECTION, kind.RESTRICTION, kind.OTHER]


@require_safe
def receipt(request: HttpRequest, seat: FamilyViewer, sequence: int) -> HttpResponse:
    """Show an entry of the log with its proof, which the page itself checks in the browser."""
    entry = _require_receipt(seat, sequence)
    proof = seal_receipt(entry)
    context = {
        "entry": entry,
        "what": RECEIPT_LABELS[entry.event],
        "document": erasure_receipt(seat.person.school, entry) if entry.event == "face.erased" else None,
        "proof": json.dumps(proof, ensure_ascii=False) if proof else "",
        "key": str(own_key()) if proof else "",
        "command": VERIFY_COMMAND,
    }
    return show(request, seat, "portal/receipt.html", context)


@require_safe
def receipt_file(request: HttpRequest, seat: FamilyViewer, sequence: int) -> HttpResponse:  # noqa: ARG001
    """Give the file of proof, which any computer checks without the school."""
    proof: dict[str, Any] | None = seal_receipt(_require_receipt(seat, sequence))
    if proof is None:
        raise Http404
    name = f'attachment; filename="willing-receipt-{sequence}.json"'
    return JsonResponse(proof, headers={"Content-Disposition": name})


@require_safe
def receipt_pdf(request: HttpRequest, seat: FamilyViewer, sequence: int) -> HttpResponse:  # noqa: ARG001
    """Give the receipt of an erasure as a PDF."""
    entry = _require_receipt(seat, sequence)
    if entry.event != "face.erased":
        raise unknown_receipt()
    seal_receipt(entry)
    headers = {"Content-Disposition": f'inline; filename="willing-receipt-{sequence}.pdf"'}
    pdf = to_pdf(erasure_receipt(seat.person.school, entry), look_of(seat.person.school))
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


def _require_receipt(seat: FamilyViewer, sequence: int) -> Entry:
    entry = find_receipt(seat.person, seat.reader, sequence)
    if entry is None:
        raise unknown_receipt()
    return entry
