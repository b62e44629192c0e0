"""Leave on the staff pages: what waits, who is away, entered for a family, agreed to or refused."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.attendance.queries import groups_of, teachers_of
from willing.core.errors import Refused
from willing.leave.answering import approve, record_answer, refuse, withdraw_for_family
from willing.leave.asking import enter_for_family
from willing.leave.models import Leave
from willing.leave.queries import coming_leaves, leaves_of, needed_for, settings_of, waiting_leaves
from willing.leave.set_up import set_leave
from willing.pages.console.helpers import FOUND_MAX, show, user_of
from willing.pages.console.leave_forms import FamilyLeaveForm, LeaveSettingsForm, shown_settings
from willing.pages.console.roles import AGREES_TO_LEAVE, SETS_UP_REGISTERS, SIGNS_OUT
from willing.pages.console.view_log import record_view, record_views
from willing.people.models import Guardian, Person, School
from willing.people.queries import (
    contacts_of,
    listed_guardians,
    present_persons,
    require_person,
    search_persons,
    today,
)


@require_safe
@allow_roles(*AGREES_TO_LEAVE)
def leaves(request: PageRequest) -> HttpResponse:
    """List the leaves that wait, those of a teacher's own classes first, and those to come."""
    school, user = request.school, user_of(request)
    own = _own_classes(school, user.pk)
    waiting = sorted(waiting_leaves(school), key=lambda one: one.person.year_group_id not in own)
    text = request.GET.get("q", "").strip()
    pupils = present_persons(school).filter(kind=Person.Kind.PUPIL)
    found = search_persons(school, text, limit=FOUND_MAX, among=pupils) if text else []
    coming, coming_count = coming_leaves(school, found if text else None)
    record_views(list({one.person for one in [*waiting, *coming]} | set(found)), by=user)
    needed = {kind: needed_for(school, kind) for kind in {one.kind for one in waiting}}
    guardians = contacts_of([one.person_id for one in waiting])
    context = {
        "waiting": [
            _waiting(one, user.pk, needed[one.kind], guardians.get(one.person_id, []))
            | {"is_mine": one.person.year_group_id in own}
            for one in waiting
        ],
        "coming": coming,
        "coming_count": coming_count,
        "illnesses": sum(one.kind == Leave.Kind.ILLNESS and one.state == "confirmed" for one in waiting),
        "text": text,
        "found": found,
        "may_sign_out": not request.roles.isdisjoint(SIGNS_OUT),
        "may_set_up": not request.roles.isdisjoint(SETS_UP_REGISTERS),
    }
    return show(request, "console/leave/leaves.html", context)


def _own_classes(school: School, user_id: int) -> set[int | None]:
    """Return the classes whose register someone takes for the most part."""
    groups = groups_of(school)
    teachers = teachers_of(groups)
    return {
        one.year_group_id
        for one in groups
        if one.year_group_id and user_id in {teacher.pk for teacher in teachers.get(one.id, ())}
    }


def _waiting(leave: Leave, user_id: int, needed: int, guardians: list[Guardian]) -> dict[str, Any]:
    given = [one.user for one in leave.approvals.all()]
    recorded = any(one.recorded_by_id == user_id for one in leave.answers.all())
    has_acted = user_id in {one.pk for one in given} or (recorded and leave.kind != Leave.Kind.ILLNESS)
    return {
        "leave": leave,
        "given": given,
        "needed": needed,
        "may_agree": leave.state == Leave.State.CONFIRMED and not has_acted,
        "has_acted": has_acted,
        "words": leave.words.text if hasattr(leave, "words") else "",
        "guardians": guardians,
    }


def _do(request: PageRequest, deed: Callable[[], Leave], done: str) -> HttpResponse:
    """Do a deed of one press, say what came of it and for whom, and show the same search again."""
    try:
        leave = deed()
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, done % {"name": leave.person.full_name})
    return _show_again(request)


