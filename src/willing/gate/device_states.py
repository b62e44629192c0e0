"""How doors and their devices were when they were asked last. Reads only; nothing is sent from here."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from willing.core.clock import now
from willing.gate.device_errors import describe_fault
from willing.gate.device_rules import Driver, ListState, events_waiting, is_drift, list_state
from willing.gate.door_models import DoorDevice, DoorWiring
from willing.gate.models import Door
from willing.gate.queries import doors
from willing.people.models import School


@dataclass(frozen=True)
class DeviceState:
    """A device, and how it was. fault: in words, or empty. drift: seconds, 0 for a clock that is right.

    cards, waiting: of a controller, else None.
    """

    device: DoorDevice
    is_asked: bool
    fault: str
    drift: int = 0
    is_ahead: bool = False
    cards: ListState | None = None
    forgotten_at: datetime | None = None
    waiting: int | None = None

    @property
    def works(self) -> bool:
        """Whether it answered, and nothing about it needs a person."""
        return self.is_asked and not self.fault and not self.drift and self.cards != ListState.OLD


@dataclass(frozen=True)
class WiredDoor:
    """A door of the school, and what opens it; wiring and state are None where it is opened by hand."""

    door: Door
    wiring: DoorWiring | None = None
    state: DeviceState | None = None


def state_of(device: DoorDevice) -> DeviceState:
    """Return how a device was when it was asked last."""
    fault = describe_fault(device.fault, device.fault_detail) if device.fault else ""
    is_asked = bool(fault) or device.looked_at is not None
    if device.kind != Driver.UHPPOTE:
        return DeviceState(device, is_asked, fault)
    drift = (device.drift_seconds or 0) if is_drift(device.drift_seconds) else 0
    return DeviceState(
        device,
        is_asked,
        fault,
        abs(drift),
        drift > 0,
        list_state(device.list_right_at, now()),
        device.list_forgotten_at,
        events_waiting(device.last_event, device.newest_event),
    )


def wired_doors(school: School) -> list[WiredDoor]:
    """Return the doors of a school that are in use, by name, with what opens each."""
    rows = DoorWiring.objects.select_related("device").filter(door__school=school)
    wired = {one.door_id: one for one in rows}
    return [_with(door, wired.get(door.pk)) for door in doors(school)]


def wired_door(door: Door) -> WiredDoor:
    """Return what opens one door."""
    return _with(door, DoorWiring.objects.select_related("device").filter(pk=door.pk).first())


def _with(door: Door, wiring: DoorWiring | None) -> WiredDoor:
    return WiredDoor(door, wiring, state_of(wiring.device)) if wiring else WiredDoor(door)


def devices(school: School) -> list[DoorDevice]:
    """Return the devices of a school, by kind and address."""
    rows = DoorDevice.objects.select_related("lane__terminal").filter(school=school)
    return list(rows.order_by("kind", "address", "unit"))


def readers(school: School) -> list[DeviceState]:
    """Return the devices that open no door, such as readers at lanes, and how they were."""
    rows = DoorDevice.objects.select_related("lane__terminal").filter(school=school, wirings=None)
    return [state_of(one) for one in rows.order_by("kind", "address", "unit")]


def find_device(school: School, device_id: UUID | None) -> DoorDevice | None:
    """Return a device of this school, or None."""
    return DoorDevice.objects.filter(school=school, pk=device_id).first() if device_id else None


def has_devices(school: School) -> bool:
    """Say whether a school has a device at a door, whose readers may know cards by their numbers."""
    return DoorDevice.objects.filter(school=school).exists()
