"""Visitors: announced by any of the staff, signed in at the desk, given a badge, signed out."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.accounts.models import User
from willing.accounts.queries import active_staff
from willing.core.clock import now
from willing.core.codes import new_code
from willing.core.errors import Refused
from willing.documents.visitor_badge import print_badge, visitor_notice
from willing.pages.console.document_pages import pdf_answer, show_document
from willing.pages.console.helpers import show, user_of
from willing.pages.console.roles import ANY_STAFF, RECEIVES_VISITORS
from willing.pages.console.view_log import record_visit_view
from willing.pages.console.visit_forms import AnnounceForm, ReceiveForm, SignInForm, VisitForm
from willing.people.queries import today
from willing.visits.actions import (
    announce_visit,
    cancel_visit,
    close_visit,
    give_badge,
    receive_unannounced,
    sign_in,
    sign_out,
    undo,
)
from willing.visits.models import Visit
from willing.visits.queries import (
    badges_taken,
    coming_of,
    desk_of,
    is_user_in,
    require_visit,
    staff_on_site,
    staff_persons,
    visit_data,
)
from willing.visits.rules import VisitFault, decide_sign_out, decide_undo, next_badge
from willing.visits.staff_days import set_person_in, set_user_in

# So many of each of the desk's lists at first: on an open evening hundreds are expected.
DESK_SHOWN = 20
SEARCH_CHARS_MAX = 25


def is_desk(request: PageRequest) -> bool:
    """Say whether who looks receives visitors."""
    return not request.roles.isdisjoint(RECEIVES_VISITORS)


@require_safe
@allow_roles(*ANY_STAFF)
def visitors(request: PageRequest) -> HttpResponse:
    """Show whom one expects oneself, and to the desk everyone who is expected or on the site."""
    school, user = request.school, user_of(request)
    coming, coming_count = coming_of(school, user)
    context: dict[str, Any] = {
        "is_desk": is_desk(request),
        "is_in": is_user_in(school, user),
        "coming": coming,
        "coming_count": coming_count,
    }
    if is_desk(request):
        text = request.GET.get("q", "").strip()[:SEARCH_CHARS_MAX]
        found, at = desk_of(school, text), now()
        context |= {
            "text": text,
            "shown": ":" if request.GET.get("all") == "1" else f":{DESK_SHOWN}",
            "shown_count": DESK_SHOWN,
            "desk": found,
            "badge": next_badge(badges_taken(school)),
            "undoable": {
                one.pk
                for one in [*found.on_site, *found.gone]
                if decide_undo(one.at_desk, at) is VisitFault.NONE
            },
        }
    return show(request, "console/visits/visitors.html", context)


@require_http_methods(["GET", "POST"])
@allow_roles(*ANY_STAFF)
def announce(request: PageRequest) -> HttpResponse:
    """Announce a visitor."""
    user = user_of(request)
    initial = {"host": str(user.pk), "day": today(request.school)}
    form = AnnounceForm(request.POST or None, staff=active_staff(request.school), initial=initial)
    if form.is_bound and form.is_valid():
        done = _try(form, lambda: announce_visit(request.school, form.new, by=user))
        if done is not None:
            messages.success(request, _("Announced. The desk expects %(name)s.") % {"name": done.name})
            return redirect("console:visits")
    context = {"form": form}
    return show(request, "console/visits/announce.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@allow_roles(*RECEIVES_VISITORS)
def receive(request: PageRequest) -> HttpResponse:
    """Sign in a visitor whom nobody announced."""
    school, user = request.school, user_of(request)
    initial = {"badge_number": next_badge(badges_taken(school))}
    form = ReceiveForm(request.POST or None, staff=active_staff(school), initial=initial)
    if form.is_bound and form.is_valid():
        done = _try(form, lambda: receive_unannounced(school, form.new, form.noted, by=user))
        if done is not None:
            messages.success(request, _("%(name)s is signed in.") % {"name": done.name})
            return redirect("console:visits")
    context = {"form": form}
    return show(request, "console/visits/receive.html", context, status=422 if form.is_bound else 200)


def _try(form: VisitForm, deed: Callable[[], Visit]) -> Visit | None:
    try:
        return deed()
    except Refused as refused:
        form.show_refusal(refused)
        return None


def _note(request: PageRequest, deed: Callable[[], Visit], done: str) -> HttpResponse:
    try:
        visit = deed()
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, done % {"name": visit.name})
    return _back(request)


def _back(request: PageRequest) -> HttpResponse:
    """Return to the lists, searched as they were: a badge is printed where the visitor was signed in."""
    text = request.POST.get("q", "")[:SEARCH_CHARS_MAX]
    address = reverse("console:visits")
    return redirect(f"{address}?{urlencode({'q': text})}" if text else address)


@require_POST
@allow_roles(*ANY_STAFF)
def cancel(request: PageRequest, visit_id: UUID) -> HttpResponse:
    """Cancel a visit that one hosts or announced; the desk cancels any."""
    user, visit = user_of(request), require_visit(request.school, visit_id)
    if not is_desk(request) and user.pk not in (visit.host_id, visit.announced_by_id):
        messages.error(request, _("Only the host, who announced the visit, or the desk cancels it."))
        return redirect("console:visits")
    return _note(
        request,
        lambda: cancel_visit(request.school, visit_id, by=user),
        _("The visit of %(name)s is cancelled."),
    )


@require_POST
@allow_roles(*RECEIVES_VISITORS)
def into(request: PageRequest, visit_id: UUID) -> HttpResponse:
    """Sign in a visitor who was announced."""
    form = SignInForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Please type the badge's number in digits, or leave it empty."))
        return _back(request)
    return _note(
        request,
        lambda: sign_in(request.school, visit_id, form.noted, by=user_of(request)),
        _("%(name)s is signed in."),
    )


@require_POST
@allow_roles(*RECEIVES_VISITORS)
def out(request: PageRequest, visit_id: UUID) -> HttpResponse:
    """Sign a visitor out."""
    return _note(
        request,
        lambda: sign_out(request.school, visit_id, by=user_of(request)),
        _("%(name)s is signed out."),
    )


@require_POST
@allow_roles(*RECEIVES_VISITORS)
def close(request: PageRequest, visit_id: UUID) -> HttpResponse:
    """Close the visit of one who never signed out."""
    return _note(
        request,
        lambda: close_visit(request.school, visit_id, by=user_of(request)),
        _("The visit of %(name)s is closed, with your name."),
    )


@require_POST
@allow_roles(*RECEIVES_VISITORS)
def undo_press(request: PageRequest, visit_id: UUID) -> HttpResponse:
    """Undo the desk's last press."""
    return _note(
        request, lambda: undo(request.school, visit_id, by=user_of(request)), _("Undone for %(name)s.")
    )


