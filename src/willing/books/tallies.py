"""What one day sold and moved, added up from its own rows."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet, Sum
from django.db.models.functions import Coalesce

from willing.books.models import TaxRate
from willing.books.rules import SetRate, decide_meal, divide_tax, find_rate, tax_of_part
from willing.ledger.models import Transfer
from willing.people.models import School
from willing.people.queries import day_bounds
from willing.till.models import BasketLine, Sale
from willing.till.refund_models import Refund, RefundLine

POSTED = (Transfer.Kind.POSTED, Transfer.Kind.SETTLE)


class By(StrEnum):
    """What a report of sales tells apart."""

    PRODUCT = "product"
    CATEGORY = "category"
    WAY = "way"
    HOUR = "hour"
    CLASS = "class"
    MEAL = "meal"
    TAX = "tax"
    REFUNDED = "refunded"  # what was refunded, by how
    TAX_REFUNDED = "taxrefund"


class Totals(NamedTuple):
    """What was sold of something: payments that hold it, items, and in minor units the sum and its tax."""

    payments: int = 0
    items: int = 0
    gross_minor: int = 0
    tax_minor: int = 0

    def plus(self, other: "Totals") -> "Totals":
        """Return the sum of both."""
        return Totals(*(one + more for one, more in zip(self, other, strict=True)))


class PostedSums(NamedTuple):
    """What was posted on one account for one reason, in minor units."""

    debits_minor: int = 0
    credits_minor: int = 0


Tally = Mapping[tuple[By, str], Totals]
# By kind and part of the account, and reason.
Movements = Mapping[tuple[str, str, str], PostedSums]


class SoldLine(NamedTuple):
    """A line of a sale, as it is read."""

    id: int
    sale: UUID
    way: str
    settled_at: datetime
    entitled_minor: int
    carried_minor: int
    kind: str
    class_name: str | None
    product: UUID
    category: str
    is_main_meal: bool
    tax_code: str
    quantity: int
    price_minor: int

    @property
    def gross_minor(self) -> int:
        """What it cost."""
        return self.price_minor * self.quantity


_SALE = "basket__sale"
_COLUMNS = (
    "id",
    f"{_SALE}__id",
    f"{_SALE}__way",
    f"{_SALE}__settled_at",
    f"{_SALE}__entitled_minor",
    f"{_SALE}__carried_minor",
    "buyer",
    f"{_SALE}__person__year_group__name",
    "product_id",
    "product__category",
    "product__is_main_meal",
    "tax_code",
    "quantity",
    "price_minor",
)


# Who bought: a person's kind, or what the cashier said of someone who paid in cash.
_BUYER = Coalesce(f"{_SALE}__person__kind", f"{_SALE}__cash__buyer")


@dataclass
class _Sums:
    """Totals that grow. A payment counts once for each key of its lines."""

    found: dict[tuple[By, str], list[int]] = field(default_factory=lambda: defaultdict(lambda: [0] * 4))

    def add(self, by: By, lines: Mapping[str, list[tuple[SoldLine, int]]]) -> None:
        """Add a sale's lines with their tax, by their keys."""
        for key, of_key in lines.items():
            sums = self.found[by, key]
            sums[0] += 1
            for line, tax in of_key:
                sums[1] += line.quantity
                sums[2] += line.gross_minor
                sums[3] += tax

    def done(self) -> Tally:
        """Return what was added up."""
        return {key: Totals(*sums) for key, sums in self.found.items()}


def rates_of(school: School) -> list[SetRate]:
    """Return the rates of tax that a school has set."""
    rows = TaxRate.objects.filter(school=school).order_by()
    return [SetRate(*row) for row in rows.values_list("code", "buyer", "rate", "first_day")]


def tax_key(code: str, buyer: str, rate: int | None) -> str:
    """Return the key of a tax code for a buyer at a rate; a rate that is not set is empty."""
    return f"{'' if rate is None else rate}|{buyer}|{code}"


def tally_day(school: School, day: date) -> Tally:
    """Add up what a day sold and refunded."""
    begin, end = day_bounds(school, day)
    rates, sums, zone = rates_of(school), _Sums(), ZoneInfo(school.time_zone)
    lines = BasketLine.objects.filter(
        basket__sale__school=school, basket__sale__settled_at__gte=begin, basket__sale__settled_at__lt=end
    )
    for sale in _by_sale(_read(lines)):
        _add_sale(sums, sale, rates, day, zone)
    _add_refunds(sums, school, rates, begin, end)
    return sums.done()


def _read(lines: QuerySet[BasketLine]) -> Iterable[tuple[Any, ...]]:
    return lines.annotate(buyer=_BUYER).order_by("basket_id", "id").values_list(*_COLUMNS)


def _by_sale(rows: Iterable[tuple[Any, ...]]) -> Iterator[list[SoldLine]]:
    sale: list[SoldLine] = []
    for line in (SoldLine(*row) for row in rows):
        if sale and line.sale != sale[0].sale:
            yield sale
            sale = []
        sale.append(line)
    if sale:
        yield sale


