"""A death by exception, at a boundary between two statements that is drawn before each request."""

from typing import Any

from django.db import connections
from tests.till.boundaries import Boundaries


class Killed(BaseException):
    """The process has died here. No handler of the code under test may catch it."""


class Kills(Boundaries):
    """Dies by exception, at the boundary that is drawn before each request."""

    def __init__(self) -> None:
        super().__init__(None, lambda _name: None)

    def leave(self) -> None:
        """Take the watch off every connection."""
        for alias in connections:
            connection: Any = connections[alias]
            connection.execute_wrappers.remove(self._before_statement)
            vars(connection).pop("_commit", None)

    def arm(self, die_at: int | None) -> None:
        """Die at this boundary from now on; None lives."""
        self.count, self.die_at = 0, die_at

    def passed(self, name: str) -> None:
        """Pass a boundary, or die at it."""
        self.count += 1
        if self.count == self.die_at:
            self.die_at = None
            raise Killed(name)
