"""A card reader that types, at a lane without a browser: read through evdev, and grabbed.

Grabbed, it types nowhere else: not into a sign-in page, not onto the console of this computer. Keys are read,
not characters, so that the computer's own keyboard layout does not matter.
"""

from __future__ import annotations

import select
import threading
from collections.abc import Callable
from typing import Any

from willing.gate.doors.protocol import DoorFault, DoorFaultCause

KEYS_MAX = 300  # the square of a printed card, address included (ui/card_guard.js takes as many)
LOOK_SECONDS = 0.5
_KEY, _DOWN = 1, 1  # EV_KEY and a key that goes down, linux/input-event-codes.h
_ENDS = {28: "Enter", 96: "NumpadEnter", 15: "Tab"}
_SHIFTS = {42, 54}
# linux/input-event-codes.h: the rows of the keyboard, from the left.
_NAMES = {
    **dict(zip(range(2, 14), [*(f"Digit{digit}" for digit in "1234567890"), "Minus", "Equal"], strict=True)),
    **dict(
        zip(
            range(16, 28),
            [*(f"Key{one}" for one in "QWERTYUIOP"), "BracketLeft", "BracketRight"],
            strict=True,
        )
    ),
    **dict(zip(range(30, 41), [*(f"Key{one}" for one in "ASDFGHJKL"), "Semicolon", "Quote"], strict=True)),
    43: "Backslash",
    **dict(
        zip(range(44, 54), [*(f"Key{one}" for one in "ZXCVBNM"), "Comma", "Period", "Slash"], strict=True)
    ),
    57: "Space",
    **dict(
        zip(
            (79, 80, 81, 75, 76, 77, 71, 72, 73, 82),
            (f"Numpad{digit}" for digit in "1234567890"),
            strict=True,
        )
    ),
    74: "NumpadSubtract",
}


class KeyCollector:
    """Turns keys into scans; too many keys spoil one scan and nothing else."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.is_shifted = False

    def take(self, kind: int, code: int, value: int) -> tuple[str, ...]:
        """Return the keys of a scan when its last one comes: their names, "+" before a shifted one."""
        if kind != _KEY:
            return ()
        if code in _SHIFTS:
            self.is_shifted = value != 0
            return ()
        if value != _DOWN:
            return ()
        if code in _ENDS:
            scan, self.keys = tuple(self.keys), []
            return scan if 0 < len(scan) <= KEYS_MAX else ()
        if len(self.keys) <= KEYS_MAX:
            name = _NAMES.get(code, "")
            self.keys.append(f"+{name}" if name and self.is_shifted else name)
        return ()


class TypingReader:
    """One reader, grabbed, in a thread of its own. on_scan gets the names of the keys."""

    def __init__(self, path: str, on_scan: Callable[[tuple[str, ...]], None]) -> None:
        self.path, self.on_scan = path, on_scan
        self.fault: DoorFaultCause | None = None
        self._stopped = threading.Event()
        self._device = _open_grabbed(path)
        self._thread = threading.Thread(target=self._run, name="willing-typing-reader", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        collector = KeyCollector()
        try:
            while not self._stopped.is_set():
                if not select.select([self._device.fd], [], [], LOOK_SECONDS)[0]:
                    continue
                for event in self._device.read():
                    if scan := collector.take(event.type, event.code, event.value):
                        self.on_scan(scan)
        except (OSError, ValueError):
            self.fault = DoorFaultCause.NO_ANSWER  # pulled out; the worker opens it again
        finally:
            self.fault = self.fault or DoorFaultCause.NOT_CONNECTED
            self._device.close()

    def close(self) -> None:
        """Let the reader go."""
        self._stopped.set()
        self._thread.join(2)


def _open_grabbed(path: str) -> Any:
    try:
        import evdev
    except ImportError as error:
        raise DoorFault(DoorFaultCause.NOT_INSTALLED, "evdev-binary") from error
    try:
        device = evdev.InputDevice(path)
        device.grab()
    except OSError as error:
        raise DoorFault(DoorFaultCause.NO_ANSWER, path) from error
    return device
