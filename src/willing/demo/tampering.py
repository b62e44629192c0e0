"""What a person with the database's file could do to the log, done to a copy, and what the verifier finds."""

import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

from willing.audit.models import Entry
from willing.audit.verify_entry import LogFault
from willing.audit.verify_kept import verify_copy


@dataclass(frozen=True)
class Altered:
    """The entry that was altered, and the faults that were found."""

    sequence: int
    faults: tuple[LogFault, ...]


def alter_a_copy() -> Altered | None:
    """Change the sum of the newest sale in a copy of the log and verify it; None where it is no file."""
    if connection.vendor != "sqlite":
        return None
    with tempfile.TemporaryDirectory(dir=settings.HOME) as scratch:
        copy = Path(scratch) / "copy.sqlite3"
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(copy)])
        sequence = Entry.objects.filter(event="sale.settled").order_by("-sequence")[0].sequence
        _alter(copy, sequence)
        return Altered(sequence, tuple(verify_copy(copy).faults))


def _alter(copy: Path, sequence: int) -> None:
    """Drop the trigger that is in the way, and forge one entry."""
    with closing(sqlite3.connect(copy)) as database, database:
        database.execute("DROP TRIGGER audit_entry_no_update")
        row = database.execute("SELECT hashed FROM audit_entry WHERE sequence = ?", (sequence,)).fetchone()
        forged = bytes(row[0]).replace(b'"total":', b'"total":9')
        database.execute("UPDATE audit_entry SET hashed = ? WHERE sequence = ?", (forged, sequence))
