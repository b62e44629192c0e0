"""What a server watches for roll calls: news that another process wrote, and sheets that are due."""

from django.db import close_old_connections

from willing.core.clock import now
from willing.core.doorbell import DOORBELL
from willing.jobs.actions import enqueue
from willing.people.queries import find_school
from willing.rollcall.queries import last_close, settings_of, version_of
from willing.rollcall.rules import decide_printing

SHEETS = "rollcall.sheets"
_seen: dict[str, str] = {}


def ring_here() -> None:
    """Wake who waits: a register closed, or another process wrote. No statement where nobody waits.

    At the first look too: what was written between the page's own look and this one is not known here.
    """
    school = find_school() if DOORBELL.waited() else None
    if school is not None and DOORBELL.waiting(str(school.pk)):
        key, version = str(school.pk), version_of(school)
        if _seen.get(key) != version:
            DOORBELL.ring(key)
        _seen[key] = version
    close_old_connections()


def enqueue_sheets_here() -> int:
    """Put the sheets into the queue where a register has closed and the school has a printer for them."""
    school = find_school()
    done = 0
    if school is not None:
        held = settings_of(school)
        if held.print_queue and decide_printing(last_close(school), held.printed_for, now()):
            enqueue(SHEETS, [school.pk])
            done = 1
    close_old_connections()
    return done
