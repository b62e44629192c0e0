"""What the device that is paired with a till may do: one browser at a time, and refunds over the API."""

from willing.accounts.models import User
from willing.accounts.sessions import is_live
from willing.audit.actions import record
from willing.core.transactions import atomic, lock
from willing.terminals.errors import not_an_api_till, terminal_in_use
from willing.terminals.models import Device, Terminal


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
    record("terminal.session_bound", subject=terminal.id, facts={"by": by.pk}, personal={})


@atomic
def allow_refunds(terminal: Terminal, *, by: User) -> None:
    """Give the device that is paired over the API the right to refund. Raises Refused not_an_api_till."""
    locked = lock(Terminal.objects).get(pk=terminal.pk)
    if locked.device != Device.API:
        raise not_an_api_till()
    _set_refunds(locked, is_allowed=True, by=by)


@atomic
def forbid_refunds(terminal: Terminal, *, by: User) -> None:
    """Take the right to refund from a till at once. Twice is once."""
    _set_refunds(lock(Terminal.objects).get(pk=terminal.pk), is_allowed=False, by=by)


def _set_refunds(locked: Terminal, *, is_allowed: bool, by: User) -> None:
    if locked.may_refund == is_allowed:
        return
    locked.may_refund = is_allowed
    locked.save(update_fields=["may_refund"])
    event = "terminal.refunds_allowed" if is_allowed else "terminal.refunds_forbidden"
    record(event, subject=locked.id, facts={"by": by.pk}, personal={})
