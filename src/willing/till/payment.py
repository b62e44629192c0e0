"""Paying: "Yes, pay" charges a basket once, whatever crashes or is pressed twice."""

import logging
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F

from willing.audit.actions import record
from willing.consent.queries import permission
from willing.core.clock import now
from willing.core.errors import Refused
from willing.core.ids import derive_id
from willing.core.transactions import atomic, lock
from willing.ledger import actions as ledger
from willing.ledger.models import Account, Transfer
from willing.people.models import Person, School
from willing.terminals.models import Terminal, Way
from willing.till import errors
from willing.till.basket_states import back_to_open, stop_face_session
from willing.till.baskets import basket_total_minor, require_basket, require_state
from willing.till.face_identification import remove_face
from willing.till.limits import (
    allowance_left_minor,
    bought_by_face_alone_today_minor,
    limits_of,
    spent_today_minor,
)
from willing.till.models import Basket, ReceiptCounter, Sale
from willing.till.rules import Funding, Item, decide_funding, is_within_day, total_minor

log = logging.getLogger("willing.till")


def confirm_basket(terminal: Terminal, basket_id: UUID) -> Sale:
    """Take the pupil's "Yes, pay": hold the money, then settle. However often it comes, it charges once.

    A crash between the two leaves a hold; the next confirmation, or the next start, settles it.
    Raises Refused not_identified, basket_closed, extras_not_covered, daily_limit_reached, face_ended,
    face_limit_reached.
    """
    held = _hold_once(terminal, basket_id)
    if isinstance(held, Refused):
        raise held
    return settle_sale(held.id)


@atomic
def _hold_once(terminal: Terminal, basket_id: UUID) -> Sale | Refused:
    """Return the basket's sale, held, or the refusal once the face that it came from is forgotten.

    Locked in the order basket, accounts, end of the log, as everywhere; and the accounts before any limit is
    asked for, so that two tills never pass a day's limit together.
    """
    basket = require_basket(terminal, basket_id)
    sale = basket.sales.exclude(state=Sale.State.VOIDED).first()
    if sale is not None:
        return sale
    wallet = _lock_money(basket.person) if basket.person else None
    stop_face_session(basket)
    if not _face_still_permitted(basket):
        is_claimed = bool(basket.claim)
        remove_face(basket)
        if not is_claimed:
            return errors.face_ended()
    elif _is_beyond_face_limit(basket):
        back_to_open(basket)
        return errors.face_limit_reached()
    require_state(basket, Basket.State.IDENTIFIED)
    assert wallet is not None, "somebody is identified"
    return _hold(basket, wallet)


def _face_still_permitted(basket: Basket) -> bool:
    if basket.state != Basket.State.IDENTIFIED or basket.way != Way.FACE or basket.person is None:
        return True
    return permission(basket.person, basket.terminal.purpose).granted


def _is_beyond_face_limit(basket: Basket) -> bool:
    if basket.state != Basket.State.IDENTIFIED or basket.way != Way.FACE or basket.claim:
        return False
    assert basket.person is not None
    spent = bought_by_face_alone_today_minor(basket.person)
    return spent + basket_total_minor(basket) > limits_of(basket.person).face_daily_minor


def _hold(basket: Basket, wallet: Account) -> Sale:
    assert basket.person is not None
    school = basket.terminal.school
    items = [
        Item(line.price_minor, line.quantity, line.product.is_main_meal)
        for line in basket.lines.select_related("product")
    ]
    if not items:
        raise errors.basket_empty()
    allowance = allowance_left_minor(basket.person)
    funding = decide_funding(items, wallet.available_minor, wallet.overdraft_minor, allowance)
    if funding is None:
        raise errors.extras_not_covered()
    if not is_within_day(
        items, funding, spent_today_minor(basket.person), limits_of(basket.person).daily_minor
    ):
        raise errors.daily_limit_reached()
    sale_id = derive_id(basket.id, "sale", str(basket.sales.count()))
    holds = _hold_money(school, wallet, funding, sale_id)
    sale = Sale.objects.create(
        id=sale_id,
        school=school,
        terminal_id=basket.terminal_id,
        basket=basket,
        person=basket.person,
        way=basket.way,
        total_minor=total_minor(items),
        wallet_hold=holds[0],
        meals_hold=holds[1],
        held_at=now(),
    )
    facts = {
        "sale": str(sale_id),
        "total": sale.total_minor,
        "way": sale.way,
        "terminal": str(basket.terminal_id),
    }
    record("sale.held", subject=basket.person_id, facts=facts, personal={})
    return sale


