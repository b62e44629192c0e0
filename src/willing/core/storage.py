"""A disk that is full, read-only or failing, and a damaged database: not mistaken for a bug, and named.

Nothing of the transaction was written. Asking again under the same key charges once.
"""

import logging
import sqlite3

from django.db import DatabaseError, OperationalError
from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused
from willing.core.integrity import is_damage

RETRY_AFTER_SECONDS = 30  # someone has to make room first

# Primary result codes of SQLite (the low byte), and SQLSTATEs of PostgreSQL (its manual, appendix A).
_NOT_WRITABLE: frozenset[int | str] = frozenset(
    {
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        "53100",  # disk_full
        "58030",  # io_error
        "25006",  # read_only_sql_transaction
    }
)

_UNREACHABLE = ("08", "57P")

log = logging.getLogger("willing.storage")


def database_not_writable() -> Refused:
    """The database takes no more writes: the disk is full, read-only or failing."""
    return Refused(
        "database_not_writable",
        _("The school's computer cannot save anything now. Nothing was charged. Please tell the operator."),
    )


def database_damaged() -> Refused:
    """The database's files are not what was written."""
    return Refused(
        "database_damaged",
        _(
            "The school's data is damaged and has to be restored. Nothing was charged. "
            "Please tell the operator."
        ),
    )


def database_not_reachable() -> Refused:
    """The database's server is gone, restarting, or changing places with its standby."""
    return Refused(
        "database_not_reachable",
        _("The school's database does not answer. Please try again: nothing is charged twice."),
    )


def find_refusal(error: BaseException | None) -> Refused | None:
    """Return the refusal that a database error stands for, and log it; None for every other error.

    It may lie behind another one: of a session that cannot be saved, Django says that it was deleted.
    """
    while error is not None:
        refusal = _refusal(error) if isinstance(error, DatabaseError) else None
        if refusal is not None:
            log.error("%s: %s", refusal.code, error)
            return refusal
        error = error.__cause__ or error.__context__
    return None


def _refusal(error: DatabaseError) -> Refused | None:
    if is_damage(error):
        return database_damaged()
    if _is_unreachable(error):
        return database_not_reachable()
    return database_not_writable() if _code(error) in _NOT_WRITABLE else None


def _is_unreachable(error: DatabaseError) -> bool:
    """Say whether PostgreSQL closed or refused the line: class 08, a shutdown (57P), or no answer at all."""
    cause = error.__cause__
    if not type(cause).__module__.startswith("psycopg"):
        return False
    code = getattr(cause, "sqlstate", None)
    return str(code).startswith(_UNREACHABLE) if code else isinstance(error, OperationalError)


def _code(error: DatabaseError) -> int | str | None:
    cause = error.__cause__
    sqlite_code = getattr(cause, "sqlite_errorcode", None)
    return sqlite_code & 0xFF if sqlite_code is not None else getattr(cause, "sqlstate", None)
