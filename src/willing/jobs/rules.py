"""When a job that failed is tried again. Pure."""

from datetime import timedelta

TRIES_MAX = 10
# After the first attempt, the second, and so on: ten attempts take two and a half days.
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 3 * 60, 6 * 60, 12 * 60, 24 * 60))
WAIT_MAX = max(WAITS)
# How long a job belongs to the process that took it; longer than the longest of them takes.
LEASE = timedelta(minutes=3)


def next_wait(attempts: int) -> timedelta | None:
    """Return how long to wait after `attempts` failed attempts, or None after the last."""
    return WAITS[attempts - 1] if attempts < TRIES_MAX else None
