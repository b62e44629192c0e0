"""Which installation this is, and whether everything that it is made of is there.

Set-up gives an installation an id, and writes it into both databases with a check value of the master key.
Nothing else ever makes a database or a secret: one that was made anew in silence would fit nothing that the
old one sealed, and the nightly job would take every template for one whose key was destroyed.
"""

import contextlib
import os
import time
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connections

from willing.audit import signing
from willing.core.errors import InstallationFault
from willing.core.ids import new_id
from willing.core.models import Installation
from willing.core.modes import require_private
from willing.core.paths import DJANGO_KEY_BYTES, create_secret, django_key_file, home, read_secret
from willing.keys.errors import MasterKeyWrong
from willing.keys.master import keyed_digest, unwrap
from willing.keys.models import GallerySecret, KeysInstallation, PersonKey

MARKS: dict[str, type[Installation] | type[KeysInstallation]] = {
    "default": Installation,
    "keys": KeysInstallation,
}
NAMES = {"default": "main database", "keys": "database of the keys"}
# A server that lost its keys notices at the latest then; a missing or replaced file it notices at once.
EXAMINED_FOR_SECONDS = 5.0


class State(Enum):
    """What became of a database: nothing is there, no mark is in it, it has one, or it can't be read."""

    ABSENT = "absent"
    UNMARKED = "unmarked"
    MARKED = "marked"
    DAMAGED = "damaged"


@dataclass(frozen=True)
class Mark:
    """Which installation a database says that it belongs to."""

    installation_id: UUID
    master_check: str


@dataclass(frozen=True)
class Found:
    """What is known of one database. where: its file, or its name on the server."""

    state: State
    where: str
    mark: Mark | None = None
    detail: str = ""


def database_file(alias: str) -> Path | None:
    """Return the file of a database; None on PostgreSQL."""
    connection = connections[alias]
    if connection.vendor != "sqlite":
        return None
    return Path(connection.settings_dict["NAME"])


def inspect(alias: str) -> Found:
    """Look at one database without making or changing anything."""
    file = database_file(alias)
    where = str(file or f"{connections[alias].settings_dict['NAME']} (PostgreSQL)")
    if file is not None and (not file.exists() or file.stat().st_size == 0):
        return Found(State.ABSENT, where)
    table = MARKS[alias]._meta.db_table  # noqa: SLF001  # Django's own name for it
    try:
        tables = connections[alias].introspection.table_names()
        row = MARKS[alias].objects.using(alias).first() if table in tables else None
    except (DatabaseError, ValueError) as error:
        connections[alias].close()
        return Found(State.DAMAGED, where, detail=str(error).strip())
    if row is not None:
        return Found(State.MARKED, where, Mark(row.installation_id, row.master_check))
    return Found(State.UNMARKED if tables else State.ABSENT, where)


def _has_rows() -> bool:
    """Say whether an installation of an earlier version, which had no mark, is here."""
    return _count("default", "people_school") > 0 or _count("keys", PersonKey._meta.db_table) > 0  # noqa: SLF001


def _count(alias: str, table: str) -> int:
    if inspect(alias).state is State.ABSENT:
        return 0
    connection = connections[alias]
    if table not in connection.introspection.table_names():
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608  # a constant
        return int(cursor.fetchone()[0])


def set_up() -> None:
    """Make a new installation: folders, secrets, both databases with their tables and their mark.

    Broken off, it goes on when called again; of one that is here already it only updates the tables. Raises
    InstallationFault.
    """
    migrate(is_new=begin_set_up())
    finish_set_up()


def migrate(*, is_new: bool = False) -> None:
    """Bring the tables of both databases up to date; lost keys are not made anew."""
    call_command("migrate", verbosity=0, interactive=False)
    if is_new or inspect("keys").state in (State.MARKED, State.UNMARKED):
        # Only its own room's: going through all others' for nothing takes seconds.
        call_command("migrate", "keys", database="keys", verbosity=0, interactive=False)


def begin_set_up() -> bool:
    """Make folders, secrets and empty databases for a new installation; what a broken-off run made is kept.

    Return False where one is here already; nothing is made then. Raises InstallationFault where only parts of
    one are here: what is missing must be put back, not replaced.
    """
    main, keys = inspect("default"), inspect("keys")
    if main.state is State.MARKED:
        require_installation()
        return False
    for found in (main, keys):
        if found.state is State.DAMAGED:
            raise InstallationFault(f"{found.where} is there and can't be read: {found.detail}")
    if keys.state is State.MARKED or _has_rows():
        raise InstallationFault(
            f"parts of an installation are here ({keys.where}), but its {NAMES['default']} {main.where} is "
            "missing or was made by an earlier version: put it back, then run `willing migrate`"
        )
    home().mkdir(parents=True, exist_ok=True, mode=0o700)
    require_private([home()])
    make_secrets()
    for alias in MARKS:
        file = database_file(alias)
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with contextlib.suppress(FileExistsError):
                os.close(os.open(file, os.O_CREAT | os.O_EXCL, 0o600))
    return True


