"""Whether sales, refunds and receipts agree with the money that moved for them."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Max, Q

from willing.audit.models import Entry
from willing.audit.queries import facts_of
from willing.core.snapshot import snapshot
from willing.ledger.findings import NAMED_MAX, ids_found
from willing.till.models import Basket, ReceiptCounter, Sale

# What moved for each sale, by who paid, and what was refunded, in one pass over the transfers.
_MOVED = """
SELECT t.reference AS sale,
  SUM(CASE WHEN t.reason = 'sale' AND d.kind = 'wallet' THEN t.amount_minor ELSE 0 END) AS wallet,
  SUM(CASE WHEN t.reason = 'sale' AND d.kind = 'entitlements' THEN t.amount_minor ELSE 0 END) AS entitled,
  SUM(CASE WHEN t.reason = 'sale' AND d.kind = 'meals' THEN t.amount_minor ELSE 0 END) AS carried,
  SUM(CASE WHEN t.reason = 'sale' AND d.kind = 'drawer' THEN t.amount_minor ELSE 0 END) AS cash,
  SUM(CASE WHEN t.reason = 'refund' AND c.kind = 'wallet' THEN t.amount_minor ELSE 0 END) AS wallet_back,
  SUM(CASE WHEN t.reason = 'refund' AND c.kind = 'entitlements' THEN t.amount_minor ELSE 0 END)
    AS entitled_back,
  SUM(CASE WHEN t.reason = 'refund' AND c.kind = 'meals' THEN t.amount_minor ELSE 0 END) AS carried_back,
  SUM(CASE WHEN t.reason = 'refund' AND c.kind = 'drawer' THEN t.amount_minor ELSE 0 END) AS cash_back
FROM ledger_transfer t JOIN ledger_account d ON d.id = t.debit_id JOIN ledger_account c ON c.id = t.credit_id
WHERE t.reason IN ('sale', 'refund') GROUP BY t.reference
"""
_GIVEN_BACK = """
SELECT sale_id, SUM(wallet_minor) AS wallet, SUM(entitled_minor) AS entitled, SUM(carried_minor) AS carried,
  SUM(cash_minor) AS cash
FROM till_refund GROUP BY sale_id
"""
# Of the lines of sales of which anything was refunded: how many were, by the refunds.
_LINES_BACK = """
SELECT l.line_id, SUM(l.quantity) AS quantity FROM till_refundline l GROUP BY l.line_id
"""
_WRONG = {
    "not_what_moved": f"""
SELECT s.id FROM till_sale s LEFT JOIN ({_MOVED}) m ON m.sale = s.id
LEFT JOIN ({_GIVEN_BACK}) r ON r.sale_id = s.id
WHERE s.wallet_minor <> COALESCE(m.wallet, 0) OR s.entitled_minor <> COALESCE(m.entitled, 0)
  OR s.carried_minor <> COALESCE(m.carried, 0) OR s.cash_minor <> COALESCE(m.cash, 0)
  OR s.refunded_wallet_minor <> COALESCE(m.wallet_back, 0)
  OR s.refunded_entitled_minor <> COALESCE(m.entitled_back, 0)
  OR s.refunded_carried_minor <> COALESCE(m.carried_back, 0)
  OR s.refunded_cash_minor <> COALESCE(m.cash_back, 0)
  OR s.refunded_wallet_minor <> COALESCE(r.wallet, 0)
  OR s.refunded_entitled_minor <> COALESCE(r.entitled, 0)
  OR s.refunded_carried_minor <> COALESCE(r.carried, 0)
  OR s.refunded_cash_minor <> COALESCE(r.cash, 0)
""",  # noqa: S608  # made of the constants above
    "not_its_lines": f"""
