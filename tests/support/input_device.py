"""A reader that types, as a device of this computer: a pseudo-terminal, and over it the kernel's own bytes.

Where tests run there is no kernel with input devices (no /dev/uinput), so that what evdev opens is replaced.
Run as `python -m tests.support.input_device serve …` it is `willing serve …` on a computer that has such a
device; what a device is asked in its turn is asked at once there, so that nobody waits half a minute.
"""

import contextlib
import os
import pty
import struct
import tty
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

EVENT = struct.Struct(
    "llHHi"
)  # input_event of linux/input.h on 64 bits: seconds, microseconds, type, code, value
SYNCHRONISES, KEY = 0, 1
SECONDS = 0.3


class InputDevice:
    """What `evdev.InputDevice` is to Willing, on a pseudo-terminal."""

    def __init__(self, path: str) -> None:
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        self._left = b""

    def grab(self) -> None:
        """Nothing else on this computer reads it."""

    def read(self) -> Iterator[Any]:
        """Yield the events that came; OSError where it was pulled out."""
        from evdev import InputEvent

        came = os.read(self.fd, 64 * EVENT.size)
        if not came:
            raise OSError("No such device")
        whole = self._left + came
        used = len(whole) - len(whole) % EVENT.size
        self._left = whole[used:]
        for event in EVENT.iter_unpack(whole[:used]):
            yield InputEvent(*event)

    def close(self) -> None:
        """Let it go."""
        os.close(self.fd)


class TypingDevice:
    """The reader's end: it types."""

    def __init__(self) -> None:
        self._master, self._slave = pty.openpty()
        for one in (self._master, self._slave):
            tty.setraw(one)
        self.port = os.ttyname(self._slave)
        self._is_there = True

    def scan(self, text: str) -> None:
        """Type letters, digits, and Enter, each key down and up."""
        from evdev import ecodes

        for key in [*text, "ENTER"]:
            code = getattr(ecodes, f"KEY_{key}")
            for value in (1, 0):
                os.write(
                    self._master, EVENT.pack(0, 0, KEY, code, value) + EVENT.pack(0, 0, SYNCHRONISES, 0, 0)
                )

    def unplug(self) -> None:
        """Pull it out."""
        if self._is_there:
            self._is_there = False
            os.close(self._master)
            os.close(self._slave)


@contextlib.contextmanager
def typing_device() -> Iterator[TypingDevice]:
    """Lend a reader that is plugged in."""
    device = TypingDevice()
    try:
        yield device
    finally:
        device.unplug()


def _serve() -> None:
    import evdev

    from willing.core import supervision

    evdev.InputDevice = InputDevice  # type: ignore[misc, assignment]
    supervise = supervision.supervise

    def supervise_often(name: str, step: Callable[[], object], *, every_seconds: float | None) -> None:
        if name == "doors":
            from willing.gate import syncing

            syncing.LOOK_EVERY = timedelta(seconds=SECONDS)
        supervise(
            name,
            step,
            every_seconds=SECONDS if name in ("doors", "lane-readers", "door-devices") else every_seconds,
        )

    supervision.supervise = supervise_often
    from willing.cli import main

    main()


if __name__ == "__main__":
    _serve()
