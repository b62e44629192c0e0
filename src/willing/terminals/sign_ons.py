"""Which cashier is on at a terminal: the sales and presses there bear their name.

A sign-on gives no rights: those are the paired device's and the signed-in browser's. It says who works there.
"""

from datetime import timedelta

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.clock import STEP, now, still_runs
from willing.core.transactions import atomic, lock
from willing.terminals.models import SignOn, Terminal
from willing.terminals.rules import SIGN_ON_MINUTES_IDLE

IDLE = timedelta(minutes=SIGN_ON_MINUTES_IDLE)


def cashier_of(terminal: Terminal) -> User | None:
    """Return who is on at a terminal, or None.

    Asks the database nothing where the terminal was read with `sign_on__user`. Nobody is on any more once
    they are disabled, their roles change or they are signed out everywhere, and after 15 minutes without a
    press.
    """
    found: SignOn | None = getattr(terminal, "sign_on", None)
    return found.user if found is not None and _is_on(found) else None


def _is_on(row: SignOn) -> bool:
    if not row.user.is_active or row.session_version != row.user.session_version:
        return False
    return still_runs(row.seen_at + IDLE, IDLE)


@atomic
def sign_on(terminal: Terminal, user: User) -> None:
    """Let a user be the cashier at a terminal; who was on before is no longer, and they are on nowhere else.

    Who they are was shown by the caller, with their PIN (credentials.staff_pins).
    """
    lock(Terminal.objects).get(pk=terminal.pk)
    SignOn.objects.filter(user=user).delete()
    at = now()
    SignOn.objects.filter(terminal=terminal).delete()
    terminal.sign_on = SignOn.objects.create(
        terminal=terminal,
        user=user,
        session_version=user.session_version,
        signed_on_at=at,
        seen_at=at,
    )
    record("cashier.signed_on", subject=terminal.id, facts={"by": user.pk}, personal={})


@atomic
def sign_off(terminal: Terminal) -> None:
    """Let nobody be the cashier at a terminal. Twice changes nothing."""
    lock(Terminal.objects).get(pk=terminal.pk)
    sign_off_at(terminal, why="pressed")
    terminal.sign_on = None  # forgets the row that was read with it


@atomic
def sign_off_at(terminal: Terminal, *, why: str) -> None:
    """End the sign-on at a terminal: it gets another device, or another person's signed-in browser."""
    found = SignOn.objects.filter(terminal=terminal).first()
    if found is not None:
        _sign_off(found, why)


@atomic
def sign_off_user(user: User, *, why: str) -> None:
    """End a user's sign-on, wherever it is: their PIN was changed or removed."""
    found = SignOn.objects.filter(user=user).first()
    if found is not None:
        _sign_off(found, why)


def sign_off_everyone() -> None:
    """Let nobody be on anywhere: after a restore nobody can say who was."""
    SignOn.objects.all().delete()


def _sign_off(row: SignOn, why: str) -> None:
    row.delete()
    facts = {"by": row.user_id, "why": why}
    record("cashier.signed_off", subject=row.terminal_id, facts=facts, personal={})


def note_press(terminal: Terminal) -> None:
    """Note that something was pressed at a terminal, so that its cashier stays on.

    To the minute, so that it is rarely written.
    """
    found: SignOn | None = getattr(terminal, "sign_on", None)
    if found is None or not _is_on(found) or abs(now() - found.seen_at) < STEP:
        return
    found.seen_at = now()
    SignOn.objects.filter(pk=found.pk, user=found.user_id).update(seen_at=found.seen_at)
