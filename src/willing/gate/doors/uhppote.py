"""UHPPOTE door controllers: the card list lives in the controller, which decides while we are off.

Of its many commands these are used: get-status, get-time, set-time, get-door-control, set-door-control (only
to set how long a door in mode 3, controlled, stays open), open-door, get-cards, get-card-by-index, put-card,
delete-card, get-event. Never: modes 1 and 2 (held open, held shut), interlock, antipassback, first card,
tasks, keypads, the deletion of the whole list. Source of the protocol: github.com/uhppoted.

It speaks UDP without any authentication: docs/operate/doors.md says why it needs a network of its own.
"""

from __future__ import annotations

import datetime as dt
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from willing.gate.doors.protocol import (
    ANSWER_SECONDS,
    DoorEvent,
    DoorFault,
    DoorFaultCause,
    DoorState,
    ListedCard,
    PulsedDoor,
)

NUMBER_MAX = 0xFFFFFFFE  # the controller marks a deleted place of its list with the number above
CONTROLLED = 3
HELD_OPEN = 1
# More than any of them holds: what says so is no controller of this kind.
CARDS_MAX = 100_000
# For reading and writing one list: the next look goes on, and the worker has other work meanwhile.
LIST_SECONDS_MAX = 90.0
# A clock outside of them was not set.
YEARS = range(2000, 2200)
_PORT = 60_000
_REPLY_BYTES = 64
_SWIPE = 1
_INTO = 1
_OUT_OF = 2
_OVERWRITTEN = 0xFF
_NEWEST = 0xFFFFFFFF
_MARKS = UUID("9d3b32a5-5a0f-4ac4-9d63-1d5f6a3f4f0e")


@dataclass(frozen=True)
class ControllerAddress:
    """Where a controller is. address: "192.168.7.20" or with ":60000"; serial: on its label."""

    address: str
    serial: int
    is_tcp: bool = False


