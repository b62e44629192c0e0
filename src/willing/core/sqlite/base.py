"""Django's SQLite backend, in which writers of a process wait for their turn before they ask for the lock.

It is below `transaction.atomic`, so it also covers what is not ours: sessions, sign-ins, migrations.
Transactions that only read (BEGIN DEFERRED) wait for nobody.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import OperationalError
from django.db.backends.sqlite3 import base

from willing.core.collation import add_collations
from willing.core.integrity import is_damage, mark_damaged
from willing.core.sqlite.schema import SchemaEditor
from willing.core.write_queue import DatabaseBusy, WriteQueue, WriteTurn, queue_of

WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that has a place in the line while it is inside a transaction that may write.

    The stubs leave out the methods that a backend may override, hence the ignores.
    """

    SchemaEditorClass = SchemaEditor
    transaction_mode: str | None
    _turn: WriteTurn | None = None
    _file: tuple[int, int] | None = None

    @property
    def write_queue(self) -> WriteQueue:
        """The line for the file that this connection is open on."""
        return queue_of(str(self.settings_dict["NAME"]))

    def get_connection_params(self) -> dict[str, Any]:
        """Return how to open the file; where it is missing that is a fault, and SQLite makes no empty one."""
        params = super().get_connection_params()
        params["database"] = f"{Path(params['database']).resolve().as_uri()}?mode=rw"
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Open the file, and remember which one it is."""
        self._file = _identity(self.settings_dict["NAME"])
        connection = super().get_new_connection(conn_params)
        add_collations(connection)
        return connection

    def close_if_unusable_or_obsolete(self) -> None:
        """Close a connection that must not be used again; called before and after each request.

        So is one whose file has been replaced or taken away. It would go on reading and writing what no name
        leads to any more: sales would be answered that nobody finds again.
        """
        if self.connection is not None and self._file != _identity(self.settings_dict["NAME"]):
            self.close()
        super().close_if_unusable_or_obsolete()

    def create_cursor(self, name: str | None = None) -> Any:  # noqa: ARG002  # Django's signature
        """Return a cursor that waits for its turn before a write outside a transaction."""
        cursor = self.connection.cursor(factory=_Cursor)
        cursor.file = str(self.settings_dict["NAME"])
        cursor.write_queue = self.write_queue
        return cursor

    def _start_transaction_under_autocommit(self) -> None:
        if self.transaction_mode in (None, "DEFERRED"):
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
            return
        self._turn = self.write_queue.enter()
        try:
            with _busy_by_name():
                super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._leave()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc] # where this fails, Django rolls back next
        self._leave()

    def _rollback(self) -> None:
        super()._rollback()  # type: ignore[misc] # where this fails, Django closes the connection next
        self._leave()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc] # SQLite takes back what was not committed
        finally:
            self._leave()

    def _leave(self) -> None:
        turn, self._turn = self._turn, None
        if turn is not None:
            self.write_queue.leave(turn)


class _Cursor(base.SQLiteCursorWrapper):
    """A cursor whose single writes, each a transaction of its own, wait in the same line."""

    file: str
    write_queue: WriteQueue

    def execute(self, query: str, params: Any = None) -> Any:
        """Run one statement."""
        try:
            if self.connection.in_transaction or not _is_write(query):
                return super().execute(query, params)
            with self._in_turn():
                return super().execute(query, params)
        except sqlite3.DatabaseError as error:
            self._remember_damage(error)
            raise

    def executemany(self, query: str, param_list: Any) -> Any:
        """Run one statement for each set of values."""
        try:
            if self.connection.in_transaction or not _is_write(query):
                return super().executemany(query, param_list)
            with self._in_turn():
                return super().executemany(query, param_list)
        except sqlite3.DatabaseError as error:
            self._remember_damage(error)
            raise

    def _remember_damage(self, error: sqlite3.DatabaseError) -> None:
        """Let Health report it at once: every sale may fail until someone acts (`core.integrity`)."""
        if is_damage(error):
            mark_damaged(self.file)

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        turn = self.write_queue.enter()
        try:
            with _busy_by_name():
                yield
        finally:
            self.write_queue.leave(turn)


def _identity(name: Any) -> tuple[int, int] | None:
    """Return which file a name leads to: device and inode; None where it leads to none."""
    try:
        found = os.stat(name)  # noqa: PTH116  # the name may be a text
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _is_write(query: str) -> bool:
    return query.lstrip()[:7].upper().startswith(WRITES)


@contextmanager
def _busy_by_name() -> Iterator[None]:
    """Raise DatabaseBusy where another process kept the lock longer than `timeout` (20 s)."""
    try:
        yield
    except (OperationalError, sqlite3.OperationalError) as error:
        cause = error.__cause__ if isinstance(error, OperationalError) else error
        if getattr(cause, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY:  # the rest says why
            raise
        raise DatabaseBusy("another process holds the database") from error
