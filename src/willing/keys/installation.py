"""Refuse to go on where a part of this installation is missing, wrong, or open to other users.

Nothing here makes a database or a secret: one that was made anew in silence would fit nothing that the old
one sealed, and the nightly job would take every template for one whose key was destroyed (keys.set_up).
"""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connections

from willing.audit import signing
from willing.core.errors import InstallationFault
from willing.core.modes import require_private
from willing.core.paths import DJANGO_KEY_BYTES, django_key_file, home, read_secret
from willing.keys.marks import NAMES, InstallationState, MarkState, database_file, inspect, master_check

# A server that lost its keys notices at the latest then; a missing or replaced file it notices at once.
EXAMINED_FOR_SECONDS = 5.0


def require_secrets() -> None:
    """Refuse secrets that are missing, too short, or open to other users. Raises InstallationFault."""
    needed = [(django_key_file(), DJANGO_KEY_BYTES), (signing.key_path(), signing.SEED_BYTES)]
    if "WILLING_MASTER_KEY" not in os.environ:
        needed.append((Path(settings.MASTER_KEY_FILE), 32))
    for path, length_bytes in needed:
        try:
            read_secret(path, length_bytes=length_bytes)
        except (ValueError, OSError) as error:
            raise InstallationFault(f"{path} can't be used: {error}") from None


def require_private_files() -> None:
    """Refuse an installation that other users of this computer could read. Raises InstallationFault."""
    secrets_folder, keys_file = django_key_file().parent, database_file("keys")
    require_private([home(), secrets_folder])  # before what is in them, which could not be seen
    paths = sorted(secrets_folder.iterdir()) if secrets_folder.is_dir() else []
    if "WILLING_MASTER_KEY" not in os.environ:
        paths.append(Path(settings.MASTER_KEY_FILE))
    if keys_file is not None:
        paths += [keys_file.parent, keys_file, *(keys_file.with_name(keys_file.name + end) for end in SIDES)]
    require_private(paths)


SIDES = ("-wal", "-shm")


def require_installation(*, with_keys: bool = False) -> None:
    """Refuse to go on where a part of this installation is missing, wrong, or open to other users.

    with_keys: also where only the database of the keys is; a server starts without it, with faces off.
    Raises InstallationFault, which names the file.
    """
    main = require_main_database()
    require_secrets()
    _require_marked(main)
    if with_keys:
        fault = find_keys_fault(fresh=True)
        if fault:
            raise InstallationFault(fault)


def require_main_database() -> InstallationState:
    """Return what is known of the main database. Raises InstallationFault where it is missing."""
    main = inspect("default")
    if main.state is MarkState.ABSENT and not home().exists():
        raise InstallationFault(f"there is no installation in {home()}; run: willing init NAME")
    require_private_files()
    if main.state is MarkState.ABSENT:
        raise InstallationFault(
            f"the {NAMES['default']} {main.where} is missing or empty; put it back (docs/operate), or run "
            "`willing init` where there has never been one"
        )
    return main


def _require_marked(main: InstallationState) -> None:
    if main.state is MarkState.DAMAGED:
        raise InstallationFault(f"the {NAMES['default']} {main.where} can't be read: {main.detail}")
    if main.mark is None:
        raise InstallationFault(
            f"the {NAMES['default']} {main.where} was made by an earlier version; run: willing migrate"
        )
    if main.mark.master_check != master_check(main.mark.installation_id):
        raise InstallationFault(
            f"{master_key_name()} is not the master key of this installation; put the right one back"
        )


def master_key_name() -> str:
    """Return where the master key comes from, as a person can find it."""
    return "WILLING_MASTER_KEY" if "WILLING_MASTER_KEY" in os.environ else str(settings.MASTER_KEY_FILE)


def find_keys_fault(*, fresh: bool = False) -> str:
    """Return what is wrong with the database of the keys, naming its file; "" where nothing is.

    Asked with each use of a face, so an answer is kept for a few seconds while the file is the same one.
    fresh: look anew.
    """
    file = database_file("keys")
    if file is not None and not file.exists():
        return f"the {NAMES['keys']} {file} is missing; put it back"
    identity = (str(connections["keys"].settings_dict["NAME"]), _inode(file))
    kept = _examined.get("keys")
    if not fresh and kept and kept.identity == identity and kept.until > time.monotonic():
        return kept.fault
    fault = _examine_keys()
    _examined["keys"] = _Examined(identity, time.monotonic() + EXAMINED_FOR_SECONDS, fault)
    return fault


def reset_examined() -> None:
    """Let the database of the keys be examined anew at the next question."""
    _examined.clear()


@dataclass(frozen=True)
class _Examined:
    identity: tuple[str, int]
    until: float
    fault: str


_examined: dict[str, _Examined] = {}


def _inode(file: Path | None) -> int:
    return file.stat().st_ino if file is not None else 0


def _examine_keys() -> str:
    keys, main = inspect("keys"), inspect("default")
    if keys.state is MarkState.ABSENT:
        return f"the {NAMES['keys']} {keys.where} is empty; put it back"
    if keys.state is MarkState.DAMAGED:
        return f"the {NAMES['keys']} {keys.where} can't be read ({keys.detail}); put it back"
    if keys.mark is None or keys.mark != main.mark:
        return f"the {NAMES['keys']} {keys.where} is not this installation's; put the right one back"
    return ""
