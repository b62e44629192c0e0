"""When a terminal was last seen: one sparing write, and what a page makes of it."""

from datetime import timedelta

from willing.core.clock import now, still_runs
from willing.terminals.models import SecondScreen, Terminal

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


def note_screen_seen(screen: SecondScreen) -> None:
    """Note likewise that a till's second screen is there."""
    seen = screen.last_seen_at
    if seen is not None and still_runs(seen + SEEN_EVERY, SEEN_EVERY):
        return
    SecondScreen.objects.filter(pk=screen.pk, token_digest=screen.token_digest).update(last_seen_at=now())


def is_here(device: Terminal | SecondScreen) -> bool:
    """Say whether a terminal, or its second screen, is there now."""
    seen = device.last_seen_at
    return seen is not None and still_runs(seen + HERE_FOR, HERE_FOR)
