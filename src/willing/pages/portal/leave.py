"""Leave and illness: asked for by guardian or pupil, confirmed by a guardian; who may agree the room says."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from willing.core.errors import Refused
from willing.leave.answering import answer_as_guardian, withdraw
from willing.leave.asking import NewLeave, ask_as_guardian, ask_as_pupil
from willing.leave.models import Leave
from willing.leave.queries import absence_of, leaves_of, trips_of
from willing.leave.rules import WantedLeave
from willing.pages.portal.access import FamilyViewer, show
from willing.pages.portal.device import is_pupils_device
from willing.pages.ui.leave_forms import LeaveForm
from willing.people.queries import today

BADGES = {"agreed": "good", "confirmed": "info", "asked": "warn", "disputed": "warn", "refused": "bad"}


@dataclass(frozen=True)
class ShownLeave:
    """A leave as one reader sees it. own: what this guardian said to it; None for nothing."""

    leave: Leave
    starts_at: Any
    ends_at: Any
    badge: str
    own: bool | None
    words: str
    may_answer: bool
    may_withdraw: bool


@require_http_methods(["GET", "POST"])
def absence(request: HttpRequest, seat: FamilyViewer) -> HttpResponse:
    """List a pupil's planned absences; take one more."""
    form = LeaveForm(request.POST or None, initial=_proposed(seat))
    if form.is_bound and form.is_valid():
        try:
            leave = _ask(request, seat, form.new)
        except Refused as refused:
            form.show_refusal(refused)
        else:
            messages.success(request, _confirmation(seat, leave))
            return redirect(f"{seat.base}absence/")
    context = {
        "form": form,
        "leaves": [_shown(one, seat) for one in leaves_of(seat.person)],
        "trips": trips_of(seat.person),
        "key": uuid4(),
        "is_pupils_device": seat.guardian is not None and is_pupils_device(request, seat.person),
    }
    return show(request, seat, "portal/absence.html", context, status=422 if form.is_bound else 200)


def _proposed(seat: FamilyViewer) -> dict[str, Any]:
    day = today(seat.person.school)
    return {"kind": Leave.Kind.APPOINTMENT, "first_day": day, "last_day": day}


def _ask(request: HttpRequest, seat: FamilyViewer, new: NewLeave) -> Leave:
    if seat.guardian is None:
        return ask_as_pupil(seat.person, new, by=seat.user)
    on_device = is_pupils_device(request, seat.person)
    return ask_as_guardian(seat.person, new, by=seat.user, on_pupils_device=on_device)


def _confirmation(seat: FamilyViewer, leave: Leave) -> str:
    if seat.guardian is None:
        return _("Sent. A parent or guardian has to confirm it, then the school.")
    if leave.kind == Leave.Kind.ILLNESS:
        return _("Thank you. The school knows, and nobody will ask you where your child is.")
    return _("Sent to the school. You read here when it has agreed.")


def _shown(leave: Leave, seat: FamilyViewer) -> ShownLeave:
    answers = {one.guardian_id: one.is_yes for one in leave.answers.all()}
    found = absence_of(leave, seat.person.school)
    words = getattr(leave, "words", None)
    is_over = leave.last_day < today(seat.person.school)
    is_open = leave.closed_at is None and not is_over and leave.signed_out_at is None
    own = answers.get(seat.guardian.id) if seat.guardian else None
    is_mine = leave.asked_by_id == seat.user.pk
    return ShownLeave(
        leave=leave,
        starts_at=found.starts_at,
        ends_at=found.ends_at,
        badge=BADGES.get(leave.state, ""),
        own=own,
        words=words.text if words is not None and is_mine else "",
        may_answer=seat.guardian is not None and is_open and own is None,
        may_withdraw=is_open and (own is True if seat.guardian else is_mine and leave.state != "agreed"),
    )


@require_POST
def ill_today(request: HttpRequest, seat: FamilyViewer) -> HttpResponse:
    """Take that a child is ill today, with one press."""
    assert seat.guardian is not None
    day = today(seat.person.school)
    try:
        new = NewLeave(WantedLeave(day, day), Leave.Kind.ILLNESS, id=UUID(request.POST.get("key", "")))
        leave = _ask(request, seat, new)
    except ValueError:
        return HttpResponse(status=400)
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _confirmation(seat, leave))
    return redirect(f"{seat.base}absence/")


@require_POST
def answer_absence(request: HttpRequest, seat: FamilyViewer, leave_id: UUID) -> HttpResponse:
    """Take a guardian's yes or no to a leave."""
    is_yes = request.POST.get("answer") == "yes"
    if not is_yes and request.POST.get("answer") != "no":
        return HttpResponse(status=400)
    try:
        answer_as_guardian(
            seat.person,
            leave_id,
            is_yes=is_yes,
            by=seat.user,
            on_pupils_device=is_pupils_device(request, seat.person),
        )
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        yes = _("Confirmed. Now the school has to agree.")
        messages.success(request, yes if is_yes else _("Your no is recorded. The leave does not hold."))
    return redirect(f"{seat.base}absence/")


@require_POST
def withdraw_absence(request: HttpRequest, seat: FamilyViewer, leave_id: UUID) -> HttpResponse:
    """Withdraw a leave, or the days of it that are left."""
    try:
        withdraw(seat.person, leave_id, by=seat.user)
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("Withdrawn. The school expects your child, and the kitchen cooks again."))
    return redirect(f"{seat.base}absence/")
