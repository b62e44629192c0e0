"""Threads of a server that must not end unseen: begun again after a fault, and each says how it is.

A thread leaves its last heartbeat and its last fault in a small file of this installation, which Health and
`willing doctor` read, also from another process.
"""

import contextlib
import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connections
from django.urls import set_script_prefix

from willing.core.paths import home
from willing.core.storage import find_refusal

log = logging.getLogger("willing.threads")
# After a fault a thread waits twice as long each time, up to this.
BACKOFF_SECONDS_MAX = 30.0
BEAT_SECONDS = 10.0
SILENT_SECONDS = 60.0
_threads: dict[str, "Supervised"] = {}
_lock = threading.Lock()


@dataclass
class Pulse:
    """How one thread of one process is. Times are seconds since 1970. last_fault: the kind of error only.

    in_a_row: faults since the last success. Which of the two came last does not follow from their times.
    """

    process: int
    name: str
    beat_at: float
    faults: int = 0
    fault_at: float = 0.0
    last_fault: str = ""
    is_done: bool = False
    every_seconds: float = 0.0
    in_a_row: int = 0

    @property
    def is_failing(self) -> bool:
        """True from a fault until the work succeeds again, and where the thread has fallen silent."""
        # A beat that lies ahead is none: the clock was set back, and a thread that lives beats again at once.
        silent_seconds = abs(time.time() - self.beat_at)
        is_silent = silent_seconds > SILENT_SECONDS + 2 * self.every_seconds and not self.is_done
        return self.in_a_row > 0 or is_silent

    @property
    def fault_time(self) -> str:
        """When the last fault was, for people."""
        return f"{datetime.fromtimestamp(self.fault_at, UTC):%Y-%m-%d %H:%M} UTC"


class Supervised:
    """A thread that does one step again and again, whatever the step raises."""

    def __init__(self, name: str, step: Callable[[], object], every_seconds: float | None) -> None:
        self.step, self.every_seconds = step, every_seconds
        self.pulse = Pulse(os.getpid(), name, time.time(), every_seconds=every_seconds or 0.0)
        self._written_at = 0.0
        self.woken = threading.Event()
        self.thread = threading.Thread(target=self._run, name=f"willing-{name}", daemon=True)

    def _run(self) -> None:
        set_script_prefix(f"{settings.PREFIX}/")  # links in e-mails begin with it, too
        while True:
            wait_seconds = self.run_once()
            if wait_seconds is None:
                return
            self.woken.wait(wait_seconds)
            self.woken.clear()

    def run_once(self) -> float | None:
        """Do the step once. Return how many seconds to wait for the next one; None: it is done for good."""
        try:
            self.step()
        except BaseException as error:  # whatever it is, the thread goes on and says so
            self.pulse.in_a_row += 1
            self.pulse.faults += 1
            self.pulse.fault_at, self.pulse.last_fault = time.time(), type(error).__name__
            if find_refusal(error):  # known, and no bug; it has been logged by its name
                log.error("%s failed; it is tried again", self.pulse.name)  # noqa: TRY400
            else:
                log.exception("%s failed; it is tried again", self.pulse.name)
            with contextlib.suppress(Exception):
                connections.close_all()
            self._write()
            return min(2.0 ** (self.pulse.in_a_row - 1), BACKOFF_SECONDS_MAX)
        recovered, self.pulse.in_a_row = self.pulse.in_a_row > 0, 0
        self.pulse.beat_at, self.pulse.is_done = time.time(), self.every_seconds is None
        if recovered or self.pulse.is_done or time.monotonic() - self._written_at > BEAT_SECONDS:
            self._write()
        return self.every_seconds

    def beat(self) -> None:
        """Note that the thread lives."""
        self.pulse.beat_at = time.time()
        if time.monotonic() - self._written_at > BEAT_SECONDS:
            self._write()

    def _write(self) -> None:
        self._written_at = time.monotonic()
        with contextlib.suppress(OSError):  # a full disk must not end what this watches
            folder = pulses_folder()
            folder.mkdir(exist_ok=True, mode=0o700)
            path = folder / f"{self.pulse.process}-{self.pulse.name}.json"
            draft = path.with_suffix(".part")
            draft.write_text(json.dumps(asdict(self.pulse)), encoding="utf-8")
            draft.replace(path)


def supervise(name: str, step: Callable[[], object], *, every_seconds: float | None) -> None:
    """Run `step` every so many seconds in a thread of its own, from now until the process exits.

    every_seconds: None where it is done for good once it has succeeded. A name that runs already is let be.
    """
    with _lock:
        if name not in _threads:
            _threads[name] = Supervised(name, step, every_seconds)
            _threads[name].thread.start()


def beat() -> None:
    """Say that this thread lives, in the middle of a long step; in one that is not supervised, nothing."""
    with _lock:
        found = next((one for one in _threads.values() if one.thread is threading.current_thread()), None)
    if found is not None:
        found.beat()


def wake(name: str) -> None:
    """Let the next step of a thread begin now, where this process has that thread."""
    with _lock:
        if name in _threads:
            _threads[name].woken.set()


def pulses_folder() -> Path:
    """Return where the threads of this installation's processes say how they are."""
    return home() / "pulses"


def pulses() -> list[Pulse]:
    """Return how the threads of all running processes of this installation are."""
    return sorted(_read_pulses(), key=lambda one: (one.name, one.process))


def _read_pulses() -> Iterator[Pulse]:
    for path in pulses_folder().glob("*.json"):
        try:
            found = Pulse(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            continue
        if is_running(found.process):
            yield found


def drop_finished_processes() -> None:
    """Remove what processes that are gone left behind. Called when a server starts."""
    for path in pulses_folder().glob("*.json"):
        process = path.name.split("-", 1)[0]
        if not process.isdigit() or not is_running(int(process)):
            path.unlink(missing_ok=True)


def is_running(process: int) -> bool:
    """Say whether a process of this computer is running."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
