"""The writers of a drawer's day: opened with a float, counted blind, closed with a number without gaps."""

from dataclasses import dataclass
from uuid import UUID

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.ids import derive_id
from willing.core.transactions import atomic, lock
from willing.drawers import errors
from willing.drawers.actions import move_float
from willing.drawers.models import DifferenceCause, Drawer, DrawerSession
from willing.drawers.numbers import next_z
from willing.drawers.queries import lock_open_session
from willing.drawers.rules import DrawerCloseFault, decide_close
from willing.ledger import actions as ledger
from willing.ledger.accounts import lock_accounts, open_school_account
from willing.ledger.errors import amount_not_positive
from willing.ledger.models import Account, Transfer
from willing.people.queries import today


@atomic
def open_session(drawer: Drawer, float_minor: int = 0, *, key: UUID, by: User | None) -> DrawerSession:
    """Open a drawer with change from the safe, on top of what had stayed in it. The same key: the same one.

    Raises Refused drawer_open, amount_not_positive (a float below zero).
    """
    if float_minor < 0:
        raise amount_not_positive()
    locked = lock(Drawer.objects).select_related("school").get(pk=drawer.pk)
    session_id = derive_id(locked.id, "session", str(key))
    earlier = DrawerSession.objects.filter(pk=session_id).first()
    if earlier is not None:
        return earlier
    if locked.sessions.filter(closed_at=None).exists():
        raise errors.drawer_open()
    held = lock_accounts([locked.account_id])[locked.account_id].balance_minor
    session = DrawerSession.objects.create(
        id=session_id,
        drawer=locked,
        day=today(locked.school),
        opened_at=now(),
        opened_by=by,
        opening_minor=held,
    )
    facts = {"session": str(session.id), "held": held, "float": float_minor, "by": by.pk if by else None}
    record("drawer.opened", subject=locked.id, facts=facts, personal={})
    if float_minor:
        move_float(session, float_minor, key=derive_id(session.id, "float"), by=by)
    return session


@atomic
def count_drawer(drawer: Drawer, counted_minor: int, *, by: User | None) -> DrawerSession:
    """Take the blind count of an open drawer. Each count is logged with what should have been there.

    Raises Refused drawer_closed, count_below_zero.
    """
    if counted_minor < 0:
        raise errors.count_below_zero()
    session = lock_open_session(drawer)
    expected = lock_accounts([drawer.account_id])[drawer.account_id].balance_minor
    session.counted_minor, session.expected_minor = counted_minor, expected
    session.counted_at, session.counted_by = now(), by
    session.save(update_fields=["counted_minor", "expected_minor", "counted_at", "counted_by"])
    facts = {
        "session": str(session.id),
        "counted": counted_minor,
        "expected": expected,
        "by": by.pk if by else None,
    }
    record("drawer.counted", subject=drawer.id, facts=facts, personal={})
    return session


@dataclass(frozen=True)
class Close:
    """How a drawer is closed. kept_minor: what stays for the next session; the rest goes to the safe.

    why: one of Why where the count differs, else "".
    """

    kept_minor: int = 0
    why: str = ""


@atomic
def close_session(drawer: Drawer, close: Close, *, by: User | None) -> DrawerSession:
    """Close a counted drawer with the next Z number, its difference booked, the rest in the safe.

    Raises Refused drawer_closed, drawer_not_counted, difference_needs_a_reason, drawer_holds_less.
    """
    locked = lock(Drawer.objects).select_related("school").get(pk=drawer.pk)
    session = lock_open_session(locked)
    session.drawer = locked
    expected = lock_accounts([locked.account_id])[locked.account_id].balance_minor
    counted = session.counted_minor if session.expected_minor == expected else None
    _require_closable(counted, expected, close)
    assert counted is not None
    _book_difference(session, counted - expected)
    if counted > close.kept_minor:
        move_float(session, close.kept_minor - counted, key=derive_id(session.id, "drop"), by=by)
    session.closed_at, session.closed_by, session.z_number = now(), by, next_z(locked)
    session.kept_minor, session.why = close.kept_minor, close.why if counted != expected else ""
    session.save(update_fields=["closed_at", "closed_by", "z_number", "kept_minor", "why"])
    facts = {
        "session": str(session.id),
        "z": session.z_number,
        "counted": counted,
        "expected": expected,
        "kept": close.kept_minor,
        "why": session.why,
        "by": by.pk if by else None,
    }
    record("drawer.closed", subject=locked.id, facts=facts, personal={})
    return session


def _require_closable(counted: int | None, expected: int, close: Close) -> None:
    why = close.why if close.why in DifferenceCause.values else ""
    fault = decide_close(counted, expected, close.kept_minor, why)
    if fault is DrawerCloseFault.NOT_COUNTED or counted is None:
        raise errors.drawer_not_counted()
    if fault is DrawerCloseFault.NO_REASON:
        raise errors.difference_needs_a_reason(counted - expected)
    if fault is DrawerCloseFault.TOO_MUCH_KEPT:
        raise errors.drawer_holds_less(counted)


def _book_difference(session: DrawerSession, amount_minor: int) -> None:
    """Let the books hold what was counted."""
    if amount_minor:
        ledger.post(_difference(session, amount_minor, session, key=derive_id(session.id, "difference")))


def _difference(
    session: DrawerSession, amount_minor: int, about: DrawerSession, *, key: UUID
) -> ledger.Order:
    """Return the order for what is too much, or below zero missing."""
    drawer = session.drawer
    differences = open_school_account(drawer.school, Account.Kind.DIFFERENCES)
    sides = (drawer.account_id, differences.id) if amount_minor > 0 else (differences.id, drawer.account_id)
    return ledger.Order(key, *sides, abs(amount_minor), Transfer.Reason.DIFFERENCE, about.id)


@atomic
def correct_closed(closed: DrawerSession, amount_minor: int, *, key: UUID, by: User | None) -> DrawerSession:
    """Book in the drawer's open session what turned out about a closed one: found, or below zero missing.

    The closed session stays as it is; the transfer refers to it. Return the open session. The same key again
    books nothing. Raises Refused drawer_closed, drawer_holds_less, amount_not_positive.
    """
    assert closed.closed_at is not None, "what is open is counted again"
    drawer = Drawer.objects.select_related("school").get(pk=closed.drawer_id)
    session = lock_open_session(drawer)
    session.drawer = drawer
    held = lock_accounts([drawer.account_id])[drawer.account_id].balance_minor
    order = _difference(session, amount_minor, closed, key=derive_id(closed.id, "correction", str(key)))
    is_new = not Transfer.objects.filter(pk=order.transfer_id(Transfer.Kind.POSTED)).exists()
    if is_new and held + amount_minor < 0:
        raise errors.drawer_holds_less(held)
    ledger.post(order)
    if is_new:
        facts = {
            "session": str(session.id),
            "corrects": str(closed.id),
            "amount": amount_minor,
            "by": by.pk if by else None,
        }
        record("drawer.corrected", subject=drawer.id, facts=facts, personal={})
    return session
