"""A month's books as text for beancount, a bookkeeping program that anybody may have.

One transaction for each day and reason. All wallets are one account; nothing in it is about a person.
Source of the syntax: beancount 3, "Language Syntax".
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import groupby

from django.utils.translation import gettext

from willing import __version__
from willing.books.labels import REASONS
from willing.books.months import LATE, DayPosting, Month, Name
from willing.core.money import write_minor
from willing.ledger.models import Account

NAMES: Mapping[str, str] = {
    Account.Kind.DRAWER: "Assets:Drawers",
    Account.Kind.SAFE: "Assets:Safe",
    Account.Kind.CHEQUES: "Assets:Cheques",
    Account.Kind.BANK: "Assets:Bank",
    Account.Kind.WALLET: "Liabilities:Families",
    Account.Kind.SALES: "Income:Sales",
    Account.Kind.GIFTS: "Income:Gifts",
    Account.Kind.ENTITLEMENTS: "Expenses:Free-Meals",
    Account.Kind.MEALS: "Expenses:Carried-Meals",
    Account.Kind.WRITE_OFF: "Expenses:Write-Off",
    Account.Kind.ROUNDING: "Expenses:Rounding",
    Account.Kind.DIFFERENCES: "Expenses:Differences",
}


def account_name(account: Name) -> str:
    """Return the name of an account: "Income:Sales:Meal". A part that is an id is shortened to its end."""
    kind, part = account
    if not part:
        return NAMES[kind]
    short = part.replace("-", "")[-12:]
    return f"{NAMES[kind]}:{'N' if short[0].isdigit() else ''}{short[:1].upper()}{short[1:]}"


def to_beancount(month: Month) -> str:
    """Return a month as a whole file: what each account held, what moved each day, what it holds then."""
    return "\n".join(_lines(month)) + "\n"


def _lines(month: Month) -> Iterator[str]:
    currency = month.currency
    yield f";; Willing {__version__}, {month.first:%Y-%m}, SHA-256 {month.sha256}"
    yield f'option "title" "Willing {month.first:%Y-%m}"'
    yield f'option "operating_currency" "{currency}"'
    yield ""
    for one in month.accounts:
        yield f"{month.first} open {account_name(one.account)} {currency}"
    if month.opening:
        yield from _transaction(month.first, gettext("Opening balances"))
        for name, minor in sorted(month.opening.items()):
            yield _posting(name, minor, currency)
    for (day, reason), entries in groupby(month.entries, key=lambda one: (one.day, one.reason)):
        yield from _transaction(day, reason_label(reason))
        for entry in entries:
            yield from _postings(entry, currency)
    yield ""
    for one in month.accounts:
        after = month.last + timedelta(days=1)
        amount = write_minor(one.closing_minor, currency)
        yield f"{after} balance {account_name(one.account)} {amount} {currency}"


def reason_label(reason: str) -> str:
    """Return what a reason is called in the books."""
    if reason == LATE:
        return gettext("Posted later into months that were closed")
    return str(REASONS[reason])


def _transaction(day: date, narration: str) -> Iterator[str]:
    text = narration.replace('"', "'")
    yield ""
    yield f'{day} * "{text}"'


def _postings(entry: DayPosting, currency: str) -> Iterator[str]:
    """Yield both sides of an account by themselves: a drawer that took and gave shows both."""
    if entry.debits_minor:
        yield _posting(entry.account, entry.debits_minor, currency)
    if entry.credits_minor:
        yield _posting(entry.account, -entry.credits_minor, currency)


def _posting(account: Name, minor: int, currency: str) -> str:
    return f"  {account_name(account):<44} {write_minor(minor, currency):>14} {currency}"
