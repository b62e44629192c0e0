"""Read a database as it was in one moment, while others go on writing."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.db import connections, transaction


@contextmanager
def snapshot(using: str = "default") -> Iterator[None]:
    """Let everything that is read inside be of one moment. Nothing may be written inside.

    SQLite: a transaction that is only opened (DEFERRED), so that it waits for no writer and no writer for it;
    the write-ahead log grows while it lasts. PostgreSQL: REPEATABLE READ, READ ONLY.
    Raises RuntimeError inside another transaction, which may have read another moment already.
    """
    connection = connections[using]
    with ExitStack() as stack:
        with _deferred(connection):
            stack.enter_context(transaction.atomic(using=using, durable=True))
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


@contextmanager
def _deferred(connection: Any) -> Iterator[None]:
    """Let the transaction that is opened inside ask for no lock before it needs one (SQLite)."""
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    usual, connection.transaction_mode = connection.transaction_mode, "DEFERRED"
    try:
        yield
    finally:
        connection.transaction_mode = usual
