"""The gate for the office: its doors and lanes, what a lane takes, and how many went through today."""

from urllib.parse import urlencode
from uuid import UUID

import segno
from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from willing.accounts.access import PageRequest, allow_roles
from willing.biometrics.engine import is_available
from willing.core.codes import show_code
from willing.core.errors import Refused
from willing.gate.models import Lane
from willing.gate.queries import doors, lanes, require_door, require_lane
from willing.gate.reports import counts_on, drifts_today, recent_waits
from willing.gate.rules import DOOR_NAME_CHARS_MAX
from willing.gate.set_up import (
    NewLane,
    add_door,
    add_lane,
    close_lane,
    edit_lane,
    rename_door,
    reopen_lane,
    retire_door,
    retire_lane,
)
from willing.pages.console.forms import Plain
from willing.pages.console.helpers import show, user_of
from willing.pages.console.roles import SETS_UP_TERMINALS
from willing.pages.console.terminal_forms import FACE_KINDS, WAY_CHOICES
from willing.people.models import School
from willing.people.queries import today
from willing.people.rules import read_name
from willing.terminals.models import NAME_LENGTH_MAX, Way
from willing.terminals.pairing import start_pairing, unpair_terminal
from willing.terminals.presence import is_here
from willing.terminals.rules import PAIRING_MINUTES

FIELDS = {"terminal_name_taken": "name", "door_unknown": "door", "terminal_takes_no_face": "face_kinds"}


class LaneForm(Plain):
    """A lane to be set up or changed; what it may be, its action says."""

    name = forms.CharField(label=gettext_lazy("Name of the lane"), max_length=NAME_LENGTH_MAX)
    door = forms.ChoiceField(label=gettext_lazy("Door"))
    use = forms.ChoiceField(label=gettext_lazy("Which way people go there"), choices=Lane.Use.choices)
    ways = forms.MultipleChoiceField(
        label=gettext_lazy("Ways to pass"),
        choices=WAY_CHOICES,
        initial=[Way.CARD.value, Way.PIN.value, Way.STAFF.value],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    face_kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Faces that this lane takes"),
        choices=FACE_KINDS,
        initial=["central", "card"],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, school: School, *args: object, lane: Lane | None = None) -> None:
        super().__init__(*args, initial=_initial(lane) if lane else None)
        choices = [(str(one.id), one.name) for one in doors(school)]
        self.fields["door"].choices = choices  # type: ignore[attr-defined]

    @property
    def new_lane(self) -> NewLane:
        """What was filled in, once it is valid."""
        said = self.cleaned_data
        ways = tuple(said["ways"])
        kinds = tuple(said["face_kinds"]) if Way.FACE in ways else NewLane.face_kinds
        return NewLane(read_name(said["name"]), UUID(said["door"]), said["use"], ways, kinds)


def _initial(lane: Lane) -> dict[str, object]:
    return {
        "name": lane.terminal.name,
        "door": str(lane.door_id),
        "use": lane.use,
        "ways": list(lane.terminal.ways),
        "face_kinds": list(lane.terminal.face_kinds),
    }


@require_GET
@allow_roles(*SETS_UP_TERMINALS)
def gate(request: PageRequest) -> HttpResponse:
    """Show doors and lanes, today's counts and how long each way takes."""
    return _show_gate(request, LaneForm(request.school))


def _show_gate(request: PageRequest, form: LaneForm, *, refusal: str = "", status: int = 200) -> HttpResponse:
    school = request.school
    rows = [
        {
            "lane": one,
            "ways": [str(Way(way).label) for way in one.terminal.ways],
            "is_here": is_here(one.terminal),
        }
        for one in lanes(school)
    ]
    context = {
        "rows": rows,
        "doors": doors(school),
        "form": form,
        "refusal": refusal,
        "counts": counts_on(school, today(school)),
        "waits": recent_waits(school),
        "drifts": drifts_today(school),
        "face_available": is_available(school),
        "door_name_chars": DOOR_NAME_CHARS_MAX,
    }
    return show(request, "console/gate.html", context, status=status)


@require_POST
@allow_roles(*SETS_UP_TERMINALS)
def new_lane(request: PageRequest) -> HttpResponse:
    """Set up a lane."""
    form = LaneForm(request.school, request.POST)
    if not form.is_valid():
        return _show_gate(request, form, status=422)
    try:
        lane = add_lane(request.school, form.new_lane, by=user_of(request))
    except Refused as refused:
        form.add_error(FIELDS.get(refused.code, "ways"), str(refused.message))
        return _show_gate(request, form, status=409)
    messages.success(request, _("%(name)s is set up.") % {"name": lane.terminal.name})
    return redirect("console:gate")


@require_http_methods(["GET", "POST"])
@allow_roles(*SETS_UP_TERMINALS)
def lane(request: PageRequest, lane_id: UUID) -> HttpResponse:
    """Change a lane."""
    found, status = require_lane(request.school, lane_id), 200
    form = LaneForm(request.school, request.POST if request.method == "POST" else None, lane=found)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                edit_lane(found, form.new_lane, by=user_of(request))
            except Refused as refused:
                form.add_error(FIELDS.get(refused.code, "ways"), str(refused.message))
                status = 409
            else:
                messages.success(request, _("%(name)s is saved.") % {"name": form.new_lane.name})
                return redirect("console:gate")
    context = {"lane": found, "form": form, "face_available": is_available(request.school)}
    return show(request, "console/lane.html", context, status=status)


@require_POST
@allow_roles(*SETS_UP_TERMINALS)
def pair_lane(request: PageRequest, lane_id: UUID) -> HttpResponse:
    """Make a pairing code for a lane and show it, this once."""
    terminal = require_lane(request.school, lane_id).terminal
    code = start_pairing(terminal)
    address = request.build_absolute_uri(f"{reverse('lane:pair')}?{urlencode({'code': code})}")
    context = {
        "terminal": terminal,
        "code": show_code(code),
        "address": address,
        "qr": segno.make_qr(address).svg_data_uri(scale=4, border=2),
        "minutes": PAIRING_MINUTES,
        "is_lane": True,
    }
    return show(request, "console/pairing.html", context)


@require_POST
@allow_roles(*SETS_UP_TERMINALS)
def lane_state(request: PageRequest, lane_id: UUID) -> HttpResponse:
    """Close a lane for a while, open it again, unpair its device, or take it out of use."""
    found, by = require_lane(request.school, lane_id), user_of(request)
    deed = request.POST.get("deed", "")
    if deed == "close":
        close_lane(found, by=by)
    elif deed == "reopen":
        reopen_lane(found, by=by)
    elif deed == "unpair":
        unpair_terminal(found.terminal)
    elif deed == "retire":
        retire_lane(found, by=by)
    return redirect("console:gate")


@require_POST
@allow_roles(*SETS_UP_TERMINALS)
def door(request: PageRequest) -> HttpResponse:
    """Add a door, give it another name, or take it out of use."""
    school, by, name = request.school, user_of(request), request.POST.get("name", "")[:200]
    door_id, deed = request.POST.get("door", ""), request.POST.get("deed", "")
    try:
        if deed == "add":
            add_door(school, name, by=by)
        elif deed in ("rename", "retire"):
            found = require_door(school, _id(door_id))
            rename_door(found, name, by=by) if deed == "rename" else retire_door(found, by=by)
    except Refused as refused:
        return _show_gate(request, LaneForm(school), refusal=str(refused.message), status=409)
    return redirect("console:gate")


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)  # nobody's: refused as unknown
