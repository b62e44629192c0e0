"""What is sold for cash in the reports and on a receipt: by its own way, to its buyers, at their tax."""

from datetime import date
from uuid import uuid4

import pytest
from tests.support.cash import open_till_drawer, pay_cash
from tests.support.till import pay

from willing.books.actions import NewRate, set_tax_rate
from willing.books.receipts import TaxOnReceipt, receipt_of
from willing.books.tallies import By, Totals, movements_of_day
from willing.books.totals import of, tally_days
from willing.people.models import School
from willing.people.queries import today
from willing.terminals.sign_ons import sign_on
from willing.till.menu_models import Product
from willing.till.refunds import RefundedBy, refund_sale
from willing.till.reports import day_summary, payments_by_class, waits_by_way
from willing.till.sale_pages import find_sale_of
from willing.till.served import MealsServed, meals_served
from willing.till.voids import void_last_sale


@pytest.fixture
def lunch(cast):
    """A pupil by card, a visitor and a colleague in cash; visitors and staff at 20 %, pupils at nothing."""
    Product.objects.update(tax_code="S")
    for buyer, rate in (("", 2000), ("pupil", 0)):
        set_tax_rate(cast.school, NewRate("S", buyer, rate, date(2026, 1, 1)), by=cast.user("office"))
    open_till_drawer(cast.till)
    pay(cast, "Carl")
    pay_cash(cast, cast.meal, cast.extra)
    pay_cash(cast, buyer="staff")
    return cast


def totals(school, by):
    day = today(school)
    return dict(of(tally_days(school, day, day), by))


def test_reports_tell_cash_apart_by_way_buyer_and_tax(lunch):
    school = lunch.school
    assert totals(school, By.WAY) == {"card": Totals(1, 1, 250, 0), "cash": Totals(2, 3, 590, 99)}
    assert {key: one.items for key, one in totals(school, By.MEAL).items()} == {
        "paid": 1,
        "visitor": 1,
        "staff": 1,
    }
    assert {key: one.gross_minor for key, one in totals(school, By.TAX).items()} == {
        "0|pupil|S": 250,
        "2000|visitor|S": 340,
        "2000|staff|S": 250,
    }
    assert meals_served(school, today(school), today(school)) == MealsServed(0, 1, 1, 1)


def test_the_day_lists_cash_beside_the_ways_and_no_wait_and_no_class_is_made_of_it(lunch):
    school, day = lunch.school, today(lunch.school)
    ways = {one.way: (one.sales, one.total_minor) for one in day_summary(school, day).ways}
    assert ways == {"card": (1, 250), "pin": (0, 0), "face": (0, 0), "staff": (0, 0), "cash": (2, 590)}
    after = day.fromordinal(day.toordinal() + 1)
    assert {one.way for one in waits_by_way(school, day, after)} == {"card", "pin", "face", "staff"}
    assert payments_by_class(school, day, after) == {"7A": {"card": 1}}


def test_a_day_without_cash_shows_the_ways_alone(cast):
    pay(cast, "Carl")
    assert "cash" not in {one.way for one in day_summary(cast.school, today(cast.school)).ways}


def test_voids_and_refunds_of_cash_are_told_apart_and_the_ledger_agrees(lunch):
    school = lunch.school
    sign_on(lunch.till, lunch.user("cashier"))
    drawer = lunch.till.drawer
    void_last_sale(lunch.till, pay_cash(lunch).id)
    refund_sale(
        pay_cash(lunch, lunch.extra).id,
        key=uuid4(),
        by=RefundedBy(user=lunch.user("office"), drawer=drawer),
    )
    found = totals(school, By.REFUNDED)
    assert {key: one.gross_minor for key, one in found.items()} == {"void": 250, "refund": 90}
    moved = movements_of_day(school, today(school))
    sold = sum(one.gross_minor for one in totals(school, By.WAY).values())
    assert sum(one.credits_minor for key, one in moved.items() if key[0] == "sales") == sold
    assert sum(one.debits_minor for key, one in moved.items() if key[0] == "sales") == 340


def test_a_receipt_says_all_that_was_bought_the_tax_of_its_buyer_and_the_change(lunch):
    School.objects.update(country="CH", currency="CHF")
    Product.objects.filter(name="Juice").update(price_minor=92)
    sale = find_sale_of(lunch.till, pay_cash(lunch, lunch.meal, lunch.extra, tendered_minor=500).id)
    assert sale is not None
    receipt = receipt_of(sale)
    assert [(one.name, one.total_minor, one.tax_code) for one in receipt.lines] == [
        ("Pasta", 250, "S"),
        ("Juice", 92, "S"),
    ]
    assert receipt.cash is not None
    assert (receipt.total_minor, receipt.rounding_minor, receipt.cash.change_minor) == (342, -2, 160)
    assert receipt.taxes == (TaxOnReceipt("S", 2000, 342, 57),)
    paid = find_sale_of(lunch.till, pay(lunch, "Carl").id)
    assert paid is not None
    of_pupil = receipt_of(paid)
    assert (of_pupil.cash, of_pupil.taxes) == (None, (TaxOnReceipt("S", 0, 250, 0),))
    assert "Carl" not in repr(of_pupil)
