"""What a device at a door needs, when its list is written, and which of its numbers are new. Pure."""

import hashlib
import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from willing.gate.doors.protocol import ListedCard

ADDRESS_CHARS_MAX = 120
OPEN_SECONDS = 5
OPEN_SECONDS_MAX = 10
OUTPUT_MAX = 31
SERIAL_MAX = 2**32 - 1
# The controller's list is read whole and compared this often, beside whenever it has changed.
COMPARED_EVERY = timedelta(hours=6)
# A list that was compared longer ago is named: who got a card since waits at the door.
LIST_AGE_MAX = timedelta(minutes=30)
DRIFT_SECONDS_MAX = 60
# A clock that is further off is off by this: nobody needs it more exactly, and it is a number that is kept.
DRIFT_SECONDS_KEPT = 10**9
EPOCH = 2**32
# Cards are let in by the controller alone for as long; a computer that is off for longer has other troubles.
LISTED_DAYS = 60
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,80}[A-Za-z0-9])?")
_PORT_PATH = re.compile(r"/dev/[A-Za-z0-9/_.:+-]{1,100}")


class Driver(StrEnum):
    """What kind of device it is."""

    UHPPOTE = "uhppote"
    OSDP = "osdp"
    SHELLY = "shelly"
    MODBUS = "modbus"
    TYPING = "typing"


class DeviceFault(StrEnum):
    """Why a device cannot be as it was typed."""

    ADDRESS = "address"
    SERIAL = "serial"
    KEY = "key"
    OUTPUT = "output"
    SECONDS = "seconds"
    NO_OUTPUT = "no_output"


@dataclass(frozen=True)
class DeviceSettings:
    """What is typed about a device. unit: its serial number (UHPPOTE), or its address on the line.

    mode: how a Modbus board is reached and finishes its pulse, such as "tcp-flash"; baud: of a serial line.
    """

    driver: Driver
    address: str
    unit: int = 0
    mode: str = ""
    baud: int = 9600


MODBUS_MODES = tuple(
    f"{line}-{timed}" for line in ("tcp", "rtu_over_tcp", "serial") for timed in ("flash", "delay")
)
BAUDS = (9600, 19_200, 38_400, 57_600, 115_200)
OUTPUTS = {
    Driver.UHPPOTE: range(1, 5),
    Driver.OSDP: range(OUTPUT_MAX + 1),
    Driver.SHELLY: range(OUTPUT_MAX + 1),
    Driver.MODBUS: range(OUTPUT_MAX + 1),
    Driver.TYPING: range(0),
}
UNITS = {
    Driver.UHPPOTE: range(1, SERIAL_MAX + 1),
    Driver.OSDP: range(127),
    Driver.SHELLY: range(1),
    Driver.MODBUS: range(1, 248),
    Driver.TYPING: range(1),
}


def find_device_fault(new: DeviceSettings) -> DeviceFault | None:
    """Return what is wrong with a device's settings, or None."""
    if not _is_address(new):
        return DeviceFault.ADDRESS
    if new.unit not in UNITS[new.driver]:
        return DeviceFault.SERIAL
    return None


def is_serial(new: DeviceSettings) -> bool:
    """Say whether a device hangs on a port of this computer, and not in the network."""
    return new.driver in (Driver.OSDP, Driver.TYPING) or new.mode.startswith("serial")


def _is_address(new: DeviceSettings) -> bool:
    if is_serial(new):
        return bool(_PORT_PATH.fullmatch(new.address)) and ".." not in new.address
    host, colon, port = new.address.partition(":")
    if colon and not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
        return False
    if new.driver is Driver.UHPPOTE:
        return _is_own_network(host)
    return bool(_HOST.fullmatch(host))


def _is_own_network(host: str) -> bool:
    try:
        found = ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return found.is_private and not found.is_unspecified


def find_key_fault(text: str) -> DeviceFault | None:
    """Return what is wrong with an OSDP key as it was typed: 32 hexadecimal signs, not the well-known one."""
    try:
        key = bytes.fromhex(text)
    except ValueError:
        return DeviceFault.KEY
    return None if len(key) == 16 and key != bytes(range(0x30, 0x40)) else DeviceFault.KEY


