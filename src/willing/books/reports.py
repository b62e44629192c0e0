"""Reports as tables: what a page shows, a chart draws, and CSV, XLSX and PDF hold."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from willing.books.models import Buyer
from willing.books.rules import Meal
from willing.books.tallies import By, Tally, Totals
from willing.books.totals import of, tally_days
from willing.people.models import School
from willing.till.menu_models import Product
from willing.till.paid_by import PaidBy

# Fewer payments than this could tell what one pupil of a class bought.
CLASS_SHOWN_AT_LEAST = 5


class Unit(StrEnum):
    """What a column holds: text, a number, or a sum in minor units; None in a cell is nothing."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"


@dataclass(frozen=True)
class Column:
    """A column of a report."""

    heading: str
    unit: Unit = Unit.TEXT


Cell = str | int | None


@dataclass(frozen=True)
class BooksReport:
    """A table with its title, what it is about, a row of totals (empty: none) and a note for its reader."""

    title: str
    about: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] = ()
    note: str = ""

    @property
    def is_empty(self) -> bool:
        """True where there is nothing to show."""
        return not self.rows


# The reports of sales, in the order in which a page offers them.
TITLES: Mapping[By, Promise] = {
    By.PRODUCT: _("By product"),
    By.CATEGORY: _("By category"),
    By.WAY: _("By way to pay"),
    By.HOUR: _("By hour"),
    By.CLASS: _("By class"),
    By.MEAL: _("Meals served"),
    By.TAX: _("Tax"),
    By.REFUNDED: _("Refunded"),
}
MEALS: Mapping[Meal, Promise] = {
    Meal.FREE: _("Pupils, free"),
    Meal.REDUCED: _("Pupils, reduced"),
    Meal.PAID: _("Pupils, paid"),
    Meal.CARRIED: _("Pupils, carried by the school"),
    Meal.STAFF: _("Staff"),
    Meal.VISITOR: _("Visitors"),
}
REFUNDED: Mapping[str, Promise] = {"refund": _("Refunds"), "void": _("Voids at the till")}


@dataclass(frozen=True)
class Summary:
    """What a time sold and refunded, in minor units. tax_minor: within both together."""

    payments: int
    sold_minor: int
    refunds: int
    refunded_minor: int
    tax_minor: int


def summary_of(tally: Tally) -> Summary:
    """Return the sums over everything."""
    sold, refunded = _sum(of(tally, By.WAY)), _sum(of(tally, By.REFUNDED))
    tax = sold.tax_minor - refunded.tax_minor
    return Summary(sold.payments, sold.gross_minor, refunded.payments, refunded.gross_minor, tax)


def sales_report(school: School, by: By, first: date, last: date, tally: Tally | None = None) -> BooksReport:
    """Return one report of the sales from a day to another, in the reader's language.

    tally: what `tally_days` has added up for them, where it is at hand.
    """
    found = tally_days(school, first, last) if tally is None else tally
    title = f"{gettext('Sales')}: {TITLES[by]}"
    about = first.isoformat() if first == last else f"{first.isoformat()} – {last.isoformat()}"
    if by == By.TAX:
        return BooksReport(title, about, *_tax_table(found), note=str(_TAX_NOTE))
    rows = _READERS[by](school, of(found, by))
    columns = (
        Column(str(TITLES[by])),
        Column(gettext("Payments"), Unit.NUMBER),
        Column(gettext("Items"), Unit.NUMBER),
        Column(gettext("Sum"), Unit.MONEY),
        Column(gettext("Tax in it"), Unit.MONEY),
    )
    total = _sum(dict(rows))
    # A payment for several products or categories counts for each of them.
    payments = None if by in (By.PRODUCT, By.CATEGORY) else total.payments
    return BooksReport(
        title,
        about,
        columns,
        tuple((label, *totals) for label, totals in rows),
        (gettext("Total"), payments, *total[1:]) if rows else (),
        note=str(_NOTES.get(by, "")),
    )


