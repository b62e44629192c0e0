"""A month's books as tables: the trial balance, the movements by account and reason, and the journal."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from django.utils.translation import gettext

from willing.books.beancount import reason_label
from willing.books.labels import ACCOUNTS
from willing.books.months import Month, Name
from willing.books.reports import BooksReport, Cell, Column, Unit
from willing.drawers.queries import drawers_of
from willing.people.models import School
from willing.till.menu_models import Product

Namer = Callable[[Name], str]
_ORDER = {kind: place for place, kind in enumerate(ACCOUNTS)}


def account_namer(school: School) -> Namer:
    """Return what names the accounts of a school for its office."""
    names = {str(key): str(label) for key, label in Product.Category.choices}
    names |= {one.account.part: one.name for one in drawers_of(school)}

    def name(account: Name) -> str:
        kind, part = account
        label = str(ACCOUNTS[kind])
        if not part:
            return label
        return f"{label}: {names.get(part, part[-12:])}"

    return name


def _debit(minor: int) -> Cell:
    return minor if minor > 0 else None


def _credit(minor: int) -> Cell:
    return -minor if minor < 0 else None


def trial_balance(month: Month, name: Namer) -> BooksReport:
    """Return what each account held before, what moved, and what it held at the end, on the side it is on."""
    headings = (
        gettext("Before, debit"),
        gettext("Before, credit"),
        gettext("Debits"),
        gettext("Credits"),
        gettext("At the end, debit"),
        gettext("At the end, credit"),
    )
    rows = [
        (
            name(one.account),
            _debit(one.opening_minor),
            _credit(one.opening_minor),
            one.debits_minor or None,
            one.credits_minor or None,
            _debit(one.closing_minor),
            _credit(one.closing_minor),
        )
        for one in sorted(month.accounts, key=lambda one: (_ORDER[one.account[0]], one.account))
    ]
    columns = (Column(gettext("Account")), *(Column(one, Unit.MONEY) for one in headings))
    return BooksReport(gettext("Trial balance"), _about(month), columns, tuple(rows), _total(rows))


def movements_report(month: Month, name: Namer) -> BooksReport:
    """Return what moved on each account for each reason."""
    sums: dict[tuple[Name, str], list[int]] = defaultdict(lambda: [0, 0])
    for one in month.entries:
        sums[one.account, one.reason][0] += one.debits_minor
        sums[one.account, one.reason][1] += one.credits_minor
    rows = [
        (name(account), reason_label(reason), debits or None, credits_ or None)
        for (account, reason), (debits, credits_) in sorted(
            sums.items(), key=lambda row: (_ORDER[row[0][0][0]], row[0])
        )
    ]
    return BooksReport(gettext("Movements"), _about(month), _columns(), tuple(rows), _total(rows, 2))


def journal(month: Month, name: Namer) -> BooksReport:
    """Return every day's movements, one account and reason a row."""
    rows = [
        (
            one.day.isoformat(),
            name(one.account),
            reason_label(one.reason),
            one.debits_minor,
            one.credits_minor,
        )
        for one in month.entries
    ]
    columns = (Column(gettext("Day")), *_columns())
    return BooksReport(gettext("Journal"), _about(month), columns, tuple(rows), _total(rows, 3))


def _columns() -> tuple[Column, ...]:
    return (
        Column(gettext("Account")),
        Column(gettext("Reason")),
        Column(gettext("Debits"), Unit.MONEY),
        Column(gettext("Credits"), Unit.MONEY),
    )


def _about(month: Month) -> str:
    return f"{month.first.isoformat()} – {month.last.isoformat()}"


def _total(rows: Sequence[tuple[Cell, ...]], texts: int = 1) -> tuple[Cell, ...]:
    """Return the sums of all columns but the first ones, which are texts."""
    if not rows:
        return ()
    columns = list(zip(*rows, strict=True))[texts:]
    sums = [sum(one for one in column if isinstance(one, int)) for column in columns]
    return (gettext("Total"), *[""] * (texts - 1), *sums)