def find_wiring_fault(driver: Driver, output: int, open_seconds: int) -> DeviceFault | None:
    """Return what is wrong with the place of a lock on a device, or None."""
    if not OUTPUTS[driver]:
        return DeviceFault.NO_OUTPUT
    if output not in OUTPUTS[driver]:
        return DeviceFault.OUTPUT
    return None if 1 <= open_seconds <= OPEN_SECONDS_MAX else DeviceFault.SECONDS


def digest_of_list(cards: Iterable[ListedCard], doors: Iterable[int]) -> str:
    """Return a digest of what a controller's list should be, so that the list itself is kept nowhere."""
    lines = [f"{card.number}:{card.until}" for card in sorted(cards)]
    return hashlib.sha256("\n".join([*lines, *(str(door) for door in sorted(doors))]).encode()).hexdigest()


@dataclass(frozen=True)
class KnownList:
    """What is known of the list in a controller."""

    digest: str = ""
    cards: int | None = None
    compared_at: datetime | None = None


def needs_list(known: KnownList, wanted: str, held: int | None, at: datetime) -> bool:
    """Say whether a controller's list is to be compared and written now.

    held: how many cards the controller says it has; another number than we wrote: it forgot, or another
    program was there.
    """
    if known.compared_at is None or known.digest != wanted or held != known.cards:
        return True
    return not timedelta(0) <= at - known.compared_at < COMPARED_EVERY


def decide_alarm_since(before: datetime | None, now: datetime, *, is_alarm: bool | None) -> datetime | None:
    """Return since when an alarm contact reports alarm; None where it does not, or nobody can say."""
    if not is_alarm:
        return None
    return now if before is None else before


def has_forgotten(known: KnownList, held: int | None) -> bool:
    """Say whether a controller has fewer cards than were written into it: it lost its list."""
    return held is not None and known.cards is not None and held < known.cards


class ListState(StrEnum):
    """How the list of cards in a controller is."""

    NOT_YET = "not_yet"
    RIGHT = "right"
    OLD = "old"


def list_state(right_at: datetime | None, at: datetime) -> ListState:
    """Return how a controller's list is. right_at: when it was last known to be as it should."""
    if right_at is None:
        return ListState.NOT_YET
    return ListState.OLD if abs(at - right_at) > LIST_AGE_MAX else ListState.RIGHT


def listed_until(day: date) -> date:
    """Return the last day on which a card of today's list opens without us: the end of a month, renewed."""
    first = (day + timedelta(days=LISTED_DAYS)).replace(day=1)
    return first - timedelta(days=1)


def drift_seconds(clock: datetime | None, local: datetime) -> int | None:
    """Return by how many seconds a device's clock is ahead (minus: behind); None where it has none."""
    if clock is None:
        return None
    return max(-DRIFT_SECONDS_KEPT, min(round((clock - local).total_seconds()), DRIFT_SECONDS_KEPT))


def is_drift(seconds: int | None) -> bool:
    """Say whether a clock is so wrong that a page names it."""
    return seconds is not None and abs(seconds) > DRIFT_SECONDS_MAX


@dataclass(frozen=True)
class Fetched:
    """How far a controller's events were read. epoch: grows each time its numbers began anew."""

    epoch: int = 0
    last: int = 0
    mark: str = ""


def has_restarted(fetched: Fetched, newest: int, mark: str) -> bool:
    """Say whether a controller counts its events anew.

    newest: its newest number. mark: of the event under the number that was read last; "" where it is gone,
    which proves nothing while newer ones are there.
    """
    if fetched.last == 0:
        return False
    return newest < fetched.last or (mark not in ("", fetched.mark))


def events_waiting(last: int, newest: int | None) -> int:
    """Return how many events of a controller are not read yet; of one that counts anew, all."""
    newest = newest or 0
    return newest - last if newest >= last else newest


def own_number(epoch: int, no: int) -> int:
    """Return the number under which an event is kept here, so that numbers that restart never collide."""
    return epoch * EPOCH + no
