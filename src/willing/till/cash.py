"""The writer of sales in cash: visitors and staff, at a till with an open drawer under it."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from willing.audit.actions import record
from willing.core.clock import now
from willing.core.ids import derive_id
from willing.core.transactions import atomic
from willing.drawers.errors import drawer_closed
from willing.drawers.models import DrawerSession
from willing.drawers.queries import drawer_of_till, lock_open_session
from willing.ledger import actions as ledger
from willing.ledger.accounts import lock_accounts, open_school_account
from willing.ledger.models import Account, Transfer
from willing.people.models import School
from willing.terminals.models import Terminal
from willing.terminals.sign_ons import cashier_of
from willing.till import cash_errors, errors
from willing.till.basket_states import require_state, stop_face_session
from willing.till.baskets import basket_total_minor, lines_of, read_lines, require_basket
from willing.till.cash_models import CashPayment
from willing.till.cash_rules import round_cash, rounding_of
from willing.till.models import Basket, Sale
from willing.till.paid_by import CashBuyer, PaidBy
from willing.till.payment import sale_id_of
from willing.till.prices import prices_for, take_prices
from willing.till.receipts import next_receipt_number
from willing.till.wait_rules import wait_seconds


@dataclass(frozen=True)
class Tender:
    """What the cashier took. buyer: one of CashBuyer. shown_minor: what the cashier saw as due, in coins."""

    buyer: str
    shown_minor: int
    tendered_minor: int


def takes_cash(terminal: Terminal) -> bool:
    """Say whether a till's drawer is open. One statement."""
    return DrawerSession.objects.filter(drawer__terminal=terminal, closed_at=None).exists()


def require_cash_offered(terminal: Terminal, basket: Basket) -> None:
    """Raise Refused where nobody could pay this basket in cash now.

    Refused: till_takes_no_cash, drawer_closed, already_identified, basket_empty.
    """
    require_state(basket, Basket.State.OPEN)
    if not takes_cash(terminal):
        raise cash_errors.till_takes_no_cash() if drawer_of_till(terminal) is None else drawer_closed()
    if not lines_of(basket):
        raise errors.basket_empty()


def due_in_cash(basket: Basket, buyer: str) -> int:
    """Return what a basket costs a buyer in coins that exist, in minor units; nothing changes."""
    lines = lines_of(basket)
    prices = prices_for(basket, lines, buyer)
    total = sum(line.quantity * price for line, price in zip(lines, prices, strict=True))
    return _rounded(basket.terminal.school, total)


def _rounded(school: School, total_minor: int) -> int:
    return round_cash(total_minor, rounding_of(school.country, school.currency))


@atomic
def sell_for_cash(terminal: Terminal, basket_id: UUID, tender: Tender) -> Sale:
    """Sell an open basket to a visitor or a colleague, who is nobody here. However often it comes, once.

    Nothing that belongs to a person applies: no limit, no entitlement, no question about a duplicate.
    Locked in the order basket, drawer's session, accounts, receipt counter, end of the log.
    Raises Refused basket_unknown, basket_empty, already_identified, basket_closed, basket_expired,
    basket_parked, till_takes_no_cash, drawer_closed, cash_buyer_unknown, cashier_missing, total_changed,
    tender_too_small.
    """
    basket = require_basket(terminal, basket_id)
    if basket.state == Basket.State.PAID:
        return Sale.objects.get(basket=basket)
    require_state(basket, Basket.State.OPEN)
    if tender.buyer not in CashBuyer.values:
        raise cash_errors.cash_buyer_unknown()
    session = _require_session(terminal)
    lines = read_lines(basket)
    if not lines:
        raise errors.basket_empty()
    if basket.terminal.school.requires_cashier and cashier_of(basket.terminal) is None:
        raise errors.cashier_missing()
    stop_face_session(basket)
    take_prices(basket, lines, tender.buyer)
    due = _rounded(basket.terminal.school, basket_total_minor(basket))
    if tender.shown_minor != due:
        raise errors.total_changed(due)
    if tender.tendered_minor < due:
        raise cash_errors.tender_too_small(due - tender.tendered_minor)
    _move_money(basket, session, due)
    return _post(basket, session, tender, due)


def _require_session(terminal: Terminal) -> DrawerSession:
    drawer = drawer_of_till(terminal)
    if drawer is None:
        raise cash_errors.till_takes_no_cash()
    session = lock_open_session(drawer)
    session.drawer = drawer
    return session


def _move_money(basket: Basket, session: DrawerSession, due_minor: int) -> None:
    """Move what was bought from the drawer to the sales of each category, and what rounding made of it."""
    school, sale_id = basket.terminal.school, sale_id_of(basket.id)
    sold: dict[str, int] = {}
    for line in read_lines(basket):
        sold[line.product.category] = sold.get(line.product.category, 0) + line.total_minor
    sales = {
        category: open_school_account(school, Account.Kind.SALES, category).id
        for category, amount in sorted(sold.items())
        if amount
    }
    rounding = open_school_account(school, Account.Kind.ROUNDING).id
    drawer = session.drawer.account_id
    accounts = lock_accounts({drawer, rounding, *sales.values()})
    orders = [
        ledger.Order(
            key=derive_id(sale_id, "cash", category),
            debit=drawer,
            credit=account,
            amount_minor=sold[category],
            reason=Transfer.Reason.SALE,
            reference=sale_id,
        )
        for category, account in sales.items()
    ]
    more = due_minor - sum(sold.values())
    if more:
        orders.append(rounding_order(sale_id, derive_id(sale_id, "rounding"), more, accounts, drawer))
    if orders:  # a basket of free items moves nothing
        ledger.post_new(orders, accounts)


def rounding_order(
    sale_id: UUID, key: UUID, more_minor: int, accounts: Mapping[UUID, Account], drawer: UUID
) -> ledger.Order:
    """Return the transfer by which rounding lets a drawer hold more than was sold, or below zero less."""
    rounding = next(one.id for one in accounts.values() if one.kind == Account.Kind.ROUNDING)
    sides = (drawer, rounding) if more_minor > 0 else (rounding, drawer)
    return ledger.Order(key, *sides, abs(more_minor), Transfer.Reason.ROUNDING, sale_id)


def _post(basket: Basket, session: DrawerSession, tender: Tender, due_minor: int) -> Sale:
    at, total = now(), basket_total_minor(basket)
    sale = Sale(
        id=sale_id_of(basket.id),
        school=basket.terminal.school,
        terminal_id=basket.terminal_id,
        basket=basket,
        person=None,
        way=PaidBy.CASH,
        cashier=cashier_of(basket.terminal),
        drawer_session=session,
        total_minor=total,
        wallet_minor=0,
        entitled_minor=0,
        carried_minor=0,
        cash_minor=total,
        receipt_number=next_receipt_number(basket.terminal.school),
        settled_at=at,
        waited_seconds=wait_seconds(basket.opened_at, at),
    )
    sale.save(force_insert=True)
    sale.is_new = True
    CashPayment.objects.create(
        sale=sale,
        buyer=tender.buyer,
        due_minor=due_minor,
        tendered_minor=tender.tendered_minor,
    )
    basket.state, basket.way, basket.closed_at = Basket.State.PAID, PaidBy.CASH, at
    basket.save(update_fields=["state", "way", "closed_at"])
    facts = {
        "sale": str(sale.id),
        "total": total,
        "way": sale.way,
        "due": due_minor,
        "terminal": str(sale.terminal_id),
        "cashier": sale.cashier_id,
        "receipt": sale.receipt_number,
    }
    record("sale.settled", subject=sale.id, facts=facts, personal={})
    return sale
