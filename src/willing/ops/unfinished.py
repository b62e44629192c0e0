"""What a restore knows of what it replaces, kept in the home until it is finished.

The file keeps servers and commands from starting meanwhile (`core.running`), and lets a restore that was
broken off go on.
"""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connections

from willing.audit import journal
from willing.audit.journal_file import Journal, Position, read_marks
from willing.audit.origins import LastKnown
from willing.audit.verify.merkle import CompactRange
from willing.core.files import written_whole
from willing.core.running import unfinished_path
from willing.ops.replay import KnownBeforeRestore, Numbers

# What is asked of a database whose tables may be damaged; the same as the rooms tell the journal.
_HIGHEST = {
    "receipts": "SELECT school_id, last FROM till_receiptcounter",
    "pay_ins": "SELECT school_id, last FROM drawers_payincounter",
    "zs": "SELECT drawer_id, MAX(z_number) FROM drawers_drawersession WHERE z_number > 0 GROUP BY drawer_id",
}


def last_words() -> tuple[LastKnown | None, Numbers]:
    """Return the log's end and the highest numbers in the database being replaced, if it tells them."""
    path = Path(connections["default"].settings_dict["NAME"])
    if not path.exists():
        return None, {}
    try:
        with closing(sqlite3.connect(path)) as database:
            size, peaks = database.execute("SELECT sequence, peaks FROM audit_head WHERE id = 1").fetchone()
            numbers = {kind: _numbers(database, statement) for kind, statement in _HIGHEST.items()}
        root = CompactRange.from_bytes(size, peaks).root().hex()
    except (sqlite3.Error, TypeError, ValueError):
        return None, {}
    return LastKnown(size, root), numbers


def _numbers(database: sqlite3.Connection, statement: str) -> dict[str, int]:
    return {str(UUID(owner)): last for owner, last in database.execute(statement)}


def read_unfinished() -> dict[str, Any] | None:
    """Return what a broken-off restore knew, or None where there is none."""
    try:
        told: dict[str, Any] = json.loads(unfinished_path().read_bytes())
    except FileNotFoundError:
        return None
    return told


def resumed(begun: Mapping[str, Any], found: Journal | None) -> KnownBeforeRestore:
    """Return what a broken-off restore knew, to go on with it."""
    folder, position = journal.journal_folder(), begun["position"]
    return KnownBeforeRestore(
        restore_id=UUID(begun["restore"]),
        journal=found,
        marks=read_marks(folder) if folder else None,
        position=Position(*position) if position else None,
        is_copy=begun["is_copy"],
        is_main=begun["is_main"],
        with_keys=begun["with_keys"],
        signed=[LastKnown(*one) for one in begun["ends"]],
        numbers=begun["numbers"],
    )


def note_unfinished(known: KnownBeforeRestore, *, is_in_place: bool) -> None:
    """Keep everyone else out until this restore is finished, and know it again when it is broken off."""
    ends = [*known.signed, *([known.replaced] if known.replaced else [])]
    told = {
        "restore": str(known.restore_id),
        "is_in_place": is_in_place,
        "with_keys": known.with_keys,
        "is_copy": known.is_copy,
        "is_main": known.is_main,
        "position": [known.position.number, known.position.check] if known.position else None,
        "ends": [[one.size, one.root] for one in ends],
        "numbers": known.numbers,
    }
    with written_whole(unfinished_path()) as file:
        file.write(json.dumps(told).encode())
