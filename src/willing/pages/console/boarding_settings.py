"""Boarding houses set up: houses, their wardens, who lives in which room, and when lists are taken."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from willing.accounts.access import PageRequest, allow_roles
from willing.accounts.queries import active_staff
from willing.boarding.living import move_in, move_out, set_rooms
from willing.boarding.queries import boarders_on, checks_of, houses_of, require_house, wardens_of
from willing.boarding.rules import NAME_CHARS_MAX, ROOM_CHARS_MAX
from willing.boarding.set_up import add_house, rename_house, retire_house, set_checks, set_wardens
from willing.core.errors import Refused
from willing.pages.console.boarding_forms import ChecksForm, shown_checks
from willing.pages.console.helpers import show, user_of
from willing.pages.console.roles import SETS_UP_BOARDING
from willing.pages.console.view_log import record_views
from willing.people.models import Person
from willing.people.queries import classes_of, present_persons, search_persons, today

# Of names that are asked for; of a class everyone is shown.
FOUND_SHOWN, CLASS_SHOWN = 60, 1000
ROOM = "room-"


@require_http_methods(["GET", "POST"])
@allow_roles(*SETS_UP_BOARDING)
def settings(request: PageRequest) -> HttpResponse:
    """Show the houses; show and set when lists are taken."""
    school = request.school
    form = ChecksForm(
        request.POST if request.method == "POST" else None, initial=shown_checks(checks_of(school))
    )
    if form.is_bound and form.is_valid():
        try:
            set_checks(school, form.checks, form.cleaned_data["alert_minutes"], by=user_of(request))
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Saved. Lists that were opened keep their times."))
            return redirect("console:boarding-settings")
    houses = houses_of(school)
    wardens = wardens_of(houses)
    day = today(school)
    context = {
        "form": form,
        "houses": [(one, wardens.get(one.id, ()), len(boarders_on(one, day))) for one in houses],
        "name_chars_max": NAME_CHARS_MAX,
    }
    return show(request, "console/boarding/settings.html", context, status=422 if form.errors else 200)


@require_POST
@allow_roles(*SETS_UP_BOARDING)
def add(request: PageRequest) -> HttpResponse:
    """Add a house, and go to it."""
    try:
        house = add_house(
            request.school, request.POST.get("name", ""), check_name=_("Evening"), by=user_of(request)
        )
    except Refused as refused:
        messages.error(request, str(refused.message))
        return redirect("console:boarding-settings")
    return redirect("console:house", house.id)


@require_http_methods(["GET", "POST"])
@allow_roles(*SETS_UP_BOARDING)
def house(request: PageRequest, house_id: UUID) -> HttpResponse:
    """Show a house and who lives there; set its name, its wardens and rooms, and who moves out."""
    school, user = request.school, user_of(request)
    found = require_house(school, house_id)
    if request.method == "POST":
        try:
            _save(request, house_id)
        except Refused as refused:
            messages.error(request, str(refused.message))
        else:
            messages.success(request, _("Saved."))
        return redirect("console:house", found.id)
    living = boarders_on(found, today(school))
    wanted, class_id = request.GET.get("q", "").strip(), request.GET.get("class", "")
    shown = _found(request, wanted, class_id, {one.person_id for one in living})
    record_views([*(one.person for one in living), *shown], by=user)
    held = {one.pk for one in wardens_of([found]).get(found.id, ())}
    context = {
        # `house` is how the frame calls the school's own name and colour.
        "living_in": found,
        "living": living,
        "staff": [(one, one.pk in held) for one in active_staff(school)],
        "found": shown,
        "has_asked": bool(wanted or class_id),
        "q": wanted,
        "class_id": class_id,
        "classes": classes_of(school),
        "name_chars_max": NAME_CHARS_MAX,
        "room_chars_max": ROOM_CHARS_MAX,
    }
    return show(request, "console/boarding/house.html", context)


def _found(request: PageRequest, wanted: str, class_id: str, living: set[UUID]) -> list[Person]:
    """Return the pupils of whom the words, or the class, are asked for, and who do not live there."""
    pupils = present_persons(request.school).filter(kind=Person.Kind.PUPIL, merged_into=None)
    if class_id.isdecimal() and len(class_id) <= len("999999999"):
        pupils = pupils.filter(year_group_id=int(class_id))
    elif not wanted:
        return []
    pupils = pupils.exclude(pk__in=living).prefetch_related("boarding__house")
    limit = CLASS_SHOWN if class_id else FOUND_SHOWN
    return search_persons(request.school, wanted, limit=limit, among=pupils)


def _save(request: PageRequest, house_id: UUID) -> None:
    school, user = request.school, user_of(request)
    rename_house(school, house_id, request.POST.get("name", ""), by=user)
    chosen = {
        int(one) for one in request.POST.getlist("warden") if one.isdecimal() and len(one) <= len("999999999")
    }
    set_wardens(school, house_id, chosen, by=user)
    rooms = {
        key: str(value)
        for name, value in request.POST.items()
        if name.startswith(ROOM) and (key := _id(name.removeprefix(ROOM))) is not None
    }
    set_rooms(school, house_id, rooms, by=user)
    gone = [key for one in request.POST.getlist("out") if (key := _id(one)) is not None]
    move_out(school, house_id, gone, by=user)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@require_POST
@allow_roles(*SETS_UP_BOARDING)
def move(request: PageRequest, house_id: UUID) -> HttpResponse:
    """Let chosen pupils move into a house, out of any other."""
    chosen = [key for one in request.POST.getlist("person") if (key := _id(one)) is not None]
    try:
        moved = move_in(
            request.school, house_id, chosen, by=user_of(request), room=request.POST.get("room", "")
        )
    except Refused as refused:
        messages.error(request, str(refused.message))
        return redirect("console:boarding-settings")
    text = ngettext(
        "%(count)s boarder moves in, from the coming night on.",
        "%(count)s boarders move in, from the coming night on.",
        moved,
    )
    messages.success(request, text % {"count": moved})
    return redirect("console:house", house_id)


@require_POST
@allow_roles(*SETS_UP_BOARDING)
def retire(request: PageRequest, house_id: UUID) -> HttpResponse:
    """Take no more lists of a house in which nobody lives."""
    try:
        retire_house(request.school, house_id, by=user_of(request))
    except Refused as refused:
        messages.error(request, str(refused.message))
        return redirect("console:house", house_id)
    messages.success(request, _("The house is not in use any more. What was recorded stays for its time."))
    return redirect("console:boarding-settings")
