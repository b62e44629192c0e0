import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.db.models import F, Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.core.test_snapshot import elsewhere
from tests.support.money import pay_in

from willing.core.errors import Refused
from willing.ledger import queries
from willing.ledger.accounts import lock_accounts, open_school_account, open_wallet
from willing.ledger.actions import AMOUNT_MINOR_MAX, Order, hold, post, post_new, settle, void
from willing.ledger.models import Account, Transfer
from willing.ledger.queries import available_minor, verify_ledger
from willing.people.models import School


def order(cast, amount, *, person="Carl", key=None):
    wallet = open_wallet(cast.person(person))
    sales = open_school_account(cast.school, Account.Kind.SALES, "meal")
    return Order(key or uuid4(), wallet.id, sales.id, amount, "sale", uuid4())


def write(one, **changed):
    """Write an order's transfer past every action."""
    told = {"kind": "posted", "reason": one.reason, "reference": one.reference, "corrects_id": one.corrects}
    row = {"id": uuid4(), "debit_id": one.debit, "credit_id": one.credit, "amount_minor": one.amount_minor}
    return Transfer.objects.create(**(row | told | changed))


def back(transfer, amount, key=None, **changed):
    """The order that takes something of a transfer back."""
    one = Order(
        key or uuid4(), transfer.credit_id, transfer.debit_id, amount, "refund", uuid4(), corrects=transfer.id
    )
    return replace(one, **changed)


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
    with pytest.raises(Refused, match="hold_already_closed"):
        void(held)
    assert verify_ledger().ok


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_and_less_than_nothing_is_never_moved(cast, amount):
    with pytest.raises(Refused, match="amount_not_positive"):
        post(order(cast, amount))
    wallet, sales = (
        open_wallet(cast.person("Carl")),
        open_school_account(cast.school, Account.Kind.SALES, "meal"),
    )
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


@pytest.mark.parametrize("amount", [2.5, 250.0, True, "250", Decimal(250), None, 10**12 + 1, 2**63, -(2**63)])
def test_what_is_no_whole_sum_or_more_than_the_books_hold_makes_no_order(cast, amount):
    before = Transfer.objects.count()
    with pytest.raises(AssertionError, match=r"minor units|books hold"):
        order(cast, amount)
    assert Transfer.objects.count() == before


def test_the_largest_sum_is_moved_exactly(cast):
    bank = open_school_account(cast.school, Account.Kind.BANK)
    safe = open_school_account(cast.school, Account.Kind.SAFE)
    before = bank.balance_minor
    for _ in range(3):
        post(Order(uuid4(), bank.id, safe.id, AMOUNT_MINOR_MAX, "banking", uuid4()))
    bank.refresh_from_db()
    assert bank.balance_minor - before == 3 * AMOUNT_MINOR_MAX
    assert verify_ledger().ok


def test_a_wallet_never_goes_below_the_schools_grace(cast):
    with pytest.raises(Refused, match="not_covered"):
        post(order(cast, 1501, person="Bo"))
    post(order(cast, 1500, person="Bo"))
    assert available_minor(cast.person("Bo")) == -1500
    with pytest.raises(IntegrityError, match="beyond the grace"), transaction.atomic():
        write(order(cast, 1, person="Bo"))


def test_a_changed_grace_holds_for_the_next_debit(cast):
    """It is read where it stands; a wallet that an earlier one left below may be filled, never drawn on."""
    post(order(cast, 1500, person="Bo"))
    School.objects.update(grace_minor=1000)
    with pytest.raises(Refused, match="not_covered"):
        post(order(cast, 1, person="Bo"))
    with pytest.raises(IntegrityError, match="beyond the grace"), transaction.atomic():
        write(order(cast, 1, person="Bo"))
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


def test_a_transfer_moves_both_of_its_accounts_in_the_statement_that_writes_it(cast):
    """However it is written: the books sum to nothing at every instant, and not only after a transaction."""
    one = order(cast, 300)
    before = totals(cast.school)
    with transaction.atomic():
        write(one)
        assert totals(cast.school) == tuple(total + 300 for total in before)
    assert Account.objects.get(pk=one.credit).balance_minor == 300
    assert available_minor(cast.person("Carl")) == 1700
    assert verify_ledger().ok


def totals(school):
    found = Account.objects.filter(school=school).aggregate(Sum("debits_posted"), Sum("credits_posted"))
    return found["debits_posted__sum"], found["credits_posted__sum"]


@pytest.mark.parametrize("total", ["debits_pending", "debits_posted", "credits_pending", "credits_posted"])
def test_the_database_lets_nothing_but_a_transfer_move_a_total(cast, total):
    post(order(cast, 300))
    wallet = open_wallet(cast.person("Carl"))
    with pytest.raises(IntegrityError, match="only a transfer moves"), transaction.atomic():
        Account.objects.filter(pk=wallet.pk).update(**{total: F(total) + 1})
    with pytest.raises(IntegrityError, match="begins empty"), transaction.atomic():
        Account.objects.create(school=cast.school, kind="sales", side="credit", part="x", **{total: 1})