@require_POST
@allow_roles(*RECEIVES_VISITORS)
def badge(request: PageRequest, visit_id: UUID) -> HttpResponse:
    """Print a badge with a new code, this once; an earlier one stops."""
    visit, code = require_visit(request.school, visit_id), new_code()
    try:
        fault = decide_sign_out(visit.at_desk)
        # First the page, then the badge: of a page that can't be made nothing is left.
        pdf = print_badge(visit, code) if fault is VisitFault.NONE else b""
        give_badge(request.school, visit_id, code, by=user_of(request))
    except Refused as refused:
        messages.error(request, str(refused.message))
        return _back(request)
    headers = {"Content-Disposition": 'inline; filename="badge.pdf"', "Cache-Control": "no-store"}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


@require_safe
@allow_roles(*RECEIVES_VISITORS)
def visit(request: PageRequest, visit_id: UUID) -> HttpResponse:
    """Show all that is kept of a visit, as a page for the visitor to read."""
    found = require_visit(request.school, visit_id)
    record_visit_view(found.id, by=user_of(request))
    context = {"visit": found, "rows": visit_data(found)}
    return show(request, "console/visits/visit.html", context)


@require_safe
@allow_roles(*RECEIVES_VISITORS)
def visit_file(request: PageRequest, visit_id: UUID) -> HttpResponse:
    """Give all that is kept of a visit as a file."""
    found = require_visit(request.school, visit_id)
    record_visit_view(found.id, by=user_of(request))
    headers = {"Content-Disposition": 'attachment; filename="visit.json"', "Cache-Control": "no-store"}
    return JsonResponse(visit_data(found), headers=headers, json_dumps_params={"ensure_ascii": False})


@require_safe
@allow_roles(*RECEIVES_VISITORS)
def notice(request: PageRequest) -> HttpResponse:
    """Show the notice for visitors."""
    back = {"url": reverse("console:visits"), "label": _("Visitors")}
    pdf = reverse("console:visitor-notice-pdf")
    return show_document(request, visitor_notice(request.school), pdf=pdf, back=back)


@require_safe
@allow_roles(*RECEIVES_VISITORS)
def notice_pdf(request: PageRequest) -> HttpResponse:
    """Give the notice for visitors as a PDF."""
    return pdf_answer(request, visitor_notice(request.school), "visitors")


@require_POST
@allow_roles(*ANY_STAFF)
def note_in(request: PageRequest) -> HttpResponse:
    """Note that one is in oneself, or has left."""
    user: User = user_of(request)
    set_user_in(request.school, user, is_in=request.POST.get("in") == "yes")
    return redirect("console:visits")


@require_safe
@allow_roles(*RECEIVES_VISITORS)
def staff_in(request: PageRequest) -> HttpResponse:
    """Show who of the staff is in, and let those be noted who do not sign in themselves."""
    found = staff_on_site(request.school)
    inside = {one.person_id for one in found}
    others = [one for one in staff_persons(request.school) if one.id not in inside]
    return show(request, "console/visits/staff.html", {"inside": found, "others": others})


@require_POST
@allow_roles(*RECEIVES_VISITORS)
def note_staff(request: PageRequest, person_id: UUID) -> HttpResponse:
    """Note that a member of staff without a sign-in is in, or has left."""
    try:
        set_person_in(request.school, person_id, is_in=request.POST.get("in") == "yes")
    except Refused as refused:
        messages.error(request, str(refused.message))
    return redirect("console:staff-in")
