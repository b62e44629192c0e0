"""The writer of refunds: the whole of a sale is given back, once."""

from dataclasses import dataclass
from uuid import UUID

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.ids import derive_id
from willing.core.transactions import atomic, lock
from willing.ledger import actions as ledger
from willing.ledger.models import Transfer
from willing.terminals.errors import refunds_not_allowed
from willing.terminals.models import Terminal
from willing.till import errors
from willing.till.models import Refund, Sale
from willing.till.payment import lock_accounts_of_sale


@dataclass(frozen=True)
class RefundedBy:
    """Who gives money back: a member of staff, or a paired terminal through the API."""

    user: User | None = None
    terminal: Terminal | None = None
    reason: str = ""


@atomic
def refund_sale(sale_id: UUID, *, key: UUID, by: RefundedBy) -> Refund:
    """Give the whole of a sale back to where it came from. The same key again returns the same refund.

    Raises Refused refunds_not_allowed, sale_unknown, already_refunded, sale_not_settled.
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
    if sale.state != Sale.State.SETTLED:
        raise errors.sale_not_settled()
    for held in lock_accounts_of_sale(sale):
        ledger.post(
            ledger.Order(
                derive_id(refund_id, str(held.id)),
                held.credit_id,
                held.debit_id,
                held.amount_minor,
                Transfer.Reason.REFUND,
                sale.id,
            )
        )
    refund = Refund.objects.create(
        id=refund_id,
        sale=sale,
        reason=by.reason,
        refunded_by=by.user,
        refunded_at_terminal=by.terminal,
        at=now(),
    )
    facts = {
        "sale": str(sale.id),
        "total": sale.total_minor,
        "by": by.user.pk if by.user else None,
        "terminal": str(by.terminal.id) if by.terminal else None,
    }
    record("sale.refunded", subject=sale.person_id, facts=facts, personal={"reason": by.reason})
    return refund
