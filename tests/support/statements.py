"""Count what a piece of work asks of the databases: every statement, those of transactions too."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.db import connections
from django.test.utils import CaptureQueriesContext


class Statements:
    """What was asked of both databases, in order within each.

    BEGIN, COMMIT, SAVEPOINT and RELEASE count like any other statement: each is a journey to the database.
    """

    def __init__(self, captured: list[CaptureQueriesContext]) -> None:
        self._captured = captured

    @property
    def asked(self) -> list[str]:
        """The statements."""
        return [str(one["sql"]) for captured in self._captured for one in captured.captured_queries]

    def __len__(self) -> int:
        return len(self.asked)

    def summary(self) -> str:
        """Return the statements with how often each came, for a test that fails."""
        counted = Counter(sql[:160] for sql in self.asked)
        return "\n".join(f"{count:4} {sql}" for sql, count in counted.most_common())


@contextmanager
def statements() -> Iterator[Statements]:
    """Count every statement inside the block, on the main database and on that of the keys."""
    with ExitStack() as stack:
        captured = [
            stack.enter_context(CaptureQueriesContext(connections[alias])) for alias in ("default", "keys")
        ]
        yield Statements(captured)


def require_at_most(budget: int, counted: Statements) -> None:
    """Fail where more statements were needed than the budget allows, and show them."""
    found: Any = len(counted)
    assert found <= budget, f"{found} statements, the budget is {budget}:\n{counted.summary()}"
