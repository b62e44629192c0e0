"""Spoil a page of an SQLite file, as a failing disk does."""

import sqlite3
from contextlib import closing
from pathlib import Path

from django.db import connections


def spoil_table(path: Path, table: str) -> None:
    """Overwrite the first page of a table with what is no page. Close its connections before."""
    connections.close_all()
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = file.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [table]).fetchone()
        (size,) = file.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as raw:
        raw.seek((page - 1) * size)
        raw.write(b"\xa5" * size)
