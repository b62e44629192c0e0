"""What of a sale in cash goes back: out of an open drawer, in coins that exist."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Sum

from willing.core.ids import derive_id
from willing.drawers.errors import drawer_holds_less
from willing.drawers.models import Drawer
from willing.drawers.queries import lock_open_session
from willing.ledger import actions as ledger
from willing.ledger.accounts import open_school_account
from willing.ledger.models import Account
from willing.till import cash_errors
from willing.till.cash import rounding_order
from willing.till.cash_rules import cash_back_minor, rounding_of
from willing.till.models import Sale
from willing.till.paid_by import PaidBy
from willing.till.refund_models import Refund


@dataclass
class CashBack:
    """A refund of a sale in cash. handed_minor: what it hands back, known once `hand_back` was asked."""

    sale: Sale
    drawer_account: UUID
    rounding_account: UUID
    handed_minor: int = 0

    @property
    def accounts(self) -> tuple[UUID, UUID]:
        """What it moves beside the sales, to be locked with them."""
        return self.drawer_account, self.rounding_account

    def hand_back(
        self, refund_id: UUID, now_minor: int, accounts: Mapping[UUID, Account]
    ) -> list[ledger.Order]:
        """Return what rounding adds to a refund of `now_minor`. Raises Refused drawer_holds_less."""
        sale, school = self.sale, self.sale.school
        given = Refund.objects.filter(sale=sale).aggregate(handed=Sum("handed_minor"))["handed"] or 0
        left = sale.cash_minor - sale.refunded_cash_minor - now_minor
        rounding = rounding_of(school.country, school.currency)
        self.handed_minor = cash_back_minor(sale.cash.due_minor, given, left, rounding)
        held = accounts[self.drawer_account].balance_minor
        if held < self.handed_minor:
            raise drawer_holds_less(held)
        more = now_minor - self.handed_minor
        key = derive_id(refund_id, "rounding")
        return [rounding_order(sale.id, key, more, accounts, self.drawer_account)] if more else []


def lock_drawer_for(sale: Sale, drawer: Drawer | None) -> CashBack | None:
    """Lock the open drawer out of which a sale in cash goes back; None for every other sale.

    Raises Refused refund_needs_a_drawer, drawer_closed.
    """
    if sale.way != PaidBy.CASH:
        return None
    if drawer is None or drawer.school_id != sale.school_id:
        raise cash_errors.refund_needs_a_drawer()
    lock_open_session(drawer)
    rounding = open_school_account(sale.school, Account.Kind.ROUNDING)
    return CashBack(sale, drawer.account_id, rounding.id)
