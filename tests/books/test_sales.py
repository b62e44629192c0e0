"""Reports of sales: what they add up, from kept sums and from rows alike, in agreement with the ledger."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from willing.books.actions import NewRate, delete_tax_rate, set_tax_rate
from willing.books.counting import count_days
from willing.books.models import CountedDay, DayTotal, TaxRate
from willing.books.reports import sales_report, summary_of
from willing.books.tallies import By, Totals
from willing.books.totals import movements, of, sums_by_day, tally_days
from willing.core.clock import now
from willing.core.errors import Refused
from willing.ledger.models import Account
from willing.people.models import Person
from willing.people.queries import today
from willing.till.menu_models import Product
from willing.till.refunds import RefundedBy, refund_sale

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)


@pytest.fixture
def week(cast, at, sell):
    """Three days of the cast: Carl, Ada and a teacher buy; one sale is refunded a day later."""
    Product.objects.update(tax_code="S")
    set_tax_rate(cast.school, NewRate("S", "", 2000, FIRST), by=cast.user("office"))
    set_tax_rate(cast.school, NewRate("S", "pupil", 0, FIRST), by=cast.user("office"))
    Person.objects.filter(given_name="Ada").update(kind="staff", year_group=None)
    with at(23):
        sell("Carl", cast.meal, cast.extra)
        taxed = sell("Ada", cast.meal, cast.extra, way="pin")
    with at(24, 13):
        sell("Bo")
        refund_sale(taxed.id, key=uuid4(), by=RefundedBy(user=cast.user("office")))
    with at(25, 8):
        sell("Carl", cast.extra)
    return cast


def totals(school, by):
    return dict(of(tally_days(school, FIRST, LAST), by))


def expected(cast):
    meal, extra = cast.meal.id.hex, cast.extra.id.hex
    return {
        By.PRODUCT: {meal: Totals(3, 3, 750, 42), extra: Totals(3, 3, 270, 15)},
        By.CATEGORY: {"meal": Totals(3, 3, 750, 42), "drink": Totals(3, 3, 270, 15)},
        By.WAY: {"card": Totals(3, 4, 680, 0), "pin": Totals(1, 2, 340, 57)},
        By.HOUR: {"08": Totals(1, 1, 90, 0), "12": Totals(2, 4, 680, 57), "13": Totals(1, 1, 250, 0)},
        By.CLASS: {"7A": Totals(3, 4, 680, 0), "": Totals(1, 2, 340, 57)},
        By.MEAL: {"paid": Totals(2, 2, 500, 0), "staff": Totals(1, 1, 250, 42)},
        By.TAX: {"0|pupil|S": Totals(3, 4, 680, 0), "2000|staff|S": Totals(1, 2, 340, 57)},
        By.REFUNDED: {"refund": Totals(1, 2, 340, 57)},
        By.TAX_REFUNDED: {"2000|staff|S": Totals(1, 2, 340, 57)},
    }


def test_every_report_says_the_same_from_rows_and_from_kept_sums(week, at):
    with at(28):
        from_rows = {by: totals(week.school, by) for by in By}
        by_day, moved = sums_by_day(week.school, FIRST, LAST), movements(week.school, None, LAST)
        assert from_rows == expected(week)
        assert count_days(week.school) >= 3
        assert count_days(week.school) == 0, "nothing is counted twice"
        assert {by: totals(week.school, by) for by in By} == from_rows
        assert sums_by_day(week.school, FIRST, LAST) == by_day
        assert movements(week.school, None, LAST) == moved
    assert by_day == {date(2026, 11, 23): 680, date(2026, 11, 24): 250, date(2026, 11, 25): 90}


def test_the_reports_agree_with_the_ledger_to_the_penny(week, at):
    with at(28):
        sold = summary_of(tally_days(week.school, FIRST, LAST))
    ledger = Account.objects.filter(kind=Account.Kind.SALES)
    assert sold.sold_minor - sold.refunded_minor == sum(one.balance_minor for one in ledger)
    assert (sold.payments, sold.refunds, sold.tax_minor) == (4, 1, 0)


def test_a_line_that_is_refunded_in_parts_gives_back_its_tax_exactly(week, at, sell):
    with at(26):
        Person.objects.filter(given_name="Nia").update(kind="staff", year_group=None)
        basket = sell("Nia", week.extra, week.extra, week.extra).id
        for _ in range(3):
            by = RefundedBy(user=week.user("office"))
            refund_sale(basket, key=uuid4(), by=by, quantities={week.extra.id: 1})
    with at(28):
        day = date(2026, 11, 26)
        tally = tally_days(week.school, day, day)
        assert of(tally, By.TAX) == {"2000|staff|S": Totals(1, 3, 270, 45)}
        assert of(tally, By.TAX_REFUNDED) == {"2000|staff|S": Totals(3, 3, 270, 45)}


def test_what_comes_late_into_a_counted_day_is_counted_with_it(week, at, sell):
    with at(28):
        count_days(week.school)
    with at(25, 9):
        sell("Ada")
    with at(28):
        assert count_days(week.school) == 1
        assert totals(week.school, By.WAY)["card"] == Totals(4, 5, 930, 42)


def test_a_rate_that_is_set_for_the_past_counts_its_days_anew(week, at):
    with at(28):
        count_days(week.school)
        set_tax_rate(week.school, NewRate("S", "pupil", 1000, date(2026, 11, 25)), by=week.user("office"))
        assert CountedDay.objects.filter(day__gte=date(2026, 11, 25)).count() == 0
        assert totals(week.school, By.TAX)["1000|pupil|S"] == Totals(1, 1, 90, 8)
        count_days(week.school)
        later = TaxRate.objects.get(rate=1000)
        delete_tax_rate(week.school, later.id, by=week.user("office"))
        assert totals(week.school, By.TAX) == expected(week)[By.TAX]


def test_a_rate_that_can_not_be_is_refused_and_one_that_is_not_there_is_not_deleted(cast):
    for rate in (-1, 10_001):
        with pytest.raises(Refused) as refused:
            set_tax_rate(cast.school, NewRate("S", "", rate, FIRST), by=cast.user("office"))
        assert refused.value.code == "tax_rate_not_valid"
    with pytest.raises(Refused) as refused:
        delete_tax_rate(cast.school, uuid4(), by=cast.user("office"))
    assert refused.value.code == "tax_rate_unknown"
    assert not TaxRate.objects.exists()


def test_a_table_names_what_is_sold_and_hides_what_a_small_class_bought(week, at):
    with at(28):
        products = sales_report(week.school, By.PRODUCT, FIRST, LAST)
        classes = sales_report(week.school, By.CLASS, FIRST, LAST)
        tax = sales_report(week.school, By.TAX, FIRST, LAST)
    assert products.rows == (("Pasta", 3, 3, 750, 42), ("Juice", 3, 3, 270, 15))
    assert products.total == ("Total", None, 6, 1020, 57)
    assert classes.rows == (("Other classes", 4, 6, 1020, 57),)
    assert tax.rows == (("S", "0%", "Pupils", 680, 0, 680, 0), ("S", "20%", "Staff", 340, 340, 0, 0))
    assert tax.total == ("Total", "", "", 1020, 340, 680, 0)


def test_a_time_without_sales_is_an_empty_report(cast):
    for by in (By.PRODUCT, By.CLASS, By.TAX, By.REFUNDED):
        report = sales_report(cast.school, by, FIRST, FIRST + timedelta(days=3))
        assert report.is_empty
        assert report.total == ()


def test_today_is_in_the_report_before_it_is_over(cast, sell):
    sell("Carl")
    count_days(cast.school)
    day = today(cast.school)
    assert of(tally_days(cast.school, day, day), By.WAY) == {"card": Totals(1, 1, 250, 0)}
    assert not DayTotal.objects.filter(counted__day=now().date()).exists()