_TAX_NOTE = _(
    "The tax within the prices, rounded for each receipt and rate. What was refunded is taken off at the "
    "rate at which it was sold."
)
_NOTES: Mapping[By, Promise] = {
    By.CLASS: _("Classes with fewer than five payments are shown together."),
    By.MEAL: _("Free is a meal of which the school paid all, reduced one of which it paid a part."),
}
Labelled = list[tuple[str, Totals]]


def _sum(found: Mapping[str, Totals]) -> Totals:
    total = Totals()
    for one in found.values():
        total = total.plus(one)
    return total


def _products(school: School, found: Mapping[str, Totals]) -> Labelled:
    products = Product.objects.filter(school=school, pk__in=[UUID(key) for key in found])
    labels = {one.id.hex: one.label for one in products}
    return _by_sum((labels[key], totals) for key, totals in found.items())


def _classes(_school: School, found: Mapping[str, Totals]) -> Labelled:
    shown = {key: one for key, one in found.items() if one.payments >= CLASS_SHOWN_AT_LEAST}
    rows = sorted(((key or gettext("No class"), one) for key, one in shown.items()), key=lambda row: row[0])
    rest = _sum({key: one for key, one in found.items() if key not in shown})
    return [*rows, (gettext("Other classes"), rest)] if rest.payments else rows


def _hours(_school: School, found: Mapping[str, Totals]) -> Labelled:
    return [(f"{key}:00", totals) for key, totals in sorted(found.items())]


def _labelled(labels: Mapping[str, object]) -> Callable[[School, Mapping[str, Totals]], Labelled]:
    """Return what names keys by `labels` and puts them in their order."""

    def read(_school: School, found: Mapping[str, Totals]) -> Labelled:
        return [(str(labels[key]), found[key]) for key in labels if key in found]

    return read


def _by_sum(rows: Iterable[tuple[str, Totals]]) -> Labelled:
    return sorted(rows, key=lambda row: (-row[1].gross_minor, row[0]))


_READERS: Mapping[By, Callable[[School, Mapping[str, Totals]], Labelled]] = {
    By.PRODUCT: _products,
    By.CATEGORY: _labelled(dict(Product.Category.choices)),
    By.WAY: _labelled(dict(PaidBy.choices)),
    By.HOUR: _hours,
    By.CLASS: _classes,
    By.MEAL: _labelled({str(meal): label for meal, label in MEALS.items()}),
    By.REFUNDED: _labelled(REFUNDED),
}


def rate_text(rate: int) -> str:
    """Return a rate in hundredths of a percent as people write it: 2000 is "20%", 550 is "5.5%"."""
    return f"{rate / 100:g}%"


def _tax_table(found: Tally) -> tuple[tuple[Column, ...], tuple[tuple[Cell, ...], ...], tuple[Cell, ...]]:
    sold, refunded = of(found, By.TAX), of(found, By.TAX_REFUNDED)
    columns = (
        Column(gettext("Tax code")),
        Column(gettext("Rate")),
        Column(gettext("Buyers")),
        Column(gettext("Sold"), Unit.MONEY),
        Column(gettext("Refunded"), Unit.MONEY),
        Column(gettext("Without tax"), Unit.MONEY),
        Column(gettext("Tax"), Unit.MONEY),
    )
    rows: list[tuple[Cell, ...]] = []
    sums = [0, 0, 0, 0]
    for key in sorted({*sold, *refunded}, key=_tax_order):
        rate, buyer, code = key.split("|", 2)
        gross, given = sold.get(key, Totals()), refunded.get(key, Totals())
        tax = gross.tax_minor - given.tax_minor
        net = gross.gross_minor - given.gross_minor - tax
        totals = (gross.gross_minor, given.gross_minor, net, tax)
        sums = [one + more for one, more in zip(sums, totals, strict=True)]
        rate_shown = rate_text(int(rate)) if rate else gettext("no rate set")
        rows.append((code or gettext("no code"), rate_shown, str(Buyer(buyer).label), *totals))
    total: tuple[Cell, ...] = (gettext("Total"), "", "", *sums) if rows else ()
    return columns, tuple(rows), total


def _tax_order(key: str) -> tuple[str, str, int]:
    rate, buyer, code = key.split("|", 2)
    return code, buyer, int(rate or -1)
