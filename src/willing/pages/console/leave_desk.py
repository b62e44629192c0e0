"""The desk: who goes now, who is out, who should have been back."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.accounts.models import User
from willing.core.errors import Refused
from willing.leave.desk import sign_back, sign_out, undo
from willing.leave.desk_queries import desk_of
from willing.leave.models import Leave
from willing.pages.console.helpers import show, user_of
from willing.pages.console.roles import SIGNS_OUT
from willing.pages.console.view_log import record_views
from willing.people.models import School
from willing.people.queries import today


@require_safe
@allow_roles(*SIGNS_OUT)
def desk(request: PageRequest) -> HttpResponse:
    """Show the desk's lists: who should be back, may go today, is out, is off sick, came back."""
    found = desk_of(request.school)
    rows = [*found.overdue, *found.out, *found.going, *found.ill, *found.back]
    record_views(list({one.leave.person for one in rows}), by=user_of(request))
    context = {"desk": found, "trips": found.trips, "today": today(request.school)}
    return show(request, "console/leave/desk.html", context)


def _note(request: PageRequest, leave_id: UUID, deed: Callable[..., Leave], done: str) -> HttpResponse:
    school: School = request.school
    by: User = user_of(request)
    try:
        leave = deed(school, leave_id, by=by)
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, done % {"name": leave.person.full_name})
    return redirect("console:leave-desk")


@require_POST
@allow_roles(*SIGNS_OUT)
def out(request: PageRequest, leave_id: UUID) -> HttpResponse:
    """Sign a pupil out."""
    return _note(request, leave_id, sign_out, _("%(name)s is signed out."))


@require_POST
@allow_roles(*SIGNS_OUT)
def back(request: PageRequest, leave_id: UUID) -> HttpResponse:
    """Note that a pupil is back."""
    return _note(request, leave_id, sign_back, _("%(name)s is back."))


@require_POST
@allow_roles(*SIGNS_OUT)
def undo_desk(request: PageRequest, leave_id: UUID) -> HttpResponse:
    """Undo what the desk noted last."""
    return _note(request, leave_id, undo, _("Undone for %(name)s."))
