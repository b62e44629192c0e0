"""Who is at work in this installation: servers and commands side by side, or a restore alone.

The lock is the system's own (flock): it is released when the process that holds it is gone, however that
happens. It reaches one computer, so where several serve one PostgreSQL, each of them is stopped by hand.
"""

import fcntl
import os
from pathlib import Path

from willing.core.paths import home

_held: int | None = None


class InstallationBusy(Exception):
    """Another process is at work here, and the two cannot be at work together."""


class RestoreUnfinished(Exception):
    """A restore was broken off; until it is finished nothing here may be served or changed."""


def lock_path() -> Path:
    """Return the file that servers and commands share, and that a restore holds alone."""
    return home() / "server.lock"


def unfinished_path() -> Path:
    """Return the file that exists here from the first change that a restore makes to its last."""
    return home() / "restore.unfinished"


def share_installation() -> None:
    """Hold the lock together with others until this process exits; doing it again changes nothing.

    Where there is no installation yet there is nothing to hold.
    Raises InstallationBusy while a restore runs; RestoreUnfinished where one was broken off.
    """
    if not home().exists():
        return
    if _lock(fcntl.LOCK_SH) is None:
        raise InstallationBusy("a restore is running here; wait until it is done")
    if unfinished_path().exists():
        raise RestoreUnfinished(
            "a restore was broken off here, so refusals may be missing: run `willing backup restore` again, "
            "or `willing backup restore --only-replay`"
        )


def own_installation() -> None:
    """Hold the lock alone until this process exits. Raises InstallationBusy while another one runs."""
    if _lock(fcntl.LOCK_EX) is None:
        raise InstallationBusy("a server or another command is running here; stop it first")


def release_installation() -> None:
    """Release the lock before the process exits."""
    global _held
    if _held is not None:
        os.close(_held)
        _held = None


def _lock(kind: int) -> int | None:
    """Return the locked descriptor, or None where another lock is in the way."""
    global _held
    path = lock_path()
    if _held is None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _held = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(_held, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        release_installation()
        return None
    return _held
