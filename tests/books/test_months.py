"""The month for the accountant: it balances, agrees with the ledger, stays as it is closed, names nobody."""

import re
from datetime import date
from uuid import uuid4

import pytest
from beancount import loader
from click.testing import CliRunner
from django.db import DatabaseError
from django.utils import translation
from tests.support.money import office_drawer

from willing.books.actions import close_month
from willing.books.beancount import NAMES, account_name, to_beancount
from willing.books.cli import books
from willing.books.counting import count_days
from willing.books.models import MonthEnd
from willing.books.month_reports import account_namer, journal, movements_report, trial_balance
from willing.books.months import LATE, month_of, open_month, read_month
from willing.core.errors import Refused
from willing.ledger.models import Account
from willing.people.models import Person
from willing.till.refunds import RefundedBy, refund_sale

FIRST, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)


@pytest.fixture
def november(cast, at, sell):
    """Two days of sales and a refund; the clock is in December when the month is read."""
    with at(23):
        sell("Carl", cast.meal, cast.extra)
        sold = sell("Ada")
    with at(24):
        refund_sale(sold.id, key=uuid4(), by=RefundedBy(user=cast.user("office")))
        sell("Bo")
    return cast


def text_of(month):
    with translation.override("en"):
        return to_beancount(month)


def check(text):
    """Return what bean-check complains of."""
    _entries, faults, _options = loader.load_string(text)
    return faults


def test_every_month_balances_and_the_last_one_agrees_with_the_ledger(november, at, cast):
    with at(2, month=12):
        count_days(cast.school)
        for first in (FIRST, DECEMBER):
            month = month_of(cast.school, first)
            assert month.is_balanced
            total = trial_balance(month, account_namer(cast.school)).total
            assert total[1] == total[2]
            assert total[3] == total[4]
            assert total[5] == total[6]
        sold = {part: minor for (kind, part), minor in month.opening.items() if kind == "sales"}
    ledger = Account.objects.filter(kind=Account.Kind.SALES, credits_posted__gt=0)
    assert sold == {one.part: -one.balance_minor for one in ledger}


def test_a_closed_month_never_changes_and_the_next_shows_what_came_late(november, at, cast, sell):
    office = cast.user("office")
    with at(2, month=12):
        closed = close_month(cast.school, FIRST, by=office)
        before = month_of(cast.school, FIRST)
        with pytest.raises(Refused) as refused:
            close_month(cast.school, FIRST, by=office)
        assert refused.value.code == "month_closed"
    with at(25):
        sell("Carl", cast.extra)
    with at(3, month=12):
        count_days(cast.school)
        assert open_month(cast.school, FIRST) != before, "the late sale bears a day of November"
        assert month_of(cast.school, FIRST) == before
        assert read_month(bytes(closed.content)) == before
        assert closed.sha256 == before.sha256
        december = month_of(cast.school, DECEMBER)
        assert december.opening == before.closing
        late = {
            one.account: one.debits_minor - one.credits_minor
            for one in december.entries
            if one.reason == LATE
        }
        assert late == {("sales", "drink"): -90, ("wallet", ""): 90}
        assert december.is_balanced
        assert not check(text_of(december))


def test_nothing_changes_a_closed_month_in_the_database(november, at, cast):
    with at(2, month=12):
        close_month(cast.school, FIRST, by=None)
    for write in (MonthEnd.objects.all().delete, lambda: MonthEnd.objects.update(sha256="")):
        with pytest.raises(DatabaseError, match=r"immutable|never deleted"):
            write()


def test_a_month_is_closed_when_it_is_over_and_after_the_one_before(november, at, cast):
    with at(2, month=12):
        with pytest.raises(Refused) as refused:
            close_month(cast.school, DECEMBER, by=None)
        assert refused.value.code == "month_not_over"
        close_month(cast.school, date(2026, 9, 1), by=None)
        with pytest.raises(Refused) as refused:
            close_month(cast.school, FIRST, by=None)
        assert refused.value.code == "month_out_of_order"
        assert refused.value.data == {"next": "2026-10-01"}


def test_a_month_with_an_open_drawer_is_not_closed(november, at, cast):
    with at(24):
        drawer = office_drawer(cast.school)
    with at(2, month=12):
        with pytest.raises(Refused) as refused:
            close_month(cast.school, FIRST, by=None)
        assert refused.value.code == "drawers_open"
        assert (
            account_namer(cast.school)(("drawer", drawer.account.part)) == f"Cash in drawers: {drawer.name}"
        )


def test_beancount_finds_no_fault_in_a_month(november, at, cast):
    with at(2, month=12):
        for first in (FIRST, DECEMBER):
            text = text_of(month_of(cast.school, first))
            assert not check(text)
    wrong = text.replace("balance Income:Sales:Meal -", "balance Income:Sales:Meal -1")
    assert check(wrong), "it looks at balances"


def test_the_books_name_nobody(november, at, cast):
    with at(2, month=12):
        month, name = month_of(cast.school, FIRST), account_namer(cast.school)
        said = text_of(month) + repr(journal(month, name)) + repr(movements_report(month, name))
    words = set(re.findall(r"\w+", said))
    for person in Person.objects.all():
        assert not words & {*person.given_name.split(), *person.family_name.split()}
        assert str(person.id) not in said
        assert person.id.hex not in said


def test_every_kind_of_account_has_a_name_in_beancount():
    assert set(NAMES) == set(Account.Kind.values)
    assert account_name(("sales", "meal")) == "Income:Sales:Meal"
    assert account_name(("sales", "0198a6b0-0000-7000-8000-1234567890ab")) == "Income:Sales:N1234567890ab"


def test_the_command_prints_a_month_and_closes_it(november, at, cast):
    run = CliRunner().invoke
    with at(2, month=12):
        printed = run(books, ["export", "--month", "2026-11", "--format", "beancount"])
        assert printed.exit_code == 0
        assert not check(printed.output)
        table = run(books, ["export", "--month", "2026-11"]).output
        assert "2026-11-23" in table
        closed = run(books, ["close", "--month", "2026-11"])
        assert closed.output.strip() == MonthEnd.objects.get().sha256
        again = run(books, ["close", "--month", "2026-11"])
        assert again.exit_code == 1
        assert "closed already" in again.output
        for month in ("2026-13", "november", "2026-11-01"):
            assert run(books, ["export", "--month", month]).exit_code == 2