class UhppoteDoor(PulsedDoor):
    """One of a controller's one to four doors. doors: those that the cards of its list open."""

    def __init__(self, at: ControllerAddress, door: int, doors: Sequence[int] = ()) -> None:
        super().__init__()
        self.at, self.door, self.doors = at, door, tuple(doors) or (door,)

    def _send_pulse(self, seconds: int) -> None:
        control = self._ask("get_door_control", self.door)
        if control.mode == HELD_OPEN:
            return
        if control.mode != CONTROLLED:
            raise DoorFault(DoorFaultCause.KEPT_SHUT)
        if control.delay != seconds:
            self._ask("set_door_control", self.door, CONTROLLED, seconds)
        if not self._ask("open_door", self.door).opened:
            raise DoorFault(DoorFaultCause.DENIED)

    def state(self) -> DoorState:
        """Read status and number of cards: two questions."""
        status, cards = self._ask("get_status"), self._ask("get_cards").cards
        clock = None
        if cards > CARDS_MAX:
            raise DoorFault(DoorFaultCause.WRONG_DEVICE)
        if status.system_date and status.system_time:
            clock = dt.datetime.combine(status.system_date, status.system_time)
        return DoorState(
            is_open=bool(getattr(status, f"door_{self.door}_open")),
            is_alarm=bool(status.inputs & 1),
            clock=clock,
            cards=cards,
            newest_event=status.event_index,
        )

    def set_clock(self, at: dt.datetime) -> None:
        """Set the controller's clock."""
        self._ask("set_time", at.replace(microsecond=0))

    def put_list(self, cards: Sequence[ListedCard]) -> int:
        """Read the whole list, then write only what differs: new cards first, so that nobody is shut out.

        Cards with more digits than the controller can hold are left out. Return how many were changed.
        """
        wanted = {card.number: card for card in cards if 1 <= card.number <= NUMBER_MAX}
        until = time.monotonic() + LIST_SECONDS_MAX
        held = dict(self._read_list(until))
        changed = 0
        for number, card in sorted(wanted.items()):
            _require_time(until)
            permissions = dict.fromkeys(self.doors, 1)
            if held.get(number) == (card.until, self.doors):
                continue
            start = dt.date(2020, 1, 1)
            args = (number, start, card.until, *(permissions.get(door, 0) for door in (1, 2, 3, 4)), 0)
            if not self._ask("put_card", *args).stored:
                raise DoorFault(DoorFaultCause.DENIED, "put-card")
            changed += 1
        for number in sorted(held.keys() - wanted.keys()):
            _require_time(until)
            # Gone already, since another program had it deleted: that is what was wanted.
            self._ask("delete_card", number)
            changed += 1
        return changed

    def _read_list(self, until: float) -> Iterator[tuple[int, tuple[dt.date | None, tuple[int, ...]]]]:
        # Deleted places stay in between, so that there are more places than cards.
        left, index = self._ask("get_cards").cards, 0
        empty = 0
        while left > 0 and empty < 1000:
            _require_time(until)
            index += 1
            card = self._ask("get_card_by_index", index)
            if card.card_number in (0, 0xFFFFFFFF):
                empty += 1
                continue
            left, empty = left - 1, 0
            doors = tuple(door for door in (1, 2, 3, 4) if getattr(card, f"door_{door}"))
            yield card.card_number, (card.end_date, doors)

    def events(self, after: int, limit: int) -> Iterator[DoorEvent]:
        """Yield swipes of cards after a number; what the controller has overwritten by now is skipped."""
        newest = self._ask("get_event", _NEWEST).index
        first = self._ask("get_event", 0).index
        for no in range(max(after + 1, first), min(newest, max(after, first - 1) + limit) + 1):
            event = self._ask("get_event", no)
            if event.index != no or event.event_type != _SWIPE:
                yield DoorEvent(no, 0, 0, is_granted=False, is_in=None, at=None)
                continue
            is_in = {_INTO: True, _OUT_OF: False}.get(event.direction)
            granted = bool(event.access_granted)
            at = event.timestamp if event.timestamp and event.timestamp.year in YEARS else None
            yield DoorEvent(no, event.door, event.card, is_granted=granted, is_in=is_in, at=at)

    def event_mark(self, no: int) -> str:
        """Return a digest of when the event was and at which door: a number used again has another."""
        event = self._ask("get_event", no)
        if event.index != no or event.event_type in (0, _OVERWRITTEN):
            return ""
        return uuid5(_MARKS, f"{no}:{event.timestamp}:{event.event_type}:{event.door}").hex

    def _ask(self, question: str, *args: object) -> Any:
        """Ask the controller; only one that says this serial number is believed."""
        encode, decode = _uhppoted()
        request = getattr(encode, f"{question}_request")(self.at.serial, *args)
        try:
            answer = getattr(decode, f"{question}_response")(_exchange(self.at, bytes(request)))
        except OSError as error:
            raise DoorFault(DoorFaultCause.NO_ANSWER) from error
        except ValueError as error:
            raise DoorFault(DoorFaultCause.WRONG_DEVICE) from error
        if answer.controller != self.at.serial:
            raise DoorFault(DoorFaultCause.WRONG_DEVICE)
        return answer


def _require_time(until: float) -> None:
    if time.monotonic() > until:
        raise DoorFault(DoorFaultCause.NO_ANSWER)


def _exchange(at: ControllerAddress, request: bytes) -> bytes:
    """Send a question and return what came back in time. Raises OSError.

    Not by the package: it waits anew after each piece that is no answer, and for ever after the end of a
    connection, so that a device which hangs up would keep a thread of the server. It hears who else sends to
    this port, too.
    """
    host, _, port = at.address.partition(":")
    until = time.monotonic() + ANSWER_SECONDS
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM if at.is_tcp else socket.SOCK_DGRAM) as line:
        line.settimeout(ANSWER_SECONDS)
        line.connect((host, int(port or _PORT)))
        line.sendall(request)
        reply = b""
        while len(reply) < _REPLY_BYTES:
            line.settimeout(_left(until))
            piece = line.recv(1024)
            if at.is_tcp and not piece:
                raise ConnectionResetError
            # A datagram is a whole answer or none.
            reply = reply + piece if at.is_tcp else piece if len(piece) == _REPLY_BYTES else b""
    return reply


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _uhppoted() -> tuple[Any, Any]:
    try:
        from uhppoted import decode, encode
    except ImportError as error:
        raise DoorFault(DoorFaultCause.NOT_INSTALLED, "uhppoted") from error
    return encode, decode
