"""A clock that was set back two hours and jumps both ways, each time that somebody reads it.

Tests of actions run once more under it: what they promise may not hang on the order of two times. The jumps
are shorter than a minute, so that what lasts for minutes lasts for them here too; the two hours are there
from the start, so every row of the cast bears a later time than anything that a test writes.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import cycle

BACK = timedelta(hours=2)
JUMP = timedelta(seconds=25)

# By their path under tests/. Faces wait while the clock is behind, so tests marked `face` are left out.
MODULES = frozenset(
    {
        "assessment/test_lock.py",
        "audit/test_log.py",
        "audit/test_record_many.py",
        "consent/test_actions.py",
        "consent/test_order.py",
        "keys/test_keys.py",
        "ledger/test_ledger.py",
        "papers/test_papers.py",
        "people/test_bulk.py",
        "rights/test_complaints.py",
        "roster/test_leavers.py",
        "till/test_actions.py",
        "till/test_expiry.py",
        "till/test_limits.py",
    }
)


def jumping() -> Callable[[], datetime]:
    """Return a clock that is two hours behind, and jumps ahead and back at every look."""
    jumps = cycle((JUMP, -JUMP))
    return lambda: datetime.now(UTC) - BACK + next(jumps)
