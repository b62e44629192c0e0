"""The landing page of money: what was taken today, where the money is, what leads on."""

from typing import Any

from django.test import Client

from willing.books.labels import ACCOUNTS, REASONS
from willing.ledger.models import Account, Transfer

PAGE = "/staff/money/"


def test_every_account_and_every_reason_has_a_name() -> None:
    assert set(ACCOUNTS) == set(Account.Kind.values)
    assert set(REASONS) == set(Transfer.Reason.values)


def test_the_office_reads_the_days_takings_and_where_the_money_is(office: Client, sell: Any) -> None:
    sell("Carl")
    text = office.get(PAGE).content.decode()
    assert "£4.30" in text, "what was sold"
    assert "Owed to families" in text
    assert "£75.70" in text, "four wallets of £20, less what was sold"
    assert 'href="/staff/today/"' in text


def test_the_canteen_reads_the_takings_and_no_balances(browser: Any, sell: Any) -> None:
    sell("Carl")
    text = browser("canteen").get(PAGE).content.decode()
    assert "£4.30" in text
    assert "Owed to families" not in text
