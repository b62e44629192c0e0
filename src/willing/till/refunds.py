"""The writer of refunds: of a sale, or of some of what was bought with it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, Sum
from django.db.models.functions import Coalesce

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.ids import derive_id
from willing.core.transactions import atomic, lock
from willing.drawers.models import Drawer
from willing.ledger import actions as ledger
from willing.ledger.accounts import lock_accounts, open_wallet
from willing.ledger.errors import key_reused
from willing.ledger.models import Account, Transfer
from willing.terminals.errors import refunds_not_allowed
from willing.terminals.models import Terminal
from willing.terminals.sign_ons import cashier_of
from willing.till import errors
from willing.till.cash_back import CashBack, lock_drawer_for
from willing.till.models import BasketLine, Sale
from willing.till.refund_models import Refund, RefundLine
from willing.till.refund_rules import Back, Paid, decide_refund
from willing.till.rules import Payer

_PAYERS = {
    Account.Kind.WALLET: Payer.WALLET,
    Account.Kind.ENTITLEMENTS: Payer.ENTITLEMENT,
    Account.Kind.MEALS: Payer.CARRIED,
    Account.Kind.DRAWER: Payer.CASH,
}


@dataclass(frozen=True)
class RefundedBy:
    """Who refunds a sale: a member of staff, or a paired terminal through the API."""

    user: User | None = None
    terminal: Terminal | None = None
    reason: str = ""
    # By nobody: the sale was certainly a duplicate.
    is_automatic: bool = False
    # By the cashier who had just sold it, who asked `voids.void_last_sale`.
    is_void: bool = False
    # Out of which open drawer a sale in cash goes back; None for every other sale.
    drawer: Drawer | None = None


@atomic
def refund_sale(
    sale_id: UUID, *, key: UUID, by: RefundedBy, quantities: Mapping[UUID, int] | None = None
) -> Refund:
    """Refund a sale, or some of it, to where the money came from. The same key again returns the same refund.

    quantities: how many of which product, by its id; None for all that is left of the sale. Who gets what is
    in `refund_rules.decide_refund`.
    Raises Refused refunds_not_allowed, sale_unknown, already_refunded, refund_too_large,
    refund_needs_a_drawer, drawer_closed, drawer_holds_less, idempotency_key_reused.
    """
    if by.terminal and not Terminal.objects.filter(pk=by.terminal.pk, may_refund=True).exists():
        raise refunds_not_allowed()
    sale = lock(Sale.objects).filter(pk=sale_id).first()
    if sale is None or (by.terminal and sale.terminal_id != by.terminal.id):
        raise errors.sale_unknown()
    refund_id = derive_id(sale.id, "refund", str(key))
    earlier = Refund.objects.filter(pk=refund_id).first()
    if earlier is not None:
        _require_same(earlier, quantities)
        return earlier
    wanted = _wanted(sale, quantities)
    cash = lock_drawer_for(sale, by.drawer)
    given = _move_back(sale, refund_id, wanted, cash)
    refund = _write(sale, refund_id, given, by, cash.handed_minor if cash else None)
    sale.is_voided = by.is_void
    _write_lines(sale, refund, wanted)
    return refund


def _require_same(refund: Refund, quantities: Mapping[UUID, int] | None) -> None:
    given = dict(refund.lines.values_list("line__product", "quantity"))
    if quantities is not None and dict(quantities) != given:
        raise key_reused()


def _wanted(sale: Sale, quantities: Mapping[UUID, int] | None) -> list[tuple[BasketLine, int]]:
    """Return which lines are refunded, and how many of each."""
    if sale.refunded == Sale.Refunded.WHOLE:
        raise errors.already_refunded()
    lines = {
        line.product_id: line for line in BasketLine.objects.filter(basket=sale.basket_id).order_by("id")
    }
    if quantities is None:
        return [(line, line.left) for line in lines.values() if line.left]
    for product, quantity in quantities.items():
        left = lines[product].left if product in lines else 0
        if not 1 <= quantity <= left:
            raise errors.refund_too_large(product, left)
    if not quantities:
        raise errors.nothing_to_refund()
    return [(line, quantities[product]) for product, line in lines.items() if product in quantities]


def _move_back(
    sale: Sale, refund_id: UUID, wanted: Sequence[tuple[BasketLine, int]], cash: CashBack | None
) -> Sequence[Back]:
    due: dict[str, int] = {}
    categories = dict(BasketLine.objects.filter(basket=sale.basket_id).values_list("id", "product__category"))
    for line, quantity in wanted:
        category = categories[line.id]
        due[category] = due.get(category, 0) + line.price_minor * quantity
    if not any(due.values()):
        return ()  # nothing was paid
    moved = {one.id: one for one in _moved(sale)}
    givers = _givers(sale, moved.values(), cash)
    accounts = lock_accounts(
        {*givers.values(), *(one.credit_id for one in moved.values()), *(cash.accounts if cash else ())}
    )
    # What was taken back before is read under the accounts' locks.
    taken = dict(
        Transfer.objects.filter(pk__in=moved).values_list("pk", Coalesce(Sum("corrections__amount_minor"), 0))
    )
    paid = [
        Paid(pk, _PAYERS[Account.Kind(one.debit.kind)], one.credit.part, one.amount_minor - taken[pk])
        for pk, one in moved.items()
    ]
    given = decide_refund(paid, due)
    orders = [
        ledger.Order(
            key=derive_id(refund_id, str(one.paid.transfer)),
            debit=moved[one.paid.transfer].credit_id,
            credit=givers[one.paid.transfer],
            amount_minor=one.amount_minor,
            reason=Transfer.Reason.REFUND,
            reference=sale.id,
            corrects=one.paid.transfer,
        )
        for one in given
    ]
    if cash is not None:
        orders += cash.hand_back(refund_id, sum(one.amount_minor for one in given), accounts)
    ledger.post_new(orders, accounts)
    return given


def _givers(sale: Sale, moved: Iterable[Transfer], cash: CashBack | None) -> dict[UUID, UUID]:
    """Return to which account each transfer of a sale goes back."""
    if cash is not None:
        return {one.id: cash.drawer_account for one in moved}
    assert sale.person is not None, "only cash is nobody's"
    # The sale's person today: two records may have been merged.
    wallet = open_wallet(sale.person)
    return {one.id: wallet.id if one.debit.kind == Account.Kind.WALLET else one.debit_id for one in moved}


def _moved(sale: Sale) -> Sequence[Transfer]:
    rows = Transfer.objects.filter(reference=sale.id, reason=Transfer.Reason.SALE)
    return list(rows.select_related("debit", "credit").order_by("id"))


def _write(
    sale: Sale, refund_id: UUID, given: Sequence[Back], by: RefundedBy, handed_minor: int | None
) -> Refund:
    sums = {payer: sum(one.amount_minor for one in given if one.paid.payer == payer) for payer in Payer}
    user = by.user or (cashier_of(by.terminal) if by.terminal else None)
    refund = Refund.objects.create(
        id=refund_id,
        sale=sale,
        total_minor=sum(sums.values()),
        wallet_minor=sums[Payer.WALLET],
        entitled_minor=sums[Payer.ENTITLEMENT],
        carried_minor=sums[Payer.CARRIED],
        cash_minor=sums[Payer.CASH],
        handed_minor=handed_minor,
        reason=by.reason,
        refunded_by=user,
        refunded_at_terminal=by.terminal,
        is_automatic=by.is_automatic,
        at=now(),
    )
    facts = {
        "sale": str(sale.id),
        "refund": str(refund.id),
        "total": refund.total_minor,
        "by": user.pk if user else None,
        "terminal": str(by.terminal.id) if by.terminal else None,
    }
    event = "sale.voided" if by.is_void else "sale.refunded"
    record(event, subject=sale.person_id or sale.id, facts=facts, personal={"reason": by.reason})
    return refund


def _write_lines(sale: Sale, refund: Refund, wanted: Sequence[tuple[BasketLine, int]]) -> None:
    """Write what was refunded now, and what has been of the sale in all."""
    RefundLine.objects.bulk_create(
        RefundLine(refund=refund, line=line, quantity=quantity) for line, quantity in wanted
    )
    for line, quantity in wanted:
        BasketLine.objects.filter(pk=line.pk).update(refunded=F("refunded") + quantity)
    left = BasketLine.objects.filter(basket=sale.basket_id, refunded__lt=F("quantity"))
    sale.refunded = Sale.Refunded.PART if left.exists() else Sale.Refunded.WHOLE
    sale.refunded_wallet_minor += refund.wallet_minor
    sale.refunded_entitled_minor += refund.entitled_minor
    sale.refunded_carried_minor += refund.carried_minor
    sale.refunded_cash_minor += refund.cash_minor
    # The day's free meal is there again once no main meal of this sale is left.
    has_meal = left.filter(product__is_main_meal=True).exists()
    entitled_left = sale.entitled_minor - sale.refunded_entitled_minor
    sale.free_meal_minor = min(sale.free_meal_minor, entitled_left) if has_meal else 0
    sums = (f"refunded_{payer}_minor" for payer in ("wallet", "entitled", "carried", "cash"))
    changed = ("refunded", *sums, "free_meal_minor", "is_voided")
    sale.save(update_fields=changed)
