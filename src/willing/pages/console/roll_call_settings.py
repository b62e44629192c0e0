"""What a roll call needs beforehand: assembly points, wardens, the printer, and words for helpers."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from willing.accounts.access import PageRequest, allow_roles
from willing.accounts.models import User
from willing.core.errors import Refused
from willing.pages.console.helpers import show, user_of
from willing.pages.console.roles import SETS_UP_ROLL_CALLS, WRITES_MEDICAL_WORDS
from willing.pages.console.roll_call_forms import MedicalForm, PointForm, RollCallSettingsForm
from willing.pages.console.view_log import record_view
from willing.people.models import School
from willing.people.queries import classes_of, require_person
from willing.rollcall.labels import PRINT_FAULTS
from willing.rollcall.models import AssemblyPoint, MedicalWords
from willing.rollcall.presence import points_of, unplaced_classes
from willing.rollcall.queries import devices_of, require_point, settings_of, wardens_of
from willing.rollcall.set_up import (
    name_warden,
    remove_warden,
    retire_point,
    set_point,
    set_roll_call,
    write_medical_words,
)


@require_http_methods(["GET", "POST"])
@allow_roles(*SETS_UP_ROLL_CALLS)
def settings(request: PageRequest) -> HttpResponse:
    """Show what is prepared, and set when who is not there turns red and where the sheets are printed."""
    school = request.school
    held = settings_of(school)
    initial = {"red_after_minutes": held.red_after_minutes, "print_queue": held.print_queue}
    form = RollCallSettingsForm(request.POST or None, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            set_roll_call(school, by=user_of(request), **form.cleaned_data)
        except Refused as refused:
            form.add_error("print_queue", str(refused.message))
        else:
            messages.success(request, _("Saved."))
            return redirect("console:roll-call-settings")
    points = points_of(school)
    names = {one.pk: one.name for one in classes_of(school)}
    context = {
        "form": form,
        "held": held,
        "print_fault": PRINT_FAULTS.get(held.print_fault, ""),
        "points": [(one, _gathers(one, points.of_class, names)) for one in points.all],
        "unplaced": unplaced_classes(school) if points.all else [],
        "wardens": [(one, devices_of(school).get(one.user_id)) for one in wardens_of(school)],
        "staff": _staff(school),
    }
    return show(request, "console/roll_call/settings.html", context, status=422 if form.errors else 200)


def _gathers(point: AssemblyPoint, of_class: Any, names: dict[int, str]) -> str:
    found = [names[key] for key, point_id in of_class.items() if point_id == point.id and key in names]
    if point.is_for_staff:
        found.append(_("staff"))
    if point.is_for_visitors:
        found.append(_("visitors"))
    return ", ".join(found)


def _staff(school: School) -> list[User]:
    rows = User.objects.filter(roles__school=school, guardian=None, person=None, is_active=True, warden=None)
    return list(rows.distinct().order_by("display_name", "id"))


@require_http_methods(["GET", "POST"])
@allow_roles(*SETS_UP_ROLL_CALLS)
def add_point(request: PageRequest) -> HttpResponse:
    """Add an assembly point."""
    return _edit(request, None)


@require_http_methods(["GET", "POST"])
@allow_roles(*SETS_UP_ROLL_CALLS)
def point(request: PageRequest, point_id: UUID) -> HttpResponse:
    """Change an assembly point."""
    return _edit(request, require_point(request.school, point_id))


def _edit(request: PageRequest, held: AssemblyPoint | None) -> HttpResponse:
    school = request.school
    initial: dict[str, Any] = {}
    if held is not None:
        initial = {
            "name": held.name,
            "classes": [str(one) for one in held.classes.values_list("year_group_id", flat=True)],
            "is_for_staff": held.is_for_staff,
            "is_for_visitors": held.is_for_visitors,
        }
    form = PointForm(request.POST or None, initial=initial, classes=classes_of(school))
    if form.is_bound and form.is_valid():
        try:
            set_point(school, form.new, by=user_of(request), point_id=held.id if held else None)
        except Refused as refused:
            form.add_error("name", str(refused.message))
        else:
            messages.success(request, _("Saved. The next list is sorted by it."))
            return redirect("console:roll-call-settings")
    context = {"form": form, "point": held}
    return show(request, "console/roll_call/point.html", context, status=422 if form.errors else 200)


@require_POST
@allow_roles(*SETS_UP_ROLL_CALLS)
def remove_point(request: PageRequest, point_id: UUID) -> HttpResponse:
    """Use an assembly point no more."""
    try:
        retire_point(request.school, point_id, by=user_of(request))
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("Removed. Its classes have no assembly point now."))
    return redirect("console:roll-call-settings")


@require_POST
@allow_roles(*SETS_UP_ROLL_CALLS)
def wardens(request: PageRequest) -> HttpResponse:
    """Name a warden, give one another point, or let one be none any more."""
    school, by = request.school, user_of(request)
    try:
        user_id = int(request.POST.get("user", "") or 0)
        point_id = UUID(request.POST["point"]) if request.POST.get("point") else None
        if request.POST.get("answer") == "remove":
            remove_warden(school, user_id, by=by)
        else:
            name_warden(school, user_id, by=by, point_id=point_id)
    except (ValueError, OverflowError):
        messages.error(request, _("Choose a member of staff."))
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("Saved."))
    return redirect("console:roll-call-settings")


@require_http_methods(["GET", "POST"])
@allow_roles(*WRITES_MEDICAL_WORDS)
def medical_words(request: PageRequest, person_id: UUID) -> HttpResponse:
    """Show and write what helpers must know of a person outside."""
    person = require_person(request.school, person_id)
    held = MedicalWords.objects.filter(person=person).select_related("written_by").first()
    initial = {"text": held.text, "basis": held.basis} if held else {}
    form = MedicalForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            write_medical_words(person, said["text"], said["basis"], by=user_of(request))
        except Refused as refused:
            form.add_error("text", str(refused.message))
        else:
            messages.success(request, _("Saved. It is on the next list that phones fetch."))
            return redirect("console:medical-words", person_id)
    record_view(person, by=user_of(request))
    context = {"form": form, "person": person, "held": held}
    return show(request, "console/roll_call/medical.html", context, status=422 if form.errors else 200)
