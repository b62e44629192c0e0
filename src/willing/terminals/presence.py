"""When a terminal was last seen: one sparing write, and what a page makes of it."""

from datetime import timedelta

from willing.core.clock import now, still_runs
from willing.terminals.models import Terminal

# A terminal that asks often is written down once in this time, and calls itself as often (till.js).
SEEN_EVERY = timedelta(minutes=1)
# Seen so long ago it is still there: twice the above, and a slow network.
HERE_FOR = timedelta(minutes=3)


def note_seen(terminal: Terminal) -> None:
    """Note that a terminal is there, at most once a minute. terminal: as it was read for this request.

    No entry of the log and no transaction of its own: it tells whether a device works, and of nobody.
    """
    seen = terminal.last_seen_at
    if seen is not None and still_runs(seen + SEEN_EVERY, SEEN_EVERY):
        return
    Terminal.objects.filter(pk=terminal.pk).update(last_seen_at=now())


def is_here(terminal: Terminal) -> bool:
    """Say whether a terminal is there now."""
    seen = terminal.last_seen_at
    return seen is not None and still_runs(seen + HERE_FOR, HERE_FOR)
