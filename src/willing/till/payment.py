"""Paying: "Yes, pay" charges a basket once, whatever crashes or is pressed twice."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from willing.audit.actions import record
from willing.consent.queries import permission_as_read
from willing.core.clock import now
from willing.core.errors import Refused
from willing.core.ids import derive_id
from willing.core.transactions import atomic
from willing.entitlements.queries import read_periods
from willing.ledger import actions as ledger
from willing.ledger.accounts import SaleAccounts, lock_sale_accounts
from willing.ledger.models import Transfer
from willing.people.models import Person
from willing.terminals.models import Terminal, Way
from willing.terminals.sign_ons import cashier_of
from willing.till import errors
from willing.till.allergen_checks import find_hold
from willing.till.basket_states import back_to_open, require_shown, require_state, stop_face_session
from willing.till.baskets import basket_total_minor, read_lines, require_basket
from willing.till.face_identification import remove_face
from willing.till.grants import granted_as_read
from willing.till.limit_rules import Limit, decide_limit, is_small_sum
from willing.till.limits import limits_as_read, spent_and_repeated
from willing.till.meals import meals_with
from willing.till.menu_models import Product
from willing.till.models import Basket, BasketLine, Sale
from willing.till.receipts import next_receipt_number
from willing.till.rules import (
    Funding,
    Item,
    MealNotice,
    Payer,
    PaymentPart,
    decide_funding,
    divide,
    is_repeat,
    total_minor,
)
from willing.till.wait_rules import wait_seconds


@dataclass(frozen=True)
class Checked:
    """What a till of another maker says of its cashier.

    meals: for how many main meals of this sitting they have answered; None where that is asked elsewhere.
    dishes: the products of which they have checked whether the person may eat them.
    """

    meals: int | None = None
    dishes: Collection[UUID] = ()


NOTHING_CHECKED = Checked()


def confirm_basket(
    terminal: Terminal,
    basket_id: UUID,
    shown_minor: int | None = None,
    *,
    is_repeat_checked: bool | None = None,
    shown: Basket | None = None,
) -> Sale:
    """Take the pupil's "Yes, pay". However often it comes, it charges once.

    shown_minor: the sum that was on the screen; None where there is no screen. shown: the basket as the
    screen showed it. The till's page holds back the press for a third main meal itself (pages.kiosk).
    Raises Refused not_identified, identification_expired, basket_closed, basket_expired, basket_parked,
    card_revoked, person_left, screen_changed, total_changed, cashier_missing, allergen_blocked,
    allergen_check_needed, extras_not_covered, purchase_limit_reached, daily_limit_reached,
    weekly_limit_reached, face_withdrawn, face_limit_reached, face_used_up, repeat_check_needed.
    """
    sold = confirm_once(terminal, basket_id, shown_minor, is_repeat_checked=is_repeat_checked, shown=shown)
    if isinstance(sold, Refused):
        raise sold
    return sold


def sale_id_of(basket_id: UUID) -> UUID:
    """Return the id that the sale of a basket has, or will have."""
    return derive_id(basket_id, "sale")


@atomic
def confirm_once(
    terminal: Terminal,
    basket_id: UUID,
    shown_minor: int | None = None,
    checked: Checked = NOTHING_CHECKED,
    *,
    is_repeat_checked: bool | None = None,
    shown: Basket | None = None,
) -> Sale | Refused:
    """Return the basket's sale, posted with its receipt; or the refusal that forgets who is shown, to keep.

    is_repeat_checked: whether the cashier has said that the same sum again is another purchase; None where
    nobody asks.
    What was true when they said who they are is asked again: the card, the person, the permission.

    Locked in the order basket, accounts, receipt counter, end of the log, as everywhere; and the accounts
    before anything that was spent is asked for, so that two tills never pass a day's limit together.
    """
    basket = require_basket(terminal, basket_id)
    if basket.state == Basket.State.PAID:
        return Sale.objects.get(basket=basket)
    require_shown(basket, shown)
    accounts = lock_sale_accounts(basket.person, Product.Category.values) if basket.person else None
    stop_face_session(basket)
    if (refusal := _no_longer_valid(basket)) is not None:
        back_to_open(basket)
        return refusal
    if not _face_still_permitted(basket):
        is_claimed = bool(basket.claim)
        remove_face(basket)
        if not is_claimed:
            return errors.face_withdrawn()
    require_state(basket, Basket.State.IDENTIFIED)
    assert accounts is not None, "somebody is identified"
    assert basket.person is not None
    read_lines(basket)
    total = basket_total_minor(basket)
    if shown_minor not in (None, total):
        raise errors.total_changed(total)
    if checked.meals is not None:
        # Who serves a further meal says with it that it is another purchase.
        is_repeat_checked = _require_meals_checked(basket, checked.meals) or is_repeat_checked
    if basket.terminal.school.requires_cashier and cashier_of(basket.terminal) is None:
        raise errors.cashier_missing()
    if (held := find_hold(basket, basket.person, checked.dishes)) is not None:
        return held
    return _sell(basket, basket.person, accounts, is_repeat_checked)


def _require_meals_checked(basket: Basket, checked: int) -> bool:
    """Return whether the cashier was asked, and has served. Raises Refused meal_check_needed."""
    meals, notice, _sitting = meals_with(basket)
    if notice is MealNotice.ASK and meals > checked:
        raise errors.meal_check_needed(meals)
    return notice is MealNotice.ASK


def _no_longer_valid(basket: Basket) -> Refused | None:
    """Return why the person shown may no longer pay as they were identified; None where they may."""
    if basket.state != Basket.State.IDENTIFIED or basket.person is None:
        return None
    if basket.person.left_at is not None:
        return errors.person_left()
    return errors.card_revoked() if basket.card is not None and basket.card.revoked_at else None


def _face_still_permitted(basket: Basket) -> bool:
    if basket.state != Basket.State.IDENTIFIED or basket.way != Way.FACE or basket.person is None:
        return True
    return permission_as_read(basket.person, basket.terminal.purpose).granted


def _require_within(limit: Limit) -> None:
    """Raises Refused purchase_limit_reached, daily_limit_reached, weekly_limit_reached."""
    if limit is Limit.PURCHASE:
        raise errors.purchase_limit_reached()
    if limit is Limit.DAY:
        raise errors.daily_limit_reached()
    if limit is Limit.WEEK:
        raise errors.weekly_limit_reached()


def _sell(
    basket: Basket, person: Person, accounts: SaleAccounts, is_repeat_checked: bool | None
) -> Sale | Refused:
    items = [_item(line) for line in read_lines(basket)]
    spent, same_sum_at = spent_and_repeated(person, total_minor(items))
    funding = decide_funding(
        items,
        accounts.wallet.available_minor,
        accounts.wallet.school.grace_minor,
        granted_as_read(person, read_periods(vars(basket)["entitlement_rows"]), spent),
    )
    by_face_alone = basket.way == Way.FACE and not basket.claim
    wallet_minor = funding.wallet_minor if funding else 0
    limits = limits_as_read(person, vars(basket)["limit_rows"])
    limit = decide_limit(items, wallet_minor, spent, limits, by_face_alone=by_face_alone)
    if limit is Limit.FACE:
        basket.is_face_used_up = True
        basket.save(update_fields=["is_face_used_up"])
        back_to_open(basket)
        is_small = is_small_sum(total_minor(items), limits.face_daily_minor)
        return errors.face_used_up() if is_small else errors.face_limit_reached()
    if not items:
        raise errors.basket_empty()
    if funding is None:
        raise errors.extras_not_covered()
    _require_within(limit)
    repeats = is_repeat(same_sum_at, now())
    if repeats and is_repeat_checked is False:
        raise errors.repeat_check_needed()
    _move_money(sale_id_of(basket.id), accounts, divide(items, funding))
    return _post(basket, person, funding, is_repeat_checked=repeats and bool(is_repeat_checked))


def _item(line: BasketLine) -> Item:
    product = line.product
    return Item(line.price_minor, line.quantity, product.is_main_meal, product.category)


def _post(basket: Basket, person: Person, funding: Funding, *, is_repeat_checked: bool) -> Sale:
    at = now()
    sale = Sale(
        id=sale_id_of(basket.id),
        school=basket.terminal.school,
        terminal_id=basket.terminal_id,
        basket=basket,
        person=person,
        way=basket.way,
        cashier=cashier_of(basket.terminal),
        drawer_session_id=vars(basket)["drawer_session"],
        total_minor=funding.total_minor,
        wallet_minor=funding.wallet_minor,
        entitled_minor=funding.entitled_minor,
        carried_minor=funding.carried_minor,
        free_meal_minor=funding.free_meal_minor,
        is_repeat_checked=is_repeat_checked,
        receipt_number=next_receipt_number(basket.terminal.school),
        settled_at=at,
        waited_seconds=wait_seconds(basket.opened_at, at),
    )
    sale.save(force_insert=True)
    sale.is_new = True
    basket.state, basket.closed_at, basket.card = Basket.State.PAID, at, None
    basket.save(update_fields=["state", "closed_at", "card"])
    facts = {
        "sale": str(sale.id),
        "total": sale.total_minor,
        "way": sale.way,
        "terminal": str(sale.terminal_id),
        "cashier": sale.cashier_id,
        "receipt": sale.receipt_number,
    }
    record("sale.settled", subject=person.id, facts=facts, personal={})
    return sale


def _move_money(sale_id: UUID, accounts: SaleAccounts, parts: list[PaymentPart]) -> None:
    """Move what each side pays to the school's sales of each category."""
    payers = {
        Payer.WALLET: accounts.wallet.id,
        Payer.ENTITLEMENT: accounts.entitlements.id,
        Payer.CARRIED: accounts.meals.id,
    }
    orders = [
        ledger.Order(
            key=derive_id(sale_id, part.payer, part.category),
            debit=payers[part.payer],
            credit=accounts.sales[part.category].id,
            amount_minor=part.amount_minor,
            reason=Transfer.Reason.SALE,
            reference=sale_id,
        )
        for part in parts
    ]
    if orders:  # a basket of free items moves nothing
        ledger.post_new(orders, accounts.by_id)
