"""From a row to its driver. Secrets are opened here and go nowhere else."""

import base64
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from uuid import UUID

from willing.gate.device_rules import Driver
from willing.gate.door_models import DoorDevice, DoorWiring
from willing.gate.doors.modbus import BoardAddress, BoardLine, ModbusDoor, Timed
from willing.gate.doors.osdp_line import OsdpDoor
from willing.gate.doors.protocol import Contacts, DoorDriver
from willing.gate.doors.shelly import ShellyAddress, ShellyDoor
from willing.gate.doors.uhppote import ControllerAddress, UhppoteDoor
from willing.keys.master import unwrap, wrap

# What each driver imports, and the package that brings it.
PACKAGES: Mapping[Driver, Mapping[str, str]] = {
    Driver.UHPPOTE: {"uhppoted": "uhppoted"},
    Driver.OSDP: {"osdp": "libosdp", "serial": "pyserial"},
    Driver.SHELLY: {"requests": "requests"},
    Driver.MODBUS: {"pymodbus": "pymodbus"},
    Driver.TYPING: {"evdev": "evdev"},
}


def missing_packages(driver: Driver) -> list[str]:
    """Return the packages of the extra `gate` that a kind of device needs and that are not installed."""
    return [name for module, name in PACKAGES[driver].items() if find_spec(module) is None]


def seal_secret(secret: str, device_id: UUID) -> str:
    """Return a password or key to store; "" where there is none. It opens for this device only."""
    return base64.b64encode(wrap(secret.encode(), f"door-{device_id}")).decode() if secret else ""


def open_secret(device: DoorDevice) -> str:
    """Return a device's password or key. Raises MasterKeyWrong: it is sealed for another."""
    if not device.sealed_secret:
        return ""
    return unwrap(base64.b64decode(device.sealed_secret), f"door-{device.pk}").decode()


def door_of(wiring: DoorWiring) -> DoorDriver:
    """Return what lets the lock of this wiring go. Nothing is sent yet."""
    device, contacts = wiring.device, Contacts(wiring.contact_input, wiring.alarm_input)
    match Driver(device.kind):
        case Driver.UHPPOTE:
            return controller_of(device, [wiring], wiring.output)
        case Driver.OSDP:
            return OsdpDoor(device.address, device.unit, wiring.output, contacts)
        case Driver.SHELLY:
            return ShellyDoor(ShellyAddress(device.address, open_secret(device)), wiring.output, contacts)
        case _:
            line, _, timed = device.mode.partition("-")
            board = BoardAddress(device.address, device.unit, BoardLine(line), Timed(timed), device.baud)
            return ModbusDoor(board, wiring.output, contacts)


def controller_of(device: DoorDevice, wirings: Iterable[DoorWiring], door: int = 1) -> UhppoteDoor:
    """Return a controller whose list opens the doors that are wired to it."""
    address = ControllerAddress(device.address, device.unit, is_tcp=device.mode == "tcp")
    return UhppoteDoor(address, door, sorted(one.output for one in wirings))
