"""The writers of devices at doors: set up, changed, taken away, and which lock is on which output."""

from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.ids import new_id
from willing.core.transactions import atomic, inside, lock, savepoint
from willing.gate.device_errors import (
    device_key_taken,
    device_not_possible,
    device_taken,
    device_unknown,
)
from willing.gate.device_rules import (
    DeviceFault,
    DeviceSettings,
    Driver,
    find_device_fault,
    find_key_fault,
    find_wiring_fault,
)
from willing.gate.door_models import DoorDevice, DoorWiring
from willing.gate.drivers import open_secret, seal_secret
from willing.gate.models import Door, Lane
from willing.people.models import School


@dataclass(frozen=True)
class NewDevice:
    """A device as it is typed. secret: None keeps the one that is there, if the address stays."""

    settings: DeviceSettings
    secret: str | None = None
    lane: Lane | None = None


@dataclass(frozen=True)
class NewWiring:
    """Where a lock is. contact_input, alarm_input: None where no contact is wired."""

    device: DoorDevice
    output: int
    open_seconds: int
    contact_input: int | None = None
    alarm_input: int | None = None


# How far its events were read, and that it was asked before: no question of what is changed about a device.
KEPT_OF_THE_SAME = ("epoch", "last_event", "last_mark", "seen_at")


@atomic
def set_device(school: School, new: NewDevice, *, by: User, device: DoorDevice | None = None) -> DoorDevice:
    """Add a device, or change one. Its state begins anew: a list there is compared before it is believed.

    A kept secret never goes to another address than before. How far the events of the same device were read
    stays, so that none becomes a passage once more. Raises Refused device_not_possible, device_taken,
    device_key_taken, device_unknown.
    """
    fault = find_device_fault(new.settings)
    if fault is not None:
        raise device_not_possible(fault)
    lock(School.objects).get(pk=school.pk)
    row = DoorDevice(id=new_id(), school=school)
    if device is not None:
        row = lock(DoorDevice.objects).filter(pk=device.pk, school=school).first() or row
        if row.pk != device.pk:
            raise device_unknown()
    settings = new.settings
    is_same = _place(row) == (settings.driver.value, settings.address, settings.unit)
    secret = _secret_of(row, new, is_same=is_same)
    found = DoorDevice(
        id=row.pk,
        school=school,
        kind=settings.driver.value,
        address=settings.address,
        unit=settings.unit,
        mode=settings.mode,
        baud=settings.baud,
        sealed_secret=seal_secret(secret, row.pk),
        lane=new.lane,
        user=by,
        set_at=now(),
        **({one: getattr(row, one) for one in KEPT_OF_THE_SAME} if is_same else {}),
    )
    try:
        with savepoint():
            found.save(force_insert=device is None, force_update=device is not None)
    except IntegrityError:
        raise device_taken() from None
    facts = {"kind": found.kind, "address": found.address, "unit": found.unit, "by": by.pk}
    record("door_device.set", subject=found.pk, facts=facts, personal={})
    return found


def _place(row: DoorDevice) -> tuple[str, str, int]:
    return row.kind, row.address, row.unit


def _secret_of(row: DoorDevice, new: NewDevice, *, is_same: bool) -> str:
    kept = open_secret(row) if is_same else ""
    secret = kept if new.secret is None else new.secret
    if new.settings.driver is Driver.OSDP:
        secret = secret.replace(" ", "").lower()
        if find_key_fault(secret) is not None:
            raise device_not_possible(DeviceFault.KEY)
        others = DoorDevice.objects.filter(kind=Driver.OSDP.value).exclude(pk=row.pk)
        if any(open_secret(one) == secret for one in others):
            raise device_key_taken()
    return secret


@atomic
def remove_device(device: DoorDevice, *, by: User) -> None:
    """Speak with a device no more; locks on it are opened by hand from then on. Twice changes nothing.

    What the device knows stays in it: a controller goes on letting its cards in.
    """
    removed, _rows = DoorDevice.objects.filter(pk=device.pk).delete()
    if removed:
        record("door_device.removed", subject=device.pk, facts={"by": by.pk}, personal={})


@atomic
def wire_door(door: Door, new: NewWiring, *, by: User) -> DoorWiring:
    """Let an output of a device let a door's lock go. Raises Refused device_not_possible, device_taken."""
    fault = find_wiring_fault(Driver(new.device.kind), new.output, new.open_seconds)
    if fault is not None:
        raise device_not_possible(fault)
    if new.device.school_id != door.school_id:
        raise device_unknown()
    lock(Door.objects).get(pk=door.pk)
    try:
        with savepoint():
            wiring, _is_new = DoorWiring.objects.update_or_create(
                door=door,
                defaults={
                    "device": new.device,
                    "output": new.output,
                    "open_seconds": new.open_seconds,
                    "contact_input": new.contact_input,
                    "alarm_input": new.alarm_input,
                    "is_open": None,
                    "is_alarm": None,
                    "alarm_since": None,
                },
            )
    except IntegrityError:
        raise device_taken() from None
    facts = {"device": str(new.device.pk), "output": new.output, "seconds": new.open_seconds, "by": by.pk}
    record("door.wired", subject=door.pk, facts=facts, personal={})
    return wiring


@dataclass(frozen=True)
class NewLock:
    """Where on a device that is set up with it a lock is: as `NewWiring`."""

    output: int
    open_seconds: int
    contact_input: int | None = None
    alarm_input: int | None = None


@atomic
def set_up_lock(door: Door, new: NewDevice, place: NewLock, *, by: User) -> DoorWiring:
    """Set up a device and let it let a door's lock go: both, or neither.

    Raises Refused as `set_device` and `wire_door` do.
    """
    device = inside(set_device)(door.school, new, by=by)
    wiring = NewWiring(device, place.output, place.open_seconds, place.contact_input, place.alarm_input)
    return inside(wire_door)(door, wiring, by=by)


@atomic
def unwire_door(door: Door, *, by: User) -> None:
    """Let nothing let the lock of a door go from here. Twice changes nothing."""
    removed, _rows = DoorWiring.objects.filter(door=door).delete()
    if removed:
        record("door.unwired", subject=door.pk, facts={"by": by.pk}, personal={})


def require_device(school: School, device_id: UUID) -> DoorDevice:
    """Return a device of this school. Raises Refused device_unknown."""
    found = DoorDevice.objects.filter(school=school, pk=device_id).first()
    if found is None:
        raise device_unknown()
    return found