SELECT r.sale_id FROM till_refund r LEFT JOIN till_refundline l ON l.refund_id = r.id
LEFT JOIN till_basketline b ON b.id = l.line_id
GROUP BY r.id, r.sale_id, r.total_minor HAVING r.total_minor <> COALESCE(SUM(l.quantity * b.price_minor), 0)
UNION
SELECT s.id FROM till_basketline b JOIN till_sale s ON s.basket_id = b.basket_id
LEFT JOIN ({_LINES_BACK}) l ON l.line_id = b.id
WHERE b.refunded <> COALESCE(l.quantity, 0)
""",  # noqa: S608  # made of the constant above
    # What the drawers hold more or less by rounding is what was handed over and back beside the sums.
    "not_in_the_drawer": """
SELECT s.id FROM till_sale s LEFT JOIN till_cashpayment p ON p.sale_id = s.id
LEFT JOIN (SELECT t.reference, SUM(CASE WHEN d.kind = 'drawer' THEN t.amount_minor ELSE -t.amount_minor END)
  AS more FROM ledger_transfer t JOIN ledger_account d ON d.id = t.debit_id WHERE t.reason = 'rounding'
  GROUP BY t.reference) m ON m.reference = s.id
LEFT JOIN (SELECT sale_id, SUM(handed_minor) AS handed FROM till_refund GROUP BY sale_id) r
  ON r.sale_id = s.id
WHERE s.way = 'cash' AND (p.sale_id IS NULL OR p.due_minor - s.cash_minor
  - (COALESCE(r.handed, 0) - s.refunded_cash_minor) <> COALESCE(m.more, 0))
""",
    "moved_for_no_sale": """
SELECT DISTINCT t.reference FROM ledger_transfer t
WHERE t.reason IN ('sale', 'refund', 'rounding')
  AND NOT EXISTS (SELECT 1 FROM till_sale s WHERE s.id = t.reference)
""",
}


@dataclass(frozen=True)
class WrongSale:
    """A sale or basket that does not agree with its money, and why; about: None for receipts."""

    code: str
    about: UUID | None
    missing: int = 0


@dataclass(frozen=True)
class SalesCheck:
    """What `verify_sales` found."""

    sales: int
    wrong: tuple[WrongSale, ...]

    @property
    def ok(self) -> bool:
        """True where nothing is wrong."""
        return not self.wrong


def verify_sales() -> SalesCheck:
    """Hold every sale beside what moved for it, and count the receipts, as of one moment."""
    with snapshot():
        return verify_sales_as_read()


def verify_sales_as_read() -> SalesCheck:
    """Do the same inside a `snapshot` of the caller's."""
    wrong = [WrongSale(code, sale) for code, sql in _WRONG.items() for sale in ids_found(sql)]
    unlike = Basket.objects.filter(state=Basket.State.PAID, sale=None) | Basket.objects.filter(
        ~Q(state=Basket.State.PAID), sale__isnull=False
    )
    wrong += [
        WrongSale("basket_without_its_sale", one) for one in unlike.values_list("pk", flat=True)[:NAMED_MAX]
    ]
    return SalesCheck(Sale.objects.count(), (*wrong, *_missing_receipts()))


def _missing_receipts() -> list[WrongSale]:
    """Count the receipts, which are 1, 2, 3 and so on. What a restore left out is in the log."""
    sold = {
        row["school_id"]: row
        for row in Sale.objects.order_by()
        .values("school_id")
        .annotate(number=Count("id"), highest=Max("receipt_number"))
    }
    left_out: dict[UUID, int] = {}
    for entry in Entry.objects.filter(event="receipts.skipped"):
        assert entry.subject is not None
        facts = facts_of(entry)
        gap = facts["last"] - facts["first"] + 1
        left_out[entry.subject] = left_out.get(entry.subject, 0) + gap
    wrong = []
    for school, last in ReceiptCounter.objects.values_list("school_id", "last"):
        row = sold.pop(school, {"number": 0, "highest": 0})
        missing = last - left_out.get(school, 0) - row["number"]
        if missing or (row["highest"] or 0) > last:
            wrong.append(WrongSale("receipts_missing", None, missing))
    return wrong + [WrongSale("receipts_missing", None) for _ in sold]
