"""When a cashier may void the sale that they just made. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from willing.core.clock import STEP

VOID_MINUTES = 5


class VoidFault(StrEnum):
    """Why a sale can't be voided at the till: it is a refund then, and the office's."""

    NONE = ""
    NOT_SIGNED_ON = "not_signed_on"
    NOT_YOURS = "not_yours"
    REFUNDED = "refunded"
    NOT_LAST = "not_last"
    CLOSED = "closed"
    TOO_LATE = "too_late"


@dataclass(frozen=True)
class VoidSituation:
    """What the answer follows from.

    cashier: who is signed on with their PIN now, seller: who was when it was sold; None where nobody.
    is_refunded: wholly or in part. is_last: nothing was sold at this till since, by the receipts' numbers.
    is_closed: the day of its drawer in which it was sold is. Neither asks a clock, which may have been put
    back since; only how long ago it was is asked of one.
    """

    cashier: int | None
    seller: int | None
    is_refunded: bool
    is_last: bool
    is_closed: bool
    settled_at: datetime
    now: datetime


def decide_void(situation: VoidSituation) -> VoidFault:
    """Return what is in the way of a void, or NONE.

    A sale that seems to have been made later than now was made before the clock was put back: how long ago
    nobody can say.
    """
    one = situation
    age = one.now - one.settled_at
    faults = (
        (VoidFault.NOT_SIGNED_ON, one.cashier is None),
        (VoidFault.NOT_YOURS, one.cashier != one.seller),
        (VoidFault.REFUNDED, one.is_refunded),
        (VoidFault.NOT_LAST, not one.is_last),
        (VoidFault.CLOSED, one.is_closed),
        (VoidFault.TOO_LATE, not -STEP <= age < timedelta(minutes=VOID_MINUTES)),
    )
    return next((fault for fault, is_so in faults if is_so), VoidFault.NONE)
