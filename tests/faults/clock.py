"""A clock that the harness moves: the number of seconds in a file is added to the real time.

Only the test entry points (`application`, `worker`) read it; the product knows nothing of it.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

FILE = "WILLING_FAULTS_CLOCK"
# How many pages the main database may grow by (tests/faults/application.py).
PAGES_MORE = "WILLING_FAULTS_PAGES_MORE"


def install() -> None:
    """Let this process read the harness's clock, where it names one."""
    path = os.environ.get(FILE)
    if not path:
        return
    from willing.core import clock

    clock._source = lambda: datetime.now(UTC) + timedelta(seconds=float(Path(path).read_text()))


def set_seconds(path: Path, seconds: float) -> None:
    """Put the clock so many seconds before or behind the real time, for every process at once."""
    draft = path.with_suffix(".draft")
    draft.write_text(str(seconds))
    draft.replace(path)
