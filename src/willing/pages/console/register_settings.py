"""How registers are taken: codes, times, the district's own codes, classes and groups, who takes them."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from willing.accounts.access import PageRequest, allow_roles
from willing.accounts.models import User
from willing.attendance.code_sets import require_code_set
from willing.attendance.models import AttendanceSettings
from willing.attendance.queries import (
    codes_of,
    district_codes,
    find_settings,
    groups_of,
    lists_of,
    members_on,
    require_group,
    teachers_of,
    times_of,
)
from willing.attendance.set_up import (
    add_class_groups,
    add_district_code,
    add_group,
    retire_district_code,
    retire_group,
    set_attendance,
    set_members,
    set_teachers,
)
from willing.core.errors import Refused
from willing.pages.console.helpers import show, user_of
from willing.pages.console.register_forms import RegisterSettingsForm, shown_settings
from willing.pages.console.register_labels import label_of
from willing.pages.console.roles import SETS_UP_REGISTERS, TAKES_REGISTERS
from willing.pages.console.view_log import record_views
from willing.people.queries import present_persons, today


@require_http_methods(["GET", "POST"])
@allow_roles(*SETS_UP_REGISTERS)
def settings(request: PageRequest) -> HttpResponse:
    """Show and set how registers are taken; the classes get one each."""
    school, user = request.school, user_of(request)
    held = find_settings(school)
    form = RegisterSettingsForm(
        request.POST if request.method == "POST" else None,
        initial=shown_settings(held, times_of(school), school),
    )
    if form.is_bound and form.is_valid():
        try:
            set_attendance(school, form.new, by=user)
        except Refused as refused:
            form.refuse(refused)
        else:
            add_class_groups(school, by=user)
            messages.success(request, _("Saved. A register is taken of each class."))
            return redirect("console:register-settings")
    codes = codes_of(held) if held else None
    groups = groups_of(school) if held else []
    teachers = teachers_of(groups)
    context = {
        "form": form,
        "is_set": held is not None,
        "codes": _meanings(held) if held else [],
        "own": [(one, label_of(codes, one.meaning)) for one in district_codes(school)] if codes else [],
        "groups": [(one, teachers.get(one.id, ())) for one in groups],
        "lists": lists_of(school) if held else [],
    }
    return show(request, "console/attendance/settings.html", context, status=422 if form.errors else 200)


def _meanings(held: AttendanceSettings) -> list[tuple[str, str]]:
    codes = require_code_set(held.code_set)
    return [(one, label_of(codes, one)) for one in codes.codes]


@require_POST
@allow_roles(*SETS_UP_REGISTERS)
def add_code(request: PageRequest) -> HttpResponse:
    """Add a code of the school's own."""
    try:
        add_district_code(
            request.school,
            request.POST.get("symbol", ""),
            request.POST.get("label", ""),
            request.POST.get("meaning", ""),
            by=user_of(request),
        )
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("Added."))
    return redirect("console:register-settings")


@require_POST
@allow_roles(*SETS_UP_REGISTERS)
def retire_code(request: PageRequest) -> HttpResponse:
    """Offer a code of the school's own no longer."""
    try:
        retire_district_code(request.school, request.POST.get("symbol", ""), by=user_of(request))
    except Refused as refused:
        messages.error(request, str(refused.message))
    return redirect("console:register-settings")


@require_POST
@allow_roles(*SETS_UP_REGISTERS)
def add_own_group(request: PageRequest) -> HttpResponse:
    """Add a group that is no class, or a list of which no register is taken, and go to it."""
    try:
        is_list = "is_list" in request.POST
        group = add_group(request.school, request.POST.get("name", ""), by=user_of(request), is_list=is_list)
    except Refused as refused:
        messages.error(request, str(refused.message))
        return redirect("console:register-settings")
    return redirect("console:register-group", group.id)


@require_http_methods(["GET", "POST"])
@allow_roles(*SETS_UP_REGISTERS)
def group(request: PageRequest, group_id: UUID) -> HttpResponse:
    """Show and set who takes a group's register, and of one that is no class, who is in it."""
    school, user = request.school, user_of(request)
    found = require_group(school, group_id)
    staff = list(
        User.objects.filter(roles__school=school, roles__kind__in=TAKES_REGISTERS, is_active=True)
        .distinct()
        .order_by("display_name", "id")
    )
    is_class = found.year_group_id is not None
    pupils = (
        []
        if is_class
        else list(
            present_persons(school).filter(kind="pupil").order_by("year_group__position", "given_name", "id")
        )
    )
    if request.method == "POST":
        chosen = set(request.POST.getlist("teacher"))
        if not found.is_list:
            set_teachers(school, found.id, [one for one in staff if str(one.pk) in chosen], by=user)
        if not is_class:
            wanted = set(request.POST.getlist("member"))
            persons = [one for one in pupils if str(one.pk) in wanted]
            set_members(school, found.id, persons, by=user)
        messages.success(request, _("Saved."))
        return redirect("console:register-settings")
    members = {one.pk for one in members_on(found, today(school))}
    record_views([one for one in pupils if one.pk in members], by=user)
    held = set(teachers_of([found]).get(found.id, ()))
    context = {
        "group": found,
        "staff": [(one, one.pk in {teacher.pk for teacher in held}) for one in staff],
        "pupils": [(one, one.pk in members) for one in pupils],
        "size": len(members),
        "is_class": is_class,
    }
    return show(request, "console/attendance/group.html", context)


@require_POST
@allow_roles(*SETS_UP_REGISTERS)
def retire(request: PageRequest, group_id: UUID) -> HttpResponse:
    """Take no more registers of a group."""
    retire_group(request.school, group_id, by=user_of(request))
    messages.success(request, _("It is no longer used. What was recorded stays."))
    return redirect("console:register-settings")
