"""The last sale at a till is voided by the cashier who made it, once and whole; all else stays a refund."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from tests.support.cash import open_till_drawer, pay_cash
from tests.support.clocks import stopped_at
from tests.support.log import facts_of
from tests.support.races import at_once
from tests.support.till import fill_basket, identify, pay

from willing.accounts.actions import NewUser, add_user
from willing.core.clock import now
from willing.core.errors import Refused
from willing.drawers.queries import open_session_of
from willing.drawers.sessions import Close, close_session, count_drawer, open_session
from willing.ledger.queries import available_minor, verify_ledger
from willing.people.queries import today
from willing.terminals.sign_ons import sign_off, sign_on
from willing.till.books import verify_sales
from willing.till.identification import identify_by_card
from willing.till.models import Sale
from willing.till.payment import confirm_basket
from willing.till.refund_models import Refund
from willing.till.refunds import RefundedBy, refund_sale
from willing.till.reports import day_summary
from willing.till.voids import void_last_sale


@pytest.fixture
def kim(cast):
    user = add_user(cast.school, NewUser("kim", "unused pass phrase", "Kim", ("cashier",)))
    sign_on(cast.till, user)
    return user


def refused(cast, sale):
    with pytest.raises(Refused) as caught:
        void_last_sale(cast.till, sale.id)
    return caught.value.code


def test_a_void_gives_all_of_it_back_once_and_says_so_in_the_log(cast, kim):
    before = available_minor(cast.person("Carl"))
    sale = pay(cast, "Carl", cast.meal, cast.extra)
    given = void_last_sale(cast.till, sale.id)
    assert void_last_sale(cast.till, sale.id) == given
    assert (given.total_minor, given.refunded_by, Refund.objects.count()) == (340, kim, 1)
    sale.refresh_from_db()
    assert (sale.is_voided, sale.refunded) == (True, "whole")
    assert available_minor(cast.person("Carl")) == before
    (facts,) = facts_of("sale.voided")
    assert (facts["sale"], facts["by"], facts["total"]) == (str(sale.id), kim.pk, 340)
    assert verify_ledger().ok
    assert verify_sales().ok


def test_what_the_school_carried_goes_back_to_the_school(cast, kim):
    for _ in range(6):
        pay(cast, "Bo")
    sale = pay(cast, "Bo")
    owed = available_minor(cast.person("Bo"))
    assert void_last_sale(cast.till, sale.id).carried_minor == sale.carried_minor > 0
    assert available_minor(cast.person("Bo")) == owed + sale.wallet_minor


def test_nobody_else_voids_it_and_nobody_who_is_not_signed_on(cast, kim):
    sale = pay(cast, "Carl")
    sign_off(cast.till)
    assert refused(cast, sale) == "void_needs_sign_on"
    other = add_user(cast.school, NewUser("lee", "unused pass phrase", "Lee", ("cashier",)))
    sign_on(cast.till, other)
    assert refused(cast, sale) == "void_not_yours"
    nobodys = Sale.objects.filter(cashier=None)
    sign_off(cast.till)
    pay(cast, "Carl")
    sign_on(cast.till, kim)
    assert refused(cast, nobodys.get()) == "void_not_yours"
    assert not Refund.objects.exists()


def test_only_the_last_sale_at_this_till_is_voided(cast, kim):
    first = pay(cast, "Carl")
    basket = fill_basket(cast, cast.extra, terminal=cast.other_till)
    identify_by_card(cast.other_till, basket.id, cast.cards["Ada"])
    elsewhere = confirm_basket(cast.other_till, basket.id)
    assert refused(cast, elsewhere) == "sale_unknown"
    last = pay(cast, "Ada")
    assert refused(cast, first) == "void_not_last"
    void_last_sale(cast.till, last.id)
    assert refused(cast, first) == "void_not_last"  # a void makes nothing the last that was not


def test_five_minutes_later_it_is_a_refund(cast, kim):
    sale = pay(cast, "Carl")
    with stopped_at(sale.settled_at + timedelta(minutes=5)):
        assert refused(cast, sale) == "void_too_late"
    with stopped_at(sale.settled_at + timedelta(minutes=4, seconds=59)):
        void_last_sale(cast.till, sale.id)


def test_after_the_drawer_was_closed_it_is_a_refund(cast, kim):
    drawer = open_till_drawer(cast.till)
    sale = pay(cast, "Carl")
    close(drawer)
    assert refused(cast, sale) == "void_after_close"


def close(drawer):
    count_drawer(drawer, 0, by=None)
    close_session(drawer, Close(), by=None)


def test_a_clock_that_is_put_back_opens_no_day_that_was_closed(cast, kim):
    drawer = open_till_drawer(cast.till)
    sale = pay(cast, "Carl")
    with stopped_at(sale.settled_at - timedelta(seconds=30)):
        close(drawer)
        assert refused(cast, sale) == "void_after_close"
        open_session(drawer, key=uuid4(), by=None)
        assert refused(cast, sale) == "void_after_close"


def test_a_day_that_a_fast_clock_closed_later_than_now_closes_nothing_of_the_next(cast, kim):
    drawer = open_till_drawer(cast.till)
    with stopped_at(now() + timedelta(seconds=50)):
        close(drawer)
    open_session(drawer, key=uuid4(), by=None)
    sale = pay(cast, "Carl")
    assert void_last_sale(cast.till, sale.id).total_minor == 250


def test_a_sale_is_of_the_day_of_the_drawer_that_is_open_under_its_till_however_it_was_paid(cast, kim):
    elsewhere = open_till_drawer(cast.other_till)
    without = pay(cast, "Carl")
    drawer = open_till_drawer(cast.till)
    sales = pay(cast, "Carl"), pay_cash(cast), pay(cast, "Ada", way="pin")
    assert without.drawer_session is None
    assert {one.drawer_session for one in sales} == {open_session_of(drawer)} != {open_session_of(elsewhere)}
    with pytest.raises(IntegrityError), transaction.atomic():
        Sale.objects.filter(pk=without.pk).update(drawer_session=open_session_of(drawer))
    with pytest.raises(IntegrityError), transaction.atomic():
        Sale.objects.filter(pk=sales[0].pk).update(drawer_session=None)


def test_what_was_refunded_in_part_is_not_voided_and_what_was_voided_is_not_refunded(cast, kim):
    by = RefundedBy(user=cast.user("office"))
    sale = pay(cast, "Carl", cast.meal, cast.extra)
    refund_sale(sale.id, key=uuid4(), by=by, quantities={cast.extra.id: 1})
    assert refused(cast, sale) == "already_refunded"
    other = pay(cast, "Carl")
    void_last_sale(cast.till, other.id)
    with pytest.raises(Refused, match="already_refunded"):
        refund_sale(other.id, key=uuid4(), by=by)


def test_voids_are_counted_with_the_day(cast, kim):
    void_last_sale(cast.till, pay(cast, "Carl").id)
    refund_sale(pay(cast, "Carl", cast.extra).id, key=uuid4(), by=RefundedBy(user=cast.user("office")))
    day = day_summary(cast.school, today(cast.school))
    assert (day.sales, day.refunds, day.refunded_minor, day.voids, day.voided_minor) == (2, 2, 340, 1, 250)


def test_the_database_keeps_no_void_of_a_part_or_of_a_sale_without_a_cashier(cast, kim):
    sale = pay(cast, "Carl")
    with pytest.raises(IntegrityError), transaction.atomic():
        Sale.objects.filter(pk=sale.pk).update(is_voided=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Sale.objects.filter(pk=sale.pk).update(is_voided=True, refunded="whole", cashier=None)


@pytest.mark.parametrize("_round", range(3))
def test_a_void_and_the_next_sale_never_both_find_it_the_last(cast, kim, _round):
    sale = pay(cast, "Carl")
    basket = identify(cast, fill_basket(cast), "Ada")
    till = cast.till
    void, sold = at_once(lambda: void_last_sale(till, sale.id), lambda: confirm_basket(till, basket.id))
    assert isinstance(sold, Sale)
    sale.refresh_from_db()
    if sale.is_voided:  # the void was first: it was written before the next sale was
        assert void == Refund.objects.get()
        assert void.at <= Sale.objects.get(pk=sold.pk).settled_at
    else:
        assert void == "void_not_last"
    assert verify_ledger().ok
    assert verify_sales().ok


@pytest.mark.parametrize("_round", range(3))
def test_a_void_and_a_refund_at_once_give_it_back_once(cast, kim, _round):
    before = available_minor(cast.person("Carl"))
    sale, till, by = pay(cast, "Carl"), cast.till, RefundedBy(user=cast.user("office"))
    found = at_once(lambda: void_last_sale(till, sale.id), lambda: refund_sale(sale.id, key=uuid4(), by=by))
    assert sorted(type(one).__name__ for one in found) == ["Refund", "str"]
    assert "already_refunded" in found
    assert available_minor(cast.person("Carl")) == before
    assert Refund.objects.count() == 1
    assert verify_ledger().ok
