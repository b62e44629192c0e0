"""A trip on its days: it left, it is back, its last hour is moved."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from willing.accounts.access import PageRequest, allow_roles
from willing.core.errors import Refused
from willing.leave.models import Trip
from willing.leave.queries import require_trip
from willing.leave.trip_days import move_end, note_departure, note_return, undo_note
from willing.pages.console.helpers import user_of
from willing.pages.console.leave_forms import TripEndForm
from willing.pages.console.roles import PLANS_TRIPS
from willing.pages.console.trips import show_trip


def _note(request: PageRequest, trip_id: UUID, deed: Callable[..., Trip], done: str) -> HttpResponse:
    try:
        trip = deed(request.school, trip_id, by=user_of(request))
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, done % {"name": trip.name})
    return redirect("console:trip", trip_id)


@require_POST
@allow_roles(*PLANS_TRIPS)
def departed(request: PageRequest, trip_id: UUID) -> HttpResponse:
    """Note that a trip has left."""
    return _note(request, trip_id, note_departure, _("%(name)s has left."))


@require_POST
@allow_roles(*PLANS_TRIPS)
def returned(request: PageRequest, trip_id: UUID) -> HttpResponse:
    """Note that a trip is back."""
    done = _("%(name)s is back. Everyone on it is expected at school from now on.")
    return _note(request, trip_id, note_return, done)


@require_POST
@allow_roles(*PLANS_TRIPS)
def undo(request: PageRequest, trip_id: UUID) -> HttpResponse:
    """Undo what was noted last of a trip."""
    return _note(request, trip_id, undo_note, _("Undone for %(name)s."))


@require_POST
@allow_roles(*PLANS_TRIPS)
def move(request: PageRequest, trip_id: UUID) -> HttpResponse:
    """Move the end of a trip; where that can't be, say why beside what was typed."""
    found, form = require_trip(request.school, trip_id), TripEndForm(request.POST)
    if not form.is_valid():
        return show_trip(request, found, form)
    last_day, until_time = form.values
    try:
        trip = move_end(
            request.school, trip_id, last_day=last_day, until_time=until_time, by=user_of(request)
        )
    except Refused as refused:
        form.show_refusal(refused)
        return show_trip(request, found, form)
    done = _("The end of %(name)s is moved. Registers and kitchen know it.")
    messages.success(request, done % {"name": trip.name})
    return redirect("console:trip", trip_id)