def _add_sale(
    sums: _Sums, sale: Sequence[SoldLine], rates: Sequence[SetRate], day: date, zone: ZoneInfo
) -> None:
    taxed = list(zip(sale, _taxes(sale, rates, day), strict=True))
    first = sale[0]
    whole = [(line, tax) for line, (tax, _key) in taxed]
    hour = f"{first.settled_at.astimezone(zone).hour:02d}"
    for by, key in ((By.WAY, first.way), (By.HOUR, hour), (By.CLASS, first.class_name or "")):
        sums.add(by, {key: whole})
    sums.add(By.PRODUCT, _grouped((line.product.hex, (line, tax)) for line, tax in whole))
    sums.add(By.CATEGORY, _grouped((line.category, (line, tax)) for line, tax in whole))
    sums.add(By.TAX, _grouped((key, (line, tax)) for line, (tax, key) in taxed))
    meals = [(line, tax) for line, tax in whole if line.is_main_meal]
    if meals:
        cost = sum(line.gross_minor for line, _tax in meals)
        served = decide_meal(first.kind, cost, first.entitled_minor, first.carried_minor)
        sums.add(By.MEAL, {served: meals})


def _grouped(rows: Iterable[tuple[str, tuple[SoldLine, int]]]) -> dict[str, list[tuple[SoldLine, int]]]:
    grouped: dict[str, list[tuple[SoldLine, int]]] = defaultdict(list)
    for key, row in rows:
        grouped[key].append(row)
    return grouped


def _taxes(sale: Sequence[SoldLine], rates: Sequence[SetRate], day: date) -> list[tuple[int, str]]:
    """Return the tax within each line of a sale, and its key."""
    found: list[tuple[int, str]] = [(0, "")] * len(sale)
    places: dict[int | None, list[int]] = defaultdict(list)
    for place, line in enumerate(sale):
        rate = find_rate(rates, line.tax_code, line.kind, day)
        places[rate].append(place)
        found[place] = (0, tax_key(line.tax_code, line.kind, rate))
    for rate, of_rate in places.items():
        taxes = divide_tax([sale[place].gross_minor for place in of_rate], rate or 0)
        for place, tax in zip(of_rate, taxes, strict=True):
            found[place] = (tax, found[place][1])
    return found


def _add_refunds(
    sums: _Sums, school: School, rates: Sequence[SetRate], begin: datetime, end: datetime
) -> None:
    """Add what was refunded in this time, whenever it had been sold, with the tax that it had then."""
    zone = ZoneInfo(school.time_zone)
    refunds = Refund.objects.filter(sale__school=school, at__gte=begin, at__lt=end)
    # Asked for first: with a query inside it, PostgreSQL would begin with the lines of all sales.
    sales = list(refunds.values_list("sale", flat=True))
    lines = BasketLine.objects.filter(basket__sale__in=sales)
    sold = {}
    for sale in _by_sale(_read(lines)):
        sold_on = sale[0].settled_at.astimezone(zone).date()
        for line, taxed in zip(sale, _taxes(sale, rates, sold_on), strict=True):
            sold[line.id] = (line, *taxed)
    for how, refunded in _refunded(refunds, sales):
        taxed_lines = []
        for line_id, before, quantity in refunded:
            line, tax, key = sold[line_id]
            part = tax_of_part(tax, line.quantity, before, quantity)
            taxed_lines.append((key, (line._replace(quantity=quantity), part)))
        sums.add(By.REFUNDED, {how: [row for _key, row in taxed_lines]})
        sums.add(By.TAX_REFUNDED, _grouped(taxed_lines))


def _refunded(
    refunds: QuerySet[Refund], sales: Sequence[UUID]
) -> Iterator[tuple[str, list[tuple[int, int, int]]]]:
    """Yield of each refund how it was made (a key of reports.REFUNDED), and its lines.

    Of each line: its id, how many of it had been refunded before, and how many now.
    """
    rows = RefundLine.objects.filter(line__basket__sale__in=sales)
    before: dict[int, int] = defaultdict(int)
    wanted = dict(refunds.values_list("id", "sale__is_voided"))
    columns = rows.order_by("refund__at", "refund_id", "line_id").values_list(
        "refund_id", "line_id", "quantity"
    )
    for refund_id, group in groupby(columns, key=itemgetter(0)):
        lines = []
        for _refund, line_id, quantity in group:
            lines.append((line_id, before[line_id], quantity))
            before[line_id] += quantity
        if refund_id in wanted:
            yield "void" if wanted[refund_id] else "refund", lines


def movements_of_day(school: School, day: date) -> Movements:
    """Add up what a day posted, by kind and part of the account and by reason."""
    begin, end = day_bounds(school, day)
    posted = Transfer.objects.filter(debit__school=school, kind__in=POSTED, at__gte=begin, at__lt=end)
    found: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for place, side in enumerate(("debit", "credit")):
        rows = posted.order_by().values_list(f"{side}__kind", f"{side}__part", "reason")
        for kind, part, reason, total in rows.annotate(total=Sum("amount_minor")):
            found[kind, part, reason][place] += total
    return {key: PostedSums(*sums) for key, sums in found.items()}


def rows_of_day(school: School, day: date) -> tuple[int, int, int]:
    """Return how many sales, refunds and transfers bear a day."""
    begin, end = day_bounds(school, day)
    sales = Sale.objects.filter(school=school, settled_at__gte=begin, settled_at__lt=end)
    refunds = Refund.objects.filter(sale__school=school, at__gte=begin, at__lt=end)
    moved = Transfer.objects.filter(debit__school=school, kind__in=POSTED, at__gte=begin, at__lt=end)
    return sales.count(), refunds.count(), moved.count()
