"""The writer of refunds: the whole of a sale, once."""

from dataclasses import dataclass
from uuid import UUID

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.ids import derive_id
from willing.core.transactions import atomic, lock
from willing.ledger import actions as ledger
from willing.ledger.accounts import lock_accounts, open_wallet
from willing.ledger.models import Account, Transfer
from willing.terminals.errors import refunds_not_allowed
from willing.terminals.models import Terminal
from willing.terminals.sign_ons import cashier_of
from willing.till import errors
from willing.till.models import Refund, Sale


@dataclass(frozen=True)
class RefundedBy:
    """Who refunds a sale: a member of staff, or a paired terminal through the API."""

    user: User | None = None
    terminal: Terminal | None = None
    reason: str = ""


@atomic
def refund_sale(sale_id: UUID, *, key: UUID, by: RefundedBy) -> Refund:
    """Give the whole of a sale back to where it came from. The same key again returns the same refund.

    Raises Refused refunds_not_allowed, sale_unknown, already_refunded.
    """
    if by.terminal and not Terminal.objects.filter(pk=by.terminal.pk, may_refund=True).exists():
        raise refunds_not_allowed()
    sale = lock(Sale.objects).filter(pk=sale_id).first()
    if sale is None or (by.terminal and sale.terminal_id != by.terminal.id):
        raise errors.sale_unknown()
    refund_id = derive_id(sale.id, "refund", str(key))
    earlier = Refund.objects.filter(sale=sale).first()
    if earlier is not None:
        if earlier.id != refund_id:
            raise errors.already_refunded()
        return earlier
    _move_back(sale, refund_id)
    user = by.user or (cashier_of(by.terminal) if by.terminal else None)
    refund = Refund.objects.create(
        id=refund_id,
        sale=sale,
        reason=by.reason,
        refunded_by=user,
        refunded_at_terminal=by.terminal,
        at=now(),
    )
    facts = {
        "sale": str(sale.id),
        "total": sale.total_minor,
        "by": user.pk if user else None,
        "terminal": str(by.terminal.id) if by.terminal else None,
    }
    record("sale.refunded", subject=sale.person_id, facts=facts, personal={"reason": by.reason})
    return refund


def _move_back(sale: Sale, refund_id: UUID) -> None:
    moved = list(
        Transfer.objects.filter(reference=sale.id, reason=Transfer.Reason.SALE)
        .select_related("debit")
        .order_by("id")
    )
    if not moved:
        return  # nothing was paid
    wallet = open_wallet(sale.person)  # the sale's person today: two records may have been merged
    givers = {one.id: wallet.id if one.debit.kind == Account.Kind.WALLET else one.debit_id for one in moved}
    accounts = lock_accounts({*givers.values(), *(one.credit_id for one in moved)})
    orders = [
        ledger.Order(
            key=derive_id(refund_id, str(one.id)),
            debit=one.credit_id,
            credit=givers[one.id],
            amount_minor=one.amount_minor,
            reason=Transfer.Reason.REFUND,
            reference=sale.id,
            corrects=one.id,
        )
        for one in moved
    ]
    ledger.post_new(orders, accounts)
