"""A clock that was set back two hours and jumps both ways, each time that somebody reads it.

Tests of actions run once more under it: what they promise may not hang on the order of two times. The jumps
are shorter than half a minute, so that what lasts for that long lasts for it here too; the two hours are
there from the start, so every row of the cast bears a later time than anything that a test writes.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path

BACK = timedelta(hours=2)
JUMP = timedelta(seconds=12)

# By their path under tests/. Faces wait while the clock is behind, so tests marked `face` are left out.
MODULES = frozenset(
    {
        "audit/test_log.py",
        "audit/test_record_many.py",
        "complaints/test_complaints.py",
        "consent/test_actions.py",
        "consent/test_order.py",
        "consent_forms/test_forms.py",
        "credentials/test_cards_and_pins.py",
        "dpia/test_lock.py",
        "keys/test_keys.py",
        "ledger/test_ledger.py",
        "people/test_bulk.py",
        "roster/test_leavers.py",
        "roster/test_undo.py",
        "terminals/test_terminals.py",
        "till/test_baskets.py",
        "till/test_expiry.py",
        "till/test_identification.py",
        "till/test_limits.py",
        "till/test_payment.py",
        "till/test_refunds.py",
        "till/test_reports.py",
    }
)

# A test that moved must not be left out unnoticed.
MISSING = [name for name in MODULES if not (Path(__file__).parent / name).is_file()]
assert not MISSING, MISSING


def jumping() -> Callable[[], datetime]:
    """Return a clock that is two hours behind, and jumps ahead and back at every look."""
    jumps = cycle((JUMP, -JUMP))
    return lambda: datetime.now(UTC) - BACK + next(jumps)
