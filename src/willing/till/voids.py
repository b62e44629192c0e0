"""The writer of voids: the last sale at a till, refunded as a whole by the cashier who has just made it."""

from collections.abc import Callable, Mapping
from uuid import UUID

from willing.core.clock import now
from willing.core.errors import Refused
from willing.core.ids import derive_id
from willing.core.transactions import atomic, lock
from willing.terminals.models import Terminal
from willing.terminals.sign_ons import cashier_of
from willing.till import errors, void_errors
from willing.till.basket_states import UNPAID
from willing.till.baskets import lock_till
from willing.till.models import Basket, Sale
from willing.till.paid_by import PaidBy
from willing.till.refund_models import Refund
from willing.till.refunds import RefundedBy, refund_sale
from willing.till.void_rules import VoidFault, VoidSituation, decide_void

_REFUSALS: Mapping[VoidFault, Callable[[], Refused]] = {
    VoidFault.NOT_SIGNED_ON: void_errors.void_needs_sign_on,
    VoidFault.NOT_YOURS: void_errors.void_not_yours,
    VoidFault.REFUNDED: errors.already_refunded,
    VoidFault.NOT_LAST: void_errors.void_not_last,
    VoidFault.CLOSED: void_errors.void_after_close,
    VoidFault.TOO_LATE: void_errors.void_too_late,
}


@atomic
def void_last_sale(terminal: Terminal, sale_id: UUID) -> Refund:
    """Void a sale of a till: all of it goes back to where it came from. Twice is once.

    Locked before it is asked whether it is the last: the till, so that no basket is opened there, and every
    basket that could still pay. A sale that has begun to is waited for, and is the last one then.
    Raises Refused sale_unknown, already_refunded, void_needs_sign_on, void_not_yours, void_not_last,
    void_after_close, void_too_late, drawer_closed.
    """
    lock_till(terminal)
    list(lock(Basket.objects).filter(terminal=terminal, state__in=UNPAID).order_by("id"))
    sale = lock(Sale.objects).filter(pk=sale_id, terminal=terminal).first()
    if sale is None:
        raise errors.sale_unknown()
    if sale.is_voided:
        return Refund.objects.get(sale=sale)
    require_voidable(terminal, sale)
    session = sale.drawer_session if sale.way == PaidBy.CASH else None
    by = RefundedBy(user=cashier_of(terminal), is_void=True, drawer=session.drawer if session else None)
    return refund_sale(sale.id, key=derive_id(sale.id, "void"), by=by)


def require_voidable(terminal: Terminal, sale: Sale) -> None:
    """Raise Refused, as `void_last_sale` would now, where a sale of this till can't be voided."""
    cashier = cashier_of(terminal)
    later = Sale.objects.filter(school=sale.school_id, receipt_number__gt=sale.receipt_number)
    session = sale.drawer_session
    fault = decide_void(
        VoidSituation(
            cashier=cashier.pk if cashier else None,
            seller=sale.cashier_id,
            is_refunded=bool(sale.refunded),
            is_last=not later.filter(terminal=terminal).exists(),
            is_closed=session is not None and session.closed_at is not None,
            settled_at=sale.settled_at,
            now=now(),
        )
    )
    if fault is not VoidFault.NONE:
        refuse = _REFUSALS[fault]
        raise refuse()
