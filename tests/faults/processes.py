"""The processes of a scenario: a server to be hurt, and workers beside it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from tests.faults.scenario import Broken
from tests.faults.school import School
from tests.support.server import ROOT, Server, free_port

APPLICATION = "tests.faults.application:application"


class FaultyServer(Server):
    """A server of the school, which reads the harness's clock and limits."""

    def __init__(self, school: School, **extra: str) -> None:
        super().__init__(school.home, free_port(), APPLICATION, {**school.extra, **extra})

    def kill(self) -> None:
        """End the process as a power cut does."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(timeout=10)

    def require_quiet(self) -> None:
        """Raise Broken where the server wrote a traceback."""
        text = self.log.read_text(errors="replace")
        if "Traceback" in text:
            raise Broken(f"the server wrote a traceback: {text[text.rindex('Traceback') :][-900:]}")


@contextmanager
def serving(school: School, **extra: str) -> Iterator[FaultyServer]:
    """Serve a school while the block runs."""
    server = FaultyServer(school, **extra)
    try:
        server.start()
        yield server
    finally:
        server.stop()


class DeedFailed(Exception):
    """A deed raised an exception: its name and text."""


class Worker:
    """A process of the school that does one deed after the other (tests/faults/worker.py)."""

    def __init__(self, school: School, **extra: str) -> None:
        with (school.home / "worker.log").open("ab") as log:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.worker"],
                cwd=ROOT,
                env={**school.environment, **extra},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self.pid = self._child.pid

    def ask(self, deed: str, **arguments: Any) -> None:
        """Send a deed, and do not wait for it."""
        assert self._child.stdin is not None
        self._child.stdin.write(json.dumps({"do": deed, **arguments}) + "\n")
        self._child.stdin.flush()

    def hear(self) -> Any:
        """Return the answer to the oldest deed that was not heard. Raises DeedFailed."""
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        if not line:
            raise DeedFailed("the process ended")
        said = json.loads(line)
        if "error" in said:
            raise DeedFailed(f"{said['error']}: {said['text']}")
        return said["answer"]

    def do(self, deed: str, **arguments: Any) -> Any:
        """Do a deed and return its answer. Raises DeedFailed."""
        self.ask(deed, **arguments)
        return self.hear()

    def kill(self) -> None:
        """End the process as a power cut does."""
        self._child.kill()

    def __enter__(self) -> "Worker":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None and not pipe.closed:
                pipe.close()
        try:
            self._child.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait(timeout=10)
