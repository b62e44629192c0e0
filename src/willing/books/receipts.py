"""What a receipt says, line by line, for a screen, a printer or a mail: the sale, never whose it is."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from willing.books.reports import rate_text
from willing.books.rules import divide_tax, find_rate
from willing.books.tallies import rates_of
from willing.people.models import Person
from willing.till.models import Sale
from willing.till.paid_by import PaidBy


@dataclass(frozen=True)
class ReceiptLine:
    """A line, in the reader's language and in minor units."""

    name: str
    quantity: int
    price_minor: int
    total_minor: int
    tax_code: str


@dataclass(frozen=True)
class TaxOnReceipt:
    """What of the sum bears a tax code. rate: in hundredths of a percent; None where the school set none."""

    code: str
    rate: int | None
    gross_minor: int
    tax_minor: int

    @property
    def rate_shown(self) -> str:
        """The rate as people write it."""
        return rate_text(self.rate) if self.rate is not None else ""


@dataclass(frozen=True)
class CashOnReceipt:
    """What was due in coins that exist, what was handed over, and what was handed back of it."""

    due_minor: int
    tendered_minor: int
    change_minor: int


@dataclass(frozen=True)
class Receipt:
    """A receipt. at: in the school's own time. rounding_minor: what cash is more than the total, or less."""

    sale: UUID
    school: str
    currency: str
    number: int
    at: datetime
    till: str
    way: str
    lines: tuple[ReceiptLine, ...]
    total_minor: int
    taxes: tuple[TaxOnReceipt, ...]
    cash: CashOnReceipt | None
    refunded_minor: int
    is_voided: bool

    @property
    def rounding_minor(self) -> int:
        """What rounding to coins that exist added, or below zero took off."""
        return self.cash.due_minor - self.total_minor if self.cash else 0


def receipt_of(sale: Sale) -> Receipt:
    """Return what the receipt of a sale says, with the tax as the school's books reckon it."""
    school = sale.school
    cash = sale.cash if sale.way == PaidBy.CASH else None
    return Receipt(
        sale=sale.id,
        school=school.name,
        currency=school.currency,
        number=sale.receipt_number,
        at=sale.settled_at.astimezone(ZoneInfo(school.time_zone)),
        till=sale.terminal.name,
        way=str(PaidBy(sale.way).label),
        lines=tuple(
            ReceiptLine(one.label, one.quantity, one.price_minor, one.total_minor, one.tax_code)
            for one in sale.basket.lines.all()
        ),
        total_minor=sale.total_minor,
        taxes=_taxes(sale, cash.buyer if cash else _kind_of(sale.person)),
        cash=CashOnReceipt(cash.due_minor, cash.tendered_minor, cash.change_minor) if cash else None,
        refunded_minor=sale.refunded_minor,
        is_voided=sale.is_voided,
    )


def _kind_of(person: Person | None) -> str:
    assert person is not None, "only cash is nobody's"
    return person.kind


def _taxes(sale: Sale, buyer: str) -> tuple[TaxOnReceipt, ...]:
    """Return the tax by code, divided among codes of one rate as the books divide it among lines."""
    day = sale.settled_at.astimezone(ZoneInfo(sale.school.time_zone)).date()
    rates = rates_of(sale.school)
    if not rates:
        return ()
    by_rate: dict[int | None, list[tuple[str, int]]] = defaultdict(list)
    for line in sale.basket.lines.all():
        rate = find_rate(rates, line.tax_code, buyer, day)
        by_rate[rate].append((line.tax_code, line.total_minor))
    found: dict[tuple[str, int | None], tuple[int, int]] = {}
    for rate, lines in by_rate.items():
        for (code, gross), tax in zip(
            lines, divide_tax([one for _code, one in lines], rate or 0), strict=True
        ):
            before = found.get((code, rate), (0, 0))
            found[code, rate] = (before[0] + gross, before[1] + tax)
    ordered = sorted(found.items(), key=lambda one: (one[0][0], one[0][1] or 0))
    return tuple(TaxOnReceipt(code, rate, *sums) for (code, rate), sums in ordered)
