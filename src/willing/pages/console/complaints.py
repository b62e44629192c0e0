"""What families report and ask for: the list, the answer, and a report taken by telephone."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.biometrics.models import FaceSession
from willing.biometrics.queries import places_of
from willing.biometrics.suspension import resume_face
from willing.complaints.actions import ComplaintAnswer, NewComplaint, answer_complaint, raise_complaint
from willing.complaints.errors import unknown_complaint
from willing.complaints.extensions import extend_answer
from willing.complaints.labels import describe_refund
from willing.complaints.models import Complaint
from willing.complaints.queries import due_of, extension_of, wrong_person_rate
from willing.complaints.rules import may_extend, needs_identity
from willing.consent.profiles import require_profile
from willing.core.clock import now
from willing.core.errors import Refused
from willing.pages.console.complaint_forms import AnswerForm, ExtendForm, TakeForm
from willing.pages.console.helpers import FOUND_MAX, back_to_person, show, user_of
from willing.pages.console.roles import ANSWERS_FAMILIES, OFFICE
from willing.pages.console.view_log import record_view, record_views
from willing.people.models import School
from willing.people.queries import require_person, search_persons
from willing.privacy.actions import export_personal_data
from willing.privacy.personal_data_document import NEWEST_SHOWN, access_document, is_shortened
from willing.privacy.readers import OFFICE as OFFICE_READER

ANSWERED_SHOWN = 30


@dataclass(frozen=True)
class ComplaintRow:
    """A complaint in the list: until when it has to be answered, and whether that has passed."""

    complaint: Complaint
    due_at: Any
    is_overdue: bool


@require_safe
@allow_roles(*ANSWERS_FAMILIES)
def complaints(request: PageRequest) -> HttpResponse:
    """Show what waits for an answer, the oldest first, and what was answered lately."""
    school = request.school
    rows = Complaint.objects.filter(school=school)
    rows = rows.select_related("person__year_group", "person__school", "sale")
    text = request.GET.get("q", "").strip()[:100]
    found = search_persons(school, text, limit=FOUND_MAX) if text else []
    record_views(found, by=user_of(request))
    context = {
        "text": text,
        "persons": found,
        "open": [_row(one) for one in rows.filter(outcome="")],
        "answered": rows.exclude(outcome="").order_by("-answered_at")[:ANSWERED_SHOWN],
        "figures": _statistics(school),
    }
    return show(request, "console/complaints.html", context)


def _statistics(school: School) -> dict[str, Any]:
    figures = wrong_person_rate(school)
    at_most = "–" if figures.rate_at_most is None else f"{figures.rate_at_most:.2%}"
    return {"uses": figures.uses, "confirmed": figures.confirmed, "at_most": at_most}


def _row(complaint: Complaint) -> ComplaintRow:
    due = due_of(complaint)
    return ComplaintRow(complaint, due, now() > due)


@require_http_methods(["GET", "POST"])
@allow_roles(*ANSWERS_FAMILIES)
def complaint(request: PageRequest, complaint_id: UUID) -> HttpResponse:
    """Show a complaint and take the answer. The look at it is in the log."""
    found = _require(request, complaint_id)
    form = AnswerForm(request.POST or None)
    if (
        request.method == "POST"
        and form.is_valid()
        and request.POST.get("outcome") in Complaint.Outcome.values
    ):
        is_confirmed = request.POST["outcome"] == Complaint.Outcome.CONFIRMED
        try:
            said = form.cleaned_data
            answer = ComplaintAnswer(is_confirmed, said["text"], user_of(request), said["identity"])
            answer_complaint(found.id, answer)
        except Refused as refused:
            form.add_error(None, str(refused.message))
        else:
            messages.success(request, _("The family can read the answer now."))
            return redirect("console:complaints")
    if request.method == "GET":
        record_view(found.person, by=user_of(request))
    context = {
        "row": _row(found),
        "complaint": found,
        "use": _use(found),
        "form": form,
        "asks_identity": _asks_identity(found),
        "may_extend": _may_extend(found),
        "extend_form": ExtendForm(),
        "may_open_records": not request.roles.isdisjoint(OFFICE),
        "answer_source": require_profile(request.school.legal_profile).answer_source,
    }
    if found.refund is not None:
        context["given_back"] = describe_refund(found.refund, request.school)
    return show(request, "console/complaint.html", context, status=422 if form.errors else 200)


def _require(request: PageRequest, complaint_id: UUID) -> Complaint:
    rows = Complaint.objects.filter(school=request.school, pk=complaint_id)
    found = rows.select_related(
        "person__school", "school", "sale__basket__terminal", "words", "guardian"
    ).first()
    if found is None:
        raise unknown_complaint()
    return found


def _use(complaint: Complaint) -> dict[str, Any] | None:
    session = (
        FaceSession.objects.filter(pk=complaint.face_session).first() if complaint.face_session else None
    )
    if session is None:
        return None
    return {
        "at": session.opened_at,
        "place": places_of([session])[session.id],
        "is_by_day": session.is_by_day,
    }


def _asks_identity(found: Complaint) -> bool:
    return needs_identity(found.kind, found.raised_by) and not found.words.identity


def _may_extend(found: Complaint) -> bool:
    return may_extend(
        extension_of(found.school),
        is_open=found.is_open,
        is_extended=found.extended_at is not None,
        is_overdue=_row(found).is_overdue,
    )


@require_POST
@allow_roles(*ANSWERS_FAMILIES)
def extend(request: PageRequest, complaint_id: UUID) -> HttpResponse:
    """Extend the time to answer, with a reason."""
    found = _require(request, complaint_id)
    extend_answer(found.id, reason=request.POST.get("reason", ""), by=user_of(request))
    messages.success(request, _("The time to answer is extended. The family can read why."))
    return redirect("console:complaint", complaint_id=found.id)


@require_http_methods(["GET", "POST"])
@allow_roles(*ANSWERS_FAMILIES)
def record_complaint(request: PageRequest, person_id: UUID) -> HttpResponse:
    """Record what someone reported or asked for about a person by letter, at the desk or by telephone."""
    person = require_person(request.school, person_id)
    form = TakeForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        sale = UUID(said["sale"]) if said["sale"] else None
        new = NewComplaint(
            said["kind"],
            sale=sale,
            said=said["said"],
            taken_by=user_of(request),
            channel=said["channel"],
            received_on=said["received_on"],
            identity=said["identity"],
        )
        try:
            taken = raise_complaint(person, new)
        except Refused as refused:
            form.add_error(None, str(refused.message))
        else:
            return redirect("console:complaint", complaint_id=taken.id)
    context = {"person": person, "form": form, "may_open_records": not request.roles.isdisjoint(OFFICE)}
    return show(request, "console/take_complaint.html", context, status=422 if form.errors else 200)


@require_POST
@allow_roles(*OFFICE)
def resume(request: PageRequest, person_id: UUID, purpose: str) -> HttpResponse:
    """Let a paused face be compared again, once the office has looked into why it was paused."""
    person = require_person(request.school, person_id)
    resume_face(person, by=user_of(request), purpose=purpose)
    messages.success(request, _("The face is used again."))
    return back_to_person(person, "face")


@require_safe
@allow_roles(*OFFICE)
def everything(request: PageRequest, person_id: UUID) -> HttpResponse:
    """Show everything that is held about a person, for someone who asks at the office (GDPR article 15)."""
    person = require_person(request.school, person_id)
    newest = None if "all" in request.GET else NEWEST_SHOWN
    content = export_personal_data(person, OFFICE_READER, user=user_of(request), how="page", newest=newest)
    context = {
        "document": access_document(content, newest),
        "is_shortened": is_shortened(content, newest),
        "person": person,
    }
    return show(request, "console/everything.html", context)


@require_safe
@allow_roles(*OFFICE)
def everything_file(request: PageRequest, person_id: UUID) -> HttpResponse:
    """Give everything that is held about a person as a file (GDPR article 20)."""
    person = require_person(request.school, person_id)
    content = export_personal_data(person, OFFICE_READER, user=user_of(request), how="file")
    headers = {"Content-Disposition": 'attachment; filename="willing-data.json"', "Cache-Control": "no-store"}
    return JsonResponse(content, headers=headers, json_dumps_params={"ensure_ascii": False, "indent": 2})
