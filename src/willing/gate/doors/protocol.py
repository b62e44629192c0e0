"""What a door can do for us, whoever made its lock, and what it cannot: be held shut.

A pulse lets the lock go for some seconds and is finished by the device: a computer that stops in between
leaves no door open, and none shut. No method commands a lock to stay shut, and the alarm contact has no
method that writes it: fire alarm and green box release the lock by their own wires (BS 7273-4).
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

PULSE_SECONDS_MAX = 10
ANSWER_SECONDS = 1.5  # for one question to a device; a pupil waits for two of them at most
KNOWN_PULSES = 256


class DoorFaultCause(StrEnum):
    """Why a device did not do what it was asked."""

    NOT_INSTALLED = "not_installed"
    NO_ANSWER = "no_answer"
    DENIED = "denied"  # it answered, and said no
    WRONG_SECRET = "wrong_secret"  # noqa: S105  # the name of a fault
    WRONG_DEVICE = "wrong_device"  # something else answers at this address
    KEPT_SHUT = "kept_shut"  # another program holds this door shut, in the controller
    NOT_CONNECTED = "not_connected"  # its line is not open in this process
    NOT_SET_UP = "not_set_up"  # a setting is missing or impossible


class DoorFault(Exception):
    """A device did not do it. detail: a package, a setting; never a card, a secret or a person."""

    def __init__(self, fault: DoorFaultCause, detail: str = "") -> None:
        super().__init__(f"{fault} {detail}".strip())
        self.fault, self.detail = fault, detail


@dataclass(frozen=True)
class DoorState:
    """How a door is now; None: this device does not know. clock: the device's own, local, without a zone."""

    is_open: bool | None = None
    is_alarm: bool | None = None
    clock: datetime | None = None
    cards: int | None = None
    newest_event: int | None = None


@dataclass(frozen=True)
class Contacts:
    """Which inputs of a device tell of the door and of the alarm; None: none is wired.

    A contact is normally closed: a wire that breaks reads like an open door, or like an alarm.
    """

    door: int | None = None
    alarm: int | None = None


NO_CONTACTS = Contacts()


@dataclass(frozen=True, order=True)
class ListedCard:
    """A card that the controller lets in without us. number: 1 to 4294967294; until: its last day."""

    number: int
    until: date


@dataclass(frozen=True)
class DoorEvent:
    """What a controller remembers of one card. at: the device's clock; door: its number there.

    is_in: None where the device does not say. at: None where its clock was not set.
    """

    no: int
    door: int
    number: int
    is_granted: bool
    is_in: bool | None
    at: datetime | None


class DoorDriver(Protocol):
    """A lock that opens for some seconds and whose contacts can be read."""

    def pulse(self, seconds: int, passage_id: UUID) -> None:
        """Let the lock go for 1 to 10 seconds; the device finishes it. Once a passage. Raises DoorFault."""

    def state(self) -> DoorState:
        """Read how the door is, the alarm contact included. Raises DoorFault."""


class Controller(DoorDriver, Protocol):
    """A door whose device knows the cards and decides alone while this computer is off."""

    def put_list(self, cards: Sequence[ListedCard]) -> int:
        """Make the device's list these cards. Return how many were changed. Raises DoorFault."""

    def events(self, after: int, limit: int) -> Iterator[DoorEvent]:
        """Yield what the device remembers after number `after`, oldest first, at most `limit`."""

    def event_mark(self, no: int) -> str:
        """Return what tells one event from another under the same number, without its card; "" if gone."""

    def set_clock(self, at: datetime) -> None:
        """Set the device's clock, local time without a zone. Raises DoorFault."""


class PulsedDoor:
    """What all drivers share: the bounds of a pulse, and one pulse for each passage."""

    def __init__(self) -> None:
        self._pulsed: deque[UUID] = deque(maxlen=KNOWN_PULSES)

    def pulse(self, seconds: int, passage_id: UUID) -> None:
        """Let the lock go; a passage that had its pulse gets no second one."""
        if not 1 <= seconds <= PULSE_SECONDS_MAX:
            raise ValueError(f"a pulse lasts 1 to {PULSE_SECONDS_MAX} seconds, not {seconds}")
        if passage_id in self._pulsed:
            return
        self._send_pulse(seconds)
        self._pulsed.append(passage_id)

    def _send_pulse(self, seconds: int) -> None:
        raise NotImplementedError
