"""Make an installation, bring its tables up to date, and mark both databases as its own.

Nothing else makes a database or a secret.
"""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from willing.audit import signing
from willing.core.errors import InstallationFault
from willing.core.ids import new_id
from willing.core.modes import require_private
from willing.core.paths import DJANGO_KEY_BYTES, create_secret, django_key_file, home, secrets_folder
from willing.core.running import lock_path
from willing.keys.errors import MasterKeyWrong
from willing.keys.installation import master_key_name, require_installation, require_secrets, reset_examined
from willing.keys.marks import (
    MARKS,
    NAMES,
    InstallationClaim,
    MarkState,
    database_file,
    inspect,
    master_check,
)
from willing.keys.master import unwrap
from willing.keys.models import GallerySecret, PersonKey


def _has_rows() -> bool:
    """Say whether an installation of an earlier version, which had no mark, is here."""
    return _count("default", "people_school") > 0 or _count("keys", PersonKey._meta.db_table) > 0  # noqa: SLF001


def _count(alias: str, table: str) -> int:
    if inspect(alias).state is MarkState.ABSENT:
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


# In the home from the first to the last thing that a set-up of an empty home makes.
UNFINISHED = "set-up.unfinished"


def set_up_where_nothing_is(begins: Callable[[], None] = lambda: None) -> bool:
    """Make a new installation where not one part of one is, or where this was broken off before.

    Return False, and make nothing, in every other case: a whole installation is opened, and of one that lacks
    a part `require_installation` names what is missing. begins: called first where one is made, which takes
    seconds. Raises InstallationFault.
    """
    unfinished = home() / UNFINISHED
    if not unfinished.exists() and _has_a_part():
        return False
    home().mkdir(parents=True, exist_ok=True, mode=0o700)
    if {one.name for one in home().iterdir()} <= {UNFINISHED, lock_path().name}:
        home().chmod(
            0o700
        )  # a folder that someone made for this; `set_up` refuses one with other things in it
    unfinished.touch(mode=0o600)
    begins()
    set_up()
    unfinished.unlink()
    return True


def _has_a_part() -> bool:
    """Say whether anything of an installation is here: a database, a secret."""
    secrets = secrets_folder()
    master = Path(settings.MASTER_KEY_FILE)
    is_secret_here = (secrets.is_dir() and any(secrets.iterdir())) or master.exists()
    return is_secret_here or any(inspect(alias).state is not MarkState.ABSENT for alias in MARKS)


def migrate(*, is_new: bool = False) -> None:
    """Bring the tables of both databases up to date; lost keys are not made anew.

    Raises InstallationFault.
    """
    update_tables("default")
    if is_new or inspect("keys").state in (MarkState.MARKED, MarkState.UNMARKED):
        update_tables("keys")


def update_tables(alias: str) -> None:
    """Bring one database's tables to this version.

    Raises InstallationFault where it has taken steps that this version does not know: a later version made
    it, or an unreleased copy, and what the steps here would do to its tables nobody knows.
    """
    unknown = unknown_steps(alias)
    if unknown:
        raise InstallationFault(
            f"{inspect(alias).where} was made by another version of Willing: {len(unknown)} of its steps are "
            f"not known here, {unknown[-1]} among them. Use that version; nothing was changed"
        )
    # Of the keys' only their own room's: going through all others' for nothing takes seconds.
    rooms = ["keys"] if alias == "keys" else []
    # Where no step is left, Django would still build every model as it was at each step, at every start.
    executor = MigrationExecutor(connections[alias])
    last = [node for node in executor.loader.graph.leaf_nodes() if not rooms or node[0] in rooms]
    if executor.migration_plan(last):
        call_command("migrate", *rooms, database=alias, verbosity=0, interactive=False)


def unknown_steps(alias: str) -> list[str]:
    """Return the steps of Willing's own rooms that a database has taken and this version does not have.

    A database that is missing or can't be read has taken none; others name it.
    """
    if inspect(alias).state in (MarkState.ABSENT, MarkState.DAMAGED):
        return []
    known = MigrationLoader(None).disk_migrations
    replaced = {step for migration in known.values() for step in migration.replaces}
    rooms = {one.label for one in apps.get_app_configs() if one.name.startswith("willing.")}
    taken = MigrationRecorder(connections[alias]).applied_migrations().keys() - known.keys() - replaced
    return sorted(f"{room} {name}" for room, name in taken if room in rooms)


def begin_set_up() -> bool:
    """Make folders, secrets and empty databases for a new installation; what a broken-off run made is kept.

    Return False where one is here already; nothing is made then. Raises InstallationFault where only parts of
    one are here: what is missing must be put back, not replaced.
    """
    main, keys = inspect("default"), inspect("keys")
    if main.state is MarkState.MARKED:
        require_installation()
        return False
    for found in (main, keys):
        if found.state is MarkState.DAMAGED:
            raise InstallationFault(f"{found.where} is there and can't be read: {found.detail}")
    if keys.state is MarkState.MARKED or _has_rows():
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
        found = InstallationClaim(installation_id, master_check(installation_id))
        _mark("default", found)
    if inspect("keys").state is MarkState.UNMARKED:
        _mark("keys", found)


def _mark(alias: str, mark: InstallationClaim) -> None:
    MARKS[alias].objects.using(alias).create(
        installation_id=mark.installation_id, master_check=mark.master_check
    )


def adopt() -> bool:
    """Mark an installation that an earlier version made. Return whether there was one to mark.

    Only `willing migrate` calls this, and only where both databases have their tables: an earlier version may
    have made a lost one anew in silence, so the keys must open with the master key, and a signing key that
    has signed must be there. Raises InstallationFault.
    """
    main, keys = inspect("default"), inspect("keys")
    if main.state is MarkState.MARKED and (keys.state is not MarkState.UNMARKED or not _has_keys()):
        return False  # marked already; or keys that are lost, or were made anew, which only a restore mends
    if keys.state is not MarkState.UNMARKED:
        raise InstallationFault(f"the {NAMES['keys']} {keys.where} is {keys.state.value}; put it back first")
    if not signing.key_path().exists() and _count("default", "audit_signedcheckpoint") == 0:
        signing.make_key()  # an earlier version made it at its first signature
    require_secrets()
    _require_keys_open()
    _mark_both()
    reset_examined()
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
            f"{master_key_name()} does not open the keys in {inspect('keys').where}: put the right one back"
        ) from None
