"""Where an upgrade works: in a terminal with the settings there, or beside a service of systemd."""

import json
import os
import pwd
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from willing.core.paths import home
from willing.ops.environments import program_folder
from willing.ops.systemd import UNITS

SERVER = "willing.service"
BACKUP = "willing-backup.service"
START_SECONDS_MAX = 120
PRIVATE_UMASK = 0o077
_VALUE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)")


class StepFailed(Exception):
    """A step that did not come out; the message says why."""


@dataclass(frozen=True)
class RunningService:
    """What the server's unit says. port: where it answers; user: whose the data is."""

    user: str
    home: Path
    settings: Path
    port: int


@dataclass(frozen=True)
class Site:
    """An installation: the name of its program, its data, and how its commands are run."""

    program: Path
    home: Path
    environment: Mapping[str, str]
    service: RunningService | None = None

    def run(self, environment: Path, *command: str) -> str:
        """Run a command of the Willing in `environment` as the server would. Raises StepFailed."""
        done = self.try_(environment, *command)
        if done.returncode != 0:
            said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-3:]
            raise StepFailed(" ".join(said) or f"{' '.join(command[:3])} exited with {done.returncode}")
        return done.stdout

    def try_(self, environment: Path, *command: str) -> "subprocess.CompletedProcess[str]":
        """Run a command, and return how it finished. Raises StepFailed where it cannot be started."""
        as_user: dict[str, Any] = {}
        if self.service is not None:
            user = pwd.getpwnam(self.service.user)
            as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": self.home}
        python = str(environment / "bin" / "python")
        try:
            return subprocess.run(  # noqa: S603  # our own Python
                # -P: a folder of that name where someone works is not the program
                [python, "-P", "-m", *command],
                check=False,
                capture_output=True,
                text=True,
                env=dict(self.environment),
                umask=PRIVATE_UMASK,
                **as_user,
            )
        except OSError as error:
            raise StepFailed(f"{python}: {error.strerror}") from None

    def step(self, environment: Path, *step: str) -> str:
        """Run one step on the databases (`upgrade_data`). Raises StepFailed."""
        return self.run(environment, "willing.ops.upgrade_data", *step)

    def status(self, environment: Path) -> dict[str, Any] | None:
        """Return the last upgrade as the data has it, or None. Raises StepFailed."""
        found: dict[str, Any] | None = json.loads(self.step(environment, "status"))
        return found

    def faults(self, environment: Path) -> list[str]:
        """Return what `willing doctor` finds wrong. Raises StepFailed."""
        done = self.try_(environment, "willing.cli", "doctor", "--json")
        try:
            return [
                f"{one['name']}: {one['detail']}" for one in json.loads(done.stdout) if one["ok"] is False
            ]
        except ValueError:
            raise StepFailed(done.stderr.strip().splitlines()[-1] if done.stderr else "no answer") from None

    @property
    def has_own_copies(self) -> bool:
        """Say whether systemd makes encrypted copies here."""
        return self.service is not None and (UNITS / BACKUP).exists()

    def copy(self) -> None:
        """Make encrypted copies as every night. Raises StepFailed."""
        systemctl("start", BACKUP)

    def stop(self, environment: Path) -> None:
        """Stop the service; in a terminal, require that no server runs. Raises StepFailed."""
        if self.service is not None:
            systemctl("stop", SERVER)
        else:
            self.step(environment, "wait", "0")

    def start(self) -> None:
        """Start the service and wait until it answers; in a terminal the operator starts it.

        Raises StepFailed.
        """
        if self.service is None:
            return
        systemctl("start", SERVER)
        deadline = time.monotonic() + START_SECONDS_MAX
        while not answers(self.service.port):
            if time.monotonic() > deadline:
                raise StepFailed(
                    f"the server does not answer on port {self.service.port}: journalctl -u willing"
                )
            time.sleep(0.5)


def answers(port: int) -> bool:
    """Say whether a server answers anything here."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/.well-known/willing")
        connection.getresponse()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    return True


def systemctl(*command: str) -> None:
    """Ask systemd for something. Raises StepFailed."""
    try:
        done = subprocess.run(  # noqa: S603  # written here
            ["systemctl", *command],  # noqa: S607  # wherever this system keeps it
            check=False,
            capture_output=True,
            text=True,
        )
    except OSError as error:
        raise StepFailed(f"systemctl: {error}") from None
    if done.returncode != 0:
        raise StepFailed(f"systemctl {' '.join(command)}: {done.stderr.strip()}")


def find_site() -> Site:
    """Return where this command works. Raises StepFailed."""
    program = program_folder()
    unit = UNITS / SERVER
    service = read_service(unit.read_text(), program) if unit.exists() else None
    if service is None:
        return Site(program, home(), {**os.environ})
    if os.geteuid() != 0:
        raise StepFailed(
            f"systemd runs this installation, and only root upgrades it: sudo {program}/bin/willing upgrade"
        )
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "PYTHONPATH") if name in os.environ}
    own = {
        "HOME": str(service.home),
        "WILLING_HOME": str(service.home),
        "XDG_CACHE_HOME": "/var/cache/willing",
        **read_settings(service.settings.read_text() if service.settings.exists() else ""),
    }
    return Site(program, service.home, kept | own, service)


def read_service(unit: str, program: Path) -> RunningService | None:
    """Return what the server's unit says; None where another environment is the one that it runs."""
    values = dict(
        line.split("=", 1) for line in unit.splitlines() if "=" in line and not line.startswith("#")
    )
    words = shlex.split(values.get("ExecStart", ""))
    if not words or Path(words[0]) != program / "bin" / "willing":
        return None
    port = int(words[words.index("--port") + 1]) if "--port" in words else 8000
    return RunningService(
        values["User"], Path(values["WorkingDirectory"]), Path(values["EnvironmentFile"]), port
    )


def read_settings(text: str) -> dict[str, str]:
    """Return the settings in a file of `NAME=value` lines, as systemd reads it."""
    found = {}
    for line in text.splitlines():
        if named := _VALUE.fullmatch(line.strip()):
            value = named[2].strip()
            is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
            found[named[1]] = value[1:-1] if is_quoted else value
    return found


def python_version() -> str:
    """Return the version of this Python, which the next version of Willing runs on as well."""
    return ".".join(map(str, sys.version_info[:3]))
