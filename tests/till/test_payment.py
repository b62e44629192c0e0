"""A sale: charged once, with a receipt, whatever happens in between."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import IntegrityError, connections, transaction
from tests.support.spending import grant_sum
from tests.support.till import fill_basket, pay

from willing.audit.models import Entry
from willing.audit.verify_database import verify_log
from willing.core.errors import Refused
from willing.ledger.accounts import open_school_account
from willing.ledger.models import Account, Transfer
from willing.ledger.queries import available_minor, verify_ledger
from willing.people.models import School
from willing.till import payment
from willing.till.baskets import cancel_basket, remove_product, show_basket
from willing.till.identification import deny_identity, identify_by_card
from willing.till.models import Sale
from willing.till.payment import confirm_basket


def test_a_card_pays(cast):
    sale = pay(cast, "Carl", cast.meal, cast.extra)
    assert (sale.total_minor, sale.receipt_number, sale.way) == (340, 1, "card")
    assert available_minor(cast.person("Carl")) == 1660
    assert show_basket(cast.till) is None


def test_confirming_again_and_again_charges_once(cast):
    filled = fill_basket(cast)
    identify_by_card(cast.till, filled.id, cast.cards["Carl"])
    sales = {confirm_basket(cast.till, filled.id).id for _ in range(5)}
    assert len(sales) == 1
    assert available_minor(cast.person("Carl")) == 1750
    assert Transfer.objects.filter(reason="sale").count() == 1


def test_eight_confirmations_at_the_same_moment_charge_once(cast):
    filled, till = fill_basket(cast), cast.till
    identify_by_card(till, filled.id, cast.cards["Carl"])

    def confirm(_):
        try:
            return confirm_basket(till, filled.id).receipt_number
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(confirm, range(8))) == {1}
    assert available_minor(cast.person("Carl")) == 1750
    assert verify_ledger().ok


def test_a_crash_after_the_money_moved_leaves_nothing_and_the_next_press_charges_once(cast, monkeypatch):
    filled = fill_basket(cast)
    identify_by_card(cast.till, filled.id, cast.cards["Carl"])
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(payment, "next_receipt_number", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
        confirm_basket(cast.till, filled.id)
    assert not Sale.objects.exists()
    assert available_minor(cast.person("Carl")) == 2000
    assert confirm_basket(cast.till, filled.id).receipt_number == 1
    assert available_minor(cast.person("Carl")) == 1750


def test_what_is_paid_is_neither_cancelled_nor_denied(cast):
    sale = pay(cast, "Carl")
    with pytest.raises(Refused, match="basket_closed"):
        cancel_basket(cast.till, sale.basket_id)
    with pytest.raises(Refused, match="basket_closed"):
        deny_identity(cast.till, sale.basket_id)


def test_the_database_refuses_a_second_sale_of_a_basket(cast):
    sale = pay(cast, "Carl")
    copy = Sale(
        id=uuid4(),
        school=cast.school,
        terminal=sale.terminal,
        basket=sale.basket,
        person=sale.person,
        way="card",
        total_minor=1,
        wallet_minor=1,
        entitled_minor=0,
        carried_minor=0,
        receipt_number=2,
    )
    with pytest.raises(IntegrityError, match="basket_id"), transaction.atomic():
        copy.save(force_insert=True)


def test_the_database_refuses_a_sale_that_is_not_paid_in_full(cast):
    sale = pay(cast, "Carl")
    with pytest.raises(IntegrityError, match="sale_is_paid_in_full"), transaction.atomic():
        Sale.objects.filter(pk=sale.pk).update(wallet_minor=249)


def test_what_is_sold_is_booked_by_category_and_by_who_pays(cast):
    """
    meal 250, extra 90 (a drink) | allowance 200 -> entitlement 200 meal, wallet 50 meal, wallet 90 drink
    """
    grant_sum(cast.person("Carl"), 200, by=cast.user("office"))
    filled = fill_basket(cast, cast.meal, cast.extra)
    identify_by_card(cast.till, filled.id, cast.cards["Carl"])
    sale = confirm_basket(cast.till, filled.id)
    moved = Transfer.objects.filter(reference=sale.id)
    assert set(moved.values_list("debit__kind", "credit__kind", "credit__part", "amount_minor")) == {
        ("entitlements", "sales", "meal", 200),
        ("wallet", "sales", "meal", 50),
        ("wallet", "sales", cast.extra.category, 90),
    }
    assert (sale.wallet_minor, sale.entitled_minor, sale.carried_minor) == (140, 200, 0)
    assert verify_ledger().ok


def test_receipt_numbers_have_no_gap(cast):
    numbers = [pay(cast, name).receipt_number for name in ("Carl", "Ada", "Carl", "Bo")]
    assert numbers == [1, 2, 3, 4]


def test_an_empty_balance_still_gets_the_main_meal_up_to_the_grace_and_beyond(cast):
    for _ in range(8):
        assert pay(cast, "Bo").receipt_number
    # 1500 of grace cover six meals; the school carries the other two.
    assert available_minor(cast.person("Bo")) == -1500
    meals = open_school_account(cast.school, Account.Kind.MEALS)
    assert meals.debits_posted == 500
    assert verify_ledger().ok


def test_a_changed_grace_applies_at_the_next_sale(cast):
    pay(cast, "Bo")
    School.objects.update(grace_minor=300)
    pay(cast, "Bo")
    assert available_minor(cast.person("Bo")) == -300  # the school carries what is beyond
    assert open_school_account(cast.school, Account.Kind.MEALS).debits_posted == 200
    School.objects.update(grace_minor=2000)
    pay(cast, "Bo")
    assert available_minor(cast.person("Bo")) == -550


def test_extras_on_an_empty_balance_are_refused_kindly_and_the_basket_stays(cast):
    filled = fill_basket(cast, cast.meal, cast.extra)
    identify_by_card(cast.till, filled.id, cast.cards["Bo"])
    with pytest.raises(Refused, match="extras_not_covered") as refused:
        confirm_basket(cast.till, filled.id)
    assert not any(word in str(refused.value.message).lower() for word in ("balance", "debt", "money", "0"))
    deny_identity(cast.till, filled.id)
    remove_product(cast.till, cast.extra.id)
    identify_by_card(cast.till, filled.id, cast.cards["Bo"])
    assert confirm_basket(cast.till, filled.id).receipt_number


def test_every_sale_is_in_the_log_and_the_log_is_whole(cast):
    sale = pay(cast, "Carl")
    events = list(Entry.objects.filter(subject=cast.person("Carl").id).values_list("event", flat=True))
    assert events[-1] == "sale.settled"
    assert str(sale.id).encode() in bytes(Entry.objects.last().hashed)
    assert verify_log().ok
