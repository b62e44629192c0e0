"""A clock that stands still at a moment of the test's choice."""

from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

from willing.core import clock


def stopped_at(moment: datetime) -> AbstractContextManager[None]:
    """Let every clock of Willing show `moment` while the context lasts."""
    return clock.running(lambda: moment)


def monday_ahead(hour: int) -> datetime:
    """Return a Monday at an hour (UTC) six weeks ahead or up to a week more.

    For what begins with the cast, which is made today: a date that is written down is past one day, and then
    every clock seems to have been set back.
    """
    about = datetime.now(UTC).replace(hour=hour, minute=0, second=0, microsecond=0) + timedelta(weeks=6)
    return about + timedelta(days=-about.weekday() % 7)