@pytest.mark.parametrize(
    ("kind", "side", "part", "constraint"),
    [
        ("drawer", "credit", "a drawer", "account_side_of_its_kind"),
        ("sales", "debit", "shop", "account_side_of_its_kind"),
        ("gifts", "debit", "", "account_side_of_its_kind"),
        ("bank", "credit", "", "account_side_of_its_kind"),
        ("lottery", "debit", "", "account_side_of_its_kind"),
        ("sales", "credit", "", "divided_kinds_have_parts"),
        ("meals", "debit", "shop", "divided_kinds_have_parts"),
    ],
)
def test_an_account_has_the_side_and_the_parts_of_its_kind(cast, kind, side, part, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Account.objects.create(school=cast.school, kind=kind, side=side, part=part)


def test_every_kind_of_account_has_a_side():
    assert Account.SIDES.keys() == set(Account.Kind)
    assert set(Account.DIVIDED) <= set(Account.Kind)


def test_a_balance_counts_from_the_side_on_which_an_account_grows(cast):
    post(order(cast, 300))
    balances = {
        (one.kind, one.part): one.balance_minor for one in Account.objects.filter(person__isnull=True)
    }
    assert balances["sales", "meal"] == 300
    received = sum(one.amount_minor for one in Transfer.objects.filter(reason="topup"))
    assert balances["bank", ""] == received > 0


def test_no_transfer_leaves_its_school(cast):
    one, other = order(cast, 1), School.objects.create(name="Other", grace_minor=0)
    meals = open_school_account(other, Account.Kind.MEALS)
    with pytest.raises(IntegrityError, match="stays in one school"), transaction.atomic():
        write(one, credit_id=meals.id)


def test_a_correction_takes_back_parts_and_never_more_than_was_moved(cast):
    paid = post(order(cast, 300))
    post(back(paid, 100))
    with pytest.raises(Refused, match="correction_too_large"):
        post(back(paid, 201))
    last = back(paid, 200)
    assert post(last) == post(last)
    with pytest.raises(Refused, match="correction_too_large"):
        post(back(paid, 1))
    with pytest.raises(IntegrityError, match="no more than is left"), transaction.atomic():
        write(back(paid, 1))
    assert available_minor(cast.person("Carl")) == 2000
    assert verify_ledger().ok


def test_the_same_key_for_another_correction_is_refused(cast):
    paid, other = post(order(cast, 300)), post(order(cast, 300))
    post(back(paid, 100, key=paid.id))
    with pytest.raises(Refused, match="idempotency_key_reused"):
        post(back(other, 100, key=paid.id))


def test_two_corrections_in_one_go_count_together(cast):
    paid = post(order(cast, 300))
    orders = [back(paid, 200), back(paid, 101)]
    with transaction.atomic(), pytest.raises(Refused, match="correction_too_large"):
        post_new(orders, lock_accounts([paid.debit_id, paid.credit_id]))


def test_a_correction_goes_the_other_way_between_accounts_of_the_same_kinds(cast):
    paid = post(order(cast, 300))
    ada, drinks = open_wallet(cast.person("Ada")), school_account(cast, Account.Kind.SALES, "drink")
    cash = school_account(cast, Account.Kind.DRAWER, "a drawer")
    wrong = [
        {"debit_id": paid.debit_id, "credit_id": paid.credit_id},  # the same way
        {"credit_id": cash.id},  # to another kind of account
        {"debit_id": drinks.id, "credit_id": ada.id},  # between two others
    ]
    for sides in wrong:
        with pytest.raises(IntegrityError, match="no more than is left"), transaction.atomic():
            write(back(paid, 1), **sides)
    returned = write(back(paid, 100), credit_id=ada.id)  # a wallet into which the first was merged
    with pytest.raises(IntegrityError, match="no more than is left"), transaction.atomic():
        write(back(returned, 1))
    held = hold(order(cast, 100))
    with pytest.raises(IntegrityError, match="no more than is left"), transaction.atomic():
        write(back(held, 1))
    assert verify_ledger().ok


def school_account(cast, kind, part=""):
    return open_school_account(cast.school, kind, part)


def test_only_a_refund_or_a_reversal_corrects_and_it_always_does(cast):
    paid = post(order(cast, 300))
    for changed in ({"corrects_id": None}, {"reason": "sale"}, {"kind": "hold"}):
        with pytest.raises(IntegrityError, match="corrections_name_a_transfer"), transaction.atomic():
            write(back(paid, 1), **changed)


def test_two_offices_that_correct_one_transfer_give_it_back_once(cast):
    paid = post(order(cast, 300))
    refused = []

    def give_back(one):
        try:
            post(one)
        except Refused as error:
            refused.append(error.code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(give_back, [back(paid, 200) for _ in range(4)]))
    assert refused == ["correction_too_large"] * 3
    assert available_minor(cast.person("Carl")) == 1900
    assert verify_ledger().ok


def test_a_hold_is_ended_as_it_was_made(cast):
    held = hold(order(cast, 300))
    with pytest.raises(IntegrityError, match="ended as it was made"), transaction.atomic():
        write(order(cast, 299), kind="settle", hold=held)


def change_total(wallet, total, value):
    """Change a total as only somebody can who takes the database's own guard away first."""
    on = "ON ledger_account" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER ledger_account_only_transfers_move {on}")
    Account.objects.filter(pk=wallet.pk).update(**{total: value})


def test_verify_names_the_account_whose_balance_was_changed(cast):
    wallet = open_wallet(cast.person("Carl"))
    change_total(wallet, "credits_posted", 9999)
    check = verify_ledger()
    assert not check.ok
    found = [(m.account, m.total, m.stored_minor, m.derived_minor) for m in check.mismatches]
    assert found == [(wallet.id, "credits_posted", 9999, 2000)]
    assert not check.balanced


def test_what_is_sold_while_the_ledger_is_verified_is_no_mismatch(cast, monkeypatch):
    """The sale comes in after the transfers were read and before the accounts are."""
    one = order(cast, 300)
    read_transfers = queries._totals_of_transfers
    sold: list[bool] = []

    def sell_meanwhile():
        read = read_transfers()
        sold.append(True)
        elsewhere(lambda: post(one))
        return read

    monkeypatch.setattr(queries, "_totals_of_transfers", sell_meanwhile)
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
