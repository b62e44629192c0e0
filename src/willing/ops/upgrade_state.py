"""The databases as they were before an upgrade, and how far it has come. No Django: either version reads it.

`$WILLING_HOME/upgrade.json` names the two versions and the folder with the databases as they were. Its phase
is "switching" from the copy on, "upgraded" once all was checked, and " ""rolling_back" from the moment that
an upgrade is being taken back: the earlier version, when it starts, finishes that.
"""

import json
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from willing.core.files import sync_folder, written_whole
from willing.core.paths import home
from willing.core.running import own_installation, release_installation
from willing.ops.upgrade_rules import first_lost

SWITCHING, UPGRADED, ROLLING_BACK = "switching", "upgraded", "rolling_back"
SNAPSHOT = "upgrade-"
PLACES = {"default": Path("willing.sqlite3"), "keys": Path("keys") / "keys.sqlite3"}
KEPT_SECONDS = 7 * 24 * 3600
LOGS = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Upgrade:
    """One upgrade.

    log_size: entries of the log before it. with_keys: it changed the form of the keys' database.
    """

    phase: str
    before: str
    after: str
    snapshot: str
    log_size: int
    with_keys: bool = False

    @property
    def folder(self) -> Path:
        """Return where the databases are as they were."""
        return home() / self.snapshot


def path() -> Path:
    """Return the file that says how far an upgrade has come."""
    return home() / "upgrade.json"


def read() -> Upgrade | None:
    """Return the last upgrade, or None where there was none.

    Raises ValueError for a file that is no such thing.
    """
    try:
        found: dict[str, Any] = json.loads(path().read_text())
    except FileNotFoundError:
        return None
    return Upgrade(**found)


def write(upgrade: Upgrade) -> None:
    """Keep how far it has come."""
    with written_whole(path()) as file:
        file.write(json.dumps(asdict(upgrade)).encode())


def enter(phase: str) -> None:
    """Note that the upgrade has come to a phase."""
    upgrade = read()
    assert upgrade is not None
    write(replace(upgrade, phase=phase))


def take_snapshot(before: str, after: str, stamp: str) -> Upgrade:
    """Copy both databases beside themselves.

    Nothing else may be at work here. Raises OSError, sqlite3.Error.
    """
    drop()
    folder = home() / f"{SNAPSHOT}{stamp}"
    folder.mkdir(mode=0o700)
    for place in PLACES.values():
        if (home() / place).exists():
            with (
                closing(_open(home() / place)) as source,
                closing(sqlite3.connect(folder / place.name)) as target,
            ):
                source.backup(target)
            (folder / place.name).chmod(0o600)
    sync_folder(folder)
    main = folder / PLACES["default"].name
    upgrade = Upgrade(SWITCHING, before, after, folder.name, log_size(main))
    write(upgrade)
    return upgrade


def _open(database: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{database}?mode=rw", uri=True)


def events_since(size: int) -> Iterator[str]:
    """Yield each event once that the log has after its first `size` entries, in their order."""
    with closing(_open(home() / PLACES["default"])) as opened:
        for (event,) in opened.execute(
            "SELECT event FROM audit_entry WHERE sequence > ? GROUP BY event ORDER BY min(sequence)", [size]
        ):
            yield str(event)


def log_size(database: Path) -> int:
    """Return how many entries the log in a main database has."""
    with closing(_open(database)) as opened:
        return int(opened.execute("SELECT coalesce(max(sequence), 0) FROM audit_entry").fetchone()[0])


def form_of_keys(database: Path) -> list[str]:
    """Return the steps that the keys' database has taken."""
    if not database.exists():
        return []
    with closing(_open(database)) as opened:
        rows = opened.execute("SELECT app, name FROM django_migrations ORDER BY app, name").fetchall()
    return [f"{app} {name}" for app, name in rows]


def settle() -> Upgrade:
    """Note that all was checked.

    From here on no earlier state of the keys is kept: a key that is destroyed is gone.
    """
    upgrade = read()
    assert upgrade is not None
    kept = upgrade.folder / PLACES["keys"].name
    with_keys = kept.exists() and form_of_keys(kept) != form_of_keys(home() / PLACES["keys"])
    upgrade = replace(upgrade, phase=UPGRADED, with_keys=with_keys)
    write(upgrade)
    kept.unlink(missing_ok=True)
    return upgrade


def has_snapshot(upgrade: Upgrade) -> bool:
    """Say whether the main database is still there as it was."""
    return (upgrade.folder / PLACES["default"].name).exists()


def forget_snapshot() -> None:
    """Keep the main database as it was no longer, once an upgrade cannot be taken back, or for a week."""
    upgrade = read()
    if upgrade is None or upgrade.phase != UPGRADED or not has_snapshot(upgrade):
        return
    age_seconds = time.time() - path().stat().st_mtime
    if age_seconds > KEPT_SECONDS or first_lost(events_since(upgrade.log_size)) is not None:
        shutil.rmtree(upgrade.folder)


def finish_rollback(version: str) -> bool:
    """Put the databases back where that was broken off, and this is the version whose they are.

    Return whether it was. Raises InstallationBusy where another process is at work here.
    """
    upgrade = read()
    if upgrade is None or upgrade.phase != ROLLING_BACK or upgrade.before != version:
        return False
    own_installation()
    try:
        put_back()
    finally:
        release_installation()
    return True


def put_back() -> None:
    """Put the databases back as they were.

    Killed, it goes on when called again; nothing else may be at work here.
    """
    upgrade = read()
    assert upgrade is not None
    assert upgrade.phase == ROLLING_BACK
    for place in PLACES.values():
        kept, there = upgrade.folder / place.name, home() / place
        if kept.exists():
            # A log that outlived its database would be replayed over what is put in its place.
            for log in LOGS:
                there.with_name(f"{there.name}{log}").unlink(missing_ok=True)
            sync_folder(there.parent)
            kept.replace(there)
            sync_folder(there.parent)
    drop()


def drop() -> None:
    """Keep no earlier state any more."""
    path().unlink(missing_ok=True)
    sync_folder(home())
    for folder in home().glob(f"{SNAPSHOT}*/"):
        shutil.rmtree(folder)
