"""Which installation each of the two databases says that it belongs to.

Set-up gives an installation an id, and writes it into both with a check value of the master key.
"""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connections

from willing.core.models import Installation
from willing.keys.master import keyed_digest
from willing.keys.models import KeysInstallation

MARKS: dict[str, type[Installation] | type[KeysInstallation]] = {
    "default": Installation,
    "keys": KeysInstallation,
}


NAMES = {"default": "main database", "keys": "database of the keys"}


class MarkState(Enum):
    """What became of a database: nothing is there, no mark is in it, it has one, or it can't be read."""

    ABSENT = "absent"
    UNMARKED = "unmarked"
    MARKED = "marked"
    DAMAGED = "damaged"


@dataclass(frozen=True)
class InstallationClaim:
    """Which installation a database says that it belongs to."""

    installation_id: UUID
    master_check: str


@dataclass(frozen=True)
class InstallationState:
    """What is known of one database. where: its file, or its name on the server."""

    state: MarkState
    where: str
    mark: InstallationClaim | None = None
    detail: str = ""


def database_file(alias: str) -> Path | None:
    """Return the file of a database; None on PostgreSQL."""
    connection = connections[alias]
    if connection.vendor != "sqlite":
        return None
    return Path(connection.settings_dict["NAME"])


def inspect(alias: str) -> InstallationState:
    """Look at one database without making or changing anything."""
    file = database_file(alias)
    where = str(file or f"{connections[alias].settings_dict['NAME']} (PostgreSQL)")
    if file is not None and (not file.exists() or file.stat().st_size == 0):
        return InstallationState(MarkState.ABSENT, where)
    if (row := _marked(alias)) is not None:
        return InstallationState(
            MarkState.MARKED, where, InstallationClaim(row.installation_id, row.master_check)
        )
    table = MARKS[alias]._meta.db_table  # noqa: SLF001  # Django's own name for it
    try:
        tables = connections[alias].introspection.table_names()
        row = MARKS[alias].objects.using(alias).first() if table in tables else None
    except (DatabaseError, ValueError) as error:
        connections[alias].close()
        return InstallationState(MarkState.DAMAGED, where, detail=str(error).strip())
    if row is not None:
        return InstallationState(
            MarkState.MARKED, where, InstallationClaim(row.installation_id, row.master_check)
        )
    return InstallationState(MarkState.UNMARKED if tables else MarkState.ABSENT, where)


def _marked(alias: str) -> Any:
    """Return the mark as it nearly always is; None where there is none or it can't be read, to look closer.

    On PostgreSQL a table that is missing would spoil an open transaction, so there it is looked up first.
    """
    if connections[alias].vendor != "sqlite":
        return None
    try:
        return MARKS[alias].objects.using(alias).first()
    except (DatabaseError, ValueError):
        return None


def master_check(installation_id: UUID) -> str:
    """Return the check value of this installation's master key for an id."""
    return keyed_digest("installation", str(installation_id))