def _lock_money(person: Person) -> Account:
    """Lock every account that a sale may move, and return the wallet."""
    wallet = ledger.open_wallet(person)
    kinds = (Account.Kind.SALES, Account.Kind.MEALS)
    schools = [ledger.open_school_account(person.school, kind) for kind in kinds]
    return ledger.lock_accounts([wallet.id, *(account.id for account in schools)])[wallet.id]


def _hold_money(
    school: School, wallet: Account, funding: Funding, sale_id: UUID
) -> tuple[Transfer | None, Transfer | None]:
    sales = ledger.open_school_account(school, Account.Kind.SALES)
    meals = ledger.open_school_account(school, Account.Kind.MEALS)
    parts = (("wallet", wallet, funding.wallet_minor), ("meals", meals, funding.meals_minor))
    holds = [
        ledger.hold(
            ledger.Order(
                derive_id(sale_id, label), account.id, sales.id, amount, Transfer.Reason.SALE, sale_id
            )
        )
        if amount
        else None
        for label, account, amount in parts
    ]
    return holds[0], holds[1]


@atomic
def settle_sale(sale_id: UUID) -> Sale:
    """Turn a held sale into a paid one with the next receipt number. Doing it again returns the same sale."""
    sale = lock(Sale.objects).select_related("basket", "school").get(pk=sale_id)
    if sale.state == Sale.State.SETTLED:
        return sale
    for held in lock_accounts_of_sale(sale):
        ledger.settle(held)
    ReceiptCounter.objects.get_or_create(school=sale.school)
    ReceiptCounter.objects.filter(school=sale.school).update(last=F("last") + 1)
    sale.receipt_number = ReceiptCounter.objects.get(school=sale.school).last
    sale.state, sale.settled_at = Sale.State.SETTLED, now()
    sale.save(update_fields=["state", "receipt_number", "settled_at"])
    basket = sale.basket
    basket.state, basket.closed_at = Basket.State.PAID, now()
    basket.save(update_fields=["state", "closed_at"])
    facts = {"sale": str(sale.id), "total": sale.total_minor, "way": sale.way, "receipt": sale.receipt_number}
    record("sale.settled", subject=sale.person_id, facts=facts, personal={})
    return sale


def lock_accounts_of_sale(sale: Sale) -> list[Transfer]:
    """Return what a sale holds or moved, with every account of it locked."""
    holds = [held for held in (sale.wallet_hold, sale.meals_hold) if held is not None]
    ledger.lock_accounts({side for held in holds for side in (held.debit_id, held.credit_id)})
    return holds


@dataclass(frozen=True)
class HeldSales:
    """What became of the sales that were held: how many are settled, and which could not be."""

    settled: int
    failed: tuple[UUID, ...] = ()


def settle_held_sales() -> HeldSales:
    """Settle what a crash left between hold and settle: the pupil had confirmed.

    Each by itself: one that can't be settled stops no other, stays held, and is noted in the log.
    """
    settled, failed = 0, []
    held = list(Sale.objects.filter(state=Sale.State.HELD).order_by("id").values_list("id", "person_id"))
    for sale_id, person_id in held:
        try:
            settle_sale(sale_id)
            settled += 1
        except Exception as error:
            log.exception("a held sale could not be settled")
            failed.append(sale_id)
            _record_not_settled(sale_id, person_id, type(error).__name__)
    return HeldSales(settled, tuple(failed))


@atomic
def _record_not_settled(sale_id: UUID, person_id: UUID, fault: str) -> None:
    facts = {"sale": str(sale_id), "fault": fault}
    record("sale.settlement_failed", subject=person_id, facts=facts, personal={})


@atomic
def skip_receipts(school: School, known: int) -> int:
    """Let receipt numbers go on above `known`, given out after a restored copy. Return the gap."""
    ReceiptCounter.objects.get_or_create(school=school)
    counter = lock(ReceiptCounter.objects).get(school=school)
    skipped = max(0, known - counter.last)
    if skipped:
        facts = {"first": counter.last + 1, "last": known}
        counter.last = known
        counter.save(update_fields=["last"])
        record("receipts.skipped", subject=school.id, facts=facts, personal={})
    return skipped


def highest_receipts() -> dict[str, int]:
    """Return the highest receipt number that each school gave out, by the school's id."""
    return {str(school): last for school, last in ReceiptCounter.objects.values_list("school_id", "last")}