def make_secrets() -> None:
    """Make the secrets that are not there yet. Only set-up calls this."""
    create_secret(django_key_file(), length_bytes=DJANGO_KEY_BYTES)
    signing.make_key()
    if "WILLING_MASTER_KEY" not in os.environ:
        create_secret(settings.MASTER_KEY_FILE)


def finish_set_up() -> None:
    """Mark both databases, once their tables are there, as one new installation's. Twice changes nothing."""
    if _count("default", "people_school") == 0:
        _mark_both()


def _mark_both() -> None:
    found = inspect("default").mark
    if found is None:
        installation_id = new_id()
        found = Mark(installation_id, master_check(installation_id))
        _mark("default", found)
    if inspect("keys").state is State.UNMARKED:
        _mark("keys", found)


def _mark(alias: str, mark: Mark) -> None:
    MARKS[alias].objects.using(alias).create(
        installation_id=mark.installation_id, master_check=mark.master_check
    )


def master_check(installation_id: UUID) -> str:
    """Return the check value of this installation's master key for an id."""
    return keyed_digest("installation", str(installation_id))


def adopt() -> bool:
    """Mark an installation that an earlier version made. Return whether there was one to mark.

    Only `willing migrate` calls this, and only where both databases have their tables: an earlier version may
    have made a lost one anew in silence, so the keys must open with the master key, and a signing key that
    has signed must be there. Raises InstallationFault.
    """
    main, keys = inspect("default"), inspect("keys")
    if main.state is State.MARKED and (keys.state is not State.UNMARKED or not _has_keys()):
        return False  # marked already; or keys that are lost, or were made anew, which only a restore mends
    if keys.state is not State.UNMARKED:
        raise InstallationFault(f"the {NAMES['keys']} {keys.where} is {keys.state.value}; put it back first")
    if not signing.key_path().exists() and _count("default", "audit_signedcheckpoint") == 0:
        signing.make_key()  # an earlier version made it at its first signature
    require_secrets()
    _require_keys_open()
    _mark_both()
    _examined.clear()
    return True


def _has_keys() -> bool:
    return PersonKey.objects.exists() or GallerySecret.objects.exists()


def _require_keys_open() -> None:
    key, secret = PersonKey.objects.first(), GallerySecret.objects.first()
    try:
        if key is not None:
            unwrap(bytes(key.wrapped), f"{key.id}:{key.person_id}")
        if secret is not None:
            unwrap(bytes(secret.wrapped), f"gallery:{secret.id}")
    except MasterKeyWrong:
        raise InstallationFault(
            f"{_master_key_name()} does not open the keys in {inspect('keys').where}: put the right one back"
        ) from None


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
    paths = [home(), secrets_folder, *(sorted(secrets_folder.iterdir()) if secrets_folder.is_dir() else [])]
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


def require_main_database() -> Found:
    """Return what is known of the main database. Raises InstallationFault where it is missing."""
    main = inspect("default")
    if main.state is State.ABSENT and not home().exists():
        raise InstallationFault(f"there is no installation in {home()}; run: willing init NAME")
    require_private_files()
    if main.state is State.ABSENT:
        raise InstallationFault(
            f"the {NAMES['default']} {main.where} is missing or empty; put it back (docs/operate), or run "
            "`willing init` where there has never been one"
        )
    return main


def _require_marked(main: Found) -> None:
    if main.state is State.DAMAGED:
        raise InstallationFault(f"the {NAMES['default']} {main.where} can't be read: {main.detail}")
    if main.mark is None:
        raise InstallationFault(
            f"the {NAMES['default']} {main.where} was made by an earlier version; run: willing migrate"
        )
    if main.mark.master_check != master_check(main.mark.installation_id):
        raise InstallationFault(
            f"{_master_key_name()} is not the master key of this installation; put the right one back"
        )


def _master_key_name() -> str:
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
    if keys.state is State.ABSENT:
        return f"the {NAMES['keys']} {keys.where} is empty; put it back"
    if keys.state is State.DAMAGED:
        return f"the {NAMES['keys']} {keys.where} can't be read ({keys.detail}); put it back"
    if keys.mark is None or keys.mark != main.mark:
        return f"the {NAMES['keys']} {keys.where} is not this installation's; put the right one back"
    return ""
