"""The writer of pay-ins at the office: cash or a cheque, into an open drawer, with a numbered receipt."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet, Sum

from willing.accounts.models import User
from willing.core.clock import now
from willing.core.ids import derive_id
from willing.core.transactions import atomic
from willing.drawers.actions import require_office_drawer
from willing.drawers.models import Drawer, Method, PayIn
from willing.drawers.numbers import next_pay_in
from willing.drawers.queries import lock_open_session, open_office_sessions
from willing.drawers.sessions import open_session
from willing.ledger.accounts import open_school_account
from willing.ledger.actions import Order, pay_in, post
from willing.ledger.models import Account, Transfer
from willing.people.models import Person


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
        number=next_pay_in(drawer.school),
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


def fetch_cheque(paid: Transfer, amount_minor: int, *, key: UUID) -> None:
    """Let a cheque that was taken to the bank lie here again, for a pay-in that is taken back.

    The oldest cheques go to the bank first, so what lies here are the newest. Inside a transaction, with
    the accounts of the cheques and of the bank locked.
    """
    own = PayIn.objects.select_related("school").get(transfer=paid)
    newer = Transfer.objects.filter(
        pay_in__school=own.school, pay_in__method=Method.CHEQUE, pay_in__number__gt=own.number
    )
    taken = Transfer.objects.filter(corrects__in=newer)
    of_others = _sum(newer) - _sum(taken)
    cheques = Account.objects.get(pk=paid.debit_id)
    missing = amount_minor - max(0, cheques.balance_minor - of_others)
    if missing > 0:
        bank = open_school_account(own.school, Account.Kind.BANK)
        reason, about = Transfer.Reason.BANKING, derive_id(own.school_id, Account.Kind.CHEQUES)
        post(Order(key, cheques.id, bank.id, missing, reason, about))


def _sum(rows: QuerySet[Transfer]) -> int:
    return rows.aggregate(total=Sum("amount_minor"))["total"] or 0