def _show_again(request: PageRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()
    address = reverse("console:leaves")
    return redirect(f"{address}?{urlencode({'q': text})}" if text else address)


@require_POST
@allow_roles(*AGREES_TO_LEAVE)
def agree(request: PageRequest, leave_id: UUID) -> HttpResponse:
    """Agree to a leave, or confirm an illness."""
    deed = lambda: approve(request.school, leave_id, by=user_of(request))  # noqa: E731
    return _do(request, deed, _("%(name)s: you have agreed."))


@require_POST
@allow_roles(*AGREES_TO_LEAVE)
def agree_to_illnesses(request: PageRequest) -> HttpResponse:
    """Confirm every illness that a guardian has reported and nobody objects to, at one press."""
    done = 0
    for one in waiting_leaves(request.school):
        if one.kind == Leave.Kind.ILLNESS and one.state == Leave.State.CONFIRMED:
            try:
                approve(request.school, one.id, by=user_of(request))
            except Refused as refused:  # a colleague was quicker
                messages.error(request, str(refused.message))
            else:
                done += 1
    messages.success(request, _("Illnesses confirmed: %(count)s.") % {"count": done})
    return redirect("console:leaves")


@require_POST
@allow_roles(*AGREES_TO_LEAVE)
def refuse_one(request: PageRequest, leave_id: UUID) -> HttpResponse:
    """Refuse a leave, with a reason for the family."""
    reason = request.POST.get("reason", "")
    deed = lambda: refuse(request.school, leave_id, reason=reason, by=user_of(request))  # noqa: E731
    return _do(request, deed, _("%(name)s: not agreed. The family reads your reason."))


@require_POST
@allow_roles(*AGREES_TO_LEAVE)
def withdraw_one(request: PageRequest, leave_id: UUID) -> HttpResponse:
    """Withdraw a leave because the family says so."""
    deed = lambda: withdraw_for_family(request.school, leave_id, by=user_of(request))  # noqa: E731
    return _do(request, deed, _("%(name)s: the leave is withdrawn."))


@require_POST
@allow_roles(*AGREES_TO_LEAVE)
def record_word(request: PageRequest, leave_id: UUID) -> HttpResponse:
    """Write down what a guardian said, and how they were reached."""
    try:
        guardian_id = UUID(request.POST.get("guardian", ""))
    except ValueError:
        return _show_again(request)
    is_yes, reached = request.POST.get("answer") == "yes", request.POST.get("reached", "")

    def deed() -> Leave:
        return record_answer(
            request.school,
            leave_id,
            guardian_id=guardian_id,
            is_yes=is_yes,
            reached=reached,
            by=user_of(request),
        )

    return _do(request, deed, _("%(name)s: recorded, with your name and how you reached the guardian."))


@require_http_methods(["GET", "POST"])
@allow_roles(*AGREES_TO_LEAVE)
def enter(request: PageRequest, person_id: UUID) -> HttpResponse:
    """Enter leave or illness for a family that called or wrote."""
    person = require_person(request.school, person_id)
    guardians, day = listed_guardians(person.id), today(request.school)
    initial = {"kind": Leave.Kind.ILLNESS, "first_day": day, "last_day": day}
    form = FamilyLeaveForm(request.POST or None, guardians=guardians, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            leave = enter_for_family(
                person,
                form.new,
                guardian_id=form.guardian_id,
                reached=form.cleaned_data["reached"],
                by=user_of(request),
            )
        except Refused as refused:
            form.show_refusal(refused)
        else:
            agreed, waits = _("Entered and confirmed."), _("Entered. A colleague has to agree to it.")
            messages.success(request, agreed if leave.state == Leave.State.AGREED else waits)
            return redirect("console:leaves")
    record_view(person, by=user_of(request))
    context = {"person": person, "form": form, "guardians": guardians, "leaves": leaves_of(person, 5)}
    return show(request, "console/leave/enter.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@allow_roles(*SETS_UP_REGISTERS)
def leave_settings(request: PageRequest) -> HttpResponse:
    """Show and set how the school agrees to leave."""
    form = LeaveSettingsForm(request.POST or None, initial=shown_settings(settings_of(request.school)))
    if form.is_bound and form.is_valid():
        needed, by_time = form.values
        set_leave(request.school, staff_needed=needed, report_back_by=by_time, by=user_of(request))
        messages.success(request, _("Saved."))
        return redirect("console:leave-settings")
    may_agree = not request.roles.isdisjoint(AGREES_TO_LEAVE)
    context = {"form": form, "may_agree": may_agree}
    return show(request, "console/leave/settings.html", context, status=422 if form.is_bound else 200)
