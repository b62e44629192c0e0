"""The writer of pay-ins at the office: cash or a cheque, into an open drawer, with a numbered receipt."""

from dataclasses import dataclass
from uuid import UUID

from willing.accounts.models import User
from willing.core.clock import now
from willing.core.transactions import atomic, lock
from willing.drawers.actions import require_office_drawer
from willing.drawers.models import Drawer, Method, PayIn, PayInCounter
from willing.drawers.queries import lock_open_session, open_office_sessions
from willing.drawers.sessions import open_session
from willing.ledger.accounts import open_school_account
from willing.ledger.actions import pay_in
from willing.ledger.models import Account
from willing.people.models import Person, School


@dataclass(frozen=True)
class Paying:
    """What a family hands over at the office. A cheque lies in the drawer, but its sum is no cash there."""

    amount_minor: int
    method: Method = Method.CASH


@atomic
def take_pay_in(person: Person, drawer: Drawer, paying: Paying, *, key: UUID, by: User | None) -> PayIn:
    """Put what a family handed over into a wallet, and number its receipt. The same key again: the same one.

    Raises Refused drawer_closed, has_left, amount_not_positive, idempotency_key_reused.
    """
    session = lock_open_session(drawer)
    is_cash = paying.method == Method.CASH
    into = drawer.account if is_cash else open_school_account(drawer.school, Account.Kind.CHEQUES)
    moved = pay_in(person, paying.amount_minor, into=into, key=key, by=by)
    earlier = PayIn.objects.filter(transfer=moved).first()
    if earlier is not None:
        return earlier
    return PayIn.objects.create(
        transfer=moved,
        school=drawer.school,
        session=session,
        method=paying.method,
        number=_next_number(drawer.school),
        received_by=by,
        at=now(),
    )


@atomic
def take_at_office(person: Person, paying: Paying, *, key: UUID, by: User | None) -> PayIn:
    """Do the same at the office's drawer, opened with nothing in it where no drawer of the office is open.

    Raises Refused has_left, amount_not_positive, idempotency_key_reused.
    """
    opened = open_office_sessions(person.school)
    drawer = opened[0].drawer if opened else require_office_drawer(person.school, by=by)
    if not opened:
        open_session(drawer, key=key, by=by)
    return take_pay_in(person, drawer, paying, key=key, by=by)


def _next_number(school: School) -> int:
    PayInCounter.objects.get_or_create(school=school)
    counter = lock(PayInCounter.objects).get(school=school)
    counter.last += 1
    counter.save(update_fields=["last"])
    return counter.last
