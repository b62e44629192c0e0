import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.core.test_snapshot import elsewhere

from willing.core.errors import Refused
from willing.ledger import queries
from willing.ledger.actions import Order, hold, open_school_account, open_wallet, pay_in, post, settle, void
from willing.ledger.models import Account, Transfer
from willing.ledger.queries import available_minor, verify_ledger
from willing.people.models import School


def order(cast, amount, *, person="Carl", key=None):
    wallet = open_wallet(cast.person(person))
    sales = open_school_account(cast.school, "sales")
    return Order(key or uuid4(), wallet.id, sales.id, amount, "sale", uuid4())


def test_a_hold_reserves_a_settle_takes_and_a_void_gives_back(cast):
    """
    wallet 2000 | hold 300 -> available 1700 | settle -> posted 300 | hold 200, void -> 1700
    """
    held = hold(order(cast, 300))
    assert available_minor(cast.person("Carl")) == 1700
    settle(held)
    wallet = open_wallet(cast.person("Carl"))
    assert (wallet.debits_pending, wallet.debits_posted) == (0, 300)
    void(hold(order(cast, 200)))
    assert available_minor(cast.person("Carl")) == 1700
    assert verify_ledger().ok


def test_the_same_order_twice_moves_money_once(cast):
    one = order(cast, 300)
    assert post(one) == post(one)
    assert available_minor(cast.person("Carl")) == 1700


def test_the_same_key_with_other_content_is_refused(cast):
    one = order(cast, 300)
    post(one)
    with pytest.raises(Refused, match="idempotency_key_reused"):
        post(order(cast, 400, key=one.key))


def test_ending_a_hold_twice_changes_nothing_and_ending_it_otherwise_is_refused(cast):
    held = hold(order(cast, 300))
    assert settle(held) == settle(held)
    with pytest.raises(Refused, match="hold_already_ended"):
        void(held)
    assert verify_ledger().ok


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_and_less_than_nothing_is_never_moved(cast, amount):
    with pytest.raises(Refused, match="amount_not_positive"):
        post(order(cast, amount))
    wallet, sales = open_wallet(cast.person("Carl")), open_school_account(cast.school, "sales")
    with pytest.raises(IntegrityError, match="transfer_amount_positive"), transaction.atomic():
        Transfer.objects.create(
            id=uuid4(),
            debit=wallet,
            credit=sales,
            amount_minor=amount,
            kind="posted",
            reason="sale",
            reference=uuid4(),
        )


def test_a_wallet_never_goes_below_the_schools_grace(cast):
    with pytest.raises(Refused, match="not_covered"):
        post(order(cast, 1501, person="Bo"))
    post(order(cast, 1500, person="Bo"))
    assert available_minor(cast.person("Bo")) == -1500
    with pytest.raises(IntegrityError, match="beyond the grace"), transaction.atomic():
        Account.objects.filter(person=cast.person("Bo")).update(debits_pending=1)


def test_a_changed_grace_holds_for_the_next_debit(cast):
    """It is read where it stands; a wallet that an earlier one left below may be filled, never drawn on."""
    post(order(cast, 1500, person="Bo"))
    School.objects.update(grace_minor=1000)
    with pytest.raises(Refused, match="not_covered"):
        post(order(cast, 1, person="Bo"))
    with pytest.raises(IntegrityError, match="beyond the grace"), transaction.atomic():
        Account.objects.filter(person=cast.person("Bo")).update(debits_posted=1501)
    pay_in(cast.person("Bo"), 400, key=uuid4())
    assert available_minor(cast.person("Bo")) == -1100
    School.objects.update(grace_minor=1600)
    post(order(cast, 500, person="Bo"))
    assert available_minor(cast.person("Bo")) == -1600


@pytest.mark.parametrize(
    "statement", ["UPDATE ledger_transfer SET amount_minor = 1", "DELETE FROM ledger_transfer"]
)
def test_the_database_itself_refuses_to_change_a_transfer(cast, statement):
    post(order(cast, 300))
    with (
        pytest.raises(IntegrityError, match="ledger_transfer rows are"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.sqlite
def test_not_even_another_program_changes_a_transfer_in_the_file(cast, db):
    post(order(cast, 300))
    connections["default"].close()
    with closing(sqlite3.connect(db / "default.sqlite3")) as outside, pytest.raises(sqlite3.IntegrityError):
        outside.execute("DELETE FROM ledger_transfer")


def test_verify_names_the_account_whose_balance_was_changed(cast):
    wallet = open_wallet(cast.person("Carl"))
    Account.objects.filter(pk=wallet.pk).update(credits_posted=9999)
    check = verify_ledger()
    assert not check.ok
    found = [(m.account, m.total, m.stored_minor, m.derived_minor) for m in check.mismatches]
    assert found == [(wallet.id, "credits_posted", 9999, 2000)]
    assert not check.balanced


def test_what_is_sold_while_the_ledger_is_verified_is_no_mismatch(cast, monkeypatch):
    """The sale comes in after the transfers were read and before the accounts are."""
    one = order(cast, 300)
    read_effects = queries._effects
    sold: list[bool] = []

    def sell_meanwhile(transfer):
        if not sold:
            sold.append(True)
            elsewhere(lambda: post(one))
        return read_effects(transfer)

    monkeypatch.setattr(queries, "_effects", sell_meanwhile)
    assert verify_ledger().ok
    assert sold
    assert available_minor(cast.person("Carl")) == 1700


def test_sixteen_threads_spend_no_more_than_there_is(cast):
    orders = [order(cast, 500) for _ in range(16)]
    refused = []

    def spend(one):
        try:
            post(one)
        except Refused as error:
            refused.append(error.code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(spend, orders))
    # 2000 in the wallet and 1500 of grace cover seven of them.
    assert refused == ["not_covered"] * 9
    assert available_minor(cast.person("Carl")) == -1500
    assert verify_ledger().ok


def test_paying_in_twice_with_one_key_pays_in_once(cast):
    key = uuid4()
    pay_in(cast.person("Carl"), 500, key=key)
    pay_in(cast.person("Carl"), 500, key=key)
    assert available_minor(cast.person("Carl")) == 2500


MOVES = st.lists(
    st.tuples(st.sampled_from(["post", "hold", "settle", "void"]), st.integers(1, 900), st.integers(0, 5)),
    max_size=25,
)


@given(moves=MOVES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_debits_equal_credits_after_any_history(cast, moves):
    held = []
    for verb, amount, index in moves:
        try:
            if verb == "post":
                post(order(cast, amount))
            elif verb == "hold":
                held.append(hold(order(cast, amount)))
            elif held:
                {"settle": settle, "void": void}[verb](held[index % len(held)])
        except Refused:
            pass
    check = verify_ledger()
    assert check.ok, check
