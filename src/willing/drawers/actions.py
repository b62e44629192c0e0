"""The writers of drawers, and of cash that moves between them, the safe and the bank."""

from uuid import UUID

from django.utils.translation import override

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.ids import derive_id, new_id
from willing.core.transactions import atomic, lock
from willing.drawers import errors
from willing.drawers.labels import OFFICE
from willing.drawers.models import Drawer, DrawerSession
from willing.drawers.queries import lock_open_session
from willing.ledger import actions as ledger
from willing.ledger.accounts import lock_accounts, open_school_account
from willing.ledger.errors import amount_not_positive
from willing.ledger.models import Account, Transfer
from willing.people.models import School
from willing.terminals.models import Terminal


@atomic
def add_drawer(school: School, name: str, *, terminal: Terminal | None = None, by: User | None) -> Drawer:
    """Make a drawer, empty and closed. Raises Refused drawer_name_taken, till_has_a_drawer."""
    lock(School.objects).get(pk=school.pk)
    if Drawer.objects.filter(school=school, name=name).exists():
        raise errors.drawer_name_taken()
    if terminal is not None and Drawer.objects.filter(terminal=terminal).exists():
        raise errors.till_has_a_drawer()
    drawer_id = new_id()
    account = open_school_account(school, Account.Kind.DRAWER, str(drawer_id))
    drawer = Drawer.objects.create(id=drawer_id, school=school, account=account, name=name, terminal=terminal)
    facts = {"terminal": str(terminal.id) if terminal else None, "by": by.pk if by else None}
    record("drawer.added", subject=drawer.id, facts=facts, personal={})
    return drawer


@atomic
def tie_drawer(drawer: Drawer, terminal: Terminal | None, *, by: User | None) -> Drawer:
    """Put a closed drawer under another till, or None: into the office. The same again changes nothing.

    Raises Refused drawer_open, till_has_a_drawer.
    """
    locked = lock(Drawer.objects).get(pk=drawer.pk)
    if locked.terminal_id == (terminal.pk if terminal else None):
        return locked
    if locked.sessions.filter(closed_at=None).exists():
        raise errors.drawer_open()
    if terminal is not None and Drawer.objects.filter(terminal=terminal).exists():
        raise errors.till_has_a_drawer()
    locked.terminal = terminal
    locked.save(update_fields=["terminal"])
    facts = {"terminal": str(terminal.id) if terminal else None, "by": by.pk if by else None}
    record("drawer.till_set", subject=locked.id, facts=facts, personal={})
    return locked


@atomic
def require_office_drawer(school: School, *, by: User | None) -> Drawer:
    """Return the office's first drawer, made the first time that one is needed."""
    found = Drawer.objects.filter(school=school, terminal=None).order_by("name").first()
    if found is not None:
        return found
    with override(school.language):
        name = str(OFFICE)
    return add_drawer(school, name, by=by)


@atomic
def put_into_drawer(drawer: Drawer, amount_minor: int, *, key: UUID, by: User | None) -> Transfer:
    """Put change from the safe into an open drawer. Raises Refused drawer_closed, amount_not_positive."""
    _require_positive(amount_minor)
    return move_float(lock_open_session(drawer), amount_minor, key=key, by=by)


@atomic
def take_from_drawer(drawer: Drawer, amount_minor: int, *, key: UUID, by: User | None) -> Transfer:
    """Take cash out of an open drawer into the safe.

    Raises Refused drawer_closed, drawer_holds_less, amount_not_positive.
    """
    _require_positive(amount_minor)
    return move_float(lock_open_session(drawer), -amount_minor, key=key, by=by)


def _require_positive(amount_minor: int) -> None:
    """Require a sum that goes the way it says: one below zero would go the other way."""
    if amount_minor <= 0:
        raise amount_not_positive()


def move_float(session: DrawerSession, amount_minor: int, *, key: UUID, by: User | None) -> Transfer:
    """Move between the safe and the drawer of a locked, open session; below zero: out of the drawer."""
    drawer = session.drawer
    safe = open_school_account(drawer.school, Account.Kind.SAFE)
    locked = lock_accounts([drawer.account_id, safe.id])
    held = locked[drawer.account_id].balance_minor
    sides = (drawer.account_id, safe.id) if amount_minor > 0 else (safe.id, drawer.account_id)
    order = ledger.Order(key, *sides, abs(amount_minor), Transfer.Reason.FLOAT, session.id)
    is_new = not Transfer.objects.filter(pk=order.transfer_id(Transfer.Kind.POSTED)).exists()
    if is_new and held + amount_minor < 0:
        raise errors.drawer_holds_less(held)
    moved = ledger.post(order)
    if is_new:
        facts = {"amount": amount_minor, "by": by.pk if by else None}
        record("drawer.float_moved", subject=drawer.id, facts=facts, personal={})
    return moved


BANKED = (Account.Kind.SAFE, Account.Kind.CHEQUES)


@atomic
def take_to_bank(
    school: School, kind: Account.Kind, amount_minor: int, *, key: UUID, by: User | None
) -> Transfer:
    """Take cash of the safe, or cheques, to the bank. kind: one of BANKED.

    What the safe held before the books began they do not know: it may go below nothing; cheques never do.
    Raises Refused cheques_hold_less, amount_not_positive, idempotency_key_reused.
    """
    assert kind in BANKED, kind
    sides = open_school_account(school, Account.Kind.BANK), open_school_account(school, kind)
    held = lock_accounts([one.id for one in sides])[sides[1].id].balance_minor
    reason = Transfer.Reason.BANKING
    order = ledger.Order(key, sides[0].id, sides[1].id, amount_minor, reason, derive_id(school.id, kind))
    is_new = not Transfer.objects.filter(pk=order.transfer_id(Transfer.Kind.POSTED)).exists()
    if is_new and kind == Account.Kind.CHEQUES and amount_minor > held:
        raise errors.cheques_hold_less(held)
    moved = ledger.post(order)
    if is_new:
        facts = {"amount": amount_minor, "from": kind, "by": by.pk if by else None}
        record("money.banked", subject=school.id, facts=facts, personal={})
    return moved
