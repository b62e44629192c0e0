"""A reader that types, at a lane without a browser. The device is a fake: what it sends are real events."""

import os
import time
from typing import Any

import evdev
import pytest
from evdev import ecodes

from willing.gate.doors.protocol import DoorFault, DoorFaultCause
from willing.gate.doors.typing_reader import KeyCollector, TypingReader
from willing.terminals.keyboards import KeyboardLayout, Scan, decode


class FakeDevice:
    """Stands for /dev/input/event…: a pipe to wait on, and events of evdev's own kind."""

    def __init__(self, path: str) -> None:
        if not path.endswith("event3"):
            raise FileNotFoundError(path)
        self.fd, self._bell = os.pipe()
        self.grabbed = self.closed = False
        self.waiting: list[Any] = []

    def grab(self) -> None:
        self.grabbed = True

    def type(self, *codes: int) -> None:
        events = [(code, value) for code in codes for value in (1, 0)]
        self.waiting = [evdev.InputEvent(0, 0, ecodes.EV_KEY, code, value) for code, value in events]
        os.write(self._bell, b".")

    def read(self) -> list[Any]:
        if os.read(self.fd, 1) != b".":
            raise OSError("No such device")
        return self.waiting

    def unplug(self) -> None:
        os.close(self._bell)

    def close(self) -> None:
        self.closed = True
        os.close(self.fd)


def _wait(until: Any) -> None:
    end = time.monotonic() + 10
    while not until():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_a_scan_is_read_grabbed_and_an_unplugged_reader_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[FakeDevice] = []

    def make(path: str) -> FakeDevice:
        made.append(FakeDevice(path))
        return made[-1]

    monkeypatch.setattr(evdev, "InputDevice", make)
    scans: list[tuple[str, ...]] = []
    reader = TypingReader("/dev/input/event3", scans.append)
    assert made[0].grabbed
    made[0].type(ecodes.KEY_7, ecodes.KEY_K, ecodes.KEY_KP0, ecodes.KEY_MINUS, ecodes.KEY_ENTER)
    _wait(lambda: scans)
    assert decode(Scan("", scans[0]), KeyboardLayout.US).upper() == "7K0-"
    made[0].unplug()
    _wait(lambda: reader.fault and made[0].closed)
    assert reader.fault is DoorFaultCause.NO_ANSWER


def test_a_reader_that_is_not_there_is_named() -> None:
    with pytest.raises(DoorFault, match="no_answer"):
        TypingReader("/dev/input/no-such-reader", lambda _keys: None)


def _scan(*codes: int) -> tuple[str, ...]:
    collector = KeyCollector()
    found: tuple[str, ...] = ()
    for code in codes:
        found = collector.take(ecodes.EV_KEY, code, 1) or found
    return found


def test_every_key_of_a_card_is_known_under_its_name() -> None:
    letters = {f"Key{one}": getattr(ecodes, f"KEY_{one}") for one in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
    digits = {f"Digit{one}": getattr(ecodes, f"KEY_{one}") for one in "0123456789"}
    pad = {f"Numpad{one}": getattr(ecodes, f"KEY_KP{one}") for one in "0123456789"}
    for name, code in {**letters, **digits, **pad, "Minus": ecodes.KEY_MINUS}.items():
        assert _scan(code, ecodes.KEY_ENTER) == (name,)


def test_shift_is_said_with_its_key_and_a_held_key_counts_once() -> None:
    collector = KeyCollector()
    for code, value in ((42, 1), (30, 1), (30, 2), (42, 0), (30, 0), (31, 1)):
        assert collector.take(1, code, value) == ()
    assert collector.take(1, ecodes.KEY_TAB, 1) == ("+KeyA", "KeyS")


def test_too_many_keys_spoil_one_scan_only() -> None:
    collector = KeyCollector()
    for _ in range(500):
        collector.take(1, ecodes.KEY_1, 1)
    assert collector.take(1, ecodes.KEY_ENTER, 1) == ()
    collector.take(1, ecodes.KEY_2, 1)
    assert collector.take(1, ecodes.KEY_ENTER, 1) == ("Digit2",)
