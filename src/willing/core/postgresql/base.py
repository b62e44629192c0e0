"""Django's PostgreSQL backend, in which every transaction waits for the standby, or does not any more.

It is below `transaction.atomic`, so it also covers what is not ours: sessions, sign-ins, migrations.
"""

from typing import Any

from django.db.backends.postgresql import base

from willing.core.postgresql import standby


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that follows what this process has decided about its database's standby.

    The stubs leave out the methods that a backend may override, hence the ignores.
    """

    # True for those who release others: nobody would release them.
    never_waits = False
    _is_alone = False

    def get_new_connection(self, conn_params: Any) -> Any:
        """Connect; a new connection waits as the server is configured to."""
        self._is_alone = False
        return super().get_new_connection(conn_params)

    def create_cursor(self, name: str | None = None) -> Any:
        """Return a cursor; a write outside a transaction waits no longer than one inside."""
        if self.autocommit:
            self._follow()
        return super().create_cursor(name)

    def _set_autocommit(self, autocommit: bool) -> None:
        if not autocommit:
            self._follow()  # before the transaction opens, so that a rollback does not undo it
        super()._set_autocommit(autocommit)  # type: ignore[misc]

    def _follow(self) -> None:
        is_alone = self.never_waits or standby.commits_alone(self.alias)
        if is_alone != self._is_alone:
            self.connection.execute(
                "SET synchronous_commit TO local" if is_alone else "RESET synchronous_commit"
            )
            self._is_alone = is_alone
