"""Who else on this computer could read an installation: nobody, or it does not start."""

import os
import pwd
import shlex
import stat
from collections.abc import Iterable
from pathlib import Path

from willing.core.errors import InstallationFault

OTHERS = stat.S_IRWXG | stat.S_IRWXO
UMASK = 0o077


def keep_private() -> None:
    """Let every file that this process makes be readable by its owner only. Call before anything else."""
    os.umask(UMASK)


def require_private(paths: Iterable[Path]) -> None:
    """Refuse folders and files that other users of this computer may read, write or search.

    Paths that do not exist are passed over. Raises InstallationFault, which names the command to run.
    """
    if os.name != "posix":
        return
    for path in paths:
        require_usable(path)
        try:
            mode = path.stat().st_mode
        except FileNotFoundError:
            continue
        if mode & OTHERS:
            needed = "700" if stat.S_ISDIR(mode) else "600"
            raise InstallationFault(
                f"{path} is open to other users of this computer (mode {stat.S_IMODE(mode):04o}); "
                f"run: chmod {needed} {shlex.quote(str(path))}"
            )


def require_usable(path: Path) -> None:
    """Refuse what another user owns and this one cannot use, as what root put back by hand.

    A path that does not exist is passed over. Raises InstallationFault, which names the command to run.
    """
    if os.name != "posix" or not path.exists():
        return
    owner = path.stat().st_uid
    if owner != os.geteuid() and not os.access(path, os.R_OK | os.W_OK):
        me = _name_of(os.geteuid())
        raise InstallationFault(
            f"{path} belongs to {_name_of(owner)}, and {me} cannot use it; run, as root: "
            f"chown -R {me}: {shlex.quote(str(path))}"
        )


def _name_of(user_id: int) -> str:
    try:
        return pwd.getpwuid(user_id).pw_name
    except KeyError:
        return str(user_id)
