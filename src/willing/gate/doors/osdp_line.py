"""OSDP readers on a serial line (RS-485), over the secure channel only.

This computer is the control panel, each reader a peripheral with a key of its own. `ENFORCE_SECURE` is always
set and install mode never: a reader that does not know its key says nothing and opens nothing. A lock on a
reader's output is let go by control code 5, "on for a time, then as before", which the reader finishes
itself; codes 1 to 4, which last, are never sent, nor code 6, which would hold a lock shut. Source: the
fields of `osdp_cmd_output` in libosdp.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
from willing.gate.doors.wiegand import read_number

KEY_BYTES = 16
DEFAULT_KEY = bytes(range(0x30, 0x40))  # SCBK-D of the standard: known to everybody, so it protects nothing
ON_FOR_A_TIME = 5
REFRESH_SECONDS = 0.02
AGAIN_SECONDS = 5.0  # libosdp itself leaves a reader alone for 300 s after it was silent
WAIT_SECONDS = 0.01


@dataclass(frozen=True)
class CardRead:
    """A card at a reader. number: its bits as a number; text: what a reader sends that reads characters."""

    address: int
    number: int = 0
    text: str = ""


class OsdpLine:
    """One serial port with its readers. keys: of each reader's address, 16 bytes, no two alike.

    on_read is called in the line's own thread; it must be quick, and what it raises closes the line.
    """

    def __init__(
        self, port: str, baud: int, keys: Mapping[int, bytes], on_read: Callable[[CardRead], None]
    ) -> None:
        _require_keys(keys)
        self.port, self.baud, self.keys, self.on_read = port, baud, dict(keys), on_read
        self.fault: DoorFaultCause | None = None
        self._inputs: dict[int, bytes] = {}
        self._done: dict[int, int] = {}
        self._lock = threading.Lock()  # of the library: it is called by one thread at a time
        self._pulsing = threading.Lock()
        self._stopped = threading.Event()
        self._silent_since = dict.fromkeys(self.keys, time.monotonic())
        self._library = _osdp()
        self._serial = self._open_port()
        self._panel = self._make_panel()
        self._thread = threading.Thread(target=self._run, name=f"willing-osdp-{port}", daemon=True)
        self._thread.start()

    def _open_port(self) -> Any:
        try:
            import serial
        except ImportError as error:
            raise DoorFault(DoorFaultCause.NOT_INSTALLED, "pyserial") from error
        try:
            return serial.Serial(self.port, self.baud, timeout=0, write_timeout=1, exclusive=True)
        except (OSError, ValueError) as error:
            raise DoorFault(DoorFaultCause.NO_ANSWER, self.port) from error

    def _make_panel(self) -> Any:
        osdp, line = self._library, self

        class Channel(osdp.Channel):  # type: ignore[name-defined,misc]
            def read(self, most: int) -> bytes:
                return line._touch(lambda: line._serial.read(most)) or b""

            def write(self, data: bytes) -> int:
                return line._touch(lambda: line._serial.write(data)) or 0

            def flush(self) -> None:
                line._touch(line._serial.reset_input_buffer)

        channel, flags = Channel(), [osdp.LibFlag.EnforceSecure]
        readers = [
            osdp.PDInfo(address, channel, scbk=key, flags=flags, name=f"reader-{address}")
            for address, key in self.keys.items()
        ]
        return osdp.ControlPanel(
            readers,
            log_level=osdp.LogLevel.Emergency,
            event_handler=self._on_event,
            command_completion_handler=self._on_done,
        )

    def _touch(self, deed: Callable[[], Any]) -> Any:
        """Do something with the port; one that was pulled out closes the line and raises nothing into C."""
        try:
            return deed()
        except (OSError, TypeError, ValueError):
            self.fault = DoorFaultCause.NO_ANSWER
            return None

    def _run(self) -> None:
        try:
            while not self._stopped.is_set() and self.fault is None:
                with self._lock:
                    self._panel.ctx.refresh()
                    self._wake_silent()
                self._stopped.wait(REFRESH_SECONDS)
        finally:
            self.fault = self.fault or DoorFaultCause.NOT_CONNECTED
            self._serial.close()

    def _wake_silent(self) -> None:
        """Ask a reader again that was silent: it may have had no power."""
        secure, at = self._panel.ctx.sc_status(), time.monotonic()
        for index, address in enumerate(self.keys):
            if secure & (1 << index):
                self._silent_since[address] = at
            elif at - self._silent_since[address] > AGAIN_SECONDS:
                self._silent_since[address] = at
                self._panel.ctx.disable_pd(index)
                self._panel.ctx.enable_pd(index)

    def _on_event(self, index: int, event: dict[str, Any]) -> int:
        osdp, address = self._library, list(self.keys)[index]
        if event["event"] == osdp.Event.CardRead:
            try:
                self.on_read(_read_card(osdp, address, event))
            except Exception:  # noqa: BLE001  # in C there is nobody to raise it to: the line is opened anew
                self.fault = DoorFaultCause.DENIED
        elif event["event"] == osdp.Event.Status and event["type"] == osdp.StatusReportType.Input:
            self._inputs[address] = bytes(event["report"])
        return 0

    def _on_done(self, address: int, command: dict[str, Any], status: int) -> None:
        if command["command"] == self._library.Command.Output:
            self._done[address] = status

    def is_secure(self, address: int) -> bool:
        """Say whether a reader answers over the secure channel, under its key."""
        with self._lock:
            secure: int = self._panel.ctx.sc_status()
        return address in self.keys and bool(secure & (1 << list(self.keys).index(address)))

    def pulse(self, address: int, output: int, seconds: int) -> None:
        """Let go the lock on a reader's output, and wait until the reader has said yes. Raises DoorFault."""
        command = {
            "command": self._library.Command.Output,
            "output_no": output,
            "control_code": ON_FOR_A_TIME,
            "timer_count": 10 * seconds,
        }
        with self._pulsing:
            if not self.is_secure(address):
                raise DoorFault(DoorFaultCause.NO_ANSWER)
            self._done.pop(address, None)
            with self._lock:
                taken = self._panel.ctx.submit_command(list(self.keys).index(address), command)
            until = time.monotonic() + ANSWER_SECONDS
            while taken and address not in self._done and time.monotonic() < until and self.fault is None:
                time.sleep(WAIT_SECONDS)
            status = self._done.get(address)
        if status is None:
            raise DoorFault(DoorFaultCause.NO_ANSWER)
        if status != self._library.CompletionStatus.Ok:
            raise DoorFault(DoorFaultCause.DENIED)

    def input_of(self, address: int, contact: int) -> bool | None:
        """Return whether a contact is closed, as the reader reported it last; None until it has."""
        report = self._inputs.get(address, b"")
        return bool(report[contact]) if contact < len(report) else None

    def close(self) -> None:
        """Stop the thread and give the port back."""
        self._stopped.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(2)


