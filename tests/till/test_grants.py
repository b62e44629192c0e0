"""Free meals and sums at the till: spent first, one meal a day, and what is kept of a sum."""

from datetime import UTC, date, datetime, time
from uuid import uuid4

import pytest
from tests.support.clocks import stopped_at
from tests.support.statements import statements
from tests.support.till import fill_basket, identify, pay

from willing.entitlements.actions import NewEntitlement, grant, set_unspent_rules
from willing.ledger.queries import available_minor, verify_ledger
from willing.till.books import verify_sales
from willing.till.grants import grant_of
from willing.till.payment import confirm_basket
from willing.till.refunds import RefundedBy, refund_sale
from willing.till.rules import Granted

MONDAY = date(2026, 11, 23)


def at(day, hour=12, minute=30):
    """Let it be a day of November 2026, at noon if nothing else is said."""
    return stopped_at(datetime(2026, 11, day, hour, minute, tzinfo=UTC))


def give(cast, name, **what):
    kind = "sum" if "daily_minor" in what else "meal"
    new = NewEntitlement(kind, what.pop("source", "school"), what.pop("first_day", MONDAY), **what)
    return grant(cast.person(name), new, by=cast.user("office"))


def sums(sale):
    return (sale.wallet_minor, sale.entitled_minor, sale.carried_minor, sale.free_meal_minor)


def test_a_free_meal_pays_for_one_main_meal_a_day_and_extras_are_paid(cast):
    with at(23):
        give(cast, "Carl", family_minor=0)
        assert sums(pay(cast, "Carl", cast.meal, cast.extra)) == (90, 250, 0, 250)
        assert sums(pay(cast, "Carl")) == (250, 0, 0, 0)
    with at(24):
        assert sums(pay(cast, "Carl")) == (0, 250, 0, 250)
    assert verify_ledger().ok
    assert verify_sales().ok


def test_a_reduced_meal_leaves_the_familys_share(cast):
    with at(23):
        give(cast, "Carl", family_minor=40)
        assert sums(pay(cast, "Carl")) == (40, 210, 0, 210)


def test_a_meal_that_is_given_back_is_there_again(cast):
    with at(23):
        give(cast, "Carl", family_minor=0)
        first = pay(cast, "Carl")
        refund_sale(first.id, key=uuid4(), by=RefundedBy(user=cast.user("office")))
        assert sums(pay(cast, "Carl")) == (0, 250, 0, 250)


def test_a_meal_and_a_sum_of_two_sources_pay_together(cast):
    with at(23):
        give(cast, "Carl", family_minor=40, source="benefits")
        give(cast, "Carl", daily_minor=100, source="fund")
        assert sums(pay(cast, "Carl", cast.meal, cast.extra)) == (30, 310, 0, 210)
        assert grant_of(cast.person("Carl")).left == Granted(None, 0)


def test_before_its_first_day_and_after_its_last_nothing_is_granted(cast):
    give(cast, "Carl", family_minor=0, first_day=date(2026, 11, 24), last_day=date(2026, 11, 24))
    for day, entitled in ((23, 0), (24, 250), (25, 0)):
        with at(day):
            assert pay(cast, "Carl").entitled_minor == entitled


def test_what_is_not_spent_of_a_sum_is_kept_until_the_bound(cast):
    give(cast, "Carl", daily_minor=100)
    set_unspent_rules(cast.school, "keep", by=cast.user("office"), days_max=2, breakfast_until=time(9))
    with at(23):
        assert grant_of(cast.person("Carl")).left == Granted(None, 100)
        pay(cast, "Carl", cast.extra)  # 90 of it
    with at(24):
        shown = grant_of(cast.person("Carl"))
        assert (shown.left.sum_minor, shown.kept_minor, shown.kept_max_minor) == (110, 10, 200)
        assert sums(pay(cast, "Carl")) == (140, 110, 0, 0)
    with at(26):  # nothing was kept of Tuesday, all of Wednesday
        assert grant_of(cast.person("Carl")).left.sum_minor == 200
    with at(30):  # Thursday and Friday too, but no more than two days' sums; a weekend adds nothing
        assert grant_of(cast.person("Carl")).left.sum_minor == 300


def test_a_refund_of_an_earlier_day_brings_back_what_was_kept_then(cast):
    give(cast, "Carl", daily_minor=100)
    with at(23):
        sale = pay(cast, "Carl", cast.extra)
    with at(24):
        assert grant_of(cast.person("Carl")).kept_minor == 10
        refund_sale(sale.id, key=uuid4(), by=RefundedBy(user=cast.user("office")))
        assert grant_of(cast.person("Carl")).kept_minor == 100


def test_what_goes_back_to_the_fund_is_gone_the_next_day(cast):
    give(cast, "Carl", daily_minor=100)
    set_unspent_rules(cast.school, "return", by=cast.user("office"), days_max=2, breakfast_until=time(9))
    with at(24):
        shown = grant_of(cast.person("Carl"))
        assert (shown.left.sum_minor, shown.kept_max_minor) == (100, None)


@pytest.mark.parametrize(("hour", "left"), [(8, 110), (9, 100)])
def test_breakfast_may_be_paid_with_what_the_last_school_day_left(cast, hour, left):
    give(cast, "Carl", daily_minor=100)
    set_unspent_rules(cast.school, "breakfast", by=cast.user("office"), days_max=5, breakfast_until=time(9))
    with at(27):
        pay(cast, "Carl", cast.extra)
    with at(30, hour):  # the weekend is between
        assert grant_of(cast.person("Carl")).left.sum_minor == left


def test_after_breakfast_the_days_sum_is_whole(cast):
    give(cast, "Carl", daily_minor=100)
    set_unspent_rules(cast.school, "breakfast", by=cast.user("office"), days_max=5, breakfast_until=time(9))
    with at(24, 8):
        assert pay(cast, "Carl", cast.extra).entitled_minor == 90  # Monday left 100
    with at(24, 12):
        assert grant_of(cast.person("Carl")).left.sum_minor == 100


def test_whoever_has_no_sum_is_asked_about_no_earlier_day(cast):
    def counted_sale():
        basket = fill_basket(cast)
        identify(cast, basket, "Carl")
        with statements() as counted:
            confirm_basket(cast.till, basket.id)
        return len(counted)

    without = counted_sale()
    give(cast, "Carl", family_minor=0, first_day=date(2026, 1, 1))
    # One transfer from the school in place of one from the wallet: as many statements.
    assert counted_sale() <= without


def test_nothing_a_till_is_told_differs_for_a_free_meal(cast):
    with at(23):
        give(cast, "Bo", family_minor=0)
        free, paid = pay(cast, "Bo"), pay(cast, "Carl")
        assert free.total_minor == paid.total_minor
        assert available_minor(cast.person("Bo")) == 0


def test_an_extra_that_is_refunded_leaves_the_free_meal_had(cast):
    by = RefundedBy(user=cast.user("office"))
    with at(23):
        give(cast, "Carl", family_minor=0)
        sale = pay(cast, "Carl", cast.meal, cast.extra)
        refund_sale(sale.id, key=uuid4(), by=by, quantities={cast.extra.id: 1})
        assert grant_of(cast.person("Carl")).left == Granted(None)
        refund_sale(sale.id, key=uuid4(), by=by, quantities={cast.meal.id: 1})
        assert grant_of(cast.person("Carl")).left == Granted(0)
