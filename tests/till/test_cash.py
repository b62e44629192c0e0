"""Sales in cash: to visitors and staff, over an open drawer, in coins that exist, back as they came."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from tests.support.cash import open_till_drawer, pay_cash
from tests.support.log import facts_of
from tests.support.signing import sign_in
from tests.support.till import fill_basket, identify, pay

from willing.core.errors import Refused
from willing.drawers.actions import add_drawer, take_from_drawer
from willing.drawers.queries import holds_minor, open_session_of, report_of
from willing.drawers.rules import Moved
from willing.drawers.sessions import Close, close_session, count_drawer, open_session
from willing.ledger.accounts import open_school_account
from willing.ledger.models import Account, Transfer
from willing.ledger.queries import verify_ledger
from willing.people.models import School
from willing.people.queries import today
from willing.people.school import set_cashier_required
from willing.terminals.devices import allow_refunds
from willing.terminals.pairing import pair_terminal, start_pairing
from willing.terminals.sign_ons import sign_on
from willing.till.baskets import show_basket
from willing.till.books import verify_sales
from willing.till.cash import Tender, due_in_cash, sell_for_cash, takes_cash
from willing.till.cash_models import CashPayment
from willing.till.drawer_counts import count_at_till
from willing.till.meals import repeated_meals
from willing.till.menu_models import SpecialPrice
from willing.till.models import Sale
from willing.till.refunds import RefundedBy, refund_sale
from willing.till.voids import void_last_sale


def moved_in(drawer):
    session = open_session_of(drawer)
    assert session is not None
    return [(one.moved, one.count, one.amount_minor) for one in report_of(session).lines]


def swiss(cast):
    School.objects.update(country="CH", currency="CHF")


def sound():
    assert verify_ledger().ok
    assert verify_sales().wrong == ()


def test_a_visitor_pays_gets_change_and_a_receipt_and_is_nobody(cast):
    drawer = open_till_drawer(cast.till, 2000)
    sale = pay_cash(cast, cast.meal, cast.extra, tendered_minor=500)
    assert (sale.person, sale.way, sale.total_minor, sale.cash_minor) == (None, "cash", 340, 340)
    assert (sale.cash.buyer, sale.cash.due_minor, sale.cash.change_minor) == ("visitor", 340, 160)
    assert (sale.receipt_number, sale.basket.state, sale.basket.person) == (1, "paid", None)
    assert holds_minor(drawer) == 2340
    assert moved_in(drawer) == [(Moved.FLOAT, 1, 2000), (Moved.SALE, 2, 340)]
    sold = Account.objects.filter(school=cast.school, kind=Account.Kind.SALES)
    assert {one.part: one.balance_minor for one in sold if one.balance_minor} == {"meal": 250, "drink": 90}
    (facts,) = facts_of("sale.settled")
    assert (facts["way"], facts["due"], facts["receipt"]) == ("cash", 340, 1)
    sound()


def test_two_visitors_who_eat_are_not_one_person_who_ate_twice(cast):
    open_till_drawer(cast.till, 2000)
    for _ in range(3):
        pay_cash(cast, cast.meal, tendered_minor=500)
    assert repeated_meals(cast.school, today(cast.school)) == []
    client = sign_in(Client(), cast.user("office"))
    assert client.get("/staff/today/").status_code == 200


def test_pressed_twice_it_is_one_sale(cast):
    drawer = open_till_drawer(cast.till)
    basket = fill_basket(cast)
    tender = Tender("visitor", 250, 300)
    assert sell_for_cash(cast.till, basket.id, tender) == sell_for_cash(cast.till, basket.id, tender)
    assert (Sale.objects.count(), holds_minor(drawer)) == (1, 250)


def test_it_has_the_next_receipt_of_the_school_whatever_way_the_others_took(cast):
    open_till_drawer(cast.till)
    sales = pay(cast, "Carl"), pay_cash(cast), pay(cast, "Ada")
    assert [sale.receipt_number for sale in sales] == [1, 2, 3]
    sound()


@pytest.mark.parametrize(
    ("price", "due", "rounding"), [(251, 250, (Moved.ROUNDING, 1, -1)), (253, 255, (Moved.ROUNDING, 1, 2))]
)
def test_where_small_coins_are_gone_the_sum_is_rounded_and_the_books_say_by_how_much(
    cast, price, due, rounding
):
    swiss(cast)
    meal = cast.meal
    meal.price_minor = price
    meal.save()
    drawer = open_till_drawer(cast.till)
    sale = pay_cash(cast)
    assert (sale.total_minor, sale.cash.due_minor, holds_minor(drawer)) == (price, due, due)
    assert rounding in moved_in(drawer)
    cost = open_school_account(cast.school, Account.Kind.ROUNDING).balance_minor
    assert cost == price - due
    sound()


def test_staff_and_visitors_pay_their_own_prices(cast):
    open_till_drawer(cast.till)
    for kind, price in (("staff", 400), ("visitor", 550), ("pupil", 100)):
        SpecialPrice.objects.create(product=cast.meal, kind=kind, price_minor=price)
    assert [pay_cash(cast, buyer=buyer).total_minor for buyer in ("staff", "visitor")] == [400, 550]
    basket = fill_basket(cast)
    assert (due_in_cash(basket, "visitor"), show_basket(cast.till).lines.get().price_minor) == (550, 250)


@pytest.mark.parametrize("buyer", ["pupil", "", "guardian"])
def test_a_pupil_never_pays_in_cash(cast, buyer):
    open_till_drawer(cast.till)
    with pytest.raises(Refused, match="cash_buyer_unknown"):
        sell_for_cash(cast.till, fill_basket(cast).id, Tender(buyer, 250, 250))


def test_whoever_is_shown_pays_as_themselves(cast):
    open_till_drawer(cast.till)
    basket = identify(cast, fill_basket(cast), "Carl")
    with pytest.raises(Refused, match="already_identified"):
        sell_for_cash(cast.till, basket.id, Tender("staff", 250, 250))


def test_a_till_without_an_open_drawer_takes_no_cash(cast):
    basket = fill_basket(cast)
    tender = Tender("visitor", 250, 250)
    assert not takes_cash(cast.till)
    with pytest.raises(Refused, match="till_takes_no_cash"):
        sell_for_cash(cast.till, basket.id, tender)
    drawer = open_till_drawer(cast.other_till)
    with pytest.raises(Refused, match="till_takes_no_cash"):
        sell_for_cash(cast.till, basket.id, tender)
    own = add_drawer(cast.school, "Own", terminal=cast.till, by=None)
    with pytest.raises(Refused, match="drawer_closed"):
        sell_for_cash(cast.till, basket.id, tender)
    open_session(own, key=uuid4(), by=None)
    assert takes_cash(cast.till)
    sell_for_cash(cast.till, basket.id, tender)
    assert (holds_minor(own), holds_minor(drawer)) == (250, 0)


@pytest.mark.parametrize("tendered", [0, 249])
def test_less_than_is_due_is_refused_with_what_is_missing(cast, tendered):
    open_till_drawer(cast.till)
    with pytest.raises(Refused, match="tender_too_small") as refused:
        sell_for_cash(cast.till, fill_basket(cast).id, Tender("visitor", 250, tendered))
    assert refused.value.data == {"missing": 250 - tendered}
    assert not CashPayment.objects.exists()


def test_a_sum_that_changed_since_it_was_shown_is_shown_again(cast):
    open_till_drawer(cast.till)
    with pytest.raises(Refused, match="total_changed"):
        sell_for_cash(cast.till, fill_basket(cast).id, Tender("visitor", 240, 500))


def test_what_costs_nothing_moves_nothing_and_has_a_receipt(cast):
    drawer = open_till_drawer(cast.till)
    cast.meal.__class__.objects.filter(pk=cast.meal.pk).update(price_minor=0)
    sale = pay_cash(cast)
    assert (sale.total_minor, sale.cash.due_minor, moved_in(drawer)) == (0, 0, [])
    refund = refund_sale(sale.id, key=uuid4(), by=RefundedBy(user=cast.user("office"), drawer=drawer))
    assert (refund.total_minor, refund.handed_minor) == (0, 0)
    sound()


def test_where_every_sale_bears_a_name_cash_does_too(cast):
    open_till_drawer(cast.till)
    set_cashier_required(cast.school, is_required=True)
    basket = fill_basket(cast)
    with pytest.raises(Refused, match="cashier_missing"):
        sell_for_cash(cast.till, basket.id, Tender("visitor", 250, 250))
    sign_on(cast.till, cast.user("cashier"))
    sale = sell_for_cash(cast.till, basket.id, Tender("visitor", 250, 250))
    assert sale.cashier == cast.user("cashier")


def test_a_refund_goes_back_in_cash_from_any_open_drawer(cast):
    first, second = open_till_drawer(cast.till), open_till_drawer(cast.other_till, 1000)
    sale = pay_cash(cast, cast.meal, cast.extra)
    office = cast.user("office")
    with pytest.raises(Refused, match="refund_needs_a_drawer"):
        refund_sale(sale.id, key=uuid4(), by=RefundedBy(user=office))
    wanted = {cast.extra.id: 1}
    part = refund_sale(sale.id, key=uuid4(), by=RefundedBy(user=office, drawer=second), quantities=wanted)
    assert (part.cash_minor, part.handed_minor, holds_minor(second)) == (90, 90, 910)
    refund_sale(sale.id, key=uuid4(), by=RefundedBy(user=office, drawer=first))
    sale.refresh_from_db()
    assert (sale.refunded, sale.refunded_cash_minor, sale.refunded_minor) == ("whole", 340, 340)
    assert holds_minor(first) == 340 - 250
    sound()


def test_a_refund_needs_an_open_drawer_with_enough_in_it(cast):
    drawer = open_till_drawer(cast.till)
    sale = pay_cash(cast)
    take_from_drawer(drawer, 100, key=uuid4(), by=None)
    by = RefundedBy(user=cast.user("office"), drawer=drawer)
    with pytest.raises(Refused, match="drawer_holds_less") as refused:
        refund_sale(sale.id, key=uuid4(), by=by)
    assert refused.value.data == {"holds": 150}
    count_drawer(drawer, 150, by=None)
    close_session(drawer, Close(150), by=None)
    with pytest.raises(Refused, match="drawer_closed"):
        refund_sale(sale.id, key=uuid4(), by=by)


def test_refunds_of_parts_hand_back_in_coins_what_was_paid(cast):
    swiss(cast)
    meal = cast.meal
    meal.price_minor = 251
    meal.save()
    drawer = open_till_drawer(cast.till)
    sale = pay_cash(cast, meal, meal, meal)  # 7.53 is 7.55
    by = RefundedBy(user=cast.user("office"), drawer=drawer)
    handed = [
        refund_sale(sale.id, key=uuid4(), by=by, quantities={meal.id: 1}).handed_minor or 0 for _ in range(3)
    ]
    assert (sum(handed), [one % 5 for one in handed]) == (755, [0, 0, 0])
    assert holds_minor(drawer) == 0
    assert open_school_account(cast.school, Account.Kind.ROUNDING).balance_minor == 0
    sound()


def test_the_cashier_voids_their_last_sale_in_cash_into_the_same_drawer(cast):
    swiss(cast)
    sign_on(cast.till, cast.user("cashier"))
    cast.meal.__class__.objects.filter(pk=cast.meal.pk).update(price_minor=252)
    drawer = open_till_drawer(cast.till, 1000)
    sale = pay_cash(cast)
    given = void_last_sale(cast.till, sale.id)
    assert (given.total_minor, given.handed_minor, holds_minor(drawer)) == (252, 250, 1000)
    sound()


def test_over_the_api_a_sale_in_cash_is_not_refunded(cast):
    open_till_drawer(cast.till)
    sale = pay_cash(cast)
    pair_terminal(start_pairing(cast.till), key="k", device="api")
    allow_refunds(cast.till, by=cast.user("office"))
    with pytest.raises(Refused, match="refund_needs_a_drawer"):
        refund_sale(sale.id, key=uuid4(), by=RefundedBy(terminal=cast.till))


def test_only_who_is_signed_on_counts_a_tills_drawer(cast):
    open_till_drawer(cast.till)
    with pytest.raises(Refused, match="count_needs_sign_on"):
        count_at_till(cast.till, 0)
    sign_on(cast.till, cast.user("cashier"))
    assert count_at_till(cast.till, 0).counted_by == cast.user("cashier")
    sign_on(cast.other_till, cast.user("cashier"))
    with pytest.raises(Refused, match="till_takes_no_cash"):
        count_at_till(cast.other_till, 0)


def test_the_database_keeps_cash_to_nobody_and_everything_else_to_somebody(cast):
    open_till_drawer(cast.till)
    sale, paid = pay_cash(cast), pay(cast, "Carl")
    carl = cast.person("Carl")
    for change in (
        lambda: Sale.objects.filter(pk=sale.pk).update(person=carl),
        lambda: Sale.objects.filter(pk=paid.pk).update(person=None),
        lambda: Sale.objects.filter(pk=paid.pk).update(way="cash"),
        lambda: Sale.objects.filter(pk=sale.pk).update(cash_minor=0, wallet_minor=250),
        lambda: CashPayment.objects.filter(pk=sale.pk).update(tendered_minor=10_000),
        lambda: CashPayment.objects.filter(pk=sale.pk).delete(),
        lambda: CashPayment.objects.create(sale=paid, buyer="staff", due_minor=250, tendered_minor=250),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_a_payment_that_is_not_in_the_drawer_is_named(cast):
    drawer = open_till_drawer(cast.till)
    sale = pay_cash(cast)
    rounding = open_school_account(cast.school, Account.Kind.ROUNDING)
    Transfer.objects.create(
        id=uuid4(),
        debit=rounding,
        credit=drawer.account,
        amount_minor=5,
        kind="posted",
        reason="rounding",
        reference=sale.id,
    )
    assert [(one.code, one.about) for one in verify_sales().wrong] == [("not_in_the_drawer", sale.id)]