class OsdpDoor(PulsedDoor):
    """A lock on the output of a reader or of an OSDP input and output module inside the building."""

    def __init__(self, port: str, address: int, output: int, contacts: Contacts = NO_CONTACTS) -> None:
        super().__init__()
        self.port, self.address, self.output, self.contacts = port, address, output, contacts

    def _send_pulse(self, seconds: int) -> None:
        require_line(self.port).pulse(self.address, self.output, seconds)

    def state(self) -> DoorState:
        """Return what the reader reported last."""
        line = require_line(self.port)
        if not line.is_secure(self.address):
            raise DoorFault(DoorFaultCause.NO_ANSWER)
        closed = [
            None if contact is None else line.input_of(self.address, contact)
            for contact in (self.contacts.door, self.contacts.alarm)
        ]
        is_open, is_alarm = (None if one is None else not one for one in closed)
        return DoorState(is_open=is_open, is_alarm=is_alarm)


_lines: dict[str, OsdpLine] = {}
_lines_lock = threading.Lock()


def hold_line(
    port: str, baud: int, keys: Mapping[int, bytes], on_read: Callable[[CardRead], None]
) -> OsdpLine:
    """Open a line, or return it if it is open as wanted; a broken one, or other keys, is opened anew."""
    with _lines_lock:
        line = _lines.get(port)
        if line is not None and line.fault is None and (line.baud, line.keys) == (baud, dict(keys)):
            return line
        if line is not None:
            line.close()
            del _lines[port]
        _lines[port] = OsdpLine(port, baud, keys, on_read)
        return _lines[port]


def drop_lines(but: set[str]) -> None:
    """Close the lines that are not wanted any more."""
    with _lines_lock:
        for port in _lines.keys() - but:
            _lines.pop(port).close()


def require_line(port: str) -> OsdpLine:
    """Return an open line of this process. Raises DoorFault not_connected."""
    line = _lines.get(port)
    if line is None or line.fault is not None:
        raise DoorFault(DoorFaultCause.NOT_CONNECTED, port)
    return line


def new_key() -> bytes:
    """Return a key for one reader, random."""
    return os.urandom(KEY_BYTES)


def _require_keys(keys: Mapping[int, bytes]) -> None:
    if not keys or any(not 0 <= address <= 126 for address in keys):  # 127 is everyone
        raise DoorFault(DoorFaultCause.NOT_SET_UP, "address")
    if any(len(key) != KEY_BYTES or key == DEFAULT_KEY for key in keys.values()):
        raise DoorFault(DoorFaultCause.NOT_SET_UP, "key")
    if len(set(keys.values())) != len(keys):
        raise DoorFault(DoorFaultCause.NOT_SET_UP, "key of two readers")


def _read_card(osdp: Any, address: int, event: dict[str, Any]) -> CardRead:
    data = bytes(event["data"])
    if event["format"] == osdp.CardFormat.ASCII:
        return CardRead(address, text=data.decode("ascii", "replace").strip())
    return CardRead(address, number=read_number(data, int(event["length"])))


def _osdp() -> Any:
    try:
        import osdp
    except ImportError as error:
        raise DoorFault(DoorFaultCause.NOT_INSTALLED, "libosdp") from error
    return osdp
