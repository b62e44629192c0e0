"""The boundaries between a process's statements, at one of which it dies as by a power cut.

A boundary lies before every statement, before every commit and after it, and wherever `passed` is called.
What SQLite or PostgreSQL do inside one statement is theirs to prove.
"""

import os
import signal
from collections.abc import Callable
from typing import Any

from django.db import connections

Tell = Callable[[str], None]


class Boundaries:
    """Counts the boundaries that this process passes; at the one with the number `die_at` it kills itself.

    tell: gets the name of that boundary just before. die_at: from 1; None lives.
    """

    def __init__(self, die_at: int | None, tell: Tell) -> None:
        self.die_at, self.tell = die_at, tell
        self.count = 0

    def passed(self, name: str) -> None:
        """Pass a boundary, or die at it."""
        self.count += 1
        if self.count == self.die_at:
            self.tell(name)
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self) -> None:
        """Watch every database of this thread from now on."""
        for alias in connections:
            connection: Any = connections[alias]
            connection.execute_wrappers.append(self._before_statement)
            connection._commit = self._around_commit(alias, connection._commit)

    def _before_statement(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.passed(f"before {sql[:70]}")
        return execute(sql, params, many, context)

    def _around_commit(self, alias: str, commit: Callable[[], None]) -> Callable[[], None]:
        def committed() -> None:
            self.passed(f"before COMMIT of {alias}")
            commit()
            self.passed(f"after COMMIT of {alias}")

        return committed
