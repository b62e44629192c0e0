"""The doors' locks: what opens each, how that was when it was asked last, and a try."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from willing.accounts.access import PageRequest, allow_roles
from willing.core.errors import Refused
from willing.gate.device_rules import OUTPUTS, Driver
from willing.gate.device_states import WiredDoor, devices, find_device, readers, wired_door, wired_doors
from willing.gate.devices import NewWiring, unwire_door, wire_door
from willing.gate.door_models import DoorDevice
from willing.gate.opening import try_door
from willing.gate.queries import require_door
from willing.pages.console.door_devices import DEVICE_KINDS, add_refusal, missing_drivers
from willing.pages.console.door_forms import LockForm
from willing.pages.console.helpers import read_id, show, user_of
from willing.pages.console.roles import SETS_UP_TERMINALS


@require_GET
@allow_roles(*SETS_UP_TERMINALS)
def doors(request: PageRequest) -> HttpResponse:
    """Show what opens each door and what reads cards, as it was when it was asked last."""
    found, others = wired_doors(request.school), readers(request.school)
    states = [*(one.state for one in found if one.state), *others]
    if "part" in request.GET:
        return JsonResponse({"is_asked": all(one.is_asked for one in states)})
    kinds = {Driver(one.device.kind) for one in states}
    context = {
        "doors": found,
        "readers": others,
        "missing": missing_drivers(kinds),
        "waits": any(not one.is_asked for one in states),
    }
    return show(request, "console/doors/doors.html", context)


@require_http_methods(["GET", "POST"])
@allow_roles(*SETS_UP_TERMINALS)
def door(request: PageRequest, door_id: UUID) -> HttpResponse:
    """Show one door: how its lock is, a try, and where on which device it is."""
    found = wired_door(require_door(request.school, door_id))
    if "part" in request.GET:
        return JsonResponse({"is_asked": found.state is None or found.state.is_asked})
    device = found.wiring.device if found.wiring else _chosen_device(request)
    form = None
    if device is not None:
        posted = request.POST if request.method == "POST" else None
        form = LockForm(Driver(device.kind), posted, wiring=found.wiring)
    if request.method != "POST" or form is None or device is None:
        return _show_door(request, found, device, form)
    if not form.is_valid():
        return _show_door(request, found, device, form, status=422)
    place = form.place
    new = NewWiring(device, place.output, place.open_seconds, place.contact_input, place.alarm_input)
    try:
        wire_door(found.door, new, by=user_of(request))
    except Refused as refused:
        add_refusal(refused, form, otherwise="output")
        return _show_door(request, found, device, form, status=409)
    messages.success(request, _("Saved. Test it now."))
    return redirect("console:door", door_id)


def _chosen_device(request: PageRequest) -> DoorDevice | None:
    """Return the device that an address or a form names for a door that has none yet."""
    sent = request.POST.get("device") or request.GET.get("device", "")
    found = find_device(request.school, read_id(sent))
    return found if found is not None and OUTPUTS[Driver(found.kind)] else None


def _show_door(
    request: PageRequest,
    found: WiredDoor,
    device: DoorDevice | None,
    form: LockForm | None,
    *,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "door": found.door,
        "wiring": found.wiring,
        "state": found.state,
        "form": form,
        "chosen": device,
        "devices": [one for one in devices(request.school) if OUTPUTS[Driver(one.kind)]],
        "kinds": [one for one in DEVICE_KINDS if OUTPUTS[one.driver]],
        "missing": missing_drivers({Driver(device.kind)} if device else set()),
        "key": uuid4(),
        "refusal": refusal,
        "waits": found.state is not None and not found.state.is_asked,
    }
    return show(request, "console/doors/door.html", context, status=status)


@require_POST
@allow_roles(*SETS_UP_TERMINALS)
def try_it(request: PageRequest, door_id: UUID) -> HttpResponse:
    """Let the lock go once, and say in words how that went."""
    found = wired_door(require_door(request.school, door_id))
    try:
        try_door(found.door, by=user_of(request), key=read_id(request.POST.get("key", "")))
    except Refused as refused:
        device = found.wiring.device if found.wiring else None
        form = LockForm(Driver(device.kind), wiring=found.wiring) if device else None
        return _show_door(request, found, device, form, refusal=str(refused.message), status=409)
    messages.success(request, _("The device says that it has let the lock go. See whether the door opens."))
    return redirect("console:door", door_id)


@require_POST
@allow_roles(*SETS_UP_TERMINALS)
def by_hand(request: PageRequest, door_id: UUID) -> HttpResponse:
    """Let a door be opened by hand from now on; its device stays set up."""
    found = require_door(request.school, door_id)
    unwire_door(found, by=user_of(request))
    messages.success(request, _("%(name)s is opened by hand from now on.") % {"name": found.name})
    return redirect("console:door", door_id)
