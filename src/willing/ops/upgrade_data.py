"""What an upgrade does to the databases: `python -m willing.ops.upgrade_data STEP`, as the server's user.

Each step is a process of its own, of the version whose step it is: of the earlier one before the switch, and
of the later one after it.
"""

import json
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable
from dataclasses import asdict

from willing.core.modes import keep_private
from willing.core.paths import home
from willing.core.running import InstallationBusy, own_installation
from willing.ops import upgrade_state

WAIT_SECONDS_MAX = 60  # a job of the night finishes by itself; a server in a terminal does not
SPARE_BYTES = 200_000_000


def own_at_last(seconds_max: float = WAIT_SECONDS_MAX) -> None:
    """Be alone here, once the commands that run have finished. Exits where a server runs on."""
    deadline = time.monotonic() + seconds_max
    while True:
        try:
            own_installation()
        except InstallationBusy as error:
            if time.monotonic() > deadline:
                sys.exit(str(error))
            time.sleep(0.2)
        else:
            return


def wait(seconds: str) -> None:
    """Say whether nothing else is at work here."""
    own_at_last(float(seconds))


def snapshot(before: str, after: str, stamp: str) -> None:
    """Keep both databases as they are."""
    own_at_last()
    need = sum(
        (home() / place).stat().st_size
        for place in upgrade_state.PLACES.values()
        if (home() / place).exists()
    )
    free = shutil.disk_usage(home()).free
    if free < 2 * need + SPARE_BYTES:
        sys.exit(
            f"the disk of {home()} has {free / 1e9:.1f} GB free; {(2 * need + SPARE_BYTES) / 1e9:.1f} GB "
            "are needed"
        )
    upgrade_state.take_snapshot(before, after, stamp)


def status() -> None:
    """Print the last upgrade, what the log says since, and whether the databases are still kept."""
    upgrade = upgrade_state.read()
    if upgrade is None:
        sys.stdout.write("null\n")
        return
    kept = upgrade_state.has_snapshot(upgrade)
    events = list(upgrade_state.events_since(upgrade.log_size))
    sys.stdout.write(json.dumps({**asdict(upgrade), "kept": kept, "events": events}) + "\n")


def settle() -> None:
    """Write the upgrade into the log, and keep no earlier state of the keys from here on."""
    upgrade = upgrade_state.settle()
    _record("program.upgraded", upgrade.before, upgrade.after)


def _record(event: str, before: str, after: str) -> None:
    """Write into the log that another version runs; where no school is set up, there is none."""
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "willing.config.settings")
    import django

    django.setup()
    from willing.ops.upgrade_log import record_upgrade

    record_upgrade(event, before, after)


def note(event: str, before: str, after: str) -> None:
    """Write into the log which version runs, where the databases are copied and put back by others."""
    own_at_last()
    _record(event, before, after)


def begin_back() -> None:
    """Note that the upgrade is being taken back."""
    upgrade_state.enter(upgrade_state.ROLLING_BACK)


def put_back() -> None:
    """Put the databases back as they were, and write it into the log."""
    own_at_last()
    upgrade = upgrade_state.read()
    if upgrade is not None:
        upgrade_state.put_back()
        _record("program.restored", upgrade.after, upgrade.before)


STEPS: dict[str, Callable[..., None]] = {
    "wait": wait,
    "snapshot": snapshot,
    "status": status,
    "settle": settle,
    "note": note,
    "begin-back": begin_back,
    "put-back": put_back,
}

if __name__ == "__main__":
    keep_private()
    try:
        STEPS[sys.argv[1]](*sys.argv[2:])
    except (OSError, ValueError, sqlite3.Error) as fault:
        sys.exit(f"{type(fault).__name__}: {fault}")
