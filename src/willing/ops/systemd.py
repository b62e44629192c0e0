"""The units with which systemd runs an installation: the server, and what is done every night.

Only texts: `install` writes them and asks systemd to use them. They are held beside systemd.exec(5).
"""

import re
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

UNITS = Path("/etc/systemd/system")
# The times differ, so that a small computer does one thing after the other.
NIGHTLY = (
    ("willing-retention", "delete what is past its retention period", "retention run", "02:15"),
    ("willing-ledger", "verify the money", "ledger verify", "03:15"),
    ("willing-log", "verify the log", "audit verify", "03:45"),
)
BACKUP = ("willing-backup", "make encrypted copies", "backup take", "01:15")
# After the day's last sale, for whoever keeps them elsewhere.
CHECKPOINT = ("willing-checkpoint", "sign the log", "audit checkpoint --out", "18:30")
PLACE = re.compile(r"@([a-z]+)@")
# Anything else has a meaning of its own in a unit, or needs quotes in some of its lines and none in others.
PLAIN_PATH = re.compile(r"/[A-Za-z0-9/._-]*")


@dataclass(frozen=True, slots=True)
class Backup:
    """Where copies go, and the public key that they are sealed for (age1…)."""

    recipient: str
    main: Path
    keys: Path


@dataclass(frozen=True, slots=True)
class InstalledService:
    """How an installation is run. willing: the program; settings: a file of `NAME=value` lines."""

    willing: Path
    home: Path
    settings: Path
    user: str = "willing"
    host: str = "127.0.0.1"
    port: int = 8000
    door: int | None = None
    journal: Path | None = None
    backup: Backup | None = None
    checkpoints: Path | None = None

    @property
    def written(self) -> list[Path]:
        """Return the folders that it writes."""
        more = [self.backup.main, self.backup.keys] if self.backup else []
        return [self.home, *(one for one in (self.journal, self.checkpoints) if one), *more]

    @property
    def paths(self) -> list[Path]:
        """Return every path that its units name."""
        return [self.willing, self.settings, *self.written]


def write_units(service: InstalledService) -> dict[str, str]:
    """Return the text of each unit by its name; the server first, then timers with what they start."""
    units = {"willing.service": _fill("server.service.in", _values(service), service)}
    for unit, description, command, at in _nightly(service):
        values = {"unit": unit, "description": description, "command": command, "at": at}
        units[f"{unit}.timer"] = _fill("task.timer.in", values, service)
        units[f"{unit}.service"] = _fill("task.service.in", values | _values(service), service)
    return units


def _nightly(service: InstalledService) -> list[tuple[str, str, str, str]]:
    jobs = [*NIGHTLY]
    if service.backup is not None:
        unit, description, command, at = BACKUP
        to = service.backup
        options = f" --recipient {to.recipient} --to {to.main} --keys-to {to.keys}"
        jobs.append((unit, description, command + options, at))
    if service.checkpoints is not None:
        unit, description, command, at = CHECKPOINT
        jobs.append((unit, description, f"{command} {service.checkpoints}", at))
    return jobs


def _values(service: InstalledService) -> dict[str, str]:
    return {
        "willing": str(service.willing),
        "host": service.host,
        "port": str(service.port),
        "door": f" --door {service.door}" if service.door else "",
    }


def _fill(name: str, values: dict[str, str], service: InstalledService) -> str:
    known = values | {
        "user": service.user,
        "home": str(service.home),
        "settings": str(service.settings),
        "written": " ".join(str(one) for one in service.written),
    }
    folder = files("willing.ops.units")
    text = folder.joinpath(name).read_text().replace("@sandbox@\n", folder.joinpath("sandbox.in").read_text())
    return PLACE.sub(lambda place: known[place[1]], text)


def write_wrapper(service: InstalledService) -> str:
    """Return a script that runs any command of Willing as its user and with its settings."""
    return _fill("willing.sh.in", {"willing": str(service.willing)}, service)
