"""Whether a database can be read at all: its pages, not what they say.

SQLite looks at a page when it needs it, so a damaged one lies unseen until the sale that needs it. This looks
at all of them. What is not seen here: bytes inside a value. Those of the log are found by its hashes
(`audit.verifier`), those of the balances by the transfers (`ledger.queries`).
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connections

ALIASES = ("default", "keys")
NAMES = {"default": "the main database", "keys": "the keys database"}
FAULTS_MAX = 20
# SQLITE_CORRUPT and SQLITE_NOTADB; PostgreSQL's data_corrupted and index_corrupted.
_SQLITE_CODES = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_SQLSTATES = frozenset({"XX001", "XX002"})
_met: set[str] = set()


class DatabaseDamaged(Exception):
    """Pages of a database cannot be read, so nothing can be said about what they hold."""

    def __init__(self, alias: str, fault: str) -> None:
        super().__init__(
            f"{NAMES.get(alias, 'this database')} is damaged ({fault}): "
            "nothing can be said about what it holds. Stop the server and restore the newest copy"
        )


def check_integrity(alias: str) -> list[str]:
    """Return what is wrong with the pages of a database, at most FAULTS_MAX lines; nothing where all is well.

    SQLite: `PRAGMA quick_check`, which reads every page (about a second for 300 MB) and stops no writer.
    PostgreSQL: `amcheck` over every table and b-tree where the extension is installed and may be used; else
    nothing is checked (`how_checked`). The lines name tables and pages, never what a row holds.
    Raises DatabaseError where a copy (another alias than ALIASES) is no database at all.
    """
    connection = connections[alias]
    if connection.vendor == "sqlite" and alias in ALIASES:
        file = Path(connection.settings_dict["NAME"])
        if not file.exists():
            return [f"{file.name} is missing"]
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute(f"PRAGMA quick_check({FAULTS_MAX})")
                return _faults(cursor.fetchall())
            return _check_postgresql(cursor) if _has_amcheck(cursor) else []
    except DatabaseError as error:
        is_other_file = alias not in ALIASES and _sqlite_code(error) == sqlite3.SQLITE_NOTADB
        if is_other_file or not is_damage(error):
            raise
        return [_line(error)]


def mark_damaged(file: str) -> None:
    """Remember that this process met a page of an SQLite file that cannot be read."""
    _met.add(file)


def was_damage_met(alias: str) -> bool:
    """Say whether this process has met a page of a database that cannot be read, since it started."""
    return str(connections[alias].settings_dict["NAME"]) in _met


def check_connection(database: sqlite3.Connection) -> list[str]:
    """Return what is wrong with the pages that an open SQLite connection sees, as `check_integrity` does."""
    try:
        return _faults(database.execute(f"PRAGMA quick_check({FAULTS_MAX})").fetchall())
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return [_line(error)]


def how_checked(alias: str) -> str:
    """Return how `check_integrity` looks at a database: quick_check, amcheck, or nothing."""
    connection = connections[alias]
    if connection.vendor == "sqlite":
        return "quick_check"
    with connection.cursor() as cursor:
        return "amcheck" if _has_amcheck(cursor) else "nothing"


@contextmanager
def require_integrity(alias: str) -> Iterator[None]:
    """Check a database's pages before the block. Raises DatabaseDamaged, also for damage met inside it."""
    faults = check_integrity(alias)
    if faults:
        raise DatabaseDamaged(alias, faults[0])
    try:
        yield
    except DatabaseError as error:
        if not is_damage(error):
            raise
        raise DatabaseDamaged(alias, _line(error)) from error


def is_damage(error: BaseException) -> bool:
    """Say whether a database's error means that its file cannot be read."""
    return _sqlite_code(error) in _SQLITE_CODES or getattr(error.__cause__, "sqlstate", None) in _SQLSTATES


def _sqlite_code(error: BaseException) -> int:
    code: int = getattr(error.__cause__ or error, "sqlite_errorcode", 0)
    return code & 0xFF  # the rest says where it was met


def _faults(rows: list[tuple[str]]) -> list[str]:
    return [line for (text,) in rows for line in text.splitlines() if line != "ok"][:FAULTS_MAX]


def _line(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def _has_amcheck(cursor: Any) -> bool:
    cursor.execute(
        "SELECT count(*) FROM pg_proc JOIN pg_extension ON extname = 'amcheck' "
        "WHERE proname IN ('verify_heapam', 'bt_index_check') "
        "AND has_function_privilege(pg_proc.oid, 'execute')"
    )
    return bool(cursor.fetchone()[0] >= 2)


def _check_postgresql(cursor: Any) -> list[str]:
    cursor.execute(
        "SELECT c.relname, v.blkno, v.msg FROM pg_class c "
        "CROSS JOIN LATERAL verify_heapam(c.oid::regclass) v "
        "WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace LIMIT %s",
        [FAULTS_MAX],
    )
    faults = [f"{table}, page {page}: {text}" for table, page, text in cursor.fetchall()]
    cursor.execute(
        "SELECT bt_index_check(c.oid::regclass) FROM pg_class c JOIN pg_am a ON a.oid = c.relam "
        "WHERE a.amname = 'btree' AND c.relkind = 'i' AND c.relnamespace = current_schema()::regnamespace"
    )
    return faults
