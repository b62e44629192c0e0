"""A connection to PostgreSQL that outlives the test: to open one took longer than most tests."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

# As a new connection finds them: what a session has set, locked, listens to or keeps in tables of its own.
_SET_BACK = "RESET ALL; SELECT pg_advisory_unlock_all(); UNLISTEN *; DISCARD TEMP; CLOSE ALL; DEALLOCATE ALL"
# Who stays has to hand its counts in when it is asked to (tests.support.refilled).
_COUNT = "SELECT pg_stat_force_next_flush()"
COUNTS_SINCE = 150_000


class KeptOpen:
    """What one of Django's connections of this thread had open, for when it connects again.

    Django itself closes and connects as ever, and so begins each test with the state that it begins with.
    """

    def __init__(self, wrapper: BaseDatabaseWrapper) -> None:
        self._wrapper, self._connect = wrapper, wrapper.get_new_connection
        self._parameters: dict[str, Any] = {}
        self._opened_with: dict[str, Any] = {}
        self._kept: Any = None
        wrapper.get_new_connection = self._get_new_connection  # type: ignore[method-assign,assignment]

    @property
    def pid(self) -> int:
        """The server's number of the connection that is kept, 0 where there is none."""
        return 0 if self._kept is None else int(self._kept.info.backend_pid)

    def _get_new_connection(self, parameters: dict[str, Any]) -> Any:
        kept, self._kept = self._kept, None
        if kept is not None and parameters == self._opened_with and not kept.closed:
            self._parameters = self._opened_with
            vars(self._wrapper)["_is_alone"] = False  # as our own backend begins with a new connection
            return kept
        if kept is not None:
            kept.close()
        self._parameters = dict(parameters)
        return self._connect(parameters)

    def keep(self, name: str) -> None:
        """Put aside what is open to the database `name`, where a new connection would be no other."""
        opened = self._wrapper.connection
        if (
            opened is None
            or opened.closed
            or opened.info.transaction_status
            or opened.info.dbname != name
            or opened.info.server_version < COUNTS_SINCE
            or self._wrapper.closed_in_transaction
        ):
            return
        self.close()
        opened.execute(_SET_BACK)
        opened.execute(_COUNT)
        self._kept, self._opened_with = opened, self._parameters
        self._wrapper.connection = None

    def close(self) -> None:
        """Keep nothing any more."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None
