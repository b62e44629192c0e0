"""A clock that stands still at a moment of the test's choice."""

from contextlib import AbstractContextManager
from datetime import datetime

from willing.core import clock


def stopped_at(moment: datetime) -> AbstractContextManager[None]:
    """Let every clock of Willing show `moment` while the context lasts."""
    return clock.running(lambda: moment)
