"""A till's second screen, for the pupil: how a device becomes it, and stops being it.

It gives nobody rights of their own: what is pressed there counts only while a person who may is signed in at
the till, and only what a pupil presses (pages.kiosk.second_screen). A till has one at a time.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.db import transaction

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.clock import now, still_runs
from willing.core.codes import new_code, normalise_code
from willing.core.doorbell import DOORBELL
from willing.core.transactions import atomic, lock
from willing.keys.master import keyed_digest
from willing.terminals.errors import screen_code_unknown, screen_not_paired, terminal_not_paired
from willing.terminals.models import Device, SecondScreen, Terminal
from willing.terminals.rules import PAIRING_MINUTES


@dataclass(frozen=True)
class ScreenPairing:
    """A paired second screen's till, and the token with which it acts."""

    terminal: Terminal
    token: str


@atomic
def start_screen_pairing(terminal: Terminal, *, by: User) -> str:
    """Return a fresh one-time code with which a device becomes this till's second screen; earlier codes end.

    The screen that is paired stays so until another device uses the code. Raises Refused terminal_not_paired
    where the till is no browser.
    """
    if lock(Terminal.objects).get(pk=terminal.pk).device != Device.KIOSK:
        raise terminal_not_paired()
    code = new_code(8)
    SecondScreen.objects.update_or_create(
        terminal=terminal,
        defaults={
            "pairing_digest": keyed_digest("screen-pairing", code),
            "pairing_expires_at": now() + timedelta(minutes=PAIRING_MINUTES),
        },
    )
    record("second_screen.pairing_started", subject=terminal.id, facts={"by": by.pk}, personal={})
    return code


@atomic
def pair_second_screen(code: str) -> ScreenPairing:
    """Use up a code. The device that was the second screen before is it no longer.

    Raises Refused screen_code_unknown.
    """
    digest = keyed_digest("screen-pairing", normalise_code(code))
    found = SecondScreen.objects.filter(pairing_digest=digest).values_list("terminal_id", flat=True).first()
    # The terminal first, as everywhere: who unpairs it at the same time holds it.
    live = lock(Terminal.objects).filter(retired_at=None, device=Device.KIOSK)
    terminal = live.filter(pk=found).first() if found is not None else None
    screen = SecondScreen.objects.filter(terminal=terminal, pairing_digest=digest).first()
    if terminal is None or screen is None or screen.pairing_expires_at is None:
        raise screen_code_unknown()
    if not still_runs(screen.pairing_expires_at, timedelta(minutes=PAIRING_MINUTES)):
        raise screen_code_unknown()
    token = secrets.token_urlsafe(32)
    screen.token_digest = keyed_digest("screen-token", token)
    screen.pairing_digest, screen.pairing_expires_at = "", None
    screen.paired_at = screen.last_seen_at = now()
    screen.save()
    record("second_screen.paired", subject=terminal.id, facts={}, personal={})
    ring_for(terminal)
    return ScreenPairing(terminal, token)


@atomic
def unpair_second_screen(terminal: Terminal, *, by: User) -> None:
    """End a second screen at once, and a code that nobody has used. Twice changes nothing."""
    lock(Terminal.objects).get(pk=terminal.pk)
    unpair_second_screen_at(terminal, why="pressed", by=by.pk)
    terminal.second_screen = None  # forgets the row that was read with it


@atomic
def unpair_second_screen_at(terminal: Terminal, *, why: str, by: int | None = None) -> None:
    """End the second screen of a terminal that gets another device or none. The terminal is locked."""
    ended, _rows = SecondScreen.objects.filter(terminal=terminal).delete()
    if ended:
        facts = {"why": why} if by is None else {"why": why, "by": by}
        record("second_screen.unpaired", subject=terminal.id, facts=facts, personal={})
    ring_for(terminal)


def unpair_all_second_screens() -> None:
    """Let no till have a second screen: after a restore nobody can say which were unpaired since."""
    SecondScreen.objects.all().delete()


def require_second_screen(token: str) -> Terminal:
    """Return the till whose second screen acts with `token`. Raises Refused screen_not_paired."""
    found = (
        Terminal.objects.select_related("school", "sign_on__user", "second_screen")
        .filter(
            retired_at=None,
            device=Device.KIOSK,
            second_screen__token_digest=keyed_digest("screen-token", token),
        )
        .first()
        if token
        else None
    )
    if found is None:
        raise screen_not_paired()
    return found


def second_screen_of(terminal: Terminal) -> SecondScreen | None:
    """Return the paired second screen of a till, or None.

    Asks the database nothing where the terminal was read with `second_screen`.
    """
    found: SecondScreen | None = getattr(terminal, "second_screen", None)
    return found if found is not None and found.token_digest else None


def pairing_of(terminal: Terminal) -> str:
    """Return what tells this pairing of a second screen from those before and after it; "" where none is."""
    found = second_screen_of(terminal)
    return found.paired_at.isoformat() if found is not None and found.paired_at is not None else ""


def ring_for(terminal: Terminal) -> None:
    """Let who waits for news of a till look, once what is written now can be read."""
    transaction.on_commit(partial(DOORBELL.ring, str(terminal.pk)))
