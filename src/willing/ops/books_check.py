"""All the money of an installation held beside the rows of every room that moved it, as of one moment."""

from dataclasses import dataclass

from willing.core.snapshot import snapshot
from willing.drawers.books import verify_drawers
from willing.ledger.findings import LedgerFinding
from willing.ledger.queries import LedgerCheck, verify_as_read
from willing.payments.books import verify_payments
from willing.till.books import SalesCheck, verify_sales_as_read


@dataclass(frozen=True)
class BooksCheck:
    """What `verify_books` found. wrong: of drawers, receipts of pay-ins, bookings and pay-outs."""

    ledger: LedgerCheck
    sales: SalesCheck
    wrong: tuple[LedgerFinding, ...]

    @property
    def ok(self) -> bool:
        """True where nothing is wrong."""
        return self.ledger.ok and self.sales.ok and not self.wrong


def verify_books() -> BooksCheck:
    """Verify balances, sales, drawers, pay-ins, bookings and pay-outs."""
    with snapshot():
        return BooksCheck(verify_as_read(), verify_sales_as_read(), (*verify_drawers(), *verify_payments()))
