"""A synchronous standby that is gone holds a sale for two seconds at most; then the server commits alone.

PostgreSQL itself waits for ever: a commit returns when the standby has it, however long that takes
(`synchronous_standby_names`, its manual, 26.2.8). A process watches for commits that wait too long, releases
them, and lets its next transactions wait for its own disk only. They wait for the standby again once it has
caught up. What was committed alone is lost if the server is lost before that, so both are in the log and on
Health.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

# A commit is released when it has waited for so long; with the time between two checks below two seconds.
WAIT_SECONDS_MAX = 1.25
CHECK_SECONDS = 0.25

Notify = Callable[[str, bool], object]

_EXPECTED = "SELECT current_setting('synchronous_standby_names') <> ''"
# Whose commits wait for the standby, and for how long they have; only those of Willing's own role.
_RELEASE = """
SELECT pg_cancel_backend(pid) FROM pg_stat_activity
WHERE wait_event = 'SyncRep' AND datname = current_database() AND usename = current_user
  AND query_start < clock_timestamp() - make_interval(secs => %s)
"""
# Empty where no standby that commits wait for follows this server.
_FOLLOWING = """
SELECT MAX(flush_lsn)::text FROM pg_stat_replication
WHERE sync_state IN ('sync', 'quorum') AND state = 'streaming'
"""
_END = "SELECT pg_current_wal_lsn()::text"
_HAS = "SELECT %s::pg_lsn >= %s::pg_lsn"
_MAY_SEE = "SELECT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')"

_alone: set[str] = set()
_lock = threading.Lock()


def commits_alone(alias: str) -> bool:
    """Say whether this process's transactions on a database wait for no standby now."""
    return alias in _alone


@dataclass(frozen=True)
class StandbyState:
    """How a server's standby is. expected: its commits wait for one. may_see: our role may read how it is."""

    expected: bool
    may_see: bool = True
    follows: bool = True


def standby_state(alias: str) -> StandbyState:
    """Return how the standby of a database is at this moment; of a database without one: not expected."""
    connection = connections[alias]
    if connection.vendor != "postgresql" or not _ask(connection, _EXPECTED):
        return StandbyState(expected=False)
    if not _ask(connection, _MAY_SEE):
        return StandbyState(expected=True, may_see=False, follows=False)
    return StandbyState(expected=True, follows=_ask(connection, _FOLLOWING) is not None)


class StandbyWatch:
    """Watches the standby of one database on PostgreSQL for this process, from one thread.

    notify: called with the alias, and whether this process commits alone from now on.
    """

    def __init__(self, alias: str, notify: Notify) -> None:
        self.alias, self.notify = alias, notify
        self._to_reach: str | None = None

    def check(self) -> None:
        """Release what has waited too long, or see whether the standby has caught up."""
        connection = connections[self.alias]
        connection.never_waits = True  # type: ignore[attr-defined] # our backend's (base.py)
        if commits_alone(self.alias):
            self._return_where_caught_up(connection)
        elif self._release(connection):
            self._be_alone()

    def _release(self, connection: BaseDatabaseWrapper) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(_RELEASE, [WAIT_SECONDS_MAX])
            return any(released for (released,) in cursor.fetchall())

    def _be_alone(self) -> None:
        with _lock:
            _alone.add(self.alias)
        self._to_reach = None
        self.notify(self.alias, True)

    def _return_where_caught_up(self, connection: BaseDatabaseWrapper) -> None:
        """Wait for the standby again once it has all that was there when it was first seen to follow."""
        if _ask(connection, _EXPECTED):
            reached = _ask(connection, _FOLLOWING)
            if reached is None:
                self._to_reach = None
                self._release(connection)  # what began before this process went on alone
                return
            self._to_reach = self._to_reach or str(_ask(connection, _END))
            if not _ask(connection, _HAS, str(reached), self._to_reach):
                return
        with _lock:
            _alone.discard(self.alias)
        self._to_reach = None
        self.notify(self.alias, False)


def _ask(connection: BaseDatabaseWrapper, sql: str, *parameters: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row = cursor.fetchone()
        return row[0] if row else None
