"""Relay boards on Modbus whose pulse the board finishes by itself.

Standard Modbus only switches on and off, so a board must have a timed command of its own. Two are known:
FLASH (Waveshare and alike): function 5 at 0x0200 + relay, the value counts tenths of a second;
DELAY (R4 boards such as R421A08): function 6 at the relay's number from 1, 0x0600 + seconds.
A board without one is not used: a computer that stops would leave its relay on. Nor are boards of the RYN4
family: of what is published about them one part counts relays from 1 and another from 0, and the wrong one
would open the door beside. Inputs are read by function 2. Sources: tests/gate/test_doors.py.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from willing.gate.doors.protocol import (
    ANSWER_SECONDS,
    NO_CONTACTS,
    Contacts,
    DoorFault,
    DoorFaultCause,
    DoorState,
    PulsedDoor,
)

FLASH_AT = 0x0200
DELAY = 0x0600


class Timed(StrEnum):
    """By which command the board finishes a pulse itself."""

    FLASH = "flash"
    DELAY = "delay"


class BoardLine(StrEnum):
    """How the board is reached."""

    TCP = "tcp"
    RTU_OVER_TCP = "rtu_over_tcp"
    SERIAL = "serial"


@dataclass(frozen=True)
class BoardAddress:
    """Where a board is. at: host, host:port, or the path of a serial port; unit: 1 to 247."""

    at: str
    unit: int = 1
    line: BoardLine = BoardLine.TCP
    timed: Timed = Timed.FLASH
    baud: int = 9600


class ModbusDoor(PulsedDoor):
    """A lock on one relay of a board, counted from 0."""

    def __init__(self, board: BoardAddress, relay: int, contacts: Contacts = NO_CONTACTS) -> None:
        super().__init__()
        self.board, self.relay, self.contacts = board, relay, contacts

    def _send_pulse(self, seconds: int) -> None:
        with _Open(self.board) as client:
            if self.board.timed is Timed.DELAY:
                value = DELAY + seconds
                answer = client.write_register(self.relay + 1, value, device_id=self.board.unit)
            else:
                answer = client.execute(False, _flash(self.board.unit, self.relay, 10 * seconds))
            _require(answer)

    def state(self) -> DoorState:
        """Read the relay, so that a wrong board is found, and the inputs that are wired."""
        with _Open(self.board) as client:
            if self.board.timed is Timed.DELAY:
                _require(client.read_holding_registers(self.relay + 1, count=1, device_id=self.board.unit))
            else:
                _require(client.read_coils(self.relay, count=1, device_id=self.board.unit))
            return DoorState(
                is_open=self._is_broken(client, self.contacts.door),
                is_alarm=self._is_broken(client, self.contacts.alarm),
            )

    def _is_broken(self, client: Any, contact: int | None) -> bool | None:
        if contact is None:
            return None
        answer = client.read_discrete_inputs(contact, count=1, device_id=self.board.unit)
        return not _require(answer).bits[0]


def _flash(unit: int, relay: int, tenths: int) -> Any:
    from pymodbus.pdu.bit_message import WriteSingleCoilRequest

    class Flash(WriteSingleCoilRequest):
        """Function 5 with a time instead of on or off."""

        def encode(self) -> bytes:
            return struct.pack(">HH", FLASH_AT + relay, tenths)

    return Flash(address=FLASH_AT + relay, dev_id=unit)


def _require(answer: Any) -> Any:
    if answer.isError():
        raise DoorFault(DoorFaultCause.DENIED)
    return answer


class _Open:
    """A connection for one question: a board that was switched off in between is found again by itself."""

    def __init__(self, board: BoardAddress) -> None:
        self.board, self.client = board, _client(board)

    def __enter__(self) -> Any:
        try:
            connected = self.client.connect()
        except OSError as error:
            raise DoorFault(DoorFaultCause.NO_ANSWER) from error
        if not connected:
            raise DoorFault(DoorFaultCause.NO_ANSWER)
        return self.client

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        from pymodbus.exceptions import ModbusException

        self.client.close()
        if isinstance(error, ModbusException | OSError):
            raise DoorFault(DoorFaultCause.NO_ANSWER) from error
        if isinstance(error, struct.error | ValueError | IndexError):
            raise DoorFault(DoorFaultCause.WRONG_DEVICE) from error


def _client(board: BoardAddress) -> Any:
    try:
        from pymodbus import FramerType
        from pymodbus.client import ModbusSerialClient, ModbusTcpClient

        if board.line is BoardLine.SERIAL:
            import serial  # noqa: F401  # what pymodbus opens a serial port with
    except ImportError as error:
        raise DoorFault(DoorFaultCause.NOT_INSTALLED, "pymodbus") from error
    limits: dict[str, Any] = {"timeout": ANSWER_SECONDS, "retries": 0}
    if board.line is BoardLine.SERIAL:
        return ModbusSerialClient(board.at, baudrate=board.baud, **limits)
    host, _, port = board.at.partition(":")
    framer = FramerType.RTU if board.line is BoardLine.RTU_OVER_TCP else FramerType.SOCKET
    return ModbusTcpClient(host, port=int(port or 502), framer=framer, **limits)
