"""When a job that failed is tried again. Pure."""

from datetime import timedelta

TRIES_MAX = 10
# After the first attempt, the second, and so on: ten attempts take 64 hours. A mail server that is off from
# Friday at five until a person comes on Monday costs no mail.
HOUR = 60
WAIT_MINUTES = (1, 5, 15, 30, 2 * HOUR, 5 * HOUR, 12 * HOUR, 20 * HOUR, 24 * HOUR)
WAITS = tuple(timedelta(minutes=minutes) for minutes in WAIT_MINUTES)
WAIT_MAX = max(WAITS)
# How long a job belongs to the process that took it; longer than the longest of them takes.
LEASE = timedelta(minutes=3)


def next_wait(attempts: int) -> timedelta | None:
    """Return how long to wait after `attempts` failed attempts, or None after the last."""
    return WAITS[attempts - 1] if attempts < TRIES_MAX else None
