"""Pairing: how a device becomes a terminal, and stops being one."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.dispatch import Signal

from willing.audit.actions import record
from willing.audit.journal import note
from willing.core.clock import now, still_runs
from willing.core.codes import new_code, normalise_code
from willing.core.prepared import Parameter, prepared
from willing.core.transactions import atomic, lock
from willing.keys.master import keyed_digest
from willing.terminals.errors import pairing_code_unknown, terminal_not_paired
from willing.terminals.models import Device, RequestKey, Terminal
from willing.terminals.rules import PAIRING_MINUTES
from willing.terminals.second_screens import unpair_second_screen_at
from willing.terminals.sign_ons import sign_off_at

# Sent inside the transaction in which a terminal gets another device, so that what the earlier one had begun
# is closed with it. An app that uses terminals (till, gate) listens in its `apps.ready`.
device_changed = Signal()


@atomic
def start_pairing(terminal: Terminal) -> str:
    """Return a fresh one-time code with which a device becomes this till; earlier codes end."""
    code = new_code(8)
    Terminal.objects.filter(pk=terminal.pk).update(
        pairing_digest=keyed_digest("pairing", code),
        pairing_expires_at=now() + timedelta(minutes=PAIRING_MINUTES),
    )
    record("terminal.pairing_started", subject=terminal.id, facts={}, personal={})
    return code


@dataclass(frozen=True)
class Pairing:
    """A paired till and the token with which it acts."""

    terminal: Terminal
    token: str


@atomic
def pair_terminal(
    code: str, *, key: str, device: str = Device.API, purposes: Collection[str] | None = None
) -> Pairing:
    """Use up a pairing code. The same code and key again return the same token: a lost answer is no loss.

    The token opens what `device` needs and nothing else. purposes: what the terminal may be for; None, for
    whatever it is. A new pairing begins with nothing of an earlier one: what it had begun is closed, its keys
    are forgotten, and so is its right to refund.
    """
    digest = keyed_digest("pairing", normalise_code(code))
    terminal = lock(Terminal.objects).filter(pairing_digest=digest, retired_at=None).first()
    if terminal is None or (purposes is not None and terminal.purpose not in purposes):
        raise pairing_code_unknown()
    token = keyed_digest("token", f"{terminal.id}:{digest}:{key}")
    token_digest = keyed_digest("token-digest", token)
    if terminal.pairing_expires_at is None:
        if terminal.token_digest != token_digest or terminal.device != device:
            raise pairing_code_unknown()
        return Pairing(terminal, token)
    if not still_runs(terminal.pairing_expires_at, timedelta(minutes=PAIRING_MINUTES)):
        raise pairing_code_unknown()
    terminal.token_digest, terminal.paired_at, terminal.pairing_expires_at = token_digest, now(), None
    terminal.device, terminal.session_key = device, ""
    terminal.may_refund = terminal.may_look_up = False
    terminal.last_seen_at = terminal.paired_at
    terminal.save(
        update_fields=[
            "token_digest",
            "paired_at",
            "pairing_expires_at",
            "device",
            "session_key",
            "may_refund",
            "may_look_up",
            "last_seen_at",
        ]
    )
    RequestKey.objects.filter(terminal=terminal).delete()
    sign_off_at(terminal, why="paired")
    unpair_second_screen_at(terminal, why="paired")
    device_changed.send(Terminal, terminal=terminal)
    record("terminal.paired", subject=terminal.id, facts={"device": str(device)}, personal={})
    return Pairing(terminal, token)


@atomic
def unpair_terminal(terminal: Terminal) -> None:
    """End a till's token at once (a lost or replaced device), and its right to refund with it."""
    Terminal.objects.filter(pk=terminal.pk).update(
        token_digest="",
        pairing_digest="",
        pairing_expires_at=None,
        device="",
        session_key="",
        may_refund=False,
        may_look_up=False,
    )
    sign_off_at(terminal, why="unpaired")
    unpair_second_screen_at(terminal, why="unpaired")
    record("terminal.unpaired", subject=terminal.id, facts={}, personal={})
    note("terminal.unpaired", {"terminal": str(terminal.id)})


@atomic
def replay_unpaired(terminal_id: UUID) -> bool:
    """Revoke again a till's token that was revoked after the copy. Return whether it was live in the copy."""
    terminal = Terminal.objects.filter(pk=terminal_id).exclude(token_digest="", pairing_digest="").first()
    if terminal is not None:
        unpair_terminal(terminal)
    return terminal is not None


@prepared
def _paired(digest: Parameter, device: Parameter) -> QuerySet[Terminal]:
    rows = Terminal.objects.select_related("school", "sign_on__user", "second_screen")
    return rows.filter(retired_at=None, token_digest=digest, device=device)


def require_terminal(token: str, *, device: str) -> Terminal:
    """Return the till that acts with `token` as a device of that kind. Raises Refused terminal_not_paired."""
    digest = keyed_digest("token-digest", token)
    terminal = _paired.first(digest=digest, device=device) if token else None
    if terminal is None:
        raise terminal_not_paired()
    return terminal
