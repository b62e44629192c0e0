"""An OSDP reader on a pseudo-terminal: libosdp itself, as the peripheral device."""

import contextlib
import os
import pty
import tty
from collections.abc import Iterator
from typing import Any

ADDRESS = 5


class Reader:
    """A reader that is connected to `port`, with two outputs and two inputs."""

    def __init__(self, key: bytes) -> None:
        self.master, self.slave = pty.openpty()
        for one in (self.master, self.slave):
            tty.setraw(one)
        os.set_blocking(self.master, False)
        self.port = os.ttyname(self.slave)
        self.key = key
        self.commands: list[dict[str, Any]] = []
        self.denies = False
        self.device: Any = None

    def start(self) -> None:
        """Give it power."""
        import osdp

        master = self.master

        class Channel(osdp.Channel):  # type: ignore[misc]
            def read(self, most: int) -> bytes:
                try:
                    return os.read(master, most)
                except BlockingIOError:
                    return b""

            def write(self, data: bytes) -> int:
                return os.write(master, data)

            def flush(self) -> None:
                return

        able = osdp.PDCapabilities(
            [(osdp.Capability.OutputControl, 1, 2), (osdp.Capability.ContactStatusMonitoring, 1, 2)]
        )
        info = osdp.PDInfo(ADDRESS, Channel(), scbk=self.key, flags=[osdp.LibFlag.EnforceSecure])
        self.device = osdp.PeripheralDevice(
            info, able, log_level=osdp.LogLevel.Emergency, command_handler=self._on_command
        )
        self.device.start()

    def stop(self) -> None:
        """Take its power away."""
        if self.device is not None:
            self.device.teardown()
            self.device = None

    def _on_command(self, command: dict[str, Any]) -> tuple[int, None]:
        self.commands.append(command)
        return (-1 if self.denies else 0), None

    def present(self, data: bytes, bits: int) -> None:
        """Hold a card to it."""
        import osdp

        card = {
            "reader_no": 0,
            "direction": 0,
            "length": bits,
            "format": osdp.CardFormat.Wiegand,
            "data": data,
        }
        self.device.submit_event({"event": osdp.Event.CardRead, **card})

    def report_inputs(self, *closed: bool) -> None:
        """Report its contacts."""
        import osdp

        report = bytes(int(one) for one in closed)
        self.device.submit_event(
            {"event": osdp.Event.Status, "type": osdp.StatusReportType.Input, "report": report}
        )


@contextlib.contextmanager
def reader_with(key: bytes) -> Iterator[Reader]:
    """Lend a reader that knows a key."""
    reader = Reader(key)
    reader.start()
    try:
        yield reader
    finally:
        reader.stop()
        os.close(reader.master)
        os.close(reader.slave)
