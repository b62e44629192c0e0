"""The present moment, in one place, so that tests can move it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

# A clock that follows a time server is put back by less than this; nobody has to be notified.
STEP = timedelta(seconds=60)
_source: Callable[[], datetime] | None = None


def now() -> datetime:
    """Return the present moment, timezone-aware, in UTC."""
    return _source() if _source else datetime.now(UTC)


def still_runs(until: datetime, longest: timedelta) -> bool:
    """Say whether a time that was set to at most `longest` is still running.

    One that expires later than it can was set by a clock that ran ahead and is over, or a code of fifteen
    minutes would open for years once that clock is put right.
    """
    return timedelta(0) < until - now() <= longest + STEP


@contextmanager
def running(source: Callable[[], datetime]) -> Iterator[None]:
    """Let `source` tell the time inside the block (tests only; the whole process sees it)."""
    global _source
    before, _source = _source, source
    try:
        yield
    finally:
        _source = before
