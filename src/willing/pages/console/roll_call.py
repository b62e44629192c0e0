"""The roll call on the staff pages: started in two presses, counted while it runs, read when it is over."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.core.errors import Refused
from willing.core.ids import new_id
from willing.gate.queries import alarms_of
from willing.pages.console.helpers import show, user_of
from willing.pages.console.roles import ANY_STAFF, OFFICE, SETS_UP_ROLL_CALLS
from willing.pages.console.roll_call_data import require_list
from willing.people.queries import require_person
from willing.rollcall.calling import close_roll_call, start_roll_call
from willing.rollcall.last_seen import open_last_seen
from willing.rollcall.models import AssemblyPoint, LastSeen, RollCall
from willing.rollcall.presence import unplaced_classes
from willing.rollcall.queries import (
    find_running,
    progress_of,
    require_roll_call,
    roll_calls_of,
    sees_list,
    settings_of,
    wardens_of,
)
from willing.rollcall.rules import Headcount


@dataclass(frozen=True)
class PointCounts:
    """How far one assembly point is."""

    name: str
    counts: Headcount


@require_safe
@allow_roles(*ANY_STAFF)
def front(request: PageRequest) -> HttpResponse:
    """Offer to start one; or show how far the one is that is running. It names nobody."""
    school = request.school
    running = find_running(school)
    points = AssemblyPoint.objects.filter(school=school, retired_at=None).count()
    context: dict[str, Any] = {
        "roll_call": running,
        "key": new_id(),
        "past": [_past(one) for one in roll_calls_of(school)],
        "may_set_up": not request.roles.isdisjoint(SETS_UP_ROLL_CALLS),
        "sees_list": _sees(request),
        "lacks": [] if running else _lacks(request, points),
    }
    context |= _alarms(request) if running is None else _counts(running)
    return show(request, "console/roll_call/front.html", context)


def _alarms(request: PageRequest) -> dict[str, Any]:
    """Return which alarm contacts report alarm, and what tells one such state from another."""
    alarms = alarms_of(request.school)
    shown = " ".join(f"{one.door_id.hex[-8:]}{one.since:%d%H%M%S}{one.is_silent:d}" for one in alarms)
    return {"alarms": alarms, "alarms_shown": shown}


def _lacks(request: PageRequest, points: int) -> list[str]:
    """Return what the school has not prepared yet; a roll call can be started all the same."""
    missing = []
    if not points:
        missing.append(_("There is no assembly point yet, so the list is not sorted by one."))
    elif unplaced := unplaced_classes(request.school):
        missing.append(_("Without an assembly point: %(classes)s") % {"classes": ", ".join(unplaced)})
    if not wardens_of(request.school):
        missing.append(_("No warden is named yet, so no phone holds the list."))
    if not settings_of(request.school).print_queue:
        missing.append(_("The sheets are not printed by themselves: no print queue is set."))
    return missing


def _sees(request: PageRequest) -> bool:
    is_office = not request.roles.isdisjoint(OFFICE)
    return sees_list(request.school, user_of(request), is_office=is_office)


def _past(one: RollCall) -> dict[str, Any]:
    return {"roll_call": one, "counts": Headcount(one.expected or 0, one.safe or 0, one.found or 0)}


def _counts(roll_call: RollCall) -> dict[str, Any]:
    progress = progress_of(roll_call)
    names = dict(AssemblyPoint.objects.filter(school=roll_call.school).values_list("id", "name"))
    points = [
        PointCounts(names[key] if key else _("No assembly point"), counts)
        for key, counts in progress.counts_by_point().items()
        if key or counts.expected or counts.found
    ]
    return {
        "counts": progress.counts,
        "is_red": progress.is_red and progress.counts.missing > 0,
        "points": sorted(points, key=lambda one: (-one.counts.missing, one.name)),
    }


@require_safe
@allow_roles(*ANY_STAFF)
def counts(request: PageRequest) -> HttpResponse:
    """Return the counts alone, for a page that shows them live; the whole page where that is over.

    `idle`: for a page that offers a start, what alarm contacts report, if that is not what it shows; the
    whole page once one has begun.
    """
    running = find_running(request.school)
    if (running is None) != ("idle" in request.GET):
        return HttpResponse(headers={"HX-Refresh": "true"})
    if running is None:
        alarms = _alarms(request)
        if alarms["alarms_shown"] == request.GET["idle"]:
            return HttpResponse(status=204)
        return show(request, "console/roll_call/_alarm.html", alarms)
    context = {"roll_call": running, **_counts(running)}
    return show(request, "console/roll_call/_counts.html", context)


@require_POST
@allow_roles(*ANY_STAFF)
def start(request: PageRequest) -> HttpResponse:
    """Start a roll call, or go to the one that is running."""
    try:
        key = UUID(request.POST.get("key", ""))
    except ValueError:
        key = new_id()
    kind = request.POST.get("kind", "")
    try:
        started = start_roll_call(request.school, kind, by=user_of(request), roll_call_id=key)
    except Refused as refused:
        messages.error(request, str(refused.message))
        return redirect("console:roll-call")
    if started.id != key:
        messages.info(request, _("Another roll call is running already. This is it."))
    return redirect("console:roll-call")


@require_POST
@allow_roles(*ANY_STAFF)
def close(request: PageRequest, roll_call_id: UUID) -> HttpResponse:
    """End a roll call."""
    require_list(request)
    try:
        close_roll_call(request.school, roll_call_id, by=user_of(request))
    except Refused as refused:
        messages.error(request, str(refused.message))
        return redirect("console:roll-call")
    messages.success(request, _("The roll call is over. Ticks that phones bring late are still taken."))
    return redirect("console:roll-call-shown", roll_call_id)


@require_http_methods(["GET", "POST"])
@allow_roles(*ANY_STAFF)
def last_seen(request: PageRequest, roll_call_id: UUID, person_id: UUID) -> HttpResponse:
    """Break the glass: show where a missing person was last seen, once a reason is written down."""
    school, user = request.school, user_of(request)
    roll_call = require_roll_call(school, roll_call_id)
    person = require_person(school, person_id)
    require_list(request)
    opened: LastSeen | None = None
    refusal = ""
    if request.method == "POST":
        try:
            opened = open_last_seen(school, roll_call_id, person_id, request.POST.get("reason", ""), by=user)
        except Refused as refused:
            refusal = str(refused.message)
    context = {"roll_call": roll_call, "person": person, "opened": opened, "refusal": refusal}
    status = 422 if refusal else 200
    return show(request, "console/roll_call/last_seen.html", context, status=status)
