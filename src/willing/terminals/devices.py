"""What the device that is paired with a till may do: one browser at a time; refunds, look-ups by API."""

from willing.accounts.models import User
from willing.accounts.sessions import is_live
from willing.audit.actions import record
from willing.core.transactions import atomic, lock
from willing.terminals.errors import not_an_api_till, terminal_in_use
from willing.terminals.models import Device, Terminal
from willing.terminals.sign_ons import sign_off_at


@atomic
def bind_session(terminal: Terminal, session_key: str, *, by: User) -> None:
    """Let a signed-in session be this till from now on, unless another one still is.

    A cookie that was copied out of the till's browser so opens nothing as long as a person is signed in
    there; who works where is in the log. Raises Refused till_in_use.
    """
    locked = lock(Terminal.objects).get(pk=terminal.pk)
    if locked.session_key == session_key:
        return
    if locked.session_key and is_live(locked.session_key):
        raise terminal_in_use()
    locked.session_key = session_key
    locked.save(update_fields=["session_key"])
    sign_off_at(terminal, why="other_browser")
    terminal.sign_on = None  # forgets the row that was read with it
    record("terminal.session_bound", subject=terminal.id, facts={"by": by.pk}, personal={})


@atomic
def allow_refunds(terminal: Terminal, *, by: User) -> None:
    """Give the device that is paired over the API the right to refund. Raises Refused not_an_api_till."""
    _give(terminal, "may_refund", "terminal.refunds_allowed", by=by)


@atomic
def forbid_refunds(terminal: Terminal, *, by: User) -> None:
    """Take the right to refund from a till at once. Twice is once."""
    _take(terminal, "may_refund", "terminal.refunds_forbidden", by=by)


@atomic
def allow_look_ups(terminal: Terminal, *, by: User) -> None:
    """Let the device that is paired over the API look people up. Raises Refused not_an_api_till."""
    _give(terminal, "may_look_up", "terminal.look_ups_allowed", by=by)


@atomic
def forbid_look_ups(terminal: Terminal, *, by: User) -> None:
    """Take that from a till at once. Twice is once."""
    _take(terminal, "may_look_up", "terminal.look_ups_forbidden", by=by)


def _give(terminal: Terminal, right: str, event: str, *, by: User) -> None:
    locked = lock(Terminal.objects).get(pk=terminal.pk)
    if locked.device != Device.API:
        raise not_an_api_till()
    _set(locked, right, event, is_given=True, by=by)


def _take(terminal: Terminal, right: str, event: str, *, by: User) -> None:
    _set(lock(Terminal.objects).get(pk=terminal.pk), right, event, is_given=False, by=by)


def _set(locked: Terminal, right: str, event: str, *, is_given: bool, by: User) -> None:
    if getattr(locked, right) == is_given:
        return
    setattr(locked, right, is_given)
    locked.save(update_fields=[right])
    record(event, subject=locked.id, facts={"by": by.pk}, personal={})
