"""The present moment, in one place, so that tests can move it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

_source: Callable[[], datetime] | None = None


def now() -> datetime:
    """Return the present moment, timezone-aware, in UTC."""
    return _source() if _source else datetime.now(UTC)


@contextmanager
def running(source: Callable[[], datetime]) -> Iterator[None]:
    """Let `source` tell the time inside the block (tests only; the whole process sees it)."""
    global _source
    before, _source = _source, source
    try:
        yield
    finally:
        _source = before
