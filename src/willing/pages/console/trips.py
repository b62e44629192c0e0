"""Trips: planned for classes, groups or picked pupils, under named staff; changed and cancelled."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.accounts.models import User
from willing.attendance.queries import find_settings, groups_of, members_on
from willing.core.errors import Refused
from willing.leave.desk_queries import trip_row
from willing.leave.models import Trip
from willing.leave.queries import pupils_of, require_trip, trips_from
from willing.leave.trips import cancel_trip, plan_trip, set_pupils
from willing.pages.console.helpers import FOUND_MAX, show, user_of
from willing.pages.console.leave_forms import TripEndForm, TripForm
from willing.pages.console.roles import PLANS_TRIPS
from willing.pages.console.view_log import record_views
from willing.people.models import Person, School
from willing.people.queries import classes_of, present_persons, search_persons, today

CLASS, GROUP = "class-", "group-"


@require_safe
@allow_roles(*PLANS_TRIPS)
def trips(request: PageRequest) -> HttpResponse:
    """List the trips of today and to come."""
    return show(request, "console/leave/trips.html", {"trips": trips_from(request.school)})


@require_http_methods(["GET", "POST"])
@allow_roles(*PLANS_TRIPS)
def plan(request: PageRequest) -> HttpResponse:
    """Plan a trip."""
    school, day = request.school, today(request.school)
    user = user_of(request)
    initial = {"kind": Trip.Kind.VISIT, "first_day": day, "last_day": day, "leaders": [str(user.pk)]}
    form = TripForm(request.POST or None, staff=_staff(school), groups=_groups(school), initial=initial)
    if form.is_bound and form.is_valid():
        pupils = _pupils(school, form.cleaned_data["groups"], form.cleaned_data["first_day"])
        try:
            trip = plan_trip(school, form.new(pupils), by=user)
        except Refused as refused:
            form.show_refusal(refused)
        else:
            messages.success(request, _("Planned. Gate, kitchen and registers know it."))
            return redirect("console:trip", trip.id)
    return show(request, "console/leave/trip_plan.html", {"form": form}, status=422 if form.is_bound else 200)


def _staff(school: School) -> list[User]:
    rows = User.objects.filter(roles__school=school, guardian=None, person=None, is_active=True)
    return list(rows.distinct().order_by("display_name", "id"))


def _groups(school: School) -> list[tuple[str, str]]:
    """Return classes, and groups of which registers are taken, as they are chosen."""
    found = [(f"{CLASS}{one.pk}", one.name) for one in classes_of(school)]
    if find_settings(school) is not None:
        found += [(f"{GROUP}{one.id}", one.name) for one in groups_of(school) if one.year_group_id is None]
    return found


def _pupils(school: School, chosen: list[str], day: Any) -> set[UUID]:
    classes = [int(one.removeprefix(CLASS)) for one in chosen if one.startswith(CLASS)]
    rows = present_persons(school).filter(kind=Person.Kind.PUPIL, year_group_id__in=classes)
    found = set(rows.values_list("id", flat=True))
    groups = {one.removeprefix(GROUP) for one in chosen if one.startswith(GROUP)}
    for one in groups_of(school) if groups else ():
        if str(one.id) in groups:
            found |= set(members_on(one, day).values_list("id", flat=True))
    return found


@require_http_methods(["GET", "POST"])
@allow_roles(*PLANS_TRIPS)
def trip(request: PageRequest, trip_id: UUID) -> HttpResponse:
    """Show a trip, and set who goes: those on it, their classes, and whom a search finds."""
    school = request.school
    found = require_trip(school, trip_id)
    if request.method == "POST":
        try:
            number = set_pupils(school, trip_id, _sent(request), by=user_of(request))
        except Refused as refused:
            messages.error(request, str(refused.message))
        else:
            text = ngettext("%(count)s pupil goes.", "%(count)s pupils go.", number)
            messages.success(request, text % {"count": number})
        return redirect("console:trip", trip_id)
    end = {"last_day": found.last_day, "until_time": found.until_time}
    return show_trip(request, found, TripEndForm(initial=end))


def show_trip(request: PageRequest, found: Trip, end_form: TripEndForm) -> HttpResponse:
    """Show a trip. end_form: where it was refused, the page opens it and says why beside its field."""
    school = request.school
    goes, row = pupils_of(found), trip_row(found, school)
    ids = {one.id for one in goes}
    classes = {one.year_group_id for one in goes if one.year_group_id}
    text = request.GET.get("q", "").strip()
    pupils = present_persons(school).filter(kind=Person.Kind.PUPIL)
    more = search_persons(school, text, limit=FOUND_MAX, among=pupils) if text else []
    offered = {
        one.id: one
        for one in [
            *goes,
            *more,
            *pupils.filter(year_group_id__in=classes).order_by("year_group__position", "given_name"),
        ]
    }
    record_views(list(offered.values()), by=user_of(request))
    context = {
        "trip": found,
        "leaders": [one.user for one in found.leaders.select_related("user").order_by("id")],
        "pupils": [(one, one.id in ids) for one in offered.values()],
        "text": text,
        "number": len(goes),
        "is_open": found.cancelled_at is None and found.last_day >= today(school),
        "row": row,
        "end_form": end_form,
    }
    status = 422 if end_form.is_bound else 200
    return show(request, "console/leave/trip.html", context, status=status)


def _sent(request: PageRequest) -> set[UUID]:
    found = set()
    for one in request.POST.getlist("pupil"):
        try:
            found.add(UUID(one))
        except ValueError:
            continue
    return found


@require_POST
@allow_roles(*PLANS_TRIPS)
def cancel(request: PageRequest, trip_id: UUID) -> HttpResponse:
    """Cancel a trip."""
    try:
        cancel_trip(request.school, trip_id, by=user_of(request))
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("Cancelled. Everyone is expected at school; the kitchen cooks."))
    return redirect("console:trips")
