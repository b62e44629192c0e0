"""Devices at doors: set up, changed, their clock set, taken away. A password or key is shown nowhere."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from willing.accounts.access import PageRequest, allow_roles
from willing.core.errors import Refused
from willing.gate.device_rules import OUTPUTS, Driver
from willing.gate.device_states import state_of
from willing.gate.devices import remove_device, require_device, set_device, set_up_lock
from willing.gate.door_models import DeviceKind, DoorDevice
from willing.gate.drivers import missing_packages
from willing.gate.models import Door
from willing.gate.queries import find_door, lanes
from willing.gate.syncing import set_clock
from willing.pages.console.door_forms import HAS_LANE, HINTS, DeviceForm, LockForm
from willing.pages.console.helpers import read_id, show, user_of
from willing.pages.console.roles import SETS_UP_TERMINALS

# Which field a refusal is about, by its code or by what is wrong.
FIELDS = {
    "address": "address",
    "serial": "unit",
    "key": "secret",
    "output": "output",
    "seconds": "open_seconds",
    "device_key_taken": "secret",
}


@dataclass(frozen=True)
class DeviceChoice:
    """A kind of device to choose."""

    driver: Driver
    label: str | Promise
    hint: str | Promise


DEVICE_KINDS = tuple(DeviceChoice(one, DeviceKind(one.value).label, HINTS[one]) for one in Driver)


@dataclass(frozen=True)
class MissingDriver:
    """A kind of device whose driver is not installed, and what would have to be."""

    label: str | Promise
    packages: list[str]


def missing_drivers(kinds: Collection[Driver]) -> list[MissingDriver]:
    """Return for which of these kinds a driver is not installed."""
    found = [(one, missing_packages(one.driver)) for one in DEVICE_KINDS if one.driver in kinds]
    return [MissingDriver(one.label, packages) for one, packages in found if packages]


def add_refusal(refused: Refused, *filled: forms.Form, otherwise: str) -> None:
    """Show a refusal beside the field that it is about; `otherwise` where it names none."""
    name = FIELDS.get(str(refused.data.get("fault")), FIELDS.get(refused.code, otherwise))
    form = next((one for one in filled if name in one.fields), filled[0])
    form.add_error(name if name in form.fields else None, str(refused.message))


@require_http_methods(["GET", "POST"])
@allow_roles(*SETS_UP_TERMINALS)
def add(request: PageRequest) -> HttpResponse:
    """Set up a device for a door, or a reader for a lane: first its kind, then what that kind needs."""
    door = find_door(request.school, read_id(request.GET.get("door", "")))
    kinds = [one for one in DEVICE_KINDS if (OUTPUTS[one.driver] if door else one.driver in HAS_LANE)]
    kind = next((one for one in kinds if one.driver == request.GET.get("kind")), None)
    if kind is None:
        return show(request, "console/doors/kinds.html", {"kinds": kinds, "door": door})
    posted = request.POST if request.method == "POST" else None
    form = DeviceForm(kind.driver, posted, lanes=lanes(request.school))
    lock = LockForm(kind.driver, posted) if door else None
    status = 200
    if posted is not None:
        status = 422
        if form.is_valid() and (lock is None or lock.is_valid()):
            try:
                return _add(request, door, form, lock)
            except Refused as refused:
                add_refusal(refused, form, *([lock] if lock else []), otherwise="address")
                status = 409
    context = {
        "kind": kind,
        "door": door,
        "form": form,
        "lock": lock,
        "missing": missing_drivers({kind.driver}),
        "needs_lane": kind.driver is Driver.TYPING and not form.lanes,
    }
    return show(request, "console/doors/add.html", context, status=status)


def _add(request: PageRequest, door: Door | None, form: DeviceForm, lock: LockForm | None) -> HttpResponse:
    by = user_of(request)
    if door is not None and lock is not None:
        set_up_lock(door, form.new_device, lock.place, by=by)
        messages.success(request, _("The device is set up. Test it now."))
        return redirect("console:door", door.pk)
    device = set_device(request.school, form.new_device, by=by)
    messages.success(request, _("The reader is set up. Hold a card to it."))
    return redirect("console:door-device", device.pk)


@require_http_methods(["GET", "POST"])
@allow_roles(*SETS_UP_TERMINALS)
def device(request: PageRequest, device_id: UUID) -> HttpResponse:
    """Show a device and how it was; change it."""
    found = require_device(request.school, device_id)
    if "part" in request.GET:
        return JsonResponse({"is_asked": state_of(found).is_asked})
    posted = request.POST if request.method == "POST" else None
    form = DeviceForm(Driver(found.kind), posted, lanes=lanes(request.school), device=found)
    if posted is None:
        return _show_device(request, found, form)
    if not form.is_valid():
        return _show_device(request, found, form, status=422)
    try:
        set_device(request.school, form.new_device, by=user_of(request), device=found)
    except Refused as refused:
        add_refusal(refused, form, otherwise="address")
        return _show_device(request, found, form, status=409)
    messages.success(request, _("The changes are saved."))
    return redirect("console:door-device", device_id)


def _show_device(
    request: PageRequest, found: DoorDevice, form: DeviceForm, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    state = state_of(found)
    context = {
        "device": found,
        "state": state,
        "form": form,
        "opens": [one.door for one in found.wirings.select_related("door").order_by("output")],
        "missing": missing_drivers({Driver(found.kind)}),
        "refusal": refusal,
        "waits": not state.is_asked,
    }
    return show(request, "console/doors/device.html", context, status=status)


@require_POST
@allow_roles(*SETS_UP_TERMINALS)
def clock(request: PageRequest, device_id: UUID) -> HttpResponse:
    """Set a controller's clock to the school's time."""
    found = require_device(request.school, device_id)
    try:
        set_clock(found, by=user_of(request))
    except Refused as refused:
        form = DeviceForm(Driver(found.kind), lanes=lanes(request.school), device=found)
        return _show_device(request, found, form, refusal=str(refused.message), status=409)
    messages.success(request, _("Its clock has the school's time now."))
    return redirect("console:door-device", device_id)


@require_http_methods(["GET", "POST"])
@allow_roles(*SETS_UP_TERMINALS)
def remove(request: PageRequest, device_id: UUID) -> HttpResponse:
    """Ask whether a device is to be taken away; then speak with it no more."""
    found = require_device(request.school, device_id)
    if request.method == "POST":
        remove_device(found, by=user_of(request))
        messages.success(request, _("The device is removed."))
        return redirect("console:doors")
    context = {
        "device": found,
        "is_controller": found.kind == Driver.UHPPOTE,
        "opens": [one.door.name for one in found.wirings.select_related("door").order_by("output")],
    }
    return show(request, "console/doors/remove.html", context)
