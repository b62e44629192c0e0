"""A server of our own on 127.0.0.1, in a process that tests use in turn, and that a journey may kill."""

import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from tests.support.lines import ask

from willing.terminals.rules import PAIRING_MINUTES

ROOT = Path(__file__).resolve().parents[2]
DATABASES = ("willing.sqlite3", "keys/keys.sqlite3")
RETURNING, FORGET = "tests.support.returning:application", "/forget-what-you-remember/"
START_SECONDS_MAX = 120  # other work may run beside it; a server that cannot start ends by itself


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(home: Path) -> dict[str, str]:
    """Return the environment of a process of this installation: the real settings, not those of the tests."""
    return {**os.environ, "WILLING_HOME": str(home), "DJANGO_SETTINGS_MODULE": "willing.config.settings"}


class Server:
    """A process that serves one installation."""

    def __init__(
        self,
        home: Path,
        port: int,
        application: str = "willing.config.wsgi:application",
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.home, self.port, self.application = home, port, application
        self.settings = settings or {}
        self.log = home / "server.log"
        self.process: subprocess.Popen[bytes] | None = None
        self._log_read = 0

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://localhost:{self.port}"  # by name, as people open it

    def start(self) -> Self:
        """Start the process and wait until it answers."""
        command = [sys.executable, "-m", "willing.config.serve", self.application]
        command += ["--port", str(self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env={**environment(self.home), **self.settings}, stdout=log, stderr=log
            )
        deadline = time.monotonic() + START_SECONDS_MAX
        while not self._answers():
            assert self.process.poll() is None, f"the server did not start:\n{self.log.read_text()[-3000:]}"
            assert time.monotonic() < deadline, "the server did not answer in time"
            time.sleep(0.05)
        return self

    def _answers(self) -> bool:
        try:
            return self._status_of("/static/ui/favicon.svg") == 200
        except OSError:
            return False

    def _status_of(self, path: str) -> int:
        return ask(self.port, "GET", path, seconds=5).status

    def return_to(self, template: Path) -> None:
        """Let the databases hold what `template` holds, and the process remember nothing; revive it if dead.

        Their pages are written over where they lie: whoever has a database open reads the new ones, as after
        any other transaction.
        """
        if self.application != RETURNING or self.process is None or self.process.poll() is not None:
            self.stop()
            self.application = RETURNING
        for name in DATABASES:
            with (
                closing(sqlite3.connect(template / name)) as source,
                closing(sqlite3.connect(self.home / name, timeout=30)) as target,
            ):
                target.execute("PRAGMA synchronous=OFF")
                source.backup(target)
        self.renew_pairing_codes()
        if self.process is None or self.process.poll() is not None:
            self.start()
        assert self._status_of(FORGET) == 204
        self._log_read = self.log.stat().st_size

    def renew_pairing_codes(self) -> None:
        """Let codes that no device used run from now: they last minutes, a school that tests share longer."""
        until = datetime.now(UTC) + timedelta(minutes=PAIRING_MINUTES)
        with closing(sqlite3.connect(self.home / "willing.sqlite3", timeout=30)) as database, database:
            database.execute(
                "UPDATE terminals_terminal SET pairing_expires_at = ? WHERE pairing_expires_at IS NOT NULL",
                [f"{until:%Y-%m-%d %H:%M:%S.%f}"],
            )

    def news(self) -> str:
        """Return what the process has logged since the databases were put back."""
        return self.log.read_bytes()[self._log_read :].decode()

    def wait_until_dead(self) -> None:
        """Wait for a process that ends by itself."""
        assert self.process is not None
        self.process.wait(timeout=10)

    def stop(self) -> None:
        """End the process, if it still runs."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(timeout=10)
