"""The writer that charges a refunded sale again, where the office undoes a refund that was a mistake."""

from uuid import UUID

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.ids import derive_id
from willing.core.transactions import atomic, lock
from willing.ledger import actions as ledger
from willing.ledger.accounts import lock_accounts, open_wallet
from willing.ledger.models import Account, Transfer
from willing.till import errors
from willing.till.models import Basket, BasketLine, Sale
from willing.till.receipts import next_receipt_number


@atomic
def charge_again(sale: Sale, *, key: UUID, by: User) -> Sale:
    """Sell what was sold once more, to the same person, paid by the same: a sale with a receipt of its own.

    The same key again returns the same sale. Raises Refused not_covered where the wallet has not enough.
    """
    held = lock(Sale.objects).get(pk=sale.pk)
    basket_id = derive_id(key, "basket")
    sale_id = derive_id(basket_id, "sale")
    earlier = Sale.objects.filter(pk=sale_id).first()
    if earlier is not None:
        return earlier
    assert held.person is not None, "what is charged twice was somebody's"
    if held.refunded != Sale.Refunded.WHOLE:
        raise errors.sale_not_refunded()
    _copy_basket(held, basket_id)
    _move_money(held, sale_id)
    again = Sale(
        id=sale_id,
        school=held.school,
        terminal_id=held.terminal_id,
        basket_id=basket_id,
        person=held.person,
        way=held.way,
        cashier=None,
        total_minor=held.total_minor,
        wallet_minor=held.wallet_minor,
        entitled_minor=held.entitled_minor,
        carried_minor=held.carried_minor,
        is_repeat_checked=True,
        receipt_number=next_receipt_number(held.school),
        settled_at=now(),
    )
    again.save(force_insert=True)
    facts = {"sale": str(again.id), "of": str(held.id), "total": again.total_minor, "by": by.pk}
    record("sale.recharged", subject=again.person_id, facts=facts, personal={})
    return again


def _copy_basket(sale: Sale, basket_id: UUID) -> None:
    at = now()
    Basket.objects.create(
        id=basket_id,
        terminal_id=sale.terminal_id,
        state=Basket.State.PAID,
        person=sale.person,
        way=sale.way,
        opened_at=at,
        touched_at=at,
        closed_at=at,
    )
    BasketLine.objects.bulk_create(
        BasketLine(
            basket_id=basket_id,
            product_id=line.product_id,
            name=line.name,
            name_zh_hans=line.name_zh_hans,
            quantity=line.quantity,
            price_minor=line.price_minor,
            listed_minor=line.listed_minor,
            tax_code=line.tax_code,
        )
        for line in BasketLine.objects.filter(basket=sale.basket_id)
    )


def _move_money(sale: Sale, sale_id: UUID) -> None:
    rows = Transfer.objects.filter(reference=sale.id, reason=Transfer.Reason.SALE)
    moved = list(rows.select_related("debit").order_by("id"))
    assert sale.person is not None
    wallet = open_wallet(sale.person)
    payers = {one.id: wallet.id if one.debit.kind == Account.Kind.WALLET else one.debit_id for one in moved}
    accounts = lock_accounts({*payers.values(), *(one.credit_id for one in moved)})
    orders = [
        ledger.Order(
            key=derive_id(sale_id, str(one.id)),
            debit=payers[one.id],
            credit=one.credit_id,
            amount_minor=one.amount_minor,
            reason=Transfer.Reason.SALE,
            reference=sale_id,
        )
        for one in moved
    ]
    if orders:
        ledger.post_new(orders, accounts)
